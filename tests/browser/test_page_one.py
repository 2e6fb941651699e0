"""One suggestion on the page: typed, advised, marked, decided by keyboard, taken back, and nothing lost meanwhile."""

from __future__ import annotations

import json
import re
import time
from itertools import count
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import expect

from benchmarks.page.browsing import show, sign_in
from tests.browser.lines import line_down
from tests.browser.test_page_axe import complaints

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Request, Route

    from benchmarks.page.serving import Served
    from tests.browser.conftest import Opened

LAMPS = "柳树巷的路灯坏了一个多月"
LAMPS_TEXT = "柳树巷从北口到菜场的六盏路灯都不亮，晚上老人出门容易摔跤。建议尽快修好，并换成节能灯。"
BUSES = "关于在北环路增设公交站点的建议"
BUSES_TEXT = "北环路东段新建了三个小区，最近的公交站要走两公里。建议在北环路增设两个公交站。"
NUMBERS = count(1)
OFFLINE = r"Failed to load resource|request failed"


@pytest.fixture(scope="module", autouse=True)
def index_is_there(served: Served) -> None:
    """The index has taken in the demo's suggestions: a service that has only just begun answers 503 until then."""
    until = time.monotonic() + 60
    headers = {"Authorization": f"Bearer {served.key}"}
    body = {"suggestions": [{"title": LAMPS}]}
    while (status := httpx.post(f"{served.address}/v1/precedents", json=body, headers=headers).status_code) != 200:
        assert status == 503
        assert time.monotonic() < until
        time.sleep(0.2)


def new_id() -> str:
    """An id that no test has used."""
    return f"YJ2026-{next(NUMBERS):03}"


def write(page: Page, title: str = LAMPS, text: str = LAMPS_TEXT, number: str = "") -> None:
    """A letter on the sheet, and its advice."""
    page.get_by_label("标题").fill(title)
    page.get_by_label("正文").fill(text)
    if number:
        register = page.locator(".one-register")
        if not page.get_by_label("编号").is_visible():
            register.locator("summary").click()
        page.get_by_label("编号").fill(number)
    advised(page)


TWO_FRAMES = "() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"


def advised(page: Page) -> None:
    """The advice is there, and of what the sheet says now: F2 on an earlier one only asks to wait."""
    page.evaluate(TWO_FRAMES)
    expect(page.locator(".one-how")).not_to_contain_text("正在分析")
    expect(page.locator(".one-lead").first).to_be_visible()


def kept(served: Served, number: str) -> Any:
    return served.call("GET", f"/v1/suggestions/{number}")


def hand_in(served: Served, title: str = LAMPS, text: str = LAMPS_TEXT, **more: Any) -> str:
    """A stored suggestion with its advice."""
    number = more.pop("id", None) or new_id()
    letter = {"id": number, "title": title, "text": text, **more}
    served.call("POST", "/v1/suggestions", {"suggestions": [letter], "triage": True})
    return str(number)


def decide(served: Served, number: str, lead: str, key: str = "", by: str = "王静") -> None:
    held = kept(served, number)["decision"]
    seen = {"If-Match": f'"{held}"'} if held else {"If-None-Match": "*"}
    body = {"lead": [lead], "decided_by": by}
    served.call("PUT", f"/v1/suggestions/{number}/decision", body, key=key, headers=seen)


def leads(page: Page) -> list[str]:
    return page.locator(".one-lead span:first-of-type").all_inner_texts()


def ticked(page: Page) -> str:
    return page.locator(".one-lead:has(:checked) span").first.inner_text()


def message(page: Page, words: str | re.Pattern[str]) -> Locator:
    return page.locator(".messages .message", has_text=words)


def test_an_empty_sheet_says_what_to_do_and_shows_it_with_an_example(opened: Opened) -> None:
    page = opened()
    expect(page.locator(".one-empty li")).to_have_count(3)
    expect(page.get_by_label("标题")).to_be_focused()
    page.get_by_role("button", name="填一个例子试试").click()
    expect(page.locator(".one-lead")).to_have_count(5)
    expect(page.locator(".one-how")).to_contain_text(re.compile("较有把握|请从五个中选|建议会商"))
    expect(page.locator(".one-why")).to_contain_text("职责")
    expect(page.locator(".one-empty")).to_have_count(0)
    expect(page.locator(".one-precedents")).to_contain_text("主办")


def test_who_types_is_asked_for_half_a_second_after_the_last_key(opened: Opened) -> None:
    page = opened()
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if request.url.endswith("/v1/triage") else None)
    page.get_by_label("标题").press_sequentially(LAMPS, delay=20)
    expect(page.locator(".one-how")).to_contain_text("正在分析")
    expect(page.locator(".one-lead").first).to_be_visible()
    assert [json.loads(request.post_data or "")["suggestions"][0]["title"] for request in asked] == [LAMPS]


def test_an_answer_to_other_words_is_never_shown(opened: Opened, served: Served) -> None:
    page = opened()
    held: list[Route] = []

    def hold(route: Route) -> None:
        if LAMPS in (route.request.post_data or "") and not held:
            held.append(route)
        else:
            route.continue_()

    page.route("**/v1/triage", hold)
    with page.expect_request(lambda request: LAMPS in (request.post_data or "")):
        page.get_by_label("标题").fill(LAMPS)
    page.get_by_label("标题").fill(BUSES)
    answer = served.call("POST", "/v1/triage", {"suggestions": [{"title": BUSES}]})["results"][0]
    told = [one["unit"] for one in answer["lead"][:5]]
    expect(page.locator(".one-lead span:first-of-type")).to_have_text(told)
    held[0].abort()
    page.wait_for_timeout(200)
    assert leads(page) == told
    page.get_by_label("标题").fill(f"{BUSES}，并修路灯")
    expect(page.locator(".one-lead")).to_have_count(0)


def test_duty_and_words_are_marked_at_their_places_and_switched_off_by_the_legend(
    opened: Opened, served: Served
) -> None:
    page = opened()
    write(page)
    answer = served.call("POST", "/v1/triage", {"suggestions": [{"title": LAMPS, "text": LAMPS_TEXT}]})["results"][0]
    lead = answer["lead"][0]["unit"]
    spans = [
        LAMPS_TEXT[span["start"] : span["end"]]
        for one in answer["evidence"]
        if one["unit"] == lead and one["kind"] == "words"
        for span in one["spans"]
        if span["field"] == "text"
    ]
    assert spans
    under = page.locator(".one-text .one-under")
    expect(under).to_have_text(f"{LAMPS_TEXT}\u200b")
    marked = "".join(under.locator("mark.words").all_inner_texts())
    assert sorted(marked) == sorted("".join(spans))
    same = page.evaluate("""() => {
      const [under, over] = [".one-text .one-under", "#one-text"].map((name) => document.querySelector(name));
      const look = (one) => [one.getBoundingClientRect().width, one.getBoundingClientRect().height];
      const names = ["font", "lineHeight", "padding", "letterSpacing"];
      const style = (one) => names.map((name) => getComputedStyle(one)[name]);
      return [look(under), look(over), style(under), style(over), over.scrollHeight <= over.clientHeight];
    }""")
    assert same[0] == same[1]
    assert same[2] == same[3]
    assert same[4], "the field is as high as its text"
    page.get_by_label("起作用的词").uncheck()
    expect(under.locator("mark.words")).to_have_count(0)
    page.reload()
    expect(page.get_by_label("起作用的词")).not_to_be_checked()
    page.get_by_label("起作用的词").check()


def test_an_evidence_line_shows_its_own_words(opened: Opened) -> None:
    page = opened()
    write(page)
    under = page.locator(".one-text .one-under")
    line = page.locator(".one-why button.one-line").first
    line.hover()
    expect(under.locator("mark.pointed").first).to_be_attached()
    page.mouse.move(0, 0)
    expect(under.locator("mark.pointed")).to_have_count(0)
    line.focus()
    expect(under.locator("mark.pointed").first).to_be_attached()
    line.press("Enter")
    page.get_by_label("标题").focus()
    expect(line).to_have_attribute("aria-pressed", "true")
    expect(under.locator("mark.pointed").first).to_be_attached()


def test_findings_of_the_check_stand_at_their_place_with_a_number(opened: Opened) -> None:
    page = opened()
    write(page, "学校门口的事", "校门口的电线杆歪了，随时会倒下来砸到孩子，非常危险。请赶快处理。")
    note = page.locator(".one-notes li", has_text="紧急")
    number = note.locator(".one-number").inner_text()
    mark = page.locator(f'.one-text mark.finding[data-note="{number}"]')
    expect(mark).to_be_attached()
    assert "危险" in "".join(page.locator(".one-text mark.finding").all_inner_texts())


def test_places_are_marked_and_whose_ground_it_is_is_told(opened: Opened) -> None:
    page = opened()
    write(page, "垃圾没人收", "林溪镇菜场旁边的垃圾半个月没有人收，气味很大。请安排清运。")
    expect(page.locator(".one-text mark.place")).to_have_text("林溪镇")
    expect(page.locator(".one-why .one-facts")).to_contain_text("属地")
    expect(page.locator(".one-why .one-facts")).to_contain_text("林溪镇")


def test_a_character_beyond_the_basic_plane_moves_no_mark(opened: Opened) -> None:
    page = opened()
    found = page.evaluate("""async () => {
      const { markedTemplate, marksOf } = await import("/page/scripts/parts/marks.js");
      const { html, render } = await import("/page/scripts/html.js");
      const here = document.createElement("div");
      const text = "𠮷家巷的路灯坏了<b>";
      const span = (start, end) => ({ field: "text", start, end });
      const marks = [
        { kind: "a", span: span(4, 6), note: "1" },
        { kind: "b", span: span(5, 7) },
        { kind: "c", span: span(9, 99) },
        { kind: "d", span: { field: "title", start: 0, end: 2 } },
        ...marksOf("e", { text }, ["𠮷家", "没有", ""]),
      ];
      render(html`${markedTemplate(text, "text", marks)}`, here);
      const told = (mark) => [mark.className, mark.textContent, mark.dataset.note ?? ""];
      return [here.textContent, Array.from(here.querySelectorAll("mark"), told)];
    }""")
    assert found == [
        "𠮷家巷的路灯坏了<b>",
        [["e", "𠮷家", ""], ["a", "路", ""], ["a b", "灯", "1"], ["b", "坏", ""], ["c", "b>", ""]],
    ]


def test_one_key_hands_in_and_decides_and_the_next_sheet_is_clean(opened: Opened, served: Served) -> None:
    page = opened()
    number = new_id()
    write(page, number=number)
    page.get_by_label("来源").fill("热线")
    page.get_by_label("提出人").fill("周大姐、李师傅")
    advised(page)
    lead = ticked(page)
    page.keyboard.press("F2")
    expect(page.locator(".one-kept")).to_be_visible()
    assert page.url.endswith(f"#/one/{number}")
    stored = kept(served, number)
    assert stored["lead"] == [lead] == [stored["advice"]["lead"]]
    assert stored["co"] == stored["advice"]["co"]
    assert (stored["source"], stored["proposers"]) == ("热线", ["周大姐", "李师傅"])
    [decision] = served.call("GET", f"/v1/suggestions/{number}/decisions")["decisions"]
    assert decision["answer"] == stored["answer"]["id"]
    assert decision["suggested_lead"] == [lead]
    assert decision["decided_by"] == "demo"
    expect(page.locator(".one-history")).to_contain_text(f"demo 交办：{lead}主办")
    page.keyboard.press("F8")
    expect(page.get_by_label("标题")).to_be_focused()
    expect(page.get_by_label("标题")).to_have_value("")
    expect(page.locator(".one-told")).to_have_count(0)
    page.reload()
    expect(page.get_by_label("标题")).to_have_value("")


def test_a_stored_one_is_changed_by_keys_alone_and_every_step_taken_back(opened: Opened, served: Served) -> None:
    number = hand_in(served)
    units = [one["unit"] for one in served.call("GET", "/v1/units?limit=2000")["units"]]
    first = kept(served, number)["advice"]["lead"]
    other = next(unit for unit in reversed(units) if unit != first)
    page = opened(view=f"#/one/{number}")
    expect(page.locator(".one-history li")).to_have_count(1)
    page.keyboard.press("F2")
    expect(page.locator(".one-history")).to_contain_text(f"交办：{first}主办")
    page.keyboard.press("F4")
    page.keyboard.type(other)
    expect(page.locator("#one-lead-option-0")).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("F9")
    expect(page.locator("#one-reason")).to_be_focused()
    page.keyboard.type("路归他们管")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".one-history")).to_contain_text("理由：路归他们管")
    assert kept(served, number)["lead"] == [other]
    page.locator("#main").focus()
    page.keyboard.press("Control+z")
    expect(page.locator(".one-history li")).to_have_count(4)
    assert kept(served, number)["lead"] == [first]
    expect(page.locator(".one-bar b")).to_contain_text(first)
    page.keyboard.press("Control+z")
    expect(page.locator(".one-history")).to_contain_text("撤回了交办")
    assert kept(served, number)["state"] == "open"
    assert len(served.call("GET", f"/v1/suggestions/{number}/decisions")["decisions"]) == 4


def test_arrows_choose_among_the_five(opened: Opened, served: Served) -> None:
    number = hand_in(served)
    page = opened(view=f"#/one/{number}")
    expect(page.locator(".one-lead")).to_have_count(5)
    page.locator(".one-lead input:checked").focus()
    page.keyboard.press("ArrowDown")
    second = leads(page)[1]
    expect(page.locator(".one-lead:has(:checked)")).to_contain_text(second)
    page.keyboard.press("F2")
    expect(page.locator(".one-history")).to_contain_text(f"交办：{second}主办")
    assert kept(served, number)["lead"] == [second]


def test_several_leads_are_a_split(opened: Opened, served: Served) -> None:
    number = hand_in(served)
    units = [one["unit"] for one in served.call("GET", "/v1/units?limit=2000")["units"]]
    page = opened(view=f"#/one/{number}")
    expect(page.locator(".one-lead")).to_have_count(5)
    among = leads(page)
    one, two = [unit for unit in units if unit not in among][:2]
    for unit in (one, two):
        page.keyboard.press("F4")
        page.keyboard.type(unit)
        expect(page.locator("#one-lead-option-0")).to_contain_text(unit)
        page.keyboard.press("Enter")
    expect(page.locator(".one-leads")).to_contain_text("分办")
    page.keyboard.press("F2")
    expect(page.locator(".one-history")).to_contain_text("（分办）")
    assert kept(served, number)["lead"] == [one, two]


def test_what_is_typed_and_chosen_outlives_a_reload(opened: Opened, served: Served) -> None:
    page = opened()
    write(page)
    second = page.locator(".one-lead").nth(1)
    second.click()
    name = leads(page)[1]
    page.reload()
    expect(page.get_by_label("正文")).to_have_value(LAMPS_TEXT)
    expect(page.locator(".one-told")).to_contain_text("已恢复")
    expect(page.locator(".one-lead:has(:checked)")).to_contain_text(name)
    page.keyboard.press("F8")
    expect(page.get_by_label("正文")).to_have_value("")
    message(page, "没有交办").get_by_role("button", name="撤销").click()
    expect(page.get_by_label("正文")).to_have_value(LAMPS_TEXT)
    number = hand_in(served)
    show(page, f"#/one/{number}")
    expect(page.locator(".one-lead")).to_have_count(5)
    page.keyboard.press("F9")
    page.keyboard.type("还要问一问")
    page.reload()
    expect(page.locator("#one-reason")).to_have_value("还要问一问")
    expect(page.locator(".one-lead:has(:checked)")).to_have_count(1)


def test_two_tabs_have_a_sheet_each(opened: Opened, served: Served) -> None:
    page = opened()
    write(page)
    second = page.context.new_page()
    sign_in(second, served.address, served.key)
    expect(second.get_by_label("标题")).to_be_visible()
    second.wait_for_timeout(1000)  # in which it looks for a sheet of a closed tab
    expect(second.get_by_label("正文")).to_have_value("")
    write(second, BUSES, BUSES_TEXT)
    for one, title in ((page, LAMPS), (second, BUSES)):
        one.reload()
        expect(one.get_by_label("标题")).to_have_value(title)
    page.wait_for_timeout(1000)
    expect(page.get_by_label("标题")).to_have_value(LAMPS)


def test_what_was_typed_in_a_tab_that_is_closed_comes_back_in_the_next_one(opened: Opened, served: Served) -> None:
    page = opened()
    write(page)
    context = page.context
    third = context.new_page()  # what is typed here stays here
    sign_in(third, served.address, served.key)
    expect(third.get_by_label("标题")).to_be_visible()
    third.wait_for_timeout(1000)
    write(third, BUSES, BUSES_TEXT)
    page.close()
    second = context.new_page()
    sign_in(second, served.address, served.key)
    expect(second.get_by_label("正文")).to_have_value(LAMPS_TEXT)
    expect(second.locator(".one-told")).to_contain_text("已恢复")
    expect(third.get_by_label("标题")).to_have_value(BUSES)
    second.reload()
    expect(second.get_by_label("正文")).to_have_value(LAMPS_TEXT)
    second.keyboard.press("F8")
    expect(second.get_by_label("正文")).to_have_value("")
    second.reload()
    expect(second.get_by_label("标题")).to_be_visible()
    second.wait_for_timeout(1000)
    expect(second.get_by_label("正文")).to_have_value("")


def test_a_tab_that_was_duplicated_gets_a_name_of_its_own(opened: Opened, served: Served) -> None:
    page = opened()
    write(page)
    second = page.context.new_page()
    copied = page.evaluate("() => Object.entries(sessionStorage)")
    second.add_init_script(f"for (const [name, value] of {json.dumps(copied)}) sessionStorage[name] ??= value")
    sign_in(second, served.address, served.key)
    expect(second.get_by_label("正文")).to_have_value(LAMPS_TEXT)
    second.wait_for_timeout(1000)
    second.get_by_label("标题").fill(BUSES)
    page.reload()
    expect(page.get_by_label("标题")).to_have_value(LAMPS)
    second.reload()
    expect(second.get_by_label("标题")).to_have_value(BUSES)


def test_what_is_decided_without_a_line_arrives_also_after_a_reload(opened: Opened, served: Served) -> None:
    page = opened()
    page.watch.allow(OFFLINE)  # type: ignore[attr-defined]
    numbers = [new_id(), new_id()]
    with line_down(page, "**/v1/suggestions**"):
        for number, title in zip(numbers, (LAMPS, BUSES), strict=True):
            write(page, title=title, number=number)
            page.keyboard.press("F2")
            expect(page.get_by_role("alert").filter(has_text="连不上服务")).to_be_visible()
            page.keyboard.press("F8")
            expect(page.get_by_label("标题")).to_have_value("")
        page.reload()
        expect(page.get_by_label("标题")).to_be_visible()
    for number in numbers:
        expect(message(page, f"已补办：交办 {number}")).to_be_visible()
        assert kept(served, number)["state"] == "decided"
        assert len(served.call("GET", f"/v1/suggestions/{number}/decisions")["decisions"]) == 1
    expect(page.get_by_label("标题")).to_have_value("")


def test_an_id_that_is_taken_loses_no_text_and_decides_nothing_else(opened: Opened, served: Served) -> None:
    number = hand_in(served, BUSES, BUSES_TEXT)
    page = opened()
    page.watch.allow("409")  # type: ignore[attr-defined]
    write(page, number=number)
    page.keyboard.press("F2")
    expect(message(page, re.compile("编号|已"))).to_be_visible()
    expect(page.get_by_label("正文")).to_have_value(LAMPS_TEXT)
    assert kept(served, number)["title"] == BUSES
    assert kept(served, number)["state"] == "open"
    page.reload()
    expect(page.get_by_label("正文")).to_have_value(LAMPS_TEXT)


def test_a_refusal_that_nobody_saw_brings_the_sheet_back(opened: Opened, served: Served) -> None:
    number = hand_in(served, BUSES, BUSES_TEXT)
    page = opened()
    page.watch.allow(f"{OFFLINE}|409")  # type: ignore[attr-defined]
    write(page, number=number)
    with line_down(page, "**/v1/suggestions"):
        page.keyboard.press("F2")
        expect(page.get_by_role("alert").filter(has_text="连不上服务")).to_be_visible()
    page.reload()
    expect(message(page, f"没有办成：登记 {number}")).to_be_visible()
    expect(page.get_by_label("正文")).to_have_value(LAMPS_TEXT)
    expect(page.locator(".one-told")).to_contain_text("没有登记成功")
    assert kept(served, number)["state"] == "open"
    page.locator(".one-register summary").click()
    page.get_by_label("编号").fill("待定/一")
    page.keyboard.press("F2")
    expect(message(page, "编号里不能有")).to_be_visible()


def test_two_clerks_at_once_see_both_decisions_and_choose(opened: Opened, served: Served) -> None:
    number = hand_in(served)
    page = opened(view=f"#/one/{number}")
    page.watch.allow("409")  # type: ignore[attr-defined]
    page.route("**/v1/changes**", lambda route: route.fulfill(json={"changes": [], "last": 1}))
    page.wait_for_timeout(300)
    expect(page.locator(".one-lead")).to_have_count(5)
    mine, theirs = leads(page)[0], leads(page)[1]
    decide(served, number, theirs)
    page.keyboard.press("F2")
    both = page.locator(".one-conflict")
    expect(both).to_be_focused()
    expect(both).to_contain_text(re.compile(f"王静于.*交办：{theirs}主办"))
    expect(both).to_contain_text(f"{mine}主办")
    both.get_by_role("button", name="改成我选的").click()
    expect(both).to_have_count(0)
    expect(page.locator(".one-history li")).to_have_count(3)
    assert kept(served, number)["lead"] == [mine]
    message(page, "已交办").get_by_role("button", name="撤销").click()
    expect(page.locator(".one-history li")).to_have_count(4)
    assert kept(served, number)["lead"] == [theirs]
    decide(served, number, mine)
    page.locator(".one-lead").nth(2).click()
    page.keyboard.press("F2")
    both.get_by_role("button", name="保留现在的").click()
    expect(page.locator(".one-lead:has(:checked)")).to_contain_text(mine)
    assert kept(served, number)["lead"] == [mine]


def test_what_a_colleague_decides_meanwhile_is_told(opened: Opened, served: Served) -> None:
    number = hand_in(served)
    colleague = served.add_key("陈科长", "decide")
    page = opened(view=f"#/one/{number}")
    expect(page.locator(".one-lead")).to_have_count(5)
    second = leads(page)[1]
    page.wait_for_event("response", lambda response: "/v1/changes" in response.url)  # it follows from its first look on
    decide(served, number, second, key=colleague, by="陈科长")
    expect(page.locator(".one-told")).to_contain_text(f"陈科长刚刚交办了这件：{second}主办")
    expect(page.locator(".one-history")).to_contain_text("陈科长 交办")
    expect(page.locator(".one-lead:has(:checked)")).to_contain_text(second)


def test_withdrawn_returned_and_closed_with_who_and_when(opened: Opened, served: Served) -> None:
    number = hand_in(served)
    page = opened(view=f"#/one/{number}")
    expect(page.locator(".one-lead")).to_have_count(5)
    lead = ticked(page)
    page.keyboard.press("F2")
    page.get_by_role("button", name="撤回交办").click()
    page.get_by_label("撤回的理由").fill("点错了")
    page.get_by_role("button", name="撤回", exact=True).click()
    history = page.locator(".one-history")
    expect(history).to_contain_text("demo 撤回了交办")
    expect(history).to_contain_text("点错了")
    assert kept(served, number)["decided"] is None
    message(page, "已撤回").get_by_role("button", name="撤销").click()
    expect(page.locator(".one-history li")).to_have_count(4)
    assert kept(served, number)["lead"] == [lead]
    history.get_by_text("登记退单").first.click()
    page.get_by_label("退单理由").fill("不是我们的路段")
    history.get_by_role("button", name="登记退单").click()
    expect(history).to_contain_text(f"{lead}于")
    expect(history).to_contain_text("不是我们的路段")
    expect(page.locator(".one-how")).to_contain_text("已退单")
    history.get_by_text("登记办理结果（办结）").click()
    page.get_by_label("办理结果").fill("A")
    page.get_by_label("答复", exact=True).fill("路灯已经修好，谢谢您。")
    history.get_by_role("button", name="登记结果").click()
    expect(history).to_contain_text("办理结果 A")
    assert kept(served, number)["state"] == "closed"


def test_the_next_open_one_comes_by_what_is_unsure_and_by_the_filter(opened: Opened, served: Served) -> None:
    wanted = {hand_in(served, source="街道") for _ in range(3)}
    first = min(wanted)
    page = opened(view=f"#/one/{first}?source=街道")
    seen = {first}
    for _ in range(2):
        expect(page.locator(".one-kept")).to_be_visible()
        page.keyboard.press("F8")
        passed = [f"#/one/{number}" for number in seen]
        page.wait_for_function("seen => !seen.includes(location.hash.split('?')[0])", arg=passed)
        seen.add(page.url.split("#/one/")[1].split("?")[0])
    assert seen == wanted
    expect(page.locator(".one-kept")).to_be_visible()
    page.keyboard.press("F8")
    expect(message(page, "没有别的待交办")).to_be_visible()


def test_a_word_file_is_read_and_a_table_is_sent_on(opened: Opened, tmp_path: Any) -> None:
    from docx import Document

    page = opened()
    document = Document()
    document.add_paragraph(BUSES)
    document.add_paragraph(BUSES_TEXT)
    document.save(str(tmp_path / "来信.docx"))
    page.locator(".one-file input").set_input_files(tmp_path / "来信.docx")
    expect(page.get_by_label("标题")).to_have_value(BUSES)
    expect(page.get_by_label("正文")).to_have_value(re.compile("北环路东段"))
    expect(page.locator(".one-told")).to_contain_text("已读入 来信.docx")
    expect(page.locator(".one-lead")).to_have_count(5)
    drop = """(name) => {
      const data = new DataTransfer();
      data.items.add(new File(["柳树巷的路灯坏了\\n晚上看不见路，请修一修。"], name, { type: "text/plain" }));
      const zone = document.querySelector(".one");
      zone.dispatchEvent(new DragEvent("dragover", { dataTransfer: data, bubbles: true, cancelable: true }));
      zone.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
    }"""
    page.evaluate(drop, "来信.txt")
    expect(page.get_by_label("正文")).to_have_value(re.compile("晚上看不见路"))
    page.evaluate(drop, "一批.xlsx")
    expect(message(page, "一批")).to_be_visible()
    page.watch.allow("422|415|400")  # type: ignore[attr-defined]
    page.evaluate(drop, "旧信.doc")
    expect(page.locator(".message.wrong")).to_be_visible()
    expect(page.get_by_label("正文")).to_have_value(re.compile("晚上看不见路"))


def test_title_and_text_that_were_copied_together_come_apart(opened: Opened) -> None:
    page = opened()
    expect(page.get_by_label("标题")).to_be_focused()
    page.evaluate(
        """(words) => {
          const data = new DataTransfer();
          data.setData("text/plain", words);
          const field = document.getElementById("one-title");
          field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        f"{LAMPS}\n\n{LAMPS_TEXT}",
    )
    expect(page.get_by_label("标题")).to_have_value(LAMPS)
    expect(page.get_by_label("正文")).to_have_value(LAMPS_TEXT)
    page.get_by_label("标题").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("正文")).to_be_focused()


def test_two_texts_side_by_side_with_what_they_share_and_where_they_differ(opened: Opened) -> None:
    page = opened()
    write(page, BUSES, BUSES_TEXT)
    hit = page.locator(".one-repeats li", has_text="RD2025-031")
    expect(hit).to_contain_text("提出人：")
    hit.get_by_role("button", name="对照").click()
    both = page.locator(".one-comparison")
    expect(both.locator("h2")).to_be_focused()
    sides = both.locator("article")
    expect(sides).to_have_count(2)
    for side in sides.all():
        expect(side.locator("mark.shared").first).to_be_visible()
    expect(both).to_contain_text(re.compile("一致|不同"))
    page.watch.allow("404")  # type: ignore[attr-defined]
    page.route(
        "**/v1/suggestions/*", lambda route: route.fulfill(status=404, json={"code": "not-found", "status": 404})
    )
    both.get_by_role("button", name="收起对照").click()
    hit.get_by_role("button", name="对照").click()
    expect(both).to_contain_text("没有存在这里")
    expect(both.locator("mark.shared").first).to_be_visible()


def test_what_somebody_found_to_be_no_one_matter_is_told_beside_the_hit(opened: Opened, served: Served) -> None:
    two = [{"id": f"AP-{number}", "title": BUSES, "text": BUSES_TEXT, "source": "热线"} for number in (1, 2)]
    served.call("POST", "/v1/suggestions", {"suggestions": two})
    until = time.monotonic() + 60
    while "AP-2" not in str(served.call("GET", "/v1/suggestions/AP-1/duplicates")):  # the index follows a moment later
        assert time.monotonic() < until
        time.sleep(0.1)
    page = opened(view="#/one/AP-1")
    hit = page.locator(".one-repeats li", has_text="AP-2")
    expect(hit).to_be_visible()
    expect(hit).not_to_contain_text("认定")
    found = served.call("POST", "/v1/apart", {"kind": "merge", "suggestions": ["AP-2", "AP-1"]})
    page.reload()
    expect(hit).to_contain_text(f"{found['by']}于")
    expect(hit).to_contain_text("认定：与这一件不是一回事。")
    served.call("DELETE", f"/v1/apart/{found['number']}")


def test_without_an_index_the_page_says_why_there_are_no_precedents(opened: Opened) -> None:
    page = opened()
    page.watch.allow("501")  # type: ignore[attr-defined]
    page.route("**/v1/precedents", lambda route: route.fulfill(status=501, json={"code": "no-index", "status": 501}))
    write(page)
    expect(page.locator(".one-precedents")).to_contain_text("没有接历史建议库")


def test_without_a_memory_it_advises_and_says_why_nothing_is_kept(opened: Opened) -> None:
    page = opened()
    stateless = {"name": "", "scopes": ["triage"], "confidential": True, "memory": False}
    page.route("**/v1/me", lambda route: route.fulfill(json=stateless))
    page.reload()
    write(page)
    expect(page.locator(".one-deciding")).to_contain_text("内容不会留存")
    expect(page.get_by_role("combobox", name="其他主办单位")).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("交办"))).to_have_count(0)
    page.locator(".one-lead").nth(1).click()
    page.keyboard.press("F2")
    expect(message(page, "没有接数据库")).to_be_visible()


def test_a_key_that_may_only_read_sees_all_and_decides_nothing(opened: Opened, served: Served) -> None:
    number = hand_in(served)
    page = opened(key=served.add_key("查看", "read"))
    expect(page.locator("main")).to_contain_text("不能分析新的建议")
    show(page, f"#/one/{number}")
    expect(page.locator(".one-lead")).to_have_count(5)
    expect(page.locator(".one-history li")).to_have_count(1)
    expect(page.locator(".one-lead input").first).to_be_disabled()
    expect(page.locator(".one-bar")).to_contain_text("只能查看")
    expect(page.get_by_role("button", name=re.compile("F2"))).to_have_count(0)
    page.keyboard.press("F2")
    expect(message(page, "只能查看")).to_be_visible()
    assert kept(served, number)["state"] == "open"


def test_a_confidential_one_is_handed_in_by_who_will_not_see_it_again(opened: Opened, served: Served) -> None:
    key = served.add_key("窗口", "triage", "decide")
    page = opened(key=key)
    number = new_id()
    write(page, number=number)
    page.get_by_label("保密").check()
    expect(page.get_by_role("button", name=re.compile("登记"))).to_be_visible()
    expect(page.locator(".one-lead").first).to_be_visible()
    page.keyboard.press("F2")
    expect(message(page, f"已登记 {number}")).to_be_visible()
    expect(page.get_by_label("正文")).to_have_value("")
    assert kept(served, number)["confidential"] is True
    page.watch.allow("404")  # type: ignore[attr-defined]
    page.evaluate("id => { location.hash = `#/one/${id}` }", number)
    expect(page.get_by_role("alert")).to_contain_text("钥匙看不到")


def test_only_handed_in_it_waits_for_a_decision(opened: Opened, served: Served) -> None:
    page = opened()
    number = new_id()
    write(page, number=number)
    page.get_by_role("button", name="只登记").click()
    expect(page.locator(".one-kept")).to_be_visible()
    assert kept(served, number)["state"] == "open"
    assert kept(served, number)["advice"]


def test_a_long_letter_is_written_and_answered(opened: Opened) -> None:
    page = opened()
    text = "\n".join(f"第{line}条：{LAMPS_TEXT}" for line in range(1, 420))[:20_000]
    page.get_by_label("正文").fill(text)
    expect(page.locator(".one-lead").first).to_be_visible()
    page.get_by_label("正文").press("End")
    took = page.evaluate("""async () => {
      const field = document.getElementById("one-text");
      const began = performance.now();
      field.setRangeText("又", 0, 0, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      return performance.now() - began;
    }""")
    assert took < 1000
    expect(page.locator(".one-text .one-under")).to_contain_text("又第1条")


def test_the_decision_is_in_sight_on_a_small_screen_at_125_percent(opened: Opened) -> None:
    page = opened(viewport={"width": 1093, "height": 520})
    write(page)
    for name in ("F2", "F4", "F8", "F9"):
        expect(page.get_by_role("button", name=re.compile(name))).to_be_in_viewport(ratio=1)
    for lead in page.locator(".one-lead").all():
        expect(lead).to_be_in_viewport(ratio=1)
    expect(page.locator(".one-bar b")).to_contain_text(ticked(page))
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_on_paper_there_are_title_text_advice_and_evidence_and_no_buttons(opened: Opened) -> None:
    page = opened()
    write(page, BUSES, BUSES_TEXT)
    page.emulate_media(media="print")
    expect(page.locator(".one-print")).to_have_text(BUSES)
    expect(page.locator(".one-print")).to_be_visible()
    expect(page.locator(".one-text .one-under")).to_have_css("color", "rgb(0, 0, 0)")
    for part in (".one-lead", ".one-evidence li", ".one-repeats li"):
        expect(page.locator(part).first).to_be_visible()
    fields = "button:not(.one-line), textarea, input, select, .one-bar"
    assert [field for field in page.locator(fields).all() if field.is_visible()] == []


@pytest.mark.parametrize("stored", [False, True])
def test_axe_finds_nothing_serious_with_all_that_can_stand_there(opened: Opened, served: Served, stored: bool) -> None:
    page = opened()
    if stored:
        number = hand_in(served, LAMPS, LAMPS_TEXT)
        decide(served, number, kept(served, number)["advice"]["lead"])
        show(page, f"#/one/{number}")
        expect(page.locator(".one-history li")).to_have_count(2)
    else:
        write(page, LAMPS, f"{LAMPS_TEXT}电线杆歪了，非常危险。")
        page.locator(".one-register summary").click()
    expect(page.locator(".one-precedents li").first).to_be_visible()
    page.locator(".one-repeats").get_by_role("button", name="对照").first.click()
    expect(page.locator(".one-comparison article")).to_have_count(2)
    page.evaluate("document.querySelectorAll('.one details').forEach((part) => { part.open = true })")
    page.keyboard.press("F9")
    assert complaints(page) == []
