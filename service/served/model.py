"""What answers: bundle, index and catalogue, opened in the background so that the service is alive before it is ready,
and exchanged while it runs. What belongs together is exchanged in one assignment, and requests that run finish on what
they began with.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date as Date
from functools import cached_property
from typing import TYPE_CHECKING

from service.logs import log_fault
from service.problems import Problem, index_failed
from service.served.bundle import identity_of, in_use, load_triager, public
from service.served.index_file import asked_index, identity
from service.served.place import Place, load_place, number_in_force
from service.settings import Settings
from service.shapes.examples import BUS
from service.store.decisions import today
from service.store.errors import StoreBusy
from service.store.store import Store
from triage.errors import IndexFileError, StorageError
from triage.records import Suggestion

if TYPE_CHECKING:
    from triage import Triager
    from triage.catalogue.lookup import UnitLookup
    from triage.duplicates.index import DuplicateIndex
    from triage.meeting.names import NameReader
    from triage.precheck.precheck import Precheck

__all__ = ["Answering", "ServedModel", "in_use", "load_triager", "public"]

LOOK_SECONDS = 1.0
"""Seconds between two looks at what should answer."""
AGAIN_SECONDS = 30.0
"""Seconds after which something that could not be loaded is tried again, unless it changes before."""

Wanted = tuple[str, int | None, str]
"""What should answer: the bundle (`in_use`), the number of the catalogue version, and which index file."""


@dataclass(frozen=True, eq=False)
class Answering:
    """What answers a request from beginning to end: a bundle, a catalogue, and the index, all of one moment."""

    triager: Triager
    index: DuplicateIndex | None = None
    place: Place = field(default_factory=Place)
    file: str = ""
    """Which file the index is, or would be: the one that follows the memory may wait to be built."""
    _lookups: dict[Date, UnitLookup] = field(default_factory=dict, repr=False)

    @cached_property
    def bundle(self) -> str:
        """The bundle, in the form of `in_use`."""
        return identity_of(self.triager)

    @cached_property
    def precheck(self) -> Precheck:
        """The pre-check by the rules in force; without any by the model's own catalogue and no rules."""
        from triage.catalogue import Office
        from triage.precheck.precheck import Precheck

        place = self.place
        if place.catalogue is None or place.office is None:
            return Precheck(self.triager.catalogue, Office())
        return Precheck(place.catalogue, place.office)

    @cached_property
    def names(self) -> NameReader:
        """Reads names of units, as people write them, by the catalogue in force; a unit of the model that it does not
        know stands for itself.
        """
        from triage.meeting.names import NameReader

        return NameReader(self.place.catalogue or self.triager.catalogue, self.triager.units)

    def units(self, day: Date) -> UnitLookup:
        """Finds the units that can be decided on a day, by whatever is typed: those of the catalogue in force, and
        those of the model that it does not know.
        """
        from triage.catalogue.lookup import UnitLookup

        made = self._lookups.get(day)
        if made is None:
            own = [unit for unit in self.triager.units if self.names.read(unit, day).units == (unit,)]
            made = UnitLookup(self.place.catalogue or self.triager.catalogue, day, own)
            made.find("a", 1)  # reads how every name is said
            self._lookups.clear()  # of days that are over
            self._lookups[day] = made
        return made

    @property
    def office(self) -> Precheck | None:
        """The same, None where neither a folder nor a version of a catalogue is given."""
        return None if self.place.number is None else self.precheck


class ServedModel:
    """What answers now (`answering`); or the `failure` that kept it from loading, or neither while it is being loaded.

    `look` notices that something else should answer, loads it beside and exchanges it. With `follow` off it keeps the
    bundle that it has: whoever starts the processes exchanges them. `trouble` is why the last exchange failed.
    """

    def __init__(self, triager: Triager | None = None) -> None:
        self.answering: Answering | None = None if triager is None else Answering(triager)
        self.failure: Exception | None = None
        self.trouble: Exception | None = None
        self.follow = True
        self._settings = Settings.from_environment({})
        self._store: Store | None = None
        self._closed = False
        self._lock = threading.Lock()
        self._changing = threading.Lock()
        self._refused: Wanted | None = None
        self._again = 0.0

    @property
    def triager(self) -> Triager | None:
        """The bundle that answers now."""
        return self.answering.triager if self.answering else None

    @property
    def index(self) -> DuplicateIndex | None:
        """The index that is asked now."""
        return self.answering.index if self.answering else None

    async def load(self, settings: Settings, loaded: Callable[[ServedModel], None], store: Store | None = None) -> None:
        """Load the bundle that `settings` name, open the index, and tell `loaded` when that is done, well or not."""
        try:
            await asyncio.to_thread(self.open, settings, store)
        except Exception as error:  # noqa: BLE001 - whatever it is, the service stays alive and says that it is not ready
            self.failure = error
            log_fault(error)
        loaded(self)

    def open(self, settings: Settings, store: Store | None = None) -> None:
        """Load the bundle, unless there is one, the catalogue in force, and the index. Raises TriageError."""
        self._settings, self._store = settings, store
        triager = self.triager or load_triager(settings)
        place = load_place(settings, store, number_in_force(settings, store))
        file = identity(asked_index(settings))
        self._exchange(Answering(triager, self._opened(triager), place, file))

    def look(self) -> bool:
        """Exchange what answers if something else should: another bundle was put into use, the catalogue was changed,
        the index is another file. True: it was exchanged. What cannot be loaded changes nothing and is `trouble`.
        """
        with self._changing:
            now = self.answering
            if now is None or self._closed:
                return False
            wanted: Wanted | None = None
            try:
                wanted = self._wanted(now)
                if wanted == (now.bundle, now.place.number, now.file) or self._waits(wanted):
                    return False
                self._exchange(self._made(wanted, now))
            except StoreBusy:
                return False
            except Exception as error:  # noqa: BLE001 - what answers goes on answering
                self._note_trouble(error, wanted)
                return False
            self.trouble = self._refused = None
            return True

    async def watch(self) -> None:
        """Look each second, until cancelled. What the first letter that a clerk types would wait for is made ready."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await asyncio.to_thread(self.look)
            if self.answering is not None:
                await asyncio.to_thread(self.answering.units, today())

    def close(self) -> None:
        """Let go of the index's file."""
        with self._lock:
            self._closed = True
        if self.index is not None:
            self.index.close()

    def now(self) -> Answering:
        """What answers; a request asks once. Raises Problem ``not-ready``, ``model-failed`` or ``index-failed``."""
        if self.answering is not None:
            return self.answering
        if isinstance(self.failure, IndexFileError | StorageError):
            raise index_failed()
        if self.failure is not None:
            detail = "The model could not be loaded. The service's log says why; ask its operator."
            raise Problem("model-failed", detail)
        raise Problem("not-ready", "The model is being loaded. Try again in a second.", headers={"Retry-After": "1"})

    def _wanted(self, now: Answering) -> Wanted:
        follows = self.follow and self._settings.model is not None
        bundle = in_use(self._settings) if follows else now.bundle
        # A file that is away for a moment, or for good, is no reason to close the one that is open.
        file = identity(asked_index(self._settings)) or now.file
        return bundle, number_in_force(self._settings, self._store), file

    def _made(self, wanted: Wanted, now: Answering) -> Answering:
        """What should answer, loaded beside what does, and warm."""
        bundle, number, file = wanted
        triager = now.triager if bundle == now.bundle else load_triager(self._settings)
        place = now.place if number == now.place.number else load_place(self._settings, self._store, number)
        same = triager is now.triager and file == now.file
        made = Answering(triager, now.index if same else self._opened(triager), place, file)
        triager.triage([Suggestion(title=BUS["title"])], history=made.index, precheck=made.office)
        return made

    def _opened(self, triager: Triager) -> DuplicateIndex | None:
        """The index that is set. The one that follows the memory is not missed: who keeps it builds it anew."""
        path = asked_index(self._settings)
        if path is None:
            return None
        if self._settings.index is not None:
            return self._let_go(triager.index(path))
        try:
            return self._let_go(triager.index(path.resolve(), writes=False)) if identity(path) else None
        except IndexFileError as error:
            log_fault(error)
            return None

    def _let_go(self, index: DuplicateIndex) -> DuplicateIndex:
        index.close_when_unused()
        return index

    def _exchange(self, made: Answering) -> None:
        with self._lock:
            if not self._closed:
                self.answering = made
                return
        if made.index is not None:  # the service has been stopped meanwhile
            made.index.close()

    def _waits(self, wanted: Wanted) -> bool:
        return wanted == self._refused and time.monotonic() < self._again

    def _note_trouble(self, error: Exception, wanted: Wanted | None) -> None:
        if str(error) != str(self.trouble):
            log_fault(error)
        self.trouble, self._refused, self._again = error, wanted, time.monotonic() + AGAIN_SECONDS
