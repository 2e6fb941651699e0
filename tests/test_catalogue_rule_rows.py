"""rules.csv and days.csv: what a row says, and every defect by line, all in one go."""

from __future__ import annotations

from datetime import date as Date
from pathlib import Path

import pytest

from triage.catalogue import Rule, Severity
from triage.catalogue.office import DayException
from triage.catalogue.rule_rows import read_days, read_rules
from triage.catalogue.tables import Findings

HEADER = (
    "id,kind,name,pattern,tag,unless,scope,source,article,action,active_from,active_to,examples,counterexamples,wording"
)
CHINESE = "编号,种类,名称,匹配,标签,除外,范围,依据,条款,处理,启用,停用,例句,反例,答复用语"


def rules_of(folder: Path, rows: str, header: str = HEADER) -> tuple[tuple[Rule, ...], list[str]]:
    (folder / "rules.csv").write_text(f"{header}\n{rows}", encoding="utf-8")
    findings = Findings()
    rules = read_rules(folder, findings)
    return rules, [f"{found.severity} {found}" for found in findings.found]


def errors_of(folder: Path, rows: str) -> list[str]:
    return [found for found in rules_of(folder, rows)[1] if found.startswith("error")]


def row(**cells: str) -> str:
    usual = {"id": "r1", "kind": "提示", "name": "事", "pattern": "甲", "source": "办法", "examples": "甲"}
    usual |= cells
    return ",".join(f'"{usual.get(column, "")}"' for column in HEADER.split(",")) + "\n"


def test_a_row_becomes_a_rule(tmp_path: Path) -> None:
    rows = (
        'g1,不予受理,个人事项,"请求.{0,9}赔偿|我家;的",个人事项,建议出台,正文,某县办法,第七条,询问,2024,2025-07-01,'
        '"请求单位赔偿;我家;的事","规范赔偿标准；完善制度",请按信访渠道反映。\n'
    )
    rules, found = rules_of(tmp_path, rows, CHINESE)
    assert found == []
    assert rules == (
        Rule(
            id="g1",
            kind="不予受理",
            name="个人事项",
            pattern="请求.{0,9}赔偿|我家;的",
            tag="personal",
            unless="建议出台",
            scope="text",
            source="某县办法",
            article="第七条",
            action="ask",
            active_from=Date(2024, 1, 1),
            active_to=Date(2025, 7, 1),
            examples=("请求单位赔偿", "我家", "的事"),
            counterexamples=("规范赔偿标准", "完善制度"),
            wording="请按信访渠道反映。",
            line=2,
        ),
    )


def test_english_words_and_usual_values(tmp_path: Path) -> None:
    (rule,), found = rules_of(tmp_path, "a,Non-Acceptance,事,甲,,,,办法,,,,,甲\n")
    assert (rule.kind, rule.scope, rule.action, found) == ("不予受理", "both", "tag", [])


def test_lines_of_a_cell_are_texts_too(tmp_path: Path) -> None:
    (rule,), _ = rules_of(tmp_path, row(examples="甲一\n甲二\r\n\n甲三"))
    assert rule.examples == ("甲一", "甲二", "甲三")


def test_a_rule_holds_from_its_first_day_to_the_day_before_its_end() -> None:
    rule = Rule("a", "提示", "事", "甲", active_from=Date(2024, 3, 1), active_to=Date(2025, 1, 1))
    days = (Date(2024, 2, 29), Date(2024, 3, 1), Date(2024, 12, 31), Date(2025, 1, 1))
    assert [rule.active(day) for day in days] == [False, True, True, False]
    assert not rule.active()
    assert Rule("a", "提示", "事", "甲", active_from=Date(2024, 3, 1)).active()


def test_no_file_no_rules(tmp_path: Path) -> None:
    findings = Findings()
    assert read_rules(tmp_path, findings) == ()
    assert read_days(tmp_path, findings) == ()
    assert findings.found == []


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"kind": "拒绝"}, "rule 'r1' has kind '拒绝'; allowed are 不予受理 (non-acceptance)"),
        ({"scope": "附件"}, "rule 'r1' has scope '附件'; allowed are title (标题), text (正文), both (全文)"),
        ({"action": "reject"}, "rule 'r1' has action 'reject'; allowed are tag (标注), ask (询问), warn (提醒)"),
        ({"tag": "无聊"}, "rule 'r1' has tag '无聊'; allowed are personal (个人事项), court (涉法涉诉)"),
        ({"pattern": "(甲"}, "rule 'r1': its pattern is no regular expression"),
        ({"pattern": "(甲+)+乙"}, "rule 'r1': its pattern could run for ever"),
        ({"pattern": "甲*"}, "rule 'r1': its pattern fits the empty text"),
        ({"unless": "(乙*)*丙"}, "rule 'r1': its unless could run for ever"),
        ({"unless": "乙?"}, "rule 'r1': its unless fits the empty text"),
        ({"pattern": ""}, "rule 'r1' has neither pattern nor tag"),
        ({"active_from": "2024-02-30"}, "rule 'r1' has active_from '2024-02-30'; allowed are YYYY"),
        ({"active_to": "去年"}, "rule 'r1' has active_to '去年'"),
        ({"active_from": "2025", "active_to": "2024"}, "rule 'r1' ends on 2024-01-01, no later than it begins"),
        ({"active_from": "2025", "active_to": "2025-01-01"}, "its period is empty"),
        ({"examples": "甲一;甲二", "counterexamples": "甲二"}, "rule 'r1' has '甲二' both as an example"),
        ({"name": ""}, "has an empty name (名称)"),
        ({"id": ""}, "has an empty id (编号)"),
    ],
)
def test_a_defect_of_a_row_is_told_with_its_line(tmp_path: Path, cells: dict[str, str], said: str) -> None:
    found = errors_of(tmp_path, row(id="ok", pattern="乙", examples="乙") + row(**cells))
    assert len(found) == 1
    assert found[0].startswith(f"error rules.csv:3: {said}") or said in found[0]
    assert "rules.csv:3:" in found[0]


def test_every_defect_of_every_row_in_one_go(tmp_path: Path) -> None:
    found = errors_of(tmp_path, row(kind="x", scope="y", pattern="[") + row(id="r2", tag="z", active_to="?"))
    assert [line.split(":")[1] for line in found] == ["2", "2", "2", "3", "3"]


def test_what_a_rule_should_have_is_a_warning(tmp_path: Path) -> None:
    rules, found = rules_of(tmp_path, row(source="", examples=""))
    assert len(rules) == 1
    assert [line.partition(": rule")[2] for line in found] == [
        " 'r1' has no examples, so nobody knows whether it finds anything; add two",
        " 'r1' names no source, so a clerk cannot say where that is written; add it",
    ]


def test_an_id_serves_once(tmp_path: Path) -> None:
    (found,) = errors_of(tmp_path, row(active_to="2020") + row(pattern="乙", active_from="2020"))
    assert found.startswith("error rules.csv:3: rule 'r1' repeats the id of line 2")


def test_one_condition_has_one_meaning_at_a_time(tmp_path: Path) -> None:
    (found,) = errors_of(tmp_path, row() + row(id="r2", kind="票决", action="warn"))
    assert found.startswith("error rules.csv:3: rule 'r2' contradicts rule 'r1' (line 2)")
    assert "kind 提示 and 票决 and action tag and warn" in found
    apart = row(active_to="2024-06-01") + row(id="r2", kind="票决", active_from="2024-06-01")
    assert errors_of(tmp_path, apart) == []
    assert errors_of(tmp_path, row() + row(id="r2", kind="票决", scope="title")) == []
    assert errors_of(tmp_path, row() + row(id="r2", kind="票决", unless="乙")) == []


def test_the_same_rule_twice_is_a_warning(tmp_path: Path) -> None:
    rules, found = rules_of(tmp_path, row() + row(id="r2", name="另一事"))
    assert len(rules) == 2
    assert found == [
        "warning rules.csv:3: rule 'r2' finds what rule 'r1' (line 2) finds, of the same kind; one is enough"
    ]


def test_rules_of_one_name_may_not_disagree_on_a_text(tmp_path: Path) -> None:
    rows = row(examples="甲和乙") + row(id="r2", pattern="丙", examples="丙", counterexamples="甲和乙")
    (found,) = errors_of(tmp_path, rows)
    assert found.startswith("error rules.csv:3: rule 'r2' contradicts rule 'r1' (line 2), also 事: '甲和乙' is")
    other = row(examples="甲和乙") + row(id="r2", name="别事", pattern="丙", examples="丙", counterexamples="甲和乙")
    assert errors_of(tmp_path, other) == []


def days_of(folder: Path, text: str) -> tuple[tuple[DayException, ...], list[str]]:
    (folder / "days.csv").write_text(text, encoding="utf-8")
    findings = Findings()
    days = read_days(folder, findings)
    assert all(found.severity is Severity.ERROR for found in findings.found)
    return days, [str(found) for found in findings.found]


def test_days_on_which_the_place_differs(tmp_path: Path) -> None:
    days, found = days_of(tmp_path, "日期,班休,备注\n2025-04-03,休,民俗节\n2025年4月12日,班,补班\n2026/4/3,off,\n")
    assert found == []
    assert days == (
        DayException(Date(2025, 4, 3), False, "民俗节", 2),
        DayException(Date(2025, 4, 12), True, "补班", 3),
        DayException(Date(2026, 4, 3), False, "", 4),
    )


def test_defects_of_days_by_line(tmp_path: Path) -> None:
    rows = (
        "2025-04-03,休\n2025-04-03,班\n2025-04,休\n2025-02-30,休\n3025-01-01,休\n2025-05-06,半天\n,休\n2025-04-03,休\n"
    )
    days, found = days_of(tmp_path, "date,working\n" + rows)
    assert [day.line for day in days] == [2]
    assert found == [
        "days.csv:8: has an empty date (日期); every row needs one",
        "days.csv:3: day 2025-04-03 stands already in line 2, which says the opposite; keep one",
        "days.csv:4: has date '2025-04'; allowed is one day as YYYY-MM-DD, from 1990 to 2100",
        "days.csv:5: has date '2025-02-30'; allowed is one day as YYYY-MM-DD, from 1990 to 2100",
        "days.csv:6: has date '3025-01-01'; allowed is one day as YYYY-MM-DD, from 1990 to 2100",
        "days.csv:7: day 2025-05-06 has working '半天'; allowed are 班 and 休",
        "days.csv:9: day 2025-04-03 stands already in line 2; keep one",
    ]
