"""`serve` as a process of its own: what it prints, what it logs, how it stops, and what keeps it from starting."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from service.serve import announcement, serve, url
from service.shapes.examples import BUS
from triage import BundleError, DamagedBundle, InputError, Suggestion, Triager

SERVE = "import sys; from service.serve import serve; serve(sys.argv[1], port=0)"
SLOW = (
    "import sys, time, triage; quick = triage.Triager.triage\n"
    "def slow(self, asked, **more): print('computing', flush=True); time.sleep(1); return quick(self, asked, **more)\n"
    "triage.Triager.triage = slow\n"
) + SERVE
WORD = "青石巷"
HEAD = b"POST /v1/triage HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@dataclass
class Running:
    """A service in its own process, and what it has said."""

    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return next(line for line in self.said if line.startswith("http://"))

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def call(self, method: str, path: str, body: Any = None, request_id: str = "r-1") -> tuple[int, Any]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
            headers = {"Content-Type": "application/json", "X-Request-ID": request_id}
            connection.request(method, path, content, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def stop(self) -> int:
        """Stop it as an operator does. Its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def collect(lines: Any, into: list[str]) -> threading.Thread:
    """Read lines as they come, so that the process never waits for a reader."""

    def read() -> None:
        while line := lines.readline():
            into.append(line.rstrip("\n"))

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread


@contextmanager
def running(root: Path, code: str, *given: str, **environ: str) -> Iterator[Running]:
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONIOENCODING": "utf-8", **environ}
    process = subprocess.Popen(
        [sys.executable, "-c", code, *given],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    with process:
        service = Running(process)
        readers = [collect(process.stdout, service.said), collect(process.stderr, service.log)]
        try:
            until(lambda: any(line.startswith("The model:") for line in service.said) or process.poll() is not None)
            yield service
        finally:
            if process.poll() is None:
                process.kill()
            for reader in readers:
                reader.join(30)


def until(condition: Any) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "waited a minute in vain"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def service(root: Path, small_bundle: Path) -> Iterator[Running]:
    limits = {"TRIAGE_MAX_BODY_BYTES": "200000", "TRIAGE_BODY_SECONDS": "1"}
    with running(root, SERVE, str(small_bundle), **limits) as service:
        assert service.process.poll() is None, service.log
        yield service


def test_the_command_that_it_prints_works(service: Running) -> None:
    command = shlex.split(next(line for line in service.said if line.startswith("curl ")))
    where = command[command.index("-s") + 1]
    assert where == f"{service.address}/v1/triage"
    assert command[command.index("-H") + 1] == "Content-Type: application/json"
    status, answer = service.call("POST", "/v1/triage", json.loads(command[command.index("-d") + 1]))
    assert status == 200
    assert answer["results"][0]["id"] == BUS["id"]


def test_it_answers_what_the_library_answers(service: Running, triager: Triager) -> None:
    texts = [BUS["title"], "路灯不亮", "希望增加一所幼儿园"]
    status, answer = service.call("POST", "/v1/triage", {"suggestions": [{"title": text} for text in texts]})
    expected = [triaged.to_dict() for triaged in triager.triage([Suggestion(title=text) for text in texts])]
    assert status == 200
    assert answer["results"] == json.loads(json.dumps(expected))


@contextmanager
def connected(service: Running) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as line:
        yield line


def answered(line: socket.socket) -> tuple[int, Any]:
    answer = HTTPResponse(line)
    with answer:
        answer.begin()
        return answer.status, json.loads(answer.read())["code"]


def test_a_chunked_body_is_refused_before_it_ends(service: Running) -> None:
    with connected(service) as line:
        line.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(21):
            line.sendall(b"2710\r\n" + b" " * 10_000 + b"\r\n")
        assert answered(line) == (413, "body-too-large")


def test_an_announced_length_is_refused_before_anything_is_sent(service: Running) -> None:
    with connected(service) as line:
        line.sendall(HEAD + b"Content-Length: 20000001\r\n\r\n")
        assert answered(line) == (413, "body-too-large")


def test_who_sends_all_of_a_large_body_still_reads_the_answer(service: Running) -> None:
    with connected(service) as line:
        line.sendall(HEAD + b"Content-Length: 20000000\r\n\r\n" + b" " * 20_000_000)
        assert answered(line) == (413, "body-too-large")
        line.sendall(HEAD + b"Content-Length: 1\r\n\r\n{")
        assert answered(line) == (400, "malformed-json")


def test_a_body_that_does_not_come_is_not_waited_for(service: Running) -> None:
    with connected(service) as line:
        line.sendall(HEAD + b"Content-Length: 9\r\n\r\n{")
        assert answered(line) == (408, "body-too-slow")
        assert line.recv(1) == b"", "the connection is closed"


def test_who_hangs_up_is_logged_and_hurts_nobody(service: Running) -> None:
    with connected(service) as line:
        line.sendall(HEAD + b"X-Request-ID: gone\r\nContent-Length: 9\r\n\r\n{")
    until(lambda: any('"request_id": "gone"' in line for line in service.log))
    (entry,) = [json.loads(line) for line in service.log if '"request_id": "gone"' in line]
    assert (entry["message"], entry["status"]) == ("request", 499)
    assert service.call("GET", "/v1/health")[0] == 200


def test_health_answers_while_both_workers_compute(service: Running) -> None:
    batch = {"suggestions": [{"text": f"第{number}条，{BUS['text'] * 3}"} for number in range(40)]}
    waits: list[float] = []
    with ThreadPoolExecutor(4) as callers:
        under_way = [callers.submit(service.call, "POST", "/v1/triage", batch) for _ in range(4)]
        while not all(call.done() for call in under_way):
            began = time.monotonic()
            assert service.call("GET", "/v1/health")[0] == service.call("GET", "/v1/ready")[0] == 200
            waits.append((time.monotonic() - began) / 2)
    assert {call.result()[0] for call in under_way} == {200}
    assert sorted(waits)[len(waits) // 2] < 0.5


def test_the_log_of_a_whole_life_and_a_quiet_end(root: Path, small_bundle: Path) -> None:
    with running(root, SERVE, str(small_bundle)) as service:
        service.call("POST", "/v1/triage", {"suggestions": [{"title": f"关于{WORD}路灯的建议"}]}, "r-9")
        service.call("GET", "/v1/nothing")
        assert service.stop() == 0
    lines = [json.loads(line) for line in service.log]
    assert [(line["method"], line["path"], line["status"], line["suggestions"]) for line in lines] == [
        ("POST", "/v1/triage", 200, 1),
        ("GET", "(unknown)", 404, None),
    ]
    assert lines[0]["request_id"] == "r-9"
    assert WORD not in "".join(service.log + service.said)


def test_sigterm_finishes_what_runs_and_what_waits(root: Path, small_bundle: Path) -> None:
    ask = {"suggestions": [{"title": "关于修复东门石桥的建议"}]}
    with running(root, SLOW, str(small_bundle), TRIAGE_WORKERS="1") as service, ThreadPoolExecutor(2) as callers:
        port = service.port
        under_way = [callers.submit(service.call, "POST", "/v1/triage", ask) for _ in range(2)]
        until(lambda: "computing" in service.said)
        time.sleep(0.3)  # the second one has been read and waits
        assert service.stop() == 0
        assert [call.result(60)[0] for call in under_way] == [200, 200]
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5).close()


# --- what keeps it from starting -------------------------------------------------------------------------------------


def test_a_busy_port_is_said_before_the_model_is_loaded(small_bundle: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port}: cannot listen there: another program.*--port"):
            serve(small_bundle, port=port)


def test_an_address_that_is_none(small_bundle: Path) -> None:
    with pytest.raises(InputError, match=r"no\.such\.host\.invalid.*Give an address such as 127\.0\.0\.1"):
        serve(small_bundle, host="no.such.host.invalid")
    with pytest.raises(InputError, match=r"no such address.*--host"):
        serve(small_bundle, host="203.0.113.7", port=0)


def test_no_model_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRIAGE_MODEL", raising=False)
    with pytest.raises(InputError, match=r"no model is named\. Give --model"):
        serve()


def test_no_bundle_is_there(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BundleError, match="no bundle here"):
        serve(tmp_path)
    assert capfd.readouterr() == ("", "")


def test_a_damaged_bundle_ends_it(root: Path, small_bundle: Path, tmp_path: Path) -> None:
    damaged = shutil.copytree(small_bundle, tmp_path / "damaged")
    (damaged / "lead.json").write_text("{}", encoding="utf-8")
    code = f"try:\n    {SERVE}\nexcept Exception as error:\n    print(type(error).__name__); sys.exit(2)"
    code = "import sys\n" + code.replace("import sys; ", "")
    with running(root, code, str(damaged)) as service:
        assert service.process.wait(60) == 2
    assert DamagedBundle.__name__ in service.said
    assert not [line for line in service.said if line.startswith("http://")], "it never said that it serves"


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "http://127.0.0.1:1"),
        ("0.0.0.0", "http://127.0.0.1:1"),  # noqa: S104 - shown, not bound
        ("::", "http://[::1]:1"),
        ("a", "http://a:1"),
    ],
)
def test_the_address_shown_can_be_called(host: str, shown: str) -> None:
    assert url(host, 1) == shown


def test_a_reachable_address_is_said_to_be_one() -> None:
    assert "asks for no key" in announcement("http://192.0.2.1:1", "192.0.2.1")
    for host in ("127.0.0.1", "::1", "localhost"):
        assert "asks for no key" not in announcement(f"http://{host}:1", host)
