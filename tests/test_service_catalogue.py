"""The catalogue over HTTP: read, looked at, changed by one at a time, and followed by what answers."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from fastapi.encoders import jsonable_encoder
from fastapi.testclient import TestClient
from sqlalchemy import select

from service.app import create_app
from service.served.model import Answering
from service.served.place import place_of
from service.served.preview import preview
from service.settings import Settings
from service.store import catalogues, decisions, keys, suggestions
from service.store.errors import Changed, NotThere
from service.store.store import Store
from service.store.tables_service import TrailRow
from triage import CatalogueError, Triager
from triage.catalogue import load_catalogue, load_office
from triage.catalogue.handed_in import FILES, read_texts
from triage.precheck.precheck import Precheck
from triage.records import Suggestion

UNITS = "code,name,duties\nlamp,路灯管理所,路灯安装与维修\nwater,水务站,供水与排水\n"
MERGED = (
    "code,name,duties,active_to,succeeded_by\n"
    "lamp,路灯管理所,路灯安装与维修,2025-06-30,city\n"
    "city,市政服务中心,路灯安装与维修;道路养护,,\n"
    "water,水务站,供水与排水,,\n"
)
RULES = "id,kind,name,pattern,examples,counterexamples\nask,提示,夜间照明,没有亮,渡口的路灯三天没有亮。,路灯修好了。\n"
LAMP, WELL = "关于修好渡口路灯的建议", "关于清洗老井的建议"


class Desk:
    """The service with a memory, an admin's key and a reader's."""

    def __init__(self, client: TestClient, store: Store) -> None:
        self.client, self.store = client, store
        with store.write("test") as writing:
            self.admin = {"Authorization": f"Bearer {keys.make(writing, 'admin', ['admin']).token}"}
            self.reader = {"Authorization": f"Bearer {keys.make(writing, 'reader', ['triage']).token}"}

    def get(self, path: str = "") -> Any:
        return self.client.get(f"/v1/catalogue{path}", headers=self.reader)

    def change(self, files: dict[str, str], seen: int, reason: str = "机构改革", **headers: str) -> Any:
        given = self.admin | {"If-Match": f'"{seen}"'} | headers
        return self.client.post("/v1/catalogue", json={"files": files, "reason": reason}, headers=given)

    def preview(self, files: dict[str, str], **rest: Any) -> Any:
        return self.client.post("/v1/catalogue/preview", json={"files": files, **rest}, headers=self.admin)

    def tags(self, text: str) -> list[str]:
        body = {"suggestions": [{"title": "关于路灯的建议", "text": text}]}
        answer = self.client.post("/v1/check", json=body, headers=self.reader)
        assert answer.status_code == 200, answer.text
        return [tag["rule"] for tag in answer.json()["results"][0]["tags"]]


@pytest.fixture
def served(triager: Triager, sqlite_store: Store, tmp_path: Path) -> Iterator[Desk]:
    settings = Settings(data=tmp_path / "memory", database=str(sqlite_store.url), rate=0, queue=64)
    with TestClient(create_app(settings, triager)) as client:
        yield Desk(client, sqlite_store)


# --- versions in the store -------------------------------------------------------------------------------------------


def test_versions_are_added_and_never_changed(store: Store) -> None:
    with store.read() as session:
        assert (catalogues.latest(session), catalogues.versions(session)) == (0, [])
        with pytest.raises(NotThere, match="no catalogue version 1"):
            catalogues.version(session, 1)
    with store.write("test") as writing:
        catalogues.add(writing, {"units.csv": UNITS}, reason="first", expected=0)
    with store.write("test") as writing:
        with pytest.raises(Changed) as refused:
            catalogues.add(writing, {"units.csv": MERGED}, reason="late", expected=0)
        assert refused.value.current["number"] == 1
    with store.write("test") as writing:
        catalogues.add(writing, {"units.csv": MERGED}, reason="second", expected=1)
    with store.read() as session:
        assert [(row.number, row.files["units.csv"]) for row in catalogues.versions(session)] == [
            (2, MERGED),
            (1, UNITS),
        ]
        entries = session.scalars(select(TrailRow).where(TrailRow.action == "catalogue.changed")).all()
        assert [(entry.subject, entry.details["before"]) for entry in entries] == [("1", 0), ("2", 1)]
        assert "机构" not in json.dumps([entry.details for entry in entries])


def test_two_at_once_and_one_is_told_of_the_other(store: Store) -> None:
    begin = threading.Barrier(2)

    def change(reason: str) -> str:
        begin.wait()
        try:
            with store.write("test") as writing:
                catalogues.add(writing, {"units.csv": UNITS}, reason=reason, expected=0)
        except Changed as error:
            return f"told of {error.current['reason']}"
        return reason

    with ThreadPoolExecutor(2) as pool:
        said = set(pool.map(change, ("one", "two")))
    assert said in ({"one", "told of one"}, {"two", "told of two"})


def test_a_preview_reads_either_database(store: Store, triager: Triager) -> None:
    with store.write("test") as writing:
        for place, (title, lead) in enumerate(((LAMP, "路灯管理所"), (WELL, "水务站"))):
            row = suggestions.create(writing, Suggestion(f"s{place}", title))
            decisions.decide(writing, row, lead=[lead], expected=0)
        row = suggestions.create(writing, Suggestion("asked", "关于南桥路灯的建议", "南桥的路灯三天没有亮。"))
        for unit in ("水务站", "路灯管理所"):
            suggestions.keep_answer(writing, row, {"lead": [{"unit": unit, "score": 0.9}]}, "m", "1")
        suggestions.create(writing, Suggestion("hidden", LAMP, "南桥的路灯三天没有亮。", confidential=True))
    before = Answering(triager, place=place_of(1, {"units.csv": UNITS}))
    new = place_of(2, {"units.csv": MERGED, "rules.csv": RULES})
    told = preview(before, store, new, most=100, confidential=False)
    assert (told["open"], told["looked_at"]) == (3, 3)
    assert told["difference"]["merged"] == ({"unit": "路灯管理所", "today": ("市政服务中心",)},)
    assert told["units"]["by_unit"] == [{"unit": "路灯管理所", "today": ["市政服务中心"], "suggestions": 2}]
    assert [(one["id"], one["role"]) for one in told["units"]["listed"]] == [("s0", "lead"), ("asked", "suggested")]
    assert told["rules"]["newly"] == {"ask": 1}
    assert [one["id"] for one in told["rules"]["listed"]] == ["asked"]
    assert any("市政服务中心" in notice for notice in told["notices"]), "the model cannot be told of it"
    assert preview(before, store, new, most=100, confidential=True)["rules"]["newly"] == {"ask": 2}
    few = preview(before, store, new, most=1, confidential=False)
    assert (few["open"], few["looked_at"]) == (3, 1)
    nothing = preview(before, store, before.place, most=100, confidential=False)
    assert (nothing["units"]["suggestions"], nothing["rules"]["newly"]) == (0, {})


# --- over HTTP -------------------------------------------------------------------------------------------------------


def test_without_a_version_the_models_own_catalogue_is_in_force(served: Desk, triager: Triager) -> None:
    answer = served.get()
    assert (answer.json()["number"], answer.headers["etag"]) == (None, '"0"')
    assert answer.json()["catalogue"] == triager.catalogue.to_dict()
    assert served.get("/versions").json() == {"versions": []}
    assert served.get("/versions/1").status_code == 404


def test_the_starting_folder_is_version_0_as_the_library_reads_it(
    triager: Triager, sqlite_store: Store, root: Path, tmp_path: Path
) -> None:
    folder = root / "examples" / "places" / "zhenxi-county"
    given = Settings(data=tmp_path / "memory", database=str(sqlite_store.url), catalogue=folder)
    with TestClient(create_app(given, triager)) as client:
        desk = Desk(client, sqlite_store)
        found = desk.get().json()
        assert found["number"] == client.get("/v1/ready").json()["catalogue"] == 0
        assert found["catalogue"] == load_catalogue(folder).to_dict()
        assert found["office"] == jsonable_encoder(asdict(load_office(folder)))
        assert desk.change({"units.csv": UNITS}, 0).status_code == 201
        assert desk.get().json()["number"] == client.get("/v1/ready").json()["catalogue"] == 1


def test_the_models_own_catalogue_is_written_out_as_files_that_can_be_handed_in(served: Desk, triager: Triager) -> None:
    answer = served.get("/files")
    assert (answer.status_code, answer.json()["number"], answer.headers["etag"]) == (200, None, '"0"')
    files = answer.json()["files"]
    assert read_texts(files).catalogue == triager.catalogue
    assert answer.json()["columns"]["units.csv"]["name"][0] == "名称"
    assert "乡镇" in answer.json()["levels"]
    assert served.preview(files).json()["difference"]["changed"] == []
    made = served.change(files, 0)
    assert made.status_code == 201, made.text
    assert served.get("/files").json()["files"] == files
    assert served.change({"units.csv": UNITS, "rules.csv": RULES}, 1).status_code == 201
    later = served.get("/files")
    assert (later.json()["number"], later.headers["etag"]) == (2, '"2"')
    assert later.json()["files"] == {"units.csv": UNITS, "rules.csv": RULES}
    first = served.get("/files?start=true").json()
    assert (first["number"], first["files"]) == (None, files)
    notices = served.get().json()["notices"]
    assert any("水务站" in notice for notice in notices), "the model cannot answer with it"


def test_the_files_of_the_starting_folder_are_those_of_the_folder(
    triager: Triager, sqlite_store: Store, root: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "zhenxi"
    shutil.copytree(root / "examples" / "places" / "zhenxi-county", folder)
    (folder / "units.csv").write_bytes((folder / "units.csv").read_text(encoding="utf-8-sig").encode("gb18030"))
    given = Settings(data=tmp_path / "memory", database=str(sqlite_store.url), catalogue=folder)
    with TestClient(create_app(given, triager)) as client:
        desk = Desk(client, sqlite_store)
        answer = desk.get("/files")
        assert (answer.json()["number"], answer.headers["etag"]) == (0, '"0"')
        assert read_texts(answer.json()["files"]).catalogue == load_catalogue(folder)
        assert set(answer.json()["files"]) == {path.name for path in folder.iterdir()} & set(FILES)
        (folder / "days.csv").write_bytes(b"\xff\xfe")
        refused = desk.get("/files")
        assert (refused.status_code, refused.json()["code"]) == (422, "catalogue-refused")
        assert "days.csv:1" in refused.json()["detail"]
        assert str(tmp_path) not in refused.text


def test_a_version_is_followed_at_once_and_by_other_processes_soon(served: Desk, triager: Triager) -> None:
    text = "渡口的路灯三天没有亮。"
    assert served.tags(text) == []
    made = served.change({"units.csv": UNITS, "rules.csv": RULES}, 0)
    assert made.status_code == 201, made.text
    assert (made.headers["etag"], made.headers["location"]) == ('"1"', "/v1/catalogue/versions/1")
    assert served.tags(text) == ["ask"]
    place = place_of(1, {"units.csv": UNITS, "rules.csv": RULES})
    assert place.catalogue is not None
    assert place.office is not None
    (same,) = Precheck(place.catalogue, place.office).check([Suggestion(title="关于路灯的建议", text=text)])
    assert [tag.rule for tag in same.tags] == ["ask"]
    with served.store.write("another process") as writing:
        catalogues.add(writing, {"units.csv": MERGED}, reason="x", expected=1)
    model = served.client.app.state.model  # type: ignore[attr-defined]
    model.look()  # the task of the process does it each second
    assert served.client.get("/v1/ready").json()["catalogue"] == 2
    assert model.now().place.version == "2"
    assert served.tags(text) == []
    assert served.client.get("/v1/model", headers=served.reader).json()["catalogue_version"] == 2


def test_who_comes_second_gets_409_with_what_stands(served: Desk) -> None:
    assert served.change({"units.csv": UNITS}, 0, "one").status_code == 201
    late = served.change({"units.csv": MERGED}, 0, "two")
    assert (late.status_code, late.json()["code"]) == (409, "changed")
    assert (late.json()["current"]["number"], late.json()["current"]["reason"]) == (1, "one")
    blind = served.client.post(
        "/v1/catalogue", json={"files": {"units.csv": UNITS}, "reason": "x"}, headers=served.admin
    )
    assert blind.json()["code"] == "precondition-needed"
    assert [one["number"] for one in served.get("/versions").json()["versions"]] == [1]
    assert served.get("/versions/1").json()["files"] == {"units.csv": UNITS}


def test_sent_twice_there_is_one_version(served: Desk) -> None:
    key = {"Idempotency-Key": "once"}
    first, second = (served.change({"units.csv": UNITS}, 0, **key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert len(served.get("/versions").json()["versions"]) == 1


@pytest.mark.parametrize(
    ("files", "file", "words"),
    [
        ({"rules.csv": RULES}, "units.csv", "needs at least this file"),
        ({"units.csv": ""}, "units.csv", "is empty"),
        ({"units.csv": UNITS + "lamp,又一个,x\n"}, "units.csv", "repeats the code"),
        (
            {"units.csv": UNITS, "rules.csv": RULES.replace("渡口的路灯三天没有亮。,", "别的话。,")},
            "rules.csv",
            "example",
        ),
        ({"units.csv": UNITS, "office.toml": "name = ["}, "office.toml", ":1"),
        ({"units.csv": UNITS, "areas.csv": 'code,name\n"a'}, "areas.csv", "quote"),
    ],
)
def test_errors_are_told_with_file_and_line_and_change_nothing(
    served: Desk, files: dict[str, str], file: str, words: str
) -> None:
    for answer in (served.change(files, 0), served.preview(files)):
        document = answer.json()
        assert (answer.status_code, document["code"]) == (422, "catalogue-refused"), answer.text
        assert {finding["pointer"] for finding in document["errors"]} == {f"#/files/{file}"}
        assert any(words in finding["detail"] for finding in document["errors"]), document["errors"]
        assert all(finding["detail_zh"].startswith(f"{file}第") for finding in document["errors"]), document["errors"]
    assert served.get("/versions").json() == {"versions": []}


@pytest.mark.parametrize("name", ["passwd", "../units.csv", "units.CSV", ""])
def test_a_file_that_is_none_of_a_catalogue_is_refused(served: Desk, name: str) -> None:
    answer = served.preview({"units.csv": UNITS, name: "x"})
    assert (answer.status_code, answer.json()["code"]) == (422, "unusable-input")


def test_a_preview_over_http_warns_and_changes_nothing(served: Desk) -> None:
    assert served.change({"units.csv": UNITS}, 0).status_code == 201
    answer = served.preview({"units.csv": MERGED.replace("供水与排水", "")}, most=10)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["number"] == 1
    assert [(one["severity"], one["line"]) for one in found["findings"]] == [("warning", 4)]
    assert "没有写职责" in found["findings"][0]["message_zh"]
    assert found["difference"]["merged"] == [{"unit": "路灯管理所", "today": ["市政服务中心"]}]
    assert served.get().json()["number"] == 1


def test_only_an_admin_changes_it(served: Desk) -> None:
    body = {"files": {"units.csv": UNITS}, "reason": "x"}
    for path in ("", "/preview"):
        answer = served.client.post(f"/v1/catalogue{path}", json=body, headers=served.reader)
        assert (answer.status_code, answer.json()["code"]) == (403, "scope-needed")


def test_a_stored_version_that_this_release_cannot_read_leaves_the_old_one(served: Desk) -> None:
    assert served.change({"units.csv": UNITS}, 0).status_code == 201
    with pytest.raises(CatalogueError, match="version 2 cannot be used"):
        place_of(2, {"units.csv": "nonsense"})
    with served.store.write("test") as writing:
        catalogues.add(writing, {"units.csv": "nonsense"}, reason="x", expected=1)
    model = served.client.app.state.model  # type: ignore[attr-defined]
    assert not model.look()
    assert served.client.get("/v1/ready").json()["catalogue"] == 1
    found = served.client.get("/v1/models", headers=served.reader).json()
    assert found["trouble"] == "CatalogueError"
