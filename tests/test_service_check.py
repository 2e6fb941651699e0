"""`/v1/check`: the pre-check over HTTP, by the rules of the office's own folder."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.logs import JsonLines
from service.settings import Settings
from service.shapes.answers import CheckResponse
from service.shapes.examples_check import CHECKS, OWN_WAGES, TWO_MATTERS
from service.shapes.schemas import SuggestionIn
from triage import Triager
from triage.catalogue import load_catalogue, load_office
from triage.datasets import read_cases
from triage.errors import CatalogueError
from triage.precheck.precheck import Precheck

BOTH = {"suggestions": [TWO_MATTERS, OWN_WAGES]}


@pytest.fixture(scope="module")
def starter(root: Path) -> Path:
    return root / "triage" / "catalogue" / "starter"


@pytest.fixture(scope="module")
def client(triager: Triager, starter: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(catalogue=starter), triager)) as client:
        yield client


def test_the_service_says_what_the_library_says(client: TestClient, triager: Triager, starter: Path) -> None:
    precheck = Precheck(load_catalogue(starter), load_office(starter))
    records = [SuggestionIn.model_validate(one).record() for one in BOTH["suggestions"]]
    answer = client.post("/v1/check", json=BOTH)
    assert answer.status_code == 200
    wanted = [one.to_dict() for one in triager.check(records, precheck)]
    assert answer.json()["results"] == json.loads(json.dumps(wanted))
    assert CheckResponse.model_validate(answer.json())


def test_the_rules_are_those_of_the_folder(client: TestClient, triager: Triager) -> None:
    (_, wages) = client.post("/v1/check", json=BOTH).json()["results"]
    assert "涉法涉诉" in [tag["name"] for tag in wages["tags"]]
    with TestClient(create_app(Settings(), triager)) as plain:
        (_, wages) = plain.post("/v1/check", json=BOTH).json()["results"]
    assert wages["tags"] == [], "without a folder there are no rules"


def test_several_matters_have_their_own_units(client: TestClient, triager: Triager) -> None:
    (two, _) = client.post("/v1/check", json=BOTH).json()["results"]
    assert len(two["matters"]) == 2
    for part in two["matters"]:
        assert part["topic"]
        assert 1 <= len(part["lead"]) <= 3
        assert {one["unit"] for one in part["lead"]} <= set(triager.units)
    assert two["matters"][0]["lead"][0] != two["matters"][1]["lead"][0]


def test_a_day_chooses_the_rules(client: TestClient) -> None:
    for name, example in CHECKS.items():
        assert client.post("/v1/check", json=example["value"]).status_code == 200, name
    answer = client.post("/v1/check", json={**BOTH, "on": "18. 2. 2025"})
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid-request"


def test_what_a_text_repeats_is_told_with_an_index(triager: Triager, starter: Path, root: Path, tmp_path: Path) -> None:
    file = tmp_path / "history.index"
    case = read_cases(root / "examples" / "cases.csv")[1]
    with triager.index(file, create=True) as index:
        index.add([case])
    again = {"id": "again", "title": case.suggestion.title, "text": case.suggestion.text}
    with TestClient(create_app(Settings(catalogue=starter, index=file), triager)) as client:
        (found,) = client.post("/v1/check", json={"suggestions": [again]}).json()["results"]
    assert [hit["id"] for hit in found["duplicates"]] == [case.suggestion.id]


def test_nothing_of_a_text_is_logged_and_nothing_of_a_secret_one_told(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        secret = [{**one, "confidential": True} for one in BOTH["suggestions"]]
        answer = client.post("/v1/check", json={"suggestions": secret})
    told = answer.text + "".join(JsonLines().format(record) for record in caplog.records)
    for word in ("路灯", "音响", "家具厂", "两万三千"):
        assert word not in told


def test_rules_that_cannot_be_read_stop_the_start(triager: Triager, tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text("code,name\na,甲局\n", encoding="utf-8")
    (tmp_path / "office.toml").write_text("place = \n", encoding="utf-8")
    with (
        pytest.raises(CatalogueError, match=r"office\.toml"),
        TestClient(create_app(Settings(catalogue=tmp_path), triager)),
    ):
        pass
