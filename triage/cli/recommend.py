"""``triage recommend``: suggestions in, advice out."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Annotated

import typer

from triage.cli import screen
from triage.cli.office import precheck_of
from triage.cli.screen import Form
from triage.errors import InputError
from triage.records import Suggestion


def recommend(
    model: Annotated[Path, typer.Option("--model", help="The bundle folder, or a registry of bundles.")],
    texts: Annotated[
        list[str] | None, typer.Argument(metavar="[TEXT]...", help="Texts to triage, one an argument.")
    ] = None,
    source: Annotated[Path | None, typer.Option("--input", help="A csv, xlsx or jsonl file of suggestions.")] = None,
    output: Annotated[Path | None, typer.Option("--output", help="Write to a .jsonl, .csv or .xlsx file.")] = None,
    form: Annotated[
        Form | None,
        typer.Option("--format", help="Without --output: text for readers, jsonl for programs. Default: by terminal."),
    ] = None,
    history: Annotated[
        Path | None, typer.Option("--history", help="Earlier texts: an index file, or a csv, xlsx or jsonl file.")
    ] = None,
    catalogue: Annotated[
        Path | None,
        typer.Option("--catalogue", help="A catalogue folder: also tell whose ground, which level and committee."),
    ] = None,
    encoder: Annotated[Path | None, typer.Option("--encoder", help="The sentence encoder's folder.")] = None,
) -> None:
    """Say for each suggestion the topic, the lead, the helpers, how sure, why, and what it repeats."""
    from triage.cli import history as past
    from triage.datasets import read_suggestions
    from triage.duplicates.sheets import conflicts_sheet, merges_sheet
    from triage.results import json_line, write_results
    from triage.triager import Triager

    screen.check_targets((output,), (source, history))
    suggestions = read_suggestions(source) if source is not None else []
    suggestions += _given(texts or [], {suggestion.id for suggestion in suggestions})
    if not suggestions:
        raise InputError("nothing to triage: give texts as arguments or a file with --input.")
    precheck = precheck_of(catalogue) if catalogue is not None else None
    triager = Triager.load(model, encoder)
    sentence = past.sentence_of(triager.sentence, history, encoder) if history or len(suggestions) > 1 else None
    with screen.progress("triage") as tell, past.opened(history, sentence, tell) as index:
        done = triager.together(suggestions, history=index, sentence=sentence, precheck=precheck, progress=tell)
    if output is not None:
        leads = {answer.id: tuple(lead.unit for lead in answer.lead[:1]) for answer in done.answers}
        sheets = [merges_sheet(done.proposals, leads)] if done.proposals else []
        sheets += [conflicts_sheet(done.conflicts)] if done.conflicts else []
        write_results(output, suggestions, done.answers, sheets)
        screen.errors.print(f"{output}: {len(done.answers)} answers", markup=False)
        return
    for suggestion, answer in zip(suggestions, done.answers, strict=True):
        if screen.form_or_default(form) is Form.TEXT:
            screen.show(suggestion, answer)
        else:
            print(json_line(answer.to_dict()))


def _given(texts: list[str], taken: set[str]) -> list[Suggestion]:
    """The texts of the command line, under ids that no suggestion of the file has."""
    free = (name for number in count(1) if (name := f"text-{number}") not in taken)
    return [Suggestion(id=name, text=text) for text, name in zip(texts, free, strict=False)]
