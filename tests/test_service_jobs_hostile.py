"""Hostile and broken uploads: each gets a clear refusal or a failed job, and the service answers on."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from service.jobs import uploads
from service.jobs.bench import Bench
from service.jobs.runner import JobRunner
from service.problems import Problem
from service.served.model import ServedModel
from service.settings import Settings

if TYPE_CHECKING:
    from tests.conftest import Desk
    from triage import Triager

GOOD = "标题\n关于修复路灯的建议\n"
TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)


def workbook(*rows: tuple[Any, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def with_part(name: str, change: Callable[[bytes], bytes] | bytes) -> bytes:
    """A good workbook, one part of it changed or added."""
    buffer, found = io.BytesIO(), False
    with (
        zipfile.ZipFile(io.BytesIO(workbook(("标题",), ("关于修路的建议",)))) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename == name:
                data, found = (change if isinstance(change, bytes) else change(data)), True
            new.writestr(entry.filename, data)
        if not found and isinstance(change, bytes):
            new.writestr(name, change)
    return buffer.getvalue()


def zip_bomb() -> bytes:
    """A sheet that unpacks to 128 megabytes of blanks, from 130 kilobytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as bomb:
        bomb.writestr("[Content_Types].xml", TYPES)
        with bomb.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(128):
                part.write(b" " * (1 << 20))
    return buffer.getvalue()


def lying_zip() -> bytes:
    """A directory that says the sheet is small, while it unpacks to a hundred megabytes."""
    content = bytearray(with_part("xl/worksheets/sheet1.xml", b"<a>" + b" " * 100_000_000))
    size = (100_000_003).to_bytes(4, "little")
    while (place := content.find(size)) >= 0:
        content[place : place + 4] = (1_000).to_bytes(4, "little")
    return bytes(content)


def entities(data: bytes) -> bytes:
    """A billion laughs before the sheet."""
    lines = ['<!ENTITY a0 "ha">', *(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))]
    bomb = f"<!DOCTYPE worksheet [{''.join(lines)}]>".encode()
    text = data.replace(b"<worksheet", bomb + b"<worksheet", 1)
    return text.replace(b"<sheetData>", b'<sheetData><row><c t="inlineStr"><is><t>&a9;</t></is></c></row>', 1)


def outside(_data: bytes) -> bytes:
    """A sheet that asks for a file of this machine."""
    return (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>title</t></is></c></row>'
        b'<row r="2"><c r="A2" t="inlineStr"><is><t>&f;</t></is></c></row></sheetData></worksheet>'
    )


def wide_rows(_data: bytes) -> bytes:
    """Rows whose only cell stands in the last of 16,384 columns: small in the file, large once they are filled up."""
    rows = b"".join(b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (n, n) for n in range(2, 20_000))
    return (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>title</t></is></c></row>' + rows + b"</sheetData></worksheet>"
    )


AT_ONCE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "an empty file": ("a.csv", lambda: b"", "is empty"),
    "nothing but blanks": ("a.csv", lambda: b"\n  \n", "is empty"),
    "a workbook with macros by its name": ("a.xlsm", lambda: workbook(("标题",)), "ending .xlsm is not read"),
    "a program": ("建议.exe", lambda: b"MZ\x90\x00", "ending .exe is not read"),
    "no ending": ("建议", GOOD.encode, "ending (none)"),
    "an old .xls under a new name": ("a.xlsx", lambda: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512), "old .xls"),
    "a text under the name of a workbook": ("a.xlsx", GOOD.encode, "not what the ending .xlsx says"),
    "a workbook under the name of a text": ("a.csv", lambda: workbook(("标题",)), "not what the ending .csv says"),
    "a page under the name of a workbook": ("a.xlsx", lambda: b"<html></html>", "not what the ending .xlsx says"),
}
BY_WORKER: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "a zip bomb": ("a.xlsx", zip_bomb, "unpacks to"),
    "a zip whose directory lies": ("a.xlsx", lying_zip, "not an xlsx workbook"),
    "a zip that is no workbook": ("a.xlsx", lambda: with_part("[Content_Types].xml", b"<a/>"), "not an xlsx workbook"),
    "a zip that is cut off": ("a.xlsx", lambda: workbook(("标题",), ("修路",))[:-40], "not an xlsx workbook"),
    "macros in a workbook": ("a.xlsx", lambda: with_part("xl/vbaProject.bin", b"\xd0\xcf"), "holds macros"),
    "a formula without its value": ("a.xlsx", lambda: workbook(("标题",), ('=WEBSERVICE("http://x")',)), "a formula"),
    "entities without end": ("a.xlsx", lambda: with_part("xl/worksheets/sheet1.xml", entities), "not an xlsx workbook"),
    "a file of this machine as an entity": ("a.xlsx", lambda: with_part("xl/worksheets/sheet1.xml", outside), ""),
    "rows as wide as a sheet": ("a.xlsx", lambda: with_part("xl/worksheets/sheet1.xml", wide_rows), "no rows below"),
    "two million rows": ("a.csv", lambda: b"title\n" + b"a\n" * 2_000_000, "more than 1,000 rows"),
    "a cell of 200,000 characters": ("a.csv", f"标题\n{'长' * 200_001}\n".encode, "holds 200,001 characters"),
    "a long title and a long text": (
        *("a.csv", f"标题,正文\n{'长' * 150_000},{'长' * 150_000}\n".encode),
        "300,000 characters in title and text",
    ),
    "bytes of no encoding": ("a.csv", lambda: b"\xff\x81\x81\x20\xfe\xfe\xff\x80\x80", "neither UTF-8 nor GB18030"),
    "UTF-16 without its mark": ("a.csv", lambda: GOOD.encode("utf-16-le"), "no column that is known"),
    "a quotation mark that never closes": ("a.csv", '标题\n"关于修路的建议\n再来\n'.encode, "quotation mark"),
    "two columns of one name": ("a.csv", "标题,标题\n一,二\n".encode, "two columns mean title"),
    "no column that is known": ("a.csv", lambda: b"x,y\n1,2\n", "no column that is known"),
    "ids that come twice": ("a.csv", "编号,标题\n1,甲\n1,乙\n".encode, "already stands in line 2"),
    "a header and nothing else": ("a.csv", "标题\n".encode, "no rows below the header"),
    "a list where an object should be": ("a.jsonl", lambda: b'["title"]\n', "where an object is expected"),
    "JSON nested without end": ("a.jsonl", lambda: b"[" * 200_000, "not JSON"),
    "more cells than columns": ("a.csv", "标题\n一,二,三\n".encode, "3 cells below 1 columns"),
}
NAMES = {
    "../../etc/passwd.csv": "passwd.csv",
    "/etc/cron.d/job.csv": "job.csv",
    "C:\\Windows\\system32\\a.csv": "a.csv",
    "..\\..\\b.csv": "b.csv",
    "a\r\nX-Evil: 1.csv": "aX-Evil 1.csv",
    "a\x00.csv": "a.csv",
    "\u202evsc.exe.csv": "vsc.exe.csv",
    '"; rm -rf ~;.csv': "; rm -rf ~;.csv",
    "<script>.csv": "script.csv",
    f"{'长' * 500}.csv": f"{'长' * 96}.csv",
    "": "upload",
    "..": "upload",
}


@pytest.fixture
def hurt(desk: Desk, triager: Triager, tmp_path: Path) -> Callable[[str, bytes], Any]:
    """Hands a file in, lets the worker look at it, and gives the problem that came of it."""
    headers = desk.key("triage")
    settings = Settings(data=tmp_path, max_job_rows=1_000, max_upload_bytes=10_000_000)
    runner = JobRunner(Bench(settings, desk.store, ServedModel(triager)))

    def send(name: str, content: bytes) -> Any:
        answer = desk.client.post("/v1/jobs", data={"kind": "triage"}, files={"file": (name, content)}, headers=headers)
        if answer.status_code != 202:
            return answer.json()
        while runner.step():
            pass
        job = desk.client.get(answer.headers["location"], headers=headers).json()
        return job["problem"] if job["state"] == "failed" else job

    return send


@pytest.mark.parametrize("what", AT_ONCE)
def test_what_nobody_can_read_is_refused_at_once(hurt: Callable[..., Any], what: str) -> None:
    name, make, told = AT_ONCE[what]
    problem = hurt(name, make())
    assert (problem["code"], problem["status"]) == ("unusable-upload", 422)
    assert told in problem["detail"]
    assert problem["detail_zh"]


@pytest.mark.parametrize("what", BY_WORKER)
def test_what_cannot_be_used_fails_the_job(desk: Desk, hurt: Callable[..., Any], what: str) -> None:
    name, make, told = BY_WORKER[what]
    content = make()
    assert len(content) < 10_000_000
    problem = hurt(name, content)
    assert problem["code"] in {"unusable-upload", "too-many-rows"}, problem
    assert told in problem["detail"]
    assert "upload" not in problem["detail"]
    assert "root:" not in json.dumps(problem)
    assert desk.client.get("/v1/health").status_code == 200
    assert hurt("good.csv", GOOD.encode())["state"] == "done"


def test_the_memory_that_reading_takes_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MEMORY", 96 << 20)
    monkeypatch.setattr(uploads, "PER_BYTE", 0)
    content = "标题\n" + "".join(f"{n}{'字' * 20}\n" for n in range(300_000))
    with pytest.raises(uploads.Problem, match="more memory"):
        uploads.read("a.csv", content.encode(), Settings(max_job_rows=1_000_000))


def test_the_time_that_reading_takes_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass"
    monkeypatch.setattr(uploads, "_READ", endless)
    with pytest.raises(uploads.Problem, match="more memory or time"):
        uploads.read("a.csv", GOOD.encode(), Settings())


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_is_shown_after_cleaning_and_never_opened(name: str) -> None:
    assert uploads.clean_name(name) == NAMES[name]


def test_nothing_is_left_behind_on_the_disk(
    hurt: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    hurt("../../a.csv", GOOD.encode())
    hurt("a.xlsx", zip_bomb())
    assert list(place.iterdir()) == []


@pytest.mark.parametrize(
    ("send", "status", "code"),
    [
        ({"data": {"kind": "triage"}, "files": {"other": ("a.csv", b"x")}}, 400, "malformed-form"),
        ({"files": {"file": ("a.csv", GOOD.encode())}}, 422, "invalid-request"),
        ({"data": {"kind": "export"}, "files": {"file": ("a.csv", GOOD.encode())}}, 422, "invalid-request"),
        ({"data": {"kind": "triage", "options": "{"}, "files": {"file": ("a.csv", b"x")}}, 400, "malformed-form"),
        (
            {"data": {"kind": "triage", "options": "[" * 50_000}, "files": {"file": ("a.csv", b"x")}},
            400,
            "malformed-form",
        ),
        ({"data": {"kind": "triage", "options": "[]"}, "files": {"file": ("a.csv", b"x")}}, 422, "invalid-request"),
        ({"data": {"kind": "triage", "filter": "{}"}, "files": {"file": ("a.csv", b"x")}}, 422, "invalid-request"),
        ({"data": {"kind": "triage", "x": "1"}, "files": {"file": ("a.csv", b"x")}}, 422, "invalid-request"),
        ({"data": {f"f{n}": "1" for n in range(9)}, "files": {"file": ("a.csv", b"x")}}, 400, "malformed-form"),
        ({"data": {"kind": "x" * 200_000}, "files": {"file": ("a.csv", b"x")}}, 400, "malformed-form"),
        ({"files": [("file", ("a.csv", b"x")), ("file", ("b.csv", b"y"))]}, 400, "malformed-form"),
        ({"content": b"--x", "headers": {"Content-Type": "multipart/form-data"}}, 400, "malformed-form"),
        ({"content": b"junk", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}, 400, "malformed-form"),
        ({"content": GOOD.encode(), "headers": {"Content-Type": "text/csv"}}, 415, "unsupported-media-type"),
        ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400, "malformed-json"),
    ],
)
def test_a_form_that_is_none_is_refused(desk: Desk, send: dict[str, Any], status: int, code: str) -> None:
    headers = desk.key("triage") | send.pop("headers", {})
    answer = desk.client.post("/v1/jobs", headers=headers, **send)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def test_an_upload_is_bounded_however_it_comes(triager: Triager, sqlite_store: Any, tmp_path: Path) -> None:
    from fastapi.testclient import TestClient

    from service.app import create_app
    from service.store import keys

    settings = Settings(data=tmp_path, database=str(sqlite_store.url), max_upload_bytes=300_000)
    with sqlite_store.write("test") as writing:
        headers = {"Authorization": f"Bearer {keys.make(writing, 'x', ['triage']).token}"}
    with TestClient(create_app(settings, triager)) as client:
        for size in (300_001, 600_000):
            files = {"file": ("a.csv", b"x" * size)}
            answer = client.post("/v1/jobs", data={"kind": "triage"}, files=files, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")

        def chunks() -> Any:
            yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
            for _ in range(20):
                yield b"x" * 100_000

        form = {"Content-Type": "multipart/form-data; boundary=b"}
        answer = client.post("/v1/jobs", content=chunks(), headers=headers | form)
        assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
        assert client.get("/v1/jobs", headers=headers).json()["jobs"] == []


def test_what_reads_a_file_knows_nothing_of_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, str] = {}

    def run(*_arguments: Any, env: dict[str, str], **_named: Any) -> Any:
        seen.update(env)
        raise subprocess.TimeoutExpired("python", 1)

    for name in ("TRIAGE_DATABASE", "TRIAGE_DATABASE_FILE", "PGPASSWORD"):
        monkeypatch.setenv(name, "postgresql://clerk:secret@db/memory")
    monkeypatch.setattr(uploads.subprocess, "run", run)
    with pytest.raises(Problem, match="more memory or time"):
        uploads.read("a.csv", GOOD.encode(), Settings())
    assert "PATH" in seen
    assert not [value for value in seen.values() if "secret" in value]
