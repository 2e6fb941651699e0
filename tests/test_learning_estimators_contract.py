"""scikit-learn's own checks of its estimators.

They hand in tables of numbers, which our classifiers refuse, so each row is written as a text first: what is checked is
the contract (parameters, labels, shapes, state, order, errors), on the classifiers as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import estimator_checks_generator
from sklearn.utils.validation import check_is_fitted, validate_data

from triage.catalogue import Catalogue
from triage.learning.estimators import CoHandlingClassifier, LeadClassifier, TopicClassifier
from triage.text import Segmenter

SEGMENTER = Segmenter()
SIGNS = "东南西北山水田林路桥河湖车站房屋学校医院公园广场街道村镇社区老人儿童青年妇女教育文化体育卫生农业工业商业旅游"


def written(X: Any) -> list[str]:
    """Rows of numbers as texts: near numbers share signs."""
    rows = []
    for row in np.asarray(X, float):
        signs = []
        for column, value in enumerate(row[:60]):
            level = int(np.clip(np.floor(2 * value), -12, 12))
            signs += [SIGNS[(column * 7 + level + near) % len(SIGNS)] for near in (-1, 0, 0, 1)]
        rows.append("建议" + "".join(signs))
    return rows


class OnNumbers:
    """Writes numbers as texts and checks them as every classifier of tables does."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()  # type: ignore[misc]
        tags.input_tags.string, tags.input_tags.one_d_array, tags.input_tags.two_d_array = False, False, True
        return tags

    def fit(self, X: Any, y: Any) -> Any:
        X = validate_data(self, X)
        return super().fit(written(X), y)  # type: ignore[misc]

    def predict_proba(self, X: Any) -> Any:
        check_is_fitted(self)
        return super().predict_proba(written(validate_data(self, X, reset=False)))  # type: ignore[misc]


class LeadOnNumbers(OnNumbers, LeadClassifier):
    pass


class TopicOnNumbers(OnNumbers, TopicClassifier):
    pass


class CoOnNumbers(OnNumbers, CoHandlingClassifier):
    pass


ONE_LABEL = """
    check_fit_score_takes_y check_estimators_overwrite_params check_dont_overwrite_parameters
    check_estimators_fit_returns_self check_readonly_memmap_input check_n_features_in_after_fitting
    check_positive_only_tag_during_fit check_estimators_dtypes check_dtype_object check_pipeline_consistency
    check_estimators_nan_inf check_estimators_pickle check_f_contiguous_array_estimator
    check_classifier_data_not_an_array check_classifiers_one_label check_classifiers_classes check_classifiers_train
    check_classifiers_regression_target check_supervised_y_2d check_classifier_not_supporting_multiclass
    check_methods_sample_order_invariance check_methods_subset_invariance check_fit2d_1sample check_fit2d_1feature
    check_dict_unchanged check_fit_idempotent check_fit_check_is_fitted check_n_features_in check_fit2d_predict1d
""".split()
"""Checks that hand in one label a row: `CoHandlingClassifier`, which takes any number of names, refuses them."""
NOT_OURS = {
    "check_array_api_input_and_torch": "texts are no arrays of numbers",
    "check_array_api_input": "texts are no arrays of numbers",
    "check_classifiers_multilabel_output_format_decision_function": "there is no decision_function",
}


def checks() -> Iterator[Any]:
    for estimator in (LeadOnNumbers(), TopicOnNumbers(), CoOnNumbers()):
        left_out = {*NOT_OURS, *(ONE_LABEL if isinstance(estimator, CoOnNumbers) else ())}
        for number, (made, check) in enumerate(estimator_checks_generator(estimator)):
            name = check.func.__name__
            if name not in left_out:
                yield pytest.param(made, check, id=f"{type(estimator).__name__}-{name}-{number}")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Units called 0 and 1 have no duties in the starter catalogue, and a dictionary can be loaded once."""
    monkeypatch.setattr("triage.learning.labels.starter_catalogue", lambda: Catalogue((), (), ()))
    monkeypatch.setattr("triage.learning.train.Segmenter", lambda: SEGMENTER)


@pytest.mark.parametrize(("estimator", "check"), list(checks()))
def test_the_contract_holds(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.parametrize("check", ONE_LABEL[:1] + ONE_LABEL[15:16])
def test_what_hands_in_one_label_is_refused(check: str) -> None:
    with pytest.raises((ValueError, AssertionError), match="a tuple of unit names is expected"):
        getattr(estimator_checks, check)("CoOnNumbers", CoOnNumbers())
