"""`triage worker`: a process that only works, beside a service that only answers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from service.jobs.queue import find, submit
from service.store.store import Store

if TYPE_CHECKING:
    from tests.conftest import Said


def test_it_does_jobs_until_it_is_told_to_stop(sqlite_store: Store, small_bundle: Path, root: Path) -> None:
    with sqlite_store.write("key:test") as writing:
        job_id = submit(writing, "triage", {}, upload=("a.csv", "标题\n关于修复路灯的建议\n".encode())).id
    data = Path(sqlite_store.url.database or "").parent
    command = [
        sys.executable,
        "-c",
        "from triage.cli import main; main()",
        "worker",
        "--model",
        str(small_bundle),
        "--data",
        str(data),
    ]
    environment = os.environ | {"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=root
    ) as worker:
        assert worker.stdout is not None
        ready = worker.stdout.readline()
        assert "The worker is ready: jobs," in ready, worker.communicate()
        until = time.monotonic() + 60
        state = ""
        while state != "done" and time.monotonic() < until:
            time.sleep(0.05)
            with sqlite_store.read() as session:
                state = find(session, job_id).state
        worker.send_signal(signal.SIGTERM)
        _, errors = worker.communicate(timeout=60)
    assert (state, worker.returncode) == ("done", 0)
    assert "路灯" not in errors


def test_it_needs_a_memory(command: Callable[..., Said], small_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRIAGE_DATA", raising=False)
    monkeypatch.delenv("TRIAGE_DATABASE", raising=False)
    said = command("worker", "--model", small_bundle)
    assert said.code == 2
    assert "no memory is named" in said.err


def test_procrastinate_on_a_file_is_refused_before_anything_starts(
    command: Callable[..., Said], small_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIAGE_JOBS", "procrastinate")
    said = command("worker", "--model", small_bundle, "--data", tmp_path / "memory")
    assert said.code == 2
    assert "needs PostgreSQL" in said.err
