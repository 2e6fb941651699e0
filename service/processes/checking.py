"""What `triage serve` would meet if it were started, each thing in one line. Nothing is changed."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from service.settings import Settings
from triage.errors import InputError, TriageError

LEAST_FREE = 1 << 30
"""Bytes that should be free where the memory lies."""
GB = 1 << 30

Checked = tuple[str, Callable[[], str]]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at: whether it is well, and what was found or what to do."""

    name: str
    well: bool
    said: str

    def __str__(self) -> str:
        return f"{'ok   ' if self.well else 'WRONG'}  {self.name}: {self.said}"


def check(settings: Settings, listen: Callable[[str, int], socket.socket]) -> Iterator[Line]:
    """Look at everything that a start needs, in the order in which it needs it."""
    looks: list[Checked] = [
        ("settings", lambda: _settings(settings)),
        ("model", lambda: _model(settings)),
        ("index", lambda: _index(settings)),
        ("catalogue", lambda: _catalogue(settings)),
        ("memory", lambda: _memory(settings)),
        ("keys", lambda: _keys(settings)),
        ("disk", lambda: _disk(settings)),
        ("port", lambda: _port(settings, listen)),
    ]
    for name, look in looks:
        try:
            yield Line(name, True, look())
        except (TriageError, OSError) as error:
            yield Line(name, False, str(error))


def _settings(settings: Settings) -> str:
    file = settings.config
    if file is not None and settings.database_file is None and settings.database and file.stat().st_mode & 0o044:
        raise InputError(
            f"{file}: holds the database's URL and may be read by others. Run chmod 600, or name a database_file."
        )
    several = "process" if settings.processes == 1 else "processes"
    return f"{settings.processes} {several}, {settings.workers} requests at a time in each"


def _model(settings: Settings) -> str:
    from service.served.bundle import in_use, load_triager

    bundle = in_use(settings) if settings.model is not None else ""
    triager = load_triager(settings)
    encoder = "with its sentence encoder" if triager.card.get("encoder") else "on the words alone"
    return f"{bundle}, {encoder}"


def _index(settings: Settings) -> str:
    from service.served.index_file import asked_index, identity
    from triage.duplicates.database import check_first_bytes
    from triage.duplicates.store import Store as IndexFile

    path = asked_index(settings)
    if path is None:
        return "none is set"
    if settings.index is None and not identity(path):
        return "is built from the memory when the service runs"
    check_first_bytes(path)
    with IndexFile.open(path, writes=False) as file:
        return f"{len(file):,} texts in {path}"


def _catalogue(settings: Settings) -> str:
    from triage.catalogue import load_catalogue, load_office

    if settings.catalogue is None:
        return "the model's own"
    load_office(settings.catalogue)
    return f"{len(load_catalogue(settings.catalogue).units)} units in {settings.catalogue}"


def _memory(settings: Settings) -> str:
    from service.store.migrate import check as check_tables
    from service.store.store import Store

    if not settings.database_url:
        return "none: the service only answers"
    store = Store(settings.database_url)
    try:
        file = Path(store.url.database or "")
        if store.is_sqlite:
            _writable(file)
        if store.is_sqlite and not file.exists():
            return f"{file} is made when the service starts"
        check_tables(store)
        return f"{store.url.render_as_string(hide_password=True)}, its tables are those of this release"
    finally:
        store.close()


def _writable(file: Path) -> None:
    """Whether the service's user may write the memory's file, or make it with the folders that are missing."""
    place = file.absolute()
    while not place.exists():
        place = place.parent
    if not file.exists() and not place.is_dir():
        raise InputError(f"{place}: is a file, and the memory's folder is wanted. Name another.")
    if not os.access(place, os.W_OK):
        raise InputError(f"{place}: may not be written by this user. Name another folder, or give it the right.")


def _keys(settings: Settings) -> str:
    from service.store import keys
    from service.store.store import Store

    if not settings.database_url:
        return "none are asked for"
    store = Store(settings.database_url)
    try:
        if store.is_sqlite and not Path(store.url.database or "").exists():
            return "none yet. Make the first with `triage keys add`"
        with store.read() as session:
            working = [row for row in keys.all_keys(session) if keys.works(row)]
    finally:
        store.close()
    if not working:
        raise InputError("no key works, so nobody can call. Make one with `triage keys add`.")
    return f"{len(working)} work"


def _disk(settings: Settings) -> str:
    place = (settings.data or Path()).absolute()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if settings.database_url and free < LEAST_FREE:
        raise InputError(f"{place}: {free / GB:.1f} GB are free, and 1 GB is needed. Make room.")
    return f"{free / GB:.1f} GB are free in {place}"


def _port(settings: Settings, listen: Callable[[str, int], socket.socket]) -> str:
    listen(settings.host, settings.port).close()
    return f"{settings.host}:{settings.port} is free"
