"""The heads under scikit-learn's own tools, with texts as they come."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import sklearn
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone, is_classifier
from sklearn.model_selection import GridSearchCV, KFold, cross_val_predict, cross_val_score, cross_validate
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, MultiLabelBinarizer

from tests.conftest import CountingEncoder
from triage import Case, InputError, Suggestion, Triager
from triage.catalogue import Catalogue, Unit
from triage.datasets import read_cases
from triage.encoders.cache import CachedEncoder
from triage.frames import frame_from_cases
from triage.learning.estimators import CoHandlingClassifier, LeadClassifier, TopicClassifier, recall_scorer
from triage.learning.train import Settings, train

ROOT = Path(__file__).resolve().parent.parent
FOLDS = KFold(3, shuffle=True, random_state=0)


def frequent() -> list[Case]:
    """Cases of the six units with most, so that a fold lacks none."""
    cases = read_cases(ROOT / "examples" / "cases.csv")
    most = {unit for unit, _ in Counter(case.leads[0] for case in cases).most_common(6)}
    return [case for case in cases if case.leads[0] in most]


CASES = frequent()
TEXTS = [f"{case.suggestion.title}。{case.suggestion.text}" for case in CASES]
LEADS = [case.leads[0] for case in CASES]
TOPICS = [case.topics[0] for case in CASES]
HELPERS = [case.co for case in CASES]
CLASSIFIERS = (LeadClassifier, TopicClassifier, CoHandlingClassifier)


@pytest.fixture(autouse=True)
def small_starter(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Duties of the starter catalogue make a training three times as long; few tests are about them."""
    if "whole_starter" not in request.fixturenames:
        monkeypatch.setattr("triage.learning.labels.starter_catalogue", lambda: Catalogue((), (), ()))


@pytest.fixture
def whole_starter() -> None:
    """For a test that is about the starter's duties."""


def place() -> Catalogue:
    return Catalogue(
        (Unit("a", "城管局", duties=("路灯",)), Unit("b", "交通局", aliases=("交运局",), duties=("公交",))), (), ()
    )


# --- parameters ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", CLASSIFIERS)
def test_parameters_are_stored_and_copied(make: Any) -> None:
    estimator = make(penalty=2.0, max_n=2)
    assert is_classifier(estimator)
    assert estimator.get_params()["penalty"] == 2.0
    assert clone(estimator).set_params(alike=0.9).get_params() == {**estimator.get_params(), "alike": 0.9}
    assert not hasattr(estimator, "classes_")
    assert "penalty=2.0" in repr(estimator)


@pytest.mark.parametrize("make", CLASSIFIERS)
@pytest.mark.parametrize(
    ("name", "value"), [("penalty", 0), ("penalty", float("nan")), ("alike", 1.5), ("max_cases", 0), ("max_n", 0)]
)
def test_parameters_that_cannot_be_are_told_when_fitted(make: Any, name: str, value: float) -> None:
    with pytest.raises(InputError, match=f"^{name}: {value}"):
        make(**{name: value}).fit(["路灯", "公交"], ["甲局", "乙局"])


def test_the_defaults_are_the_trainings() -> None:
    usual, lead, topic, co = Settings(), LeadClassifier(), TopicClassifier(), CoHandlingClassifier()
    assert (lead.duty_weight, topic.phrase_weight, co.duty_weight) == (
        usual.lead_duties,
        usual.topic_phrases,
        usual.co_duties,
    )
    for estimator in (lead, topic, co):
        assert (estimator.penalty, estimator.alike, estimator.max_cases, estimator.max_n) == (
            usual.penalty,
            usual.alike,
            usual.max_cases,
            usual.max_n,
        )


def test_every_parameter_reaches_the_model() -> None:
    usual = LeadClassifier().fit(TEXTS, LEADS)
    for name, value in {"penalty": 5.0, "max_n": 1, "max_cases": 40}.items():
        assert not np.allclose(
            LeadClassifier(**{name: value}).fit(TEXTS, LEADS).predict_proba(TEXTS[:9]), usual.predict_proba(TEXTS[:9])
        ), name
    texts, units, catalogue = ["路灯坏了", "公交太少", "修路灯"] * 9, ["城管局", "交通局", "城管局"] * 9, place()
    heavy, light = (
        LeadClassifier(catalogue=catalogue, duty_weight=weight).fit(texts, units).predict_proba(["路灯与公交"])
        for weight in (3.0, 0.05)
    )
    assert not np.allclose(heavy, light)


# --- texts -----------------------------------------------------------------------------------------------------------


def forms(texts: list[str]) -> dict[str, Any]:
    return {
        "tuple": tuple(texts),
        "array": np.array(texts),
        "objects": np.array(texts, object),
        "series": pd.Series(texts, index=range(7, 7 + len(texts))),
        "frame": pd.DataFrame({"正文": texts, "主办单位": "不看", "编号": "同"}),
        "suggestions": [Suggestion(id="同", text=text) for text in texts],
    }


@pytest.fixture(scope="module")
def fitted() -> LeadClassifier:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("triage.learning.labels.starter_catalogue", lambda: Catalogue((), (), ()))
        return LeadClassifier().fit(TEXTS, LEADS)


@pytest.mark.parametrize("form", forms([]))
def test_texts_come_in_every_form(form: str, fitted: LeadClassifier) -> None:
    texts = [*TEXTS[:4], TEXTS[0]]
    np.testing.assert_array_equal(fitted.predict_proba(forms(texts)[form]), fitted.predict_proba(texts))


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ("一段文字", "one str; a list of texts"),
        (Suggestion(text="一"), "one Suggestion"),
        ([], "0 sample"),
        (np.array([["一"]]), "an array of 2 dimensions"),
        (np.array("一"), "an array of 0 dimensions"),
        (["一", 2], "row 1 is int; a text or a Suggestion"),
        (["一", None], "row 1 is NoneType"),
        (pd.Series(["一", np.nan]), "row 1 is float"),
    ],
)
def test_what_is_no_list_of_texts_is_refused(texts: Any, told: str, fitted: LeadClassifier) -> None:
    with pytest.raises(ValueError, match=told):
        fitted.predict(texts)


def test_frames_and_sparse_matrices_that_hold_no_texts(fitted: LeadClassifier) -> None:
    with pytest.raises(TypeError, match="a sparse matrix; texts are expected"):
        fitted.predict(sp.csr_matrix((2, 2)))
    with pytest.raises(InputError, match="neither a column title"):
        fitted.predict(pd.DataFrame({"a": [1]}))
    with pytest.raises(InputError, match="row 1: title and text are both empty"):
        fitted.predict(pd.DataFrame({"text": ["一", None]}))


def test_a_text_that_nobody_can_read_gets_what_history_says(fitted: LeadClassifier) -> None:
    chances = fitted.predict_proba(["？？？", TEXTS[0], ""])
    np.testing.assert_array_equal(chances[0], chances[2])
    assert fitted.classes_[chances[0].argmax()] == Counter(LEADS).most_common(1)[0][0]
    assert chances.sum(axis=1) == pytest.approx(1)


# --- leads -----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("whole_starter")
def test_the_classifier_answers_what_a_bundle_answers() -> None:
    suggestions = [case.suggestion for case in CASES]
    cases = [Case(suggestion, (lead,)) for suggestion, lead in zip(suggestions, LEADS, strict=True)]
    triager = Triager.train(cases, settings=Settings(penalty=2.0))
    classifier = LeadClassifier(penalty=2.0).fit(suggestions, LEADS)
    assert triager.card["settings"]["penalty"] == 2.0
    for row, answer in zip(classifier.predict_proba(suggestions[:20]), triager.triage(suggestions[:20]), strict=True):
        told = dict(zip(classifier.classes_, row, strict=True))
        # A bundle keeps half-floats.
        assert [told[lead.unit] for lead in answer.lead] == pytest.approx([one.score for one in answer.lead], abs=0.01)


def test_labels_keep_their_form() -> None:
    for labels in (np.array(LEADS), np.array(LEADS, object), pd.Series(LEADS), pd.Categorical(LEADS)):
        classifier = LeadClassifier().fit(TEXTS, labels)
        assert classifier.classes_.tolist() == sorted(set(LEADS))
        assert set(classifier.predict(TEXTS[:5])) <= set(LEADS)


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (None, "requires y"),
        (["甲局", None], "row 1; every case needs a label"),
        ([1.0, np.nan], "row 1; every case needs a label"),
        ([0.1, 0.2], "continuous"),
        (["甲局", " "], "row 1 is empty"),
        (["甲局"], "inconsistent numbers of samples"),
        ([["甲局"], ["乙局", "丙局"]], "inhomogeneous"),
    ],
)
def test_what_are_no_labels_is_refused(labels: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        LeadClassifier().fit(["路灯", "公交"], labels)


def test_one_unit_only_is_always_it() -> None:
    classifier = LeadClassifier().fit(TEXTS[:5], ["城管局"] * 5)
    assert classifier.predict(TEXTS).tolist() == ["城管局"] * len(TEXTS)


def test_labels_that_are_all_different() -> None:
    names = [f"第{number}局" for number in range(12)]
    classifier = LeadClassifier().fit(TEXTS[:12], names)
    assert classifier.classes_.tolist() == sorted(names)
    assert classifier.predict_proba(TEXTS[:12]).sum(axis=1) == pytest.approx(1)


def test_numbers_are_places_among_the_units() -> None:
    units = sorted(set(LEADS))
    numbers = [units.index(lead) for lead in LEADS]
    by_name, by_number = LeadClassifier().fit(TEXTS, LEADS), LeadClassifier(units=units).fit(TEXTS, numbers)
    assert by_number.classes_.tolist() == list(range(6))
    assert by_number.classes_.dtype.kind == "i"
    np.testing.assert_allclose(by_number.predict_proba(TEXTS[:9]), by_name.predict_proba(TEXTS[:9]), atol=1e-4)
    assert set(by_number.model_.units.names) == set(by_name.model_.units.names)
    with pytest.raises(ValueError, match="0 to 5; units has 3 names"):
        LeadClassifier(units=units[:3]).fit(TEXTS, numbers)


@pytest.mark.usefixtures("whole_starter")
def test_units_without_cases_are_found_by_their_duties() -> None:
    rest = [(text, lead) for text, lead in zip(TEXTS, LEADS, strict=True)]
    classifier = LeadClassifier(units=["消防救援大队"]).fit(*map(list, zip(*rest, strict=True)))
    assert "消防救援大队" in classifier.classes_
    found = classifier.predict_proba(["关于加强消防安全检查、增设消火栓的建议"])[0]
    assert found[classifier.classes_.tolist().index("消防救援大队")] > 0.05


def test_with_a_catalogue_its_units_are_answered_under_the_names_of_the_cases() -> None:
    texts, units = ["路灯坏了", "公交太少", "修路灯"] * 9, ["城管局", "交运局", "城管局"] * 9
    classifier = LeadClassifier(catalogue=place()).fit(texts, units)
    assert classifier.classes_.tolist() == sorted(["城管局", "交运局"])
    assert classifier.score(texts, units) == 1.0
    alone = LeadClassifier(catalogue=place()).fit(texts[::3], units[::3])
    assert alone.classes_.tolist() == sorted(["城管局", "交通局"])
    with pytest.raises(InputError, match="not in the catalogue"):
        LeadClassifier(catalogue=place()).fit(["路灯"], ["环保局"])


# --- scikit-learn's tools --------------------------------------------------------------------------------------------


def test_cross_validation_and_search() -> None:
    scores = cross_val_score(LeadClassifier(), TEXTS, LEADS, cv=FOLDS)
    assert scores.mean() > 0.45
    search = GridSearchCV(LeadClassifier(), {"penalty": [0.5, 50.0]}, cv=FOLDS, scoring="neg_log_loss")
    search.fit(pd.Series(TEXTS), LEADS)
    assert search.best_params_ == {"penalty": 0.5}
    assert search.predict(TEXTS[:1])[0] in LEADS
    frame = frame_from_cases(CASES)
    search.fit(frame, frame["lead"].str[0])


def test_probabilities_by_folds_stand_under_all_units() -> None:
    units = sorted(set(LEADS))
    chances = cross_val_predict(LeadClassifier(units=units), TEXTS, LEADS, cv=FOLDS, method="predict_proba")
    assert chances.shape == (len(TEXTS), 6)
    assert chances.sum(axis=1) == pytest.approx(1)
    predicted = cross_val_predict(LeadClassifier(units=units), TEXTS, LEADS, cv=FOLDS)
    assert np.mean(np.array(units)[chances.argmax(axis=1)] == predicted) > 0.95


def test_a_pipeline_of_texts() -> None:
    shorten = FunctionTransformer(lambda texts: [text[:40] for text in texts])
    pipeline = make_pipeline(shorten, LeadClassifier())
    assert cross_val_score(pipeline, TEXTS, LEADS, cv=FOLDS).mean() > 0.4
    search = GridSearchCV(pipeline, {"leadclassifier__max_n": [1, 2]}, cv=FOLDS).fit(TEXTS, LEADS)
    assert search.best_params_.keys() == {"leadclassifier__max_n"}


def test_a_search_encodes_each_text_once(counting: CountingEncoder) -> None:
    counting.manifest = SimpleNamespace(name="counting")  # type: ignore[attr-defined]
    kept = CachedEncoder(counting)
    grid = {"encoder": [None, kept], "penalty": [0.5, 2.0]}
    search = GridSearchCV(LeadClassifier(), grid, cv=FOLDS).fit(TEXTS, LEADS)
    assert len(counting.seen) == len(set(counting.seen))
    assert {search.cv_results_["param_encoder"][0], search.cv_results_["param_encoder"][2]} == {None, kept}


def test_an_encoder_folder_is_opened_once(encoder_folder: Path) -> None:
    texts, units = ["路灯坏了", "公交太少", "修路灯", "加公交"] * 4, ["城管局", "交通局"] * 8
    scores = cross_val_score(LeadClassifier(encoder=encoder_folder), texts, units, cv=FOLDS)
    assert scores.mean() == 1.0


# --- topics ----------------------------------------------------------------------------------------------------------


def test_topics_by_folds() -> None:
    cases = read_cases(ROOT / "examples" / "cases.csv")
    few = {topic for topic, count in Counter(case.topics[0] for case in cases).items() if count >= 5}
    chosen = [case for case in cases if case.topics[0] in few]
    texts, topics = [case.suggestion.title for case in chosen], [case.topics[0] for case in chosen]
    assert cross_val_score(TopicClassifier(), texts, topics, cv=FOLDS, scoring="accuracy").mean() > 0.4
    names = sorted(few)
    chances = cross_val_predict(TopicClassifier(topics=names), texts, topics, cv=FOLDS, method="predict_proba")
    assert chances.sum(axis=1) == pytest.approx(1)


def test_topics_are_paths_or_names() -> None:
    texts, topics = ["增加公交", "修补路面", "建学校"] * 6, ["交通/公交", "交通>道路", "教育"] * 6
    classifier = TopicClassifier().fit(texts, topics)
    assert classifier.classes_.tolist() == sorted({*topics})
    assert classifier.predict(texts).tolist() == topics
    assert "交通" not in classifier.classes_


@pytest.mark.usefixtures("whole_starter")
def test_the_starters_topics_are_answered_only_where_they_are_asked_for() -> None:
    closed = TopicClassifier().fit(TEXTS, TOPICS)
    assert closed.classes_.tolist() == sorted(set(TOPICS))
    more = TopicClassifier(topics=["消防安全"]).fit(TEXTS, TOPICS)
    assert set(more.classes_) == {*TOPICS, "消防安全"}


# --- helpers ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def helping() -> CoHandlingClassifier:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("triage.learning.labels.starter_catalogue", lambda: Catalogue((), (), ()))
        return CoHandlingClassifier().fit(TEXTS, HELPERS)


def test_helpers_are_named_likeliest_first(helping: CoHandlingClassifier) -> None:
    named = helping.predict(TEXTS[:20])
    chances = helping.predict_proba(TEXTS[:20])
    assert ((chances >= 0) & (chances <= 1)).all()
    for row, units in zip(chances, named, strict=True):
        told = dict(zip(helping.classes_, row, strict=True))
        assert [told[unit] for unit in units] == sorted((chance for chance in row if chance >= 0.2), reverse=True)
    assert helping.score(TEXTS, HELPERS) > 0.3
    assert recall_scorer(10)(helping, TEXTS, HELPERS) > recall_scorer(3)(helping, TEXTS, HELPERS) > 0.2


def test_helpers_come_in_every_form(helping: CoHandlingClassifier) -> None:
    wanted = helping.predict_proba(TEXTS[:5])
    joined = [";".join(units) for units in HELPERS]
    for form in (
        [list(units) for units in HELPERS],
        pd.Series(joined),
        np.array(joined),
        [units or None for units in HELPERS],
        pd.Series([units or np.nan for units in HELPERS]),
    ):
        np.testing.assert_allclose(CoHandlingClassifier().fit(TEXTS, form).predict_proba(TEXTS[:5]), wanted, atol=1e-6)


def test_an_indicator_gives_an_indicator(helping: CoHandlingClassifier) -> None:
    binarizer = MultiLabelBinarizer()
    table = binarizer.fit_transform(HELPERS)
    names = list(binarizer.classes_)
    frame = pd.DataFrame(table, columns=names)
    for form, units in ((table, names), (sp.csr_matrix(table), names), (frame, None), (table.tolist(), names)):
        classifier = CoHandlingClassifier(units=units).fit(TEXTS, form)
        assert list(classifier.classes_) == names
        found = classifier.predict(TEXTS[:6])
        assert found.shape == (6, len(names))
        assert sp.issparse(found) == sp.issparse(form)
        np.testing.assert_allclose(classifier.predict_proba(TEXTS[:6]), helping.predict_proba(TEXTS[:6]), atol=0.05)
        assert classifier.score(TEXTS, form) == pytest.approx(helping.score(TEXTS, HELPERS), abs=0.05)
    assert CoHandlingClassifier().fit(TEXTS, table).classes_.tolist() == list(range(len(names)))


def test_helpers_under_scikit_learns_tools() -> None:
    assert cross_val_score(CoHandlingClassifier(), TEXTS, HELPERS, cv=FOLDS).mean() > 0.1
    binarizer = MultiLabelBinarizer()
    table = binarizer.fit_transform(HELPERS)
    estimator = CoHandlingClassifier(units=list(binarizer.classes_))
    told = cross_validate(estimator, TEXTS, table, cv=3, scoring={"f1": "f1_micro", "recall": recall_scorer(5)})
    assert (told["test_f1"] > 0.1).all()
    assert (told["test_recall"] > 0.2).all()
    chances = cross_val_predict(estimator, TEXTS, table, cv=FOLDS, method="predict_proba")
    assert chances.shape == table.shape
    search = GridSearchCV(estimator, {"threshold": [0.1, 0.2, 0.9]}, cv=FOLDS).fit(TEXTS, table)
    assert search.best_params_["threshold"] < 0.9


def test_leads_are_routed_fold_by_fold() -> None:
    given: list[tuple[int, int]] = []

    class Watched(CoHandlingClassifier):
        def fit(self, X: Any, y: Any, leads: Any = None) -> Any:
            given.append((len(X), 0 if leads is None else len(leads)))
            assert all(pair in asked for pair in zip(X, leads, strict=True))
            return super().fit(X, y, leads)

    asked = set(zip(TEXTS, LEADS, strict=True))
    with sklearn.config_context(enable_metadata_routing=True):
        estimator = Watched().set_fit_request(leads=True)
        pipeline = Pipeline([("same", FunctionTransformer()), ("co", estimator)])
        for tool in (estimator, pipeline):
            cross_val_score(tool, TEXTS, HELPERS, cv=FOLDS, params={"leads": LEADS})
        GridSearchCV(estimator, {"threshold": [0.2]}, cv=FOLDS, refit=False).fit(TEXTS, HELPERS, leads=LEADS)
    assert len(given) == 9
    assert all(texts == leads for texts, leads in given)


def test_the_likeliest_lead_does_not_help() -> None:
    classifier = CoHandlingClassifier().fit(TEXTS, HELPERS, leads=LEADS)
    chances = classifier.predict_proba(TEXTS[:30])
    triager = Triager(train(CASES))
    answers = triager.triage([Suggestion(text=text) for text in TEXTS[:30]])
    for row, answer in zip(chances, answers, strict=True):
        told = dict(zip(classifier.classes_, row, strict=True))
        assert told.get(answer.lead[0].unit, 0.0) == 0.0


@pytest.mark.parametrize(
    ("helpers", "told"),
    [
        (None, "requires y"),
        ([(), ()], "nobody helps in any row"),
        ([("甲局",), 3], "row 1 is int; a tuple of unit names"),
        ([("甲局",), ("乙局", None)], "row 1 is tuple"),
        ([[0, 2], [1, 0]], "holds 0 and 1 only"),
        ([[0, 1], [1]], "inhomogeneous"),
        (np.array([[0.5, 1], [1, 0]]), "holds 0 and 1 only"),
        ([("甲局",)], "inconsistent numbers of samples"),
    ],
)
def test_what_says_not_who_helped_is_refused(helpers: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        CoHandlingClassifier().fit(["路灯", "公交"], helpers)


def test_as_many_names_as_columns() -> None:
    with pytest.raises(ValueError, match="2 columns for 1 units"):
        CoHandlingClassifier(units=["甲局"]).fit(["路灯", "公交"], np.eye(2))
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        CoHandlingClassifier().fit(["路灯", "公交"], [("甲局",), ()], leads=["乙局"])


@given(st.permutations(range(8)))
def test_the_order_of_the_question_changes_no_answer(fitted: LeadClassifier, order: list[int]) -> None:
    usual = fitted.predict_proba(TEXTS[:8])
    np.testing.assert_array_equal(fitted.predict_proba([TEXTS[row] for row in order]), usual[order])
