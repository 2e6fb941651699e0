"""The promise: what a threshold means, on answers whose right ones are drawn with known chances."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from triage import bundle
from triage.heads import promise as promises
from triage.heads.blend import softmax
from triage.heads.promise import CLOSE, LEAST_EVIDENCE, MANY, NEVER, Promise, close_leads, tempered
from triage.learning.measures import calibration_error

Floats = NDArray[Any]


def simulated(seed: int, rows: int, units: int = 12, sharpness: float = 3.0) -> tuple[Floats, NDArray[np.intp]]:
    """Calibrated answers: the right unit is drawn with the very probabilities that are told."""
    chance = np.random.default_rng(seed)
    lead = softmax(sharpness * chance.normal(size=(rows, units))).astype(np.float32)
    return lead, np.array([chance.choice(units, p=row / row.sum()) for row in lead.astype(float)])


def some(lead: Floats) -> Floats:
    """A nearest precedent for each text, which tells nothing."""
    return np.full(len(lead), 0.5)


def learned(accuracy: float, lead: Floats, right: NDArray[np.intp]) -> Promise:
    """A promise from answers whose nearest precedents tell nothing."""
    return Promise.learn(accuracy, lead, some(lead), right)


def certainty_of(promise: Promise, lead: Floats) -> Any:
    return promise.certainty(lead, some(lead))


@pytest.mark.parametrize("accuracy", [0.7, 0.8, 0.9])
def test_above_the_threshold_the_promise_holds(accuracy: float) -> None:
    lead, right = simulated(1, 1500)
    promise = learned(accuracy, lead, right)
    sure = certainty_of(promise, lead) >= promise.threshold
    correct = lead.argmax(axis=1) == right
    assert promise.coverage == pytest.approx(sure.mean())
    assert promise.kept == pytest.approx(correct[sure].mean())
    assert promise.kept >= accuracy + 0.5 * math.sqrt(promise.kept * (1 - promise.kept) / sure.sum()) - 1e-9
    new, answer = simulated(2, 6000)
    surely = certainty_of(promise, new) >= promise.threshold
    assert (new.argmax(axis=1) == answer)[surely].mean() >= accuracy - 0.03
    assert surely.mean() == pytest.approx(promise.coverage, abs=0.05)


def test_the_threshold_goes_down_to_the_first_failure() -> None:
    lead, right = simulated(3, 400)
    promise = learned(0.8, lead, right)
    certainty, correct = certainty_of(promise, lead), lead.argmax(axis=1) == right

    def proven(threshold: float) -> bool:
        sure = certainty >= threshold
        rate = correct[sure].mean()
        return bool(rate - 0.5 * math.sqrt(rate * (1 - rate) / sure.sum()) >= 0.8)

    ordered = np.sort(certainty)[::-1]
    tried = ordered[LEAST_EVIDENCE - 1 :]
    assert all(proven(threshold) for threshold in tried[tried >= promise.threshold])
    assert not proven(tried[tried < promise.threshold][0])


def test_letters_that_repeat_each_other_are_one_proof() -> None:
    lead, right = simulated(3, 400)
    alone = Promise.learn(0.8, lead, some(lead), right, np.arange(400))
    assert alone == learned(0.8, lead, right)
    thrice = np.repeat(np.arange(400), 3)
    again = Promise.learn(0.8, lead[thrice], some(lead[thrice]), right[thrice], thrice)
    # As many cases thrice over prove as much, and not more; the fit of certainty has three times the weight.
    assert again.coverage == pytest.approx(alone.coverage, abs=0.1)
    few = np.arange(400) % (LEAST_EVIDENCE - 1)
    assert Promise.learn(0.6, lead, some(lead), right, few).threshold == NEVER


def test_more_is_covered_where_less_is_promised() -> None:
    lead, right = simulated(4, 1000)
    covered = [learned(accuracy, lead, right).coverage for accuracy in (0.6, 0.7, 0.8, 0.9, 0.95)]
    assert covered == sorted(covered, reverse=True)
    assert covered[0] > covered[-1]


def test_certainty_is_calibrated_where_the_answers_are_not() -> None:
    lead, right = simulated(5, 3000)
    boastful = softmax(3.0 * np.log(lead.astype(float))).astype(np.float32)
    correct = lead.argmax(axis=1) == right
    assert calibration_error(boastful.max(axis=1), correct) > 0.1
    promise = learned(0.9, boastful, right)
    new, answer = simulated(6, 6000)
    boasts = softmax(3.0 * np.log(new.astype(float))).astype(np.float32)
    hits = new.argmax(axis=1) == answer
    assert calibration_error(certainty_of(promise, boasts), hits) < 0.03
    told = tempered(boasts, certainty_of(promise, boasts))
    assert calibration_error(told.max(axis=1), hits) < 0.03


def test_what_is_unlike_all_that_was_handled_is_less_sure_than_it_looks() -> None:
    """Answers hold where a precedent is near and are drawn by lot where none is."""
    lead, right = simulated(6, 3000)
    chance = np.random.default_rng(6)
    nearest = chance.random(3000)
    right = np.where(chance.random(3000) < nearest, lead.argmax(axis=1), chance.integers(0, 12, 3000))
    promise = Promise.learn(0.85, lead, nearest, right)
    correct = lead.argmax(axis=1) == right
    certainty = np.asarray(promise.certainty(lead, nearest))
    assert certainty[nearest > 0.9].mean() > certainty[nearest < 0.1].mean() + 0.4
    assert calibration_error(certainty, correct) < 0.05
    assert nearest[certainty >= promise.threshold].min() > 0.3
    assert learned(0.85, lead, right).coverage < promise.coverage


def test_without_history_nothing_is_promised() -> None:
    lead, right = simulated(7, 2 * LEAST_EVIDENCE)
    for rows in (0, 1, 2 * LEAST_EVIDENCE - 1):
        promise = learned(0.9, lead[:rows], right[:rows])
        assert (promise.threshold, promise.coverage, promise.kept) == (NEVER, 0.0, 0.0)
        assert not (certainty_of(promise, lead) >= promise.threshold).any()
        np.testing.assert_allclose(certainty_of(promise, lead), lead.max(axis=1), atol=1e-5)
    perfect = np.eye(12, dtype=np.float32)[right] * 0.5 + 0.5 / 12
    assert learned(0.9, perfect, right).threshold < NEVER


def test_history_that_disproves_it_promises_nothing() -> None:
    lead, right = simulated(8, 500, sharpness=0.3)
    promise = learned(0.9, lead, right)
    assert (promise.threshold, promise.coverage, promise.kept) == (NEVER, 0.0, 0.0)


def test_a_lucky_few_prove_nothing() -> None:
    """The surest 20 are right and all others wrong: too few to promise anything from."""
    lead = np.full((300, 4), 0.05, np.float32)
    lead[:, 0] = np.linspace(0.84, 0.3, 300)
    right = np.where(np.arange(300) < LEAST_EVIDENCE - 10, 0, 1)
    assert learned(0.9, lead, right).threshold == NEVER
    right = np.where(np.arange(300) < LEAST_EVIDENCE + 10, 0, 1)
    assert learned(0.9, lead, right).coverage == pytest.approx((LEAST_EVIDENCE + 10) / 300, abs=0.015)


def test_texts_that_are_equally_sure_are_on_one_side() -> None:
    """80 answers of one certainty, the first 45 of them right: a line drawn after those would promise too much."""
    lead = np.tile(np.array([[0.7, 0.2, 0.1]], np.float32), (80, 1))
    right = np.where(np.arange(80) < 45, 0, 1)
    assert learned(0.9, lead, right).threshold == NEVER
    assert learned(0.55, lead, np.where(np.arange(80) < 60, 0, 1)).coverage == 1.0


LEADS = st.integers(0, 10_000).map(lambda seed: simulated(seed, 5, units=2 + seed % 9, sharpness=seed % 7 / 2)[0])


@given(LEADS, arrays(float, 5, elements=st.floats(0.3, 0.97)))
def test_tempering_gives_the_first_its_certainty_and_keeps_the_order(lead: Floats, certainty: Floats) -> None:
    certainty = np.maximum(certainty, 1 / lead.shape[1] + 0.1)
    told = tempered(lead, certainty)
    np.testing.assert_allclose(told.sum(axis=1), 1.0, atol=1e-5)
    for row in range(len(lead)):
        order = np.argsort(-lead[row], kind="stable")
        assert (np.diff(told[row][order]) <= 0).all()
        gaps = np.log(lead[row][order[0]] / lead[row][order[1:]])
        # Nearer to a tie, and where the others are next to impossible, no power within reason does it.
        if gaps[0] > 0.2 and gaps.max() < 5:
            assert told[row].max() == pytest.approx(certainty[row], abs=2e-3)


def test_a_tie_stays_a_tie() -> None:
    told = tempered(np.array([[0.4, 0.4, 0.2]], np.float32), np.array([0.9]))
    assert told[0, 0] == told[0, 1]
    assert told.sum() == pytest.approx(1.0)


def test_what_cannot_be_tempered_comes_back() -> None:
    assert tempered(np.ones((2, 1), np.float32), np.array([0.5, 0.5])).tolist() == [[1.0], [1.0]]
    assert tempered(np.zeros((2, 0), np.float32), np.zeros(2)).shape == (2, 0)
    told = tempered(np.array([[1.0, 0.0, 0.0]], np.float32), np.array([0.8]))
    assert told[0, 0] == pytest.approx(0.8, abs=0.01)


def test_what_history_does_not_know_is_answered_as_it_is() -> None:
    lead, _ = simulated(9, 50)
    np.testing.assert_allclose(tempered(lead, certainty_of(Promise(0.9), lead)), lead, atol=1e-3)


@pytest.mark.parametrize(
    ("lead", "helpers", "close"),
    [
        ([0.5, 0.5 * CLOSE + 0.01], MANY + 0.1, True),
        ([0.5, 0.5 * CLOSE - 0.01], MANY + 0.1, False),
        ([0.5, 0.5 * CLOSE + 0.01], MANY - 0.1, False),
        ([0.4, 0.4], 0.0, False),
        ([0.9, 0.1], 9.0, False),
    ],
)
def test_leads_are_close_where_many_would_help(lead: list[float], helpers: float, close: bool) -> None:
    rest = [(1 - sum(lead)) / 10] * 10
    co = np.full((1, 12), helpers / 12)
    for turned in (lead, lead[::-1]):
        assert close_leads(np.array([turned + rest]), co).tolist() == [close]


def test_one_unit_is_close_to_none() -> None:
    assert close_leads(np.ones((3, 1)), np.full((3, 1), 9.0)).tolist() == [False] * 3


def test_one_unit_is_certain_and_none_is_not() -> None:
    assert certainty_of(Promise(0.9), np.ones((2, 1), np.float32)).min() > 0.99
    assert certainty_of(Promise(0.9), np.zeros((2, 0), np.float32)).tolist() == [0.0, 0.0]


def test_joint_handling_is_a_calibrated_chance() -> None:
    chance = np.random.default_rng(1)
    co = (chance.random((3000, 6)) ** 4).astype(np.float32)
    helped: Any = (chance.random(co.shape) < co / 2).any(axis=1)  # half as often as is told
    lead, right = simulated(10, 3000)
    promise = learned(0.9, lead, right).with_joint(co, helped)
    assert replace(promise, joint=promises.JOINT) == learned(0.9, lead, right)
    told = promise.jointly(co)
    assert calibration_error(told, helped) < 0.05
    anybody = 1 - np.prod(1 - co.astype(float), axis=1)
    assert calibration_error(anybody, helped) > 0.1
    np.testing.assert_allclose(Promise(0.9).jointly(co), anybody, atol=1e-4)


@pytest.mark.parametrize("helped", [0.0, 1.0])
def test_where_all_or_none_are_joint_nothing_is_learned_of_it(helped: float) -> None:
    co = np.full((100, 6), 0.2, np.float32)
    assert Promise(0.9).with_joint(co, np.full(100, bool(helped))) == Promise(0.9)
    assert Promise(0.9).with_joint(co[:0], np.zeros(0, bool)) == Promise(0.9)


def test_nobody_who_could_help_is_a_small_chance() -> None:
    assert Promise(0.9).jointly(np.zeros((1, 0), np.float32))[0] < 0.001


@settings(max_examples=20)
@given(st.integers(0, 1000))
def test_the_numbers_come_back_from_a_bundle(seed: int) -> None:
    lead, right = simulated(seed, 100)
    promise = learned(0.6, lead, right)
    for kept in (promise, Promise(0.9), replace(promise, threshold=NEVER)):
        again = Promise.from_part(kept.to_part())
        assert again == kept
        np.testing.assert_array_equal(certainty_of(again, lead), certainty_of(kept, lead))


def test_never_is_written_as_json_knows_it(tmp_path: Any) -> None:
    folder = bundle.save(tmp_path / "model", {"promise": Promise(0.9).to_part()}, {})
    assert b"Infinity" not in (folder / "promise.json").read_bytes()
    assert Promise.from_part(bundle.load(folder).parts["promise"]).threshold == promises.NEVER
