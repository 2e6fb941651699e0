"""Every example of every operation in the OpenAPI document is sent, and answered as the document says."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import jsonschema
import pytest
from fastapi.testclient import TestClient

from service import demo
from service.app import create_app
from service.settings import Settings
from service.store import keys
from service.store.store import Store

if TYPE_CHECKING:
    from triage import Triager

PROBLEM = "application/problem+json"


def _document() -> dict[str, Any]:
    return create_app(Settings()).openapi()


DOCUMENT = _document()
OPERATIONS = [(method, path) for path, item in DOCUMENT["paths"].items() for method in item]
NAMES = [f"{method.upper()} {path}" for method, path in OPERATIONS]


class Office:
    """The service, with the demo's suggestions in its memory and a key for everything."""

    def __init__(self, client: TestClient, store: Store) -> None:
        self.client = client
        with store.write("test") as writing:
            token = keys.make(writing, "examples", ["admin"], confidential=True).token
        self.headers = {"Authorization": f"Bearer {token}"}

    def send(self, method: str, path: str, **rest: Any) -> Any:
        headers = self.headers | rest.pop("headers", {})
        return self.client.request(method.upper(), path, headers=headers, **rest)


@pytest.fixture(scope="module")
def prepared(
    triager: Triager, small_bundle: Path, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A data folder with the demo's suggestions and their index, and a registry with the bundles that examples
    name.
    """
    from service.served.following import Follower
    from triage.learning.registry.folder import ModelRegistry

    data = tmp_path_factory.mktemp("prepared")
    models = ModelRegistry(data / "models")
    for name in ("2025-03", "2025-09", "2026-03"):
        models.add(small_bundle, name)
        models.promote(name, lambda place: triager, force=True, reason="an example")
    shutil.copy(sqlite_template, data / "service.db")
    store = Store(f"sqlite:///{data / 'service.db'}")
    demo.seed(store)
    follower = Follower(store, Settings(data=data, model=models.folder))
    while follower.step():
        pass
    follower.close()
    store.close()
    return data


@contextmanager
def opened(triager: Triager, data: Path) -> Iterator[Office]:
    app = create_app(Settings(data=data, model=data / "models", rate=0), triager)
    with TestClient(app) as client:
        yield Office(client, app.state.store)


@pytest.fixture
def fresh(triager: Triager, prepared: Path, tmp_path: Path) -> Iterator[Office]:
    """An office that a test may change."""
    with opened(triager, shutil.copytree(prepared, tmp_path / "data")) as office:
        yield office


@pytest.fixture(scope="module")
def shared(triager: Triager, prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office for tests that only read."""
    with opened(triager, shutil.copytree(prepared, tmp_path_factory.mktemp("shared") / "data")) as office:
        yield office


@pytest.fixture
def office(request: pytest.FixtureRequest) -> Office:
    """The one that fits the test: a fresh one where something is changed."""
    given = request.node.callspec.params
    changes = given["method"] != "get" or (given["method"], given["path"]) in BEFORE
    made: Office = request.getfixturevalue("fresh" if changes else "shared")
    return made


# --- what a document offers ------------------------------------------------------------------------------------------


def values_of(holder: dict[str, Any]) -> list[Any]:
    """The examples of a parameter, a body or an answer."""
    if "examples" in holder and isinstance(holder["examples"], dict):
        return [example["value"] for example in holder["examples"].values()]
    if "example" in holder:
        return [holder["example"]]
    found = holder.get("schema", {}).get("examples", [])
    return list(found) if isinstance(found, list) else []


def success(operation: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Status and content of the answer when all goes well."""
    status = next(status for status in operation["responses"] if status.startswith("2"))
    return int(status), operation["responses"][status].get("content", {})


def parameters(operation: dict[str, Any], place: str) -> list[dict[str, Any]]:
    return [parameter for parameter in operation.get("parameters", []) if parameter["in"] == place]


def bodies(operation: dict[str, Any]) -> list[tuple[str, Any]]:
    """Media type and value of each example of the body; one without a value where there is no body."""
    content = operation.get("requestBody", {}).get("content", {})
    found = [(media_type, value) for media_type, holder in content.items() for value in values_of(holder)]
    return found or [("", None)]


def resolved(schema: Any) -> Any:
    return schema | {"components": DOCUMENT["components"]} if isinstance(schema, dict) else schema


def check_shape(schema: dict[str, Any], value: Any) -> None:
    jsonschema.validate(value, resolved(schema), cls=jsonschema.Draft202012Validator)


# --- what some of them need first ------------------------------------------------------------------------------------


def first_body(path: str) -> Any:
    return bodies(DOCUMENT["paths"][path]["post"])[0][1]


def made_webhook(office: Office, known: dict[str, str]) -> str:
    made = office.send("post", "/v1/webhooks", json=first_body("/v1/webhooks"))
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def made_delivery(office: Office, known: dict[str, str]) -> str:
    pinged = office.send("post", f"/v1/webhooks/{known['webhook']}/ping")
    assert pinged.is_success, pinged.text
    store: Store = office.client.app.state.store  # type: ignore[attr-defined]
    from service.store.tables_service import DEAD, DeliveryRow

    with store.write("test") as writing:
        row = writing.session.get_one(DeliveryRow, pinged.json()["id"])
        row.state = DEAD
    return str(pinged.json()["id"])


def made_job(office: Office, known: dict[str, str]) -> str:
    """A job that is done."""
    from service.jobs.bench import Bench
    from service.jobs.runner import JobRunner

    asked = office.send("post", "/v1/jobs", json=first_body("/v1/jobs"))
    assert asked.status_code == 202, asked.text
    state: Any = office.client.app.state  # type: ignore[attr-defined]
    runner = JobRunner(Bench(state.settings, state.store, state.model))
    while runner.step():
        pass
    return str(asked.json()["id"])


def made_finding(office: Office, known: dict[str, str]) -> str:
    found = office.send("post", "/v1/apart", json=first_body("/v1/apart"))
    assert found.status_code == 201, found.text
    return str(found.json()["number"])


GIVEN: dict[str, Callable[[Office, dict[str, str]], str]] = {
    "finding": made_finding,
    "webhook": made_webhook,
    "delivery": made_delivery,
    "job": made_job,
}
"""Parameters of paths whose values are made by the service: how to come by one."""


def filled(office: Office, path: str, operation: dict[str, Any]) -> str:
    """The path with the documented examples of its parameters, or with what was just made."""
    known: dict[str, str] = {}
    for parameter in parameters(operation, "path"):
        name, offered = parameter["name"], values_of(parameter)
        assert offered, f"the parameter {name} has no example"
        known[name] = GIVEN[name](office, known) if name in GIVEN else str(offered[0])
    return re.sub(r"\{([^}:]*)[^}]*\}", lambda found: quote(known[found[1]], safe=""), path)


def precondition(office: Office, path: str, operation: dict[str, Any]) -> dict[str, str]:
    """The version that a caller would have seen, for an operation that asks for it."""
    if not any(parameter["name"] == "If-Match" for parameter in parameters(operation, "header")):
        return {}
    tag = office.send("get", path).headers.get("etag")
    return {"If-Match": tag} if tag else {"If-None-Match": "*"}


DECIDE = ("put", "/v1/suggestions/{suggestion}/decision")
CLOSE = ("put", "/v1/suggestions/{suggestion}/outcome")
BEFORE = {
    ("get", "/v1/suggestions/{suggestion}/decision"): (DECIDE,),
    ("delete", "/v1/suggestions/{suggestion}/decision"): (DECIDE,),
    ("post", "/v1/suggestions/{suggestion}/returns"): (DECIDE,),
    CLOSE: (DECIDE,),
    ("get", "/v1/suggestions/{suggestion}/outcome"): (DECIDE, CLOSE),
    ("get", "/v1/catalogue/versions/{number}"): (("post", "/v1/catalogue"),),
}
"""Operations whose examples take the story further: what is sent first, as its own example says."""


# --- the tests -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=NAMES)
def test_every_operation_has_examples(method: str, path: str) -> None:
    operation = DOCUMENT["paths"][path][method]
    assert operation.get("tags"), "no tag"
    for media_type, holder in operation.get("requestBody", {}).get("content", {}).items():
        assert values_of(holder), f"no example of a request in {media_type}"
    status, content = success(operation)
    assert content or status in (202, 204), "what is answered is not described"
    assert not content or any(values_of(holder) for holder in content.values()), "no example of an answer"
    if "application/json" in content:
        examples = values_of(content["application/json"])
        assert examples, "no example of an answer in JSON"
        for example in examples:
            check_shape(content["application/json"]["schema"], example)


EXAMPLES = [
    pytest.param(method, path, media_type, value, id=f"{method.upper()} {path} {number}")
    for method, path in OPERATIONS
    for number, (media_type, value) in enumerate(bodies(DOCUMENT["paths"][path][method]))
]


@pytest.mark.parametrize(("method", "path", "media_type", "value"), EXAMPLES)
def test_every_example_is_answered_as_the_document_says(
    office: Office, method: str, path: str, media_type: str, value: Any
) -> None:
    for first, where in BEFORE.get((method, path), ()):
        begun = DOCUMENT["paths"][where][first]
        assert send_example(office, first, where, *bodies(begun)[0]).is_success
    status, content = success(DOCUMENT["paths"][path][method])
    answer = send_example(office, method, path, media_type, value)
    assert answer.status_code == status, answer.text
    _check_answer(answer, content)


def send_example(office: Office, method: str, path: str, media_type: str, value: Any) -> Any:
    operation = DOCUMENT["paths"][path][method]
    place = filled(office, path, operation)
    headers = precondition(office, place, operation)
    sent = _sent(media_type, value, FILES.get(path, "example.csv"))
    return office.send(method, place, headers=headers | sent.pop("headers", {}), **sent)


QUERIES = [
    pytest.param(method, path, parameter["name"], value, id=f"{method.upper()} {path}?{parameter['name']}={value}")
    for method, path in OPERATIONS
    for parameter in parameters(DOCUMENT["paths"][path][method], "query")
    for value in values_of(parameter)
    if parameter["name"] != "cursor"  # it is made by the answer before
]


@pytest.mark.parametrize(("method", "path", "name", "value"), QUERIES)
def test_every_example_of_a_query_is_answered(office: Office, method: str, path: str, name: str, value: Any) -> None:
    operation = DOCUMENT["paths"][path][method]
    status, content = success(operation)
    answer = office.send(method, filled(office, path, operation), params={name: value})
    assert answer.status_code == status, answer.text
    _check_answer(answer, content)


FILES = {"/v1/documents": "example.txt"}
"""What the file of an example is called, where it is no csv."""


def _sent(media_type: str, value: Any, name: str) -> dict[str, Any]:
    if not media_type:
        return {}
    if media_type.startswith("multipart/"):
        files = {"file": (name, value["file"].encode())}
        return {"files": files, "data": {field: part for field, part in value.items() if field != "file"}}
    if media_type == "application/json":
        return {"json": value}
    return {"content": value.encode(), "headers": {"Content-Type": media_type}}


def _check_answer(answer: Any, content: dict[str, Any]) -> None:
    """The media type is documented; JSON fits its schema and has no member that the examples hide."""
    if not content:
        assert answer.content == b""
        return
    media_type = answer.headers["content-type"].partition(";")[0]
    assert media_type in {known.partition(";")[0] for known in content}
    if media_type == "application/json":
        holder, value = content[media_type], answer.json()
        check_shape(holder["schema"], value)
        if isinstance(value, dict):
            assert any(value.keys() <= example.keys() for example in values_of(holder)), (
                "the example shows other members"
            )


def test_the_commands_of_the_document_with_a_key_work(fresh: Office, root: Path) -> None:
    document = (root / "docs" / "service.md").read_text(encoding="utf-8")
    commands = re.findall(r"^    (curl .*[$]KEY.*)$", document, flags=re.MULTILINE)
    assert len(commands) >= 3
    for command in commands:
        words = shlex.split(command)
        path = next(word for word in words if word.startswith("http://")).removeprefix("http://127.0.0.1:8000")
        method = words[words.index("-X") + 1] if "-X" in words else "POST" if "-d" in words else "GET"
        given = [words[place + 1].partition(": ") for place, word in enumerate(words) if word == "-H"]
        headers = {name: value for name, _, value in given if name != "Authorization"}
        content = words[words.index("-d") + 1].encode() if "-d" in words else None
        answer = fresh.send(method, path, headers=headers, content=content)
        assert answer.is_success, f"{command}: {answer.text}"
