"""Teacher and student side by side: on the data sets, on our own pairs, and by the clock."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.encodings import RememberingEncoder
from benchmarks.quality.sets import Experiment, experiments
from benchmarks.speed.texts import texts_of
from benchmarks.tuning.sets import Set, by_time, titles
from triage.duplicates.calibration import shipped
from triage.encoders.sentence import SentenceEncoder
from triage.learning.grades import calibrate, standing
from triage.learning.tuning.comparing import compared, of_vectors

Rows = NDArray[np.intp]
Tell = Callable[[str], None]

LETTERS = 1_500
"""Letters that are learned from, and half as many that are asked: with a teacher that reads 40 a second."""
LENGTHS = (20, 100, 500)
TURNS = 7
TIMED = {20: 64, 100: 32, 500: 8}
"""Texts that are timed, by their characters."""


@dataclass(frozen=True, slots=True)
class Student:
    """A student under its name."""

    name: str
    folder: Path


class Students:
    """Teacher and students as the comparison of `benchmarks.tuning` asks for them: nothing is learned from a set."""

    def __init__(self, base: Path, students: list[Student]) -> None:
        self.base = base
        self._folders = {student.name: student.folder for student in students}
        self._open: dict[Path, SentenceEncoder] = {}

    def opened(self, folder: Path) -> SentenceEncoder:
        """The encoder of a folder, which encodes a text once as long as all this runs."""
        if folder not in self._open:
            self._open[folder] = RememberingEncoder.load(folder)
        return self._open[folder]

    def tuned(self, variant: str, _one: Set, _known: Rows) -> Path:
        """The student of that name."""
        return self._folders[variant]


def sets(folder: Path, students: list[Student], tell: Tell) -> list[Set]:
    """One city with its own history and cold, letters by topic, letters by agency; those that lie in `folder`."""
    names = tuple(student.name for student in students)
    found = {one.name: one for one in experiments(folder, [], tell)}
    made = [replace(titles(found["cixi2017"]), variants=names)] if "cixi2017" in found else []
    if "cixi2017_cold" in found:
        made.append(_whole(found["cixi2017_cold"], names))
    if "taidi2020_topics" in found:
        made.append(_drawn(found["taidi2020_topics"], names))
    if "shanghai2023_last_month" in found:
        made.append(by_time(found["shanghai2023_last_month"], LETTERS, LETTERS // 2, names))
    return made


def _whole(one: Experiment, variants: tuple[str, ...]) -> Set:
    return Set(one.name, one.cases, tuple(one.splits), variants, one.units)


def _drawn(one: Experiment, variants: tuple[str, ...]) -> Set:
    chance = np.random.default_rng(0)
    known, asked = (
        np.sort(chance.choice(rows, min(size, len(rows)), replace=False))
        for rows, size in zip(one.splits[0], (LETTERS, LETTERS // 2), strict=True)
    )
    return Set(one.name, one.cases, ((known, asked),), variants)


def pairs(students: Students, student: Student) -> dict[str, Any]:
    """Both on our own pairs: vectors alone, and grades that were learned for each."""
    teacher, other = students.opened(students.base), students.opened(student.folder)
    one, two = of_vectors(teacher), of_vectors(other)
    told = compared(one, two, {key: np.arange(len(values)) for key, values in one.items()}).to_dict()
    known = shipped().get(teacher.fingerprint) or calibrate(teacher)
    return {
        **told,
        "one_matter": {"base": standing(known, teacher), "tuned": standing(calibrate(other), other)},
    }


def speed(base: Path, student: Student) -> dict[str, Any]:
    """Texts a second of both on one thread, in turns on the same texts, and the sizes of their graphs."""
    encoders = [SentenceEncoder.load(folder, threads=1) for folder in (base, student.folder)]
    found: dict[str, Any] = {}
    for length in LENGTHS:
        texts = texts_of(length, TIMED[length])
        spent = [[_seconds(encoder, texts) for encoder in encoders] for _ in range(TURNS)]
        base_rate, rate = (len(texts) / statistics.median(column) for column in zip(*spent, strict=True))
        ratio = statistics.median(one / other for one, other in spent)
        found[str(length)] = {"base": round(base_rate, 1), "student": round(rate, 1), "ratio": round(ratio, 2)}
    graphs = [
        (folder / encoder.manifest.graph).stat().st_size
        for folder, encoder in zip((base, student.folder), encoders, strict=True)
    ]
    return {"texts_a_second": found, "graph_megabytes": [round(size / 1e6, 3) for size in graphs]}


def _seconds(encoder: SentenceEncoder, texts: list[str]) -> float:
    started = time.perf_counter()
    encoder.encode(texts)
    return time.perf_counter() - started
