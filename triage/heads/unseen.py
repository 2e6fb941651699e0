"""What a model answered for its own cases while it had not seen them: the past that new texts are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.bundle import Part

_TYPES: dict[str, type[np.generic]] = {
    "lead": np.int32,
    "certainty": np.float32,
    "topic": np.int32,
    "nearest": np.float32,
    "length": np.int32,
    "confidential": np.uint8,
    "words": np.int32,
    "unknown": np.int32,
}


@dataclass(frozen=True, slots=True, eq=False)
class Unseen:
    """One entry a case, each (cases,), in the order of the case rows, and no word of any text.

    `lead` is the column of the first lead (−1 where history names none that can be answered), `certainty` the
    probability that it is right, `topic` the likeliest leaf (−1 where the case is filed nowhere), `nearest` the
    closeness to the nearest other case, `length` the characters of the prepared text, `words` its different words and
    `unknown` those that the vocabulary would lack without it. `unreadable` cases were left out.
    """

    lead: NDArray[np.int32]
    certainty: NDArray[np.float32]
    topic: NDArray[np.int32]
    nearest: NDArray[np.float32]
    length: NDArray[np.int32]
    confidential: NDArray[np.uint8]
    words: NDArray[np.int32]
    unknown: NDArray[np.int32]
    unreadable: int = 0

    def __len__(self) -> int:
        return len(self.lead)

    def to_part(self) -> Part:
        """The answers, for a bundle."""
        return Part({"unreadable": self.unreadable}, {name: getattr(self, name) for name in _TYPES})

    @classmethod
    def from_part(cls, part: Part) -> Unseen:
        """Rebuild from a bundle. Raises KeyError or ValueError where an array is missing or of another length."""
        arrays: dict[str, Any] = {name: part.arrays[name].astype(kind) for name, kind in _TYPES.items()}
        if len({array.shape for array in arrays.values()}) != 1 or arrays["lead"].ndim != 1:
            raise ValueError("unseen: the arrays are not of one length")
        return cls(**arrays, unreadable=int(part.data["unreadable"]))
