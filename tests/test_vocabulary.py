"""How telling words are in one index: what every letter of a place says tells its letters not apart."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from triage.duplicates.calibration import shipped
from triage.duplicates.grams import TELLING, pairs_of
from triage.duplicates.index import DuplicateIndex
from triage.duplicates.restore import restored_search
from triage.duplicates.vocabulary import LEAST
from triage.errors import StorageError
from triage.records import Case, Duplicate, Suggestion

ROADS = "河东路 解放路 人民路 学院路 滨江路 长安街 胜利街 建设路 中山路 和平街 文化路 青年路".split()
ASKS = (
    "加装路灯 增设公交站点 修缮路面 新建老年食堂 清理排污口 划定停车位 种植行道树 增设垃圾箱 拆除违建 架设天桥".split()
)
MANY = [
    Case(Suggestion(f"{road}{ask}", f"关于在九溪古镇{road}{ask}的建议", f"九溪古镇{road}的居民盼望{ask}。"))
    for road in ROADS
    for ask in ASKS
]
ASKED = [
    Suggestion("q1", "关于九溪古镇河东路安装路灯的提案"),
    Suggestion("q2", "关于九溪古镇河东路安装路灯的提案", "九溪古镇的居民晚上摸黑走路。"),
    Suggestion("q3", "关于保护百年银杏的建议"),
]


def facts(found: list[tuple[Duplicate, ...]]) -> list[list[tuple[object, ...]]]:
    return [[(hit.id, hit.grade, hit.score) for hit in hits] for hits in found]


def test_there_are_enough_texts_here() -> None:
    assert len(MANY) > LEAST


def test_it_answers_the_same_after_it_was_opened_again(tmp_path: Path) -> None:
    with DuplicateIndex.create(tmp_path / "a") as index:
        index.add(MANY)
        asked = facts(index.query(ASKED))
        assert asked[0]
        assert facts([index.query([one])[0] for one in ASKED]) == asked
        index.save(tmp_path / "b")
    for name in "ab":
        with DuplicateIndex.load(tmp_path / name) as index:
            assert facts(index.query(ASKED)) == asked
            index.verify()


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_adding_changes_nothing(seed: int) -> None:
    mixed = MANY[:]
    random.Random(seed).shuffle(mixed)
    with DuplicateIndex.create() as plain, DuplicateIndex.create() as other:
        plain.add(MANY)
        other.add(mixed[:50])
        other.add(mixed[50:])
        # Equal scores stand in the order of adding.
        assert [sorted(hits, key=str) for hits in facts(plain.query(ASKED, k=100))] == [
            sorted(hits, key=str) for hits in facts(other.query(ASKED, k=100))
        ]


def test_what_every_text_says_is_hardly_telling() -> None:
    every, seldom = pairs_of("九溪"), pairs_of("骆驼")
    general = shipped()[""].rarity
    with DuplicateIndex.create() as index:
        index.add(MANY[:10])
        assert index._rarity.weight(every) == general.weight(every)
        index.add(MANY[10:])
        assert index._rarity.weight(every) < general.weight(every)
        assert index._rarity.weight(seldom) == general.weight(seldom) == TELLING


def test_an_index_that_may_not_be_written_answers_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(arrays: object) -> None:
        raise StorageError("read-only")

    with DuplicateIndex.create() as index:
        index.add(MANY)
        asked = facts(index.query(ASKED))
    with DuplicateIndex.create() as index:
        monkeypatch.setattr(index._store, "keep_arrays", refused)
        index.add(MANY)
        assert facts(index.query(ASKED)) == asked
        rows = index._store.first_rows()
        assert len(restored_search(index._store, rows)) == len(MANY)


def test_it_grows_and_shrinks_with_the_index(tmp_path: Path) -> None:
    with DuplicateIndex.create(tmp_path / "a") as index, DuplicateIndex.create() as fresh:
        for start in range(0, len(MANY), 30):
            index.add(MANY[start : start + 30])
            index.query(ASKED)
        index.remove([case.suggestion.id for case in MANY[40:]])
        fresh.add(MANY[:40])
        assert facts(index.query(ASKED)) == facts(fresh.query(ASKED))
