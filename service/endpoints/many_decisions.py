"""``POST /v1/decisions``: many decisions at once, each by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body, Response

from service.endpoints.decisions import co_beside, decided, read_units
from service.problems import Problem, answered, document, of_store, unusable
from service.shapes import examples_decisions as examples
from service.shapes.decisions import DecisionsDone, DecisionsIn, OneOfMany
from service.store import decisions, suggestions
from service.store.errors import AlreadyThere, Changed, NotThere
from service.store.store import Writing
from service.store.tables import DecisionRow, SuggestionRow
from service.web.body import JsonRoute
from service.web.caller import Caller, DecideCaller
from service.web.dependencies import AnsweringOf
from service.web.idempotency import OnceOf, Reply
from triage.errors import InputError

if TYPE_CHECKING:
    from triage.meeting.names import NameReader

router = APIRouter(prefix="/v1/decisions", tags=["decisions"], route_class=JsonRoute)
Read = tuple[list[str], list[str], list[str]]
"""Lead units, co-handling units, notices."""


@router.post(
    "", response_model=DecisionsDone, responses=answered(examples.MANY_DONE), summary="Decide about many at once"
)
def decide(
    body: Annotated[DecisionsIn, Body(openapi_examples=examples.MANY)],
    caller: DecideCaller,
    now: AnsweringOf,
    once: OnceOf,
) -> Response:
    """Up to 200 decisions or withdrawals, as `PUT` and `DELETE` of `/v1/suggestions/{suggestion}/decision` make them,
    in one transaction. Each is made by itself: one that is refused has a `problem` in its place, and stops none of the
    others. `expected` is the number of the decision that you have seen; `current` of a `changed` tells what stands now.
    """
    read = [_read(now.names, one) for one in body.decisions]

    def work(writing: Writing) -> Reply:
        results = [_one(writing, one, units, caller) for one, units in zip(body.decisions, read, strict=True)]
        return Reply(200, {"results": results})

    return once.write(body, work)


def _read(names: NameReader, one: OneOfMany) -> Read | Problem:
    """The units by the catalogue in force, before anybody waits for the memory."""
    try:
        if one.withdraw and (one.lead or one.co or one.topics):
            raise InputError(
                "a withdrawal names no unit and no topic. Leave them out, or do not withdraw.",
                zh="撤回交办时不能再写单位或类别。",
            )
        (lead, co), notices = read_units(names, {"lead": one.lead, "co": one.co}, one.day)
    except Problem as problem:
        return problem
    except InputError as error:
        return unusable(error)
    co, more = co_beside(lead, co)
    return lead, co, [*notices, *more]


def _one(writing: Writing, one: OneOfMany, read: Read | Problem, caller: Caller) -> dict[str, Any]:
    if isinstance(read, Problem):
        return {"suggestion": one.suggestion, "problem": document(read)}
    lead, co, notices = read
    try:
        with writing.session.begin_nested():
            row = suggestions.find(writing.session, one.suggestion, confidential=caller.confidential)
            made = _made(writing, row, one, lead, co)
    except (NotThere, Changed, AlreadyThere) as error:
        return {"suggestion": one.suggestion, "problem": document(of_store(error))}
    except InputError as error:
        return {"suggestion": one.suggestion, "problem": document(unusable(error))}
    return {"suggestion": row.ref, "number": made.number, "state": row.state, "notices": notices}


def _made(writing: Writing, row: SuggestionRow, one: OneOfMany, lead: list[str], co: list[str]) -> DecisionRow:
    if one.withdraw:
        return decisions.withdraw(writing, row, expected=one.expected, reason=one.reason, decided_by=one.decided_by)
    return decided(writing, row, one, (lead, co), one.expected)
