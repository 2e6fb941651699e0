"""``triage precedents``: the handled cases that help most with each new text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from triage.cli import screen
from triage.cli.screen import Form
from triage.sheets import likely

CHUNK = 64


def precedents(
    file: Annotated[Path, typer.Argument(help="A csv, xlsx or jsonl file of suggestions.")],
    model: Annotated[Path, typer.Option("--model", help="The bundle folder, or a registry of bundles.")],
    history: Annotated[
        Path, typer.Option("--history", help="Handled cases: an index file, or a csv, xlsx or jsonl file.")
    ],
    output: Annotated[Path | None, typer.Option("--output", help="Write to a .jsonl, .csv or .xlsx file.")] = None,
    form: Annotated[
        Form | None,
        typer.Option("--format", help="Without --output: text for readers, jsonl for programs. Default: by terminal."),
    ] = None,
    most: Annotated[int, typer.Option("--most", help="Cases for each text.", min=1, max=40)] = 5,
    encoder: Annotated[Path | None, typer.Option("--encoder", help="The sentence encoder's folder.")] = None,
) -> None:
    """Show for each text how the same matter, and the same duty, was handled: units, outcome, reply."""
    from triage.cli import history as past
    from triage.datasets import read_suggestions
    from triage.duplicates.sheets import called, precedents_sheet
    from triage.results import json_line, write_file
    from triage.triager import Triager

    screen.check_targets((output,), (file, history))
    shown = None if output is not None else screen.form_or_default(form)
    suggestions = read_suggestions(file)
    triager = Triager.load(model, encoder)
    sentence = past.sentence_of(triager.sentence, history, encoder)
    found = []
    with screen.progress("precedents") as tell, past.opened(history, sentence, tell) as index:
        assert index is not None  # noqa: S101 - it is named
        for start in range(0, len(suggestions), CHUNK):
            found += triager.precedents(suggestions[start : start + CHUNK], index, most=most)
            tell("comparing", len(found) / len(suggestions))
    lines = [
        {"id": mine.id, "precedents": [case.to_dict() for case in cases]}
        for mine, cases in zip(suggestions, found, strict=True)
    ]
    if output is not None:
        write_file(output, lines, [precedents_sheet(suggestions, found)])
        screen.errors.print(f"{output}: {len(lines)} texts", markup=False)
    elif shown is Form.JSONL:
        for line in lines:
            print(json_line(line))
    else:
        for mine, cases in zip(suggestions, found, strict=True):
            screen.output.print(Text.assemble((f"【{mine.id}】", "bold cyan"), (called(mine), "bold")))
            for case in cases:
                screen.output.print(Text(f"  {case.id}《{case.title}》{likely(case.score)}　{case.text}"))
            screen.output.print()
