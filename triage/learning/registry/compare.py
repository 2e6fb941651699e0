"""Two models on the same cases: how far each figure moved, how sure that is, which units and cases it was.

Both answer the same cases, so a figure's difference is drawn anew with the same cases for both (paired bootstrap;
copies of one text are drawn together). Cases that either model learned from are left out first: on them it remembers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from triage.errors import InputError
from triage.learning.evaluation.asking import Answers, Names, Scored, ask
from triage.learning.evaluation.copies import copy_groups
from triage.learning.evaluation.figures import co_figures, lead_figures, topic_figures
from triage.learning.evaluation.intervals import Resampling, Statistic, value_of
from triage.learning.registry.units import UnitChanges, UnitRecord, sign_test, unit_changes, unit_records
from triage.learning.train import ALIKE
from triage.records import Case, Suggestion

Floats = NDArray[np.floating[Any]]
Progress = Callable[[str, float], None]

MAIN = (
    "lead_top_1",
    "lead_top_3",
    "lead_top_5",
    "co_recall_5",
    "topic_macro_f1",
    "lead_calibration_error",
    "suggest_coverage",
    "suggest_accuracy",
)
"""The figures in which a model that is to be used must not be worse."""
BESIDE = ("co_recall_3", "co_recall_10", "topic_accuracy")
ERRORS = frozenset({"lead_calibration_error"})
"""Figures of which less is better."""
RANKS = {"lead_top_1": 1, "lead_top_3": 3, "lead_top_5": 5}
DRAWS = 2_000
CHANCE = 0.05
FEWEST = 6
"""Texts in which two models must differ for anything to be said: six of six to one side is the least that chance alone
does not do in one of twenty (2 · ½⁶ = .031)."""
SEEN = 2.8
"""Standard errors of a difference that is found four times in five: 1.96 + 0.84."""
MATTERS = 0.05
"""A difference of the first lead that a comparison should be able to show."""


class Judged(Answers, Protocol):
    """What is compared: a `Triager`."""

    @property
    def card(self) -> dict[str, Any]:
        """What the model was made from."""

    def learned(self, suggestions: Sequence[Suggestion]) -> list[float]:
        """How alike in wording each is to the nearest case that the model learned from, 0 to 1."""


class Verdict(StrEnum):
    """Of a difference: surely to one side, or nothing that chance could not have done."""

    BETTER = "better"
    WORSE = "worse"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of both models. `interval` holds the difference (later − earlier) in 95 of 100 draws; `p` is the exact
    probability where the figure counts cases (McNemar); `detectable` is the least difference that these cases would
    likely have shown. None where it cannot be said.
    """

    figure: str
    earlier: float | None
    later: float | None
    difference: float | None
    interval: tuple[float, float] | None
    verdict: Verdict
    p: float | None = None
    detectable: float | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """A case for which the two name different first leads, and which of them was right: ``earlier``, ``later`` or
    nobody.
    """

    id: str
    right: tuple[str, ...]
    earlier: str
    later: str
    better: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The later model beside the earlier one. `left_out` are the ids of cases that either learned from, `groups` the
    number of different texts, `enough` whether a difference of `MATTERS` in the first lead would likely have shown, and
    `wanted` how many cases would.
    """

    earlier: str
    later: str
    cases: int
    groups: int
    left_out: dict[str, list[str]]
    figures: tuple[Difference, ...]
    units: tuple[UnitRecord, ...]
    changes: UnitChanges
    moved: tuple[Moved, ...] = field(default=())
    enough: bool = True
    wanted: int = 0

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON types: figures, unit names and ids, no texts."""
        found: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        found["changes"]["carried"] = dict(found["changes"]["carried"])
        return found

    def summary(self) -> dict[str, Any]:
        """What the register keeps: everything but the cases one by one."""
        found = self.to_dict()
        found["moved"] = {side: sum(case.better == side for case in self.moved) for side in ("earlier", "later", "")}
        found["moved"]["neither"] = found["moved"].pop("")
        found["left_out"] = {side: len(ids) for side, ids in self.left_out.items()}
        found["units"] = [asdict(unit) for unit in self.units if unit.adjusted < CHANCE]
        return found


def compare(
    earlier: Judged,
    later: Judged,
    cases: Sequence[Case],
    *,
    draws: int = DRAWS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Comparison:
    """Let both answer the cases, and measure by how much they differ.

    Raises InputError if no case is left that neither has learned from, or none of them has a lead.
    """
    tell = progress or (lambda what, share: None)
    remembered = {"earlier": _remembered(earlier, cases), "later": _remembered(later, cases)}
    known = remembered["earlier"] | remembered["later"]
    kept = [case for case, seen in zip(cases, known, strict=True) if not seen]
    if not any(case.leads for case in kept):
        raise InputError(
            f"nothing to compare on: of {len(cases)} cases {len(cases) - len(kept)} are among those that one of the "
            f"models learned from, and none of the other {len(kept)} has a lead. Give later handled cases."
        )
    one = ask(earlier, kept, lambda what, share: tell("the earlier answers", 0.45 * share))
    other = ask(later, kept, lambda what, share: tell("the later answers", 0.45 + 0.45 * share))
    tell("drawing cases anew", 0.92)
    groups = copy_groups([case.suggestion for case in kept])
    figures = _differences(one, other, Resampling(groups, draws, seed))
    first = next(figure for figure in figures if figure.figure == "lead_top_1")
    led = sum(bool(case.leads) for case in kept)
    enough = first.detectable is not None and first.detectable <= MATTERS
    wanted = led if enough or not first.detectable else int(np.ceil(led * (first.detectable / MATTERS) ** 2))
    return Comparison(
        str(earlier.card.get("model", "")),
        str(later.card.get("model", "")),
        len(kept),
        len(np.unique(groups)),
        {side: [cases[int(row)].suggestion.id for row in np.flatnonzero(seen)] for side, seen in remembered.items()},
        figures,
        unit_records(one, other),
        unit_changes(earlier, later),
        _moved(one, other, Names(later)),
        enough,
        wanted,
    )


def _remembered(model: Judged, cases: Sequence[Case]) -> NDArray[np.bool_]:
    """Which cases, or copies of them, the model learned from."""
    return np.array(model.learned([case.suggestion for case in cases])) >= ALIKE


def _differences(one: Sequence[Scored], other: Sequence[Scored], resampling: Resampling) -> tuple[Difference, ...]:
    """Every figure that the cases allow, `MAIN` first."""
    earlier, later = _figures(one), _figures(other)
    names = [name for name in (*MAIN, *BESIDE) if name in earlier and name in later]
    pairs = {name: _Gap(earlier[name], later[name]) for name in names}
    drawn = resampling.drawn(pairs)
    differing = _differing(one, other, resampling.groups)
    size = len(one)
    found = []
    for name in names:
        before, after = float(value_of(earlier[name], size)), float(value_of(later[name], size))
        p = _exact(one, other, RANKS[name]) if name in RANKS else None
        found.append(_difference(name, (before, after), drawn[name], p, differing, len(np.unique(resampling.groups))))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Gap:
    """The later figure minus the earlier one, of the same draws."""

    earlier: Statistic
    later: Statistic

    def __call__(self, weights: Floats) -> Floats:
        return np.asarray(self.later(weights) - self.earlier(weights))


def _figures(scored: Sequence[Scored]) -> Mapping[str, Statistic]:
    found: dict[str, Statistic] = dict(lead_figures(scored))
    if any(one.co for one in scored):
        found |= co_figures(scored)
    if any(one.topic for one in scored):
        found |= topic_figures(scored)
    return found


def _difference(
    name: str, values: tuple[float, float], drawn: Floats, p: float | None, differing: int, groups: int
) -> Difference:
    before, after = values
    kept = drawn[np.isfinite(drawn)]
    gap = after - before
    # A figure that most draws do not define (no answer was a suggestion) cannot be compared.
    if not np.isfinite(gap) or len(kept) < len(drawn) / 2:
        shown = [round(value, 4) if np.isfinite(value) else None for value in (before, after)]
        return Difference(name, shown[0], shown[1], None, None, Verdict.OPEN, p)
    low, high = (float(bound) for bound in np.quantile(kept, [CHANCE / 2, 1 - CHANCE / 2]))
    # Without any difference the draws cannot differ either: 3 of n is what n cases without one still allow.
    detectable = max(SEEN * float(kept.std()), 3.0 / groups)
    sure = differing >= FEWEST and (p is None or p < CHANCE)
    verdict = Verdict.OPEN
    if sure and (low > 0 or high < 0):
        verdict = Verdict.BETTER if (low > 0) != (name in ERRORS) else Verdict.WORSE
    interval = (round(low, 4), round(high, 4))
    return Difference(
        name,
        round(before, 4),
        round(after, 4),
        round(gap, 4),
        interval,
        verdict,
        None if p is None else round(p, 6),
        round(min(1.0, detectable), 4),
    )


def _exact(one: Sequence[Scored], other: Sequence[Scored], rank: int) -> float:
    """McNemar's exact test: how probable so uneven a split of the cases is that only one model has within `rank`."""
    pairs = [(a.rank < rank, b.rank < rank) for a, b in zip(one, other, strict=True) if a.leads]
    return sign_test(sum(b and not a for a, b in pairs), sum(a and not b for a, b in pairs))


def _differing(one: Sequence[Scored], other: Sequence[Scored], groups: NDArray[np.intp]) -> int:
    """The number of different texts to which the two answer anything differently."""
    changed = [
        (a.answer.lead, a.answer.co, a.answer.topics, a.answer.decision)
        != (b.answer.lead, b.answer.co, b.answer.topics, b.answer.decision)
        for a, b in zip(one, other, strict=True)
    ]
    return len(np.unique(groups[np.array(changed, bool)]))


def _moved(one: Sequence[Scored], other: Sequence[Scored], names: Names) -> tuple[Moved, ...]:
    """The cases with another first lead, those that the later model lost first, then those that it won."""
    found = []
    for a, b in zip(one, other, strict=True):
        if b.first not in names.all((a.first,)):
            won, lost = b.right and bool(b.leads), a.right and bool(a.leads)
            better = "" if won == lost else "later" if won else "earlier"
            found.append(Moved(a.answer.id, b.leads, a.first, b.first, better))
    return tuple(sorted(found, key=lambda case: ("earlier", "later", "").index(case.better)))
