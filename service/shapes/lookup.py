"""What is answered about units and topics that can be chosen."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from service.shapes.schemas import Text

MOST_UNITS = 2_000
OFFERED = 10
"""Units that are offered for what was typed, unless more are asked for."""


class UnitsIn(BaseModel):
    """What was typed so far, as parameters of a query."""

    model_config = ConfigDict(extra="forbid")

    q: Text = Field(
        "",
        max_length=100,
        description="A name, a part of one, pinyin or initials; left out: all units",
        examples=["gaj", "公安"],
    )
    limit: int | None = Field(
        None, ge=1, le=MOST_UNITS, description=f"Units at most; left out: {OFFERED} with `q`, else {MOST_UNITS}"
    )


class UnitFound(BaseModel):
    """A unit that can be decided."""

    unit: str = Field(description="Its name, as a decision names it")
    code: str = Field(description="Its code in the catalogue; its name where it has none")
    kind: str = Field(description="Where it stands (层级): 县, 党委, 乡镇 …; empty: not known")
    matched: Literal["name", "short", "former", "pinyin", "initials"] = Field(description="What fits")
    written: str = Field(description="The name that fits")
    successor_of: str = Field(description="The former unit whose work it took over, where that one's name fits")


class UnitsOut(BaseModel):
    """Units, the best first; without `q` in the catalogue's order."""

    units: list[UnitFound]


class TopicOut(BaseModel):
    """A topic of the model."""

    name: str
    path: list[str] = Field(description="Names from the first level down to itself")


class TopicsOut(BaseModel):
    """All topics that the model can answer, in their order."""

    topics: list[TopicOut]


POLICE = {
    "unit": "公安局",
    "code": "gaj",
    "kind": "县",
    "matched": "initials",
    "written": "公安局",
    "successor_of": "",
}
HEALTH = {
    "unit": "卫生健康局",
    "code": "wjj",
    "kind": "县",
    "matched": "former",
    "written": "卫生局",
    "successor_of": "卫生局",
}
UNITS = {"units": [POLICE, HEALTH]}
TOPICS = {"topics": [{"name": "城市道路", "path": ["交通运输", "城市道路"]}]}
