"""``triage serve``: answer over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from triage.errors import InputError


def serve(  # noqa: PLR0913 - an option each
    model: Annotated[Path | None, typer.Option("--model", help="The bundle folder, or a registry of bundles.")] = None,
    host: Annotated[str | None, typer.Option("--host", help="The address to listen on. Default: 127.0.0.1.")] = None,
    port: Annotated[
        int | None, typer.Option("--port", help="The port to listen on. Default: 8000.", min=0, max=65535)
    ] = None,
    encoder: Annotated[Path | None, typer.Option("--encoder", help="The sentence encoder's folder.")] = None,
    index: Annotated[
        Path | None, typer.Option("--index", help="A duplicate index: what texts repeat, and their precedents.")
    ] = None,
    catalogue: Annotated[
        Path | None, typer.Option("--catalogue", help="A catalogue folder: the office's settings and rules.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="The memory's folder; made if it is not there. Without it: no memory.")
    ] = None,
    database: Annotated[
        str | None, typer.Option("--database", help="The database's URL, instead of a file in the memory's folder.")
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option("--processes", help="Processes that serve from one copy of the model. Default: 1.", min=1, max=64),
    ] = None,
    config: Annotated[Path | None, typer.Option("--config", help="A file of settings, as TOML.")] = None,
    stateless: Annotated[
        bool, typer.Option("--stateless", help="Remember nothing, whatever is set elsewhere.")
    ] = False,
    demo: Annotated[bool, typer.Option("--demo", help="Put demo data and a ready key into the memory.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Check what is set, and start nothing.")] = False,
) -> None:
    """Serve the bundle under /v1; prints the address and a ready curl."""
    try:
        from service.serve import check as run_check
        from service.serve import serve as run
    except ModuleNotFoundError as error:
        raise InputError(
            f"the service needs the package {error.name}. Run `pip install 'suggestion-triage[service]'`."
        ) from error
    more: dict[str, Any] = {
        "index": index,
        "catalogue": catalogue,
        "data": data,
        "database": database,
        "processes": processes,
    }
    more |= {"config": config, "stateless": stateless or None}
    if check:
        if not run_check(model, host, port, encoder, **more):
            raise typer.Exit(1)
        return
    run(model, host, port, encoder, demo=demo, **more)
