"""The figures as Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TITLES = {
    "lead": "Leads, each replaced by another case's lead",
    "lead swapped with a helper": "Leads, each swapped with a helper of its case",
    "topic": "Topics, each replaced by another case's topic",
    "co missing": "Helpers taken out",
    "co superfluous": "Helpers added",
}
COLUMNS = {
    "listed": "listed",
    "precision_10": "first 10",
    "precision_n": "first n",
    "precision_2n": "first 2n",
    "recall_4n": "found in 4n",
    "average_precision": "average precision",
    "right": "right proposal",
}


def markdown(result: Mapping[str, Any]) -> str:
    """A table for each kind of error, each system's mean over the seeds ± its standard deviation."""
    encoder = result["encoder"]["name"] if result["encoder"] else "none: wording only"
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    lines = [
        "# Planted errors that an audit of labels finds",
        "",
        f"cixi2017, {result['rows']} titles of one session. With each of {result['seeds']} seeds,",
        f"{result['share']:.0%} of the labels are made wrong, and the cases are ranked by how wrong each label looks.",
        "n is the number of planted errors. *first 10*, *first n*, *first 2n*: the share of planted errors among the",
        "first rows; *found in 4n*: the share of planted errors that are among the first 4n; *right proposal*: for how",
        "many of them the right label is proposed. Mean ± standard deviation over the seeds. Labels that were wrong or",
        "arguable before count against everybody: nobody knows them.",
        "",
        f"{result['date']}; {versions}; encoder: {encoder}.",
    ]
    for task, systems in result["tasks"].items():
        columns = [name for name in COLUMNS if any(name in figures for figures in systems.values())]
        lines += ["", f"## {TITLES[task]}", "", f"| | {' | '.join(COLUMNS[name] for name in columns)} |"]
        lines.append("|---" * (len(columns) + 1) + "|")
        for system, figures in systems.items():
            cells = [_cell(name, figures.get(name)) for name in columns]
            lines.append(f"| {system} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(name: str, figure: Mapping[str, float] | None) -> str:
    if figure is None:
        return ""
    if name == "listed":
        return f"{figure['mean']:.0f}"
    return f"{figure['mean']:.3f} ± {figure['deviation']:.3f}"
