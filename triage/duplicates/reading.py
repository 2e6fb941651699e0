"""Suggestions made ready to be indexed or asked about: prepared, encoded once, profiled, with their search vectors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from triage.duplicates.calibration import Calibration
from triage.duplicates.profile import Profile
from triage.errors import ForeignIndex
from triage.records import Suggestion
from triage.text import Prepared, Segmenter, prepare

if TYPE_CHECKING:
    from triage.encoders.sentence import SentenceEncoder

Floats = NDArray[np.float32]
Progress = Callable[[int, int], None]
Known = Callable[[Sequence[bytes]], Mapping[bytes, Floats]]

FOCUS = 256
"""Characters of a suggestion that the sentence encoder reads: title, opening and ask, as the heads have it."""


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """A suggestion, ready. `dense` (dimension,) is its sentence vector, None without an encoder; `vector` is
    what it is searched by.
    """

    suggestion: Suggestion
    profile: Profile
    dense: Floats | None
    vector: Floats


class Reader:
    """Reads suggestions with one calibration and its sentence encoder.

    Raises ForeignIndex where the two do not belong together.
    """

    def __init__(self, calibration: Calibration, sentence: SentenceEncoder | None = None) -> None:
        if calibration.encoder and (sentence is None or sentence.fingerprint != calibration.encoder):
            other = "none is given" if sentence is None else f"{sentence.fingerprint[:12]} is given"
            raise ForeignIndex(
                f"the index was made with sentence encoder {calibration.encoder[:12]}, and {other}. "
                "Name its folder with --encoder, or build the index anew."
            )
        self.calibration = calibration
        self._sentence = sentence if calibration.encoder else None
        self._segmenter = Segmenter()
        self._sketch = calibration.sketch()

    def read(
        self,
        suggestions: Sequence[Suggestion],
        *,
        known: Known | None = None,
        dense: Floats | None = None,
        progress: Progress | None = None,
    ) -> list[Text]:
        """The texts, in order.

        `known` gives sentence vectors of texts by key, so that what was met before is not encoded again;
        `dense` (n, dimension) are the sentence vectors as the encoder gives them, where the caller has them already.
        """
        rows: dict[tuple[str, str], int] = {}
        places = [rows.setdefault((text.title, text.text), len(rows)) for text in suggestions]
        _, firsts = np.unique(np.array(places, np.intp), return_index=True)
        prepared = [prepare(suggestions[first]) for first in firsts.tolist()]
        profiles = [Profile.of(text, self._segmenter) for text in prepared]
        given = None if dense is None else dense[firsts]
        meaning = self._meaning(prepared, profiles, known, given, progress)
        vectors = _half(self._sketch.of([profile.grams for profile in profiles], meaning))
        return [
            Text(suggestion, profiles[row], None if meaning is None else meaning[row], vectors[row])
            for suggestion, row in zip(suggestions, places, strict=True)
        ]

    def _meaning(
        self,
        prepared: Sequence[Prepared],
        profiles: Sequence[Profile],
        known: Known | None,
        dense: Floats | None,
        progress: Progress | None,
    ) -> Floats | None:
        """Sentence vectors, (n, dimension); None without an encoder. Equal texts are encoded once."""
        if self._sentence is None:
            return None
        if dense is not None:
            return _half(dense)
        found = dict(known([profile.key for profile in profiles])) if known is not None else {}
        new: dict[bytes, int] = {}
        for row, profile in enumerate(profiles):
            if profile.key and profile.key not in found:
                new.setdefault(profile.key, row)
        rows = list(new.values())
        fresh = self._sentence.encode([prepared[row].focus(FOCUS) for row in rows], progress)
        found |= zip(new, _half(fresh), strict=True)
        nothing = np.zeros(self._sentence.dimension, np.float32)
        return np.stack([found.get(profile.key, nothing) for profile in profiles]) if profiles else fresh


def _half(rows: Floats) -> Floats:
    """As the store keeps them: a text compares the same before and after it is stored."""
    return rows.astype(np.float16).astype(np.float32)
