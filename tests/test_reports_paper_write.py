"""A report as a file: refused before any work, whole or not at all, whatever stands in its texts."""

from __future__ import annotations

import errno
import os
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.papers import sample
from triage import InputError, StorageError
from triage.pictures import fonts
from triage.reports.paper import ENDINGS, check_paper, write_report
from triage.reports.paper import write as writing
from triage.reports.paper.rowlists import RowList, RowLists, Target, room_for
from triage.reports.paper.wording import chinese_number, numbered, one_line, printable, shown
from triage.reports.report import Link, Report, Section, Sentence, Table, Timespan

NASTY = "=cmd|' /C calc'!A0 <b>&amp;</b> {{ 7*7 }} \x00\x07\x1b\ud800\u202e\ufffe😀👨‍👩‍👧 $x_1$ %s \\n ]]> 〇㐀\r\n\t"


def empty(**changed: Any) -> Report:
    told = {
        "kind": "overview",
        "title": "空的报告",
        "office": "",
        "period": Timespan(),
        "sections": (),
        "footer": (),
        "rows": Table("", ("编号", "标题"), ()),
    }
    return Report(**(told | changed))


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_report_is_written_by_its_ending(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"报告{ending.upper()}"
    write_report(sample(), path)
    assert path.stat().st_size > 10_000
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_other_endings_are_refused(tmp_path: Path) -> None:
    for name in ("a.pdf", "a.doc", "a", "a.xls"):
        with pytest.raises(InputError, match=r"allowed are \.xlsx, \.html, \.docx"):
            check_paper(tmp_path / name)


def test_a_folder_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        check_paper(tmp_path / "a.xlsx")
    with pytest.raises(InputError, match="does not exist"):
        check_paper(tmp_path / "nowhere" / "a.xlsx")


@pytest.mark.parametrize(
    ("ending", "package", "named"),
    [(".html", "jinja2", "jinja2"), (".html", "matplotlib", "matplotlib"), (".docx", "docx", "python-docx")],
)
def test_a_missing_package_is_told_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, package: str, named: str
) -> None:
    found = writing.find_spec
    monkeypatch.setattr(writing, "find_spec", lambda name: None if name == package else found(name))
    with pytest.raises(InputError, match=rf"needs {named}; pip install 'suggestion-triage\[reports\]'"):
        check_paper(tmp_path / f"a{ending}")
    check_paper(tmp_path / "a.xlsx")


def test_a_missing_font_is_told_before_any_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_candidates", lambda: iter(()))
    for ending in (".html", ".docx"):
        with pytest.raises(InputError, match="no font with Chinese characters"):
            write_report(sample(), tmp_path / f"a{ending}")
    write_report(sample(), tmp_path / "a.xlsx")


def full(*_: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_full_disk_leaves_the_older_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"older")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="disk is full"):
        write_report(sample(), path)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == b"older"


def test_a_full_temporary_folder_leaves_the_older_workbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"older")
    monkeypatch.setattr(tempfile, "_mkstemp_inner", full)
    with pytest.raises(StorageError, match="disk is full"):
        write_report(sample(), path)
    assert path.read_bytes() == b"older"


def test_an_error_while_it_is_made_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: str) -> Any:
        def make(_: Report) -> bytes:
            raise ValueError("broken")

        return make

    monkeypatch.setattr(writing, "_writer", broken)
    with pytest.raises(ValueError, match="broken"):
        write_report(sample(), tmp_path / "a.html")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", ENDINGS)
def test_odd_characters_and_very_long_texts_are_written(tmp_path: Path, ending: str) -> None:
    write_report(sample(7, odd=NASTY), tmp_path / f"a{ending}")
    write_report(sample(3, odd="长" * 40_000), tmp_path / f"b{ending}")
    write_report(sample(3, odd="Ω"), tmp_path / f"c{ending}")


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_report_of_nothing_is_written(tmp_path: Path, ending: str) -> None:
    write_report(empty(), tmp_path / f"a{ending}")
    write_report(sample(0), tmp_path / f"b{ending}")
    nothing = Table("", ("甲",), ())
    write_report(empty(sections=(Section("", (Sentence(""),), (nothing, nothing)),)), tmp_path / f"c{ending}")


@pytest.mark.parametrize("ending", ENDINGS)
def test_ten_thousand_rows_are_written_in_fifteen_seconds(tmp_path: Path, ending: str) -> None:
    report = sample(10_000)
    # Of the processor: the machine may be busy with other tests.
    start = time.process_time()
    write_report(report, tmp_path / f"a{ending}")
    assert time.process_time() - start < 15


def test_numbers_lead_to_rows_lists_or_all() -> None:
    report = sample(12)
    lists = RowLists(report)
    ids = [str(row[0]) for row in report.rows.rows]
    assert lists.target(()) is None
    assert lists.target(ids) == Target("all")
    assert lists.target(ids[4:5]) == Target("row", 5)
    (link,) = [one for one in report.sections[0].sentences[0].links if one.rows == tuple(ids[::3])]
    target = lists.target(link.rows)
    assert target == Target("list", 1)
    assert lists.lists[0] == RowList(1, "其中人大代表建议4件", (1, 4, 7, 10))
    assert len({one.places for one in lists.lists}) == len(lists.lists)


def test_the_same_rows_are_one_list() -> None:
    rows = Table("附表", ("编号",), (("甲",), ("乙",), ("丙",)))
    sentence = Sentence("收到2件，即2件。", (Link(2, 3, ("乙", "甲")), Link(6, 7, ("甲", "乙"))))
    (one,) = RowLists(empty(rows=rows, sections=(Section("一", (sentence,)),))).lists
    assert (one.what, one.places) == ("收到2件", (1, 2))


@given(st.sets(st.integers(1, 60), min_size=1))
def test_ranges_say_the_places(places: set[int]) -> None:
    ranges = RowList(1, "", tuple(sorted(places))).ranges()
    assert [place for first, last in ranges for place in range(first, last + 1)] == sorted(places)
    assert all(after > last + 1 for (_, last), (after, _) in pairwise(ranges))


@given(st.lists(st.integers(0, 50), max_size=20), st.integers(0, 200))
def test_lists_share_the_room(sizes: list[int], most: int) -> None:
    room = room_for(sizes, most)
    assert sum(min(size, room) for size in sizes) <= most or room == 0
    if sum(sizes) <= most:
        assert all(size <= room for size in sizes)
    elif sizes:
        assert sum(min(size, room + 1) for size in sizes) > most


@settings(max_examples=50)
@given(st.text(), st.sampled_from(["", "\ud800", "\x00", "\u202e"]))
def test_what_is_printable_is_valid_xml(text: str, odd: str) -> None:
    clean = printable(text + odd)
    clean.encode()
    assert all(one == "\n" or ord(one) >= 32 for one in clean)
    assert "\n" not in one_line(text)


def test_cells_are_worded() -> None:
    assert shown(None, "count") == shown(float("nan"), "share") == shown(float("inf"), "score") == "—"
    assert [shown(0.254, "share"), shown(2.0, "count"), shown(1.26, "score"), shown(3, "text")] == [
        "25.4%",
        "2",
        "1.3",
        "3",
    ]
    assert shown("=1", "count") == "=1"
    assert [shown(2.5, "text"), shown(2.0, "text")] == ["2.5", "2"]


def test_sections_are_numbered_once() -> None:
    assert [chinese_number(one) for one in (1, 10, 11, 20, 99, 100)] == ["一", "十", "十一", "二十", "九十九", "100"]
    assert [numbered(2, "办理\n情况"), numbered(2, "二、办理情况"), numbered(3, "一事一议")] == [
        "二、办理 情况",
        "二、办理情况",
        "三、一事一议",
    ]
