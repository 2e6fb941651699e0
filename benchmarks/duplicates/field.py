"""Who is measured, and what they share: normalised texts, and sentence vectors that are made once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.duplicates.ours import LIBRARY, Library
from benchmarks.duplicates.peers import Nearest, Peer, peers
from benchmarks.duplicates.sets import Wordings
from benchmarks.quality.encodings import RememberingEncoder
from triage.duplicates.reading import FOCUS
from triage.records import Suggestion


class Field:
    """The library and its peers. `encoder` is the folder of the sentence encoder, `tell` hears what is being done;
    `missing` says which peers are not there and why.
    """

    def __init__(self, sentence: RememberingEncoder | None, tell: Callable[[str], None], encoder: Path | None) -> None:
        self._sentence = sentence
        self.encoder = encoder
        self.library = Library(sentence)
        self.wordings = Wordings()
        self.tell = tell
        self.peers: dict[str, Peer]
        self.missing: dict[str, str]
        self.peers, self.missing = peers(self.wordings, sentence)
        self._encoded: set[str] = set()
        self._seconds = 0.0

    def warm(self, texts: Sequence[Suggestion]) -> None:
        """Normalise and encode texts beforehand, so that no system is charged with the encoder for all."""
        prepared = [self.wordings.prepared(text).focus(FOCUS) for text in texts]
        if self._sentence is None:
            return
        new = list(dict.fromkeys(text for text in prepared if text not in self._encoded))
        self.tell(f"encoding {len(new):,} texts")
        started = time.perf_counter()
        self._sentence.encode(new)
        self._seconds += time.perf_counter() - started
        self._encoded.update(new)

    def encoding(self) -> dict[str, Any]:
        """What the encoder took, which no figure of a query holds."""
        count = len(self._encoded)
        return {"texts": count, "milliseconds_a_text": round(1000 * self._seconds / max(count, 1), 2)}

    def indexes(self, texts: Sequence[Suggestion]) -> dict[str, Nearest]:
        """Every system with these texts in it, ours first."""
        self.warm(texts)
        self.tell(f"indexing, {LIBRARY}")
        made: dict[str, Nearest] = {LIBRARY: self.library.index(texts)}
        for name, peer in self.peers.items():
            self.tell(f"indexing, {name}")
            made[name] = peer.index(texts)
        return made
