"""What the endpoints other than `/v1/triage` are asked for, beside the suggestions."""

from __future__ import annotations

from datetime import date as Date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, StrictBool, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from service.settings import MOST_SUGGESTIONS
from service.shapes.schemas import Day, Short, SuggestionsIn, known_fields
from triage.records import Grade

MOST_HITS = 100
"""Texts that an answer lists at most for one suggestion."""
MOST_PRECEDENTS = 20
LONGEST_PERIOD = 3_660
"""Days: ten years."""

PERIODS = ("week", "month", "quarter", "year")


def _period(value: Any) -> Any:
    """A word or a number of days, with one message for both."""
    days = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= LONGEST_PERIOD
    if value is None or days or (isinstance(value, str) and value in PERIODS):
        return value
    allowed = f"{', '.join(PERIODS)}, or a number of days from 1 to {LONGEST_PERIOD}"
    raise PydanticCustomError("period", "allowed are {allowed}", {"allowed": allowed})


def _forward(until: Date | None, info: ValidationInfo) -> Date | None:
    since = info.data.get("since")
    if until is not None and since is not None and until < since:
        raise PydanticCustomError("ends_before", "until lies before since; exchange the two dates")
    return until


Values = Annotated[list[Short], Field(max_length=200)]
Days = Annotated[int, Field(ge=1, le=LONGEST_PERIOD)]


class OnlyIn(BaseModel):
    """Which texts may be answered, of the request and of the index; what is left out or empty means any."""

    source: Values = Field([], description="Bodies that they came through, any of them", examples=[["人大", "政协"]])
    session: Values = Field([], description="Sessions (届次), any of them", examples=[["十八届四次"]])
    since: Day = Field(None, description="First day; a text without a date does not fit", examples=["2024-01-01"])
    until: Day = Field(None, description="Last day; a text without a date does not fit", examples=["2025-12-31"])
    area: Values = Field([], description="Places that they name, any of them", examples=[["林溪镇"]])

    _runs_forward = field_validator("until")(_forward)

    @model_validator(mode="before")
    @classmethod
    def _only_known_fields(cls, value: Any) -> Any:
        return known_fields(value, tuple(cls.model_fields))


class DuplicatesRequest(SuggestionsIn):
    """Suggestions to be compared with each other and with the index."""

    k: int = Field(10, strict=True, ge=1, le=MOST_HITS, description="Texts to list for each suggestion, at most")
    least: Grade = Field(Grade.RELATED, description="The least close grade to list", examples=["same matter"])
    only: Annotated[OnlyIn, Field(description="Which texts may be listed; left out: any")] = OnlyIn.model_validate({})
    proposals: StrictBool = Field(False, description="Also propose merges (并案) within the request")
    conflicts: StrictBool = Field(False, description="Also list matters that would get different leads")


class CheckRequest(SuggestionsIn):
    """Suggestions to be checked before they are handed in."""

    on: Day = Field(None, description="Day whose rules hold; left out: all that have no end", examples=["2025-03-01"])


class PrecedentsRequest(SuggestionsIn):
    """Suggestions whose precedents are looked for in the index."""

    most: int = Field(5, strict=True, ge=1, le=MOST_PRECEDENTS, description="Precedents of a suggestion, at most")


class HotRequest(SuggestionsIn):
    """Suggestions among which the hot topics are looked for."""

    since: Day = Field(None, description="First day of the period", examples=["2025-03-01"])
    until: Day = Field(None, description="Last day of the period", examples=["2025-03-31"])
    period: Annotated[
        Literal["week", "month", "quarter", "year"] | Days | None,
        BeforeValidator(_period),
        Field(description="Instead of `since`: the length of the period, in words or days", examples=["month", 10]),
    ] = None
    least: int = Field(3, strict=True, ge=1, le=MOST_SUGGESTIONS, description="Texts that make a topic hot")

    _runs_forward = field_validator("until")(_forward)

    @field_validator("period")
    @classmethod
    def _one_beginning(cls, period: str | int | None, info: ValidationInfo) -> str | int | None:
        if period is not None and info.data.get("since") is not None:
            raise PydanticCustomError("two_beginnings", "give since or period; the other follows from it")
        return period
