"""The latest advice beside the suggestion, so that lists can show it, choose by it and put what is unsure first.

It repeats what the latest answer says, and is told by `keep_answer` and by a wording that turns open. Whoever sees the
suggestion sees it: an answer to a wording that was handed in as confidential is not repeated here once a later wording
is open.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from service.store.columns import NAME
from service.store.tables import AnswerRow, SuggestionRow, VersionRow

NONE = "none"
PROMISES = (NONE, "coordinate", "choose", "suggest")
"""What an answer promises, the least sure first; a row holds the place. `none`: there is no answer yet."""
_BLANK = {"id": "", "topics": (), "lead": (), "co": (), "matters": (), "mode": "sole", "decision": "choose"}


def _nothing() -> dict[str, Any]:
    plain = {"promise": 0, "sureness": 0.0, "advised_lead": "", "advised_mode": "", "advised_topic": "", "zone": ""}
    return {**plain, "advised_leads": [], "advised_co": []}


def tell(row: SuggestionRow, answer: AnswerRow | None) -> None:
    """Let the row tell this answer, or that there is none."""
    for name, value in columns_of(answer.answer if answer else None).items():
        setattr(row, name, value)
    row.advised_answer = answer.id if answer else 0


def columns_of(answer: Mapping[str, Any] | None) -> dict[str, Any]:
    """The columns of a suggestion that repeat an answer (`Triaged.to_dict()`): its units as a meeting's sheet names
    them, the sureness of the first lead, the deepest topic, the zone by its name.
    """
    if answer is None:
        return _nothing()
    from triage.meeting.decided import Suggested

    suggested = Suggested.of_stored(_BLANK | dict(answer))
    first = suggested.lead[0] if suggested.lead else None
    deepest = max(answer.get("topics", ()), key=lambda topic: (len(topic["path"]), topic["score"]), default=None)
    return {
        "promise": PROMISES.index(str(suggested.decision)),
        "sureness": float(first.score) if first else 0.0,
        "advised_lead": first.unit[:NAME] if first else "",
        "advised_leads": list(suggested.leads),
        "advised_co": list(suggested.co_units),
        "advised_mode": str(suggested.mode),
        "advised_topic": deepest["name"][:NAME] if deepest else "",
        "zone": str((answer.get("jurisdiction") or {}).get("name") or "")[:NAME],
    }


def shows(session: Session, row: SuggestionRow, version: int) -> bool:
    """Whether an answer to this wording may be told by the row: not where it was confidential and the row is open."""
    if row.confidential:
        return True
    wording = session.query(VersionRow.content).filter_by(suggestion_id=row.id, number=version).one_or_none()
    return wording is None or not wording[0].get("confidential")


def chosen(promises: tuple[str, ...]) -> ColumnElement[bool]:
    """The condition that the latest answer promises one of these."""
    return SuggestionRow.promise.in_([PROMISES.index(name) for name in promises])
