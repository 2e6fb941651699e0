"""The README's figures are those of benchmarks/results, and the tables are made as they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.readme import BEGIN, BENCHMARKS, END, NOTHING, README, ablation, figures, with_figures

QUALITY: dict[str, Any] = {
    "date": "2026-01-02",
    "versions": {"triage": "9.9.9"},
    "encoder": {"name": "an-encoder"},
    "experiments": {
        "town": {
            "tasks": {
                "lead": {
                    "triage": {
                        "cases": 1234,
                        "top_1": 0.6149,
                        "top_3": 0.8,
                        "top_5": 1.0,
                        "calibration_error": 0.05,
                        "suggest_coverage": 0.3,
                        "suggest_accuracy": None,
                    },
                    "worse": {"cases": 1234, "top_1": 0.4, "top_3": 0.9, "top_5": 0.9},
                    "better": {"cases": 1234, "top_1": 0.5, "top_3": 0.6, "top_5": 0.7},
                },
                "co": {"triage": {"cases": 10, "recall_at_3": 0.1, "recall_at_5": 0.2, "recall_at_10": 0.3}},
            }
        },
        "river": {"tasks": {"topic": {"triage": {"cases": 7, "accuracy": 0.9, "macro_f1": 0.8}}}},
    },
}
SPEED: dict[str, Any] = {
    "date": "2026-01-03",
    "answering": {
        "resident_mib": {"encoder": 100.0, "triage": 120.0},
        "workloads": {
            "20 characters, one text": {
                "systems": {"encoder": {"texts_per_second": 1501.2}, "triage": {"texts_per_second": 99.6}}
            }
        },
    },
    "starting": {"import triage": {"seconds": 0.034}},
    "training": {"with encoder": {"letters": 4000, "seconds": 151.4, "peak_mib": 1800}},
}


DUPLICATES: dict[str, Any] = {
    "date": "2026-01-04",
    "versions": {"triage": "9.9.9"},
    "measures": {
        "pairs": {"systems": {"triage": {"average_precision": 0.93}, "other": {"average_precision": 0.71}}},
        "copies": {
            "rules": {
                "cut": {"systems": {"triage": {"recall_at_1": 0.1}}},
                "all at once": {"systems": {"triage": {"recall_at_1": 1.0, "graded_as_copy": 0.96}}},
            }
        },
    },
}


def write(folder: Path, name: str, result: dict[str, Any]) -> None:
    (folder / name).write_text(json.dumps(result), encoding="utf-8")


def test_the_readme_holds_the_figures_of_the_results() -> None:
    text = README.read_text(encoding="utf-8")
    assert with_figures(text, figures()) == text, "run `python -m benchmarks.readme`"


def test_the_benchmarks_readme_holds_the_ablation() -> None:
    text = BENCHMARKS.read_text(encoding="utf-8")
    assert with_figures(text, ablation()) == text, "run `python -m benchmarks.readme`"


def test_the_ablation_tells_differences_from_the_first_row(tmp_path: Path) -> None:
    variants = {
        "as it is": {"lead": {"top_1": 0.7, "top_5": 0.93}, "co": {"recall_at_5": 0.5}},
        "worse": {"lead": {"top_1": 0.65, "top_5": 0.9301}},
        "other helpers": {"co": {"recall_at_5": 0.512}},
    }
    write(tmp_path, "ablation.json", {"sets": {"cixi2017": {"variants": variants}}})
    assert ablation(tmp_path).splitlines() == [
        "|  | cixi2017: top-1 | top-5 | helpers: recall@5 |",
        "| --- | ---: | ---: | ---: |",
        "| as it is | .700 | .930 | .500 |",
        "| worse | −.050 | = | – |",
        "| other helpers | – | – | +.012 |",
    ]


def test_without_results_it_says_so(tmp_path: Path) -> None:
    assert figures(tmp_path) == NOTHING
    assert ablation(tmp_path) == NOTHING


def test_each_task_shows_ours_and_the_best_of_the_plain_systems(tmp_path: Path) -> None:
    write(tmp_path, "quality.json", QUALITY)
    told, leads, helpers, topics = figures(tmp_path).split("\n\n")
    assert told == "Measured 2026-01-02 with triage 9.9.9, with the sentence encoder an-encoder."
    assert leads.splitlines() == [
        "| Who leads | system | top-1 | top-3 | top-5 | ECE | suggested | right when suggested |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| town (1,234 asked) | **triage** | .615 | .800 | 1.00 | .050 | .300 | – |",
        "|  | better | .500 | .600 | .700 | – | – | – |",
    ]
    assert helpers.splitlines()[2:] == ["| town (10 asked) | **triage** | .100 | .200 | .300 |"]
    assert topics.splitlines()[2:] == ["| river (7 asked) | **triage** | .900 | .800 | – |"]


def test_speed_has_a_table_for_each_part_that_was_measured(tmp_path: Path) -> None:
    write(tmp_path, "speed.json", SPEED)
    _, answering, starting, training = figures(tmp_path).split("\n\n")
    assert answering.splitlines()[2:] == [
        "| the sentence encoder alone | 1,501 |",
        "| triage, all heads, with history | 100 |",
    ]
    assert starting.splitlines()[2:] == ["| `import triage` | 0.03 |"]
    assert training.splitlines()[2:] == ["| 4,000 letters, with encoder | 151 | 1,800 |"]
    write(tmp_path, "speed.json", {"date": "2026-01-03"})
    assert "|" not in figures(tmp_path)


def test_duplicates_have_a_row_for_each_system_and_a_column_for_each_measure(tmp_path: Path) -> None:
    write(tmp_path, "duplicates.json", DUPLICATES)
    told, table = figures(tmp_path).split("\n\n")
    assert told == "Duplicates, measured 2026-01-04 with triage 9.9.9."
    assert table.splitlines() == [
        "| What repeats what | same matter: average precision | rewritten copy: found first | graded as a copy |",
        "| --- | ---: | ---: | ---: |",
        "| **triage** | .930 | 1.00 | .960 |",
        "| other | .710 | – | – |",
    ]
    write(tmp_path, "duplicates.json", {**DUPLICATES, "measures": {}})
    assert "|" not in figures(tmp_path)


def test_only_what_stands_between_the_markers_changes() -> None:
    old = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    new = with_figures(old, "new")
    assert new == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    assert with_figures(new, "new") == new


@pytest.mark.parametrize("text", ["", BEGIN, END, f"{END}{BEGIN}", f"{BEGIN}{BEGIN}{END}", f"{BEGIN}{END}{END}"])
def test_a_text_without_both_markers_once_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="needs one"):
        with_figures(text, "new")
