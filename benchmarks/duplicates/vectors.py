"""Vectors in any number that lie as the search vectors of texts do: made up, or multiplied from real ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from triage.duplicates.calibration import calibration_for
from triage.duplicates.reading import Reader
from triage.duplicates.sketch import DIMENSION
from triage.encoders.sentence import SentenceEncoder
from triage.errors import EncoderError
from triage.records import Suggestion

Floats = NDArray[np.float32]
Halves = NDArray[np.float16]

BLOCK = 50_000
LATENT = 24  # dimensions that the made-up texts really differ in
TOPICS = 300
NEIGHBOURS = 8  # of which one is mixed in
NOISE = 0.4  # length of the part that follows nothing, against 1 for the rest


def made_up(count: int, seed: int = 0) -> Halves:
    """Unit vectors (count, DIMENSION) in topics, and in matters within topics, of Zipf's sizes, on a bent manifold.

    Uniform random vectors would not do: nothing is near anything there, and every approximate search fails on them.
    """
    world, rng = np.random.default_rng(1), np.random.default_rng(seed)
    matters = max(50, count // 8)
    first = world.normal(size=(LATENT, 128)).astype(np.float32) * 1.2 / LATENT**0.5
    second = world.normal(size=(128, DIMENSION)).astype(np.float32) / 128**0.5
    topics = world.normal(size=(TOPICS, LATENT)).astype(np.float32)
    centres = topics[world.choice(TOPICS, matters, p=_zipf(TOPICS, 0.7))]
    centres += 0.7 * world.normal(size=(matters, LATENT)).astype(np.float32)
    border = np.cumsum(_zipf(matters, 0.8))
    found = np.empty((count, DIMENSION), np.float16)
    for start in range(0, count, BLOCK):
        size = min(BLOCK, count - start)
        chosen = centres[np.searchsorted(border, rng.random(size)).clip(max=matters - 1)]
        latent = chosen + 0.4 * rng.normal(size=(size, LATENT)).astype(np.float32)
        found[start : start + size] = _noisy(_unit(np.tanh(latent @ first) @ second), NOISE, rng)
    return found


def searched_by(texts: Sequence[Suggestion], sentence: SentenceEncoder) -> Floats:
    """The search vectors of texts, each different one once, as an index keeps them. Raises EncoderError for an encoder
    that nobody has learned the grades of duplicates for.
    """
    calibration = calibration_for(sentence)
    if calibration is None:
        raise EncoderError("no grades of duplicates are known for this encoder: triage encoder grade learns them")
    read = Reader(calibration, sentence).read(texts)
    found: Floats = np.unique(np.stack([text.vector for text in read]), axis=0)
    return found


def multiplied(real: Floats, count: int, seed: int = 0) -> Halves:
    """The real unit vectors, each mixed with one of its nearest and a little noise, until there are `count`."""
    rng = np.random.default_rng(seed)
    real = _unit(real.astype(np.float32))
    near = _neighbours(real)
    found = np.empty((count, real.shape[1]), np.float16)
    for start in range(0, count, BLOCK):
        size = min(BLOCK, count - start)
        one = rng.integers(len(real), size=size)
        other = near[one, rng.integers(near.shape[1], size=size)]
        share = rng.uniform(0.0, 0.5, size=(size, 1)).astype(np.float32)
        found[start : start + size] = _noisy(_unit((1 - share) * real[one] + share * real[other]), NOISE / 2, rng)
    return found


def nearest_exactly(vectors: Halves, queries: Floats, k: int) -> NDArray[np.int64]:
    """The `k` nearest of each query, by comparing with all."""
    best, rows = np.full((len(queries), k), -np.inf, np.float32), np.zeros((len(queries), k), np.int64)
    for start in range(0, len(vectors), BLOCK):
        scores = queries @ vectors[start : start + BLOCK].astype(np.float32).T
        top = np.argpartition(-scores, min(k, scores.shape[1] - 1), axis=1)[:, :k]
        best = np.hstack([best, np.take_along_axis(scores, top, 1)])
        rows = np.hstack([rows, top + start])
        order = np.argsort(-best, axis=1, kind="stable")[:, :k]
        best, rows = np.take_along_axis(best, order, 1), np.take_along_axis(rows, order, 1)
    return rows


def _neighbours(real: Floats) -> NDArray[np.int64]:
    count = min(NEIGHBOURS, len(real) - 1)
    found = np.empty((len(real), count), np.int64)
    for start in range(0, len(real), 1000):
        scores = real[start : start + 1000] @ real.T
        scores[np.arange(len(scores)), np.arange(start, start + len(scores))] = -np.inf
        found[start : start + 1000] = np.argpartition(-scores, count, axis=1)[:, :count]
    return found


def _zipf(count: int, exponent: float) -> NDArray[np.float64]:
    weights = np.arange(1, count + 1) ** -exponent
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares


def _noisy(vectors: Floats, length: float, rng: np.random.Generator) -> Floats:
    return _unit(vectors + rng.normal(size=vectors.shape).astype(np.float32) * length / vectors.shape[1] ** 0.5)


def _unit(vectors: Floats) -> Floats:
    unit: Floats = (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)).astype(np.float32)
    return unit
