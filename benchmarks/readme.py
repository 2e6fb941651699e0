"""``python -m benchmarks.readme``: write the figures of ``benchmarks/results`` into both READMEs, between their marks.

Tables are not typed: what stands between ``<!-- figures -->`` and ``<!-- /figures -->`` is made here, and a test
compares the two. The top README has what a user asks first, the one of the benchmarks the ablation's short table.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.duplicates.lookups import ALL_AT_ONCE
from benchmarks.quality.run import LIBRARY

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
README = ROOT / "README.md"
BENCHMARKS = ROOT / "benchmarks" / "README.md"
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"

TASKS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "lead": (
        "Who leads",
        (
            ("top_1", "top-1"),
            ("top_3", "top-3"),
            ("top_5", "top-5"),
            ("calibration_error", "ECE"),
            ("suggest_coverage", "suggested"),
            ("suggest_accuracy", "right when suggested"),
        ),
    ),
    "co": (
        "Who helps",
        (("recall_at_3", "recall@3"), ("recall_at_5", "recall@5"), ("recall_at_10", "recall@10")),
    ),
    "topic": ("Topic", (("accuracy", "accuracy"), ("macro_f1", "macro-F1"), ("calibration_error", "ECE"))),
}
"""For each task its heading and the figures that are shown; the first ranks the baselines."""

DUPLICATES = (
    ("pairs", "average_precision", "same matter: average precision"),
    ("labels", "average_precision", "a session's pairs: average precision"),
    ("copies", "recall_at_1", "rewritten copy: found first"),
    ("copies", "graded_as_copy", "graded as a copy"),
    ("titles", "recall_at_1", "title's body: first"),
    ("titles", "recall_at_10", "among ten"),
    ("letters", "recall_at_5", "sent again: among five"),
)
"""The measures of duplicates that are shown: the measure, its figure, the head of the column."""

ABLATION = (
    ("cixi2017", "lead", "top_1", "cixi2017: top-1"),
    ("cixi2017", "lead", "top_5", "top-5"),
    ("cixi2017_cold", "lead", "top_1", "cold: top-1"),
    ("cixi2017", "co", "recall_at_5", "helpers: recall@5"),
    ("shanghai2023_last_month", "lead", "top_1", "shanghai2023, last month: top-1"),
    ("shanghai2023_last_month", "lead", "calibration_error", "ECE"),
    ("taidi2020_topics", "topic", "macro_f1", "taidi2020 topics: macro-F1"),
)
"""The columns of the ablation's short table: set, task, figure, head."""

NOTHING = (
    "_No result stands in `benchmarks/results` yet: `make bench-quality DATA=…` and `make bench-speed` make them._"
)


def figures(folder: Path = RESULTS) -> str:
    """The tables for the README, from the result files in `folder`."""
    parts = []
    quality = _read(folder / "quality.json")
    if quality:
        parts += [_told(quality), *_quality(quality["experiments"])]
    if duplicates := _read(folder / "duplicates.json"):
        parts += _duplicates(duplicates)
    if speed := _read(folder / "speed.json"):
        parts += _speed(speed)
    return "\n\n".join(parts) or NOTHING


def ablation(folder: Path = RESULTS) -> str:
    """The short table of the ablation: the library's figures, and each variant's difference from them."""
    result = _read(folder / "ablation.json")
    if not result:
        return NOTHING
    columns = [column for column in ABLATION if column[0] in result["sets"]]
    first: dict[tuple[str, ...], float] = {}
    rows: dict[str, list[str]] = {}
    for at, (name, task, figure, _) in enumerate(columns):
        for variant, scored in result["sets"][name]["variants"].items():
            value = scored.get(task, {}).get(figure)
            if value is not None:
                key = (name, task, figure)
                told = _cell({figure: value}, figure) if key not in first else _signed(value - first[key])
                rows.setdefault(variant, ["–"] * len(columns))[at] = told
                first.setdefault(key, value)
    return _table(["", *(head for *_, head in columns)], [[variant, *cells] for variant, cells in rows.items()])


def _signed(difference: float) -> str:
    """A difference to three places with its sign; nothing where there is none."""
    told = f"{difference:+.3f}".replace("-", "−").replace("0.", ".", 1)
    return "=" if float(f"{difference:.3f}") == 0 else told


def with_figures(text: str, tables: str) -> str:
    """A document with `tables` between its markers. Raises ValueError where they are not both there, once, in order."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in after:
        raise ValueError(f"the text needs one {BEGIN} and one {END} behind it")
    return f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}"


def main() -> int:
    """Write the tables anew; returns the exit code."""
    for path, tables in ((README, figures()), (BENCHMARKS, ablation())):
        path.write_text(with_figures(path.read_text(encoding="utf-8"), tables), encoding="utf-8")
        told = RESULTS.relative_to(ROOT).as_posix()
        print(f"{path.relative_to(ROOT).as_posix()}: its figures are those of {told}")
    return 0


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found


def _told(result: Mapping[str, Any]) -> str:
    encoder = result.get("encoder")
    told = f"with the sentence encoder {encoder['name']}" if encoder else "on wording alone"
    return f"Measured {result['date']} with triage {result['versions']['triage']}, {told}."


def _quality(experiments: Mapping[str, Any]) -> list[str]:
    """For each task: a row for the library on each experiment, and below it the best of the plain baselines."""
    tables = []
    for task, (heading, columns) in TASKS.items():
        rows: list[list[str]] = []
        for name, experiment in experiments.items():
            systems: Mapping[str, Any] = experiment["tasks"].get(task, {})
            own = systems.get(LIBRARY)
            if own is None:
                continue
            rows.append([f"{name} ({own['cases']:,} asked)", "**triage**", *(_cell(own, key) for key, _ in columns)])
            if best := _best(systems, columns[0][0]):
                rows.append(["", best, *(_cell(systems[best], key) for key, _ in columns)])
        if rows:
            tables.append(_table([heading, "system", *(head for _, head in columns)], rows, named=2))
    return tables


def _best(systems: Mapping[str, Any], key: str) -> str:
    """The plain baseline that is best by one figure; empty where there is none."""
    plain = {name: found[key] for name, found in systems.items() if name != LIBRARY}
    return max(plain, key=lambda name: plain[name], default="")


def _duplicates(result: Mapping[str, Any]) -> list[str]:
    """What repeats what: a row for the library and one for each system that a user would take instead."""
    measures: Mapping[str, Any] = result["measures"]
    columns = [column for column in DUPLICATES if _systems(measures, column[0])]
    names = dict.fromkeys(name for measure, _, _ in columns for name in _systems(measures, measure))
    rows = [
        [
            f"**{name}**" if name == LIBRARY else name,
            *(_cell(_systems(measures, measure).get(name, {}), key) for measure, key, _ in columns),
        ]
        for name in names
    ]
    told = f"Duplicates, measured {result['date']} with triage {result['versions']['triage']}."
    return [told, _table(["What repeats what", *(head for _, _, head in columns)], rows)] if rows else []


def _systems(measures: Mapping[str, Any], measure: str) -> Mapping[str, Any]:
    """The systems' figures of one measure of duplicates; of the copies, those that all rules made at once."""
    found = measures.get(measure, {})
    found = found.get("rules", {}).get(ALL_AT_ONCE, {}) if measure == "copies" else found
    systems: Mapping[str, Any] = found.get("systems", {})
    return systems


def _speed(result: Mapping[str, Any]) -> list[str]:
    """How long a text takes beside the bare encoder and torch, how long a start and a training take."""
    parts = [f"Speed, measured {result['date']}; the first table on one thread."]
    if "answering" in result:
        workloads: Mapping[str, Any] = result["answering"]["workloads"]
        names = list(result["answering"]["resident_mib"])
        rows = [
            [
                SPEED_NAMES.get(name, name),
                *(f"{work['systems'][name]['texts_per_second']:,.0f}" for work in workloads.values()),
            ]
            for name in names
        ]
        parts.append(_table(["texts a second", *workloads], rows))
    if "starting" in result:
        rows = [[f"`{name}`", f"{took['seconds']:.2f}"] for name, took in result["starting"].items()]
        parts.append(_table(["from nothing to the end of a process", "seconds"], rows))
    if "training" in result:
        rows = [
            [f"{took['letters']:,} letters, {name}", f"{took['seconds']:.0f}", f"{took['peak_mib']:,}"]
            for name, took in result["training"].items()
        ]
        parts.append(_table(["training, two cores", "seconds", "peak memory, MiB"], rows))
    return parts


SPEED_NAMES = {
    "encoder": "the sentence encoder alone",
    "triage": "triage, all heads, with history",
    "triage_cold": "triage, all heads, cold",
    "triage_lexical": "triage, all heads, without encoder",
    "torch": "sentence-transformers on torch, same weights",
}


def _cell(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    if value is None:
        return "–"
    return f"{value:.3f}".removeprefix("0") if value < 1 else f"{value:.2f}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], named: int = 1) -> str:
    """A Markdown table whose first `named` columns are words, the others figures."""
    align = ["---"] * named + ["---:"] * (len(header) - named)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, align, *rows))


if __name__ == "__main__":
    sys.exit(main())
