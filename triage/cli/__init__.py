"""The command line: ``triage --help``. What a command needs is imported when it runs, so that each starts at once."""

from __future__ import annotations

import logging
import sys
from typing import Annotated

import typer

from triage.cli import (
    areas,
    audit,
    backup,
    catalogue,
    check,
    drift,
    due,
    duplicates,
    encoder,
    evaluate,
    hot,
    index,
    keys,
    models,
    precedents,
    recommend,
    report,
    retention,
    serve,
    sheet,
    train,
    worker,
)
from triage.cli import next as chosen
from triage.errors import TriageError

app = typer.Typer(
    name="triage",
    help="Reads Chinese suggestions (建议、提案、来信) and tells topic, lead unit (主办), helpers (会办), and why.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("train")(train.train)
app.command("recommend")(recommend.recommend)
app.command("sheet")(sheet.sheet)
app.command("decided")(sheet.decided)
app.command("evaluate")(evaluate.evaluate)
app.command("drift")(drift.drift)
app.command("next")(chosen.next_texts)
app.command("duplicates")(duplicates.duplicates)
app.command("precedents")(precedents.precedents)
app.command("hot")(hot.hot)
app.command("check")(check.check)
app.command("due")(due.due)
app.command("report")(report.report)
app.command("serve")(serve.serve)
app.command("worker")(worker.worker)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("areas")(areas.areas)
app.add_typer(audit.app, name="audit")
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(encoder.app, name="encoder")
app.add_typer(index.app, name="index")
app.add_typer(keys.app, name="keys")
app.add_typer(retention.app, name="retention")
app.add_typer(models.app, name="models")


@app.callback()
def options(
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say more about what happens. Never a text.")
    ] = False,
) -> None:
    """Settings of every command."""
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, format="%(levelname)s: %(message)s")


def main() -> None:
    """Run the command line: an error that the user can mend is one message and exit code 2."""
    try:
        app()
    except TriageError as error:
        print(f"triage: {error}", file=sys.stderr)
        sys.exit(2)
