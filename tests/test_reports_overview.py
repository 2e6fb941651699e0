"""Counts of the overview, by hand: every property, both periods, what is missing, and the rows behind each number."""

from __future__ import annotations

from datetime import date as Date

import pytest

from tests.reports import case, figures, section, table, texts
from triage.catalogue import Area, Catalogue, Office, Outcome, Topic, Unit
from triage.reports import Report, Settings, make, timespan

CATALOGUE = Catalogue(
    units=(
        Unit("jt", "交通运输局", aliases=("交通局",), level="县"),
        Unit("jy", "教育局", level="县"),
        Unit("wj", "卫生局", level="县", active_to=Date(2019, 1, 1), succeeded_by=("wjw",)),
        Unit("wjw", "卫生健康局", level="县"),
        Unit("kfq", "清河开发区管理委员会", aliases=("开发区管委会",), level="开发区", area="kf"),
    ),
    topics=(Topic("A", "交通"), Topic("A1", "公交", "A"), Topic("B", "教育")),
    areas=(
        Area("qh", "清河县", level="县"),
        Area("kf", "清河开发区", aliases=("开发区",), level="开发区", parent="qh"),
        Area("bm", "北门镇", level="乡镇", parent="qh"),
        Area("bm1", "柳树村", level="村", parent="bm"),
    ),
)
OFFICE = Office(name="督查室", place="清河县", area="qh")
NOW = (
    case("1", source="人大", date="2025-01-10", leads="交通局", co="教育局", topics="公交", outcome="A", area="柳树村"),
    case("2", source="人大", date="2025-02-10", leads="开发区管委会", topics="交通;公交", outcome="a类", area="北门镇"),
    case(
        "3",
        source="政协",
        date="2025-03-10",
        leads="卫生局;教育局",
        topics="教育",
        outcome="B",
        area="开发区",
        level="镇",
    ),
    case("4", source="政协", date="2025-04-10", leads="教育局", topics="教育/幼儿园", outcome="办结", level="县级"),
    case("5", date="2025-05-10", confidential=True),
)
BEFORE = (
    case("6", source="人大", date="2024-01-10", leads="交通运输局", topics="交通", outcome="A"),
    case("7", source="热线", date="2024-06-10", leads="卫生健康局", topics="教育", outcome="C"),
)
YEAR = timespan(Date(2025, 1, 1), Date(2025, 12, 31))


def made() -> Report:
    return make("overview", (*NOW, *BEFORE), OFFICE, CATALOGUE, period=YEAR, settings=Settings(on=Date(2025, 12, 1)))


def rows_of(report: Report, title: str) -> dict[object, tuple[object, ...]]:
    return {row[0]: row[1:] for row in table(report, title).rows}


def test_totals_are_compared_with_the_year_before() -> None:
    told = section(made(), "总体情况").sentences
    assert texts(told) == [
        "2025年共收到5件。",
        "比2024年增加3件，增长150.0%（2024年2件）。",
        "其中不公开的1件，只计数，不列标题。",
    ]
    assert figures(told[0]) == {"5": ("1", "2", "3", "4", "5")}
    assert figures(told[1]) == {"2": ("6", "7")}
    assert figures(told[2]) == {"1": ("5",)}


def test_sources() -> None:
    report = made()
    assert rows_of(report, "按来源") == {
        "人大": (2, 0.4, 1, 0.5, 1, 1.0),
        "政协": (2, 0.4, 0, 0.0, 2, None),
        "热线": (0, 0.0, 1, 0.5, -1, -1.0),
        "（未注明）": (1, 0.2, 0, 0.0, 1, None),
        "合计": (5, 1.0, 2, 1.0, 3, 1.5),
    }
    counts = table(report, "按来源")
    assert counts.links[0] == ((), ("1", "2"), ("1", "2"), ("6",), ("6",), ("1", "2"), ("1", "2"))
    assert [counts.form(column) for column in range(7)] == ["text", *("count", "share") * 2, "count", "share"]
    assert texts(section(report, "按来源").sentences, notice=True) == ["有1件未注明来源。"]
    assert section(report, "按来源").charts[0].series == (("本期", (2.0, 2.0)), ("上期", (1.0, 0.0)))


def test_topics_by_first_level_and_below() -> None:
    report = made()
    assert rows_of(report, "按类别") == {
        "交通": (2, 0.4, 1, 0.5, 1, 1.0),
        "教育": (2, 0.4, 1, 0.5, 1, 1.0),
        "（未注明）": (1, 0.2, 0, 0.0, 1, None),
        "合计": (5, 1.0, 2, 1.0, 3, 1.5),
    }
    below = rows_of(report, "按二级、三级类别")
    assert (below["交通/公交"][0], below["教育/幼儿园"][0], below["（未注明）"][0]) == (2, 1, 2)


def test_units_under_todays_names() -> None:
    report = made()
    leads = rows_of(report, "按承办单位")
    assert leads["交通运输局"] == (1, 0.2, 1, 0.5, 0, 0.0)
    assert leads["卫生健康局"][:1] == (1,)
    assert leads["教育局"][:1] == (2,)
    assert leads["清河开发区管理委员会"][:1] == (1,)
    assert "合计" not in leads  # 分办 counts for each of its leads
    assert "可大于总件数5件" in table(report, "按承办单位").note
    assert rows_of(report, "按会办单位")["教育局"] == (1, 0.2)


def test_modes_levels_zones() -> None:
    report = made()
    modes = rows_of(report, "按办理方式")
    assert [modes[name][0] for name in ("独办", "会办", "分办", "（未注明）")] == [2, 1, 1, 1]
    assert rows_of(report, "按办理层级") == {
        "乡镇（街道）": (1, 0.2),
        "县（区）": (1, 0.2),
        "（未注明）": (3, 0.6),
        "合计": (5, 1.0),
    }
    assert texts(section(report, "按办理层级").sentences, notice=True)[-1] == "上期没有办理层级，不能比较。"
    zones = rows_of(report, "按区域")
    assert zones["北门镇"] == (2, 0.4, 0, 0.0, 0, 0)
    assert zones["　柳树村"] == (1, 0.2, 0, 0.0, 0, 0)  # and with its town
    assert zones["清河开发区"] == (1, 0.2, 1, 0.2, 0, 0)
    told = section(report, "属地分布").sentences
    assert texts(told) == [
        "北门镇涉及2件（占40.0%）。",
        "清河开发区涉及1件（占20.0%），所属单位主办1件（占20.0%）。",
        "有2件不涉及本地的某一区域，或看不出属地。",
    ]
    assert figures(told[2]) == {"2": ("4", "5")}


def test_outcomes_by_the_offices_own_scheme() -> None:
    report = made()
    counts = rows_of(report, "按办理结果")
    assert counts["A（已解决或基本解决）"][:2] == (2, 0.4)
    assert counts["B（列入计划逐步解决）"][0] == 1
    assert counts["C（留作参考）"][:3] == (0, 0.0, 1)
    told = section(report, "按办理结果").sentences
    assert told[0].text == "已有办理结果的3件，其中已解决或基本解决2件（66.7%）、列入计划1件（33.3%）。"
    assert told[1].text == "有1件尚无办理结果。"
    assert told[2].text == "有1件的办理结果不在本单位的分类（A、B、C）之内，未计入各类：办结。"
    assert figures(told[2]) == {"1": ("4",)}
    assert table(report, "分类以外的办理结果").rows == (("办结", 1, "4"),)

    own = Office(outcomes=(Outcome("办结", "办结", "solved"), Outcome("B", "办理中", "planned")))
    report = make("overview", NOW, own)
    assert {row[0]: row[1] for row in table(report, "按办理结果").rows}["办结（办结）"] == 1
    assert table(report, "分类以外的办理结果").rows == (("A", 1, "1"), ("a类", 1, "2"))


def test_what_the_rows_do_not_say_is_no_zero() -> None:
    report = make("overview", [case("1"), case("2", leads="教育局")])
    for title in ("按来源", "按类别", "按办理层级", "按办理结果", "答复时限", "属地分布"):
        part = section(report, title)
        assert (part.tables, part.charts) == ((), ())
        assert [one.notice for one in part.sentences].count(True) == len(part.sentences) > 0
    modes = section(report, "按办理方式")
    assert texts(modes.sentences) == ["没有一件登记会办单位（co），不能区分独办与会办。"]
    assert modes.tables == ()
    assert report.rows.header == ("编号", "标题", "范围", "主办单位", "办理方式")


def test_a_confidential_suggestion_is_counted_and_never_named() -> None:
    secret = case("9", "关于某厂泄漏的来信", "泄漏的气味很重。", confidential=True, leads="教育局")
    for kind in ("overview", "workload", "inspection", "targets"):
        report = make(kind, [secret, case("1", leads="教育局")], Office())
        assert "泄漏" not in repr(report)
        assert ("9", "（保密件）") in {row[:2] for row in report.rows.rows}


def test_replies_in_time() -> None:
    cases = (
        case("1", handed_out="2025-03-03", replied="2025-05-30"),  # due on 3 June
        case("2", handed_out="2025-03-03", replied="2025-06-10"),
        case("3", handed_out="2025-03-03"),
        case("4", handed_out="2025-11-03"),
        case("5"),
        case("6", handed_out="2025-03-03", outcome="A"),
        case("7", handed_out="2025-03-03", replied="2025-02-01"),
    )
    report = make("overview", cases, settings=Settings(on=Date(2025, 12, 1)))
    part = section(report, "答复时限")
    assert texts(part.sentences) == [
        "截至2025年12月1日，能判断时限的4件，其中按期答复1件、超期答复1件、超期未答复1件、办理中（未到期）1件。",
        "应当答复的3件，按期答复率33.3%。",
        "有1件没有交办日期，不能判断是否按期。",
        "有1件已有办理结果或答复，但没有答复日期，不能判断是否按期。",
        "有1件答复日期早于交办日期，不能判断是否按期。",
    ]
    assert figures(part.sentences[1]) == {"3": ("1", "2", "3"), "33.3%": ("1",)}


@pytest.mark.parametrize("kind", ["overview", "workload", "inspection"])
def test_every_number_links_to_rows_of_the_appendix(kind: str) -> None:
    report = make(kind, (*NOW, *BEFORE), OFFICE, CATALOGUE, period=YEAR)
    known = {row[0] for row in report.rows.rows}
    assert set(report.linked()) <= known
    assert {"1", "2", "3", "4", "5"} <= known
    for part in report.sections:
        for counts in part.tables:
            for number, row in enumerate(counts.rows):
                for column, cell in enumerate(row):
                    linked = counts.linked(number, column)
                    if linked and counts.form(column) == "count" and counts.header[column] != "增减":
                        assert cell == len(linked)
