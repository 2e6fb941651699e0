"""The duplicate index as a file: what cannot be opened, who else writes to it, and what a kill leaves."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from triage.duplicates.calibration import shipped
from triage.duplicates.grader import Grader
from triage.duplicates.index import DuplicateIndex
from triage.duplicates.sketch import DIMENSION
from triage.duplicates.store import Store
from triage.errors import DamagedIndex, ForeignIndex, IndexFileError, InputError, NewerIndex, StorageError
from triage.records import Case, Grade, Suggestion

LIGHTS = Suggestion("lights", "关于在河东路加装路灯的建议", "河东路夜间没有路灯，建议在河东路加装路灯。")
AGAIN = Suggestion("again", "关于河东路安装路灯的提案", "河东路晚上没有路灯，建议在河东路安装路灯。")
FOOD = Suggestion("food", "关于开办社区老年食堂的建议", "独居老人做饭难，建议在社区开办老年食堂。")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An index by wording alone, in a file."""
    path = tmp_path / "a.index"
    with DuplicateIndex.create(path) as index:
        index.add([Case(LIGHTS, ("住建局",)), Case(FOOD)])
    return path


def found(index: DuplicateIndex, asked: Suggestion = AGAIN) -> list[str]:
    return [hit.id for hit in index.query([asked], least=Grade.SAME_MATTER)[0]]


def change_settings(path: Path, change: Any) -> None:
    with Store.open(path) as store:
        settings = store.settings
        change(settings)
        store.settings = settings


def test_what_is_in_a_file_is_found_again(path: Path, tmp_path: Path) -> None:
    with DuplicateIndex.load(path) as index:
        assert index.path == path
        assert (len(index), found(index)) == (2, ["lights"])
        assert index.cases() == [Case(LIGHTS, ("住建局",)), Case(FOOD)]
        index.verify()
        index.save(tmp_path / "b.index")
        index.add([Case(AGAIN)])
        with pytest.raises(StorageError, match="exists already"):
            DuplicateIndex.create(path)
    with pytest.raises(ValueError, match="closed"):
        index.query([AGAIN])
    with DuplicateIndex.load(tmp_path / "b.index") as copy:
        assert len(copy) == 2
    with DuplicateIndex.load(path) as index:
        assert found(index, LIGHTS) == ["again"]
        index.save(tmp_path / "b.index")
    with DuplicateIndex.load(tmp_path / "b.index") as copy:
        assert len(copy) == 3


def test_an_encoder_that_nobody_calibrated_is_refused(counting: Any, path: Path, tmp_path: Path) -> None:
    with DuplicateIndex.create(tmp_path / "dense.index", sentence=counting) as index:
        index.add([Case(LIGHTS)])
        assert index.info()["encoder"] == counting.fingerprint
    with pytest.raises(ForeignIndex, match="none is given"):
        DuplicateIndex.load(tmp_path / "dense.index")
    with DuplicateIndex.load(tmp_path / "dense.index", sentence=counting) as index:
        assert found(index) == ["lights"]
    with DuplicateIndex.load(path, sentence=counting) as index:
        counting.seen.clear()
        assert found(index) == ["lights"]
        assert counting.seen == [], "an index by wording alone needs no encoder"
    counting.fingerprint = "f" * 64
    with pytest.raises(ForeignIndex, match="ffffffffffff is given"):
        DuplicateIndex.load(tmp_path / "dense.index", sentence=counting)
    with pytest.raises(InputError, match="no calibration for sentence encoder ffffffffffff"):
        DuplicateIndex.create(sentence=counting)


def test_a_calibration_of_ones_own_is_kept_in_the_file(tmp_path: Path) -> None:
    weights = np.array(shipped()[""].grader.weights) / 3
    own = replace(shipped()[""], grader=Grader(weights))
    with DuplicateIndex.create(tmp_path / "own.index", calibration=own) as index:
        index.add([Case(LIGHTS), Case(FOOD)])
        before = index.query([AGAIN])
    with DuplicateIndex.load(tmp_path / "own.index") as index:
        assert index.query([AGAIN]) == before
        with DuplicateIndex.create() as usual:
            usual.add([Case(LIGHTS), Case(FOOD)])
            assert usual.query([AGAIN]) != before


@pytest.mark.parametrize(
    ("content", "error"),
    [(b"", IndexFileError), (b"PK\x03\x04 no index", ForeignIndex), (b"SQLite format 3\0", DamagedIndex)],
)
def test_what_is_no_index_is_refused_and_left_alone(tmp_path: Path, content: bytes, error: type[Exception]) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(error):
        DuplicateIndex.load(path)
    assert path.read_bytes() == content
    with pytest.raises(IndexFileError, match="no such file"):
        DuplicateIndex.load(tmp_path / "nothing")


def test_a_newer_format_is_named(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=99")
    with pytest.raises(NewerIndex, match="format 99"):
        DuplicateIndex.load(path)


def test_a_file_that_is_cut_anywhere_is_damaged(path: Path) -> None:
    whole = path.read_bytes()
    for cut in (99, 4096, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with pytest.raises((DamagedIndex, ForeignIndex)):
            DuplicateIndex.load(path)
    path.write_bytes(whole)
    with DuplicateIndex.load(path) as index:
        assert found(index) == ["lights"]


def test_flipped_bytes_never_break_more_than_the_file(path: Path) -> None:
    """Whatever byte is wrong: it opens and answers as ever, or says that the file is damaged or foreign."""
    whole = path.read_bytes()
    chance = random.Random(5)
    refused = 0
    for _ in range(60):
        broken = bytearray(whole)
        for place in chance.sample(range(len(whole)), 20):
            broken[place] ^= chance.randrange(1, 256)
        path.write_bytes(broken)
        try:
            with DuplicateIndex.load(path) as index:
                assert found(index) == ["lights"]
                index.verify()
        except IndexFileError:
            refused += 1
    assert refused > 20


@pytest.mark.parametrize(
    "change",
    [
        lambda settings: settings.pop("calibration"),
        lambda settings: settings.update(calibration=None),
        lambda settings: settings.update(calibration=[1, 2]),
        lambda settings: settings["calibration"].update(arrays=settings["calibration"]["arrays"][:-200]),
        lambda settings: settings["calibration"].update(arrays=settings["calibration"]["arrays"][40:]),
        lambda settings: settings["calibration"].update(arrays="A" * 4000),
        lambda settings: settings["calibration"].update(arrays=7),
        lambda settings: settings["calibration"].update(texts=float("nan")),
        lambda settings: settings["calibration"].update(weights={"related": {"constant": float("nan")}}),
        lambda settings: settings["calibration"].update(encoder="e" * 64),
        lambda settings: settings.update(calibration=shipped()[next(n for n in shipped() if n)].to_json()),
    ],
)
def test_a_calibration_that_is_damaged_is_said_to_be(path: Path, counting: Any, change: Any) -> None:
    change_settings(path, change)
    for sentence in (None, counting):
        with pytest.raises(DamagedIndex, match="calibration"):
            DuplicateIndex.load(path, sentence=sentence)


def test_vectors_of_another_width_are_foreign(tmp_path: Path) -> None:
    settings = {"calibration": shipped()[""].to_json()}
    Store.create(tmp_path / "x", settings, dimension=DIMENSION + 1, dense_dimension=1).close()
    with pytest.raises(ForeignIndex, match=f"{DIMENSION + 1} numbers"):
        DuplicateIndex.load(tmp_path / "x")


def test_parts_that_are_missing_are_no_riddle(path: Path) -> None:
    with DuplicateIndex.load(path) as index:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("DELETE FROM records WHERE row = 1")
            connection.commit()
        with pytest.raises(DamagedIndex):
            index.query([AGAIN])
        with pytest.raises(DamagedIndex):
            index.verify()


# --- others write to it -----------------------------------------------------------------------------------------------


def test_what_another_program_changes_is_noticed(path: Path) -> None:
    with DuplicateIndex.load(path) as here, DuplicateIndex.load(path) as there:
        assert found(here) == ["lights"]
        there.add([Case(replace(LIGHTS, id="copy")), Case(replace(AGAIN, id="other"))])
        assert found(here) == ["other", "lights", "copy"]
        there.remove(["lights"])
        assert found(here) == ["other", "copy"]
        here.add([Case(replace(LIGHTS, id="third"))])
        assert found(there) == ["other", "copy", "third"]
        there.add([Case(FOOD, ("民政局",))])
        assert here.query([replace(FOOD, id="q")])[0][0].lead == ("民政局",)
        assert here.info()["texts"] == there.info()["texts"] == 4


def test_hits_that_are_taken_out_before_they_are_told_are_left_out(path: Path) -> None:
    with DuplicateIndex.load(path) as here, DuplicateIndex.load(path) as there:
        here.add([Case(replace(LIGHTS, id="copy"))])
        texts = here.read([AGAIN])
        (hits,) = here.hits(texts, least=Grade.SAME_MATTER)
        assert len(hits) == 2
        there.remove(["lights"])
        assert [hit.id for hit in here.told(texts[0], hits)] == ["copy"]
        assert [case.suggestion.id for _, case in here.with_cases(hits)] == ["copy"]
        there.remove(["copy"])
        assert here.told(texts[0], hits) == ()


def test_a_text_that_vanishes_while_it_is_renewed_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with DuplicateIndex.load(path) as here, DuplicateIndex.load(path) as there:
        read = here.read

        def slowly(*values: Any, **options: Any) -> Any:
            there.remove(["lights"])
            return read(*values, **options)

        monkeypatch.setattr(here, "read", slowly)
        with pytest.raises(StorageError, match="Nothing was changed"):
            here.add([Case(LIGHTS, ("城管局",)), Case(AGAIN)])
        assert len(here) == 1


WRITER = """
import sys
from triage.duplicates.index import DuplicateIndex
from triage.records import Case, Suggestion
with DuplicateIndex.load(sys.argv[1]) as index:
    print("ready", flush=True)
    for turn in range(int(sys.argv[2]), 10_000):
        number = [f"{turn}.{place}" for place in range(3)]
        index.add([Case(Suggestion(n, f"关于修缮第{n}号桥的建议", "桥面破损。" * 20)) for n in number])
        if turn % 3 == 2:
            index.remove([f"{turn - 1}.{place}" for place in range(3)])
"""


# One that is warm makes all those that are killed, as a start takes half a second.
NURSERY = """
import os, sys
from triage.duplicates.index import DuplicateIndex
from triage.records import Case, Suggestion
def cases(turn):
    made = [Suggestion(f"{turn}.{n}", f"关于修缮第{turn}号桥的建议", f"桥面第{n}块板破损。" * 20) for n in range(3)]
    return [Case(one) for one in made]
with DuplicateIndex.create() as warm:
    warm.add(cases(0))
for line in sys.stdin:
    child = os.fork()
    if not child:
        with DuplicateIndex.load(sys.argv[1]) as index:
            index.add(cases(int(line)))
            os.write(1, f"{os.getpid()}\\n".encode())
            for turn in range(int(line) + 1, 10_000):
                index.add(cases(turn))
                if turn % 3 == 2:
                    index.remove([f"{turn - 1}.{place}" for place in range(3)])
    os.waitpid(child, 0)
    os.write(1, b"gone\\n")
"""


def test_a_kill_leaves_the_old_or_the_new_state(path: Path) -> None:
    chance = random.Random(3)
    turn = 0
    with subprocess.Popen(
        [sys.executable, "-c", NURSERY, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as nursery:
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        for _ in range(20):
            nursery.stdin.write(f"{turn}\n")
            nursery.stdin.flush()
            writer = int(nursery.stdout.readline())
            time.sleep(chance.uniform(0.0, 0.1))
            os.kill(writer, signal.SIGKILL)
            assert nursery.stdout.readline() == "gone\n"
            with DuplicateIndex.load(path) as index:
                index.verify()
                turns = Counter(case.suggestion.id.partition(".")[0] for case in index.cases())
                assert (turns.pop("lights"), turns.pop("food")) == (1, 1)
                assert set(turns.values()) <= {3}, "a change is whole"
                assert found(index) == ["lights"]
            turn = max(map(int, turns), default=-1) + 1
        nursery.stdin.close()
    assert turn > 20


def test_another_process_adds_while_this_one_asks(path: Path) -> None:
    with (
        DuplicateIndex.load(path) as index,
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), "0"], stdout=subprocess.PIPE, text=True) as child,
    ):
        assert child.stdout is not None
        child.stdout.readline()
        until = time.monotonic() + 1.5
        asked = 0
        while time.monotonic() < until or (len(index) <= 2 and time.monotonic() < until + 30):
            assert found(index) == ["lights"]
            asked += 1
        child.kill()
        child.wait()
        assert asked > 5
        assert len(index) > 2
        assert len(json.dumps(index.info(), ensure_ascii=False)) > 10
