"""A sentence encoder that remembers: the folds of a set share their texts, and so do the baselines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast
from unittest import mock

import numpy as np

from triage.encoders.sentence import SentenceEncoder, Vectors


class RememberingEncoder(SentenceEncoder):
    """Encodes a text once in its life. Exact, because a text's vector depends on the text and the folder alone."""

    def __init__(self, *parts: Any, **settings: Any) -> None:
        super().__init__(*parts, **settings)
        self._known: dict[str, Vectors] = {}

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        """As `SentenceEncoder.encode`."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, super().encode(new, progress), strict=True))
        return np.stack([self._known[text] for text in texts]) if texts else np.empty((0, self.dimension), np.float32)


@contextmanager
def shared_encoder(folder: Path | None) -> Iterator[RememberingEncoder | None]:
    """While it is open, whoever loads a sentence encoder, such as `Triager.train`, gets this one."""
    if folder is None:
        yield None
        return
    encoder = cast(RememberingEncoder, RememberingEncoder.load(folder))
    with mock.patch.object(SentenceEncoder, "load", return_value=encoder):
        yield encoder
