"""The steps that make the tables: they agree with the models, run once, and lose nothing."""

from __future__ import annotations

import multiprocessing
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, inspect, select, text

from service.store import migrate
from service.store.columns import Table
from service.store.errors import StoreFailed
from service.store.search import matching
from service.store.store import Store
from service.store.tables import SuggestionRow, VersionRow
from service.store.tables_service import TrailHead
from service.store.trail import GENESIS


def url_of(store: Store) -> str:
    return store.url.render_as_string(hide_password=False)


def add_suggestion(store: Store, grams: str = "路灯 灯不 不亮 亮") -> None:
    with store.write("test") as writing:
        row = SuggestionRow(ref="s1", title="路灯不亮", text="", grams=grams)
        writing.session.add(row)
        writing.session.flush()
        version = VersionRow(suggestion_id=row.id, number=1, content={}, salt="a", digest="b", actor="test")
        writing.session.add(version)
        writing.note("suggestion.created", "s1")


def hits(store: Store, word: str) -> int:
    with store.read() as session:
        return len(session.scalars(select(SuggestionRow.id).where(matching(word))).all())


def test_models_and_steps_agree(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    def modelled(_item: object, name: str | None, *_: object) -> bool:
        return name is None or not name.startswith(("suggestion_words", "ix_suggestions_words"))

    with store.read() as session:
        options = {"compare_type": True, "include_object": modelled}
        context = MigrationContext.configure(session.connection(), opts=options)
        assert compare_metadata(context, Table.metadata) == []


def test_what_a_column_may_lack_is_the_same_in_steps_and_models(store: Store) -> None:
    with store.read() as session:
        seen = inspect(session.connection())
        for table in Table.metadata.sorted_tables:
            found = {column["name"]: column["nullable"] for column in seen.get_columns(table.name)}
            assert found == {column.name: column.nullable for column in table.columns}
            keys = {
                (*key["constrained_columns"], key["options"].get("ondelete"))
                for key in seen.get_foreign_keys(table.name)
            }
            assert keys == {(key.parent.name, key.ondelete) for key in table.foreign_keys}


def test_the_trail_begins_with_its_head(store: Store) -> None:
    with store.read() as session:
        heads = session.scalars(select(TrailHead)).all()
    assert [(head.id, head.seq, head.digest) for head in heads] == [(1, 0, GENESIS)]


def test_a_new_memory_is_checked_made_and_checked(bare_store: Store) -> None:
    with pytest.raises(StoreFailed, match="no tables yet"):
        migrate.check(bare_store)
    migrate.upgrade(bare_store)
    migrate.check(bare_store)
    migrate.upgrade(bare_store)
    add_suggestion(bare_store)
    migrate.upgrade(bare_store)
    with bare_store.read() as session:
        assert session.scalar(select(func.count()).select_from(SuggestionRow)) == 1


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "100%" / "service.db"
    store = Store(f"sqlite:///{path}")
    migrate.upgrade(store)
    add_suggestion(store)
    modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    store.close()
    assert modes == {0o600}


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = Store(f"sqlite:///{tmp_path / 'file' / 'service.db'}")
    with pytest.raises(StoreFailed, match="cannot be written there"):
        migrate.upgrade(store)


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "service.db").write_bytes(b"a letter, not a database" * 100)
    store = Store(f"sqlite:///{tmp_path / 'service.db'}")
    with pytest.raises(StoreFailed, match="SQLITE_NOTADB"):
        migrate.upgrade(store)


def test_tables_of_a_newer_release_are_left_alone(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'r9999'"))
    for call in (migrate.check, migrate.upgrade):
        with pytest.raises(StoreFailed, match="r9999, which this release does not know"):
            call(store)


def _start(url: str, barrier: Any, told: Any) -> None:
    store = Store(url)
    barrier.wait(30)
    try:
        migrate.upgrade(store)
        migrate.check(store)
        told.put("made")
    except BaseException as error:  # noqa: BLE001 - whatever it is, the test shows it
        told.put(repr(error))


def test_several_starters_make_the_tables_once(bare_store: Store) -> None:
    context = multiprocessing.get_context("spawn")
    barrier, told = context.Barrier(4), context.Queue()
    starters = [context.Process(target=_start, args=(url_of(bare_store), barrier, told)) for _ in range(4)]
    for starter in starters:
        starter.start()
    assert [told.get(timeout=60) for _ in starters] == ["made"] * 4
    for starter in starters:
        starter.join(30)
    add_suggestion(bare_store)
    assert hits(bare_store, "灯不") == 1


def test_the_search_follows_the_grams(store: Store) -> None:
    add_suggestion(store)
    assert [hits(store, word) for word in ("灯不", "路灯不亮", "灯", "灯亮", "公交")] == [1, 1, 1, 0, 0]
    with store.write("test") as writing:
        writing.session.scalars(select(SuggestionRow)).one().grams = "公交 交站 站"
    assert (hits(store, "灯不"), hits(store, "公交")) == (0, 1)
    with store.write("test") as writing:
        writing.session.delete(writing.session.scalars(select(SuggestionRow)).one())
    assert hits(store, "公交") == 0


LAST = migrate.revision()
LATER = '''"""A step that makes a table anew in SQLite."""
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "r9000", "LAST", None, None
def upgrade():
    with op.batch_alter_table("suggestions", recreate="auto") as batch:
        batch.alter_column("wish", existing_type=sa.String(200), type_=sa.String(300), existing_nullable=False)
    BROKEN
'''


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A release with one more step; its file, whose BROKEN is to be replaced."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrate, "FOLDER", folder)
    return folder / "versions" / "r9000_later.py"


def test_a_later_step_loses_no_row(store: Store, later: Path) -> None:
    add_suggestion(store)
    later.write_text(LATER.replace("BROKEN", "").replace("LAST", LAST))
    with pytest.raises(StoreFailed, match=f"are at step {LAST}, this release needs r9000"):
        migrate.check(store)
    migrate.upgrade(store)
    migrate.check(store)
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(VersionRow)) == 1
        if store.is_sqlite:
            assert session.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


def test_a_step_that_fails_changes_nothing(store: Store, later: Path) -> None:
    add_suggestion(store)
    later.write_text(LATER.replace("BROKEN", "op.execute('SELECT nothing FROM nowhere')").replace("LAST", LAST))
    with pytest.raises(StoreFailed):
        migrate.upgrade(store)
    with store.read() as session:
        assert session.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == LAST
        columns = inspect(session.connection()).get_columns("suggestions")
        assert next(column["type"].length for column in columns if column["name"] == "wish") == 200
        assert session.scalar(select(func.count()).select_from(VersionRow)) == 1
