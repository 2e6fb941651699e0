"""Receives the service's webhooks: verifies each, does nothing twice, answers at once."""

from __future__ import annotations

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from verifying import verify

LONGEST = 100_000
"""Bytes of a message; the service's have some hundred."""


class Receiver(ThreadingHTTPServer):
    """Listens on `port` of this machine for messages that are signed with `secret`."""

    daemon_threads = True

    def __init__(self, port: int, secret: str) -> None:
        self.secret = secret
        self.known: set[str] = set()  # in a real system: a table, kept for a day at least
        super().__init__(("127.0.0.1", port), Handler)

    def happened(self, event: str, data: dict[str, Any]) -> None:
        """What your system does with the news. It gets ids and units; a text is asked for with a key."""
        sys.stdout.write(f"{event} {json.dumps(data, ensure_ascii=False, sort_keys=True)}\n")
        sys.stdout.flush()


class Handler(BaseHTTPRequestHandler):
    """One message."""

    server: Receiver

    def do_POST(self) -> None:
        """204: taken. 401: not signed. Anything but 2xx is sent again later."""
        length = int(self.headers.get("content-length") or 0)
        if not 0 < length <= LONGEST:
            self._answer(413)
            return
        body = self.rfile.read(length)
        try:
            message_id = verify(self.server.secret, {name.lower(): value for name, value in self.headers.items()}, body)
        except ValueError:
            self._answer(401)
            return
        if message_id not in self.server.known:  # the same message may come twice
            message = json.loads(body)
            self.server.happened(message["type"], message["data"])
            self.server.known.add(message_id)
        self._answer(204)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it has in the standard library
        """Messages are told by `happened`."""


def main() -> None:
    """Listen until stopped."""
    with Receiver(int(os.environ.get("OA_PORT", "8099")), os.environ["OA_WEBHOOK_SECRET"]) as receiver:
        sys.stdout.write(f"listening on http://127.0.0.1:{receiver.server_address[1]}\n")
        sys.stdout.flush()
        receiver.serve_forever()


if __name__ == "__main__":
    main()
