"""The worked example of a calling system, run as its README says, against a service that really answers."""

from __future__ import annotations

import importlib.util
import inspect
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import uvicorn

from service.app import create_app
from service.jobs.bench import Bench
from service.jobs.runner import JobRunner
from service.jobs.worker import Worker
from service.settings import Settings
from service.store import keys
from service.webhooks import signing
from service.webhooks.delivering import Deliverer

if TYPE_CHECKING:
    from service.store.store import Store
    from triage import Triager

UNIT, OTHER = "综合行政执法局", "交通运输局"


@pytest.fixture(scope="module")
def folder(root: Path) -> Path:
    return root / "examples" / "calling-system"


@pytest.fixture(scope="module")
def calling(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("calling_system", folder / "calling.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Service:
    """A service on a port of its own, with its worker."""

    def __init__(self, store: Store, triager: Triager, data: Path) -> None:
        self.store = store
        settings = Settings(data=data, database=str(store.url))
        self.app = create_app(settings, triager)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        config = uvicorn.Config(self.app, port=self.port, log_config=None, access_log=False)
        self.server = uvicorn.Server(config)
        self.stop = threading.Event()
        self.settings = settings

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def key(self, *scopes: str) -> str:
        with self.store.write("test") as writing:
            return keys.make(writing, "OA system", scopes).token

    def start(self) -> list[threading.Thread]:
        serving = threading.Thread(target=self.server.run)
        serving.start()
        while not self.server.started:
            time.sleep(0.02)
        deliverer = Deliverer(self.store)
        deliverer.pause = 0.05
        runner = JobRunner(Bench(self.settings, self.store, self.app.state.model))
        runner.pause = 0.05
        working = threading.Thread(target=Worker([deliverer, runner]).run, args=(self.stop,))
        working.start()
        return [serving, working]


@pytest.fixture
def service(sqlite_store: Store, triager: Triager, tmp_path: Path) -> Iterator[Service]:
    service = Service(sqlite_store, triager, tmp_path / "memory")
    threads = service.start()
    yield service
    service.stop.set()
    service.server.should_exit = True
    for thread in threads:
        thread.join(30)


def office(folder: Path, service: Service, key: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"OA_TRIAGE_ADDRESS": service.address, "OA_TRIAGE_KEY": key, "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "office.py", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_office_hands_in_decides_and_sends_a_file_through(
    folder: Path, service: Service, root: Path, tmp_path: Path
) -> None:
    key = service.key("triage", "decide")
    said = office(folder, service, key, "hand-in", "new.json")
    assert said.returncode == 0, said.stderr
    assert "OA-1001 [" in said.stdout
    assert "%" in said.stdout
    again = office(folder, service, key, "hand-in", "new.json")
    assert (again.returncode, again.stdout.strip()) == (2, "请换用其他编号，或修改已有的一件。")

    said = office(folder, service, key, "decide", "OA-1001", UNIT, "--reason", "路灯由其管护")
    assert said.stdout == f"OA-1001 is with {UNIT}, decision 1\n"
    said = office(folder, service, key, "decide", "OA-1001", OTHER)
    assert said.stdout == f"OA-1001 was with {UNIT}\nOA-1001 is with {OTHER}, decision 2\n"
    said = office(folder, service, key, "decide", "OA-1001", "没有这个单位")
    assert said.returncode == 2

    result = tmp_path / "advice.xlsx"
    said = office(folder, service, key, "batch", str(root / "examples" / "suggestions.csv"), str(result))
    assert said.returncode == 0, said.stdout + said.stderr
    assert "written: advice.xlsx" in said.stdout
    assert result.read_bytes().startswith(b"PK")


def test_two_people_at_once_and_the_second_is_shown_the_first_ones_decision(
    calling: ModuleType, service: Service
) -> None:
    key = service.key("triage", "decide")
    with calling.Triage(service.address, key) as one, calling.Triage(service.address, key) as other:
        decide_at_once(calling, one, other)


def decide_at_once(calling: ModuleType, one: Any, other: Any) -> None:
    one.hand_in([{"id": "OA-1", "title": "老街路灯坏了"}])
    assert one.decision("OA-1") == (None, "")
    one.decide("OA-1", {"lead": [UNIT]}, "")
    with pytest.raises(calling.SomebodyElse) as met:
        other.decide("OA-1", {"lead": [OTHER]}, "")
    assert met.value.decision["lead"] == [UNIT]
    _, seen = other.decision("OA-1")
    assert other.decide("OA-1", {"lead": [OTHER]}, seen)["number"] == 2


def test_a_signed_message_reaches_the_receiver(folder: Path, service: Service) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    admin = {"Authorization": f"Bearer {service.key('admin')}"}
    body = {"url": f"http://127.0.0.1:{port}/", "events": ["decision.made", "job.finished"]}
    webhook = httpx.post(f"{service.address}/v1/webhooks", json=body, headers=admin).json()
    environment = os.environ | {"OA_PORT": str(port), "OA_WEBHOOK_SECRET": webhook["secret"]}
    receiver = subprocess.Popen(
        [sys.executable, "receiver.py"], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert receiver.stdout
        assert receiver.stdout.readline().startswith("listening")
        forged = httpx.post(body["url"], json={"type": "decision.made", "data": {}}, headers={"webhook-id": "x"})
        assert forged.status_code == 401
        key = service.key("triage", "decide")
        office(folder, service, key, "hand-in", "new.json")
        office(folder, service, key, "decide", "OA-1002", OTHER)
        event, _, data = receiver.stdout.readline().partition(" ")
        assert event == "decision.made"
        assert {"suggestion": "OA-1002", "lead": [OTHER], "number": 1}.items() <= json.loads(data).items()
    finally:
        receiver.terminate()
        receiver.wait(10)
        receiver.stdout.close()  # type: ignore[union-attr]


class Flaky(httpx.BaseTransport):
    """Answers in turn, and keeps what was sent."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.sent: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def client(calling: ModuleType, *answers: httpx.Response | Exception) -> tuple[Any, Flaky, list[float]]:
    slept: list[float] = []
    triage = calling.Triage("http://service", "tk_x", sleep=slept.append)
    transport = Flaky(*answers)
    triage._http = httpx.Client(base_url="http://service", transport=transport)
    return triage, transport, slept


def test_a_call_is_sent_again_as_the_service_asks_and_under_the_same_key(calling: ModuleType) -> None:
    busy = httpx.Response(429, headers={"Retry-After": "7"})
    triage, transport, slept = client(
        calling, busy, httpx.ConnectError("away"), httpx.Response(503), httpx.Response(201, json={"results": [1]})
    )
    assert triage.hand_in([{"title": "x"}]) == [1]
    assert slept[0] == 7
    assert 1 <= slept[1] <= 2
    assert 2 <= slept[2] <= 4
    assert len({request.headers["Idempotency-Key"] for request in transport.sent}) == 1


def test_what_does_not_pass_is_not_sent_again(calling: ModuleType) -> None:
    problem = {"status": 422, "code": "invalid-request", "detail": "no"}
    answer = httpx.Response(422, json=problem, headers={"content-type": "application/problem+json"})
    triage, transport, slept = client(calling, answer)
    with pytest.raises(calling.Refused, match="invalid-request"):
        triage.hand_in([])
    assert (len(transport.sent), slept) == (1, [])
    triage, transport, _ = client(calling, *(httpx.ConnectError("away") for _ in range(calling.ATTEMPTS)))
    with pytest.raises(httpx.ConnectError):
        triage.decision("x")
    assert len(transport.sent) == calling.ATTEMPTS
    triage, _, _ = client(calling, *(httpx.Response(502, text="proxy") for _ in range(calling.ATTEMPTS)))
    with pytest.raises(calling.Refused, match="502"):
        triage.decision("x")


def test_the_receiver_verifies_as_the_service_signs(folder: Path) -> None:
    assert inspect.getsource(signing.verify) in (folder / "verifying.py").read_text(encoding="utf-8")


def test_every_file_is_told_and_stays_small(folder: Path, tmp_path: Path) -> None:
    told = (folder / "README.md").read_text(encoding="utf-8")
    for file in folder.glob("*.py"):
        assert f"[{file.name}]" in told
        assert len(file.read_text(encoding="utf-8").splitlines()) < 200
    shutil.copytree(folder, tmp_path / "copied", ignore=shutil.ignore_patterns("__pycache__"))
    alone = subprocess.run(
        [sys.executable, "office.py", "--help"], cwd=tmp_path / "copied", capture_output=True, check=True
    )
    assert b"hand-in" in alone.stdout
