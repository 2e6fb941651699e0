"""Meeting sheets for tests: an invented catalogue with a reform, answers without a model, and edits as people make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date as Date
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from triage import Decision, Evidence, Mode, Reason, Suggestion, TopicScore, Triaged, UnitScore
from triage.catalogue import Catalogue, Topic, Unit
from triage.meeting import Meeting, read_meeting, write_meeting

REFORM = Date(2019, 4, 1)
TODAY = Date(2026, 3, 2)
CATALOGUE = Catalogue(
    (
        Unit("jy", "教育局", "教委", ("教育体育局", "教体局"), "县", duties=("学校建设", "校车安全")),
        Unit("cz", "财政局", "", (), "县", duties=("预算资金",)),
        Unit("jt", "交通运输局", "交通局", (), "县", duties=("公路养护",)),
        Unit("ga", "公安局", "", (), "县", duties=("交通秩序",)),
        Unit("zr", "自然资源和规划局", "资规局", (), "县", active_from=REFORM),
        Unit("gt", "国土资源局", "国土局", (), "县", active_to=REFORM, succeeded_by=("zr",)),
        Unit("wh", "文化和旅游局", "文旅局", (), "县", active_from=REFORM),
        Unit("ty", "体育局", "", (), "县", active_from=REFORM),
        Unit("wt", "文化体育局", "文体局", (), "县", active_to=REFORM, succeeded_by=("wh", "ty")),
        Unit("bz", "市容整治办公室", "", (), "县", active_to=REFORM),
        Unit("tz", "统战部（侨办、台办）", "", (), "党委"),
        Unit("kind-school", "学校", "", (), "学校", duties=("教学管理",)),
    ),
    (Topic("1", "交通"), Topic("2", "教育")),
)
SUGGESTIONS = (
    Suggestion(
        "RD-1", "关于增设校车的建议", "村里孩子上学要走五里路。\n请开校车。", "人大", "十七届一次", Date(2026, 1, 8)
    ),
    Suggestion("007", "关于修桥的建议", "木桥已经塌了一半。", "政协", proposers=("李一", "王二"), wish="交通运输局"),
    Suggestion("3-1", "=关于修路的建议", "+路面全是坑。", "群众", date=Date(2018, 5, 4)),
    Suggestion("BM-4", "密不外传的题目", "密不外传的正文。", "热线", confidential=True),
)
PICKED = {"RD-1": ("教育局", "交通运输局", "财政局"), "007": ("交通运输局", "财政局", "公安局")}


def answer(suggestion: Suggestion, lead: str, *others: str, decision: Decision = Decision.SUGGEST) -> Triaged:
    """An answer with this first lead, and `others` as candidates and helpers."""
    scores = (0.62, 0.41, 0.12, 0.05)
    helpers = tuple(UnitScore(unit, score) for unit, score in zip(others, scores, strict=False))
    return Triaged(
        suggestion.id,
        (TopicScore("交通", 0.8, ("交通",)),),
        (UnitScore(lead, 0.9132), *(UnitScore(unit, round(0.05 / place, 4)) for place, unit in enumerate(others, 1))),
        helpers,
        Mode.JOINT if helpers else Mode.SOLE,
        decision,
        (Reason("promise", "以往同样有把握的建议中，首选单位正确的占93%。"),),
        (Evidence(lead, "duty", "职责“学校建设”与本文相符", 0.8), Evidence(lead, "precedent", "相近案件《旧桥》", 0.7)),
        model="triage-0123456789ab",
    )


ANSWERS = (
    answer(SUGGESTIONS[0], "教育局", "交通运输局", "财政局"),
    answer(SUGGESTIONS[1], "交通运输局", "财政局", "公安局", decision=Decision.CHOOSE),
    answer(SUGGESTIONS[2], "交通运输局", decision=Decision.COORDINATE),
    answer(SUGGESTIONS[3], "公安局", "财政局"),
)


def made(path: Path, suggestions: Sequence[Suggestion] = SUGGESTIONS, answers: Sequence[Triaged] = ANSWERS) -> Path:
    """A sheet as the clerk takes it to the meeting."""
    write_meeting(path, suggestions, answers, CATALOGUE, card={"model": "triage-0123456789ab"}, day=TODAY)
    return path


def edited(path: Path, change: Callable[[Worksheet], Any]) -> Path:
    """The same file after somebody has worked on 交办表 and saved it."""
    book = load_workbook(path)
    change(book["交办表"])
    book.save(path)
    return path


def column(page: Worksheet, header: str, row: int = 1) -> int:
    """The number of a column."""
    return next(cell.column for cell in page[row] if cell.value == header)


def put(**cells: str) -> Callable[[Worksheet], None]:
    """Fill in cells by header and row: `确定主办_2="教育局"`."""

    def change(page: Worksheet) -> None:
        for where, text in cells.items():
            header, _, row = where.rpartition("_")
            page.cell(int(row), column(page, header)).value = text

    return change


def back(path: Path, **options: Any) -> Meeting:
    """The sheet read on a day that does not move."""
    return read_meeting(path, **{"today": TODAY, **options})


def rebuilt(path: Path, change: Callable[[list[list[Any]]], list[list[Any]]]) -> Path:
    """The same file with the rows of 交办表 rearranged, values only, as other programs write them."""
    book = load_workbook(path)
    rows = change([list(row) for row in book["交办表"].values])
    fresh = Workbook()
    for page in book.worksheets:
        sheet = fresh.create_sheet(page.title)
        sheet.sheet_state = page.sheet_state
        for line, row in enumerate(rows if page.title == "交办表" else page.values, start=1):
            for place, value in enumerate(row, start=1):
                if value is not None:
                    cell = sheet.cell(line, place)
                    cell.value = value
                    if isinstance(value, str):
                        cell.data_type = "s"
    fresh.remove(fresh.worksheets[0])
    fresh.save(path)
    return path
