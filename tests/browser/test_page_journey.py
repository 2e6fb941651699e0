"""The whole way of a session, by the keyboard alone, on both databases: from the Excel file that came in to the meeting
sheet that goes out and comes back. And what that way must survive: a service that restarts, five thousand rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from benchmarks.page.filling import workbook
from benchmarks.page.serving import Served, serving

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Opened
    from tests.postgresql import PostgresServer

ROWS = 12
TITLE = "柳树巷的路灯坏了一个多月"
TEXT = "六盏路灯都不亮，老人出门容易摔跤。请尽快修好。"
MANY = 5_000
PATIENCE = 60_000
LONG = 900_000
"""Milliseconds for thousands of rows on a machine that runs other tests as well."""
AWAY = r"Failed to load resource|request failed|ERR_|Failed to fetch"
NO_MOUSE = """
window.__mouse = 0;
for (const kind of ["mousedown", "wheel", "touchstart"]) addEventListener(kind, () => window.__mouse++, true);
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(
    request: pytest.FixtureRequest, small_bundle: Path, tmp_path: Path, chromium_program: Path
) -> Iterator[Served]:
    """A service of the test's own, on each of the databases."""
    assert chromium_program
    if request.param == "sqlite":
        with serving(small_bundle, tmp_path / "desk") as running:
            yield running
        return
    server: PostgresServer = request.getfixturevalue("postgresql")
    database = server.database()
    try:
        with serving(small_bundle, tmp_path / "desk", database) as running:
            yield running
    finally:
        server.drop(database)


def reach(page: Page, wanted: Locator, most: int = 60) -> None:
    """Press Tab until the keyboard is there, as somebody without a mouse does."""
    wanted.wait_for(state="attached")
    for _ in range(most):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    here = page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
    raise AssertionError(f"{most} times Tab do not lead there, but to {here}")


def choose_file(page: Page, field: Locator, file: Path) -> None:
    reach(page, field)
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(file)


def agree(page: Page) -> None:
    expect(page.locator("dialog")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_have_count(0)


def rows(page: Page) -> Locator:
    return page.locator("#list-rows .vrows-body [role=row]")


def decided(path: Path, back: Path, **leads: str) -> Path:
    """The meeting sheet as the meeting leaves it: for some ids another lead, and why."""
    book = load_workbook(path)
    sheet = book["交办表"]
    head = {cell.value: cell.column for cell in sheet[1]}
    for line in range(2, sheet.max_row + 1):
        number = str(sheet.cell(line, head["编号"]).value)
        if lead := leads.get(f"n{number}"):
            sheet.cell(line, head["确定主办"]).value = lead
            sheet.cell(line, head["原因"]).value = "会上定的"
    book.save(back)
    return back


def test_from_the_excel_file_to_the_meeting_sheet_and_back_without_a_mouse(
    desk: Served, opened: Opened, tmp_path: Path
) -> None:
    page = opened(on=desk)
    page.evaluate(NO_MOUSE)

    page.keyboard.press("Alt+2")
    expect(page.locator("main.view-batch h1")).to_be_visible()
    choose_file(page, page.locator("#batch-file"), workbook(tmp_path / "session.xlsx", ROWS))
    expect(page.locator("#batch-check")).to_be_focused()
    expect(page.get_by_role("button", name=f"开始分析这{ROWS}行")).to_be_enabled()
    page.keyboard.press("F2")
    expect(page.locator(".list-counts")).to_contain_text(f"共{ROWS}件，待交办{ROWS}件", timeout=PATIENCE)

    grid = page.locator("#list-rows")
    reach(page, page.get_by_role("grid"))
    page.keyboard.press("F2")  # the one that is least sure, as advised
    expect(page.locator(".list-counts")).to_contain_text(f"待交办{ROWS - 1}件")
    page.keyboard.press("F8")
    page.keyboard.press("F4")  # the next one to somebody else, by the initials
    expect(page.locator("#list-lead")).to_be_focused()
    page.keyboard.type("gaj", delay=30)
    expect(page.locator("#list-lead-list [role=option]").first).to_contain_text("公安局")
    page.keyboard.press("Enter")
    page.keyboard.press("F2")
    expect(page.locator(".list-counts")).to_contain_text(f"待交办{ROWS - 2}件")
    expect(grid.get_by_role("row", name=re.compile("公安局")).first).to_be_visible()
    page.keyboard.press("Control+z")
    expect(page.locator(".list-counts")).to_contain_text(f"待交办{ROWS - 1}件")

    export = page.get_by_role("button", name="导出交办表")
    reach(page, export, most=120)
    with page.expect_download(timeout=PATIENCE) as taken:
        page.keyboard.press("Enter")
    taken.value.save_as(tmp_path / "sheet.xlsx")
    sheet = load_workbook(tmp_path / "sheet.xlsx")["交办表"]
    assert sheet.max_row == ROWS + 1
    numbers = [str(cell.value) for cell in next(sheet.iter_cols(1, 1, 2)) if cell.value]
    assert len(set(numbers)) == ROWS

    leads = {f"n{number}": "公安局" for number in numbers[:3]}
    back = decided(tmp_path / "sheet.xlsx", tmp_path / "back.xlsx", **leads)
    choose_file(page, page.locator("#list-sheet-file"), back)
    expect(page.get_by_role("heading", name="back.xlsx：带回了什么")).to_be_focused(timeout=PATIENCE)
    page.keyboard.press("F2")
    expect(page.locator(".messages .message", has_text="按交办表交办")).to_be_visible()
    for number in numbers[:3]:
        held = desk.call("GET", f"/v1/suggestions/{number}/decision")
        assert (held["lead"], held["reason"]) == (["公安局"], "会上定的")
    assert page.evaluate("window.__mouse") == 0


def test_a_restart_of_the_service_loses_nothing_that_was_typed_or_decided(desk: Served, opened: Opened) -> None:
    page = opened(on=desk)
    page.watch.allow(AWAY)  # type: ignore[attr-defined]
    page.get_by_label("标题").fill(TITLE)
    page.get_by_label("正文").fill(TEXT)
    expect(page.locator(".one-lead:has(:checked)")).to_have_count(1, timeout=PATIENCE)
    desk.stop()
    page.keyboard.press("F2")
    away = page.get_by_role("alert").filter(has_text="连不上服务")
    expect(away).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("F8")
    expect(page.get_by_label("标题")).to_have_value("")
    page.get_by_label("标题").fill("菜场门口天天堵车")
    desk.start()
    expect(away).to_have_count(0, timeout=PATIENCE)
    expect(page.locator(".one-lead:has(:checked)")).to_have_count(1, timeout=PATIENCE)
    expect(page.get_by_label("标题")).to_have_value("菜场门口天天堵车")
    expect(page.locator(".messages")).to_contain_text(re.compile("补办|已交办"), timeout=PATIENCE)
    found = desk.call("GET", f"/v1/suggestions?q={quote('柳树巷')}&limit=20")["suggestions"]
    held = [one for one in found if one["title"] == TITLE]
    assert len(held) == 1, "once and only once"
    assert held[0]["lead"], "what was decided while the service was away"
    assert desk.call("GET", f"/v1/suggestions/{held[0]['id']}")["text"] == TEXT


def test_a_page_that_is_opened_while_the_service_is_away_comes_alive_with_it(desk: Served, opened: Opened) -> None:
    page = opened(on=desk, view="#/list")
    page.watch.allow(AWAY)  # type: ignore[attr-defined]
    expect(page.locator(".list-counts")).to_contain_text("共41件")
    desk.stop()
    expect(page.locator(".line.wrong")).to_be_visible(timeout=PATIENCE)
    desk.start()
    expect(page.locator(".line.wrong")).to_have_count(0, timeout=PATIENCE)
    other = desk.add_key("李四", "decide", "triage")
    made = desk.call("POST", "/v1/suggestions", {"suggestions": [{"title": "重启以后登记的一件"}]}, key=other)
    assert made
    expect(page.locator(".list-counts")).to_contain_text(re.compile("42件|有1件变了"), timeout=PATIENCE)


def test_a_line_that_drops_in_the_middle_of_the_work(desk: Served, opened: Opened) -> None:
    page = opened(on=desk, view="#/list")
    page.watch.allow(AWAY)  # type: ignore[attr-defined]
    key = desk.add_key("李四", "triage", "decide")
    other = opened(on=desk, key=key, view="#/list")
    counts = page.locator(".list-counts")
    expect(counts).to_contain_text("待交办8件")
    page.context.set_offline(True)
    page.get_by_role("grid").focus()
    page.keyboard.press("F4")
    page.locator("#list-lead").fill("公安局")
    away = page.get_by_role("alert").filter(has_text="连不上服务")
    expect(away).to_be_visible(timeout=PATIENCE)
    page.context.set_offline(False)
    expect(away).to_have_count(0, timeout=PATIENCE)
    page.locator("#list-lead").fill("gaj")
    expect(page.locator("#list-lead-list [role=option]").first).to_contain_text("公安局")
    page.keyboard.press("Enter")
    page.context.set_offline(True)
    page.keyboard.press("F2")
    expect(page.locator("main")).to_be_visible()
    expect(away).to_be_visible(timeout=PATIENCE)
    page.context.set_offline(False)
    expect(counts).to_contain_text("待交办7件", timeout=PATIENCE)
    expect(other.locator(".list-counts")).to_contain_text(re.compile("待交办7件|有1件变了"), timeout=PATIENCE)
    expect(other.locator("#list-rows")).to_contain_text("公安局")


@pytest.fixture(scope="module")
def thousands(small_bundle: Path, chromium_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A service for a file of thousands, and the file."""
    assert chromium_program
    folder = tmp_path_factory.mktemp("thousands")
    with serving(small_bundle, folder / "memory") as running:
        yield running, workbook(folder / "many.xlsx", MANY)


def test_an_excel_file_of_five_thousand_rows(thousands: Any, opened: Opened) -> None:
    desk, file = thousands
    page = opened(on=desk, view="#/batch")
    page.set_input_files("#batch-file", file)
    start = page.get_by_role("button", name=f"开始分析这{MANY:,}行")
    expect(start).to_be_enabled(timeout=PATIENCE)
    start.click()
    expect(page.locator("main [role=progressbar], main progress").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator("main")).to_contain_text(re.compile("还要|剩|约"), timeout=PATIENCE)
    page.reload()  # who leaves comes back to the same batch
    expect(page.locator("main [role=progressbar], main progress").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".list-counts")).to_contain_text(f"共{MANY:,}件，待交办{MANY:,}件", timeout=LONG)
    grid = page.get_by_role("grid")
    assert grid.get_attribute("aria-rowcount") == str(MANY + 1)
    assert rows(page).count() < 60
    grid.focus()
    page.keyboard.press("End")
    expect(rows(page).last).to_have_attribute("aria-rowindex", str(MANY + 1))
    page.get_by_label("查找").fill("（4321号）")
    expect(page.locator(".list-counts")).to_contain_text("筛出1件", timeout=PATIENCE)
    expect(rows(page)).to_have_count(1)
