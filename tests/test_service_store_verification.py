"""The trail: whatever is changed behind its back is found, and what the retention rules take away is no damage."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from service.store import decisions, suggestions
from service.store.columns import now
from service.store.store import Store
from service.store.tables import Assignment, DecisionRow, SuggestionRow, VersionRow
from service.store.tables_service import TrailHead, TrailRow
from service.store.verification import Verified, verify
from triage.records import Suggestion


def fill(store: Store) -> None:
    """Two suggestions, one of them handed in anew and decided twice: five entries."""
    with store.write("clerk") as writing:
        row = suggestions.create(writing, Suggestion("s1", "路灯不亮", "东门外的路灯坏了三盏。"))
        suggestions.create(writing, Suggestion("s2", "增设公交站", "小区北门没有公交站。"))
    with store.write("clerk") as writing:
        row = suggestions.find(writing.session, "s1", confidential=True)
        suggestions.revise(writing, row, Suggestion("s1", "路灯不亮", "东门外的路灯坏了四盏。"), 1)
        decisions.decide(writing, row, lead=["城管局"], co=["住建局"], reason="职责", expected=0)
        decisions.decide(writing, row, lead=["住建局"], expected=1)


def verified(store: Store, **options: Any) -> Verified:
    with store.snapshot() as session:
        return verify(session, **options)


def change(store: Store, *statements: Any) -> None:
    with store.engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)


def test_an_empty_memory_is_whole(store: Store) -> None:
    assert verified(store) == Verified(0, 0, 0, 0, "0" * 64)


def test_the_beginning_may_be_kept_too(store: Store) -> None:
    assert verified(store, kept=(0, "0" * 64)).whole
    assert not verified(store, kept=(0, "a" * 64)).whole


def test_a_memory_that_was_written_is_whole(store: Store) -> None:
    fill(store)
    told: list[tuple[str, float]] = []
    found = verified(store, progress=lambda what, share: told.append((what, share)))
    assert found.whole
    assert (found.entries, found.head, found.wordings, found.decisions) == (5, 5, 3, 2)
    with store.read() as session:
        assert found.digest == session.get_one(TrailHead, 1).digest
    assert all(0 <= share <= 1 for _, share in told)


ENTRY = update(TrailRow).where(TrailRow.seq == 3)
WORDING = update(VersionRow).where(VersionRow.number == 2)
DECISION = update(DecisionRow).where(DecisionRow.number == 1)
S1 = select(SuggestionRow.id).where(SuggestionRow.ref == "s1").scalar_subquery()
S2 = update(SuggestionRow).where(SuggestionRow.ref == "s2")
# What is done, the entry that is named, and why.
TAMPERED: dict[str, tuple[Any, int | None, str]] = {
    "actor": (ENTRY.values(actor="another"), 3, "not what its digest says"),
    "action": (ENTRY.values(action="suggestion.created"), 3, "not what its digest says"),
    "subject": (ENTRY.values(subject="s2"), 3, "not what its digest says"),
    "details": (ENTRY.values(details={}), 3, "not what its digest says"),
    "time": (ENTRY.values(at=now() + timedelta(days=1)), 3, "not what its digest says"),
    "chain": (ENTRY.values(previous="1" * 64), 3, "not chained"),
    "left out": (delete(TrailRow).where(TrailRow.seq == 3), 4, "3 was to come"),
    "the first": (delete(TrailRow).where(TrailRow.seq == 1), 2, "1 was to come"),
    "the last": (delete(TrailRow).where(TrailRow.seq == 5), 5, "the head names entry 5"),
    "all": (delete(TrailRow), 5, "the head names entry 5"),
    "head": (update(TrailHead).values(digest="a" * 64), 5, "the head names"),
    "no head": (delete(TrailHead), None, "is not there"),
    "wording": (WORDING.values(content={"text": "别的"}), 3, "wording 2 is not what was noted"),
    "salt": (WORDING.values(salt="ab"), 3, "wording 2 is not what was noted"),
    "salt taken": (WORDING.values(salt=""), 3, "wording 2 is not what was noted"),
    "version number": (WORDING.values(number=7), None, "no entry of the trail tells of its wording 7"),
    "wording gone": (delete(VersionRow).where(VersionRow.number == 2), 3, "wording of this entry is not there"),
    "decision": (DECISION.values(lead=["公安局"]), 4, "decision 1 is not what was noted"),
    "reason": (DECISION.values(reason=""), 4, "decision 1 is not what was noted"),
    "decision gone": (delete(DecisionRow).where(DecisionRow.number == 1), 4, "decision of this entry is not there"),
    "suggestion gone": (
        delete(SuggestionRow).where(SuggestionRow.ref == "s2"),
        2,
        "wording of this entry is not there",
    ),
    "current text": (S2.values(text="换了"), None, "lists and searches"),
    "current kind": (S2.values(confidential=True), None, "lists and searches"),
    "units": (update(Assignment).values(unit="公安局"), None, "the units in lists"),
    "units gone": (delete(Assignment), None, "the units in lists"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_what_is_changed_behind_its_back_is_found(store: Store, name: str) -> None:
    fill(store)
    statement, seq, reason = TAMPERED[name]
    change(store, statement)
    found = verified(store)
    assert found.broken is not None
    assert reason in found.broken.reason
    assert found.broken.seq == seq


def test_a_row_that_no_entry_tells_of_is_found(store: Store) -> None:
    fill(store)
    row = {"number": 9, "content": {}, "salt": "aa", "digest": "bb", "actor": "nobody"}
    with store.engine.begin() as connection:
        connection.execute(insert(VersionRow).values(suggestion_id=S1, **row))
    found = verified(store)
    assert found.broken is not None
    assert (found.broken.seq, found.broken.subject) == (None, "s1")


def test_a_whole_new_chain_is_found_by_what_was_kept_elsewhere(store: Store) -> None:
    fill(store)
    kept = verified(store)
    assert verified(store, kept=(kept.head, kept.digest)).whole
    change(store, delete(SuggestionRow), delete(TrailRow), update(TrailHead).values(seq=0, digest="0" * 64))
    assert verified(store).whole
    shorter = verified(store, kept=(kept.head, kept.digest)).broken
    assert shorter is not None
    assert "is gone" in shorter.reason
    fill(store)
    other = verified(store, kept=(kept.head, kept.digest)).broken
    assert other is not None
    assert (other.seq, other.reason) == (kept.head, "its digest is not the one that was written down elsewhere")


def test_what_was_erased_is_no_damage(store: Store) -> None:
    fill(store)
    with store.write("retention") as writing:
        row = suggestions.find(writing.session, "s1", confidential=True)
        row.title = row.text = row.grams = ""
        writing.session.execute(
            update(VersionRow).where(VersionRow.suggestion_id == row.id).values(content={}, salt="")
        )
        decided = update(DecisionRow).where(DecisionRow.suggestion_id == row.id)
        writing.session.execute(decided.values(reason="", salt=""))
        writing.note("suggestion.erased", "s1")
    assert verified(store).whole
    change(store, update(VersionRow).values(salt=""))
    assert not verified(store).whole, "s2 was not erased"


def test_what_was_deleted_is_no_damage_and_may_come_again(store: Store) -> None:
    fill(store)
    with store.write("retention") as writing:
        writing.session.delete(suggestions.find(writing.session, "s1", confidential=True))
        writing.note("suggestion.deleted", "s1")
    assert verified(store).whole
    with store.write("clerk") as writing:
        suggestions.create(writing, Suggestion("s1", "另一件事"))
    assert verified(store).whole
    change(store, delete(SuggestionRow).where(SuggestionRow.ref == "s1"))
    assert not verified(store).whole


def _write(url: str, name: str, barrier: Any) -> None:
    store = Store(url, busy_seconds=60)
    barrier.wait(30)
    for number in range(25):
        with store.write(name) as writing:
            suggestions.create(writing, Suggestion(f"{name}-{number}", f"第{number}件"))
            writing.note("suggestion.triaged", f"{name}-{number}", answer=number)
    store.close()


def test_writers_in_several_processes_leave_no_gap(store: Store) -> None:
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(3)
    url = store.url.render_as_string(hide_password=False)
    writers = [context.Process(target=_write, args=(url, name, barrier)) for name in ("one", "two")]
    for writer in writers:
        writer.start()
    barrier.wait(30)
    while any(writer.is_alive() for writer in writers):
        assert verified(store).whole, "read beside the writers, it is whole at every moment"
    assert [writer.exitcode for writer in writers] == [0, 0]
    found = verified(store)
    assert (found.whole, found.entries, found.wordings) == (True, 100, 50)
    with store.read() as session:
        assert list(session.scalars(select(TrailRow.seq).order_by(TrailRow.seq))) == list(range(1, 101))


PLAIN = st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.text(st.characters(exclude_categories=["Cs"]))
DETAILS = st.dictionaries(
    st.text("abcdefg城管局2_", max_size=5), st.recursive(PLAIN, st.lists, max_leaves=5), max_size=4
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kept_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A memory that all examples write to."""
    from service.store.migrate import upgrade

    server = request.getfixturevalue("postgresql") if request.param == "postgresql" else None
    url = server.database() if server else f"sqlite:///{tmp_path_factory.mktemp('kept') / 'service.db'}"
    made = Store(url)
    upgrade(made)
    yield made
    made.close()
    if server:
        server.drop(url)


@given(details=DETAILS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_plain_details_come_back_as_they_were_chained(kept_store: Store, details: dict[str, Any]) -> None:
    if "\0" in repr(details) or "\\x00" in repr(details):
        return  # PostgreSQL keeps no U+0000; nothing that is noted has one
    with kept_store.write("test") as writing:
        writing.note("key.made", "k1", **details)
    assert verified(kept_store).whole


@pytest.mark.parametrize("details", [{"share": 0.5}, {"names": {1: "a"}}, {"units": {"a", "b"}}, {"list": [1, [2.0]]}])
def test_what_a_database_writes_down_differently_is_refused(store: Store, details: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a trail entry"), store.write("test") as writing:
        writing.note("key.made", "k1", **details)
    assert verified(store).entries == 0
