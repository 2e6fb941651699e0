"""What is asked and answered about decisions, returns and outcomes."""

from __future__ import annotations

from datetime import date as Date
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator

from service.problems import ProblemDocument
from service.shapes.schemas import Day, Short, Text, known_fields
from service.store.decisions import LONGEST_OUTCOME

Reason = Annotated[Text, Field(max_length=2_000)]
Units = Annotated[list[Short], Field(max_length=50)]
ModeName = Literal["sole", "joint", "split"]
MOST_DECISIONS = 200
"""Decisions of one request."""
WITHDRAWN = Literal[""]


class _Asked(BaseModel):
    @model_validator(mode="before")
    @classmethod
    def _only_known_fields(cls, value: Any) -> Any:
        return known_fields(value, tuple(cls.model_fields))


class DecisionIn(_Asked):
    """The units that a person names."""

    lead: Annotated[list[Short], Field(min_length=1, max_length=20)] = Field(
        description="Lead unit (主办); several where it is split (分办)", examples=[["交通运输局"]]
    )
    co: Units = Field([], description="Co-handling units (会办)", examples=[["财政局"]])
    topics: Annotated[list[Short], Field(max_length=20)] = Field([], description="Topics, the first counts in lists")
    reason: Reason = Field("", description="Why, in the clerk's words")
    decided_by: Short = Field("", description="Who decided, as the office calls them", examples=["王静"])
    answer: Annotated[int, Field(ge=1, le=2**53)] | None = Field(
        None, description="Number of the answer that was on the screen; null: the latest"
    )
    day: Day = Field(
        None, description="Day on which the lead got it (交办); null: today, or as before with the same lead"
    )


class DecisionMade(BaseModel):
    """A decision that holds now. `number` is its ETag."""

    suggestion: str = Field(description="Id of the suggestion")
    state: str = Field(description="`decided`, or `closed` where the record of a closed one was mended")
    number: int = Field(description="1 for the first decision, counted on")
    lead: list[str] = Field(description="Lead units, under their names of today")
    co: list[str] = Field(description="Co-handling units")
    mode: ModeName = Field(description="sole 独办, joint 会办, split 分办: it follows from the units")
    day: Date | None = Field(description="Day on which the lead got it")
    notices: list[str] = Field(description="In Chinese: what was read otherwise than sent, as short or former names")


class WithdrawIn(_Asked):
    """Why a decision is withdrawn."""

    reason: Reason = Field("", description="Why, in the clerk's words")
    decided_by: Short = Field("", description="Who withdrew it, as the office calls them", examples=["王静"])


class Withdrawn(BaseModel):
    """A decision that was withdrawn. `number` is the ETag of the next one."""

    suggestion: str = Field(description="Id of the suggestion")
    number: int = Field(description="The withdrawal is counted on like a decision")
    state: str = Field(description="open 待交办")


class OneOfMany(_Asked):
    """A decision about one suggestion, among others."""

    suggestion: Annotated[Short, Field(min_length=1)] = Field(description="Its id", examples=["RD2025-031"])
    expected: Annotated[int, Field(strict=True, ge=0, le=10**9)] = Field(
        description="Number of the decision that you have seen, as lists show it; 0: none yet"
    )
    withdraw: StrictBool = Field(False, description="Withdraw the decision that holds; then name no unit")
    lead: Annotated[list[Short], Field(max_length=20)] = Field([], description="Lead units", examples=[["交通运输局"]])
    co: Units = Field([], description="Co-handling units")
    topics: Annotated[list[Short], Field(max_length=20)] = Field([], description="Topics, the first counts in lists")
    reason: Reason = Field("", description="Why, in the clerk's words")
    decided_by: Short = Field("", description="Who decided, as the office calls them")
    answer: Annotated[int, Field(ge=1, le=2**53)] | None = Field(
        None, description="Number of the answer that was on the screen; null: the latest"
    )
    day: Day = Field(None, description="Day on which the lead got it, as in `PUT`")


class DecisionsIn(_Asked):
    """Decisions about many suggestions."""

    decisions: Annotated[list[OneOfMany], Field(min_length=1, max_length=MOST_DECISIONS)] = Field(
        description="Each is decided by itself, in this order"
    )


class DoneOne(BaseModel):
    """One that was decided, or withdrawn."""

    model_config = ConfigDict(extra="forbid")

    suggestion: str = Field(description="Id of the suggestion")
    number: int = Field(description="Number of the decision that was recorded: what to expect the next time")
    state: str = Field(description="`decided`, `open` after a withdrawal, `closed` where the record was mended")
    notices: list[str] = Field(description="In Chinese: what was read otherwise than it was sent")


class RefusedOne(BaseModel):
    """One that was not decided. Nothing about it was changed."""

    model_config = ConfigDict(extra="forbid")

    suggestion: str = Field(description="Id as it was sent")
    problem: ProblemDocument = Field(description="Why, as `PUT` or `DELETE` would answer it")


class DecisionsDone(BaseModel):
    """What became of each, in the order of the request."""

    results: list[DoneOne | RefusedOne]


class DecisionOut(BaseModel):
    """A decision: who, when, which units, what had been suggested."""

    number: int = Field(description="1 for the first decision, counted on")
    lead: list[str] = Field(description="Lead units (主办)")
    co: list[str] = Field(description="Co-handling units (会办)")
    topics: list[str] = Field(description="Topics")
    mode: ModeName | WITHDRAWN = Field(
        description="sole 独办, joint 会办, split 分办; empty: it withdrew the one before"
    )
    withdrawn: bool = Field(description="Whether it took back the decision before it: it names no unit")
    reason: str = Field(description="Why, in the clerk's words")
    decided_by: str = Field(description="Who decided, as the office calls them")
    suggested_lead: list[str] = Field(description="What the answer had suggested; empty: there was none")
    suggested_co: list[str] = Field(description="The helpers that it had suggested")
    answer: int | None = Field(description="Number of that answer")
    day: Date | None = Field(description="Day on which the lead got it (交办)")
    at: datetime = Field(description="When it was recorded")
    actor: str = Field(description="The key that recorded it")


class DecisionsOut(BaseModel):
    """All decisions about a suggestion, the first one first; the last one holds."""

    decisions: list[DecisionOut] = Field(description="None was changed or taken away")


class ReturnIn(_Asked):
    """A unit sends a suggestion back (退单)."""

    unit: Annotated[Short, Field(min_length=1)] = Field(
        description="The unit, which must hold the decision", examples=["交通运输局"]
    )
    reason: Reason = Field("", description="Its reason")
    day: Day = Field(None, description="Day of the return; null: today")


class ReturnOut(BaseModel):
    """A return, and the decision that was sent back."""

    number: int = Field(description="Number of the return")
    decision: int = Field(description="Number of the decision that was sent back")
    unit: str = Field(description="The unit")
    reason: str = Field(description="Its reason")
    day: Date | None = Field(description="Day of the return")
    at: datetime = Field(description="When it was recorded")
    actor: str = Field(description="The key that recorded it")


class ReturnMade(BaseModel):
    """A return that was noted. The decision holds until a person decides anew."""

    suggestion: str = Field(description="Id of the suggestion")
    number: int = Field(description="Number of the return")
    decision: int = Field(description="Number of the decision that was sent back")
    unit: str = Field(description="The unit, under its name in the decision")
    day: Date | None = Field(description="Day of the return")
    notices: list[str] = Field(description="In Chinese: what was read otherwise than it was sent")


class ReturnsOut(BaseModel):
    """Who sent a suggestion back, in order."""

    returns: list[ReturnOut] = Field(description="The first one first")


class OutcomeIn(_Asked):
    """What became of a suggestion."""

    outcome: Annotated[Text, Field(min_length=1, max_length=LONGEST_OUTCOME)] = Field(
        description="The place's own class (办理结果)", examples=["A"]
    )
    reply: Annotated[Text, Field(max_length=200_000)] = Field("", description="The reply to the proposer (答复)")
    day: Day = Field(None, description="Day of the reply; null: today")


class OutcomeMade(BaseModel):
    """An outcome that was recorded: the suggestion is closed."""

    suggestion: str = Field(description="Id of the suggestion")
    state: str = Field(description="closed 已办结")
    number: int = Field(description="Number of the outcome")
    outcome: str = Field(description="The place's own class")
    day: Date | None = Field(description="Day of the reply")


class OutcomeOut(BaseModel):
    """The outcome that counts: the latest."""

    number: int = Field(description="Number of the outcome")
    outcome: str = Field(description="The place's own class (办理结果)")
    reply: str = Field(description="The reply to the proposer (答复)")
    day: Date | None = Field(description="Day of the reply")
    at: datetime = Field(description="When it was recorded")
    actor: str = Field(description="The key that recorded it")
