"""Accessibility: what axe-core finds in each view, on the screen and in print. WCAG 2.2 AA."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Opened

VIEWS = ("one", "batch", "list", "groups", "office", "model", "catalogue", "help")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
BAD = {"serious", "critical"}


def complaints(page: Page) -> list[str]:
    """What axe holds to be serious or critical: the rule, and the first places of it."""
    options: dict[str, Any] = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{one['id']}: {one['help']}: {[node['html'][:160] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in BAD
    ]


@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_serious(opened: Opened, view: str) -> None:
    page = opened(view=f"#/{view}")
    page.wait_for_load_state("networkidle")
    assert complaints(page) == []
    page.emulate_media(media="print")
    assert complaints(page) == []


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_is_cut_off_on_an_office_s_screen(opened: Opened, view: str) -> None:
    """1366 × 768 at 125 % are 1093 × 614 points of CSS, and the browser's own bars take some of the height."""
    page = opened(view=f"#/{view}", viewport={"width": 1093, "height": 520})
    page.wait_for_load_state("networkidle")
    page.get_by_role("main").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1093


def test_axe_finds_nothing_serious_where_one_signs_in(opened: Opened) -> None:
    page = opened(key=None)
    page.get_by_label("您的钥匙").wait_for()
    assert complaints(page) == []


def test_axe_is_heard(opened: Opened) -> None:
    page = opened()
    page.evaluate("document.body.append(document.createElement('img'), document.createElement('button'))")
    assert {line.partition(":")[0] for line in complaints(page)} >= {"image-alt", "button-name"}
