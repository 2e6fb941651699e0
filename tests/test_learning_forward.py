"""The promise's evidence forward in time: which cases are later, and that no later case is known when it is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from triage.learning import forward
from triage.learning import train as training
from triage.learning.forward import LEAST_LATER, later_cases
from triage.learning.train import train
from triage.records import Case, Suggestion

ASKS = {
    "教育局": ("小学学位不够请扩建校舍", "请增加幼儿园师资", "中学生课业负担重", "请给学校配备校医"),
    "交通局": ("公交线路太少请加密班次", "乡道坑洼请修补路面", "请延长末班公交时间", "请规范货车停放"),
    "卫健局": ("卫生院缺少医生", "请增设社区门诊", "家庭医生签约难", "请配备急救设备"),
}
WHERE = ("城东", "城西", "城南", "城北", "河东", "河西", "新城", "老城", "山前", "山后", "湖滨", "江湾", "北岭", "南坡")
START = date(2024, 1, 1)


def dated(count: int = 900, days: int = 300, seed: int = 0) -> list[Case]:
    """Cases of a year, in no order of time."""
    chance = np.random.default_rng(seed)
    cases = []
    for number in range(count):
        unit = str(chance.choice(list(ASKS)))
        text = f"{chance.choice(WHERE)}{chance.choice(ASKS[unit])}，{chance.choice(WHERE)}也一样，第{number}件"
        day = START + timedelta(days=int(chance.integers(days)))
        cases.append(Case(Suggestion(str(number), text, date=day), (unit,)))
    return cases


def test_the_last_quarter_is_later_by_whole_days() -> None:
    cases = dated()
    later = later_cases(cases, np.ones(len(cases), bool))
    assert later is not None
    days = [case.suggestion.date for case in cases]
    assert max(day for day, late in zip(days, later, strict=True) if day and not late) < min(
        day for day, late in zip(days, later, strict=True) if day and late
    )
    assert later.mean() == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize(
    "cases",
    [
        [],
        [replace(case, suggestion=replace(case.suggestion, date=None)) for case in dated()],
        [replace(case, suggestion=replace(case.suggestion, date=START)) for case in dated()],
        dated(LEAST_LATER * 3),
        [
            replace(case, suggestion=replace(case.suggestion, date=None)) if number % 3 == 0 else case
            for number, case in enumerate(dated())
        ],
    ],
    ids=["none", "no dates", "one day", "too few", "a third without a date"],
)
def test_where_time_tells_nothing_cases_are_held_out_in_turn(cases: list[Case]) -> None:
    assert later_cases(cases, np.ones(len(cases), bool)) is None


def test_cases_without_a_known_lead_do_not_count() -> None:
    cases = dated()
    taught = np.zeros(len(cases), bool)
    taught[: LEAST_LATER // 2] = True
    assert later_cases(cases, taught) is None


def test_the_card_says_how_the_promise_was_proven() -> None:
    cases = dated()
    later = later_cases(cases, np.ones(len(cases), bool))
    assert later is not None
    reached = train(cases).card["lead"]
    assert (reached["later_cases"], reached["unseen_cases"]) == (True, int(later.sum()))
    undated = [replace(case, suggestion=replace(case.suggestion, date=None)) for case in cases[:100]]
    reached = train(undated).card["lead"]
    assert (reached["later_cases"], reached["unseen_cases"]) == (False, 100)


def answered(monkeypatch: pytest.MonkeyPatch, cases: list[Case]) -> Any:
    found: list[Any] = []

    def witness(*arguments: Any) -> Any:
        found.append(forward.answered_forward(*arguments))
        return found[-1]

    with monkeypatch.context() as patch:
        patch.setattr(training, "answered_forward", witness)
        train(cases, units=[*ASKS])  # named, so that the columns are the same whoever comes first
    return found[0]


def test_what_happened_later_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = dated()
    later = later_cases(cases, np.ones(len(cases), bool))
    assert later is not None
    # The later cases get each other's leads: what is answered for them by the earlier ones must stay as it is.
    rows = np.flatnonzero(later)
    turned = list(cases)
    for row, other in zip(rows, np.roll(rows, 1), strict=True):
        turned[row] = replace(cases[row], leads=cases[other].leads)
    before, after = answered(monkeypatch, cases), answered(monkeypatch, turned)
    np.testing.assert_array_equal(before.cases, rows)
    np.testing.assert_allclose(before.lead, after.lead, atol=1e-5)
    np.testing.assert_array_equal(before.nearest, after.nearest)


def test_it_is_what_a_model_of_the_earlier_cases_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """But for the words of the later texts, which the vocabulary knows already."""
    cases = dated()
    later = later_cases(cases, np.ones(len(cases), bool))
    assert later is not None
    answers = answered(monkeypatch, cases)
    past = train([case for case, late in zip(cases, later, strict=True) if not late], units=[*ASKS])
    known = past.card["lead"]["top_1"]
    right = [past.units.index[cases[row].leads[0]] for row in answers.cases]
    assert (answers.lead.argmax(axis=1) == right).mean() == pytest.approx(known, abs=0.05)
    assert answers.lead.sum(axis=1) == pytest.approx(np.ones(len(right)), abs=1e-5)


def test_a_unit_that_changes_its_work_is_not_promised() -> None:
    """From autumn on another unit gets what the first one got: in turn it looks provable, forward it is not."""
    cases = dated(1200)
    turn = START + timedelta(days=225)
    moved = {"教育局": "卫健局", "卫健局": "交通局", "交通局": "教育局"}
    changed = [
        replace(case, leads=(moved[case.leads[0]],)) if case.suggestion.date and case.suggestion.date > turn else case
        for case in cases
    ]
    assert train(cases).card["promise"]["proven"]
    assert not train(changed).card["promise"]["proven"]
