"""Precedents: the same matter first, then the same duty, and one sentence about what became of each."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.duplicates.precedents import REPLY_SHOWN, SAME_DUTY, HandledCase, Kind, handled_cases
from triage.records import Case, Duplicate, Grade, PairEvidence, Suggestion

Found = tuple[Duplicate, Case]


def found(
    name: str,
    grade: Grade,
    related: float = 0.9,
    *,
    same: float | None = None,
    leads: tuple[str, ...] = ("住建局",),
    co: tuple[str, ...] = (),
    outcome: str = "",
    reply: str = "",
    date: str = "2023-04-01",
    confidential: bool = False,
) -> Found:
    near = related if grade is Grade.RELATED else (same or related)
    chances = {"identical": 0.0, "rewritten": 0.0, "same matter": same or 0.1, "related": related}
    hit = Duplicate(name, grade, near, chances, PairEvidence(""), "标题", "人大", "一次", date, (), leads, co, outcome)
    return hit, Case(Suggestion(name, "标题", "正文", confidential=confidential), leads, co, (), reply, outcome)


def ids(cases: tuple[HandledCase, ...]) -> list[str]:
    return [case.id for case in cases]


POOL = [
    found("near", Grade.RELATED, 0.95, leads=("档案馆",)),
    found("same", Grade.SAME_MATTER, 0.97, same=0.7, leads=("城管局",)),
    found("duty", Grade.RELATED, 0.6, leads=("住建局",)),
    found("surer", Grade.REWRITTEN, 0.99, same=0.9, leads=("水利局",)),
    found("open", Grade.IDENTICAL, 1.0, same=1.0, leads=()),
    found("less", Grade.RELATED, 0.9, leads=("交通局",)),
    found("rare", Grade.RELATED, 0.94, leads=("气象局",)),
]
UNITS = {"住建局": 0.7, "交通局": 0.3, "气象局": SAME_DUTY - 0.01}


def test_same_matter_then_same_duty_then_the_rest() -> None:
    chosen = handled_cases(POOL, UNITS)
    assert ids(chosen) == ["surer", "same", "duty", "less", "near"]
    assert [case.kind for case in chosen] == [*[Kind.SAME_MATTER] * 2, *[Kind.SAME_DUTY] * 2, Kind.RELATED]
    assert [case.score for case in chosen] == [0.9, 0.7, 0.6, 0.9, 0.95]
    assert ids(handled_cases(POOL, UNITS, most=20))[4:] == ["near", "rare"]
    assert ids(handled_cases(POOL, most=3)) == ["surer", "same", "near"]
    assert handled_cases([]) == handled_cases(POOL[4:5]) == ()


@given(st.integers(0, 1000), st.integers(1, 8))
def test_the_order_in_which_they_come_changes_nothing(seed: int, most: int) -> None:
    mixed = POOL[:]
    random.Random(seed).shuffle(mixed)
    assert handled_cases(mixed, UNITS, most=most) == handled_cases(POOL, UNITS, most=most)


def test_a_unit_of_old_counts_as_those_that_it_became() -> None:
    names = {"建设局": ("住建局",), "撤销局": ()}
    pool = [
        found("old", Grade.RELATED, 0.5, leads=("建设局",)),
        found("none", Grade.RELATED, 0.6, leads=("撤销局",)),
        found("split", Grade.RELATED, 0.4, leads=("撤销局", "建设局")),
    ]
    chosen = handled_cases(pool, UNITS, known_as=lambda name: names.get(name, (name,)))
    assert [(case.id, case.kind) for case in chosen] == [
        ("old", Kind.SAME_DUTY),
        ("split", Kind.SAME_DUTY),
        ("none", Kind.RELATED),
    ]


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (
            found("a", Grade.SAME_MATTER, outcome="B"),
            "同一事项：上次（2023-04-01）由住建局主办，办理结果B（列入计划解决）。",
        ),
        (
            found("a", Grade.REWRITTEN, leads=("甲局", "乙局"), co=("丙局", "丁局"), outcome=" a ", date=""),
            "改写：上次（一次）由甲局、乙局主办，丙局、丁局会办，办理结果a（已解决或基本解决）。",
        ),
        (found("a", Grade.RELATED, outcome="结转"), "相关：上次（2023-04-01）由住建局主办，办理结果结转。"),
    ],
)
def test_one_sentence_says_when_who_and_with_what_outcome(one: Found, told: str) -> None:
    assert handled_cases([one])[0].text == told


def test_without_date_and_session_the_sentence_is_whole_too() -> None:
    hit, case = found("a", Grade.IDENTICAL, date="")
    assert handled_cases([(replace(hit, session=""), case)])[0].text == "相同：上次由住建局主办。"


def test_a_reply_is_cut_and_that_of_a_confidential_case_is_not_shown() -> None:
    reply = "答复" * 1000
    shown, hidden = handled_cases(
        [
            found("a", Grade.SAME_MATTER, reply=reply),
            found("b", Grade.RELATED, reply=reply, confidential=True),
        ]
    )
    assert shown.reply == reply[:REPLY_SHOWN]
    assert hidden.reply == ""
    written = json.loads(json.dumps(shown.to_dict()))
    assert (written["kind"], written["grade"], written["lead"]) == ("same matter", "same matter", ["住建局"])
