"""office.toml and the three files together: what they say, and every defect with its file and line."""

from __future__ import annotations

import logging
import tempfile
from datetime import date as Date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.catalogue import (
    Catalogue,
    Committee,
    Deadlines,
    Inspection,
    Office,
    Outcome,
    Period,
    Target,
    check_office,
    committee_of,
    load_catalogue,
    load_office,
    starter_office,
)
from triage.catalogue.toml_lines import line_of, lines_of
from triage.errors import CatalogueError

UNITS = "code,name,level,duties\njyj,教育局,县,学校;老师\n"
TOPICS = "code,name,parent\nE,教育,\nE1,学校建设,E\nT,交通,\nT1,其他,T\nE2,其他,E\n"
AREAS = "code,name,level\nall,临湖县,县\n"
OFFICE = """# 临湖县
name = "临湖县人大代表工委"
place = "临湖县"
area = "all"
level = "county"

[deadlines]
reply = { months = 2 }
return_window = { working_days = 5 }
warn = [1, 7]

[deadlines.by_source."政协"]
reply = { days = 60 }

[[outcomes]]
code = "甲"
name = "办成"
group = "solved"

[[outcomes]]
code = "乙"
name = "正在办"
group = "列入计划"

[[committees]]
name = "教科工委"
topics = ["教育"]

[[committees]]
name = "城建工委"
topics = ["T", "E2"]

[[targets]]
name = "校园"
topics = ["学校建设"]
words = ["操场"]
share = 0.1

[inspection]
share = 0.2
per_unit = true
"""


def folder(path: Path, office: str | bytes | None = OFFICE, **files: str) -> Path:
    path.mkdir(exist_ok=True)
    for name, text in {"units": UNITS, "topics": TOPICS, "areas": AREAS, **files}.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    if office is not None:
        data = office if isinstance(office, bytes) else office.encode()
        (path / "office.toml").write_bytes(data)
    return path


def findings(path: Path) -> list[str]:
    return [str(found) for found in check_office(path)]


def test_a_folder_becomes_an_office(tmp_path: Path) -> None:
    office = load_office(folder(tmp_path))
    reply, opinion, window = Period(months=2), Period(months=1), Period(working_days=5)
    assert office == Office(
        name="临湖县人大代表工委",
        place="临湖县",
        area="all",
        level="县",
        deadlines=Deadlines(
            reply, opinion, window, (7, 1), (("政协", Deadlines(Period(days=60), opinion, window, (7, 1))),)
        ),
        outcomes=(Outcome("甲", "办成", "solved"), Outcome("乙", "正在办", "planned")),
        committees=(Committee("教科工委", ("教育", "E")), Committee("城建工委", ("T", "交通", "E2"))),
        targets=(Target("校园", ("学校建设", "E1"), ("操场",), 0.1),),
        inspection=Inspection(0.2, True),
    )
    assert office.deadlines.of("政协").reply == Period(days=60)
    assert office.deadlines.of("人大").reply == reply
    assert findings(tmp_path) == []


def test_committees_find_topics_of_the_catalogue(tmp_path: Path) -> None:
    office, catalogue = load_office(folder(tmp_path)), load_catalogue(tmp_path)
    assert committee_of(office, catalogue.topic_path("E1")) == "教科工委"
    assert committee_of(office, catalogue.topic_path("T1")) == "城建工委"
    # 其他 is a name of two topics: only the code can tell them apart.
    assert committee_of(office, ("E", "E2")) == "城建工委"
    assert committee_of(office, ("教育", "其他")) == "教科工委"


def test_without_files_the_office_is_a_plain_one(tmp_path: Path) -> None:
    office = load_office(folder(tmp_path, None))
    assert office == Office()
    assert [outcome.code for outcome in office.outcomes] == ["A", "B", "C"]
    assert load_office(folder(tmp_path, "")) == Office()


def test_all_three_files_are_read(tmp_path: Path) -> None:
    rules = "编号,种类,名称,匹配,依据,例句\na,提示,涉农,农田,办法,修农田\n"
    path = folder(tmp_path, 'place = "某县"', rules=rules, days="日期,班休\n2025-04-03,休\n")
    office = load_office(path)
    assert (office.place, office.rules[0].name, office.days[0].day) == ("某县", "涉农", Date(2025, 4, 3))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_encodings_and_line_ends_of_office_software(tmp_path: Path, encoding: str, ending: str) -> None:
    plain = load_office(folder(tmp_path / "plain"))
    assert load_office(folder(tmp_path / "other", OFFICE.replace("\n", ending).encode(encoding))) == plain


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("place =", "plcae =", "office.toml:3: has the unknown key 'plcae'; did you mean 'place'?"),
        ("return_window =", "window =", "office.toml:9: has the unknown key 'deadlines.window'; did you mean 'return_"),
        ("months = 2", "weeks = 2", "office.toml:8: has the unknown key 'deadlines.reply.weeks'; allowed are months"),
        ("months = 2", "months = 0", "office.toml:8: deadlines.reply is empty; give it months"),
        ("{ months = 2 }", "{}", "office.toml:8: deadlines.reply is empty"),
        (
            "months = 2",
            "months = 2, days = 3",
            "office.toml:8: deadlines.reply has months and days; a period has exact",
        ),
        (
            "months = 2",
            "months = 2.5",
            "office.toml:8: deadlines.reply.months is '2.5'; allowed is a whole number from",
        ),
        ("months = 2", "months = -2", "office.toml:8: deadlines.reply.months is '-2'"),
        ("months = 2", "months = true", "office.toml:8: deadlines.reply.months is 'True'"),
        ("{ months = 2 }", '"两个月"', "office.toml:8: deadlines.reply is a single value; it must be a table"),
        ("[1, 7]", '["一"]', "office.toml:10: deadlines.warn is"),
        ("days = 60", "days = 0", "office.toml:13: deadlines.by_source.政协.reply is empty"),
        (
            '"政协"]\nreply',
            '"政协"]\nby_source',
            "office.toml:13: has the unknown key 'deadlines.by_source.政协.by_source",
        ),
        ('area = "all"', 'area = "nowhere"', "office.toml:4: area is 'nowhere', which is not a code of areas.csv"),
        ('"county"', '"国"', "office.toml:5: level is '国'; allowed is 村, 乡镇, 县, 市, 省"),
        ('"临湖县"', "7", "office.toml:3: place is '7'; allowed is a text in double quotes"),
        ('"solved"', '"done"', "office.toml:18: outcomes[1].group is 'done'; allowed is solved (已解决)"),
        ('code = "乙"', 'code = "甲"', "office.toml:21: outcome class '甲' stands twice"),
        ('code = "乙"', 'code = ""', "office.toml:21: has no outcomes[2].code"),
        ('["教育"]', '["教育局"]', "office.toml:27: committee '教科工委' has topic '教育局', which is neither"),
        (
            '["教育"]',
            '["其他"]',
            "office.toml:27: committee '教科工委' has topic '其他', a name of 2 topics (T1, E2); wri",
        ),
        ('["T", "E2"]', '["T", "E"]', "office.toml:31: topic '教育' is supervised by '教科工委' and '城建工委'"),
        ('["T", "E2"]', '"T"', "office.toml:31: committees[2].topics is 'T'; allowed is texts in brackets"),
        ('"城建工委"', '"教科工委"', "office.toml:30: committee '教科工委' stands twice"),
        ('["学校建设"]', '["学校"]', "office.toml:35: target '校园' has topic '学校', which is neither"),
        ("share = 0.1", "share = 10", "office.toml:37: targets[1].share is '10'; allowed is a number from 0 to 1"),
        ("share = 0.1", "share = 0", "office.toml:37: target '校园' expects nothing"),
        ("share = 0.1", "share = 0.1\ncount = 3", "office.toml:33: target '校园' has both share and count"),
        ("share = 0.1\n", "", "office.toml:33: target '校园' has neither share nor count"),
        ("per_unit = true", 'per_unit = "是"', "office.toml:41: inspection.per_unit is '是'; allowed is true or false"),
        (
            "[inspection]\nshare = 0.2\nper_unit = true",
            "[inspection]\nshare = 0",
            "office.toml:40: inspection.share is 0",
        ),
        ("[[targets]]", "[targets]", "office.toml:33: targets must be written as [[targets]]"),
        ('."政协"', ".政协", "office.toml:12: is not proper TOML"),
        ('"all"', '"all', "office.toml:4: is not proper TOML"),
        ("warn = [1, 7]", "warn = [1, 7]\nwarn = [2]", "office.toml:11: is not proper TOML"),
    ],
)
def test_a_defect_is_told_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in OFFICE
    found = findings(folder(tmp_path, OFFICE.replace(old, new, 1)))
    assert any(line.startswith(said) for line in found), found
    with pytest.raises(CatalogueError) as caught:
        load_office(tmp_path)
    assert said in str(caught.value)


def test_every_defect_of_every_file_in_one_go(tmp_path: Path) -> None:
    office = 'plcae = "x"\narea = "y"\n[[targets]]\nname = "z"\n'
    path = folder(tmp_path, office, rules="id,kind,name\na,b,c\n", days="date,working\nx,休\n")
    found = findings(path)
    assert [line.partition(": ")[0] for line in found] == [
        "office.toml:1",
        "office.toml:2",
        "office.toml:3",
        "office.toml:3",
        "rules.csv:2",
        "rules.csv:2",
        "rules.csv:2",
        "rules.csv:2",
        "days.csv:2",
    ]
    with pytest.raises(CatalogueError, match=r"cannot be used \(7 errors\)") as caught:
        load_office(path)
    assert len(caught.value.problems) == 7


def test_warnings_go_to_the_log_and_stop_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = folder(tmp_path, None, rules="id,kind,name,tag\na,提示,空,empty\n")
    with caplog.at_level(logging.WARNING):
        assert len(load_office(path).rules) == 1
    assert "rules.csv:2: rule 'a' has no examples" in caplog.text


def test_a_catalogue_at_hand_is_taken_for_the_folders_own(tmp_path: Path) -> None:
    path = folder(tmp_path, '[[committees]]\nname = "甲"\ntopics = ["教育"]')
    assert check_office(path) == ()
    assert [str(found)[:16] for found in check_office(path, Catalogue())] == ["office.toml:3: c"]


@pytest.mark.parametrize(
    "data", [b"\xff\xfex", b"a\x00b", b"\x81\x20 = 1", b"PK\x03\x04", b"[" * 5000, b"a = " + b"[" * 50_000]
)
def test_what_is_no_text_is_told(tmp_path: Path, data: bytes) -> None:
    (found,) = findings(folder(tmp_path, data))
    assert found.startswith("office.toml:1: ")


KEYS = "name place area level deadlines reply months warn by_source outcomes code group committees topics share".split()
SIGNS = ["[", "]", "[[", "]]", "{", "}", "=", '"', "'", ".", "\n", "#", ",", " "]
WORDS = st.sampled_from([*KEYS, *SIGNS, "1", "0.5", "-3", "true", "教育", "1979-05-27"])


@settings(max_examples=80, deadline=None)
@given(st.lists(WORDS, max_size=30).map("".join), st.binary(max_size=60), st.binary(max_size=60))
def test_no_content_makes_the_check_raise(office: str, rules: bytes, days: bytes) -> None:
    with tempfile.TemporaryDirectory() as made:
        path = folder(Path(made), office)
        (path / "rules.csv").write_bytes(b"id,kind,name,pattern,active_from\n" + rules)
        (path / "days.csv").write_bytes(b"date,working\n" + days)
        found = check_office(path)
        assert all(finding.line >= 1 and finding.file in ("office.toml", "rules.csv", "days.csv") for finding in found)


VALUES = st.recursive(
    st.sampled_from(['"教育"', '"A"', "1", "0", "-1", "1e400", "nan", "true", '""', "1979-05-27", "[]", "{}"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2).map(lambda parts: f"[{', '.join(parts)}]"),
        inner.map(lambda part: f"{{ months = {part} }}"),
    ),
    max_leaves=4,
)
TABLES = ["name", "area", "level", "deadlines", "outcomes", "committees", "targets", "inspection"]
INNER = [
    "deadlines.reply",
    "deadlines.warn",
    "deadlines.by_source",
    "inspection.share",
    "inspection.per_unit",
    '"中文"',
]
NAMES = st.sampled_from([*TABLES, *INNER])


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_no_value_of_any_key_makes_the_check_raise(values: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as made:
        path = folder(Path(made), "".join(f"{key} = {value}\n" for key, value in values.items()))
        assert all(finding.file == "office.toml" for finding in check_office(path))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="is no folder"):
        load_office(tmp_path / "nowhere")


def test_lines_of_keys() -> None:
    text = 'a = 1\n[b."c d"]\n"e" = 2\nf.g = 3\n[[h]]\ni = 1\n[[h]]\ni = 2\n[h.j]\nk = 1\n[[h.l]]\nm = 4\n'
    lines = lines_of(text)
    assert [lines[key] for key in ((), ("a",), ("b",), ("b", "c d", "e"), ("b", "c d", "f", "g"))] == [1, 1, 2, 3, 4]
    assert [lines[key] for key in (("h", 0, "i"), ("h", 1, "i"), ("h", 1, "j", "k"), ("h", 1, "l", 0, "m"))] == [
        6,
        8,
        10,
        12,
    ]
    assert line_of(lines, ("h", 1, "nothing")) == 7
    assert line_of(lines, ("nothing",)) == 1


def test_the_starter_has_an_office() -> None:
    office = starter_office()
    assert office.place == "清河县"
    assert office.rules
    assert office.committees
