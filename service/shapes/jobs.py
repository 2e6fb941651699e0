"""What is asked and answered about jobs: work that takes long."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, get_args

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, StrictBool, field_validator, model_validator
from pydantic_core import PydanticCustomError

from service.problems import ProblemDocument
from service.shapes.files import chosen_columns
from service.shapes.options import MOST_HITS
from service.shapes.schemas import Day, Short, known_fields
from service.shapes.suggestions import FilterIn
from triage.records import Grade

JobKind = Literal["triage", "check", "duplicates", "groups", "conflicts", "hot", "sheet", "decided", "report", "export"]
JobState = Literal["queued", "running", "done", "failed", "cancelled"]
ReportKind = Literal[
    "overview", "targets", "hot", "conflicts", "workload", "inspection", "supervision", "vote", "yearly"
]
Form = Literal["jsonl", "csv", "xlsx"]
FileForm = Literal["xlsx", "html", "docx", "json", "csv", "jsonl"]
JobId = Annotated[
    str, Path(pattern=r"^[0-9a-f]{1,32}$", description="Id of the job", examples=["5f0c2a9be1d34c77a1b2c3d4"])
]

OF_KIND: dict[str, frozenset[str]] = {
    "triage": frozenset({"store", "together"}),
    "check": frozenset({"on"}),
    "duplicates": frozenset({"k", "least"}),
    "groups": frozenset(),
    "conflicts": frozenset(),
    "hot": frozenset({"since", "until", "period", "least_texts"}),
    "sheet": frozenset({"together"}),
    "decided": frozenset(),
    "report": frozenset(
        {
            *("report", "format", "since", "until", "previous_since", "previous_until", "on"),
            *("seed", "share", "per_unit", "above", "most", "least_texts"),
        }
    ),
    "export": frozenset({"format"}),
}
"""The options of each kind."""
ON_FILE = frozenset({"columns", "sheet"})
"""Options of every kind that reads cases from a file, and only there; a meeting sheet has columns of its own."""
FORMATS = {"report": ("xlsx", "html", "docx", "json"), "export": ("csv", "xlsx", "jsonl")}


class JobOptions(BaseModel):
    """How a job is done. Each option belongs to some kinds, and is refused with others."""

    model_config = ConfigDict(extra="forbid")

    store: StrictBool = Field(False, description="triage: also keep the rows as suggestions, with their answers")
    together: StrictBool = Field(
        False,
        description="triage: one sitting, as `triage recommend`: also what the rows repeat among themselves; sheet of "
        "the memory: also merges and conflicts among the rows",
    )
    on: Day = Field(None, description="check: day whose rules hold; report: day that overdue is seen from")
    k: int | None = Field(None, strict=True, ge=1, le=MOST_HITS, description="duplicates: texts to list for each")
    least: Grade | None = Field(None, description="duplicates: the least close grade to list")
    since: Day = Field(None, description="hot, report: first day of the period")
    until: Day = Field(None, description="hot, report: last day of the period")
    period: Literal["week", "month", "quarter", "year"] | None = Field(None, description="hot: instead of `since`")
    least_texts: int | None = Field(None, strict=True, ge=2, le=1000, description="hot, report: texts of a hot topic")
    report: ReportKind | None = Field(None, description="report: which one; it is needed")
    format: FileForm | None = Field(None, description="report: xlsx, html, docx or json; export: csv, xlsx or jsonl")
    previous_since: Day = Field(None, description="report: first day of the period to compare with")
    previous_until: Day = Field(None, description="report: last day of the period to compare with")
    seed: int | None = Field(None, strict=True, ge=0, le=2**31, description="report: draws the inspection sample")
    share: float | None = Field(None, gt=0, le=1, description="report: share of the inspection sample")
    per_unit: StrictBool | None = Field(None, description="report: at least one case of every unit")
    above: float | None = Field(None, ge=0, le=1, description="report: warn of units that lead more than this share")
    most: int | None = Field(None, strict=True, ge=1, le=1000, description="report: matters on a shortlist, at most")
    columns: dict[str, str | None] | None = Field(
        None,
        description="A file: header → what it holds, as `POST /v1/files` offers it; empty or null: leave it out",
        examples=[{"诉求事项": "title", "备注": None}],
    )
    sheet: Short = Field("", description="A file: sheet of a workbook; empty: the first that names columns")

    @model_validator(mode="before")
    @classmethod
    def _only_known_fields(cls, value: Any) -> Any:
        return known_fields(value, tuple(cls.model_fields))

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, columns: dict[str, str | None] | None) -> dict[str, str] | None:
        return chosen_columns(columns) if columns else None


class JobIn(BaseModel):
    """Work on suggestions of the memory, or on a file that comes with it as a form."""

    kind: JobKind = Field(description="What is to be done")
    filter: Annotated[FilterIn, Field(description="Which suggestions; left out: all")] = FilterIn.model_validate({})
    options: Annotated[JobOptions, Field(description="How it is done")] = JobOptions.model_validate({})

    @model_validator(mode="before")
    @classmethod
    def _only_known_fields(cls, value: Any) -> Any:
        return known_fields(value, tuple(cls.model_fields))

    @model_validator(mode="after")
    def _options_of_kind(self) -> JobIn:
        check_options(self.kind, self.options)
        return self


def check_options(kind: str, options: JobOptions) -> None:
    """Refuse options that the kind would not look at, and values that it cannot use."""
    given = {name for name in options.model_fields_set if getattr(options, name) not in (None, False, "")}
    foreign = sorted(given - OF_KIND[kind] - (frozenset() if kind == "decided" else ON_FILE))
    if foreign:
        allowed = ", ".join(sorted(OF_KIND[kind])) or "none"
        context = {"kind": kind, "name": foreign[0], "allowed": allowed}
        raise PydanticCustomError("option", "the kind {kind} has no option {name}; allowed: {allowed}", context)
    if kind == "report" and options.report is None:
        reports = ", ".join(get_args(ReportKind))
        raise PydanticCustomError("report", "the option report is needed; allowed are {reports}", {"reports": reports})
    if options.format is not None and options.format not in FORMATS[kind]:
        context = {"kind": kind, "allowed": ", ".join(FORMATS[kind])}
        raise PydanticCustomError("format", "the kind {kind} is written as {allowed}", context)
    if options.store and options.together:
        raise PydanticCustomError("store", "store and together do not go together; hand in two jobs")
    if options.period is not None and options.since is not None:
        raise PydanticCustomError("two_beginnings", "give since or period; the other follows from it")
    for first, last in (("since", "until"), ("previous_since", "previous_until")):
        since, until = getattr(options, first), getattr(options, last)
        if since is not None and until is not None and until < since:
            raise PydanticCustomError("ends_before", "a period ends before it begins; exchange its two dates")


FORM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "JobForm",
    "required": ["kind", "file"],
    "additionalProperties": False,
    "properties": {
        "kind": {"type": "string", "enum": [kind for kind in get_args(JobKind) if kind != "export"]},
        "options": {"type": "string", "contentMediaType": "application/json", "description": "The options, as JSON"},
        "columns": {
            "type": "string",
            "contentMediaType": "application/json",
            "description": "The option `columns`, as JSON: what the headers of the file mean",
        },
        "sheet": {"type": "string", "description": "The option `sheet`: which one of a workbook is read"},
        "file": {"type": "string", "format": "binary", "description": "A csv, xlsx or jsonl file, with its name"},
    },
}
"""A job on a file, as the OpenAPI document tells it."""


class JobOut(BaseModel):
    """A job, and how far it is."""

    id: str = Field(description="Its id")
    kind: JobKind
    state: JobState = Field(description="done, failed and cancelled are final")
    done: int = Field(description="Rows that are done; of work on all rows at one go, how far it is")
    total: int = Field(description="Rows in all; 0 until they are counted")
    failures: int = Field(description="Rows that could not be answered; each says why in the result")
    cancelling: bool = Field(description="It will be cancelled before its next rows")
    name: str = Field(description="Name of the file that was handed in; empty: it works on the memory")
    confidential: bool = Field(description="It holds or reads confidential suggestions")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    result: str | None = Field(description="Where the result is; null: there is none, or none yet")
    problem: ProblemDocument | None = Field(description="Why it failed; null: it did not")


class JobsOut(BaseModel):
    """Jobs, the newest first."""

    jobs: list[JobOut] = Field(description="Those of this page")
    next: str | None = Field(description="`cursor` of the next page; null: there is none")
