"""Who leads: learned from duties and history, without a case betraying itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from triage import bundle
from triage.catalogue import Area, Catalogue, Unit
from triage.heads import lead as leads_module
from triage.heads.blend import ChoiceBlend, held_choice
from triage.heads.columns import UnitColumns
from triage.heads.holdout import Holdout
from triage.heads.lead import SIGNALS, START, START_ON_WORDING, LeadHead
from triage.heads.signals import frequency
from triage.heads.similarity import Rows, Vectors

PLACE = Catalogue(
    units=(
        Unit("dh-jy", "东湖区教育局", duties=("办学校", "管教师"), area="dh"),
        Unit("xs-jy", "西山区教育局", duties=("办学校", "管教师"), area="xs"),
        Unit("dh-jt", "东湖区交通局", duties=("修路", "装路灯", "通公交"), area="dh"),
        Unit("xs-jt", "西山区交通局", duties=("修路", "装路灯", "通公交"), area="xs"),
        Unit("bg", "指挥部"),
    ),
    areas=(Area("jz", "江州市"), Area("dh", "东湖区", parent="jz"), Area("xs", "西山区", parent="jz")),
)
UNITS = UnitColumns(PLACE, PLACE.units)


class History:
    """Cases that lie near their unit's duties, some of which name the unit's district."""

    def __init__(self, right: Any, dense: bool = False, seed: int = 0, groups: Any = None) -> None:
        chance = np.random.default_rng(seed)
        self.right = np.asarray(right, np.intp)
        count = len(self.right)
        self.leads = np.eye(len(UNITS), dtype=np.float32)[self.right].reshape(count, len(UNITS))
        places = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [0.7, 0.7]])
        spread = np.repeat(places, 12, axis=1)
        points = np.concatenate([spread[self.right], UNITS.membership @ spread])
        points = np.abs(points + 0.4 * chance.normal(size=points.shape))
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        points = points.astype(np.float32)
        vectors = Vectors(sp.csr_array(points), points if dense else None)
        self.rows = Rows(vectors, count, len(UNITS.phrases), 0)
        self.mentions = np.zeros((count, len(UNITS), 5), np.float32)
        for case, unit in enumerate(self.right):
            if chance.random() < 0.6 and unit < 4:
                self.mentions[case, unit % 2 :: 2, 0] = 1.0
                self.mentions[case, 4] = 0.0
        self.holdout = Holdout([np.array([case]) for case in range(count)] if groups is None else groups)
        self.vectors = vectors.of(self.rows.cases)

    def fit(self, leads: Any = None) -> LeadHead:
        every = self.rows.compare_themselves()
        return LeadHead(UNITS).fit(
            self.rows, every, self.leads if leads is None else leads, self.mentions, self.holdout
        )


@pytest.mark.parametrize("dense", [False, True])
def test_history_duties_and_place_find_the_unit(dense: bool) -> None:
    history = History([0, 1, 2, 3] * 25, dense)
    head: Any = history.fit()
    shares = head.predict_proba(history.rows, history.rows.compare(history.vectors), history.mentions)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, atol=1e-5)
    told = history.mentions[:, :, 0].any(axis=1)
    hits = head.unseen_.argmax(axis=1) == history.right
    assert hits[told].mean() > 0.9
    assert hits[~told].mean() < 0.8, "without a place the two districts cannot be told apart"
    kinds = head.unseen_[:, [0, 1]].sum(axis=1) > 0.5
    assert (kinds == (history.right < 2)).mean() > 0.95
    np.testing.assert_allclose(head.unseen_.sum(axis=1), 1.0, atol=1e-5)


@pytest.mark.parametrize(("dense", "start"), [(False, START_ON_WORDING), (True, START)])
def test_without_history_the_duties_answer(dense: bool, start: tuple[float, ...]) -> None:
    history = History([], dense)
    head: Any = history.fit()
    assert len(start) == len(SIGNALS)
    assert head.weights_.tolist() == list(start)
    assert head.unseen_.shape == (0, 5)
    other = History([0, 2, 1, 3] * 3, dense, seed=5)
    shares = head.predict_proba(history.rows, history.rows.compare(other.vectors), other.mentions)
    kinds = shares[:, [0, 1]].sum(axis=1) > shares[:, [2, 3]].sum(axis=1)
    assert (kinds == (other.right < 2)).mean() > 0.8


def test_every_signal_is_in_its_column() -> None:
    history = History([0, 1, 2, 3, 2, 2] * 6)
    head: Any = history.fit()
    seen = history.rows.compare(history.vectors)
    features = head.features(history.rows, seen, history.mentions)
    assert features.shape == (36, 5, len(SIGNALS))
    signal = {name: features[:, :, place] for place, name in enumerate(SIGNALS)}
    np.testing.assert_allclose(signal["frequency"], np.tile(frequency(history.leads), (36, 1)))
    for place, name in enumerate(SIGNALS[9:]):
        np.testing.assert_array_equal(signal[name], history.mentions[:, :, place])
    np.testing.assert_array_equal(signal["kind"][:, 0], signal["kind"][:, 1])
    np.testing.assert_array_equal(signal["area"][:, 0], signal["area"][:, 2])
    np.testing.assert_allclose(signal["regression, relative"].mean(axis=1), 0.0, atol=1e-5)
    np.testing.assert_allclose(signal["duties, relative"].mean(axis=1), 0.0, atol=1e-5)
    assert (signal["precedents"] >= 0).all()


def features_while_learning(monkeypatch: pytest.MonkeyPatch, history: History, leads: Any) -> Any:
    """The features of all cases that the blend was fitted on."""
    found: list[Any] = []

    def witness(start: Any, features: Any, chosen: Any) -> ChoiceBlend:
        found.append(features)
        return held_choice(start, features, chosen)

    with monkeypatch.context() as patch:
        patch.setattr(leads_module, "held_choice", witness)
        history.fit(leads)
    return found[0]


@pytest.mark.parametrize("dense", [False, True])
def test_no_case_sees_who_led_it_or_its_like(monkeypatch: pytest.MonkeyPatch, dense: bool) -> None:
    groups = [np.array([0, 7, 8]), *(np.array([case]) for case in range(24) if case not in (0, 7, 8))]
    history = History([0, 1, 2, 3] * 6, dense, groups=groups)
    changed = history.leads.copy()
    changed[[0, 7, 8]] = np.eye(5, dtype=np.float32)[4]
    before = features_while_learning(monkeypatch, history, history.leads)
    after = features_while_learning(monkeypatch, history, changed)
    own = [place for place, name in enumerate(SIGNALS) if name != "frequency"]
    np.testing.assert_allclose(before[[0, 7, 8]][:, :, own], after[[0, 7, 8]][:, :, own], atol=1e-4)
    assert np.abs(before[[1, 4]][:, :, own] - after[[1, 4]][:, :, own]).max() > 0.01, "but the others do"


def test_answers_to_unseen_cases_come_from_weights_without_their_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    history = History([0, 1, 2, 3] * 10)
    learned: list[int] = []

    def witness(start: Any, features: Any, chosen: Any) -> ChoiceBlend:
        learned.append(len(features))
        return held_choice(start, features, chosen)

    monkeypatch.setattr(leads_module, "held_choice", witness)
    history.fit()
    assert learned == [40, *[36] * 10]


def test_cases_whose_lead_is_unknown_teach_nothing_and_are_answered() -> None:
    history = History([0, 1, 2, 3] * 10)
    leads = history.leads.copy()
    leads[::4] = 0.0
    head = history.fit(leads)
    assert head.regressions_.known_[:30].tolist() == [case for case in range(40) if case % 4]
    np.testing.assert_allclose(head.unseen_.sum(axis=1), 1.0, atol=1e-5)
    only_unknown = history.fit(np.zeros_like(leads))
    assert tuple(only_unknown.weights_) == START_ON_WORDING


def test_a_split_case_teaches_each_of_its_leads() -> None:
    history = History([0, 2] * 15)
    leads = history.leads.copy()
    leads[0] = [0.5, 0, 0.5, 0, 0]
    targets = history.fit(leads)._targets(leads)
    assert targets[0, :5].tolist() == [0.5, 0, 0.5, 0, 0]
    assert targets[0, 5 : 5 + UNITS.kinds].sum() == pytest.approx(1.0)


def test_one_case_and_cases_all_alike_can_be_learned_from() -> None:
    for groups in ([np.array([0])], [np.array([0, 1, 2])]):
        history = History([2] * len(groups[0]), groups=groups)
        head = history.fit()
        assert np.isfinite(head.unseen_).all()
        shares = head.predict_proba(history.rows, history.rows.compare(history.vectors), history.mentions)
        assert (shares.argmax(axis=1) == 2).all()


@pytest.mark.parametrize("dense", [False, True])
def test_the_head_comes_back_from_a_bundle(tmp_path: Any, dense: bool) -> None:
    history = History([0, 1, 2, 3, 4] * 8, dense)
    head = LeadHead.from_part(history.fit().to_part(), UNITS, history.rows)
    folder = bundle.save(tmp_path / "model", {"lead": head.to_part()}, {})
    again = LeadHead.from_part(bundle.load(folder).parts["lead"], UNITS, history.rows)
    seen = history.rows.compare(history.vectors)
    before = head.predict_proba(history.rows, seen, history.mentions)
    np.testing.assert_array_equal(before, again.predict_proba(history.rows, seen, history.mentions))
    fresh = history.fit().predict_proba(history.rows, seen, history.mentions)
    np.testing.assert_allclose(before, fresh, atol=0.01)
