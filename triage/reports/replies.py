"""Whether cases were replied to in time, by the office's own deadlines."""

from __future__ import annotations

from dataclasses import dataclass

from triage.deadlines.due import Duty, State, due
from triage.errors import InputError
from triage.records import Case
from triage.reports.material import Material

IN_TIME, LATE, OVERDUE, OPEN = "按期答复", "超期答复", "超期未答复", "办理中（未到期）"
REPLIED = (IN_TIME, LATE, OVERDUE, OPEN)
_STATES = {
    State.ANSWERED: IN_TIME,
    State.ANSWERED_LATE: LATE,
    State.OVERDUE: OVERDUE,
    State.OPEN: OPEN,
    State.SOON: OPEN,
}
"""What is said of each state of a reply."""


@dataclass(frozen=True, slots=True)
class Untold:
    """Why it cannot be said of some cases: the reason, and their ids."""

    why: str
    rows: tuple[str, ...]


def replied(material: Material, case: Case) -> str:
    """A word of `REPLIED`, or "" where it cannot be told; `why_untold` says why."""
    if why_untold(case):
        return ""
    try:
        state = due(material.office, case).state(Duty.REPLY, material.on, case.replied)
    except InputError:  # a day beyond the calendar
        return ""
    return _STATES[state]


def why_untold(case: Case) -> str:
    """Why the case's row does not say whether the reply came in time; "" where it does."""
    if case.handed_out is None:
        return "没有交办日期"
    if case.replied is None and (case.outcome or case.reply):
        return "已有办理结果或答复，但没有答复日期"
    if case.replied is not None and case.replied < case.handed_out:
        return "答复日期早于交办日期"
    return ""


def untold(material: Material) -> list[Untold]:
    """The cases of the period of which it cannot be told, by the reason."""
    found: dict[str, list[str]] = {}
    for case in material.cases:
        if not replied(material, case):
            found.setdefault(why_untold(case) or "日期超出日历范围", []).append(case.suggestion.id)
    return [Untold(why, tuple(rows)) for why, rows in found.items()]


def overdue(material: Material, case: Case) -> bool | None:
    """Whether the reply is late or still owed after its last day; None where it cannot be told."""
    state = replied(material, case)
    return state in (LATE, OVERDUE) if state else None
