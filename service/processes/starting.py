"""Starting several processes: what is made once, before any of them is forked."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable

from service.app import create_app
from service.processes.generation import Generation, Prepared
from service.processes.supervisor import Supervisor
from service.settings import Settings
from service.web.metrics import counted_together
from triage.errors import InputError

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Pools of threads do not survive a fork, and processes are what uses the cores here: none is made."""


def possible() -> bool:
    """Whether this system can fork."""
    return hasattr(os, "fork")


def wanted(settings: Settings) -> bool:
    """Whether there is more to run than one process that answers. Raises InputError where that cannot be."""
    if possible():
        return settings.processes > 1 or bool(settings.database_url)
    if settings.processes > 1:
        raise InputError(f"processes: {settings.processes}; this system has no fork, so 1 is allowed.")
    return False


def run(settings: Settings, listening: socket.socket, ready: Callable[[], object]) -> None:
    """Serve until told to stop; `ready` is called when the first processes answer.

    Raises InputError if they never do.
    """
    with counted_together():
        _run(settings, listening, ready)


def _run(settings: Settings, listening: socket.socket, ready: Callable[[], object]) -> None:
    app = create_app(settings)
    supervisor = os.getpid()

    def prepare() -> Prepared:
        from service.processes.loaded import Loaded

        return Loaded.load(_for_processes(settings), app, listening, supervisor)

    def generation() -> Generation:
        return Generation(prepare, settings.processes, settings.grace_seconds)

    Supervisor(generation, settings.grace_seconds, ready).run()


def _for_processes(settings: Settings) -> Settings:
    """No library makes a pool of threads from here on. The encoder's threads, which live as long as a call, are left as
    they were.
    """
    given = os.environ.get("OMP_NUM_THREADS", "")
    threads = settings.threads or (int(given) if given.isdigit() and int(given) else None)
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
    for name in THREADS:
        os.environ[name] = "1"
    return settings.model_copy(update={"threads": threads or cores})
