"""``triage keys``: made, listed, rotated, revoked, as an operator does it, and the service believes it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from rich.console import Console

from service.app import create_app
from service.settings import Settings
from triage import Triager

Command = Callable[..., Any]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "memory"


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRIAGE_DATA", raising=False)
    monkeypatch.delenv("TRIAGE_DATABASE", raising=False)


def listed(command: Command, data: Path) -> list[dict[str, Any]]:
    keys: list[dict[str, Any]] = json.loads(command("keys", "list", "--data", data, "--json").out)["keys"]
    return keys


def test_a_key_is_printed_once_and_works(
    command: Command, data: Path, triager: Triager, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = command("keys", "add", "OA 系统", "--scope", "triage", "--expires", 30, "--rate", 5, "--data", data)
    assert made.code == 0
    token = made.out.strip()
    assert token.startswith("tk_")
    assert "shown once" in made.err
    assert token not in made.err
    with TestClient(create_app(Settings(data=data), triager)) as client:
        assert client.get("/v1/model", headers={"X-API-Key": token}).status_code == 200
    (key,) = listed(command, data)
    assert (key["name"], key["scopes"], key["per_minute"], key["state"]) == ("OA 系统", ["triage"], 5, "works")
    monkeypatch.setattr("triage.cli.screen.output", Console(width=60))
    shown = command("keys", "list", "--data", data)
    assert key["id"] in shown.out, "whole, also on a narrow screen"
    assert token.split("_", 2)[2] not in shown.out + json.dumps(key)


def test_a_key_is_rotated_and_revoked(command: Command, data: Path) -> None:
    old = command("keys", "add", "desk", "--scope", "decide", "--scope", "read", "--confidential", "--data", data).out
    old_id = old.split("_")[1]
    new = command("keys", "rotate", old_id, "--grace", 2, "--data", data)
    assert "ends in 2 hours" in new.err
    new_id = new.out.split("_")[1]
    assert command("keys", "revoke", old_id, "--data", data).code == 0
    states = {key["id"]: (key["state"], key["follows"], key["confidential"]) for key in listed(command, data)}
    assert states == {old_id: ("revoked", "", True), new_id: ("works", old_id, True)}
    again = command("keys", "rotate", old_id, "--data", data)
    assert (again.code, again.out) == (2, "")
    assert "works no more" in again.err


def test_the_environment_names_the_memory(command: Command, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_DATA", str(data))
    assert command("keys", "add", "a", "--scope", "read").code == 0
    assert len(listed(command, data)) == 1


def test_no_key_yet(command: Command, data: Path) -> None:
    url = f"sqlite:///{data / 'other.db'}"
    made = command("keys", "add", "a", "--scope", "read", "--database", url)
    assert made.code == 0
    assert made.out.split("_")[1] in command("keys", "list", "--database", url).out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["list"], "no memory is named. Give --data"),
        (["list", "--data", "{data}"], "there is no memory"),
        (["revoke", "x", "--data", "{data}"], "there is no memory"),
        (["add", "a", "--scope", "root", "--data", "{data}"], "root"),
        (["add", "a", "--data", "{data}"], "--scope"),
        (["add", " ", "--scope", "read", "--data", "{data}"], "the key's name '' is not allowed"),
        (["add", "a", "--scope", "read", "--rate", "9999999", "--data", "{data}"], "requests a minute"),
        (["add", "a", "--scope", "read", "--expires", "0", "--data", "{data}"], "expires"),
        (["add", "a", "--scope", "read", "--database", "mysql://u:geheim@h/x"], "'mysql' is not served"),
    ],
)
def test_what_cannot_be_done_is_said(command: Command, data: Path, arguments: list[str], said: str) -> None:
    done = command("keys", *(argument.format(data=data) for argument in arguments))
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert "geheim" not in done.err


def test_an_unknown_key_is_said(command: Command, data: Path) -> None:
    command("keys", "add", "a", "--scope", "read", "--data", data)
    done = command("keys", "revoke", "0" * 12, "--data", data)
    assert (done.code, "no key with this id" in done.err) == (2, True)


def test_a_file_that_is_no_memory(command: Command, data: Path) -> None:
    data.mkdir()
    (data / "service.db").write_text("no database, but long enough to be read as one" * 50)
    for arguments in (["list"], ["add", "a", "--scope", "read"]):
        done = command("keys", *arguments, "--data", data)
        assert (done.code, done.out) == (2, "")
        assert "the memory" in done.err
