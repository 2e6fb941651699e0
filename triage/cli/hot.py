"""``triage hot``: what many texts of a file ask for."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from triage.cli import screen
from triage.cli.screen import Form
from triage.errors import InputError
from triage.results import json_line, write_file

if TYPE_CHECKING:
    from triage.duplicates.hot import HotTopics

PERIODS = ("week", "month", "quarter", "year")


def hot(  # noqa: PLR0913 - an option each
    file: Annotated[Path, typer.Argument(help="A csv, xlsx or jsonl file of suggestions, of several periods at best.")],
    output: Annotated[Path | None, typer.Option("--output", help="Write to a .jsonl, .csv or .xlsx file.")] = None,
    picture: Annotated[Path | None, typer.Option("--picture", help="Draw into an .svg or .png file.")] = None,
    form: Annotated[
        Form | None,
        typer.Option("--format", help="Without --output: text for readers, jsonl for programs. Default: by terminal."),
    ] = None,
    period: Annotated[
        str | None, typer.Option("--period", help="Length of the period: week, month, quarter, year, or days.")
    ] = None,
    since: Annotated[str | None, typer.Option("--since", help="The first day of the period.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="The last day. Default: the last date there is.")] = None,
    least: Annotated[int, typer.Option("--least", help="Texts that make a hot topic.", min=2)] = 3,
    encoder: Annotated[Path | None, typer.Option("--encoder", help="The sentence encoder's folder.")] = None,
    no_encoder: Annotated[bool, typer.Option("--no-encoder", help="Compare wording only.")] = False,
) -> None:
    """List what many ask for: how many, growth against the period before, places, sources, whom to read first."""
    from triage.cli import history as past
    from triage.datasets import read_cases
    from triage.duplicates.batch import Batch
    from triage.duplicates.picture import check_picture, write_picture
    from triage.duplicates.sheets import hot_sheets

    screen.check_targets((output,), (file,))
    if picture is not None:
        check_picture(picture)
    shown = None if output is not None else screen.form_or_default(form)
    first, last, length = past.day("--since", since), past.day("--until", until), _length(period)
    cases = read_cases(file, required=())
    sentence = past.sentence_encoder(encoder, no_encoder)
    with (
        screen.progress("hot") as tell,
        closing(Batch(cases, sentence=sentence, progress=past.steps(tell, f"reading {file.name}"))) as batch,
    ):
        tell("comparing", 0.0)
        topics = batch.hot(least=least, since=first, until=last, period=length)
        tell("comparing", 1.0)
    if output is not None:
        write_file(output, (topic.to_dict() for topic in topics), hot_sheets(topics))
        screen.errors.print(f"{output}: {len(topics)} topics", markup=False)
    if picture is not None:
        write_picture(topics, picture)
        screen.errors.print(f"{picture}: drawn", markup=False)
    if shown is Form.TEXT:
        _show(topics)
        return
    for notice in topics.notices:
        screen.errors.print(notice, markup=False)
    if shown is Form.JSONL:
        for topic in topics:
            print(json_line(topic.to_dict()))


def _length(period: str | None) -> str | int | None:
    if period is None or period in PERIODS:
        return period
    # int() also takes other scripts' digits, blanks and underlines.
    if not (period.isascii() and period.isdigit() and 0 < int(period[:9]) < 1_000_000):
        raise InputError(f"--period is {period!r}; allowed are {', '.join(PERIODS)} or a number of days.")
    return int(period[:9])


def _show(topics: HotTopics) -> None:
    when = f"{topics.since} 至 {topics.until}，" if topics.since and topics.until else ""
    screen.output.print(Text(f"{when}{topics.texts}件，其中{topics.alone}件不属于任何热点。", style="dim"))
    for topic in topics:
        line = Text.assemble((topic.name, "bold"), f"　{topic.size}件")
        if topic.change:
            line.append(f"　{topic.change}", style="red" if topic.rising else "dim")
        screen.output.print(line)
        for label, counts in (("地点", topic.places[:6]), ("来源", topic.sources)):
            if counts:
                screen.output.print(Text(f"  {label}：{'、'.join(f'{name} {count}' for name, count in counts)}"))
        for one, title in zip(topic.representatives, topic.titles, strict=True):
            screen.output.print(Text(f"  代表：{one}{f'《{title}》' if title else ''}"))
    for notice in topics.notices:
        screen.output.print(Text(notice, style="yellow"))
