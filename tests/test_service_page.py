"""The clerk's page: which of its files are served, with what headers, and what is never served."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.endpoints import page
from service.serve import announcement
from service.settings import Settings
from triage import Triager

INDEX = '<!doctype html><html lang="zh-CN"><script type="module" src="/page/scripts/main.js"></script></html>\n'
OUTSIDE = "nobody may read this"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The page's folder with a file of each kind, and a file beside it."""
    (tmp_path / "outside.js").write_text(OUTSIDE)
    folder = tmp_path / "page"
    for name, text in {
        "index.html": INDEX,
        "package.json": "{}",
        ".npmrc": OUTSIDE,
        "scripts/main.js": 'import "./html.js";\n',
        "scripts/.hidden.js": OUTSIDE,
        "scripts/notes.md": OUTSIDE,
        "styles/page.css": "body { margin: 0 }\n",
        "styles/icon.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
        "vendor/lit-html/lit-html.js": "export {};\n",
        "vendor/lit-html/LICENSE": "BSD 3-Clause License\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    monkeypatch.setattr(page, "FOLDER", folder)
    return folder


@pytest.fixture
def client(folder: Path, triager: Triager) -> Iterator[TestClient]:
    assert folder.is_dir()
    with TestClient(create_app(Settings(), triager)) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/page/index.html", "text/html; charset=utf-8"),
        ("/page/scripts/main.js", "text/javascript; charset=utf-8"),
        ("/page/styles/page.css", "text/css; charset=utf-8"),
        ("/page/styles/icon.svg", "image/svg+xml"),
        ("/page/vendor/lit-html/lit-html.js", "text/javascript; charset=utf-8"),
        ("/page/vendor/lit-html/LICENSE", "text/plain; charset=utf-8"),
    ],
)
def test_each_file_has_its_media_type_and_the_headers_of_the_page(
    client: TestClient, folder: Path, path: str, media_type: str
) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert answer.content == (folder / (path.removeprefix("/page/") if path != "/" else "index.html")).read_bytes()
    assert answer.headers.items() >= {name.lower(): value for name, value in page.HEADERS.items()}.items()
    told = client.head(path)
    assert (told.status_code, told.content, told.headers["etag"]) == (200, b"", answer.headers["etag"])


def test_the_policy_allows_nothing_from_elsewhere_and_nothing_inside_of_markup() -> None:
    allowed = dict(part.split(" ", 1) for part in page.POLICY.split("; "))
    assert allowed["default-src"] == allowed["base-uri"] == allowed["form-action"] == "'none'"
    assert allowed["frame-ancestors"] == "'none'"
    assert allowed["script-src"] == allowed["style-src"] == allowed["connect-src"] == "'self'"
    assert not [word for word in ("unsafe", "http", "*") if word in page.POLICY]


def test_a_file_is_sent_again_only_when_it_has_changed(client: TestClient, folder: Path) -> None:
    tag = client.get("/page/scripts/main.js").headers["etag"]
    again = client.get("/page/scripts/main.js", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert again.headers["content-security-policy"] == page.POLICY
    (folder / "scripts" / "main.js").write_text("export {};\n")
    changed = client.get("/page/scripts/main.js", headers={"If-None-Match": tag})
    assert (changed.status_code, changed.text) == (200, "export {};\n")


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip, deflate, br", True),
        ("br, GZIP;q=0.5", True),
        ("identity", False),
        ("gzip;q=0", False),
        ("x-gzip", False),
    ],
)
def test_a_file_is_packed_where_the_browser_takes_that(
    client: TestClient, folder: Path, accepted: str, packed: bool
) -> None:
    text = "/* 建议 */\n" * 200
    (folder / "styles" / "long.css").write_text(text, encoding="utf-8")
    answer = client.get("/page/styles/long.css", headers={"Accept-Encoding": accepted})
    assert (answer.headers.get("content-encoding") == "gzip") is packed
    assert answer.text == text
    assert (int(answer.headers["content-length"]) < len(text) / 4) is packed
    assert answer.headers["vary"] == "Accept-Encoding"
    other = client.get("/page/styles/long.css", headers={"Accept-Encoding": "identity"})
    assert other.headers["etag"] == answer.headers["etag"]


@pytest.mark.parametrize(
    "path",
    [
        "/page",
        "/page/",
        "/page/scripts",
        "/page/scripts/",
        "/page/scripts/none.js",
        "/page/package.json",
        "/page/.npmrc",
        "/page/scripts/.hidden.js",
        "/page/scripts/notes.md",
        "/page/../outside.js",
        "/page/%2e%2e/outside.js",
        "/page/..%2foutside.js",
        "/page/scripts/%2e%2e/%2e%2e/outside.js",
        "/page/scripts/..%5c..%5coutside.js",
        "/page//etc/hosts.js",
        "/page/%00.js",
        "/page/" + "a" * 5_000 + ".js",
    ],
)
def test_what_is_no_file_of_the_page_is_a_problem_document(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert OUTSIDE not in answer.text


def test_a_link_leads_out_of_the_folder_no_more_than_a_path_does(client: TestClient, folder: Path) -> None:
    (folder / "scripts" / "link.js").symlink_to(folder.parent / "outside.js")
    assert client.get("/page/scripts/link.js").status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_files_are_only_read(client: TestClient, method: str) -> None:
    answer = client.request(method, "/page/scripts/main.js")
    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")


def test_without_the_library_the_page_says_in_chinese_what_to_run(client: TestClient, folder: Path) -> None:
    (folder / page.LIBRARY).unlink()
    answer = client.get("/")
    assert answer.status_code == 503
    assert "make page" in answer.text
    assert answer.headers["content-security-policy"] == page.POLICY
    assert answer.headers["cache-control"] == "no-store"
    assert client.get("/v1/health").status_code == 200


def test_log_and_metrics_know_one_path_for_all_files(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="service.access"):
        for path in ("/", "/page/scripts/main.js", "/page/styles/page.css", "/page/secret-word.js"):
            client.get(path)
    logged = [record.fields["path"] for record in caplog.records if record.name == "service.access"]  # type: ignore[attr-defined]
    assert logged == ["/", "/page/{name}", "/page/{name}", "/page/{name}"]
    assert "secret-word" not in caplog.text
    counted = client.get("/metrics").text
    assert 'path="/page/{name}"' in counted
    assert "main.js" not in counted


def test_the_page_is_no_part_of_the_interface(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert not [path for path in paths if path == "/" or path.startswith("/page")]


def test_the_page_can_be_switched_off(triager: Triager) -> None:
    assert Settings.from_environment({"TRIAGE_PAGE": "0"}).page is False
    with TestClient(create_app(Settings(page=False), triager)) as client:
        for path in ("/", "/page/index.html", "/page/scripts/main.js"):
            assert (client.get(path).status_code, client.get(path).json()["code"]) == (404, "not-found")


def test_the_terminal_names_the_page_with_the_demo_key_where_no_server_sees_it() -> None:
    lines = announcement("http://127.0.0.1:1", "127.0.0.1", memory=True, key="tk_a_b", page=True).splitlines()
    assert "The clerk's page: http://127.0.0.1:1/#key=tk_a_b" in lines
    lines = announcement("http://127.0.0.1:1", "127.0.0.1", memory=True, page=True).splitlines()
    assert "The clerk's page: http://127.0.0.1:1/" in lines
    assert "The clerk's page" not in announcement("http://127.0.0.1:1", "127.0.0.1")
