"""``GET /v1/units``, ``GET /v1/topics``: what a clerk can choose, with and without a memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.served.model import Answering
from service.served.place import Place
from service.settings import Settings
from service.store.decisions import today
from triage.catalogue import Catalogue, Unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Desk
    from triage import Triager


@pytest.fixture(scope="module")
def client(triager: Triager) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(), triager)) as client:
        yield client


def found(client: TestClient, **asked: Any) -> list[dict[str, Any]]:
    answer = client.get("/v1/units", params=asked)
    assert answer.status_code == 200, answer.text
    units: list[dict[str, Any]] = answer.json()["units"]
    return units


def test_initials_find_a_unit(client: TestClient, triager: Triager) -> None:
    first = found(client, q="gaj")[0]
    assert (first["unit"], first["matched"], first["written"], first["successor_of"]) == (
        *("公安局", "initials", "公安局"),
        "",
    )
    assert first["unit"] in triager.units


def test_without_a_query_all_units_come_in_order(client: TestClient, triager: Triager) -> None:
    assert [one["unit"] for one in found(client)] == list(triager.units)
    assert found(client, q=" ") == found(client)
    assert len(found(client, limit=2)) == 2
    assert len(found(client, q="j")) <= 10


@pytest.mark.parametrize(
    "asked", [{"limit": 0}, {"limit": 2001}, {"q": "长" * 101}, {"limit": "viele"}, {"Q": "gaj"}, {"q": "\u200b"}]
)
def test_a_query_without_sense_is_refused(client: TestClient, asked: dict[str, Any]) -> None:
    assert client.get("/v1/units", params=asked).status_code == 422


def test_topics_come_with_their_paths(client: TestClient, triager: Triager) -> None:
    topics = client.get("/v1/topics").json()["topics"]
    assert len(topics) == len(triager.catalogue.topics) > 0
    assert all(one["path"][-1] == one["name"] for one in topics)
    assert any(len(one["path"]) > 1 for one in topics)


def test_with_a_memory_a_key_is_needed(desk: Desk) -> None:
    for path in ("/v1/units", "/v1/topics"):
        assert desk.client.get(path).status_code == 401
        assert desk.client.get(path, headers=desk.key("read")).status_code == 200


def test_units_are_those_of_the_catalogue_in_force_and_of_the_model(triager: Triager) -> None:
    catalogue = Catalogue(
        (
            Unit("new", "住房城乡建设和交通局", "住建交通局", level="县"),
            Unit("old", "交通运输局", succeeded_by=("new",)),
            Unit("police", "清河县公安局", "县公安局", aliases=("公安局",), level="县"),
        )
    )
    now = Answering(triager, place=Place(1, catalogue))
    names = {one.unit: one for one in now.units(today()).units}
    assert {"住房城乡建设和交通局", "清河县公安局", "教育局"} <= names.keys()
    assert not {"交通运输局", "公安局"} & names.keys(), "one that somebody took over from, one that is another name"
    (first, *_) = now.units(today()).find("jtysj")
    assert (first.unit, first.successor_of) == ("住房城乡建设和交通局", "交通运输局")
    assert now.units(today()) is now.units(today())
    assert now.units(today()) is not now.units(today().replace(year=2000))


def test_every_unit_that_is_offered_can_be_decided(triager: Triager) -> None:
    catalogue = Catalogue((Unit("police", "清河县公安局"), Unit("two", "教育局、体育局"), Unit("three", "科技 局")))
    for place in (Place(), Place(1, catalogue)):
        now = Answering(triager, place=place)
        for one in now.units(today()).units:
            assert now.names.read(one.unit, today()).units == (one.unit,)


def test_a_unit_that_only_the_model_knows_is_decided_over_http(triager: Triager, desk: Desk, tmp_path: Path) -> None:
    headers = desk.key("admin")
    files = {"units.csv": "code,name,duties\nga,清河县公安局,治安\n"}
    put = desk.client.post(
        "/v1/catalogue", json={"files": files, "reason": "试"}, headers=headers | {"If-None-Match": "*"}
    )
    assert put.status_code == 201, put.text
    asked = {"suggestions": [{"id": "A1", "title": "关于增加学位的建议"}]}
    assert desk.client.post("/v1/suggestions", json=asked, headers=headers).is_success
    offered = desk.client.get("/v1/units", params={"q": "jyj"}, headers=headers).json()["units"]
    assert offered[0]["unit"] == "教育局"
    body = {"lead": ["教育局"], "co": ["清河县公安局"]}
    made = desk.client.put("/v1/suggestions/A1/decision", json=body, headers=headers | {"If-None-Match": "*"})
    assert made.status_code == 200, made.text
    assert (made.json()["lead"], made.json()["co"], made.json()["notices"]) == (["教育局"], ["清河县公安局"], [])
    refused = desk.client.put(
        "/v1/suggestions/A1/decision", json={"lead": ["无此局"]}, headers=headers | {"If-Match": '"1"'}
    )
    assert refused.json()["code"] == "unknown-unit"
