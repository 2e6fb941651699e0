"""The labelled texts of the pre-check: every label is in the words of its text, and no text is told twice."""

from __future__ import annotations

import json
from collections import Counter
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from scipy.sparse import triu
from sklearn.feature_extraction import DictVectorizer
from sklearn.preprocessing import normalize

KINDS = ("machine", "several", "tagged", "near", "plain")
FILES = (*KINDS, "letters", "kinds")
TAGS = {"personal", "court", "forwarded", "advertising", "outside", "empty", "accusation", "secret"}
PARTS = ("subject", "problem", "analysis", "ask")
LEVELS = {"", "村", "乡镇", "县", "市", "省及以上"}
URGENCIES = {"safety", "health", "mass", "deadline"}
FIELDS = {
    *("id", "title", "text", "source", "own", "tags", "tag_sentences", "near", "unsure", "matters", "parts"),
    *("level", "urgency", "urgency_sentences", "machine"),
}

Remark = dict[str, Any]


def read(name: str) -> list[Remark]:
    """The texts of one file."""
    lines = files("triage.learning.remarks").joinpath(f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def remarks() -> list[Remark]:
    return [remark for name in FILES for remark in read(name)]


def kind(remark: Remark) -> str:
    """The file a text belongs to, unless it is one of the letters or kinds."""
    for name, holds in (("machine", "machine"), ("several", "matters"), ("tagged", "tags"), ("near", "near")):
        if remark[holds]:
            return name
    return "plain"


def test_every_text_has_the_fields_and_only_known_labels(remarks: list[Remark]) -> None:
    for remark in remarks:
        name = remark["id"]
        assert set(remark) == FIELDS, name
        assert remark["text"], name
        assert remark["own"], name
        assert remark["source"] in {"人大", "政协", "群众", "热线"}, name
        assert set(remark["tags"]) <= TAGS, name
        assert set(remark["near"]) <= TAGS | {"matters", "machine", "urgency"}, name
        assert not set(remark["near"]) & set(remark["tags"]), name
        assert set(remark["unsure"]) <= TAGS - set(remark["tags"]) - set(remark["near"]), name
        assert set(remark["parts"]) == set(PARTS), name
        assert remark["level"] in LEVELS, name
        assert set(remark["urgency"]) <= URGENCIES, name
        assert remark["machine"] in {True, False}, name


@pytest.mark.parametrize("name", KINDS)
def test_a_text_lies_in_the_file_of_its_kind(name: str) -> None:
    assert {kind(remark) for remark in read(name)} == {name}


def test_each_letter_is_of_several_matters_or_looks_like_it() -> None:
    letters = read("letters")
    assert [letter["id"] for letter in letters if bool(letter["matters"]) == ("matters" in letter["near"])] == []
    assert {bool(letter["matters"]) for letter in letters} == {True, False}


def test_the_texts_of_kinds_are_one_matter_with_something_to_tell_apart() -> None:
    for remark in read("kinds"):
        assert not remark["matters"], remark["id"]
        assert remark["tags"] or remark["near"] or remark["urgency"], remark["id"]


def test_ids_are_given_once(remarks: list[Remark]) -> None:
    assert [name for name, count in Counter(remark["id"] for remark in remarks).items() if count > 1] == []


def test_what_shows_a_label_stands_in_the_text(remarks: list[Remark]) -> None:
    for remark in remarks:
        assert set(remark["tag_sentences"]) == set(remark["tags"]) - {"empty"}, remark["id"]
        assert set(remark["urgency_sentences"]) == set(remark["urgency"]), remark["id"]
        shown = [*remark["tag_sentences"].values(), *remark["urgency_sentences"].values()]
        shown += [sentence for part in PARTS for sentence in remark["parts"][part]]
        assert [words for words in shown if not words or words not in remark["text"]] == [], remark["id"]


def test_matters_follow_each_other_and_are_found_at_one_place(remarks: list[Remark]) -> None:
    for remark in remarks:
        assert len(remark["matters"]) != 1, remark["id"]
        end = 0
        for matter in remark["matters"]:
            assert remark["text"].count(matter) == 1, remark["id"]
            assert remark["text"].index(matter) >= end, remark["id"]
            end = remark["text"].index(matter) + len(matter)
        assert "matters" not in remark["near"] or not remark["matters"], remark["id"]


@pytest.mark.parametrize("tag", sorted(TAGS))
def test_each_tag_has_texts_that_show_it_and_texts_that_only_sound_like_it(tag: str, remarks: list[Remark]) -> None:
    assert sum(tag in remark["tags"] for remark in remarks) >= 20
    assert sum(tag in remark["near"] for remark in remarks) >= 5


def test_there_are_enough_texts_of_several_matters_and_of_one_that_looks_like_several(remarks: list[Remark]) -> None:
    assert sum(bool(remark["matters"]) for remark in remarks) >= 120
    assert sum("matters" in remark["near"] for remark in remarks) >= 25


@pytest.mark.parametrize("level", sorted(LEVELS))
def test_each_level_has_texts(level: str, remarks: list[Remark]) -> None:
    assert sum(remark["level"] == level for remark in remarks) >= 30


def grams(remark: Remark) -> Counter[str]:
    """How often each run of three characters stands in title and text."""
    written = "".join((remark["title"] + remark["text"]).split())
    return Counter(written[start : start + 3] for start in range(len(written) - 2))


def test_no_text_is_told_twice(remarks: list[Remark]) -> None:
    rows = normalize(DictVectorizer(dtype=np.float64).fit_transform([grams(remark) for remark in remarks]))
    cosines = triu((rows @ rows.T).tocsr(), k=1).tocoo()
    alike = cosines.data >= 0.6
    pairs = zip(cosines.row[alike], cosines.col[alike], strict=True)
    assert [(remarks[first]["id"], remarks[second]["id"]) for first, second in pairs] == []
