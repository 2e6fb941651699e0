"""What is asked about tables that a page shows and somebody wants as a workbook."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from service.shapes.schemas import Text, known_fields

MOST_TABLES = 30
MOST_ROWS = 20_000
MOST_COLUMNS = 100
MOST_CELLS = 200_000
"""Of all tables together: so many are written in some seconds."""
Cell = str | int | float | bool | None
Title = Annotated[Text, Field(max_length=200)]


class TableIn(BaseModel):
    """One table, which becomes one sheet."""

    model_config = ConfigDict(extra="forbid")

    title: Title = Field(default="", description="What the sheet is called", examples=["按主办单位"])
    header: list[Title] = Field(description="Names of the columns", min_length=1, max_length=MOST_COLUMNS)
    rows: list[list[Cell]] = Field(description="A cell for each column: a text, a number, yes or no, or nothing")

    @model_validator(mode="before")
    @classmethod
    def _only_known_fields(cls, value: Any) -> Any:
        return known_fields(value, tuple(cls.model_fields))

    @model_validator(mode="after")
    def _no_row_is_longer(self) -> TableIn:
        for number, row in enumerate(self.rows):
            if len(row) > len(self.header):
                context = {"row": number, "cells": len(row), "columns": len(self.header)}
                raise PydanticCustomError("row", "row {row} has {cells} cells below {columns} columns", context)
        return self


class WorkbookIn(BaseModel):
    """Tables of a page, to be taken away as a workbook."""

    model_config = ConfigDict(extra="forbid")

    title: Title = Field(default="", description="Printed above each page", examples=["承办单位工作量"])
    tables: list[TableIn] = Field(description="The tables", min_length=1, max_length=MOST_TABLES)
    note: Annotated[Text, Field(max_length=5_000)] = Field(
        default="", description="What a reader should know; it stands on a sheet of its own (说明)"
    )

    @model_validator(mode="before")
    @classmethod
    def _only_known_fields(cls, value: Any) -> Any:
        return known_fields(value, tuple(cls.model_fields))

    @model_validator(mode="after")
    def _bounded(self) -> WorkbookIn:
        rows = sum(len(table.rows) for table in self.tables)
        if rows > MOST_ROWS:
            context = {"rows": rows, "most": MOST_ROWS}
            raise PydanticCustomError("too_many_rows", "{rows} rows in all; {most} are allowed", context)
        cells = sum(len(table.rows) * len(table.header) for table in self.tables)
        if cells > MOST_CELLS:
            context = {"cells": cells, "most": MOST_CELLS}
            raise PydanticCustomError("too_many_cells", "{cells} cells in all; {most} are allowed", context)
        return self


WORKBOOK: dict[str, Any] = {
    "workload": {
        "summary": "Two columns",
        "value": {
            "title": "承办单位工作量",
            "tables": [
                {"title": "按主办单位", "header": ["单位", "件数"], "rows": [["交通运输局", 12], ["教育局", 9]]},
            ],
            "note": "统计范围：2026年1月1日至3月5日。",
        },
    }
}
