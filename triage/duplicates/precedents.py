"""Handled cases that help with a new text: the same matter first, then the same duty, and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from triage.records import LABELS, Case, Duplicate, Grade

REPLY_SHOWN = 300
"""Characters of a reply that an answer repeats."""
OUTCOMES = {"A": "已解决或基本解决", "B": "列入计划解决", "C": "留作参考", "D": "暂难解决"}
"""What the letters mean in most places; another place's own classes are shown as they are written."""
SAME_DUTY = 0.15
"""From this probability on a unit's cases count as those of the same duty."""


class Kind(StrEnum):
    """Why a case is shown: it is the same matter, it was handled by a unit whose duty this likely is, or it is near."""

    SAME_MATTER = "same matter"
    SAME_DUTY = "same duty"
    RELATED = "related"


@dataclass(frozen=True, slots=True)
class HandledCase:
    """A precedent as a clerk reads it. `score` is the probability that it is the same matter (for `same matter`), or
    that it is on the same topic; `text` one Chinese sentence: when, by whom, with what outcome. `reply` is cut to
    `REPLY_SHOWN` characters and empty, like the title, where the case is confidential.
    """

    id: str
    kind: Kind
    grade: Grade
    score: float
    text: str
    title: str
    source: str
    session: str
    date: str
    lead: tuple[str, ...]
    co: tuple[str, ...]
    outcome: str
    reply: str

    def to_dict(self) -> dict[str, Any]:
        """The precedent as plain JSON types."""
        return {**asdict(self), "lead": list(self.lead), "co": list(self.co)}


def handled_cases(
    found: Sequence[tuple[Duplicate, Case]],
    units: Mapping[str, float] | None = None,
    known_as: Callable[[str], Sequence[str]] = lambda name: (name,),
    most: int = 5,
) -> tuple[HandledCase, ...]:
    """The `most` useful of the handled cases that a text is near to; those without a lead teach nothing.

    `units` are the likely leads of the text with their probabilities, and `known_as` gives today's names of a unit that
    a case names (itself, or its successors). The same matter comes first, by probability; then cases of likely leads,
    by the probability of the unit and of the topic together; then the rest.
    """
    ranked = []
    for place, (hit, case) in enumerate(found):
        if not case.leads:
            continue
        duty = max((_likely(units or {}, known_as(lead)) for lead in case.leads), default=0.0)
        near = hit.probabilities.get(Grade.RELATED, hit.score)
        if hit.grade is not Grade.RELATED:
            ranked.append((0, -hit.probabilities.get(Grade.SAME_MATTER, hit.score), place, Kind.SAME_MATTER))
        elif duty >= SAME_DUTY:
            ranked.append((1, -duty * near, place, Kind.SAME_DUTY))
        else:
            ranked.append((2, -near, place, Kind.RELATED))
    return tuple(_handled(*found[place], kind) for _, _, place, kind in sorted(ranked)[:most])


def _likely(units: Mapping[str, float], names: Sequence[str]) -> float:
    return max((units.get(name, 0.0) for name in names), default=0.0)


def _handled(hit: Duplicate, case: Case, kind: Kind) -> HandledCase:
    wanted = Grade.SAME_MATTER if kind is Kind.SAME_MATTER else Grade.RELATED
    hidden = case.suggestion.confidential
    return HandledCase(
        id=hit.id,
        kind=kind,
        grade=hit.grade,
        score=hit.probabilities.get(wanted, hit.score),
        text=_sentence(hit, case),
        title=hit.title,
        source=hit.source,
        session=hit.session,
        date=hit.date,
        lead=hit.lead,
        co=hit.co,
        outcome=hit.outcome,
        reply="" if hidden else case.reply[:REPLY_SHOWN],
    )


def _sentence(hit: Duplicate, case: Case) -> str:
    when = hit.date or hit.session
    told = [f"{LABELS[hit.grade]}：上次{f'（{when}）' if when else ''}由{'、'.join(case.leads)}主办"]
    if case.co:
        told.append(f"{'、'.join(case.co)}会办")
    if outcome := case.outcome.strip():
        meaning = OUTCOMES.get(outcome.upper(), "")
        told.append(f"办理结果{outcome}{f'（{meaning}）' if meaning else ''}")
    return "，".join(told) + "。"
