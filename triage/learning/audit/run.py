"""The audit as a whole: names, then what a model that has not seen a case says of it, then what contradicts itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date as Date
from typing import TYPE_CHECKING, Any

import numpy as np

from triage.catalogue import Catalogue
from triage.errors import InputError
from triage.learning.audit.conflicts import Chance, conflicts
from triage.learning.audit.differences import differences
from triage.learning.audit.doubts import check_cleanlab, co_doubts, lead_doubts, topic_doubts
from triage.learning.audit.findings import Audit, Finding, Kind
from triage.learning.audit.topic_names import topic_code, topic_findings, topic_uses
from triage.learning.audit.unit_names import UnitNames
from triage.learning.audit.unseen import Unseen, unseen_answers
from triage.records import Case, Reason

if TYPE_CHECKING:
    from triage.encoders.cache import CachedEncoder
    from triage.encoders.sentence import SentenceEncoder

Progress = Callable[[str, float], None]

_ABOUT_TOPICS = frozenset({kind for kind in Kind if kind.value.startswith("topic")})
MOST = 200
"""Doubts of a kind that are told unless more are asked for: as many as a person looks through in an hour or two."""


def audit(
    cases: Sequence[Case],
    *,
    catalogue: Catalogue | None = None,
    sentence: SentenceEncoder | CachedEncoder | None = None,
    today: Date | None = None,
    most: int = MOST,
    progress: Progress | None = None,
) -> Audit:
    """Look for what is likely wrong or inconsistent in handled cases. Nothing is changed.

    With the place's `catalogue`, units and topics are held against it; without, against each other. `sentence` reads
    meaning, without it wording decides alone. `today` (None: today) says which units exist still. Of doubted leads,
    topics and helpers the likeliest `most` each are told. What cannot be judged, because there are too few cases or all
    have one lead, is told in `notices`. Raises InputError for no cases, ids that are empty or come twice, and where
    cleanlab is missing.
    """
    from triage.encoders import cache

    _check(cases, most)
    check_cleanlab()
    once = None if sentence is None else cache.CachedEncoder(sentence)
    tell = progress or (lambda what, share: None)
    tell("reading the names", 0.0)
    day = today or Date.today()  # noqa: DTZ011 - the office's own day
    names = UnitNames(cases, catalogue)
    found = names.findings(day) + topic_findings(cases, catalogue)
    notices: list[Reason] = []
    seen = None
    if any(case.leads for case in cases):
        seen = unseen_answers(cases, catalogue, once, lambda what, share: tell(what, 0.05 + 0.6 * share))
        tell("doubting the labels", 0.66)
        doubts, notices = _doubts(cases, seen, most)
        found += doubts
    else:
        notices.append(Reason("no.lead", "没有一件填有主办单位，只核查名称。"))
    tell("comparing the cases", 0.75)
    steps = lambda done, total: tell("comparing the cases", 0.75 + 0.24 * done / max(total, 1))  # noqa: E731
    tree = seen.model.catalogue if seen is not None and catalogue is None else names.catalogue
    found += conflicts(cases, tree, once, None if seen is None else _chance(cases, seen), steps)
    tell("done", 1.0)
    return Audit(
        len(cases),
        tuple(found),
        tuple(notices),
        _with_proposed(names.known.names, found, topics=False),
        _with_proposed(_topics(cases, catalogue), found, topics=True),
    )


def _with_proposed(names: Sequence[str], found: Sequence[Finding], topics: bool) -> tuple[str, ...]:
    """The names, and those that a finding proposes: a proposal can always be taken over."""
    some = [finding for finding in found if (finding.kind in _ABOUT_TOPICS) is topics]
    return tuple(dict.fromkeys((*names, *(name for finding in some for name in finding.proposed))))


def _doubts(cases: Sequence[Case], seen: Unseen, most: int) -> tuple[list[Finding], list[Reason]]:
    labels = _labels(cases, seen.model.catalogue)
    leads, about_leads = lead_doubts(cases, seen, most)
    topics, about_topics = topic_doubts(cases, seen, labels, most)
    helpers, about_co = co_doubts(cases, seen, most)
    doubted = {name for finding in leads for name in finding.cases}
    told = [*_left_out(cases, seen), *about_leads, *about_topics, *about_co]
    return [*leads, *topics, *helpers, *differences(cases, seen, doubted)], told


def _check(cases: Sequence[Case], most: int) -> None:
    if not cases:
        raise InputError("there are no cases to audit. Give a file of handled cases.")
    if most < 1:
        raise InputError(f"most: {most}; at least 1 doubt of a kind must be told")
    seen: set[str] = set()
    for number, case in enumerate(cases, start=1):
        name = case.suggestion.id
        if not name or name in seen:
            told = f"{name!r} stands there twice" if name else f"case {number} has none"
            raise InputError(f"ids: {told}. Each case needs its own, so that a correction finds it.")
        seen.add(name)


def _left_out(cases: Sequence[Case], seen: Unseen) -> list[Reason]:
    told = []
    if beyond := len(seen.rows) - len(seen.helped):
        text = f"模型只从{len(seen.helped)}件学习；其余{beyond}件由它判断主办和类别，会办单位未作判断。"
        told.append(Reason("beyond", text))
    if not (missing := len(cases) - len(seen.rows)):
        return told
    text = f"{missing}件没有可读的文字，或与所学案件几乎相同，主办和类别未作判断；名称和重复照常核查。"
    return [*told, Reason("left.out", text)]


def _labels(cases: Sequence[Case], catalogue: Catalogue) -> dict[str, str]:
    """How the cases write each topic most often, by its code."""
    uses = topic_uses(cases)
    labels: dict[str, str] = {}
    for label in sorted(uses, key=lambda label: -len(uses[label])):
        if code := topic_code(label, catalogue):
            labels.setdefault(code, label)
    return labels


def _topics(cases: Sequence[Case], catalogue: Catalogue | None) -> tuple[str, ...]:
    """The topics that a correction may name: as the cases write them, and those of the catalogue that they do not."""
    written = topic_uses(cases)
    if catalogue is None:
        return tuple(written)
    known = {topic_code(label, catalogue) for label in written}
    more = ("/".join(catalogue.topic_path(topic.code)) for topic in catalogue.topics if topic.code not in known)
    return tuple(dict.fromkeys((*written, *more)))


def _chance(cases: Sequence[Case], seen: Unseen) -> Chance:
    """The unseen probability of leads for a case: of those that can be answered, the likeliest."""
    rows: dict[str, Any] = {cases[place].suggestion.id: row for row, place in enumerate(seen.rows)}
    index = seen.model.units.index

    def chance(name: str, leads: tuple[str, ...]) -> float | None:
        columns = [index[lead] for lead in leads if lead in index]
        if name not in rows or not columns or not seen.lead[rows[name]].any():
            return None
        return float(np.max(seen.lead[rows[name], columns]))

    return chance
