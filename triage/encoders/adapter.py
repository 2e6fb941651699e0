"""Low-rank changes to an encoder's linear layers: what it learned about suggestions, small enough to ship.

The default encoder was made for every subject in a hundred languages. `adapter.npz` holds what it learned from texts of
our own writing (sessions and pairs with the matter of each, invented cases with their units' duties;
``triage.learning.adapting``): for each linear layer two thin matrices whose product is added to its weights (LoRA; Hu
et al., arXiv:2106.09685). They are added once, when the encoder folder is built, so that serving is as fast as before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.bundle import pack_arrays, unpack_arrays
from triage.encoders.graph import Bert
from triage.errors import EncoderError

Floats = NDArray[np.float32]
FILE = "adapter.npz"
DOWN, UP, SCALE = ".down", ".up", ".scale"
TOP = 127


@dataclass(frozen=True, slots=True)
class Adapter:
    """`changes` holds for a layer's name (as in transformers, without ``.weight``) the matrices down (rank, inputs) and
    up (outputs, rank).
    """

    changes: Mapping[str, tuple[Floats, Floats]]

    def merged(self, bert: Bert) -> Bert:
        """The encoder with the changes added. Raises EncoderError if it lacks one of the layers, or has it in another
        size.
        """
        weights = dict(bert.weights)
        for layer, (down, up) in self.changes.items():
            name = f"{layer}.weight"
            if name not in weights or weights[name].shape != (up.shape[0], down.shape[1]):
                raise EncoderError(f"{layer}: the adapter was learned for another encoder, which is one of its size")
            weights[name] = weights[name] + _product(up, down)
        return replace(bert, weights=weights)

    def to_bytes(self) -> bytes:
        """The matrices in whole numbers of eight bits, with one scale for each pair of row and column that meet."""
        arrays: dict[str, NDArray[Any]] = {}
        for layer, (down, up) in self.changes.items():
            low, high = np.abs(down).max(axis=1), np.abs(up).max(axis=0)
            arrays[layer + DOWN] = _whole(down, low[:, None])
            arrays[layer + UP] = _whole(up, high)
            arrays[layer + SCALE] = np.asarray(low * high / TOP**2, np.float32)
        return pack_arrays(arrays)

    @classmethod
    def from_bytes(cls, content: bytes) -> Adapter:
        """The inverse of `to_bytes`; runs no code of the file."""
        arrays = {name: array.astype(np.float32) for name, array in unpack_arrays(content).items()}
        layers = sorted(name.removesuffix(DOWN) for name in arrays if name.endswith(DOWN))
        return cls({layer: (arrays[layer + DOWN], arrays[layer + UP] * arrays[layer + SCALE]) for layer in layers})


def _product(up: Floats, down: Floats) -> Floats:
    """``up @ down`` with the same bits on every machine, because the encoder's fingerprint is a digest of the sum: BLAS
    adds in an order of its own on each kind of processor.
    """
    total = np.zeros((len(up), down.shape[1]), np.float32)
    for column, row in zip(up.T, down, strict=True):
        total += column[:, None] * row
    return total


def _whole(matrix: Floats, largest: Floats) -> NDArray[np.int8]:
    return np.rint(matrix * (TOP / np.maximum(largest, 1e-12))).astype(np.int8)


def shipped() -> Adapter:
    """The adapter that comes with the library."""
    return Adapter.from_bytes(files("triage.encoders").joinpath(FILE).read_bytes())
