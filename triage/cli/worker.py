"""``triage worker``: do the work beside the requests on a machine that does nothing else."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from triage.cli import screen
from triage.errors import InputError

if TYPE_CHECKING:
    from service.settings import Settings


def worker(
    model: Annotated[Path | None, typer.Option("--model", help="The bundle folder, or a registry of bundles.")] = None,
    encoder: Annotated[Path | None, typer.Option("--encoder", help="The sentence encoder's folder.")] = None,
    index: Annotated[Path | None, typer.Option("--index", help="A duplicate index that is asked.")] = None,
    catalogue: Annotated[
        Path | None, typer.Option("--catalogue", help="A catalogue folder: the office's settings and rules.")
    ] = None,
    data: Annotated[Path | None, typer.Option("--data", help="The memory's folder, on this machine.")] = None,
    database: Annotated[
        str | None, typer.Option("--database", help="The database's URL, instead of a file in the memory's folder.")
    ] = None,
) -> None:
    """Do jobs, send webhooks and keep the index, for a `triage serve` with the same memory. SIGTERM stops it."""
    try:
        from service.jobs.worker import Worker
        from service.logs import set_up_logs
        from service.settings import Settings
    except ModuleNotFoundError as error:
        raise InputError(
            f"the worker needs the package {error.name}. Run `pip install 'suggestion-triage[service]'`."
        ) from error
    named: dict[str, Any] = {"model": model, "encoder": encoder, "index": index, "catalogue": catalogue}
    settings = Settings.from_environment(None, data=data, database=database, **named)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    set_up_logs()
    store, duties = _prepared(settings)
    screen.output.print(f"The worker is ready: {', '.join(duty.name for duty in duties)}. Ctrl-C stops it.")
    try:
        Worker(duties).run(stop)
    finally:
        store.close()


def _prepared(settings: Settings) -> tuple[Any, list[Any]]:
    """The memory, its tables up to date, and the duties. Raises InputError, StoreError, BundleError and its kinds."""
    from service.jobs.duties import duties_of
    from service.served.model import ServedModel
    from service.store.migrate import upgrade
    from service.store.store import Store

    if not settings.database_url:
        raise InputError("no memory is named. Give --data its folder or --database its URL, as `triage serve` has it.")
    store = Store(settings.database_url)
    try:
        upgrade(store)
        served = ServedModel()
        served.open(settings, store)
        return store, duties_of(settings, store, served)
    except BaseException:
        store.close()
        raise
