"""Targets, workload, inspection, hot topics, conflicts, shortlists, the vote and the year, on cases counted by hand."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date as Date
from pathlib import Path

import pytest

from tests.reports import case, figures, section, table, texts
from triage.catalogue import Catalogue, Committee, Inspection, Office, Rule, Target, Topic, Unit
from triage.duplicates.apart import Apart
from triage.duplicates.index import DuplicateIndex
from triage.errors import InputError
from triage.records import Case
from triage.reports import KINDS, Report, Settings, make, timespan
from triage.reports.inspection import again
from triage.reports.scoring import PARTS
from triage.reports.targets import expected

LAMP = "桂花路从小学到菜场没有路灯，孩子放学摸黑走路，希望在桂花路安装路灯。"
BUS = "城东新村到县医院没有公交，老人看病要走三里路，建议延长5路公交到城东新村。"
POND = "双塘村水塘多年没有清淤，夏天发臭，请求对双塘村水塘清淤。"
OTHERS = (
    "图书馆周一闭馆，上班的人借书不便，建议周末延长开放时间。",
    "茶叶合作社缺少冷库，鲜叶卖不上价，建议补助建设冷库。",
    "县里应当修订殡葬服务收费标准，公开每一项价格。",
)
SEVERAL = (
    case("1", "关于在桂花路安装路灯的建议", LAMP, source="人大", date="2025-02-01", proposers=("甲",), leads="住建局"),
    case("2", "桂花路安装路灯的提案", LAMP, source="政协", date="2025-03-01", proposers=("乙", "丙"), leads="城管局"),
    case("3", "关于在桂花路安装路灯的建议", LAMP, source="人大", date="2025-04-01", leads="住建局", confidential=True),
    case("4", "关于延长5路公交的建议", BUS, source="人大", date="2025-05-01", leads="交通局", returned=("住建局",)),
    *(
        case(f"{n}", "", text, source="热线", date="2025-06-01", leads="文旅局")
        for n, text in enumerate(OTHERS, start=5)
    ),
)
LAST = (
    case("1", "桂花路要装路灯", LAMP, source="热线", date="2024-02-01", leads="住建局", outcome="C"),
    case("2", "双塘村水塘清淤", POND, source="热线", date="2024-03-01", leads="水利局"),
)


def made(kind: str, cases: tuple[Case, ...] = SEVERAL, office: Office | None = None, **options: object) -> Report:
    return make(kind, cases, office, **options)  # type: ignore[arg-type]


# --- targets ---------------------------------------------------------------------------------------------------------


def test_targets() -> None:
    catalogue = Catalogue(topics=(Topic("A", "营商"), Topic("A1", "审批", "A"), Topic("B", "教育")))
    cases = (
        case("1", topics="审批"),
        case("2", topics="营商"),
        case("3", "优化营商环境", topics="教育"),
        case("4", topics="教育"),
        case("5", "", "希望改善营商环境", confidential=True),
        case("6"),
    )
    office = Office(
        targets=(
            Target("营商环境", ("A",), ("营商环境",), share=0.8),
            Target("教育", ("B",), count=2),
            Target("养老", words=("养老",)),
        )
    )
    report = make("targets", cases, office, catalogue)
    told = section(report, "目标领域").sentences
    assert texts(told) == [
        "“营商环境”应不少于80%即5件，实收4件（占66.7%），少1件，偏少。",
        "“教育”应不少于2件，实收2件（占33.3%），达到要求。",
        "“养老”没有设定应有件数，实收0件（占0.0%）。",
        "有2件没有类别，只按词语判断是否属于目标领域。",
    ]
    assert figures(told[0]) == {"4": ("1", "2", "3", "5"), "66.7%": ("1", "2", "3", "5")}
    assert table(report, "目标领域对照").rows[0] == ("营商环境", 5, 4, 4 / 6, 2, 2, 1, "偏少")
    assert table(report, "目标领域对照").rows[2] == ("养老", None, 0, 0.0, 0, 0, None, "未设定")
    assert table(report, "营商环境：来件").rows[-1] == ("5", "（保密件）", "", "词语")
    assert expected(Target("a", share=0.07), 100) == 7
    assert expected(Target("a", share=0.071), 100) == 8


def test_no_targets_are_said() -> None:
    (told,) = section(made("targets"), "目标领域").sentences
    assert told.notice
    assert "没有设定目标领域" in told.text


# --- workload --------------------------------------------------------------------------------------------------------


def test_workload() -> None:
    cases = (
        case("1", date="2025-01-01", leads="甲局", co="乙局"),
        case("2", date="2025-01-01", leads="甲局;乙局"),
        case("3", date="2025-01-01", leads="甲局", co="乙局;丙局"),
        case("4", date="2025-01-01"),
        case("5", date="2024-01-01", leads="乙局"),
    )
    catalogue = Catalogue(units=tuple(Unit(f"u{name}", f"{name}局") for name in "甲乙丙丁"))
    year = timespan(Date(2025, 1, 1), Date(2025, 12, 31))
    report = make("workload", cases, None, catalogue, period=year, settings=Settings(above=0.5))
    load = table(report, "各单位承办量")
    assert load.header == ("单位", "主办件数", "会办件数", "合计", "占主办总数", "上期主办", "增减", "提示")
    assert load.rows == (
        ("甲局", 3, 0, 3, 1.0, 0, 3, "偏重"),
        ("乙局", 1, 2, 3, 1 / 3, 1, 0, ""),
        ("丙局", 0, 1, 1, 0.0, 0, 0, ""),
    )
    assert load.links[1][1:4] == (("2",), ("1", "3"), ("2", "1", "3"))
    assert texts(section(report, "承办量").sentences) == [
        "有主办单位的3件，由2个单位主办。",
        "甲局主办3件，占100.0%，超过50%，请考虑均衡。",
        "有1件没有主办单位，未计入。",
        "单位目录中另有1个单位本期既无主办也无会办。",
    ]


def test_workload_without_leads_says_what_to_do() -> None:
    with pytest.raises(InputError, match=r"no row of the period has a lead unit .* --model"):
        make("workload", [case("1")])


def test_suggested_leads_are_marked_and_help_is_untold() -> None:
    report = make("workload", [case("1", leads="甲局"), case("2", leads="甲局")], suggested=["2"])
    assert table(report, "各单位承办量").rows == (("甲局", 2, 1, None, None, 1.0, "偏重"),)
    assert texts(section(report, "承办量").sentences, notice=True) == [
        "其中1件的主办单位是模型的建议，尚未决定。",
        "没有一件登记会办单位（co），会办件数不能统计。",
    ]
    assert [row[3] for row in report.rows.rows] == ["甲局", "甲局（模型建议）"]


# --- inspection ------------------------------------------------------------------------------------------------------


def test_the_inspection_sheet_and_the_sample_again() -> None:
    cases = tuple(
        case(f"{number}", leads="甲局" if number % 3 else "乙局", topics="教育", outcome="A", date="2025-03-01")
        for number in range(30)
    )
    cases += (case("x", date="2025-03-01"), case("y", leads="丙局;甲局", outcome="Z", date="2025-03-01"), case("z"))
    year = timespan(Date(2025, 1, 1), Date(2025, 12, 31))
    office = Office(inspection=Inspection(0.2, per_unit=True))
    report = make("inspection", cases, office, period=year, settings=Settings(seed=7))
    rows = table(report, "抽查清单").rows
    assert len(rows) == 6  # a fifth of 31
    assert {row[4].split("、")[0] for row in rows if isinstance(row[4], str)} == {"甲局", "乙局", "丙局"}
    assert again(report.footer, cases, office) == tuple(row[1] for row in rows)
    assert again(report.footer, cases[::-1], office) == tuple(row[1] for row in rows)
    other = make("inspection", cases, office, period=year, settings=Settings(seed=8))
    assert [row[1] for row in table(other, "抽查清单").rows] != [row[1] for row in rows]
    assert texts(section(report, "抽取办法").sentences)[2:] == [
        "每个主办单位至少抽取1件，共涉及3个单位。",
        "有1件没有主办单位，不在抽取范围内。",
        "有1件由多个单位分办，按第一主办单位归层。",
    ]
    with pytest.raises(InputError, match="fingerprint"):
        again(report.footer, (replace(cases[0], outcome="B"), *cases[1:]), office)
    with pytest.raises(InputError, match="no handled case"):
        make("inspection", [case("1")])


# --- kinds that compare texts ----------------------------------------------------------------------------------------


def test_hot_topics_and_their_growth() -> None:
    report = made("hot", previous=LAST)
    (first, *_) = table(report, "热点一览").rows
    assert first[1:4] == (3, 1, 2)
    assert table(report, "热点一览").links[0][1] == ("1", "2", "3")
    assert table(report, "热点一览").links[0][2] == ("上期-1",)
    told = section(report, "热点").sentences
    assert told[0].text == "3件以上来件反映的话题有1个，共3件；其余4件不属于任何热点。"
    assert "比上期增加2件，增长200.0%（上期1件）" in told[1].text
    assert told[-1].notice
    assert "没有使用语义编码器" in told[-1].text
    nothing = made("hot", SEVERAL[3:])
    assert section(nothing, "热点").sentences[0].text == "没有3件以上来件反映同一话题。"


def test_conflicts_and_groups_lose_nobody() -> None:
    report = made("conflicts")
    meeting = table(report, "同一事项主办单位不一")
    assert {(row[1], row[4], row[5]) for row in meeting.rows} == {
        ("1", "甲", "住建局"),
        ("2", "乙、丙", "城管局"),
        ("3", "提出人未登记", "住建局"),
    }
    groups = table(report, "并案建议")
    assert {(row[1], row[2], row[4]) for row in groups.rows} == {
        ("1", "关于在桂花路安装路灯的建议", "甲"),
        ("2", "桂花路安装路灯的提案", "乙、丙"),
        ("3", "（保密件）", "提出人未登记"),
    }
    told = texts(section(report, "并案建议").sentences)
    assert told[0] == "可以并案办理的有1组，共3件，由工作人员决定是否并案。"
    assert told[1] == "其中1组（3件）来自不同渠道。"
    assert "应当分别答复每一位提出人" in told[2]
    assert told[3] == "有1件未登记提出人，请补登，以免漏复。"
    open_ones = made("conflicts", tuple(replace(one, leads=()) for one in SEVERAL))
    assert section(open_ones, "同一事项主办单位不一").sentences[0].notice
    assert table(open_ones, "并案建议").rows


def test_what_a_person_found_to_be_apart_is_in_no_report() -> None:
    def listed(apart: Apart) -> set[str]:
        report = made("conflicts", apart=apart)
        return {table.title for section in report.sections for table in section.tables if table.rows}

    assert listed(Apart()) == {"并案建议", "同一事项主办单位不一"}
    assert listed(Apart(leads=({"1", "2"}, {"2", "3"}))) == {"并案建议"}
    assert listed(Apart(matters=({"1", "2", "3"},))) == set()
    shortlist = made("supervision", apart=Apart(matters=({"1", "2", "3"},)))
    assert [row[3] for row in table(shortlist, "重点督办建议").rows] == [1], "each is a matter of its own"


def test_a_matter_that_history_gave_to_another_unit() -> None:
    with DuplicateIndex.create() as history:
        history.add([replace(LAST[0], leads=("水利局",)), replace(LAST[1], leads=("水利局",))])
        report = made("conflicts", (SEVERAL[0], *SEVERAL[3:]), history=history)
        meeting = table(report, "同一事项主办单位不一")
        assert [(row[1], row[5], row[7]) for row in meeting.rows] == [
            ("历史-1", "水利局", "已办"),
            ("1", "住建局", "本期"),
        ]
        assert ("历史-1", "桂花路要装路灯", "以往") in {row[:3] for row in report.rows.rows}


def test_supervision_adds_up_and_shows_its_parts() -> None:
    office = Office(committees=(Committee("城建委", ("城建",)),))
    cases = tuple(replace(one, topics=("城建/照明",)) if one.suggestion.id in "123" else one for one in SEVERAL)
    report = made("supervision", cases, office, previous=LAST, settings=Settings(on=Date(2025, 7, 1)))
    listed = table(report, "重点督办建议")
    column = {name: number for number, name in enumerate(listed.header)}
    for row in listed.rows:
        assert row[column["总分"]] == sum(row[column[part]] or 0 for part in PARTS)  # type: ignore[misc]
    first, second = listed.rows
    assert [first[column[part]] for part in PARTS] == [2, 2, 2, 0, 3, None]
    assert (first[column["件数"]], first[column["总分"]], first[column["督办专工委"]]) == (3, 9, "城建委")
    assert first[column["理由"]] == "同一事项3件；2024、2025均有反映；来自人大、政协；同一事项主办单位不一"
    assert (second[1], second[column["主办有争议"]], second[column["理由"]]) == ("4", 2, "曾被1个单位退单")
    assert ("上期-1", "桂花路要装路灯") in {row[1:3] for row in table(report, "同一事项的来件").rows}
    assert any("超期一项不能计分" in told for told in texts(section(report, "重点督办建议").sentences, notice=True))
    assert "桂花" not in repr([row for row in listed.rows if row[1] == "3"])


def test_supervision_knows_what_is_overdue() -> None:
    late = tuple(replace(one, handed_out=Date(2025, 1, 6)) for one in SEVERAL[4:])
    report = made("supervision", late, settings=Settings(on=Date(2025, 7, 1), most=2))
    listed = table(report, "重点督办建议")
    assert [(row[1], row[-2]) for row in listed.rows] == [("5", 3), ("6", 3)]
    assert "1件超期" in str(listed.rows[0][-1])


def test_the_vote_by_rule_reach_and_repeats() -> None:
    rules = (
        Rule("v1", "票决", "民生实事", pattern="冷库", source="某县办法", article="第三条"),
        Rule("v2", "票决", "旧规则", pattern="图书馆", active_to=Date(2020, 1, 1)),
        Rule("n1", "提示", "提示", pattern="图书馆"),
    )
    report = made("vote", office=Office(rules=rules), settings=Settings(on=Date(2025, 7, 1)))
    listed = table(report, "票决候选事项")
    scores = {row[1]: (row[-2], row[-1]) for row in listed.rows}
    assert scores["6"] == (3, "符合民生实事（某县办法第三条）")
    assert scores["1"] == (4, "同一事项3件；来自人大、政协")
    assert set(scores) == {"1", "6"}
    assert "本地票决规则1条，命中来件1件。" in texts(section(report, "票决候选事项").sentences)
    plain = section(made("vote"), "票决候选事项").sentences
    assert any("没有“票决”类规则" in told for told in texts(plain, notice=True))


def test_a_matter_without_days_and_sources_is_untold_and_not_zero() -> None:
    bare = tuple(replace(one, suggestion=replace(one.suggestion, source="", date=None)) for one in SEVERAL)
    report = made("supervision", bare)
    first = table(report, "重点督办建议").rows[0]
    assert first[6:12] == (2, None, None, 0, 3, None)
    assert len(texts(section(report, "重点督办建议").sentences, notice=True)) >= 3


def test_the_year_in_sentences() -> None:
    report = made("yearly", previous=LAST)
    titles = [one.title for one in report.sections]
    assert titles[:3] == ["一、来件总体情况", "二、内容分类情况", "三、承办情况"]
    assert titles[6:8] == ["七、热点情况", "八、重复反映与并案情况"]
    assert "比2024年2月1日至3月1日增加5件，增长250.0%（2024年2月1日至3月1日2件）。" in texts(
        report.sections[0].sentences
    )
    assert report.sections[0].tables[0].title == "按来源"
    assert len(titles) == 8  # no targets, no part about them


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_links_to_its_rows_and_names_no_confidential_one(kind: str) -> None:
    secret = tuple(
        replace(one, suggestion=replace(one.suggestion, confidential=True, title="绝密标题", text=f"绝密{LAMP}"))
        for one in SEVERAL[:3]
    )
    report = made(kind, (*secret, *SEVERAL[3:]), previous=LAST[1:])
    known = {row[0] for row in report.rows.rows}
    assert set(report.linked()) <= known
    assert "绝密" not in repr(report)
    assert "桂花" not in repr(report)
    assert report.footer[0].startswith(f"报告种类：{kind}；")


def test_the_page_on_reports_knows_every_kind_and_every_part(root: Path) -> None:
    page = (root / "docs" / "reports.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == list(KINDS)
    assert all(f"| {part} |" in page for part in PARTS)
    marked = re.findall(r"^\| `(\w+)` \|.*\| yes \|$", page, re.MULTILINE)
    assert marked == [name for name, kind in KINDS.items() if kind.compares]
