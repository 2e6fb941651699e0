"""Supervisor, generations and their children, with work that is invented: who dies is replaced, who fails changes
nothing, who is told to stop stops."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

PROGRAM = """
import os, select, signal, sys, time
from pathlib import Path
from service.logs import set_up_logs
from service.processes import generation as module
from service.processes.generation import Generation
from service.processes.supervisor import Supervisor
from triage.errors import InputError

folder, processes = Path(sys.argv[1]), int(sys.argv[2])
module.SILENT_SECONDS = module.STARTING_SECONDS = 1.0

def note(*words):
    with (folder / "notes").open("a") as file:
        file.write(" ".join(map(str, words)) + "\\n")

class Invented:
    has_work = True

    def __init__(self):
        self.version = (folder / "version").read_text()
        note("loaded", self.version, os.getpid())
        if self.version == "broken":
            raise InputError("the bundle is damaged")
        if self.version == "crash":
            raise ZeroDivisionError

    def serve(self, voice, lifeline):
        return self._live("serving", voice, lifeline)

    def work(self, voice, lifeline):
        return self._live("working", voice, lifeline)

    def _live(self, what, voice, lifeline):
        told = []
        for number in (signal.SIGTERM, signal.SIGUSR1):
            signal.signal(number, lambda number, _: told.append(number))
        if self.version == "mute":
            time.sleep(60)
        if self.version == "dying":
            return 3
        voice.ready()
        note(what, self.version, os.getpid())
        while not told:
            if select.select([lifeline], [], [], 0.05)[0] and not os.read(lifeline, 99):
                told.append("alone")
            if not (folder / "hang").exists():
                voice.alive()
        while self.version == "stubborn":
            time.sleep(1)
        note("ended", self.version, os.getpid(), told[0])
        return 0

set_up_logs()
try:
    Supervisor(lambda: Generation(Invented, processes, 0.5), 0.5, lambda: note("ready")).run()
except InputError as error:
    note("refused", error)
"""


class Running:
    """The program in a process of its own, and what it noted."""

    def __init__(self, folder: Path, processes: int) -> None:
        self.folder = folder
        command = [sys.executable, "-c", PROGRAM, str(folder), str(processes)]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
        self.process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)

    def version(self, name: str) -> None:
        (self.folder / "version").write_text(name)

    def notes(self, *words: str) -> list[list[str]]:
        file = self.folder / "notes"
        lines = [line.split(" ") for line in file.read_text().splitlines()] if file.exists() else []
        return [line for line in lines if line[: len(words)] == list(words)]

    def until(self, count: int, *words: str) -> list[list[str]]:
        deadline = time.monotonic() + 30
        while len(found := self.notes(*words)) < count:
            assert time.monotonic() < deadline, (words, self.notes())
            time.sleep(0.02)
        return found

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


@contextmanager
def running(folder: Path, version: str, processes: int = 2) -> Iterator[Running]:
    (folder / "version").write_text(version)
    program = Running(folder, processes)
    with program.process:
        try:
            yield program
        finally:
            program.process.kill()
    ended_all(program)


def ended_all(program: Running) -> None:
    """Nobody is left behind, even where the parent was killed."""
    pids = {int(line[2]) for line in program.notes() if line[0] in ("loaded", "serving", "working")}
    deadline = time.monotonic() + 20
    while left := [pid for pid in pids if is_there(pid)]:
        assert time.monotonic() < deadline, f"{left} live on: {program.notes()}"
        time.sleep(0.05)


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat")
        return not (state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z")
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_it_loads_once_serves_with_several_and_stops(tmp_path: Path) -> None:
    with running(tmp_path, "one", 3) as program:
        program.until(1, "ready")
        served = program.until(3, "serving", "one")
        program.until(1, "working", "one")
        assert program.stop() == 0
        assert len(program.notes("loaded")) == 1
        assert len({line[2] for line in served}) == 3
        assert {line[3] for line in program.until(4, "ended", "one")} == {str(int(signal.SIGTERM))}


def test_ctrl_c_stops_it_too(tmp_path: Path) -> None:
    with running(tmp_path, "one") as program:
        program.until(1, "working", "one")
        assert program.stop(signal.SIGINT) == 0


def test_who_dies_is_replaced_without_loading_again(tmp_path: Path) -> None:
    with running(tmp_path, "one") as program:
        program.until(1, "working", "one")
        for line in [program.notes("serving")[0], program.notes("working")[0]]:
            os.kill(int(line[2]), signal.SIGKILL)
        program.until(3, "serving", "one")
        program.until(2, "working", "one")
        assert len(program.notes("loaded")) == 1
        assert program.stop() == 0


def test_who_hangs_is_replaced(tmp_path: Path) -> None:
    with running(tmp_path, "one", 1) as program:
        program.until(1, "ready")
        (tmp_path / "hang").touch()
        program.until(2, "serving", "one")
        assert program.stop() == 0


def test_a_new_generation_takes_over_and_the_old_one_leaves(tmp_path: Path) -> None:
    with running(tmp_path, "one") as program:
        program.until(1, "working", "one")
        program.version("two")
        program.process.send_signal(signal.SIGHUP)
        program.until(2, "serving", "two")
        program.until(1, "working", "two")
        order = [" ".join(line[:2]) for line in program.notes()]
        assert order.index("serving two") < order.index("ended one"), "the new ones are there before the old ones leave"
        assert max(place for place, line in enumerate(order) if line == "ended one") < order.index("working two")
        left = program.notes("ended", "one")
        assert {line[3] for line in left} == {str(int(signal.SIGUSR1))}
        assert program.stop() == 0


@pytest.mark.parametrize("version", ["broken", "crash", "dying", "mute"])
def test_one_that_cannot_be_loaded_changes_nothing(tmp_path: Path, version: str) -> None:
    with running(tmp_path, "one", 1) as program:
        program.until(1, "working", "one")
        program.version(version)
        program.process.send_signal(signal.SIGHUP)
        program.until(1, "loaded", version)
        time.sleep(0.5)
        assert not program.notes("ended")
        program.version("two")
        program.process.send_signal(signal.SIGHUP)
        program.until(1, "working", "two")
        assert program.stop() == 0


def test_a_first_one_that_cannot_be_loaded_stops_the_start_and_says_why(tmp_path: Path) -> None:
    with running(tmp_path, "broken") as program:
        assert program.process.wait(30) == 0
        assert program.notes("refused") == [["refused", "the", "bundle", "is", "damaged"]]


def test_a_generation_that_is_killed_comes_again(tmp_path: Path) -> None:
    with running(tmp_path, "one") as program:
        program.until(1, "working", "one")
        os.kill(int(program.notes("loaded")[0][2]), signal.SIGKILL)
        program.until(2, "loaded", "one")
        program.until(4, "serving", "one")
        assert {line[3] for line in program.until(3, "ended", "one")} == {"alone"}
        assert program.stop() == 0


def test_when_the_supervisor_is_killed_everybody_ends(tmp_path: Path) -> None:
    with running(tmp_path, "one") as program:
        program.until(1, "working", "one")
        program.process.kill()
        program.until(3, "ended", "one")


def test_who_does_not_stop_in_time_is_ended(tmp_path: Path) -> None:
    # grace 0.5 s and 5 s more
    with running(tmp_path, "stubborn", 1) as program:
        program.until(1, "working", "stubborn")
        assert program.stop() == 0
        assert not program.notes("ended")
