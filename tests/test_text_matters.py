"""Several matters in one letter: split where the writer numbered them, and only there."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.text import split_matters


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("一、疏浚东横河。二、修补河东路。三、增设路灯。", ("疏浚东横河。", "修补河东路。", "增设路灯。")),
        ("有三件事：\n1.疏浚东横河\n2.修补河东路\n3.增设路灯", ("疏浚东横河", "修补河东路", "增设路灯")),
        ("1、疏浚东横河；2、修补河东路。", ("疏浚东横河", "修补河东路。")),
        ("（一）疏浚东横河。（二）修补河东路。", ("疏浚东横河。", "修补河东路。")),
        ("（1）疏浚东横河。（2）修补河东路。", ("疏浚东横河。", "修补河东路。")),
        ("①疏浚东横河②修补河东路", ("疏浚东横河", "修补河东路")),
        ("第一，疏浚东横河。第二，修补河东路。", ("疏浚东横河。", "修补河东路。")),
        ("首先，疏浚东横河。其次，修补河东路。最后，增设路灯。", ("疏浚东横河。", "修补河东路。", "增设路灯。")),
        ("一是疏浚东横河，二是修补河东路。", ("疏浚东横河", "修补河东路。")),
        # only the first level
        (
            "一、水：1.疏浚东横河；2.修闸。二、路：1.修补；2.拓宽。",
            ("水：1.疏浚东横河；2.修闸。", "路：1.修补；2.拓宽。"),
        ),
        ("1.水：（1）疏浚；（2）修闸。2.路：（1）修补。", ("水：（1）疏浚；（2）修闸。", "路：（1）修补。")),
        ("十一、无关。一、疏浚东横河。二、修补河东路。", ("疏浚东横河。", "修补河东路。")),
    ],
)
def test_splits(body: str, expected: tuple[str, ...]) -> None:
    assert split_matters(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        "",
        "东横河淤积。",
        "一、疏浚东横河。",
        "二、疏浚东横河。三、修补河东路。",
        "长1.5公里、宽2.5米；3.15那天已投诉。",
        "一期、二期都漏水，第一小学和第二小学门口拥堵。",
        "一、二楼漏水，三、四楼停电。",
        "河宽3米。2022年修过，1998年也修过。",
        "首先感谢政府，再次感谢领导。",
        # sections of one matter
        "一、基本情况：河长三里。二、存在问题：淤积。三、建议：疏浚。",
        "一、现状。河长三里。二、原因分析。上游采砂。三、对策和建议。疏浚。",
        "一、案由\n东横河淤积。\n二、建议\n疏浚。",
    ],
)
def test_leaves_one_matter_whole(body: str) -> None:
    assert split_matters(body) == (body,)


STYLES = {
    "chinese": lambda number: "一二三四五六七八九"[number] + "、",
    "digit": lambda number: f"{number + 1}.",
    "bracket": lambda number: f"（{'一二三四五六七八九'[number]}）",
    "ordinal": lambda number: f"第{'一二三四五六七八九'[number]}，",
}


@given(
    st.sampled_from(sorted(STYLES)),
    st.lists(st.text(alphabet="东横河淤积桥塌路灯坏", min_size=1, max_size=15), min_size=2, max_size=9),
    st.sampled_from(["。", "；", "\n"]),
)
def test_every_numbered_part_comes_back(style: str, parts: list[str], end: str) -> None:
    body = "".join(STYLES[style](number) + part + end for number, part in enumerate(parts))
    assert [part.rstrip("。；\n") for part in split_matters(body)] == parts


@given(st.text(max_size=200))
def test_parts_come_from_the_body(body: str) -> None:
    parts = split_matters(body)
    assert parts
    assert all(part in body for part in parts)


@pytest.mark.parametrize("unit", ["一、", "1.", "（一）", "首先，", "第一，", "\n", " ", "1", "①"])
def test_time_is_linear(unit: str) -> None:
    started = time.perf_counter()
    split_matters((unit * 200_000)[:200_000])
    assert time.perf_counter() - started < 4.0
