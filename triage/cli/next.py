"""``triage next``: which texts to label next."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from triage.cli import screen


def next_texts(
    file: Annotated[Path, typer.Argument(help="Unlabelled texts, csv, xlsx or jsonl.")],
    model: Annotated[Path, typer.Option("--model", help="The bundle folder, or a registry of bundles.")],
    out: Annotated[Path, typer.Option("--out", help="The sheet to fill in: .xlsx, or .csv or .jsonl without lists.")],
    most: Annotated[int, typer.Option("--most", help="How many texts.", min=1)] = 50,
    seed: Annotated[int, typer.Option("--seed", help="Decides which texts are drawn by chance.", min=0)] = 0,
    encoder: Annotated[Path | None, typer.Option("--encoder", help="The sentence encoder's folder.")] = None,
) -> None:
    """Choose the texts whose labels teach the model most, and write a sheet that `triage train` reads back."""
    from triage.datasets import read_suggestions
    from triage.learning.labelling.choose import choose
    from triage.learning.labelling.sheet import label_sheets, records
    from triage.results import write_file
    from triage.triager import Triager

    screen.check_targets((out,), (file,))
    suggestions = read_suggestions(file)
    triager = Triager.load(model, encoder)
    with screen.progress("next") as tell:
        selection = choose(triager.model, triager.sentence, suggestions, most, seed=seed, progress=tell)
    write_file(out, records(suggestions, selection), label_sheets(triager.model, suggestions, selection))
    drawn = sum(choice.random for choice in selection.choices)
    screen.output.print(
        f"{out}: {len(selection.choices)} of {selection.texts} texts, {drawn} of them drawn by chance", markup=False
    )
    left = {
        "cannot be read": selection.unreadable,
        "confidential": selection.confidential,
        "repeat cases that the bundle knows": selection.handled,
        "repeat another text of the file": selection.copies,
    }
    if any(left.values()):
        screen.output.print("left aside: " + ", ".join(f"{count} {what}" for what, count in left.items() if count))
    screen.output.print(f"fill in 主办单位 (会办单位, 类别), then: triage train CASES {out} --out NEW", markup=False)
