"""The texts that duplicates are looked for in. Only figures about them may leave this package, never a row."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.duplicates.grams import fold
from triage.errors import InputError
from triage.records import Suggestion
from triage.text import Prepared, prepare

MESSAGES, LETTERS, SESSION = "taidi2020_messages", "shanghai2023", "cixi2017"
SETS = (MESSAGES, LETTERS, SESSION)
ALONE = "-1"
"""The group of a letter that nobody sent twice."""
YES, NO = frozenset({"1", "yes", "true", "same", "same matter"}), frozenset({"0", "no", "false", "", "different"})


@dataclass(frozen=True, slots=True)
class Texts:
    """One file: its suggestions, the groups of near-identical ones and the units where they are known.

    The digest of the file shows that two results are about the same rows.
    """

    name: str
    suggestions: tuple[Suggestion, ...]
    digest: str
    groups: tuple[str, ...] = ()
    leads: tuple[tuple[str, ...], ...] = ()
    co: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """Two texts of which a person said whether they ask for the same matter."""

    one: Suggestion
    other: Suggestion
    same: bool


def read_set(folder: Path, name: str, limit: int = 0) -> Texts | None:
    """The set `name` in `folder`, None where it is not there; with `limit` only so many of its first texts."""
    path = folder / f"{name}.csv"
    if not path.is_file():
        return None
    rows = _rows(path)
    if limit:
        # Letters that were sent once would leave nothing to find.
        rows = sorted(rows, key=lambda row: row.get("group", ALONE) == ALONE)[:limit]
    suggestions = tuple(
        Suggestion(row["id"], row.get("title", ""), row.get("text", ""), row.get("source", "")) for row in rows
    )
    groups = tuple(row["group"] for row in rows) if rows and "group" in rows[0] else ()
    leads, co = (tuple(_several(row.get(name, "")) for row in rows) for name in ("lead", "co"))
    return Texts(name, suggestions, _digest(path), groups, leads, co)


def read_labels(path: Path) -> tuple[list[JudgedPair], str]:
    """The pairs of a csv with the columns title_a, title_b, same (1 or 0), and the digest of the file.

    Raises InputError for a missing column or for a label that is neither.
    """
    rows = _rows(path)
    wanted = ("title_a", "title_b", "same")
    pairs = []
    for line, row in enumerate(rows, start=2):
        if missing := [name for name in wanted if row.get(name) is None]:
            raise InputError(f"{path}:{line}: column {', '.join(missing)} is missing; wanted are {', '.join(wanted)}")
        said = row["same"].strip().lower()
        if said not in YES | NO:
            raise InputError(f"{path}:{line}: same is {row['same']!r}; allowed are 1 and 0")
        one, other = (Suggestion(f"{line}{end}", row[f"title_{end}"]) for end in "ab")
        pairs.append(JudgedPair(one, other, said in YES))
    if len({pair.same for pair in pairs}) < 2:
        raise InputError(f"{path}: pairs of both kinds are needed, same and not")
    return pairs, _digest(path)


class Wordings:
    """Each text as the library's own normalising leaves it, made once."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Prepared] = {}

    def prepared(self, suggestion: Suggestion) -> Prepared:
        """The suggestion, prepared."""
        key = (suggestion.title, suggestion.text)
        if key not in self._known:
            self._known[key] = prepare(suggestion)
        return self._known[key]

    def whole(self, suggestion: Suggestion) -> str:
        """Title and body."""
        text = self.prepared(suggestion)
        return f"{text.title}。{text.body}" if text.title and text.body else text.title or text.body

    def folded(self, suggestion: Suggestion) -> str:
        """Nothing but what can be compared: equal for texts that are identical after normalising."""
        text = self.prepared(suggestion)
        return fold(text.title + text.body)


def same_rows(texts: Sequence[Suggestion], wordings: Wordings) -> list[frozenset[int]]:
    """For each text the rows of those that are identical to it after normalising, itself among them."""
    rows: dict[str, set[int]] = {}
    for row, text in enumerate(texts):
        rows.setdefault(wordings.folded(text), set()).add(row)
    return [frozenset(rows[wordings.folded(text)]) for text in texts]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def _several(names: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in names.split(";") if name.strip())


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
