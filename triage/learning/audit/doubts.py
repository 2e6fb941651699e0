"""Labels that the other cases and the duties speak against: confident learning on answers by models without the case.

Confident learning (Northcutt, Jiang & Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR
2021) takes a label for wrong where another class is likelier than that class usually is among its own; cleanlab is its
authors' implementation.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.errors import InputError
from triage.learning.audit.findings import Finding, Kind, listed, percent
from triage.learning.audit.unseen import Unseen
from triage.records import Case, Reason

Floats = NDArray[np.float64]

LEAST_CASES = 20
"""Labelled cases below which nothing can be said of a label by the others."""
OTHERS = 2
"""Further candidates that a doubt names."""
METHOD = "both"
"""cleanlab's filter: doubted by the estimated counts within each class and within each pair of classes."""
TINY = 1e-9


def lead_doubts(cases: Sequence[Case], seen: Unseen, most: int) -> tuple[list[Finding], list[Reason]]:
    """Leads that are likely wrong, the likeliest first, at most `most`."""
    told = _too_little("主办单位", [case.leads[:1] for case in cases])
    if told:
        return [], [told]
    found: list[Finding] = []
    left = 0
    for case in ranked(seen.led, seen.lead):
        best = int(seen.lead[case].argmax())
        given = np.flatnonzero(seen.led[case])
        if len(found) == most:
            left += 1
            continue
        now = cases[seen.rows[case]].leads
        proposed = seen.units([best])
        chance, better = float(seen.lead[case, given].max()), float(seen.lead[case, best])
        text = f"按内容，由{proposed[0]}主办的可能为{percent(better)}，由{listed(now)}主办的可能为{percent(chance)}。"
        others = [int(column) for column in np.argsort(-seen.lead[case], kind="stable")[1 : OTHERS + 1]]
        others = [column for column in others if column not in given]
        if others:
            named = [f"{seen.units([one])[0]} {percent(seen.lead[case, one])}" for one in others]
            text += f"其他候选：{'、'.join(named)}。"
        if proposed[0] in cases[seen.rows[case]].co:
            text += f"{proposed[0]}现列为会办。"
        found.append(
            Finding(
                *(Kind.LEAD, "lead", (cases[seen.rows[case]].suggestion.id,), text),
                **_shown(now, proposed, chance, better),
                grounds=seen.grounds(case, [best, *given]),
            )
        )
    return found, _cut("主办存疑", most, left)


def topic_doubts(
    cases: Sequence[Case], seen: Unseen, labels: Mapping[str, str], most: int
) -> tuple[list[Finding], list[Reason]]:
    """Topics that are likely wrong, the likeliest first; `labels` says how the file writes a topic, by its code."""
    if not any(case.topics for case in cases):
        return [], []
    told = _too_little("类别", [case.topics[:1] for case in cases])
    if told:
        return [], [told]
    leaves = seen.model.topics.columns.leaves
    catalogue = seen.model.catalogue
    found: list[Finding] = []
    left = 0
    for case in ranked(seen.filed, seen.topic):
        if len(found) == most:
            left += 1
            continue
        best = int(seen.topic[case].argmax())
        given = np.flatnonzero(seen.filed[case])
        now = cases[seen.rows[case]].topics
        proposed = labels.get(leaves[best]) or "/".join(catalogue.topic_path(leaves[best]))
        chance, better = float(seen.topic[case, given].max()), float(seen.topic[case, best])
        text = f"按内容，归入“{proposed}”的可能为{percent(better)}，归入“{listed(now)}”的可能为{percent(chance)}。"
        found.append(
            Finding(
                *(Kind.TOPIC, "topic", (cases[seen.rows[case]].suggestion.id,), text),
                **_shown(now, (proposed,), chance, better),
                grounds=seen.topic_grounds(case, best, proposed),
            )
        )
    return found, _cut("类别存疑", most, left)


def co_doubts(cases: Sequence[Case], seen: Unseen, most: int) -> tuple[list[Finding], list[Reason]]:
    """Helpers that are likely missing, and those that likely should not stand there; the likeliest first."""
    listing = [case for case in cases if case.co]
    if not listing:
        return [], []
    if len(listing) < LEAST_CASES:
        told = f"列有会办单位的案件只有{len(listing)}件，少于{LEAST_CASES}件，不判断会办单位的正误。"
        return [], [Reason("co.few", told)]
    doubted = _doubted_pairs(seen)
    missing = [(int(case), int(unit)) for case, unit in zip(*np.nonzero(doubted & (seen.helped == 0)), strict=True)]
    missing = [pair for pair in missing if seen.co[pair] > 0.5 and _unit(seen, pair) not in _named(cases, seen, pair)]
    superfluous = [(int(case), int(unit)) for case, unit in zip(*np.nonzero(doubted & (seen.helped > 0)), strict=True)]
    superfluous = [pair for pair in superfluous if seen.co[pair] < 0.5]
    missing.sort(key=lambda pair: (-seen.co[pair], pair))
    superfluous.sort(key=lambda pair: (seen.co[pair], pair))
    found = [_missing(cases, seen, pair) for pair in missing[:most]]
    extra = [_superfluous(cases, seen, pair) for pair in superfluous[:most]]
    found += [finding for finding in extra if finding is not None]
    left = max(len(missing) - most, 0) + max(len(superfluous) - most, 0)
    return found, _cut("会办存疑", most, left)


def _missing(cases: Sequence[Case], seen: Unseen, pair: tuple[int, int]) -> Finding:
    case, name, chance = cases[seen.rows[pair[0]]], _unit(seen, pair), float(seen.co[pair])
    return Finding(
        *(Kind.CO_MISSING, "co", (case.suggestion.id,)),
        f"按内容和主办单位，{name}会办的可能为{percent(chance)}，记录中没有。",
        *(name, case.co, (name,)),
        proposed_chance=round(chance, 4),
        grounds=seen.grounds(pair[0], [pair[1]]),
    )


def _superfluous(cases: Sequence[Case], seen: Unseen, pair: tuple[int, int]) -> Finding | None:
    """None where the case does not name the unit itself but one before it: which of its names goes, nobody can tell."""
    case, name, chance = cases[seen.rows[pair[0]]], _unit(seen, pair), float(seen.co[pair])
    if name not in case.co:
        return None
    return Finding(
        *(Kind.CO_SUPERFLUOUS, "co", (case.suggestion.id,)),
        f"按内容和主办单位，{name}会办的可能只有{percent(chance)}。",
        *(name, case.co),
        chance=round(chance, 4),
        grounds=seen.grounds(pair[0], [pair[1]]),
    )


def _unit(seen: Unseen, pair: tuple[int, int]) -> str:
    return seen.model.units.names[pair[1]]


def _named(cases: Sequence[Case], seen: Unseen, pair: tuple[int, int]) -> tuple[str, ...]:
    case = cases[seen.rows[pair[0]]]
    return (*case.leads, *case.co)


def ranked(given: Floats, chances: Floats) -> list[int]:
    """The rows whose label confident learning doubts, the worst first: by how much likelier the likeliest class is than
    the label. (By the label's probability alone, cleanlab's usual order, texts that fit nowhere would come first.)

    `given` (rows, classes) holds shares, all zero where there is no label; of several labels the likeliest counts, and
    a row whose likeliest class is one of its labels is never doubted.
    """
    filter_ = _cleanlab()
    labelled = np.flatnonzero(given.any(axis=1) & (chances.sum(axis=1) > 0))
    if len(labelled) < 2 or given.shape[1] < 2:
        return []
    chosen = np.where(given[labelled] > 0, chances[labelled], -1.0).argmax(axis=1)
    if len(np.unique(chosen)) < 2:
        return []
    sure = chances[labelled] / chances[labelled].sum(axis=1, keepdims=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about classes with few examples, which every place has
        doubted = filter_.find_label_issues(chosen, sure, filter_by=METHOD, n_jobs=1)
    best = sure.argmax(axis=1)
    every = np.arange(len(labelled))
    doubted &= given[labelled, best] == 0
    order = np.argsort(np.log(np.maximum(sure[every, chosen], TINY)) - np.log(sure[every, best]), kind="stable")
    return [int(labelled[row]) for row in order if doubted[row]]


def _doubted_pairs(seen: Unseen) -> NDArray[np.bool_]:
    """(cases, units): whether confident learning doubts that a unit helps, or that it does not; each unit by itself."""
    _cleanlab()
    from cleanlab.multilabel_classification.filter import find_multilabel_issues_per_class

    led = seen.led[: len(seen.helped)]
    taught = np.flatnonzero(led.any(axis=1) | seen.helped.any(axis=1))
    doubted = np.zeros(seen.helped.shape, bool)
    # The lead of a case cannot help it.
    chances = np.where(led[taught] > 0, 0.0, seen.co[taught])
    labels = [np.flatnonzero(row).tolist() for row in seen.helped[taught]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = find_multilabel_issues_per_class(labels, chances, filter_by=METHOD, n_jobs=1)
    doubted[taught] = np.asarray(found)
    return doubted


def _too_little(what: str, labels: Sequence[tuple[str, ...]]) -> Reason | None:
    """Why labels cannot be judged, if they cannot."""
    known = [label[0] for label in labels if label]
    if len(known) < LEAST_CASES:
        return Reason("few", f"填有{what}的案件只有{len(known)}件，少于{LEAST_CASES}件，不判断{what}的正误。")
    if len(set(known)) == 1:
        return Reason("one", f"所有案件的{what}都是“{known[0]}”，没有别的可比，不判断{what}的正误。")
    if len(set(known)) == len(known):
        return Reason("all.different", f"每件的{what}都不相同，没有两件可比，不判断{what}的正误。")
    return None


def _shown(now: tuple[str, ...], proposed: tuple[str, ...], chance: float, better: float) -> dict[str, Any]:
    return {
        "now": now,
        "proposed": proposed,
        "chance": round(chance, 4),
        "proposed_chance": round(better, 4),
    }


def _cut(title: str, most: int, left: int) -> list[Reason]:
    return [Reason("cut", f"{title}只列最可疑的{most}条，还有{left}条未列；改正后再核查一次。")] if left else []


def check_cleanlab() -> None:
    """Raise InputError, which names what to install, where cleanlab is missing. An audit takes minutes to need it."""
    _cleanlab()


def _cleanlab() -> Any:
    """Its filter."""
    try:
        from cleanlab import filter as filter_
    except ImportError as error:
        raise InputError(
            f"the audit of labels needs cleanlab ({error}): pip install 'suggestion-triage[analysis]'"
        ) from error
    return filter_
