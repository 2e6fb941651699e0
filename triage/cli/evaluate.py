"""``triage evaluate``: how good the answers are on cases that were not learned from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from triage.cli import screen
from triage.errors import InputError, StorageError

if TYPE_CHECKING:
    from datetime import date as Date

    from triage.learning.evaluation import Answers, Make, Terms
    from triage.records import Case

Tell = Callable[[str, float], None]

SHARE, FOLDS, ACCURACY = 0.25, 5, 0.9


class By(StrEnum):
    """How the cases are divided into known and asked."""

    TIME = "time"
    FOLDS = "folds"


class Language(StrEnum):
    """The language of the Markdown and HTML reports."""

    ZH = "zh"
    EN = "en"


Handled = Annotated[Path, typer.Argument(help="Handled cases; with --model, later than those it was trained on.")]
Bundle = Annotated[Path | None, typer.Option("--model", help="Ask this bundle about all of CASES.")]
Way = Annotated[
    By | None, typer.Option("--by", help="Train here: on the past (time), or on all folds but one (folds).")
]
Start = Annotated[str | None, typer.Option("--from", help="With --by time: the first day that is asked about.")]
Share = Annotated[float | None, typer.Option("--share", help="With --by time: the latest part, which is asked. 0.25.")]
Folds = Annotated[int | None, typer.Option("--folds", help="With --by folds: how many. 5.")]
Catalogue = Annotated[Path | None, typer.Option("--catalogue", help="With --by: train with this catalogue folder.")]
Units = Annotated[Path | None, typer.Option("--units", help="With --by: a file of unit names, one a row.")]
Accuracy = Annotated[float | None, typer.Option("--accuracy", help="With --by: what “suggest” promises. 0.9.")]
Encoder = Annotated[Path | None, typer.Option("--encoder", help="The sentence encoder's folder.")]
NoEncoder = Annotated[bool, typer.Option("--no-encoder", help="With --by: train on wording only.")]
Output = Annotated[Path | None, typer.Option("--output", help="Write the whole report as JSON.")]
Markdown = Annotated[Path | None, typer.Option("--markdown", help="Write it as Markdown.")]
Page = Annotated[Path | None, typer.Option("--html", help="Write it as one HTML page with pictures.")]
Spoken = Annotated[Language, typer.Option("--language", help="Of Markdown and HTML: zh or en.")]
ReturnCost = Annotated[float, typer.Option("--return-cost", help="What a returned suggestion costs.")]
ChoiceCost = Annotated[float, typer.Option("--choice-cost", help="What a clerk's choice among five costs.")]
SearchCost = Annotated[float, typer.Option("--search-cost", help="Added where the right unit is not among the five.")]
ClerkErrors = Annotated[float, typer.Option("--clerk-errors", help="The share of clerks' choices that come back, too.")]
Seed = Annotated[int, typer.Option("--seed", help="Of the folds and of what is drawn for the ranges.", min=0)]


def evaluate(  # noqa: PLR0913 - an option each
    cases: Handled,
    model: Bundle = None,
    by: Way = None,
    start: Start = None,
    share: Share = None,
    folds: Folds = None,
    catalogue: Catalogue = None,
    units: Units = None,
    accuracy: Accuracy = None,
    encoder: Encoder = None,
    no_encoder: NoEncoder = False,
    output: Output = None,
    markdown: Markdown = None,
    html: Page = None,
    language: Spoken = Language.ZH,
    return_cost: ReturnCost = 10.0,
    choice_cost: ChoiceCost = 1.0,
    search_cost: SearchCost = 3.0,
    clerk_errors: ClerkErrors = 0.0,
    seed: Seed = 0,
) -> None:
    """Score answers: lead, helpers, topics, calibration, the promise, returns, each unit, the worst mistakes.

    Either --model, on cases that the bundle has not learned from, or --by, which trains on a part and asks the rest.
    """
    _check_way(model, by)
    _check_options("--by time", by is By.TIME, {"--from": start, "--share": share})
    _check_options("--by folds", by is By.FOLDS, {"--folds": folds})
    trained = {"--catalogue": catalogue, "--units": units, "--accuracy": accuracy, "--no-encoder": no_encoder or None}
    _check_options("--by", by is not None, trained)
    _check_files((output, markdown, html), (cases, units))
    from triage.cli.cases import handled_cases
    from triage.cli.history import day
    from triage.learning.evaluation import Costs, Terms

    terms = Terms(Costs(return_cost, choice_cost, search_cost, clerk_errors), seed)
    first = day("--from", start)
    if first is not None and share is not None:
        raise InputError("--from and --share both say where the asked period starts. Give one of them.")
    if html is not None:
        from triage.learning.evaluation.page import check_page

        check_page()
    history = handled_cases(cases, required=())
    if model is not None:
        report = _of_bundle(model, encoder, history, terms)
    else:
        given = _Given(
            catalogue, units, screen.encoder_or_warning(encoder, no_encoder), ACCURACY if accuracy is None else accuracy
        )
        with given.make() as make:
            report = (
                _by_time(make, history, terms, first, SHARE if share is None else share)
                if by is By.TIME
                else _by_folds(make, history, terms, FOLDS if folds is None else folds)
            )
    report["about"]["file"] = {"name": cases.name, "sha256": hashlib.sha256(cases.read_bytes()).hexdigest()}
    _write(report, output, markdown, html, language)
    _show(report)


def _check_way(model: Path | None, by: By | None) -> None:
    if (model is None) == (by is None):
        met = "both --model and --by" if model else "neither --model nor --by"
        raise InputError(
            f"{met} given: --model asks a bundle about cases that it has not learned from, --by time or --by folds "
            "trains here on a part of the cases. Give one of them."
        )


def _check_options(way: str, chosen: bool, options: Mapping[str, object]) -> None:
    """Raise InputError for an option that says nothing in this way of asking: a figure would not be what it seems."""
    given = [name for name, value in options.items() if value is not None]
    if given and not chosen:
        raise InputError(f"{', '.join(given)} can only be given with {way}.")


def _check_files(written: Sequence[Path | None], read: Sequence[Path | None]) -> None:
    """Raise before any work is done: InputError for a file named twice, StorageError where there is no such folder."""
    taken = [path.resolve() for path in read if path is not None]
    for path in written:
        if path is None:
            continue
        if path.resolve() in taken:
            raise InputError(f"{path}: is also named as another file of this command. Give the report its own name.")
        if path.is_dir() or not path.parent.is_dir():
            raise StorageError(f"{path}: {'is a folder' if path.is_dir() else 'there is no such folder'}.")
        taken.append(path.resolve())


@dataclass(frozen=True)
class _Given:
    """What models are trained with, beside the cases."""

    catalogue: Path | None
    units: Path | None
    encoder: Path | None
    accuracy: float

    @contextmanager
    def make(self) -> Iterator[Make]:
        """`Triager.train` with all of it; a text that several folds share is encoded once."""
        from triage.catalogue import load_catalogue
        from triage.datasets import read_names
        from triage.triager import Triager

        names = read_names(self.units) if self.units is not None else []
        catalogue = load_catalogue(self.catalogue) if self.catalogue is not None else None
        with TemporaryDirectory(prefix="triage-") as folder:
            cache = Path(folder) / "vectors"

            def make(known: Sequence[Case], progress: Tell) -> Answers:
                return Triager.train(
                    known,
                    catalogue=catalogue,
                    units=names,
                    encoder=self.encoder,
                    cache=cache if self.encoder is not None else None,
                    accuracy=self.accuracy,
                    progress=progress,
                )

            yield make


def _of_bundle(model: Path, encoder: Path | None, history: Sequence[Case], terms: Terms) -> dict[str, Any]:
    from triage.learning.evaluation import evaluate as score
    from triage.triager import Triager

    triager = Triager.load(model, encoder)
    with screen.progress("evaluating") as tell:
        return score(triager, history, tell, terms=terms)


def _by_time(make: Make, history: Sequence[Case], terms: Terms, start: Date | None, share: float) -> dict[str, Any]:
    from triage.learning.evaluation import evaluate_by_time

    with screen.progress("evaluating") as tell:
        return evaluate_by_time(make, history, tell, share=share, start=start, terms=terms)


def _by_folds(make: Make, history: Sequence[Case], terms: Terms, folds: int) -> dict[str, Any]:
    from triage.learning.evaluation import evaluate_by_folds

    with screen.progress("evaluating") as tell:
        return evaluate_by_folds(make, history, tell, folds=folds, terms=terms)


def _write(
    report: dict[str, Any], output: Path | None, markdown: Path | None, html: Path | None, language: Language
) -> None:
    from triage.learning.evaluation import write_json
    from triage.learning.evaluation.markdown import write_markdown
    from triage.learning.evaluation.page import write_page

    if output is not None:
        write_json(report, output)
    if markdown is not None:
        write_markdown(report, markdown, language)
    if html is not None:
        write_page(report, html, language)
    for path in (output, markdown, html):
        if path is not None:
            screen.errors.print(f"{path}: written", markup=False)


def _show(report: dict[str, Any]) -> None:
    from triage.learning.evaluation.phrases import Phrases
    from triage.learning.evaluation.sections import verdict

    say = Phrases("en")
    table = Table("measure", "value", "95 % range", title=f"{report['cases']} cases")
    for name, value in report["figures"].items():
        interval = report["intervals"].get(name)
        ranged = f"{interval[0]:.4f} – {interval[1]:.4f}" if interval else ""
        table.add_row(name, f"{value:.4f}" if isinstance(value, float) else str(value), ranged)
    screen.output.print(table)
    if report["units"]:
        units = Table("unit", "cases", "right first", "within five", title="leads with most cases")
        for row in report["units"][:15]:
            units.add_row(row["unit"], str(row["cases"]), f"{row['top_1']:.0%}", f"{row['top_5']:.0%}")
        screen.output.print(units)
    if report["confusion"]["pairs"]:
        pairs = Table("right", "answered", "cases", "surprise", title="who is mistaken for whom")
        for pair in report["confusion"]["pairs"][:10]:
            pairs.add_row(pair["right"], pair["answered"], str(pair["count"]), f"{pair['surprise']:.1f}")
        screen.output.print(pairs)
    if report["mistakes"]:
        wrong = Table("case", "right", "answered", "score", title="surest mistakes")
        for row in report["mistakes"][:10]:
            wrong.add_row(row["id"], "；".join(row["right"]), row["answered"], f"{row['score']:.0%}")
        screen.output.print(wrong)
    if report["promise"]:
        screen.output.print(verdict(report, say), markup=False)
    for notice in report["notices"]:
        if notice["code"] != "names.unknown":  # told below, by name
            screen.warn(say.notice(notice))
    if report["unknown"]:
        screen.warn(
            f"{len(report['unknown'])} names are not known to a model and count as missed: "
            f"{'、'.join(report['unknown'][:10])}"
        )
