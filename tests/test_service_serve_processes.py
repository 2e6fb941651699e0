"""`triage serve` with several processes and a memory, as a process of its own: shared memory, no request lost when what
answers is exchanged, `--check`, `--demo`."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.service.servers import Server, free_port
from service.serve import check
from service.store import keys
from service.store.migrate import upgrade
from service.store.store import Store
from triage import Suggestion, Triager

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

LAMP = {"suggestions": [{"title": "老街路灯不亮", "text": "老街东口的路灯坏了，晚上走路看不清。"}]}


@dataclass
class Served:
    """A service that runs, its log, and the key that it made."""

    process: subprocess.Popen[str]
    address: str
    headers: dict[str, str]
    log: list[str] = field(default_factory=list)

    def logged(self, message: str) -> list[dict[str, Any]]:
        return [line for line in map(json.loads, list(self.log)) if line["message"] == message]

    def until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline, self.log[-10:]
            time.sleep(0.05)

    def processes(self, generation: int) -> list[int]:
        found = subprocess.run(["ps", "-eo", "pid,ppid"], check=True, capture_output=True, text=True).stdout
        parents = {int(pid): int(above) for pid, above in re.findall(r"(\d+) +(\d+)", found)}
        level = [self.process.pid]
        for _ in range(generation):
            level = [pid for pid, above in parents.items() if above in level]
        return level


@contextlib.contextmanager
def serving(root: Path, bundle: Path, memory: Path, *more: str) -> Iterator[Served]:
    port = free_port()
    command = [sys.executable, "-c", "from triage.cli import main; main()", "serve", "--model", str(bundle)]
    command += ["--data", str(memory), "--port", str(port), "--processes", "2", "--demo", *more]
    environment = {**os.environ, "PYTHONPATH": str(root), "TRIAGE_RATE": "0", "TRIAGE_GRACE_SECONDS": "10"}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        log: list[str] = []
        reader = threading.Thread(target=lambda: log.extend(process.stderr or ()), daemon=True)
        reader.start()
        try:
            said = ""
            while "The model:" not in said:
                line = process.stdout.readline()
                assert line, (said, log)
                said += line
            token = re.search(r"A key that may do everything: (\S+)", said)
            assert token is not None, (said, log)
            yield Served(process, f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {token[1]}"}, log)
        finally:
            process.kill()
            reader.join(30)


@pytest.fixture(scope="module")
def service(root: Path, small_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(root, small_bundle, tmp_path_factory.mktemp("served") / "memory") as found:
        yield found


def test_it_answers_what_the_library_answers_to_who_has_a_key(service: Served, triager: Triager) -> None:
    answer = httpx.post(f"{service.address}/v1/triage", json=LAMP, headers=service.headers, timeout=30)
    assert answer.status_code == 200
    (asked,) = LAMP["suggestions"]
    (expected,) = triager.triage([Suggestion(title=asked["title"], text=asked["text"])])
    assert answer.json()["results"][0]["lead"][0]["unit"] == expected.lead[0].unit
    assert httpx.post(f"{service.address}/v1/triage", json=LAMP).status_code == 401
    listed = httpx.get(f"{service.address}/v1/suggestions", headers=service.headers)
    assert listed.status_code == 200
    assert len(listed.json()["suggestions"]) > 5


def test_who_tries_it_finds_advice_on_the_demo_suggestions(service: Served) -> None:
    with httpx.Client(base_url=service.address, headers=service.headers, timeout=30) as client:
        listed = {"limit": 100, "state": "open"}
        service.until(
            lambda: all(row["advice"] for row in client.get("/v1/suggestions", params=listed).json()["suggestions"])
        )
        assert client.get("/v1/suggestions", params=listed).json()["suggestions"]


def test_the_processes_share_the_memory_of_the_model(service: Served) -> None:
    found = [one for one in Server(service.process.pid, "", 0.0, {}).memory() if one["generation"] == 2]
    if not found:
        pytest.skip("this system does not say what a process holds")
    assert len(found) >= 3, "two that serve, and the worker"
    for one in found:
        assert one["pss"] < 0.7 * one["rss"], found
        assert one["private"] < 0.6 * one["rss"], found


def test_no_request_is_lost_when_what_answers_is_exchanged(service: Served) -> None:
    stop, found, lost = threading.Event(), [0], []

    def ask() -> None:
        with httpx.Client(headers=service.headers, timeout=60) as client:
            while not stop.is_set():
                try:
                    answer = client.post(f"{service.address}/v1/triage", json=LAMP)
                    found[0] += 1
                    if answer.status_code != 200:
                        lost.append(answer.text)
                except httpx.HTTPError as error:
                    lost.append(repr(error))

    callers = [threading.Thread(target=ask) for _ in range(4)]
    for caller in callers:
        caller.start()
    before = len(service.logged("a generation answers"))
    for number in (1, 2):
        service.process.send_signal(signal.SIGHUP)
        service.until(lambda number=number: len(service.logged("a generation answers")) >= before + number)
    service.until(lambda: len(service.processes(1)) == 1)
    stop.set()
    for caller in callers:
        caller.join(60)
    assert not lost
    assert found[0] > 10
    assert service.logged("a generation answers")[-1]["process"] != "generation-1"


def test_a_process_that_is_killed_is_replaced_and_nobody_waits_for_long(service: Served) -> None:
    for pid in service.processes(2)[:2]:
        os.kill(pid, signal.SIGKILL)
    service.until(lambda: len(service.logged("a process has ended and is replaced")) >= 2)
    service.until(lambda: len(service.processes(2)) == 3)
    assert httpx.post(f"{service.address}/v1/triage", json=LAMP, headers=service.headers, timeout=30).status_code == 200


def test_another_bundle_that_is_put_into_use_answers_soon(root: Path, small_bundle: Path, tmp_path: Path) -> None:
    from triage.learning.registry.folder import ModelRegistry

    registry = ModelRegistry(tmp_path / "models")
    for name in ("one", "two"):
        registry.add(small_bundle, name)
    registry.promote("one", Triager.load)
    with serving(root, tmp_path / "models", tmp_path / "memory") as service:

        def answering() -> object:
            return httpx.get(f"{service.address}/v1/model", headers=service.headers, timeout=30).json()["bundle"]

        assert answering() == "one"
        registry.promote("two", Triager.load, force=True, reason="tried here")
        service.until(lambda: answering() == "two")
        service.until(lambda: {answering() for _ in range(5)} == {"two"})
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(60) == 0


def test_no_text_and_no_key_is_in_the_log(service: Served) -> None:
    logged = "".join(service.log)
    assert "路灯" not in logged
    assert service.headers["Authorization"].rpartition("_")[2] not in logged


def test_at_the_end_it_stops_with_status_0_and_leaves_nobody(service: Served) -> None:
    there = [*service.processes(1), *service.processes(2)]
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(60) == 0
    service.until(lambda: not [pid for pid in there if Path(f"/proc/{pid}").exists()])
    assert not service.logged("fault")


# --- before it starts ------------------------------------------------------------------------------------------------


def checked(*args: Any, **more: Any) -> tuple[bool, dict[str, str]]:
    said: list[str] = []
    well = check(*args, say=lambda line: said.append(str(line)), **more)
    return well, {line[7:].partition(":")[0]: line[:5].strip() for line in said}


def test_a_check_of_what_is_well_changes_nothing(small_bundle: Path, tmp_path: Path) -> None:
    memory = tmp_path / "memory"
    well, found = checked(small_bundle, port=0, data=memory)
    assert well
    assert set(found) == {"settings", "model", "index", "catalogue", "memory", "keys", "disk", "port"}
    assert not memory.exists()
    memory.mkdir()
    store = Store(f"sqlite:///{memory / 'service.db'}")
    upgrade(store)
    assert checked(small_bundle, port=0, data=memory) == (False, {**found, "keys": "WRONG"}), "nobody could call"
    with store.write("test") as writing:
        keys.make(writing, "desk", ["triage"])
    store.close()
    assert checked(small_bundle, port=0, data=memory) == (well, found)


def test_a_check_says_everything_that_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "service.db").write_bytes(b"no database, " * 100)
    (tmp_path / "triage.toml").write_text("database = 'sqlite:///x.db'", encoding="utf-8")
    (tmp_path / "triage.toml").chmod(0o644)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        well, found = checked(
            tmp_path / "none",
            port=taken.getsockname()[1],
            index=tmp_path / "none.index",
            catalogue=tmp_path / "none",
            database=f"sqlite:///{tmp_path / 'service.db'}",
            config=tmp_path / "triage.toml",
        )
    assert not well
    wrong = {name for name, said in found.items() if said == "WRONG"}
    assert wrong == {"settings", "model", "index", "catalogue", "memory", "keys", "port"}


def test_the_command_ends_with_status_1_where_something_is_wrong(
    command: Callable[..., Any], small_bundle: Path
) -> None:
    said = command("serve", "--check", "--model", small_bundle, "--port", 0)
    assert said.code == 0
    assert said.out.count("ok ") == 8
    said = command("serve", "--check", "--model", small_bundle / "none", "--port", 0)
    assert said.code == 1
    assert "WRONG  model" in said.out
    said = command("serve", "--check", "--model", small_bundle, "--port", 0, "--data", small_bundle / "bundle.json")
    assert said.code == 1
    assert "bundle.json: is a file, and the memory's folder is wanted" in said.out


def test_a_folder_that_may_not_be_written_is_told_before_the_start(
    command: Callable[..., Any], small_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda place, mode: Path(place) != tmp_path)
    said = command("serve", "--check", "--model", small_bundle, "--port", 0, "--data", tmp_path / "new" / "memory")
    assert said.code == 1
    assert f"WRONG  memory: {tmp_path}: may not be written by this user" in said.out
    assert not (tmp_path / "new").exists()


def test_demo_data_need_a_folder(command: Callable[..., Any], small_bundle: Path) -> None:
    said = command("serve", "--model", small_bundle, "--demo")
    assert said.code == 2
    assert "Give --data a folder" in said.err
