"""``triage evaluate``: ways of asking, files, and complaints that come before any work."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CASES = Path("examples") / "cases.csv"


@pytest.fixture(scope="module")
def small(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cases enough to train on in a second."""
    lines = (root / CASES).read_text(encoding="utf-8").splitlines()
    path = tmp_path_factory.mktemp("cases") / "cases.csv"
    path.write_text("\n".join(lines[:91]) + "\n", encoding="utf-8")
    return path


def test_a_bundle_that_knows_the_cases_is_warned_about(
    command: Callable[..., Any], small: Path, small_bundle: Path, tmp_path: Path
) -> None:
    said = command("evaluate", small, "--model", small_bundle, "--output", tmp_path / "r.json")
    assert said.code == 0, said.err
    assert "90 of 90 cases, or copies of them, were learned from before" in said.err
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert report["about"]["by"] == "model"
    assert report["about"]["file"] == {"name": "cases.csv", "sha256": hashlib.sha256(small.read_bytes()).hexdigest()}
    assert "lead_top_1" in said.out


@pytest.mark.parametrize("way", [("time", "--share", "0.4"), ("folds", "--folds", "2")])
def test_models_are_trained_here(
    command: Callable[..., Any], small: Path, tmp_path: Path, way: tuple[str, ...]
) -> None:
    files = [tmp_path / name for name in ("r.json", "r.md", "r.html")]
    said = command(
        *("evaluate", small, "--by", *way, "--no-encoder", "--language", "en", "--return-cost", "7", "--seed", "3"),
        *("--output", files[0], "--markdown", files[1], "--html", files[2]),
    )
    assert said.code == 0, said.err
    report = json.loads(files[0].read_text(encoding="utf-8"))
    assert (report["about"]["by"], report["about"]["seed"]) == (way[0], 3)
    assert report["returns"]["costs"]["returned"] == 7
    assert files[1].read_text(encoding="utf-8").startswith("# How good the advice is")
    assert '<html lang="en">' in files[2].read_text(encoding="utf-8")
    assert "There is no promise to test" in said.out
    assert "2/2 answering" in said.err or way[0] == "time"


def test_the_first_day_and_a_catalogue_can_be_given(
    command: Callable[..., Any], small: Path, tmp_path: Path, root: Path
) -> None:
    said = command(
        "evaluate", small, "--by", "time", "--from", "2023-02-01", "--no-encoder", "--output", tmp_path / "r.json"
    )
    assert said.code == 0, said.err
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["about"]["start"] == "2023-02-01"
    catalogue = tmp_path / "catalogue"
    catalogue.mkdir()
    (catalogue / "units.csv").write_text("code,name,duties\na,教育局,学校\n", encoding="utf-8")
    said = command("evaluate", small, "--by", "folds", "--catalogue", catalogue, "--no-encoder")
    assert said.code == 2
    assert "not in the catalogue" in said.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "neither --model nor --by"),
        (("--by", "time", "--model", "x"), "both --model and --by"),
        (("--model", "x", "--share", "0.5"), "--share can only be given with --by time"),
        (("--by", "folds", "--from", "2024-01-01"), "--from can only be given with --by time"),
        (("--by", "time", "--folds", "3"), "--folds can only be given with --by folds"),
        (("--model", "x", "--catalogue", "y"), "--catalogue can only be given with --by"),
        (("--by", "time", "--from", "soon"), "--from is 'soon'; write it as 2024-03-01"),
        (("--by", "time", "--from", "2024-01-01", "--share", "0.2"), "Give one of them"),
        (("--by", "time", "--share", "0"), "between 0 and 1"),
        (("--by", "time", "--from", "2040-01-01"), "before it and cases from it on"),
        (("--by", "folds", "--folds", "1"), "at least 2"),
        (("--by", "folds", "--folds", "0"), "at least 2"),
        (("--by", "folds", "--accuracy", "0"), "accuracy"),
        (("--by", "folds", "--return-cost", "-1"), "cost returned: -1"),
        (("--by", "folds", "--clerk-errors", "1"), "clerk errors: 1"),
        (("--by", "folds", "--output", "a.json", "--html", "a.json"), "also named as another file"),
        (("--by", "folds", "--html", "missing/a.html"), "there is no such folder"),
    ],
)
def test_what_does_not_go_together_is_told_first(
    command: Callable[..., Any],
    small: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: Any,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    said = command("evaluate", small, *options, *(("--no-encoder",) if "--by" in options[:1] else ()))
    assert said.code == 2
    assert message in " ".join(said.err.split())
    assert not list(tmp_path.iterdir()), "nothing half-written"


def test_the_cases_are_never_written_over(command: Callable[..., Any], small: Path) -> None:
    before = small.read_bytes()
    said = command("evaluate", small, "--by", "folds", "--no-encoder", "--output", small)
    assert said.code == 2
    assert small.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("title,lead\n", "no rows"),
        ("title,lead\n修路建议,甲局\n", "1 cases in 1 groups"),
        ("title,lead\n修路建议,\n建桥建议,\n", "has a lead"),
        ("title,lead\n修路建议,甲局\n建桥建议,乙局\n", "cannot be divided so often. Ask for at most 2"),
    ],
)
def test_too_little_is_told(command: Callable[..., Any], tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "few.csv"
    path.write_text(content, encoding="utf-8")
    said = command("evaluate", path, "--by", "folds", "--no-encoder")
    assert said.code == 2
    assert message in said.err
    said = command("evaluate", path, "--by", "time", "--no-encoder")
    assert said.code == 2
