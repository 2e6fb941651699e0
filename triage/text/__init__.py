"""Texts: one way of writing, personal numbers masked, formulas off, words cut, matters split.

Nothing here loads a dictionary or a converter before it is used.
"""

from __future__ import annotations

from triage.text.formulas import strip_body, strip_title
from triage.text.matters import split_matters
from triage.text.normalize import Normalized, normalize
from triage.text.pii import Finding, Kind, Masked, find, mask
from triage.text.prepare import Condition, Prepared, prepare
from triage.text.segment import Segmenter

__all__ = [
    "Condition",
    "Finding",
    "Kind",
    "Masked",
    "Normalized",
    "Prepared",
    "Segmenter",
    "find",
    "mask",
    "normalize",
    "prepare",
    "split_matters",
    "strip_body",
    "strip_title",
]
