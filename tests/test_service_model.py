"""Alive before ready; a bundle that cannot be loaded is said without telling where it lies; the card."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import triage
from service.app import create_app
from service.served.model import ServedModel, public
from service.settings import Settings
from triage import Triager

ASK: dict[str, Any] = {"suggestions": [{"title": "关于增设养老驿站的建议"}]}


def until(client: TestClient, status: int) -> Any:
    deadline = time.monotonic() + 60
    while (answer := client.get("/v1/ready")).status_code != status:
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.02)
    return answer


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Holds the loading of every model until it is set."""
    gate, load = threading.Event(), triage.Triager.load

    def held(*given: Any, **named: Any) -> Triager:
        assert gate.wait(60)
        return load(*given, **named)

    monkeypatch.setattr(triage.Triager, "load", held)
    yield gate
    gate.set()


def test_alive_while_loading_and_ready_afterwards(small_bundle: Path, gate: threading.Event) -> None:
    told: list[ServedModel] = []
    with TestClient(create_app(Settings(model=small_bundle), loaded=told.append)) as client:
        assert client.get("/v1/health").json()["status"] == "alive"
        for answer in (client.get("/v1/ready"), client.get("/v1/model"), client.post("/v1/triage", json=ASK)):
            assert (answer.status_code, answer.json()["code"]) == (503, "not-ready")
            assert answer.headers["retry-after"] == "1"
        assert told == []
        gate.set()
        assert until(client, 200).json()["status"] == "ready"
        assert client.post("/v1/triage", json=ASK).status_code == 200
    assert [model.failure for model in told] == [None]


@pytest.mark.parametrize("kind", ["missing", "damaged", "unset"])
def test_a_bundle_that_cannot_be_loaded(
    small_bundle: Path, tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "bundle"
    if kind == "damaged":
        folder.mkdir()
        (folder / "bundle.json").write_text("{}", encoding="utf-8")
    told: list[ServedModel] = []
    settings = Settings(model=None if kind == "unset" else folder)
    with TestClient(create_app(settings, loaded=told.append)) as client:
        while not told:
            time.sleep(0.01)
        assert client.get("/v1/health").status_code == 200
        for answer in (client.get("/v1/ready"), client.post("/v1/triage", json=ASK)):
            assert (answer.status_code, answer.json()["code"]) == (503, "model-failed")
            assert "retry-after" not in answer.headers
            assert str(tmp_path) not in answer.text
    assert isinstance(told[0].failure, triage.TriageError)
    (fault,) = [record for record in caplog.records if record.getMessage() == "fault"]
    assert vars(fault)["fields"]["detail"] == str(told[0].failure), "the operator reads why in the log"


def test_stopping_while_loading_is_quiet(small_bundle: Path, gate: threading.Event) -> None:
    with TestClient(create_app(Settings(model=small_bundle))) as client:
        assert client.get("/v1/ready").status_code == 503
        gate.set()


def test_the_environment_names_the_model(small_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_MODEL", str(small_bundle))
    with TestClient(create_app()) as client:
        until(client, 200)


def test_importing_the_service_loads_nothing_and_reads_nothing() -> None:
    import subprocess
    import sys

    code = (
        "import os, sys; os.environ['TRIAGE_PORT'] = 'nonsense'\n"
        "import service.app, logging\n"
        "assert not logging.getLogger().handlers\n"
        "print([name for name in ('numpy', 'onnxruntime', 'triage.triager') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_the_card_is_public_and_names_no_place(triager: Triager, small_bundle: Path, root: Path) -> None:
    with TestClient(create_app(Settings(), triager)) as client:
        card = client.get("/v1/model").json()
        assert client.get("/v1/ready").json()["model"] == card["model"]
        answered = client.post("/v1/triage", json=ASK).json()["results"][0]["model"]
    assert answered == card["model"]
    written = json.dumps(card, ensure_ascii=False)
    for place in (small_bundle, small_bundle.parent, root, Path.home(), Path.cwd()):
        assert str(place) not in written


def test_a_folder_in_a_card_is_named_by_its_last_part() -> None:
    card = {
        "a": "/srv/models/e5",
        "b": [{"c": "D:\\models\\e5"}],
        "d": "county/e5",
        "e": 3,
        "f": None,
        "g": "县级/开发区",
    }
    assert public(card) == {"a": "e5", "b": [{"c": "e5"}], "d": "county/e5", "e": 3, "f": None, "g": "县级/开发区"}
