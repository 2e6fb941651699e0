"""What is asked and answered about who calls and what happened since, with its examples."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from service.store.changes import MOST


class _Out(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MeOut(_Out):
    """Who calls, and what the key may do."""

    name: str = Field(description="Name of the key; empty where the service has no memory, and so no keys")
    scopes: list[str] = Field(description="All that it may: read, triage, decide, admin")
    confidential: bool = Field(description="Whether it may see confidential suggestions")
    memory: bool = Field(description="Whether the service has a memory")


class CallerOut(_Out):
    """A key, by what stands in the record."""

    actor: str = Field(description="How it stands in the record: `key:` and its id")
    name: str = Field(description="What it was called when it was made")


class CallersOut(_Out):
    """All keys, by name."""

    callers: list[CallerOut] = Field(description="Those that are revoked, too")


class ChangesIn(BaseModel):
    """After which entry of the trail."""

    model_config = ConfigDict(extra="forbid")

    after: Annotated[int, Field(ge=0, le=2**53)] | None = Field(
        None, description="`last` of the answer before; left out: only where to begin"
    )
    limit: int = Field(MOST, ge=1, le=MOST, description="Changes to tell, at most")


class ChangeOut(_Out):
    """Something that happened to a suggestion."""

    number: int = Field(description="Number of the entry in the trail")
    at: datetime
    action: str = Field(description="suggestion.created, suggestion.triaged, decision.made, decision.withdrawn …")
    suggestion: str = Field(description="Id of the suggestion")
    by: str = Field(description="Name of the key that did it, or the part of the service")
    decision: int | None = Field(description="Number of the decision; null: it is not about one")


class ChangesOut(_Out):
    """What happened, the first one first."""

    changes: list[ChangeOut]
    last: int = Field(description="What to send as `after` the next time")


ME: dict[str, Any] = {
    "name": "王静",
    "scopes": ["read", "triage", "decide"],
    "confidential": False,
    "memory": True,
}
CALLERS: dict[str, Any] = {"callers": [{"actor": "key:k7f3a9c2", "name": "王静"}]}
CHANGES: dict[str, Any] = {
    "changes": [
        {
            "number": 4127,
            "at": "2025-03-03T08:40:00.120000Z",
            "action": "decision.made",
            "suggestion": "RD2025-031",
            "by": "王静",
            "decision": 1,
        }
    ],
    "last": 4127,
}
