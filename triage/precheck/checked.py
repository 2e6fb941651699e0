"""What the pre-check says of a suggestion: frozen records, spans in the text as it came in, nothing that decides.

Of a confidential suggestion spans are told and wording is not: every field that would quote it is empty.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date as Date
from typing import Any

from triage.records import Duplicate, Jurisdiction, LevelFound, Span, UnitScore

ROLES: dict[str, str] = {"subject": "案由", "problem": "问题", "analysis": "分析", "ask": "建议"}
"""The parts that a whole suggestion has, with what a clerk calls them. 案由 is the title, or a sentence that says the
matter; what is none of them (greetings, thanks, signatures) belongs to no part.
"""

PROPOSALS: dict[str, str] = {"split": "分开提出", "coordinate": "先协调再交办", "joint answer": "分办"}
"""What can be done with a text of several matters: one suggestion each; agreed on before hand-out, because the matters
touch each other; or handed to several leads, of which each answers its part.
"""


@dataclass(frozen=True, slots=True)
class RolePart:
    """One part of a whole suggestion: its `role` (a key of `ROLES`), its share of the characters from 0 to 1, where."""

    role: str
    share: float
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class MatterPart:
    """One of several matters in a text: where it stands, what it says, and what it asks for.

    `topic`, `lead` and `co` are empty until a model has read the part. `text` and `ask` are empty where the suggestion
    is confidential.
    """

    spans: tuple[Span, ...]
    text: str = ""
    ask: str = ""
    topic: str = ""
    lead: tuple[UnitScore, ...] = ()
    co: tuple[UnitScore, ...] = ()


@dataclass(frozen=True, slots=True)
class Tagged:
    """A rule of the place that a sentence fits: which rule, which sentence, where that is written, what can be said.

    `kind`, `name`, `action`, `source`, `article` and `wording` are the rule's own. `score` is 1 where its pattern was
    found and the probability where a learned tag found it.
    """

    rule: str
    kind: str
    name: str
    action: str
    sentence: str
    span: Span | None
    source: str = ""
    article: str = ""
    score: float = 1.0
    wording: str = ""


@dataclass(frozen=True, slots=True)
class Urgency:
    """Why a text should not wait: `kind` is ``safety``, ``health``, ``mass`` or ``deadline``; `due` is the last day
    that a deadline in the text names, where it names one.
    """

    kind: str
    reason: str
    sentence: str
    span: Span | None
    due: Date | None = None


@dataclass(frozen=True, slots=True)
class CopySign:
    """A sign that a text was made by a machine or copied: ``web``, ``prompt``, ``blank``, ``boilerplate`` or
    ``repeated``, with the sentence that shows it.
    """

    kind: str
    reason: str
    sentence: str
    span: Span | None


@dataclass(frozen=True, slots=True)
class Checked:
    """What the pre-check says of one suggestion.

    `parts` has the four of `ROLES` in order; `missing` says kindly in Chinese what is not there. `matters` holds two or
    more parts where the text breaks 一事一议, else none, and `proposal` a key of `PROPOSALS` or nothing. `jurisdiction`
    is None where no places were looked for. `duplicates` is filled where an index of earlier texts is asked.
    `questions` are for the proposer, `wording` holds paragraphs that a clerk can paste into a reply, `notices` say what
    was done to the text and what could not be judged.
    """

    id: str
    parts: tuple[RolePart, ...] = ()
    missing: tuple[str, ...] = ()
    matters: tuple[MatterPart, ...] = ()
    proposal: str = ""
    tags: tuple[Tagged, ...] = ()
    urgency: tuple[Urgency, ...] = ()
    level: LevelFound = field(default_factory=LevelFound)
    jurisdiction: Jurisdiction | None = None
    copied: tuple[CopySign, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    questions: tuple[str, ...] = ()
    wording: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The result as plain JSON types, in the order of the contract; a day is written 2030-06-30."""
        plain = asdict(self)
        for reason in plain["urgency"]:
            reason["due"] = reason["due"].isoformat() if reason["due"] else None
        return plain
