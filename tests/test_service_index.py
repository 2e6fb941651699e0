"""The index under the service: opened with the model, told of, followed while others change it, closed at the end."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.serve import serve
from service.served.model import ServedModel
from service.settings import Settings
from service.shapes.examples import BUS
from triage import Case, DamagedIndex, ForeignIndex, IndexFileError, Suggestion, Triager
from triage.duplicates import database
from triage.duplicates.index import DuplicateIndex
from triage.triager import Triager as Loaded

LIGHTS = Suggestion("lights", "关于在河东路加装路灯的建议", "河东路夜间没有路灯，建议从桥头到校门加装路灯。")
LIGHTS_ASKED = {"id": "asked", "title": LIGHTS.title, "text": LIGHTS.text}
WORD = "青石巷"


@pytest.fixture
def file(triager: Triager, tmp_path: Path) -> Path:
    path = tmp_path / "history.index"
    with triager.index(path, create=True) as index:
        index.add([Case(LIGHTS, ("住房和城乡建设局",))])
    return path


@pytest.fixture
def client(triager: Triager, file: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(index=file, queue=64), triager)) as client:
        yield client


def repeated(client: TestClient, path: str = "duplicates") -> list[str]:
    answer = client.post(f"/v1/{path}", json={"suggestions": [LIGHTS_ASKED]})
    assert answer.status_code == 200, answer.text
    return [hit["id"] for hit in answer.json()["results"][0]["precedents" if path == "precedents" else "duplicates"]]


def served(client: TestClient) -> ServedModel:
    model: ServedModel = client.app.state.model  # type: ignore[attr-defined]
    return model


def until(condition: Any) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "waited a minute in vain"
        time.sleep(0.02)


# --- a life ----------------------------------------------------------------------------------------------------------


def test_readiness_tells_of_the_index(client: TestClient, triager: Triager) -> None:
    assert client.get("/v1/ready").json() == {
        "status": "ready",
        "model": triager.card["model"],
        "catalogue": None,
        "index": {"texts": 1, "behind": None, "building": False},
    }
    with TestClient(create_app(Settings(), triager)) as bare:
        assert bare.get("/v1/ready").json()["index"] is None


def test_an_empty_index_is_an_index(triager: Triager, tmp_path: Path) -> None:
    triager.index(tmp_path / "empty.index", create=True).close()
    with TestClient(create_app(Settings(index=tmp_path / "empty.index"), triager)) as client:
        assert client.get("/v1/ready").json()["index"]["texts"] == 0
        for path in ("duplicates", "precedents", "triage"):
            assert repeated(client, path) == []


def test_the_file_is_let_go_of_at_the_end(triager: Triager, file: Path) -> None:
    with TestClient(create_app(Settings(index=file), triager)) as client:
        index = served(client).index
        assert index is not None
        assert repeated(client) == ["lights"]
    with pytest.raises(ValueError, match="closed"):
        len(index)


def test_the_index_is_opened_in_the_background_with_the_model(
    small_bundle: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIAGE_MODEL", str(small_bundle))
    monkeypatch.setenv("TRIAGE_INDEX", str(file))
    with TestClient(create_app()) as client:
        until(lambda: client.get("/v1/ready").status_code == 200)
        assert client.get("/v1/ready").json()["index"]["texts"] == 1
        assert repeated(client, "triage") == ["lights"]


def test_an_index_that_opens_after_the_end_is_closed(
    small_bundle: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[DuplicateIndex] = []
    at_it, go, load = threading.Event(), threading.Event(), Loaded.index

    def held(self: Triager, path: Path, **named: Any) -> DuplicateIndex:
        at_it.set()
        assert go.wait(60)
        opened.append(load(self, path, **named))
        return opened[0]

    monkeypatch.setattr(Loaded, "index", held)
    with TestClient(create_app(Settings(model=small_bundle, index=file))) as client:
        until(at_it.is_set)
        assert client.get("/v1/ready").json()["code"] == "not-ready"
        model = served(client)
        threading.Timer(0.2, go.set).start()  # the loop waits for its threads when it ends
    until(lambda: opened)

    def closed() -> bool:
        try:
            len(opened[0])
        except ValueError:
            return True
        return False

    until(closed)
    assert model.index is None


# --- files that are refused ------------------------------------------------------------------------------------------


@pytest.fixture(params=["missing", "text", "other program", "cut", "broken", "other encoder"])
def refused(
    request: pytest.FixtureRequest, file: Path, tmp_path: Path, counting: Any
) -> tuple[Path, type[Exception], str]:
    path = tmp_path / "refused.index"
    if request.param == "missing":
        return path, IndexFileError, "there is no such file"
    if request.param == "text":
        path.write_text("路灯" * 100, encoding="utf-8")
        return path, ForeignIndex, "is no duplicate index"
    if request.param == "other program":
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE a (b)")
        other.close()
        return path, ForeignIndex, "a database of another program"
    if request.param == "other encoder":
        DuplicateIndex.create(path, sentence=counting).close()
        return path, ForeignIndex, "made with sentence encoder .*, and none is given"
    content = file.read_bytes()
    path.write_bytes(content[: len(content) // 2] if request.param == "cut" else content[:4096] + b"\xff" * 20_000)
    return path, DamagedIndex, "is damaged"


def test_an_index_that_cannot_be_used_stops_the_start(
    triager: Triager, refused: tuple[Path, type[Exception], str]
) -> None:
    path, kind, said = refused
    with pytest.raises(kind, match=said), TestClient(create_app(Settings(index=path), triager)):
        pass


def test_under_another_server_the_service_stays_unready_and_the_log_says_why(
    small_bundle: Path, refused: tuple[Path, type[Exception], str], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    path, kind, _ = refused
    told: list[ServedModel] = []
    with TestClient(create_app(Settings(model=small_bundle, index=path), loaded=told.append)) as client:
        until(lambda: told)
        assert client.get("/v1/health").status_code == 200
        for answer in (
            client.get("/v1/ready"),
            client.post("/v1/triage", json={"suggestions": [LIGHTS_ASKED]}),
            client.post("/v1/precedents", json={"suggestions": [LIGHTS_ASKED]}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (503, "index-failed")
            assert "历史索引无法读取" in answer.json()["detail"]
            assert str(tmp_path) not in answer.text
    assert type(told[0].failure) is kind
    (fault,) = [record for record in caplog.records if record.getMessage() == "fault"]
    assert vars(fault)["fields"]["detail"] == str(told[0].failure)


def test_serve_ends_with_the_message(
    small_bundle: Path, refused: tuple[Path, type[Exception], str], root: Path
) -> None:
    path, kind, said = refused
    code = (
        "import sys\nfrom service.serve import serve\n"
        "try: serve(sys.argv[1], port=0, index=sys.argv[2])\n"
        "except Exception as error: print(type(error).__name__, error); sys.exit(2)"
    )
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-c", code, str(small_bundle), str(path)]
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", env=environment, check=False, timeout=120
    )
    assert done.returncode == 2
    last = done.stdout.splitlines()[-1]
    assert last.startswith(f"{kind.__name__} ")
    assert said.partition(" .*")[0] in last
    assert "http://" not in done.stdout, "it never said that it serves"


def test_a_missing_file_is_said_before_the_port_is_bound(small_bundle: Path, tmp_path: Path) -> None:
    said: list[str] = []
    with pytest.raises(IndexFileError, match=r"none\.index: there is no such file"):
        serve(small_bundle, port=0, index=tmp_path / "none.index", say=said.append)
    assert said == []


# --- a file that changes ---------------------------------------------------------------------------------------------


def command(root: Path, *words: str) -> None:
    code = "import sys; from triage.cli import main; sys.argv[0] = 'triage'; main()"
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, env=environment, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr


def test_what_the_command_line_adds_and_removes_is_seen_at_once(
    client: TestClient, file: Path, root: Path, tmp_path: Path
) -> None:
    assert repeated(client) == ["lights"]
    more = tmp_path / "more.jsonl"
    texts = [{"id": "copy", "title": LIGHTS.title, "text": LIGHTS.text}, {"id": "dogs", "title": "关于规范养犬的提案"}]
    more.write_text("".join(json.dumps(text, ensure_ascii=False) + "\n" for text in texts), encoding="utf-8")
    command(root, "index", "add", str(file), str(more))
    assert client.get("/v1/ready").json()["index"]["texts"] == 3
    for path in ("duplicates", "triage"):
        assert sorted(repeated(client, path)) == ["copy", "lights"]
    command(root, "index", "remove", str(file), "lights")
    assert repeated(client) == ["copy"]
    assert client.get("/v1/ready").json()["index"]["texts"] == 2


WRITER = """
import sys, time
from triage.duplicates.index import DuplicateIndex
from triage.records import Case, Suggestion
title, text = sys.argv[2:4]
with DuplicateIndex.load(sys.argv[1]) as index:
    for place in range(20):
        index.add([Case(Suggestion(f"new{place}", title, text + "请" * place), ("住房和城乡建设局",))])
        index.add([Case(Suggestion("brief", title, text), ("财政局",))])
        time.sleep(0.02)
        index.remove(["brief"])
"""


def test_many_ask_while_another_program_adds_and_removes(
    client: TestClient, triager: Triager, file: Path, root: Path
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(root)}
    words = [sys.executable, "-c", WRITER, str(file), LIGHTS.title, LIGHTS.text]
    counts: dict[str, list[int]] = {path: [] for path in ("duplicates", "precedents", "triage", "ready")}

    def asking(path: str) -> None:
        while writer.poll() is None:
            if path == "ready":
                counts[path].append(client.get("/v1/ready").json()["index"]["texts"])
            else:
                body = {"suggestions": [LIGHTS_ASKED, BUS, {"title": "关于规范养犬的提案"}]}
                answer = client.post(f"/v1/{path}", json=body)
                assert answer.status_code == 200, answer.text
                key = "precedents" if path == "precedents" else "duplicates"
                counts[path].append(len(answer.json()["results"][0][key]))

    with subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True) as writer:
        with ThreadPoolExecutor(8) as callers:
            for call in [callers.submit(asking, path) for path in [*counts, *counts]]:
                call.result(120)
        assert writer.wait(60) == 0, writer.stderr and writer.stderr.read()
    assert all(len(seen) > 3 for seen in counts.values()), counts
    assert max(counts["ready"]) > min(counts["ready"]), "they asked while it wrote"
    everything = {"lights", *(f"new{place}" for place in range(20))}
    body = {"suggestions": [LIGHTS_ASKED], "k": 100, "least": "same matter"}
    answer = client.post("/v1/duplicates", json=body).json()["results"][0]["duplicates"]
    assert {hit["id"] for hit in answer} == everything
    with triager.index(file) as fresh:
        same = triager.triage([LIGHTS], history=fresh)[0].to_dict()
    now = client.post("/v1/triage", json={"suggestions": [{**LIGHTS_ASKED, "id": "lights"}]}).json()["results"][0]
    assert now == json.loads(json.dumps(same)), "as if it had been opened now"


def test_an_index_that_is_locked_is_said_and_comes_back(
    triager: Triager, file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    with TestClient(create_app(Settings(index=file), triager)) as client:
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        body = {"suggestions": [{"title": f"关于{WORD}路灯的建议"}]}
        for answer in (
            client.get("/v1/ready"),
            *(client.post(f"/v1/{path}", json=body) for path in ("duplicates", "precedents", "triage")),
        ):
            assert (answer.status_code, answer.json()["code"]) == (503, "index-failed"), answer.text
            assert str(file) not in answer.text
        assert client.post("/v1/hot", json=body).status_code == 200, "it does not ask the index"
        assert client.get("/v1/health").status_code == 200
        other.execute("ROLLBACK")
        other.close()
        assert repeated(client) == ["lights"]
        assert client.get("/v1/ready").status_code == 200
    assert "Another program is writing to it" in caplog.text
    assert WORD not in caplog.text


def test_a_file_that_breaks_meanwhile_is_said(triager: Triager, file: Path, caplog: pytest.LogCaptureFixture) -> None:
    with TestClient(create_app(Settings(index=file), triager)) as client:
        content = file.read_bytes()
        changed = bytes(255 - byte for byte in content[24:28])  # or SQLite would answer from what it has read before
        file.write_bytes(content[:24] + changed + content[28:100] + b"\xff" * (len(content) - 100))
        assert client.get("/v1/ready").json()["code"] == "index-failed"
        answer = client.post("/v1/precedents", json={"suggestions": [{"title": WORD}]})
        assert (answer.status_code, answer.json()["code"]) == (503, "index-failed")
        assert client.get("/v1/model").status_code == 200
    assert "DamagedIndex" in caplog.text
    assert WORD not in caplog.text
