"""Whatever the OpenAPI document allows, and more: schemathesis asks every operation with keys of each scope.

Nothing may answer with a 5xx, with a status or a media type that is not documented, or in another shape.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import openapi as schemas
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import select

from service.app import create_app
from service.demo.seeding import seed as seed_demo
from service.settings import Settings
from service.store import keys
from service.store.store import Store
from service.store.tables import SuggestionRow
from triage import Triager
from triage.learning.registry.folder import ModelRegistry

if TYPE_CHECKING:
    from fastapi import FastAPI
    from schemathesis import Case
    from schemathesis.schemas import APIOperation

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
CALLERS: dict[str, tuple[str, ...] | None] = {
    "nobody": None,
    "read": ("read",),
    "triage": ("triage",),
    "decide": ("decide",),
    "admin": ("admin",),
}
DRAWN = {"admin": 14, "decide": 8}
"""Requests drawn for each operation; 4 for the callers that are mostly refused."""


@dataclass(frozen=True)
class Fuzzed:
    """A service with the demo data and an index, its operations as schemathesis reads them, and a key of each scope."""

    address: str
    operations: dict[str, APIOperation[Any, Any, Any, Any]]
    headers: dict[str, dict[str, str]]
    refs: list[str]


def _names() -> list[str]:
    paths = create_app(Settings(data=Path("memory"))).openapi()["paths"]
    return [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]


@pytest.fixture(scope="module")
def fuzzed(
    triager: Triager, small_bundle: Path, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fuzzed]:
    folder = tmp_path_factory.mktemp("fuzzed")
    (folder / "service.db").write_bytes(sqlite_template.read_bytes())
    chosen = Settings(data=folder, model=folder / "models", max_suggestions=3, rate=0, index=folder / "texts.index")
    models = ModelRegistry(folder / "models")
    models.add(small_bundle, "first")
    models.add(small_bundle, "second")
    models.promote("first", Triager.load)
    store = Store(chosen.database_url)
    seed_demo(store)
    with store.read() as session:
        refs = list(session.scalars(select(SuggestionRow.ref)))
    headers = {name: _headers(store, scopes) for name, scopes in CALLERS.items()}
    with triager.index(chosen.index, create=True):
        app = create_app(chosen, triager)
    operations = (result.ok() for result in schemas.from_dict(app.openapi()).get_all_operations())
    with _listening(app) as address:
        yield Fuzzed(address, {f"{one.method.upper()} {one.path}": one for one in operations}, headers, refs)
    store.close()


@contextmanager
def _listening(app: FastAPI) -> Iterator[str]:
    """The service behind a real port, in a thread of this process."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False, lifespan="on"))
    running = threading.Thread(target=server.run)
    running.start()
    while not server.started:
        assert running.is_alive()
        time.sleep(0.01)
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    yield f"http://{host}:{port}"
    server.should_exit = True
    running.join()


def _headers(store: Store, scopes: tuple[str, ...] | None) -> dict[str, str]:
    if scopes is None:
        return {}
    with store.write("test") as writing:
        made = keys.make(writing, "schemathesis", scopes, confidential="admin" in scopes)
    return {"Authorization": f"Bearer {made.token}"}


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("name", _names())
def test_whatever_is_asked_the_answer_is_a_documented_one(fuzzed: Fuzzed, name: str, caller: str) -> None:
    operation, chance = fuzzed.operations[name], random.Random(f"{name} {caller}")

    @seed(1)
    @settings(
        max_examples=DRAWN.get(caller, 4),
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Case) -> None:
        if "suggestion" in (case.path_parameters or {}) and chance.random() < 0.7:
            case.path_parameters["suggestion"] = chance.choice(fuzzed.refs)  # a drawn id is never one that is there
        case.headers.pop("Authorization", None)
        answer = case.call(fuzzed.address, headers=fuzzed.headers[caller])
        case.validate_response(answer, checks=CHECKS)

    ask()
