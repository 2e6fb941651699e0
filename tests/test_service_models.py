"""Models over HTTP: listed, compared, switched and taken back, without a request that fails or mixes two of them."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from service.app import create_app
from service.endpoints import models as endpoint
from service.jobs.bench import Bench
from service.jobs.models import compare as compare_job
from service.jobs.progress import HowFar
from service.jobs.sources import Order, chosen_cases
from service.served import model as model_module
from service.served.bundle import identity_of, in_use
from service.served.following import Follower
from service.settings import Settings
from service.store import cases, decisions, keys, suggestions
from service.store.store import Store
from service.store.tables_service import JobRow, TrailRow
from triage import Triager
from triage.learning.registry.compare import compare
from triage.learning.registry.folder import ModelRegistry
from triage.learning.registry.gate import objections, remarks
from triage.records import Suggestion

TEXTS = [f"关于修好{place}路灯的建议" for place in ("渡口", "南桥", "老街", "北门")]


@pytest.fixture(scope="module")
def cold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that was trained on nothing: other units than those of `small_bundle`."""
    return Triager.train().save(tmp_path_factory.mktemp("cold") / "cold")


@pytest.fixture
def models(small_bundle: Path, cold: Path, tmp_path: Path) -> ModelRegistry:
    """A registry with `warm` in use, and `cold` and `twin` beside it."""
    registry = ModelRegistry(tmp_path / "models")
    for name, bundle in (("warm", small_bundle), ("twin", small_bundle), ("cold", cold)):
        registry.add(bundle, name)
    registry.promote("warm", Triager.load)
    return registry


class Office:
    """The service with a registry and a memory, and an admin's key."""

    def __init__(self, client: TestClient, store: Store) -> None:
        self.client, self.store = client, store
        with store.write("test") as writing:
            self.admin = {"Authorization": f"Bearer {keys.make(writing, 'admin', ['admin']).token}"}
            self.reader = {"Authorization": f"Bearer {keys.make(writing, 'reader', ['triage']).token}"}

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.client.post(f"/v1/models/{path}", json=body, headers=self.admin | headers)

    def models(self) -> Any:
        return self.client.get("/v1/models", headers=self.reader).json()

    def steps(self) -> list[tuple[str, str, Any]]:
        with self.store.read() as session:
            rows = session.scalars(select(TrailRow).where(TrailRow.action.like("model.%")).order_by(TrailRow.seq))
            return [(row.action, row.subject, row.details["step"]) for row in rows]


@pytest.fixture
def settings(models: ModelRegistry, sqlite_store: Store, tmp_path: Path) -> Settings:
    return Settings(model=models.folder, data=tmp_path / "memory", database=str(sqlite_store.url), rate=0, queue=64)


@pytest.fixture
def office(settings: Settings, sqlite_store: Store) -> Iterator[Office]:
    loaded = threading.Event()
    app = create_app(settings, loaded=lambda _: loaded.set())
    with TestClient(app) as client:
        assert loaded.wait(60)
        assert app.state.model.failure is None
        yield Office(client, sqlite_store)


def decided(store: Store, number: int, **facts: Any) -> None:
    with store.write("test") as writing:
        for place in range(number):
            text = Suggestion(f"d{place}", f"关于第{place}号水渠清淤的建议", f"{place}号水渠淤塞多年。", **facts)
            row = suggestions.create(writing, text)
            decisions.decide(writing, row, lead=["水利局"], expected=0)


# --- which there are -------------------------------------------------------------------------------------------------


def test_the_bundles_are_listed_with_the_one_that_answers(office: Office, models: ModelRegistry) -> None:
    found = office.models()
    assert [(one["name"], one["in_use"], one["problem"]) for one in found["models"]] == [
        ("cold", False, ""),
        ("twin", False, ""),
        ("warm", True, ""),
    ]
    assert found["registry"] is True
    assert found["answers"] == found["in_use"] == identity_of(Triager.load(models.folder / "warm"))
    assert [step["bundle"] for step in found["history"]] == ["warm"]
    warm = office.client.get("/v1/models/warm", headers=office.reader).json()
    assert warm["card"]["cases"] == warm["cases"] > 0
    assert str(models.folder) not in str(warm)
    missing = office.client.get("/v1/models/none", headers=office.reader)
    assert (missing.status_code, missing.json()["code"]) == (404, "not-found")


def test_a_damaged_bundle_is_listed_with_its_problem(office: Office, models: ModelRegistry) -> None:
    (models.folder / "cold" / "bundle.json").write_text("{}", encoding="utf-8")
    (cold,) = [one for one in office.models()["models"] if one["name"] == "cold"]
    assert "not a bundle manifest" in cold["problem"]
    assert str(models.folder) not in cold["problem"]
    answer = office.post("switch", {"name": "cold", "reason": "x", "force": True})
    assert (answer.status_code, answer.json()["code"]) == (409, "model-refused")
    assert str(models.folder) not in answer.text


def test_without_a_registry_nothing_can_be_switched(small_bundle: Path, sqlite_store: Store, tmp_path: Path) -> None:
    given = Settings(model=small_bundle, data=tmp_path / "memory", database=str(sqlite_store.url))
    with TestClient(create_app(given, Triager.load(small_bundle))) as client:
        alone = Office(client, sqlite_store)
        found = alone.models()
        assert (found["registry"], [one["name"] for one in found["models"]]) == (False, [small_bundle.name])
        answers = [
            alone.post("switch", {"name": "warm", "reason": "x"}),
            alone.post("rollback", {"reason": "x"}),
            alone.post("compare", {"later": "warm"}),
        ]
        assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(501, "no-registry")}


def test_it_takes_an_admin_and_a_memory(office: Office, triager: Triager) -> None:
    for path, body in (("switch", {"name": "cold", "reason": "x"}), ("rollback", {"reason": "x"})):
        answer = office.client.post(f"/v1/models/{path}", json=body, headers=office.reader)
        assert (answer.status_code, answer.json()["code"]) == (403, "scope-needed")
        with TestClient(create_app(Settings(), triager)) as bare:
            assert bare.post(f"/v1/models/{path}", json=body).json()["code"] == "no-memory"


# --- switched, and back ----------------------------------------------------------------------------------------------


def test_the_gate_refuses_what_loses_units_and_force_is_kept(office: Office, models: ModelRegistry) -> None:
    refused = office.post("switch", {"name": "cold", "reason": "新的"})
    assert (refused.status_code, refused.json()["code"]) == (409, "model-refused")
    assert refused.json()["errors"]
    assert office.models()["in_use"].startswith("warm@")
    assert models.register().steps[-1].bundle == "warm"
    done = office.post("switch", {"name": "cold", "reason": "试一试", "force": True})
    assert done.status_code == 200, done.text
    step = done.json()["step"]
    assert (step["bundle"], step["forced"], step["reason"], step["before"]) == ("cold", True, "试一试", "warm")
    assert step["by"].startswith("key:")
    assert office.models()["answers"].startswith("cold@"), "the process that was asked follows at once"
    back = office.post("rollback", {"reason": "退单多了"})
    assert back.json()["step"]["bundle"] == "warm"
    assert office.models()["answers"].startswith("warm@")
    again = office.post("rollback", {"reason": "再退"})
    assert (again.status_code, again.json()["code"]) == (409, "model-refused")
    assert office.steps() == [
        ("model.switched", "warm", 1),
        ("model.switched", "cold", 2),
        ("model.rolled-back", "warm", 3),
    ]


def test_an_equal_model_passes_on_stored_cases_and_its_comparison_is_kept(office: Office) -> None:
    decided(office.store, 12)
    done = office.post("switch", {"name": "twin", "reason": "同一模型"})
    assert done.status_code == 200, done.text
    assert done.json()["step"]["comparison"]["cases"] == 12
    assert not done.json()["step"]["forced"]


def test_unknown_in_use_and_wrong_bodies(office: Office) -> None:
    assert office.post("switch", {"name": "none", "reason": "x"}).status_code == 404
    same = office.post("switch", {"name": "warm", "reason": "x"})
    assert (same.status_code, same.json()["code"]) == (422, "unusable-input")
    for body in (
        {"name": "cold"},
        {"name": "../cold", "reason": "x"},
        {"name": "cold", "reason": ""},
        {"nome": "cold"},
    ):
        assert office.post("switch", body).json()["code"] == "invalid-request"


def test_sent_twice_it_is_done_once(office: Office, models: ModelRegistry) -> None:
    body, key = {"name": "cold", "reason": "x", "force": True}, {"Idempotency-Key": "k1"}
    first, second = office.post("switch", body, **key), office.post("switch", body, **key)
    assert (first.json(), second.headers["Idempotency-Replayed"]) == (second.json(), "true")
    assert len(models.register().steps) == 2


def test_what_was_done_on_the_command_line_is_noted_once(
    office: Office, settings: Settings, models: ModelRegistry
) -> None:
    models.promote("cold", Triager.load, force=True, reason="x", by="张三")
    follower = Follower(office.store, settings)
    for _ in range(3):
        follower.step()
    follower.close()
    assert office.steps() == [("model.switched", "warm", 1), ("model.switched", "cold", 2)]


def test_a_model_that_cannot_be_loaded_leaves_the_old_one_and_is_told(
    office: Office, models: ModelRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    models.promote("cold", Triager.load, force=True, reason="x")
    shutil.rmtree(models.folder / "cold")
    served = office.client.app.state.model  # type: ignore[attr-defined]
    assert not served.look()
    assert not served.look()
    found = office.models()
    assert found["answers"].startswith("warm@")
    assert found["trouble"] == "RegisterError"
    assert office.client.post("/v1/triage", json=body_of(TEXTS), headers=office.reader).status_code == 200
    assert caplog.text.count("fault") == 1, "said once, not each second"


def test_who_does_not_follow_keeps_its_bundle(office: Office, models: ModelRegistry) -> None:
    served = office.client.app.state.model  # type: ignore[attr-defined]
    served.follow = False
    models.promote("cold", Triager.load, force=True, reason="x")
    assert not served.look()
    assert office.models()["answers"].startswith("warm@")


# --- under load ------------------------------------------------------------------------------------------------------


def body_of(texts: list[str]) -> Any:
    return {"suggestions": [{"id": str(place), "title": title} for place, title in enumerate(texts)]}


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "waited a minute in vain"
        time.sleep(0.02)


def test_switched_under_load_no_request_fails_and_none_is_mixed(
    office: Office, models: ModelRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_module, "LOOK_SECONDS", 0.05)
    wanted = {}
    for name in ("warm", "cold"):
        triager = Triager.load(models.folder / name)
        answers = triager.triage([Suggestion(str(place), title) for place, title in enumerate(TEXTS)])
        wanted[triager.card["model"]] = [[lead.unit for lead in answer.lead] for answer in answers]
    over = threading.Event()

    def asking() -> list[str]:
        seen = []
        while not over.is_set():
            answer = office.client.post("/v1/triage", json=body_of(TEXTS), headers=office.reader)
            assert answer.status_code == 200, answer.text
            results = answer.json()["results"]
            (model,) = {result["model"] for result in results}
            assert [[lead["unit"] for lead in result["lead"]] for result in results] == wanted[model]
            seen.append(model)
        return seen

    with ThreadPoolExecutor(4) as callers:
        running = [callers.submit(asking) for _ in range(4)]
        try:
            time.sleep(0.3)
            models.promote("cold", Triager.load, force=True, reason="x")
            until(lambda: office.models()["answers"].startswith("cold@"))
            time.sleep(0.3)
            assert office.post("rollback", {"reason": "x"}).status_code == 200
            assert office.models()["answers"].startswith("warm@")
            time.sleep(0.3)
        finally:
            over.set()
        seen = [model for one in running for model in one.result(60)]
    assert set(seen) == set(wanted)


# --- compared --------------------------------------------------------------------------------------------------------


def test_compared_on_what_was_decided_like_the_library(office: Office, models: ModelRegistry) -> None:
    decided(office.store, 10)
    done = office.post("compare", {"later": "cold"})
    assert done.status_code == 200, done.text
    found = done.json()
    with office.store.read() as session:
        chosen = [case for _, case in cases.after(session, 0)]
    told = compare(Triager.load(models.folder / "warm"), Triager.load(models.folder / "cold"), chosen)
    assert found["comparison"] == told.to_dict()
    assert (found["objections"], found["remarks"]) == (list(objections(told)), list(remarks(told)))
    assert found["comparison"]["cases"] == 10
    none = office.post("compare", {"later": "cold", "sources": ["政协"]})
    assert (none.status_code, none.json()["code"]) == (422, "unusable-input")
    assert office.post("compare", {"earlier": "none", "later": "cold"}).status_code == 404


def test_confidential_cases_are_compared_only_for_who_may_see_them(office: Office) -> None:
    decided(office.store, 5, confidential=True)
    assert office.post("compare", {"later": "cold"}).status_code == 422
    with office.store.write("test") as writing:
        token = keys.make(writing, "trusted", ["admin"], confidential=True).token
    headers = {"Authorization": f"Bearer {token}"}
    done = office.client.post("/v1/models/compare", json={"later": "cold"}, headers=headers)
    assert done.json()["comparison"]["cases"] == 5


def test_many_cases_are_compared_by_a_job(office: Office, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "AT_ONCE", 10)
    decided(office.store, 11)
    answer = office.post("compare", {"later": "cold", "most": 11})
    assert answer.status_code == 202
    with office.store.read() as session:
        order = Order.of(session.get_one(JobRow, answer.json()["job"]))
    assert (order.kind, order.stored, order.options["later"]) == ("compare", True, "cold")
    bench = Bench(settings, office.store)
    chosen = chosen_cases(office.store, order, settings)
    paper = compare_job(bench, order, chosen, HowFar())
    bench.close()
    assert len(chosen) == json.loads(paper.content)["comparison"]["cases"] == 11


def test_the_bundle_in_use_is_named_alike_by_register_and_model(models: ModelRegistry, small_bundle: Path) -> None:
    assert in_use(Settings(model=models.folder)) == identity_of(Triager.load(models.folder))
    assert in_use(Settings(model=small_bundle)) == identity_of(Triager.load(small_bundle))
