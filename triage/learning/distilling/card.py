"""The card of a student: its teacher, what it read, how it compares and how fast it is, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from triage.learning.distilling.fitting import Settings
from triage.learning.tuning.card import row
from triage.learning.tuning.comparing import Comparison, Verdict

if TYPE_CHECKING:
    from triage.learning.distilling.distil import Distilled

ADVICE = {
    Verdict.WORSE: "Keep the teacher where quality counts: on cases that neither had met, this one is worse.",
    Verdict.BETTER: "Use it: on cases that neither had met it is better, and it is quicker.",
    Verdict.SAME: "Use it where speed counts: on cases that neither had met, no loss can be shown.",
    Verdict.UNPROVEN: "Compare it on cases of your own before you use it: there were none.",
}
"""What to do, by verdict."""


def card(name: str, done: Distilled, settings: Settings) -> str:
    """The folder's README, in Markdown."""
    course = done.course
    kept, last = course.looks[course.best][0], course.looks[-1][0]
    table = ["| | cases | teacher | student | difference (95 %) |", "| --- | ---: | ---: | ---: | ---: |"]
    table += [f"| {' | '.join(row(measure))} |" for measure in done.comparison.measures]
    return f"""# {name}

A sentence encoder for Chinese suggestions, distilled by `triage encoder distil` from the encoder with the fingerprint
`{done.base}`: {done.layers[0]} of its {done.layers[1]} layers, which learned to give the vectors of all of them.
Here it is {done.faster:.1f} times as fast. {advice(done.comparison)}

* {done.pieces} pieces of text, no labels; {kept} steps kept of {last} ({course.stop}), seed {settings.seed}
* held-out loss {course.looks[0][1]:.3f} before, {course.looks[course.best][1]:.3f} after
* least cosine between torch and the graphs: {done.agreement.float32:.4f} float, {done.agreement.int8:.4f} int8

{chr(10).join(table)}

Bundles are trained anew with it, and what was learned for its teacher (grades of duplicates) does not fit it.
"""


def advice(comparison: Comparison) -> str:
    """What to do, and what the loss may be at worst."""
    told = ADVICE[comparison.verdict]
    first = next(iter(comparison.measures), None)
    if comparison.verdict is Verdict.SAME and first is not None and first.interval is not None:
        told += f" At worst ({first.name}) it is {min(first.interval[0], 0.0):+.3f}."
    return told
