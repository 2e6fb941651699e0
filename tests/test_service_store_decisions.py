"""Decisions, returns and outcomes in the memory: added, numbered, told; and the memory as the library's cases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date as Date
from typing import Any

import pytest
from sqlalchemy import select

from service.store import cases as stored
from service.store import decisions, suggestions
from service.store.errors import Changed, NotThere
from service.store.figures import Figures
from service.store.listing import Filter
from service.store.store import Store, Writing
from service.store.tables import CLOSED, DECIDED, OPEN, Assignment, SuggestionRow
from service.store.tables_service import DeliveryRow, TrailRow, WebhookRow
from triage import Case, InputError, Mode, Suggestion
from triage.meeting.decided import Suggested
from triage.meeting.figures import Compared

LAMP = Suggestion(
    id="RD-1", title="关于在学府路加装路灯的建议", text="夜里很黑。", source="人大", date=Date(2025, 2, 18)
)
ANSWER: dict[str, Any] = {
    "id": "RD-1",
    "topics": [{"name": "路灯", "score": 0.8, "path": ["城建", "路灯"]}],
    "lead": [{"unit": unit, "score": score} for unit, score in (("城管局", 0.7), ("交通局", 0.2), ("水利局", 0.1))],
    "co": [{"unit": "财政局", "score": 0.6}, {"unit": "公安局", "score": 0.1}],
    "mode": "joint",
    "decision": "choose",
    "matters": [],
}


@contextmanager
def taken_in(store: Store, suggestion: Suggestion = LAMP) -> Iterator[tuple[Writing, SuggestionRow]]:
    with store.write("key:one") as writing:
        yield writing, suggestions.create(writing, suggestion)


@contextmanager
def found(store: Store, ref: str = "RD-1") -> Iterator[tuple[Writing, SuggestionRow]]:
    with store.write("key:two") as writing:
        yield writing, suggestions.find(writing.session, ref, confidential=True)


def all_cases(store: Store, chosen: Filter | None = None, **asked: bool) -> list[Case]:
    with store.read() as session:
        return list(stored.cases(session, chosen or Filter(), **{"confidential": True} | asked))


def trail(store: Store) -> list[tuple[str, dict[str, Any]]]:
    with store.read() as session:
        return [(row.action, row.details) for row in session.scalars(select(TrailRow).order_by(TrailRow.seq))]


def test_a_decision_holds_until_the_next(store: Store) -> None:
    with taken_in(store) as (writing, row):
        first = decisions.decide(writing, row, lead=["城管局"], co=["财政局", "公安局"], topics=["路灯"], expected=0)
        assert (first.number, first.mode, row.state, row.topic) == (1, Mode.JOINT, DECIDED, "路灯")
    with found(store) as (writing, row):
        second = decisions.decide(writing, row, lead=["交通局", "城管局"], co=["公安局"], expected=1, decided_by="王")
        assert (second.number, second.mode, second.actor) == (2, Mode.SPLIT, "key:two")
        assert row.topic == ""
    with store.read() as session:
        row = suggestions.find(session, "RD-1", confidential=True)
        assert row.decision == 2
        assert [one.lead for one in decisions.decisions_of(session, row)] == [["城管局"], ["交通局", "城管局"]]
        held = [(one.role, one.place, one.unit) for one in session.scalars(select(Assignment))]
        assert sorted(held) == [("co", 0, "公安局"), ("lead", 0, "交通局"), ("lead", 1, "城管局")]
    assert [action for action, _ in trail(store)] == ["suggestion.created", "decision.made", "decision.changed"]


def test_who_has_seen_another_decision_is_told_the_one_that_holds(store: Store) -> None:
    with taken_in(store) as (writing, row):
        decisions.decide(writing, row, lead=["城管局"], reason="近", decided_by="王静", expected=0)
    for expected in (0, 2, 99):
        with pytest.raises(Changed) as caught, found(store) as (writing, row):
            decisions.decide(writing, row, lead=["交通局"], expected=expected)
        current = caught.value.current
        assert (current["number"], current["lead"], current["decided_by"]) == (1, ["城管局"], "王静")
    assert len(trail(store)) == 2


def test_nobody_has_seen_a_decision_that_there_is_not(store: Store) -> None:
    with taken_in(store):
        pass
    with pytest.raises(Changed) as caught, found(store) as (writing, row):
        decisions.decide(writing, row, lead=["交通局"], expected=1)
    assert caught.value.current == {"number": 0}


@pytest.mark.parametrize(
    ("lead", "co"), [([], []), ([], ["财政局"]), (["城管局"], ["城管局"]), (["城管局", "城管局"], []), ([" "], [])]
)
def test_units_that_make_no_decision(store: Store, lead: list[str], co: list[str]) -> None:
    with taken_in(store):
        pass
    with pytest.raises(InputError, match="one lead at least is needed"), found(store) as (writing, row):
        decisions.decide(writing, row, lead=lead, co=co, expected=0)
    assert [case.leads for case in all_cases(store)] == [()]


@pytest.mark.parametrize("what", [{"reason": "a\x00"}, {"topics": ["\x00"]}, {"decided_by": "\x00"}, {"co": ["\x00"]}])
def test_what_no_database_keeps_is_refused(store: Store, what: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"U\+0000"), taken_in(store) as (writing, row):
        decisions.decide(writing, row, lead=["城管局"], expected=0, **what)


def test_what_had_been_suggested_is_copied(store: Store) -> None:
    with taken_in(store) as (writing, row):
        earlier = suggestions.keep_answer(writing, row, ANSWER | {"lead": ANSWER["lead"][1:]}, "m", "")
        latest = suggestions.keep_answer(writing, row, ANSWER, "m", "")
        decision = decisions.decide(writing, row, lead=["交通局"], expected=0)
        assert (decision.answer_id, decision.suggested_lead, decision.suggested_co) == (
            latest.id,
            ["城管局"],
            ["财政局"],
        )
        decision = decisions.decide(writing, row, lead=["交通局"], expected=1, answer_id=earlier.id)
        assert (decision.answer_id, decision.suggested_lead) == (earlier.id, ["交通局"])
    with store.read() as session:
        held = suggestions.find(session, "RD-1", confidential=True)
        shown = decisions.decisions_of(session, held)[1].shown
        figures = Figures(session, Filter(), confidential=True)
        assert Suggested.from_dict(shown) == Suggested.of_stored(
            ANSWER | {"lead": ANSWER["lead"][1:], "co": ANSWER["co"][:1]}
        )
        assert figures.compared() == {Compared("kept", co_added=0, co_dropped=1, decision="choose"): 1}
        assert figures.changes(20) == []


def test_an_answer_must_be_the_suggestions_own(store: Store) -> None:
    with taken_in(store) as (writing, row):
        answer = suggestions.keep_answer(writing, row, ANSWER, "m", "").id
    with taken_in(store, Suggestion(id="2", title="修桥")):
        pass
    with pytest.raises(NotThere, match=f"'2' has no answer {answer}"), found(store, "2") as (writing, row):
        decisions.decide(writing, row, lead=["交通局"], expected=0, answer_id=answer)


def test_a_helper_who_joins_later_gives_the_lead_no_new_day(store: Store) -> None:
    day = Date(2025, 3, 1)
    with taken_in(store) as (writing, row):
        decisions.decide(writing, row, lead=["城管局"], expected=0, day=day)
        assert decisions.decide(writing, row, lead=["城管局"], co=["财政局"], expected=1).day == day
        assert decisions.decide(writing, row, lead=["交通局"], expected=2).day == decisions.today()


def test_a_unit_that_holds_the_decision_may_return_it(store: Store) -> None:
    with taken_in(store) as (writing, row):
        decisions.decide(writing, row, lead=["城管局"], co=["财政局"], expected=0)
        returned = decisions.record_return(writing, row, unit="财政局", reason="不出钱", day=Date(2025, 3, 4))
        assert (returned.decision, row.decision, row.state) == (1, 1, DECIDED)
    told = "'水利局' cannot send 'RD-1' back; it was handed to 城管局、财政局"
    with pytest.raises(InputError, match=told), found(store) as (writing, row):
        decisions.record_return(writing, row, unit="水利局")
    action, details = trail(store)[-1]
    assert (action, details["unit"], details["role"]) == ("suggestion.returned", "财政局", "co")


def test_what_is_not_decided_is_neither_returned_nor_closed(store: Store) -> None:
    with taken_in(store) as (writing, row):
        with pytest.raises(InputError, match="it is not decided"):
            decisions.record_return(writing, row, unit="城管局")
        with pytest.raises(InputError, match="is open, so it cannot be closed"):
            decisions.record_outcome(writing, row, outcome="A")
        assert row.state == OPEN


def test_the_latest_outcome_counts_and_the_same_again_adds_none(store: Store) -> None:
    with taken_in(store) as (writing, row):
        decisions.decide(writing, row, lead=["城管局"], expected=0, day=Date(2025, 3, 1))
        one = decisions.record_outcome(writing, row, outcome="B", reply="列入计划", day=Date(2025, 5, 1))
        assert decisions.record_outcome(writing, row, outcome="B", reply="列入计划") is one
        two = decisions.record_outcome(writing, row, outcome="A", reply="装好了", day=Date(2025, 9, 1))
        assert two.id != one.id
        assert row.state == CLOSED
        decisions.decide(writing, row, lead=["交通局"], expected=1)
        assert row.state == CLOSED
    assert [action for action, _ in trail(store)].count("suggestion.closed") == 2
    (case,) = all_cases(store)
    assert (case.outcome, case.reply, case.replied) == ("A", "装好了", Date(2025, 9, 1))


@pytest.mark.parametrize("outcome", ["", " ", "长" * 21])
def test_an_outcome_is_a_class_and_no_text(store: Store, outcome: str) -> None:
    with taken_in(store) as (writing, row):
        decisions.decide(writing, row, lead=["城管局"], expected=0)
        with pytest.raises(InputError, match="allowed are 1 to 20"):
            decisions.record_outcome(writing, row, outcome=outcome)


def test_the_trail_and_the_messages_hold_no_words(store: Store) -> None:
    events = ["decision.made", "decision.changed", "suggestion.returned", "suggestion.closed"]
    with taken_in(store) as (writing, row):
        hook = WebhookRow(id="w", url="https://oa.example", events=events, secret="s", actor="a")
        writing.session.add(hook)
        decisions.decide(writing, row, lead=["城管局"], reason="理由甲", topics=["路灯"], expected=0)
        decisions.decide(writing, row, lead=["交通局"], reason="理由乙", expected=1)
        decisions.record_return(writing, row, unit="交通局", reason="理由丙")
        decisions.record_outcome(writing, row, outcome="A", reply="答复丁")
    with store.read() as session:
        sent = [(one.event, one.payload["data"]["suggestion"]) for one in session.scalars(select(DeliveryRow))]
        told = str([one.payload for one in session.scalars(select(DeliveryRow))]) + str(trail(store))
    assert sorted(sent) == sorted((event, "RD-1") for event in events)
    assert not [word for word in ("理由", "答复", "学府路", "夜里") if word in told]


def test_of_clerks_who_decide_at_once_one_is_heard_and_the_others_are_told(store: Store) -> None:
    with taken_in(store):
        pass
    units = [f"单位{number}" for number in range(6)]

    def clerk(unit: str) -> tuple[str, dict[str, Any]]:
        try:
            with store.write(f"key:{unit}") as writing:
                row = suggestions.find(writing.session, "RD-1", confidential=True)
                return "won", decisions.told(decisions.decide(writing, row, lead=[unit], expected=0))
        except Changed as error:
            return "told", error.current

    with ThreadPoolExecutor(len(units)) as pool:
        answers = list(pool.map(clerk, units))
    (winner,) = [told for verdict, told in answers if verdict == "won"]
    assert [told["lead"] for verdict, told in answers if verdict == "told"] == [winner["lead"]] * 5
    assert [case.leads for case in all_cases(store)] == [tuple(winner["lead"])]


def test_a_case_holds_what_became_of_a_suggestion(store: Store) -> None:
    with taken_in(store) as (writing, row):
        decisions.decide(writing, row, lead=["公安局"], expected=0, day=Date(2025, 3, 1))
        decisions.record_return(writing, row, unit="公安局")
        decisions.record_return(writing, row, unit="公安局")
        decisions.decide(
            writing, row, lead=["城管局"], co=["财政局"], topics=["城建", "路灯"], expected=1, day=Date(2025, 3, 5)
        )
        decisions.record_outcome(writing, row, outcome="A", reply="装好了", day=Date(2025, 9, 1))
    wanted = Case(
        LAMP,
        leads=("城管局",),
        co=("财政局",),
        topics=("城建", "路灯"),
        reply="装好了",
        outcome="A",
        returned=("公安局",),
        handed_out=Date(2025, 3, 5),
        replied=Date(2025, 9, 1),
    )
    assert all_cases(store) == [wanted]


def test_a_model_decides_no_topic(store: Store) -> None:
    with taken_in(store) as (writing, row):
        suggestions.keep_answer(writing, row, ANSWER, "m", "")
    assert all_cases(store) == [Case(LAMP)]


def test_cases_come_in_order_over_parts_as_they_are_asked_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "PART", 3)
    with store.write("a") as writing:
        for number in range(8):
            made = Suggestion(
                id=str(number), title="修桥", source="政协" if number % 2 else "人大", confidential=number == 4
            )
            row = suggestions.create(writing, made)
            if number < 4:
                decisions.decide(writing, row, lead=["交通局"], expected=0)
        row.state, row.title = "erased", ""

    def ids(chosen: Filter | None = None, **asked: bool) -> str:
        return "".join(case.suggestion.id for case in all_cases(store, chosen, **asked))

    assert ids() == "0123456"
    assert ids(erased=True) == "01234567"
    assert ids(confidential=False) == "012356"
    assert ids(Filter(sources=("政协",), units=("交通局",))) == "13"
    with store.read() as session:
        assert stored.count(session, Filter(), confidential=False) == 6
        assert stored.count(session, Filter(), confidential=True, erased=True) == 8
        with pytest.raises(InputError, match="state 'gone' is not known"):
            next(stored.cases(session, Filter(states=("gone",)), confidential=True))


def test_nothing_is_decided_about_what_is_erased(store: Store) -> None:
    with taken_in(store) as (writing, row):
        decisions.decide(writing, row, lead=["城管局"], expected=0)
        row.state = "erased"
        with pytest.raises(InputError, match="is erased"):
            decisions.decide(writing, row, lead=["交通局"], expected=1)
        with pytest.raises(InputError, match="Nothing is added"):
            decisions.record_outcome(writing, row, outcome="A")
