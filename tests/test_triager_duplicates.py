"""What the one door tells of duplicates: in answers, in a batch, from an index, and as precedents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date as Date
from pathlib import Path

import pytest

from triage import Triager
from triage.datasets import read_cases
from triage.duplicates.index import DuplicateIndex
from triage.duplicates.precedents import Kind
from triage.errors import IndexFileError, InputError, StorageError
from triage.records import Case, Grade, Suggestion, Triaged


@pytest.fixture(scope="module")
def known(root: Path) -> list[Case]:
    cases = read_cases(root / "examples" / "cases.csv")
    return [
        replace(case, suggestion=replace(case.suggestion, id=case.suggestion.id or f"k{number}"))
        for number, case in enumerate(cases)
        if case.leads
    ]


@pytest.fixture
def history(triager: Triager, known: list[Case]) -> Iterator[DuplicateIndex]:
    with triager.index() as index:
        index.add(known)
        yield index


def asked_again(case: Case) -> Suggestion:
    return replace(case.suggestion, id="new", source="其他", date=None)


def codes(answer: Triaged) -> list[str]:
    return [reason.code for reason in answer.reasons]


def test_an_index_is_made_and_opened_through_the_door(triager: Triager, known: list[Case], tmp_path: Path) -> None:
    path = tmp_path / "x.index"
    with pytest.raises(IndexFileError, match="no such file"):
        triager.index(path)
    with triager.index(path, create=True) as index:
        index.add(known[:3])
    with triager.index(path) as index:
        assert (len(index), index.path) == (3, path)
    with pytest.raises(StorageError, match="exists already"):
        triager.index(path, create=True)
    with triager.index() as index:
        assert (len(index), index.path) == (0, None)


def test_answers_with_history_say_what_they_repeat(
    triager: Triager, known: list[Case], history: DuplicateIndex
) -> None:
    suggestions = [asked_again(known[0]), Suggestion("odd", "关于保护百年银杏的建议"), Suggestion("empty")]
    plain = triager.triage(suggestions)
    told = triager.triage(suggestions, history=history)
    assert [answer.topics for answer in told] == [answer.topics for answer in plain]
    before, after = ({lead.unit: lead.score for lead in answers[0].lead} for answers in (plain, told))
    assert after[known[0].leads[0]] > before.get(known[0].leads[0], 0.0)
    assert told[0].duplicates == history.query(suggestions)[0]
    assert (told[0].duplicates[0].id, told[0].duplicates[0].grade) == (known[0].suggestion.id, Grade.IDENTICAL)
    assert "duplicates.found" in codes(told[0])
    assert told[0].reasons[: len(plain[0].reasons)] == plain[0].reasons
    assert told[2] == plain[2]
    assert all(answer.duplicates == () for answer in plain)


def test_a_lead_that_differs_from_the_last_time_is_a_reason(triager: Triager, known: list[Case]) -> None:
    case = known[0]
    (answer,) = triager.triage([asked_again(case)])
    first = answer.lead[0].unit
    other = next(unit for unit in triager.units if unit != first and unit not in case.leads)
    for leads, said in (((other,), True), ((first,), False), ((), False)):
        with triager.index() as history:
            history.add([Case(replace(case.suggestion, id="past", date=Date(2020, 5, 1)), leads)])
            (told,) = triager.triage([asked_again(case)], history=history)
        reasons = {reason.code: reason.text for reason in told.reasons}
        assert ("duplicates.conflict" in reasons) is said
        assert "应分别答复每位提出人" in reasons["duplicates.found"]
        if said:
            assert f"past（2020-05-01）由{other}主办" in reasons["duplicates.conflict"]


def test_what_was_decided_about_a_text_counts_in_its_batch(triager: Triager, known: list[Case]) -> None:
    one = asked_again(known[0])
    first, other = (unit for unit in triager.units[:2])
    decided = [Case(one, (first,)), Case(replace(one, id="twin"), (other,))]
    batch = triager.duplicates(decided)
    (item,) = triager.conflicts(batch)
    assert {holding.leads for holding in item.holdings} == {(first,), (other,)}
    assert [member.lead for member in batch.proposals()[0].members] == [(first,), (other,)]
    batch.close()

    suggested = triager.triage([one])[0].lead[0].unit
    wrong = next(unit for unit in triager.units if unit != suggested)
    batch = triager.duplicates([Case(one, (wrong,)), replace(one, id="open")])
    (item,) = triager.conflicts(batch)
    assert {holding.leads for holding in item.holdings} == {(wrong,), (suggested,)}
    batch.close()


def test_a_batch_through_the_door(triager: Triager, known: list[Case], history: DuplicateIndex) -> None:
    one = asked_again(known[0])
    batch = triager.duplicates([one, replace(one, id="twin"), Suggestion("empty")], history=history)
    found = batch.duplicates()
    assert [hit.id for hit in found[0][:2]] == ["twin", known[0].suggestion.id]
    assert found[2] == ()
    assert [len(proposal.members) for proposal in batch.proposals()] == [2]
    assert isinstance(triager.conflicts(batch), tuple)
    batch.close()
    with pytest.raises(InputError, match="new: more than once"):
        triager.duplicates([one, one])
    assert len(history) == len(known)


def test_precedents_are_handled_cases_the_same_matter_first(
    triager: Triager, known: list[Case], history: DuplicateIndex
) -> None:
    history.add([Case(Suggestion("unhandled", known[0].suggestion.title, known[0].suggestion.text))])
    asked = [
        asked_again(known[0]),
        Suggestion("none", "关于保护百年银杏的建议", "城隍庙前的银杏要挂牌。"),
        Suggestion("empty"),
    ]
    first, second, third = triager.precedents(asked, history, most=3)
    assert (first[0].id, first[0].kind, first[0].grade) == (known[0].suggestion.id, Kind.SAME_MATTER, Grade.IDENTICAL)
    assert first[0].lead == known[0].leads
    assert f"由{'、'.join(known[0].leads)}主办" in first[0].text
    assert len(first) <= 3
    assert all(case.lead for case in (*first, *second))
    order = [list(Kind).index(case.kind) for case in first]
    assert order == sorted(order)
    assert third == ()
    assert triager.precedents([], history) == []


def test_a_lead_that_the_catalogue_does_not_know_keeps_its_name(triager: Triager, known: list[Case]) -> None:
    (answer,) = triager.triage([asked_again(known[0])])
    assert triager._known_as(answer.lead[0].unit)[0] == answer.lead[0].unit
    assert triager._known_as("世上没有的局")[0] == "世上没有的局"


def test_copies_in_the_batch_do_not_keep_history_from_being_heard(triager: Triager, known: list[Case]) -> None:
    case = known[0]
    with triager.index() as history:
        history.add([case])
        copies = [replace(asked_again(case), id=f"copy-{number}") for number in range(12)]
        (alone,) = triager.triage(copies[:1], history=history)
        together = triager.together(copies, history=history).answers
    assert together[0].lead == alone.lead
    assert together[0].co == alone.co
    assert together[0].decision == alone.decision
