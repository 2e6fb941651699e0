"""The gate in Chinese: every sentence that it can say has one, with the same figures and names."""

from __future__ import annotations

import inspect
import re

import pytest

from triage.learning.registry import compare as comparing
from triage.learning.registry import folder
from triage.learning.registry.compare import BESIDE, MAIN, Comparison, Difference, Verdict
from triage.learning.registry.gate import LISTED, objections, remarks
from triage.learning.registry.gate_zh import FIGURES, in_chinese
from triage.learning.registry.units import UnitChanges, UnitRecord

UNITS = tuple(f"第{number}管理所" for number in range(LISTED + 3))


def comparison() -> Comparison:
    """One of which the gate says all that it can say."""
    figures = tuple(Difference(name, 0.91, 0.62, -0.29, (-0.4, -0.1), Verdict.WORSE, 0.01, 0.08) for name in MAIN)
    return Comparison(
        "one",
        "two",
        120,
        118,
        {"earlier": ["a", "b"], "later": ["b", "c", "d"]},
        figures,
        (UnitRecord("水务站", 20, 0, 12, 0.001, 0.01),),
        UnitChanges(lost=UNITS, carried=(("路灯所", ("市政中心",)), ("渡口站", ("交通站", "水务站"))), new=("数据站",)),
        enough=False,
        wanted=1_270,
    )


def test_every_sentence_of_the_gate_has_its_chinese() -> None:
    said = (*objections(comparison()), *remarks(comparison()))
    assert len(said) == len(MAIN) + 6
    for sentence in said:
        told = in_chinese(sentence)
        assert not re.search("[A-Za-z]", told), told
        assert all(name in told for name in re.findall("[\u4e00-\u9fff0-9]+[站所心]", sentence)), told


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        (
            "lead_top_1 is worse: 0.650 → 0.500, a difference of -0.225 to -0.075",
            "第一个单位对的变差了：65.0% → 50.0%，相差-22.5到-7.5个百分点",
        ),
        (
            "2 units can no longer be answered, and nobody who took over their work: 气象局、盐务局",
            "有2个单位再也答不出来，承接它们的也答不出：气象局、盐务局",
        ),
        (
            "it cannot be compared, as the model in use cannot be opened (models/one: is damaged\nsee)",
            "没法比：现在的模型打不开",
        ),
        ("something that a later version says", "something that a later version says"),
    ],
)
def test_figures_and_names_come_along(sentence: str, told: str) -> None:
    assert in_chinese(sentence) == told


def test_many_names_are_counted() -> None:
    (lost,) = [told for told in map(in_chinese, objections(comparison())) if "再也答不出来" in told]
    assert lost.endswith(f"{UNITS[LISTED - 1]}，另有3个")


def test_every_figure_has_a_name() -> None:
    assert FIGURES.keys() == {*MAIN, *BESIDE}


@pytest.mark.parametrize("module", [folder, comparing])
def test_the_sentences_of_other_modules_are_known(module: object) -> None:
    source = inspect.getsource(module)  # type: ignore[arg-type]
    for sentence in (
        "it was not compared with the model in use; give handled cases with --cases FILE",
        "it cannot be compared, as the model in use cannot be opened ({error})",
        "nothing to compare on: of {len(cases)} cases",
    ):
        if sentence in source:
            filled = re.sub(r"\{[^}]*\}", "12", sentence)
            whole = (
                "nothing to compare on: of 12 cases 7 are among those that one of the models learned from, and none of "
                "the other 5 has a lead. Give later handled cases."
                if filled.startswith("nothing")
                else filled
            )
            assert in_chinese(whole) != whole
            break
    else:
        pytest.fail("none of the sentences stands there any more")
