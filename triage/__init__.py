"""Advice for an office that hands out suggestions: which unit leads, which units help, why, and how sure.

`Triager` is the one door: load a saved model, triage `Suggestion`s, read a `Triaged` for each. It is imported when it
is first asked for, so that ``import triage`` costs next to nothing and loads no numeric library.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from triage.errors import (
    BundleError,
    CatalogueError,
    DamagedBundle,
    DamagedIndex,
    EncoderError,
    ForeignEncoder,
    ForeignIndex,
    IndexFileError,
    InputError,
    NewerFormat,
    NewerIndex,
    PromotionRefused,
    RegisterError,
    StorageError,
    TooManyRows,
    TriageError,
)
from triage.records import (
    LABELS,
    AreaMention,
    Case,
    Decision,
    Duplicate,
    Evidence,
    Grade,
    Jurisdiction,
    LevelFound,
    Matter,
    Mode,
    PairEvidence,
    Reason,
    ReturnRisk,
    SharedPhrase,
    Span,
    Suggestion,
    SystemScore,
    TopicScore,
    Triaged,
    UnitScore,
)

if TYPE_CHECKING:
    from triage.triager import Triager

__version__ = "0.1.0"

__all__ = [
    "LABELS",
    "AreaMention",
    "BundleError",
    "Case",
    "CatalogueError",
    "DamagedBundle",
    "DamagedIndex",
    "Decision",
    "Duplicate",
    "EncoderError",
    "Evidence",
    "ForeignEncoder",
    "ForeignIndex",
    "Grade",
    "IndexFileError",
    "InputError",
    "Jurisdiction",
    "LevelFound",
    "Matter",
    "Mode",
    "NewerFormat",
    "NewerIndex",
    "PairEvidence",
    "PromotionRefused",
    "Reason",
    "ReturnRisk",
    "RegisterError",
    "SharedPhrase",
    "Span",
    "StorageError",
    "Suggestion",
    "SystemScore",
    "TooManyRows",
    "TopicScore",
    "TriageError",
    "Triaged",
    "Triager",
    "UnitScore",
]

_LAZY = {"Triager": "triage.triager"}


def __getattr__(name: str) -> Any:
    """Import what is heavy when it is first asked for (PEP 562)."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_LAZY[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, the ones not yet imported included."""
    return sorted({*globals(), *__all__})
