"""A batch: what repeats within it and in history, merges that lose nobody, conflicts and hot topics."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date as Date
from typing import Any

import pytest

from triage.duplicates.apart import Apart
from triage.duplicates.batch import Batch
from triage.duplicates.hits import Only
from triage.duplicates.index import DuplicateIndex
from triage.errors import ForeignIndex, InputError
from triage.records import Case, Duplicate, Grade, Suggestion

LIGHTS = Suggestion(
    "a1",
    "关于在河东路加装路灯的建议",
    "河东路夜间没有路灯，学生下晚自习要摸黑走。建议在河东路从桥头到校门加装路灯。",
    source="人大",
    proposers=("张三",),
)
LIGHTS_TOO = Suggestion(
    "a2",
    "关于河东路安装路灯的提案",
    "河东路晚上没有路灯，学生下晚自习只能摸黑走，建议在河东路安装路灯。",
    source="政协",
    proposers=("李四", "王五"),
)
LIGHTS_COPY = replace(LIGHTS, id="a3", source="热线", proposers=("赵六",))
FOOD = Suggestion("b1", "关于开办社区老年食堂的建议", "独居老人做饭难，建议在社区开办老年食堂。", proposers=("钱七",))
FOOD_TOO = Suggestion("b2", "关于社区开办老年食堂的提案", "独居老人做饭困难，建议社区开办老年食堂。")
RIVER = Suggestion("c1", "关于整治青河排污口的建议", "青河下游有三处排污口，建议封堵。")
EMPTY = Suggestion("d1", "", "？？", proposers=("孙八",))
ALL = [LIGHTS, FOOD, LIGHTS_TOO, RIVER, EMPTY, FOOD_TOO, LIGHTS_COPY]
CLOSE = (Grade.IDENTICAL, Grade.REWRITTEN, Grade.SAME_MATTER)


def cases(suggestions: Iterable[Suggestion], **units: tuple[str, ...]) -> list[Case]:
    return [Case(one, units.get(one.id, ())) for one in suggestions]


def close(found: Iterable[Duplicate]) -> list[str]:
    return [hit.id for hit in found if hit.grade in CLOSE]


@pytest.fixture
def history() -> Iterator[DuplicateIndex]:
    with DuplicateIndex.create() as index:
        yield index


def test_each_text_is_told_what_it_repeats_in_the_batch() -> None:
    batch = Batch(cases(ALL))
    found = dict(zip((one.id for one in ALL), batch.duplicates(), strict=True))
    assert close(found["a1"]) == ["a3", "a2"]
    assert close(found["a2"]) in (["a1", "a3"], ["a3", "a1"])
    assert close(found["a3"]) == ["a1", "a2"]
    assert (close(found["b1"]), close(found["b2"])) == (["b2"], ["b1"])
    assert found["c1"] == found["d1"] == ()
    assert found["a1"][0].grade is Grade.IDENTICAL
    assert found["a2"][0].proposers
    assert len(batch) == len(ALL)
    batch.close()


def test_history_and_batch_are_told_together_closest_first(history: DuplicateIndex) -> None:
    history.add(
        [
            Case(replace(LIGHTS, id="h1", session="一次"), ("住建局",), outcome="B"),
            Case(replace(LIGHTS_TOO, id="h2"), ("城管局",)),
            Case(replace(FOOD, id="h3"), ("民政局",)),
        ]
    )
    batch = Batch(cases(ALL), history=history)
    first, *_ = batch.duplicates()
    assert close(first)[:2] == ["a3", "h1"]
    assert sorted(close(first)) == ["a2", "a3", "h1", "h2"]
    assert first[1].lead == ("住建局",)
    order = [(list(Grade).index(hit.grade), -hit.score) for hit in first]
    assert order == sorted(order)
    for k in (1, 2, 3):
        assert batch.duplicates(k=k)[0] == first[:k]
    assert batch.duplicates(least=Grade.IDENTICAL)[0] == first[:2]
    assert close(batch.duplicates(only=Only(source="政协"))[0]) == ["a2", "h2"]
    assert len(history) == 3


def test_texts_that_history_holds_already_are_told_once(history: DuplicateIndex) -> None:
    history.add([*cases(ALL), Case(replace(LIGHTS_TOO, id="h2"))])
    batch = Batch(cases(ALL), history=history)
    alone = Batch(cases(ALL))
    for found, wanted in zip(batch.duplicates(), alone.duplicates(), strict=True):
        ids = [hit.id for hit in found]
        assert len(set(ids)) == len(ids)
        assert [name for name in ids if name != "h2"] == [hit.id for hit in wanted]
    assert close(batch.duplicates(k=3)[0]) in (["a3", "a2", "h2"], ["a3", "h2", "a2"])


def test_the_same_id_with_another_text_in_history_is_another_text(history: DuplicateIndex) -> None:
    history.add(cases([replace(LIGHTS_TOO, id="c1"), replace(LIGHTS, id="a1")]))
    batch = Batch(cases([LIGHTS, RIVER]), history=history)
    assert close(batch.duplicates()[0]) == ["c1"]


def test_nothing_is_encoded_twice(counting: Any) -> None:
    with DuplicateIndex.create(sentence=counting) as history:
        history.add(cases([replace(LIGHTS, id="h1"), replace(FOOD, id="h2")]))
        counting.seen.clear()
        batch = Batch(cases(ALL), history=history, sentence=counting)
        assert len(counting.seen) == 3, "of six readable texts two are copies, and two are in history"
        counting.seen.clear()
        batch.duplicates()
        batch.proposals()
        batch.conflicts()
        batch.hot()
        assert counting.seen == []
        with pytest.raises(ForeignIndex, match="none is given"):
            Batch(cases(ALL), history=history)
    with DuplicateIndex.create() as history:
        assert Batch(cases(ALL), history=history, sentence=counting).duplicates()
        assert counting.seen == []


def test_ids_that_come_twice_are_refused_before_anything_is_read(counting: Any) -> None:
    with pytest.raises(InputError, match="a1: more than once"):
        Batch(cases([LIGHTS, LIGHTS_TOO, replace(RIVER, id="a1")]), sentence=counting)
    assert counting.seen == []


def test_texts_without_an_id_are_named_by_place() -> None:
    batch = Batch(cases(replace(one, id="") for one in ALL))
    assert [case.suggestion.id for case in batch.cases] == [f"#{place}" for place in range(1, 8)]
    assert close(batch.duplicates()[0]) == ["#7", "#3"]


def test_an_empty_batch_is_no_trouble(history: DuplicateIndex) -> None:
    for batch in (Batch([]), Batch([], history=history)):
        assert (len(batch), batch.duplicates(), batch.proposals(), batch.conflicts()) == (0, [], (), ())
        assert batch.hot().topics == ()


def test_a_merge_proposal_loses_nobody() -> None:
    batch = Batch(cases(ALL))
    proposals = batch.proposals()
    groups = {frozenset(member.id for member in proposal.members): proposal for proposal in proposals}
    assert set(groups) == {frozenset({"a1", "a2", "a3"}), frozenset({"b1", "b2"})}
    lights = groups[frozenset({"a1", "a2", "a3"})]
    assert {name for member in lights.members for name in member.proposers} == {"张三", "李四", "王五", "赵六"}
    assert {member.id: member.text for member in lights.members} == {
        one.id: one.text for one in (LIGHTS, LIGHTS_TOO, LIGHTS_COPY)
    }
    pairs = {(pair.one, pair.other) for pair in batch.pairs()}
    assert pairs == {(0, 2), (0, 6), (2, 6), (1, 5)}
    assert all(0.5 <= pair.score <= 1 for pair in batch.pairs())


def test_what_a_person_found_to_be_apart_is_not_merged_again() -> None:
    def groups(batch: Batch, *apart: set[str]) -> set[frozenset[str]]:
        return {frozenset(member.id for member in one.members) for one in batch.proposals(apart=Apart(matters=apart))}

    batch, food, lights = Batch(cases(ALL)), frozenset({"b1", "b2"}), frozenset({"a1", "a2", "a3"})
    assert groups(batch, {"a1", "b1"}, {"a1"}, {"a1", "gone"}) == {lights, food}
    assert groups(batch, {"b2", "b1"}) == {lights}
    assert groups(batch, {"a1", "a2", "a3"}, {"b1", "b2"}) == set()
    assert groups(batch, {"a1", "a2"}) in (  # the very same text as a1, a3 may stay with either
        {frozenset({"a1", "a3"}), food},
        {frozenset({"a2", "a3"}), food},
    )
    assert groups(batch, {"a1", "a3"}) in ({frozenset({"a1", "a2"}), food}, {frozenset({"a2", "a3"}), food})
    assert groups(batch) == {lights, food}, "nothing is kept of it"
    again = Batch(cases([*ALL, replace(LIGHTS_TOO, id="a4", source="热线")]))
    (group,) = groups(again, {"a1", "a2", "a3"}, {"b1", "b2"})
    assert len(group) == 2, "one more text on the matter is told with one of them, not with all"
    assert "a4" in group


def test_leads_that_a_person_found_right_as_they_differ_are_no_conflict() -> None:
    leads = [["住建局"], ["民政局"], ["城管局"], ["生态环境局"], [], ["城管局"], ["住建局"]]
    batch = Batch(cases(ALL))
    assert len(batch.conflicts(leads)) == 2
    (item,) = batch.conflicts(leads, apart=Apart(leads=({"b1", "b2"}, {"a1", "b1", "nobody"})))
    assert {member.id for holding in item.holdings for member in holding.members} == {"a1", "a2", "a3"}
    assert batch.conflicts(leads, apart=Apart(({"b1", "b2"},), ({"a1", "a2", "a3"},))) == ()


def test_one_matter_with_different_leads_goes_on_the_meetings_list(history: DuplicateIndex) -> None:
    batch = Batch(cases(ALL))
    leads = [["住建局"], ["民政局"], ["城管局"], ["生态环境局"], [], ["民政局"], ["住建局"]]
    (item,) = batch.conflicts(leads)
    assert {member.id for holding in item.holdings for member in holding.members} == {"a1", "a2", "a3"}
    assert not any(member.decided for holding in item.holdings for member in holding.members)
    decided = Batch(cases(ALL, a1=("住建局",), a2=("城管局",)))
    assert len(decided.conflicts()) == 1
    (settled,) = decided.conflicts(decided=True)
    assert settled.kind == "within history"
    assert settled.text.endswith("均已交办，供参考。")
    (half,) = decided.conflicts([["住建局"], [], ["城管局"], [], [], [], ["民政局"]], decided=True)
    assert {member.id: member.decided for holding in half.holdings for member in holding.members} == {
        "a1": True,
        "a2": True,
        "a3": False,
    }
    assert half.kind == "against history"
    assert batch.conflicts() == (), "without leads there is nothing to settle"
    with pytest.raises(ValueError, match="zip"):
        batch.conflicts(leads[:2])


def test_a_matter_that_history_gave_to_another_goes_on_the_list(history: DuplicateIndex) -> None:
    history.add([Case(replace(FOOD_TOO, id="h1", date=Date(2022, 3, 1)), ("卫健委",)), Case(replace(FOOD, id="h2"))])
    batch = Batch(cases([FOOD, RIVER]), history=history)
    (item,) = batch.conflicts([["民政局"], ["生态环境局"]])
    assert {member.id: member.decided for holding in item.holdings for member in holding.members} == {
        "b1": False,
        "h1": True,
    }
    assert batch.conflicts([["卫健委"], ["生态环境局"]]) == ()


def test_what_many_ask_for_is_hot() -> None:
    asked = [replace(LIGHTS, id=f"l{n}", title=f"关于在河东路{n}号门口加装路灯的建议", text="") for n in range(5)]
    topics = Batch(cases([*asked, FOOD, RIVER, EMPTY])).hot().topics
    assert [topic.size for topic in topics] == [5]
    assert {f"l{n}" for n in range(5)} == set(topics[0].members)


def test_a_flood_of_one_letter_is_answered_in_good_time() -> None:
    flood = [replace(LIGHTS, id=f"f{number:04}", proposers=(f"人{number}",)) for number in range(600)]
    started = time.perf_counter()
    batch = Batch(cases([*flood, FOOD, FOOD_TOO]))
    found = batch.duplicates(k=5)
    proposals = batch.proposals()
    assert time.perf_counter() - started < 20
    assert [len(hits) for hits in found[:600]] == [5] * 600
    assert sum(len(proposal.members) for proposal in proposals if len(proposal.members) > 2) == 600


def test_texts_are_searched_for_once_and_the_answers_are_those_of_asking_again(
    history: DuplicateIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    roads = "河东路 河西路 文昌路 青石巷 北门街 东湖路".split()
    asks = "加装路灯 修补路面 增设公交站点".split()
    made = [
        Suggestion(f"{road}{ask}", f"关于在{road}{ask}的建议", date=Date(2026, 1, 1)) for road in roads for ask in asks
    ]
    history.add([Case(replace(one, id=f"h{one.id}", title=f"{one.title}信"), ("住建局",)) for one in made])
    batch = Batch(cases(made), history=history)
    searched: list[int] = []
    hits = DuplicateIndex.hits

    def counting(index: DuplicateIndex, texts: Any, **options: Any) -> Any:
        searched.append(len(texts))
        return hits(index, texts, **options)

    monkeypatch.setattr(DuplicateIndex, "hits", counting)
    once = [batch.duplicates(k=k, least=least) for k in (1, 4, 10) for least in Grade]
    merges, meeting = batch.proposals(), batch.conflicts([("城管局",)] * len(made))
    assert len(searched) == 2
    monkeypatch.setattr("triage.duplicates.batch.NEIGHBOURS", 0)
    assert [batch.duplicates(k=k, least=least) for k in (1, 4, 10) for least in Grade] == once
    assert len(searched) == 2 + 2 * 12
    monkeypatch.undo()
    again = Batch(cases(made), history=history)
    assert (again.proposals(), again.conflicts([("城管局",)] * len(made))) == (merges, meeting)
    assert meeting
    again.close()
    batch.close()


def test_fewer_comparisons_find_the_close_ones_still() -> None:
    roads = "河东路 河西路 文昌路 青石巷 北门街 东湖路".split()
    made = [Suggestion(f"{road}{n}", f"关于在{road}加装路灯的建议") for road in roads for n in range(2)]
    whole, few = Batch(cases(made)), Batch(cases(made), measured=1)
    assert [pair[:2] for pair in few.pairs()] == [(n, n + 1) for n in range(0, len(made), 2)]
    assert {pair[:2] for pair in few.pairs()} <= {pair[:2] for pair in whole.pairs()}
    first = Batch(cases(made), asked=3)
    assert first.pairs() == [pair for pair in whole.pairs() if pair.one < 3]
    assert len(first.duplicates()) == len(made)
    for batch in (whole, few, first):
        batch.close()


def test_a_merge_says_what_its_members_share_and_in_what_they_differ() -> None:
    moved = replace(
        LIGHTS_TOO, id="a4", text=LIGHTS_TOO.text.replace("河东路", "河西路"), title="河东路和河西路都要路灯"
    )
    batch = Batch(cases([LIGHTS, LIGHTS_TOO, LIGHTS_COPY, replace(FOOD, confidential=True), replace(FOOD, id="b3")]))
    plain = batch.proposals(evidence=False)
    lights, food = batch.proposals()
    assert [replace(member, evidence=None) for member in lights.members] == list(plain[0].members)
    first, *others = lights.members
    assert (first.id, first.evidence) == (lights.representative, None)
    for member in others:
        whole = next(case.suggestion for case in batch.cases if case.suggestion.id == member.id)
        chosen = next(case.suggestion for case in batch.cases if case.suggestion.id == first.id)
        assert member.evidence is not None
        assert member.evidence.shared
        for phrase in member.evidence.shared:
            assert phrase.text == getattr(chosen, phrase.here.field)[phrase.here.start : phrase.here.end]
            assert getattr(whole, phrase.there.field)[phrase.there.start : phrase.there.end]
    hidden = food.members[1].evidence
    assert hidden is not None
    assert (hidden.shared, hidden.agrees, hidden.differs) == ((), (), ())
    assert "食堂" not in str(hidden)
    told = lights.to_dict()["members"][1]["evidence"]
    assert isinstance(told["shared"], list)
    assert told["shared"][0]["here"].keys() == {"field", "start", "end"}
    batch.close()
    pair = Batch(cases([LIGHTS, moved]))
    differs = pair.duplicates()[0][0].evidence.differs
    merged = pair.proposals()
    assert not merged or merged[0].members[1].evidence.differs == differs  # type: ignore[union-attr]
    pair.close()
