"""Fixtures of the tests in a real browser: a service with the demo data, Chromium, and who complains of what.

A browser and a service last for one file of tests: Playwright keeps an event loop in the thread, which would be in the
way of tests that start their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.page.browsing import MISSING, Watch, browser, chromium, office, sign_in
from benchmarks.page.serving import Served, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "service" / "page" / "vendor" / "lit-html" / "lit-html.js"
PATIENCE = 15_000
"""Milliseconds that a test waits for what a clerk sees: CI's machine does other work at the same time."""


@pytest.fixture(scope="session")
def chromium_program() -> Path:
    """The browser's program, and a page that can be opened with it."""
    if not LIBRARY.is_file():
        pytest.skip("the page lacks its library: run `make page` where a package registry answers")
    program = chromium()
    if program is None:
        pytest.skip(MISSING)
    return program


@pytest.fixture(scope="module")
def chrome(chromium_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A running browser."""
    from playwright.sync_api import expect

    expect.set_options(timeout=PATIENCE)
    with browser(chromium_program, tmp_path_factory.mktemp("browser")) as started:
        yield started


@pytest.fixture(scope="module")
def served(small_bundle: Path, chromium_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service with the demo data and a memory of its own."""
    assert chromium_program
    with serving(small_bundle, tmp_path_factory.mktemp("served")) as running:
        yield running


Opened = Callable[..., "Page"]


@pytest.fixture
def opened(chrome: Browser, served: Served) -> Iterator[Opened]:
    """Opens the page for a clerk: `opened()` with the demo's key, `opened(key="…", view="#/list")`, `opened(key=None)`
    signed out. `page.watch` allows what a test expects to go wrong; anything else fails the test at its end.
    """
    watches: list[Watch] = []
    contexts: list[BrowserContext] = []

    def open_page(key: str | None = "", view: str = "#/one", on: Served | None = None, **more: Any) -> Page:
        service = on or served
        context = office(chrome, **more)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        watches.append(Watch(context, service.address))
        page = context.new_page()
        page.watch = watches[-1]  # type: ignore[attr-defined]
        if key is None:
            watches[-1].allow(r"401 \(Unauthorized\) .*/v1/me\)")  # so the page learns that a key is needed
            page.goto(f"{service.address}/{view}")
        else:
            sign_in(page, service.address, key or service.key, view)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [line for watch in watches for line in watch.complaints] == []
