"""Candidates: read once, kept while there is room, gone when they are gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from triage.duplicates import candidates as module
from triage.duplicates.calibration import shipped
from triage.duplicates.candidates import Candidates
from triage.duplicates.entry import Entry
from triage.duplicates.reading import Reader
from triage.duplicates.sketch import DIMENSION
from triage.duplicates.store import Store
from triage.records import Case, Suggestion

SUGGESTIONS = [Suggestion(f"t{number}", f"修缮第{number}号桥") for number in range(8)]


@pytest.fixture(params=[False, True], ids=["wording", "encoder"])
def store(request: pytest.FixtureRequest, counting: Any) -> Iterator[Store]:
    name = counting.fingerprint if request.param else ""
    reader = Reader(shipped()[name], counting if request.param else None)
    width = counting.dimension if request.param else 1
    with Store.create(None, {}, dimension=DIMENSION, dense_dimension=width, encoder=name) as made:
        texts = reader.read(SUGGESTIONS)
        made.add(
            [
                Entry(Case(one.suggestion), one.vector, one.dense, one.profile.key, one.profile.to_json())
                for one in texts
            ]
        )
        yield made


def test_they_come_in_the_order_asked_for_and_are_read_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    entries = store.entries
    monkeypatch.setattr(store, "entries", lambda rows: read.extend(rows) or entries(rows))
    kept = Candidates(store)
    rows = store.rows()[[5, 0, 3]]
    for _ in range(2):
        there, profiles, dense = kept.of(rows)
        assert there == rows.tolist()
        assert [profile.title for profile in profiles] == [SUGGESTIONS[place].title for place in (5, 0, 3)]
        assert (dense is None) is (not store.encoder)
        if dense is not None:
            assert np.array_equal(dense, entries(rows).dense)
    assert read == rows.tolist()


def test_more_than_there_is_room_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 3)
    kept = Candidates(store)
    rows = store.rows()
    for some in (rows[:3], rows[2:5], rows, rows[4:6], rows[::-1]):
        there, profiles, dense = kept.of(some)
        assert there == some.tolist()
        assert [profile.title for profile in profiles] == [store.cases([row])[0].suggestion.title for row in there]
        assert dense is None or len(dense) == len(there)


def test_what_is_gone_is_left_out(store: Store) -> None:
    kept = Candidates(store)
    rows = store.rows()
    kept.of(rows[:4])
    store.remove(["t0", "t7"])
    kept.forget(rows[:1].tolist())
    there, profiles, dense = kept.of(rows)
    assert there == rows[1:7].tolist()
    assert len(profiles) == 6
    assert dense is None or len(dense) == 6
    assert kept.of(np.empty(0, np.int64)) == ([], [], None)
