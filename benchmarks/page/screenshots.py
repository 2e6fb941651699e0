"""``python -m benchmarks.page.screenshots``: pictures of every view, as it stands on the screen and in print.

All go to ``build/screenshots``; a few, made small, to ``docs/pictures``, where the README shows them.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.page.browsing import MISSING, Watch, browser, chromium, office, show, sign_in
from benchmarks.page.filling import advise
from benchmarks.page.serving import Served, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
COLORS = 128
"""As many as a page of text needs; a picture of it is then a third as large."""
MOST_BYTES = 150_000

Act = Callable[["Page"], object]


def _nothing(page: Page) -> None:
    """The view as it opens."""


@dataclass(frozen=True)
class Picture:
    """A view to take, what a clerk does there before, and whether the README shows it."""

    name: str
    view: str
    act: Act = _nothing
    shown: bool = False


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit code."""
    from benchmarks.page.scenes import PICTURES

    parser = argparse.ArgumentParser(prog="python -m benchmarks.page.screenshots", description=__doc__)
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "starter", help="bundle that answers")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "screenshots", help="folder for all pictures")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs" / "pictures", help="folder for those of the README")
    wanted = parser.parse_args(arguments)
    program = chromium()
    if program is None:
        print(MISSING, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        with serving(wanted.model, scratch / "memory") as served, browser(program, scratch) as chrome:
            advise(served)
            complaints = [
                line for picture in PICTURES for line in take(chrome, served, picture, wanted.out, wanted.docs)
            ]
    for line in complaints:
        print(line, file=sys.stderr)
    return 1 if complaints else 0


def take(chrome: Browser, served: Served, picture: Picture, out: Path, docs: Path) -> list[str]:
    """Take one picture on the screen and in print. Returns what the browser complained of."""
    out.mkdir(parents=True, exist_ok=True)
    context = office(chrome)
    try:
        watch = Watch(context, served.address)
        page = context.new_page()
        sign_in(page, served.address, served.key)
        show(page, picture.view)
        page.wait_for_load_state("networkidle")
        picture.act(page)
        page.screenshot(path=out / f"{picture.name}-light.png")
        if picture.shown:
            docs.mkdir(parents=True, exist_ok=True)
            (docs / f"{picture.name}.png").write_bytes(small(page.screenshot(scale="css")))
        page.emulate_media(media="print")
        page.screenshot(path=out / f"{picture.name}-print.png", full_page=True)
        page.pdf(path=out / f"{picture.name}-print.pdf", format="A4", prefer_css_page_size=True)
        return [f"{picture.name}: {line}" for line in watch.complaints]
    finally:
        context.close()


def small(png: bytes) -> bytes:
    """The picture with fewer colours. Raises ValueError if it is still too large for a README."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as picture:
        fewer = picture.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
    made = io.BytesIO()
    fewer.save(made, format="PNG", optimize=True)
    if made.tell() > MOST_BYTES:
        raise ValueError(f"the picture has {made.tell()} bytes, {MOST_BYTES} are allowed")
    return made.getvalue()


if __name__ == "__main__":
    sys.exit(main())
