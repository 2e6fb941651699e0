"""What became of a suggestion: decisions, returns and outcomes. All are added, none is changed or taken away.

Decisions are numbered from 1. Who decides says which number he has seen; two at once get one decision and one `Changed`
that holds the other's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date as Date
from typing import Any

from sqlalchemy import and_, select
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

WITHDRAWN = ""
"""The mode of a decision that withdraws the one before it."""
_STANDS = {CLOSED: "已办结，不能撤回交办", ERASED: "的文字已清除，不能撤回交办"}
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
    Raises Changed with the decision that stands, NotThere for an answer that is not this suggestion's, InputError for
    units that make no decision and for a suggestion whose wording is erased.
    """
    held = decision_of(writing.session, row)
    if expected != row.decision and (expected or held):  # whoever has seen none may decide after a withdrawal, too
        raise _changed(row, expected, held)
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
    _add(writing, row, decision)
    return decision


def withdraw(
    writing: Writing, row: SuggestionRow, *, expected: int, reason: str = "", decided_by: str = ""
) -> DecisionRow:
    """Take back the decision that holds: a further one that names no unit, after which it is to be decided again.

    `expected` as in `decide`. Raises Changed, and InputError where nothing is decided, or the suggestion is closed or
    erased.
    """
    held = decision_of(writing.session, row)
    if expected != row.decision:
        raise _changed(row, expected, held)
    if held is None or row.state != DECIDED:
        why = f"it is {row.state}" if row.state in {CLOSED, ERASED} else "nothing is decided about it"
        told = _STANDS.get(row.state, "还没有交办，没有可撤回的")
        raise InputError(
            f"the decision on {row.ref!r} cannot be withdrawn: {why}.", zh=f"“{row.ref}”{told}，请刷新后核对。"
        )
    _check_words(reason, decided_by)
    content = {"lead": [], "co": [], "topics": [], "reason": reason, "decided_by": decided_by}
    salt, digest = trail.salted(content)
    decision = DecisionRow(
        suggestion_id=row.id,
        number=row.decision + 1,
        mode=WITHDRAWN,
        day=None,
        actor=writing.actor,
        salt=salt,
        digest=digest,
        at=now(),
        **content,
    )
    _add(writing, row, decision)
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
        raise InputError(
            f"the unit {unit!r} cannot send {row.ref!r} back; it was handed to {holders}.",
            zh=f"“{row.ref}”没有交办给{unit}，不能登记它的退单；现承办单位：{'、'.join(units) or '无'}。",
        )
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
        told = "还没有交办，请先确定主办单位再办结。" if row.state == OPEN else "的文字已清除，不能再登记办理结果。"
        raise InputError(
            f"the suggestion {row.ref!r} is {row.state}, so it cannot be closed. {remedy}", zh=f"“{row.ref}”{told}"
        )
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
    """The decision that holds; None where nothing is decided, or it was withdrawn."""
    if not row.decision:
        return None
    chosen = select(DecisionRow).where(DecisionRow.suggestion_id == row.id, DecisionRow.number == row.decision)
    last = session.scalars(chosen).one()
    return None if last.mode == WITHDRAWN else last


def decisions_of(session: Session, row: SuggestionRow) -> list[DecisionRow]:
    """All decisions, the first one first."""
    chosen = select(DecisionRow).where(DecisionRow.suggestion_id == row.id).order_by(DecisionRow.number)
    return list(session.scalars(chosen))


def returns_of(session: Session, row: SuggestionRow) -> list[ReturnRow]:
    """Who sent it back, in order."""
    return list(session.scalars(select(ReturnRow).where(ReturnRow.suggestion_id == row.id).order_by(ReturnRow.id)))


def returned_of(session: Session, rows: Sequence[SuggestionRow]) -> set[int]:
    """Of these (their column `id`) those whose last decision was sent back, and nobody decided anew."""
    ids = [row.id for row in rows if row.decision]
    joined = and_(SuggestionRow.id == ReturnRow.suggestion_id, SuggestionRow.decision == ReturnRow.decision)
    return set(
        session.scalars(select(ReturnRow.suggestion_id).join(SuggestionRow, joined).where(SuggestionRow.id.in_(ids)))
    )


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
        "withdrawn": decision.mode == WITHDRAWN,
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
        raise InputError(
            f"the wording of {row.ref!r} is erased, so nothing can be decided about it any more.",
            zh=f"“{row.ref}”的文字已清除，不能再交办。",
        )
    named = [*lead, *co]
    _check_words(*named)
    if not lead or len(set(named)) != len(named) or not all(unit.strip() for unit in named):
        raise InputError(
            f"the decision on {row.ref!r} has {len(lead)} lead units and {len(co)} others; one lead at least is "
            "needed, every unit with a name, and each once.",
            zh=f"“{row.ref}”要有至少一个主办单位，每个单位只写一次。",
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
    if row.state in {OPEN, DECIDED}:
        row.state = OPEN if decision.mode == WITHDRAWN else DECIDED
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


def _add(writing: Writing, row: SuggestionRow, decision: DecisionRow) -> None:
    """Let it hold from now on, in the lists, the trail and the messages."""
    writing.session.add(decision)
    _hold(row, decision)
    writing.session.flush()
    event = "decision.made" if decision.number == 1 else "decision.changed"
    units = {"number": decision.number, "lead": decision.lead, "co": decision.co, "mode": decision.mode}
    if decision.mode == WITHDRAWN:
        writing.note("decision.withdrawn", row.ref, number=decision.number, digest=decision.digest)
    else:
        writing.note(event, row.ref, **units, advice=_advice(decision), digest=decision.digest)
    outbox.announce(writing, event, {"suggestion": row.ref, **units, "state": row.state})


def _advice(decision: DecisionRow) -> str:
    """Whether the leads are those that were suggested: taken, changed, or none were."""
    if not decision.suggested_lead:
        return "none"
    return "taken" if set(decision.lead) == set(decision.suggested_lead) else "changed"


def _changed(row: SuggestionRow, expected: int, held: DecisionRow | None) -> Changed:
    seen = f"decision {expected}" if expected else "no decision"
    holds = f"decision {row.decision} holds" if held else "none holds"
    if row.decision and not held:
        holds += f" since {row.decision} withdrew it"
    message = f"{row.ref!r}: you have seen {seen}, but {holds}. Read `current`, then decide with its number."
    return Changed(message, told(held) if held else {"number": row.decision})
