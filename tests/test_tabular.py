"""`triage.tabular`: files that come from anywhere are limited while they are read."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from triage.casefiles import look_into
from triage.datasets import read_numbered, read_table
from triage.errors import InputError
from triage.tabular import MOST_COLUMNS, Limits

NARROW = Limits(bytes=100_000, unpacked=200_000, rows=3, cell=50)


def workbook(path: Path, *rows: tuple[object, ...]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def lines(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(rows), "utf-8")
    return path


MAKERS: dict[str, Callable[[Path, list[str]], Path]] = {
    "a.csv": lambda path, titles: lines(path, "标题", *titles),
    "a.xlsx": lambda path, titles: workbook(path, ("标题",), *((title,) for title in titles)),
    "a.jsonl": lambda path, titles: lines(path, *(json.dumps({"标题": title}) for title in titles)),
}


@pytest.mark.parametrize("name", MAKERS)
def test_rows_are_counted_while_they_are_read_and_blank_ones_are_free(tmp_path: Path, name: str) -> None:
    path = MAKERS[name](tmp_path / name, ["修路", "", " ", "建桥", "", "种树"])
    assert [row["title"] for _, row in read_table(path, limits=NARROW).rows] == ["修路", "建桥", "种树"]
    path = MAKERS[name](tmp_path / name, ["修路", "", "建桥", "种树", "清河", "点灯"])
    with pytest.raises(InputError, match="more than 3 rows") as refused:
        read_table(path, limits=NARROW)
    assert f":{5 if name == 'a.jsonl' else 6}:" in str(refused.value)


@pytest.mark.parametrize("name", MAKERS)
def test_a_long_cell_is_named_with_its_column(tmp_path: Path, name: str) -> None:
    path = MAKERS[name](tmp_path / name, ["修路", "长" * 51])
    with pytest.raises(InputError, match=r"column 标题 holds 51 characters; the limit is 50"):
        read_table(path, limits=NARROW)


def test_a_formula_without_its_value_is_no_empty_cell(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ("标题", "备注"), ("修路", "=1+1"), ("=CONCATENATE(A2,A2)", ""))
    with pytest.raises(InputError, match=r"a\.xlsx:3: column 标题 holds a formula without its value"):
        read_table(path)


def test_a_formula_in_a_column_that_nobody_reads_does_not_matter(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ("标题", "备注"), ("修路", "=1+1"))
    assert [row for _, row in read_table(path).rows] == [{"title": "修路"}]


def test_of_a_formula_with_its_value_the_value_is_read(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ("标题",), ("=A1",))
    buffer = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(buffer, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                data = data.replace(b'<c r="A2"><f>A1</f><v', b'<c r="A2" t="str"><f>A1</f><v>ok</v><v')
                data = data.replace(b"<v>ok</v><v />", b"<v>ok</v>").replace(b"<v>ok</v><v/>", b"<v>ok</v>")
                data = data.replace(b"<v>ok</v><v></v>", b"<v>ok</v>")
            new.writestr(entry, data)
    path.write_bytes(buffer.getvalue())
    assert [row for _, row in read_table(path).rows] == [{"title": "ok"}]


def test_several_rows_can_be_named_at_once(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "a.csv", "编号,标题,日期", "1,修路,昨天", "2,建桥,2025-01-01", "2,种树,", "3,,", "4,点灯,明天"
    )
    with pytest.raises(InputError) as refused:
        read_numbered(path, (), told=3)
    assert [line.removeprefix(str(path)).split(" ")[0] for line in str(refused.value).splitlines()] == [
        ":2:",
        ":4:",
        ":5:",
    ]
    with pytest.raises(InputError) as first:
        read_numbered(path, ())
    assert str(first.value) == str(refused.value).splitlines()[0]


def test_a_text_in_the_wrong_column_is_not_repeated_whole(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.csv", "标题,日期", f"修路,{'很长的正文' * 30}")
    with pytest.raises(InputError) as refused:
        read_numbered(path, ())
    assert len(str(refused.value).removeprefix(str(path))) < 120


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".jsonl"])
def test_more_columns_than_any_table_has_are_refused(tmp_path: Path, ending: str) -> None:
    names = ["标题", *(f"列{number}" for number in range(MOST_COLUMNS))]
    path = tmp_path / f"wide{ending}"
    if ending == ".xlsx":
        workbook(path, tuple(names), ("修路",))
    elif ending == ".csv":
        lines(path, ",".join(names), "修路")
    else:
        lines(path, *(json.dumps({"标题": "修路", name: "x"}) for name in names[1:]))
    with pytest.raises(InputError, match="1,001 columns") as caught:
        look_into(path)
    assert caught.value.zh.startswith("共1,001列")


@pytest.mark.parametrize("content", [b"no workbook", b"PK\x03\x04 cut off", bytes.fromhex("d0cf11e0a1b11ae1") + b"x"])
def test_what_is_no_workbook_is_told_in_chinese_too(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        look_into(path)
    assert "另存为 .xlsx" in caught.value.zh
