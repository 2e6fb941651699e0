"""What is asked and answered about the retention rules, with their examples."""

from __future__ import annotations

from datetime import date as Date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.store.rules import MOST_DAYS, MOST_RULES


class RuleIn(BaseModel):
    """How long suggestions of one source are kept."""

    model_config = ConfigDict(extra="forbid", title="RetentionRule")

    source: str = Field("", max_length=200, description="The body they came through; empty: all that no rule names")
    after_days: int = Field(strict=True, ge=1, le=MOST_DAYS, description="Days without news, from the last date known")
    action: Literal["anonymise", "delete"] = Field(description="Take the wording away, or all of it")


class RulesIn(BaseModel):
    """All the rules, instead of those before."""

    model_config = ConfigDict(extra="forbid")

    rules: list[RuleIn] = Field(max_length=MOST_RULES, description="An empty list keeps everything")


class RetentionPreviewIn(BaseModel):
    """Rules to be tried."""

    model_config = ConfigDict(extra="forbid")

    rules: list[RuleIn] | None = Field(None, max_length=MOST_RULES, description="Left out: those in force")


class RulesOut(BaseModel):
    """The rules in force."""

    rules: list[RuleIn]


class RulePreview(RuleIn):
    """A rule, and how much it would touch."""

    model_config = ConfigDict(title="RulePreview")

    suggestions: int = Field(description="Suggestions that it would touch today, of those that this key may see")


class RetentionPreviewOut(BaseModel):
    """What the rules would do. Nothing was changed."""

    today: Date
    rules: list[RulePreview]


_KEEP: list[dict[str, Any]] = [
    {"source": "热线", "after_days": 730, "action": "anonymise"},
    {"source": "热线", "after_days": 3650, "action": "delete"},
    {"source": "", "after_days": 1825, "action": "anonymise"},
]
RULES: dict[str, Any] = {"rules": _KEEP}
TO_SET: dict[str, Any] = {
    "rules": {"summary": "Hotline texts two years, all others five", "value": RULES},
    "none": {"summary": "Keep everything", "value": {"rules": []}},
}
TO_TRY: dict[str, Any] = {
    "stored": {"summary": "The rules in force", "value": {}},
    "others": {"summary": "Other rules, before they are set", "value": RULES},
}
PREVIEW: dict[str, Any] = {
    "today": "2026-03-02",
    "rules": [rule | {"suggestions": count} for rule, count in zip(_KEEP, (214, 0, 37), strict=True)],
}
