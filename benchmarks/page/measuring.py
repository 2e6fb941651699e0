"""How soon the page can be used, what it weighs, and whether it stays awake while thousands of rows move.

A task is long where the browser says so (PerformanceObserver, ``longtask``): it ran for 50 ms or more, and nothing that
the clerk did meanwhile was answered.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from benchmarks.page.browsing import Watch, office, show, sign_in
from benchmarks.page.serving import Served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

VIEWS = ("one", "batch", "list", "groups", "office", "model", "catalogue", "help")
USABLE = "main.view-one textarea, main.view-one input"
"""A clerk can begin: there is a field to type or paste into."""
PATIENCE = 60_000
SETTLED = 1_500
"""Milliseconds after which the page has asked the service, and has drawn what it said."""
COMPARED = 600_000
"""Milliseconds that the service may take to compare, or to decide, thousands."""
GROUP = ".groups-matter"
GRID = "main.view-list [role=grid], main.view-list table"
WATCHING = """
window.__long = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.__long.push({start: entry.startTime, ms: entry.duration});
}).observe({ type: "longtask", buffered: true });
const usable = () => {
  const field = document.querySelector(%r);
  if (field && !field.disabled) window.__usable ??= performance.now();
  else requestAnimationFrame(usable);
};
usable();
"""
FETCHED = """
() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .filter((entry) => new URL(entry.name).pathname === "/" || new URL(entry.name).pathname.startsWith("/page/"))
  .map((entry) => [new URL(entry.name).pathname, entry.encodedBodySize, entry.decodedBodySize])
"""


def first_view(chrome: Browser, served: Served, times: int) -> dict[str, Any]:
    """Milliseconds from the click on the address until the clerk can type, in a browser that has never been here."""
    cold, warm = [], []
    for _ in range(times):
        with _page(chrome, served.address) as page:
            page.goto(f"{served.address}/#key={served.key}")
            cold.append(_usable(page))
            page.reload()
            warm.append(_usable(page))
    return {"times": times, "never_here": _told(cold), "here_before": _told(warm)}


def weight(chrome: Browser, served: Served) -> dict[str, Any]:
    """Files that a browser fetches for the first view and for all of them, their bytes as sent and unpacked."""
    with _page(chrome, served.address) as page:
        sign_in(page, served.address, served.key)
        page.wait_for_load_state("networkidle")
        first = _fetched(page)
        for view in VIEWS:
            show(page, f"#/{view}")
            page.wait_for_load_state("networkidle")
        every = _fetched(page)
    return {
        name: {
            "files": len(found),
            "sent_bytes": sum(sent for sent, _ in found.values()),
            "unpacked_bytes": sum(unpacked for _, unpacked in found.values()),
        }
        for name, found in (("first_view", first), ("every_view", every))
    }


def list_of_thousands(chrome: Browser, served: Served, words: str) -> dict[str, Any]:
    """The list of everything: how soon it is whole, and the long tasks while a clerk scrolls, filters and chooses."""
    total = served.call("GET", "/v1/statistics")["total"]
    with _page(chrome, served.address) as page:
        sign_in(page, served.address, served.key)
        page.wait_for_load_state("networkidle")
        began = time.perf_counter()
        found = {"opening": _long(page, lambda: _open_list(page, total))}
        whole = round((time.perf_counter() - began) * 1000)
        found["scrolling"] = _long(page, lambda: _scroll(page))
        found["by_key"] = _long(page, lambda: _press(page, ["PageDown"] * 30 + ["End", "Home"]))
        found["searching"] = _long(page, lambda: _search(page, words))
        found["filtering"] = _long(page, lambda: _choose(page))
        found["all_chosen"] = _long(page, lambda: _press(page, ["Control+a", "Escape"]))
        found["all_decided"] = _long(page, lambda: _decide_all(page))
        found["all_taken_back"] = _long(page, lambda: _take_back(page))
        return {"whole_ms": whole, "long_tasks": found}


def groups_of_thousands(chrome: Browser, served: Served) -> dict[str, Any]:
    """The merges of everything: how many groups, and the long tasks while they come and while all of them are shown.
    The comparison itself is a job of the service, which is over before.
    """
    with _page(chrome, served.address) as page:
        sign_in(page, served.address, served.key)
        page.wait_for_load_state("networkidle")
        _open_groups(page)
        show(page, "#/help")
        found = {"groups": _long(page, lambda: _open_groups(page))}
        found["all_groups"] = _long(page, lambda: _show_all(page))
        return {"shown": page.locator(GROUP).count(), "long_tasks": found}


def _open_groups(page: Page) -> None:
    """All merges, also what is decided, until the first ones stand there with their units."""
    show(page, "#/groups?state=all")
    page.locator(GROUP).first.wait_for(timeout=COMPARED)
    page.wait_for_timeout(SETTLED)


def _show_all(page: Page) -> None:
    groups, more = page.locator(GROUP), page.locator("main button").filter(has_text="再显示")
    while more.count():
        before = groups.count()
        more.click()
        page.wait_for_function("([all, before]) => document.querySelectorAll(all).length > before", arg=[GROUP, before])


def _decide_all(page: Page) -> None:
    """The advice accepted for every row at once, until the service has taken all of it."""
    _press(page, ["Control+a", "F2"])
    page.locator("dialog.question").wait_for()
    page.keyboard.press("Enter")
    page.locator(".message").filter(has_text="已采纳建议").wait_for(timeout=COMPARED)


def _take_back(page: Page) -> None:
    page.keyboard.press("Control+z")
    page.locator(".message").filter(has_text="已撤销").wait_for(timeout=COMPARED)


def _open_list(page: Page, total: int) -> None:
    """The list, until all of its rows are there."""
    show(page, "#/list")
    page.locator(GRID).first.wait_for()
    _counted(page, f"共{total:,}件")


def _counted(page: Page, words: str) -> None:
    counts = page.locator(".list-counts").filter(has_text=words).filter(has_not_text="正在取")
    counts.wait_for(timeout=PATIENCE)


def _scroll(page: Page) -> None:
    """The wheel, a hundred times, then the scroll bar torn from end to end."""
    box = page.locator(GRID).first.bounding_box()
    assert box is not None  # noqa: S101 - it was waited for
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for _ in range(100):
        page.mouse.wheel(0, 900)
        page.wait_for_timeout(16)
    script = """
    async (selector) => {
      const grid = document.querySelector(selector);
      const scrolled = [grid, ...grid.querySelectorAll("*")].find((one) => one.scrollHeight > one.clientHeight + 100);
      const box = scrolled ?? document.scrollingElement;
      for (let step = 0; step <= 60; step++) {
        box.scrollTop = (box.scrollHeight * step) / 60;
        await new Promise(requestAnimationFrame);
      }
      box.scrollTop = 0;
    }"""
    page.evaluate(script, GRID)


def _press(page: Page, keys: Sequence[str]) -> None:
    page.locator(GRID).first.focus()
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(16)


def _search(page: Page, words: str) -> None:
    field = page.locator("main input[type=search]").first
    field.press_sequentially(words, delay=80)
    _counted(page, "筛出")
    page.wait_for_timeout(SETTLED)
    field.fill("")
    page.wait_for_timeout(SETTLED)


def _choose(page: Page) -> None:
    """Each filter that is a choice, its second value, and back."""
    for choice in page.locator("main select").all():
        options = choice.locator("option").all()
        if len(options) > 1:
            before = choice.input_value()
            for value in (options[1].get_attribute("value"), before):
                choice.select_option(value)
                page.wait_for_timeout(SETTLED)


def _long(page: Page, act: Callable[[], object]) -> dict[str, Any]:
    """The long tasks while something is done: how many, and the longest in milliseconds."""
    page.evaluate("() => { window.__long.length = 0 }")
    act()
    page.wait_for_timeout(200)
    tasks = [entry["ms"] for entry in page.evaluate("() => window.__long")]
    return {"long": len(tasks), "longest_ms": round(max(tasks, default=0))}


@contextmanager
def _page(chrome: Browser, address: str) -> Iterator[Page]:
    context = office(chrome)
    try:
        context.add_init_script(WATCHING % USABLE)
        watch = Watch(context, address)
        watch.allow(r"422 .*/v1/groups")  # so many are compared by a job
        yield context.new_page()
        if watch.complaints:
            raise RuntimeError("; ".join(watch.complaints))
    finally:
        context.close()


def _usable(page: Page) -> float:
    page.wait_for_function("() => window.__usable")
    return float(page.evaluate("() => window.__usable"))


def _fetched(page: Page) -> dict[str, tuple[int, int]]:
    return {name: (sent, unpacked) for name, sent, unpacked in page.evaluate(FETCHED)}


def _told(times: Sequence[float]) -> dict[str, int]:
    return {"median_ms": round(statistics.median(times)), "worst_ms": round(max(times))}
