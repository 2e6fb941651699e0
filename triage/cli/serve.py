"""``triage serve``: answer over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from triage.errors import InputError


def serve(
    model: Annotated[Path, typer.Option("--model", help="The bundle folder, or a registry of bundles.")],
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
) -> None:
    """Serve the bundle under /v1; prints the address and a ready curl."""
    try:
        from service.serve import serve as run
    except ModuleNotFoundError as error:
        raise InputError(
            f"the service needs the package {error.name}. Run `pip install 'suggestion-triage[service]'`."
        ) from error
    run(model, host, port, encoder, index=index, catalogue=catalogue)
