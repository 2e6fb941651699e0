"""Pairs that should lie near, each with one that should not: the nearest wrong one, by the encoder as it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from triage.learning.tuning.samples import ALONE, Sample, Samples, Source

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
Rows = NDArray[np.intp]
Encode = Callable[[Sequence[str]], Floats]

BLOCK = 1_000
"""Samples compared at a time."""
HARD = 5
"""A pair's wrong sample is drawn in turn from so many nearest ones, so that one text does not stand for all errors."""


class Kind(StrEnum):
    """Why two samples should lie near."""

    DUTY = "duty"
    UNIT = "unit"
    MATTER = "matter"
    HALVES = "halves"
    PHRASE = "phrase"


@dataclass(frozen=True, slots=True)
class Pair:
    """`anchor` and `near` belong together, `far` does not belong to the anchor although it lies near."""

    anchor: Sample
    near: Sample
    far: Sample
    kind: Kind


def mined(samples: Samples, encode: Encode, source: Source = Source.BOTH) -> list[Pair]:
    """All pairs, in a fixed order.

    Of history: each text with the two closest duty phrases of its lead, with the closest other text of its lead, with
    those of its matter, and its title with its body. Of duties: each phrase with the closest other one of its unit.
    """
    texts = [sample for sample in samples.cases if sample.text]
    phrases = list(samples.phrases)
    found: list[Pair] = []
    near_phrases = _centred(encode, phrases)
    if source is not Source.DUTIES:
        near_texts = _centred(encode, texts)
        found += _pairs(texts, near_texts, phrases, near_phrases, Kind.DUTY, 2)
        found += _pairs(texts, near_texts, texts, near_texts, Kind.UNIT, 1)
        found += _matters(found, texts)
        found += _halves(found, samples)
    if source is not Source.HISTORY:
        found += _pairs(phrases, near_phrases, phrases, near_phrases, Kind.PHRASE, 1)
    return found


def _pairs(
    anchors: list[Sample], mine: Floats, others: list[Sample], theirs: Floats, kind: Kind, count: int
) -> list[Pair]:
    """Each anchor with its `count` nearest of the others that have an owner of its, beside near strangers."""
    found: list[Pair] = []
    labels = {owner: row for row, owner in enumerate(sorted({o for s in (*anchors, *others) for o in s.fits}))}
    other_owners, other_fits = _members(others, labels)
    matters = np.array([other.matter for other in others], np.intp)
    texts: dict[str, int] = {}
    names = np.array([texts.setdefault(other.text, len(texts)) for other in others], np.intp)
    for start in range(0, len(anchors), BLOCK):
        some = anchors[start : start + BLOCK]
        owners, fits = _members(some, labels)
        near: Floats = mine[start : start + BLOCK] @ theirs.T
        matter = np.array([anchor.matter for anchor in some], np.intp)[:, None]
        name = np.array([texts.get(anchor.text, -1) for anchor in some], np.intp)[:, None]
        one_matter = (name == names) | ((matter != ALONE) & (matter == matters))
        belongs: Flags = np.asarray((owners @ other_owners.T > 0) & ~one_matter, bool)
        known = np.outer(owners.any(axis=1), other_owners.any(axis=1))
        strange = known & (fits @ other_owners.T == 0) & (owners @ other_fits.T == 0) & ~one_matter
        for row, anchor in enumerate(some):
            right, wrong = _nearest(near[row], belongs[row], count), _nearest(near[row], strange[row], HARD)
            found += [
                Pair(anchor, others[place], others[wrong[(start + row + turn) % len(wrong)]], kind)
                for turn, place in enumerate(right)
                if len(wrong)
            ]
    return found


def _members(samples: list[Sample], labels: dict[str, int]) -> tuple[Floats, Floats]:
    """Owners and fits as matrices of 0 and 1, (samples, labels)."""
    owners = np.zeros((len(samples), len(labels)), np.float32)
    fits = np.zeros_like(owners)
    for row, sample in enumerate(samples):
        owners[row, [labels[name] for name in sample.owners]] = 1.0
        fits[row, [labels[name] for name in sample.fits]] = 1.0
    return owners, fits


def _nearest(near: Floats, allowed: Flags, count: int) -> Rows:
    """The places of the nearest that are allowed, nearest first."""
    places = np.flatnonzero(allowed)
    return places[np.argsort(-near[places], kind="stable")[:count]]


def _matters(known: list[Pair], texts: list[Sample]) -> list[Pair]:
    """Each text beside the next of its matter, if their wording differs; what is far is taken from the other pairs."""
    far = {pair.anchor.text: pair.far for pair in known if pair.kind is Kind.UNIT}
    groups: dict[int, dict[str, Sample]] = {}
    for text in texts:
        groups.setdefault(text.matter, {})[text.text] = text
    return [
        Pair(one, other, far[one.text], Kind.MATTER)
        for matter, group in groups.items()
        if matter != ALONE
        for one, other in zip(group.values(), list(group.values())[1:], strict=False)
        if one.text in far
    ]


def _halves(known: list[Pair], samples: Samples) -> list[Pair]:
    """Each title beside its own body; far is the text that lies near and has another lead."""
    far = {pair.anchor.text: pair.far for pair in known if pair.kind is Kind.UNIT}
    return [
        Pair(title, body, far[whole], Kind.HALVES)
        for row, (title, body) in samples.halves.items()
        if (whole := samples.cases[row].text) in far and body.text
    ]


def remembering(encode: Encode) -> Encode:
    """The same, with every text encoded once."""
    known: dict[str, Floats] = {}

    def encoded(texts: Sequence[str]) -> Floats:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            known.update(zip(new, encode(new), strict=True))
        return np.stack([known[text] for text in texts])

    return encoded


def _centred(encode: Encode, samples: list[Sample]) -> Floats:
    """Vectors around their mean, of length one: sentence vectors bunch, and texts lie apart from phrases."""
    if not samples:
        return np.zeros((0, 1), np.float32)
    vectors = encode([sample.text for sample in samples])
    moved = vectors - vectors.mean(axis=0)
    return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-6), np.float32)
