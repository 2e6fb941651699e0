"""What is asked and answered about files that are looked at and not kept."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from service.problems import Finding
from service.shapes.schemas import Text, known_fields
from triage.columns import COLUMNS, SEVERAL

MOST_CHOSEN = 200
"""Columns of a file for which somebody says what they mean."""
MOST_HEADER = 500

DOCUMENT_FORM: dict[str, Any] = {
    "type": "object",
    "title": "DocumentForm",
    "required": ["file"],
    "additionalProperties": False,
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "A .docx, .txt or .md file, with its name"}
    },
}
"""A letter that is handed in, as the OpenAPI document tells it."""


class ReadingIn(BaseModel):
    """How a file is to be read."""

    model_config = ConfigDict(extra="forbid")

    columns: dict[str, str | None] = Field(
        {},
        description="Header as the file writes it → what it holds (`fields` of `POST /v1/files`); empty or null: leave "
        "the column out. Headers that are not named mean what they say",
        examples=[{"诉求事项": "title", "备注": None}],
    )
    sheet: Text = Field("", max_length=100, description="Sheet of a workbook; empty: the first that names columns")

    @model_validator(mode="before")
    @classmethod
    def _only_known_fields(cls, value: Any) -> Any:
        return known_fields(value, tuple(cls.model_fields))

    @field_validator("columns")
    @classmethod
    def _known(cls, columns: dict[str, str | None]) -> dict[str, str]:
        return chosen_columns(columns)


def chosen_columns(columns: dict[str, str | None]) -> dict[str, str]:
    """A choice of columns, empty for those that are left out. Raises PydanticCustomError for one without sense."""
    if len(columns) > MOST_CHOSEN:
        raise PydanticCustomError("too_many_columns", "up to {most} columns can be named", {"most": MOST_CHOSEN})
    for header, column in columns.items():
        if column and column not in COLUMNS:
            context = {"allowed": ", ".join(COLUMNS)}
            raise PydanticCustomError("column", "a column holds one of {allowed}, or nothing", context)
        if len(header) > MOST_HEADER:
            raise PydanticCustomError("header", "a header has up to {most} characters", {"most": MOST_HEADER})
    return {header: column or "" for header, column in columns.items()}


class ColumnSeen(BaseModel):
    """A column of a file."""

    header: str = Field(description="As the file writes it")
    field: str | None = Field(description="What is read from it; null: nothing, unless somebody says so")
    likely: str | None = Field(description="What it may well be, where that is not sure: ask")
    examples: list[str] = Field(description="Beginnings of up to three of its cells")


class FieldOffered(BaseModel):
    """What a column can hold."""

    field: str
    header_zh: str = Field(description="What it is called in Chinese")
    needed: bool = Field(description="Without it, or a `text` in its place, nothing can be read")
    several: bool = Field(description="Several columns may hold it: their values are put together")


class FileSeen(BaseModel):
    """What a file holds, as it would be read."""

    name: str = Field(description="Its name, cleaned")
    rows: int = Field(description="Rows below the headers that are not blank")
    header_line: int = Field(description="The line in which the headers stand")
    sheet: str = Field(description="The sheet of a workbook that is read; empty: it is none")
    other_sheets: list[str] = Field(description="Further sheets that hold something, and are not read")
    columns: list[ColumnSeen] = Field(description="The columns, in the file's order")
    missing: list[str] = Field(description="Fields without which nothing can be read")
    problems: list[Finding] = Field(description="What would keep it from being read, up to twenty")
    fields: list[FieldOffered] = Field(description="What a column can hold")


def fields_offered() -> list[FieldOffered]:
    """All fields that can be read, in their order."""
    return [
        FieldOffered(field=name, header_zh=names[0], needed=name == "title", several=name in SEVERAL)
        for name, names in COLUMNS.items()
    ]


FILE_FORM: dict[str, Any] = {
    "type": "object",
    "title": "FileForm",
    "required": ["file"],
    "additionalProperties": False,
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "A csv, xlsx or jsonl file, with its name"},
        "columns": {
            "type": "string",
            "contentMediaType": "application/json",
            "description": "What headers mean, as JSON: `columns` of the options of a job on a file",
        },
        "sheet": {"type": "string", "description": "Sheet of a workbook; left out: the first that names columns"},
    },
}
"""A file that is looked at, as the OpenAPI document tells it."""


class DocumentOut(BaseModel):
    """What one letter says."""

    title: str = Field(description="Its first line where that looks like a title, else empty")
    text: str = Field(description="The rest, one paragraph a line")
    notices: list[str] = Field(description="In Chinese: what was not read, what to look at")


LETTER = {
    "file": {"summary": "A letter", "value": {"file": "关于增设公交站点的建议\n北环路沿线没有公交站点，请增设。\n"}}
}
LETTER_READ = {"title": "关于增设公交站点的建议", "text": "北环路沿线没有公交站点，请增设。", "notices": []}

_FILE = "建议汇总表\n编号,诉求事项,提案人,主办,备注\n7,关于增设公交站点的建议,张三,交通运输局,急\n"
FILES = {
    "plain": {"summary": "A file", "value": {"file": _FILE}},
    "chosen": {
        "summary": "A clerk has said what a column holds",
        "value": {"file": _FILE, "columns": '{"诉求事项": "title"}'},
    },
}
FILE_SEEN: dict[str, Any] = {
    "name": "建议汇总.csv",
    "rows": 1,
    "header_line": 2,
    "sheet": "",
    "other_sheets": [],
    "columns": [
        {"header": "编号", "field": "id", "likely": None, "examples": ["7"]},
        {"header": "诉求事项", "field": None, "likely": "title", "examples": ["关于增设公交站点的建议"]},
        {"header": "提案人", "field": "proposers", "likely": None, "examples": ["张三"]},
        {"header": "主办", "field": "lead", "likely": None, "examples": ["交通运输局"]},
        {"header": "备注", "field": None, "likely": None, "examples": ["急"]},
    ],
    "missing": ["title"],
    "problems": [
        {
            "detail": "no column holds the title or the text. Say which one does; the file has 编号, 诉求事项, 备注.",
            "pointer": "#/file",
            "detail_zh": "没有找到“标题”或“正文”列，请指定哪一列是它",
        }
    ],
    "fields": [
        {"field": "title", "header_zh": "标题", "needed": True, "several": False},
        {"field": "text", "header_zh": "正文", "needed": False, "several": False},
    ],
}
