"""The answers that both READMEs show are what the library says today, give or take what another processor rounds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from triage.cli import app

ROOT = Path(__file__).resolve().parents[1]
CASES, SUGGESTIONS = ROOT / "examples" / "cases.csv", ROOT / "examples" / "suggestions.csv"
READMES = ("README.md", "README.zh-CN.md")
POINTS = 4
"""Percentage points by which a share may be off: the sums of an int8 graph differ a little by processor."""
JSON = re.compile(r"^```json\n(\{.*?)^```$", flags=re.DOTALL | re.MULTILINE)
BLOCK = re.compile(r"^```text\n(【.*?)^```$", flags=re.DOTALL | re.MULTILINE)
HEAD = re.compile(r"【([^】]+)】")
SHARE = re.compile(r"(\d+)%(?:以上)?")

Told = dict[str, list[str]]
"""The lines of an output by the id of their suggestion."""


def _lines(text: str) -> Iterator[tuple[str, str]]:
    name = ""
    for line in filter(None, text.splitlines()):
        if head := HEAD.match(line):
            name = head[1]
        yield name, line


def _examples() -> Iterator[tuple[str, str, str]]:
    for readme in READMES:
        for block in BLOCK.findall((ROOT / readme).read_text(encoding="utf-8")):
            yield from ((readme, name, line) for name, line in _lines(block))


EXAMPLES = list(_examples())


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, encoder_folder: Path) -> Path:
    """A model of the example cases."""
    model = tmp_path_factory.mktemp("readme") / "model"
    encoder = ("--encoder", str(encoder_folder))
    _run("train", CASES, "--out", model, *encoder)
    return model


@pytest.fixture(scope="module")
def told(model: Path, encoder_folder: Path) -> Told:
    """What the commands of the READMEs print: the model's answers, and what repeats what."""
    encoder = ("--encoder", str(encoder_folder))
    printed = _run("recommend", "--model", model, "--input", SUGGESTIONS, "--format", "text", *encoder)
    printed += _run(
        "duplicates", SUGGESTIONS, "--history", CASES, "--least", "same-matter", "--format", "text", *encoder
    )
    found: Told = {}
    for name, line in _lines(printed):
        found.setdefault(name, []).append(line)
    return found


def _run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_both_readmes_show_answers() -> None:
    assert {readme for readme, _, line in EXAMPLES if "决定：" in line} == set(READMES)
    assert {readme for readme, _, line in EXAMPLES if "同一事项" in line} == set(READMES)


@pytest.mark.parametrize(("readme", "name", "line"), EXAMPLES)
def test_the_answers_that_are_shown_are_todays(told: Told, readme: str, name: str, line: str) -> None:
    assert any(_same(line, other) for other in told[name]), f"{readme}: {line}\n" + "\n".join(told[name])


def test_the_json_that_is_shown_is_todays(model: Path, encoder_folder: Path) -> None:
    (block,) = JSON.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    shown = json.loads(block)
    options = ("--input", SUGGESTIONS, "--format", "jsonl", "--encoder", str(encoder_folder))
    answers = map(json.loads, _run("recommend", "--model", model, *options).splitlines())
    said = next(answer for answer in answers if answer["id"] == shown["id"])
    for key, value in shown.items():
        assert _alike(value, said[key]), f"{key}: {value}\n{said[key]}"


def _alike(shown: Any, said: Any) -> bool:
    """Whether what is shown is how the answer begins, numbers give or take `POINTS`."""
    if isinstance(shown, dict):
        return all(_alike(value, said[key]) for key, value in shown.items())
    if isinstance(shown, list):
        return all(_alike(one, other) for one, other in zip(shown, said[: len(shown)], strict=True))
    return abs(shown - said) <= POINTS / 100 if isinstance(shown, float) else bool(shown == said)


def _same(shown: str, said: str) -> bool:
    """Whether two lines say the same: shares give or take `POINTS`, and units whose shares are near in any order."""
    ours, theirs = ({SHARE.sub("%", part): SHARE.findall(part) for part in line.split("　")} for line in (shown, said))
    return ours.keys() == theirs.keys() and all(
        abs(int(one) - int(other)) <= POINTS
        for part in ours
        for one, other in zip(ours[part], theirs[part], strict=True)
    )
