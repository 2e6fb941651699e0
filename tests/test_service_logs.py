"""Logs of a whole run hold no text of a suggestion and no key, whatever is sent and whatever goes wrong."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from service.logs import JsonLines, log_fault
from service.store import keys
from service.store.migrate import upgrade
from service.store.store import Store

MARK, WORD = "凤栖渡口灯杆歪斜", "zqmarkvw"
"""In every text, name, reason, header and broken body that is sent; nothing of ours holds them."""
SERVE = "import sys; from service.serve import serve; serve(sys.argv[1], port=0, data=sys.argv[2], processes=1, rate=0)"


@dataclass
class Run:
    """A service that has run, what it wrote, and what must not be in that."""

    data: Path
    out: Path
    err: Path
    secrets: set[str] = field(default_factory=set)
    statuses: set[int] = field(default_factory=set)
    jobs: list[str] = field(default_factory=list)
    delivered: list[bytes] = field(default_factory=list)


class Listening(BaseHTTPRequestHandler):
    """Takes a message, or fails and says something that must not be repeated."""

    server: Any

    def do_POST(self) -> None:
        self.server.came.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(204 if len(self.server.came) % 2 else 500, MARK.encode().decode("latin-1"))
        self.send_header("content-length", "0")
        self.send_header("retry-after", WORD)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it has in the standard library
        pass


def suggestion(number: int, **more: Any) -> dict[str, Any]:
    text = f"{MARK}，{WORD}，晚上看不见路，请派人来修。联系电话13812345678。"
    return {"id": f"S-{number}", "title": f"关于{MARK}的建议", "text": text, "proposers": [MARK], **more}


class Caller:
    """Sends requests and remembers what must not turn up."""

    def __init__(self, address: str, run: Run) -> None:
        self.http = httpx.Client(base_url=address, timeout=60)
        self.run = run

    def __call__(self, method: str, path: str, key: str = "", **more: Any) -> httpx.Response:
        headers = {"User-Agent": WORD, "Referer": f"http://{WORD}/", "X-Request-ID": f"{WORD} {WORD}"}
        headers |= {"Authorization": f"Bearer {key}"} if key else {}
        headers |= more.pop("headers", {})
        sent = {name: value.encode() for name, value in headers.items()}
        answer = self.http.request(method, path, headers=sent, **more)
        self.run.statuses.add(answer.status_code)
        return answer


def make_keys(data: Path, run: Run) -> dict[str, str]:
    store = Store(f"sqlite:///{data / 'service.db'}")
    upgrade(store)
    tokens = {}
    with store.write("operator") as writing:
        for name in ("read", "triage", "decide", "admin"):
            tokens[name] = keys.make(writing, "a desk", [name], confidential=True).token
        gone = keys.make(writing, "gone", ["admin"])
        keys.revoke(writing, gone.id)
        tokens["gone"] = gone.token
    store.close()
    run.secrets |= {token.partition("_")[2].partition("_")[2] for token in tokens.values()}
    return tokens


def everyday(call: Caller, token: dict[str, str], receiver: str) -> None:
    """What callers do on a good day, and on a bad one."""
    admin, desk = token["admin"], token["triage"]
    for events in (["decision.made", "decision.changed", "job.finished"], ["suggestion.closed", "suggestion.returned"]):
        body = {"url": f"{receiver}/{WORD}?q={WORD}", "events": events, "confidential": True}
        made = call("POST", "/v1/webhooks", admin, json=body, headers={"Idempotency-Key": WORD + events[0]}).json()
        call.run.secrets.add(made["secret"].removeprefix("whsec_"))
        rotated = call("POST", f"/v1/webhooks/{made['id']}/rotate", admin).json()
        call.run.secrets.add(rotated["secret"].removeprefix("whsec_"))
        call("POST", f"/v1/webhooks/{made['id']}/ping", admin)
    call("POST", "/v1/suggestions", desk, json={"suggestions": [suggestion(1), suggestion(2)], "triage": True})
    call("POST", "/v1/suggestions", desk, json={"suggestions": [suggestion(3, confidential=True)]})
    call("POST", "/v1/suggestions", desk, json={"suggestions": [suggestion(1)]})
    for path in ("triage", "check", "duplicates", "precedents", "hot"):
        call("POST", f"/v1/{path}", desk, json={"suggestions": [suggestion(1), suggestion(4)]})
    call("PUT", "/v1/suggestions/S-2", desk, json=suggestion(2, text=MARK * 3), headers={"If-Match": '"1"'})
    call("POST", "/v1/suggestions/S-2/triage", desk)
    decision = {"lead": ["综合行政执法局"], "reason": f"{MARK} {WORD}", "decided_by": "张三"}
    none = {"If-None-Match": "*"}
    assert call("PUT", "/v1/suggestions/S-1/decision", token["decide"], json=decision, headers=none).status_code == 200
    call("PUT", "/v1/suggestions/S-1/decision", token["decide"], json=decision, headers=none)
    call("PUT", "/v1/suggestions/S-2/decision", token["decide"], json={"lead": [MARK]}, headers=none)
    back = {"unit": "综合行政执法局", "reason": MARK}
    assert call("POST", "/v1/suggestions/S-1/returns", token["decide"], json=back).status_code == 201
    call("POST", "/v1/suggestions/S-1/returns", token["decide"], json={"unit": MARK})
    ended = {"outcome": "A", "reply": f"{MARK}已修复。{WORD}"}
    for method in ("POST", "PUT"):
        call(method, "/v1/suggestions/S-1/outcome", token["decide"], json=ended)
    for q in (MARK, WORD, MARK[0], "'" + WORD + '" OR', "%" + WORD):
        call("GET", "/v1/suggestions", token["read"], params={"q": q})


def broken(call: Caller, token: dict[str, str]) -> None:
    """What no service should be sent."""
    text = json.dumps({"suggestions": [suggestion(9)]}, ensure_ascii=False)
    key = token["triage"]
    for content, kind in (
        (text.encode("gb18030"), "application/json; charset=gb18030"),
        (text.encode("gb18030"), "application/json"),
        (text.encode()[:-20], "application/json"),
        (f'"{MARK}'.encode(), f"text/{WORD}"),
        (text.encode(), f"application/json; charset={WORD}"),
        (("[" * 100_000 + MARK).encode(), "application/json"),
        (json.dumps({MARK: WORD, WORD: [MARK]}).encode(), "application/json"),
        (json.dumps({"suggestions": [{"title": 5, MARK: MARK}, MARK]}).encode(), "application/json"),
        (json.dumps({"suggestions": [suggestion(9, title="\ud83d" + MARK)]}).encode(), "application/json"),
        (json.dumps({"suggestions": [suggestion(9, date=MARK)]}).encode(), "application/json"),
    ):
        for path in ("/v1/triage", "/v1/suggestions"):
            call("POST", path, key, content=content, headers={"Content-Type": kind})
    for path in (
        f"/{WORD}",
        f"/v1/{quote(MARK)}",
        f"/v1/suggestions/{quote(MARK)}",
        f"/v1/triage/{WORD}?{WORD}={WORD}",
    ):
        for method in ("GET", "POST", "DELETE", WORD.upper()):
            call(method, path, token["admin"])
    for wrong in ("tk_" + WORD, WORD, MARK, token["gone"], token["read"][:-1] + "_"):
        call("GET", "/v1/suggestions", wrong)
        call("GET", "/v1/suggestions", headers={"X-API-Key": wrong})
    call("GET", "/v1/suggestions", params={"api_key": token["admin"], "key": token["triage"], "q": MARK})
    call("GET", f"/v1/model?token={token['admin']}", headers={"Cookie": f"key={token['admin']}"})


def every_operation(call: Caller, token: dict[str, str]) -> None:
    """Each operation of the interface with marked parameters and bodies, by keys of three kinds."""
    document = call("GET", "/openapi.json").json()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            place = re.sub(r"\{\w+\}", quote(MARK), path)
            query = {one["name"]: WORD for one in operation.get("parameters", []) if one["in"] == "query"}
            sent = {one["name"]: WORD for one in operation.get("parameters", []) if one["in"] == "header"}
            body = {"suggestions": [suggestion(7)], "reason": MARK, "title": MARK, "text": MARK, WORD: MARK}
            for key in ("", token["read"], token["admin"]):
                call(method.upper(), place, key, params=query, headers=sent, json=body)


def batches(call: Caller, token: dict[str, str]) -> None:
    """Files for the worker, good and broken."""
    good = f"id,title,text\nB-1,关于{MARK}的建议,{WORD}{MARK}\nB-2,{MARK},{MARK * 40}\n"
    files = {
        f"{MARK}.csv": good.encode("gb18030"),
        f"{WORD}.jsonl": (json.dumps(suggestion(11)) + "\n" + f'{{"title": "{MARK}", ').encode(),
        f"{WORD}.xlsx": b"PK\x03\x04" + MARK.encode(),
        f"../{WORD}.csv": f"{MARK},{WORD}\n{MARK}".encode(),
        f"{MARK}.exe": MARK.encode(),
    }
    for kind, options in (("triage", {}), ("triage", {"store": True}), ("check", {}), (WORD, {WORD: MARK})):
        for name, content in files.items():
            data = {"kind": kind, "options": json.dumps(options)}
            answer = call("POST", "/v1/jobs", token["triage"], data=data, files={"file": (name, content)})
            if answer.status_code < 300:
                call.run.jobs.append(answer.json()["id"])
    for job in call.run.jobs:
        deadline = time.monotonic() + 60
        while call("GET", f"/v1/jobs/{job}", token["triage"]).json()["state"] in {"queued", "running"}:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        call("GET", f"/v1/jobs/{job}/result", token["triage"])


def raw(port: int) -> None:
    """What is no HTTP at all."""
    for sent in (
        f"{WORD} {WORD}\r\n\r\n",
        f"GET /{WORD} HTTP/9.9\r\n{WORD}\r\n\r\n",
        f"POST / HTTP/1.1\r\n{MARK}: x\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            line.sendall(sent.encode())
            line.settimeout(2)
            with suppress(OSError):
                line.recv(1_000)


@pytest.fixture(scope="module")
def whole_run(root: Path, small_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("run")
    run = Run(folder / "data", folder / "out", folder / "err")
    run.data.mkdir()
    tokens = make_keys(run.data, run)
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONIOENCODING": "utf-8", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", SERVE, str(small_bundle), str(run.data)]
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), Listening) as receiver,
        run.out.open("wb") as out,
        run.err.open("wb") as err,
    ):
        receiver.came = run.delivered  # type: ignore[attr-defined]
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=err)
        try:
            address = _address(run.out, process)
            call = Caller(address, run)
            with call.http:
                everyday(call, tokens, f"http://127.0.0.1:{receiver.server_address[1]}")
                broken(call, tokens)
                every_operation(call, tokens)
                batches(call, tokens)
            raw(int(address.rpartition(":")[2]))
            deadline = time.monotonic() + 30
            while len(run.delivered) < 5 and time.monotonic() < deadline:
                time.sleep(0.1)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
            receiver.shutdown()
    return run


def _address(out: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        said = out.read_text(encoding="utf-8")
        found = re.search(r"^http://127\.0\.0\.1:\d+$", said, flags=re.MULTILINE)
        if found and "curl" in said:
            return found[0]
        time.sleep(0.05)
    raise AssertionError(f"the service did not start: {process.poll()}")


def forms(mark: str) -> list[bytes]:
    """A mark as it might be written: as it is, escaped, in another charset, in a URL."""
    escaped = json.dumps(mark)[1:-1]
    return [form.encode() for form in {mark, escaped, quote(mark), repr(mark.encode())[2:-1]}] + [
        mark.encode("gb18030")
    ]


def test_the_run_was_a_whole_one(whole_run: Run) -> None:
    assert {200, 201, 202, 400, 401, 403, 404, 405, 409, 415, 422} <= whole_run.statuses
    assert not {status for status in whole_run.statuses if status >= 500 and status not in (501, 503)}
    assert len(whole_run.jobs) >= 3
    assert len(whole_run.delivered) >= 5
    assert not any(form in body for body in whole_run.delivered for form in forms(MARK)), "a message holds no text"
    with sqlite3.connect(whole_run.data / "service.db") as database:
        kept = str(database.execute("SELECT title, text FROM suggestions").fetchall())
    database.close()
    assert MARK in kept, "the texts were there to be told"


def test_no_text_and_no_key_is_in_any_log(whole_run: Run) -> None:
    for file in (whole_run.out, whole_run.err):
        written = file.read_bytes()
        lines = [
            line for line in written.splitlines() if any(form in line for word in (MARK, WORD) for form in forms(word))
        ]
        assert not lines
        assert b"13812345678" not in written
        assert not [secret for secret in whole_run.secrets if secret.encode() in written]


def test_no_text_and_no_key_is_in_the_trail(whole_run: Run) -> None:
    with sqlite3.connect(whole_run.data / "service.db") as database:
        entries = [str(row) for row in database.execute("SELECT * FROM trail")]
        assert len(entries) > 20
        told = "\n".join(entries)
        for form in forms(MARK):
            assert form not in told.encode()
        assert WORD not in told
        assert not [secret for secret in whole_run.secrets if secret in told]
    database.close()


def test_every_line_of_the_log_is_json_with_the_same_members(whole_run: Run) -> None:
    lines = [json.loads(line) for line in whole_run.err.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        assert {"time", "level", "logger", "message", "pid"} <= line.keys()
    requests = [line for line in lines if line["message"] == "request"]
    assert len(requests) > 200
    assert {"/v1/suggestions/{suggestion}", "/v1/triage", "(unknown)"} <= {line["path"] for line in requests}


# --- the parts -------------------------------------------------------------------------------------------------------


def line_of(record: logging.LogRecord) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(JsonLines().format(record))
    return line


def test_of_other_peoples_messages_only_the_first_line_is_written() -> None:
    lines: list[dict[str, Any]] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(line_of(record))

    async def fail() -> None:
        raise ValueError(MARK)

    async def forget() -> None:
        task = asyncio.create_task(fail())
        await asyncio.sleep(0)
        del task
        await asyncio.sleep(0)

    handler, logger = Kept(), logging.getLogger("asyncio")
    logger.addHandler(handler)
    try:
        asyncio.run(forget())
    finally:
        logger.removeHandler(handler)
    assert [line["message"] for line in lines] == ["Task exception was never retrieved"]
    assert lines[0]["error"] == "ValueError"
    assert MARK not in json.dumps(lines, ensure_ascii=False)


def test_a_fault_is_told_by_its_place_and_not_by_its_message(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise KeyError(MARK)
    except KeyError as error:
        log_fault(error)
    line = line_of(caplog.records[-1])
    assert (line["error"], line["pid"]) == ("KeyError", os.getpid())
    assert "test_a_fault_is_told" in line["where"][-1]
    assert MARK not in json.dumps(line, ensure_ascii=False)


ENDS = """
import threading, warnings
from service.logs import set_up_logs
set_up_logs()
def fail(): raise ValueError("{mark}")
thread = threading.Thread(target=fail)
thread.start(); thread.join()
warnings.warn("an old word\\n{mark}")
fail()
"""


def test_what_ends_a_thread_or_the_process_is_logged_without_its_message(root: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONIOENCODING": "utf-8"}
    code = ENDS.format(mark=MARK)
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)
    assert ended.returncode == 1
    lines = [json.loads(line) for line in io.BytesIO(ended.stderr)]
    assert [line.get("error") for line in lines] == ["ValueError", None, "ValueError"]
    assert MARK.encode() not in ended.stderr
