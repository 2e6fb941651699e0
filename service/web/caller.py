"""Who calls, and what the caller may do. Without a memory there are no keys, and everybody may ask for advice.

    router = APIRouter(prefix="/v1", tags=["suggestions"], route_class=JsonRoute)

    @router.get("/suggestions/{ref}", summary="One suggestion")
    def suggestion(ref: str, caller: ReadCaller, store: StoreOf) -> SuggestionOut:       # `def` or `async def`
        with store.read() as session:
            return shown(suggestions.find(session, ref, confidential=caller.confidential))

`store.write(caller.actor)` names the caller in the trail. With `route_class=JsonRoute` (or `KeyedRoute`, for bodies
that are no JSON) the key is looked at before the body is read. That 401, 403 and 429 may come is told by
`service.web.described`.

A key that was looked up is remembered for `KEPT_SECONDS`: one that is revoked meanwhile still works that long.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from service.problems import KINDS, Problem
from service.store import keys
from service.store.columns import now
from service.store.store import Store
from service.store.tables_service import KeyRow
from service.web.rates import Rates

KEPT_SECONDS = 2.0
"""How long a key that was looked up is believed."""
MOST_KEPT = 10_000
HEADER = "X-API-Key"
PROBLEMS = ("no-key", "bad-key", "scope-needed", "too-many-requests", "store-busy", "store-failed")
"""What a key can meet, on every operation that needs one."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. `scopes` holds all that the key may do, `per_minute` its own rate, None where it has none."""

    key_id: str
    name: str
    scopes: frozenset[str]
    confidential: bool
    per_minute: int | None = None

    @property
    def actor(self) -> str:
        """The caller's name in the trail."""
        return f"key:{self.key_id}" if self.key_id else "anonymous"


ANONYMOUS = Caller("", "anonymous", frozenset(keys.SCOPES), confidential=True)
"""Everybody, where the service has no memory: there is nothing stored that could be seen or changed."""


class KeyRing:
    """The keys that called lately, each believed for `seconds`. It belongs to one event loop."""

    def __init__(
        self, store: Store, *, seconds: float = KEPT_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.store = store
        self.seconds = seconds
        self.clock = clock
        self._kept: dict[str, tuple[float, KeyRow | None]] = {}

    async def caller(self, token: str) -> Caller | None:
        """Who has this key; None where it is unknown, malformed, revoked or expired. Raises StoreError."""
        key_id = keys.id_of(token)
        if not key_id:
            return None
        until, row = self._kept.get(key_id, (0.0, None))
        if self.clock() >= until:
            row = await asyncio.to_thread(self._look_up, key_id)
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[key_id] = (self.clock() + self.seconds, row)
        if not keys.matches(row, token) or row is None or not keys.works(row, now()):
            return None
        return Caller(row.id, row.name, keys.held(row.scopes), row.confidential, row.per_minute)

    def _look_up(self, key_id: str) -> KeyRow | None:
        with self.store.read() as session:
            row = session.get(KeyRow, key_id)
            session.expunge_all()
            return row


@dataclass(frozen=True, slots=True)
class Needs:
    """The dependency of an operation that needs a key with `scope`."""

    scope: str

    async def __call__(self, request: Request) -> Caller:
        """The caller. Raises Problem ``no-key``, ``bad-key``, ``scope-needed`` or ``too-many-requests``."""
        return await admitted(request, self.scope)


async def admitted(request: Request, scope: str) -> Caller:
    """The caller of a request, if its key holds `scope`. The key is looked up, and the request counted, once."""
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is None:
        caller = await _known(request)
        _count(request, caller)
        request.state.caller = caller
    if scope not in caller.scopes:
        detail = f"This needs a key with the scope {scope}; this key has {', '.join(sorted(caller.scopes))}."
        detail_zh = f"此操作需要权限 {scope}；当前密钥的权限为 {'、'.join(sorted(caller.scopes))}。请向管理员申请。"
        raise Problem("scope-needed", detail, detail_zh=detail_zh)
    return caller


async def _known(request: Request) -> Caller:
    ring: KeyRing | None = request.app.state.keys
    if ring is None:
        if request.app.state.settings.database_url:  # a server that runs no lifespan has opened no memory
            raise Problem("store-failed", KINDS["store-failed"].remedy)
        return ANONYMOUS
    token = _token(request)
    if not token:
        raise Problem("no-key", KINDS["no-key"].remedy, headers={"WWW-Authenticate": "Bearer"})
    caller = await ring.caller(token)
    if caller is None:
        headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        raise Problem("bad-key", KINDS["bad-key"].remedy, headers=headers)
    return caller


def _count(request: Request, caller: Caller) -> None:
    """Count the request for its key. Raises Problem ``too-many-requests``."""
    rates: Rates | None = request.app.state.rates
    allowed = request.app.state.settings.rate if caller.per_minute is None else caller.per_minute
    if rates is None or not caller.key_id or not allowed:
        return
    taken = rates.take(caller.key_id, allowed)
    request.state.headers = taken.headers()
    if not taken.passes:
        wait = taken.headers()["Retry-After"]
        detail = f"This key may make {allowed} requests a minute, and has. Try again after {wait} seconds."
        detail_zh = f"该密钥每分钟可请求 {allowed} 次，现已用完，请在 {wait} 秒之后再试。"
        raise Problem("too-many-requests", detail, detail_zh=detail_zh, headers={"Retry-After": wait})


def _token(request: Request) -> str:
    """The key as it was sent; empty where there is none."""
    kind, _, token = request.headers.get("authorization", "").strip().partition(" ")
    if kind.lower() == "bearer" and token.strip():
        return token.strip()
    return request.headers.get(HEADER, "").strip()


def needs_of(dependant: Dependant) -> Iterator[Needs]:
    """The scopes that an operation asks for, wherever among its dependencies."""
    if isinstance(dependant.call, Needs):
        yield dependant.call
    for part in dependant.dependencies:
        yield from needs_of(part)


class KeyedRoute(APIRoute):
    """A route whose caller is known before anybody looks at the body."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of the route, behind the key."""
        handle = self.behind_key()
        scopes = [needs.scope for needs in needs_of(self.dependant)]

        async def handler(request: Request) -> Response:
            for scope in scopes:
                await admitted(request, scope)
            return await handle(request)

        return handler

    def behind_key(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What is called once the caller is known."""
        return super().get_route_handler()


FOR_READING = Depends(Needs("read"))
FOR_ADVICE = Depends(Needs("triage"))
"""The same for `dependencies=[…]` of an operation that does not ask who it is."""
ReadCaller = Annotated[Caller, Depends(Needs("read"))]
TriageCaller = Annotated[Caller, Depends(Needs("triage"))]
DecideCaller = Annotated[Caller, Depends(Needs("decide"))]
AdminCaller = Annotated[Caller, Depends(Needs("admin"))]
