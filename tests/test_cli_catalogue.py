"""`triage catalogue check`: the folder's files, the office's, and the examples of its rules."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Said

Command = Callable[..., Said]
PLACES = Path(__file__).resolve().parent.parent / "examples" / "places"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PLACES / "zhenxi-county", tmp_path / "place"))


def test_a_folder_in_which_nothing_is_wrong(command: Command, place: Path) -> None:
    done = command("catalogue", "check", place)
    assert done.code == 0
    assert "38 units today" in done.out
    assert "21 rules with 50 examples, 6 days of its own. Nothing is wrong." in done.out


def test_the_starter_is_right(command: Command) -> None:
    done = command("catalogue", "check")
    assert (done.code, "Nothing is wrong" in done.out) == (0, True)


def test_a_rule_whose_example_fails_stops_it(command: Command, place: Path) -> None:
    rules = place / "rules.csv"
    rules.write_text(
        rules.read_text(encoding="utf-8").replace("鹰嘴崖村断水九天", "鹰嘴崖村没水九天"), encoding="utf-8"
    )
    done = command("catalogue", "check", place)
    assert done.code == 2
    assert "rules.csv:19: rule 'ZX-J3' does not find its example '鹰嘴崖村没水九天，靠人挑。'" in done.out
    assert "1 error. Mend them" in done.err


def test_defects_of_all_files_in_one_go(command: Command, place: Path) -> None:
    with (place / "days.csv").open("a", encoding="utf-8") as days:
        days.write("2025-07-08,班,\n")
    with (place / "areas.csv").open("a", encoding="utf-8") as areas:
        areas.write("x,某村,,,,村,nowhere,\n")
    office = place / "office.toml"
    office.write_text(office.read_text(encoding="utf-8").replace("return_window", "window"), encoding="utf-8")
    done = command("catalogue", "check", place)
    assert done.code == 2
    for said in (
        "areas.csv:31:",
        "office.toml:10: has the unknown key 'deadlines.window'",
        "days.csv:8: day 2025-07-08",
    ):
        assert said in done.out
    assert "3 errors. Mend them" in done.err


def test_a_day_that_the_calendar_knows_is_a_warning(command: Command, place: Path) -> None:
    with (place / "days.csv").open("a", encoding="utf-8") as days:
        days.write("2025-10-01,休,国庆\n")
    done = command("catalogue", "check", place)
    assert done.code == 0
    assert "days.csv:8: day 2025-10-01 (星期三) is 休 in the official calendar too" in done.out


def test_an_endless_pattern_never_runs(command: Command, place: Path) -> None:
    with (place / "rules.csv").open("a", encoding="utf-8") as rules:
        rules.write(f"X1,提示,慢,(的+)+吗,,,both,某办法（虚构）,一,tag,,,{'的' * 60},,\n")
    done = command("catalogue", "check", place)
    assert done.code == 2
    assert "rule 'X1': its pattern could run for ever" in done.out
