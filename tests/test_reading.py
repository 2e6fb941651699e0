"""Reading texts for the index: each once, the same alone and among others, and with the right encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.duplicates.calibration import shipped
from triage.duplicates.reading import FOCUS, Reader, Text
from triage.errors import ForeignIndex
from triage.records import Suggestion
from triage.text import prepare

LIGHTS = Suggestion("a", "关于在河东路加装路灯的建议", "河东路夜间没有路灯，建议加装。")
FOOD = Suggestion("b", "关于开办社区老年食堂的建议")
ALONE = Reader(shipped()[""])


def reader(counting: Any) -> Reader:
    return Reader(shipped()[counting.fingerprint], counting)


def equal(one: Text, other: Text) -> bool:
    dense = one.dense is other.dense is None or np.array_equal(one.dense, other.dense)  # type: ignore[arg-type]
    return one.profile.to_json() == other.profile.to_json() and dense and np.array_equal(one.vector, other.vector)


def test_equal_texts_are_encoded_once_and_stand_in_order(counting: Any) -> None:
    again = Suggestion("c", LIGHTS.title, LIGHTS.text, source="政协")
    spaced = Suggestion("d", LIGHTS.title, LIGHTS.text.replace("，", " ， "))
    texts = reader(counting).read([LIGHTS, FOOD, again, spaced, Suggestion("e")])
    assert [text.suggestion.id for text in texts] == ["a", "b", "c", "d", "e"]
    assert counting.seen == [prepare(LIGHTS).focus(FOCUS), prepare(FOOD).focus(FOCUS)]
    assert equal(texts[0], texts[2])
    assert np.array_equal(texts[0].vector, texts[3].vector)
    assert texts[4].dense is not None
    assert not texts[4].dense.any()


def test_what_is_known_is_not_encoded(counting: Any) -> None:
    made = reader(counting)
    texts = made.read([LIGHTS, FOOD])
    asked: list[bytes] = []

    def known(keys: Sequence[bytes]) -> dict[bytes, Any]:
        asked.extend(keys)
        return {texts[0].profile.key: texts[0].dense}

    counting.seen.clear()
    again = made.read([LIGHTS, FOOD], known=known)
    assert asked == [text.profile.key for text in texts]
    assert counting.seen == [prepare(FOOD).focus(FOCUS)]
    assert all(map(equal, texts, again))


def test_vectors_of_the_caller_stand_beside_his_texts(counting: Any) -> None:
    made = reader(counting)
    suggestions = [FOOD, LIGHTS, FOOD, Suggestion("x", "", "  ")]
    wanted = made.read(suggestions)
    dense = counting.encode([prepare(one).focus(FOCUS) for one in suggestions])
    counting.seen.clear()
    assert all(map(equal, wanted[:3], made.read(suggestions, dense=dense)[:3]))
    assert counting.seen == []


def test_progress_is_told(counting: Any) -> None:
    told: list[tuple[int, int]] = []
    reader(counting).read([LIGHTS, FOOD, LIGHTS], progress=lambda done, total: told.append((done, total)))
    assert told == [(2, 2)]


def test_a_text_is_compared_as_it_will_be_stored(counting: Any) -> None:
    (text,) = reader(counting).read([LIGHTS])
    assert text.dense is not None
    for vector in (text.dense, text.vector):
        assert vector.dtype == np.float32
        assert np.array_equal(vector, vector.astype(np.float16).astype(np.float32))
        assert np.linalg.norm(vector) == pytest.approx(1, abs=2e-3)


@settings(max_examples=20)
@given(st.lists(st.text(st.sampled_from("河东路灯建议加装1。\ud83d ") | st.characters(), max_size=30), max_size=5))
def test_any_text_is_read_the_same_alone_and_among_others(texts: list[str]) -> None:
    suggestions = [Suggestion(str(number), text[:9], text) for number, text in enumerate(texts)]
    together = ALONE.read(suggestions)
    assert len(together) == len(texts)
    for suggestion, text in zip(suggestions, together, strict=True):
        assert equal(ALONE.read([suggestion])[0], text)
        assert text.dense is None
        assert np.isfinite(text.vector).all()


def test_nothing_is_read_from_nothing(counting: Any) -> None:
    assert ALONE.read([]) == reader(counting).read([]) == []


def test_a_calibration_and_an_encoder_must_belong_together(counting: Any) -> None:
    calibration = shipped()[counting.fingerprint]
    with pytest.raises(ForeignIndex, match="none is given"):
        Reader(calibration)
    counting.fingerprint = "0" * 64
    with pytest.raises(ForeignIndex, match="000000000000 is given"):
        Reader(calibration, counting)
    Reader(shipped()[""], counting).read([LIGHTS])
    assert counting.seen == []
