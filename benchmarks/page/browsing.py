"""A browser that is there, the fonts it draws with, and everything it complains about."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, WebError

NAMES = ("chromium", "chromium-browser", "google-chrome")
NAMED = "TRIAGE_CHROMIUM"
MISSING = f"no Chromium: install it (on Debian `apt-get install chromium`) or name its program in {NAMED}"
VIEWPORT = {"width": 1366, "height": 768}
"""The screen of an office."""
ZOOM = 1.25
FONTS = "pylopdf_fonts_zh_cn"  # Noto Sans SC and Noto Serif SC, SIL Open Font License 1.1
FONTS_CONF = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <alias><family>serif</family><prefer><family>Noto Serif SC</family></prefer></alias>
  <alias><family>sans-serif</family><prefer><family>Noto Sans SC</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>Noto Sans SC</family></prefer></alias>
  <alias><family>system-ui</family><prefer><family>Noto Sans SC</family></prefer></alias>
</fontconfig>
"""


def chromium() -> Path | None:
    """The browser's program: the one that TRIAGE_CHROMIUM names, or the system's."""
    if named := os.environ.get(NAMED):
        return Path(named)
    return next((Path(found) for name in NAMES if (found := shutil.which(name))), None)


def fonts(folder: Path) -> dict[str, str]:
    """The environment in which a browser draws Chinese and Latin with one font, whatever the machine has. The
    configuration and its cache are put into `folder`.
    """
    spec = find_spec(FONTS)
    if spec is None or spec.origin is None:
        return {}
    file = folder / "fonts.conf"
    file.write_text(FONTS_CONF.format(fonts=Path(spec.origin).parent, cache=folder / "fonts"), encoding="utf-8")
    return {"FONTCONFIG_FILE": str(file)}


@contextmanager
def browser(program: Path, folder: Path) -> Iterator[Browser]:
    """A running browser without a window. `folder` takes what it writes. Nothing in it asks for another machine."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program,
            env={**os.environ, **fonts(folder)},
            args=[
                "--no-sandbox",  # a container's root cannot have one; only pages of ours are opened
                "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
                "--disable-component-update",
                "--font-render-hinting=none",
            ],
        )
        try:
            yield started
        finally:
            started.close()


def office(browser: Browser, **more: object) -> BrowserContext:
    """A browser as it stands in an office: small screen, 125 %, Chinese, Beijing time."""
    options: dict[str, object] = {"viewport": VIEWPORT, "device_scale_factor": ZOOM, "locale": "zh-CN"}
    options |= {"timezone_id": "Asia/Shanghai", "accept_downloads": True}
    return browser.new_context(**{**options, **more})  # type: ignore[arg-type]


class Watch:
    """Everything that goes wrong in a browser: messages in the console, exceptions, requests that fail or leave the
    service, violations of the content security policy (which the console tells). A passage of `allowed` is expected.
    """

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.address = address
        self.found: list[str] = []
        self._allowed: list[re.Pattern[str]] = []
        context.on("console", self._console)
        context.on("weberror", self._exception)
        context.on("request", self._request)
        context.on("requestfailed", self._failed)

    def allow(self, pattern: str) -> None:
        """What matches is expected from now on, and was until now."""
        self._allowed.append(re.compile(pattern))

    @property
    def complaints(self) -> list[str]:
        """What was found and not expected."""
        return [line for line in self.found if not any(pattern.search(line) for pattern in self._allowed)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning", "assert"}:
            self.found.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _exception(self, error: WebError) -> None:
        self.found.append(f"exception: {error.error}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.found.append(f"request to elsewhere: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page itself, which no longer needs the answer
            self.found.append(f"request failed: {request.method} {request.url}: {request.failure}")


def sign_in(page: Page, address: str, key: str, view: str = "#/one") -> None:
    """Open the page with a key, as the link in the terminal does, and go to a view."""
    page.goto(f"{address}/#key={key}")
    page.locator("header nav").wait_for()
    if view != "#/one":
        show(page, view)


def show(page: Page, view: str) -> None:
    """Go to a view and wait until it stands there."""
    page.evaluate("view => { location.hash = view }", view)
    name = view.removeprefix("#/").partition("/")[0].partition("?")[0]
    page.locator(f"main.view-{name}").wait_for()
    page.locator("main .starting").first.wait_for(state="detached")
