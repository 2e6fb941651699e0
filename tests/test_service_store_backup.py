"""Backup and restore: everything comes back, in either database; what is no backup, or not whole, is refused."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import zipfile
from collections.abc import Callable
from datetime import date as Date
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from service.store import apart, decisions, suggestions
from service.store.archive import Reader, all_tables, value_of
from service.store.backup import back_up, restore
from service.store.columns import now
from service.store.errors import StoreFailed
from service.store.listing import Filter, page
from service.store.migrate import upgrade
from service.store.store import Store
from service.store.tables import SuggestionRow, VersionRow
from service.store.tables_service import (
    CatalogueRow,
    DeliveryRow,
    JobItem,
    JobRow,
    KeyRow,
    ReplyRow,
    SettingRow,
    TrailRow,
    WebhookRow,
)
from service.store.verification import verify
from triage.errors import InputError, StorageError
from triage.records import Suggestion

if TYPE_CHECKING:
    from tests.conftest import Said


def fill(store: Store) -> None:
    """At least one row in every table, with bytes, days, empty and nested values."""
    with store.write("key:clerk") as writing:
        session = writing.session
        for number in range(3):
            given = Suggestion(
                f"件-{number}", "路灯不亮", "东门外\n“路灯”坏了 \U00020bb7。", date=Date(2025, 3, 1), proposers=("甲",)
            )
            row = suggestions.create(writing, given)
        suggestions.revise(writing, row, Suggestion(row.ref, "路灯不亮", "北门外的路灯。", confidential=True), 1)
        decided = decisions.decide(writing, row, lead=["城管局"], co=["住建局"], reason="职责", expected=0)
        answer = suggestions.keep_answer(writing, row, {"lead": [{"unit": "城管局", "score": 0.25}]}, "model-1", "")
        decided.answer_id = answer.id
        decisions.record_return(writing, row, unit="住建局", reason="不归我")
        decisions.record_outcome(writing, row, outcome="A", reply="已修好")
        apart.find_apart(writing, apart.MERGE, ["件-0", "件-1"], confidential=False)
        session.add(KeyRow(id="k1", name="desk", digest="d" * 64, scopes=["read"]))
        session.add(SettingRow(name="empty", value=None))
        session.add(CatalogueRow(number=1, files={"units.csv": "a,b\n"}, digest="e" * 64, actor="x"))
        session.add(JobRow(id="j1", kind="triage", input=bytes(range(256)), leased_until=now() + timedelta(minutes=1)))
        session.add(JobRow(id="j2", kind="triage", problem={"code": "x"}, confidential=True))
        session.flush()
        session.add(JobItem(job_id="j1", place=0, result={"ok": True}))
        session.add(WebhookRow(id="w1", url="http://127.0.0.1:9", events=["a"], secret="whsec_x", actor="x"))
        session.flush()
        session.add(DeliveryRow(id="d1", webhook_id="w1", event="a", payload={"data": {}}))
        session.add(ReplyRow(key_id="k1", idempotency_key="i", fingerprint="f", status=201))


def everything(store: Store) -> dict[str, list[dict[str, Any]]]:
    with store.read() as session:
        return {
            table.name: [dict(row) for row in session.execute(select(table).order_by(*table.primary_key)).mappings()]
            for table in all_tables()
        }


def restored(store: Store, path: Path, **options: Any) -> Any:
    with Reader(path) as archive:
        return restore(store, archive, "operator:test", **options)


@pytest.fixture(params=["sqlite", "postgresql"])
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Another empty memory, in each of the databases."""
    server = request.getfixturevalue("postgresql") if request.param == "postgresql" else None
    url = server.database() if server else f"sqlite:///{tmp_path / 'other' / 'service.db'}"
    made = Store(url)
    upgrade(made)
    yield made
    made.close()
    if server:
        server.drop(url)


def test_everything_comes_back_in_either_database(store: Store, other: Store, tmp_path: Path) -> None:
    fill(store)
    path = tmp_path / "memory.zip"
    told: list[float] = []
    saved = back_up(store, path, lambda _what, share: told.append(share))
    before = everything(store)
    assert all(before.values()), "each table has a row"
    assert saved.rows == sum(map(len, before.values()))
    found = restored(other, path, progress=lambda _what, share: told.append(share))
    assert (found.rows, found.verified.whole) == (saved.rows, True)
    assert all(0 <= share <= 1 for share in told)
    after = everything(other)
    note = after["trail"].pop()
    assert (note["action"], note["actor"]) == ("memory.restored", "operator:test")
    assert note["details"] == {"entries": saved.head, "digest": saved.digest, "made_at": note["details"]["made_at"]}
    del before["trail_head"], after["trail_head"]
    assert after == before
    with other.read() as session:
        assert session.scalar(select(func.count()).select_from(JobRow).where(JobRow.problem.is_(None))) == 1


def test_a_restored_memory_goes_on(store: Store, other: Store, tmp_path: Path) -> None:
    fill(store)
    back_up(store, tmp_path / "memory.zip")
    restored(other, tmp_path / "memory.zip")
    with other.write("key:clerk") as writing:
        row = suggestions.create(writing, Suggestion("新的", "增设公交站"))
        decisions.decide(writing, row, lead=["交通局"], expected=0)
    with other.read() as session:
        assert [row.ref for row in page(session, Filter(words="公交站"), confidential=True).rows] == ["新的"]
        assert len(page(session, Filter(words="路灯"), confidential=True).rows) == 3
    with other.snapshot() as session:
        assert verify(session).whole


def test_an_empty_memory_is_backed_up_and_restored(store: Store, other: Store, tmp_path: Path) -> None:
    assert back_up(store, tmp_path / "memory.zip").rows == 1
    assert restored(other, tmp_path / "memory.zip").head == 0


def test_it_is_of_one_moment_while_the_service_writes(store: Store, tmp_path: Path) -> None:
    fill(store)
    written = 0

    def write(_what: str, _share: float) -> None:
        nonlocal written
        written += 1
        with store.write("key:clerk") as writing:
            suggestions.create(writing, Suggestion(f"later-{written}", "后来的"))

    with store.write("key:clerk") as writing:
        for number in range(1200):
            writing.note("key.made", f"k{number}")
    saved = back_up(store, tmp_path / "memory.zip", write)
    assert written > 1
    with Reader(tmp_path / "memory.zip") as archive:
        refs = [row["ref"] for row in archive.rows(SuggestionRow.__table__)]  # type: ignore[arg-type]
        seqs = [row["seq"] for row in archive.rows(TrailRow.__table__)]  # type: ignore[arg-type]
    assert not [ref for ref in refs if ref.startswith("later")]
    assert len(seqs) == saved.head


def test_it_is_its_owners_alone_and_takes_the_place_of_an_older_one(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "memory.zip"
    path.write_text("an older one")
    path.chmod(0o644)
    back_up(store, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert zipfile.is_zipfile(path)
    assert [file.name for file in tmp_path.glob(".memory*")] == []


def test_a_backup_that_cannot_be_written_leaves_the_older_one(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "memory.zip"
    path.write_text("an older one")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        back_up(store, path)
    assert path.read_text() == "an older one"
    assert sorted(file.name for file in tmp_path.iterdir() if file.is_file()) == ["memory.zip"]
    with pytest.raises(StorageError, match="No such file"):
        back_up(store, tmp_path / "nowhere" / "memory.zip")


def test_a_memory_that_is_not_empty_is_left_alone_unless_replaced(store: Store, tmp_path: Path) -> None:
    fill(store)
    path = tmp_path / "memory.zip"
    back_up(store, path)
    with store.write("key:clerk") as writing:
        suggestions.create(writing, Suggestion("later", "后来的"))
    before = everything(store)
    with pytest.raises(InputError, match="not empty"):
        restored(store, path)
    assert everything(store) == before
    restored(store, path, replace=True)
    after = everything(store)
    assert len(after["suggestions"]) == 3
    assert after["trail"][-1]["action"] == "memory.restored"


def test_a_broken_trail_is_refused_unless_wanted(store: Store, other: Store, tmp_path: Path) -> None:
    fill(store)
    with store.engine.begin() as connection:
        connection.execute(update(VersionRow).where(VersionRow.number == 2).values(content={"text": "换了"}))
    path = tmp_path / "memory.zip"
    back_up(store, path)
    with pytest.raises(InputError, match="its trail is broken"):
        restored(other, path)
    assert not everything(other)["suggestions"]
    assert not restored(other, path, broken_too=True).verified.whole
    assert len(everything(other)["suggestions"]) == 3


def rewritten(path: Path, change: Callable[[dict[str, bytes]], Any], **options: Any) -> Path:
    """The archive with changed members."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    made = path.with_name("hostile.zip")
    with zipfile.ZipFile(made, "w", options.get("method", zipfile.ZIP_DEFLATED)) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made


def manifest(**values: Any) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        members["manifest.json"] = json.dumps(json.loads(members["manifest.json"]) | values).encode()

    return change


def content(table: str, change: Callable[[bytes], bytes], *, honest: bool = True) -> Callable[[dict[str, bytes]], None]:
    """Another content of a table, with a manifest that fits it unless it is not `honest`."""

    def rewrite(members: dict[str, bytes]) -> None:
        name = f"tables/{table}.jsonl"
        members[name] = change(members[name])
        told = json.loads(members["manifest.json"])
        for one in told["tables"]:
            if one["name"] == table and honest:
                lines = members[name].count(b"\n")
                digest = hashlib.sha256(members[name]).hexdigest()
                one |= {"bytes": len(members[name]), "rows": lines, "sha256": digest}
        members["manifest.json"] = json.dumps(told).encode()

    return rewrite


def row(table: str, **values: Any) -> Callable[[dict[str, bytes]], None]:
    def change(lines: bytes) -> bytes:
        first, _, rest = lines.partition(b"\n")
        return json.dumps(json.loads(first) | values, ensure_ascii=False).encode() + b"\n" + rest

    return content(table, change)


HOSTILE: dict[str, tuple[Callable[[dict[str, bytes]], Any], str]] = {
    "no manifest": (lambda members: members.pop("manifest.json"), "manifest.json is not in it"),
    "manifest no json": (lambda members: members.update({"manifest.json": b"{"}), "manifest.json is no JSON"),
    "manifest a list": (lambda members: members.update({"manifest.json": b"[]"}), "no backup of the memory"),
    "manifest deep": (lambda members: members.update({"manifest.json": b"[" * 90_000}), "manifest.json is no JSON"),
    "manifest huge": (lambda members: members.update({"manifest.json": b" " * 2_000_000}), "larger than any"),
    "another kind": (manifest(kind="photos"), "no backup of the memory"),
    "another format": (manifest(format=2), "its format is 2; this release reads 1"),
    "another step": (manifest(revision="r0000"), "at step r0000, which this release does not know"),
    "an earlier step": (manifest(revision="r0001"), "other files than the tables of its release"),
    "no tables": (manifest(tables=[]), "names other tables"),
    "one more field": (manifest(extra=1), "not as it should be"),
    "no head": (manifest(head="1"), "not as it should be"),
    "another head": (manifest(head=1), "does not end where"),
    "a path": (lambda members: members.update({"../../tables/x.jsonl": b""}), "holds other files"),
    "an absolute path": (lambda members: members.update({"/etc/cron.d/x": b""}), "holds other files"),
    "a table lacks": (lambda members: members.pop("tables/keys.jsonl"), "or lacks one"),
    "changed row": (content("keys", lambda x: x.replace(b"desk", b"dusk"), honest=False), "not what the manifest says"),
    "longer": (content("keys", lambda x: x + x, honest=False), "not as large as it should be"),
    "not json": (content("keys", lambda x: b"{{\n"), "keys, row 1: it is no JSON"),
    "no utf-8": (content("keys", lambda x: b'{"id":"\xff"}\n'), "keys, row 1: it is no JSON"),
    "deep": (content("keys", lambda x: b"[" * 100_000 + b"\n"), "nested too deeply"),
    "no object": (content("keys", lambda x: b"7\n"), "its columns are not those"),
    "other columns": (row("keys", drop="table"), "its columns are not those"),
    "no end": (content("keys", lambda x: x.rstrip(b"\n")), "a row without an end"),
    "NaN": (content("settings", lambda x: x.replace(b"null", b"NaN")), "NaN is no number"),
    "no name": (row("keys", name=None), "name is not what this column holds"),
    "a number": (row("keys", name=7), "name is not what this column holds"),
    "too long": (row("keys", name="x" * 201), "name is not what this column holds"),
    "no bool": (row("keys", confidential=1), "confidential is not what"),
    "a fraction": (row("decisions", number=1.0), "number is not what"),
    "too large": (row("decisions", number=2**63), "number is not what"),
    "no time": (row("keys", created_at="yesterday"), "keys, row 1"),
    "no zone": (row("keys", created_at="2025-01-01T00:00:00"), "created_at is not what"),
    "no day": (row("suggestions", day="2025-13-01"), "suggestions, row 1"),
    "no base64": (row("jobs", input="?"), "jobs, row 1"),
    "no bundle": (content("trail", lambda x: b""), "its trail is broken"),
    "other wording": (row("versions", content={"text": "换了"}), "its trail is broken"),
}  # fmt: skip


@pytest.fixture(scope="module")
def good(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup; an empty memory lies beside it."""
    folder = tmp_path_factory.mktemp("good")
    for name in ("full.db", "empty.db"):
        shutil.copy(sqlite_template, folder / name)
    store = Store(f"sqlite:///{folder / 'full.db'}")
    fill(store)
    back_up(store, folder / "memory.zip")
    store.close()
    return folder / "memory.zip"


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_backup_of_ours_is_refused_and_changes_nothing(good: Path, name: str) -> None:
    change, reason = HOSTILE[name]
    empty = Store(f"sqlite:///{good.with_name('empty.db')}")
    before = everything(empty)
    with pytest.raises(InputError, match=reason) as raised:
        restored(empty, rewritten(good, change))
    assert "hostile.zip" in str(raised.value)
    assert everything(empty) == before
    empty.close()


@pytest.mark.parametrize("values", [{"suggestion_id": 999}, {"id": 2}, {"number": 2**40}])
def test_rows_that_do_not_belong_together_change_nothing(
    store: Store, other: Store, tmp_path: Path, values: dict[str, Any]
) -> None:
    fill(store)
    back_up(store, tmp_path / "memory.zip")
    path = rewritten(tmp_path / "memory.zip", row("versions", **values))
    with pytest.raises((StoreFailed, InputError)):
        restored(other, path)
    assert not everything(other)["suggestions"]


def test_a_bomb_is_refused_before_it_is_read(sqlite_store: Store, tmp_path: Path) -> None:
    back_up(sqlite_store, tmp_path / "memory.zip")
    path = rewritten(tmp_path / "memory.zip", content("keys", lambda _: b" " * 150_000_000 + b"\n"))
    assert path.stat().st_size < 1_000_000
    with pytest.raises(InputError, match="keys is not as large as it should be"):
        Reader(path)


def test_another_packing_a_twin_and_a_locked_member_are_refused(sqlite_store: Store, tmp_path: Path) -> None:
    back_up(sqlite_store, tmp_path / "memory.zip")
    packed = rewritten(tmp_path / "memory.zip", lambda members: None, method=zipfile.ZIP_LZMA)
    with pytest.raises(InputError, match="packed in a way"):
        Reader(packed)
    twin = tmp_path / "twin.zip"
    shutil.copy(tmp_path / "memory.zip", twin)
    with zipfile.ZipFile(twin, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("tables/keys.jsonl", b"")
    with pytest.raises(InputError, match="holds other files"):
        Reader(twin)
    locked = bytearray((tmp_path / "memory.zip").read_bytes())
    place = locked.rfind(b"PK\x01\x02")
    while place >= 0:  # the flag of encryption, in each entry of the directory
        locked[place + 8] |= 1
        place = locked.rfind(b"PK\x01\x02", 0, place)
    (tmp_path / "locked.zip").write_bytes(locked)
    with pytest.raises(InputError, match="cannot be read"):
        Reader(tmp_path / "locked.zip")


def read_all(path: Path) -> list[Any]:
    with Reader(path) as archive:
        return [list(archive.rows(table)) for table in all_tables()]


def test_a_file_that_was_cut_off_or_damaged_is_refused(sqlite_store: Store, tmp_path: Path) -> None:
    fill(sqlite_store)
    back_up(sqlite_store, tmp_path / "memory.zip")
    whole = (tmp_path / "memory.zip").read_bytes()
    path = tmp_path / "damaged.zip"
    for place in (0, 10, len(whole) // 2, len(whole) - 5):
        path.write_bytes(whole[:place])
        with pytest.raises(InputError, match="cannot be read as a backup"):
            Reader(path)
    rows, refused = read_all(tmp_path / "memory.zip"), 0
    for place in range(40, len(whole) - 3000, 499):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            assert read_all(path) == rows, "a byte that nobody reads, such as the size in a member's own header"
        except InputError:
            refused += 1
    assert refused >= 6
    with pytest.raises(InputError, match="no such file"):
        Reader(tmp_path / "nowhere.zip")
    with pytest.raises(InputError, match="Is a directory"):
        Reader(tmp_path)


def test_the_commands(
    sqlite_store: Store, tmp_path: Path, command: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(sqlite_store)
    source, file, target = tmp_path / "memory", tmp_path / "memory.zip", tmp_path / "target"
    said = command("backup", file, "--data", source)
    assert (said.code, "confidential" in said.out) == (0, True)
    assert command("restore", file, "--data", target).code == 0
    again = command("restore", file, "--data", target)
    assert (again.code, "--replace" in again.err) == (2, True)
    assert command("restore", file, "--data", target, "--replace").code == 0
    whole = command("audit", "verify", "--data", target)
    assert (whole.code, whole.out.splitlines()[0]) == (0, "whole: 10 entries, 4 wordings, 1 decisions")
    kept = whole.out.splitlines()[1].removeprefix("last entry: ")
    assert command("audit", "verify", "--data", target, "--kept", kept).code == 0
    broken = command("audit", "verify", "--data", target, "--kept", kept[:-4] + "0000")
    assert (broken.code, broken.out.startswith("BROKEN: entry 10")) == (1, True)
    for arguments in (
        ("backup", tmp_path / "memory.tar", "--data", source),
        ("backup", tmp_path / "nowhere" / "memory.zip", "--data", source),
        ("backup", file, "--data", tmp_path / "nowhere"),
        ("restore", tmp_path / "nowhere.zip", "--data", tmp_path / "new"),
        ("audit", "verify", "--data", target, "--kept", "11"),
    ):
        assert command(*arguments).code == 2, arguments
    assert not (tmp_path / "new").exists(), "nothing is made for a backup that cannot be read"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "0.5", True, None])
def test_a_share_that_is_no_number_is_refused(value: Any) -> None:
    column = SuggestionRow.__table__.columns["sureness"]
    assert value_of(column, 0.25) == 0.25
    with pytest.raises(ValueError, match="sureness"):
        value_of(column, value)
