"""A report as plain JSON types: what a page draws, and nothing that the report does not say."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date as Date
from pathlib import Path

import pytest

from tests.papers import sample
from tests.reports import case, texts
from triage import InputError
from triage.catalogue import Office
from triage.reports import KINDS, Report, Section, Timespan, empty, make
from triage.reports.paper import write_report


def test_every_field_but_widths_is_told() -> None:
    report = sample()
    told = report.to_dict()
    assert list(told) == [field.name for field in fields(Report)]
    assert [list(section) for section in told["sections"]] == [[field.name for field in fields(Section)]] * len(
        report.sections
    )
    for mine, section in zip(report.sections, told["sections"], strict=True):
        assert [one["text"] for one in section["sentences"]] == [one.text for one in mine.sentences]
        for table, plain in zip(mine.tables, section["tables"], strict=True):
            assert [tuple(row) for row in plain["rows"]] == list(table.rows)
            assert len(plain["forms"]) == len(table.header)
        for chart, plain in zip(mine.charts, section["charts"], strict=True):
            assert [(one["name"], tuple(one["values"])) for one in plain["series"]] == list(chart.series)


def test_links_point_at_the_numbers_of_the_text() -> None:
    cases = [case("1", source="人大", date="2025-01-02"), case("2", source="政协", date="2025-02-02")]
    told = make("overview", cases, settings=None).to_dict()
    (first,) = told["sections"][0]["sentences"]
    (link,) = first["links"]
    assert (first["text"][link["start"] : link["end"]], link["rows"]) == ("2", ["1", "2"])
    assert told["period"] == {"first": "2025-01-02", "last": "2025-02-02", "words": "2025年1月2日至2月2日"}
    assert [row[0] for row in told["rows"]["rows"]] == ["1", "2"]


def test_without_links_the_numbers_stay() -> None:
    report = make("overview", [case("1", source="人大"), case("2", source="政协")])
    whole, bare = report.to_dict(), report.to_dict(links=False)
    assert bare["rows"]["rows"] == []
    for section, other in zip(whole["sections"], bare["sections"], strict=True):
        assert [one["text"] for one in section["sentences"]] == [one["text"] for one in other["sentences"]]
        assert not any(one["links"] for one in (*other["sentences"], *other["tables"]))
        assert [one["rows"] for one in section["tables"]] == [one["rows"] for one in other["tables"]]


def test_it_is_written_as_a_file(tmp_path: Path) -> None:
    report = sample()
    write_report(report, tmp_path / "报告.json")
    assert json.loads((tmp_path / "报告.json").read_bytes()) == json.loads(json.dumps(report.to_dict()))


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_on_nothing_says_so(kind: str) -> None:
    office, year = Office(place="江州县", name="办公室"), Timespan(Date(2025, 1, 1), Date(2025, 12, 31))
    report = empty(kind, office, year)
    assert (report.title, report.office) == (f"江州县2025年{KINDS[kind].title}", "办公室")
    assert texts(report.sections[0].sentences, notice=True) == ["2025年没有来件，请换一个时段或放宽筛选条件。"]
    assert texts(empty(kind).sections[0].sentences) == ["没有可以统计的建议。"]
    assert texts(empty(kind, said="先决定。").sections[0].sentences) == ["先决定。"]
    assert empty(kind).to_dict()["rows"]["rows"] == []


def test_an_unknown_kind_and_a_period_backwards_are_refused() -> None:
    with pytest.raises(InputError, match="'sunny' is not known; allowed are overview"):
        empty("sunny")
    with pytest.raises(InputError, match="ends before it begins"):
        empty("overview", None, Timespan(Date(2025, 2, 1), Date(2025, 1, 1)))
