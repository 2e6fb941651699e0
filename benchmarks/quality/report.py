"""The result as JSON, for whoever compares two runs, and as Markdown, for whoever reads the README."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.quality.run import LIBRARY

COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    "lead": (("top_1", "top-1"), ("top_3", "top-3"), ("top_5", "top-5"), ("calibration_error", "ECE")),
    "co": (("recall_at_3", "recall@3"), ("recall_at_5", "recall@5"), ("recall_at_10", "recall@10")),
    "topic": (("accuracy", "accuracy"), ("macro_f1", "macro-F1"), ("calibration_error", "ECE")),
}
PROMISES = (
    ("suggest_coverage", "suggested"),
    ("suggest_accuracy", "right when suggested"),
    ("accuracy_at_0.2", "surest 20 %"),
    ("accuracy_at_0.35", "surest 35 %"),
    ("accuracy_at_0.5", "surest 50 %"),
)
PLACES = (
    ("kind_accuracy", "kind of unit right"),
    ("asks_for_place", "asks for the place"),
    ("asks_where_only_the_kind_is_right", "… where only the kind is right"),
)
TASKS = {"lead": "lead unit", "co": "co-handling units", "topic": "topic"}


def write(result: Mapping[str, Any], folder: Path, name: str) -> tuple[Path, Path]:
    """`name`.json and `name`.md in `folder`; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    raw, readable = folder / f"{name}.json", folder / f"{name}.md"
    raw.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    readable.write_text(markdown(result), encoding="utf-8")
    return raw, readable


def markdown(result: Mapping[str, Any]) -> str:
    """One table a task: each experiment with the library first and the baselines below it; bold: best of a column."""
    encoder = result["encoder"]
    told = f"sentence encoder {encoder['name']}" if encoder else "without sentence encoder"
    lines = [f"Measured {result['date']} with triage {result['versions']['triage']}, {told}.", ""]
    experiments: Mapping[str, Any] = result["experiments"]
    for task in TASKS:
        lines += _task_table(task, experiments)
    lines += _own_table("What the lead's score is worth (triage)", PROMISES, experiments)
    lines += _own_table("Units that repeat over districts (triage)", PLACES, experiments)
    if missing := result.get("not_measured"):
        lines += [f"Not measured: {name} ({why})." for name, why in missing.items()]
    return "\n".join(lines).rstrip() + "\n"


def _task_table(task: str, experiments: Mapping[str, Any]) -> list[str]:
    columns = COLUMNS[task]
    rows: list[list[str]] = []
    for name, experiment in experiments.items():
        systems: Mapping[str, Any] = experiment["tasks"].get(task, {})
        best = {key: _best(key, systems) for key, _ in columns}
        for system, found in systems.items():
            first = f"{name} ({found['cases']:,} asked)" if system == LIBRARY else ""
            rows.append([first, system, *(_cell(found.get(key), best[key]) for key, _ in columns)])
    return [*_table((f"**{TASKS[task]}**", "system", *(head for _, head in columns)), rows), ""] if rows else []


def _best(key: str, systems: Mapping[str, Any]) -> float | None:
    values = [found[key] for found in systems.values() if found.get(key) is not None]
    if len(values) < 2:
        return None
    return float(min(values) if key == "calibration_error" else max(values))


def _own_table(title: str, columns: Sequence[tuple[str, str]], experiments: Mapping[str, Any]) -> list[str]:
    rows = []
    for name, experiment in experiments.items():
        found = experiment["tasks"].get("lead", {}).get(LIBRARY, {})
        if any(key in found for key, _ in columns):
            rows.append([name, *(_cell(found.get(key)) for key, _ in columns)])
    return [*_table((f"**{title}**", *(head for _, head in columns)), rows), ""] if rows else []


def _cell(value: float | None, best: float | None = None) -> str:
    if value is None:
        return "–"
    shown = f"{value:.3f}".removeprefix("0") if value < 1 else f"{value:.2f}"
    return f"**{shown}**" if best is not None and value == best else shown


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    align = ["---" if place < 2 else "---:" for place in range(len(header))]
    return [f"| {' | '.join(cells)} |" for cells in (header, align, *rows)]
