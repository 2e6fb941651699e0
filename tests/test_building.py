"""Indexes of many cases: in parts, checked beforehand, a new file whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.duplicates import building
from triage.duplicates.building import add_cases, build_index
from triage.duplicates.hits import Changed
from triage.duplicates.index import DuplicateIndex
from triage.errors import InputError, StorageError
from triage.records import Case, Suggestion

ROADS = "青石 白岩 柳树 江湾 文昌 东湖 北门".split()
CASES = [Case(Suggestion(f"R{n}", f"关于修补{road}路路面的建议"), ("交通运输局",)) for n, road in enumerate(ROADS)]


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "PART", 3)


def test_a_new_file_holds_all_cases_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    said: list[tuple[int, int]] = []
    changed = build_index(tmp_path / "a.index", CASES, progress=lambda done, total: said.append((done, total)))
    assert changed == Changed(7, 0, 0)
    assert said[-1] == (7, 7)
    assert [done for done, _ in said] == sorted(done for done, _ in said)
    assert [path.name for path in tmp_path.iterdir()] == ["a.index"]
    with DuplicateIndex.load(tmp_path / "a.index") as index:
        assert index.cases() == CASES


def test_a_file_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.index").write_bytes(b"mine")
    with pytest.raises(StorageError, match="exists already"):
        build_index(tmp_path / "a.index", CASES)
    assert (tmp_path / "a.index").read_bytes() == b"mine"


@pytest.mark.parametrize("wrong", [InputError("no"), KeyboardInterrupt()])
def test_a_build_that_stops_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: BaseException
) -> None:
    def stop(done: int, total: int) -> None:
        if done >= 3:
            raise wrong

    with pytest.raises(type(wrong)):
        build_index(tmp_path / "a.index", CASES, progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_all_are_checked_before_the_first_is_stored() -> None:
    with DuplicateIndex.create() as index:
        index.add(CASES[:1])
        other = Case(Suggestion("R0", "关于拓宽青石路的建议"))
        with pytest.raises(InputError, match="R0: in the index already, with another text"):
            add_cases(index, [*CASES[1:], other])
        with pytest.raises(InputError, match="R5: more than once"):
            add_cases(index, [*CASES[1:], CASES[5]])
        assert len(index) == 1


def test_adding_goes_on_where_it_was_stopped() -> None:
    def stop(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with DuplicateIndex.create() as index:
        with pytest.raises(KeyboardInterrupt):
            add_cases(index, CASES, stop)
        assert len(index) == 3
        assert add_cases(index, CASES) == Changed(4, 0, 3)
