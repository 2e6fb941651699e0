"""What a meeting sheet holds when it comes back: cases with what was suggested, what was decided, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date as Date
from typing import Any

from triage.records import Case, Decision, Matter, Mode, TopicScore, Triaged, UnitScore
from triage.results import LEAST_HELPER

CANDIDATES = 5
"""Leads that the sheet shows: the first and four others."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """What the model suggested for a row: the units with their probabilities, best first, and what it promised.

    `split` holds the leads of the parts where the text should be split (分办). `topic` is the topic's path as it was
    shown.
    """

    lead: tuple[UnitScore, ...]
    co: tuple[UnitScore, ...] = ()
    mode: Mode = Mode.SOLE
    decision: Decision = Decision.CHOOSE
    split: tuple[str, ...] = ()
    topic: str = ""

    @classmethod
    def of(cls, answer: Triaged) -> Suggested:
        """What an answer suggests."""
        deepest = max(answer.topics, key=lambda topic: (len(topic.path), topic.score), default=None)
        parts = dict.fromkeys(matter.lead[0].unit for matter in answer.matters if matter.lead)
        split = tuple(parts) if answer.mode is Mode.SPLIT and len(parts) > 1 else ()
        topic = "/".join(deepest.path) if deepest else ""
        return cls(answer.lead, answer.co, answer.mode, answer.decision, split, topic)

    @classmethod
    def of_stored(cls, answer: Mapping[str, Any]) -> Suggested:
        """What an answer suggests that was kept as plain JSON types (`Triaged.to_dict`)."""
        return cls.of(
            Triaged(
                id=answer["id"],
                topics=tuple(TopicScore(one["name"], one["score"], tuple(one["path"])) for one in answer["topics"]),
                lead=_scores(answer["lead"]),
                co=_scores(answer["co"]),
                mode=Mode(answer["mode"]),
                decision=Decision(answer["decision"]),
                matters=tuple(Matter(one["text"], _scores(one["lead"])) for one in answer["matters"]),
            )
        )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Suggested:
        """What `to_dict` wrote."""
        return cls(
            lead=_scores(data["lead"]),
            co=_scores(data["co"]),
            mode=Mode(data["mode"]),
            decision=Decision(data["decision"]),
            split=tuple(data["split"]),
            topic=data["topic"],
        )

    def to_dict(self) -> dict[str, Any]:
        """What a person was shown, as plain JSON types: of the leads and helpers those that a sheet lists."""
        return {
            "lead": [{"unit": one.unit, "score": one.score} for one in self.lead[:CANDIDATES]],
            "co": [{"unit": one.unit, "score": one.score} for one in self.suggested_co],
            "mode": str(self.mode),
            "decision": str(self.decision),
            "split": list(self.split),
            "topic": self.topic,
        }

    @property
    def leads(self) -> tuple[str, ...]:
        """The lead that is suggested, or the leads of the parts."""
        return self.split or tuple(unit.unit for unit in self.lead[:1])

    @property
    def candidates(self) -> tuple[str, ...]:
        """All leads that the sheet shows."""
        return tuple(dict.fromkeys((*self.leads, *(unit.unit for unit in self.lead[:CANDIDATES]))))

    @property
    def suggested_co(self) -> tuple[UnitScore, ...]:
        """The helpers that are suggested: none where one unit would handle it alone."""
        if self.mode is Mode.SOLE:
            return ()
        return tuple(unit for unit in self.co if unit.score >= LEAST_HELPER and unit.unit not in self.leads)

    @property
    def co_units(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(unit.unit for unit in self.suggested_co)


def _scores(units: Iterable[Mapping[str, Any]]) -> tuple[UnitScore, ...]:
    return tuple(UnitScore(one["unit"], one["score"]) for one in units)


@dataclass(frozen=True, slots=True)
class Decided:
    """A row of the sheet: the case under the units that were decided, what had been suggested, and why it was changed.

    An undecided row has a case without units. `suggested` is None for a row that people added. `address` says where it
    stands (交办表!A5).
    """

    case: Case
    suggested: Suggested | None
    why: str = ""
    address: str = ""

    @property
    def decided(self) -> bool:
        """Whether a lead was decided."""
        return bool(self.case.leads)

    @property
    def lead_kept(self) -> bool:
        """Whether the lead is the one that was suggested."""
        return self.suggested is not None and self.decided and set(self.case.leads) == set(self.suggested.leads)

    @property
    def co_kept(self) -> bool:
        """Whether the helpers are those that were suggested."""
        return self.suggested is not None and self.decided and set(self.case.co) == set(self.suggested.co_units)

    @property
    def readable(self) -> bool:
        """Whether the row has a text that can be learned from."""
        return bool(self.case.suggestion.title or self.case.suggestion.text)

    def to_dict(self) -> dict[str, Any]:
        """The row as plain JSON types: the columns of a cases file, and what was suggested."""
        suggestion, suggested = self.case.suggestion, self.suggested
        return {
            "id": suggestion.id,
            "title": suggestion.title,
            "text": suggestion.text,
            "source": suggestion.source,
            "session": suggestion.session,
            "date": suggestion.date.isoformat() if suggestion.date else "",
            "proposers": list(suggestion.proposers),
            "wish": suggestion.wish,
            "confidential": suggestion.confidential,
            "topic": list(self.case.topics),
            "lead": list(self.case.leads),
            "co": list(self.case.co),
            "why": self.why,
            "suggested_lead": list(suggested.leads) if suggested else [],
            "suggested_co": list(suggested.co_units) if suggested else [],
            "score": suggested.lead[0].score if suggested and suggested.lead else None,
            "decision": str(suggested.decision) if suggested else "",
        }


@dataclass(frozen=True, slots=True)
class Meeting:
    """A sheet that was read back: its rows in order, and where it came from.

    `notices` say what was read otherwise than it stands there: other names of units, merged cells, rows that were
    passed over; `remarks` are the same one by one, each with its cell. `model`, `catalogue` (a digest) and `day` are
    those that the sheet was made with, empty where it does not say.
    """

    rows: tuple[Decided, ...]
    notices: tuple[str, ...] = ()
    model: str = ""
    catalogue: str = ""
    day: Date | None = None
    remarks: tuple[tuple[str, str], ...] = ()

    def cases(self) -> list[Case]:
        """The cases to learn from: decided, and with a text. What was only suggested is not among them."""
        return [row.case for row in self.rows if row.decided and row.readable]

    @property
    def undecided(self) -> int:
        """Rows without a decision."""
        return sum(not row.decided for row in self.rows)

    @property
    def unreadable(self) -> int:
        """Decided rows without a text: confidential ones, whose wording is not on the sheet."""
        return sum(row.decided and not row.readable for row in self.rows)
