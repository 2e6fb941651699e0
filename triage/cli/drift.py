"""``triage drift``: whether recent texts are still like those that the bundle knows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from triage.cli import screen
from triage.errors import InputError

if TYPE_CHECKING:
    from triage.learning.drift.report import DriftReport

STYLES = {"none": "bold green", "attend": "bold yellow", "retrain": "bold red", "unknown": "bold"}
ROWS, WORDS = 8, 12


def drift(  # noqa: PLR0913 - an option each
    file: Annotated[Path, typer.Argument(help="Recent texts, csv, xlsx or jsonl; they need no units.")],
    model: Annotated[Path, typer.Option("--model", help="The bundle folder, or a registry of bundles.")],
    reference: Annotated[
        Path | None, typer.Option("--reference", help="Earlier texts to compare with. Without it: the bundle's cases.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", help="Write the whole report as JSON.")] = None,
    to_markdown: Annotated[Path | None, typer.Option("--markdown", help="Write it as Markdown.")] = None,
    to_html: Annotated[Path | None, typer.Option("--html", help="Write it as one HTML page.")] = None,
    picture: Annotated[Path | None, typer.Option("--picture", help="Draw topics, units and certainty, .svg.")] = None,
    encoder: Annotated[Path | None, typer.Option("--encoder", help="The sentence encoder's folder.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Decides the permutations.", min=0)] = 0,
) -> None:
    """Compare topics, units, sources, wording and certainty with the past: no change, attend to it, or train again."""
    from triage.datasets import read_suggestions
    from triage.learning.drift.html import html
    from triage.learning.drift.measure import drift as measured
    from triage.learning.drift.picture import picture as drawn
    from triage.learning.drift.report import markdown
    from triage.results import replace_file
    from triage.triager import Triager

    taken: list[Path | None] = [file, reference]
    targets = ((output, ".json"), (to_markdown, ".md"), (to_html, ".html"), (picture, ".svg"))
    for path, ending in targets:
        _check(path, ending, taken)
        taken.append(path)
    new = read_suggestions(file)
    earlier = read_suggestions(reference) if reference is not None else None
    triager = Triager.load(model, encoder)
    with screen.progress("drift") as tell:
        report = measured(
            triager.model,
            triager.sentence,
            new,
            reference=earlier,
            name=str(triager.card["model"]),
            seed=seed,
            progress=tell,
        )
    for (path, _), way in zip(targets, (_json, markdown, html, drawn), strict=True):
        if path is not None:
            replace_file(path, way(report).encode("utf-8", "replace"))
            screen.errors.print(f"{path}: written", markup=False)
    _show(report)


def _json(report: DriftReport) -> str:
    return json.dumps(report.to_dict(), ensure_ascii=False, indent=1) + "\n"


def _check(path: Path | None, ending: str, others: Sequence[Path | None]) -> None:
    """Raise InputError, before any work is done, for another ending and for a file that is named twice."""
    if path is None:
        return
    if path.suffix.lower() != ending:
        raise InputError(f"{path}: ending {path.suffix!r} cannot be written here; allowed is {ending}.")
    if any(other is not None and path.absolute() == other.absolute() for other in others):
        raise InputError(f"{path}: is also named as another file of this command. Give the output its own name.")


def _show(report: DriftReport) -> None:
    from triage.learning.drift.report import VERDICTS

    chinese, english = VERDICTS[report.verdict]
    screen.output.print(Text.assemble((chinese, STYLES[report.verdict.value]), f"　{english}"))
    past, new = report.past["texts"], report.new["texts"]
    unreadable = f"，另有 {report.new['unreadable']} 件无法阅读" if report.new["unreadable"] else ""
    screen.output.print(Text(f"新文本 {new} 件{unreadable}；对照：{report.reference} {past} 件", style="dim"))
    for one in report.findings:
        screen.output.print(Text.assemble((f"  {VERDICTS[one.level][0]}　", STYLES[one.level.value]), one.chinese))
        screen.output.print(Text(f"    做法：{one.advice}"))
    if report.accuracy is not None:
        found = report.accuracy
        screen.output.print(
            Text(
                f"  首选单位预计正确率 {found.expected:.0%}（95% 区间 {found.low:.0%}–{found.high:.0%}），"
                f"训练时留出检验为 {found.past:.0%}"
            )
        )
    for title, rows in (("类别", report.topics), ("主办单位", report.units), ("来源", report.sources)):
        changed = [row for row in rows if row.real][:ROWS]
        if changed:
            table = Table(title, "以往", "现在", "p", title_justify="left")
            for row in changed:
                table.add_row(row.name, f"{row.past_share:.1%}", f"{row.new_share:.1%}", f"{row.p:.4f}")
            screen.output.print(table)
    if report.words:
        words = "、".join(f"{one.word} {one.past}→{one.now}" for one in report.words[:WORDS])
        more = f" 等 {len(report.words)} 个" if len(report.words) > WORDS else ""
        screen.output.print(Text(f"  新出现或明显增多：{words}{more}"))
    for notice in report.notices:
        screen.output.print(Text(f"  提示：{notice}", style="yellow"))
