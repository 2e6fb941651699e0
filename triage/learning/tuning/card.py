"""The card of a tuned encoder: what it came from, what it learned from, and whether it is better, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from triage.learning.tuning.comparing import Comparison, Measure, Verdict
from triage.learning.tuning.fitting import Settings

if TYPE_CHECKING:
    from triage.learning.tuning.tune import Tuned

ADVICE = {
    Verdict.BETTER: "Use it: it is better on cases that it had not met.",
    Verdict.WORSE: "Keep the base encoder: on cases that neither had met, this one is worse.",
    Verdict.SAME: "Keep the base encoder: on cases that neither had met, no gain can be shown.",
    Verdict.UNPROVEN: "Keep the base encoder until cases show that this one is better: there were none to compare on.",
}
"""What to do, by verdict."""


def card(name: str, tuned: Tuned, settings: Settings) -> str:
    """The folder's README, in Markdown."""
    course, parts = tuned.course, tuned.parts
    pairs = ", ".join(f"{count} {kind}" for kind, count in tuned.pairs.items() if count)
    rows = [row(measure) for measure in tuned.comparison.measures]
    table = ["| | cases | base | tuned | difference (95 %) |", "| --- | ---: | ---: | ---: | ---: |"]
    table += [f"| {' | '.join(cells)} |" for cells in rows]
    kept, done = course.looks[course.best][0], course.looks[-1][0]
    return f"""# {name}

A sentence encoder for Chinese suggestions, tuned by `triage encoder tune` from the encoder with the fingerprint
`{tuned.base}`. {ADVICE[tuned.comparison.verdict]}

* cases: {parts["learned"]} to learn from, {parts["watched"]} to know when to stop, {parts["asked"]} to compare on
* pairs: {pairs}
* the last {settings.layers} layers, {kept} steps kept of {done} ({course.stop}), seed {settings.seed}
* least cosine between torch and the graphs: {tuned.agreement.float32:.4f} float, {tuned.agreement.int8:.4f} int8

{chr(10).join(table)}

It has learned from texts of one place: whoever may not read those should not be given it either. Bundles are trained
anew with it, and what was learned for another encoder (grades of duplicates) does not fit it.
"""


def row(measure: Measure) -> tuple[str, str, str, str, str]:
    """A measure as cells: name, cases, base, tuned, difference with its interval."""
    told = f"{measure.difference:+.3f}"
    if measure.interval is not None:
        told += f" ({measure.interval[0]:+.3f} to {measure.interval[1]:+.3f})"
    return measure.name, str(measure.cases), f"{measure.base:.3f}", f"{measure.tuned:.3f}", told


def advice(comparison: Comparison) -> str:
    """What to do."""
    return ADVICE[comparison.verdict]
