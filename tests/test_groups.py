"""Suggested merges: nobody is dropped, unlike ends are never joined, the order of the cases does not matter."""

from __future__ import annotations

import itertools
import json
import random
from collections import Counter
from collections.abc import Sequence
from datetime import date as Date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.duplicates.groups import GradedPair, MergeProposal, merge_proposals
from triage.errors import InputError
from triage.records import Case, Grade, Suggestion

SAME = Grade.SAME_MATTER
LIGHTS = "河东路夜间没有路灯，行人不便。建议沿河东路从桥头到校门加装路灯。"


def case(number: int, source: str = "人大", day: Date | None = None, text: str = LIGHTS, **more: object) -> Case:
    values: dict[str, object] = {
        "id": f"t{number:02}",
        "title": f"关于河东路装灯的建议（{number}）",
        "text": text,
        "source": source,
        "session": "三届二次",
        "date": day,
        "proposers": (f"代表{number}",),
    }
    return Case(Suggestion(**(values | more)), leads=("住建局",), co=("城管局",), outcome="B")  # type: ignore[arg-type]


def ids(proposal: MergeProposal) -> list[str]:
    return [member.id for member in proposal.members]


def test_a_proposal_keeps_every_text_and_every_proposer() -> None:
    cases = [
        case(1, "人大", proposers=("甲", "乙")),
        case(2, "政协", text="请在河东路装灯。  \n", proposers=("丙",)),
        case(3, "政协", proposers=()),
    ]
    pairs = [GradedPair(0, 1, SAME, 0.7), GradedPair(1, 2, SAME, 0.8), GradedPair(0, 2, Grade.REWRITTEN, 0.9)]
    (proposal,) = merge_proposals(cases, pairs)
    assert proposal.representative == "t03"
    assert ids(proposal) == ["t03", "t01", "t02"]
    assert [member.probability for member in proposal.members] == [1.0, 0.9, 0.8]
    assert (proposal.grade, proposal.score) == (SAME, 0.7)
    assert proposal.sources == ("政协", "人大")
    assert proposal.crosses_bodies
    second = proposal.members[2]
    assert (second.text, second.proposers, second.lead, second.co, second.outcome, second.session) == (
        "请在河东路装灯。  \n",
        ("丙",),
        ("住建局",),
        ("城管局",),
        "B",
        "三届二次",
    )
    assert proposal.note == (
        "并案建议，仅供参考，由工作人员决定：共3件，提出人3人次，其中政协2件（提出人1人次）、人大1件（提出人2人次）。"
        "有1件未登记提出人，请补登。每件原文均予保留；并案办理的，应当分别答复每一位提出人。"
    )


def test_a_confidential_text_is_a_member_without_its_wording() -> None:
    cases = [case(1), case(2, confidential=True, title="不可外传的标题", text="不可外传的正文", source="")]
    (proposal,) = merge_proposals(cases, [(0, 1, SAME, 0.8)])
    hidden = next(member for member in proposal.members if member.confidential)
    assert (hidden.id, hidden.title, hidden.text, hidden.proposers) == ("t02", "", "", ("代表2",))
    assert "不可外传" not in json.dumps(proposal.to_dict(), ensure_ascii=False)
    assert "有1件不公开" in proposal.note
    assert "来源未注明1件" in proposal.note
    assert proposal.sources == ("人大",)
    assert not proposal.crosses_bodies


def test_the_dictionary_is_plain_json() -> None:
    proposals = merge_proposals([case(1, day=Date(2024, 1, 9)), case(2)], [(0, 1, Grade.REWRITTEN, 0.75)])
    plain = proposals[0].to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert type(plain["grade"]) is str
    assert (plain["grade"], plain["score"]) == ("rewritten", 0.75)
    assert [member["date"] for member in plain["members"]] == ["2024-01-09", ""]
    assert plain["members"][0]["proposers"] == ["代表1"]


@pytest.mark.parametrize(
    ("one", "other", "chosen"),
    [
        ({"day": Date(2024, 3, 1)}, {"day": Date(2024, 2, 1)}, "t02"),
        ({"day": None}, {"day": Date(2024, 2, 1)}, "t02"),
        ({}, {"text": LIGHTS + "另请维修旧灯。"}, "t02"),
        ({}, {}, "t01"),
    ],
    ids=["earliest", "a known date", "fuller", "id"],
)
def test_of_equals_the_representative_is(one: dict[str, object], other: dict[str, object], chosen: str) -> None:
    (proposal,) = merge_proposals([case(1, **one), case(2, **other)], [(0, 1, SAME, 0.8)])  # type: ignore[arg-type]
    assert proposal.representative == chosen
    assert proposal.members[0].id == chosen


def test_a_chain_does_not_join_its_ends() -> None:
    cases = [case(1), case(2), case(3)]
    chain = [(0, 1, SAME, 0.9), (1, 2, SAME, 0.8)]
    assert [ids(found) for found in merge_proposals(cases, chain)] == [["t01", "t02"]]
    assert merge_proposals(cases, [*chain, (0, 2, Grade.RELATED, 0.97)])[0].score == 0.9
    asked: list[tuple[int, int]] = []

    def score(pairs: Sequence[tuple[int, int]]) -> list[float]:
        asked.extend(pairs)
        return [0.6] * len(pairs)

    (whole,) = merge_proposals(cases, chain, score)
    assert asked == [(0, 2)]
    assert (whole.representative, whole.grade, whole.score) == ("t02", SAME, 0.6)


def test_related_texts_are_no_merge() -> None:
    assert merge_proposals([case(1), case(2)], [(0, 1, Grade.RELATED, 1.0)]) == ()
    both = [(0, 1, SAME, 0.9), (1, 0, Grade.RELATED, 0.9)]
    assert merge_proposals([case(1), case(2)], both) == ()


def test_the_same_text_needs_no_pair_with_each_copy() -> None:
    """Digests tell of copies by one pair each; the search found the neighbour of one copy only."""
    cases = [case(number) for number in range(6)]
    star = [(0, copy, Grade.IDENTICAL, 1.0) for copy in (2, 3, 5)]
    (proposal,) = merge_proposals(cases, [*star, (3, 4, SAME, 0.7)])
    assert sorted(ids(proposal)) == ["t00", "t02", "t03", "t04", "t05"]
    assert (proposal.grade, proposal.score) == (SAME, 0.7)
    assert proposal.representative == "t00"
    (copies,) = merge_proposals(cases, star)
    assert (sorted(ids(copies)), copies.grade, copies.score) == (["t00", "t02", "t03", "t05"], Grade.IDENTICAL, 1.0)


def test_a_contradiction_among_copies_is_heard() -> None:
    cases = [case(1), case(2), case(3)]
    pairs = [(0, 1, Grade.IDENTICAL, 1.0), (1, 2, Grade.IDENTICAL, 1.0), (0, 2, SAME, 0.1)]
    assert [ids(found) for found in merge_proposals(cases, pairs)] == [["t01", "t02"]]


def test_identical_by_estimate_only_is_no_equality() -> None:
    cases = [case(1), case(2), case(3)]
    pairs = [(0, 1, Grade.IDENTICAL, 0.99), (1, 2, Grade.IDENTICAL, 0.98)]
    assert [ids(found) for found in merge_proposals(cases, pairs)] == [["t01", "t02"]]


def test_five_thousand_copies_of_one_letter_are_one_proposal() -> None:
    cases = [case(number, "热线") for number in range(5000)]
    pairs = [(0, copy, Grade.IDENTICAL, 1.0) for copy in range(1, 5000)]
    (proposal,) = merge_proposals(cases, pairs)
    assert {member.id for member in proposal.members} == {entry.suggestion.id for entry in cases}
    assert "共5000件，提出人5000人次" in proposal.note


@st.composite
def searches(draw: st.DrawFn) -> tuple[list[Case], list[tuple[int, int, Grade, float]]]:
    count = draw(st.integers(2, 10))
    sources = draw(st.lists(st.sampled_from(["人大", "政协", "热线", ""]), min_size=count, max_size=count))
    days = draw(st.lists(st.none() | st.dates(Date(2020, 1, 1), Date(2020, 1, 3)), min_size=count, max_size=count))
    people = draw(st.lists(st.lists(st.sampled_from("甲乙丙"), max_size=3), min_size=count, max_size=count))
    cases = [
        case(number, source, day, text="路" * (number % 3 + 1), proposers=tuple(names))
        for number, (source, day, names) in enumerate(zip(sources, days, people, strict=True))
    ]
    node = st.integers(0, count - 1)
    pair = st.tuples(node, node, st.sampled_from(list(Grade)), st.sampled_from([0.2, 0.5, 0.7, 0.9, 1.0]))
    return cases, draw(st.lists(pair, max_size=30))


@given(search=searches())
def test_nobody_and_nothing_is_dropped(search: tuple[list[Case], list[tuple[int, int, Grade, float]]]) -> None:
    cases, pairs = search
    proposals = merge_proposals(cases, pairs)
    members = [member for proposal in proposals for member in proposal.members]
    alone = {entry.suggestion.id: entry for entry in cases}
    for member in members:
        del alone[member.id]  # a second one of the same id would fail here
    assert Counter([*(m.proposers for m in members), *(c.suggestion.proposers for c in alone.values())]) == Counter(
        entry.suggestion.proposers for entry in cases
    )
    assert Counter([*(m.text for m in members), *(c.suggestion.text for c in alone.values())]) == Counter(
        entry.suggestion.text for entry in cases
    )
    for proposal in proposals:
        people = sum(len(member.proposers) for member in proposal.members)
        assert f"共{len(proposal.members)}件，提出人{people}人次" in proposal.note
        assert "分别答复每一位提出人" in proposal.note
        assert set(proposal.sources) == {member.source for member in proposal.members} - {""}


@given(search=searches(), answer=st.sampled_from([None, 0.1, 0.5, 0.8]))
def test_every_pair_of_a_proposal_holds(
    search: tuple[list[Case], list[tuple[int, int, Grade, float]]], answer: float | None
) -> None:
    cases, pairs = search
    index = {entry.suggestion.id: number for number, entry in enumerate(cases)}
    truth: dict[frozenset[int], float] = {}
    for one, other, grade, score in pairs:
        value = 0.0 if grade is Grade.RELATED else score
        truth[frozenset((one, other))] = min(value, truth.get(frozenset((one, other)), 1.0))
    copies = {frozenset((one, other)) for one, other, grade, score in pairs if grade is Grade.IDENTICAL and score == 1}
    proposals = merge_proposals(cases, pairs, None if answer is None else lambda asked: [answer] * len(asked))
    for proposal in proposals:
        assert proposal.score >= 0.5
        for one, other in itertools.combinations([index[member.id] for member in proposal.members], 2):
            known = truth.get(frozenset((one, other)))
            assert known is None or known >= max(0.5, proposal.score)
            assert known is not None or copies or (answer is not None and answer >= 0.5)


@given(search=searches(), seed=st.integers(0, 1000))
def test_the_order_of_cases_and_pairs_does_not_matter(
    search: tuple[list[Case], list[tuple[int, int, Grade, float]]], seed: int
) -> None:
    cases, pairs = search
    chance = random.Random(seed)
    place = chance.sample(range(len(cases)), len(cases))
    moved = [cases[place.index(number)] for number in range(len(cases))]
    renamed = [(place[other], place[one], grade, score) for one, other, grade, score in pairs]
    chance.shuffle(renamed)
    assert merge_proposals(moved, renamed) == merge_proposals(cases, pairs)


def test_largest_first() -> None:
    cases = [case(number) for number in range(5)]
    pairs = [(0, 1, SAME, 0.99), (2, 3, SAME, 0.6), (3, 4, SAME, 0.6), (2, 4, SAME, 0.6)]
    assert [len(found.members) for found in merge_proposals(cases, pairs)] == [3, 2]


def test_bad_input_is_named() -> None:
    with pytest.raises(InputError, match="1 ids stand for more than one text, the first is 't01'"):
        merge_proposals([case(1), case(1, text="另一件")], [])
    with pytest.raises(InputError, match="names texts 0 and 2; allowed are 0 to 1"):
        merge_proposals([case(1), case(2)], [(0, 2, SAME, 0.9)])
    with pytest.raises(InputError, match=r"probability 1\.2"):
        merge_proposals([case(1), case(2)], [(0, 1, SAME, 1.2)])
    with pytest.raises(InputError, match="threshold"):
        merge_proposals([case(1), case(2)], [(0, 1, SAME, 0.9)], threshold=2.0)
    assert merge_proposals([], []) == ()
