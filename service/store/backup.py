"""The whole memory as one file, and back: of one moment, checked, moved between databases, all of it or nothing."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Integer, LargeBinary, Table, delete, func, insert, select, text
from sqlalchemy.orm import Session

from service.store.archive import FORMAT, KIND, Manifest, Progress, Reader, Writer, all_tables
from service.store.columns import now
from service.store.migrate import revision
from service.store.store import Store, Writing
from service.store.tables_service import TrailHead
from service.store.trail import HEAD
from service.store.verification import Verified, verify
from triage import __version__
from triage.errors import InputError, StorageError

PART = 500
"""Rows that are added at once."""
HEADS = TrailHead.__tablename__


@dataclass(frozen=True, slots=True)
class Saved:
    """What was written or restored: rows of all tables, and the trail's last entry."""

    rows: int
    head: int
    digest: str
    verified: Verified | None = None
    """How the trail looked after it was restored."""


def back_up(store: Store, path: Path, progress: Progress | None = None) -> Saved:
    """Write the whole memory as it is at one moment to `path`, readable by its owner alone. The service may go on.

    An older file of that name is there until the new one is whole. Raises StorageError where it cannot be written,
    StoreError where the memory cannot be read.
    """
    tell = progress or (lambda _what, _share: None)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            with store.snapshot() as session:
                saved = _write(session, Writer(handle), tell)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(part, path)
    except OSError as error:
        raise StorageError(f"{path}: the backup cannot be written ({error.strerror}).") from None
    finally:
        part.unlink(missing_ok=True)
    return saved


def restore(
    store: Store,
    archive: Reader,
    actor: str,
    *,
    replace: bool = False,
    broken_too: bool = False,
    progress: Progress | None = None,
) -> Saved:
    """Put the rows of a backup into the memory, in one transaction, and verify the trail.

    Raises InputError where the memory is not empty (unless `replace`), the archive is not what its manifest says or of
    other tables, or its trail is broken (unless `broken_too`); StoreError. Then nothing was changed.
    """
    tell = progress or (lambda _what, _share: None)
    wanted = revision()
    if archive.manifest.revision != wanted:
        raise archive.refused(
            f"its tables are at step {archive.manifest.revision}, this release needs {wanted}. "
            f"Restore it with the release that made it ({archive.manifest.release}), then install this one."
        )
    with store.write(actor) as writing:
        _empty(writing, replace)
        rows = _read(writing, archive, tell)
        found = verify(writing.session, lambda what, share: tell(f"verify {what}", 0.8 + 0.2 * share))
        if found.broken is not None and not broken_too:
            raise archive.refused(
                f"its trail is broken ({found.broken.subject or found.broken.seq}: {found.broken.reason}). "
                "Nothing was changed. With --broken-too it is restored as it is."
            )
        told = archive.manifest
        if (writing.head.seq, writing.head.digest) != (told.head, told.digest):
            raise archive.refused("its trail does not end where the manifest says. Nothing was changed.")
        writing.note(
            "memory.restored", "memory", entries=found.head, digest=writing.head.digest, made_at=told.made_at[:40]
        )
    return Saved(rows, found.head, found.digest, found)


def _write(session: Session, archive: Writer, tell: Progress) -> Saved:
    head = session.get_one(TrailHead, HEAD)
    total = sum(session.scalar(select(func.count()).select_from(table)) or 0 for table in all_tables())
    done = 0

    def counted(table: Table) -> Iterator[dict[str, Any]]:
        nonlocal done
        for row in _rows(session, table):
            done += 1
            if done % PART == 0:
                tell(table.name, done / max(total, 1))
            yield row

    for table in all_tables():
        archive.table(table, counted(table))
    manifest = Manifest(
        kind=KIND,
        format=FORMAT,
        release=__version__,
        revision=revision(),
        made_at=now().isoformat(timespec="seconds"),
        head=head.seq,
        digest=head.digest,
        tables=archive.members,
    )
    archive.close(manifest)
    return Saved(done, head.seq, head.digest)


def _rows(session: Session, table: Table) -> Iterator[dict[str, Any]]:
    """The rows in the order of their keys, few at a time where they hold files."""
    part = 1 if any(isinstance(column.type, LargeBinary) for column in table.columns) else PART
    chosen = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=part)
    with session.execute(chosen) as result:
        yield from (dict(row) for row in result.mappings())


def _empty(writing: Writing, replace: bool) -> None:
    """Make sure that there is nothing, or with `replace` that there is nothing any more."""
    session = writing.session
    for table in reversed(all_tables()):
        if table.name == HEADS:
            continue
        if replace:
            session.execute(delete(table))
        elif session.execute(select(table.primary_key.columns[0]).limit(1)).first() is not None:
            raise InputError(
                "the memory is not empty, so nothing is restored into it. Name an empty one, or stop the service and "
                "say --replace: all that is there now is then gone."
            )


def _read(writing: Writing, archive: Reader, tell: Progress) -> int:
    total, done = max(sum(member.rows for member in archive.manifest.tables), 1), 0
    for table in all_tables():
        part: list[dict[str, Any]] = []
        size = 0
        for row in archive.rows(table):
            part.append(row)
            done += 1
            size += sum(len(value) for value in row.values() if isinstance(value, str | bytes))
            if len(part) == PART or size > 8_000_000:
                _add(writing, table, part)
                tell(table.name, 0.8 * done / total)
                part, size = [], 0
        _add(writing, table, part)
        _count_on(writing, table)
    return done


def _add(writing: Writing, table: Table, rows: list[dict[str, Any]]) -> None:
    """Add rows. Of nothing in a JSON column that may be empty no `null` is made."""
    if table.name == HEADS:
        for row in rows:
            writing.head.seq, writing.head.digest = row["seq"], row["digest"]
        writing.session.flush()
        return
    empty = [column.name for column in table.columns if isinstance(column.type, JSON) and column.nullable]
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        kept = {name: value for name, value in row.items() if value is not None or name not in empty}
        groups.setdefault(tuple(kept), []).append(kept)
    for group in groups.values():
        writing.session.execute(insert(table), group)


def _count_on(writing: Writing, table: Table) -> None:
    """PostgreSQL counts on from a sequence of its own; SQLite from the largest number."""
    column = table.autoincrement_column
    if column is None or not isinstance(column.type, Integer) or writing.session.get_bind().dialect.name == "sqlite":
        return
    most = f"(SELECT max({column.name}) FROM {table.name})"  # noqa: S608 - names of our own tables
    sequence = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
    if writing.session.execute(text(f"SELECT {sequence}")).scalar() is not None:
        writing.session.execute(text(f"SELECT setval({sequence}, coalesce({most}, 1), {most} IS NOT NULL)"))
