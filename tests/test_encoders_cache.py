"""Kept vectors: the same to the last bit, asked for once, safe in a file."""

from __future__ import annotations

import copy
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import CountingEncoder, Said
from triage import EncoderError, InputError, StorageError, Suggestion, Triager
from triage.catalogue import Catalogue
from triage.datasets import read_cases
from triage.encoders import cache as caching
from triage.encoders.cache import CachedEncoder, cached_encoder
from triage.learning.train import train

ROOT = Path(__file__).resolve().parent.parent
TEXTS = ["路灯坏了", "增设公交", "路灯坏了", "", "修缮文物古迹", "坏\ud800字"]


def encoder(name: str = "a") -> CountingEncoder:
    return CountingEncoder(name, 8)


@given(st.lists(st.lists(st.text(max_size=5), max_size=8), max_size=5))
def test_whatever_is_asked_comes_as_from_the_encoder(asked: list[list[str]]) -> None:
    counting = encoder()
    kept = CachedEncoder(counting)
    for texts in asked:
        np.testing.assert_array_equal(kept.encode(texts), encoder().encode(texts))
    seen = [text.encode("utf-8", "replace") for text in counting.seen]
    assert len(seen) == len(set(seen)) == len(kept)


def test_a_file_keeps_them_for_the_next_time(tmp_path: Path) -> None:
    first = CachedEncoder(encoder(), tmp_path / "vectors")
    wanted = first.encode(TEXTS)
    first.close()
    counting = encoder()
    again = CachedEncoder(counting, tmp_path / "vectors")
    np.testing.assert_array_equal(again.encode(TEXTS[::-1]), wanted[::-1])
    assert counting.seen == []
    assert again.encode(TEXTS).dtype == np.float32
    assert again.encode([]).shape == (0, 8)


def test_encoders_share_a_file_and_no_vector(tmp_path: Path) -> None:
    one, other = (CachedEncoder(encoder(name), tmp_path / "vectors") for name in "ab")
    one.encode(TEXTS)
    assert (len(one), len(other)) == (5, 0)
    other.encode(TEXTS[:1])
    assert (len(one), len(other)) == (5, 1)


def test_no_text_stands_in_the_file(tmp_path: Path) -> None:
    CachedEncoder(encoder(), tmp_path / "vectors").encode(["幸福路的路灯坏了"])
    assert "幸福".encode() not in (tmp_path / "vectors").read_bytes()


def test_it_is_an_encoder_like_any_other() -> None:
    counting = encoder("print")
    kept = CachedEncoder(counting)
    assert (kept.fingerprint, kept.dimension, kept.encoder) == ("print", 8, counting)
    assert copy.deepcopy(kept) is kept


def test_progress_counts_different_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching, "PART", 2)
    kept = CachedEncoder(encoder())
    kept.encode(TEXTS[:1])
    told: list[tuple[int, int]] = []
    kept.encode(TEXTS, lambda done, total: told.append((done, total)))
    assert told[0] == (1, 5)
    assert told[-1] == (5, 5)
    assert told == sorted(told)


def test_what_was_encoded_before_a_stop_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching, "PART", 2)

    class Stopping(CountingEncoder):
        def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> Any:
            if len(self.seen) >= 2:
                raise KeyboardInterrupt
            return super().encode(texts, progress)

    with pytest.raises(KeyboardInterrupt):
        CachedEncoder(Stopping("a", 8), tmp_path / "vectors").encode(TEXTS)
    assert len(CachedEncoder(encoder(), tmp_path / "vectors")) == 2


def test_threads_may_ask_at_once(tmp_path: Path) -> None:
    kept = CachedEncoder(encoder(), tmp_path / "vectors")
    texts = [f"第{number}条路" for number in range(60)]
    found: dict[int, Any] = {}
    threads = [threading.Thread(target=lambda n=n: found.update({n: kept.encode(texts[n:])})) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for start, vectors in found.items():
        np.testing.assert_array_equal(vectors, encoder().encode(texts[start:]))
    assert len(kept) == 60


def test_processes_may_make_and_fill_one_file_at_once(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom tests.conftest import CountingEncoder\nfrom triage.encoders.cache import CachedEncoder\n"
        "kept = CachedEncoder(CountingEncoder('a', 8), sys.argv[1])\n"
        "kept.encode([f'第{n}条路' for n in range(int(sys.argv[2]), 40)])\nprint(len(kept))"
    )
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "vectors"), str(start)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for start in (0, 20, 39)
    ]
    for run in runs:
        _, told = run.communicate(timeout=120)
        assert run.returncode == 0, told.decode()
    assert len(CachedEncoder(encoder(), tmp_path / "vectors")) == 40


def changed(path: Path, order: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(order)
    connection.close()


@pytest.mark.parametrize(
    "order",
    [
        "UPDATE vectors SET vector = zeroblob(32)",
        "UPDATE vectors SET vector = zeroblob(4)",
        "UPDATE vectors SET crc = crc + 1",
    ],
)
def test_a_changed_vector_is_found(tmp_path: Path, order: str) -> None:
    CachedEncoder(encoder(), tmp_path / "vectors").encode(TEXTS)
    changed(tmp_path / "vectors", order)
    with pytest.raises(EncoderError, match="a vector was changed"):
        CachedEncoder(encoder(), tmp_path / "vectors").encode(TEXTS)


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text("标题,主办单位\n路灯,城管局\n", encoding="utf-8")
    with pytest.raises(EncoderError, match=r"cases\.csv: is no cache of sentence vectors"):
        CachedEncoder(encoder(), tmp_path / "cases.csv")
    assert (tmp_path / "cases.csv").read_text(encoding="utf-8").startswith("标题")
    changed(tmp_path / "other", "CREATE TABLE mine (a)")
    with pytest.raises(EncoderError, match="other: is no cache of sentence vectors"):
        CachedEncoder(encoder(), tmp_path / "other")
    CachedEncoder(encoder(), tmp_path / "vectors")
    changed(tmp_path / "vectors", "CREATE TRIGGER t AFTER INSERT ON vectors BEGIN DELETE FROM vectors; END")
    with pytest.raises(EncoderError, match="vectors: format 1"):
        CachedEncoder(encoder(), tmp_path / "vectors")
    changed(tmp_path / "newer", f"PRAGMA application_id = {caching.APPLICATION}")
    changed(tmp_path / "newer", "PRAGMA user_version = 2")
    with pytest.raises(EncoderError, match="newer: format 2, this version of triage reads 1"):
        CachedEncoder(encoder(), tmp_path / "newer")


def test_a_cut_file_is_told(tmp_path: Path) -> None:
    kept = CachedEncoder(CountingEncoder("a", 400), tmp_path / "vectors")
    kept.encode([f"第{number}条路" for number in range(50)])
    kept.close()
    whole = (tmp_path / "vectors").read_bytes()
    (tmp_path / "vectors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises((EncoderError, StorageError), match="vectors"):
        CachedEncoder(CountingEncoder("a", 400), tmp_path / "vectors").encode([f"第{n}条路" for n in range(50)])


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be opened or written"):
        CachedEncoder(encoder(), tmp_path / "no folder" / "vectors")
    with pytest.raises(InputError, match="is a folder"):
        CachedEncoder(encoder(), tmp_path)


@pytest.mark.machine
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the user may write everywhere")
def test_a_file_without_rights_is_told(tmp_path: Path) -> None:
    CachedEncoder(encoder(), tmp_path / "vectors").close()
    (tmp_path / "vectors").chmod(0o400)
    with pytest.raises(StorageError, match="cannot be opened or written"):
        CachedEncoder(encoder(), tmp_path / "vectors").encode(TEXTS)


def test_a_folder_is_opened_once(encoder_folder: Path, tmp_path: Path) -> None:
    one = cached_encoder(encoder_folder)
    assert cached_encoder(str(encoder_folder)) is one
    assert cached_encoder(encoder_folder, tmp_path / "vectors") is not one
    assert one.manifest.dimension == one.dimension
    plain: Any = one.encoder
    np.testing.assert_array_equal(one.encode(TEXTS), plain.encode(TEXTS))


def test_a_model_is_the_same_with_and_without(
    tmp_path: Path, counting: CountingEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("triage.learning.labels.starter_catalogue", lambda: Catalogue((), (), ()))
    cases = read_cases(ROOT / "examples" / "cases.csv")[:60]
    counting.manifest = type("Manifest", (), {"name": "counting"})()  # type: ignore[attr-defined]
    plain: Any = counting
    wanted = train(cases, sentence=plain).to_parts()
    for _ in range(2):
        made = train(cases, sentence=CachedEncoder(counting, tmp_path / "vectors")).to_parts()
        for name, part in wanted.items():
            assert made[name].data == part.data
            for key, array in part.arrays.items():
                np.testing.assert_array_equal(made[name].arrays[key], array)


def test_the_command_keeps_vectors(tmp_path: Path, encoder_folder: Path, command: Callable[..., Said]) -> None:
    (tmp_path / "cases.csv").write_text("标题,主办单位\n增设路灯,城管局\n增设公交,交通局\n", encoding="utf-8")
    (tmp_path / "place").mkdir()
    (tmp_path / "place" / "units.csv").write_text("code,name,duties\na,城管局,路灯\nb,交通局,公交\n", encoding="utf-8")
    cache = tmp_path / "vectors"
    kept = []
    for number in range(2):
        said = command(
            *("train", tmp_path / "cases.csv", "--catalogue", tmp_path / "place", "--encoder", encoder_folder),
            *("--cache", cache, "--out", tmp_path / str(number)),
        )
        assert said.code == 0, said.err
        kept.append(len(cached_encoder(encoder_folder, cache)))
    assert kept == [4, 4]
    one, two = (Triager.load(tmp_path / str(number), encoder_folder) for number in range(2))
    asked = [Suggestion(title="关于增设路灯的建议")]
    assert one.triage(asked)[0].lead == two.triage(asked)[0].lead
    said = command("train", tmp_path / "cases.csv", "--cache", tmp_path / "cases.csv", "--out", tmp_path / "bad")
    assert said.code == 2
    assert "is no cache of sentence vectors" in said.err
    assert not (tmp_path / "bad").exists()
