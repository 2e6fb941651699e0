"""The gate: what speaks against a model that is to take the place of the one in use, and what should be known."""

from __future__ import annotations

from triage.learning.registry.compare import CHANCE, MAIN, MATTERS, Comparison, Verdict

LISTED = 12
"""Names that a sentence lists; the rest is counted."""


def objections(comparison: Comparison) -> tuple[str, ...]:
    """A sentence for each reason not to use the later model: main figures that are surely worse, and lost units."""
    found = [
        f"{figure.figure} is worse: {figure.earlier:.3f} → {figure.later:.3f}, a difference of "
        f"{figure.interval[0]:+.3f} to {figure.interval[1]:+.3f}"
        for figure in comparison.figures
        if figure.figure in MAIN and figure.verdict is Verdict.WORSE and figure.interval is not None
    ]
    if lost := comparison.changes.lost:
        found.append(
            f"{len(lost)} units can no longer be answered, and nobody who took over their work: {_listed(lost)}"
        )
    return tuple(found)


def remarks(comparison: Comparison) -> tuple[str, ...]:
    """What is no reason against the later model, and should be known before it is used."""
    found = []
    if left := len({*comparison.left_out["earlier"], *comparison.left_out["later"]}):
        found.append(
            f"left out: {left} of the cases; {len(comparison.left_out['earlier'])} of them or their copies are among "
            f"those that the earlier model learned from, {len(comparison.left_out['later'])} among the later model's"
        )
    first = next(figure for figure in comparison.figures if figure.figure == "lead_top_1")
    if not comparison.enough and first.detectable is not None:
        found.append(
            f"{comparison.cases} cases are too few to tell: a difference of the first lead below "
            f"{first.detectable:.1%} would not have shown; for {MATTERS:.0%} about {comparison.wanted:,} are needed"
        )
    worse = [unit.unit for unit in comparison.units if unit.adjusted < CHANCE and unit.losses > unit.wins]
    if worse:
        found.append(f"units whose cases are surely found less often: {_listed(worse)}")
    if comparison.changes.carried:
        pairs = [f"{name} → {'、'.join(heirs)}" for name, heirs in comparison.changes.carried]
        found.append(f"{len(pairs)} units are carried on by others: {_listed(pairs)}")
    if comparison.changes.new:
        found.append(f"{len(comparison.changes.new)} units are new: {_listed(comparison.changes.new)}")
    return tuple(found)


def _listed(names: tuple[str, ...] | list[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return "、".join(names[:LISTED]) + more
