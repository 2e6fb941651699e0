"""Cutting: the domain's words whole, jieba's own cuts otherwise, safe between threads, quick to load."""

from __future__ import annotations

import copy
import itertools
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.text import Segmenter
from triage.text.segment import domain_words


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    return Segmenter()


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """jieba itself, with the same words; its cache file stays in the test's folder."""
    import jieba

    jieba.setLogLevel(logging.ERROR)
    tokenizer = jieba.Tokenizer()
    folder: Path = tmp_path_factory.mktemp("jieba")
    tokenizer.tmp_dir = str(folder)
    for word in domain_words():
        tokenizer.add_word(word)
    return tokenizer


PLACES = ["河东街道", "青石镇下塘村", "三号桥北侧", "滨江新区二期", "老汽车站对面", "A3区", "文昌路128号", "绿洲苑小区"]
OBJECTS = [
    "污水管网",
    "断头路",
    "路灯",
    "充电桩",
    "公交站点",
    "农贸市场",
    "幼儿园学位",
    "雨水篦子",
    "健身器材",
    "电梯",
    "公厕",
    "河道护栏",
]
STATES = ["年久失修", "数量不足", "布局不合理", "存在安全隐患", "无人管理", "经常损坏", "严重扰民", "长期闲置"]
ASKS = [
    "建议主管部门尽快制定整改方案", "希望明年3月底前完成改造", "恳请把它列入2025年民生实事", "请住建局和水利局联合会商",
    "能否参照邻县做法加装电梯", "要求公开资金使用情况，共计35.6万元", "望加强日常巡查，每周不少于2次",
]  # fmt: skip
SENTENCES = [
    f"{place}的{thing}{state}，{ask}。"
    for number, (place, thing, state) in enumerate(itertools.product(PLACES, OBJECTS, STATES))
    if number % 2 == 0
    for ask in [ASKS[number % len(ASKS)]]
]


def test_cuts_like_jieba(segmenter: Segmenter, reference: Any) -> None:
    assert len(SENTENCES) >= 300
    differing = [sentence for sentence in SENTENCES if segmenter.cut(sentence) != reference.lcut(sentence)]
    assert differing == []


def test_cuts_compounds_like_jieba(segmenter: Segmenter, reference: Any) -> None:
    for text in (
        "工期2018-2028年",
        "发到126.com邮箱",
        "厚6.75mm",
        "标准T10720-2012",
        "60-70%的住户",
        "约3k-6k元",
        "v1.0.4版",
    ):
        assert segmenter.cut(text) == reference.lcut(text)


def test_domain_words_stay_whole(segmenter: Segmenter) -> None:
    words = domain_words()
    assert len(words) >= 400
    assert [word for word in words if segmenter.cut(word) != [word]] == []
    assert segmenter.words("请在老旧小区加装电梯并推进雨污分流") == [
        "请",
        "在",
        "老旧小区",
        "加装电梯",
        "并",
        "推进",
        "雨污分流",
    ]


def test_own_words_belong_to_one_segmenter_only(segmenter: Segmenter) -> None:
    place = "青石镇下塘村"
    own = Segmenter([place, " ", place])
    assert own.cut(f"{place}的路") == [place, "的", "路"]
    assert place not in segmenter.cut(f"{place}的路")


def test_words_keep_digits_latin_and_single_characters(segmenter: Segmenter) -> None:
    assert segmenter.words("A3区 Wi-Fi 坏了，共 3 台！（急）😀") == [
        "A3", "区", "Wi", "Fi", "坏", "了", "共", "3", "台", "急"
    ]  # fmt: skip
    assert segmenter.words("，。！ \n") == []
    assert segmenter.words("") == []


SHARED = Segmenter()


@given(st.text(max_size=60))
def test_pieces_join_to_the_text(text: str) -> None:
    assert "".join(SHARED.cut(text)) == text


def test_half_a_surrogate_does_not_raise(segmenter: Segmenter) -> None:
    assert "".join(segmenter.cut("桥\ud83d塌")) == "桥\ufffd塌"


def test_a_copy_holds_the_words_only(segmenter: Segmenter) -> None:
    own = Segmenter(["青石镇下塘村"])
    own.cut("桥")
    again = copy.deepcopy(own)
    assert again is not own
    assert again.cut("青石镇下塘村") == ["青石镇下塘村"]


def test_is_safe_between_threads() -> None:
    fresh = Segmenter(["青石镇下塘村"])
    barrier = threading.Barrier(8)

    def cut(number: int) -> list[list[str]]:
        barrier.wait()
        return [fresh.cut(sentence) for sentence in SENTENCES[:50]]

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(cut, range(8)))
    assert all(result == results[0] for result in results)


def test_loads_quickly() -> None:
    started = time.perf_counter()
    Segmenter()
    built = time.perf_counter() - started
    best = min(_loading_time() for _ in range(3))
    assert built < 0.05, "nothing is loaded before the first cut"
    assert best < 1.0, "0.1 s on a quiet machine"


def _loading_time() -> float:
    started = time.perf_counter()
    Segmenter().cut("桥")
    return time.perf_counter() - started
