"""The model as parts of a bundle, and what is refused when they do not fit each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from triage.bundle import PARTS, Part
from triage.catalogue import Catalogue, Topic, Unit
from triage.errors import DamagedBundle
from triage.heads.judge import judge
from triage.heads.model import Model, vectorize
from triage.learning.train import train
from triage.records import Case, Suggestion
from triage.text import prepare

PLACE = Catalogue(
    units=(
        Unit("jt", "交通局", duties=("公交线路", "路灯安装")),
        Unit("jy", "教育局", duties=("学校建设",)),
        Unit("old", "路灯所", active_to=None, succeeded_by=()),
    ),
    topics=(Topic("jt", "交通"), Topic("jt-ld", "路灯", "jt"), Topic("jy", "教育")),
)
CASES = [
    Case(Suggestion("1", "关于在滨河路安装路灯的建议"), ("交通局",), ("教育局",), ("路灯",)),
    Case(Suggestion("2", "关于扩建实验小学的建议"), ("教育局",), (), ("交通", "教育")),
    Case(Suggestion("3", "关于延长公交线路的建议", confidential=True), ("交通局", "教育局"), (), ("交通",)),
]


LATER = {"unseen", "gazetteer", "returns"}
"""Parts that bundles of format 1 did not always have."""


@pytest.fixture(scope="module")
def model() -> Model:
    return train(CASES, catalogue=PLACE)


def test_the_parts_are_those_of_the_table(model: Model) -> None:
    assert set(model.to_parts()) == PARTS


def test_what_comes_back_is_the_same_model(model: Model) -> None:
    again = Model.from_parts(model.to_parts(), model.card)
    assert again.catalogue == model.catalogue
    assert again.units.names == model.units.names
    assert again.precedents == model.precedents
    assert again.promise == model.promise
    assert again.card == model.card
    assert again.encoder == model.encoder == ""
    assert again.topics.columns.leaves == model.topics.columns.leaves
    third = Model.from_parts(again.to_parts(), again.card)
    texts = [prepare(case.suggestion) for case in CASES]
    one, other = judge(again, None, texts), judge(third, None, texts)
    for name in ("lead", "certainty", "co", "topics", "mentions", "closeness"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    fresh = judge(model, None, texts)
    np.testing.assert_allclose(one.lead, fresh.lead, atol=0.01)


def test_a_model_may_answer_with_fewer_units_than_its_catalogue_has(model: Model) -> None:
    parts = model.to_parts()
    assert parts["catalogue"].data["units"] == ["jt", "jy", "old"]
    assert len(model.catalogue.units) == 3


def test_precedents_keep_what_may_be_shown(model: Model) -> None:
    one, two, three = model.precedents
    assert (one.id, one.leads, one.co) == ("1", ("交通局",), ("教育局",))
    assert one.title == prepare(CASES[0].suggestion).title
    assert two.leads == ("教育局",)
    assert (three.title, three.leads) == ("", ("交通局", "教育局"))


@pytest.mark.parametrize("part", sorted(PARTS))
def test_a_part_that_is_missing_or_empty_is_damage(model: Model, part: str) -> None:
    parts = model.to_parts()
    if part not in LATER:
        with pytest.raises(DamagedBundle, match="do not fit each other"):
            Model.from_parts({name: kept for name, kept in parts.items() if name != part}, {})
    with pytest.raises(DamagedBundle, match="do not fit each other"):
        Model.from_parts({**parts, part: Part()}, {})


def test_a_bundle_of_before_a_part_was_kept_is_whole(model: Model) -> None:
    parts = {name: part for name, part in model.to_parts().items() if name not in LATER}
    old = Model.from_parts(parts, {})
    assert old.unseen is None
    assert len(old.gazetteer) == 0
    assert old.returns is None
    assert not old.returning.learned
    assert old.mentions(["教育局"]).shape == (1, 3, 5)
    assert set(old.to_parts()) == PARTS - {"unseen"}


def test_a_signal_that_an_old_bundle_lacks_weighs_nothing(model: Model) -> None:
    parts = model.to_parts()
    known = {name: parts["lead"].data[name][:-1] for name in ("signals", "weights")}
    old = Model.from_parts({**parts, "lead": replace(parts["lead"], data=known)}, {})
    assert old.lead.weights_.tolist() == [*model.lead.weights_[:-1], 0.0]


def test_the_unseen_answers_come_back(model: Model) -> None:
    assert model.unseen is not None
    again = Model.from_parts(model.to_parts(), model.card).unseen
    assert again is not None
    assert len(again) == len(CASES)
    for name in ("lead", "certainty", "topic", "nearest", "length", "confidential"):
        np.testing.assert_array_equal(getattr(again, name), getattr(model.unseen, name), err_msg=name)
    assert again.confidential.tolist() == [0, 0, 1]
    assert again.length.tolist() == [len(prepare(case.suggestion).full) for case in CASES]
    assert (again.lead >= 0).all()
    assert ((again.certainty > 0) & (again.certainty < 1)).all()
    assert again.unreadable == 0


def test_unreadable_cases_are_counted() -> None:
    made = train([*CASES, Case(Suggestion("4", "？？？"), ("交通局",))], catalogue=PLACE)
    assert made.unseen is not None
    assert (len(made.unseen), made.unseen.unreadable) == (3, 1)


@pytest.mark.parametrize(
    ("part", "data"),
    [
        ("catalogue", {"units": ["jt", "nobody"]}),
        ("catalogue", {"catalogue": {"format": 99}}),
        ("catalogue", {"catalogue": []}),
        ("topics", {"leaves": None}),
        ("precedents", {"precedents": [{"id": "1"}]}),
        ("precedents", {"precedents": [{"id": "1", "leads": [], "co": [], "text": "x"}]}),
        ("references", {"cases": "many"}),
        ("references", {"cases": 99}),
        ("promise", {"threshold": "high"}),
        ("lead", {"weights": [1.0]}),
        ("gazetteer", {"names": ["长宁路"]}),
        ("returns", {"weights": [1.0]}),
        ("lexical", {"max_n": None}),
    ],
    ids=lambda value: str(value)[:40],
)
def test_data_of_the_wrong_kind_is_damage(model: Model, part: str, data: dict[str, Any]) -> None:
    parts = model.to_parts()
    changed = replace(parts[part], data={**parts[part].data, **data})
    with pytest.raises(DamagedBundle, match="do not fit each other"):
        Model.from_parts({**parts, part: changed}, {})


@pytest.mark.parametrize(
    ("part", "array"),
    [
        ("lead", "leads"),
        ("lead", "alpha_mixed"),
        ("co", "helpers"),
        ("co", "roles"),
        ("co", "company"),
        ("co", "alpha_mixed"),
        ("topics", "filed"),
        ("topics", "alpha_mixed"),
        ("references", "indices"),
        ("lexical", "words"),
        ("unseen", "lead"),
        ("returns", "handed"),
        ("returns", "returned"),
    ],
)
def test_arrays_of_another_model_are_damage(model: Model, part: str, array: str) -> None:
    cases = [replace(case, topics=()) for case in (*CASES, *CASES[:1])]
    other = train(cases, catalogue=replace(PLACE, units=PLACE.units[:2], topics=PLACE.topics[:2]))
    parts, others = model.to_parts(), other.to_parts()
    mixed = replace(parts[part], arrays={**parts[part].arrays, array: others[part].arrays[array]})
    with pytest.raises(DamagedBundle, match="do not fit each other"):
        Model.from_parts({**parts, part: mixed}, {})


def test_a_head_without_its_regression_is_damage(model: Model) -> None:
    parts = model.to_parts()
    arrays = {name: array for name, array in parts["lead"].arrays.items() if name != "alpha_mixed"}
    with pytest.raises(DamagedBundle, match="mixed"):
        Model.from_parts({**parts, "lead": replace(parts["lead"], arrays=arrays)}, {})


def test_texts_become_matrices_of_wording_and_focus() -> None:
    class Listener:
        def __init__(self) -> None:
            self.heard: list[str] = []

        def encode(self, texts: Any) -> Any:
            self.heard += texts
            return np.ones((len(texts), 4), np.float32)

    model = train(CASES, catalogue=PLACE)
    long = prepare(Suggestion(title="关于路灯的建议", text="路灯坏了。" * 200))
    listener = Listener()
    vectors = vectorize([long, prepare(CASES[0].suggestion)], model.lexical, listener)
    assert vectors.lexical.shape == (2, model.lexical.dimension)
    assert vectors.dense is not None
    assert vectors.dense.shape == (2, 4)
    assert [len(text) <= 256 for text in listener.heard] == [True, True]
    assert vectorize([long], model.lexical, None).dense is None
