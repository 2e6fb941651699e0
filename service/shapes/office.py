"""What is asked and answered about the office's view: reports, deadlines, returns, topics that nobody raises."""

from __future__ import annotations

from datetime import date as Date
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from service.shapes.schemas import Day
from service.shapes.suggestions import FilterIn, Several

QuickReport = Literal["overview", "targets", "workload", "inspection"]


def _forward(until: Date | None, first: str, info: ValidationInfo) -> Date | None:
    since = info.data.get(first)
    if until is not None and since is not None and until < since:
        raise PydanticCustomError("ends_before", "the period ends before it begins; exchange the two dates")
    return until


class PeriodIn(FilterIn):
    """Which suggestions are looked at, and in which period."""

    since: Day = Field(None, description="First day of the period", examples=["2025-01-01"])
    until: Day = Field(None, description="Last day of the period", examples=["2025-12-31"])
    previous_since: Day = Field(
        None, description="First day of the period to compare with; left out: the same days of the year before"
    )
    previous_until: Day = Field(None, description="Last day of that period")

    @field_validator("until")
    @classmethod
    def _runs_forward(cls, until: Date | None, info: ValidationInfo) -> Date | None:
        return _forward(until, "since", info)

    @field_validator("previous_until")
    @classmethod
    def _ran_forward(cls, until: Date | None, info: ValidationInfo) -> Date | None:
        return _forward(until, "previous_since", info)


class ReportIn(PeriodIn):
    """How a report is made, as the options of a job `report`."""

    on: Day = Field(None, description="Day that overdue is seen from; left out: today")
    seed: int | None = Field(None, ge=0, le=2**31, description="Draws the inspection sample")
    share: float | None = Field(None, gt=0, le=1, description="Share of the inspection sample")
    per_unit: bool | None = Field(None, description="inspection: at least one case of every unit")
    above: float | None = Field(None, ge=0, le=1, description="workload: warn of units that lead more than this share")
    links: bool = Field(True, description="false: the numbers without the suggestions behind them, a smaller answer")


class DueIn(FilterIn):
    """Of which suggestions, and from which day the deadlines are seen."""

    on: Day = Field(None, description="The day; left out: today", examples=["2025-03-03"])
    within: int | None = Field(
        None, ge=0, le=366, description="Working days ahead; left out: as the office's own warnings say", examples=[10]
    )
    limit: int = Field(500, ge=1, le=2000, description="Entries, at most")


class ReturnsIn(FilterIn):
    """Of which suggestions, and by whom."""

    returned_by: Several = Field([], description="A unit that sent back", examples=[["交通运输局"]])
    limit: int = Field(200, ge=1, le=2000, description="Returns to list, at most; the units count all")


class Period(BaseModel):
    """Days, both included."""

    first: Date | None = Field(description="First day; null: open")
    last: Date | None = Field(description="Last day; null: open")
    words: str = Field(description="As it is printed")


class LinkOut(BaseModel):
    """A number of a sentence."""

    start: int = Field(description="Its first character in the sentence")
    end: int = Field(description="Past its last")
    rows: list[str] = Field(description="Ids of the suggestions that it counts")


class SentenceOut(BaseModel):
    """One sentence."""

    text: str
    links: list[LinkOut]
    notice: bool = Field(description="It says what could not be told, and stands apart in print")


class TableOut(BaseModel):
    """A table."""

    title: str
    header: list[str]
    rows: list[list[str | int | float | None]] = Field(description="null: it cannot be told, a dash in print")
    links: list[list[list[str]]] = Field(description="Ids behind each cell, in the shape of `rows`; empty: none")
    forms: list[Literal["text", "count", "share", "score"]] = Field(
        description="How each column is printed; a share of 0.25 is 25 %"
    )
    note: str


class SeriesOut(BaseModel):
    """A named row of values."""

    name: str
    values: list[float] = Field(description="One for each label")


class ChartOut(BaseModel):
    """A picture of counts, to be drawn."""

    title: str
    kind: Literal["bar", "line", "stacked"]
    labels: list[str]
    series: list[SeriesOut]
    unit: str


class SectionOut(BaseModel):
    """A part of a report."""

    title: str
    sentences: list[SentenceOut]
    tables: list[TableOut]
    charts: list[ChartOut]


class ReportOut(BaseModel):
    """A report as the library makes it, before it is a file."""

    kind: str
    title: str
    office: str = Field(description="Who signs; may be empty")
    period: Period
    sections: list[SectionOut]
    footer: list[str] = Field(description="What brings the same report out again")
    rows: TableOut = Field(description="The suggestions that numbers link to, each once; its first column is the id")


class DueOut(BaseModel):
    """One duty of one unit."""

    suggestion: str = Field(description="Id of the suggestion")
    title: str = Field(description="Empty where it is confidential")
    source: str
    confidential: bool
    unit: str
    duty: Literal["reply", "opinion", "return"] = Field(description="reply, a helper's opinion, or the return window")
    what: str = Field(description="The duty in Chinese")
    state: Literal["open", "soon", "overdue"]
    told: str = Field(description="The state in Chinese")
    day: Date = Field(description="The last day")
    days_left: int = Field(description="Working days that remain, 0 on the last day, negative when it has passed")
    overdue: bool
    handed_out: Date
    returned: list[str] = Field(description="Units that sent it back before")
    provisional: bool = Field(description="The day lies beyond the announced holidays")


class UnitDueOut(BaseModel):
    """The open duties of one unit."""

    unit: str
    overdue: int = Field(description="Replies whose day has passed")
    soon: int = Field(description="Replies that are due soon")
    open: int = Field(description="Other replies")
    opinions: int = Field(description="Opinions that are due soon or should have come")
    returnable: int = Field(description="What it may still send back")


class DueList(BaseModel):
    """Deadlines coming up and overdue, what presses most first."""

    on: Date = Field(description="The day from which they are seen")
    due: list[DueOut]
    total: int = Field(description="How many there are, with those beyond `limit`")
    units: list[UnitDueOut] = Field(description="The unit with the most pressing one first")
    handed_out: int = Field(description="Suggestions that were looked at: handed out and not answered")
    provisional: bool = Field(description="A day lies beyond the announced holidays")
    notices: list[str]


class ReturnListed(BaseModel):
    """A return."""

    suggestion: str = Field(description="Id of the suggestion")
    title: str
    unit: str = Field(description="Who sent it back")
    reason: str
    day: Date | None
    by: str = Field(description="The key that recorded it")


class Returner(BaseModel):
    """A unit that sent back."""

    unit: str
    count: int
    reasons: list[str] = Field(description="Its reasons, the commonest first, ten at most")


class ReturnList(BaseModel):
    """Returns (退单), the newest first, and who sent back how often."""

    returns: list[ReturnListed]
    total: int = Field(description="How many there are, with those beyond `limit`")
    units: list[Returner] = Field(description="The unit with most returns first")


class UnraisedOut(BaseModel):
    """A topic that no suggestion of the period is about."""

    name: str
    path: list[str] = Field(description="Names from the first level down to itself")
    level: int
    before: int | None = Field(description="Suggestions about it in the period before; null: there is none")
    last: Date | None = Field(description="Last day before the period on which it was raised; null: not known")


class UnraisedList(BaseModel):
    """Topics that nobody raised, in the catalogue's order. One that is raised at any level below it is raised."""

    period: Period
    previous: Period | None = Field(description="The period that `before` counts in; null: none to compare with")
    cases: int = Field(description="Suggestions of the period")
    without: int = Field(description="How many of them have no topic of the catalogue, and may be about any")
    topics_known: int = Field(description="Topics of the catalogue")
    topics: list[UnraisedOut]
    notices: list[str]


def plain_settings(wanted: ReportIn) -> dict[str, Any]:
    """The settings that were given, by the names of a job's options."""
    return wanted.model_dump(mode="json", exclude_none=True, include={"on", "seed", "share", "per_unit", "above"})
