"""The whole memory as one file, and back: of one moment, checked, moved between databases, all of it or nothing."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Integer, Table, delete, func, select, text
from sqlalchemy.orm import Session

from service.store.archive import FORMAT, KIND, Manifest, Progress, Reader, Writer, all_tables
from service.store.columns import now
from service.store.earlier import Migrated, migrated
from service.store.migrate import revision
from service.store.rows import PART, add_rows, in_parts, rows_in
from service.store.store import Store, Writing
from service.store.tables_service import TrailHead
from service.store.trail import HEAD
from service.store.verification import Verified, verify
from triage import __version__
from triage.errors import InputError, StorageError

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

    One of an earlier release is brought up to date before. Raises InputError where the memory is not empty (unless
    `replace`), the archive is not what its manifest says, or its trail is broken (unless `broken_too`); StorageError,
    StoreError. Then nothing was changed.
    """
    tell = progress or (lambda _what, _share: None)
    if archive.is_current:
        return _restore(store, archive, actor, tell, replace=replace, broken_too=broken_too)
    with migrated(archive, _between(tell, 0.0, 0.5)) as current:
        return _restore(store, current, actor, _between(tell, 0.5, 1.0), replace=replace, broken_too=broken_too)


def _restore(
    store: Store, archive: Reader | Migrated, actor: str, tell: Progress, *, replace: bool, broken_too: bool
) -> Saved:
    with store.write(actor) as writing:
        _empty(writing, replace)
        rows = _read(writing, archive, tell)
        found = verify(writing.session, _between(lambda what, share: tell(f"verify {what}", share), 0.8, 1.0))
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


def _between(tell: Progress, first: float, last: float) -> Progress:
    """Told of a part of the work as if it were all, it tells of all."""
    return lambda what, share: tell(what, first + share * (last - first))


def _write(session: Session, archive: Writer, tell: Progress) -> Saved:
    head = session.get_one(TrailHead, HEAD)
    total = sum(session.scalar(select(func.count()).select_from(table)) or 0 for table in all_tables())
    done = 0

    def counted(table: Table) -> Iterator[dict[str, Any]]:
        nonlocal done
        for row in rows_in(session, table):
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


def _read(writing: Writing, archive: Reader | Migrated, tell: Progress) -> int:
    total, done = max(sum(member.rows for member in archive.manifest.tables), 1), 0
    for table in all_tables():
        for part in in_parts(archive.rows(table)):
            _add(writing, table, part)
            done += len(part)
            tell(table.name, min(0.8 * done / total, 0.8))  # a step may have added rows
        _count_on(writing, table)
    return done


def _add(writing: Writing, table: Table, rows: list[dict[str, Any]]) -> None:
    if table.name != HEADS:
        return add_rows(writing.session, table, rows)
    for row in rows:
        writing.head.seq, writing.head.digest = row["seq"], row["digest"]
    return writing.session.flush()


def _count_on(writing: Writing, table: Table) -> None:
    """PostgreSQL counts on from a sequence of its own; SQLite from the largest number."""
    column = table.autoincrement_column
    if column is None or not isinstance(column.type, Integer) or writing.session.get_bind().dialect.name == "sqlite":
        return
    most = f"(SELECT max({column.name}) FROM {table.name})"  # noqa: S608 - names of our own tables
    sequence = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
    if writing.session.execute(text(f"SELECT {sequence}")).scalar() is not None:
        writing.session.execute(text(f"SELECT setval({sequence}, coalesce({most}, 1), {most} IS NOT NULL)"))
