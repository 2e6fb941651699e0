"""Returns on record: who sent what back, and what an answer says of it. All cases are invented."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date as Date

import numpy as np
import pytest

from triage import Case, Suggestion, Triager
from triage.catalogue import Catalogue, Unit
from triage.heads.columns import UnitColumns
from triage.heads.risk import UNLEARNED
from triage.learning.labels import Place, UnitLabels
from triage.learning.returning import hand_outs
from triage.learning.train import train

PLACE = Catalogue(
    units=(
        Unit("cg", "城管局", duties=("市容管理", "占道经营")),
        Unit("zj", "住建局", duties=("小区物业", "老旧房屋")),
        Unit("jt", "交通局", duties=("公路养护", "公交线路")),
        Unit("sl", "水利局", duties=("河道整治", "水库安全")),
    )
)
ASKS = {
    "城管局": ("清理占道的摊贩", "整治乱贴的广告", "管好夜市的油烟"),
    "住建局": ("改造漏水的楼顶", "规范小区的物业", "加固破旧的房屋"),
    "交通局": ("修补坑洼的公路", "加密早晚的公交", "硬化进村的便道"),
    "水利局": ("疏浚淤塞的河道", "加固病险的水库", "清理沟渠的垃圾"),
}
STREETS = [f"{one}{other}路" for one in "东南西北中新老长青红" for other in "河山桥园湖"]


def history(sent_back: dict[str, float], count: int = 320) -> list[Case]:
    """Cases of four units; of those that are handed to a unit, a share comes back and goes to the next one."""
    rng = np.random.default_rng(3)
    units, made = list(ASKS), []
    for number in range(count):
        lead = units[number % 4]
        ask = ASKS[lead][number // 4 % 3]
        street = STREETS[int(rng.integers(len(STREETS)))]
        day = Date(2024, 1 + number * 12 // count, 1 + number % 28)
        case = Case(Suggestion(str(number), f"关于在{street}{ask}的建议", date=day), (lead,))
        back = rng.random() < sent_back.get(lead, 0.0)
        made.append(replace(case, leads=(units[(number + 1) % 4],), returned=(lead,)) if back else case)
    return made


def risk_of(triager: Triager, unit: str) -> tuple[float, bool, tuple[str, ...]]:
    answer = triager.triage([Suggestion("q", f"关于在沿江路{ASKS[unit][0]}的建议")])[0]
    assert answer.lead[0].unit == unit
    assert answer.return_risk is not None
    return answer.return_risk.score, answer.return_risk.learned, answer.return_risk.reasons


@pytest.fixture(scope="module")
def taught() -> Triager:
    return Triager.train(history({"城管局": 0.45, "住建局": 0.03, "交通局": 0.03}), catalogue=PLACE)


def test_a_unit_that_often_sends_back_has_a_higher_risk(taught: Triager) -> None:
    often, learned, reasons = risk_of(taught, "城管局")
    assert learned
    assert UNLEARNED not in reasons
    assert any("以往交给城管局" in reason and "退回" in reason for reason in reasons)
    others = [risk_of(taught, unit)[0] for unit in ("交通局", "水利局")]
    assert often > 0.25 > 0.12 > max(others)
    assert taught.card["returns"]["learned"]
    assert taught.card["returns"]["recorded"] >= 30


def test_the_risk_names_who_could_take_it_instead(taught: Triager) -> None:
    answer = taught.triage([Suggestion("q", "关于在沿江路清理占道的摊贩的建议")])[0]
    assert answer.return_risk is not None
    assert f"若退单，可改交{answer.lead[1].unit}。" in answer.return_risk.reasons


def test_it_comes_back_from_a_saved_bundle(taught: Triager, tmp_path_factory: pytest.TempPathFactory) -> None:
    again = Triager.load(taught.save(tmp_path_factory.mktemp("returns") / "bundle"))
    assert risk_of(again, "城管局") == risk_of(taught, "城管局")


def test_without_records_the_answer_says_that_it_is_not_learned() -> None:
    triager = Triager.train(history({}), catalogue=PLACE)
    score, learned, reasons = risk_of(triager, "城管局")
    assert not learned
    assert reasons[-1] == UNLEARNED
    answer = triager.triage([Suggestion("q", "关于在沿江路清理占道的摊贩的建议")])[0]
    assert score == pytest.approx(1 - answer.lead[0].score, abs=2e-3)
    assert triager.card["returns"] == {"recorded": 0, "learned": False}


def test_few_returns_still_count_for_the_unit() -> None:
    cases = history({"城管局": 0.3}, 160)
    few = Triager.train(cases, catalogue=PLACE)
    assert 5 < few.card["returns"]["recorded"] < 30
    none = Triager.train([replace(case, returned=()) for case in cases], catalogue=PLACE)
    assert risk_of(few, "城管局")[0] > risk_of(none, "城管局")[0]
    assert not risk_of(few, "城管局")[1]


def test_what_cannot_be_judged_has_no_risk(taught: Triager) -> None:
    answers = taught.triage([Suggestion("a", "？？？"), Suggestion("b", "关于在沿江路修补坑洼的公路的建议")])
    assert answers[0].return_risk is None
    assert answers[1].return_risk is not None
    assert answers[0].to_dict()["return_risk"] is None


def test_a_confidential_text_is_not_repeated(taught: Triager) -> None:
    secret = Suggestion(
        "s",
        "关于在隐语路修补坑洼的公路的建议",
        "一、隐语隐语隐语隐语隐语隐语。二、隐语隐语隐语隐语隐语。",
        confidential=True,
    )
    answer = taught.triage([secret])[0]
    assert answer.return_risk is not None
    assert "隐语" not in "".join(answer.return_risk.reasons)


# --- hand-outs -------------------------------------------------------------------------------------------------------


def handed(cases: list[Case]) -> list[tuple[int, str, bool, bool]]:
    columns = UnitColumns(PLACE, PLACE.units)
    labels = UnitLabels(Place(PLACE, PLACE.units), columns)
    leads, _ = labels.matrices(cases, np.zeros((len(cases), len(columns)), np.float32))
    found = hand_outs(cases, labels, leads)
    names = [columns.names[column] for column in found.unit]
    return list(zip(found.case.tolist(), names, found.returned.tolist(), found.first.tolist(), strict=True))


def test_each_return_and_the_last_lead_are_hand_outs() -> None:
    cases = [
        Case(Suggestion("1", "甲"), ("交通局",), returned=("城管局", "住建局")),
        Case(Suggestion("2", "乙"), ("城管局", "水利局")),
        Case(Suggestion("3", "丙"), ("城管局",), returned=("城管局",)),  # sent back, and got it again
    ]
    assert handed(cases) == [
        (0, "城管局", True, True),
        (0, "住建局", True, False),
        (0, "交通局", False, False),
        (1, "城管局", False, True),
        (1, "水利局", False, True),
        (2, "城管局", True, True),
        (2, "城管局", False, False),
    ]


def test_before_the_first_record_nobody_wrote_returns_down() -> None:
    cases = [
        Case(Suggestion("1", "甲", date=Date(2019, 5, 1)), ("交通局",)),
        Case(Suggestion("2", "乙", date=Date(2024, 5, 1)), ("交通局",), returned=("城管局",)),
        Case(Suggestion("3", "丙"), ("水利局",)),
        Case(Suggestion("4", "丁", date=Date(2024, 3, 1)), ("住建局",), handed_out=Date(2024, 6, 1)),
    ]
    assert [row for row, *_ in handed(cases)] == [1, 1, 2, 3]


def test_a_unit_that_nobody_knows_is_told_and_not_counted(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert handed([Case(Suggestion("1", "甲"), ("交通局",), returned=("某某办",))]) == [(0, "交通局", False, False)]
    assert "1 units that sent cases back can lead none" in caplog.text
    assert "某某办" not in caplog.text


def test_training_twice_is_the_same() -> None:
    cases = history({"城管局": 0.45})
    one, other = (train(cases, catalogue=PLACE).returning for _ in range(2))
    assert one.weights == other.weights
    assert one.learned
