"""What is asked and answered about many stored suggestions at once: merges, conflicts, hot topics, counts, files."""

from __future__ import annotations

from datetime import date as Date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from service.shapes.answers import MeetingItem, MergeProposal
from service.shapes.suggestions import FilterIn

PERIOD = r"^(week|month|quarter|year|[1-9][0-9]{0,3})$"


class HotIn(FilterIn):
    """Among which suggestions hot topics are looked for, and in which period."""

    since: Annotated[Date | None, Field(description="First day of the period", examples=["2025-03-01"])] = None
    until: Annotated[Date | None, Field(description="Last day of the period", examples=["2025-12-31"])] = None
    period: Annotated[str, Field(pattern=PERIOD, examples=["year"])] | None = Field(
        None, description="Instead of `since`: week, month, quarter, year, or a number of days"
    )
    least: int = Field(3, ge=1, le=1_000, description="Texts that make a topic hot")


class ExportIn(FilterIn):
    """Which cases are wanted, and as what."""

    format: Literal["csv", "xlsx", "jsonl"] = Field(
        "csv", description="A workbook holds no text above 32,767 characters"
    )
    undecided: bool = Field(False, description="Also those without a decision, from which nothing can be learned")


class GroupsOut(BaseModel):
    """Suggested merges (并案): every text and every proposer stays."""

    texts: int = Field(description="How many suggestions were compared")
    proposals: list[MergeProposal] = Field(description="Groups in which each pair is likely one matter, largest first")


class ConflictsOut(BaseModel):
    """Matters that were, or are about to be, given to different leads."""

    texts: int = Field(description="How many suggestions were compared")
    conflicts: list[MeetingItem] = Field(description="For the meeting's list, largest first")


class Count(BaseModel):
    """How many suggestions have a value."""

    value: str = Field(description="Empty: they have none")
    count: int


class Promised(BaseModel):
    """Decisions on answers of one promise."""

    decided: int = Field(description="How many")
    kept: int = Field(description="In how many the lead is the suggested one")


class Change(BaseModel):
    """A lead that was suggested, and the one that was decided."""

    suggested: str
    decided: str
    count: int


class Followed(BaseModel):
    """How far decisions followed what had been suggested, as the library counts a meeting (`meeting_figures`)."""

    compared: int = Field(description="Decisions that hold and had a suggestion")
    kept: int = Field(description="Lead and helpers as suggested")
    lead_kept: int = Field(description="The first lead, or the leads of the parts, as suggested")
    lead_within_five: int = Field(description="Among the five leads that were shown, the first one included")
    lead_other: int = Field(description="A lead that was not shown")
    co_kept: int = Field(description="Exactly the suggested helpers")
    co_added: int = Field(description="Helpers that people added")
    co_dropped: int = Field(description="Suggested helpers that people left out")
    promises: dict[str, Promised] = Field(
        description="The same by what the answer promised: suggest, choose, coordinate"
    )
    changes: list[Change] = Field(description="The twenty commonest changes of lead")


class Waited(BaseModel):
    """Days from the day on which a suggestion was handed in to the day of its first decision."""

    counted: int = Field(description="Suggestions of which both days are known")
    median: float | None = Field(description="Half of them waited no longer; null: there is none")
    mean: float | None
    longest: int | None


class Statistics(BaseModel):
    """Counts over the suggestions that a filter chooses. Values come with the commonest first, months in order."""

    total: int
    states: list[Count] = Field(description="open, decided, closed, erased")
    sources: list[Count]
    sessions: list[Count]
    months: list[Count] = Field(description="Month in which they were handed in, as 2025-03")
    topics: list[Count] = Field(description="First topic of the decision that holds")
    leads: list[Count] = Field(description="Lead units of the decisions that hold; a split one counts for each")
    co: list[Count] = Field(description="Co-handling units of the decisions that hold")
    outcomes: list[Count] = Field(description="The outcome that counts, by the place's own class")
    returned: int = Field(description="Suggestions that were sent back at least once")
    returns: list[Count] = Field(description="Returns by the unit that sent back")
    followed: Followed
    waited: Waited
