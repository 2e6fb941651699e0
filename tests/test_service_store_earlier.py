"""Backups of earlier releases: their rows come back in the tables of this one, all of them or none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table

from service.store import backup, earlier
from service.store.archive import FORMAT, KIND, Manifest, Reader, Writer
from service.store.backup import back_up, restore
from service.store.errors import StoreFailed
from service.store.migrate import revision, steps
from service.store.store import Store
from service.store.tables_service import TrailHead
from service.store.trail import HEAD
from service.store.verification import verify
from tests.test_service_store_backup import everything, fill, other
from triage.errors import InputError, StorageError

__all__ = ["other"]

EARLIER = sorted(steps() - {revision()})
Change = Callable[[str, dict[str, Any]], dict[str, Any]]


def as_made_at(step: str, store: Store, path: Path, change: Change = lambda _table, row: row) -> Path:
    """A backup as the release of that step wrote it."""
    with store.snapshot() as session, path.open("wb") as handle:
        archive = Writer(handle)

        def rows(table: Table) -> Iterator[dict[str, Any]]:
            for row in session.execute(table.select().order_by(*table.primary_key)).mappings():
                yield change(table.name, dict(row))

        for table in earlier.tables_at(step):
            archive.table(table, rows(table))
        head = session.get_one(TrailHead, HEAD)
        told = {"kind": KIND, "format": FORMAT, "release": "0.0.1", "made_at": "2025-03-03T00:00:00+00:00"}
        archive.close(
            Manifest(**told, revision=step, head=head.seq, digest=head.digest, tables=archive.members)  # type: ignore[arg-type]
        )
    return path


def restored(store: Store, path: Path, **options: Any) -> Any:
    with Reader(path) as archive:
        return restore(store, archive, "operator:test", **options)


def beside(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.iterdir() if file.is_file() or file.name.startswith("."))


@pytest.mark.parametrize("step", EARLIER)
def test_all_of_it_comes_back_in_todays_tables(store: Store, other: Store, tmp_path: Path, step: str) -> None:
    fill(store)
    kept = {table.name for table in earlier.tables_at(step)}
    before = {name: rows if name in kept else [] for name, rows in everything(store).items()}
    path = as_made_at(step, store, tmp_path / "memory.zip")
    files, shares = beside(path), list[float]()
    found = restored(other, path, progress=lambda _what, share: shares.append(share))
    assert (found.rows, found.verified.whole) == (sum(map(len, before.values())), True)
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] <= 1
    assert beside(path) == files
    after = everything(other)
    assert after["trail"].pop()["action"] == "memory.restored"
    assert after["suggestions"][2]["advised_lead"] == "城管局", "a step filled it from the answer"
    del before["trail_head"], after["trail_head"]
    assert after == before
    with other.snapshot() as session:
        assert verify(session).whole


@pytest.mark.parametrize("step", EARLIER)
def test_what_was_brought_up_to_date_is_backed_up_as_todays(sqlite_store: Store, tmp_path: Path, step: str) -> None:
    fill(sqlite_store)
    path = as_made_at(step, sqlite_store, tmp_path / "memory.zip")
    restored(sqlite_store, path, replace=True)
    back_up(sqlite_store, tmp_path / "again.zip")
    with Reader(tmp_path / "again.zip") as archive:
        assert archive.is_current
    with Reader(path) as archive:
        assert not archive.is_current


def _other_answer(table: str, row: dict[str, Any]) -> dict[str, Any]:
    return row | {"answer": {"lead": [{"score": 1}]}} if table == "answers" else row


def _no_owner(table: str, row: dict[str, Any]) -> dict[str, Any]:
    return row | {"suggestion_id": 999} if table == "versions" else row


def _other_wording(table: str, row: dict[str, Any]) -> dict[str, Any]:
    return row | {"content": {"text": "换了"}} if table == "versions" else row


def _other_head(table: str, row: dict[str, Any]) -> dict[str, Any]:
    return row | {"seq": row["seq"] + 1} if table == "trail_head" else row


@pytest.mark.parametrize(
    ("change", "error", "reason"),
    [
        (_other_answer, InputError, r"memory\.zip: its rows cannot be brought up to date from step r0001 \(KeyError\)"),
        (_no_owner, StoreFailed, "FOREIGNKEY"),
        (_other_wording, InputError, "its trail is broken"),
        (_other_head, InputError, "its trail"),
    ],
)
def test_rows_that_no_release_of_ours_wrote_change_nothing(
    sqlite_store: Store, tmp_path: Path, change: Change, error: type[Exception], reason: str
) -> None:
    fill(sqlite_store)
    path = as_made_at("r0001", sqlite_store, tmp_path / "memory.zip", change)
    files, before = beside(path), everything(sqlite_store)
    with pytest.raises(error, match=reason):
        restored(sqlite_store, path, replace=True)
    assert everything(sqlite_store) == before
    assert beside(path) == files


def test_a_memory_that_is_not_empty_is_left_alone(sqlite_store: Store, tmp_path: Path) -> None:
    fill(sqlite_store)
    path = as_made_at("r0001", sqlite_store, tmp_path / "memory.zip")
    with pytest.raises(InputError, match="not empty"):
        restored(sqlite_store, path)


def test_a_folder_where_nothing_can_be_written_is_told(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = as_made_at("r0001", sqlite_store, tmp_path / "memory.zip")
    with Reader(path) as archive:

        def refuse(**_options: Any) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(earlier, "TemporaryDirectory", refuse)
        with pytest.raises(StorageError, match=r"nothing can be written there \(Permission denied\)"):
            restore(sqlite_store, archive, "operator:test")


def test_the_folder_is_the_owners_alone(sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(sqlite_store)
    path = as_made_at("r0001", sqlite_store, tmp_path / "memory.zip")
    modes: list[int] = []

    def look(store: Store, source: earlier.Migrated, *arguments: Any, **options: Any) -> Any:
        modes.extend(file.stat().st_mode & 0o777 for file in tmp_path.glob(".memory.*"))
        return really(store, source, *arguments, **options)

    really = backup._restore
    monkeypatch.setattr(backup, "_restore", look)
    restored(sqlite_store, path, replace=True)
    assert modes == [0o700]
