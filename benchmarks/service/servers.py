"""Servers in processes of their own: how long they take to be ready, and what they hold in memory."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

WAIT = 300.0


@dataclass(frozen=True)
class Server:
    """A server that is ready. `headers` are what a caller has to send."""

    pid: int
    address: str
    ready_seconds: float
    headers: dict[str, str]

    def memory(self) -> list[dict[str, float]]:
        """Resident, proportional and private memory of each of its processes, in MiB; empty where the system says
        nothing of it (anything but Linux).
        """
        found = []
        for generation, pid in sorted((steps, pid) for pid, steps in _descendants(self.pid).items()):
            try:
                told = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
            except OSError:
                continue
            sums = {name: int(size) / 1024 for name, size in re.findall(r"^(\w+):\s+(\d+) kB", told, re.MULTILINE)}
            private = sums["Private_Clean"] + sums["Private_Dirty"]
            sizes = {"rss": sums["Rss"], "pss": sums["Pss"], "private": private}
            found.append({"generation": generation, **{name: round(size, 1) for name, size in sizes.items()}})
        return found


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


@contextmanager
def started(command: Sequence[str], port: int, environ: dict[str, str], key: Path | None = None) -> Iterator[Server]:
    """A server that was started by a command, while the block runs. `key` is the file in which it leaves a key."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, env={**os.environ, **environ}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}"
        while not _answers(address):
            if process.poll() is not None or time.perf_counter() - began > WAIT:
                raise RuntimeError(f"{' '.join(command)}: did not get ready (status {process.poll()})")
            time.sleep(0.02)
        seconds = round(time.perf_counter() - began, 2)
        headers = {} if key is None else {"Authorization": f"Bearer {key.read_text(encoding='utf-8').strip()}"}
        yield Server(process.pid, address, seconds, headers)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()


def ours(bundle: Path, index: Path, memory: Path, port: int, processes: int, encoder: Path | None) -> list[str]:
    """The command of this service, with a memory and keys."""
    code = "from triage.cli import main; main()"
    named = [] if encoder is None else ["--encoder", str(encoder)]
    options = ["--model", str(bundle), "--index", str(index), "--data", str(memory), "--port", str(port), *named]
    return [sys.executable, "-c", code, "serve", *options, "--processes", str(processes), "--demo"]


def plain(bundle: Path, index: Path, port: int, encoder: Path | None) -> list[str]:
    """The command of the plain endpoint."""
    named = [] if encoder is None else [str(encoder)]
    return [sys.executable, "-m", "benchmarks.service.plain", str(bundle), str(index), str(port), *named]


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/v1/ready", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def _descendants(pid: int) -> dict[int, int]:
    """A process and all that come from it, with how many steps they are from it."""
    parents = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            told = place.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        parents[int(place.parent.name)] = int(told.rpartition(")")[2].split()[1])
    found = {pid: 0}
    grown = True
    while grown:
        fresh = {one: found[above] + 1 for one, above in parents.items() if above in found and one not in found}
        found |= fresh
        grown = bool(fresh)
    return found


def cores() -> int:
    """The cores that this process, and what it starts, may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
