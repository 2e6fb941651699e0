"""The examples of rules, run: what a rule must find and must not find."""

from __future__ import annotations

import shutil
from datetime import date as Date
from pathlib import Path

import pytest

from triage.catalogue import (
    Catalogue,
    Office,
    Rule,
    Severity,
    check_office,
    load_catalogue,
    load_office,
    starter_catalogue,
    starter_office,
)
from triage.precheck.examples import check_examples

ROOT = Path(__file__).resolve().parent.parent
PLACES = ROOT / "examples" / "places"
STARTER = ROOT / "triage" / "catalogue" / "starter"


def findings(*rules: Rule) -> list[str]:
    found = check_examples(Office(rules=rules), Catalogue())
    assert all(finding.severity is Severity.ERROR for finding in found)
    return [str(finding) for finding in found]


def test_examples_that_are_found_and_counterexamples_that_are_not() -> None:
    rule = Rule(
        "r", "票决", "修桥", "(?:重建|加固).{0,6}桥", examples=("请加固村东的桥。",), counterexamples=("桥很美。",)
    )
    assert findings(rule) == []


def test_an_example_that_is_not_found_is_told_with_its_line() -> None:
    rule = Rule(
        "r1",
        "票决",
        "修桥",
        "加固.{0,6}桥",
        examples=("请加固桥。", "请给村东那座石桥换上新的护栏和路灯，并且装上监控。"),
        line=7,
    )
    (found,) = findings(rule)
    assert found.startswith(
        "rules.csv:7: rule 'r1' does not find its example '请给村东那座石桥换上新的护栏和路灯，并且装上监控。': "
    )
    assert found.endswith("its pattern fits no sentence; correct the rule or the example")


def test_a_long_example_is_told_by_its_beginning() -> None:
    (found,) = findings(Rule("r1", "票决", "修桥", "加固", examples=("请给村东那座石桥换上新的护栏" * 4,)))
    assert "'请给村东那座石桥换上新的护栏请给村东那座石桥换上新的护栏请给'…:" in found


def test_a_counterexample_that_is_found_is_told() -> None:
    rule = Rule(
        "r2",
        "票决",
        "养老",
        "建.{0,6}食堂",
        examples=("请建老年食堂。",),
        counterexamples=("建议食堂公开菜单。",),
        line=3,
    )
    (found,) = findings(rule)
    assert found.startswith(
        "rules.csv:3: rule 'r2' finds its counterexample '建议食堂公开菜单。': its pattern fits; narrow"
    )


def test_unless_takes_back_what_it_should_not() -> None:
    rule = Rule("r3", "提示", "桥", "加固.{0,6}桥", unless="危险", examples=("桥有危险，请加固桥。",), line=2)
    (found,) = findings(rule)
    assert found.endswith("unless stands in it; narrow unless, or take another example")


def test_a_rule_of_titles_is_tried_on_a_title() -> None:
    rule = Rule("r4", "提示", "题目", "^关于", scope="title", examples=("关于修桥的建议",), counterexamples=("修桥",))
    assert findings(rule) == []


def test_a_former_rule_keeps_its_examples() -> None:
    rule = Rule("r5", "票决", "修桥", "修桥", active_to=Date(2020, 1, 1), examples=("请修桥过河。",))
    assert findings(rule) == []


def test_a_tag_finds_an_example_that_the_pattern_does_not() -> None:
    text = "本人因与原单位的工资纠纷，请求为我个人补发三年工资，并恢复我本人的编制，解决我家的实际困难。"
    assert findings(Rule("r6", "不予受理", "个人事项", "宅基地", "personal", examples=(text,))) == []
    (found,) = findings(
        Rule("r7", "不予受理", "个人事项", "宅基地", "personal", examples=("建议在文昌路口增设红绿灯，保障行人安全。",))
    )
    assert "its pattern fits no sentence and the learned tag 'personal' does not speak for it" in found
    (found,) = findings(Rule("r8", "不予受理", "个人事项", "宅基地", "personal", counterexamples=(text,)))
    assert "the learned tag speaks for it (" in found


def test_no_rules_no_findings() -> None:
    assert findings() == []
    assert findings(Rule("r", "提示", "桥", "桥")) == []


def test_every_defect_in_one_go_in_the_order_of_the_rules() -> None:
    rules = [Rule(f"r{line}", "提示", "桥", "桥", examples=("这是路不是河。",), line=line) for line in (2, 3, 4)]
    assert [found.split(":")[1] for found in findings(*rules)] == ["2", "3", "4"]


def test_the_examples_of_the_starter() -> None:
    assert check_examples(starter_office(), starter_catalogue()) == ()


@pytest.mark.parametrize("place", ["zhenxi-county", "linlan-district"])
def test_the_examples_of_the_two_places(place: str) -> None:
    assert check_examples(load_office(PLACES / place), load_catalogue(PLACES / place)) == ()


def test_the_files_that_the_page_shows_are_right(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    for name in ("units", "topics", "areas"):
        shutil.copy(STARTER / f"{name}.csv", tmp_path)
    (tmp_path / "office.toml").write_text(page.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    (tmp_path / "rules.csv").write_text(page.split("```csv\n")[1].split("```")[0], encoding="utf-8")
    assert check_office(tmp_path) == ()
    office, catalogue = load_office(tmp_path), load_catalogue(tmp_path)
    assert (len(office.rules), len(office.committees), office.deadlines.of("热线").reply.working_days) == (2, 1, 15)
    assert check_examples(office, catalogue) == ()
