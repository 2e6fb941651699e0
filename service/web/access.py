"""The outermost layer: a request id, one line in the access log, and a last answer when something breaks.

The log holds method, path, status, milliseconds and the number of suggestions, and never a word that a caller has sent:
a path that is none of ours could hold one, and so could the message of an exception. Neither is written.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.logs import log_fault
from service.problems import KINDS, Problem, respond
from service.web.timings import begin, header

HEADER = "X-Request-ID"
TIMING = "Server-Timing"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNKNOWN = "(unknown)"
CLIENT_GONE = 499
"""The status under which a request is logged whose caller hung up; nobody receives it."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_log = logging.getLogger("service.access")


class AccessLog:
    """ASGI middleware around the whole application. `paths` are the paths that may be written to the log, those with
    parts that differ as templates; `seen` is told of each request: its entry, its seconds, the code of its problem.
    """

    def __init__(
        self, app: ASGIApp, paths: Iterable[str], seen: Callable[[Mapping[str, Any], float, str], None] | None = None
    ) -> None:
        self.app = app
        self.paths = frozenset(paths)
        self.seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and log it when it is over."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["request_id"] = _request_id(scope)
        began, timings = time.perf_counter(), begin()
        status = 0

        async def reply(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[HEADER] = state["request_id"]
                if timings:
                    headers[TIMING] = header(timings)
                for name, value in state.get("headers", {}).items():
                    headers[name] = value
            await send(message)

        try:
            await self.app(scope, receive, reply)
        except ClientDisconnect:
            status = status or CLIENT_GONE
        except Exception as error:  # noqa: BLE001 - nothing above may log it, because its message may quote a text
            log_fault(error, state["request_id"])
            if not status:
                await respond(scope, Problem("internal-error", KINDS["internal-error"].remedy))(scope, receive, reply)
        finally:
            self._write(scope, status or CLIENT_GONE, time.perf_counter() - began)

    def _write(self, scope: Scope, status: int, seconds: float) -> None:
        entry = {
            "method": scope["method"] if scope["method"] in METHODS else UNKNOWN,
            "path": self._path(scope),
            "status": status,
            "ms": round(seconds * 1000, 1),
            "suggestions": scope["state"].get("suggestions"),
            "request_id": scope["state"]["request_id"],
        }
        problem = scope["state"].get("problem", "")
        _log.info("request", extra={"fields": entry | ({"problem": problem} if problem else {})})
        if self.seen is not None:
            self.seen(entry, seconds, problem)

    def _path(self, scope: Scope) -> str:
        """The path as it was declared: an id in it is a word that a caller has sent."""
        declared = getattr(scope.get("route"), "path_format", scope["path"])
        return declared if declared in self.paths else UNKNOWN


def _request_id(scope: Scope) -> str:
    """The caller's id if it is a plain one, else a new one: anything else could carry text into the log."""
    given = Headers(scope=scope).get(HEADER, "")
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
