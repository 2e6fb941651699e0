"""``python -m benchmarks.duplicates``: what repeats what, for the library and for what one would take instead."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.duplicates.field import Field
from benchmarks.duplicates.heard import precedents_heard
from benchmarks.duplicates.judged import labelled_session, our_test_pairs
from benchmarks.duplicates.lookups import rewritten_copies, sent_again, titles_to_bodies
from benchmarks.duplicates.natural import sessions_as_filed
from benchmarks.duplicates.peers import PACKAGES
from benchmarks.duplicates.report import markdown, write
from benchmarks.duplicates.scores import SEED
from benchmarks.duplicates.sets import LETTERS, MESSAGES, SESSION, SETS, Texts, read_labels, read_set
from benchmarks.duplicates.together import messages_together, session_together
from benchmarks.environment import environment
from benchmarks.quality.encodings import shared_encoder
from triage.encoders.locate import find_encoder
from triage.errors import TriageError
from triage.learning.pairs import our_pairs

RESULTS = Path(__file__).resolve().parents[1] / "results"

Make = Callable[[Texts, Field], dict[str, Any]]
PAIRS, SESSIONS = "pairs", "sessions"
MEASURES: dict[str, tuple[str, Make]] = {
    "copies": (MESSAGES, rewritten_copies),
    "titles": (MESSAGES, titles_to_bodies),
    "letters": (LETTERS, sent_again),
    "session": (SESSION, session_together),
    "together": (MESSAGES, messages_together),
    "precedents": (SESSION, precedents_heard),
}
"""What is measured, the set that it needs, and how. Our own test `pairs` and `sessions` need none."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit code."""
    wanted = _parser().parse_args(arguments)
    console = Console(stderr=True)
    folder = None if wanted.no_encoder else wanted.encoder or find_encoder()
    if folder is None and not wanted.no_encoder:
        console.print("No sentence encoder found: measuring wording only. `make encoder` builds one.")
    parts = [*wanted.only, *(["lexical"] if folder is None else []), *(["part"] if wanted.limit else [])]
    name = "-".join(["duplicates", *parts])
    try:
        result = measure(wanted, folder, console, lambda so_far: write(so_far, wanted.out, name))
    except (TriageError, OSError) as error:
        console.print(f"{error}", style="red")
        return 2
    print(markdown(result))
    console.print(f"written: {wanted.out / name}.json and .md")
    return 0


def measure(
    wanted: argparse.Namespace, folder: Path | None, console: Console, keep: Callable[[dict[str, Any]], object]
) -> dict[str, Any]:
    """All figures that the arguments want; `keep` is given what there is after each measure.

    Raises OSError or TriageError for labels and an encoder that cannot be read.
    """
    labels = read_labels(wanted.labels) if wanted.labels else None
    with shared_encoder(folder) as sentence, console.status("reading") as status:
        field = Field(sentence, status.update, folder)
        result = {**environment(folder, *PACKAGES), "seed": SEED, "limit": wanted.limit or None}
        result |= {"not_measured": field.missing, "data": {}, "measures": {}}

        def done(name: str, started: float, found: dict[str, Any]) -> None:
            result["measures"][name] = {**found, "wall_seconds": round(time.perf_counter() - started, 1)}
            result["encoding"] = field.encoding()
            keep(result)
            console.print(f"{name}: done")

        if not wanted.only or PAIRS in wanted.only:
            done(PAIRS, time.perf_counter(), our_test_pairs(our_pairs("test"), field))
        if not wanted.only or SESSIONS in wanted.only:
            done(SESSIONS, time.perf_counter(), sessions_as_filed(field))
        if labels is not None:
            result["data"]["labels"] = {"pairs": len(labels[0]), "sha256": labels[1]}
            done("labels", time.perf_counter(), labelled_session(labels[0], field))
        for name, (texts, make) in _made_of(wanted, result).items():
            started = time.perf_counter()
            done(name, started, make(texts, field))
    keep(result)
    return result


def _made_of(wanted: argparse.Namespace, result: dict[str, Any]) -> dict[str, tuple[Texts, Make]]:
    """The measures that are wanted and whose set is there; what is not there is said in the result."""
    sets = {name: read_set(wanted.data, name, wanted.limit) if wanted.data else None for name in SETS}
    found: dict[str, tuple[Texts, Make]] = {}
    for name, (needed, make) in MEASURES.items():
        if wanted.only and name not in wanted.only:
            continue
        texts = sets[needed]
        if texts is None:
            result["not_measured"][name] = f"--data names no folder with {needed}.csv"
        else:
            result["data"][needed] = {"texts": len(texts.suggestions), "sha256": texts.digest}
            found[name] = (texts, make)
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.duplicates", description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with the data sets (CSV); without it our own texts alone")
    parser.add_argument("--labels", type=Path, help="csv of judged titles of a session: title_a, title_b, same")
    parser.add_argument(
        "--only", nargs="+", default=[], choices=[PAIRS, SESSIONS, *MEASURES], help="these measures only"
    )
    parser.add_argument("--limit", type=int, default=0, help="so many texts of each set, to try something out")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--encoder", type=Path, help="encoder folder; without it the usual places are searched")
    which.add_argument("--no-encoder", action="store_true", help="measure wording only")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results; default benchmarks/results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
