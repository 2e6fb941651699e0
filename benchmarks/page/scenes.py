"""The views that are pictured, and what a clerk has done in each."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.page.filling import workbook
from benchmarks.page.screenshots import Picture

if TYPE_CHECKING:
    from playwright.sync_api import Page

TITLE = "关于解决柳树巷路灯不亮、路面破损的建议"
TEXT = (
    "柳树巷是老城区居民和第二小学学生每天走的路。巷里的路灯坏了一个多月，晚上漆黑一片；路面有十几处坑洼，雨天积水，"
    "老人和孩子容易摔跤。居民多次反映，一直没有修好。\n"
    "建议：一、尽快检修路灯，换成节能灯具；二、修补破损路面，疏通排水口；三、放学时段安排人员维持秩序。"
)
WAIT = 60_000


def _typed(page: Page) -> None:
    """A letter was pasted, and the advice has come."""
    page.get_by_label("标题").fill(TITLE)
    page.get_by_label("正文").fill(TEXT)
    page.wait_for_timeout(1_500)
    _settle(page)
    page.locator("main").get_by_text("住房和城乡建设局").first.wait_for()


def _dropped(page: Page) -> None:
    """An Excel file was dropped, and its columns are shown."""
    with tempfile.TemporaryDirectory() as folder:
        page.set_input_files("#batch-file", workbook(Path(folder) / "十七届一次建议汇总.xlsx", 40))
        page.locator("#batch-check").wait_for()
    _settle(page)


def _settle(page: Page) -> None:
    """Nothing is being fetched or computed any more."""
    page.locator("main .starting").first.wait_for(state="detached", timeout=WAIT)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(300)


PICTURES: tuple[Picture, ...] = (
    Picture("one", "#/one", _typed, shown=True),
    Picture("batch", "#/batch", _dropped, shown=True),
    Picture("list", "#/list", _settle, shown=True),
    Picture("groups", "#/groups", _settle, shown=True),
    Picture("conflicts", "#/groups/conflicts", _settle),
    Picture("office", "#/office", _settle, shown=True),
    *(
        Picture(f"office-{tab}", f"#/office/{tab}", _settle)
        for tab in ("promise", "returns", "due", "hot", "workload", "inspection", "supervision", "papers")
    ),
    Picture("model", "#/model", _settle),
    Picture("catalogue", "#/catalogue", _settle),
    Picture("help", "#/help", _settle),
)
