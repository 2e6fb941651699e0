"""Sentence vectors by meaning: an ONNX graph and a tokenizer, without torch."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from triage.encoders.folder import REMEDY, SHORTEST, TOKENIZER, Manifest, read_manifest, verify
from triage.errors import EncoderError, InputError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

Vectors = NDArray[np.float32]

CHARACTERS_PER_TOKEN = 40
"""Text beyond ``max_tokens`` times so many characters is not even tokenised. A piece holds at most 16 characters,
Chinese takes 1.5 on average, so that only a text of nothing but spaces or control characters could notice."""


class SentenceEncoder:
    """Turns texts into unit vectors in which nearness is likeness of meaning.

    Open one with `load`. The vector of a text depends on the text and the folder alone: not on the texts beside it,
    their order, or the number of threads.
    """

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        session: InferenceSession,
        tokenizer: Tokenizer,
        *,
        threads: int,
        max_tokens: int,
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self.threads = threads
        self.max_tokens = max_tokens
        self._session = session
        self._tokenizer = tokenizer
        self._remembered = 0
        self._vector: Callable[[str], Vectors] = self._one

    @classmethod
    def load(cls, folder: str | Path, threads: int | None = None, max_tokens: int | None = None) -> SentenceEncoder:
        """The encoder in a folder that `triage encoder install` built.

        `threads` bounds the cores that are used (None: all that this process may use). `max_tokens` cuts texts
        earlier or later than the folder says, and changes the fingerprint. Raises EncoderError if the folder is
        missing or damaged.
        """
        folder = Path(folder)
        manifest = read_manifest(folder)
        verify(folder, manifest, (TOKENIZER, manifest.graph))
        budget = manifest.max_tokens if max_tokens is None else max_tokens
        if not SHORTEST <= budget <= manifest.positions:
            raise InputError(f"max_tokens: {budget}; this encoder takes {SHORTEST} to {manifest.positions}")
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # threads share texts, not one text's arithmetic: see `_each`
        options.inter_op_num_threads = 1
        options.enable_mem_pattern = False  # every length would be remembered with a pattern of its own
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(
                str(folder / manifest.graph), options, providers=["CPUExecutionProvider"]
            )
            tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        except Exception as error:
            raise EncoderError(f"{folder}: the encoder cannot be opened ({error}); {REMEDY}") from error
        tokenizer.no_padding()
        tokenizer.enable_truncation(budget)
        return cls(folder, manifest, session, tokenizer, threads=threads or _cores(), max_tokens=budget)

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self.manifest.dimension

    @property
    def fingerprint(self) -> str:
        """A digest of everything that decides a vector: equal fingerprints, equal vectors."""
        return self.manifest.fingerprint_at(self.max_tokens)

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Vectors:
        """Vectors of length one, shape (texts, dimension), in the order of the texts.

        A text that occurs twice is encoded once. Text beyond `max_tokens` tokens is cut off. `progress` is called
        with the number of different texts that are done and that there are.
        """
        rows: dict[str, int] = {}
        index = np.array([rows.setdefault(text, len(rows)) for text in texts], dtype=np.intp)
        different = list(rows)
        vectors = np.empty((len(different), self.dimension), np.float32)
        # Long texts first, so that no thread is left alone with one at the end.
        order = sorted(range(len(different)), key=lambda row: -len(different[row]))
        for done, (row, vector) in enumerate(zip(order, self._each([different[row] for row in order]), strict=True), 1):
            vectors[row] = vector
            if progress is not None:
                progress(done, len(different))
        return vectors[index]

    def remember(self, texts: int) -> None:
        """Keep the vectors of the texts that were encoded last, so many at most (0: none), instead of encoding those
        again. Some 3 KB a text; vectors are the same. For who reads a text twice in a row, as who answers and then
        stores it does.
        """
        if texts != self._remembered:
            self._remembered, self._vector = texts, lru_cache(texts)(self._one) if texts else self._one

    def _each(self, texts: list[str]) -> Iterable[Vectors]:
        """The vectors of the texts, each computed alone.

        Int8 activations are scaled by the largest value in the batch, so that in a batch a text's vector depends on its
        neighbours (cosine .995 between alone and among eight). Batches of eight are also just a tenth faster on one
        thread (102 against 92 texts of 100 tokens a second), and threads that take one text each gain more (68 texts of
        140 characters a second on one, 113 on two). Eight-bit weights with a scale a block (MatMulNBits) would make a
        batch's rows independent, at half the speed.
        """
        workers = min(self.threads, len(texts))
        if workers < 2:
            yield from map(self._vector, texts)
            return
        pool = ThreadPoolExecutor(workers, thread_name_prefix="encoder")
        try:
            yield from pool.map(self._vector, texts)
        finally:
            pool.shutdown(cancel_futures=True)

    def _one(self, text: str) -> Vectors:
        # Half of a surrogate pair, as broken files hold it, is no character and becomes a question mark.
        text = text[: self.max_tokens * CHARACTERS_PER_TOKEN].encode("utf-8", "replace").decode()
        encoding = self._tokenizer.encode(self.manifest.prompt + text)
        ids = np.array([encoding.ids], dtype=np.int64)
        (vector,) = self._session.run(["sentence_embedding"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        row: Vectors = vector[0]
        return row


def _cores() -> int:
    """The cores that this process may use, which in a container may be fewer than the machine has."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1
