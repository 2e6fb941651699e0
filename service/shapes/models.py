"""What is asked and answered about the models: which there are, how two compare, which one is put into use."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, Field, StrictBool, model_validator

from service.shapes.schemas import Day, Short, Text, known_fields

AT_ONCE = 300
"""Cases that are compared while the caller waits; more are compared as a job."""
MOST_CASES = 5_000

_NAME = r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$"
ModelName = Annotated[str, Path(pattern=_NAME, description="Name of the bundle in the registry", examples=["2026-03"])]
Named = Annotated[str, Field(pattern=_NAME, examples=["2026-03"])]
Several = Annotated[list[Short], Field(max_length=100)]
Reason = Annotated[Text, Field(min_length=1, max_length=2_000, examples=["秋季数据，会办单位更全"])]


class CasesIn(BaseModel):
    """Which decided suggestions of the memory two models are compared on: the latest of those that fit."""

    sources: Several = Field([], description="The bodies they came through; any one of the list")
    sessions: Several = Field([], description="Sessions (届次); any one of the list")
    since: Day = Field(None, description="First day on which they were handed in")
    until: Day = Field(None, description="Last day")
    most: Annotated[int, Field(ge=1, le=MOST_CASES)] = Field(AT_ONCE, description="At most so many of them")

    @model_validator(mode="before")
    @classmethod
    def _only_known_fields(cls, value: Any) -> Any:
        return known_fields(value, tuple(cls.model_fields))


class CompareIn(CasesIn):
    """Two models to be compared."""

    earlier: Named | None = Field(None, description="The earlier model; left out: the one that answers")
    later: Named = Field(description="The later model")


class SwitchIn(CasesIn):
    """A model to be put into use."""

    name: Named = Field(description="The bundle")
    reason: Reason = Field(description="Why; it is kept in the register")
    force: StrictBool = Field(False, description="In spite of objections; they are kept")
    most: Annotated[int, Field(ge=0, le=AT_ONCE)] = Field(
        AT_ONCE, description="Cases on which it is compared with the one in use; those that either learned are left out"
    )


class RollbackIn(BaseModel):
    """Back to the model before."""

    reason: Reason = Field(description="Why; it is kept in the register")

    @model_validator(mode="before")
    @classmethod
    def _only_known_fields(cls, value: Any) -> Any:
        return known_fields(value, tuple(cls.model_fields))


class StepOut(BaseModel):
    """How a bundle came into use."""

    action: Literal["promote", "rollback"]
    bundle: str
    digest: str
    fingerprint: str
    day: str = Field(description="When, in UTC")
    before: str = Field(description="The bundle that was in use until then; empty: none")
    reason: str
    by: str = Field(description="The key, or the name that was given on the command line")
    forced: bool
    objections: list[str]
    objections_zh: list[str] = Field(description="The same in Chinese")
    comparison: dict[str, Any] | None = Field(description="Figures and counts that were the ground, no case of its own")


class ModelOut(BaseModel):
    """A bundle."""

    name: str
    in_use: bool
    problem: str = Field(description="Why it cannot be read; empty where it can")
    fingerprint: str
    trained: str
    cases: int
    units: int
    topics: int
    encoder: str = Field(description="Fingerprint of its sentence encoder; empty: wording alone")
    figures: dict[str, float] = Field(description="What it reached on cases that it had not seen")


class ModelCard(ModelOut):
    """A bundle with its whole card and its own steps."""

    card: dict[str, Any]
    history: list[StepOut]


class ModelsOut(BaseModel):
    """The bundles, and which one answers."""

    registry: bool = Field(description="Whether there is a registry, so that models can be switched")
    in_use: str = Field(description="The bundle that should answer; empty where that is not known")
    answers: str = Field(description="The bundle with which this process answers, as `model` in every answer")
    trouble: str = Field(description="What kept this process from the one in use; empty where nothing does")
    models: list[ModelOut]
    history: list[StepOut] = Field(description="The last step first")


class ComparisonOut(BaseModel):
    """The library's comparison (docs/models.md); `objections` speak against the later model, `remarks` do not."""

    comparison: dict[str, Any]
    objections: list[str]
    remarks: list[str]
    objections_zh: list[str] = Field(description="The same in Chinese")
    remarks_zh: list[str] = Field(description="The remarks in Chinese")


class SubmittedOut(BaseModel):
    """More cases than are compared while the caller waits: a job does it."""

    job: str = Field(description="Its id; see /v1/jobs")


class SwitchedOut(BaseModel):
    """What was put into use. Every process answers with it within seconds; what runs is finished with the old one."""

    step: StepOut
