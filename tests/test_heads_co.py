"""Who helps: usual company, near precedents and duties, learned without a case betraying itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from triage import bundle
from triage.catalogue import Catalogue, Unit
from triage.heads import co as co_module
from triage.heads.blend import SubsetBlend, held_subset
from triage.heads.co import COMPANY, SIGNALS, START, START_ON_WORDING, CoHead, _company
from triage.heads.columns import UnitColumns
from triage.heads.holdout import Holdout
from triage.heads.similarity import Rows, Vectors

NAMES = ("教育局", "交通局", "公安局", "财政局", "住建局")
PLACE = Catalogue(units=tuple(Unit(name, name, duties=(f"{name}的事", f"管{name}")) for name in NAMES))
UNITS = UnitColumns(PLACE, PLACE.units)
USUAL = {0: (3,), 1: (2, 3), 2: (), 3: (0,), 4: (1,)}
"""Who helps whom in the invented history, nine times of ten."""


class History:
    """Cases that lie near their lead's duties, and whose helpers follow from the lead."""

    def __init__(self, right: Any, dense: bool = False, groups: Any = None) -> None:
        chance = np.random.default_rng(len(right))
        self.right = np.asarray(right, np.intp)
        count = len(self.right)
        self.leads = np.eye(5, dtype=np.float32)[self.right].reshape(count, 5)
        self.helpers = np.zeros((count, 5), np.float32)
        for case, unit in enumerate(self.right):
            for helper in USUAL[int(unit)]:
                self.helpers[case, helper] = chance.random() < 0.9
        spread = np.repeat(np.eye(5), 4, axis=1)
        points = np.concatenate([spread[self.right], UNITS.membership @ spread])
        points = np.abs(points + 0.3 * chance.normal(size=points.shape)).astype(np.float32)
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        vectors = Vectors(sp.csr_array(points), points if dense else None)
        self.rows = Rows(vectors, count, len(UNITS.phrases), 0)
        self.vectors = vectors.of(self.rows.cases)
        self.chance = 0.8 * self.leads + 0.04
        self.mentions = np.zeros((count, 5, 4), np.float32)
        self.holdout = Holdout([np.array([case]) for case in range(count)] if groups is None else groups)

    def fit(self, helpers: Any = None, leads: Any = None) -> CoHead:
        return CoHead(UNITS).fit(
            self.rows,
            self.rows.compare_themselves(),
            self.leads if leads is None else leads,
            self.helpers if helpers is None else helpers,
            self.chance,
            self.mentions,
            self.holdout,
        )

    def told(self, head: CoHead) -> Any:
        return head.predict_proba(self.rows, self.rows.compare(self.vectors), self.chance, self.mentions)


@pytest.mark.parametrize("dense", [False, True])
def test_the_usual_helpers_are_likely_and_others_are_not(dense: bool) -> None:
    history = History([0, 1, 2, 3, 4] * 16, dense)
    head = history.fit()
    for shares in (history.told(head), head.unseen_):
        assert ((shares >= 0) & (shares <= 1)).all()
        usual = np.array([[unit in USUAL[int(lead)] for unit in range(5)] for lead in history.right])
        free = history.leads == 0
        assert shares[usual].mean() > 0.75
        assert shares[~usual & free].mean() < 0.1
    assert head.taught_


@pytest.mark.parametrize(("dense", "start"), [(False, START_ON_WORDING), (True, START)])
def test_without_history_the_stored_weights_answer(dense: bool, start: tuple[float, ...]) -> None:
    history = History([], dense)
    head = history.fit()
    assert len(start) == len(SIGNALS)
    assert tuple(head.weights_) == start
    assert not head.taught_
    other = History([0, 1, 2, 3, 4], dense)
    shares = head.predict_proba(history.rows, history.rows.compare(other.vectors), other.chance, other.mentions)
    assert shares.shape == (5, 5)
    assert ((shares > 0) & (shares < 1)).all()


def test_a_history_that_tells_no_helpers_leaves_them_to_the_duties() -> None:
    history = History([0, 1, 2, 3, 4] * 10)
    head = history.fit(np.zeros_like(history.helpers))
    assert not head.taught_
    assert tuple(head.weights_) == START_ON_WORDING
    assert head.regressions_.known_.tolist() == list(range(50, len(history.rows)))
    again = CoHead.from_part(head.to_part(), UNITS, history.rows)
    np.testing.assert_allclose(history.told(again), history.told(head), atol=0.01)


def test_cases_without_units_teach_nothing() -> None:
    history = History([0, 1, 2, 3, 4] * 10)
    leads, helpers = history.leads.copy(), history.helpers.copy()
    leads[::5], helpers[::5] = 0.0, 0.0
    head = history.fit(helpers, leads)
    assert head.regressions_.known_[:40].tolist() == [case for case in range(50) if case % 5]
    kept = np.array([case for case in range(50) if case % 5])
    fewer = History([0, 1, 2, 3, 4] * 10)
    assert np.isfinite(head.unseen_).all()
    assert fewer.told(head)[kept].shape == (40, 5)


def pairs_while_learning(monkeypatch: pytest.MonkeyPatch, history: History, helpers: Any, leads: Any = None) -> Any:
    found: list[Any] = []

    def witness(start: Any, features: Any, chosen: Any) -> SubsetBlend:
        found.append((features, chosen))
        return held_subset(start, features, chosen)

    with monkeypatch.context() as patch:
        patch.setattr(co_module, "held_subset", witness)
        history.fit(helpers, leads)
    return found[0]


def test_a_lead_neither_helps_nor_fails_to(monkeypatch: pytest.MonkeyPatch) -> None:
    history = History([0, 1, 2, 3, 4] * 6)
    features, chosen = pairs_while_learning(monkeypatch, history, history.helpers)
    assert len(features) == len(chosen) == 30 * 4
    assert chosen.sum() == history.helpers.sum()
    leads = history.leads.copy()
    leads[0] = [1 / 3, 1 / 3, 1 / 3, 0, 0]  # 分办
    leads[1], history.helpers[1] = 0.0, 0.0  # nobody is known
    features, _ = pairs_while_learning(monkeypatch, history, history.helpers, leads)
    assert len(features) == 28 * 4 + 2


@pytest.mark.parametrize("dense", [False, True])
def test_no_case_sees_who_helped_it_or_its_like(monkeypatch: pytest.MonkeyPatch, dense: bool) -> None:
    group = [0, 5, 6]
    groups = [np.array(group), *(np.array([case]) for case in range(30) if case not in group)]
    history = History([0, 1, 2, 3, 4] * 6, dense, groups)
    changed = history.helpers.copy()
    changed[group] = 1 - history.leads[group]
    place = np.repeat(np.arange(30), 4)  # the case of each free pair
    before, _ = pairs_while_learning(monkeypatch, history, history.helpers)
    after, _ = pairs_while_learning(monkeypatch, history, changed)
    own = [column for column, name in enumerate(SIGNALS) if name != "frequency"]
    inside = np.isin(place, group)
    np.testing.assert_allclose(before[inside][:, own], after[inside][:, own], atol=1e-4)
    assert np.abs(before[~inside][:, own] - after[~inside][:, own]).max() > 0.01, "but others do"


def test_company_is_how_often_one_helps_where_another_leads() -> None:
    leads = np.eye(3, dtype=np.float32)[[0, 0, 0, 1]]
    helpers = np.array([[0, 1, 0], [0, 1, 1], [0, 1, 0], [0, 0, 1]], np.float32)
    overall = (helpers.sum(axis=0) + 0.5) / (4 + 3)
    table = _company(leads, helpers)
    for lead, cases in enumerate(([0, 1, 2], [3], [])):
        for helper in range(3):
            together = helpers[cases, helper].sum()
            assert table[lead, helper] == pytest.approx((together + COMPANY * overall[helper]) / (len(cases) + COMPANY))


@pytest.mark.parametrize("dense", [False, True])
def test_the_head_comes_back_from_a_bundle(tmp_path: Any, dense: bool) -> None:
    history = History([0, 1, 2, 3, 4] * 8, dense)
    head = CoHead.from_part(history.fit().to_part(), UNITS, history.rows)
    folder = bundle.save(tmp_path / "model", {"co": head.to_part()}, {})
    again = CoHead.from_part(bundle.load(folder).parts["co"], UNITS, history.rows)
    np.testing.assert_array_equal(history.told(head), history.told(again))
    np.testing.assert_allclose(history.told(head), history.told(history.fit()), atol=0.01)
