"""What a student reads: Chinese of any kind, in pieces as long as titles, sentences and short letters are."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from triage.catalogue import Catalogue, starter_catalogue
from triage.datasets import read_suggestions
from triage.errors import InputError, StorageError
from triage.learning.pairs import our_pairs, our_sessions
from triage.learning.prechecking.labelled import our_remarks
from triage.records import Suggestion
from triage.tabular import decode

LENGTHS = (12, 25, 40, 70, 110, 160, 300)
"""Characters that a piece may want to have: sentences are joined until it has them."""
LONGEST = 320
SHORTEST = 6
"""Characters of the longest and of the shortest piece."""
PLAIN = ".txt"
_SENTENCE = re.compile(r"[^。！？；!?;\n]+[。！？；!?;]?")


def read_texts(path: Path) -> list[str]:
    """The texts of a file: its lines if it ends in .txt, else titles and texts of a csv, xlsx or jsonl file of
    suggestions. Raises InputError for a file without any, StorageError for one that cannot be read.
    """
    if path.suffix.lower() != PLAIN:
        return [f"{one.title}\n{one.text}" for one in read_suggestions(path)]
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}") from error
    lines = [line for line in decode(path, data).splitlines() if line.strip()]
    if not lines:
        raise InputError(f"{path}: holds no text; a line a text is wanted", zh="文件里没有文字，应当每行一条")
    return lines


def pieces(texts: Iterable[str], seed: int = 0) -> list[str]:
    """The texts in pieces of whole sentences, each as long as one of `LENGTHS` by chance, without repeats."""
    chance = random.Random(seed)  # noqa: S311 (repeatable, no secret)
    found = dict.fromkeys(piece for text in texts for piece in _cut(text, chance))
    return [piece for piece in found if len(piece) >= SHORTEST]


def _cut(text: str, chance: random.Random) -> Iterator[str]:
    piece, wanted = "", chance.choice(LENGTHS)
    for sentence in map(str.strip, _SENTENCE.findall(text)):
        if piece and len(piece) + len(sentence) > wanted:
            yield piece
            piece, wanted = "", chance.choice(LENGTHS)
        piece = (piece + sentence)[:LONGEST]
    yield piece


def our_texts(catalogue: Catalogue | None = None) -> list[str]:
    """What comes with the library: invented suggestions, whole and by title, and the duties of units."""
    told: list[Suggestion] = [text for pair in our_pairs("train") for text in (pair.one, pair.other)]
    told += [entry.suggestion for session in our_sessions() for entry in session]
    told += [remark.suggestion for remark in our_remarks()]
    units = (catalogue or starter_catalogue()).units
    duties = [duty for unit in units for duty in unit.duties]
    return [*(one.title for one in told), *(one.text for one in told), *duties]
