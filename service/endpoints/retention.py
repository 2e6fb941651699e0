"""``/v1/retention``: how long what is kept, and what that would do today."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Body

from service.problems import answered
from service.shapes import retention as shapes
from service.shapes.retention import RetentionPreviewIn, RetentionPreviewOut, RuleIn, RulePreview, RulesIn, RulesOut
from service.store import rules
from service.store.decisions import today
from service.web.body import JsonRoute
from service.web.caller import AdminCaller
from service.web.dependencies import StoreOf

router = APIRouter(prefix="/v1/retention", tags=["retention"], route_class=JsonRoute)


@router.get("", responses=answered(shapes.RULES), summary="How long is what kept?")
def current(caller: AdminCaller, store: StoreOf) -> RulesOut:  # noqa: ARG001 - the scope
    """The rules in force; without any everything is kept."""
    with store.read() as session:
        return RulesOut(rules=[RuleIn(**asdict(rule)) for rule in rules.stored(session)])


@router.put("", responses=answered(shapes.RULES, "unusable-input"), summary="Set how long what is kept")
def change(
    body: Annotated[RulesIn, Body(openapi_examples=shapes.TO_SET)], caller: AdminCaller, store: StoreOf
) -> RulesOut:
    """All the rules, instead of those before; try them with `preview` first. They are carried out once a day by the
    worker. What was erased does not come back.
    """
    parsed = rules.parsed(_plain(body.rules))
    with store.write(caller.actor) as writing:
        rules.put(writing, parsed)
    return RulesOut(rules=body.rules)


@router.post("/preview", responses=answered(shapes.PREVIEW, "unusable-input"), summary="What would the rules do today?")
def preview(
    body: Annotated[RetentionPreviewIn, Body(openapi_examples=shapes.TO_TRY)], caller: AdminCaller, store: StoreOf
) -> RetentionPreviewOut:
    """How many suggestions each rule would touch today, by the rules in force or by those of the request. Nothing is
    changed. Confidential suggestions are counted only for a key that may see them; the rules hold for them, too.
    """
    day = today()
    with store.read() as session:
        wanted = rules.stored(session) if body.rules is None else rules.parsed(_plain(body.rules))
        counts = rules.counts(session, wanted, day, confidential=caller.confidential)
    told = [RulePreview(**asdict(rule), suggestions=count) for rule, count in zip(wanted, counts, strict=True)]
    return RetentionPreviewOut(today=day, rules=told)


def _plain(given: list[RuleIn]) -> list[dict[str, Any]]:
    return [rule.model_dump() for rule in given]
