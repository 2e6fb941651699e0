"""What a card says of a model's origin: the same data under one digest, another under another; steady arithmetic."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import date as Date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from threadpoolctl import threadpool_info

from triage import Case, Suggestion
from triage.catalogue import Catalogue, Unit
from triage.learning.provenance import ALONE, PACKAGES, catalogue_digest, data_digest, steady, surroundings

CASES = [
    Case(Suggestion("1", "关于修桥的建议", "桥坏了。", date=Date(2024, 1, 2)), ("甲局",), ("乙局",), ("城建",)),
    Case(Suggestion("2", "关于办学的建议"), ("乙局",)),
    Case(Suggestion("3", "关于种树的建议", confidential=True), ("丙局",), outcome="A"),
]
OTHERS: dict[str, Any] = {
    "id": "9",
    "title": "别的",
    "text": "别的",
    "source": "政协",
    "session": "一次",
    "date": Date(2025, 1, 1),
    "proposers": ("张",),
    "wish": "甲局",
    "confidential": True,
}


@given(st.permutations(CASES))
def test_the_order_of_the_file_does_not_count(order: list[Case]) -> None:
    assert data_digest(order) == data_digest(CASES)


@pytest.mark.parametrize("name", [field.name for field in fields(Suggestion)])
def test_every_field_of_a_text_counts(name: str) -> None:
    changed = replace(CASES[1], suggestion=replace(CASES[1].suggestion, **{name: OTHERS[name]}))
    assert data_digest([CASES[0], changed, CASES[2]]) != data_digest(CASES)


@pytest.mark.parametrize(
    "changes",
    [
        *({"leads": ("丁局",)}, {"co": ("丁局",)}, {"topics": ("别的",)}, {"reply": "答复"}, {"outcome": "C"}),
        *({"returned": ("丁局",)}, {"handed_out": Date(2024, 3, 4)}, {"replied": Date(2024, 5, 6)}),
        *({"area": "东湖街道"}, {"level": "乡镇"}),
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_every_label_counts(changes: dict[str, Any]) -> None:
    assert data_digest([CASES[0], replace(CASES[1], **changes), CASES[2]]) != data_digest(CASES)


def test_a_case_more_or_twice_counts() -> None:
    digests = {data_digest(CASES), data_digest(CASES[:2]), data_digest([*CASES, CASES[0]])}
    assert len(digests) == 3
    assert all(len(digest) == 64 for digest in digests)


def test_half_a_surrogate_pair_has_a_digest_too() -> None:
    broken = replace(CASES[0], suggestion=replace(CASES[0].suggestion, title="桥\ud800"))
    assert data_digest([broken]) != data_digest(CASES[:1])


def test_a_catalogue_has_one_digest_as_long_as_nothing_in_it_changes() -> None:
    place = Catalogue((Unit("a", "甲局", duties=("修桥",)),))
    assert catalogue_digest(place) == catalogue_digest(Catalogue((Unit("a", "甲局", duties=("修桥",)),)))
    assert catalogue_digest(place) != catalogue_digest(Catalogue((Unit("a", "甲局", duties=("修路",)),)))


def test_the_surroundings_are_plain_and_name_no_place() -> None:
    found = surroundings()
    assert json.loads(json.dumps(found)) == found
    assert set(found) == {"python", "platform", "blas", "threads", "packages"}
    assert set(found["packages"]) <= set(PACKAGES)
    assert {"numpy", "scipy", "scikit-learn"} <= set(found["packages"])
    assert "/" not in json.dumps(found)


def blas_threads() -> list[int]:
    return [found["num_threads"] for found in threadpool_info() if found["user_api"] == "blas"]


def test_a_model_of_usual_size_is_computed_by_one_thread_and_a_large_one_by_those_that_there_are() -> None:
    before = blas_threads()
    assert before
    with steady(ALONE):
        assert set(blas_threads()) == {1}
        assert surroundings()["threads"] == 1
    assert blas_threads() == before
    with steady(ALONE + 1):
        assert blas_threads() == before
    with pytest.raises(ValueError, match="stop"), steady(1):
        raise ValueError("stop")
    assert blas_threads() == before
