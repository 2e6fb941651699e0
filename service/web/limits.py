"""What every endpoint that takes suggestions does first: count them, bound them, make records of them."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Request

from service.problems import Finding, Problem, pointer, too_many
from service.settings import Settings
from service.shapes.schemas import SuggestionsIn
from triage.records import Suggestion

PROBLEMS = (
    "malformed-json",
    "wrong-encoding",
    "body-too-slow",
    "body-too-large",
    "too-many-suggestions",
    "text-too-long",
    "unsupported-media-type",
    "unsupported-charset",
    "invalid-request",
    "unusable-input",
    "internal-error",
    "not-ready",
    "model-failed",
    "index-failed",
    "queue-full",
)
"""What can go wrong with suggestions, wherever they are sent."""


def records_of(body: SuggestionsIn, request: Request, settings: Settings) -> list[Suggestion]:
    """The library's records of a request's suggestions; their number goes to the access log.

    Raises Problem where the request is larger than this service's settings allow.
    """
    records = [suggestion.record() for suggestion in body.suggestions]
    request.state.suggestions = len(records)
    _check_limits(records, settings)
    return records


def _check_limits(records: Sequence[Suggestion], settings: Settings) -> None:
    if len(records) > settings.max_suggestions:
        raise too_many(f"{len(records)}", settings.max_suggestions)
    allowed = settings.max_characters
    findings = [
        Finding(detail=f"{length:,} characters in title and text; {allowed:,} are allowed", pointer=_place(index))
        for index, record in enumerate(records)
        if (length := len(record.title) + len(record.text)) > allowed
    ]
    if findings:
        detail = f"{findings[0].pointer}: {findings[0].detail}. Shorten it: title, opening and ask decide."
        raise Problem("text-too-long", detail, findings=findings)


def _place(index: int) -> str:
    return pointer(("suggestions", index))
