"""What an index is asked for and what it finds, before it becomes records."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date as Date
from typing import Any

import numpy as np

from triage.duplicates.agreement import Agreement
from triage.duplicates.calibration import Calibration
from triage.duplicates.comparing import Graded, compare, grade_of
from triage.duplicates.evidence import pair_evidence
from triage.duplicates.grader import LEARNED
from triage.duplicates.grams import Rarity
from triage.duplicates.reading import Text
from triage.records import Case, Duplicate, Grade, PairEvidence, Suggestion

GRADES = tuple(Grade)
"""Closest first."""
UNLIKE = "不像同一事项。"
"""The evidence for a pair without a grade."""


@dataclass(frozen=True, slots=True)
class Only:
    """Which texts of the index may be answered; empty means any. `since` and `until` are inclusive, and a text without
    a date fits neither. Several sources, sessions or areas are alternatives.
    """

    source: str | Collection[str] | None = None
    session: str | Collection[str] | None = None
    since: Date | None = None
    until: Date | None = None
    area: str | Collection[str] | None = None

    def filters(self) -> dict[str, Any]:
        """The filters that are set."""
        values = {name: getattr(self, name) for name in ("source", "session", "since", "until", "area")}
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True, slots=True)
class Changed:
    """What an `add` did: texts that are `new`, those whose units, outcome or other facts were `renewed`, and those that
    were there just so.
    """

    new: int
    renewed: int
    unchanged: int


@dataclass(frozen=True, slots=True, eq=False)
class Hit:
    """A stored text that a text repeats.

    `row` is its row, `chances` are those of each learned grade or closer, `close` orders hits of one grade, `wording`
    is the share of characters in common.
    """

    row: int
    grade: Grade
    chances: tuple[float, ...]
    close: float
    wording: float
    agreement: Agreement

    @property
    def order(self) -> tuple[float, ...]:
        """By grade; copies then by their wording, others by how close meaning and wording are: it finds better than the
        probability, which is about one pair and saturates.
        """
        close = self.wording if self.grade is Grade.REWRITTEN else self.close
        return (GRADES.index(self.grade), -close, self.row)

    def chance(self, grade: Grade) -> float:
        """The probability that it is this grade or closer."""
        if grade is Grade.IDENTICAL:
            return float(self.grade is Grade.IDENTICAL)
        return self.chances[LEARNED.index(grade)]


def graded_hits(graded: Graded, rows: Sequence[int], least: Grade) -> list[Hit]:
    """The candidates, which stand in these rows, that are likelier than not `least` or closer."""
    hits = []
    for number, place in enumerate(graded.places.tolist()):
        grade = grade_of(graded.chances[number])
        if grade is not None and GRADES.index(grade) <= GRADES.index(least):
            chances = tuple(graded.chances[number].tolist())
            close, wording = float(graded.close[number]), float(graded.wording[number])
            hits.append(Hit(rows[place], grade, chances, close, wording, graded.agreements[number]))
    return hits


def duplicate(suggestion: Suggestion, hit: Hit, case: Case, rarity: Rarity) -> Duplicate:
    """A hit as a record, with evidence and all that is known of the text; of a confidential one no wording."""
    other = case.suggestion
    probabilities = {str(Grade.IDENTICAL): hit.chance(Grade.IDENTICAL)}
    probabilities |= {str(grade): round(hit.chance(grade), 4) for grade in reversed(LEARNED)}
    score = probabilities[hit.grade]
    return Duplicate(
        id=other.id,
        grade=hit.grade,
        score=score,
        probabilities=probabilities,
        evidence=pair_evidence(suggestion, other, hit.grade, score, hit.wording, hit.agreement, rarity),
        title="" if other.confidential else other.title,
        source=other.source,
        session=other.session,
        date=other.date.isoformat() if other.date else "",
        proposers=other.proposers,
        lead=case.leads,
        co=case.co,
        outcome=case.outcome,
    )


def evidence_of(one: Text, others: Sequence[Text], calibration: Calibration, rarity: Rarity) -> list[PairEvidence]:
    """Why a text and each of the others are of their grade, stored or not; of a confidential one no wording."""
    return [_evidence(one, other, calibration, rarity) for other in others]


def _evidence(one: Text, other: Text, calibration: Calibration, rarity: Rarity) -> PairEvidence:
    here, there = one.suggestion, other.suggestion
    if not one.profile.key or not other.profile.key:
        return PairEvidence(UNLIKE)
    if one.profile.key == other.profile.key:
        return pair_evidence(here, there, Grade.IDENTICAL, 1.0, 1.0, Agreement(), rarity)
    dense = other.dense[np.newaxis] if other.dense is not None else None
    graded = compare(one, [other.profile], dense, calibration, rarity, 1)
    grade = grade_of(graded.chances[0])
    if grade is None:
        return PairEvidence(UNLIKE)
    score = round(float(graded.chances[0][LEARNED.index(grade)]), 4)
    return pair_evidence(here, there, grade, score, float(graded.wording[0]), graded.agreements[0], rarity)
