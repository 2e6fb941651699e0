"""The service in processes of its own, started and killed as a whole or in part."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
import psutil

PATIENCE = 60.0
"""Seconds in which the service must be ready."""


class Server:
    """`triage serve` with two serving processes and a worker, and what it writes in a file."""

    def __init__(self, bundle: Path, data: Path, database: str, log: Path) -> None:
        self.bundle, self.data, self.database, self.log = bundle, data, database, log
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *words: str) -> list[str]:
        """A `triage` command on the memory."""
        run = "from triage.cli import main; main()"
        where = ["--data", str(self.data), *(["--database", self.database] if self.database else [])]
        return [sys.executable, "-c", run, *words, *where]

    def start(self) -> None:
        """Start it and wait until it is ready. Raises RuntimeError if it never is."""
        began = time.perf_counter()
        words = ["serve", "--model", str(self.bundle), "--port", str(self.port), "--processes", "2"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(*words), stdout=log, stderr=log, start_new_session=True, env=_environment({})
            )
        while time.perf_counter() - began < PATIENCE:
            if self.process.poll() is not None:
                raise RuntimeError(f"the service ended with {self.process.returncode}; {self.log} says why.")
            try:
                if httpx.get(f"{self.address}/v1/ready", timeout=2, trust_env=False).is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.02)
        raise RuntimeError(f"the service was not ready after {PATIENCE:g} seconds; {self.log} says why.")

    def children(self) -> list[psutil.Process]:
        """The serving processes and the worker."""
        assert self.process is not None  # noqa: S101 - after `start`
        return [one for one in psutil.Process(self.process.pid).children(recursive=True) if one.is_running()]

    def kill_one(self, chance: random.Random) -> None:
        """Kill one of the processes under the supervisor, which has to start another."""
        living = self.children()
        if living:
            chance.choice(living).kill()

    def kill(self) -> None:
        """Kill all of it at once."""
        if self.process is None:
            return
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def stop(self) -> int:
        """Stop it as an operator would; its exit code."""
        assert self.process is not None  # noqa: S101 - after `start`
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE)


def _environment(added: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without settings of a service."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRIAGE_")}
    return kept | {"OMP_NUM_THREADS": "1", "TRIAGE_RATE": "0"} | dict(added)
