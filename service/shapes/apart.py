"""What is asked and answered about findings that suggestions are apart, with its examples."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import AfterValidator, BaseModel, Field, model_validator

from service.shapes.schemas import Short, known_fields
from service.store.apart import MOST

Kind = Literal["merge", "lead"]
CURSOR = r"^[0-9]{0,18}$"
_KIND = "merge: no two of them are one matter (不并); lead: their leads are right as they differ (不统一)"
FindingNumber = Annotated[int, Path(ge=1, lt=2**63, description="Number of the finding", examples=[12])]


def _some(ids: list[str]) -> list[str]:
    found = list(dict.fromkeys(ids))
    if not 2 <= len(found) <= MOST or not all(found):
        raise ValueError(f"name 2 to {MOST} different suggestions")
    return found


class ApartIn(BaseModel):
    """Suggestions that were found to be apart."""

    kind: Kind = Field(description=_KIND)
    suggestions: Annotated[list[Short], AfterValidator(_some)] = Field(
        description="Their ids, the one that stands for the others first",
        examples=[["RD2025-031", "ZX2025-044"]],
        json_schema_extra={"minItems": 2, "maxItems": MOST, "uniqueItems": True},
    )

    @model_validator(mode="before")
    @classmethod
    def _only_known_fields(cls, value: Any) -> Any:
        return known_fields(value, tuple(cls.model_fields))


class ApartOut(BaseModel):
    """A finding."""

    number: int = Field(description="Its number, by which it can be withdrawn")
    kind: Kind = Field(description=_KIND)
    suggestions: list[str] = Field(description="Ids of the suggestions")
    by: str = Field(description="Who found it: the name of the key")
    at: datetime = Field(description="When")


class ApartPage(BaseModel):
    """A page of findings, the newest first."""

    findings: list[ApartOut]
    next: str | None = Field(description="`cursor` of the next page; null on the last")


FOUND: dict[str, Any] = {
    "number": 12,
    "kind": "merge",
    "suggestions": ["RD2025-031", "ZX2025-044"],
    "by": "交办科",
    "at": "2025-03-04T09:12:45.031127Z",
}
LISTED: dict[str, Any] = {"findings": [FOUND], "next": None}
ASKED: dict[str, Any] = {
    "merge": {
        "summary": "They are no one matter",
        "value": {"kind": "merge", "suggestions": ["RD2025-031", "ZX2025-044"]},
    },
    "lead": {
        "summary": "Their leads may differ",
        "value": {"kind": "lead", "suggestions": ["QZ2025-0233", "QZ2025-0417"]},
    },
}
