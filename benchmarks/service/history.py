"""A duplicate index of made-up suggestions, large as a city's history, built once and kept."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from datetime import date as Date
from datetime import timedelta
from pathlib import Path

import numpy as np

from benchmarks.speed.texts import EXAMPLES, sentences
from triage import Triager
from triage.datasets import read_cases
from triage.encoders.sentence import SentenceEncoder
from triage.records import Case, Suggestion

PART = 5_000
FIRST_DAY = Date(2015, 1, 1)
NOISE = 0.05


def built(file: Path, triager: Triager, rows: int, encoder: Path | None, tell: Callable[[str], object]) -> Path:
    """The index in `file`; it is built if it is not there, which takes some minutes for 100,000.

    A text is sentences of the example suggestions and cases in chance order with a number, about 100 characters. Its
    sentence vector is not computed but composed: the mean of its sentences' vectors and a little noise, because what is
    measured is how long the index is asked, not how long it is built.
    """
    if file.exists():
        return file
    file.parent.mkdir(parents=True, exist_ok=True)
    chance = random.Random(0)  # noqa: S311 - the same texts in every run, not secrets
    cases, pool = read_cases(EXAMPLES / "cases.csv"), _pool()
    vectors = None if encoder is None else SentenceEncoder.load(encoder).encode(pool)
    part = file.with_suffix(".part")
    part.unlink(missing_ok=True)
    with triager.index(part, create=True) as index:
        for start in range(0, rows, PART):
            tell(f"index: {start:,} of {rows:,} texts")
            made = [_letter(number, cases, pool, chance) for number in range(start, min(rows, start + PART))]
            suggestions = [case.suggestion for case, _ in made]
            dense = None
            if vectors is not None:
                noise = np.random.default_rng(start).normal(0, NOISE, (len(made), vectors.shape[1]))
                mean = np.stack([vectors[chosen].mean(axis=0) for _, chosen in made]) + noise
                dense = (mean / np.linalg.norm(mean, axis=1, keepdims=True)).astype(np.float32)
            index.keep([case for case, _ in made], index.read(suggestions, dense=dense))
    return part.rename(file)


def _pool() -> list[str]:
    titles = [case.suggestion.title for case in read_cases(EXAMPLES / "cases.csv")]
    return list(dict.fromkeys([*sentences(), *titles]))


def _letter(number: int, cases: Sequence[Case], pool: Sequence[str], chance: random.Random) -> tuple[Case, list[int]]:
    case = chance.choice(cases)
    chosen = [chance.randrange(len(pool)) for _ in range(3)]
    text = re.sub(r"\d+", lambda _: str(chance.randrange(10, 99)), "".join(pool[place] for place in chosen))
    day = FIRST_DAY + timedelta(days=number % 3_650)
    suggestion = Suggestion(f"L{number}", case.suggestion.title, f"{text}第{number}号", "热线", date=day)
    return Case(suggestion, case.leads, case.co, case.topics), chosen
