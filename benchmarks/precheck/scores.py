"""The figures of a pre-check: what it said of each text, held against what a reader says of it.

Everything is counted by text first (right, given, wanted), so that an interval can be had by drawing texts again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.precheck.sets import LEVELS, ROLES, TAGS, URGENCIES, Labelled, Range

Floats = NDArray[Any]

OVERLAP = 0.5
"""The least share of shared characters (intersection over union) at which a predicted matter is a true one."""
RESAMPLED = 1000
SEED = 7

LEAST = 20
"""A piece of text below so many letters and digits that a reader gave no role (a number, a heading, a greeting) is not
asked for one.
"""

_SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?\n]?[”’」』）)]*")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a system says of one text. A matter may stand in several places; `evidence` is where the text shows a tag;
    `level` is ``""`` where it abstains.
    """

    matters: tuple[tuple[Range, ...], ...] = ()
    tags: frozenset[str] = frozenset()
    evidence: Mapping[str, tuple[Range, ...]] = field(default_factory=dict)
    parts: Mapping[str, tuple[Range, ...]] = field(default_factory=dict)
    level: str = ""
    urgency: frozenset[str] = frozenset()
    machine: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """How many were right, how many were given, how many were wanted."""

    right: int = 0
    given: int = 0
    wanted: int = 0

    @property
    def precision(self) -> float:
        """The share of what was given that is right; 0 where nothing was given."""
        return self.right / self.given if self.given else 0.0

    @property
    def recall(self) -> float:
        """The share of what was wanted that was given; 0 where nothing was wanted."""
        return self.right / self.wanted if self.wanted else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.right / (self.given + self.wanted) if self.given + self.wanted else 0.0


def matters(text: Labelled, answer: Answer, *, exact: bool = False) -> Count:
    """The matters of one text: a predicted one is right where it overlaps a true one by `OVERLAP`, one to one.

    With `exact`, where both ends are the same but for spaces and marks at them. A text of one matter wants none: each
    part into which it was split is a false one, and leaving it whole counts for nothing.
    """
    pairs = []
    for at, given in enumerate(answer.matters):
        for of, wanted in enumerate(text.matters):
            near = _same_ends(text.text, given, wanted) if exact else shared(given, wanted)
            if near >= OVERLAP:
                pairs.append((near, at, of))
    used: set[int] = set()
    found: set[int] = set()
    for _, at, of in sorted(pairs, key=lambda pair: (-pair[0], pair[1:])):
        if at not in used and of not in found:
            used.add(at)
            found.add(of)
    return Count(len(found), len(answer.matters), len(text.matters))


def shared(given: Iterable[Range], wanted: Range) -> float:
    """Intersection over union, in characters."""
    mine = {at for one in given for at in range(one.start, one.end)}
    theirs = set(range(wanted.start, wanted.end))
    return len(mine & theirs) / len(mine | theirs) if mine | theirs else 0.0


def _same_ends(text: str, given: Sequence[Range], wanted: Range) -> float:
    return float(len(given) == 1 and _trimmed(text, given[0]) == _trimmed(text, wanted))


def _trimmed(text: str, part: Range) -> tuple[int, int]:
    within = [at for at in range(part.start, min(part.end, len(text))) if text[at].isalnum()]
    return (within[0], within[-1]) if within else (part.start, part.start)


def several(text: Labelled, answer: Answer) -> Count:
    """Whether the text has several matters at all."""
    return _labels(bool(answer.matters), bool(text.matters))


def labels(given: Collection[str], wanted: Collection[str]) -> Count:
    """Labels of one text, such as its tags."""
    return Count(len(set(given) & set(wanted)), len(set(given)), len(set(wanted)))


def _labels(given: bool, wanted: bool) -> Count:
    return Count(int(given and wanted), int(given), int(wanted))


def shown(text: Labelled, answer: Answer) -> Count:
    """Of the tags that are right and point to a place: those that point to the sentence a reader named."""
    places = dict(zip([tag for tag in text.tags if tag != "empty"], text.sentences, strict=True))
    given = {tag: answer.evidence.get(tag, ()) for tag in places if tag in answer.tags}
    hits = [any(one.start < places[tag].end and places[tag].start < one.end for one in of) for tag, of in given.items()]
    return Count(sum(hits), sum(map(bool, given.values())), len(given))


def units(text: Labelled) -> list[Range]:
    """The sentences of a text, cut further where a reader saw a part begin or end, without those that are not asked."""
    cuts = {end for found in _SENTENCE.finditer(text.text) for end in found.span()} | {0, len(text.text)}
    marked = [place for _, places in text.parts or () for place in places]
    cuts |= {end for place in marked for end in (place.start, place.end)}
    borders = sorted(cuts)
    return [
        Range(start, end)
        for start, end in pairwise(borders)
        if _size(text.text[start:end]) >= (1 if any(_covers([one], Range(start, end)) for one in marked) else LEAST)
    ]


def _size(piece: str) -> int:
    return sum(map(str.isalnum, piece))


def roles(text: Labelled, answer: Answer, role: str) -> Count:
    """The sentences of one role: a sentence has it where at least half of its characters have."""
    wanted = dict(text.parts or ()).get(role, ())
    given = answer.parts.get(role, ())
    pairs = [(_covers(given, unit), _covers(wanted, unit)) for unit in units(text)]
    return Count(sum(a and b for a, b in pairs), sum(a for a, _ in pairs), sum(b for _, b in pairs))


def _covers(places: Iterable[Range], unit: Range) -> bool:
    within = {at for one in places for at in range(max(one.start, unit.start), min(one.end, unit.end))}
    return 2 * len(within) >= unit.end - unit.start


def measure(texts: Sequence[Labelled], answers: Sequence[Answer]) -> dict[str, Any]:
    """All figures of one system; shares from 0 to 1, each count beside its share."""
    both = list(zip(texts, answers, strict=True))

    def over(count: Callable[[Labelled, Answer], Count]) -> dict[str, Any]:
        return summed([count(text, answer) for text, answer in both])

    marked = [(text, answer) for text, answer in both if text.parts is not None]
    parts = {role: [roles(text, answer, role) for text, answer in marked] for role in ROLES}
    near = [(text, answer) for text, answer in both if text.near]
    return {
        "matters": over(matters),
        "matters_exact": over(lambda text, answer: matters(text, answer, exact=True)),
        "several_matters": over(several),
        "tags": over(lambda text, answer: labels(answer.tags, text.tags)),
        "evidence": over(shown),
        "tag": _each(TAGS, [(answer.tags, text.tags) for text, answer in both]),
        "hard_negatives": {
            "texts": len(near),
            "tagged_for_it": sum(bool(answer.tags & set(text.near)) for text, answer in near),
            "tagged_at_all": sum(bool(answer.tags - set(text.tags)) for text, answer in near),
        },
        "parts": {"texts": len(marked), **summed([_added(of) for of in zip(*parts.values(), strict=True)])},
        "part": {role: summed(counts) for role, counts in parts.items()},
        "level": levels(texts, answers),
        "urgency": over(lambda text, answer: labels(answer.urgency, text.urgency)),
        "urgent": _each(URGENCIES, [(answer.urgency, text.urgency) for text, answer in both]),
        "machine": over(lambda text, answer: _labels(answer.machine, text.machine)),
    }


def _each(names: Iterable[str], both: Sequence[tuple[Collection[str], Collection[str]]]) -> dict[str, Any]:
    return {name: summed([_labels(name in given, name in wanted) for given, wanted in both]) for name in names}


def levels(texts: Sequence[Labelled], answers: Sequence[Answer]) -> dict[str, Any]:
    """Of the texts whose level a reader could say: the share answered, accuracy where it was, and by level over all,
    where one that was not answered is missed.
    """
    asked = [(text.level, answer.level) for text, answer in zip(texts, answers, strict=True) if text.level]
    told = [(wanted, given) for wanted, given in asked if given]
    hits = np.array([wanted == given for wanted, given in told], float)
    return {
        "texts": len(asked),
        "answered": len(told),
        "coverage": round(len(told) / len(asked), 4) if asked else 0.0,
        "accuracy": round(float(hits.mean()), 4) if told else 0.0,
        "accuracy_95": _interval(*_drawn(np.stack([hits, np.ones_like(hits)], 1))),
        "by_level": {level: summed([_labels(g == level, w == level) for w, g in asked]) for level in LEVELS},
    }


def summed(counts: Sequence[Count]) -> dict[str, Any]:
    """Counts of texts added up, with the 95 % intervals that drawing the texts again gives."""
    total = _added(counts)
    right, given, wanted = _drawn(np.array([(c.right, c.given, c.wanted) for c in counts], float).reshape(-1, 3))
    return {
        "right": total.right,
        "given": total.given,
        "wanted": total.wanted,
        "precision": round(total.precision, 4),
        "precision_95": _interval(right, given),
        "recall": round(total.recall, 4),
        "recall_95": _interval(right, wanted),
        "f1": round(total.f1, 4),
        "f1_95": _interval(2 * right, given + wanted),
    }


def _added(counts: Iterable[Count]) -> Count:
    rows = [(one.right, one.given, one.wanted) for one in counts]
    return Count(*map(sum, zip(*rows, strict=True))) if rows else Count()


def _drawn(table: Floats) -> Floats:
    """The sums of the columns, in each drawing of as many rows as there are."""
    return np.asarray((_drawings(len(table)) @ table).T) if len(table) else np.zeros((table.shape[1], 1))


@cache
def _drawings(rows: int) -> Floats:
    """How often each row is drawn: drawings × rows."""
    chance = np.random.default_rng(SEED)
    return np.asarray(chance.multinomial(rows, np.full(rows, 1 / rows), size=RESAMPLED), float)


def _interval(part: Floats, whole: Floats) -> list[float]:
    shares = np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
    low, high = np.percentile(shares, [2.5, 97.5])
    return [round(float(low), 4), round(float(high), 4)]
