"""A POST that is sent twice is done once: its reply is stored in the transaction of its effect.

    @router.post("/suggestions", status_code=201, summary="Hand one in")
    def create(body: SuggestionIn, caller: TriageCaller, once: OnceOf) -> Response:
        def work(writing: Writing) -> Reply:
            row = suggestions.create(writing, body.record())
            return Reply(201, {"id": row.ref}, {"Location": f"/v1/suggestions/{row.ref}"})
        return once.write(body, work)

The caller sends ``Idempotency-Key``; without one `write` is a plain transaction. The same key with the same method,
path and body gets the stored reply with ``Idempotency-Replayed: true``; with another body 422 ``idempotency-mismatch``.
Where something slow is computed before `work`, ask `once.replay(body)` first. A problem that `work` raises undoes
everything, the reply too, so the key can be used again.

Two at once need no third state: writers come one after another, so the second finds the reply of the first, and a
process that is killed leaves nothing behind that would have to be cleared. Replies are kept for `KEPT` and then pruned
(`service.store.upkeep`). A `Reply` should hold ids and numbers, not wordings: it is a copy beside the row.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from service.problems import Problem
from service.store.columns import now
from service.store.store import Store, Writing
from service.store.tables_service import ReplyRow
from service.store.upkeep import REPLIES_KEPT
from service.web.caller import Caller
from service.web.dependencies import StoreOf

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT = REPLIES_KEPT
LONGEST = 200

_KEY = re.compile(rf"[!-~]{{1,{LONGEST}}}")
Body = BaseModel | Mapping[str, Any] | bytes | None


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered: the status, the body as plain JSON types (None: none), and headers such as Location."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Once:
    """A request that writes, and the key under which it is done once."""

    request: Request
    store: Store
    key: str

    def replay(self, body: Body) -> Response | None:
        """The stored reply, None where there is none. Raises Problem ``idempotency-mismatch``."""
        if not self.key:
            return None
        with self.store.read() as session:
            return self._stored(session, self._fingerprint(body))

    def write(self, body: Body, work: Callable[[Writing], Reply]) -> Response:
        """Do `work` in one transaction with the storing of its reply, or answer what was answered before."""
        fingerprint = self._fingerprint(body)
        with self.store.write(self._caller.actor) as writing:
            stored = self._stored(writing.session, fingerprint) if self.key else None
            if stored is not None:
                return stored
            reply = work(writing)
            content = "" if reply.body is None else json.dumps(reply.body, ensure_ascii=False, allow_nan=False)
            if self.key:
                row = self._row(fingerprint, reply, content)
                writing.session.merge(row)  # in place of one that is past its keep
        return _response(reply.status, content, reply.headers)

    @property
    def _caller(self) -> Caller:
        caller: Caller = self.request.state.caller
        return caller

    def _row(self, fingerprint: str, reply: Reply, content: str) -> ReplyRow:
        return ReplyRow(
            key_id=self._caller.key_id,
            idempotency_key=self.key,
            fingerprint=fingerprint,
            status=reply.status,
            headers=dict(reply.headers),
            body=content,
            at=now(),
        )

    def _stored(self, session: Session, fingerprint: str) -> Response | None:
        row = session.get(ReplyRow, (self._caller.key_id, self.key))
        if row is None or row.at < now() - KEPT:
            return None
        if row.fingerprint != fingerprint:
            detail = "This Idempotency-Key was used for another request. Give each request its own key."
            raise Problem("idempotency-mismatch", detail)
        return _response(row.status, row.body, row.headers | {REPLAYED: "true"})

    def _fingerprint(self, body: Body) -> str:
        """A digest of what is asked for: method, path, query and body."""
        request = self.request
        asked = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
        asked.update(_bytes(body))
        return asked.hexdigest()


def _bytes(body: Body) -> bytes:
    if isinstance(body, bytes):
        return body
    plain = body.model_dump(mode="json") if isinstance(body, BaseModel) else body
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, default=str).encode("utf-8", "surrogatepass")


def _response(status: int, content: str, headers: Mapping[str, str]) -> Response:
    media_type = "application/json" if content else None
    return Response(content or None, status, dict(headers), media_type)


async def remembering(
    request: Request,
    store: StoreOf,
    key: Annotated[
        str | None,
        Header(alias=HEADER, description="Your own name for this request, up to 200 characters: sent again, done once"),
    ] = None,
) -> Once:
    """The dependency behind `OnceOf`. Raises Problem ``invalid-request`` for a key that is not plain."""
    if key is not None and not _KEY.fullmatch(key):
        detail = f"The header {HEADER} takes 1 to {LONGEST} visible ASCII characters."
        detail_zh = f"请求头 {HEADER} 应为 1 至 {LONGEST} 个可见的 ASCII 字符。"
        raise Problem("invalid-request", detail, detail_zh=detail_zh)
    return Once(request, store, key or "")


OnceOf = Annotated[Once, Depends(remembering)]
