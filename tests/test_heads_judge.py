"""All heads on some texts: each text is judged by itself, whatever stands beside it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.catalogue import Area, Catalogue, Topic, Unit
from triage.heads.judge import Judged, judge
from triage.heads.model import Model
from triage.heads.promise import Promise
from triage.learning.train import train
from triage.records import Case, Suggestion
from triage.text import Prepared, prepare

THINGS = ("路灯", "公交站", "小学", "垃圾桶", "电梯", "河道", "医院", "停车位")
VERBS = ("安装", "维修", "扩建", "整治", "增设", "延长")
UNITS = ("交通局", "教育局", "住建局", "水利局", "卫健局")
PLACE = Catalogue(
    units=tuple(
        Unit(name, name, duties=(f"{thing}建设", f"{thing}管理")) for name, thing in zip(UNITS, THINGS, strict=False)
    ),
    topics=(Topic("a", "城建"), Topic("b", "社会")),
    areas=(Area("c", "某县"),),
)
TEXTS = [f"关于{verb}{place}{thing}的建议" for verb in VERBS for place in ("滨河路", "老城区") for thing in THINGS]


class Meaning:
    """A sentence encoder for tests: what a text means is which things and verbs it holds."""

    fingerprint = "meaning"
    manifest = SimpleNamespace(name="meaning")

    def encode(self, texts: Any, progress: Any = None) -> Any:
        words = (*THINGS, *VERBS, "路", "区")
        found = np.array([[1.0 + (word in text) + len(text) / 500 for word in words] for text in texts], np.float32)
        return found / np.linalg.norm(found, axis=1, keepdims=True)


def history() -> list[Case]:
    return [
        Case(Suggestion(str(row), text), (UNITS[row % 5],), (UNITS[(row + 1) % 5],), ("城建" if row % 2 else "社会",))
        for row, text in enumerate(TEXTS)
    ]


@pytest.fixture(scope="module", params=["wording", "wording and meaning"])
def judging(request: pytest.FixtureRequest) -> tuple[Model, Any]:
    sentence: Any = Meaning() if "meaning" in request.param else None
    return train(history(), catalogue=PLACE, sentence=sentence), sentence


def rows_of(judged: Judged, row: int) -> list[bytes]:
    return [
        getattr(judged, name)[row].tobytes() for name in ("lead", "certainty", "co", "topics", "mentions", "closeness")
    ]


@settings(max_examples=15)
@given(st.permutations(range(40)), st.integers(1, 40))
def test_no_bit_depends_on_the_texts_beside_it(judging: tuple[Model, Any], order: list[int], count: int) -> None:
    model, sentence = judging
    texts: list[Prepared] = [prepare(Suggestion(title=TEXTS[row])) for row in order[:count]]
    together = judge(model, sentence, texts)
    for row in {0, count // 2, count - 1}:
        assert rows_of(judge(model, sentence, [texts[row]]), 0) == rows_of(together, row)


def test_every_text_has_its_row(judging: tuple[Model, Any]) -> None:
    model, sentence = judging
    texts = [prepare(Suggestion(title=text)) for text in TEXTS[:7]]
    judged = judge(model, sentence, texts)
    assert judged.lead.shape == judged.co.shape == (7, 5)
    assert judged.certainty.shape == (7,)
    assert judged.topics.shape == (7, 2)
    assert judged.mentions.shape == (7, 5, 5)
    assert judged.closeness.shape == (7, len(model.rows))
    assert len(judged.vectors) == 7
    assert (judged.vectors.dense is None) == (sentence is None)
    np.testing.assert_allclose(judged.lead.sum(axis=1), 1.0, atol=1e-5)
    np.testing.assert_allclose(judged.topics.sum(axis=1), 1.0, atol=1e-5)
    assert ((judged.co >= 0) & (judged.co <= 1)).all()


def test_the_first_lead_s_probability_is_its_certainty(judging: tuple[Model, Any]) -> None:
    model, sentence = judging
    texts = [prepare(Suggestion(title=text)) for text in TEXTS[:20]]
    raw = judge(replace(model, promise=Promise(0.9)), sentence, texts)
    modest = judge(replace(model, promise=Promise(0.9, (-0.7, 1.0, 0.0, 0.0))), sentence, texts)
    assert (raw.lead.argmax(axis=1) == modest.lead.argmax(axis=1)).all()
    assert (modest.certainty < raw.certainty).all()
    reachable = modest.certainty > 0.3
    assert reachable.any()
    np.testing.assert_allclose(modest.lead.max(axis=1)[reachable], modest.certainty[reachable], atol=0.005)


def test_a_text_that_was_handled_is_nearest_to_itself(judging: tuple[Model, Any]) -> None:
    model, sentence = judging
    judged = judge(model, sentence, [prepare(Suggestion(title=text)) for text in TEXTS[:12]])
    np.testing.assert_array_equal(judged.closeness[:, model.rows.cases].argmax(axis=1), np.arange(12))
    np.testing.assert_allclose(judged.closeness[np.arange(12), np.arange(12)], 1.0, atol=0.01)
