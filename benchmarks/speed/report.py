"""The result as JSON and as Markdown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

NAMES = {
    "encoder": "sentence encoder alone",
    "triage": "triage, all heads, with history",
    "triage_cold": "triage, all heads, starter catalogue",
    "triage_lexical": "triage, all heads, without encoder",
    "torch": "sentence-transformers on torch (float32)",
}


def write(result: Mapping[str, Any], folder: Path) -> tuple[Path, Path]:
    """speed.json and speed.md in `folder`; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    raw, readable = folder / "speed.json", folder / "speed.md"
    raw.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    readable.write_text(markdown(result), encoding="utf-8")
    return raw, readable


def markdown(result: Mapping[str, Any]) -> str:
    """Texts per second, the ratios, starting and training, as far as they were measured."""
    lines = [
        f"Measured {result['date']} with triage {result['versions']['triage']}, one thread unless said otherwise.",
        "",
    ]
    for part, told in (("answering", _answering), ("starting", _starting), ("training", _training)):
        if part in result:
            lines += [*told(result[part]), ""]
    lines += [f"Not measured: {name} ({why})." for name, why in result.get("not_measured", {}).items()]
    return "\n".join(lines).rstrip() + "\n"


def _answering(found: Mapping[str, Any]) -> list[str]:
    workloads: Mapping[str, Any] = found["workloads"]
    systems = list(found["resident_mib"])
    rate, times, memory = [], [], []
    for name in systems:
        told = NAMES[name]
        rate.append([told, *(f"{_of(work, name)['texts_per_second']:,.0f}" for work in workloads.values())])
        memory.append(
            [
                told,
                f"{found['resident_mib'][name]:.0f}",
                *(f"{_of(w, name)['peak_mib']:.0f}" for w in workloads.values()),
            ]
        )
    for pair in next(iter(workloads.values()))["ratios"]:
        told = " / ".join(NAMES[name] for name in pair.split(" / "))
        times.append([told, *(f"{work['ratios'][pair]['wall']:.2f}" for work in workloads.values())])
    return [
        *_table(["texts a second", *workloads], rate),
        "",
        *_table(["time over time, same texts in turns", *workloads], times),
        "",
        *_table(["memory, MiB: highest in the work", "loaded", *workloads], memory),
    ]


def _of(work: Mapping[str, Any], name: str) -> Mapping[str, float]:
    found: Mapping[str, float] = work["systems"][name]
    return found


def _starting(found: Mapping[str, Any]) -> list[str]:
    rows = [
        [name, *(f"{took[key]:.2f}" for key in ("seconds", "least", "cpu_seconds"))] for name, took in found.items()
    ]
    return _table(["start to end of a process, seconds", "median", "least", "computing"], rows)


def _training(found: Mapping[str, Any]) -> list[str]:
    rows = [
        [name, f"{took['letters']:,}", f"{took['seconds']:.0f}", f"{took['cpu_seconds']:.0f}", f"{took['peak_mib']:,}"]
        for name, took in found.items()
    ]
    return _table(["training, two cores", "letters", "seconds", "computing, seconds", "peak memory, MiB"], rows)


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    align = ["---", *["---:"] * (len(header) - 1)]
    return [f"| {' | '.join(cells)} |" for cells in (header, align, *rows)]
