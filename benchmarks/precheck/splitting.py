"""Which texts an answer would split (分办): a model by itself, which follows the writer's own numbers, and with the
pre-check of the office.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.precheck.scores import Count, summed
from benchmarks.precheck.sets import Labelled
from benchmarks.precheck.systems import suggestion
from triage import Triager
from triage.catalogue import starter_office
from triage.precheck.precheck import Precheck
from triage.records import Mode, Triaged

ALONE = "triage recommend, the model alone"
WITH_OFFICE = "triage recommend with an office's pre-check"


def splitting(texts: Sequence[Labelled], model: Path) -> dict[str, Any]:
    """How many of the texts of several matters are split, and how many of those that are split have several."""
    triager = Triager.load(model)
    office = Precheck(triager.catalogue, replace(starter_office(), place="", area=""))
    asked = [suggestion(text) for text in texts]
    answers = {ALONE: triager.triage(asked), WITH_OFFICE: triager.triage(asked, precheck=office)}
    return {name: summed([_count(*both) for both in zip(told, texts, strict=True)]) for name, told in answers.items()}


def _count(answer: Triaged, text: Labelled) -> Count:
    given, wanted = answer.mode is Mode.SPLIT, bool(text.matters)
    return Count(int(given and wanted), int(given), int(wanted))
