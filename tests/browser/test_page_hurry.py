"""A clerk who is faster than the line, a line that breaks in an answer, and clerks who share a computer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from benchmarks.page.browsing import show
from tests.browser.lines import line_down

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from benchmarks.page.serving import Served
    from tests.browser.conftest import Opened

TITLE = "关于在桂花里小区门口安装路灯的建议"
HELD_BACK = """() => {
  const through = window.fetch;
  window.fetch = (path, options) => {
    const short = /units\\?q=(.)&/.test(path) || !/units\\?q=/.test(path);
    return new Promise((resolve) => setTimeout(resolve, short ? 0 : 700)).then(() => through(path, options));
  };
}"""
"""What is asked for two letters and more comes late."""
BREAKS = """() => {
  const through = window.fetch;
  let left = 1;
  window.fetch = async (path, options) => {
    const answer = await through(path, options);
    if (options.method !== "PUT" || !left--) return answer;
    const broken = new ReadableStream({ start: (stream) => stream.error(new TypeError("network error")) });
    return new Response(broken, { status: answer.status, headers: answer.headers });
  };
}"""
"""The first decision is taken, but its answer does not arrive whole."""

WORKING = {
    "id": "0",
    "kind": "report",
    "state": "running",
    "done": 1,
    "total": 9,
    "failures": 0,
    "cancelling": False,
    "name": "",
    "created_at": "2026-03-05T08:00:00Z",
    "finished_at": None,
    "problem": None,
}


def hand_in(served: Served, number: str, **more: Any) -> None:
    letter = {"id": number, "title": TITLE, "text": "晚上很黑，请尽快安装。", **more}
    served.call("POST", "/v1/suggestions", {"suggestions": [letter], "triage": True})


def decisions(served: Served, number: str) -> list[Any]:
    found: list[Any] = served.call("GET", f"/v1/suggestions/{number}/decisions")["decisions"]
    return found


def count_of(served: Served, words: str) -> int:
    return len(served.call("GET", f"/v1/suggestions?q={words}")["suggestions"])


def without_index(page: Page) -> None:
    """A service that has only just begun has not read its index yet; nothing here is about precedents."""
    page.watch.allow(r"503 .*/precedents")  # type: ignore[attr-defined]


def ready(page: Page) -> None:
    without_index(page)
    expect(page.locator(".one-lead").first).to_be_visible()
    expect(page.locator(".one-history li").first).to_be_visible()


def test_a_key_that_is_held_down_hands_in_once(opened: Opened, served: Served) -> None:
    page = opened()
    without_index(page)
    page.get_by_label("标题").fill("关于修补丁香胡同井盖的建议")
    expect(page.locator(".one-lead").first).to_be_visible()
    for _ in range(40):
        page.keyboard.down("F2")
        page.wait_for_timeout(15)
    page.keyboard.up("F2")
    expect(page.locator(".one-history")).to_contain_text("demo 交办")
    assert count_of(served, "丁香胡同") == 1


def test_the_same_is_not_said_twice(opened: Opened, served: Served) -> None:
    page = opened()
    for _ in range(3):
        page.keyboard.press("F2")
    expect(page.locator(".message")).to_have_count(1)


def test_enter_before_the_candidates_takes_what_was_typed(opened: Opened, served: Served) -> None:
    hand_in(served, "KJ-1")
    units = served.call("GET", "/v1/units?q=jt&limit=1")["units"]
    page = opened(view="#/one/KJ-1")
    ready(page)
    page.evaluate(HELD_BACK)
    page.keyboard.press("F4")
    page.keyboard.type("j")
    expect(page.locator("#one-lead-option-0")).to_be_visible()
    assert page.locator("#one-lead-option-0").inner_text().splitlines()[0] != units[0]["unit"]
    page.keyboard.type("t")
    page.keyboard.press("Enter")
    page.keyboard.press("F9")
    page.keyboard.type("归他们")
    expect(page.locator(".one-bar b")).to_contain_text(units[0]["unit"])
    expect(page.locator("#one-lead-list")).to_be_hidden()
    expect(page.locator("#one-reason")).to_be_focused()
    expect(page.locator("#one-reason")).to_have_value("归他们")


def test_what_is_decided_waits_for_the_unit_that_is_on_its_way(opened: Opened, served: Served) -> None:
    hand_in(served, "KJ-10")
    unit = served.call("GET", "/v1/units?q=jt&limit=1")["units"][0]["unit"]
    page = opened(view="#/one/KJ-10")
    ready(page)
    page.evaluate(HELD_BACK)
    page.keyboard.press("F4")
    page.keyboard.type("jt")
    page.keyboard.press("Enter")
    page.keyboard.press("F2")
    expect(page.locator(".one-history")).to_contain_text("demo 交办")
    assert unit in served.call("GET", "/v1/suggestions/KJ-10")["lead"]


def test_candidates_that_come_late_do_not_open_a_field_that_was_left(opened: Opened, served: Served) -> None:
    hand_in(served, "KJ-2")
    page = opened(view="#/one/KJ-2")
    ready(page)
    page.evaluate(HELD_BACK)
    page.keyboard.press("F4")
    page.keyboard.type("jy")
    page.keyboard.press("F9")
    page.wait_for_timeout(1000)
    expect(page.locator("#one-lead-list")).to_be_hidden()


def test_while_a_question_is_open_only_it_has_keys(opened: Opened, served: Served) -> None:
    hand_in(served, "KJ-3")
    page = opened(view="#/one/KJ-3")
    ready(page)
    page.keyboard.press("F2")
    page.get_by_role("button", name="撤回交办").click()
    expect(page.locator("dialog")).to_be_visible()
    page.keyboard.press("F8")
    page.keyboard.press("Alt+2")
    assert page.url.endswith("#/one/KJ-3")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    assert len(decisions(served, "KJ-3")) == 1


def test_an_answer_that_breaks_off_is_no_refusal(opened: Opened, served: Served) -> None:
    hand_in(served, "KJ-4")
    page = opened(view="#/one/KJ-4")
    ready(page)
    page.evaluate(BREAKS)
    page.keyboard.press("F2")
    expect(page.locator(".one-history")).to_contain_text("demo 交办")
    expect(page.locator(".message.wrong")).to_have_count(0)
    expect(page.locator(".line")).to_have_count(0)
    assert len(decisions(served, "KJ-4")) == 1


@pytest.mark.parametrize("status", [429, 503, 504])
def test_what_passes_is_waited_out(opened: Opened, served: Served, status: int) -> None:
    number = f"KJ-5-{status}"
    hand_in(served, number)
    page = opened(view=f"#/one/{number}")
    page.watch.allow(f"status of {status}")  # type: ignore[attr-defined]
    ready(page)
    page.route("**/decision", lambda route: route.fulfill(status=status, body="<p>later</p>"), times=1)
    page.keyboard.press("F2")
    expect(page.locator(".one-history")).to_contain_text("demo 交办")
    assert len(decisions(served, number)) == 1


def test_the_next_clerk_takes_nothing_back_that_the_last_one_did(opened: Opened, served: Served) -> None:
    hand_in(served, "KJ-6")
    hers = served.add_key("赵敏", "read", "triage", "decide")
    page = opened(view="#/one/KJ-6")
    ready(page)
    page.keyboard.press("F2")
    expect(page.locator(".message")).to_contain_text("已交办 KJ-6")
    page.get_by_role("button", name="退出").click()
    expect(page.locator(".message")).to_have_count(0)
    page.get_by_label("您的钥匙").fill(hers)
    page.keyboard.press("Enter")
    expect(page.locator(".who")).to_have_text("赵敏")
    page.locator("#main").focus()
    page.keyboard.press("Control+z")
    expect(page.locator(".message")).to_contain_text("没有可以撤销的操作")
    assert len(decisions(served, "KJ-6")) == 1


def test_a_step_that_was_taken_back_is_not_offered_again(opened: Opened, served: Served) -> None:
    hand_in(served, "KJ-7")
    page = opened(view="#/one/KJ-7")
    ready(page)
    page.keyboard.press("F2")
    expect(page.get_by_role("button", name="撤销")).to_be_visible()
    page.locator("#main").focus()
    page.keyboard.press("Control+z")
    expect(page.locator(".one-history")).to_contain_text("撤回了交办")
    expect(page.get_by_role("button", name="撤销")).to_have_count(0)


def test_a_link_that_a_key_may_not_open_says_so(opened: Opened, served: Served) -> None:
    key = served.add_key("只看", "read")
    page = opened(key=key, view="#/list")
    page.evaluate("() => { location.hash = '#/batch/0123456789' }")
    expect(page.locator(".message")).to_contain_text("打不开“一批”：这把钥匙不能用这一页")
    expect(page.locator("main")).to_contain_text("这把钥匙不能分析新的建议")
    assert page.url.endswith("#/one")


def test_an_address_that_nobody_made_opens_the_first_view(opened: Opened) -> None:
    page = opened(view="#/list")
    page.watch.allow("404 ")  # type: ignore[attr-defined]  # no suggestion is called 100%
    for odd in ("#/toString", "#/one/100%", "#/%"):
        page.evaluate("odd => { location.hash = odd }", odd)
        expect(page.locator("main.view-one")).to_be_visible()
        show(page, "#/list")


def test_a_text_that_was_changed_bears_no_marks_of_the_old_one(opened: Opened, served: Served) -> None:
    hand_in(served, "KJ-8")
    page = opened(view="#/one/KJ-8")
    ready(page)
    marks = page.locator(".one-kept .one-words mark, .one-kept h1 mark")
    expect(marks.first).to_be_visible()
    news = {"title": "前面添了几个字：" + TITLE, "text": "照明不好，晚上很黑。"}
    served.call("PUT", "/v1/suggestions/KJ-8", news, headers={"If-Match": '"1"'})
    expect(page.locator(".one-told")).to_contain_text("刚刚改了这件的文字")
    expect(page.locator(".one-kept")).to_contain_text("建议是按旧稿给的")
    places = page.locator(".one-kept mark:not(.finding):not(.place)")
    expect(places).to_have_count(0)
    page.get_by_role("button", name="按现在的文字再分析").click()
    expect(places.first).to_be_visible()
    expect(page.locator(".one-kept")).not_to_contain_text("旧稿")
    stored = served.call("GET", "/v1/suggestions/KJ-8")
    assert stored["answer"]["version"] == stored["version"] == 2
    said = {
        (news[span["field"]])[span["start"] : span["end"]]
        for one in stored["answer"]["triaged"]["evidence"]
        for span in one["spans"]
    }
    shown = page.locator(".one-kept .duty, .one-kept .words").all_inner_texts()
    assert {words for words in shown if words not in {"职责用语", "起作用的词"}} <= {
        word[start:end] for word in said for start in range(len(word)) for end in range(start + 1, len(word) + 1)
    }


def test_steps_on_a_list_and_beside_a_text_are_taken_back_one_after_another(opened: Opened, served: Served) -> None:
    hand_in(served, "KJ-9", session="撤销演练")
    page = opened(view="#/list?session=撤销演练")
    without_index(page)
    page.locator("#list-rows").focus()
    page.keyboard.press("F2")
    expect(page.locator(".message")).to_contain_text("已采纳建议")
    show(page, "#/one/KJ-9")
    ready(page)
    page.locator(".one-lead input:not(:checked)").first.check()
    page.keyboard.press("F2")
    expect(page.locator(".one-history li")).to_have_count(3)
    page.locator("#main").focus()
    page.keyboard.press("Control+z")
    expect(page.locator(".one-history li")).to_have_count(4)
    page.keyboard.press("Control+z")
    expect(page.locator(".one-history")).to_contain_text("撤回了交办")
    expect(page.locator(".message.wrong")).to_have_count(0)
    assert served.call("GET", "/v1/suggestions/KJ-9")["state"] == "open"


@pytest.mark.parametrize(
    ("view", "asked", "there"),
    [
        ("office", "**/v1/statistics", "总览"),
        ("catalogue", "**/v1/catalogue/files", "现行目录"),
        ("batch", "**/v1/jobs?*", "还没有导入过"),
        ("model", "**/v1/model", "正在作答的模型"),
    ],
)
def test_a_view_that_opens_while_the_line_is_down_goes_on_by_itself(
    opened: Opened, view: str, asked: str, there: str
) -> None:
    page = opened(view="#/help")
    page.watch.allow("Failed to load resource|request failed")  # type: ignore[attr-defined]
    with line_down(page, asked):
        page.evaluate("view => { location.hash = `#/${view}` }", view)
        expect(page.locator(".line")).to_be_visible()
    expect(page.locator(".line")).to_have_count(0)
    expect(page.locator("main")).to_contain_text(there)
    expect(page.locator("main .trouble, main .starting")).to_have_count(0)


WRITTEN = """async (back) => {
  const { send } = await import("/page/scripts/outbox.js");
  const now = Date.now;
  for (const id of ["KJ-20", "KJ-21", "KJ-22"]) {
    Date.now = () => now() - back;
    back += 60_000;
    const body = { suggestions: [{ id, title: "路灯" }] };
    void send({ method: "POST", path: "/v1/suggestions", body, label: `登记 ${id}` });
  }
  Date.now = now;
  const names = Object.keys(localStorage).filter((name) => name.startsWith("triage.outbox.")).sort();
  localStorage.setItem(`${names[0]}.broken`, "{");
  return names.map((name) => JSON.parse(localStorage.getItem(name)).body.suggestions[0].id);
}"""


def test_what_waits_is_sent_in_order_even_where_the_clock_was_put_back(opened: Opened, served: Served) -> None:
    page = opened(view="#/help")
    page.watch.allow("Failed to load resource|request failed")  # type: ignore[attr-defined]
    with line_down(page, "**/v1/**"):
        assert page.evaluate(WRITTEN, 0) == ["KJ-20", "KJ-21", "KJ-22"]
        expect(page.locator(".line")).to_contain_text("有4项操作已记下")
    page.reload()
    page.wait_for_function("() => !Object.keys(localStorage).some((name) => name.startsWith('triage.outbox.'))")
    expect(page.locator(".message.wrong")).to_have_count(0)
    stored = [served.call("GET", f"/v1/suggestions/{number}")["created_at"] for number in ("KJ-20", "KJ-21", "KJ-22")]
    assert stored == sorted(stored)


def test_the_way_back_closes_a_question_and_says_no(opened: Opened, served: Served) -> None:
    hand_in(served, "KJ-30")
    unit = served.call("GET", "/v1/units?limit=1")["units"][0]["unit"]
    served.call("PUT", "/v1/suggestions/KJ-30/decision", {"lead": [unit]}, headers={"If-None-Match": "*"})
    page = opened(view="#/list")
    show(page, "#/one/KJ-30")
    ready(page)
    page.get_by_role("button", name="撤回").first.click()
    expect(page.locator("dialog")).to_be_visible()
    page.go_back()
    expect(page.locator("main.view-list")).to_be_visible()
    expect(page.locator("dialog")).to_have_count(0)
    page.keyboard.press("Alt+8")
    expect(page.locator("main.view-help")).to_be_visible()
    assert served.call("GET", "/v1/suggestions/KJ-30")["lead"] == [unit]


def test_a_file_is_not_made_for_a_view_that_was_left(opened: Opened, served: Served) -> None:
    page = opened(view="#/office/overview?period=all")
    button = page.locator(".paper button").first
    expect(button).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url.rpartition('/v1')[2]}"))
    page.on("download", lambda _: asked.append("a file"))
    page.route("**/v1/jobs/*", lambda route: route.fulfill(json=WORKING, status=200))
    button.click()
    expect(page.locator(".paper .progress")).to_be_visible()
    show(page, "#/help")
    expect(page.locator(".message")).to_contain_text("离开这一页就不写了")
    page.wait_for_timeout(300)
    told = len(asked)
    page.wait_for_timeout(2500)
    assert [one for one in asked[told:] if "/jobs/" in one or one == "a file"] == []
    assert any(one.startswith("DELETE /jobs/") for one in asked)
