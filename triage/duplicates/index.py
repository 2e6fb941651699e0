"""The index of everything that was handed in: add, remove, ask what a text repeats, keep it in one file."""

from __future__ import annotations

import logging
import math
import threading
import weakref
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from triage.duplicates.agreement import Agreement
from triage.duplicates.arriving import Arrived, check_ids, listed, refused_if_replaced, sorted_out
from triage.duplicates.calibration import Calibration, calibration_for
from triage.duplicates.candidates import Candidates
from triage.duplicates.comparing import chances_of, compare
from triage.duplicates.entry import Entry
from triage.duplicates.grader import LEARNED
from triage.duplicates.grams import Rarity
from triage.duplicates.hits import Changed, Hit, Only, duplicate, evidence_of, graded_hits
from triage.duplicates.nearest import EXACT_LIMIT, NearestRows
from triage.duplicates.profile import Profile
from triage.duplicates.reading import Progress, Reader, Text
from triage.duplicates.restore import restored_search
from triage.duplicates.sketch import DIMENSION
from triage.duplicates.store import Store
from triage.duplicates.vocabulary import Vocabulary
from triage.errors import DamagedIndex, ForeignIndex, InputError, StorageError
from triage.records import Case, Duplicate, Grade, PairEvidence, Suggestion

if TYPE_CHECKING:
    from triage.encoders.sentence import SentenceEncoder

log = logging.getLogger(__name__)

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]
Found = TypeVar("Found")

SHORTLIST = 400
"""Texts that the search brings up for a closer look; a quarter as many where there are more than `MANY`."""
MANY = 20_000
MEASURED = 32
"""Of these, the texts that are measured in full; more where more are asked for."""
AT_ONCE = 64
"""Texts that are searched for together."""
ATTEMPTS = 5
"""How often a look is taken again when another program took texts out while it was taken."""


class DuplicateIndex:
    """Finds what a text repeats among those that were added. Make one with `create` or `load`; close it, or use
    ``with``.

    Each change is one transaction of an SQLite file (or of memory): a kill at any moment leaves the old or the new
    state. Safe to use from several threads; a change that another program made to the file is noticed.
    """

    def __init__(self, store: Store, reader: Reader) -> None:
        self._store = store
        self._reader = reader
        self._candidates = Candidates(store)
        self._vocabulary = Vocabulary(store, self._candidates, reader.calibration.rarity)
        self._nearest = NearestRows(DIMENSION)
        self._generation = -1
        self._lock = threading.RLock()  # the search must not change while another thread searches
        self._refresh()

    @classmethod
    def create(
        cls,
        path: str | Path | None = None,
        *,
        sentence: SentenceEncoder | None = None,
        calibration: Calibration | None = None,
    ) -> Self:
        """A new, empty index in a file, or in memory without `path`.

        Without `sentence` wording decides alone. An encoder other than ours needs a `calibration`: in its folder
        (`triage encoder grade`), or handed in. Raises StorageError if the file exists, InputError without one.
        """
        calibration = calibration or calibration_for(sentence)
        if calibration is None:
            wanted = sentence.fingerprint if sentence is not None else ""
            raise InputError(
                f"there is no calibration for sentence encoder {wanted[:12]}. Learn one with `triage encoder grade`, "
                "or leave the encoder out."
            )
        settings = {"calibration": calibration.to_json()}
        # Through the file's form, so that it answers to the last digit what it will once it is loaded.
        reader = Reader(Calibration.from_json(settings["calibration"]), sentence)
        width = calibration.dimension or 1
        store = Store.create(path, settings, dimension=DIMENSION, dense_dimension=width, encoder=calibration.encoder)
        return cls(store, reader)

    @classmethod
    def load(cls, path: str | Path, *, sentence: SentenceEncoder | None = None, writes: bool = True) -> Self:
        """The index in a file, with the sentence encoder that it was made with; without `writes` nothing is ever
        written into it, not even what is learned of its texts.

        Raises IndexFileError if there is none, DamagedIndex, NewerIndex, ForeignIndex (other encoder), StorageError.
        """
        store = Store.open(path, writes=writes)
        try:
            if store.dimension != DIMENSION:
                raise ForeignIndex(
                    f"{path}: search vectors of {store.dimension} numbers; this version has {DIMENSION}."
                )
            try:
                calibration = Calibration.from_json(store.settings["calibration"])
            except (KeyError, TypeError, ValueError) as error:
                raise DamagedIndex(
                    f"{path}: its calibration cannot be read ({error}). Build the index anew."
                ) from error
            belongs = (calibration.encoder, calibration.dimension or 1)
            if belongs != (store.encoder, store.dense_dimension):
                raise DamagedIndex(f"{path}: its calibration belongs to another index. Build the index anew.")
            return cls(store, Reader(calibration, sentence))
        except BaseException:
            store.close()
            raise

    # --- what is in it ------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._store)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(self._store.rows_of([name]))

    @property
    def reader(self) -> Reader:
        """What reads texts for this index; what it read may be asked about in any index with the same calibration."""
        return self._reader

    @property
    def path(self) -> Path | None:
        """The file, None in memory."""
        return self._store.path

    def info(self) -> dict[str, Any]:
        """How many texts, of which sources, sessions and dates, how they are searched, and the encoder."""
        self._refresh()
        return {**self._store.info(), "different_texts": len(self._nearest), "search": self._nearest.kind}

    def verify(self) -> None:
        """Read everything that is stored. Raises DamagedIndex where it does not fit."""
        self._store.verify()

    def cases(self, only: Only | None = None) -> list[Case]:
        """The stored cases, in the order in which they were added."""
        filters = (only or Only()).filters()
        return self._settled(lambda: self._store.cases(self._store.select(**filters)))

    def save(self, path: str | Path) -> Path:
        """Write a copy into a file, whole or not at all; an older index may be there."""
        return self._store.save_as(path)

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()

    def close_when_unused(self) -> None:
        """Let go of the file as soon as nobody holds this index any more."""
        weakref.finalize(self, self._store.close)

    def reopen(self) -> None:
        """Open the file again after `close`, in a forked process: what was read stays in memory, and what changed
        meanwhile is followed. Raises what `load` raises, and ForeignIndex where the file was built anew.
        """
        self._store.reopen()
        self._refresh()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- changing -----------------------------------------------------------------------------------------------------

    def add(self, cases: Sequence[Case], *, progress: Progress | None = None) -> Changed:
        """Add handled cases or, as cases without units, suggestions; all or none.

        One that is there with the same text is renewed where its facts differ (the units that were decided, the
        outcome). Texts that were met before, here or in `cases`, are not encoded again. Raises InputError for a missing
        or repeated id and for an id that is there with another text.
        """
        return self.keep(cases, None, progress=progress)

    def check(self, cases: Sequence[Case]) -> None:
        """Raise the InputError that `add` would raise, and change nothing."""
        check_ids([case.suggestion.id for case in cases])
        self._settled(lambda: refused_if_replaced(sorted_out(self._store, cases)))

    def keep(
        self, cases: Sequence[Case], texts: Sequence[Text] | None = None, *, progress: Progress | None = None
    ) -> Changed:
        """As `add`, for cases whose texts the index's own `reader` has read already."""
        check_ids([case.suggestion.id for case in cases])
        arrived = self._settled(lambda: refused_if_replaced(sorted_out(self._store, cases)))
        if texts is not None:
            read = {text.suggestion.id: text for text in texts}
            texts = [read[case.suggestion.id] for case in arrived.new]
        self._store_arrived(arrived, arrived.new, texts, progress)
        return Changed(len(arrived.new), len(arrived.renewed), arrived.unchanged)

    def follow(
        self, cases: Sequence[Case], gone: Iterable[str] = (), *, mark: str = "", progress: Progress | None = None
    ) -> Changed:
        """Hold `cases` as they are now, whatever stood under their ids, nothing under the ids of `gone`, and remember
        `mark`: all of it in one transaction, so that who follows another memory always knows how far this one is.

        A text that took the place of another counts as renewed. Raises InputError for a missing or repeated id.
        """
        check_ids([case.suggestion.id for case in cases])
        arrived = self._settled(lambda: sorted_out(self._store, cases))
        left = {case.suggestion.id for case in arrived.replaced} | self._store.rows_of(gone).keys()
        self._store_arrived(arrived, [*arrived.new, *arrived.replaced], None, progress, left, mark)
        return Changed(len(arrived.new), len(arrived.renewed) + len(arrived.replaced), arrived.unchanged)

    @property
    def mark(self) -> str:
        """What the last `follow` remembered; empty where none has."""
        return self._store.mark

    def _store_arrived(
        self,
        arrived: Arrived,
        new: Sequence[Case],
        texts: Sequence[Text] | None,
        progress: Progress | None,
        gone: Collection[str] = (),
        mark: str = "",
    ) -> None:
        if texts is None:
            texts = self.read([case.suggestion for case in new], progress=progress)
        entries = [
            Entry(case, text.vector, text.dense, text.profile.key or None, text.profile.to_json(), _areas(text.profile))
            for case, text in zip(new, texts, strict=True)
        ]
        try:
            self._store.change(entries, arrived.renewed, gone=gone, mark=mark)
        except KeyError as error:
            raise StorageError(
                "a text that was to be renewed has been taken out meanwhile. Nothing was changed; try again."
            ) from error
        self._refresh()

    def remove(self, ids: Iterable[str]) -> int:
        """Take texts out, all or none, and return how many. Raises InputError for ids that are not there."""
        wanted = list(dict.fromkeys(ids))
        there = self._store.rows_of(wanted)
        if missing := [name for name in wanted if name not in there]:
            raise InputError(f"{listed(missing)}: not in the index. Nothing was removed.")
        removed = self._store.remove(wanted)
        self._refresh()
        return removed

    # --- asking -------------------------------------------------------------------------------------------------------

    def read(
        self, suggestions: Sequence[Suggestion], *, dense: Floats | None = None, progress: Progress | None = None
    ) -> list[Text]:
        """The texts ready to be asked about or kept; what the index holds already is not encoded again."""
        return self._reader.read(suggestions, known=self._known, dense=dense, progress=progress)

    def query(
        self,
        suggestions: Sequence[Suggestion],
        *,
        k: int = 10,
        least: Grade = Grade.RELATED,
        only: Only | None = None,
        dense: Floats | None = None,
        progress: Progress | None = None,
    ) -> list[tuple[Duplicate, ...]]:
        """What each text repeats, in order: at most `k` texts whose likeliest grade is `least` or closer, closest
        first. A text that is itself in the index, under its id, does not repeat itself.

        `dense` (n, dimension) are the texts' sentence vectors, where the caller has them already. An unreadable text
        repeats nothing.
        """
        texts = self.read(suggestions, dense=dense, progress=progress)
        hits = self.hits(texts, k=k, least=least, only=only)
        return [self.told(text, found) for text, found in zip(texts, hits, strict=True)]

    def hits(
        self,
        texts: Sequence[Text],
        *,
        k: int = 10,
        least: Grade = Grade.RELATED,
        only: Only | None = None,
        progress: Progress | None = None,
        measured: int | None = None,
    ) -> list[list[Hit]]:
        """As `query`, for texts that were read before, and without what only a reader of the answer needs; `measured`
        is how many of the shortlist are measured in full instead of `MEASURED`, with a shortlist in proportion.
        """
        most = max(MEASURED, k) if measured is None else measured
        if k < 1:
            raise InputError(f"k: {k}; at least one text must be asked for")
        self._refresh()
        filters = (only or Only()).filters()
        allowed = self._store.select(**filters) if filters else None
        found: list[list[Hit]] = []
        for start in range(0, len(texts), AT_ONCE):
            some = texts[start : start + AT_ONCE]
            for text, rows in zip(some, self._near(some, allowed, most), strict=True):
                found.append(self._graded(text, rows, allowed, k, least, most))
                if progress is not None:
                    progress(len(found), len(texts))
        return found

    def told(self, text: Text, hits: Sequence[Hit]) -> tuple[Duplicate, ...]:
        """Hits as records, with evidence and all that the index knows of the texts."""
        return tuple(self.record(text, hit, case) for hit, case in self.with_cases(hits))

    def with_cases(self, hits: Sequence[Hit]) -> list[tuple[Hit, Case]]:
        """Hits with the cases that were hit, without those that were taken out meanwhile."""

        def attempt() -> list[tuple[Hit, Case]]:
            there = self._store.same_as([hit.row for hit in hits], 1)
            left = [hit for hit, rows in zip(hits, there, strict=True) if rows]
            return list(zip(left, self._store.cases([hit.row for hit in left]), strict=True))

        return self._settled(attempt)

    def ids_of(self, hits: Sequence[Hit]) -> list[str]:
        """Their ids."""
        return self._store.ids([hit.row for hit in hits])

    def chances(self, one: Text, others: Sequence[Text], grade: Grade) -> list[float]:
        """The probability that a text and each of the others, stored or not, are this grade or closer."""
        return chances_of(one, others, grade, self._reader.calibration, self._rarity)

    def evidence(self, one: Text, others: Sequence[Text]) -> list[PairEvidence]:
        """Why they are of their grade: what a text and each of the others share and in what they differ."""
        return evidence_of(one, others, self._reader.calibration, self._rarity)

    def _near(self, texts: Sequence[Text], allowed: Rows | None, most: int) -> list[Rows]:
        """The rows that the search brings up for each text; of equal texts the first stands for all."""
        if allowed is not None:
            allowed = self._store.first_rows_of(allowed)
        queries = np.stack([text.vector for text in texts])
        with self._lock:
            count = SHORTLIST if len(self._nearest) <= MANY else SHORTLIST // 4
            count = min(count, -(-SHORTLIST * most // MEASURED))
            rows, _ = self._nearest.search(queries, count, allowed)
        return [some[some >= 0] for some in rows]

    def _graded(self, text: Text, near: Rows, allowed: Rows | None, k: int, least: Grade, most: int) -> list[Hit]:
        if not text.profile.key:
            return []
        hits = self._settled(lambda: self._identical(text, allowed, k))
        near = near[~np.isin(near, self._store.rows_with_key([text.profile.key], 1).get(text.profile.key, []))]
        rows, profiles, dense = self._candidates.of(near)
        if profiles and least is not Grade.IDENTICAL:
            graded = compare(text, profiles, dense, self._reader.calibration, self._rarity, most)
            hits += self._expanded(graded_hits(graded, rows, least), allowed, k)
        return sorted(hits, key=lambda hit: hit.order)[:k]

    def _identical(self, text: Text, allowed: Rows | None, k: int) -> list[Hit]:
        """The stored texts with the same key, without the text itself."""
        rows = self._store.rows_with_key([text.profile.key], -1 if allowed is not None else k + 1)
        same = np.array(rows.get(text.profile.key, []), np.int64)
        if allowed is not None:
            same = same[np.isin(same, allowed)]
        ids = self._store.ids(same[: k + 1])
        sure = (1.0,) * len(LEARNED)
        return [
            Hit(int(row), Grade.IDENTICAL, sure, math.inf, 1.0, Agreement())
            for row, name in zip(same[: k + 1], ids, strict=True)
            if name != text.suggestion.id
        ]

    def _expanded(self, hits: list[Hit], allowed: Rows | None, k: int) -> list[Hit]:
        """Each hit with the other texts that are identical to the one found, `k` at most in all."""
        best = sorted(hits, key=lambda hit: hit.order)[:k]
        expanded: list[Hit] = []
        copies = self._store.same_as([hit.row for hit in best], -1 if allowed is not None else k)
        for hit, rows in zip(best, copies, strict=True):
            chosen = rows if allowed is None else np.intersect1d(rows, allowed)
            expanded.extend(replace(hit, row=int(row)) for row in chosen)
            if len(expanded) >= k:
                break
        return expanded

    def record(self, text: Text, hit: Hit, case: Case) -> Duplicate:
        """A hit as a record."""
        return duplicate(text.suggestion, hit, case, self._rarity)

    @property
    def _rarity(self) -> Rarity:
        return self._vocabulary.rarity(len(self._nearest))

    # --- inside -------------------------------------------------------------------------------------------------------

    def _known(self, keys: Sequence[bytes]) -> dict[bytes, Floats]:
        """The sentence vectors of texts that are stored, by key."""
        first = {key: rows[0] for key, rows in self._store.rows_with_key(filter(None, keys), 1).items()}
        found = self._store.entries(list(first.values()))
        if found.dense is None:
            return {}
        by_row = dict(zip(found.rows.tolist(), found.dense, strict=True))
        return {key: by_row[row] for key, row in first.items() if row in by_row}

    def _settled(self, attempt: Callable[[], Found]) -> Found:
        """What an attempt finds that meets no text which is taken out while it looks."""
        for _ in range(ATTEMPTS):
            with suppress(KeyError):
                return attempt()
        raise DamagedIndex(
            f"{self.path or 'the index in memory'}: parts of a text are missing, or another program keeps taking texts "
            "out. Try again, and if it stays so, build the index anew."
        )

    def _refresh(self) -> None:
        """Follow what was stored, by whomever, since the last look."""
        with self._lock:
            self._settled(self._follow)

    def _follow(self) -> None:
        generation = self._store.generation
        if generation == self._generation:
            return
        wanted, known = self._store.first_rows(), self._nearest.rows()
        gone, fresh = np.setdiff1d(known, wanted), np.setdiff1d(wanted, known)
        self._nearest.remove(gone)
        self._candidates.forget(gone.tolist())
        if not len(known) and len(fresh) > EXACT_LIMIT:
            self._nearest = restored_search(self._store, fresh)
        elif len(fresh):
            self._nearest.add(fresh, self._store.vectors(fresh))
        self._generation = generation


def _areas(profile: Profile) -> tuple[str, ...]:
    """The places that the text names, by which it can be filtered."""
    return tuple(dict.fromkeys(place.name for place in profile.mentions.places))
