"""When a suggestion is due: reply, co-handlers' opinions and return window, warnings before, and its state on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date
from enum import StrEnum
from functools import lru_cache

from triage.catalogue.office import Deadlines, Office
from triage.deadlines.working_days import Calendar, calendar_of
from triage.errors import InputError
from triage.records import Case


class Duty(StrEnum):
    """What a unit has to do by a day: reply to the proposer, give its opinion to the lead, or send back what is not
    its own (it may, until then).
    """

    REPLY = "reply"
    OPINION = "opinion"
    RETURN = "return"


class State(StrEnum):
    """How a duty stands on a day.

    OPEN: there is time. SOON: its first warning has passed, or it is the last day. OVERDUE: the day has passed.
    ANSWERED, ANSWERED_LATE: the proposer has the reply, in time or not. CLOSED: a return window that is over.
    """

    OPEN = "open"
    SOON = "soon"
    OVERDUE = "overdue"
    ANSWERED = "answered"
    ANSWERED_LATE = "answered late"
    CLOSED = "window closed"


DUTIES: dict[Duty, str] = {Duty.REPLY: "答复", Duty.OPINION: "会办意见", Duty.RETURN: "退单"}
STATES: dict[Duty, dict[State, str]] = {
    Duty.REPLY: {
        State.OPEN: "办理中",
        State.SOON: "即将到期",
        State.OVERDUE: "已超期",
        State.ANSWERED: "按期答复",
        State.ANSWERED_LATE: "超期答复",
    },
    Duty.OPINION: {
        State.OPEN: "办理中",
        State.SOON: "即将到期",
        State.OVERDUE: "应已提出，请核对",
        State.ANSWERED: "已答复",
    },
    Duty.RETURN: {State.OPEN: "退单期内", State.SOON: "退单期将满", State.CLOSED: "退单期已满"},
}
"""What a clerk reads. Files do not say when a helper gave its opinion, so that one past its day is to be checked."""


@dataclass(frozen=True, slots=True)
class Warned:
    """A day on which to warn of a duty: `before` working days ahead of its last day."""

    duty: Duty
    day: Date
    before: int


@dataclass(frozen=True, slots=True)
class Due:
    """The last days of what follows from a hand-out, each a working day that still counts.

    `warnings` are in the order of their days; those that would fall on the hand-out or before it are left out.
    `provisional` is whether a day lies beyond the announced holidays; `notices` then say so.
    """

    handed_out: Date
    reply: Date
    opinion: Date
    return_until: Date
    warnings: tuple[Warned, ...] = ()
    provisional: bool = False
    notices: tuple[str, ...] = ()

    def last_day(self, duty: Duty) -> Date:
        """The last day of a duty."""
        return {Duty.REPLY: self.reply, Duty.OPINION: self.opinion, Duty.RETURN: self.return_until}[duty]

    def state(self, duty: Duty, on: Date, replied: Date | None = None) -> State:
        """How a duty stands on a day. A reply of a later day has not come yet."""
        last = self.last_day(duty)
        if replied is not None and replied <= on:
            if duty is Duty.REPLY:
                return State.ANSWERED if replied <= last else State.ANSWERED_LATE
            return State.ANSWERED if duty is Duty.OPINION else State.CLOSED
        if on > last:
            return State.CLOSED if duty is Duty.RETURN else State.OVERDUE
        warned = any(warning.duty is duty and warning.day <= on for warning in self.warnings)
        return State.SOON if warned or on == last else State.OPEN


def due(office: Office, handed_out: Date | Case, source: str = "", *, calendar: Calendar | None = None) -> Due:
    """When what is handed out on a day, or a case, is due by the rules of an office.

    `source` chooses the deadlines of sources that have their own; a case has its own source. `calendar` is the
    office's where it is made already. Raises InputError for a case that is not handed out yet, for days outside the
    calendar, and for days of the office that contradict each other.
    """
    if isinstance(handed_out, Case):
        source = source or handed_out.suggestion.source
        if handed_out.handed_out is None:
            raise InputError(f"case {handed_out.suggestion.id!r}: no handed_out (交办日期), so that nothing is due.")
        handed_out = handed_out.handed_out
    return _counted(calendar or calendar_of(office.days), office.deadlines.of(source), handed_out)


@lru_cache(maxsize=4_096)  # cases of one source that were handed out on one day have the same days
def _counted(days: Calendar, rules: Deadlines, handed_out: Date) -> Due:
    ends = {
        Duty.REPLY: days.end(handed_out, rules.reply),
        Duty.OPINION: days.end(handed_out, rules.opinion),
        Duty.RETURN: days.end(handed_out, rules.return_window),
    }
    warnings = [
        Warned(duty, days.add(end, -before), before)
        for duty, end in ends.items()
        for before in rules.warn
        if before < days.between(handed_out, end)  # on the day of the hand-out a warning warns of nothing
    ]
    warnings.sort(key=lambda one: (one.day, one.duty))
    notice = days.notice((handed_out, *ends.values()))
    return Due(
        handed_out,
        ends[Duty.REPLY],
        ends[Duty.OPINION],
        ends[Duty.RETURN],
        tuple(warnings),
        bool(notice),
        (notice,) if notice else (),
    )
