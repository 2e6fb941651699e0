"""The sheet to label texts in, and what comes back of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.datasets import case_of_row, known_columns, read_raw, read_table, split_many
from triage.errors import InputError
from triage.heads.model import Model
from triage.learning.labelling.choose import Selection
from triage.records import Case, Suggestion
from triage.sheets import Choices, Sheet, likely

TITLE = "待标注"
UNITS, TOPICS = "单位", "类别目录"
DRAWN, WHY = "抽取方式", "为什么标这一件"
RANDOM_MARK, CHOSEN_MARK = "随机", "挑选"
HEADERS = (
    "编号",
    "标题",
    "正文",
    "来源",
    "届次",
    "日期",
    DRAWN,
    WHY,
    "模型首选",
    "把握",
    "其他候选",
    "模型类别",
    "主办单位",
    "会办单位",
    "类别",
    "备注",
)
"""The columns; the last four are empty, to be filled in."""
WIDTHS = (12, 30, 60, 8, 10, 11, 9, 40, 20, 7, 30, 18, 22, 30, 18, 20)
LEAD, CO, TOPIC = (HEADERS.index(name) for name in ("主办单位", "会办单位", "类别"))


def label_sheets(model: Model, suggestions: Sequence[Suggestion], selection: Selection) -> list[Sheet]:
    """The chosen texts, one a row, with empty cells for lead, helpers and topic, and the lists to pick them from."""
    units = list(model.units.names)
    columns = model.topics.columns
    topics = ["/".join(columns.catalogue.topic_path(code)) for code in columns.leaves]
    hint = "从列表选，也可以直接写；几个单位用分号隔开。"
    choices = [Choices((LEAD, CO), UNITS, 2, len(units) + 1, "information", "不在单位目录中，请核对写法。", hint)]
    if topics:
        choices.append(Choices((TOPIC,), TOPICS, 2, len(topics) + 1, "information", "不在类别目录中。", ""))
    rows = [
        _row(suggestions[choice.row], choice.row, choice.why(), choice.random, choice.units, choice.topic)
        for choice in selection.choices
    ]
    inputs = tuple(range(LEAD, len(HEADERS)))
    sheets = [Sheet(TITLE, HEADERS, WIDTHS, rows, inputs=inputs, choices=tuple(choices), lines=8)]
    sheets.append(Sheet(UNITS, ("单位名称",), (40,), [(name,) for name in units], fixed=1))
    if topics:
        sheets.append(Sheet(TOPICS, ("类别名称",), (40,), [(name,) for name in topics], fixed=1))
    return sheets


def _row(
    suggestion: Suggestion,
    place: int,
    why: str,
    random: bool,
    units: Sequence[tuple[str, float]],
    topic: str,
) -> tuple[str, ...]:
    (first, score), *others = units
    return (
        suggestion.id or f"#{place + 1}",
        suggestion.title,
        suggestion.text,
        suggestion.source,
        suggestion.session,
        suggestion.date.isoformat() if suggestion.date else "",
        RANDOM_MARK if random else CHOSEN_MARK,
        why,
        first,
        likely(score),
        "；".join(f"{name} {likely(share)}" for name, share in others),
        topic,
        *("", "", "", ""),
    )


@dataclass(frozen=True, slots=True)
class Labelled:
    """What came back: the cases with a lead, how many rows have none yet, and the ids of those drawn by chance, on
    which alone the model's accuracy may be judged.
    """

    cases: tuple[Case, ...]
    unlabelled: int
    random: frozenset[str]


def read_labels(path: str | Path) -> Labelled:
    """The labelled rows of a sheet. Rows whose lead is empty are counted, not an error: nobody labels all at once.

    Raises InputError as `read_table` does, and for an id that stands twice or a sheet without a single label.
    """
    path = Path(path)
    table = read_table(path, ("lead",))
    cases: list[Case] = []
    lines: dict[str, int] = {}
    for line, row in table.rows:
        if not split_many(row.get("lead", "")):
            continue
        case = case_of_row(f"{path}:{line}", row, f"line-{line}")
        identifier = case.suggestion.id
        if identifier in lines:
            raise InputError(
                f"{path}:{line}: id {identifier!r} already stands in line {lines[identifier]}. Keep one of the rows."
            )
        lines[identifier] = line
        cases.append(case)
    if not cases:
        raise InputError(f"{path}: no row has a lead (主办单位) yet: fill in some of the {len(table.rows)} rows.")
    return Labelled(tuple(cases), len(table.rows) - len(cases), _drawn(path) & lines.keys())


def is_label_sheet(path: str | Path) -> bool:
    """Whether a file is a sheet of `label_sheets`. Raises InputError where it cannot be read."""
    return {DRAWN, WHY} <= {name.strip() for name in read_raw(path).header}


def _drawn(path: Path) -> frozenset[str]:
    """The ids of the rows that were drawn by chance."""
    raw = read_raw(path)
    # 编号 on a sheet, id in jsonl.
    identifier = next((name for name, meaning in known_columns(str(path), raw.header).items() if meaning == "id"), "")
    return frozenset(
        row.get(identifier, "").strip() for _, row in raw.rows if row.get(DRAWN, "").strip() == RANDOM_MARK
    )


def records(suggestions: Sequence[Suggestion], selection: Selection) -> Iterator[dict[str, Any]]:
    """The chosen texts as plain JSON types, to label with another tool; `lead`, `co` and `topic` are empty."""
    for choice in selection.choices:
        suggestion = suggestions[choice.row]
        yield {
            "id": suggestion.id or f"#{choice.row + 1}",
            "title": suggestion.title,
            "text": suggestion.text,
            "source": suggestion.source,
            "session": suggestion.session,
            "date": suggestion.date.isoformat() if suggestion.date else "",
            DRAWN: RANDOM_MARK if choice.random else CHOSEN_MARK,
            WHY: choice.why(),
            "candidates": [{"unit": name, "score": round(score, 4)} for name, score in choice.units],
            "lead": "",
            "co": "",
            "topic": "",
        }
