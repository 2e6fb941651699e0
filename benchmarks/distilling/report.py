"""The result as JSON, for whoever compares two runs, and as Markdown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.tuning.report import set_table


def write(result: Mapping[str, Any], folder: Path) -> None:
    """distilling.json and distilling.md in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    raw = json.dumps(result, ensure_ascii=False, indent=1) + "\n"
    (folder / "distilling.json").write_text(raw, encoding="utf-8")
    (folder / "distilling.md").write_text(markdown(result), encoding="utf-8")


def markdown(result: Mapping[str, Any]) -> str:
    """How each student came about, a table a set, our own pairs, and speed."""
    told = (
        f"Measured {result['date']} with triage {result['versions']['triage']}; the teacher is sentence encoder "
        f"{result['encoder']['name']}. Differences to the teacher on the same cases; bold: the 95 % interval (paired "
        "bootstrap, copies together) does not hold 0."
    )
    lines = [told, ""]
    lines += [
        f"* **{name}**: {one['layers'][0]} of {one['layers'][1]} layers, learned from {one['pieces']:,} pieces of "
        f"generic Chinese, invented suggestions and duties in {_minutes(one)}; held-out loss "
        f"{one['looks'][0][1]:.3f} before, {min(loss for _, loss in one['looks']):.3f} after"
        for name, one in result["students"].items()
    ]
    lines.append("")
    for name, one in result["sets"].items():
        lines += set_table(name, one)
    for name, one in result["pairs"].items():
        lines += _pairs(name, one)
    for name, one in result["speed"].items():
        lines += _speed(name, one)
    return "\n".join(lines).rstrip() + "\n"


def _minutes(student: Mapping[str, Any]) -> str:
    seconds = student.get("seconds")
    return "a run of its own" if seconds is None else f"{seconds / 60:.0f} minutes on {student['threads']} threads"


def _pairs(name: str, one: Mapping[str, Any]) -> list[str]:
    rows = [(f"{measure['name']}, vectors alone", measure) for measure in one["measures"]]
    rows.append(("same matter or closer, graded (average precision)", one["one_matter"]))
    lines = [f"| **our own pairs**, {name} | teacher | student |", "| --- | ---: | ---: |"]
    return [*lines, *(f"| {told} | {found['base']:.3f} | {found['tuned']:.3f} |" for told, found in rows), ""]


def _speed(name: str, one: Mapping[str, Any]) -> list[str]:
    lines = [f"| **texts a second, one thread**, {name} | teacher | student | ratio |", "| --- | ---: | ---: | ---: |"]
    for length, found in one["texts_a_second"].items():
        lines.append(f"| {length} characters | {found['base']} | {found['student']} | {found['ratio']:.2f} |")
    before, after = one["graph_megabytes"]
    lines.append(f"| graph, MB | {before:.1f} | {after:.1f} | {before / after:.2f} |")
    return [*lines, ""]
