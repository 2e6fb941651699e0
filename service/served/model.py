"""The bundle and the index that answer: opened in the background, so that the service is alive before it is ready."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from service.logs import log_fault
from service.problems import Problem, index_failed
from service.settings import Settings
from service.shapes.examples import BUS
from triage.errors import IndexFileError, InputError, StorageError
from triage.records import Suggestion

if TYPE_CHECKING:
    from triage import Triager
    from triage.duplicates.index import DuplicateIndex
    from triage.precheck.precheck import Precheck


class ServedModel:
    """The loaded `triager`, the `precheck` by the rules of the place and, if one is set, the open duplicate `index`; or
    the `failure` that kept them from loading, or nothing while they are being loaded.
    """

    def __init__(self, triager: Triager | None = None) -> None:
        self.triager = triager
        self.index: DuplicateIndex | None = None
        self.precheck: Precheck | None = None
        self.failure: Exception | None = None
        self._closed = False
        self._lock = threading.Lock()

    async def load(self, settings: Settings, loaded: Callable[[ServedModel], None]) -> None:
        """Load the bundle that `settings` name, open the index, and tell `loaded` when that is done, well or not."""
        try:
            await asyncio.to_thread(self.open, settings)
        except Exception as error:  # noqa: BLE001 - whatever it is, the service stays alive and says that it is not ready
            self.failure = error
            log_fault(error)
        loaded(self)

    def open(self, settings: Settings) -> None:
        """Load the bundle, unless there is one, and open the index that `settings` name. Raises TriageError."""
        triager = self.triager or _load(settings)
        precheck = _precheck(settings.catalogue, triager)
        index = None if settings.index is None else triager.index(settings.index)
        with self._lock:
            if not self._closed:
                # In this order: who sees the triager finds the rest, too.
                self.index, self.precheck, self.triager = index, precheck, triager
                return
        if index is not None:  # the service has been stopped meanwhile
            index.close()

    def close(self) -> None:
        """Let go of the index's file."""
        with self._lock:
            self._closed = True
        if self.index is not None:
            self.index.close()

    def ready(self) -> Triager:
        """The triager. Raises Problem ``not-ready``, ``model-failed`` or ``index-failed``."""
        if self.triager is not None:
            return self.triager
        if isinstance(self.failure, IndexFileError | StorageError):
            raise index_failed()
        if self.failure is not None:
            detail = "The model could not be loaded. The service's log says why; ask its operator."
            raise Problem("model-failed", detail)
        raise Problem("not-ready", "The model is being loaded. Try again in a second.", headers={"Retry-After": "1"})

    def ready_precheck(self) -> Precheck:
        """The pre-check. Raises what `ready` does."""
        triager = self.ready()
        with self._lock:
            if self.precheck is None:  # a triager that was handed over, and no folder to read
                self.precheck = _precheck(None, triager)
            return self.precheck

    def ready_index(self) -> DuplicateIndex | None:
        """The index, None where the service has none. Raises what `ready` does."""
        self.ready()
        return self.index


def _load(settings: Settings) -> Triager:
    from triage import Triager

    if settings.model is None:
        raise InputError("no model is named. Set TRIAGE_MODEL to the folder of a bundle made by `triage train`.")
    triager = Triager.load(settings.model, encoder=settings.encoder, threads=settings.threads)
    triager.triage([Suggestion(title=BUS["title"])])  # ready means that it has answered: tables are filled on first use
    return triager


def _precheck(folder: Path | None, triager: Triager) -> Precheck:
    """By the rules of a catalogue folder; without one, with the model's own catalogue and no rules."""
    from triage.catalogue import Office, load_catalogue, load_office
    from triage.precheck.precheck import Precheck

    if folder is None:
        return Precheck(triager.catalogue, Office())
    return Precheck(load_catalogue(folder), load_office(folder))


def public(value: Any) -> Any:
    """A card, or a part of one, in which a folder of this machine is named by its last part only."""
    if isinstance(value, dict):
        return {name: public(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [public(part) for part in value]
    if isinstance(value, str):
        for kind in (PurePosixPath, PureWindowsPath):
            if kind(value).is_absolute():
                return kind(value).name
    return value
