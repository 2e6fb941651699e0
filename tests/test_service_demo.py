"""The demo data: it goes into a memory once, whole, and its units and topics are those of the starter catalogue."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from sqlalchemy import func, select

from service import demo
from service.store.migrate import upgrade
from service.store.store import Store
from service.store.tables import CLOSED, DECIDED, OPEN, DecisionRow, OutcomeRow, ReturnRow, SuggestionRow
from triage.catalogue import starter_catalogue


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'service.db'}")
    upgrade(store)
    yield store
    store.close()


def rows(name: str) -> list[dict[str, str]]:
    with (files("service.demo") / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_it_goes_in_whole_and_once(memory: Store) -> None:
    assert demo.seed(memory) == len(rows("suggestions")) == 41
    assert demo.seed(memory) == 0
    with memory.read() as session:
        for table, name in ((SuggestionRow, "suggestions"), (DecisionRow, "decisions"), (ReturnRow, "returns")):
            assert session.scalar(select(func.count()).select_from(table)) == len(rows(name)), name
        assert session.scalar(select(func.count()).select_from(OutcomeRow)) == len(rows("outcomes"))
        states = dict(session.execute(select(SuggestionRow.state, func.count()).group_by(SuggestionRow.state)).all())
        assert states.keys() == {OPEN, DECIDED, CLOSED}
        assert min(states.values()) >= 5
        hidden = session.scalars(select(SuggestionRow).where(SuggestionRow.confidential)).all()
        assert [row.ref for row in hidden] == ["QZ2024-1302"]


def test_what_was_sent_back_was_decided_anew(memory: Store) -> None:
    demo.seed(memory)
    with memory.read() as session:
        for sent in session.scalars(select(ReturnRow)):
            row = session.get_one(SuggestionRow, sent.suggestion_id)
            made = session.scalars(select(DecisionRow).where(DecisionRow.suggestion_id == row.id)).all()
            first, second = sorted(made, key=lambda decision: decision.number)
            assert sent.unit in first.lead
            assert sent.unit not in second.lead
            assert sent.day is not None
            assert first.day is not None
            assert second.day is not None
            assert first.day < sent.day < second.day
            assert row.decision == second.number == 2


def test_its_units_and_topics_are_those_of_the_starter_catalogue() -> None:
    catalogue = starter_catalogue()
    units = {unit.name for unit in catalogue.units}
    topics = {topic.name for topic in catalogue.topics}
    for row in rows("decisions"):
        assert set(filter(None, f"{row['lead']};{row['co']}".split(";"))) <= units, row
        assert set(filter(None, row["topics"].split(";"))) <= topics, row
    for row in [*rows("returns"), *rows("suggestions")]:
        assert {row.get("unit") or row.get("wish") or "教育局"} <= units, row
    assert {row["source"] for row in rows("suggestions")} == {"人大", "政协", "群众"}
