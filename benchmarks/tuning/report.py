"""The result as JSON, for whoever compares two runs, and as Markdown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SHOWN = ("lead_mrr", "lead_top_1", "lead_top_3", "lead_top_5", "co_recall_5", "co_recall_10", "topic")


def write(result: Mapping[str, Any], folder: Path) -> tuple[Path, Path]:
    """tuning.json and tuning.md in `folder`; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    raw, readable = folder / "tuning.json", folder / "tuning.md"
    raw.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    readable.write_text(markdown(result), encoding="utf-8")
    return raw, readable


def markdown(result: Mapping[str, Any]) -> str:
    """A table a set: the base encoder, then each way of tuning with its differences; bold where they are sure."""
    settings = result["settings"]
    told = (
        f"Measured {result['date']} with triage {result['versions']['triage']}, sentence encoder "
        f"{result['encoder']['name']}: the last {settings['layers']} layers, at most {settings['epochs']} epochs, "
        f"learning rate {settings['rate']:g}. Differences to the base encoder on the same cases; bold: the 95 % "
        "interval (paired bootstrap, copies together) does not hold 0."
    )
    lines = [told, ""]
    for name, one in result["sets"].items():
        lines += set_table(name, one, "tuned: ")
    if vectors := result.get("vectors"):
        lines += _vector_table(vectors)
    return "\n".join(lines).rstrip() + "\n"


def set_table(name: str, one: Mapping[str, Any], prefix: str = "") -> list[str]:
    """The base encoder on a set, then each variant with its differences; bold where they are sure."""
    variants: Mapping[str, Any] = one["variants"]
    first = {measure["key"]: measure for measure in next(iter(variants.values()))["measures"]}
    keys = [key for key in SHOWN if key in first]
    header = [f"**{name}** ({one['asked']} asked)", *(first[key]["name"] for key in keys), "ECE of the lead", "verdict"]
    base = ["base", *(f"{first[key]['base']:.3f}" for key in keys), _number(one["calibration_error"]), ""]
    rows = [header, ["---", *["---:"] * (len(header) - 2), "---"], base]
    for variant, found in variants.items():
        measures = {measure["key"]: measure for measure in found["measures"]}
        cells = [_difference(measures[key]) for key in keys]
        rows.append([f"{prefix}{variant}", *cells, _number(found["calibration_error"]), found["verdict"]])
    return [*(f"| {' | '.join(cells)} |" for cells in rows), ""]


def _vector_table(vectors: Mapping[str, Any]) -> list[str]:
    lines = [
        "| **our own texts, vectors alone** | encoder | base | tuned | difference |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    for name, found in vectors.items():
        for measure in found["measures"]:
            cells = (measure["name"], name, f"{measure['base']:.3f}", f"{measure['tuned']:.3f}", _difference(measure))
            lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def _difference(measure: Mapping[str, Any]) -> str:
    gain = f"{measure['tuned'] - measure['base']:+.3f}"
    interval = measure["interval"]
    return f"**{gain}**" if interval and (interval[0] > 0 or interval[1] < 0) else gain


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
