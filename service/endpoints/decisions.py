"""``/v1/suggestions/{id}/decision``, ``/returns``, ``/outcome``: what people made of a suggestion.

Units are read by the catalogue in force, as the meeting's sheet reads them: other names are told, never changed in
silence. Two clerks at once: one decision holds, the other clerk gets 409 with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date as Date
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body, Request, Response

from service.problems import Finding, Problem, answered, documented, pointer
from service.shapes import examples_decisions as examples
from service.shapes.decisions import (
    DecisionIn,
    DecisionMade,
    DecisionOut,
    DecisionsOut,
    OneOfMany,
    OutcomeIn,
    OutcomeMade,
    OutcomeOut,
    ReturnIn,
    ReturnMade,
    ReturnOut,
    ReturnsOut,
    WithdrawIn,
    Withdrawn,
)
from service.shapes.suggestions import SuggestionId
from service.store import decisions, suggestions
from service.store.store import Writing
from service.store.tables import DecisionRow, OutcomeRow, ReturnRow, SuggestionRow
from service.web.body import JsonRoute
from service.web.caller import DecideCaller, ReadCaller
from service.web.dependencies import AnsweringOf, StoreOf
from service.web.etags import NeededOf, etag, unchanged
from service.web.idempotency import OnceOf, Reply

if TYPE_CHECKING:
    from triage.meeting.names import NameReader

router = APIRouter(prefix="/v1/suggestions/{suggestion}", tags=["decisions"], route_class=JsonRoute)
UNKNOWN = documented("not-found")
MOST_SHOWN = 40
"""Characters of a name that nobody knows, as it is told back."""
REFUSED = documented("not-found", "unknown-unit", "unusable-input")


@router.put(
    "/decision",
    response_model=DecisionMade,
    responses=answered(examples.MADE) | REFUSED,
    summary="Decide which units handle it",
)
def decide(
    suggestion: SuggestionId,
    body: Annotated[DecisionIn, Body(openapi_examples=examples.DECIDED)],
    expected: NeededOf,
    caller: DecideCaller,
    now: AnsweringOf,
    once: OnceOf,
) -> Response:
    """Name the lead and the co-handling units. Say which decision you have seen: `If-None-Match: *` for none yet,
    `If-Match` with the ETag of the one that you change. Where another clerk was quicker, 409 holds that decision.

    Units are read by the catalogue in force; short, other and former names are told in `notices`, an unknown one is
    refused with the names that are nearest. What had been suggested is copied from the answer. Nothing is sent to the
    units.
    """
    (lead, co), notices = read_units(now.names, {"lead": body.lead, "co": body.co}, body.day)
    co, more = co_beside(lead, co)

    def work(writing: Writing) -> Reply:
        row = suggestions.find(writing.session, suggestion, confidential=caller.confidential)
        made = decided(writing, row, body, (lead, co), expected)
        told = DecisionMade(suggestion=row.ref, state=row.state, notices=[*notices, *more], **_held(made))
        return Reply(200, told.model_dump(mode="json"), {"ETag": etag(made.number)})

    return once.write(body, work)


@router.delete(
    "/decision",
    response_model=Withdrawn,
    responses=answered(examples.WITHDRAWN, "not-found", "unusable-input"),
    summary="Withdraw the decision",
)
def withdraw(
    suggestion: SuggestionId,
    expected: NeededOf,
    caller: DecideCaller,
    once: OnceOf,
    body: Annotated[WithdrawIn | None, Body(openapi_examples=examples.WITHDRAWING)] = None,
) -> Response:
    """Take back the decision that holds, named by `If-Match`: the suggestion is open again, and `/decision` is 404
    until somebody decides anew, with the ETag of this answer in `If-Match`, or `If-None-Match: *`.

    Nothing is lost: that it was decided and withdrawn stands in `/decisions`. A closed suggestion keeps its decision.
    """
    told = body or WithdrawIn.model_validate({})

    def work(writing: Writing) -> Reply:
        row = suggestions.find(writing.session, suggestion, confidential=caller.confidential)
        made = decisions.withdraw(writing, row, expected=expected, reason=told.reason, decided_by=told.decided_by)
        answer = {"suggestion": row.ref, "number": made.number, "state": row.state}
        return Reply(200, answer, {"ETag": etag(made.number)})

    return once.write(body, work)


@router.get(
    "/decision",
    response_model=DecisionOut,
    responses=answered(examples.DECISION) | UNKNOWN | {304: {"description": "You have this decision"}},
    summary="The decision that holds",
)
def decision(suggestion: SuggestionId, request: Request, caller: ReadCaller, store: StoreOf) -> Response:
    """Who decided, when, which units, and what had been suggested. The ETag is what `PUT` wants in `If-Match`.

    404 as long as nothing is decided, and once a decision was withdrawn.
    """
    with store.read() as session:
        row = suggestions.find(session, suggestion, confidential=caller.confidential)
        held = decisions.decision_of(session, row)
        if held is None:
            raise _undecided(row)
        headers = {"ETag": etag(held.number)}
        if unchanged(request, held.number):
            return Response(status_code=304, headers=headers)
        content = DecisionOut.model_validate(decisions.told(held)).model_dump_json()
        return Response(content, media_type="application/json", headers=headers)


@router.get("/decisions", responses=answered(examples.DECISIONS) | UNKNOWN, summary="All decisions")
def history(suggestion: SuggestionId, caller: ReadCaller, store: StoreOf) -> DecisionsOut:
    """Every decision about a suggestion, the first one first: a later one changes none before it."""
    with store.read() as session:
        row = suggestions.find(session, suggestion, confidential=caller.confidential)
        found = [DecisionOut.model_validate(decisions.told(one)) for one in decisions.decisions_of(session, row)]
        return DecisionsOut(decisions=found)


@router.post(
    "/returns",
    status_code=201,
    response_model=ReturnMade,
    responses=answered(examples.RETURN, status=201) | REFUSED,
    summary="Note that a unit sent it back",
)
def send_back(
    suggestion: SuggestionId,
    body: Annotated[ReturnIn, Body(openapi_examples=examples.RETURNED)],
    caller: DecideCaller,
    now: AnsweringOf,
    once: OnceOf,
) -> Response:
    """A return (退单): the unit must hold the decision. That one holds until a person decides anew."""
    names = now.names

    def work(writing: Writing) -> Reply:
        row = suggestions.find(writing.session, suggestion, confidential=caller.confidential)
        held = decisions.decision_of(writing.session, row)
        unit, notices = body.unit, list[str]()
        if held is None or unit not in {*held.lead, *held.co}:
            ((unit, *more),), notices = read_units(names, {"unit": [unit]}, None)
            if more:
                told_of = Finding(
                    detail="several units are named; one sends it back",
                    detail_zh="写了几个单位，退单只能由一个单位提出",
                    pointer="#/unit/0",
                )
                raise _unknown([told_of], [body.unit])
        made = decisions.record_return(writing, row, unit=unit, reason=body.reason, day=body.day)
        told = ReturnMade(
            suggestion=row.ref, number=made.id, decision=made.decision, unit=made.unit, day=made.day, notices=notices
        )
        return Reply(201, told.model_dump(mode="json"))

    return once.write(body, work)


@router.get("/returns", responses=answered(examples.RETURNS) | UNKNOWN, summary="Who sent it back")
def returns(suggestion: SuggestionId, caller: ReadCaller, store: StoreOf) -> ReturnsOut:
    """All returns of a suggestion, with the decision that each was about."""
    with store.read() as session:
        row = suggestions.find(session, suggestion, confidential=caller.confidential)
        return ReturnsOut(returns=[_returned(one) for one in decisions.returns_of(session, row)])


@router.put(
    "/outcome",
    response_model=OutcomeMade,
    responses=answered(examples.OUTCOME_MADE) | documented("not-found", "unusable-input"),
    summary="Record the outcome and close it",
)
def close(
    suggestion: SuggestionId,
    body: Annotated[OutcomeIn, Body(openapi_examples=examples.CLOSED)],
    caller: DecideCaller,
    once: OnceOf,
) -> Response:
    """The class, the reply and its day. The latest outcome counts, earlier ones are kept; the same again adds none."""

    def work(writing: Writing) -> Reply:
        row = suggestions.find(writing.session, suggestion, confidential=caller.confidential)
        made = decisions.record_outcome(writing, row, outcome=body.outcome, reply=body.reply, day=body.day)
        told = OutcomeMade(suggestion=row.ref, state=row.state, number=made.id, outcome=made.outcome, day=made.day)
        return Reply(200, told.model_dump(mode="json"))

    return once.write(body, work)


@router.get("/outcome", responses=answered(examples.OUTCOME) | UNKNOWN, summary="What became of it")
def outcome(suggestion: SuggestionId, caller: ReadCaller, store: StoreOf) -> OutcomeOut:
    """The outcome that counts. 404 as long as there is none."""
    with store.read() as session:
        row = suggestions.find(session, suggestion, confidential=caller.confidential)
        found = decisions.outcome_of(session, row)
        if found is None:
            raise Problem("not-found", f"No outcome of {suggestion!r} is known yet.", detail_zh="这件建议尚未办结。")
        return _outcome(found)


def _undecided(row: SuggestionRow) -> Problem:
    if not row.decision:
        detail = f"Nothing is decided about {row.ref!r} yet. Decide with If-None-Match: *."
        return Problem("not-found", detail, detail_zh="这件建议尚未交办。")
    detail = f"The decision about {row.ref!r} was withdrawn. Decide with If-Match: {etag(row.decision)}."
    headers = {"ETag": etag(row.decision)}
    return Problem("not-found", detail, detail_zh="这件建议的交办已撤回，尚未重新交办。", headers=headers)


def read_units(names: NameReader, fields: dict[str, list[str]], day: Date | None) -> tuple[list[list[str]], list[str]]:
    """The units of each field under their names in the catalogue, and in Chinese what is to be told of it. Raises
    Problem.
    """
    from triage.meeting.chinese import in_chinese

    on = day or decisions.today()
    units: list[list[str]] = []
    notices: list[str] = []
    findings: list[Finding] = []
    unread: list[str] = []
    for field, written in fields.items():
        found = [names.read(name, on) for name in written]
        for place, (name, named) in enumerate(zip(written, found, strict=True)):
            at = pointer([field, place])
            findings += [Finding(detail=one, detail_zh=in_chinese(one), pointer=at) for one in named.problems]
            unread += [name] if named.problems else []
            if not (named.units or named.problems):
                expected = "the name of a unit is expected"
                findings.append(Finding(detail=expected, detail_zh="请填写单位名称", pointer=at))
            told = named.units != (name,) and not named.remarks
            notices += [in_chinese(remark) or remark for remark in named.remarks]
            notices += [f"“{name}”按{'、'.join(named.units)}读取"] if told else []
        units.append(list(dict.fromkeys(unit for named in found for unit in named.units)))
    if findings:
        raise _unknown(findings, unread)
    return units, list(dict.fromkeys(notices))


def decided(
    writing: Writing, row: SuggestionRow, body: DecisionIn | OneOfMany, units: Sequence[list[str]], expected: int
) -> DecisionRow:
    """The decision that a body asks for, with its lead and co-handling units as they were read. Raises as
    `decisions.decide`.
    """
    lead, co = units
    return decisions.decide(
        writing,
        row,
        lead=lead,
        co=co,
        topics=list(dict.fromkeys(body.topics)),
        reason=body.reason,
        decided_by=body.decided_by,
        answer_id=body.answer,
        day=body.day,
        expected=expected,
    )


def co_beside(lead: Sequence[str], co: Sequence[str]) -> tuple[list[str], list[str]]:
    """The helpers that do not lead, and in Chinese a notice for each that does."""
    return [unit for unit in co if unit not in lead], [f"“{unit}”已是主办，不再列为会办" for unit in co if unit in lead]


def _unknown(findings: Sequence[Finding], unread: Sequence[str]) -> Problem:
    detail = f"{findings[0].pointer}: {findings[0].detail}"
    names = "、".join(f"“{name[:MOST_SHOWN]}”" for name in dict.fromkeys(unread))
    told = f"{names}不是目录中的一个单位，请按单位目录填写；相近的名称见 errors。" if names else "请填写单位名称。"
    return Problem("unknown-unit", detail if detail.endswith("?") else f"{detail}.", detail_zh=told, findings=findings)


def _held(made: Any) -> dict[str, Any]:
    return {name: getattr(made, name) for name in ("number", "lead", "co", "mode", "day")}


def _returned(row: ReturnRow) -> ReturnOut:
    return ReturnOut(
        number=row.id, decision=row.decision, unit=row.unit, reason=row.reason, day=row.day, at=row.at, actor=row.actor
    )


def _outcome(row: OutcomeRow) -> OutcomeOut:
    return OutcomeOut(number=row.id, outcome=row.outcome, reply=row.reply, day=row.day, at=row.at, actor=row.actor)
