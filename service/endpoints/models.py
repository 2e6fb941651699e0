"""``/v1/models``: the bundles, which one answers, how two compare, and the change of it without downtime."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from service.jobs import queue
from service.problems import answered, documented
from service.served import registry
from service.served.bundle import in_use, is_registry
from service.served.model import ServedModel
from service.settings import Settings
from service.shapes import examples_models as examples
from service.shapes.models import (
    AT_ONCE,
    CasesIn,
    CompareIn,
    ComparisonOut,
    ModelCard,
    ModelName,
    ModelsOut,
    RollbackIn,
    SubmittedOut,
    SwitchedOut,
    SwitchIn,
)
from service.store import cases
from service.store.listing import Filter
from service.store.store import Store, Writing
from service.store.tables import CLOSED, DECIDED
from service.web.body import JsonRoute
from service.web.caller import AdminCaller, Caller, ReadCaller
from service.web.dependencies import AnsweringOf, SettingsOf, StoreOf
from service.web.idempotency import OnceOf, Reply
from triage.errors import BundleError
from triage.records import Case

router = APIRouter(prefix="/v1/models", tags=["models"], route_class=JsonRoute)
UNREADY = documented("not-ready", "model-failed", "index-failed")
UNKNOWN = documented("not-found", "invalid-request")
REFUSED = documented("no-registry", "model-refused", "register-busy", "unusable-input") | UNREADY


@router.get("", responses=answered(examples.LISTED) | UNREADY, summary="Which models are there?")
def listed(request: Request, caller: ReadCaller, settings: SettingsOf, now: AnsweringOf) -> ModelsOut:
    """The bundles of the registry, the one in use, the one with which this process answers, and the steps to it."""
    del caller
    found, steps = registry.listed(settings)
    model: ServedModel = request.app.state.model
    return ModelsOut.model_validate(
        {
            "registry": is_registry(settings),
            "in_use": _in_use(settings),
            "answers": now.bundle,
            "trouble": type(model.trouble).__name__ if model.trouble else "",
            "models": found,
            "history": steps,
        }
    )


@router.get("/{name}", responses=answered(examples.CARD) | UNKNOWN, summary="One model")
def one(name: ModelName, caller: ReadCaller, settings: SettingsOf) -> ModelCard:
    """Its card: what it was trained on and when, how good it is; and when it was put into use."""
    del caller
    return ModelCard.model_validate(registry.described(settings, name))


@router.post(
    "/compare",
    response_model=ComparisonOut,
    responses=answered(examples.COMPARED)
    | {202: {"model": SubmittedOut, "description": "More cases than are compared at once: a job"}}
    | documented("not-found")
    | REFUSED,
    summary="Compare two models",
)
def compare(
    body: Annotated[CompareIn, Body(openapi_examples=examples.COMPARE)],
    caller: AdminCaller,
    settings: SettingsOf,
    store: StoreOf,
    now: AnsweringOf,
) -> Response:
    """Both answer decided suggestions of the memory that neither has learned from: every figure with its interval,
    units, and the cases where they differ. With more than 300 cases a job does it (202).
    """
    names = (body.earlier or "", body.later)
    chosen = _chosen(store, body, caller)
    if len(chosen) > AT_ONCE:
        registry.registry_of(settings)
        return _submitted(store, caller, body)
    found = registry.compared(settings, now, names, chosen)
    told = ComparisonOut.model_validate(registry.told_comparison(found))
    return Response(told.model_dump_json(), media_type="application/json")


@router.post(
    "/switch",
    response_model=SwitchedOut,
    responses=answered({"step": examples.STEP}) | documented("not-found") | REFUSED,
    summary="Put a model into use",
)
def switch(
    body: Annotated[SwitchIn, Body(openapi_examples=examples.SWITCH)],
    request: Request,
    caller: AdminCaller,
    settings: SettingsOf,
    now: AnsweringOf,
    once: OnceOf,
) -> Response:
    """If it is not worse than the one in use and loses no unit, on decided suggestions that neither has learned from;
    `force` does it all the same. Requests that run are finished with the old model; within seconds every process
    answers with the new one, which is loaded beside it.
    """
    if stored := once.replay(body):
        return stored
    chosen = _chosen(once.store, body, caller) if body.most else []
    step = registry.switch(settings, now, body.name, chosen, reason=body.reason, by=caller.actor, force=body.force)
    return _noted(request, settings, once, body, registry.told(step))


@router.post(
    "/rollback",
    response_model=SwitchedOut,
    responses=answered({"step": examples.BACK}) | REFUSED,
    summary="Back to the model before",
)
def rollback(
    body: Annotated[RollbackIn, Body(openapi_examples=examples.ROLLBACK)],
    request: Request,
    caller: AdminCaller,
    settings: SettingsOf,
    now: AnsweringOf,
    once: OnceOf,
) -> Response:
    """The bundle that was in use before, verified first; twice goes back to the one before that."""
    if stored := once.replay(body):
        return stored
    step = registry.go_back(settings, now, reason=body.reason, by=caller.actor)
    return _noted(request, settings, once, body, registry.told(step))


def _noted(
    request: Request, settings: Settings, once: OnceOf, body: SwitchIn | RollbackIn, step: dict[str, object]
) -> Response:
    """Note the step in the trail, answer, and let this process follow it at once."""

    def work(writing: Writing) -> Reply:
        registry.note_steps(writing, registry.registry_of(settings).register())
        return Reply(200, {"step": step})

    response = once.write(body, work)
    model: ServedModel = request.app.state.model
    model.look()
    return response


def _chosen(store: Store, body: CasesIn, caller: Caller) -> list[Case]:
    with store.read() as session:
        return cases.latest(session, _filter(body), body.most, confidential=caller.confidential)


def _filter(body: CasesIn) -> Filter:
    return Filter(
        states=(DECIDED, CLOSED),
        sources=tuple(body.sources),
        sessions=tuple(body.sessions),
        since=body.since,
        until=body.until,
    )


def _submitted(store: Store, caller: Caller, body: CompareIn) -> Response:
    plain = {name: value for name, value in asdict(_filter(body)).items() if value}
    for name in ("since", "until"):
        if name in plain:
            plain[name] = plain[name].isoformat()
    options = {"earlier": body.earlier or "", "later": body.later, "most": body.most, "filter": plain}
    with store.write(caller.actor) as writing:
        job = queue.submit(writing, "compare", options, key_id=caller.key_id, confidential=caller.confidential)
        told = SubmittedOut(job=job.id)
    headers = {"Location": f"/v1/jobs/{told.job}"}
    return Response(told.model_dump_json(), 202, headers, media_type="application/json")


def _in_use(settings: Settings) -> str:
    try:
        return in_use(settings) if settings.model is not None else ""
    except BundleError:
        return ""
