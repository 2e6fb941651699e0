"""What an audit says: findings, each about cases or about a name, with what stands there and what is proposed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Literal

from triage.records import Reason

Field = Literal["lead", "co", "topic", ""]


class Kind(StrEnum):
    """What a finding is about.

    LEAD, TOPIC: a label that the other cases and the duties speak against. CO_MISSING, CO_SUPERFLUOUS: a helper that
    should likely stand there, or not. BOTH_ROLES: a lead that is also listed as helper. CONFLICT: one matter, several
    leads. ENDED: a unit that did not exist any more on the case's day. FORMER: one that did, and does not today.
    UNKNOWN: a unit that the catalogue does not have. SPELLING: two ways of writing one unit. SINGLE: a lead of one
    case. TOPIC_UNKNOWN, TOPIC_SPELLING, TOPIC_UNUSED, TOPIC_ONCE: the same of topics. DIFFERENCE: a source or period
    whose cases go to other leads, or are doubted more often, than chance explains.
    """

    LEAD = "lead"
    TOPIC = "topic"
    CO_MISSING = "co missing"
    CO_SUPERFLUOUS = "co superfluous"
    BOTH_ROLES = "lead and co"
    CONFLICT = "conflict"
    ENDED = "unit ended"
    FORMER = "unit former"
    UNKNOWN = "unit unknown"
    SPELLING = "unit spelling"
    SINGLE = "unit single"
    TOPIC_UNKNOWN = "topic unknown"
    TOPIC_SPELLING = "topic spelling"
    TOPIC_UNUSED = "topic unused"
    TOPIC_ONCE = "topic once"
    DIFFERENCE = "difference"


NAMES: dict[Kind, str] = {
    Kind.LEAD: "主办存疑",
    Kind.TOPIC: "类别存疑",
    Kind.CO_MISSING: "可能漏列会办",
    Kind.CO_SUPERFLUOUS: "可能多列会办",
    Kind.BOTH_ROLES: "主办又列会办",
    Kind.CONFLICT: "同事不同办",
    Kind.ENDED: "单位当时已撤并",
    Kind.FORMER: "单位现已撤并",
    Kind.UNKNOWN: "不在目录",
    Kind.SPELLING: "一个单位两种写法",
    Kind.SINGLE: "只主办过一件",
    Kind.TOPIC_UNKNOWN: "不在目录",
    Kind.TOPIC_SPELLING: "一个类别两种写法",
    Kind.TOPIC_UNUSED: "无人使用",
    Kind.TOPIC_ONCE: "只用过一次",
    Kind.DIFFERENCE: "办理差异",
}
"""What a clerk reads for each kind."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One doubt. What to do about it is for a person to decide.

    `cases` are the ids that it is about; `name` is the unit or topic, where it is about one. `now` is what stands in
    `field`, `proposed` what could stand there instead (empty: nothing, or nobody can tell). `chance` and
    `proposed_chance` are the model's probabilities of the two, from cases that it had not seen. `text` says it in
    Chinese, `grounds` are what speaks for the proposal and for what stands there. Findings of one matter share a
    `group`, from 1.
    """

    kind: Kind
    field: Field
    cases: tuple[str, ...]
    text: str
    name: str = ""
    now: tuple[str, ...] = ()
    proposed: tuple[str, ...] = ()
    chance: float | None = None
    proposed_chance: float | None = None
    grounds: tuple[str, ...] = ()
    group: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The finding as plain JSON types."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Audit:
    """All findings, each kind's likeliest first; `notices` say what could not be judged, and why.

    `units` and `topics` are the names that a correction may use: those of the cases and of the catalogue.
    """

    cases: int
    findings: tuple[Finding, ...]
    notices: tuple[Reason, ...] = ()
    units: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()

    def of(self, *kinds: Kind) -> list[Finding]:
        """The findings of some kinds, in their order."""
        return [finding for finding in self.findings if finding.kind in kinds]

    @property
    def counts(self) -> dict[Kind, int]:
        """How many findings there are of each kind, in the order of the kinds; those without are left out."""
        counted = Counter(finding.kind for finding in self.findings)
        return {kind: counted[kind] for kind in Kind if kind in counted}


def listed(names: Sequence[str], most: int = 5) -> str:
    """Names in a Chinese sentence; beyond `most` they are counted."""
    return "、".join(names[:most]) + (f"等{len(names)}个" if len(names) > most else "")


def percent(chance: float) -> str:
    """A probability as a clerk reads it; what is not certain is neither 0 nor 100 %."""
    return "不到1%" if 0 <= chance < 0.01 else "99%以上" if 0.995 <= chance < 1 else f"{chance:.0%}"
