"""What every endpoint that takes suggestions does first: count them, bound them, make records of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import Request

from service.problems import Finding, Problem, pointer, too_many
from service.settings import Settings
from service.shapes.schemas import SuggestionIn, SuggestionsIn
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


def record_of(body: SuggestionIn, request: Request, settings: Settings) -> Suggestion:
    """The library's record of the one suggestion that a body is. Raises Problem where it is longer than allowed."""
    record = body.record()
    request.state.suggestions = 1
    _check_lengths({pointer(()): record}, settings)
    return record


def _check_limits(records: Sequence[Suggestion], settings: Settings) -> None:
    if len(records) > settings.max_suggestions:
        raise too_many(f"{len(records)}", settings.max_suggestions)
    _check_lengths({pointer(("suggestions", place)): record for place, record in enumerate(records)}, settings)


def _check_lengths(records: Mapping[str, Suggestion], settings: Settings) -> None:
    """Each of the records stands under its pointer into the body."""
    allowed = settings.max_characters
    findings = [
        Finding(detail=f"{length:,} characters in title and text; {allowed:,} are allowed", pointer=place)
        for place, record in records.items()
        if (length := len(record.title) + len(record.text)) > allowed
    ]
    if findings:
        detail = f"{findings[0].pointer}: {findings[0].detail}. Shorten it: title, opening and ask decide."
        raise Problem("text-too-long", detail, findings=findings)
