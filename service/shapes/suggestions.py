"""What is asked and answered about the suggestions in the memory."""

from __future__ import annotations

from datetime import date as Date
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

from service.shapes.schemas import Day, Short, SuggestionsIn
from service.store.listing import MOST
from triage.records import Grade, Triaged

Promise = Literal["suggest", "choose", "coordinate", "none"]
State = Literal["open", "decided", "closed", "erased"]
MOST_IDS = 20_000
"""Ids of one filter: as many as a sheet has rows."""
Several = Annotated[list[Short], Field(max_length=100)]
SuggestionId = Annotated[
    str, Path(min_length=1, max_length=200, description="Id of the suggestion", examples=["RD2025-031"])
]


def _one_grade(value: Any) -> Any:
    return str(value).replace("-", " ").replace("_", " ") if isinstance(value, str) else value


class FilterIn(BaseModel):
    """Which suggestions are wanted, as parameters of a query: repeat one for several values."""

    model_config = ConfigDict(extra="forbid")

    state: Annotated[list[State], Field(max_length=4)] = Field([], description="open, decided, closed, erased")
    source: Several = Field([], description="The body they came through")
    session: Several = Field([], description="Session (届次)")
    unit: Several = Field([], description="A unit of the decision that holds")
    role: Literal["", "lead", "co"] = Field("", description="Whether the unit leads or helps; empty: either")
    topic: Several = Field([], description="Topic of the decision that holds")
    since: Day = Field(None, description="First day on which they were handed in", examples=["2025-01-01"])
    until: Day = Field(None, description="Last day", examples=["2025-12-31"])
    q: Annotated[str, Field(max_length=200)] = Field(
        "", description="Words that title or text hold, all of them; one character is enough", examples=["路灯"]
    )
    confidential: bool | None = Field(None, description="Only those that are, or are not, confidential")
    advice: Annotated[list[Promise], Field(max_length=4)] = Field(
        [], description="What the latest advice promises; none: there is no advice yet"
    )
    advised_unit: Several = Field([], description="First lead of the latest advice")
    advised_topic: Several = Field([], description="Topic of the latest advice")
    zone: Several = Field([], description="Area that it is about, by the latest advice")
    batch: Several = Field([], description="Id of the job that stored them")
    id: Annotated[list[Short], Field(max_length=MOST_IDS)] = Field([], description="These, by their ids")


class ListIn(FilterIn):
    """A page of a list."""

    order: Literal["newest", "oldest", "changed", "relevance", "unsure"] = Field(
        "newest",
        description="relevance needs `q`: those with the words in their title first; unsure: those without advice"
        " first, then coordinate, choose, suggest, the least sure first",
    )
    limit: int = Field(50, ge=1, le=MOST, description="Suggestions of a page")
    cursor: Annotated[str, Field(max_length=500)] = Field("", description="`next` of the page before")


class HandIn(SuggestionsIn):
    """Suggestions to be kept."""

    triage: StrictBool = Field(False, description="Also answer them, and keep the answers")


class HitsIn(BaseModel):
    """How many duplicates are wanted, and how close."""

    model_config = ConfigDict(extra="forbid")

    k: int = Field(10, ge=1, le=100, description="Texts to list, at most")
    least: Annotated[Grade, BeforeValidator(_one_grade)] = Field(
        Grade.RELATED, description="The least close grade to list"
    )


class PrecedentsIn(BaseModel):
    """How many precedents are wanted."""

    model_config = ConfigDict(extra="forbid")

    most: int = Field(5, ge=1, le=20, description="Precedents, at most")


class _Out(BaseModel):
    model_config = ConfigDict(extra="forbid")


class KeptAnswer(_Out):
    """An answer of a model that was kept."""

    id: int = Field(description="Number of the answer; a decision may name it")
    version: int = Field(description="The version of the suggestion that was answered")
    model: str = Field(description="The bundle that answered")
    catalogue: str = Field(description="Number of the catalogue version; empty for the model's own")
    at: datetime
    actor: str = Field(description="Who asked")
    triaged: Triaged = Field(description="The answer, as `POST /v1/triage` gives it")


class HandedIn(_Out):
    """A suggestion that was taken in."""

    id: str = Field(description="Your id, or the one that was made")
    version: int
    state: State
    answer: KeptAnswer | None = Field(description="The answer, where it was asked for")


class HandedInAll(_Out):
    """What was taken in, in the order of the request."""

    results: list[HandedIn]


class Advised(_Out):
    """The latest advice in short: what a meeting sheet would show."""

    decision: Literal["suggest", "choose", "coordinate"] = Field(description="What it promises")
    mode: Literal["sole", "joint", "split"]
    lead: str = Field(description="The first lead; empty: it names none")
    leads: list[str] = Field(description="That lead, or of a split one (分办) the leads of the parts")
    score: float = Field(description="The probability that the first lead is right, 0 to 1")
    co: list[str] = Field(description="Helpers that are suggested")
    topic: str = Field(description="The deepest topic")
    zone: str = Field(description="Name of the area that it is about; empty: none")
    answer: int = Field(description="Number of the answer; a decision may name it")


class Listed(_Out):
    """A suggestion in a list: without its text."""

    id: str
    state: State
    version: int = Field(description="Number of the wording that stands, and the ETag of `PUT`")
    title: str
    source: str
    session: str
    date: Date | None
    proposers: list[str]
    wish: str
    confidential: bool
    topic: str = Field(description="Topic of the decision that holds; empty while there is none")
    lead: list[str] = Field(description="Lead units of the decision that holds")
    co: list[str] = Field(description="Co-handling units")
    decision: int = Field(
        description="Number of the last decision, 0 while there was none; also of one that withdrew the one before"
    )
    returned: bool = Field(
        description="Whether a unit of the decision that holds sent it back, and nobody decided anew"
    )
    advice: Advised | None = Field(description="The latest advice; null: there is none")
    batch: str = Field(description="Id of the job that stored it; empty: none did")
    created_at: datetime
    changed_at: datetime


class ListPage(_Out):
    """A page of suggestions."""

    suggestions: list[Listed]
    next: str | None = Field(description="`cursor` of the next page; null on the last")


class Decided(_Out):
    """The decision that holds, in short; all of it is under `/decision`."""

    number: int
    lead: list[str]
    co: list[str]
    topics: list[str]
    mode: str
    decided_by: str
    day: Date | None
    at: datetime


class Kept(Listed):
    """A suggestion as it stands now."""

    text: str
    decided: Decided | None = Field(description="The decision that holds")
    answer: KeptAnswer | None = Field(description="The latest answer, whichever version it was given to")


class Version(_Out):
    """One wording, as it was handed in."""

    number: int
    at: datetime
    actor: str = Field(description="Who handed it in")
    digest: str = Field(description="What the audit trail holds of it")
    title: str
    text: str
    source: str
    session: str
    date: Date | None
    proposers: list[str]
    wish: str
    confidential: bool


class Versions(_Out):
    """All wordings, the first one first."""

    versions: list[Version]


class Answers(_Out):
    """The last fifty answers, the latest first."""

    answers: list[KeptAnswer]
