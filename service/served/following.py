"""The duplicate index follows the memory: a duty that reads the trail, and the building of the index from nothing.

How far the index is stands in its own file, written with the change itself: a kill at any moment leaves both or
neither. The mark names the entry of the trail by number and digest, so that an index of another memory, or of the time
before a backup was restored, is known for what it is and built anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.logs import log_fault
from service.served.bundle import comparing_encoder, in_use
from service.served.index_file import alone, asked_index, followed_index, identity, new_file, swap_in, sweep
from service.served.registry import note_outside
from service.settings import Settings
from service.store import cases
from service.store.listing import Filter
from service.store.store import Store
from service.store.tables_service import TrailHead, TrailRow
from service.store.trail import GENESIS, HEAD
from triage.errors import DamagedIndex, IndexFileError, InputError, NewerIndex
from triage.records import Case

if TYPE_CHECKING:
    from service.served.model import Answering, ServedModel
    from triage.duplicates.index import DuplicateIndex
    from triage.encoders.sentence import SentenceEncoder

AT_ONCE = 500
"""Entries of the trail that are followed in one transaction of the index."""
ABOUT = ("suggestion.", "decision.")
"""Actions whose subject is a suggestion."""
ASIDE = frozenset({"suggestion.triaged"})
"""Of these, what changes nothing that the index holds."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the index has followed: the number and the digest of an entry of the trail."""

    seq: int = 0
    digest: str = GENESIS

    @classmethod
    def read(cls, written: str) -> Mark | None:
        """The mark that `str` wrote; the beginning for none, None for what is no mark."""
        if not written:
            return cls()
        seq, _, digest = written.partition(":")
        return cls(int(seq), digest) if seq.isdecimal() and seq.isascii() else None

    def __str__(self) -> str:
        return f"{self.seq}:{self.digest}"

    def is_of(self, session: Session) -> bool:
        """Whether this memory's trail has that entry."""
        if not self.seq:
            return True
        return session.scalar(select(TrailRow.digest).where(TrailRow.seq == self.seq)) == self.digest


class Follower:
    """The duty that keeps the index of the data folder up to date. One at a time does it, however many there are.

    The index is built anew where there is none that can be followed: it is damaged, of another memory, or the bundle in
    use compares texts with another encoder.
    """

    name = "index"
    pause = 1.0

    def __init__(self, store: Store, settings: Settings, model: ServedModel | None = None) -> None:
        """`model` is what this process answers with, where it does: its encoder is then loaded once, not twice."""
        self._store = store
        self._settings = settings
        self._model = model
        self._path = followed_index(settings)
        self._bundle: str | None = None
        self._sentence: SentenceEncoder | None = None
        self._index: DuplicateIndex | None = None
        self._file = ""
        self._stopping = False

    def step(self) -> bool:
        """Follow some entries of the trail, or build the index anew. True: there is more."""
        if self._path is None:
            return False
        with alone(self._path.parent) as mine:
            if not mine:
                return False
            self._read_encoder()
            index = self._opened(self._path)
            more = None if index is None else self._followed(index)
            if more is None:
                self.close()
                rebuild(self._store, self._path.parent, self._sentence, stopped=lambda: self._stopping)
                return not self._stopping
            return more

    def end(self) -> None:
        """Break off a building."""
        self._stopping = True

    def close(self) -> None:
        """Let go of the file."""
        if self._index is not None:
            self._index.close()
            self._index = None

    def _read_encoder(self) -> None:
        """The encoder of the bundle in use. That another one is in use now is noted in the trail, whoever did it."""
        bundle = in_use(self._settings) if self._settings.model is not None else ""
        if bundle != self._bundle:
            answering = self._model.triager if self._model is not None else None
            self._sentence = comparing_encoder(self._settings, answering.sentence if answering else None)
            self._bundle = bundle
            self.close()
            note_outside(self._settings, self._store)

    def _opened(self, path: Path) -> DuplicateIndex | None:
        """The index, a new one where there is no file; None where it has to be built from the memory."""
        from triage.duplicates.index import DuplicateIndex

        file = identity(path)
        if self._index is not None and file == self._file:
            return self._index
        self.close()
        if not file:
            return None
        try:
            index = DuplicateIndex.load(path.resolve(), sentence=self._sentence)
        except NewerIndex:
            raise
        except IndexFileError as error:
            log_fault(error)
            return None
        if index.reader.calibration.encoder != (self._sentence.fingerprint if self._sentence else ""):
            index.close()
            return None
        self._index, self._file = index, file
        return index

    def _followed(self, index: DuplicateIndex) -> bool | None:
        """Whether there is more to follow; None where the index is no copy of this memory."""
        since = Mark.read(index.mark)
        with self._store.read() as session:
            if since is None or not since.is_of(session):
                return None
            entries = _entries(session, since.seq)
            refs = list(dict.fromkeys(row.subject for row in entries if _is_about(row.action)))
            found = cases.named(session, refs)
        if not entries:
            return False
        gone = set(refs) - {case.suggestion.id for case in found}
        try:
            _bring(index, found, gone, str(Mark(entries[-1].seq, entries[-1].digest)))
        except DamagedIndex as error:
            log_fault(error)
            return None
        return len(entries) == AT_ONCE


def rebuild(
    store: Store,
    folder: Path,
    sentence: SentenceEncoder | None,
    *,
    stopped: Callable[[], bool] = lambda: False,
    progress: Callable[[int], None] = lambda done: None,
) -> int:
    """Build the index of the data folder anew from the memory, beside the one that is there, and let it take its place;
    how many texts it holds. Whoever calls is `alone`. What is written meanwhile is followed afterwards.

    Where `stopped` says so the building is broken off and the old index stays. Raises StoreError, StorageError.
    """
    from triage.duplicates.index import DuplicateIndex
    from triage.duplicates.nearest import EXACT_LIMIT

    sweep(folder)
    with store.read() as session:
        head = session.get_one(TrailHead, HEAD)
        mark = Mark(head.seq, head.digest)
    file = new_file(folder)
    done = number = 0
    with DuplicateIndex.create(file, sentence=sentence) as index:
        file.chmod(0o600)  # it holds texts, like the memory; its journal gets the same
        while part := _part(store, number):
            if stopped():
                file.unlink(missing_ok=True)
                return 0
            _bring(index, [case for _, case in part], (), "")
            number = part[-1][0]
            progress(done := done + len(part))
        index.follow([], mark=str(mark))
    if done > EXACT_LIMIT:
        # What the search learns of so many texts is learned and kept now, not at the first question.
        DuplicateIndex.load(file, sentence=sentence).close()
    swap_in(file)
    return done


def rebuild_from(settings: Settings, progress: Callable[[int, int], None]) -> int:
    """Build the index anew for who is not the service: the texts that it has then. It waits for a duty that follows.

    Raises InputError where the settings name no data folder, StoreFailed where the memory is not there or not up to
    date, BundleError and its kinds, EncoderError, StorageError.
    """
    from service.store.migrate import check

    path = followed_index(settings)
    if path is None:
        raise InputError("no data folder is named, and the index stands in it. Name it.")
    store = Store(settings.database_url)
    try:
        check(store)
        with store.read() as session:
            total = max(1, cases.count(session, Filter(), confidential=False))
        with alone(path.parent, wait=True):
            sentence = comparing_encoder(settings)
            return rebuild(store, path.parent, sentence, progress=lambda done: progress(min(done, total), total))
    finally:
        store.close()


def index_state(now: Answering, settings: Settings, store: Store | None) -> dict[str, Any] | None:
    """How many texts the index holds, and how many entries of the trail it has yet to follow; None without an index.

    Raises IndexFileError, StorageError, StoreError.
    """
    if asked_index(settings) is None:
        return None
    texts = 0 if now.index is None else len(now.index)
    behind = None
    if store is not None and settings.index is None:
        mark = None if now.index is None else Mark.read(now.index.mark)
        with store.read() as session:
            behind = max(0, session.get_one(TrailHead, HEAD).seq - (mark.seq if mark else 0))
    return {"texts": texts, "behind": behind, "building": now.index is None}


def _part(store: Store, number: int) -> list[tuple[int, Case]]:
    with store.read() as session:
        return cases.after(session, number)


def _entries(session: Session, seq: int) -> Sequence[Any]:
    columns = (TrailRow.seq, TrailRow.digest, TrailRow.action, TrailRow.subject)
    return session.execute(select(*columns).where(TrailRow.seq > seq).order_by(TrailRow.seq).limit(AT_ONCE)).all()


def _is_about(action: str) -> bool:
    return action.startswith(ABOUT) and action not in ASIDE


def _bring(index: DuplicateIndex, found: Sequence[Case], gone: set[str] | tuple[()], mark: str) -> None:
    """Let the index hold these. One text that it cannot hold must not keep it from following the others."""
    try:
        index.follow(found, gone, mark=mark)
        return
    except InputError as error:
        log_fault(error)
    for case in found:
        try:
            index.follow([case])
        except InputError as error:
            log_fault(error)
    index.follow([], gone, mark=mark)
