"""Where the sentence encoder is looked for."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from triage.encoders import locate
from triage.encoders.locate import VARIABLE, default_folder, find_encoder


def build(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "encoder.json").write_text("{}", encoding="utf-8")
    return folder


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without encoder: installed from a wheel, started in an empty folder, with a home of its own."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(locate, "__file__", str(tmp_path / "site" / "triage" / "encoders" / "locate.py"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "windows"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    return tmp_path


def test_the_variable_decides_alone(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(elsewhere / "work" / "models" / "encoder")
    monkeypatch.setenv(VARIABLE, str(elsewhere / "named"))
    assert default_folder() == elsewhere / "named"
    assert find_encoder() is None
    build(elsewhere / "named")
    assert find_encoder() == elsewhere / "named"


def test_a_checkout_keeps_it_beside_the_sources(elsewhere: Path) -> None:
    (elsewhere / "site" / "models").mkdir(parents=True)
    assert default_folder() == elsewhere / "data" / "suggestion-triage" / "encoder"
    (elsewhere / "site" / "pyproject.toml").write_text("", encoding="utf-8")
    assert default_folder() == elsewhere / "site" / "models" / "encoder"


@pytest.mark.parametrize(
    ("platform", "place"),
    [
        ("linux", "data/suggestion-triage/encoder"),
        ("darwin", "home/Library/Application Support/suggestion-triage/encoder"),
        ("win32", "windows/suggestion-triage/encoder"),
    ],
)
def test_each_system_has_its_place(elsewhere: Path, monkeypatch: pytest.MonkeyPatch, platform: str, place: str) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert default_folder() == elsewhere / place
    assert find_encoder() is None
    build(elsewhere / place)
    assert find_encoder() == elsewhere / place


def test_the_folder_that_one_works_in_comes_first(elsewhere: Path) -> None:
    build(elsewhere / "data" / "suggestion-triage" / "encoder")
    build(elsewhere / "work" / "models" / "encoder")
    assert find_encoder() == Path("models/encoder")
