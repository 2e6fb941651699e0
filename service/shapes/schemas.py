"""What crosses the wire. Answers are the library's own records; only the request is described here, field by field."""

from __future__ import annotations

import re
from datetime import date as Date
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    FailFast,
    Field,
    StrictBool,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from service.settings import MOST_SUGGESTIONS
from triage.records import Suggestion

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_SHOWN = 40


def _iso_date(value: Any) -> Any:
    """A calendar date as in 2025-03-01: numbers and times of day would be read as something else than they mean."""
    if value is None or (isinstance(value, str) and _ISO_DATE.fullmatch(value)):
        return value
    raise PydanticCustomError("iso_date", "write the date as 2025-03-01, or leave it out")


def known_fields(value: Any, allowed: tuple[str, ...], hint: str = "") -> Any:
    """Refuse fields that nothing reads: a misspelt title would be a lost title."""
    if not isinstance(value, dict):
        return value
    unknown = [name for name in value if name not in allowed]
    if unknown:
        name = str(unknown[0])[:_SHOWN].encode("utf-8", "replace").decode()
        raise PydanticCustomError(
            "unknown_field",
            "unknown field '{name}'; allowed are {allowed}{hint}",
            {"name": name, "allowed": ", ".join(allowed), "hint": hint},
        )
    return value


def _whole_characters(value: str) -> str:
    """JSON can hold half of a surrogate pair (\\ud83d alone), which is no character and cannot be written in UTF-8."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        message = "character {place} is half of a surrogate pair; send whole characters"
        raise PydanticCustomError("half_character", message, {"place": error.start + 1}) from None
    return value


Text = Annotated[str, AfterValidator(_whole_characters)]
Short = Annotated[Text, Field(max_length=200)]
Day = Annotated[Date | None, BeforeValidator(_iso_date)]


class SuggestionIn(BaseModel):
    """One suggestion, as `triage.Suggestion`. A title alone is enough; so is a text alone."""

    model_config = ConfigDict(title="Suggestion")

    id: Short = Field("", description="Your own id; it comes back with the answer", examples=["RD2025-031"])
    title: Text = Field("", description="Title (标题)", examples=["关于在北环路沿线增设公交站点的建议"])
    text: Text = Field("", description="Body (正文), as it was handed in")
    source: Short = Field("", description="The body it came through: 人大, 政协, 群众, 热线 …", examples=["人大"])
    session: Short = Field("", description="Session (届次)", examples=["十八届四次"])
    date: Day = Field(None, description="Day on which it was handed in", examples=["2025-02-18"])
    proposers: Annotated[list[Short], FailFast(), Field(max_length=200)] = Field([], description="Who proposes it")
    wish: Short = Field("", description="The unit that the proposer would like to handle it", examples=["交通运输局"])
    confidential: StrictBool = Field(False, description="Nothing of its wording is repeated in the answer")

    @model_validator(mode="before")
    @classmethod
    def _only_known_fields(cls, value: Any) -> Any:
        return known_fields(value, tuple(cls.model_fields))

    @model_validator(mode="after")
    def _not_empty(self) -> SuggestionIn:
        if not (self.title.strip() or self.text.strip()):
            raise PydanticCustomError("empty_suggestion", "title and text are both empty; fill one in or leave it out")
        return self

    def record(self) -> Suggestion:
        """The library's record, with every character as it came."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return Suggestion(**values | {"proposers": tuple(self.proposers)})


class SuggestionsIn(BaseModel):
    """One suggestion or many, always as a list."""

    suggestions: Annotated[list[SuggestionIn], Field(min_length=1, max_length=MOST_SUGGESTIONS)] = Field(
        description="The suggestions; answers come in the same order"
    )

    @model_validator(mode="before")
    @classmethod
    def _one_shape(cls, value: Any) -> Any:
        wanted = '{"suggestions": [{"title": …}, …]}'
        if isinstance(value, list):
            message = "a list stands where an object is expected: send {wanted}"
            raise PydanticCustomError("bare_list", message, {"wanted": wanted})
        return known_fields(value, tuple(cls.model_fields), f". One suggestion is sent as a list, too: {wanted}")

    @field_validator("suggestions")
    @classmethod
    def _own_ids(cls, suggestions: list[SuggestionIn]) -> list[SuggestionIn]:
        first: dict[str, int] = {}
        for place, suggestion in enumerate(suggestions):
            earlier = first.setdefault(suggestion.id, place) if suggestion.id else place
            if earlier != place:
                raise PydanticCustomError(
                    "repeated_id",
                    "suggestions {earlier} and {place} (counted from 0) have the same id; give each its own, or none",
                    {"earlier": earlier, "place": place},
                )
        return suggestions


class TriageRequest(SuggestionsIn):
    """Suggestions to triage."""


class Health(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"
    version: str = Field(description="Version of triage", examples=["0.1.0"])


class IndexState(BaseModel):
    """What the duplicate index holds now; it may grow while the service runs."""

    texts: int = Field(description="How many texts", examples=[4326])
    behind: int | None = Field(
        None, description="Entries of the trail that it has yet to follow; null: it does not follow the memory"
    )
    building: bool = Field(False, description="True: it is being built, and nothing is compared with it yet")


class Ready(BaseModel):
    """The model is loaded and the index, if one is set, is open; requests are answered."""

    status: Annotated[Literal["ready"], Field(description="Always this word")] = "ready"
    model: str = Field(description="Name of the bundle, as in every answer")
    catalogue: int | None = Field(
        None, description="Version of the catalogue in force; 0: the starting folder; null: the model's own"
    )
    index: IndexState | None = Field(None, description="The duplicate index that is asked; null: none is set")


class ProblemKind(BaseModel):
    """A kind of problem that the service answers with."""

    code: str = Field(examples=["queue-full"])
    status: int = Field(examples=[503])
    title: str
    remedy: str
    title_zh: str
    remedy_zh: str
