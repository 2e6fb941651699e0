"""Catalogue folders: what is read, and that each defect is named with its file and line."""

from __future__ import annotations

import logging
from datetime import date as Date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.catalogue import (
    AREA_LEVELS,
    LEVELS,
    Area,
    Catalogue,
    Finding,
    Severity,
    Topic,
    Unit,
    check_catalogue,
    load_catalogue,
    starter_catalogue,
)
from triage.catalogue.tables import MAX_CELL
from triage.errors import CatalogueError

UNITS = """code,name,short_name,aliases,level,parent,area,duties,active_from,active_to,succeeded_by
jyj,教育局,教育局,教委;教育委员会,县,,,学校布局；教师待遇;学生营养餐,,,
tsg,图书馆,,,事业,jyj,lake,借书,1999-05,,
zx,职教办,,,县,jyj,,职业培训,,2019,jyj
"""
TOPICS = """code,name,parent,units,phrases
edu,教育,,jyj,
school,学校,edu,jyj;tsg,小学；中学
"""
AREAS = """code,name,aliases,level,parent
lake,月湖镇,月湖,乡镇,
"""
HEADER = UNITS.splitlines()[0]


def folder(path: Path, units: str | bytes = UNITS, topics: str | bytes = "", areas: str | bytes = "") -> Path:
    path.mkdir(exist_ok=True)
    for name, content in (("units.csv", units), ("topics.csv", topics), ("areas.csv", areas)):
        if content:
            (path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def findings(path: Path) -> list[str]:
    return [f"{finding.severity} {finding}" for finding in check_catalogue(path)]


def with_units(path: Path, *rows: str) -> list[str]:
    """The errors of a catalogue with these rows, whose columns are those of the header below."""
    header = "code,name,parent,aliases,duties,active_from,active_to,succeeded_by"
    found = check_catalogue(folder(path, "\n".join((header, *rows))))
    return [str(finding) for finding in found if finding.severity is Severity.ERROR]


def test_a_folder_becomes_a_catalogue(tmp_path: Path) -> None:
    catalogue = load_catalogue(folder(tmp_path, UNITS, TOPICS, AREAS))
    assert catalogue == Catalogue(
        units=(
            Unit(
                "jyj",
                "教育局",
                short_name="教育局",
                aliases=("教委", "教育委员会"),
                level="县",
                duties=("学校布局", "教师待遇", "学生营养餐"),
            ),
            Unit(
                "tsg",
                "图书馆",
                level="事业",
                parent="jyj",
                area="lake",
                duties=("借书",),
                active_from=Date(1999, 5, 1),
            ),
            Unit(
                "zx",
                "职教办",
                level="县",
                parent="jyj",
                duties=("职业培训",),
                active_to=Date(2019, 1, 1),
                succeeded_by=("jyj",),
            ),
        ),
        topics=(
            Topic("edu", "教育", units=("jyj",)),
            Topic("school", "学校", "edu", ("jyj", "tsg"), ("小学", "中学")),
        ),
        areas=(Area("lake", "月湖镇", ("月湖",), "乡镇"),),
    )
    assert findings(tmp_path) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_encodings_headers_and_line_ends_of_office_software(tmp_path: Path, encoding: str, ending: str) -> None:
    chinese = UNITS.replace(HEADER, "编码,名称,简称,别名,层级,上级,辖区,职责,启用,停用,并入").replace("lake", "")
    path = folder(tmp_path / "chinese", chinese.replace("\n", ending).encode(encoding))
    plain = folder(tmp_path / "plain", UNITS.replace("lake", ""))
    assert load_catalogue(path) == load_catalogue(plain)
    assert findings(path) == []


def test_english_levels_are_the_chinese_ones(tmp_path: Path) -> None:
    rows = "\n".join(f"{english},某{english}局,{english},做事" for english in LEVELS.values())
    areas = "\n".join(f"{english},某{english},{english.upper()}" for english in AREA_LEVELS.values())
    catalogue = load_catalogue(folder(tmp_path, f"code,name,level,duties\n{rows}", areas=f"code,name,level\n{areas}"))
    assert [unit.level for unit in catalogue.units] == list(LEVELS)
    assert [area.level for area in catalogue.areas] == list(AREA_LEVELS)


def test_empty_lines_short_rows_and_unknown_columns(tmp_path: Path) -> None:
    path = folder(tmp_path, "name,code,颜色,duties\n\n教育局,jyj,红,办学\n,,,\n民政局,mzj\n")
    assert [unit.code for unit in load_catalogue(path).units] == ["jyj", "mzj"]
    assert findings(path) == [
        f"warning units.csv:1: column '颜色' is not one of {HEADER.replace(',', ', ')}, system and is not read",
        "warning units.csv:5: unit 'mzj' has no duties, so nothing but handled cases can lead to it; add some",
    ]


def test_a_cell_may_hold_commas_quotes_and_lines(tmp_path: Path) -> None:
    path = folder(tmp_path, 'code,name,duties\na,甲局,"修路,修桥;清""扫"""\nb,乙局,"一\n二"\nc,丙局,\n')
    units = load_catalogue(path).units
    assert units[0].duties == ("修路,修桥", '清"扫"')
    assert findings(path)[-1].startswith("warning units.csv:5: unit 'c'"), "lines are counted, not rows"


def test_all_errors_come_at_once_with_their_lines(tmp_path: Path) -> None:
    units = """code,name,level,parent,area,duties,active_from,active_to,succeeded_by
jyj,教育局,县,xzf,moon,办学,,,
jyj,民政局,县,,,养老,,,
,水利局,县,,,修渠,,,
kjj,,县,,,科普,,,
ssj,税收局,高,,,收税,2019-13,今年,no
wrong,先后局,县,,,倒着,2020,2019,
"""
    topics = "code,name,parent,units\na,甲,,jyj;nobody\nb,乙,z,\nc,丙,,\nd,丙,,\n"
    path = folder(tmp_path, units, topics, "code,name,level,parent\nlake,月湖镇,大,sea\n")
    expected = [
        "units.csv:2: unit 'jyj' has area 'moon', which is not a code of areas.csv; add it there or empty the cell",
        "units.csv:2: unit 'jyj' has parent 'xzf', which is not a code of units.csv; add it or correct the cell",
        "units.csv:3: unit 'jyj' repeats the code of line 2; every unit needs its own",
        "units.csv:4: has an empty code (编码); every row needs one",
        "units.csv:5: has an empty name (名称); every row needs one",
        "units.csv:6: 'ssj' has level '高'; allowed are " + ", ".join(LEVELS) + ", or nothing",
        "units.csv:6: unit 'ssj' has active_from '2019-13'; allowed are YYYY, YYYY-MM and YYYY-MM-DD",
        "units.csv:6: unit 'ssj' has active_to '今年'; allowed are YYYY, YYYY-MM and YYYY-MM-DD",
        "units.csv:6: unit 'ssj' is succeeded by 'no', which is not a code of units.csv; add it or correct the cell",
        "units.csv:7: unit 'wrong' ends on 2019-01-01, before it begins on 2020-01-01; exchange or correct them",
        "topics.csv:2: topic 'a' has unit 'nobody', which is not a code of units.csv; add it or correct the cell",
        "topics.csv:3: topic 'b' has parent 'z', which is not a code of topics.csv; add it or correct the cell",
        "topics.csv:5: topic 'd' has name and parent of line 4 ('丙'); merge the two",
        "areas.csv:2: 'lake' has level '大'; allowed are " + ", ".join(AREA_LEVELS) + ", or nothing",
        "areas.csv:2: area 'lake' has parent 'sea', which is not a code of areas.csv; add it or correct the cell",
    ]
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(path)
    assert sorted(caught.value.problems) == sorted(expected)
    assert str(caught.value).startswith(f"catalogue {path} cannot be used (15 errors); mend the lines and try again:\n")
    assert [str(f) for f in check_catalogue(path) if f.severity is Severity.ERROR] == list(caught.value.problems)


@pytest.mark.parametrize(
    ("units", "line", "message"),
    [
        ("", 1, "is empty; the first line must name the columns, at least code, name"),
        ("\n\n", 1, "is empty"),
        ("code,title\na,甲局\n", 1, "has no column 'name' (名称/单位名称/单位/全称); its columns are code, title"),
        ("code,name,名称\na,甲局,乙局\n", 1, "has the column 'name' twice; keep one"),
        (
            "code,name,duties\na,甲局,修路,修桥\n",
            2,
            "has 4 cells, the first line names 3; put a cell with commas in double quotes",
        ),
        ('code,name,duties\na,甲局,"修路\nb,乙局,修桥\n', 2, "is not proper CSV from here on"),
        (f"code,name,duties\na,甲局,{'路' * (MAX_CELL + 1)}\n", 2, "has 20,001 characters, allowed are 20,000"),
        (f"code,name,duties\na,甲局,{'路' * 200_000}\n", 2, "is not proper CSV from here on (field larger"),
        ("code,name\na,甲\x00局\n", 2, "holds a NUL byte; delete it"),
        ("code,name\na,甲局\n".encode("utf-16"), 1, "is UTF-16"),
        (b"PK\x03\x04rest of a workbook", 1, "is an Excel workbook under the name of a CSV file"),
        ("code,name\na,甲局\n".encode() + b"b,\xff\xffx\nc,\xe4\xb9\x99\n", 3, "has bytes that are neither UTF-8"),
        ("code,名称\na,甲局\n".encode("gb18030") + b"b,\xd2\n", 3, "has bytes that are neither UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_says_where_and_why(
    tmp_path: Path, units: str | bytes, line: int, message: str
) -> None:
    path = folder(tmp_path, units or b"\xef\xbb\xbf")
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(path)
    (problem,) = caught.value.problems
    assert problem.startswith(f"units.csv:{line}: ")
    assert message in problem
    assert "路" * 100 not in problem, "a message does not repeat a file"


def test_a_folder_without_units(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(CatalogueError, match=r"units\.csv:1: does not exist in .*; a catalogue needs at least"):
            load_catalogue(path)
    (tmp_path / "units.csv").mkdir()
    assert len(check_catalogue(tmp_path)) == 1


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2019", Date(2019, 1, 1)),
        ("2019年", Date(2019, 1, 1)),
        ("2019-4", Date(2019, 4, 1)),
        ("2019年4月", Date(2019, 4, 1)),
        ("2019/04/30", Date(2019, 4, 30)),
        ("2020.2.29", Date(2020, 2, 29)),
        ("2020年2月29日", Date(2020, 2, 29)),
        ("2019-02-29", None),
        ("2019-00", None),
        ("0000", None),
        ("19", None),
        ("2019-04-01 10:00", None),
    ],
)
def test_dates(tmp_path: Path, written: str, day: Date | None) -> None:
    path = folder(tmp_path, f"code,name,duties,active_from\na,甲局,修路,{written}\n")
    if day is None:
        assert f"unit 'a' has active_from {written!r}; allowed are" in findings(path)[0]
    else:
        assert load_catalogue(path).units[0].active_from == day


def test_circles_are_reported_once_each(tmp_path: Path) -> None:
    assert with_units(
        tmp_path,
        "a,甲局,c,,事,,,",
        "b,乙局,a,,事,,,",
        "c,丙局,b,,事,,,",
        "d,丁局,d,,事,,2019,e",
        "e,戊局,a,,事,,2020,d",
    ) == [
        "units.csv:2: unit 'a' comes back to itself through parent: a → c → b → a; break the circle",
        "units.csv:5: unit 'd' comes back to itself through parent: d → d; break the circle",
        "units.csv:5: unit 'd' comes back to itself through succeeded_by: d → e → d; break the circle",
    ]


def test_areas_have_short_and_former_names_and_units_that_serve_them(tmp_path: Path) -> None:
    areas = "编码,名称,简称,别名,曾用名,层级,上级,服务单位\nlake,月湖街道,月湖,湖边,月湖乡;望湖镇,街道,,jyj；tsg\n"
    (lake,) = load_catalogue(folder(tmp_path, UNITS, areas=areas)).areas
    assert lake == Area("lake", "月湖街道", ("湖边",), "街道", "", "月湖", ("月湖乡", "望湖镇"), ("jyj", "tsg"))
    assert lake.names == ("月湖街道", "月湖", "湖边", "月湖乡", "望湖镇")


def test_areas_in_a_circle_and_areas_that_nobody_serves(tmp_path: Path) -> None:
    areas = "code,name,parent,served_by\nl,月湖镇,hill,jyj;no\nhill,南山镇,l,\nisle,小岛村,isle,\n"
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder(tmp_path, UNITS.replace("lake", ""), areas=areas))
    assert list(caught.value.problems) == [
        "areas.csv:2: area 'l' comes back to itself through parent: l → hill → l; break the circle",
        "areas.csv:2: area 'l' is served by 'no', which is not a code of units.csv; add it there or correct the cell",
        "areas.csv:4: area 'isle' comes back to itself through parent: isle → isle; break the circle",
    ]


def test_one_work_may_come_to_a_unit_on_two_ways(tmp_path: Path) -> None:
    assert (
        with_units(tmp_path, "a,甲局,,,事,,2015,b;c", "b,乙局,,,事,,2019,d", "c,丙局,,,事,,2019,d", "d,丁局,,,事,,,")
        == []
    )


def test_long_chains_are_no_problem(tmp_path: Path) -> None:
    rows = [f"u{number},第{number}局,u{number + 1},,事,,," for number in range(3000)]
    assert with_units(tmp_path, *rows, "u3000,末局,,,事,,,") == []


def test_two_units_of_one_time_share_no_name(tmp_path: Path) -> None:
    shared = "at the same time; keep it with one of them, or set active_from and active_to"
    assert with_units(tmp_path, "a,甲局,,城管；  执法,事,,,", "b,乙局,,执 法,事,,,", "c,甲局,,,事,,,") == [
        f"units.csv:3: unit 'b' and unit 'a' (line 2) share the name '执法' {shared}",
        f"units.csv:4: unit 'c' and unit 'a' (line 2) share the name '甲局' {shared}",
    ]


@pytest.mark.parametrize(
    "rows",
    [
        ("a,甲局,,,事,,2019,", "b,乙局,,甲局,事,2019,,"),
        ("a,甲局,,,事,,2019-04,b", "b,乙局,,甲局,事,,,"),
        ("a,甲局,,旧名,事,,2015,b", "b,乙局,,,事,,2019,c", "c,丙局,,旧名,事,,,"),
        ("a,甲局,,甲局;甲  局,事,,,",),
    ],
)
def test_a_name_may_pass_from_one_unit_to_the_next(tmp_path: Path, rows: tuple[str, ...]) -> None:
    assert with_units(tmp_path, *rows) == []


def test_topic_tree_has_three_levels(tmp_path: Path) -> None:
    topics = "code,name,parent\na,一,\nb,二,a\nc,三,b\nd,四,c\n"
    assert findings(folder(tmp_path, UNITS.replace("lake", ""), topics)) == [
        "error topics.csv:5: topic 'd' is on level 4; allowed are 3; give it a parent further up"
    ]
    circle = "code,name,parent\na,一,b\nb,二,a\nc,三,b\n"
    (found,) = findings(folder(tmp_path, UNITS.replace("lake", ""), circle))
    assert "topics.csv:2: topic 'a' comes back to itself through parent: a → b → a" in found


def test_warnings_are_logged_and_do_not_stop(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = folder(tmp_path, "code,name,duties,succeeded_by\na,甲局,,b\nb,乙局,事,\n")
    with caplog.at_level(logging.WARNING, "triage.catalogue"):
        assert len(load_catalogue(path).units) == 2
    assert [record.getMessage().split(": ", 2)[1:] for record in caplog.records] == [
        ["units.csv:2", "unit 'a' is succeeded by b but has no active_to; give its last year"],
        ["units.csv:2", "unit 'a' has no duties, so nothing but handled cases can lead to it; add some"],
    ]


@given(st.binary(max_size=300))
def test_no_content_makes_the_check_raise(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = folder(tmp_path_factory.mktemp("any"), b"code,name\n" + content, content or b" ")
    found = check_catalogue(path)
    assert all(isinstance(finding, Finding) and finding.line >= 1 for finding in found)


@given(
    st.lists(
        st.tuples(*[st.text(alphabet='ab甲乙,;；"\n2019-', max_size=8)] * 6),
        max_size=6,
    )
)
def test_no_table_makes_the_check_raise(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]]) -> None:
    text = "code,name,parent,active_from,active_to,succeeded_by\n" + "\n".join(",".join(row) for row in rows)
    path = folder(tmp_path_factory.mktemp("any"), text)
    errors = [finding for finding in check_catalogue(path) if finding.severity is Severity.ERROR]
    if errors:
        with pytest.raises(CatalogueError) as caught:
            load_catalogue(path)
        assert len(caught.value.problems) == len(errors)
    else:
        assert isinstance(load_catalogue(path), Catalogue)


def test_the_starter_loads_from_the_package_and_keeps_every_rule() -> None:
    catalogue = starter_catalogue()
    answered = [unit for unit in catalogue.current() if unit.duties]
    assert len(answered) >= 60
    assert {unit.code for unit in catalogue.units if unit.is_kind} >= {
        "kind-town",
        "kind-street",
        "kind-zone",
        "kind-headquarters",
        "kind-school",
        "kind-hospital",
        "kind-enterprise",
    }
    assert len([topic for topic in catalogue.topics if not topic.parent]) >= 18
    for unit in catalogue.units:
        assert unit.active_to is None or unit.succeeded_by, f"{unit.name} ends and nobody took over"
        assert unit.active_to is None or catalogue.successors(unit.code), f"{unit.name} leads to no unit of today"
