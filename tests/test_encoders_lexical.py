"""The lexical encoder against scikit-learn, whose arithmetic it repeats."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from triage import bundle
from triage.bundle import Part, pack_texts
from triage.encoders.lexical import LexicalEncoder
from triage.errors import DamagedBundle
from triage.text import Segmenter

TEXTS = [
    "关于在和平路增设路灯的建议",
    "和平路的路灯坏了三个月，晚上看不清路，请修一修路灯。",
    "老旧小区加装电梯，一楼居民不同意怎么办",
    "建议为60岁以上老人办理免费公交卡，Bus卡也可以",
    "WiFi 覆盖公园",
    "路",
]
NEW = ["路灯路灯路灯，和平路的路灯！", "学校门口 bus 站牌", "龘靐齉爩", "", "wifi WIFI WiFi", "请修路"]

cut = Segmenter().words


def lower(text: str) -> list[str]:
    return [word.lower() for word in cut(text)]


def reference(texts: list[str], new: list[str], **settings_: Any) -> tuple[list[str], np.ndarray[Any, Any]]:
    """Terms and matrix as scikit-learn has them: both blocks of length one, and each weighing one half."""
    terms: list[str] = []
    blocks = []
    for how in ({"analyzer": "char", "ngram_range": (1, 3)}, {"analyzer": lower}):
        vectorizer = TfidfVectorizer(sublinear_tf=True, **how, **settings_).fit(texts)
        terms += vectorizer.get_feature_names_out().tolist()
        blocks.append(vectorizer.transform(new))
    return terms, (sp.hstack(blocks) / np.sqrt(2)).toarray()


def test_the_matrix_is_scikit_learn_s() -> None:
    encoder = LexicalEncoder(cut).fit(TEXTS)
    terms, matrix = reference(TEXTS, TEXTS + NEW)
    assert encoder.terms == terms
    assert encoder.dimension == len(terms) == len(encoder.chars_) + len(encoder.words_)
    encoded = encoder.encode(TEXTS + NEW)
    assert encoded.dtype == np.float32
    np.testing.assert_allclose(encoded.toarray(), matrix, atol=2e-7)


@settings(max_examples=30)
@given(
    st.lists(st.text("路灯坏了修建议公园AbC12，。", min_size=1, max_size=12), min_size=3, max_size=8),
    st.lists(st.text("路灯坏了修建议龘Ab1，。", max_size=12), min_size=1, max_size=4),
)
def test_it_is_scikit_learn_s_for_any_texts(texts: list[str], new: list[str]) -> None:
    texts = [*texts, "路灯"]
    terms, matrix = reference(texts, new)
    encoder = LexicalEncoder(cut).fit(texts)
    assert encoder.terms == terms
    np.testing.assert_allclose(encoder.encode(new).toarray(), matrix, atol=2e-7)


def test_a_limit_of_terms_and_a_large_corpus_are_scikit_learn_s_too() -> None:
    terms, matrix = reference(TEXTS, NEW, max_features=20)
    encoder = LexicalEncoder(cut, max_terms=20).fit(TEXTS)
    assert encoder.terms == terms
    np.testing.assert_allclose(encoder.encode(NEW).toarray(), matrix, atol=2e-7)
    many = [f"第{number}号{TEXTS[number % 5]}" for number in range(2000)]
    terms, matrix = reference(many, NEW, min_df=2)
    encoder = LexicalEncoder(cut).fit(many)
    assert encoder.terms == terms
    np.testing.assert_allclose(encoder.encode(NEW).toarray(), matrix, atol=2e-7)
    assert "1234" not in LexicalEncoder(cut).fit(many).words_
    assert "1234" in LexicalEncoder(cut).fit(many[:1999]).words_


def test_rows_have_length_one_where_both_blocks_know_something() -> None:
    matrix = LexicalEncoder(cut).fit(TEXTS).encode([*TEXTS, "龘", ""])
    lengths = np.sqrt(matrix.multiply(matrix).sum(axis=1))
    np.testing.assert_allclose(lengths[: len(TEXTS)], 1.0, atol=1e-6)
    assert lengths[len(TEXTS) :].tolist() == [0.0, 0.0]


def test_columns_stand_in_order_and_once_in_a_row() -> None:
    matrix = LexicalEncoder(cut).fit(TEXTS).encode(TEXTS)
    assert matrix.has_canonical_format
    assert matrix.shape == (len(TEXTS), matrix.shape[1])


def test_no_texts_make_an_empty_matrix() -> None:
    encoder = LexicalEncoder(cut).fit(TEXTS)
    assert encoder.encode([]).shape == (0, encoder.dimension)


def test_case_and_kind_of_blank_do_not_count() -> None:
    encoder = LexicalEncoder(cut).fit(TEXTS)
    one, other = encoder.encode(["  WIFI\n\n覆盖\u3000公园 ", "wifi 覆盖 公园"]).toarray()
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("texts", [[], [""], ["", " "]])
def test_a_corpus_without_words_is_no_error(texts: list[str]) -> None:
    encoder = LexicalEncoder(cut).fit(texts)
    assert encoder.dimension == 0
    assert encoder.encode(["路灯", ""]).shape == (2, 0)


def test_a_corpus_of_signs_has_characters_and_no_words() -> None:
    encoder = LexicalEncoder(cut).fit(["，。"])
    assert (encoder.words_, encoder.chars_) == ([], ["。", "，", "，。"])
    again = LexicalEncoder.from_part(encoder.to_part(), cut)
    assert (again.words_, again.chars_) == ([], ["。", "，", "，。"])


@settings(max_examples=20)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=6), st.randoms())
def test_a_text_s_row_depends_on_the_text_alone(texts: list[str], chance: Any) -> None:
    encoder = LexicalEncoder(cut).fit([*TEXTS, *texts])
    together = encoder.encode(texts)
    order = list(range(len(texts)))
    chance.shuffle(order)
    shuffled = encoder.encode([texts[row] for row in order])
    for place, row in enumerate(order):
        alone = encoder.encode([texts[row]])
        for other in (together[[row]], shuffled[[place]]):
            np.testing.assert_array_equal(alone.indices, other.indices)
            np.testing.assert_array_equal(alone.data, other.data)


def test_fitting_twice_gives_the_same_bytes() -> None:
    one, other = (LexicalEncoder(cut).fit(TEXTS).to_part() for _ in range(2))
    assert one.data == other.data
    assert {name: array.tobytes() for name, array in one.arrays.items()} == {
        name: array.tobytes() for name, array in other.arrays.items()
    }


def test_what_comes_back_from_a_bundle_encodes_to_the_bit(tmp_path: Any) -> None:
    encoder = LexicalEncoder(cut, max_n=2, max_terms=50).fit(TEXTS)
    folder = bundle.save(tmp_path / "model", {"lexical": encoder.to_part()}, {})
    again = LexicalEncoder.from_part(bundle.load(folder).parts["lexical"], cut)
    assert (again.terms, again.max_n, again.max_terms) == (encoder.terms, 2, 50)
    before, after = encoder.encode(TEXTS + NEW), again.encode(TEXTS + NEW)
    for name in ("indptr", "indices", "data"):
        np.testing.assert_array_equal(getattr(before, name), getattr(after, name))


@pytest.mark.parametrize("name", ["chars", "words"])
def test_terms_that_do_not_fit_their_weights_are_damage(name: str) -> None:
    part = LexicalEncoder(cut).fit(TEXTS).to_part()
    arrays = {**part.arrays, name: pack_texts(["路"])}
    with pytest.raises(DamagedBundle, match="as many weights as terms"):
        LexicalEncoder.from_part(Part(part.data, arrays), cut)


def test_nothing_of_scikit_learn_is_needed_to_encode(monkeypatch: pytest.MonkeyPatch) -> None:
    part = LexicalEncoder(cut).fit(TEXTS).to_part()
    monkeypatch.setitem(__import__("sys").modules, "sklearn.feature_extraction.text", None)
    assert LexicalEncoder.from_part(part, cut).encode(["路灯"]).nnz > 0
