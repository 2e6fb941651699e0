"""A service with the demo data in a process of its own, which can go away and come back at the same address."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks.service.servers import free_port

WAIT = 120.0
PATIENCE = 60.0


class Served:
    """`triage serve --demo`: `bundle` answers, `folder` holds the memory, unless `database` is the URL of another."""

    def __init__(self, bundle: Path, folder: Path, database: str = "", **settings: str) -> None:
        self.bundle, self.folder, self.database = bundle, folder, database
        self.settings = settings
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it answers, before and after a restart."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def key(self) -> str:
        """The key of the demo, which may do everything."""
        return (self.folder / "demo.key").read_text(encoding="utf-8").strip()

    @property
    def log(self) -> str:
        """What it has written so far, restarts included."""
        return (self.folder / "served.log").read_text(encoding="utf-8", errors="replace")

    def start(self) -> None:
        """Start it and wait until it answers. Raises RuntimeError if it does not."""
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable,
            "-c",
            "from triage.cli import main; main()",
            "serve",
            "--demo",
            "--port",
            str(self.port),
        ]
        command += ["--model", str(self.bundle), "--data", str(self.folder)]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TRIAGE_")}
        more = {"TRIAGE_DATABASE": self.database} if self.database else {}
        with (self.folder / "served.log").open("ab") as log:
            environment = {**kept, "OMP_NUM_THREADS": "1", **more, **self.settings}
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        began = time.monotonic()
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() - began > WAIT:
                raise RuntimeError(f"the service did not get ready (status {self.process.poll()}): {self.log[-2000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it as an operator does."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def call(
        self, method: str, path: str, body: Any = None, key: str = "", headers: Mapping[str, str] | None = None
    ) -> Any:
        """The answer of an operation, as another program would get it. Raises httpx.HTTPStatusError for a refusal."""
        sent = {"Authorization": f"Bearer {key or self.key}", "Content-Type": "application/json", **(headers or {})}
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        answer = httpx.request(method, self.address + path, content=content, headers=sent, timeout=60)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def add_key(self, name: str, *scopes: str, confidential: bool = False) -> str:
        """A further key, for a second clerk."""
        from service.store import keys
        from service.store.store import Store

        store = Store(self.database or f"sqlite:///{(self.folder / 'service.db').absolute()}")
        try:
            with store.write("benchmark") as writing:
                return keys.make(writing, name, list(scopes), confidential=confidential).token
        finally:
            store.close()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.address}/v1/ready", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False


@contextmanager
def serving(bundle: Path, folder: Path, database: str = "", **settings: str) -> Iterator[Served]:
    """A service that answers while the block runs."""
    served = Served(bundle, folder, database, **settings)
    try:
        served.start()
        yield served
    finally:
        served.stop()
