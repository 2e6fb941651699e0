"""The weights and their figures as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def markdown(result: Mapping[str, Any]) -> str:
    """For each head one table of weights and one of figures."""
    lines = [f"Fitted {result['date']} with triage {result['versions']['triage']}.", ""]
    for name, head in result["heads"].items():
        lines += [f"**{name}** ({head['cases']} invented cases)", ""]
        columns = [key for key in ("stored", "fitted", "fitted_on_real_titles") if key in head]
        weights = [
            [signal, *(f"{head[key][row]:.2f}" for key in columns)] for row, signal in enumerate(head["signals"])
        ]
        lines += [*_table(["weight", *(key.replace("_", " ") for key in columns)], weights), ""]
        for key, told in (("figures", "invented cases"), ("figures_on_real_titles", "real titles")):
            if key in head:
                lines += [*_figures(told, head[key]), ""]
    return "\n".join(lines).rstrip() + "\n"


def _figures(told: str, found: Mapping[str, Mapping[str, float]]) -> list[str]:
    keys = list(next(iter(found.values())))
    rows = [[name, *(f"{values[key]:.3f}" for key in keys)] for name, values in found.items()]
    return _table([told, *(key.replace("_", " ") for key in keys)], rows)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    align = ["---", *["---:"] * (len(header) - 1)]
    return [f"| {' | '.join(cells)} |" for cells in (header, align, *rows)]
