"""Where two suggestions agree and differ in what they name."""

from __future__ import annotations

import pytest

from triage.duplicates.agreement import FEATURES, Agreement, agree
from triage.text import Segmenter
from triage.text.mentions import find_mentions


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter()


def compare(one: str, other: str, segmenter: Segmenter) -> Agreement:
    return agree(find_mentions(one, segmenter), find_mentions(other, segmenter))


def test_another_bus_line_is_another_matter(segmenter: Segmenter) -> None:
    found = compare("关于增设2路公交站点的建议", "关于增设3路公交站点的建议", segmenter)
    assert found.number_conflict == 1
    assert found.ask_same == 1
    assert found.differs == ("编号不同：2路 / 3路",)
    assert len(found.values) == len(FEATURES)


def test_another_road_and_the_contrary(segmenter: Segmenter) -> None:
    assert compare("人民路路面破损", "解放路路面破损", segmenter).differs == ("地点不同：人民路 / 解放路",)
    found = compare("关于在人民路增设公交站的建议", "关于取消人民路公交站的建议", segmenter)
    assert found.agrees == ("地点：人民路",)
    assert found.differs == ("诉求相反：增设 / 取消公交站",)
