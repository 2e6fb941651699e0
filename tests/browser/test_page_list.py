"""Batches and lists on the page: a workbook the whole way, filters, many decided at once, two clerks, bad lines."""

from __future__ import annotations

import json
import re
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import Workbook, load_workbook
from playwright.sync_api import expect

from benchmarks.page.browsing import show
from tests.browser.lines import line_down
from tests.browser.test_page_axe import complaints

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page, Route

    from benchmarks.page.serving import Served
    from tests.browser.conftest import Opened

BATCHES = count(1)
WAIT = 60_000
"""Milliseconds that a job may take on a busy machine."""
OFFLINE = r"Failed to load resource|request failed"
MATTERS = (
    ("柳树巷的路灯坏了一个多月", "六盏路灯都不亮，老人出门容易摔跤。建议尽快修好。", "人大"),
    ("关于在北环路增设公交站点的建议", "最近的公交站要走两公里。建议增设两个站点。", "政协"),
    ("菜场门口天天堵车", "早晚高峰摊贩占道，车辆乱停。建议划出停车位并加强执法。", "群众"),
    ("关于扩建第三幼儿园的建议", "片区三个新小区没有公办幼儿园。建议扩建。", "人大"),
)


def hand_in(served: Served, number: int = 4) -> str:
    """Stored suggestions with their advice; answers the beginning of their ids, which no other test uses."""
    name = f"LB{next(BATCHES):02}"
    rows = []
    for place in range(number):
        title, text, source = MATTERS[place % len(MATTERS)]
        rows.append({"id": f"{name}-{place}", "title": f"{title}（{name}第{place}件）", "text": text, "source": source})
    served.call("POST", "/v1/suggestions", {"suggestions": rows, "triage": True})
    return name


def kept(served: Served, number: str) -> Any:
    return served.call("GET", f"/v1/suggestions/{number}")


def decide(served: Served, number: str, lead: str, key: str = "", by: str = "王静") -> None:
    held = kept(served, number)["decision"]
    body = {"decisions": [{"suggestion": number, "expected": held, "lead": [lead], "decided_by": by}]}
    served.call("POST", "/v1/decisions", body, key=key)


def rows(page: Page) -> Locator:
    return page.locator("#list-rows .vrows-body [role=row]")


def row(page: Page, number: str) -> Locator:
    return (
        rows(page)
        .filter(has_text=f"{number} ")
        .or_(rows(page).filter(has_text=re.compile(rf"{number}$", re.MULTILINE)))
    )


def listed(page: Page, name: str, number: int = 4) -> None:
    """The list shows those of one test, and all are there."""
    expect(page.locator(".list-counts")).to_contain_text(f"筛出{number}件")
    expect(page.locator(".list-counts")).not_to_contain_text("正在取")
    expect(rows(page)).to_have_count(number)
    expect(rows(page).first).to_contain_text(name)


def message(page: Page, words: str | re.Pattern[str]) -> Locator:
    return page.locator(".messages .message", has_text=words)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def agree(page: Page) -> None:
    expect(page.locator("dialog")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_have_count(0)


def workbook(folder: Path, name: str, number: int, twice: bool = False) -> Path:
    """A sheet as offices send it: a title above, headers of its own, a second sheet."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "汇总"
    sheet.append(["建议汇总表"])
    sheet.append(["编号", "诉求", "内容", "来源", "经办备注"])
    for place in range(number):
        title, text, source = MATTERS[place % len(MATTERS)]
        sheet.append([f"{name}-{place}", f"{title}（{name}第{place}件）", text, source, "已电话核实"])
    if twice:
        sheet.append([f"{name}-0", "编号写重了的一件", "", "", ""])
    book.create_sheet("说明").append(["填表说明"])
    path = folder / f"{name}.xlsx"
    book.save(path)
    return path


def fill_in(path: Path, **cells: tuple[str, str]) -> Path:
    """The meeting sheet as it comes back: for each id the lead that was decided, and why."""
    book = load_workbook(path)
    sheet = book["交办表"]
    head = {cell.value: cell.column for cell in sheet[1]}
    for line in range(2, sheet.max_row + 1):
        place = str(sheet.cell(line, head["编号"]).value).rpartition("-")[2]
        if f"n{place}" in cells:
            lead, why = cells[f"n{place}"]
            sheet.cell(line, head["确定主办"]).value = lead
            sheet.cell(line, head["原因"]).value = why
    back = path.with_name(f"back-{path.name}")
    book.save(back)
    return back


def test_a_workbook_goes_the_whole_way(opened: Opened, served: Served, tmp_path: Path) -> None:
    name = f"LB{next(BATCHES):02}"
    page = opened(view="#/batch")
    page.set_input_files("#batch-file", workbook(tmp_path, name, 8))
    expect(page.get_by_role("heading", name=f"核对栏目：{name}.xlsx")).to_be_focused()
    column = page.get_by_label("“诉求”当作")
    column.select_option(label="标题")
    expect(page.get_by_label("“内容”当作").locator("option:checked")).to_have_text("正文")
    expect(page.get_by_label("“经办备注”当作").locator("option:checked")).to_have_text("不用这一栏")
    expect(page.locator(".batch-example").nth(0)).to_have_text(f"{name}-0")
    assert complaints(page) == []
    expect(page.get_by_role("button", name="开始分析这8行")).to_be_enabled()
    page.keyboard.press("F2")
    expect(page.locator(".list-counts")).to_contain_text("共8件，待交办8件", timeout=WAIT)
    assert re.search(r"#/batch/[0-9a-f]+$", page.url)
    page.reload()
    expect(page.locator(".list-counts")).to_contain_text("共8件")
    with page.expect_download(timeout=WAIT) as taken:
        page.get_by_role("button", name="导出交办表").click()
    sheet = tmp_path / "sheet.xlsx"
    taken.value.save_as(sheet)
    assert re.fullmatch(r"交办表-\d+年\d+月\d+日\.xlsx", taken.value.suggested_filename)
    back = fill_in(sheet, n0=("同意", ""), n1=("公安局", "会上定的"), n2=("同意", ""))
    page.set_input_files("#list-sheet-file", back)
    expect(page.get_by_role("heading", name="back-sheet.xlsx：带回了什么")).to_be_focused()
    expect(page.get_by_role("button", name="新定 3件")).to_be_visible()
    assert complaints(page) == []
    page.reload()
    expect(page.get_by_role("button", name="没有定 5件")).to_be_visible()
    page.keyboard.press("F2")
    expect(message(page, "按交办表交办 3件")).to_be_visible()
    expect(page.locator(".list-counts")).to_contain_text("待交办5件")
    held = served.call("GET", f"/v1/suggestions/{name}-1/decision")
    assert (held["lead"], held["reason"]) == (["公安局"], "会上定的")
    press(page, "Control+z")
    expect(message(page, "已撤销")).to_be_visible()
    expect(page.locator(".list-counts")).to_contain_text("待交办8件")
    assert [kept(served, f"{name}-{place}")["state"] for place in range(3)] == ["open"] * 3
    page.get_by_role("link", name="导入另一份").click()
    expect(page.get_by_role("row", name=f"{name}.xlsx")).to_contain_text("还有8件待交办")


def test_a_batch_goes_on_when_the_service_was_restarted(opened: Opened, served: Served, tmp_path: Path) -> None:
    name = f"LB{next(BATCHES):02}"
    page = opened(view="#/batch")
    page.watch.allow(OFFLINE)  # type: ignore[attr-defined]
    page.set_input_files("#batch-file", workbook(tmp_path, name, 40))
    expect(page.get_by_role("button", name="开始分析这40行")).to_be_enabled()
    page.keyboard.press("F2")
    expect(page.get_by_role("region", name="进度")).to_be_visible()
    served.stop()
    expect(page.locator(".line.wrong")).to_contain_text("连不上服务")
    served.start()
    expect(page.locator(".list-counts")).to_contain_text("共40件，待交办40件", timeout=WAIT)
    expect(page.locator(".line.wrong")).to_have_count(0)


def test_what_cannot_be_used_is_told_by_line_and_cell(opened: Opened, tmp_path: Path) -> None:
    name = f"LB{next(BATCHES):02}"
    page = opened(view="#/batch")
    page.set_input_files("#batch-file", workbook(tmp_path, name, 3, twice=True))
    expect(page.locator(".trouble")).to_contain_text("第6行")
    expect(page.get_by_role("button", name="开始分析")).to_be_disabled()
    page.watch.allow(r"422 .*/v1/files")  # type: ignore[attr-defined]
    (tmp_path / "empty.xlsx").write_bytes(b"no workbook")
    page.set_input_files("#batch-file", tmp_path / "empty.xlsx")
    expect(page.get_by_role("heading", name="核对栏目")).to_have_count(0)
    expect(page.locator(".trouble").first).to_contain_text(re.compile("[一-鿿]{4}"))
    page.set_input_files("#batch-file", workbook(tmp_path, name, 3))
    expect(page.get_by_role("button", name="开始分析这3行")).to_be_enabled()
    expect(page.locator(".trouble")).to_have_count(0)
    page.keyboard.press("F2")
    expect(page.locator(".list-counts")).to_contain_text("共3件", timeout=WAIT)
    show(page, "#/batch")
    page.set_input_files("#batch-file", workbook(tmp_path, name, 3))
    expect(page.get_by_role("button", name="开始分析这3行")).to_be_enabled()
    page.keyboard.press("F2")
    expect(page.locator("summary", has_text="有3行没有办成，这次没有存下任何一件")).to_be_visible(timeout=WAIT)
    expect(page.get_by_role("region", name="没有办成的行")).to_contain_text(f"{name}-2")
    expect(page.get_by_role("region", name="没有办成的行")).to_contain_text("编号已存在")


def test_a_unit_that_nobody_knows_is_named_with_its_cell(opened: Opened, served: Served, tmp_path: Path) -> None:
    name = hand_in(served)
    page = opened(view=f"#/list?q={name}")
    listed(page, name)
    with page.expect_download(timeout=WAIT) as taken:
        page.get_by_role("button", name="导出交办表").click()
    taken.value.save_as(tmp_path / "sheet.xlsx")
    page.set_input_files("#list-sheet-file", fill_in(tmp_path / "sheet.xlsx", n1=("没有这个局", "")))
    expect(page.locator(".list .trouble li")).to_have_text(re.compile(r"交办表!\w+格：.*没有这个局"))
    expect(page.locator(".list")).to_contain_text("库里什么都没有动")
    assert {kept(served, f"{name}-{place}")["decision"] for place in range(4)} == {0}


def test_filters_stand_in_the_address_and_count(opened: Opened, served: Served, tmp_path: Path) -> None:
    name = hand_in(served)
    decide(served, f"{name}-0", "公安局")
    page = opened(view=f"#/list?q={name}")
    listed(page, name)
    page.get_by_label("状态").select_option(label="已交办（1）")
    listed(page, name, 1)
    assert "state=decided" in page.url
    page.reload()
    listed(page, name, 1)
    page.get_by_label("状态").select_option("")
    page.get_by_label("来源").select_option(label="人大（2）")
    listed(page, name, 2)
    page.get_by_label("来源").select_option("")
    page.get_by_role("button", name="单位工作量").click()
    load = page.get_by_role("region", name="单位工作量")
    unit = page.get_by_role("button", name="公安局", exact=True)
    expect(load.get_by_role("row").filter(has=unit).locator("td").first).to_contain_text("1")
    unit.click()
    expect(row(page, f"{name}-0")).to_contain_text("公安局")
    page.get_by_label("单位的角色").select_option(label="只看主办")
    page.get_by_label("状态").select_option("decided")
    listed(page, name, 1)
    assert complaints(page) == []
    with page.expect_download(timeout=WAIT) as taken:
        page.get_by_role("button", name="下载 Excel").click()
    taken.value.save_as(tmp_path / "list.xlsx")
    cells = [[cell.value for cell in line] for line in load_workbook(tmp_path / "list.xlsx").worksheets[0].iter_rows()]
    assert [line[0] for line in cells if str(line[0]).startswith(name)] == [f"{name}-0"]
    page.get_by_label("查找").fill("没有这样的词")
    expect(page.locator(".empty").first).to_contain_text("没有一件符合这些筛选")
    page.locator(".empty").first.get_by_role("button", name="全部显示").click()
    expect(page.locator(".list-counts strong")).to_have_text(re.compile("^共"))
    assert page.url.endswith("#/list")


def test_the_search_reaches_the_texts(opened: Opened, served: Served) -> None:
    name = hand_in(served)
    page = opened(view=f"#/list?q={name}")
    listed(page, name)
    page.get_by_label("查找").fill(f"{name} 两公里")
    expect(page.locator(".list-counts")).to_contain_text(re.compile("筛出0件"))
    page.get_by_label("查找").fill("两公里")
    expect(row(page, f"{name}-1")).to_be_visible()


def test_the_list_is_worked_with_the_keyboard(opened: Opened, served: Served) -> None:
    name = hand_in(served, 12)
    page = opened(view=f"#/list?q={name}")
    listed(page, name, 12)
    grid = page.get_by_role("grid")
    assert grid.get_attribute("aria-rowcount") == "13"
    grid.focus()
    bar = page.locator(".list-bar")
    press(page, "Space", "Shift+ArrowDown", "Shift+ArrowDown")
    expect(bar).to_contain_text("已选3件")
    press(page, "Shift+ArrowUp")
    expect(bar).to_contain_text("已选2件")
    press(page, "End", "Shift+PageUp")
    press(page, "Escape")
    expect(bar).not_to_contain_text("已选")
    press(page, "Control+a")
    expect(bar).to_contain_text("已选12件")
    press(page, "Escape", "Home", "ArrowDown")
    second = rows(page).nth(1).locator("small").first.inner_text().split()[0]
    expect(grid).to_have_attribute("aria-activedescendant", "list-rows-1")
    expect(page.locator("#list-rows-1")).to_contain_text(second)
    press(page, "F2")
    expect(message(page, "已采纳建议 1件")).to_be_visible()
    assert kept(served, second)["lead"] == kept(served, second)["advice"]["leads"]
    press(page, "F8", "Enter")
    expect(page.locator("main.view-one")).to_be_visible()
    page.go_back()
    listed(page, name, 12)


def test_one_decision_for_several_with_a_reason_and_the_whole_way_back(opened: Opened, served: Served) -> None:
    name = hand_in(served)
    decide(served, f"{name}-3", "教育局", by="李芳")
    page = opened(view=f"#/list?q={name}")
    listed(page, name)
    page.get_by_role("grid").focus()
    press(page, "Control+a", "F4")
    expect(page.get_by_role("combobox", name="主办单位", exact=True)).to_be_focused()
    page.keyboard.type("gaj")
    expect(page.locator("#list-lead-option-0")).to_contain_text("公安局")
    press(page, "Enter", "F9")
    expect(page.get_by_label("理由")).to_be_focused()
    page.keyboard.type("书记办公会议定")
    expect(page.get_by_role("button", name="交办这4件")).to_be_visible()
    page.wait_for_timeout(400)
    page.reload()
    listed(page, name)
    expect(page.get_by_label("理由")).to_have_value("书记办公会议定")
    expect(page.locator(".chip")).to_contain_text("公安局")
    assert complaints(page) == []
    press(page, "Control+Enter")
    expect(page.locator("dialog")).to_contain_text("其中1件已经交办，将改成这样")
    agree(page)
    expect(message(page, "已交办 4件")).to_be_visible()
    held = [served.call("GET", f"/v1/suggestions/{name}-{place}/decision") for place in range(4)]
    assert {(one["lead"][0], one["reason"]) for one in held} == {("公安局", "书记办公会议定")}
    press(page, "Control+z")
    expect(message(page, "已撤销")).to_be_visible()
    assert [kept(served, f"{name}-{place}")["state"] for place in range(4)] == ["open"] * 3 + ["decided"]
    back = served.call("GET", f"/v1/suggestions/{name}-3/decision")
    assert (back["lead"], back["decided_by"]) == (["教育局"], "李芳")


def test_two_clerks_see_each_other_and_neither_overwrites(opened: Opened, served: Served) -> None:
    name = hand_in(served)
    other = served.add_key("李芳", "read", "triage", "decide")
    page, hers = opened(view=f"#/list?q={name}"), opened(key=other, view=f"#/list?q={name}")
    listed(page, name)
    listed(hers, name)
    hers.get_by_role("grid").focus()
    press(hers, "F2")
    expect(message(hers, "已采纳建议 1件")).to_be_visible()
    expect(page.locator("#list-rows", has_text="李芳 刚刚")).to_be_visible()
    expect(page.locator(".list-counts")).to_contain_text("待交办3件")
    page.route("**/v1/changes*", lambda route: route.abort())
    page.watch.allow(OFFLINE)  # type: ignore[attr-defined]
    number = rows(hers).first.locator("small").first.inner_text().split()[0]
    decide(served, number, "公安局", key=other, by="李芳")
    page.get_by_role("grid").focus()
    press(page, "Control+a", "F2")
    agree(page)
    failures = page.get_by_role("region", name="没有办成的")
    expect(failures).to_contain_text("李芳已经交办给公安局")
    expect(page.locator(".list-bar")).to_contain_text("已选1件")
    assert served.call("GET", f"/v1/suggestions/{number}/decision")["decided_by"] == "李芳"
    assert complaints(page) == []


def test_what_was_decided_while_the_line_was_down_is_sent_once(opened: Opened, served: Served) -> None:
    name = hand_in(served)
    page = opened(view=f"#/list?q={name}")
    listed(page, name)
    page.watch.allow(OFFLINE)  # type: ignore[attr-defined]
    with line_down(page, "**/v1/decisions"):
        page.get_by_role("grid").focus()
        press(page, "Control+a", "F2")
        agree(page)
        expect(page.locator(".list-bar")).to_contain_text("正在提交")
        expect(page.locator(".line.wrong")).to_contain_text("有1项操作已记下")
    expect(message(page, "已采纳建议 4件")).to_be_visible()
    assert [kept(served, f"{name}-{place}")["decision"] for place in range(4)] == [1] * 4


def test_a_key_that_only_reads_sees_and_cannot_decide(opened: Opened, served: Served) -> None:
    name = hand_in(served)
    page = opened(key=served.add_key("查阅", "read"), view=f"#/list?q={name}")
    listed(page, name)
    for words in ("采纳建议", "交办给", "导出交办表", "撤回交办"):
        expect(page.get_by_role("button", name=words)).to_have_count(0)
    page.get_by_role("grid").focus()
    press(page, "F2", "F4")
    assert {kept(served, f"{name}-{place}")["decision"] for place in range(4)} == {0}


def test_what_nobody_analysed_is_analysed_from_the_list(opened: Opened, served: Served) -> None:
    name = f"LB{next(BATCHES):02}"
    letters = [{"id": f"{name}-{place}", "title": MATTERS[place][0]} for place in range(3)]
    served.call("POST", "/v1/suggestions", {"suggestions": letters})
    page = opened(view=f"#/list?q={name}")
    listed(page, name, 3)
    page.get_by_role("button", name="分析还没有建议的3件").click()
    expect(page.locator("#list-rows", has_text="还没有建议")).to_have_count(0, timeout=WAIT)
    assert kept(served, f"{name}-2")["advice"]["leads"]


def test_the_list_is_printed_as_a_plain_table(opened: Opened, served: Served) -> None:
    name = hand_in(served)
    page = opened(view=f"#/list?q={name}")
    listed(page, name)
    page.emulate_media(media="print")
    expect(page.locator(".list-printed tbody tr")).to_have_count(4)
    expect(page.locator(".list-printed caption")).to_contain_text(f"全部建议：“{name}”（4件")
    expect(page.get_by_role("grid")).to_be_hidden()
    page.emulate_media(media="screen")
    expect(page.locator(".list-printed")).to_have_count(0)


@pytest.fixture
def thousands(served: Served) -> Any:
    """Pages of a list of 5,000 rows, made of one that the service gives."""
    (real,) = served.call("GET", "/v1/suggestions?limit=1")["suggestions"]

    def answer(route: Route) -> None:
        start = int((re.search(r"cursor=(\d+)", route.request.url) or [0, 0])[1])
        some = [{**real, "id": f"M{place:04}", "title": f"第{place}件"} for place in range(start, start + 500)]
        following = str(start + 500) if start + 500 < 5000 else None
        route.fulfill(content_type="application/json", body=json.dumps({"suggestions": some, "next": following}))

    return answer


def test_of_thousands_only_those_in_sight_are_in_the_document(opened: Opened, thousands: Any) -> None:
    page = opened(view="#/help")
    page.route("**/v1/suggestions?*", thousands)
    show(page, "#/list")
    expect(page.locator(".list-counts")).to_contain_text("共5,000件")
    grid = page.get_by_role("grid")
    assert grid.get_attribute("aria-rowcount") == "5001"
    assert rows(page).count() < 60
    grid.focus()
    press(page, "End")
    last = rows(page).last
    expect(last).to_have_attribute("aria-rowindex", "5001")
    press(page, "Space")
    expect(last).to_have_attribute("aria-selected", "true")
    page.wait_for_timeout(400)
    page.reload()
    expect(page.locator(".list-bar")).to_contain_text("已选1件")
    expect(rows(page).last).to_have_attribute("aria-rowindex", "5001")
    page.emulate_media(media="print")
    expect(page.locator(".list-paper")).to_contain_text("超过500件不在这里打印")
