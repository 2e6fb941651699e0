"""``POST /v1/documents``, ``POST /v1/files`` and ``columns`` of jobs: what a file says before it is used."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docx
import openpyxl
import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.jobs.bench import Bench
from service.jobs.runner import JobRunner
from service.served.model import ServedModel
from service.settings import Settings
from triage.datasets import COLUMNS

if TYPE_CHECKING:
    from tests.conftest import Desk
    from triage import Triager

TABLE = "建议汇总表,,,\n案号,诉求事项,提案人,备注\n7,关于修复路灯的建议,张三,急\n8,关于增设站点的建议,李四,\n"


@pytest.fixture(scope="module")
def client(triager: Triager) -> Iterator[TestClient]:
    settings = Settings(max_job_rows=1_000, max_upload_bytes=5_000_000, max_characters=5_000)
    with TestClient(create_app(settings, triager)) as client:
        yield client


def letter(*paragraphs: str, change: Callable[[Any], None] = lambda made: None) -> bytes:
    made = docx.Document()
    for paragraph in paragraphs:
        made.add_paragraph(paragraph)
    change(made)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def sent(client: TestClient, where: str, name: str, content: bytes | str, **fields: Any) -> Any:
    file = (name, content.encode() if isinstance(content, str) else content)
    data = {field: value if isinstance(value, str) else json.dumps(value) for field, value in fields.items()}
    return client.post(f"/v1/{where}", files={"file": file}, data=data)


def seen(client: TestClient, content: bytes | str = TABLE, name: str = "来件.csv", **fields: Any) -> dict[str, Any]:
    answer = sent(client, "files", name, content, **fields)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


# --- one letter ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("信.docx", lambda: letter("关于修复路灯的建议", "", "老街路灯坏了。", "请修复。")),
        ("信.txt", "关于修复路灯的建议\n\n老街路灯坏了。\n请修复。".encode),
        ("信.TXT", lambda: "关于修复路灯的建议\r\n老街路灯坏了。\r\n请修复。".encode("gb18030")),
        ("信.md", "## 关于修复路灯的建议\n\n老街路灯坏了。\n\n请修复。\n".encode),
    ],
)
def test_a_letter_is_read(client: TestClient, name: str, content: Callable[[], bytes]) -> None:
    answer = sent(client, "documents", name, content())
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"title": "关于修复路灯的建议", "text": "老街路灯坏了。\n请修复。", "notices": []}


def test_a_letter_without_a_title_says_so(client: TestClient) -> None:
    told = sent(client, "documents", "信.txt", "老街路灯坏了，请尽快修复。").json()
    assert (told["title"], told["text"]) == ("", "老街路灯坏了，请尽快修复。")
    assert told["notices"] == ["第一行不像标题，请自己填写标题。"]


def test_what_was_not_read_of_a_word_document_is_told(client: TestClient) -> None:
    def change(made: Any) -> None:
        from docx.oxml import parse_xml

        space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        added = f'<w:ins {space} w:id="1" w:author="某"><w:r><w:t>另请增设站点。</w:t></w:r></w:ins>'
        made.paragraphs[1]._p.append(parse_xml(added))
        made.add_picture(io.BytesIO(PIXEL))

    told = sent(client, "documents", "信.docx", letter("关于修复路灯的建议", "老街路灯坏了。", change=change)).json()
    assert told["notices"] == [
        "文本框、未接受的修订或表单控件中的文字没有读取，请核对正文是否完整。",
        "文中有1张图片，图片里的文字没有读取。",
    ]


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf500f0004850180"
    "5f9be1a50000000049454e44ae426082"
)

BAD_LETTERS: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "an old .doc": ("信.doc", lambda: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512), "旧版 .doc"),
    "an old .doc under a new name": ("信.docx", lambda: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512), "旧版 .doc"),
    "a table": ("信.xlsx", lambda: b"PK\x03\x04", "不支持.xlsx文件"),
    "a picture": ("信.png", lambda: PIXEL, "不支持.png文件"),
    "no ending": ("信", lambda: b"x", "不支持没有扩展名的文件"),
    "nothing": ("信.txt", lambda: b" \n", "文件是空的"),
    "a text under the name of a document": ("信.docx", "路灯".encode, "文件内容与扩展名.docx不符"),
    "a document under the name of a text": ("信.txt", lambda: letter("路灯"), "文件内容与扩展名.txt不符"),
    "a zip that is no document": ("信.docx", lambda: archive({"a.txt": b"x"}), "不是 Word 文档"),
    "a document that is cut off": ("信.docx", lambda: letter("路灯坏了", "请修")[:-60], "不是 Word 文档"),
    "a document of pictures": ("信.docx", lambda: letter("", " "), "文件里没有文字"),
    "bytes of no encoding": ("信.txt", lambda: b"\xff\x81\x81\x20\xfe\xfe\xff\x80\x80", "编码无法识别"),
    "a zip bomb": ("信.docx", lambda: archive({"word/document.xml": b" " * 200_000_000}), "解压后过大"),
    "a text that is too long": ("信.txt", ("长" * 6_000).encode, "共6,000字，上限为5,000字"),
    "entities without end": ("信.docx", lambda: entities(letter("路灯坏了", "请修")), ""),
}


def archive(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return buffer.getvalue()


def entities(document: bytes) -> bytes:
    """A billion laughs before the letter."""
    with zipfile.ZipFile(io.BytesIO(document)) as old:
        parts = {entry.filename: old.read(entry) for entry in old.infolist()}
    lines = ['<!ENTITY a0 "ha">', *(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))]
    body = parts["word/document.xml"].replace(b"?>", f"?><!DOCTYPE d [{''.join(lines)}]>".encode(), 1)
    parts["word/document.xml"] = body.replace("路灯坏了".encode(), b"&a9;")
    return archive(parts)


@pytest.mark.parametrize("what", BAD_LETTERS)
def test_what_is_no_letter_is_refused_with_a_remedy(client: TestClient, what: str) -> None:
    name, make, told = BAD_LETTERS[what]
    answer = sent(client, "documents", name, make())
    if what == "entities without end" and answer.status_code == 200:
        assert len(answer.json()["text"]) < 5_000
        return
    assert (answer.status_code, answer.json()["code"]) == (422, "unusable-upload"), answer.text
    assert told in answer.json()["detail_zh"]
    assert tempfile.gettempdir() not in answer.text
    assert "upload." not in answer.text


# --- a table ---------------------------------------------------------------------------------------------------------


def test_a_file_says_what_its_columns_mean(client: TestClient) -> None:
    found = seen(client)
    assert (found["name"], found["rows"], found["header_line"], found["sheet"]) == ("来件.csv", 2, 2, "")
    assert found["columns"] == [
        {"header": "案号", "field": "id", "likely": None, "examples": ["7", "8"]},
        {
            "header": "诉求事项",
            "field": None,
            "likely": "title",
            "examples": ["关于修复路灯的建议", "关于增设站点的建议"],
        },
        {"header": "提案人", "field": "proposers", "likely": None, "examples": ["张三", "李四"]},
        {"header": "备注", "field": None, "likely": None, "examples": ["急"]},
    ]
    assert found["missing"] == ["title"]
    assert found["problems"][0]["detail_zh"] == "没有找到“标题”或“正文”列，请指定哪一列是它"
    assert [(one["field"], one["header_zh"]) for one in found["fields"]] == [
        (name, headers[0]) for name, headers in COLUMNS.items()
    ]
    assert [one["field"] for one in found["fields"] if one["needed"]] == ["title"]


def test_what_the_clerk_says_is_tried(client: TestClient) -> None:
    found = seen(client, columns={"诉求事项": "title", "提案人": None})
    assert [one["field"] for one in found["columns"]] == ["id", "title", None, None]
    assert (found["missing"], found["problems"]) == ([], [])


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig", "utf-16"])
def test_encodings_of_offices_are_read(client: TestClient, encoding: str) -> None:
    assert seen(client, TABLE.encode(encoding))["columns"] == seen(client)["columns"]


def test_sheets_of_a_workbook_are_told(client: TestClient) -> None:
    book = openpyxl.Workbook()
    book.active.append(["说明"])  # type: ignore[union-attr]
    for name in ("人大", "政协"):
        page = book.create_sheet(name)
        page.append(["案由", "承办单位"])
        page.append([f"关于{name}的建议", "公安局"])
    buffer = io.BytesIO()
    book.save(buffer)
    found = seen(client, buffer.getvalue(), "来件.xlsx")
    assert (found["sheet"], found["other_sheets"]) == ("人大", ["Sheet", "政协"])
    assert seen(client, buffer.getvalue(), "来件.xlsx", sheet="政协")["columns"][0]["examples"] == ["关于政协的建议"]
    refused = sent(client, "files", "来件.xlsx", buffer.getvalue(), sheet="没有")
    assert "没有名为“没有”的工作表" in refused.json()["detail_zh"]


def test_rows_that_cannot_be_read_are_told_with_their_lines(client: TestClient) -> None:
    found = seen(client, "标题,日期\n修路,2026-03-01\n修桥,去年\n,2026-03-02\n")
    assert found["problems"] == [
        {
            "detail": "date (日期) is '去年'; write it as 2024-03-01.",
            "detail_zh": "“日期”不是日期，请写成 2024-03-01 的样子",
            "pointer": "#/lines/3",
        },
        {
            "detail": "title and text are both empty. Fill one in or leave the row out.",
            "detail_zh": "标题和正文都是空的，请填写其中一项或删去这一行",
            "pointer": "#/lines/4",
        },
    ]


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"columns": "{"}, 400, "malformed-form"),
        ({"columns": "[" * 5_000}, 400, "malformed-form"),
        ({"columns": "[]"}, 422, "invalid-request"),
        ({"columns": '"x"'}, 422, "invalid-request"),
        ({"columns": '{"案号": 7}'}, 422, "invalid-request"),
        ({"columns": '{"案号": "nonsense"}'}, 422, "invalid-request"),
        ({"columns": json.dumps({str(one): "title" for one in range(201)})}, 422, "invalid-request"),
        ({"columns": json.dumps({"长" * 501: "title"})}, 422, "invalid-request"),
        ({"columns": '{"没有": "title"}'}, 422, "unusable-upload"),
        ({"colums": "{}"}, 422, "invalid-request"),
        ({"sheet": "长" * 101}, 422, "invalid-request"),
    ],
)
def test_a_choice_without_sense_is_refused(client: TestClient, fields: dict[str, str], status: int, code: str) -> None:
    answer = sent(client, "files", "来件.csv", TABLE, **fields)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json()["detail_zh"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("来件.xls", b"\xd0\xcf\x11\xe0", "不支持.xls文件"),
        ("来件.csv", b"", "文件是空的"),
        ("来件.xlsx", bytes.fromhex("d0cf11e0a1b11ae1"), "旧版 .xls"),
        ("来件.jsonl", b"[" * 100_000, "不是 JSON"),
        ("来件.csv", b"title\n" + b"a\n" * 2_000, "超过1,000行的上限"),
        ("来件.csv", '标题\n"路灯\n'.encode(), "引号"),
    ],
)
def test_what_is_no_table_is_refused_with_a_remedy(client: TestClient, name: str, content: bytes, told: str) -> None:
    answer = sent(client, "files", name, content)
    assert answer.status_code in {413, 422}
    assert told in answer.json()["detail_zh"]
    assert tempfile.gettempdir() not in answer.text


@pytest.mark.parametrize("where", ["files", "documents"])
def test_what_is_no_form_is_refused(client: TestClient, where: str) -> None:
    assert client.post(f"/v1/{where}", json={}).status_code == 415
    assert client.post(f"/v1/{where}", data={"file": "x"}, files={"x": ("a.csv", b"x")}).status_code == 400
    assert client.post(f"/v1/{where}", content=b"x", headers={"Content-Type": "multipart/form-data"}).status_code == 400
    large = sent(client, where, "a.csv", b"x" * 5_000_001)
    assert (large.status_code, large.json()["code"]) == (413, "body-too-large")


def test_a_key_that_only_reads_may_not_have_files_read(desk: Desk) -> None:
    for where in ("files", "documents"):
        file = {"file": ("a.txt", b"x")}
        assert desk.client.post(f"/v1/{where}", files=file).status_code == 401
        assert desk.client.post(f"/v1/{where}", files=file, headers=desk.key("read")).status_code == 403


# --- a job -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(desk: Desk, triager: Triager, tmp_path: Path) -> JobRunner:
    """A worker, to be stepped by hand."""
    return JobRunner(Bench(Settings(data=tmp_path), desk.store, ServedModel(triager)))


def worked(desk: Desk, run: JobRunner, headers: dict[str, str], data: dict[str, str], content: str = TABLE) -> Any:
    file = {"file": ("来件.csv", content.encode())}
    answer = desk.client.post("/v1/jobs", data={"kind": "check", **data}, files=file, headers=headers)
    assert answer.status_code == 202, answer.text
    while run.step():
        pass
    return desk.client.get(answer.headers["location"], headers=headers).json()


@pytest.mark.parametrize(
    "data",
    [
        {"columns": '{"诉求事项": "title", "备注": null}'},
        {"options": '{"columns": {"诉求事项": "title", "备注": ""}}'},
        {"options": '{"on": "2026-03-05"}', "columns": '{"诉求事项": "title"}', "sheet": ""},
    ],
)
def test_a_job_is_told_what_columns_mean(desk: Desk, run: JobRunner, data: dict[str, str]) -> None:
    headers = desk.key("triage")
    job = worked(desk, run, headers, data)
    assert (job["state"], job["total"], job["failures"]) == ("done", 2, 0), job
    lines = desk.client.get(job["result"], headers=headers).text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["7", "8"]


def test_a_job_that_is_not_told_fails_in_chinese(desk: Desk, run: JobRunner) -> None:
    job = worked(desk, run, desk.key("triage"), {})
    assert job["problem"]["code"] == "unusable-upload"
    assert "请指定哪一列是它" in job["problem"]["detail_zh"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"columns": {"案号": "nonsense"}}, "a column holds one of id, title"),
        ({"columns": {"案号": 7}}, ""),
        ({"columns": []}, ""),
        ({"sheet": 7}, ""),
    ],
)
def test_options_without_sense_are_refused(desk: Desk, options: dict[str, Any], told: str) -> None:
    file, headers = {"file": ("来件.csv", TABLE.encode())}, desk.key("triage")
    data = {"kind": "check", "options": json.dumps(options)}
    answer = desk.client.post("/v1/jobs", data=data, files=file, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")
    assert told in answer.text


def test_columns_are_of_a_file(desk: Desk) -> None:
    body = {"kind": "check", "options": {"columns": {"案号": "id"}}}
    answer = desk.client.post("/v1/jobs", json=body, headers=desk.key("triage"))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")
    assert "of a file" in answer.json()["detail"]
