"""What a suggestion names: places, numbers, asks."""

from __future__ import annotations

import json

import pytest

from triage.text import Segmenter
from triage.text.mentions import Mentions, find_mentions


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter()


def test_a_title_names_a_road_a_line_and_an_ask(segmenter: Segmenter) -> None:
    found = find_mentions("关于在人民路增设二路公交站点的建议", segmenter)
    assert [(place.name, place.kind) for place in found.places] == [("人民路", "road")]
    assert [(number.value, number.measure, number.identity) for number in found.numbers] == [("2", "路", True)]
    assert [(ask.action, ask.polarity, ask.object) for ask in found.asks] == [("add", 1, "公交站点")]


def test_mentions_survive_json(segmenter: Segmenter) -> None:
    found = find_mentions("建议在柳河镇东湾村修建水库，投资2.5亿元。不要拆除石桥。", segmenter)
    assert found.places
    assert found.numbers
    assert found.asks
    assert Mentions.from_json(json.loads(json.dumps(found.to_json()))) == found
