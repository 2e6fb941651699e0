"""The consistency guard: who is told of, against what, in which words; and that no conflict and no text is lost."""

from __future__ import annotations

import copy
import itertools
import json
import random
from collections.abc import Sequence
from datetime import date as Date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.catalogue import Catalogue, starter_catalogue
from triage.duplicates.guard import Conflict, ConflictKind, Handed, HandedPair, MeetingItem, conflicts, meeting_list
from triage.duplicates.leads import Agreement
from triage.errors import InputError
from triage.records import Case, Grade, Suggestion

SAME = Grade.SAME_MATTER
CATALOGUE = starter_catalogue()
FEW = Catalogue(tuple(unit for unit in CATALOGUE.units if unit.code in {"jyj", "rsj", "gtj", "ghj", "zrzy"}))


def handed(
    name: str, leads: str, year: int | None = 2024, decided: bool = False, source: str = "人大", **more: object
) -> Handed:
    values: dict[str, object] = {
        "id": name,
        "title": "关于乡村教师周转房的建议",
        "text": f"请为乡村教师建周转房。（{name}）",
        "source": source,
        "session": "二届一次",
        "date": Date(year, 3, 1) if year else None,
    }
    suggestion = Suggestion(**(values | more))  # type: ignore[arg-type]
    return Handed(Case(suggestion, leads=tuple(leads.split())), decided=decided)


def all_pairs(texts: Sequence[Handed], grade: Grade = SAME, score: float = 0.9) -> list[HandedPair]:
    return [(one, other, grade, score) for one, other in itertools.combinations(texts, 2)]


def only(found: tuple[Conflict, ...]) -> Conflict:
    assert len(found) == 1
    return found[0]


def test_against_history() -> None:
    old = handed("12", "县教育局", 2021, decided=True)
    new = handed("7", "县人社局", source="政协")
    found = only(conflicts([(new, old, SAME, 0.8)], CATALOGUE))
    assert found.kind is ConflictKind.AGAINST_HISTORY
    assert (found.one.id, found.other.id) == ("12", "7")
    assert (found.one.date, found.one.leads, found.one.decided) == ("2021-03-01", ("县教育局",), True)
    assert (found.grade, found.score, found.difference) == (SAME, 0.8, Agreement.DIFFERENT)
    assert found.text == "同一事项，2021年由县教育局主办（人大“12”），本次拟由县人社局主办（政协“7”），请会前统一。"


def test_within_a_batch() -> None:
    found = only(
        conflicts([(handed("1", "教育局"), handed("2", "人社局", source="政协"), Grade.REWRITTEN, 0.9)], CATALOGUE)
    )
    assert found.kind is ConflictKind.WITHIN_BATCH
    assert found.text == ("同一文本的改写，本次拟分别由教育局（人大“1”）和人社局（政协“2”）主办，请会前统一。")


def test_within_history() -> None:
    pair = (handed("1", "教育局", 2019, decided=True), handed("2", "人社局", 2021, decided=True), Grade.IDENTICAL, 1.0)
    found = only(conflicts([pair], CATALOGUE))
    assert found.kind is ConflictKind.WITHIN_HISTORY
    assert found.text == (
        "文字相同，2019年由教育局主办（人大“1”），2021年由人社局主办（人大“2”），历史办理不一，供参考。"
    )
    assert meeting_list([pair], CATALOGUE) == ()


@pytest.mark.parametrize(
    ("old", "year", "new"),
    [
        ("卫生局", 2010, "卫生健康局"),
        ("规划局", 2017, "市自然资源和规划局"),
        ("海洋与渔业局", 2016, "农业农村局"),
        ("海洋与渔业局", 2016, "自然资源和规划局"),
        ("农办", 2015, "农业农村局"),
        ("市规划局", 2017, "规划局"),
        ("某个没有登记的单位", 2017, "某个没有登记的单位"),
    ],
)
def test_a_reorganisation_or_a_spelling_is_no_conflict(old: str, year: int, new: str) -> None:
    pair = (handed("1", old, year, decided=True), handed("2", new), SAME, 0.9)
    assert conflicts([pair], CATALOGUE) == ()
    assert conflicts([pair], CATALOGUE, partly=True) == ()
    assert meeting_list([pair], CATALOGUE) == ()


def test_what_the_catalogue_does_not_know_is_compared_by_name() -> None:
    one, other = handed("1", "双河水库建设专班", 2021, decided=True), handed("2", "南岭古道保护专班")
    assert only(conflicts([(one, other, SAME, 0.9)], CATALOGUE)).difference is Agreement.DIFFERENT
    assert only(conflicts([(one, other, SAME, 0.9)])).difference is Agreement.DIFFERENT


def test_two_units_that_were_merged_later_were_two_in_their_time() -> None:
    leads = ("国土资源局", "规划局")
    then = [handed(name, name, 2017) for name in leads]
    assert len(conflicts(all_pairs(then), CATALOGUE)) == 1
    before = [handed(name, name, 2017, decided=True) for name in leads]
    now = handed("now", "自然资源和规划局", 2024)
    assert [found.kind for found in conflicts(all_pairs([*before, now]), CATALOGUE)] == [ConflictKind.WITHIN_HISTORY]
    assert meeting_list(all_pairs([*before, now]), CATALOGUE) == ()


def test_an_open_text_without_a_date_is_of_now() -> None:
    pair = (handed("1", "国土资源局", 2017, decided=True), handed("2", "规划局", None), SAME, 0.9)
    assert conflicts([pair], CATALOGUE) == ()


def test_a_split_case_that_holds_the_lead_is_weaker() -> None:
    pair = (handed("1", "教育局 公安局", 2021, decided=True), handed("2", "公安局"), SAME, 0.9)
    assert conflicts([pair], CATALOGUE) == ()
    found = only(conflicts([pair], CATALOGUE, partly=True))
    assert found.difference is Agreement.PARTLY
    assert found.text == (
        "同一事项，2021年由教育局、公安局主办（人大“1”），本次拟由公安局主办（人大“2”），"
        "主办单位部分一致或层级不同，请核对。"
    )


def test_what_says_nothing() -> None:
    one, other = handed("1", "教育局"), handed("2", "人社局")
    assert conflicts([(one, other, Grade.RELATED, 0.99)], CATALOGUE, partly=True) == ()
    assert meeting_list([(one, other, Grade.RELATED, 0.99)], CATALOGUE) == ()
    assert conflicts([(one, handed("3", ""), SAME, 0.9)], CATALOGUE, partly=True) == ()
    assert meeting_list([(one, handed("3", ""), SAME, 0.9)], CATALOGUE) == ()
    again = Handed(Case(one.case.suggestion, leads=("人社局",)), decided=True)
    assert conflicts([(one, again, Grade.IDENTICAL, 1.0)], CATALOGUE) == ()
    assert conflicts([], CATALOGUE) == meeting_list([], CATALOGUE) == ()


def test_a_pair_given_twice_counts_once_with_the_lower_probability() -> None:
    one, other = handed("1", "教育局"), handed("2", "人社局")
    assert only(conflicts([(one, other, SAME, 0.9), (other, one, SAME, 0.6)])).score == 0.6


def test_the_wording_of_a_confidential_text_is_not_repeated() -> None:
    hidden = handed("1", "教育局", confidential=True, title="不可外传的标题", text="不可外传的正文")
    pairs = [(hidden, handed("2", "人社局"), SAME, 0.9)]
    found = only(conflicts(pairs))
    assert (found.one.title, found.other.title) == ("", "关于乡村教师周转房的建议")
    (item,) = meeting_list(pairs)
    for record in (found, item):
        plain = record.to_dict()
        assert "不可外传" not in json.dumps(plain, ensure_ascii=False)
        assert json.loads(json.dumps(plain)) == plain


def test_closest_grade_first() -> None:
    a, b, c = handed("1", "教育局"), handed("2", "人社局"), handed("3", "公安局")
    pairs = [(a, b, SAME, 0.99), (b, c, Grade.IDENTICAL, 1.0), (a, c, SAME, 0.995)]
    assert [found.score for found in conflicts(pairs)] == [1.0, 0.995, 0.99]


def test_nothing_that_came_in_is_changed() -> None:
    texts = [handed("1", "教育局", 2021, decided=True), handed("2", "人社局"), handed("3", "人社局")]
    pairs = all_pairs(texts)
    before = copy.deepcopy(pairs)
    conflicts(pairs, CATALOGUE)
    meeting_list(pairs, CATALOGUE)
    assert pairs == before


def test_bad_probabilities_are_named() -> None:
    pair = (handed("1", "教育局"), handed("2", "人社局"), SAME, 1.5)
    for check in (conflicts, meeting_list):
        with pytest.raises(InputError, match=r"'1' and '2' has the probability 1\.5"):
            check([pair])  # type: ignore[operator]


def test_five_texts_with_two_leads_are_one_line() -> None:
    texts = [
        handed("3", "县人社局", 2021, decided=True, source="政协"),
        handed("12", "县教育局"),
        handed("15", "教育局"),
        handed("8", "县教育局", source="政协"),
        handed("9", "人力资源和社会保障局", source="群众"),
    ]
    (item,) = meeting_list(all_pairs(texts), CATALOGUE)
    assert [[side.id for side in holding.members] for holding in item.holdings] == [["8", "15", "12"], ["9", "3"]]
    assert item.majority == ("县教育局",)
    assert item.latest == ("县人社局",)
    assert item.kind is ConflictKind.AGAINST_HISTORY
    assert (item.grade, item.score) == (SAME, 0.9)
    assert item.text == (
        "同一事项5件，主办单位不一：县教育局3件（政协“8”、人大“15”、人大“12”）；"
        "人力资源和社会保障局2件（群众“9”、政协“3”，2021年已办）。"
        "供会上商议：多数为县教育局，最近一次（2021年）由县人社局主办。请会前统一，由会议确定。"
    )


def test_without_majority_and_history_nothing_is_proposed() -> None:
    (item,) = meeting_list(all_pairs([handed("1", "教育局"), handed("2", "人社局")]), CATALOGUE)
    assert (item.majority, item.latest, item.kind) == ((), (), ConflictKind.WITHIN_BATCH)
    assert item.text == (
        "同一事项2件，主办单位不一：教育局1件（人大“1”）；人社局1件（人大“2”）。请会前统一，由会议确定。"
    )


def test_many_texts_are_counted_and_all_stand_in_the_record() -> None:
    texts = [handed(f"{number:02}", "教育局") for number in range(20)] + [handed("99", "人社局")]
    (item,) = meeting_list(all_pairs(texts), CATALOGUE)
    assert "教育局20件（人大“19”、" in item.text
    assert "“14”等）" in item.text
    assert "“13”" not in item.text
    assert [len(holding.members) for holding in item.holdings] == [20, 1]


def test_the_former_unit_of_two_heirs_does_not_hide_that_they_differ() -> None:
    texts = [
        handed("old", "海洋与渔业局", 2016, decided=True),
        handed("1", "农业农村局"),
        handed("2", "自然资源和规划局"),
    ]
    (item,) = meeting_list(all_pairs(texts), CATALOGUE)
    assert sorted(len(holding.members) for holding in item.holdings) == [1, 2]
    assert item.latest == ("海洋与渔业局",)


def test_a_chain_gives_a_line_for_each_conflict_and_no_matter_of_unlike_ends() -> None:
    a, b, c = handed("a", "教育局"), handed("b", "人社局"), handed("c", "公安局")
    items = meeting_list([(a, b, SAME, 0.9), (b, c, SAME, 0.8), (a, c, Grade.RELATED, 0.9)], CATALOGUE)
    lines = [{side.id for holding in item.holdings for side in holding.members} for item in items]
    assert lines == [{"a", "b"}, {"b", "c"}]
    asked: list[tuple[Handed, Handed]] = []

    def score(pairs: Sequence[tuple[Handed, Handed]]) -> list[float]:
        asked.extend(pairs)
        return [0.7] * len(pairs)

    (item,) = meeting_list([(a, b, SAME, 0.9), (b, c, SAME, 0.8)], CATALOGUE, score)
    assert asked == [(a, c)]
    assert len(item.holdings) == 3


def test_texts_that_agree_bring_a_conflict_across_groups_together() -> None:
    """The fifth text is like four of five: one line for it, not four."""
    texts = [handed(str(number), "教育局") for number in range(5)]
    late = handed("late", "人社局")
    pairs = [*all_pairs(texts, score=0.95), *((text, late, SAME, 0.6) for text in texts[:4])]
    (item,) = meeting_list(pairs, CATALOGUE)
    assert [len(holding.members) for holding in item.holdings] == [4, 1]


LEADS = st.sampled_from(
    ["教育局", "县教育局", "人社局", "国土资源局", "规划局", "自然资源和规划局", "教育局 人社局", ""]
)


@st.composite
def batches(draw: st.DrawFn) -> list[HandedPair]:
    count = draw(st.integers(2, 8))
    texts = [
        handed(
            str(number),
            draw(LEADS),
            draw(st.sampled_from([None, 2016, 2018, 2024])),
            draw(st.booleans()),
            draw(st.sampled_from(["人大", "政协"])),
        )
        for number in range(count)
    ]
    node = st.integers(0, count - 1)
    entry = st.tuples(node, node, st.sampled_from(list(Grade)), st.sampled_from([0.5, 0.6, 0.8, 0.95]))
    return [(texts[i], texts[j], grade, score) for i, j, grade, score in draw(st.lists(entry, max_size=30))]


def ids_of(item: MeetingItem) -> set[str]:
    return {side.id for holding in item.holdings for side in holding.members}


@given(pairs=batches())
def test_no_conflict_is_lost_on_the_way_to_the_meeting(pairs: list[HandedPair]) -> None:
    items = meeting_list(pairs, FEW)
    likely = {frozenset((one.case.suggestion.id, other.case.suggestion.id)) for one, other, _, _ in pairs}
    for item in items:
        assert len(item.holdings) >= 2
        assert all(frozenset(pair) in likely for pair in itertools.combinations(ids_of(item), 2))
        assert any(not side.decided for holding in item.holdings for side in holding.members)
    for found in conflicts(pairs, FEW):
        ends = {found.one.id, found.other.id}
        reorganised = {"国土资源局", "规划局"} >= {*found.one.leads, *found.other.leads}
        if found.kind is not ConflictKind.WITHIN_HISTORY and not reorganised:
            assert any(ends <= ids_of(item) for item in items), found.text


@given(pairs=batches(), seed=st.integers(0, 1000))
def test_the_order_of_the_pairs_does_not_matter(pairs: list[HandedPair], seed: int) -> None:
    chance = random.Random(seed)
    mixed = [
        (two, one, grade, score) if chance.random() < 0.5 else (one, two, grade, score)
        for one, two, grade, score in pairs
    ]
    chance.shuffle(mixed)
    assert conflicts(mixed, FEW, partly=True) == conflicts(pairs, FEW, partly=True)
    assert meeting_list(mixed, FEW) == meeting_list(pairs, FEW)
