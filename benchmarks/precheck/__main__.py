"""``python -m benchmarks.precheck``: what the pre-check says of labelled texts, beside what something plain says."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.environment import environment
from benchmarks.precheck import systems
from benchmarks.precheck.plain import classifier
from benchmarks.precheck.report import markdown
from benchmarks.precheck.scores import measure
from benchmarks.precheck.sets import LEVELS, TAGS, TEXTS, URGENCIES, Labelled, read
from benchmarks.precheck.speed import speed
from benchmarks.precheck.splitting import splitting
from triage.errors import TriageError
from triage.results import replace_files

RESULTS = Path(__file__).resolve().parents[1] / "results"
COMMON = ("tags", "tag", "hard_negatives", "level", "urgency", "urgent", "machine")
MATTERS = ("matters", "matters_exact", "several_matters")
SAID: dict[str, tuple[str, ...]] = {
    systems.OURS: (*MATTERS, "evidence", "parts", "part", *COMMON),
    systems.LEARNED: ("tags", "tag", "evidence", "hard_negatives"),
    systems.KEYWORDS_NAME: (*MATTERS, "parts", "part", *COMMON),
    systems.WORDED_NAME: MATTERS,
    systems.PARAGRAPHS_NAME: MATTERS,
    systems.OWN_LEVEL_NAME: ("level",),
    systems.PLAIN_NAME: COMMON,
}
"""Which figures each system has: those of what it answers at all."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit code."""
    wanted = _parser().parse_args(arguments)
    console = Console(stderr=True)
    try:
        content = wanted.texts.read_bytes()
        texts = read(wanted.texts)
        measured = {name: _measured(name, texts, console) for name in SAID}
        result = {
            **environment(None),
            "file": sha256(content).hexdigest(),
            "texts": held(texts),
            "systems": measured,
            "model": wanted.model.name,
            "splitting": splitting(texts, wanted.model),
            "speed": speed(texts, wanted.rounds),
        }
        wanted.out.mkdir(parents=True, exist_ok=True)
        written = json.dumps(result, ensure_ascii=False, indent=1) + "\n"
        text = markdown(result)
        replace_files({wanted.out / "precheck.json": written.encode(), wanted.out / "precheck.md": text.encode()})
    except (TriageError, OSError) as error:
        console.print(f"{error}", style="red")
        return 2
    print(text)
    return 0


def _measured(name: str, texts: Sequence[Labelled], console: Console) -> dict[str, Any]:
    ask: dict[str, systems.System] = {
        systems.OURS: systems.precheck(),
        systems.LEARNED: systems.precheck(systems.learned_rules()),
        systems.KEYWORDS_NAME: systems.keywords,
        systems.WORDED_NAME: systems.numbering_and_words,
        systems.PARAGRAPHS_NAME: systems.paragraphs,
        systems.OWN_LEVEL_NAME: systems.own_level,
        systems.PLAIN_NAME: classifier,
    }
    figures = measure(texts, ask[name](texts))
    console.print(f"{name}: done")
    return {what: figures[what] for what in SAID[name]}


def held(texts: Sequence[Labelled]) -> dict[str, Any]:
    """How many texts there are of each kind, and how long they are."""
    lengths = sorted(len(one.text) for one in texts)
    return {
        "count": len(texts),
        "characters": {"least": lengths[0], "median": lengths[len(lengths) // 2], "most": lengths[-1]},
        "several_matters": sum(bool(one.matters) for one in texts),
        "matters": sum(len(one.matters) for one in texts),
        "with_parts": sum(one.parts is not None for one in texts),
        "tagged": sum(bool(one.tags) for one in texts),
        "tags": {tag: sum(tag in one.tags for one in texts) for tag in TAGS},
        "hard_negatives": sum(bool(one.near) for one in texts),
        "levels": {level: sum(one.level == level for one in texts) for level in LEVELS},
        "urgency": {kind: sum(kind in one.urgency for one in texts) for kind in URGENCIES},
        "machine": sum(one.machine for one in texts),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.precheck", description=__doc__)
    parser.add_argument("--texts", type=Path, default=TEXTS, help="labelled texts; default those of the benchmark")
    parser.add_argument("--model", type=Path, default=Path("models/starter"), help="bundle; default models/starter")
    parser.add_argument("--rounds", type=int, default=3, help="how often the speed of each text is taken")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results; default benchmarks/results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
