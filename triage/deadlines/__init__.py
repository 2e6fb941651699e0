"""Working days, and what is due when: replies, co-handlers' opinions, return windows, and the warnings before."""

from triage.deadlines.docket import Docket, Item, UnitDue, docket
from triage.deadlines.due import DUTIES, STATES, Due, Duty, State, Warned, due
from triage.deadlines.sheets import docket_sheets, remaining
from triage.deadlines.working_days import Calendar, calendar_of

__all__ = [
    "DUTIES",
    "STATES",
    "Calendar",
    "Docket",
    "Due",
    "Duty",
    "Item",
    "State",
    "UnitDue",
    "Warned",
    "calendar_of",
    "docket",
    "docket_sheets",
    "due",
    "remaining",
]
