"""The records that cross the library's border: frozen, plain, in the domain's words.

What comes in is a `Suggestion`; what history holds is a `Case`; what goes out is a `Triaged`. Everything in between is
matrices. The Chinese words for a clerk's screen stand in `LABELS`, so that code and files keep the English names.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date as Date
from enum import StrEnum
from typing import Any


class Mode(StrEnum):
    """How a suggestion is handled (办理方式): by one unit, by one with helpers, or split between several leads."""

    SOLE = "sole"
    JOINT = "joint"
    SPLIT = "split"


class Decision(StrEnum):
    """What the answer promises the clerk.

    SUGGEST: the first lead unit is right as often as promised (90 % unless set otherwise).
    CHOOSE: one of the first five; a person chooses.
    COORDINATE: the leads are close and many units would help; agree on it before handing out.
    """

    SUGGEST = "suggest"
    CHOOSE = "choose"
    COORDINATE = "coordinate"


class Grade(StrEnum):
    """How much of one suggestion another repeats, closest first.

    IDENTICAL: the same text after normalising. REWRITTEN: the same text with words swapped, sentences moved, other
    characters, noise, or cut. SAME_MATTER: the same ask about the same object and place. RELATED: the same topic.
    """

    IDENTICAL = "identical"
    REWRITTEN = "rewritten"
    SAME_MATTER = "same matter"
    RELATED = "related"


LABELS: dict[str, str] = {
    Mode.SOLE: "独办",
    Mode.JOINT: "会办",
    Mode.SPLIT: "分办",
    Decision.SUGGEST: "建议交办",
    Decision.CHOOSE: "请选择",
    Decision.COORDINATE: "先协调",
    Grade.IDENTICAL: "相同",
    Grade.REWRITTEN: "改写",
    Grade.SAME_MATTER: "同一事项",
    Grade.RELATED: "相关",
}
"""What a clerk reads for each mode, decision and grade."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One text asking government for something (建议, 提案, 议案, 群众来信).

    `text` is the body; a title alone is enough. `source` is the body it came through (人大, 政协, 群众, 热线 …),
    `session` its 届次, `wish` the unit that the proposer would like to handle it. `confidential` texts are triaged
    like any other, but nothing of their wording is repeated in the answer.
    """

    id: str = ""
    title: str = ""
    text: str = ""
    source: str = ""
    session: str = ""
    date: Date | None = None
    proposers: tuple[str, ...] = ()
    wish: str = ""
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A suggestion that was handled, with the answer history gives.

    `leads` has one unit, or several where the case was split (分办); `co` never holds a lead. `topics` may name a
    path's parts or several topics. `outcome` is the place's own class (A, B, C …). `returned` are the units that sent
    it back (退单), in the order in which they did. `handed_out` is the day on which the lead got it (交办), `replied`
    the day on which the proposer had the reply. `area` (属地) and `level` (办理层级) are as the office wrote them.
    """

    suggestion: Suggestion
    leads: tuple[str, ...] = ()
    co: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    reply: str = ""
    outcome: str = ""
    returned: tuple[str, ...] = ()
    handed_out: Date | None = None
    replied: Date | None = None
    area: str = ""
    level: str = ""

    @property
    def mode(self) -> Mode:
        """The handling mode that the units imply."""
        if len(self.leads) > 1:
            return Mode.SPLIT
        return Mode.JOINT if self.co else Mode.SOLE


LATER_FIELDS = frozenset({"returned", "handed_out", "replied", "area", "level"})
"""Fields that `Case` got after its first version. What is stored of a case leaves them out where they are empty, so
that it says what it always said.
"""


@dataclass(frozen=True, slots=True)
class TopicScore:
    """A topic and the probability that it is this one. `path` runs from the first level down."""

    name: str
    score: float
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitScore:
    """A unit and the probability that it leads (in `lead`) or is asked to help (in `co`)."""

    unit: str
    score: float


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the decision is what it is: a stable `code` for programs and a Chinese sentence for clerks."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """Where a phrase stands in a suggestion as it came in: `field` is ``title`` or ``text``, `end` is past the last
    character.
    """

    field: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a unit.

    `kind` is one of ``duty`` (a duty phrase that the text matches), ``precedent`` (a handled case), ``words`` (the
    words that weighed most), ``place`` (a place in the text), ``wish`` (the proposer's own wish). `text` says it in
    Chinese; `score` is its strength from 0 to 1, comparable within one kind only. A precedent also names its `case`
    and its `units`, lead first. `spans` say where the words that weighed, or those that match the duty, stand in the
    suggestion as it came in (none of a confidential one, none where only the meaning is close); `phrase` is the duty
    phrase itself.
    """

    unit: str
    kind: str
    text: str
    score: float = 0.0
    case: str = ""
    units: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    phrase: str = ""


@dataclass(frozen=True, slots=True)
class SharedPhrase:
    """A phrase that two texts share: as this one writes it, and where it stands in both."""

    text: str
    here: Span
    there: Span


@dataclass(frozen=True, slots=True)
class PairEvidence:
    """Why two texts are graded as they are: what they share, what agrees and what differs (place, number, ask).

    `agrees` and `differs` are short Chinese phrases, `text` is one Chinese sentence. Nothing of a confidential text's
    wording is in it.
    """

    text: str
    shared: tuple[SharedPhrase, ...] = ()
    agrees: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An earlier or neighbouring text that this one repeats.

    `grade` is the closest that is likelier than not, `score` the probability that it is that grade or closer, and
    `probabilities` holds this for every grade. The rest is what the index knows of the text; `title` is empty where
    it is confidential.
    """

    id: str
    grade: Grade
    score: float
    probabilities: dict[str, float]
    evidence: PairEvidence
    title: str = ""
    source: str = ""
    session: str = ""
    date: str = ""
    proposers: tuple[str, ...] = ()
    lead: tuple[str, ...] = ()
    co: tuple[str, ...] = ()
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Matter:
    """One of several matters in a text that should be split (分办), with the unit that would lead it."""

    text: str
    lead: tuple[UnitScore, ...]


@dataclass(frozen=True, slots=True)
class AreaMention:
    """An area that a suggestion names: its code and name, the words as `written` and where they stand in the suggestion
    as it came in (`field` is ``title`` or ``text``, as in `records.Span`).

    `confidence` is how likely these words mean this area, from 0 to 1. Of a confidential suggestion `written` is empty.
    """

    area: str
    name: str
    written: str
    field: str
    start: int
    end: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """Whose ground a suggestion is about: the smallest area that what is written agrees on.

    `area` is its code, empty where none is named; `path` the names from the place as a whole down to it. `served_by`
    are the codes of the units that serve it, those of the smallest area that has any. `outside` names places that lie
    outside the office's own area, where none of the own is named (never of a confidential suggestion). `question` is
    what to ask the proposer, empty where nothing needs to be asked. `learned` tells that no area is named and handled
    cases say where the named roads and estates lie.
    """

    area: str = ""
    name: str = ""
    path: tuple[str, ...] = ()
    confidence: float = 0.0
    mentions: tuple[AreaMention, ...] = ()
    outside: tuple[str, ...] = ()
    question: str = ""
    served_by: tuple[str, ...] = ()
    learned: bool = False


LEVEL_NAMES: dict[str, str] = {
    "村": "村（社区）",
    "乡镇": "乡镇（街道）",
    "县": "县（区）",
    "市": "市",
    "省": "省及以上",
}
"""The levels at which a matter can be settled, lowest first, with what a clerk calls them."""


@dataclass(frozen=True, slots=True)
class LevelFound:
    """The level at which a matter can be settled: a key of `LEVEL_NAMES`, or empty where that is not clear.

    `score` is its probability; `evidence` holds the words that speak for it (none where they would quote a confidential
    text), `spans` where they stand.
    """

    level: str = ""
    score: float = 0.0
    evidence: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class SystemScore:
    """A first-level system (人大, 政府, 法院, 党委部门, 群团 …) and the probability that the lead belongs to it."""

    name: str
    score: float


@dataclass(frozen=True, slots=True)
class ReturnRisk:
    """The chance that the first lead sends the suggestion back (退单), before it is handed out.

    `score` is between 0 and 1. `learned` says whether it was learned from past returns; without enough of them it is
    the chance that the first lead is a wrong one. `reasons` are Chinese sentences: what stands out, and the unit that
    could take it instead. The duty and the precedents that answer a return stand in the answer's evidence.
    """

    score: float
    learned: bool
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Triaged:
    """The advice for one suggestion. Scores are calibrated probabilities, best first.

    `notices` says what was done to the text before anything else saw it (masked numbers, converted characters, a
    cut) and what could not be judged. `questions` holds what the clerk should find out, such as the place.
    `duplicates` is filled by a duplicate index, if one is given. `model` names the bundle that answered.
    `return_risk` is the chance that the first lead sends it back; None where the text cannot be judged. `systems` are
    the first-level systems that the lead may belong to. `jurisdiction`, `level` and `committee` (the 专工委 that
    supervises the topic) are filled where the office's own settings are given.
    """

    id: str
    topics: tuple[TopicScore, ...]
    lead: tuple[UnitScore, ...]
    co: tuple[UnitScore, ...]
    mode: Mode
    decision: Decision
    reasons: tuple[Reason, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    matters: tuple[Matter, ...] = ()
    questions: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    model: str = ""
    return_risk: ReturnRisk | None = None
    systems: tuple[SystemScore, ...] = ()
    jurisdiction: Jurisdiction | None = None
    level: LevelFound | None = None
    committee: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The result as plain JSON types, in the order of the contract."""
        return asdict(self)
