"""The store under the duplicate index: what goes in comes out, every change is whole, and no file breaks it."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date as Date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from triage.duplicates import database
from triage.duplicates.entry import Entry, case_from_json, case_to_json
from triage.duplicates.store import Store
from triage.errors import (
    DamagedIndex,
    ForeignIndex,
    IndexFileError,
    InputError,
    NewerIndex,
    StorageError,
    TriageError,
)
from triage.records import LATER_FIELDS, Case, Suggestion

DIMENSION = 4
DENSE = 3


def unit(number: float, dimension: int = DIMENSION) -> NDArray[np.float32]:
    vector = np.cos(np.arange(1, dimension + 1, dtype=np.float32) * (number + 1))
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def case(name: str, **fields: Any) -> Case:
    return Case(
        Suggestion(id=name, text=f"建议在{name}号路口增设信号灯", **fields), leads=("交警支队",), co=("住建局",)
    )


def entry(name: str, number: int = 0, *, key: bytes | None = None, areas: tuple[str, ...] = (), **fields: Any) -> Entry:
    dense = unit(number, DENSE) if number % 2 else None
    return Entry(case(name, **fields), unit(number), dense, key, json.dumps({"profile": name}), areas)


def new(path: Path | None, **settings: Any) -> Store:
    return Store.create(path, settings, dimension=DIMENSION, dense_dimension=DENSE, encoder="e5")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index.triage"


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, path: Path) -> Iterator[Store]:
    with new(path if request.param == "file" else None, sketch=1) as store:
        yield store


def ids_in(path: Path) -> set[str]:
    with Store.open(path) as store:
        store.verify()
        return set(store.ids(store.rows()))


TEXTS = st.text(st.characters(), max_size=20)
LISTS = st.lists(TEXTS, max_size=3).map(tuple)
DAYS = st.none() | st.dates()


@given(
    suggestion=st.builds(
        Suggestion, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS, st.none() | st.dates(), LISTS, TEXTS, st.booleans()
    ),
    rest=st.tuples(LISTS, LISTS, LISTS, TEXTS, TEXTS, LISTS, DAYS, DAYS, TEXTS, TEXTS),
)
def test_a_case_comes_back_from_its_json(suggestion: Suggestion, rest: tuple[Any, ...]) -> None:
    written = case_to_json(Case(suggestion, *rest))
    written.encode()
    assert case_from_json(written) == Case(suggestion, *rest)


def test_half_a_character_comes_back_too() -> None:
    one = Case(Suggestion(id="1", text="半个\ud83d字"))
    assert case_from_json(case_to_json(one)) == one


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"suggestion": 3}',
        '{"suggestion": {"id": 3}}',
        '{"suggestion": {"id": "1", "kind": "x"}}',
        '{"suggestion": {"id": "1", "date": "gestern"}}',
        '{"suggestion": {"id": "1", "confidential": "no"}}',
        '{"suggestion": {"id": "1"}, "handed_out": "下周"}',
        '{"suggestion": {"id": "1"}, "replied": 20240301}',
        '{"suggestion": {"id": "1"}, "leads": "局"}',
        '{"suggestion": {"id": "1"}, "leads": [1]}',
        '{"suggestion": ' + "[" * 100_000,
    ],
)
def test_json_that_is_no_case_is_refused(text: str) -> None:
    with pytest.raises(DamagedIndex, match="cannot be read"):
        case_from_json(text)


def test_a_case_of_an_older_version_has_the_defaults() -> None:
    assert case_from_json('{"suggestion": {"id": "1"}}') == Case(Suggestion(id="1"))


def test_fields_that_came_later_are_stored_only_where_they_say_something() -> None:
    assert not LATER_FIELDS & json.loads(case_to_json(case("a"))).keys()
    filled = replace(case("a"), returned=("城管局",), handed_out=Date(2024, 3, 4), area="东湖街道")
    assert json.loads(case_to_json(filled)).keys() & LATER_FIELDS == {"returned", "handed_out", "area"}
    assert case_from_json(case_to_json(filled)) == filled


def test_what_is_added_is_there(store: Store) -> None:
    entries = [entry(f"{n}", n, source="人大", date=Date(2024, 1, 1 + n)) for n in range(4)]
    rows = store.add(entries)
    assert rows.tolist() == sorted(rows.tolist()) == store.rows().tolist()
    assert len(store) == 4
    assert store.cases(rows[::-1]) == [one.case for one in entries[::-1]]
    assert store.ids(rows[[2, 0]]) == ["2", "0"]
    assert store.rows_of(["3", "unknown", "\ud83d"]) == {"3": rows[3]}
    found = store.entries([rows[3], 999, rows[0]])
    assert found.rows.tolist() == [rows[3], rows[0]]
    assert [json.loads(profile) for profile in found.profiles] == [{"profile": "3"}, {"profile": "0"}]
    assert found.dense is not None
    assert np.allclose(found.dense, [unit(3, DENSE), np.zeros(DENSE)], atol=1e-3)
    assert store.entries(rows, dense=False).dense is None
    assert np.allclose(store.vectors(rows[[1, 1, 0]]), [unit(1), unit(1), unit(0)], atol=1e-3)
    numbers, matrix = store.all_vectors()
    assert numbers.tolist() == rows.tolist()
    assert np.allclose(matrix, [unit(n) for n in range(4)], atol=1e-3)
    numbers, matrix = store.all_vectors(only=np.array([rows[1], rows[3], 999]))
    assert numbers.tolist() == [rows[1], rows[3]]
    assert np.allclose(matrix, [unit(1), unit(3)], atol=1e-3)
    store.verify()


@pytest.mark.parametrize("ask", ["cases", "ids", "vectors"])
def test_an_unknown_row_is_a_key_error(store: Store, ask: str) -> None:
    with pytest.raises(KeyError):
        getattr(store, ask)([5])


def test_rows_are_never_given_twice(store: Store) -> None:
    first = store.add([entry("a"), entry("b")])
    assert store.remove(["b", "unknown"]) == 1
    second = store.add([entry("b")])
    assert second[0] > first.max()
    assert store.remove(["a", "b"]) == 2
    assert store.add([entry("c")])[0] > second[0]
    assert store.ids(store.rows()) == ["c"]
    store.verify()


def test_a_batch_is_stored_whole_or_not_at_all(store: Store) -> None:
    store.add([entry("a")])
    before = store.generation
    with pytest.raises(InputError, match="'a' is stored already"):
        store.add([entry("b"), entry("a")])
    with pytest.raises(InputError, match="'b' comes twice"):
        store.add([entry("b"), entry("c"), entry("b")])
    with pytest.raises(InputError, match="without an id"):
        store.add([entry("b"), entry("")])
    with pytest.raises(InputError, match="lone surrogate"):
        store.add([entry("b"), entry("c", source="\ud83d")])
    with pytest.raises(ValueError, match=r"shape \(3,\)"):
        store.add([entry("b"), Entry(case("c"), unit(1, 3))])
    with pytest.raises(ValueError, match="no numbers"):
        store.add([entry("b"), Entry(case("c"), np.full(DIMENSION, np.nan))])
    with pytest.raises(KeyError):
        store.change([entry("b")], {77: case("z")})
    assert store.ids(store.rows()) == ["a"]
    assert store.generation == before


def test_cases_are_renewed_with_the_same_transaction(store: Store) -> None:
    rows = store.add([entry("a", 1, source="人大"), entry("b")])
    decided = Case(Suggestion(id="a", text=case("a").suggestion.text, source="政协"), leads=("城管局",), outcome="A")
    added = store.change([entry("c")], {int(rows[0]): decided})
    assert store.cases([rows[0]]) == [decided]
    assert store.select(source="政协").tolist() == [rows[0]]
    assert store.ids(added) == ["c"]
    with pytest.raises(KeyError):
        store.change([], {int(rows[1]): decided})
    store.verify()


def test_generation_grows_with_each_change(store: Store) -> None:
    seen = [store.generation]
    store.add([entry("a")])
    seen.append(store.generation)
    store.settings = {"sketch": 2}
    seen.append(store.generation)
    store.remove(["a"])
    seen.append(store.generation)
    assert seen == sorted(set(seen))
    store.keep_arrays({"a": np.zeros(1)})
    assert store.generation == seen[-1]


def test_settings_and_arrays_stay(path: Path) -> None:
    arrays = {"lists": np.arange(6, dtype=np.int32).reshape(2, 3), "none": np.zeros((0, 4), np.float32)}
    with new(path, sketch={"words": [1, 2]}) as store:
        identity = store.identity
        store.keep_arrays({"old": np.zeros(3)})
        store.keep_arrays(arrays)
        with pytest.raises(ValueError, match="dtype object"):
            store.keep_arrays({"a": np.array([None])})
    with Store.open(path, encoder="e5") as store:
        assert store.settings == {"sketch": {"words": [1, 2]}}
        assert store.identity == identity
        assert (store.dimension, store.dense_dimension, store.encoder) == (DIMENSION, DENSE, "e5")
        found = store.arrays()
    assert found.keys() == arrays.keys()
    assert all(
        np.array_equal(found[name], value) and found[name].dtype == value.dtype for name, value in arrays.items()
    )


def test_texts_with_the_same_hash_are_one_different_text(store: Store) -> None:
    one, two = b"1" * 16, b"2" * 16
    rows = store.add([entry(name, key=key) for name, key in zip("abcde", (one, two, None, one, one), strict=True)])
    a, b, c, d, e = rows.tolist()
    assert store.rows_with_key([one, two, b"3" * 16]) == {one: [a, d, e], two: [b]}
    assert store.rows_with_key([one], 2) == {one: [a, d]}
    assert store.first_rows().tolist() == [a, b]
    assert store.first_rows_of([e, d, c]).tolist() == [a]
    assert store.first_rows_of([]).tolist() == []
    assert store.same_as([d, c, 99, b]) == [[a, d, e], [c], [], [b]]
    assert store.same_as([d], 2) == [[a, d]]
    store.remove(["a"])
    assert store.first_rows().tolist() == [b, d]


def test_filters(store: Store) -> None:
    rows = store.add(
        [
            entry("a", source="人大", session="十四届", date=Date(2024, 3, 1), areas=("东区", "西区", "东区")),
            entry("b", source="政协", session="十四届", date=Date(2024, 3, 2), areas=("西区",)),
            entry("c", source="热线", session="", areas=()),
        ]
    ).tolist()
    a, b, c = rows
    for filters, wanted in [
        ({}, rows),
        ({"source": "人大"}, [a]),
        ({"source": ["人大", "热线"]}, [a, c]),
        ({"source": []}, []),
        ({"session": "十四届"}, [a, b]),
        ({"session": ""}, [c]),
        ({"area": "西区"}, [a, b]),
        ({"area": {"东区", "北区"}}, [a]),
        ({"since": Date(2024, 3, 2)}, [b]),
        ({"until": Date(2024, 3, 1)}, [a]),
        ({"since": Date(2024, 3, 1), "until": Date(2024, 3, 2), "source": "政协", "area": "西区"}, [b]),
        ({"source": "人大' OR 1=1 --"}, []),
    ]:
        assert store.select(**filters).tolist() == wanted, filters  # type: ignore[arg-type]
    store.remove(["a"])
    assert store.select(area="东区").tolist() == []
    store.verify()


def test_info_counts(store: Store) -> None:
    store.add([entry("a", source="人大", date=Date(2023, 5, 1)), entry("b", source="人大", date=Date(2024, 5, 1))])
    info = json.loads(json.dumps(store.info()))
    assert (info["texts"], info["sources"], info["since"], info["until"]) == (
        2,
        {"人大": 2},
        "2023-05-01",
        "2024-05-01",
    )
    assert info["generation"] == store.generation
    assert info["bytes"] > 4096


def test_a_removed_text_is_gone_from_the_file(path: Path) -> None:
    with new(path) as store:
        store.add([entry("a"), Entry(Case(Suggestion(id="b", text="独一无二的内容" * 300)), unit(1))])
        assert "独一无二".encode() in path.read_bytes()
        store.remove(["b"])
    assert "独一无二".encode() not in path.read_bytes()


def test_save_as_is_a_copy_of_its_own(store: Store, tmp_path: Path) -> None:
    store.add([entry("a", 1)])
    store.keep_arrays({"x": np.arange(3)})
    copy = store.save_as(tmp_path / "copy.triage")
    store.add([entry("b")])
    with Store.open(copy) as other:
        other.verify()
        assert other.ids(other.rows()) == ["a"]
        assert other.identity == store.identity
        assert other.arrays()["x"].tolist() == [0, 1, 2]
    store.save_as(copy)
    assert ids_in(copy) == {"a", "b"}
    assert sorted(file.suffix for file in tmp_path.iterdir()) == [".triage"] * len(list(tmp_path.iterdir()))


def test_saving_onto_itself_is_no_work(path: Path) -> None:
    with new(path) as store:
        store.add([entry("a")])
        assert store.save_as(path) == path
    assert ids_in(path) == {"a"}


def other_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.commit()


@pytest.mark.parametrize("make", [lambda p: p.write_text("Brief"), other_program, lambda p: p.touch(), Path.mkdir])
def test_nothing_else_is_written_over(path: Path, make: Any) -> None:
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with new(None) as store, pytest.raises(IndexFileError):
        store.save_as(path)
    with pytest.raises(StorageError, match="exists already"):
        new(path)
    assert (path.read_bytes() if path.is_file() else None) == before
    assert list(path.parent.iterdir()) == [path]


def test_a_journal_without_its_index_is_left_alone(path: Path) -> None:
    journal = path.with_name(path.name + "-journal")
    journal.write_bytes(b"x")
    with pytest.raises(StorageError, match="journal"):
        new(path)
    with new(None) as store, pytest.raises(StorageError, match="journal"):
        store.save_as(path)
    assert journal.read_bytes() == b"x"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        new(tmp_path / "no" / "index")
    with new(None) as store, pytest.raises(StorageError, match="cannot be written"):
        store.save_as(tmp_path / "no" / "index")
    with pytest.raises(IndexFileError, match="no such file"):
        Store.open(tmp_path / "no" / "index")


def whole(path: Path) -> bytes:
    with new(path) as store:
        store.add([entry(f"{n}", n, key=bytes([n]) * 16, areas=("东区",)) for n in range(40)])
        store.keep_arrays({"x": np.arange(2000)})
    return path.read_bytes()


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda data: b"", ForeignIndex, "no duplicate index"),
        (lambda data: b"PK\x03\x04" + data, ForeignIndex, "no duplicate index"),
        (lambda data: data[:50], DamagedIndex, "cut off after 50 bytes"),
        (lambda data: data[:100], DamagedIndex, "damaged"),
        (lambda data: data[: len(data) // 2], DamagedIndex, "damaged"),
        (lambda data: data[:-1], DamagedIndex, "damaged"),
        (lambda data: data[:4096] + bytes(4096) + data[8192:], DamagedIndex, "damaged"),
        (lambda data: data[:68] + b"abcd" + data[72:], ForeignIndex, "another program"),
        (lambda data: data[:60] + b"\0\0\0\3" + data[64:], NewerIndex, "format 3; this version"),
        (lambda data: data[:60] + b"\0\0\0\1" + data[64:], ForeignIndex, r"an earlier version .*\(format 1\)"),
    ],
)
def test_a_file_that_is_not_whole_or_not_ours(path: Path, change: Any, error: type[Exception], message: str) -> None:
    path.write_bytes(change(whole(path)))
    with pytest.raises(error, match=message):
        Store.open(path)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON entries BEGIN DELETE FROM records; END",
        "CREATE VIEW v AS SELECT * FROM records",
        "CREATE TABLE more (a)",
        "ALTER TABLE records ADD COLUMN more",
        "DROP INDEX entries_date",
    ],
)
def test_tables_must_be_exactly_ours(path: Path, statement: str) -> None:
    whole(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()
    with pytest.raises(ForeignIndex, match="its tables"):
        Store.open(path)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM records WHERE row = 3",
        "INSERT INTO vectors VALUES (999, 0, x'00')",
        "UPDATE vectors SET vector = x'0000' WHERE row = 3",
        "UPDATE profiles SET dense = x'0000' WHERE row = 3",
        "UPDATE records SET record = '{' WHERE row = 3",
        "UPDATE records SET record = replace(record, '交警', '城管') WHERE row = 3",
        "UPDATE profiles SET profile = '' WHERE row = 3",
        "UPDATE vectors SET vector = zeroblob(8) WHERE row = 3",
        "UPDATE entries SET id = 'other' WHERE row = 3",
        "INSERT INTO areas VALUES ('东区', 999)",
    ],
)
def test_verify_sees_parts_that_do_not_fit(path: Path, statement: str) -> None:
    whole(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()
    with Store.open(path) as store, pytest.raises(DamagedIndex):
        store.verify()


def test_values_of_another_kind_are_damage(path: Path) -> None:
    whole(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE meta SET value = '[' WHERE name = 'settings'")
        connection.execute("UPDATE arrays SET dtype = '|O'")
        connection.execute("UPDATE records SET record = '[]' WHERE row = 1")
        connection.execute(
            "UPDATE vectors SET vector = ? WHERE row = 1", (np.full(DIMENSION, np.nan, "<f2").tobytes(),)
        )
        connection.commit()
    with Store.open(path) as store:
        for ask in (lambda: store.settings, store.arrays, lambda: store.cases([1]), store.all_vectors):
            with pytest.raises(DamagedIndex):
                ask()


def everything(store: Store) -> tuple[Any, ...]:
    rows = store.rows()
    found = store.entries(rows)
    assert found.dense is not None
    return (
        rows.tolist(),
        store.cases(rows),
        store.first_rows().tolist(),
        store.select(area="东区").tolist(),
        found.profiles,
        found.dense.tolist(),
        store.all_vectors()[1].tolist(),
        {name: array.tolist() for name, array in store.arrays().items()},
    )


def test_broken_bytes_are_noticed_or_touch_nothing(path: Path) -> None:
    data = whole(path)
    with Store.open(path) as store:
        wanted = everything(store)
    chance = random.Random(7)
    refused = 0
    for _ in range(150):
        broken, start = bytearray(data), chance.randrange(len(data))
        length = min(chance.choice([1, 4, 40]), len(data) - start)
        broken[start : start + length] = chance.randbytes(length)
        path.write_bytes(broken)
        try:
            with Store.open(path) as store:
                store.verify()
                found = everything(store)
        except TriageError:
            refused += 1
        else:
            assert found == wanted
    assert refused > 30, "the rest is unused space"


@pytest.mark.parametrize("dimension", ["0", "-3", "99999999", "four"])
def test_a_dimension_that_cannot_be(path: Path, dimension: str) -> None:
    whole(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE meta SET value = ? WHERE name = 'dimension'", (dimension,))
        connection.commit()
    with pytest.raises(DamagedIndex):
        Store.open(path)


def test_another_encoder_is_foreign(path: Path) -> None:
    new(path).close()
    with pytest.raises(ForeignIndex, match="sentence encoder e5, and this one is other"):
        Store.open(path, encoder="other")
    Store.open(path, encoder="e5").close()


def test_a_full_disk_changes_nothing(path: Path) -> None:
    with new(path) as store:
        store.add([entry("a")])
        with store._connection.reading() as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count={pages + 3}")
        with pytest.raises(StorageError, match="disk is full"):
            store.add([entry(f"{n}") for n in range(500)])
        assert store.ids(store.rows()) == ["a"]
        store.verify()
        store.remove(["a"])
        store.add([entry("b")])
    assert ids_in(path) == {"b"}


def test_another_program_that_writes_is_waited_for_and_then_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new(path).close()
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
    with Store.open(path) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        start = time.monotonic()
        with pytest.raises(StorageError, match="Another program is writing"):
            store.add([entry("a")])
        assert time.monotonic() - start >= 0.15
        assert len(store) == 0
        with new(None) as memory, pytest.raises(StorageError, match="Another program is writing"):
            memory.save_as(path)
        other.execute("ROLLBACK")
        store.add([entry("a")])
        with Store.open(path) as second:
            second.add([entry("b")])
        assert store.ids(store.rows()) == ["a", "b"]


def test_threads_read_while_one_writes(store: Store) -> None:
    store.add([entry("first", 1)])
    wrong: list[Exception] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                rows = store.rows()
                assert len(rows) % 5 == 1, "half a batch"
                assert store.cases(rows[:1])[0].suggestion.id == "first"
                assert len(store.entries(rows).rows) == len(rows)
        except (AssertionError, KeyError, TriageError) as error:
            wrong.append(error)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for batch in range(30):
        store.add([entry(f"{batch}-{n}", n) for n in range(5)])
    done.set()
    for reader in readers:
        reader.join()
    assert not wrong
    assert len(store) == 151


def test_a_closed_store_says_so(store: Store) -> None:
    store.close()
    store.close()
    with pytest.raises(ValueError, match="closed"):
        len(store)
    with pytest.raises(ValueError, match="closed"):
        store.add([entry("a")])


CHILD = """
import sys
from triage.duplicates.store import Store
sys.path.insert(0, sys.argv[1])
from test_store import SIZE, entry
first = int(sys.argv[3])
with Store.open(sys.argv[2]) as store:
    for batch in range(first, first + 100000):
        store.add([entry(f"{batch}-{n}", n, areas=("a", "b")) for n in range(SIZE)])
        print("+", batch, flush=True)
        if batch % 3 == 2:
            store.remove([f"{batch - 1}-{n}" for n in range(SIZE)])
            print("-", batch - 1, flush=True)
"""
SIZE = 25


def killed_while_writing(path: Path, first: int, chance: random.Random) -> list[tuple[str, int]]:
    """Let a child write from batch `first` on, kill it at a random moment, and return what it acknowledged."""
    command = [sys.executable, "-c", CHILD, str(Path(__file__).parent), str(path), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1], text=True) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(chance.randint(1, 6))]
        time.sleep(chance.uniform(0, 0.02))
        child.send_signal(signal.SIGKILL)
        lines += child.stdout.readlines()
    return [(sign, int(number)) for sign, number in (line.split() for line in lines if line.endswith("\n"))]


def test_a_kill_leaves_the_old_or_the_new_state(path: Path) -> None:
    """Twenty kills: what was acknowledged is there, and of the rest one whole batch at most."""
    new(path).close()
    chance = random.Random()
    expected: set[int] = set()
    batch = 0
    for _ in range(20):
        acknowledged = killed_while_writing(path, batch, chance)
        for sign, number in acknowledged:
            expected = expected | {number} if sign == "+" else expected - {number}
        sign, last = acknowledged[-1]
        going_on = (
            expected - {last - 1} if sign == "+" and last % 3 == 2 else expected | {last + (1 if sign == "+" else 2)}
        )
        found = ids_in(path)
        assert found in ({f"{b}-{n}" for b in state for n in range(SIZE)} for state in (expected, going_on))
        expected = {int(name.partition("-")[0]) for name in found}
        batch = max(expected | {last}) + 1
        batch += -batch % 3  # so that what a child takes out, it has put in itself
    with Store.open(path) as store:
        store.add([entry("last")])
    assert list(path.parent.iterdir()) == [path]
