"""Rows of the memory as they are answered: plain JSON types, in the shapes of `service.shapes.suggestions`."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from service.store.advice import PROMISES
from service.store.tables import CO, LEAD, AnswerRow, DecisionRow, SuggestionRow, VersionRow
from service.store.visibility import without_hits


def as_json(value: Any) -> bytes:
    """The bytes of an answer."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


def listed(row: SuggestionRow, *, returned: bool) -> dict[str, Any]:
    """A suggestion in a list (`Listed`)."""
    return {
        "id": row.ref,
        "state": row.state,
        "version": row.version,
        "title": row.title,
        "source": row.source,
        "session": row.session,
        "date": row.day.isoformat() if row.day else None,
        "proposers": row.proposers,
        "wish": row.wish,
        "confidential": row.confidential,
        "topic": row.topic,
        "lead": [assigned.unit for assigned in row.assignments if assigned.role == LEAD],
        "co": [assigned.unit for assigned in row.assignments if assigned.role == CO],
        "decision": row.decision,
        "returned": returned,
        "advice": advice(row),
        "batch": row.batch,
        "created_at": row.created_at.isoformat(),
        "changed_at": row.changed_at.isoformat(),
    }


def advice(row: SuggestionRow) -> dict[str, Any] | None:
    """The latest advice in short (`Advised`), None where there is none."""
    if not row.promise:
        return None
    return {
        "decision": PROMISES[row.promise],
        "mode": row.advised_mode,
        "lead": row.advised_lead,
        "leads": row.advised_leads,
        "score": row.sureness,
        "co": row.advised_co,
        "topic": row.advised_topic,
        "zone": row.zone,
        "answer": row.advised_answer,
    }


def kept(
    row: SuggestionRow,
    decision: DecisionRow | None,
    answer: AnswerRow | None,
    hidden: Collection[str] = (),
    *,
    returned: bool,
) -> dict[str, Any]:
    """A suggestion as it stands now (`Kept`). `hidden` as in `kept_answer`."""
    return {
        **listed(row, returned=returned),
        "text": row.text,
        "decided": decided(decision) if decision else None,
        "answer": kept_answer(answer, hidden) if answer else None,
    }


def decided(row: DecisionRow) -> dict[str, Any]:
    """A decision in short (`Decided`)."""
    return {
        "number": row.number,
        "lead": row.lead,
        "co": row.co,
        "topics": row.topics,
        "mode": row.mode,
        "decided_by": row.decided_by,
        "day": row.day.isoformat() if row.day else None,
        "at": row.at.isoformat(),
    }


def kept_answer(row: AnswerRow, hidden: Collection[str] = ()) -> dict[str, Any]:
    """An answer of a model (`KeptAnswer`), without the texts that are `hidden` from who asks."""
    return {
        "id": row.id,
        "version": row.version,
        "model": row.model,
        "catalogue": row.catalogue,
        "at": row.at.isoformat(),
        "actor": row.actor,
        "triaged": without_hits(row.answer, hidden),
    }


def version(row: VersionRow) -> dict[str, Any]:
    """A wording as it was handed in (`Version`)."""
    return {"number": row.number, "at": row.at.isoformat(), "actor": row.actor, "digest": row.digest, **row.content}
