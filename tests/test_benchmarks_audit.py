"""The audit's benchmark: errors are planted as it says, counted as it says, and its table is that of its figures."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.audit.__main__ import figures, main
from benchmarks.audit.planted import SHARE, Planted, at_random, swapped
from benchmarks.audit.report import markdown
from triage.datasets import read_cases

ROOT = Path(__file__).resolve().parent.parent
CASES = [case for case in read_cases(ROOT / "examples" / "cases.csv") if len(case.leads) == 1][:200]


def test_what_was_right_is_known_and_everything_else_is_as_it_was() -> None:
    made = at_random(CASES, 1)
    count = round(SHARE * len(CASES))
    assert (len(made.leads), len(made.topics)) == (count, count)
    assert not made.leads.keys() & made.topics.keys()
    for row, (old, new) in enumerate(zip(CASES, made.cases, strict=True)):
        assert new.suggestion == old.suggestion
        assert (new.leads != old.leads) == (row in made.leads)
        assert (new.topics != old.topics) == (row in made.topics)
        assert made.leads.get(row, old.leads) == old.leads
        assert not {*new.leads} & {*new.co}
        if row not in made.leads:
            gone = {unit for other, unit in made.removed if other == row}
            come = {unit for other, unit in made.added if other == row}
            assert {*new.co} == ({*old.co} - gone) | come
    assert len(made.removed) == len(made.added) > 0


def test_a_swap_exchanges_lead_and_helper() -> None:
    made = swapped(CASES, 1)
    assert len(made.leads) == round(SHARE * len(CASES))
    for row, right in made.leads.items():
        old, new = CASES[row], made.cases[row]
        assert right == old.leads
        assert new.leads[0] in old.co
        assert old.leads[0] in new.co
        assert {*new.leads, *new.co} == {*old.leads, *old.co}


@pytest.mark.parametrize("plant", [at_random, swapped])
def test_one_seed_gives_one_set_of_errors(plant: Callable[..., Planted]) -> None:
    assert plant(CASES, 2) == plant(CASES, 2)
    assert plant(CASES, 2) != plant(CASES, 3)


def test_the_figures_count_planted_errors_among_the_first() -> None:
    found = figures([5, 1, 7, 2, 9], {1, 2, 3})
    assert found["listed"] == 5
    assert found["precision_10"] == 0.2
    assert found["precision_n"] == pytest.approx(1 / 3)
    assert found["precision_2n"] == pytest.approx(2 / 6)
    assert found["recall_4n"] == pytest.approx(2 / 3)
    assert found["average_precision"] == pytest.approx((1 / 2 + 2 / 4) / 3)
    assert figures([], {1})["average_precision"] == 0


def test_the_table_that_is_committed_is_that_of_the_figures() -> None:
    folder = ROOT / "benchmarks" / "results"
    result = json.loads((folder / "audit.json").read_text(encoding="utf-8"))
    assert markdown(result) == (folder / "audit.md").read_text(encoding="utf-8")


def test_a_small_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (ROOT / "examples" / "cases.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    usual = {label for label, count in Counter(row["topic"] for row in table).most_common(16)}
    some = [row for row in table if row["topic"] in usual][:90]
    data = tmp_path / "data"
    data.mkdir()
    with (data / "cixi2017.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, table[0].keys())
        writer.writeheader()
        writer.writerows(some)
    assert main(["--data", str(data), "--no-encoder", "--seeds", "1", "--out", str(tmp_path / "out")]) == 0
    result = json.loads((tmp_path / "out" / "audit-lexical.json").read_text(encoding="utf-8"))
    assert set(result["tasks"]) == {"lead", "lead swapped with a helper", "topic", "co missing", "co superfluous"}
    assert "wording only" in capsys.readouterr().out


def test_a_missing_set_is_told(tmp_path: Path) -> None:
    assert main(["--data", str(tmp_path), "--no-encoder"]) == 2
