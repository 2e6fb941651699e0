"""The result as Markdown: a table a set, each variant beside the library as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SHOWN = {
    "lead": ("top_1", "top_3", "top_5", "calibration_error", "suggest_coverage", "suggest_accuracy"),
    "co": ("recall_at_3", "recall_at_5", "recall_at_10"),
    "topic": ("accuracy", "macro_f1"),
}
HEADS = {
    "top_1": "top-1",
    "top_3": "top-3",
    "top_5": "top-5",
    "calibration_error": "ECE",
    "suggest_coverage": "suggested",
    "suggest_accuracy": "right when suggested",
    "recall_at_3": "recall@3",
    "recall_at_5": "recall@5",
    "recall_at_10": "recall@10",
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
}


def markdown(result: Mapping[str, Any]) -> str:
    """A table for each set and task."""
    encoder = result["encoder"]["name"] if result["encoder"] else "none"
    lines = [f"Measured {result['date']} with triage {result['versions']['triage']}, sentence encoder {encoder}.", ""]
    for name, found in result["sets"].items():
        for task, shown in SHOWN.items():
            rows = {variant: scored[task] for variant, scored in found["variants"].items() if task in scored}
            if rows:
                lines += [*_table(f"{name}, {task} ({found['asked']:,} asked)", shown, rows), ""]
        if "helper_sets" in found:
            lines += [*_sets(name, found["helper_sets"]), ""]
    return "\n".join(lines).rstrip() + "\n"


def _table(title: str, shown: tuple[str, ...], rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    head = f"| **{title}** | {' | '.join(HEADS[key] for key in shown)} |"
    lines = [head, f"| --- |{' ---: |' * len(shown)}"]
    first = next(iter(rows.values()))
    for variant, scored in rows.items():
        cells = [_cell(scored.get(key), first.get(key), scored is first) for key in shown]
        lines.append(f"| {variant} | {' | '.join(cells)} |")
    return lines


def _sets(name: str, rows: Sequence[Mapping[str, float]]) -> list[str]:
    lines = [
        f"| **{name}, helpers as sets: promised recall** | recall | size | 10 % to 90 % | lists as long: recall |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        spread = f"{row['size_10']:.0f} to {row['size_90']:.0f}"
        cells = [_cell(row["recall"], None, True), f"{row['size']:.1f}", spread, _cell(row["list_recall"], None, True)]
        lines.append(f"| {_cell(row['promised'], None, True)} | {' | '.join(cells)} |")
    return lines


def _cell(value: float | None, before: float | None, first: bool) -> str:
    """The figure, and how far it is from the library's own."""
    if value is None:
        return "–"
    told = f"{value:.3f}".replace("0.", ".", 1) if value < 1 else f"{value:.2f}"
    return (
        told if first or before is None else f"{told} ({value - before:+.3f})".replace("+0.", "+.").replace("-0.", "−.")
    )
