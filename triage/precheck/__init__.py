"""The pre-check: what a proposer or the intake office should know of a text before it is handed out.

It tags, explains and asks; it rejects nothing and changes no text.
"""

from __future__ import annotations

from triage.precheck.checked import (
    Checked,
    CopySign,
    MatterPart,
    RolePart,
    Tagged,
    Urgency,
)
from triage.precheck.precheck import Precheck
from triage.precheck.rules import Applied, applied

__all__ = [
    "Applied",
    "Checked",
    "CopySign",
    "MatterPart",
    "Precheck",
    "RolePart",
    "Tagged",
    "Urgency",
    "applied",
]
