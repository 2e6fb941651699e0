"""What is asked and answered about the audit trail, with its examples."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from service.shapes.schemas import Day, Short

Kept = Annotated[
    str | None,
    Query(
        pattern=r"^[0-9]{1,18}:[0-9a-f]{64}$",
        description="`head:digest` of an earlier answer that you kept elsewhere: is that entry still there?",
    ),
]


class TrailIn(BaseModel):
    """Which entries are wanted, as parameters of a query."""

    model_config = ConfigDict(extra="forbid")

    subject: Short = Field(
        "", description="Id of what was touched: a suggestion, a key, a job …", examples=["RD2025-031"]
    )
    action: Short = Field("", description="What was done", examples=["decision.made"])
    actor: Short = Field("", description="Who did it", examples=["key:0c8a2f6d"])
    since: Day = Field(None, description="First day", examples=["2025-01-01"])
    until: Day = Field(None, description="Last day", examples=["2025-12-31"])
    limit: int = Field(50, ge=1, le=500, description="Entries of a page")
    cursor: Annotated[str, Field(pattern=r"^[0-9]{0,18}$")] = Field("", description="`next` of the page before")


class _Out(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Entry(_Out):
    """One entry of the trail."""

    seq: int = Field(description="Its number; there are no gaps")
    at: datetime
    actor: str = Field(description="Who did it: `key:` and the id of a key, `operator:` and a user of the machine …")
    action: str = Field(description="What was done")
    subject: str = Field(description="Id of what was touched")
    details: dict[str, Any] = Field(description="Ids, numbers, names of units, digests; never a text")
    previous: str = Field(description="Digest of the entry before it")
    digest: str = Field(description="SHA-256 over all of this entry and `previous`")


class TrailPage(_Out):
    """A page of the trail, the newest entry first."""

    entries: list[Entry]
    next: str | None = Field(description="`cursor` of the next page; null on the last")


class BrokenAt(_Out):
    """The first thing that is not as it was noted."""

    seq: int | None = Field(description="The entry; null where no entry tells")
    subject: str = Field(description="Id of the suggestion; empty where it is none, or one that this key may not see")
    reason: str


class VerifiedOut(_Out):
    """What was looked at, and whether all of it is as it was noted."""

    whole: bool
    entries: int = Field(description="Entries that were looked at")
    wordings: int = Field(description="Wordings of suggestions that were held against their entries")
    decisions: int = Field(description="Decisions, likewise")
    head: int = Field(description="Number of the last entry")
    digest: str = Field(description="Its digest. Keep `head:digest` elsewhere now and then, and ask with `kept`")
    broken: BrokenAt | None


LISTED: dict[str, Any] = {
    "entries": [
        {
            "seq": 2,
            "at": "2025-03-03T08:40:00.120000Z",
            "actor": "key:0c8a2f6d",
            "action": "decision.made",
            "subject": "RD2025-031",
            "details": {
                "number": 1,
                "lead": ["县交通运输局"],
                "co": [],
                "mode": "sole",
                "digest": "5f0c3a6ee1f0b1f2f27f6c1d6d2a7d0be1a1b4a8b1a5c37f3d1ad6ad0c1b2a3e",
            },
            "previous": "9a3b0c61f5d2a7ab4c33b3b8a6e2a1d94cde7be2db2f5f38d3d1b1be30e1a7c4",
            "digest": "c0b6d3a5170a1c0df3a2be29a3a9ac8a4b4fb0cb3d6a54b3a0a6ab3f19c4f1d2",
        }
    ],
    "next": "2",
}
VERIFIED: dict[str, Any] = {
    "whole": True,
    "entries": 2,
    "wordings": 1,
    "decisions": 1,
    "head": 2,
    "digest": "c0b6d3a5170a1c0df3a2be29a3a9ac8a4b4fb0cb3d6a54b3a0a6ab3f19c4f1d2",
    "broken": None,
}
