"""Whatever the OpenAPI document allows, and more: schemathesis asks every operation with keys of each scope.

Nothing may answer with a 5xx, with a status or a media type that is not documented, or in another shape. The service
runs as a process of its own, as in an office: hypothesis parses source while it draws, and CPython 3.11's `ast` is not
safe beside other threads (https://github.com/python/cpython/issues/106905).
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import openapi as schemas
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import select

from benchmarks.service.servers import free_port, started
from service.app import create_app
from service.demo.seeding import seed as seed_demo
from service.settings import Settings
from service.store import keys
from service.store.store import Store
from service.store.tables import SuggestionRow
from triage import Triager
from triage.learning.registry.folder import ModelRegistry

if TYPE_CHECKING:
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
    root: Path, triager: Triager, small_bundle: Path, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fuzzed]:
    folder = tmp_path_factory.mktemp("fuzzed")
    (folder / "service.db").write_bytes(sqlite_template.read_bytes())
    chosen = Settings(data=folder, model=folder / "models", index=folder / "texts.index")
    models = ModelRegistry(folder / "models")
    models.add(small_bundle, "first")
    models.add(small_bundle, "second")
    models.promote("first", Triager.load)
    store = Store(chosen.database_url)
    seed_demo(store)
    with store.read() as session:
        refs = list(session.scalars(select(SuggestionRow.ref)))
    headers = {name: _headers(store, scopes) for name, scopes in CALLERS.items()}
    store.close()
    with triager.index(chosen.index, create=True):
        documented = create_app(chosen, triager).openapi()
    operations = (result.ok() for result in schemas.from_dict(documented).get_all_operations())
    command = [sys.executable, "-c", "from triage.cli import main; main()", "serve"]
    command += [
        "--model",
        str(chosen.model),
        "--data",
        str(folder),
        "--index",
        str(chosen.index),
        "--port",
        str(port := free_port()),
    ]
    with started(command, port, {"PYTHONPATH": str(root), "TRIAGE_RATE": "0", "TRIAGE_MAX_SUGGESTIONS": "3"}) as server:
        yield Fuzzed(server.address, {f"{one.method.upper()} {one.path}": one for one in operations}, headers, refs)


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
