"""A process that serves requests: uvicorn on a socket that it shares, which stops without cutting anybody off."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.logs import log_fault
from service.processes.children import Voice

CHECK_SECONDS = 30.0
"""In so many seconds a new process must have answered its first question to itself."""
HUNG = 70
"""Exit status of a process that did not, or could not."""
AT_ONCE = 1
"""Connections that a process takes before it looks at its work again: who has much to do leaves them to the others."""

SETTINGS: dict[str, Any] = {
    "log_config": None,
    "access_log": False,
    "server_header": False,
    "lifespan": "on",
    "timeout_keep_alive": 75,
}
"""Logs and their form are ours (`service.logs`). A connection is kept while a clerk reads: closed after five seconds,
as the server would, it is now and then closed just as the next request is on its way.
"""


class SharedSocket(socket.socket):
    """A listening socket that several processes accept from. How many may wait is set once, by who made it."""

    def listen(self, backlog: int = 0, /) -> None:
        """Leave the queue as it is: the event loop would make it as short as what it takes at once."""


def shared(listening: socket.socket) -> SharedSocket:
    """The same socket, to be served by several processes."""
    return SharedSocket(listening.family, listening.type, listening.proto, fileno=os.dup(listening.fileno()))


class Leaving:
    """ASGI middleware: once `now` is set, every answer is the last one of its connection."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.now = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def reply(message: Message) -> None:
            if self.now and message["type"] == "http.response.start":
                kept = [(name, value) for name, value in message.get("headers", ()) if name.lower() != b"connection"]
                message["headers"] = [*kept, (b"connection", b"close")]
            await send(message)

        await self.app(scope, receive, reply)


class ServingProcess(uvicorn.Server):
    """One of several servers on one socket. It tells its parent that it is ready and alive, and obeys its signals:
    SIGTERM stops it at once, SIGUSR1 (or the parent's death) when its callers have gone on to others.
    """

    def __init__(self, app: ASGIApp, grace: int, voice: Voice, lifeline: int) -> None:
        self._leaving = Leaving(app)
        config = uvicorn.Config(self._leaving, timeout_graceful_shutdown=grace, backlog=AT_ONCE, **SETTINGS)
        super().__init__(config)
        self._voice = voice
        self._lifeline = lifeline

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ours instead of uvicorn's, which would raise the signal again at the end."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stop)
        loop.add_signal_handler(signal.SIGUSR1, self._leave)
        loop.add_reader(self._lifeline, self._leave)
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin, and tell the parent."""
        await super().startup(sockets)
        if self.started:
            self._voice.ready()

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second; a sign of life each second."""
        if counter % 10 == 0:
            self._voice.alive()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections; let the callers of open ones ask once more, and stop."""
        if self._leaving.now:
            for server in self.servers:
                server.close()
            await self._gone()
        await super().shutdown(sockets)

    async def _gone(self) -> None:
        """Until no connection is open. One on which nothing comes is closed by the server after its usual pause."""
        loop = asyncio.get_running_loop()
        until = loop.time() + (self.config.timeout_graceful_shutdown or 0)
        # uvicorn tells nobody when a connection ends
        while self._leaving.now and self.server_state.connections and loop.time() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    def _stop(self) -> None:
        self._leaving.now = False
        self.should_exit = True

    def _leave(self) -> None:
        asyncio.get_running_loop().remove_reader(self._lifeline)
        self._leaving.now = True
        self.should_exit = True


def answers(question: Callable[[], object], seconds: float = CHECK_SECONDS) -> None:
    """Ask something in a thread, as requests are. The process ends where no answer comes: what hangs after a fork must
    not take a request.
    """
    done: list[bool] = []

    def put() -> None:
        try:
            question()
            done.append(True)
        except Exception as error:  # noqa: BLE001 - it is told below, and the log has the place
            log_fault(error)

    asked = threading.Thread(target=put, daemon=True, name="first-question")
    asked.start()
    asked.join(seconds)
    if not done:
        os._exit(HUNG)
