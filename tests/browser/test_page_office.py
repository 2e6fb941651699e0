"""The office's figures, merges and conflicts in the browser: numbers that are the service's own, one decision for a
group, and everybody who raised it named.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from benchmarks.page.browsing import show
from benchmarks.page.serving import Served, serving
from tests.browser.test_page_axe import complaints

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Opened

TABS = {
    "overview": "总览",
    "promise": "承诺兑现",
    "returns": "退单",
    "due": "期限",
    "hot": "热点",
    "workload": "承办量",
    "inspection": "抽查样本",
    "supervision": "重点督办",
    "papers": "报告",
}
LAMPS = "河东路夜间没有路灯，学生下晚自习要摸黑走。建议在河东路从桥头到校门加装路灯。"
TEXTS: tuple[dict[str, Any], ...] = (
    {"id": "L-1", "title": "关于在河东路加装路灯的建议", "text": LAMPS, "source": "人大", "proposers": ["张三"]},
    {
        "id": "L-2",
        "title": "关于河东路安装路灯的提案",
        "text": "河东路晚上没有路灯，学生下晚自习只能摸黑走，建议在河东路安装路灯。",
        "source": "政协",
        "proposers": ["李四", "王五"],
    },
    {"id": "L-3", "title": "关于在河东路加装路灯的建议", "text": LAMPS, "source": "热线"},
)
SECRET = {"id": "S-1", "title": "关于某处隐患的建议", "text": "某处有隐患，请整改。", "confidential": True}
WAIT = 60_000
YEAR = datetime.now(ZoneInfo("Asia/Shanghai")).year
"""As the browser's clock has it."""


@pytest.fixture(scope="module")
def served(small_bundle: Path, chromium_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The demo with three texts on one matter, of which two bodies and the hotline told."""
    assert chromium_program.is_file()
    with serving(small_bundle, tmp_path_factory.mktemp("served")) as running:
        day = f"{YEAR}-01-05"
        suggestions = [{**one, "date": day} for one in (*TEXTS, SECRET)]
        running.call("POST", "/v1/suggestions", {"suggestions": suggestions, "triage": True})
        yield running


def decide(served: Served, suggestion: str, lead: str, **more: Any) -> dict[str, Any]:
    """A decision of another clerk."""
    expected = served.call("GET", f"/v1/suggestions?id={suggestion}")["suggestions"][0]["decision"]
    one = {"suggestion": suggestion, "expected": expected, **more}
    answer = served.call("POST", "/v1/decisions", {"decisions": [one if more else {**one, "lead": [lead]}]})
    (result,) = answer["results"]
    assert "problem" not in result
    made: dict[str, Any] = result
    return made


def withdraw(served: Served, *suggestions: str) -> None:
    for suggestion in suggestions:
        decide(served, suggestion, "", withdraw=True)


def leads(served: Served, *suggestions: str) -> list[list[str]]:
    return [served.call("GET", f"/v1/suggestions?id={one}")["suggestions"][0]["lead"] for one in suggestions]


def workbook(page: Page, button: Locator) -> dict[str, list[tuple[Any, ...]]]:
    """The sheets that a button gives."""
    with page.expect_download(timeout=WAIT) as caught:
        button.click()
    assert caught.value.suggested_filename.endswith(".xlsx")
    book = load_workbook(io.BytesIO(Path(caught.value.path()).read_bytes()))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def shown(table: Locator) -> list[list[str]]:
    return [row.locator("th, td").all_inner_texts() for row in table.locator("tbody tr").all()]


def table_of(page: Page, caption: str) -> Locator:
    """The table under a caption; not the numbers of a picture."""
    return page.locator(".table").filter(has=page.locator("caption", has_text=re.compile(f"^{caption}$"))).first


# --- the office ------------------------------------------------------------------------------------------------------


def test_counts_pictures_and_sentences_are_the_services_own(opened: Opened, served: Served) -> None:
    page = opened(view="#/office?period=all")
    counts = served.call("GET", "/v1/statistics")
    expect(page.locator(".office-counts dd").first).to_have_text(f"{counts['total']}件")
    figure = page.locator("figure").filter(has_text="每月收到件数")
    expect(figure.get_by_role("img")).to_have_attribute("aria-label", re.compile("最多是2025年2月，"))
    figure.get_by_text("图中数字").click()
    months = {row["value"]: row["count"] for row in counts["months"]}
    rows = shown(figure.locator("table"))
    assert sum(int(count) for _, count in rows) == sum(months.values())
    assert ["2025年2月", str(months["2025-02"])] in rows

    report = served.call("GET", "/v1/reports/overview")
    expect(page.get_by_role("heading", name=report["title"])).to_be_visible()
    table = next(one for section in report["sections"] for one in section["tables"] if one["title"] == "按来源")
    by_source = table_of(page, "按来源")
    assert [row[:2] for row in shown(by_source)] == [[source, str(count)] for source, count, _ in table["rows"]]
    book = workbook(page, by_source.get_by_role("button", name="下载 Excel"))
    assert book["按来源"][0] == ("来源", "件数", "占比（%）")
    assert [row[:2] for row in book["按来源"][1:]] == [tuple(row[:2]) for row in table["rows"]]
    assert isinstance(book["按来源"][1][2], float | int)


def test_on_paper_every_number_stands_and_no_button(opened: Opened) -> None:
    page = opened(view="#/office?period=all")
    expect(page.locator(".report")).to_be_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.locator(".report .table-number").first).to_be_visible()
    trend = page.locator("figure").filter(has_text="每月收到件数")
    expect(trend.locator("table")).to_be_visible()  # more months than the picture writes out
    expect(page.locator("figure").filter(has_text="按来源").first.locator("table")).to_be_hidden()
    for button in page.get_by_role("button", name=re.compile("下载|Excel|Word")).all():
        expect(button).to_be_hidden()
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(trend.locator("table")).to_be_hidden()


def test_a_number_leads_to_the_suggestions_that_it_counts(opened: Opened, served: Served) -> None:
    page = opened(view="#/office?period=all")
    table = table_of(page, "按来源")
    row = table.locator("tbody tr").filter(has_text="热线")
    link = row.get_by_role("link", name="1", exact=True)
    expect(link).to_have_attribute("href", "#/one/L-3")
    number = table.locator("tbody tr").filter(has_text="政协").get_by_role("button").first
    count = int(number.inner_text())
    number.click()
    window = page.get_by_role("dialog")
    expect(window.locator("tbody tr")).to_have_count(count)
    expect(window.get_by_role("link", name="L-2")).to_have_attribute("href", "#/one/L-2")
    expect(window.get_by_role("button", name="关闭")).to_be_focused()
    page.keyboard.press("Escape")
    expect(window).to_have_count(0)
    expect(number).to_be_focused()
    number.click()
    window.get_by_role("link", name="L-2").click()
    expect(page.locator("main.view-one")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_columns_are_put_in_order_by_the_keyboard(opened: Opened) -> None:
    page = opened(view="#/office/workload?period=all")
    table = table_of(page, "各单位承办量")
    head = table.get_by_role("columnheader", name="会办件数")
    before = shown(table)
    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "descending")
    column = head.evaluate("head => head.cellIndex")
    values = [int(row[column]) for row in shown(table)]
    assert values == sorted(values, reverse=True)
    page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "ascending")
    page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "none")
    assert shown(table) == before


def test_every_tab_says_something_and_axe_finds_nothing_serious(opened: Opened) -> None:
    page = opened(view="#/office?period=all")
    for tab, title in TABS.items():
        page.get_by_role("navigation", name="统计内容").get_by_role("link", name=title, exact=True).click()
        expect(page).to_have_url(re.compile(f"#/office/{tab}\\?period=all$"))
        expect(page.locator(".office-body .starting")).to_have_count(0, timeout=WAIT)
        expect(page.locator(".office-body").locator(".card, .empty").first).to_be_visible()
        assert complaints(page) == [], tab
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, tab


def test_returns_and_deadlines_tell_who_why_and_by_when(opened: Opened, served: Served) -> None:
    page = opened(view="#/office/returns?period=all")
    told = served.call("GET", "/v1/returns")
    expect(page.locator(".office-body")).to_contain_text(f"共退单{told['total']}次")
    rows = shown(table_of(page, "退单一览"))
    assert [[row[0], row[2], row[3]] for row in rows] == [
        [one["suggestion"], one["unit"], one["reason"]] for one in told["returns"]
    ]
    assert all(re.fullmatch(r"\d{4}年\d{1,2}月\d{1,2}日", row[4]) for row in rows)
    show(page, "#/office/due")
    due = served.call("GET", "/v1/due?limit=2000")
    table = table_of(page, "到期和超期")
    expect(table.locator("tbody tr")).to_have_count(min(due["total"], 100))
    first = due["due"][0]
    assert shown(table)[0][0] == first["suggestion"]
    assert f"超{-first['days_left']:,}个工作日" == shown(table)[0][5]
    expect(page.locator("#office-period")).to_have_count(0)


def test_the_period_stands_in_the_address_and_an_empty_one_says_so(opened: Opened) -> None:
    page = opened(view="#/office")
    expect(page.locator(".office-words")).to_have_text(f"{YEAR}年1月1日至{YEAR}年12月31日")
    expect(page.locator(".office-counts")).to_contain_text(f"{len(TEXTS) + 1}件")
    page.locator("#office-period").select_option("own")
    page.get_by_label("从", exact=True).fill("1999-01-01")
    page.get_by_label("到", exact=True).fill("1999-12-31")
    page.get_by_label("到", exact=True).blur()
    expect(page.locator(".empty").first).to_contain_text("换一个时段")
    assert "since=1999-01-01" in page.url
    page.reload()
    expect(page.locator(".office-words")).to_have_text("1999年1月1日至1999年12月31日")
    page.locator("#office-period").select_option("session")
    expect(page.locator(".empty")).to_contain_text("选一次或几次会议")
    page.locator("fieldset").filter(has_text="会议").get_by_role("checkbox").first.check()
    expect(page.locator(".office-counts")).to_be_visible()
    page.locator("#office-period").select_option("all")
    page.get_by_label("热线").check()
    expect(page.locator(".office-counts dd").first).to_have_text("1件")


def test_figures_say_that_somebody_changed_something_since(opened: Opened, served: Served) -> None:
    page = opened(view="#/office?period=all")
    total = served.call("GET", "/v1/statistics")["total"]
    expect(page.locator(".office-counts dd").first).to_have_text(f"{total}件")
    one = {"title": "关于公园长椅损坏的建议", "source": "人大", "date": "2025-02-18"}
    served.call("POST", "/v1/suggestions", {"suggestions": [one]})
    expect(page.get_by_text("统计以后又有1处登记或变动")).to_be_visible()
    expect(page.locator(".office-counts dd").first).to_have_text(f"{total}件")
    page.get_by_role("button", name="重新统计").click()
    expect(page.locator(".office-counts dd").first).to_have_text(f"{total + 1}件")
    expect(page.get_by_text("统计以后又有")).to_have_count(0)


def test_the_promise_is_told_with_counts_and_honestly_where_they_are_few(opened: Opened, served: Served) -> None:
    page = opened(view="#/office/promise")
    expect(page.locator(".empty")).to_contain_text("还没有可以对照的决定")
    advised = served.call("GET", "/v1/suggestions?id=L-1")["suggestions"][0]["advice"]["lead"]
    other = "水利局" if advised != "水利局" else "教育局"
    decide(served, "L-1", advised)
    decide(served, "L-3", other)
    page.reload()
    body = page.locator(".office-body")
    followed = served.call("GET", f"/v1/statistics?since={YEAR}-01-01")["followed"]
    assert (followed["compared"], followed["lead_kept"]) == (2, 1)
    expect(body).to_contain_text("有2件在决定时已有建议")
    expect(body).to_contain_text("主办照首选办的1件")
    changes = table_of(page, "主办改动最多的")
    assert shown(changes) == [[advised, other, "1"]]
    changes.get_by_role("button", name="1，列出这些建议").click()
    expect(page.get_by_role("dialog").get_by_role("link", name="L-3")).to_be_visible()
    page.keyboard.press("Escape")
    withdraw(served, "L-1", "L-3")


def test_few_cases_are_not_taken_for_many(opened: Opened) -> None:
    page = opened(view="#/office/promise")
    said = page.evaluate(
        """async () => {
          const { likely, verdict } = await import("/page/scripts/views/office/promise.js");
          return [likely(9, 10), ...[[9, 10], [900, 1000], [980, 1000], [500, 1000]].map(([kept, decided]) =>
            verdict({ decided, kept }, 0.9))];
        }"""
    )
    low, high = said[0]
    assert (round(low, 3), round(high, 3)) == (0.596, 0.982)  # Wilson's interval, as in any table of it
    assert "件数还少，看不出是否达到承诺" in said[1]
    assert "与承诺没有明显差别" in said[2]
    assert "达到承诺" in said[3]
    assert "低于承诺。请告诉管理员" in said[4]


def test_months_without_a_suggestion_are_drawn_and_periods_end_where_they_should(opened: Opened) -> None:
    page = opened(view="#/office")
    line, scopes = page.evaluate(
        """async () => {
          const { monthly } = await import("/page/scripts/views/office/overview.js");
          const { scopeOf } = await import("/page/scripts/views/office/period.js");
          const today = new Date(2024, 1, 29);
          const of = (query) => scopeOf(new URLSearchParams(query), "year", today);
          return [monthly([{ value: "2025-02", count: 2 }, { value: "2024-11", count: 1 }, { value: "", count: 3 }]),
            [of(""), of("period=twelve"), of("period=own&since=2024-01-02"), of("period=nonsense&source=a&source=b")]];
        }"""
    )
    assert line == {"labels": ["2024年11月", "2024年12月", "2025年1月", "2025年2月"], "values": [1, 0, 0, 2]}
    assert [(one["since"], one["until"]) for one in scopes] == [
        ("2024-01-01", "2024-12-31"),
        ("2023-03-02", "2024-02-29"),
        ("2024-01-02", ""),
        ("2024-01-01", "2024-12-31"),
    ]
    assert scopes[3]["source"] == ["a", "b"]


def test_a_shortlist_is_a_job_that_is_found_again_and_leaves_as_a_file(opened: Opened, served: Served) -> None:
    page = opened(view="#/office/supervision?period=all")
    page.get_by_role("button", name="开始分析").click()
    expect(page.get_by_role("heading", name=re.compile("重点督办建议清单"))).to_be_visible(timeout=WAIT)
    table = table_of(page, "重点督办建议")
    line = next(row for row in shown(table) if row[1] == "L-1")
    assert line[3] == "3"
    assert "同一事项3件" in line[-1]
    jobs = len(served.call("GET", "/v1/jobs")["jobs"])
    page.reload()
    expect(page.get_by_role("heading", name=re.compile("重点督办建议清单"))).to_be_visible(timeout=WAIT)
    assert len(served.call("GET", "/v1/jobs")["jobs"]) == jobs
    book = workbook(page, table.get_by_role("button", name="下载 Excel"))
    assert len(book["重点督办建议"]) == len(shown(table)) + 1
    with page.expect_download(timeout=WAIT) as caught:
        page.get_by_role("group", name="整份报告下载").get_by_role("button", name="Excel").click()
    assert re.search(r"重点督办.*\.xlsx$", caught.value.suggested_filename)
    assert load_workbook(io.BytesIO(Path(caught.value.path()).read_bytes())).sheetnames


def test_the_sample_is_drawn_as_it_was_set(opened: Opened, served: Served) -> None:
    page = opened(view="#/office/inspection?period=all")
    table = table_of(page, "抽查清单")
    expect(table).to_be_visible()
    page.get_by_label("抽百分之几").fill("50")
    page.get_by_label("种子").fill("7")
    page.get_by_label("种子").blur()
    wanted = served.call("GET", "/v1/reports/inspection?share=0.5&seed=7")
    rows = next(one for section in wanted["sections"] for one in section["tables"] if one["title"] == "抽查清单")
    expect(table.locator("tbody td:nth-child(2)")).to_have_text([row[1] for row in rows["rows"]])
    page.reload()
    expect(page.get_by_label("种子")).to_have_value("7")
    page.get_by_label("抽百分之几").fill("200")
    page.get_by_label("抽百分之几").blur()
    expect(table.locator("tbody tr")).to_have_count(len(rows["rows"]))


def test_who_may_only_read_sees_the_figures_and_begins_nothing(opened: Opened, served: Served) -> None:
    page = opened(key=served.add_key("只读", "read"), view="#/office?period=all")
    total = served.call("GET", "/v1/statistics")["total"]
    expect(page.locator(".office-counts dd").first).to_have_text(f"{total - 2}件")  # two are confidential
    expect(page.get_by_role("group", name="整份报告下载")).to_have_count(0)
    show(page, "#/office/supervision?period=all")
    expect(page.locator(".asked-idle")).to_contain_text("您这把只能查看")
    expect(page.get_by_role("button", name="开始分析")).to_have_count(0)
    show(page, "#/groups")
    expect(page.locator(".groups-matter").first).to_contain_text("您的钥匙只能查看")
    expect(page.get_by_role("button", name=re.compile("统一交办"))).to_have_count(0)
    page.keyboard.press("F2")
    assert leads(served, "L-1", "L-2", "L-3") == [[], [], []]


def test_without_a_suggestion_it_says_what_would_stand_here(opened: Opened) -> None:
    page = opened(view="#/help")
    page.route(
        "**/v1/statistics*",
        lambda route: route.fulfill(json={"total": 0, "sessions": [], "sources": [], "months": []}),
    )
    page.route("**/v1/groups*", lambda route: route.fulfill(json={"texts": 0, "proposals": []}))
    show(page, "#/office")
    expect(page.locator(".empty")).to_contain_text("还没有登记建议")
    show(page, "#/groups")
    expect(page.locator(".empty")).to_contain_text("没有建议")


def test_of_very_many_the_numbers_come_alone(opened: Opened, served: Served) -> None:
    page = opened(view="#/help")
    counts = {**served.call("GET", "/v1/statistics"), "total": 60_000}
    page.route("**/v1/statistics*", lambda route: route.fulfill(json=counts))
    with page.expect_request(re.compile("/v1/reports/overview")) as asked:
        show(page, "#/office?period=all")
    assert "links=false" in asked.value.url
    expect(page.locator(".report")).to_contain_text("数字没有带上所计的建议")
    expect(page.locator(".report .table-number")).to_have_count(0)
    show(page, "#/office/inspection?period=all")
    expect(table_of(page, "抽查清单").locator("tbody tr").first.get_by_role("link").first).to_be_visible()


def test_what_the_service_refuses_is_told_and_tried_again(opened: Opened) -> None:
    page = opened(view="#/help")
    page.watch.allow("503")  # type: ignore[attr-defined]
    document = {"code": "queue-full", "status": 503, "detail_zh": "服务正忙，请稍后再试。"}
    page.route("**/v1/returns*", lambda route: route.fulfill(status=503, json=document))
    show(page, "#/office/returns?period=all")
    expect(page.locator(".office-body [role=alert]")).to_have_text("服务正忙，请稍后再试。")
    page.unroute("**/v1/returns*")
    page.get_by_role("button", name="再试一次").click()
    expect(page.locator(".office-body")).to_contain_text("共退单")


# --- merges and conflicts --------------------------------------------------------------------------------------------


def group_of(page: Page, suggestion: str) -> Locator:
    return page.locator(".groups-matter").filter(has=page.get_by_role("link", name=suggestion, exact=True))


def test_a_group_names_everybody_and_shows_what_is_shared(opened: Opened) -> None:
    page = opened(view="#/groups")
    group = group_of(page, "L-1")
    expect(group).to_contain_text("人大：张三（L-1）")
    expect(group).to_contain_text("政协：李四（L-2）、王五（L-2）")
    expect(group).to_contain_text("L-3没有登记提出人，请补登")
    expect(group).to_contain_text("每位提出人仍各收到自己的答复")
    expect(group.locator("tbody tr")).to_have_count(3)
    group.get_by_text("为什么放在一组").click()
    expect(group.locator(".groups-pair")).to_have_count(2)
    marks = group.locator(".groups-pair").filter(has_text="L-2").locator("mark.shared")
    assert {"没有路灯，学生下晚自习"} <= set(marks.all_inner_texts())
    expect(group.locator(".groups-pair").filter(has_text="L-2")).to_contain_text("地点：河东路")
    assert complaints(page) == []
    rows = workbook(page, page.get_by_role("button", name="下载 Excel"))["并案"]
    named = {row[1]: row[5] for row in rows[1:]}
    assert (named["L-1"], named["L-2"]) == ("张三", "李四；王五")


def test_one_decision_for_a_group_by_keyboard_alone_and_back(opened: Opened, served: Served) -> None:
    page = opened(view="#/groups")
    group = group_of(page, "L-1")
    expect(group.get_by_role("button", name=re.compile(r"统一交办（3件）"))).to_be_visible()
    for _ in range(5):
        if group.evaluate("group => group.contains(document.activeElement)"):
            break
        page.keyboard.press("F8")
    page.keyboard.press("F4")
    for _ in range(6):
        page.keyboard.press("Backspace")
    page.keyboard.type("jyj")
    expect(group.get_by_role("option", name="教育局")).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("F9")
    page.keyboard.press("Control+a")
    page.keyboard.type("三件一并办理")
    page.keyboard.press("F2")
    expect(page.locator(".messages")).to_contain_text("统一交办给教育局 3件")
    assert leads(served, "L-1", "L-2", "L-3") == [["教育局"]] * 3
    (decision,) = served.call("GET", "/v1/suggestions/L-2/decisions")["decisions"][:1]
    assert decision["reason"] == "三件一并办理"
    expect(group).to_have_count(0)
    expect(page.locator("summary").filter(has_text="已处理的1组")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(group).to_have_count(1)
    assert leads(served, "L-1", "L-2", "L-3") == [[], [], []]


def test_who_stays_apart_is_not_decided_and_what_was_typed_survives_a_reload(opened: Opened, served: Served) -> None:
    page = opened(view="#/groups")
    group = group_of(page, "L-1")
    group.get_by_label("L-3一并交办").uncheck()
    group.get_by_label("理由").fill("两件一并办理")
    page.reload()
    expect(group.get_by_label("L-3一并交办")).not_to_be_checked()
    expect(group.get_by_label("理由")).to_have_value("两件一并办理")
    expect(group.locator(".chip").first).to_be_visible()
    group.get_by_role("button", name=re.compile(r"统一交办（2件）")).click()
    expect(page.locator(".messages")).to_contain_text("2件")
    one, two, three = leads(served, "L-1", "L-2", "L-3")
    assert one
    assert one == two
    assert three == []
    expect(group).to_have_count(1)  # the third still waits
    expect(group.locator("tbody tr").filter(has_text="L-1")).to_contain_text("已交办")
    withdraw(served, "L-1", "L-2")


def test_what_another_clerk_decides_is_seen_and_never_overwritten_unseen(opened: Opened, served: Served) -> None:
    page = opened(view="#/groups")
    group = group_of(page, "L-1")
    expect(group.get_by_role("button", name=re.compile(r"统一交办（3件）"))).to_be_visible()
    decide(served, "L-2", "水利局")
    expect(group.locator("tbody tr").filter(has_text="L-2")).to_contain_text("水利局")
    withdraw(served, "L-2")
    expect(group.get_by_role("button", name=re.compile(r"统一交办（3件）"))).to_be_visible()
    page.route("**/v1/changes*", lambda route: route.fulfill(json={"changes": [], "last": 10**6}))
    page.wait_for_timeout(2500)
    decide(served, "L-2", "水利局")
    group.get_by_role("button", name=re.compile(r"统一交办（3件）")).click()
    expect(group.get_by_role("alert")).to_contain_text("L-2：")
    expect(group.get_by_role("alert")).to_contain_text("水利局")
    assert leads(served, "L-2") == [["水利局"]]
    expect(group.locator("tbody tr").filter(has_text="L-2")).to_contain_text("水利局")
    withdraw(served, "L-1", "L-2", "L-3")


def test_a_conflict_stands_side_by_side_and_is_settled_at_once(opened: Opened, served: Served) -> None:
    decide(served, "L-1", "教育局")
    decide(served, "L-3", "水利局")
    page = opened(view="#/groups")
    page.get_by_role("link", name="同事不同办", exact=True).click()
    item = group_of(page, "L-1")
    expect(item.locator(".groups-sides section").filter(has_text="L-1").locator("h4")).to_contain_text("教育局")
    expect(item.locator(".groups-sides section").filter(has_text="L-3").locator("h4")).to_contain_text("水利局")
    expect(item).to_contain_text("主办单位不一")
    assert complaints(page) == []
    item.get_by_role("button", name="不统一，保持原样").click()
    expect(item).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(item).to_have_count(1)
    page.watch.allow("501")  # type: ignore[attr-defined]
    item.get_by_role("button", name="看以前怎样办的").click()
    expect(item.locator(".groups-precedents, .hint[role=status]")).to_be_visible()
    for name in ("L-1", "L-2", "L-3"):
        item.get_by_label(f"{name}一并交办").check()
    expect(item).to_contain_text("会改过来")
    item.locator(".groups-decide").get_by_role("button", name=re.compile(r"统一交办（3件）")).click()
    expect(item).to_have_count(0)
    one, two, three = leads(served, "L-1", "L-2", "L-3")
    assert one == two == three
    assert one in (["教育局"], ["水利局"])
    page.keyboard.press("Control+z")
    expect(item).to_have_count(1)
    assert leads(served, "L-1", "L-2", "L-3") == [["教育局"], [], ["水利局"]]
    withdraw(served, "L-1", "L-3")


def test_what_is_no_one_matter_is_so_for_everybody_until_it_is_put_back(opened: Opened, served: Served) -> None:
    page = opened(view="#/groups")
    group_of(page, "L-1").get_by_role("button", name="不并，各办各的").click()
    expect(page.locator(".messages")).to_contain_text("不并案：")
    expect(group_of(page, "L-1")).to_have_count(0)
    (finding,) = served.call("GET", "/v1/apart")["findings"]
    assert (finding["kind"], set(finding["suggestions"])) == ("merge", {"L-1", "L-2", "L-3"})
    other = opened(view="#/groups")
    told = other.locator("details").filter(has_text="认定不并的1组")
    told.locator("summary").click()
    expect(told).to_contain_text(f"{finding['by']}于")
    assert complaints(other) == []
    expect(group_of(other, "L-1")).to_have_count(0)
    told.get_by_role("button", name="放回去").click()
    expect(group_of(other, "L-1")).to_be_visible()
    expect(told).to_have_count(0)
    assert served.call("GET", "/v1/apart")["findings"] == []
    page.watch.allow(r"404 .*/v1/apart/")  # type: ignore[attr-defined]
    page.keyboard.press("Control+z")  # somebody else was quicker: nothing is left to be done
    expect(group_of(page, "L-1")).to_be_visible()
    expect(page.locator(".message.wrong")).to_have_count(0)


def test_a_finding_that_was_not_kept_leaves_the_group_there(opened: Opened, served: Served) -> None:
    page = opened(view="#/groups")
    page.watch.allow("503")  # type: ignore[attr-defined]
    busy = {"code": "queue-full", "detail": "busy", "detail_zh": "服务正忙，请稍后再试。"}
    page.route("**/v1/apart", lambda route: route.fulfill(status=503, json=busy))
    group_of(page, "L-1").get_by_role("button", name="不并，各办各的").click()
    expect(page.locator(".message.wrong")).to_contain_text("服务正忙")
    expect(group_of(page, "L-1")).to_be_visible()
    expect(group_of(page, "L-1").get_by_role("button", name="不并，各办各的")).to_be_enabled()
    assert served.call("GET", "/v1/apart")["findings"] == []


def comparisons(served: Served) -> list[str]:
    """The kinds of the jobs, but for the one that advises on the demo's suggestions."""
    return [job["kind"] for job in served.call("GET", "/v1/jobs")["jobs"] if job["kind"] != "triage"]


def test_what_is_too_much_at_once_is_compared_as_a_job(opened: Opened, small_bundle: Path, tmp_path: Path) -> None:
    with serving(small_bundle, tmp_path / "small", TRIAGE_MAX_SUGGESTIONS="4") as small:
        small.call("POST", "/v1/suggestions", {"suggestions": list(TEXTS)})
        page = opened(on=small, view="#/groups?state=all")
        page.watch.allow(r"4\d\d .*/v1/groups")  # type: ignore[attr-defined]
        expect(group_of(page, "L-1")).to_be_visible(timeout=WAIT)
        expect(group_of(page, "L-1")).to_contain_text("政协：李四（L-2）、王五（L-2）")
        assert comparisons(small) == ["groups"]
        page.reload()
        expect(group_of(page, "L-1")).to_be_visible(timeout=WAIT)
        assert comparisons(small) == ["groups"], "what was compared is not compared again"
        group_of(page, "L-1").get_by_role("button", name="不并，各办各的").click()
        expect(page.locator("details").filter(has_text="认定不并的1组")).to_be_visible()
        page.reload()
        expect(page.locator("details").filter(has_text="认定不并的1组")).to_be_visible(timeout=WAIT)
        expect(page.get_by_role("button", name="重新分析")).to_be_visible(timeout=WAIT)
        expect(group_of(page, "L-1")).to_have_count(0)
        page.watch.allow(r"4\d\d .*/v1/hot")  # type: ignore[attr-defined]
        show(page, "#/office/hot?period=all")
        page.get_by_role("button", name="开始分析").click()
        expect(page.locator(".office-body")).to_contain_text("个热点", timeout=WAIT)
        expect(table_of(page, "热点").get_by_role("link", name="关于在河东路加装路灯的建议").first).to_be_visible()
        page.close()


LATE = """() => {
  const through = window.fetch;
  window.fetch = (path, options) =>
    new Promise((resolve) => setTimeout(resolve, /units\\?q=/.test(path) ? 700 : 0)).then(() => through(path, options));
}"""
"""Candidates come late."""


def test_a_group_waits_for_the_unit_that_is_on_its_way(opened: Opened, served: Served) -> None:
    page = opened(view="#/groups")
    group = group_of(page, "L-1")
    expect(group.locator(".chip").first).to_be_visible()
    page.evaluate(LATE)
    lead = group.get_by_role("combobox", name="主办单位")
    lead.focus()
    page.keyboard.type("jyj")
    page.keyboard.press("F2")
    expect(page.locator(".message.wrong")).to_contain_text("“jyj”还不是单位")
    assert leads(served, "L-1") == [[]]
    lead.fill("")
    page.keyboard.type("jyj")
    page.keyboard.press("Enter")
    page.keyboard.press("F2")
    expect(page.locator(".messages")).to_contain_text("教育局 3件")
    assert "教育局" in leads(served, "L-1")[0]
    page.locator("#main").focus()
    page.keyboard.press("Control+z")
    expect(group).to_have_count(1)


def proposal(number: int) -> dict[str, Any]:
    common = {
        "text": "天黑以后看不见路。",
        "source": "群众",
        "date": "2026-03-05",
        "proposers": ["甲"],
        "confidential": False,
    }
    members = [
        {
            **common,
            "id": f"W-{number}-{order}",
            "title": f"关于{number}号路装路灯的建议",
            "probability": 0.9,
            "evidence": None,
        }
        for order in range(4)
    ]
    return {"representative": members[0]["id"], "members": members, "score": 0.9, "note": ""}


def test_three_hundred_groups_stand_there_and_only_those_in_sight_are_laid_out(opened: Opened, served: Served) -> None:
    page = opened(view="#/help")
    told = {"texts": 1200, "proposals": [proposal(number) for number in range(300)]}
    page.route(re.compile(r"/v1/groups"), lambda route: route.fulfill(json=told))
    units = {"units": [{"unit": f"{name}局", "matched": "name", "written": name} for name in ("教育", "交通", "经信")]}
    page.route(re.compile(r"/v1/units"), lambda route: route.fulfill(json=units))
    show(page, "#/groups")
    groups = page.locator(".groups-matter")
    for shown in range(5, 300, 10):
        expect(groups).to_have_count(shown)
        page.locator("main button", has_text="再显示").click()
    expect(groups).to_have_count(300)
    in_sight = (
        "groups => groups.filter((one) => one.querySelector('table').checkVisibility({ contentVisibilityAuto: true }))"
    )
    assert groups.evaluate_all(f"groups => ({in_sight})(groups).length") < 30
    last = groups.last
    last.locator("input[role=combobox]").first.focus()
    expect(last.locator("input[role=combobox]").first).to_be_focused()
    page.keyboard.type("jy")
    expect(last.locator("input[role=combobox]").first).to_have_value("jy")
    option = last.locator("[role=option]").last
    expect(option).to_be_visible()
    option.click()  # nothing lies over it, and nothing cuts it off
    expect(last.locator(".chip")).to_have_count(1)
