"""Bundles of every format that was ever given out: they load, and answer what they answered when they were made."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from triage import Triager
from triage.bundle import FORMAT, load_card

GOLDEN = Path(__file__).resolve().parent / "golden"
FORMATS = sorted(path.name for path in GOLDEN.glob("format-*") if path.is_dir())
CLOSE = 0.002
"""Another processor may add up in another order, and ties may fall the other way."""


@pytest.fixture(scope="module")
def make() -> ModuleType:
    """The script that made them."""
    specification = importlib.util.spec_from_file_location("make", GOLDEN / "make.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def same_entries(found: list[dict[str, Any]], wanted: list[dict[str, Any]], name: str) -> None:
    """The same entries with the same scores, in an order that differs at most where scores do not."""
    scores = {json.dumps(entry[name], ensure_ascii=False): entry["score"] for entry in wanted}
    got = [json.dumps(entry[name], ensure_ascii=False) for entry in found]
    assert set(got) == set(scores)
    assert [entry["score"] for entry in found] == pytest.approx([scores[key] for key in got], abs=CLOSE)
    assert [entry["score"] for entry in found] == pytest.approx([entry["score"] for entry in wanted], abs=CLOSE)


def test_every_format_has_its_bundle() -> None:
    assert [f"format-{number}" for number in range(1, FORMAT + 1)] == FORMATS, "run tests/golden/make.py"


@pytest.mark.parametrize("name", FORMATS)
def test_a_bundle_of_old_answers_as_it_did(name: str, make: ModuleType) -> None:
    triager = Triager.load(GOLDEN / name)
    wanted = json.loads((GOLDEN / f"{name}.answers.json").read_bytes())
    answers = [answer.to_dict() for answer in triager.triage(make.QUESTIONS)]
    assert [answer["id"] for answer in answers] == [answer["id"] for answer in wanted]
    for found, expected in zip(json.loads(json.dumps(answers)), wanted, strict=True):
        same_entries(found["lead"], expected["lead"], "unit")
        same_entries(found["co"], expected["co"], "unit")
        same_entries(found["topics"], expected["topics"], "path")
        for field in ("mode", "decision", "model"):
            assert found[field] == expected[field], field
        assert [reason["code"] for reason in found["reasons"]] == [reason["code"] for reason in expected["reasons"]]
        assert len(found["matters"]) == len(expected["matters"])


@pytest.mark.parametrize("name", FORMATS)
def test_its_evidence_is_still_told(name: str, make: ModuleType) -> None:
    triager = Triager.load(GOLDEN / name)
    wanted = json.loads((GOLDEN / f"{name}.answers.json").read_bytes())

    def told(answer: dict[str, Any]) -> list[tuple[str, str, str]]:
        kinds = ("duty", "precedent", "wish", "place")
        first = answer["lead"][0]["unit"]
        chosen = [item for item in answer["evidence"] if item["unit"] == first and item["kind"] in kinds]
        return sorted((item["kind"], item["case"], "".join(item["units"])) for item in chosen)

    for found, expected in zip(triager.triage(make.QUESTIONS[:4]), wanted, strict=False):
        assert told(json.loads(json.dumps(found.to_dict()))) == told(expected)
        assert told(expected)


def test_the_golden_answers_are_worth_keeping() -> None:
    answers = json.loads((GOLDEN / "format-1.answers.json").read_bytes())
    assert {answer["decision"] for answer in answers} >= {"suggest", "choose"}
    assert {answer["mode"] for answer in answers} >= {"sole", "joint"}
    kinds = {item["kind"] for answer in answers for item in answer["evidence"]}
    assert kinds == {"duty", "precedent", "words", "place", "wish"}
    codes = {reason["code"] for answer in answers for reason in answer["reasons"]}
    assert codes >= {"promise", "unsure", "wish.first", "wish.unknown", "text.short", "text.noise", "text.empty"}


@pytest.mark.parametrize("name", FORMATS)
def test_a_golden_bundle_is_small_and_says_what_it_is(name: str) -> None:
    assert sum(path.stat().st_size for path in (GOLDEN / name).iterdir()) < 300_000
    card = load_card(GOLDEN / name)
    assert card["encoder"] is None
    assert re.fullmatch(r"\d+\.\d+\.\d+", card["version"])


def test_the_script_makes_one_and_never_again(
    make: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make, "HERE", tmp_path)
    make.main()
    answers = json.loads((tmp_path / f"format-{FORMAT}.answers.json").read_bytes())
    assert [answer["id"] for answer in answers] == [question.id for question in make.QUESTIONS]
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(SystemExit, match="exists already"):
        make.main()
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", FORMATS)
def test_it_marks_words_and_duties_in_the_text_though_it_was_made_before(name: str, make: ModuleType) -> None:
    answers = Triager.load(GOLDEN / name).triage(make.QUESTIONS)
    marked: dict[str, set[str]] = {}
    for question, answer in zip(make.QUESTIONS, answers, strict=True):
        for item in answer.evidence:
            stands = {getattr(question, span.field)[span.start : span.end] for span in item.spans}
            assert "" not in stands
            assert bool(item.phrase) == (item.kind == "duty")
            marked.setdefault(question.id, set()).update(stands)
    assert "扩建" in "".join(marked["Q1"])
    assert marked["Q2"] == set(), "confidential"
    assert "家庭醫生" in "".join(marked["Q4"])
