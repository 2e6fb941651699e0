"""Features of pairs: the same whichever comes first, between 0 and 1, and high where they should be."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from triage.duplicates.calibration import shipped
from triage.duplicates.features import FEATURES, measure
from triage.duplicates.profile import Profile
from triage.duplicates.rewrite import RULES, rewrite
from triage.records import Suggestion
from triage.text import Segmenter, prepare

SEGMENTER = Segmenter()
PIECES = [
    "河东路夜间没有路灯",
    "建议在河东路加装20盏路灯",
    "请取消人民路的停车收费",
    "建议恢复人民路停车收费",
    "青河下游有三处排污口",
    "望增设2路公交站点",
    "实验小学门口3.5米宽",
    "wifi信号差",
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=5).map("。".join)
TITLES = st.sampled_from(["", "关于加装路灯的建议", "关于在河东路增设3路公交站点的提案"])


def profile(title: str, text: str = "") -> Profile:
    return Profile.of(prepare(Suggestion("x", title, text)), SEGMENTER)


def features(one: Profile, *others: Profile, meaning: float = 0.0) -> NDArray[np.float32]:
    nearness = np.full((len(others), 2), meaning, np.float32)
    found, agreements = measure(one, others, nearness, shipped()[""].rarity)
    assert found.shape == (len(others), len(FEATURES))
    assert len(agreements) == len(others)
    return found


def named(one: Profile, other: Profile) -> dict[str, float]:
    return dict(zip(FEATURES, features(one, other)[0].tolist(), strict=True))


@given(TITLES, TEXTS, TITLES, TEXTS, st.floats(-1, 1, width=32))
def test_features_are_symmetric_and_within_bounds(one: str, text: str, other: str, beside: str, meaning: float) -> None:
    here, there = profile(one, text), profile(other, beside)
    forth, back = features(here, there, meaning=meaning), features(there, here, meaning=meaning)
    assert np.isfinite(forth).all()
    assert forth == pytest.approx(back, abs=1e-5)
    assert forth[:, 2:].min() >= 0
    assert forth[:, 2:].max() <= 1


@given(st.lists(st.tuples(TITLES, TEXTS), min_size=1, max_size=5))
def test_a_pair_measures_the_same_among_others(texts: list[tuple[str, str]]) -> None:
    one, others = profile("关于加装路灯的建议", PIECES[0]), [profile(*text) for text in texts]
    alone = np.concatenate([features(one, other) for other in others])
    assert features(one, *others) == pytest.approx(alone, abs=1e-5)


def covered(text: str, other: str) -> tuple[float, int]:
    """The share of a text in runs of four characters that the other has too, and the longest such passage."""
    inside = np.zeros(len(text), bool)
    for start in range(len(text) - 3):
        if text[start : start + 4] in other:
            inside[start : start + 4] = True
    return float(inside.mean()), max(map(len, "".join("x" if one else " " for one in inside).split()), default=0)


@given(TEXTS.filter(bool), st.lists(TEXTS.filter(bool), min_size=1, max_size=5))
def test_copied_passages_are_those_of_plain_text(text: str, beside: list[str]) -> None:
    one, others = profile("", text), [profile("", other) for other in beside]
    found = features(one, *others)[:, [FEATURES.index(name) for name in ("copied", "copied_of_longer", "longest")]]
    for row, other in zip(found, others, strict=True):
        here, there = covered(one.folded, other.folded), covered(other.folded, one.folded)
        longest = min(max(here[1], there[1]) / min(len(one.folded), len(other.folded)), 1)
        assert row == pytest.approx([max(here[0], there[0]), min(here[0], there[0]), longest], abs=1e-6)


def test_a_text_beside_itself_and_beside_nothing() -> None:
    one = profile("关于在河东路加装路灯的建议", "河东路夜间没有路灯。")
    same = named(one, one)
    for name in ("wording", "contained", "covered", "words", "titles", "bodies", "copied", "longest", "place_same"):
        assert same[name] == pytest.approx(1, abs=1e-5), name
    assert not any(value for name, value in same.items() if name.endswith(("conflict", "opposite", "differs")))
    nothing = named(one, profile(""))
    assert not any(nothing[name] for name in ("wording", "contained", "words", "copied", "longest", "place_same"))


def test_half_of_a_text_is_contained_and_copied() -> None:
    whole = profile("", "。".join(PIECES))
    half = named(whole, profile("", "。".join(PIECES[:4])))
    assert half["contained"] > 0.9 > half["covered"]
    assert half["copied"] > 0.9 > half["copied_of_longer"]
    assert named(whole, profile("", "古树名木要挂牌保护，城隍庙前的银杏需要围栏。"))["copied"] == 0


def test_another_number_and_a_contrary_ask_are_seen() -> None:
    bus = named(profile("关于增设2路公交站点的建议"), profile("关于增设3路公交站点的建议"))
    assert bus["number_conflict"] > bus["number_same"] == 0
    fee = named(profile(PIECES[2]), profile(PIECES[3]))
    assert fee["ask_opposite"] > fee["ask_same"]
    assert fee["place_same"] > 0


@pytest.mark.parametrize("seed", range(3))
def test_a_disguised_copy_stays_near(seed: int) -> None:
    text = Suggestion("x", "关于在河东路加装路灯的建议", "。".join(PIECES))
    copy: Any = rewrite(text, random.Random(seed), tuple(RULES))
    found = named(profile(text.title, text.text), profile(copy.title, copy.text))
    assert found["contained"] > 0.5
    assert found["wording"] > 0.3
