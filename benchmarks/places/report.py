"""The figures as Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

GROUPS = {
    "all": "all letters",
    "full": "a district, town or street is named in full",
    "short": "only a district's short name stands in the letter",
    "none": "neither",
    "late": "the last two months, asked with what the letters of before teach",
    "late, none": "those of them that name none",
}
SENTENCES = ("sentences", "precision", "recall", "right")
COLUMNS = {"letters": "letters", "answered": "answered", "accuracy": "right when answered", "right": "right of all"}


def markdown(result: Mapping[str, Any]) -> str:
    """A table for each group of letters, then confidence and speed."""
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    lines = [
        "# The district of a letter",
        "",
        "shanghai2023: letters to a city and the district of the agency that answered; letters that an agency of the",
        "whole city answered are left out. The areas are the table's, `triage areas 上海市`. Which group a letter is",
        "in is told by plain search for the table's names, not by any system. The sentences are of our own writing,",
        "with names of areas and with what only looks like one.",
        "",
        f"{result['date']}; {versions}; one thread.",
    ]
    for system, why in result["not_measured"].items():
        lines.append(f"Not measured: {system}, {why}.")
    for group, title in GROUPS.items():
        if group in result["groups"]:
            lines += [
                "",
                f"## {title.capitalize()}",
                "",
                f"| | {' | '.join(COLUMNS.values())} |",
                "|---|---:|---:|---:|---:|",
            ]
            for system, found in result["groups"][group].items():
                cells = [f"{found['letters']:,}", *(f"{found[key]:.3f}" for key in list(COLUMNS)[1:])]
                lines.append(f"| {system} | {' | '.join(cells)} |")
    lines += ["", "## Own sentences: the smallest area, or none", ""]
    lines += [f"| | {' | '.join(SENTENCES)} |", "|---|---:|---:|---:|---:|"]
    for system, found in result["sentences"].items():
        cells = [f"{found['sentences']}", *(f"{found[key]:.3f}" for key in SENTENCES[1:])]
        lines.append(f"| {system} | {' | '.join(cells)} |")
    lines += ["", "## Confidence", "", "| from | answers | mean confidence | right |", "|---:|---:|---:|---:|"]
    lines += [
        f"| {row['from']:.3f} | {row['answers']} | {row['confidence']:.3f} | {row['accuracy']:.3f} |"
        for row in result["confidence"]
    ]
    lines += ["", "## Speed", "", "| | ms a letter |", "|---|---:|"]
    lines += [f"| {system} | {took:.2f} |" for system, took in result["milliseconds"].items()]
    return "\n".join(lines) + "\n"
