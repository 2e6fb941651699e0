"""What became of a suggestion: decisions, returns and outcomes. All are added, none is changed or taken away.

Decisions are numbered from 1. Who decides says which number he has seen; two at once get one decision and one `Changed`
that holds the other's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date as Date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store import outbox, trail
from service.store.columns import now
from service.store.errors import Changed, NotThere
from service.store.store import Writing
from service.store.tables import (
    CLOSED,
    CO,
    DECIDED,
    ERASED,
    LEAD,
    OPEN,
    AnswerRow,
    Assignment,
    DecisionRow,
    OutcomeRow,
    ReturnRow,
    SuggestionRow,
)
from triage.errors import InputError
from triage.records import Case, Suggestion

LONGEST_OUTCOME = 20
"""Characters of an outcome class: it stands in the trail, where no text may be."""


def decide(  # noqa: PLR0913 - what a person decides, by name
    writing: Writing,
    row: SuggestionRow,
    *,
    lead: Sequence[str],
    expected: int,
    co: Sequence[str] = (),
    topics: Sequence[str] = (),
    reason: str = "",
    decided_by: str = "",
    answer_id: int | None = None,
    day: Date | None = None,
) -> DecisionRow:
    """Name the units of a suggestion. `expected` is the number of the decision that the clerk has seen, 0 for none.

    The mode follows from the units. What was suggested is that of the answer `answer_id`, or of the latest one. `day`
    is when the lead got it (交办): today, and where the leads stay, the day on which they got it.
    Raises Changed with the decision that holds, NotThere for an answer that is not this suggestion's, InputError for
    units that make no decision and for a suggestion whose wording is erased.
    """
    held = decision_of(writing.session, row)
    if expected != row.decision:
        raise Changed(_told_changed(row, expected), told(held) if held else {"number": 0})
    _check(row, lead, co)
    _check_words(reason, decided_by, *topics)
    shown = _shown(_answer(writing.session, row, answer_id), Case(Suggestion(), tuple(lead), tuple(co)))
    content = {"lead": list(lead), "co": list(co), "topics": list(topics), "reason": reason, "decided_by": decided_by}
    salt, digest = trail.salted(content)
    decision = DecisionRow(
        suggestion_id=row.id,
        number=row.decision + 1,
        mode=str(Case(Suggestion(), tuple(lead), tuple(co)).mode),
        day=day or _handed_out(held, lead),
        actor=writing.actor,
        salt=salt,
        digest=digest,
        at=now(),
        **shown,
        **content,
    )
    writing.session.add(decision)
    _hold(row, decision)
    writing.session.flush()
    _tell_decision(writing, row, decision)
    return decision


def record_return(
    writing: Writing, row: SuggestionRow, *, unit: str, reason: str = "", day: Date | None = None
) -> ReturnRow:
    """Note that a unit sent a suggestion back (退单). The decision holds until a person decides anew.

    Raises InputError where the unit does not hold the decision.
    """
    held = decision_of(writing.session, row)
    units = [*held.lead, *held.co] if held else []
    if unit not in units:
        holders = "、".join(units) or "no unit: it is not decided"
        raise InputError(f"the unit {unit!r} cannot send {row.ref!r} back; it was handed to {holders}.")
    _check_words(reason)
    returned = ReturnRow(
        suggestion_id=row.id,
        decision=row.decision,
        unit=unit,
        reason=reason,
        day=day or today(),
        actor=writing.actor,
        at=now(),
    )
    writing.session.add(returned)
    row.changed_at = returned.at
    writing.session.flush()
    role = LEAD if held and unit in held.lead else CO
    details = {"number": returned.id, "decision": row.decision, "unit": unit, "role": role}
    writing.note("suggestion.returned", row.ref, **details)
    outbox.announce(writing, "suggestion.returned", {"suggestion": row.ref, **details})
    return returned


def record_outcome(
    writing: Writing, row: SuggestionRow, *, outcome: str, reply: str = "", day: Date | None = None
) -> OutcomeRow:
    """Close a suggestion: the place's own class, the reply, the day of the reply. The latest outcome counts; the same
    again adds none.

    Raises InputError for a suggestion that nobody was given yet, and for one whose wording is erased.
    """
    if row.state in {OPEN, ERASED}:
        remedy = "Decide first which unit leads." if row.state == OPEN else "Nothing is added to what is erased."
        raise InputError(f"the suggestion {row.ref!r} is {row.state}, so it cannot be closed. {remedy}")
    _check_words(outcome, reply)
    if not outcome.strip() or len(outcome) > LONGEST_OUTCOME:
        raise InputError(f"the outcome has {len(outcome)} characters; allowed are 1 to {LONGEST_OUTCOME}: its class.")
    held = outcome_of(writing.session, row)
    if held is not None and (held.outcome, held.reply, held.day) == (outcome, reply, day or held.day):
        return held
    closed = OutcomeRow(
        suggestion_id=row.id, outcome=outcome, reply=reply, day=day or today(), actor=writing.actor, at=now()
    )
    writing.session.add(closed)
    row.state, row.changed_at = CLOSED, closed.at
    writing.session.flush()
    details = {"number": closed.id, "decision": row.decision, "outcome": outcome}
    writing.note("suggestion.closed", row.ref, **details)
    outbox.announce(writing, "suggestion.closed", {"suggestion": row.ref, **details, "state": CLOSED})
    return closed


def decision_of(session: Session, row: SuggestionRow) -> DecisionRow | None:
    """The decision that holds."""
    if not row.decision:
        return None
    chosen = select(DecisionRow).where(DecisionRow.suggestion_id == row.id, DecisionRow.number == row.decision)
    return session.scalars(chosen).one()


def decisions_of(session: Session, row: SuggestionRow) -> list[DecisionRow]:
    """All decisions, the first one first."""
    chosen = select(DecisionRow).where(DecisionRow.suggestion_id == row.id).order_by(DecisionRow.number)
    return list(session.scalars(chosen))


def returns_of(session: Session, row: SuggestionRow) -> list[ReturnRow]:
    """Who sent it back, in order."""
    return list(session.scalars(select(ReturnRow).where(ReturnRow.suggestion_id == row.id).order_by(ReturnRow.id)))


def outcome_of(session: Session, row: SuggestionRow) -> OutcomeRow | None:
    """The outcome that counts: the latest."""
    chosen = select(OutcomeRow).where(OutcomeRow.suggestion_id == row.id).order_by(OutcomeRow.id.desc()).limit(1)
    return session.scalars(chosen).one_or_none()


def told(decision: DecisionRow) -> dict[str, Any]:
    """A decision as plain JSON types, for answers and for `Changed`."""
    return {
        "number": decision.number,
        "lead": decision.lead,
        "co": decision.co,
        "topics": decision.topics,
        "mode": decision.mode,
        "reason": decision.reason,
        "decided_by": decision.decided_by,
        "suggested_lead": decision.suggested_lead,
        "suggested_co": decision.suggested_co,
        "answer": decision.answer_id,
        "day": decision.day.isoformat() if decision.day else None,
        "at": decision.at.isoformat(timespec="seconds"),
        "actor": decision.actor,
    }


def today() -> Date:
    """The day at the office, which is that of this machine."""
    return now().astimezone().date()


def _check(row: SuggestionRow, lead: Sequence[str], co: Sequence[str]) -> None:
    if row.state == ERASED:
        raise InputError(f"the wording of {row.ref!r} is erased, so nothing can be decided about it any more.")
    named = [*lead, *co]
    _check_words(*named)
    if not lead or len(set(named)) != len(named) or not all(unit.strip() for unit in named):
        raise InputError(
            f"the decision on {row.ref!r} has {len(lead)} lead units and {len(co)} others; one lead at least is "
            "needed, every unit with a name, and each once."
        )


def _check_words(*words: str) -> None:
    if any("\x00" in word for word in words):
        raise InputError("a text holds the character U+0000, which cannot be kept. Leave it out.")


def _handed_out(held: DecisionRow | None, lead: Sequence[str]) -> Date:
    """A helper who joins later gives the lead no new day."""
    same = held is not None and set(held.lead) == set(lead)
    return held.day if same and held and held.day else today()


def _answer(session: Session, row: SuggestionRow, answer_id: int | None) -> AnswerRow | None:
    chosen = select(AnswerRow).where(AnswerRow.suggestion_id == row.id).order_by(AnswerRow.id.desc()).limit(1)
    if answer_id is not None:
        chosen = chosen.where(AnswerRow.id == answer_id)
    answer = session.scalars(chosen).one_or_none()
    if answer is None and answer_id is not None:
        raise NotThere(f"the suggestion {row.ref!r} has no answer {answer_id}. Leave it out to name the latest.")
    return answer


def _shown(answer: AnswerRow | None, decided: Case) -> dict[str, Any]:
    """What had been suggested, and how the decision differs, as the columns of a decision."""
    if answer is None:
        return {"answer_id": None, "suggested_lead": [], "suggested_co": [], "shown": {}}
    from triage.meeting.decided import Decided, Suggested
    from triage.meeting.figures import compared

    suggested = Suggested.of_stored(answer.answer)
    found = compared(Decided(decided, suggested))
    return {
        "answer_id": answer.id,
        "suggested_lead": list(suggested.leads),
        "suggested_co": list(suggested.co_units),
        "shown": suggested.to_dict() | {"compared": found._asdict() if found else None},
    }


def _hold(row: SuggestionRow, decision: DecisionRow) -> None:
    """Make this the decision that holds. What is closed stays closed: it was handled, and its record is mended."""
    row.decision, row.changed_at = decision.number, decision.at
    row.state = DECIDED if row.state == OPEN else row.state
    row.topic = decision.topics[0] if decision.topics else ""
    kept = {(one.role, one.place): one for one in row.assignments}
    wanted = {
        (role, place): unit
        for role, units in ((LEAD, decision.lead), (CO, decision.co))
        for place, unit in enumerate(units)
    }
    for key, unit in wanted.items():
        if key in kept:
            kept[key].unit = unit
        else:
            row.assignments.append(Assignment(role=key[0], place=key[1], unit=unit))
    for key in kept.keys() - wanted.keys():
        row.assignments.remove(kept[key])


def _tell_decision(writing: Writing, row: SuggestionRow, decision: DecisionRow) -> None:
    action = "decision.made" if decision.number == 1 else "decision.changed"
    units = {"number": decision.number, "lead": decision.lead, "co": decision.co, "mode": decision.mode}
    writing.note(action, row.ref, **units, advice=_advice(decision), digest=decision.digest)
    outbox.announce(writing, action, {"suggestion": row.ref, **units, "state": row.state})


def _advice(decision: DecisionRow) -> str:
    """Whether the leads are those that were suggested: taken, changed, or none were."""
    if not decision.suggested_lead:
        return "none"
    return "taken" if set(decision.lead) == set(decision.suggested_lead) else "changed"


def _told_changed(row: SuggestionRow, expected: int) -> str:
    seen = f"decision {expected}" if expected else "no decision"
    holds = f"decision {row.decision} holds" if row.decision else "none holds"
    return f"{row.ref!r}: you have seen {seen}, but {holds}. Read `current`, then decide with its number."
