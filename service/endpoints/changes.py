"""``GET /v1/me``, ``/v1/callers`` and ``/v1/changes``: who calls, who else does, and what they did meanwhile."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Request

from service.problems import answered
from service.shapes.changes import (
    CALLERS,
    CHANGES,
    ME,
    CallerOut,
    CallersOut,
    ChangeOut,
    ChangesIn,
    ChangesOut,
    MeOut,
)
from service.store import changes, keys
from service.web.body import JsonRoute
from service.web.caller import ReadCaller
from service.web.dependencies import StoreOf

router = APIRouter(prefix="/v1", tags=["status"], route_class=JsonRoute)


@router.get("/me", responses=answered(ME), summary="Who calls?")
async def me(caller: ReadCaller, request: Request) -> MeOut:
    """What the key that you send is called and may do. A service without a memory has no keys: everybody may ask for
    advice.
    """
    if request.app.state.store is None:
        return MeOut(name="", scopes=["triage"], confidential=True, memory=False)
    scopes = [scope for scope in keys.SCOPES if scope in caller.scopes]
    return MeOut(name=caller.name, scopes=scopes, confidential=caller.confidential, memory=True)


@router.get("/callers", responses=answered(CALLERS), summary="Who is who?")
def callers(caller: ReadCaller, store: StoreOf) -> CallersOut:
    """The names of all keys, as the record calls them in `actor`, those that are revoked too. No secret is among
    them.
    """
    del caller
    with store.read() as session:
        return CallersOut(callers=[CallerOut(actor=actor, name=name) for actor, name in changes.callers(session)])


@router.get("/changes", responses=answered(CHANGES), summary="What happened since?")
def since(wanted: Annotated[ChangesIn, Query()], caller: ReadCaller, store: StoreOf) -> ChangesOut:
    """What happened to suggestions after an entry of the trail, the first one first: what others handed in, decided,
    withdrew. Ask once without `after`, then every few seconds with `last` of the answer before; where nothing happened
    it costs next to nothing. Nothing is told of confidential suggestions but to a key that may see them.
    """
    with store.read() as session:
        found = changes.since(session, wanted.after, wanted.limit, confidential=caller.confidential)
    return ChangesOut(changes=[ChangeOut(**asdict(one)) for one in found.changes], last=found.last)
