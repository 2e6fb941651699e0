"""Chromium 119 of October 2023, the oldest browser that the page must work in: every view opens, nothing complains."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from benchmarks.page.browsing import browser, show

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.conftest import Opened

PROGRAM = Path(__file__).resolve().parents[2] / "build" / "oldest" / "browser" / "chromium"
VIEWS = ("one", "batch", "list", "groups", "office", "model", "catalogue", "help")

# It exists for one kind of machine; there CI fetches it, and fails where it cannot.
pytestmark = [
    pytest.mark.machine,
    pytest.mark.skipif((sys.platform, platform.machine()) != ("linux", "x86_64"), reason="it is for Linux on x86-64"),
    pytest.mark.skipif(not PROGRAM.is_file(), reason="no Chromium 119: run `make oldest-browser`"),
]


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The old one in place of the system's."""
    with browser(PROGRAM, tmp_path_factory.mktemp("browser")) as started:
        assert started.version.startswith("119.")
        yield started


def test_every_view_opens_in_it(opened: Opened) -> None:
    page = opened()
    for view in VIEWS:
        show(page, f"#/{view}")
        expect(page.locator(f"main.view-{view} h1")).to_have_count(1)
        page.wait_for_load_state("networkidle")
