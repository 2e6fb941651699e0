"""Learning the small models of the pre-check: labels read with care, the same models for the same texts."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np
import pytest

from triage.catalogue.rules import TAGS
from triage.errors import InputError
from triage.learning.prechecking import fitting, labelled
from triage.learning.prechecking.learn import learn
from triage.precheck.linear import FILE, shipped, stored, unstored
from triage.precheck.ngrams import SIZE, hashed
from triage.precheck.trees import Trees


def test_our_texts_are_read_with_all_their_labels() -> None:
    found = labelled.our_remarks()
    assert len({one.suggestion.id for one in found}) == len(found) > 100
    for one in found:
        assert all(0 <= start < end <= len(one.suggestion.text) for start, end in one.matters)
        assert len(one.matters) != 1


def test_the_same_texts_give_the_same_models() -> None:
    some = labelled.our_remarks()[::6]
    first, again = (learn(some) for _ in range(2))
    assert stored(first) == stored(again)
    back = unstored(stored(first))
    assert back.models.keys() == first.models.keys()
    for trees, same in ((first.borders, back.borders), (first.stretches, back.stretches)):
        rows = np.random.default_rng(3).random((20, int(trees.feature.max()) + 1)).astype(np.float32)
        chances = trees.probabilities(rows)
        assert np.array_equal(same.probabilities(rows), chances)
        assert ((chances > 0) & (chances < 1)).all()


def test_the_shipped_models_are_small_and_whole() -> None:
    content = files("triage.precheck").joinpath(FILE).read_bytes()
    assert len(content) < 600_000
    assert stored(unstored(content)) == content
    assert {name for name in shipped().models if name.startswith("tag-")} == {f"tag-{tag}" for tag in TAGS}


def test_the_trees_say_what_they_were_learned_to_say() -> None:
    from sklearn.ensemble import GradientBoostingClassifier

    chance = np.random.default_rng(1)
    rows = chance.random((200, 5)).astype(np.float32)
    wanted = (rows[:, 0] > 0.5) ^ (rows[:, 1] > 0.5)
    model = GradientBoostingClassifier(n_estimators=20, init="zero", random_state=1).fit(rows, wanted)
    trees = fitting.trees_of([model], 0.5)
    assert np.allclose(trees.probabilities(rows), model.predict_proba(rows)[:, 1], atol=1e-5)
    assert (
        Trees.of_arrays("t", trees.arrays("t")).probabilities(rows[:3]).tolist()
        == trees.probabilities(rows[:3]).tolist()
    )


def test_a_threshold_keeps_its_promise() -> None:
    chances = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    assert fitting.precise_from(chances, np.array([True] * 4 + [False] * 2), 0.9) == pytest.approx(0.55)
    assert fitting.precise_from(chances, np.array([False] * 6), 0.9) == pytest.approx(0.95)


@pytest.mark.parametrize(
    ("changed", "says"),
    [({"matters": ["不在文中的话"]}, "does not stand in the text"), ({"level": "州"}, "level is '州'")],
)
def test_a_wrong_label_is_refused_with_its_line(changed: dict[str, object], says: str) -> None:
    row = {"id": "1", "title": "t", "text": "路灯坏了。", "source": "群众", "own": "清河县", "tags": [], "matters": []}
    row |= {"parts": {}, "level": ""} | changed
    with pytest.raises(InputError, match=r"some\.jsonl:3: .*") as met:
        labelled.remark("some.jsonl:3", json.dumps(row))
    assert says in str(met.value)


def test_where_only_matters_are_labelled_nothing_else_is_taken_for_told() -> None:
    row = {"id": "1", "title": "t", "text": "路灯坏了。水管漏了。", "source": "群众", "own": "清河县"}
    found = labelled.remark("some.jsonl:3", json.dumps(row | {"matters": ["路灯坏了。", "水管漏了。"]}))
    assert (found.whole, found.matters, found.level, any(found.parts.values())) == (False, ((0, 5), (5, 10)), "", False)


def test_too_few_texts_are_refused() -> None:
    with pytest.raises(InputError, match="too few"):
        learn(labelled.our_remarks()[:3])


def test_runs_of_characters_are_the_same_everywhere() -> None:
    places, empty, road = hashed(["建议修路2030年", "", "路"])
    assert places.tolist() == sorted(set(places.tolist()))
    assert 0 <= int(places.min()) <= int(places.max()) < SIZE
    assert places.tolist() == hashed(["建议修路1999年"])[0].tolist()
    assert empty.size == 0
    assert road.size == 1
    assert set(road) <= set(places)
    assert hashed([]) == []
