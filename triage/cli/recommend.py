"""``triage recommend``: suggestions in, advice out."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from triage.cli import screen
from triage.errors import InputError
from triage.records import Suggestion, Triaged

CHUNK = 64


class Form(StrEnum):
    """How answers are printed: for a reader, or one JSON object a line."""

    TEXT = "text"
    JSONL = "jsonl"


def recommend(
    model: Annotated[Path, typer.Option("--model", help="The bundle folder.")],
    texts: Annotated[
        list[str] | None, typer.Argument(metavar="[TEXT]...", help="Texts to triage, one an argument.")
    ] = None,
    source: Annotated[Path | None, typer.Option("--input", help="A csv, xlsx or jsonl file of suggestions.")] = None,
    output: Annotated[Path | None, typer.Option("--output", help="Write to a .jsonl, .csv or .xlsx file.")] = None,
    form: Annotated[
        Form | None,
        typer.Option("--format", help="Without --output: text for readers, jsonl for programs. Default: by terminal."),
    ] = None,
    encoder: Annotated[Path | None, typer.Option("--encoder", help="The sentence encoder's folder.")] = None,
) -> None:
    """Say for each suggestion the topic, the lead, the helpers, how sure, and why."""
    from triage.datasets import read_suggestions
    from triage.results import check_target, write_results
    from triage.triager import Triager

    if output is not None:
        check_target(output)
    suggestions = read_suggestions(source) if source is not None else []
    suggestions += [Suggestion(id=f"text-{number}", text=text) for number, text in enumerate(texts or [], start=1)]
    if not suggestions:
        raise InputError("nothing to triage: give texts as arguments or a file with --input.")
    triager = Triager.load(model, encoder)
    answers: list[Triaged] = []
    with screen.progress("triage") as tell:
        for start in range(0, len(suggestions), CHUNK):
            answers += triager.triage(suggestions[start : start + CHUNK])
            tell(f"{len(suggestions)} suggestions", len(answers) / len(suggestions))
    if output is not None:
        write_results(output, suggestions, answers)
        screen.errors.print(f"{output}: {len(answers)} answers", markup=False)
        return
    for suggestion, answer in zip(suggestions, answers, strict=True):
        if (form or (Form.TEXT if sys.stdout.isatty() else Form.JSONL)) is Form.TEXT:
            screen.show(suggestion, answer)
        else:
            print(json.dumps(answer.to_dict(), ensure_ascii=False))
