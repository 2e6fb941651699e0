"""The result as JSON and as Markdown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

NAMES = {"library": "the library, called", "service": "triage serve", "plain": "a plain endpoint, one process"}
RATIOS = (
    ("median, one at a time", ("one_at_a_time", "median_ms")),
    ("median, clerks", ("clerks", "median_ms")),
    ("p95, clerks", ("clerks", "p95_ms")),
    ("p95, without a pause", ("without_pause", "p95_ms")),
    ("requests a second, without a pause", ("without_pause", "a_second")),
)


def ratios(result: Mapping[str, Any]) -> dict[str, float]:
    """The service's figures over those of the plain endpoint in the same run."""
    found = {}
    for told, (part, figure) in RATIOS:
        one, other = (result[part].get(name, {}).get(figure) for name in ("service", "plain"))
        if one and other:
            found[told] = round(one / other, 2)
    return found


def write(result: Mapping[str, Any], folder: Path) -> tuple[Path, Path]:
    """service.json and service.md in `folder`; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    raw, readable = folder / "service.json", folder / "service.md"
    raw.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    readable.write_text(markdown(result), encoding="utf-8")
    return raw, readable


def markdown(result: Mapping[str, Any]) -> str:
    """What was measured and how, a table each, and the ratios."""
    setup = result["setup"]
    setting = (
        f"Measured {result['date']} with triage {result['versions']['triage']} on {setup['cores']} cores, "
        f"{setup['rows']:,} texts in the index, {setup['processes']} serving processes, texts of {setup['characters']} "
        "characters, servers and clients on the same machine."
    )
    lines = [
        setting,
        "",
        *_table(
            [
                "one text at a time",
                "median, ms",
                "p95, ms",
                "above the library's time in the same request, ms",
                "above the library called alone, ms",
            ],
            [
                [
                    NAMES[name],
                    *(found.get(part, "") for part in ("median_ms", "p95_ms", "around_ms", "above_library_ms")),
                ]
                for name, found in result["one_at_a_time"].items()
                if name in NAMES
            ],
        ),
    ]
    for part, title in (("clerks", "clerks"), ("without_pause", "clients without a pause")):
        found = result[part]
        pause = f", {found['think'][0]:g} to {found['think'][1]:g} s of thought" if found["think"][1] else ""
        head = [f"{found['clients']} {title}{pause}", "requests a second", "median, ms", "p95, ms", "p99, ms", "failed"]
        rows = [_loaded(name, found[name]) for name in ("service", "plain")]
        lines += ["", *_table(head, rows)]
    starts = [
        [NAMES[name], result["start"][name]["ready_s"], *_memory(result["start"][name]["memory"])]
        for name in ("service", "plain")
    ]
    head = ["start", "ready after, s", "largest process: rss, MiB", "its share (pss), MiB", "all processes, MiB"]
    lines += ["", *_table(head, starts), ""]
    if batch := result.get("batch"):
        lines += [
            f"A batch of {batch['rows']:,} rows: {batch['seconds']:g} s from handing it in to its whole result.",
            "",
        ]
    lines += [f"{told}: {value:.2f} times the plain endpoint's." for told, value in result["ratios"].items()]
    return "\n".join(lines).rstrip() + "\n"


def _loaded(name: str, found: Mapping[str, Any]) -> list[object]:
    return [NAMES[name], *(found.get(key, "") for key in ("a_second", "median_ms", "p95_ms", "p99_ms", "failed"))]


def _memory(found: Sequence[Mapping[str, float]]) -> list[object]:
    if not found:
        return ["", "", ""]
    largest = max(found, key=lambda one: one["rss"])
    return [f"{largest['rss']:.0f}", f"{largest['pss']:.0f}", f"{sum(one['pss'] for one in found):.0f}"]


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return lines + [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]
