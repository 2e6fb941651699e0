"""Topics in the cases: those that the catalogue lacks, that are written in two ways, used once, or by nobody."""

from __future__ import annotations

from collections.abc import Sequence

from triage.catalogue import Catalogue
from triage.catalogue.names import fold
from triage.learning.audit.findings import Finding, Kind
from triage.learning.audit.vocabulary import KnownNames
from triage.learning.labels import filed_codes, topic_path
from triage.records import Case, Suggestion

SHOWN = 5


def topic_uses(cases: Sequence[Case]) -> dict[str, tuple[str, ...]]:
    """The ids of the cases that each topic is written in."""
    uses: dict[str, list[str]] = {}
    for case in cases:
        for label in case.topics:
            uses.setdefault(label, []).append(case.suggestion.id)
    return {label: tuple(ids) for label, ids in uses.items()}


def topic_code(label: str, catalogue: Catalogue) -> str:
    """The code of the topic that a label means, or nothing."""
    return next(iter(filed_codes([Case(Suggestion(), topics=(label,))], catalogue)), "")


def topic_findings(cases: Sequence[Case], catalogue: Catalogue | None) -> list[Finding]:
    """What is wrong or doubtful; unknown and unused topics only with a catalogue that has any. Nothing where no case
    has a topic.
    """
    uses = topic_uses(cases)
    if not uses:
        return []
    tree = catalogue if catalogue is not None and catalogue.topics else None
    codes = {label: topic_code(label, tree) for label in uses} if tree is not None else {}
    found = [*_spellings(uses, codes)]
    if tree is not None:
        found = [*_unknown(uses, codes, tree), *found, *_unused(codes, tree)]
    return [*found, *_once(uses)]


def _unknown(uses: dict[str, tuple[str, ...]], codes: dict[str, str], tree: Catalogue) -> list[Finding]:
    known = KnownNames(name for topic in tree.topics for name in ("/".join(tree.topic_path(topic.code)), topic.name))
    found = []
    for label, ids in uses.items():
        if not codes[label]:
            meant = known.nearest(label)
            guess = f"是不是{'、'.join(meant)}？" if meant else "没有相近的类别。"
            text = f"目录中没有类别“{label}”，{guess}{_where(ids)}"
            found.append(Finding(Kind.TOPIC_UNKNOWN, "", ids, text, label, (label,), meant[:1]))
    return sorted(found, key=lambda finding: (-len(finding.cases), finding.name))


def _spellings(uses: dict[str, tuple[str, ...]], codes: dict[str, str]) -> list[Finding]:
    """Labels that mean one topic: by the catalogue, else by the same path under other signs or widths."""
    alike: dict[str, list[str]] = {}
    for label in uses:
        alike.setdefault(codes.get(label) or "/".join(fold(part) for part in topic_path(label)), []).append(label)
    found = []
    for labels in alike.values():
        best = max(labels, key=lambda label: len(uses[label]))
        for label in labels:
            if label != best:
                text = f"“{label}”与“{best}”（{len(uses[best])}件）是同一类别，建议统一写法。{_where(uses[label])}"
                found.append(Finding(Kind.TOPIC_SPELLING, "", uses[label], text, label, (label,), (best,)))
    return found


def _unused(codes: dict[str, str], tree: Catalogue) -> list[Finding]:
    """Topics that no case is filed under, itself or anything below it."""
    used = set()
    for code in filter(None, codes.values()):
        while code and code not in used:
            used.add(code)
            code = tree.topic(code).parent
    found = []
    for topic in tree.topics:
        # Of a branch that nobody uses its top is told, not every leaf.
        if topic.code not in used and (not topic.parent or topic.parent in used):
            path = "/".join(tree.topic_path(topic.code))
            found.append(Finding(Kind.TOPIC_UNUSED, "", (), f"没有案件归入“{path}”。", path))
    return found


def _once(uses: dict[str, tuple[str, ...]]) -> list[Finding]:
    return [
        Finding(Kind.TOPIC_ONCE, "", ids, f"“{label}”只用过一次（{ids[0]}），也可能是误填。", label, (label,))
        for label, ids in uses.items()
        if len(ids) == 1
    ]


def _where(ids: tuple[str, ...]) -> str:
    return f"{len(ids)}件：{'、'.join(ids[:SHOWN])}{'等' if len(ids) > SHOWN else ''}。"
