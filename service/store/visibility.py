"""What a key sees of wordings and answers that touch a confidential suggestion, also one that turned so later.

A wording that was handed in as confidential stays so when a later one is open: that is what making a text fit for the
public means. And an answer that was kept names texts that were open then; those that are confidential now leave it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, exists, not_, select
from sqlalchemy.orm import Session

from service.store.quotes import cited
from service.store.tables import AnswerRow, SuggestionRow, VersionRow

AT_ONCE = 500


def open_wording() -> ColumnElement[bool]:
    """The condition on a version that it was not handed in as confidential."""
    condition: ColumnElement[bool] = not_(VersionRow.content["confidential"].as_boolean())
    return condition


def open_answer() -> ColumnElement[bool]:
    """The condition on an answer that the wording which it answers was not handed in as confidential."""
    answered = exists().where(
        VersionRow.suggestion_id == AnswerRow.suggestion_id, VersionRow.number == AnswerRow.version
    )
    return not_(answered.where(VersionRow.content["confidential"].as_boolean()))


def hidden(session: Session, refs: Collection[str]) -> set[str]:
    """Which of these ids are those of suggestions that are confidential now."""
    asked, found = list(refs), set[str]()
    for start in range(0, len(asked), AT_ONCE):
        some = SuggestionRow.ref.in_(asked[start : start + AT_ONCE])
        found |= set(session.scalars(select(SuggestionRow.ref).where(some, SuggestionRow.confidential)))
    return found


def hidden_in(session: Session, answers: Iterable[dict[str, Any]], *, confidential: bool) -> set[str]:
    """Which of the texts that these answers name the caller may not see."""
    return set() if confidential else hidden(session, {ref for answer in answers for ref in cited(answer)})


def without_hits(answer: dict[str, Any], refs: Collection[str]) -> dict[str, Any]:
    """The answer as if it had not found these texts, the same object where it names none of them."""
    if cited(answer).isdisjoint(refs):
        return answer
    from triage.duplicates.reasons import told_without

    return told_without(answer, refs)
