"""Opening the clerk's page: signing in and out, and every view by its address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from benchmarks.page.browsing import Watch, office, show, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from benchmarks.page.serving import Served
    from tests.browser.conftest import Opened

VIEWS = ("one", "batch", "list", "groups", "office", "model", "catalogue", "help")


def test_the_link_of_the_terminal_signs_in_and_leaves_no_key_in_the_address(opened: Opened, served: Served) -> None:
    page = opened()
    expect(page.locator("header .who")).to_have_text("demo")
    assert served.key not in page.url
    assert page.url.endswith("#/one")


def test_signing_in_by_hand_out_and_in_again(opened: Opened, served: Served) -> None:
    page = opened(key=None)
    field = page.get_by_label("您的钥匙")
    expect(field).to_be_visible()
    field.fill("tk_wrong_key")
    page.watch.allow(r"401 \(Unauthorized\)")  # type: ignore[attr-defined]
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("钥匙")
    field.fill(served.key)
    page.keyboard.press("Enter")
    expect(page.locator("header .who")).to_have_text("demo")
    page.reload()
    expect(page.locator("header .who")).to_have_text("demo")
    page.get_by_role("button", name="退出").click()
    expect(field).to_be_visible()
    page.reload()
    expect(field).to_be_visible()


def test_a_key_that_may_only_read_is_shown_no_view_of_an_admin(opened: Opened, served: Served) -> None:
    page = opened(key=served.add_key("只读", "read"))
    titles = page.locator("header nav a").all_inner_texts()
    assert "全部建议" in titles
    assert not {"模型", "单位与职责"} & set(titles)
    page.evaluate("location.hash = '#/model'")
    expect(page.locator("main.view-one")).to_be_visible()


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_opens_by_its_address_and_has_one_heading(opened: Opened, view: str) -> None:
    page = opened(view=f"#/{view}")
    expect(page.locator(f"main.view-{view} h1")).to_have_count(1)
    assert page.title().endswith("建议分办")
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, "a clerk scrolls down, never sideways"


def test_the_views_of_the_navigation_are_those_that_the_tests_open(opened: Opened) -> None:
    page = opened()
    links = page.locator("header nav a").evaluate_all("links => links.map((link) => link.hash)")
    assert [link.removeprefix("#/") for link in links] == list(VIEWS)
    for view in VIEWS:
        show(page, f"#/{view}")
    expect(page.locator("header nav [aria-current=page]")).to_have_count(1)


PROVOKED = """
() => {
  console.error("told");
  setTimeout(() => { throw new Error("thrown"); });
  fetch("/page/none.js");
  fetch("http://elsewhere.invalid/").catch(() => {});
  document.body.insertAdjacentElement("beforeend", document.createElement("p")).setAttribute("style", "color: red");
  try { document.body.innerHTML = "<p>markup</p>"; } catch {}
}
"""


def test_whatever_goes_wrong_in_the_browser_is_heard(chrome: Browser, served: Served) -> None:
    context = office(chrome)
    try:
        watch = Watch(context, served.address)
        page = context.new_page()
        sign_in(page, served.address, served.key)
        assert watch.complaints == []
        page.evaluate(PROVOKED)
        page.wait_for_timeout(1000)
        for heard in ("told", "thrown", "404", "connect-src", "style-src", "TrustedHTML"):
            assert any(heard in line for line in watch.complaints), (heard, watch.complaints)
        expect(page.locator("header .who")).to_have_text("demo")  # no text became markup
        watch.allow("told")
        assert not any("told" in line for line in watch.complaints)
    finally:
        context.close()
