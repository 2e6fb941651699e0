"""The duplicate index: what it finds, that nothing is encoded twice, and that no change or text breaks it."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date as Date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.duplicates import candidates as candidates_module
from triage.duplicates.hits import Changed, Only
from triage.duplicates.index import DuplicateIndex
from triage.duplicates.reading import FOCUS
from triage.errors import InputError
from triage.records import Case, Duplicate, Grade, Suggestion
from triage.text import prepare

CLOSE = (Grade.IDENTICAL, Grade.REWRITTEN, Grade.SAME_MATTER)
LIGHTS = Suggestion(
    "lights",
    "关于在河东路加装路灯的建议",
    "河东路全长两公里，夜间没有路灯，学生下晚自习要摸黑走。建议住建部门在河东路从桥头到校门加装路灯。",
)
LIGHTS_AGAIN = Suggestion(
    "again", "关于河东路安装路灯的提案", "河东路晚上漆黑一片，行人和骑车的人都很害怕，建议尽快在河东路安装路灯。"
)
OTHERS = [
    Suggestion("food", "关于开办社区老年食堂的建议", "独居老人做饭难。建议在每个社区开办老年食堂，为行动不便的送餐。"),
    Suggestion("river", "关于整治青河排污口的建议", "青河下游有三处排污口，夏天气味难闻，建议查清来源并封堵。"),
    Suggestion("school", "关于扩建实验小学的建议", "实验小学每班六十人，建议征用北侧空地扩建教学楼。"),
    Suggestion("charge", "关于增加电动自行车充电桩的建议", "老旧小区飞线充电危险，建议在车棚里增加充电桩。"),
    Suggestion("dogs", "关于规范养犬的提案", "早晚遛狗不牵绳，吓到孩子，建议划定遛狗区域并加强巡查。"),
    Suggestion("bus", "关于延长五路公交末班车时间的建议", "工业园下班晚，末班车七点就没有了，建议延长到九点。"),
]


def cases(suggestions: Iterable[Suggestion]) -> list[Case]:
    return [Case(suggestion) for suggestion in suggestions]


def copies(suggestion: Suggestion, number: int, **facts: Any) -> list[Suggestion]:
    return [replace(suggestion, id=f"copy{place:05}", **facts) for place in range(number)]


def ids(found: Iterable[Duplicate]) -> list[str]:
    return [hit.id for hit in found]


def close(found: Iterable[Duplicate]) -> list[str]:
    return [hit.id for hit in found if hit.grade in CLOSE]


def facts(found: Iterable[Duplicate]) -> list[tuple[str, Grade, float]]:
    return [(hit.id, hit.grade, hit.score) for hit in found]


@pytest.fixture
def index() -> Iterator[DuplicateIndex]:
    """An index by wording alone."""
    with DuplicateIndex.create() as made:
        yield made


# --- what it finds ----------------------------------------------------------------------------------------------------


def test_the_same_matter_in_other_words_is_found_and_strangers_are_not(index: DuplicateIndex) -> None:
    assert index.add(cases([*OTHERS, LIGHTS])) == Changed(7, 0, 0)
    (found,) = index.query([LIGHTS_AGAIN])
    assert close(found) == ["lights"]
    assert found[0].score >= 0.5
    assert index.query([Suggestion("q", "关于保护古树名木的提案", "城隍庙前的银杏需要围栏和挂牌。")]) == [()]


def test_a_text_in_the_index_does_not_repeat_itself_but_its_copies_do(index: DuplicateIndex) -> None:
    index.add(cases([*OTHERS, LIGHTS, replace(LIGHTS, id="copy")]))
    assert close(index.query([LIGHTS])[0]) == ["copy"]
    assert close(index.query([replace(LIGHTS, id="")])[0]) == ["lights", "copy"]
    assert index.query([LIGHTS])[0][0].grade is Grade.IDENTICAL


def test_removing_the_first_of_several_identical_texts_keeps_the_others_findable(index: DuplicateIndex) -> None:
    index.add(cases([*copies(LIGHTS, 3), *OTHERS]))
    assert close(index.query([LIGHTS_AGAIN])[0]) == ["copy00000", "copy00001", "copy00002"]
    assert index.remove(["copy00000"]) == 1
    assert close(index.query([LIGHTS_AGAIN])[0]) == ["copy00001", "copy00002"]
    assert ids(index.query([LIGHTS])[0])[:2] == ["copy00001", "copy00002"]
    assert index.remove(["copy00002", "copy00001"]) == 2
    assert close(index.query([LIGHTS_AGAIN])[0]) == []
    index.add(cases([LIGHTS]))
    assert close(index.query([LIGHTS_AGAIN])[0]) == ["lights"]


def test_number_road_and_contrary_ask_make_another_matter(index: DuplicateIndex) -> None:
    index.add(
        cases(
            [
                Suggestion("bus", "关于在河东路增设2路公交站点的建议"),
                Suggestion("road", "关于修缮人民路路面的建议"),
                Suggestion("mall", "关于取消中心广场停车收费的建议"),
            ]
        )
    )
    for asked, other in (
        ("关于在河东路增设3路公交站点的建议", "bus"),
        ("关于修缮解放路路面的建议", "road"),
        ("关于恢复中心广场停车收费的建议", "mall"),
    ):
        (found,) = index.query([Suggestion("q", asked)])
        assert [(hit.id, hit.grade) for hit in found] == [(other, Grade.RELATED)], asked
        assert found[0].evidence.differs, asked


def test_a_hit_tells_all_that_is_known_of_it(index: DuplicateIndex) -> None:
    known = replace(LIGHTS, source="人大", session="三届二次", date=Date(2023, 2, 3), proposers=("张三", "李四"))
    index.add([Case(known, ("住建局",), ("供电公司",), ("城建",), "已装三十盏。", "A")])
    ((hit,),) = index.query([LIGHTS_AGAIN])
    assert (hit.title, hit.source, hit.session, hit.date) == (known.title, "人大", "三届二次", "2023-02-03")
    assert (hit.proposers, hit.lead, hit.co, hit.outcome) == (("张三", "李四"), ("住建局",), ("供电公司",), "A")
    assert list(hit.probabilities) == ["identical", "rewritten", "same matter", "related"]
    assert hit.probabilities["identical"] == 0 <= hit.probabilities["rewritten"] <= hit.score
    assert hit.probabilities[hit.grade] == hit.score <= hit.probabilities["related"] <= 1


def test_at_most_k_and_nothing_farther_than_asked_for(index: DuplicateIndex) -> None:
    index.add(cases([*copies(LIGHTS, 5), LIGHTS_AGAIN, *OTHERS, Suggestion("r", "关于修缮河东路路面的建议")]))
    asked = replace(LIGHTS, id="q")
    everything = index.query([asked], k=50)[0]
    assert ids(everything)[:6] == [*(f"copy{n:05}" for n in range(5)), "again"]
    assert len(everything) == len(set(ids(everything)))
    for k in (1, 3, 5, 6):
        assert facts(index.query([asked], k=k)[0]) == facts(everything)[:k]
    for least in Grade:
        kept = [hit.id for hit in everything if list(Grade).index(hit.grade) <= list(Grade).index(least)]
        assert ids(index.query([asked], k=50, least=least)[0]) == kept
    with pytest.raises(InputError, match="k: 0"):
        index.query([asked], k=0)


def test_more_hits_than_are_measured_at_first_can_be_asked_for(index: DuplicateIndex) -> None:
    index.add(cases(Suggestion(f"r{n}", f"关于在河东路{n}号门前加装路灯的建议") for n in range(60)))
    assert len(index.query([Suggestion("q", "关于在河东路门前加装路灯的建议")], k=60)[0]) == 60


def test_an_empty_index_and_an_empty_question(index: DuplicateIndex) -> None:
    assert (len(index), index.query([LIGHTS]), index.query([])) == (0, [()], [])
    assert index.add([]) == Changed(0, 0, 0)
    assert index.remove([]) == 0
    assert index.info()["texts"] == 0


# --- adding and removing ----------------------------------------------------------------------------------------------


def test_the_same_id_with_another_text_is_refused_and_nothing_is_added(index: DuplicateIndex) -> None:
    index.add(cases([LIGHTS]))
    with pytest.raises(InputError, match=r"lights: in the index already, with another text\. Nothing was added"):
        index.add(cases([OTHERS[0], replace(LIGHTS, text="另一段话")]))
    assert [case.suggestion for case in index.cases()] == [LIGHTS]


def test_new_facts_of_a_known_text_are_renewed(index: DuplicateIndex) -> None:
    index.add(cases([LIGHTS, *OTHERS[:2]]))
    decided = Case(replace(LIGHTS, source="政协", date=Date(2024, 1, 2)), ("住建局",), outcome="B")
    assert index.add([decided, Case(OTHERS[0]), Case(OTHERS[5])]) == Changed(1, 1, 1)
    assert index.add([decided]) == Changed(0, 0, 1)
    ((hit, *_),) = index.query([LIGHTS_AGAIN], only=Only(source="政协", since=Date(2024, 1, 1)))
    assert (hit.id, hit.lead, hit.outcome, hit.date) == ("lights", ("住建局",), "B", "2024-01-02")
    assert len(index) == 4


def test_unknown_ids_are_named_and_nothing_is_removed(index: DuplicateIndex) -> None:
    index.add(cases([LIGHTS]))
    with pytest.raises(InputError, match=r"n1, n2, n3, n4, n5 and 2 more: not in the index\. Nothing was removed"):
        index.remove(["lights", *(f"n{number}" for number in range(1, 8))])
    assert "lights" in index
    assert index.remove(["lights", "lights"]) == 1
    assert "lights" not in index
    assert 3 not in index


@pytest.mark.parametrize(("names", "said"), [(["a", ""], "without an id"), (["a", "b", "a"], "a: more than once")])
def test_empty_and_repeated_ids_are_refused(index: DuplicateIndex, names: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        index.add(cases(replace(LIGHTS, id=name) for name in names))
    assert len(index) == 0


def test_an_id_with_half_a_character_is_refused_and_found_by_nobody(index: DuplicateIndex) -> None:
    with pytest.raises(InputError, match="half a character"):
        index.add(cases([replace(LIGHTS, id="a\ud83d")]))
    assert "a\ud83d" not in index
    assert close(index.query([replace(LIGHTS, id="\ud83d")])[0]) == []


def test_filters_hold_for_identical_texts_too(index: DuplicateIndex) -> None:
    index.add(
        cases(
            [
                replace(LIGHTS, id="a", source="人大", session="一次", date=Date(2022, 3, 1)),
                replace(LIGHTS, id="b", source="政协", session="二次", date=Date(2023, 3, 1)),
                replace(LIGHTS, id="c", source="热线", session="二次"),
                *OTHERS,
            ]
        )
    )
    for asked in (LIGHTS, LIGHTS_AGAIN):

        def found(asked: Suggestion = asked, **only: Any) -> list[str]:
            return sorted(close(index.query([asked], only=Only(**only))[0]))

        assert found() == ["a", "b", "c"]
        assert found(source="政协") == ["b"]
        assert found(source=("人大", "热线")) == ["a", "c"]
        assert found(session="二次") == ["b", "c"]
        assert found(session="二次", source="人大") == []
        assert found(since=Date(2022, 3, 1)) == ["a", "b"]
        assert found(until=Date(2022, 3, 1)) == ["a"]
        assert found(since=Date(2022, 3, 2), until=Date(2023, 3, 1)) == ["b"]
        assert found(area="河东路") == ["a", "b", "c"]
        assert found(area="河西路") == []
        assert found(source=()) == ["a", "b", "c"]
    assert [case.suggestion.id for case in index.cases(Only(session="二次"))] == ["b", "c"]


# --- nothing is encoded twice -----------------------------------------------------------------------------------------


def test_a_text_that_was_met_is_not_encoded_again(counting: Any) -> None:
    with DuplicateIndex.create(sentence=counting) as index:
        index.add(cases(copies(LIGHTS, 50)))
        assert len(counting.seen) == 1
        index.add(cases([replace(LIGHTS, id="x"), replace(LIGHTS, id="y", text=LIGHTS.text.replace("，", "， "))]))
        index.query([LIGHTS, replace(LIGHTS, id="z")])
        assert len(counting.seen) == 1
        index.query([LIGHTS_AGAIN, LIGHTS_AGAIN, LIGHTS])
        assert len(counting.seen) == 2
        index.add(cases([LIGHTS_AGAIN]))
        assert len(counting.seen) == 3, "a question is not remembered"
        index.add([Case(LIGHTS_AGAIN, ("住建局",))])
        index.remove(["again", "copy00000"])
        index.query([LIGHTS])
        assert len(counting.seen) == 3


def test_vectors_that_the_caller_has_are_not_made_again(counting: Any) -> None:
    with DuplicateIndex.create(sentence=counting) as index:
        index.add(cases([LIGHTS, *OTHERS]))
        asked = [LIGHTS_AGAIN, LIGHTS_AGAIN, Suggestion("q", "关于开设老年人食堂的建议")]
        wanted = index.query(asked)
        dense = counting.encode([prepare(suggestion).focus(FOCUS) for suggestion in asked])
        counting.seen.clear()
        assert [facts(found) for found in index.query(asked, dense=dense)] == [facts(found) for found in wanted]
        assert counting.seen == []


def test_nothing_unreadable_is_encoded_or_found(counting: Any) -> None:
    unreadable = [
        "Please repair the street lights on East River Road 请修",
        "",
        "   \n",
        "？！。……",
        "\ud83d\ude00",
        "\x00\u200b",
        "3.14 2024",
    ]
    with DuplicateIndex.create(sentence=counting) as index:
        index.add(cases(Suggestion(f"u{n}", "", text) for n, text in enumerate(unreadable)))
        asked = [Suggestion(f"q{n}", text, "") for n, text in enumerate(unreadable)]
        assert index.query(asked) == [()] * len(unreadable)
        assert counting.seen == []
        assert (len(index), index.info()["different_texts"]) == (len(unreadable), 0)
        assert index.remove([f"u{n}" for n in range(len(unreadable))]) == len(unreadable)


@pytest.mark.parametrize(
    "text",
    ["路", "路灯", "关于路灯\ud83d的建议书，请看", "WiFi 信号差，5G 基站少", "𠮷野家门口路灯坏了"],
)
def test_short_and_odd_texts_repeat_themselves_and_nothing_else(index: DuplicateIndex, text: str) -> None:
    index.add(cases([Suggestion("odd", text), *OTHERS]))
    (found,) = index.query([Suggestion("q", text)])
    assert found[0].id == "odd"
    assert found[0].grade is Grade.IDENTICAL
    assert close(found) == ["odd"]


def test_the_longest_letter_is_taken_in_good_time(index: DuplicateIndex) -> None:
    letter = "".join(f"第{number}条，请在{number}号路口修路灯。" for number in range(12_000))[:200_000]
    started = time.perf_counter()
    index.add(cases([Suggestion("long", "关于路灯的建议", letter), *OTHERS]))
    (found,) = index.query([Suggestion("q", "关于路灯的建议", letter)])
    assert time.perf_counter() - started < 10
    assert (found[0].id, found[0].grade) == ("long", Grade.IDENTICAL)


def test_letters_that_part_after_many_pages_are_not_identical(index: DuplicateIndex) -> None:
    pages = "".join(f"第{number}户的窗外没有路灯。" for number in range(500))
    index.add(cases([Suggestion("one", "关于路灯的建议", pages + "请在东侧装灯。")]))
    ((hit,),) = index.query([Suggestion("q", "关于路灯的建议", pages + "请不要在东侧装灯，请种树。")])
    assert hit.grade is Grade.REWRITTEN


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("关于改造3.5公里河堤的建议", "关于改造35公里河堤的建议"),
        ("关于维修3-5号楼电梯的建议", "关于维修35号楼电梯的建议"),
        ("关于延长地铁①号线的建议", "关于延长地铁②号线的建议"),
    ],
)
def test_texts_that_differ_in_a_sign_that_counts_are_not_identical(index: DuplicateIndex, one: str, other: str) -> None:
    index.add(cases([Suggestion("one", one)]))
    ((hit,),) = index.query([Suggestion("q", other)])
    assert hit.grade is not Grade.IDENTICAL
    assert index.query([Suggestion("q", f"{one}。 ")])[0][0].grade is Grade.IDENTICAL


def test_many_identical_texts_cost_time_in_proportion_and_answer_with_few(counting: Any) -> None:
    many = 20_000
    with DuplicateIndex.create(sentence=counting) as index:
        index.add(cases(OTHERS))
        seen = len(counting.seen)
        spent = []
        for start in (0, many // 2):
            started = time.perf_counter()
            index.add(cases(replace(LIGHTS, id=f"n{start + n}") for n in range(many // 2)))
            spent.append(time.perf_counter() - started)
        assert len(counting.seen) == seen + 1
        assert index.info()["different_texts"] == len(OTHERS) + 1
        started = time.perf_counter()
        answers = index.query([LIGHTS, LIGHTS_AGAIN, replace(LIGHTS, id="n7")], k=10)
        asked = time.perf_counter() - started
        assert [len(found) for found in answers] == [10, 10, 10]
        assert "n7" not in ids(answers[2])
        assert asked < 1
        assert spent[1] < 3 * spent[0] + 1, spent


# --- the same answer, however it is asked -----------------------------------------------------------------------------


POOL = [
    LIGHTS,
    LIGHTS_AGAIN,
    *OTHERS,
    Suggestion("n1", "关于在河东路修建路灯的建议", "河东路没有路灯。"),
    Suggestion("n2", "关于在河西路加装路灯的建议", "河西路夜间没有路灯，建议加装。"),
    Suggestion("n3", "关于办好社区老年食堂的提案", "建议社区办老年食堂，给行动不便的老人送餐。"),
    Suggestion("n4", "关于青河排污口封堵的提案", "建议封堵青河下游的排污口。"),
]


@settings(max_examples=6)
@given(st.permutations(POOL), st.integers(1, len(POOL) - 1))
def test_order_and_parts_of_adding_change_nothing(order: list[Suggestion], cut: int) -> None:
    with DuplicateIndex.create() as plain, DuplicateIndex.create() as mixed:
        plain.add(cases(POOL))
        mixed.add(cases([*order[:cut], Suggestion("gone", "关于青河排污口的提案")]))
        mixed.add(cases(order[cut:]))
        mixed.remove(["gone"])
        for one, other in zip(plain.query(POOL), mixed.query(POOL), strict=True):
            assert facts(one) == facts(other)


def test_alone_or_among_others_before_and_after_a_file(counting: Any, tmp_path: Path) -> None:
    with DuplicateIndex.create(sentence=counting) as index:
        index.add(cases(POOL))
        fresh = [replace(text, id=f"q{text.id}", text=text.text + "此事拖了两年。") for text in POOL]
        asked = [*POOL, *fresh]
        together = [facts(found) for found in index.query(asked)]
        assert [facts(index.query([one])[0]) for one in asked] == together
        assert [facts(found) for found in reversed(index.query(asked[::-1]))] == together
        index.save(tmp_path / "a.index")
    with DuplicateIndex.load(tmp_path / "a.index", sentence=counting) as loaded:
        assert [facts(found) for found in loaded.query(asked)] == together
        loaded.add(cases([replace(text, id=f"new-{text.id}", source="其他") for text in fresh]))
        again = [facts(found) for found in loaded.query(asked, k=50)]
        kept = [[hit for hit in found if not hit[0].startswith("new-")] for found in again]
        assert [found[: len(first)] for found, first in zip(kept, together, strict=True)] == together


@pytest.mark.parametrize("encoded", [False, True])
def test_scores_are_the_same_in_both_directions(counting: Any, encoded: bool) -> None:
    with DuplicateIndex.create(sentence=counting if encoded else None) as index:
        index.add(cases(POOL))
        scores = {
            (text.id, hit.id): hit for text, found in zip(POOL, index.query(POOL, k=50), strict=True) for hit in found
        }
        assert len(scores) > 8
        for (one, other), hit in scores.items():
            back = scores[other, one]
            assert hit.grade is back.grade
            assert hit.probabilities == pytest.approx(back.probabilities, abs=2e-4)


def test_the_chance_of_two_texts_is_that_of_a_hit(index: DuplicateIndex) -> None:
    index.add(cases(POOL))
    texts = index.read([LIGHTS, LIGHTS_AGAIN, replace(LIGHTS, id="c"), Suggestion("e", ""), OTHERS[0]])
    hit = next(hit for hit in index.query([LIGHTS])[0] if hit.id == "again")
    assert index.chances(texts[0], [texts[1]], Grade.SAME_MATTER)[0] == pytest.approx(
        hit.probabilities["same matter"], abs=1e-4
    )
    assert index.chances(texts[0], [texts[2]], Grade.IDENTICAL)[0] == 1
    assert index.chances(texts[0], [texts[1]], Grade.IDENTICAL)[0] == 0
    assert index.chances(texts[3], [texts[3]], Grade.RELATED)[0] == 0
    assert index.chances(texts[0], [texts[4]], Grade.RELATED)[0] < 0.5


def test_the_evidence_for_two_texts_is_that_of_a_hit(index: DuplicateIndex) -> None:
    index.add(cases(POOL))
    texts = index.read([LIGHTS, LIGHTS_AGAIN, replace(LIGHTS, id="c"), Suggestion("e", ""), OTHERS[0]])
    hit = next(hit for hit in index.query([LIGHTS])[0] if hit.id == "again")
    like, copy, empty, unlike = index.evidence(texts[0], texts[1:])
    assert like == hit.evidence
    assert copy.text == "整理后全文相同。"
    assert copy.shared
    assert empty.text == unlike.text == "不像同一事项。"
    hidden = index.read([replace(LIGHTS_AGAIN, confidential=True)])
    assert index.evidence(texts[0], hidden)[0].shared == ()


# --- several at once --------------------------------------------------------------------------------------------------


def test_threads_add_remove_and_ask_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates_module, "KEPT", 12)  # let go of what is kept all the time
    with DuplicateIndex.create() as index:
        index.add(cases(POOL))
        wanted = [close(found) for found in index.query(POOL)]
        failures: list[BaseException] = []
        done = threading.Event()

        def change(number: int) -> None:
            chance = random.Random(number)
            for turn in range(8):
                text = f"关于{number}区{turn}街道{chance.choice('甲乙丙丁')}号仓库消防通道的建议"
                made = [Suggestion(f"t{number}.{turn}.{n}", f"{text}{n}") for n in range(3)]
                index.add(cases(made))
                index.remove([one.id for one in made])

        def ask() -> None:
            while not done.is_set():
                found = [[hit for hit in close(hits) if hit[0] != "t"] for hits in index.query(POOL)]
                assert found == wanted

        def guarded(task: Any, *values: Any) -> None:
            try:
                task(*values)
            except BaseException as error:  # noqa: BLE001
                failures.append(error)

        askers = [threading.Thread(target=guarded, args=(ask,)) for _ in range(2)]
        changers = [threading.Thread(target=guarded, args=(change, n)) for n in range(3)]
        for thread in (*askers, *changers):
            thread.start()
        for thread in changers:
            thread.join()
        done.set()
        for thread in askers:
            thread.join()
        assert failures == []
        assert (len(index), index.info()["different_texts"]) == (len(POOL), len(POOL))
