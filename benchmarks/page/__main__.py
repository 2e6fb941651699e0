"""``python -m benchmarks.page``: how soon the clerk's page can be used, and whether it stays awake with 5,000 rows."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.environment import environment
from benchmarks.options import RESULTS
from benchmarks.page import measuring
from benchmarks.page.browsing import MISSING, browser, chromium
from benchmarks.page.filling import hand_in
from benchmarks.page.serving import serving
from benchmarks.service.servers import cores

ROOT = Path(__file__).resolve().parents[2]
WORDS = "公交站"
LIMITS = {"usable_ms": 1_000, "long_task_ms": 100, "bytes": 300_000}
"""What the page promises."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit code: 1 where a promise is not kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "starter", help="bundle that answers")
    parser.add_argument("--rows", type=int, default=5_000, help="suggestions in the list")
    parser.add_argument("--times", type=int, default=9, help="how often the page is opened")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results; default benchmarks/results")
    wanted = parser.parse_args(arguments)
    program = chromium()
    if program is None:
        print(MISSING, file=sys.stderr)
        return 2
    result = measure(wanted.model, program, wanted.rows, wanted.times)
    wanted.out.mkdir(parents=True, exist_ok=True)
    raw = json.dumps(result, ensure_ascii=False, indent=1) + "\n"
    (wanted.out / "page.json").write_text(raw, encoding="utf-8")
    (wanted.out / "page.md").write_text(markdown(result), encoding="utf-8")
    print(markdown(result))
    return 0 if kept(result) else 1


def measure(model: Path, program: Path, rows: int, times: int) -> dict[str, Any]:
    """Everything, in one browser, on a service with the demo data and then with `rows` more."""
    result: dict[str, Any] = environment(None, "playwright", "uvicorn")
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        with serving(model, scratch / "memory", TRIAGE_RATE="0") as served, browser(program, scratch) as chrome:
            result["setup"] = {"cores": cores(), "browser": chrome.version, "rows": rows, "limits": LIMITS}
            result["first_view"] = measuring.first_view(chrome, served, times)
            result["weight"] = measuring.weight(chrome, served)
            result["handing_in_seconds"] = round(hand_in(served, rows), 1)
            result["list"] = measuring.list_of_thousands(chrome, served, WORDS)
            result["groups"] = measuring.groups_of_thousands(chrome, served)
    return result


def kept(result: Mapping[str, Any]) -> bool:
    """Whether the page keeps its promises: opening a list is no promise, what is done in it is."""
    tasks = {name: told["longest_ms"] for name, told in long_tasks(result).items() if name != "opening"}
    return bool(
        result["first_view"]["never_here"]["median_ms"] <= LIMITS["usable_ms"]
        and max(tasks.values()) <= LIMITS["long_task_ms"]
        and result["weight"]["every_view"]["sent_bytes"] <= LIMITS["bytes"]
    )


def long_tasks(result: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What was done with thousands of rows and hundreds of groups, and the long tasks meanwhile."""
    return {**result["list"]["long_tasks"], **result["groups"]["long_tasks"]}


def markdown(result: Mapping[str, Any]) -> str:
    """What was measured and how, and the figures."""
    setup, first, weight, rows = result["setup"], result["first_view"], result["weight"], result["list"]
    measured = (
        f"Measured {result['date']} with triage {result['versions']['triage']} in Chromium {setup['browser']} without "
        f"a window, 1366 × 768 at 125 %, browser and service on the same {setup['cores']} cores."
    )
    handed = (
        f"A list of {setup['rows']:,} suggestions, handed in as one file and answered in "
        f"{result['handing_in_seconds']:,} s; it stands whole {rows['whole_ms']:,} ms after the click. "
        f"{result['groups']['shown']:,} groups are found in it."
    )
    lines = [
        measured,
        "",
        "| | median, ms | worst, ms |",
        "|---|---:|---:|",
        *(
            f"| {told} | {first[name]['median_ms']} | {first[name]['worst_ms']} |"
            for name, told in (
                ("never_here", "until a clerk can type, first visit"),
                ("here_before", "the same, after a reload"),
            )
        ),
        "",
        "| | files | bytes as sent | unpacked |",
        "|---|---:|---:|---:|",
        *(
            f"| {told} | {found['files']} | {found['sent_bytes']:,} | {found['unpacked_bytes']:,} |"
            for told, found in (
                ("fetched for the first view", weight["first_view"]),
                ("fetched for all views", weight["every_view"]),
            )
        ),
        "",
        handed,
        "",
        "| in the list, and in its groups | tasks over 50 ms | the longest, ms |",
        "|---|---:|---:|",
        *(
            f"| {name.replace('_', ' ')} | {told['long']} | {told['longest_ms']} |"
            for name, told in long_tasks(result).items()
        ),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
