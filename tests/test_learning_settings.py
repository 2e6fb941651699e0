"""The constants of a training: what they may be, and that each does what it says."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from tests.test_learning_train import PLACE, history
from triage import InputError, Triager
from triage.catalogue import Catalogue
from triage.datasets import read_cases
from triage.learning.train import Settings, train

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("name", [field.name for field in fields(Settings)])
def test_numbers_that_cannot_be_are_refused(name: str) -> None:
    with pytest.raises(InputError, match=f"^{name}: 0"):
        Settings(**{name: 0})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.0])
def test_weights_are_finite_and_above_nothing(value: float) -> None:
    with pytest.raises(InputError, match=r"penalty: .*; a number above 0"):
        Settings(penalty=value)
    with pytest.raises(InputError, match=r"alike: 1\.1; a likeness above 0, at most 1"):
        Settings(alike=1.1)


def test_each_setting_changes_its_own_part() -> None:
    cases = history(3, 70)
    usual = train(cases, catalogue=PLACE).to_parts()
    for name, value, first, changed in (
        ("lead_duties", 2.0, "lead", {"lead", "co", "promise", "unseen"}),
        ("co_duties", 2.0, "co", {"co", "promise"}),
        ("topic_phrases", 2.0, "topics", {"topics", "unseen"}),
        ("max_n", 1, "lexical", {"lexical", "references", "lead", "co", "topics", "promise", "unseen"}),
    ):
        made = train(cases, catalogue=PLACE, settings=Settings(**{name: value})).to_parts()
        other = {
            part
            for part, kept in usual.items()
            if made[part].data != kept.data
            or any(made[part].arrays[key].tobytes() != array.tobytes() for key, array in kept.arrays.items())
        }
        assert first in other <= changed, name


def test_a_bundle_of_other_settings_is_read_like_any(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triage.learning.labels.starter_catalogue", lambda: Catalogue((), (), ()))
    cases = read_cases(ROOT / "examples" / "cases.csv")[:60]
    made = Triager.train(cases, settings=Settings(penalty=3.0, max_n=2, max_cases=50))
    assert made.card["cases_used"] == 50
    assert made.card["settings"] == {
        "lead_duties": 0.5,
        "co_duties": 0.3,
        "topic_phrases": 0.5,
        "penalty": 3.0,
        "alike": 0.75,
        "max_cases": 50,
        "max_n": 2,
    }
    read = Triager.load(made.save(tmp_path / "bundle"))
    asked = [case.suggestion for case in cases[:5]]
    assert [answer.lead for answer in read.triage(asked)] == [answer.lead for answer in made.triage(asked)]
    assert read.card["settings"]["max_n"] == 2
