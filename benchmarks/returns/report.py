"""The result as Markdown: a table a set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def markdown(result: Mapping[str, Any]) -> str:
    """A table for each set, and what it is a table of."""
    encoder = result["encoder"]["name"] if result["encoder"] else "none"
    lines = [
        f"Measured {result['date']} with triage {result['versions']['triage']}, sentence encoder {encoder}.",
        "",
        "No returns are on record here. A wrong first lead, for cases that were not learned from, stands in for one.",
    ]
    for name, found in result["sets"].items():
        learned = found["simulated_returns_learned_from"]
        told = f"{name}: {found['asked']:,} asked, first lead wrong in {found['wrong']:.1%}"
        told += f"; {learned:,} simulated returns learned from" if learned else ""
        lines += ["", f"| **{told}** | AUC | more than the plain way | ECE |", "| --- | ---: | ---: | ---: |"]
        for way, scored in found["ways"].items():
            gain = scored["more_than_plain"]
            between = "–" if gain is None else f"{gain[0]:+.3f} to {gain[1]:+.3f}"
            lines.append(f"| {way} | {scored['auc']:.3f} | {between} | {scored['calibration_error']:.3f} |")
    return "\n".join(lines) + "\n"
