"""What is asked and answered about the catalogue: what is in force, its versions, what a new one would do."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from service.shapes.schemas import Text, known_fields

MOST_CHARACTERS = 5_000_000
"""Characters of all files of a version together; a request's bytes have their own limit."""
VersionNumber = Annotated[int, Path(ge=1, le=2**31 - 1, description="Number of the version", examples=[1])]


class FilesIn(BaseModel):
    """The files of a catalogue, whole: what is left out is not there any more."""

    files: Annotated[dict[str, Text], Field(min_length=1, max_length=6)] = Field(
        description="File name → its text: units.csv, topics.csv, areas.csv, office.toml, rules.csv, days.csv"
    )

    @model_validator(mode="before")
    @classmethod
    def _only_known_fields(cls, value: Any) -> Any:
        return known_fields(value, tuple(cls.model_fields))

    @field_validator("files")
    @classmethod
    def _bounded(cls, files: dict[str, str]) -> dict[str, str]:
        if sum(map(len, files.values())) > MOST_CHARACTERS:
            message = "the files have more than {most} characters together; is one of them another file?"
            raise PydanticCustomError("too_many_characters", message, {"most": MOST_CHARACTERS})
        return files


class PreviewIn(FilesIn):
    """A version to be looked at before it is put into force."""

    most: Annotated[int, Field(ge=0, le=2_000)] = Field(
        200, description="The latest suggestions that are not closed on which its effect is tried"
    )


class ChangeIn(FilesIn):
    """A version to be put into force."""

    reason: Annotated[Text, Field(min_length=1, max_length=2_000)] = Field(
        description="Why; it is kept with the version", examples=["机构改革：住建、城管合并"]
    )


class VersionOut(BaseModel):
    """A version, without its files."""

    number: int
    digest: str = Field(description="SHA-256 of its files")
    reason: str
    actor: str
    at: datetime
    file_names: list[str]


class VersionFiles(VersionOut):
    """A version with its files, as they were handed in."""

    files: dict[str, str]


class VersionsOut(BaseModel):
    """The versions, the newest first, which is in force."""

    versions: list[VersionOut]


class CatalogueFiles(BaseModel):
    """The files in force, as a catalogue folder would hold them, and what a page needs to know to edit them."""

    number: int | None = Field(description="Their version; 0: the starting folder; null: the model's own catalogue")
    files: dict[str, str]
    columns: dict[str, dict[str, list[str]]] = Field(
        description="Of each table: its columns in English, with the Chinese names that mean the same"
    )
    levels: list[str] = Field(description="Levels that a unit may have (层级)")
    systems: list[str] = Field(description="First-level systems that a unit may have (系统)")


class CatalogueOut(BaseModel):
    """What is in force, as the library's records."""

    number: int | None = Field(description="Its version; 0: the starting folder; null: the model's own catalogue")
    digest: str = Field(description="SHA-256 of units, topics and areas")
    catalogue: dict[str, Any] = Field(description="Units, topics and areas; empty fields are left out")
    office: dict[str, Any] = Field(description="The office's settings, rules and days")
    notices: list[str] = Field(description="In Chinese: what the model that answers does not know of this catalogue")


class FindingOut(BaseModel):
    """Something in a file."""

    severity: Literal["error", "warning"]
    file: str
    line: int
    message: str
    message_zh: str = Field(description="The same in Chinese, where it is known")


class PassedOut(BaseModel):
    """A unit of before, and what it is called today."""

    unit: str
    today: list[str]


class EntriesOut(BaseModel):
    """What comes, goes, and says something else."""

    added: list[str]
    removed: list[str]
    changed: list[str]


class DifferenceOut(BaseModel):
    """What the version changes."""

    added: list[str]
    renamed: list[PassedOut]
    merged: list[PassedOut]
    abolished: list[str] = Field(description="Units whose work nobody takes over")
    changed: list[str] = Field(description="Units of which something else is said: duties, aliases …")
    topics: EntriesOut
    areas: EntriesOut
    rules: EntriesOut
    settings: bool = Field(description="Whether deadlines, outcomes, committees or days differ")


class MovedUnit(PassedOut):
    """A unit that suggestions name now."""

    suggestions: int


class MovedSuggestion(PassedOut):
    """A suggestion that names it."""

    id: str
    role: Literal["lead", "co", "suggested"] = Field(description="In its decision; or the first lead of its answer")


class MovedUnits(BaseModel):
    """Suggestions whose units are called otherwise, or are abolished."""

    suggestions: int
    by_unit: list[MovedUnit]
    listed: list[MovedSuggestion] = Field(description="The first fifty")


class TaggedSuggestion(BaseModel):
    """A suggestion that other rules tag."""

    id: str
    newly: list[str]
    no_longer: list[str]


class TaggedRules(BaseModel):
    """Rules by id, with how many suggestions they newly tag, or no longer."""

    newly: dict[str, int]
    no_longer: dict[str, int]
    listed: list[TaggedSuggestion] = Field(description="The first fifty")


class PreviewOut(BaseModel):
    """What a version would do. Nothing was changed."""

    number: int | None = Field(description="The version in force, which it is compared with")
    findings: list[FindingOut]
    difference: DifferenceOut
    open: int = Field(description="Suggestions that are not closed")
    looked_at: int = Field(description="The latest of them, on which the effect was tried")
    units: MovedUnits
    rules: TaggedRules
    notices: list[str] = Field(description="In Chinese: what the model that answers does not know of this catalogue")
