"""The result of the labelling benchmark: figures as JSON, and a table that a person reads."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.labelling.curve import BUDGETS, RANDOM, WAYS

DRAWS = 2_000


def summed(curves: dict[int, list[dict[str, dict[int, float]]]]) -> list[dict[str, Any]]:
    """A row for each start and way: the mean over the seeds, and the difference from labelling by chance with its 95 %
    interval (paired bootstrap over the seeds).
    """
    rows: list[dict[str, Any]] = []
    for start, found in curves.items():
        for way in WAYS:
            row: dict[str, Any] = {"start": start, "way": way, "seeds": len(found), "labelled": {}}
            for budget in (0, *BUDGETS):
                right = np.array([one[way][budget] for one in found])
                apart = right - np.array([one[RANDOM][budget] for one in found])
                draws = np.random.default_rng(0).integers(0, len(apart), (DRAWS, len(apart)))
                low, high = np.quantile(apart[draws].mean(axis=1), [0.025, 0.975])
                row["labelled"][str(budget)] = {
                    "top_1": round(float(right.mean()), 4),
                    "beyond_random": round(float(apart.mean()), 4),
                    "low": round(float(low), 4),
                    "high": round(float(high), 4),
                }
            rows.append(row)
    return rows


def markdown(result: dict[str, Any]) -> str:
    """A table a set."""
    encoder = result["encoder"]
    told = encoder["name"] if encoder else "none"
    lines = [
        "# What to label next",
        "",
        f"`python -m benchmarks.labelling`, {result['date']}, triage {result['versions']['triage']}, encoder: {told}.",
        "",
        "Mean over the seeds of how often the right lead is first, near-copies on one side. In brackets: the",
        "difference from labelling as many drawn by chance, with its 95 % interval (paired bootstrap over the seeds).",
        "A fifth of what `triage next` chooses is itself drawn by chance, which costs a little and keeps estimates",
        "honest.",
        "",
    ]
    for name, measured in result["sets"].items():
        lines += [f"## {name}: {measured['rows']} cases, {measured['asked']} of them asked", "", *_table(measured), ""]
    return "\n".join(lines)


def _table(measured: dict[str, Any]) -> list[str]:
    heads = " | ".join(f"{budget} labelled" for budget in BUDGETS)
    lines = [f"| history | way | seeds | none | {heads} |", "|---|---|---|---|" + "---|" * len(BUDGETS)]
    for row in measured["curves"]:
        cells = []
        for budget in BUDGETS:
            cell = row["labelled"][str(budget)]
            said = f"{cell['top_1']:.3f}"
            if row["way"] != RANDOM:
                said += f" ({cell['beyond_random']:+.3f}, {cell['low']:+.3f} to {cell['high']:+.3f})"
            cells.append(said)
        base = row["labelled"]["0"]["top_1"]
        lines.append(f"| {row['start']} | {row['way']} | {row['seeds']} | {base:.3f} | {' | '.join(cells)} |")
    return lines
