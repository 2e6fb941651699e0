"""What the commands show: progress bars, warnings, and answers that a clerk can read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from triage.records import LABELS, Decision, Grade, Suggestion, Triaged
from triage.results import check_target, whereabouts
from triage.sheets import likely

if TYPE_CHECKING:
    from pathlib import Path

errors = Console(stderr=True, highlight=False, soft_wrap=True)
output = Console(highlight=False, soft_wrap=True)

COLOURS = {Decision.SUGGEST: "green", Decision.CHOOSE: "yellow", Decision.COORDINATE: "magenta"}


class Form(StrEnum):
    """How answers are printed: for a reader, or one JSON object a line."""

    TEXT = "text"
    JSONL = "jsonl"


def form_or_default(form: Form | None) -> Form:
    """The form that was asked for, else text for a terminal and JSON lines for a pipe."""
    return form or (Form.TEXT if sys.stdout.isatty() else Form.JSONL)


def check_targets(outputs: Iterable[Path | None], read: Iterable[Path | None]) -> None:
    """Raise InputError, before any work is done, for a file that cannot be written, is read too, or is named twice."""
    taken = list(read)
    for output in outputs:
        if output is not None:
            check_target(output, taken)
            taken.append(output)


@contextmanager
def progress(what: str) -> Iterator[Callable[[str, float], None]]:
    """A progress bar on standard error, fed with (what is done now, share from 0 to 1); plain lines where it is no
    terminal.
    """
    if not errors.is_terminal:
        said: set[str] = set()

        def tell(now: str, _share: float) -> None:
            if now not in said:
                said.add(now)
                errors.print(f"{what}: {now}", markup=False)

        yield tell
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
        console=errors,
    ) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda now, share: bar.update(task, completed=share, description=f"{what}: {now}")


def warn(message: str) -> None:
    """One warning line on standard error."""
    errors.print(Text.assemble(("warning: ", "bold yellow"), message))


def encoder_or_warning(named: Path | None, without: bool) -> Path | None:
    """The encoder folder to train with; None, with one warning unless it was asked for, where there is none."""
    if without:
        return None
    from triage.encoders.locate import find_encoder

    place = named or find_encoder()
    if place is None:
        warn(
            "no sentence encoder is installed, so the model knows wording only and finds fewer leads. "
            "Run `triage encoder install` and train again; --no-encoder silences this."
        )
    return place


def show(suggestion: Suggestion, answer: Triaged) -> None:
    """One answer for a reader."""
    heading = suggestion.title or suggestion.text[:40].replace("\n", " ")
    if suggestion.confidential:
        heading = "（保密件）"
    output.print(Text.assemble((f"【{answer.id}】", "bold cyan"), (heading, "bold")))
    decision = Text.assemble("  决定：", (LABELS[answer.decision], f"bold {COLOURS[answer.decision]}"))
    decision.append(f"　办理方式：{LABELS[answer.mode]}")
    if answer.topics:
        deepest = max(answer.topics, key=lambda topic: (len(topic.path), topic.score))
        decision.append(f"　类别：{' › '.join(deepest.path)}（{deepest.score:.0%}）")
    output.print(decision)
    output.print(Text(f"  主办：{'　'.join(f'{lead.unit} {lead.score:.0%}' for lead in answer.lead[:5])}"))
    helpers = [helper for helper in answer.co if helper.score >= 0.2][:6] or list(answer.co[:3])
    output.print(Text(f"  会办：{'　'.join(f'{helper.unit} {helper.score:.0%}' for helper in helpers)}"))
    output.print(Text(f"  {'　'.join(whereabouts(answer))}"))
    for reason in answer.reasons:
        output.print(Text(f"  理由：{reason.text}"))
    for line in _grounds(answer):
        output.print(Text(f"  依据：{line}", style="dim"))
    for hit in answer.duplicates:
        if hit.grade is not Grade.RELATED:
            title = f"《{hit.title}》" if hit.title else ""
            output.print(Text(f"  重复：{hit.id}{title} {LABELS[hit.grade]} {likely(hit.score)}"))
    for matter in answer.matters:
        output.print(Text(f"  分办：{matter.text[:40]}… → {matter.lead[0].unit}"))
    if answer.return_risk is not None:
        risk = answer.return_risk
        output.print(Text(f"  退单风险：{likely(risk.score)}　{''.join(risk.reasons)}"))
    for question in answer.questions:
        output.print(Text(f"  待核：{question}", style="yellow"))
    for notice in answer.notices:
        output.print(Text(f"  提示：{notice}", style="dim"))
    output.print()


def _grounds(answer: Triaged) -> list[str]:
    """The evidence for the first lead: that is what a clerk checks first; the file output has all of it."""
    if not answer.lead:
        return []
    first = answer.lead[0].unit
    return [f"{first}：{item.text}" for item in answer.evidence if item.unit == first][:4]
