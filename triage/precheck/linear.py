"""Small linear models over runs of characters and a few features, and the file that holds them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from triage.precheck.ngrams import SIZE, Places
from triage.precheck.trees import Trees

FILE = "models.npz"
BORDERS, STRETCHES = "borders", "stretches"
FORMAT = 2

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Linear:
    """A row of weights for each class: of runs (classes × `SIZE`), of features (classes × features), and a bias.

    A model of two classes has one row, for the second. `thresholds` are what a probability must reach, a class each.
    """

    classes: tuple[str, ...]
    runs: Floats
    features: Floats
    bias: Floats
    thresholds: Floats

    def of_runs(self, places: Places, count: int) -> Floats:
        """What these runs add to each row's score in a text that has `count` different runs."""
        if not len(places) or not self.runs.size:
            return np.zeros(len(self.bias), np.float32)
        return np.asarray(self.runs[:, places].sum(axis=1) / np.sqrt(max(count, 1)), np.float32)

    def of_each(self, runs: Sequence[Places], count: int | Floats) -> Floats:
        """Sentences × rows: what each sentence's runs add; `count` as in `of_runs`, or one a sentence."""
        if not self.runs.size:
            return np.zeros((len(runs), len(self.bias)), np.float32)
        owner = np.repeat(np.arange(len(runs)), [len(one) for one in runs])
        weights = self.runs[:, np.concatenate(runs)]
        sums = np.stack([np.bincount(owner, row, len(runs)) for row in weights])
        return np.asarray((sums / np.sqrt(np.maximum(count, 1))).T, np.float32)

    def scores(self, places: Places, features: Floats) -> Floats:
        """The score of each row for a text with these runs and features."""
        return np.asarray(self.of_runs(places, len(places)) + self.features @ features + self.bias, np.float32)

    def probabilities(self, places: Places, features: Floats) -> Floats:
        """The probability of each class of several (softmax), or of the second of two (logistic, one number)."""
        return _chances(self.scores(places, features))

    def probabilities_of_each(self, runs: Sequence[Places], features: Floats) -> Floats:
        """The same for each sentence of a text: its runs, and sentences × features."""
        told = self.of_each(runs, np.array([len(one) for one in runs], np.float32))
        return _chances(told + features @ self.features.T + self.bias)

    def arrays(self, name: str) -> dict[str, NDArray[np.generic]]:
        """The arrays that a file holds; weights of runs that are all but nothing are left out."""
        kept = np.flatnonzero(np.abs(self.runs).max(axis=0) > 1e-3) if self.runs.size else np.zeros(0, np.int64)
        return {
            f"{name}/classes": np.array(self.classes),
            f"{name}/places": kept.astype(np.uint16),
            f"{name}/runs": self.runs[:, kept].astype(np.float16),
            f"{name}/features": self.features.astype(np.float32),
            f"{name}/bias": self.bias.astype(np.float32),
            f"{name}/thresholds": self.thresholds.astype(np.float32),
        }


@dataclass(frozen=True, slots=True)
class Learned:
    """The linear models by name, the trees that tell borders between matters and those that tell which stretches
    between them are matters, and how rare each run is in suggestions (`rarity`, a number a place of `ngrams.SIZE`).
    """

    models: Mapping[str, Linear]
    borders: Trees
    stretches: Trees
    rarity: Floats


def _chances(scores: Floats) -> Floats:
    """The probabilities of several classes (softmax), or of the second of two (logistic), by the last axis."""
    if scores.shape[-1] == 1:
        return np.asarray(1 / (1 + np.exp(-scores)), np.float32)
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)


def stored(learned: Learned) -> bytes:
    """The models as the content of an npz file, the same for the same models."""
    models = learned.models
    arrays: dict[str, NDArray[np.generic]] = {
        "format": np.array([FORMAT]),
        "rarity": learned.rarity.astype(np.float16),
    }
    for name in sorted(models):
        arrays.update(models[name].arrays(name))
    arrays.update(learned.borders.arrays(BORDERS))
    arrays.update(learned.stretches.arrays(STRETCHES))
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def unstored(content: bytes) -> Learned:
    """The models of an npz file's content."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        names = sorted({key.partition("/")[0] for key in arrays.files if "/" in key} - {BORDERS, STRETCHES})
        models = {name: _linear(name, arrays) for name in names}
        borders, stretches = (Trees.of_arrays(name, arrays) for name in (BORDERS, STRETCHES))
        return Learned(models, borders, stretches, np.asarray(arrays["rarity"], np.float32))


def _linear(name: str, arrays: Mapping[str, NDArray[np.generic]]) -> Linear:
    few = np.asarray(arrays[f"{name}/runs"], np.float32)
    runs = np.zeros((len(few), SIZE), np.float32)
    runs[:, np.asarray(arrays[f"{name}/places"], np.int64)] = few
    return Linear(
        tuple(str(one) for one in arrays[f"{name}/classes"]),
        runs,
        np.asarray(arrays[f"{name}/features"], np.float32),
        np.asarray(arrays[f"{name}/bias"], np.float32),
        np.asarray(arrays[f"{name}/thresholds"], np.float32),
    )


@cache
def shipped() -> Learned:
    """The models that come with the library, learned by ``python -m triage.learning.prechecking``; read once."""
    return unstored(files("triage.precheck").joinpath(FILE).read_bytes())


def together(runs: Iterable[Places]) -> Places:
    """The different runs of several sentences."""
    met = np.zeros(SIZE, np.bool_)
    for places in runs:
        met[places] = True
    return np.flatnonzero(met)
