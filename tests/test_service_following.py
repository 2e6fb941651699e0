"""The duplicate index follows the memory: whatever happens there, it is what an index built from nothing would be."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from service.jobs.worker import Duty
from service.served import following
from service.served.bundle import comparing_encoder
from service.served.following import Follower, Mark, rebuild
from service.served.index_file import NAME, alone, identity, new_file, swap_in
from service.settings import Settings
from service.store import cases, decisions, suggestions
from service.store.store import Store, Writing
from service.store.tables import ERASED, SuggestionRow
from triage import Triager, bundle
from triage.duplicates.index import DuplicateIndex
from triage.encoders import locate
from triage.errors import EncoderError, ForeignIndex, InputError
from triage.records import Case, Suggestion

TITLES = ("关于修好渡口路灯的建议", "关于渡口加装路灯的提案", "关于清洗老井的建议", "关于给南桥刷漆的建议")
UNITS = ("住房和城乡建设局", "水利局", "交通运输局")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "followed"


@pytest.fixture
def settings(store: Store, folder: Path) -> Settings:
    return Settings(data=folder, database=store.url.render_as_string(hide_password=False))


@pytest.fixture
def follower(store: Store, settings: Settings) -> Iterator[Follower]:
    with closing(Follower(store, settings)) as made:
        yield made


def caught_up(follower: Follower) -> None:
    for _ in range(50):
        if not follower.step():
            return
    raise AssertionError("it never came to an end")


def held(folder: Path) -> dict[str, Case]:
    with DuplicateIndex.load((folder / NAME).resolve()) as index:
        index.verify()
        return {case.suggestion.id: case for case in index.cases()}


def wanted(store: Store) -> dict[str, Case]:
    found: dict[str, Case] = {}
    number = 0
    with store.read() as session:
        while part := cases.after(session, number):
            found.update({case.suggestion.id: case for _, case in part})
            number = part[-1][0]
    return found


def create(store: Store, ref: str, title: str = TITLES[0], **facts: Any) -> None:
    with store.write("test") as writing:
        suggestions.create(writing, Suggestion(ref, title, f"{title}，请尽快办理。", **facts))


def row_of(writing: Writing, ref: str) -> SuggestionRow:
    return writing.session.scalars(select(SuggestionRow).where(SuggestionRow.ref == ref)).one()


# --- what it holds ---------------------------------------------------------------------------------------------------


def test_it_is_a_duty_and_without_a_folder_there_is_nothing_to_do(store: Store) -> None:
    made: Duty = Follower(store, Settings(database=store.url.render_as_string(hide_password=False)))
    assert (made.name, made.step()) == ("index", False)


def test_an_empty_memory_has_an_empty_index(follower: Follower, folder: Path) -> None:
    caught_up(follower)
    assert held(folder) == {}
    assert not follower.step()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_nobody_else_can_read_the_file(store: Store, follower: Follower, folder: Path) -> None:
    create(store, "lamp")
    caught_up(follower)
    assert stat.S_IMODE((folder / NAME).resolve().stat().st_mode) == 0o600


def test_wording_decision_return_outcome_and_secrecy_are_followed(
    store: Store, follower: Follower, folder: Path
) -> None:
    create(store, "lamp", source="人大")
    create(store, "secret", confidential=True)
    caught_up(follower)
    assert list(held(folder)) == ["lamp"]
    with store.write("test") as writing:
        row = row_of(writing, "lamp")
        suggestions.revise(writing, row, Suggestion("lamp", TITLES[1], source="人大"), 1)
        decisions.decide(writing, row, lead=[UNITS[0]], co=[UNITS[1]], expected=0)
        decisions.record_return(writing, row, unit=UNITS[1])
        decisions.record_outcome(writing, row, outcome="A", reply="已经装好。")
        suggestions.revise(writing, row_of(writing, "secret"), Suggestion("secret", TITLES[2]), 1)
    caught_up(follower)
    found = held(folder)
    assert found == wanted(store)
    assert (found["lamp"].suggestion.title, found["lamp"].leads, found["lamp"].outcome) == (
        *(TITLES[1], (UNITS[0],)),
        "A",
    )
    assert found["lamp"].returned == (UNITS[1],)
    with store.write("test") as writing:
        suggestions.revise(
            writing, row_of(writing, "lamp"), Suggestion("lamp", TITLES[1], source="人大", confidential=True), 2
        )
    caught_up(follower)
    assert list(held(folder)) == ["secret"], "what became confidential left, what no longer is came"


def test_what_is_erased_or_deleted_leaves(store: Store, follower: Follower, folder: Path) -> None:
    for ref, title in zip("abc", TITLES, strict=False):
        create(store, ref, title)
    caught_up(follower)
    with store.write("test") as writing:
        erased = row_of(writing, "a")
        erased.state, erased.title, erased.text = ERASED, "", ""
        writing.note("suggestion.erased", "a")
        writing.session.delete(row_of(writing, "b"))
        writing.note("suggestion.deleted", "b")
    caught_up(follower)
    assert list(held(folder)) == ["c"]
    content = (folder / NAME).read_bytes()
    assert [title.encode() in content for title in TITLES[:3]] == [False, False, True], "it is gone from the file"


def _something(store: Store, chance: random.Random, refs: list[str]) -> None:
    what = chance.choice(("create", "revise", "decide", "withdraw", "secret", "erase", "delete"))
    ref = chance.choice(refs)
    with store.write("test") as writing:
        row = writing.session.scalars(select(SuggestionRow).where(SuggestionRow.ref == ref)).one_or_none()
        text = Suggestion(ref, chance.choice(TITLES), source=chance.choice(("人大", "政协")))
        if row is None:
            suggestions.create(writing, text)
        elif row.state == ERASED:
            return
        elif what == "revise":
            suggestions.revise(writing, row, text, row.version)
        elif what == "decide":
            decisions.decide(writing, row, lead=[chance.choice(UNITS)], expected=row.decision)
        elif what == "withdraw" and decisions.decision_of(writing.session, row) is not None:
            decisions.withdraw(writing, row, expected=row.decision)
        elif what == "secret":
            suggestions.revise(writing, row, replace(text, confidential=not row.confidential), row.version)
        elif what == "erase":
            row.state, row.title, row.text = ERASED, "", ""
            writing.note("suggestion.erased", ref)
        elif what == "delete" and not row.decision and row.version == 1:
            writing.session.delete(row)
            writing.note("suggestion.deleted", ref)


@pytest.mark.parametrize("seed", range(4))
def test_after_any_sequence_it_is_as_if_built_from_nothing(
    store: Store, follower: Follower, folder: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "AT_ONCE", 5)
    chance = random.Random(seed)
    refs = [f"s{number}" for number in range(6)]
    for _ in range(5):
        for _ in range(chance.randrange(1, 15)):
            _something(store, chance, refs)
        if chance.random() < 0.3:
            follower.step()  # some way only
        else:
            caught_up(follower)
    caught_up(follower)
    followed = held(folder)
    assert followed == wanted(store)
    with alone(folder):
        rebuild(store, folder, None)
    assert held(folder) == followed


def test_a_text_that_the_index_cannot_hold_does_not_stop_it(
    store: Store, follower: Follower, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caught_up(follower)
    follow = DuplicateIndex.follow

    def picky(self: DuplicateIndex, found: Any, *rest: Any, **named: Any) -> Any:
        if any(case.suggestion.id == "bad" for case in found):
            raise InputError("bad: has half a character")
        return follow(self, found, *rest, **named)

    monkeypatch.setattr(DuplicateIndex, "follow", picky)
    for ref in ("good", "bad", "fine"):
        create(store, ref)
    caught_up(follower)
    assert sorted(held(folder)) == ["fine", "good"]
    assert "fault" in caplog.text
    assert TITLES[0] not in caplog.text


# --- files that are not followed -------------------------------------------------------------------------------------


def test_an_index_of_another_memory_is_built_anew(store: Store, follower: Follower, folder: Path) -> None:
    create(store, "mine")
    folder.mkdir()
    stranger = new_file(folder)
    with DuplicateIndex.create(stranger) as index:
        index.follow([Case(Suggestion("theirs", TITLES[1]))], mark=f"1:{'f' * 64}")
    swap_in(stranger)
    caught_up(follower)
    assert list(held(folder)) == ["mine"]
    assert not stranger.exists()


@pytest.mark.parametrize("kind", ["damaged", "foreign", "earlier", "mark"])
def test_a_file_that_cannot_be_followed_is_built_anew(
    store: Store, follower: Follower, folder: Path, kind: str
) -> None:
    create(store, "mine")
    caught_up(follower)
    follower.close()
    if kind == "damaged":
        (folder / NAME).write_bytes((folder / NAME).read_bytes()[:5000])
    elif kind == "foreign":
        (folder / NAME).write_text("no index at all", encoding="utf-8")
    elif kind == "earlier":
        with closing(sqlite3.connect((folder / NAME).resolve())) as database:
            database.execute("PRAGMA user_version=1")
        with pytest.raises(ForeignIndex, match="made by an earlier version"):
            DuplicateIndex.load((folder / NAME).resolve())
    else:
        with DuplicateIndex.load((folder / NAME).resolve()) as index:
            index.follow([], ["mine"], mark="nonsense")
    caught_up(follower)
    assert list(held(folder)) == ["mine"]


def test_another_encoder_has_another_index(
    store: Store, settings: Settings, folder: Path, small_bundle: Path, counting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = settings.model_copy(update={"model": small_bundle})
    create(store, "lamp")
    with closing(Follower(store, given)) as follower:
        caught_up(follower)
        before = identity(folder / NAME)
        monkeypatch.setattr(following, "comparing_encoder", lambda _settings, _loaded: counting)
        monkeypatch.setattr(following, "in_use", lambda _settings: "another@123456789abc")
        caught_up(follower)
        assert identity(folder / NAME) != before
        assert len(counting.seen) == 1
        create(store, "well", TITLES[2])
        caught_up(follower)
        assert len(counting.seen) == 2, "what is there is not encoded again"
    with DuplicateIndex.load((folder / NAME).resolve(), sentence=counting) as index:
        assert sorted(case.suggestion.id for case in index.cases()) == ["lamp", "well"]


def test_an_encoder_that_the_process_has_is_not_loaded_again(
    settings: Settings, small_bundle: Path, counting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = settings.model_copy(update={"model": small_bundle})
    monkeypatch.setattr(bundle, "load_card", lambda _folder: {"encoder": {"fingerprint": counting.fingerprint}})
    monkeypatch.setattr(locate, "find_encoder", lambda: None)
    assert comparing_encoder(given, counting) is counting
    stranger = type(counting)("0" * 64, counting.dimension)
    with pytest.raises(EncoderError, match="none is installed"):
        comparing_encoder(given, stranger)


def test_an_encoder_that_is_missing_leaves_the_index_as_it_is(
    store: Store, settings: Settings, folder: Path, small_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_settings: Settings, _loaded: object) -> None:
        raise EncoderError("none is installed here")

    monkeypatch.setattr(following, "comparing_encoder", missing)
    given = settings.model_copy(update={"model": small_bundle})
    with closing(Follower(store, given)) as follower, pytest.raises(EncoderError):
        follower.step()
    assert not (folder / NAME).exists()


def test_one_at_a_time_follows(store: Store, settings: Settings, follower: Follower, folder: Path) -> None:
    create(store, "lamp")
    with alone(folder) as mine:
        assert mine
        assert not follower.step()
        assert not (folder / NAME).exists()
    with closing(Follower(store, settings)) as other:
        caught_up(other)
        caught_up(follower)
        create(store, "well")
        caught_up(follower)
        caught_up(other)
    assert sorted(held(folder)) == ["lamp", "well"]


def test_a_building_is_broken_off_when_the_worker_stops(store: Store, follower: Follower, folder: Path) -> None:
    create(store, "lamp")
    follower.end()
    assert not follower.step()
    assert list(folder.glob("*.index")) == []


def test_who_reads_keeps_the_old_file_until_the_next_look(store: Store, folder: Path, triager: Triager) -> None:
    create(store, "lamp")
    with alone(folder):
        rebuild(store, folder, None)
        with triager.index((folder / NAME).resolve(), writes=False) as reader:
            create(store, "well")
            rebuild(store, folder, None)
            assert len(reader) == 1
            assert reader.query([Suggestion("q", TITLES[0])])[0]
    assert len(held(folder)) == 2
    assert len(list(folder.glob("history.*.index"))) == 1, "the old file is gone"


@pytest.mark.parametrize(
    ("written", "mark"), [("", Mark()), ("7:ab", Mark(7, "ab")), ("x:ab", None), ("-1:ab", None), ("seven", None)]
)
def test_marks(written: str, mark: Mark | None) -> None:
    assert Mark.read(written) == mark
    assert mark is None or not written or str(mark) == written


# --- kill -9 ---------------------------------------------------------------------------------------------------------

FOLLOW = """
import sys
from pathlib import Path
from service.served import following
from service.served.bundle import comparing_encoder
from service.served.following import Follower
from service.settings import Settings
from service.store.store import Store
following.AT_ONCE = 7
follower = Follower(Store(sys.argv[1]), Settings(database=sys.argv[1], data=Path(sys.argv[2])))
print("begins", flush=True)
while True:
    follower.step()
"""


def test_killed_at_any_moment_it_goes_on_where_it_was(store: Store, folder: Path, root: Path) -> None:
    chance = random.Random(11)
    url = store.url.render_as_string(hide_password=False)
    words = [sys.executable, "-c", FOLLOW, url, str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
    for number in range(60):
        create(store, f"before{number}", chance.choice(TITLES))
    for round_ in range(5):
        with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "begins\n"
            until = time.monotonic() + chance.random() * 0.8
            number = 0
            while time.monotonic() < until:
                create(store, f"during{round_}-{number}", chance.choice(TITLES))
                number += 1
            process.send_signal(signal.SIGKILL)
    with closing(Follower(store, Settings(database=url, data=folder))) as follower:
        caught_up(follower)
    assert held(folder) == wanted(store)
    assert len(list(folder.glob("history.*.index"))) == 1


# --- from the command line -------------------------------------------------------------------------------------------


def test_the_command_builds_it_anew_and_who_follows_goes_on(
    store: Store, settings: Settings, follower: Follower, folder: Path, small_bundle: Path, command: Any
) -> None:
    create(store, "lamp")
    caught_up(follower)
    before = identity(folder / NAME)
    create(store, "well", TITLES[2])
    said = command(*("index", "rebuild", "--data", folder, "--database", settings.database, "--model", small_bundle))
    assert (said.code, said.err.strip().count("Traceback")) == (0, 0), said.err
    assert "the index has 2 texts" in said.out
    assert identity(folder / NAME) != before
    create(store, "bridge", TITLES[3])
    caught_up(follower)
    assert sorted(held(folder)) == ["bridge", "lamp", "well"]


def test_the_command_says_what_is_missing(tmp_path: Path, small_bundle: Path, command: Any) -> None:
    said = command("index", "rebuild", "--data", tmp_path / "none", "--model", small_bundle)
    assert said.code == 2
    assert "the memory has no tables yet" in said.err
    assert not (tmp_path / "none" / NAME).exists()
