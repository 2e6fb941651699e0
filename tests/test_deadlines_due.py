"""What is due when: last days by office and source, warnings, states, and the docket of many cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date as Date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.catalogue.office import DayException, Deadlines, Office, Period
from triage.deadlines import DUTIES, STATES, Duty, State, calendar_of, docket, docket_sheets, due, remaining
from triage.deadlines.docket import NOBODY
from triage.errors import InputError
from triage.records import Case, Suggestion

HANDED = Date(2026, 3, 10)
OFFICE = Office("清河县人大代表工委", "清河县")
HOTLINE = replace(
    OFFICE,
    deadlines=Deadlines(
        by_source=(("热线", Deadlines(Period(working_days=5), Period(working_days=3), Period(working_days=2), (2, 1))),)
    ),
)


def case(name: str, lead: str = "交通局", **fields: object) -> Case:
    known = Case(Suggestion(name, f"关于修{name}路的建议", source="人大"), (lead,) if lead else (), handed_out=HANDED)
    return replace(known, **fields)  # type: ignore[arg-type]


def numbered(*cases: Case) -> list[tuple[str, Case]]:
    return [(f"cases.csv:{line}", one) for line, one in enumerate(cases, start=2)]


def test_last_days_follow_from_the_office() -> None:
    found = due(OFFICE, HANDED)
    assert (found.reply, found.opinion, found.return_until) == (Date(2026, 6, 10), Date(2026, 4, 10), Date(2026, 3, 19))
    assert not found.provisional
    assert found.notices == ()


def test_a_source_may_have_its_own_deadlines() -> None:
    hotline = due(HOTLINE, HANDED, "热线")
    assert (hotline.reply, hotline.opinion, hotline.return_until) == tuple(Date(2026, 3, day) for day in (17, 13, 12))
    assert due(HOTLINE, HANDED, "政协") == due(OFFICE, HANDED)
    assert due(HOTLINE, case("a", suggestion=Suggestion("a", source="热线"))) == hotline


def test_warnings_come_before_and_never_on_the_hand_out() -> None:
    calendar = calendar_of(())
    found = due(OFFICE, HANDED)
    days = [warning.day for warning in found.warnings]
    assert days == sorted(days)
    assert min(days) > HANDED
    assert {warning.before for warning in found.warnings if warning.duty is Duty.REPLY} == {10, 5, 1}
    assert {warning.before for warning in found.warnings if warning.duty is Duty.RETURN} == {5, 1}  # 10 would be before
    for warning in found.warnings:
        assert calendar.between(warning.day, found.last_day(warning.duty)) == warning.before


@pytest.mark.parametrize(
    ("on", "reply", "window"),
    [
        (Date(2026, 3, 11), State.OPEN, State.OPEN),
        (Date(2026, 3, 12), State.OPEN, State.SOON),  # five working days before the 19th
        (Date(2026, 3, 19), State.OPEN, State.SOON),
        (Date(2026, 3, 20), State.OPEN, State.CLOSED),
        (Date(2026, 5, 26), State.OPEN, State.CLOSED),
        (Date(2026, 5, 27), State.SOON, State.CLOSED),  # ten working days before 10 June
        (Date(2026, 6, 10), State.SOON, State.CLOSED),
        (Date(2026, 6, 11), State.OVERDUE, State.CLOSED),
    ],
)
def test_states_by_day(on: Date, reply: State, window: State) -> None:
    found = due(OFFICE, HANDED)
    assert (found.state(Duty.REPLY, on), found.state(Duty.RETURN, on)) == (reply, window)


def test_a_reply_counts_from_the_day_it_was_given() -> None:
    found = due(OFFICE, HANDED)
    assert found.state(Duty.REPLY, Date(2026, 7, 1), Date(2026, 6, 10)) is State.ANSWERED
    assert found.state(Duty.REPLY, Date(2026, 7, 1), Date(2026, 6, 11)) is State.ANSWERED_LATE
    assert found.state(Duty.REPLY, Date(2026, 6, 11), Date(2026, 6, 12)) is State.OVERDUE
    assert found.state(Duty.OPINION, Date(2026, 7, 1), Date(2026, 6, 10)) is State.ANSWERED
    assert found.state(Duty.RETURN, Date(2026, 3, 12), Date(2026, 3, 12)) is State.CLOSED


def test_without_warnings_the_last_day_is_soon() -> None:
    found = due(replace(OFFICE, deadlines=Deadlines(warn=())), HANDED)
    assert found.warnings == ()
    assert found.state(Duty.REPLY, Date(2026, 6, 9)) is State.OPEN
    assert found.state(Duty.REPLY, Date(2026, 6, 10)) is State.SOON


def test_every_state_that_can_be_has_its_word() -> None:
    found = due(OFFICE, HANDED)
    for duty in Duty:
        for on in (HANDED, Date(2026, 3, 19), Date(2026, 4, 10), Date(2026, 6, 10), Date(2026, 9, 1)):
            for replied in (None, Date(2026, 3, 12), Date(2026, 8, 1)):
                assert STATES[duty][found.state(duty, on, replied)]


def test_a_deadline_beyond_the_announced_holidays_is_provisional() -> None:
    late = due(OFFICE, Date(calendar_of(()).last.year, 11, 20))
    assert late.provisional
    assert "暂定" in late.notices[0]


def test_what_is_not_handed_out_is_not_due() -> None:
    with pytest.raises(InputError, match="case 'a': no handed_out"):
        due(OFFICE, case("a", handed_out=None))


def test_days_of_the_office_count() -> None:
    fair = replace(OFFICE, days=(DayException(Date(2026, 3, 12), False, "赶集日", 2),))
    assert due(fair, HANDED).return_until == Date(2026, 3, 20)


# --- the docket ------------------------------------------------------------------------------------------------------


def test_the_docket_groups_by_unit_and_sorts_by_urgency() -> None:
    late = Date(2026, 2, 10)
    cases = [
        case("a", "水利局", handed_out=Date(2026, 3, 2)),
        case("b", handed_out=Date(2026, 3, 3), co=("财政局",)),
        case("c", handed_out=late, returned=("水利局",)),
        case("d", "教育局", handed_out=None),
        case("e", "教育局", handed_out=Date(2026, 7, 1)),
        case("f", "住建局", handed_out=late, replied=Date(2026, 5, 12)),
    ]
    found = docket(numbered(*cases), OFFICE, Date(2026, 5, 25))
    assert (found.handed_out, found.waiting) == (4, 2)
    assert [(item.unit, item.duty, item.id) for item in found.urgent] == [
        ("交通局", Duty.REPLY, "c"),
        ("交通局", Duty.REPLY, "b"),
        ("水利局", Duty.REPLY, "a"),
        ("财政局", Duty.OPINION, "b"),  # nobody wrote down whether it was given
    ]
    first = found.urgent[0]
    assert (first.last_day, first.state, first.left, first.returned) == (
        Date(2026, 5, 11), State.OVERDUE, -10, ("水利局",)
    )  # fmt: skip
    assert {unit.unit: (unit.overdue, unit.soon, unit.answered_late) for unit in found.units} == {
        "交通局": (1, 1, 0),
        "财政局": (0, 0, 0),
        "水利局": (0, 1, 0),
        "住建局": (0, 0, 1),
    }


def test_a_past_day_may_be_asked() -> None:
    found = docket(numbered(case("a", replied=Date(2026, 6, 20))), OFFICE, Date(2026, 6, 12))
    assert [(item.state, item.left) for item in found.urgent] == [(State.OVERDUE, -2)]


def test_a_split_case_is_on_each_leads_list_and_one_without_a_lead_on_its_own() -> None:
    cases = numbered(case("a", leads=("交通局", "水利局")), case("b", ""))
    units = {item.unit for item in docket(cases, OFFICE, Date(2026, 6, 20)).urgent}
    assert units == {"交通局", "水利局", NOBODY}


def test_a_confidential_case_shows_no_word_of_itself() -> None:
    secret = case("a", suggestion=Suggestion("a", "隐语标题", "隐语正文", confidential=True))
    found = docket(numbered(secret), OFFICE, Date(2026, 6, 20))
    shown = str([item.to_dict() for item in found.items]) + str(docket_sheets(found))
    assert "隐语" not in shown
    assert "（保密件）" in shown


@given(st.lists(st.tuples(st.sampled_from("甲乙丙"), st.dates(Date(2026, 1, 5), Date(2026, 6, 1))), min_size=1))
def test_every_handed_out_case_is_counted_once_with_its_lead(rows: list[tuple[str, Date]]) -> None:
    cases = numbered(*(case(str(place), unit, handed_out=day) for place, (unit, day) in enumerate(rows)))
    on = Date(2026, 4, 1)
    found = docket(cases, OFFICE, on)
    assert sum(unit.leads for unit in found.units) == found.handed_out == sum(day <= on for _, day in rows)
    for unit in found.units:
        assert unit.leads == unit.overdue + unit.soon + unit.open + unit.answered + unit.answered_late
    assert found.waiting + found.handed_out == len(rows)
    urgent = [item.unit for item in found.urgent]
    assert len([unit for unit, before in zip(urgent, ["", *urgent], strict=False) if unit != before]) == len(
        set(urgent)
    )


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"handed_out": Date(2003, 3, 1)}, r"handed_out \(交办日期\): 2003-03-01 lies outside the calendar"),
        ({"replied": Date(2206, 6, 1)}, r"replied \(答复日期\): 2206-06-01 lies outside the calendar"),
        ({"suggestion": Suggestion("b", "路", date=Date(2026, 3, 11))}, "2026-03-10 is before date"),
        ({"replied": Date(2026, 3, 9)}, "2026-03-09 is before handed_out"),
        ({"handed_out": None, "replied": Date(2026, 3, 9)}, "2026-03-09 without handed_out"),
    ],
)
def test_days_that_cannot_be_are_told_with_their_lines(fields: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=rf"^cases\.csv:3: .*{told}"):
        docket(numbered(case("a"), case("b", **fields)), OFFICE, Date(2026, 4, 1))


def test_all_rows_that_are_wrong_are_told_at_once() -> None:
    cases = numbered(*(case(str(row), replied=Date(2026, 3, 1)) for row in range(30)))
    with pytest.raises(InputError) as raised:
        docket(cases, OFFICE, Date(2026, 4, 1))
    lines = str(raised.value).splitlines()
    assert lines[1].startswith("cases.csv:3:")
    assert lines[-1] == "… and 10 more"


@pytest.mark.parametrize("cases", [[], [case("a", handed_out=None)]])
def test_a_file_without_any_hand_out_is_refused(cases: list[Case]) -> None:
    with pytest.raises(InputError, match=r"nothing can be due.*handed_out \(交办日期\)"):
        docket(numbered(*cases), OFFICE, Date(2026, 4, 1))


def test_rows_that_are_wrong_may_be_left_out_and_are_told() -> None:
    cases = numbered(case("a"), case("b", replied=Date(2026, 3, 1)), case("c", handed_out=Date(1990, 1, 1)))
    found = docket(cases, OFFICE, Date(2026, 6, 20), leave_out=True)
    assert {item.id for item in found.items} == {"a"}
    assert found.handed_out == 1
    (said,) = [notice for notice in found.notices if "没有列入" in notice]
    assert said.startswith(f"{cases[1][0]}、{cases[2][0]}2件")
    many = numbered(*(case(str(row), replied=Date(2026, 3, 1)) for row in range(30)))
    assert "等30件" in docket(many, OFFICE, Date(2026, 4, 1), leave_out=True).notices[0]
    assert docket([], OFFICE, Date(2026, 4, 1), leave_out=True).items == ()


def test_what_presses_is_told_over_all_units_the_soonest_first() -> None:
    cases = numbered(
        case("late", "交通局", handed_out=Date(2026, 3, 3)),
        case("soon", "教育局", handed_out=Date(2026, 3, 20)),
        case("new", "水利局", handed_out=Date(2026, 6, 15)),
        case("done", "水利局", handed_out=Date(2026, 3, 3), replied=Date(2026, 4, 1)),
    )
    found = docket(cases, OFFICE, Date(2026, 6, 16))
    assert found.pressing() == tuple(sorted(found.urgent, key=lambda item: found.pressing().index(item)))
    days = [item.last_day for item in found.pressing(500) if item.duty is Duty.REPLY]
    assert days == sorted(days)
    assert len(days) == 3
    assert [item.id for item in found.pressing(0) if item.duty is Duty.REPLY] == ["late"]
    assert all(item.left <= 5 and not item.done for item in found.pressing(5))


# --- on paper --------------------------------------------------------------------------------------------------------


def test_the_sheet_says_what_is_left() -> None:
    found = docket(numbered(case("a")), OFFICE, Date(2026, 6, 10))
    assert [remaining(item) for item in found.items if item.duty is Duty.REPLY] == ["今天到期"]
    assert [remaining(item) for item in found.items if item.duty is Duty.RETURN] == [""]
    later = docket(numbered(case("a")), OFFICE, Date(2026, 6, 13))  # a Saturday
    assert [remaining(item) for item in later.urgent] == ["超3个工作日"]
    earlier = docket(numbered(case("a")), OFFICE, Date(2026, 6, 6))
    assert [remaining(item) for item in earlier.urgent] == ["还有3个工作日"]


def test_the_sheets_are_whole() -> None:
    found = docket(numbered(case("a"), case("b", "水利局", co=("财政局",))), OFFICE, Date(2026, 6, 12))
    sheets = docket_sheets(found, OFFICE.name)
    for sheet in sheets:
        assert len(sheet.headers) == len(sheet.widths)
        assert all(len(row) == len(sheet.headers) for row in sheet.rows)
    assert sheets[1].rows[-1][:3] == ("合计", "2", "2")
    assert OFFICE.name in sheets[0].heading
    assert "2026-06-12" in sheets[0].heading
    assert set(DUTIES) == set(Duty)
