"""Lists of the memory: filters, orders, and cursors that stay right while rows are added and changed."""

from __future__ import annotations

import base64
import json
from datetime import date as Date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.store import decisions, suggestions
from service.store.errors import AlreadyThere, Changed, NotThere
from service.store.listing import ORDERS, Filter, page
from service.store.store import Store
from triage.errors import InputError
from triage.records import Suggestion

LAMP = Suggestion("lamp", "老街路灯坏了", "晚上看不见路。", "热线", "", Date(2025, 3, 4))
BUS = Suggestion("bus", "增设公交站台", "没有公交；路灯倒是有。", "人大", "十八届四次", Date(2025, 2, 18), ("林秋水",))
NOISE = Suggestion("noise", "广场舞太吵", "每天放到十点半。", "群众", "", None, (), "公安局", True)


@pytest.fixture
def filled(store: Store) -> Store:
    with store.write("test") as writing:
        rows = [suggestions.create(writing, one) for one in (LAMP, BUS, NOISE)]
        decisions.decide(writing, rows[0], lead=["住建局"], co=["财政局"], topics=["市政"], expected=0)
        decisions.decide(writing, rows[1], lead=["交通局"], co=["住建局"], topics=["公交"], expected=0)
        decisions.record_outcome(writing, rows[1], outcome="A")
    return store


def refs(store: Store, chosen: Filter, **asked: Any) -> list[str]:
    with store.read() as session:
        return [row.ref for row in page(session, chosen, **({"confidential": True} | asked)).rows]


@pytest.mark.parametrize(
    ("chosen", "wanted"),
    [
        (Filter(), ["noise", "bus", "lamp"]),
        (Filter(states=("open",)), ["noise"]),
        (Filter(states=("decided", "closed")), ["bus", "lamp"]),
        (Filter(sources=("热线", "群众")), ["noise", "lamp"]),
        (Filter(sessions=("十八届四次",)), ["bus"]),
        (Filter(units=("住建局",)), ["bus", "lamp"]),
        (Filter(units=("住建局",), role="lead"), ["lamp"]),
        (Filter(units=("住建局",), role="co"), ["bus"]),
        (Filter(units=("交通局", "财政局")), ["bus", "lamp"]),
        (Filter(role="co"), ["bus", "lamp"]),
        (Filter(topics=("公交",)), ["bus"]),
        (Filter(since=Date(2025, 3, 4)), ["lamp"]),
        (Filter(until=Date(2025, 3, 3)), ["bus"]),
        (Filter(since=Date(2025, 2, 18), until=Date(2025, 3, 4)), ["bus", "lamp"]),
        (Filter(words="路灯"), ["bus", "lamp"]),
        (Filter(refs=("bus", "noise", "gone")), ["noise", "bus"]),
        (Filter(refs=(*(f"x-{n}" for n in range(19_999)), "lamp")), ["lamp"]),
        (Filter(refs=("gone",)), []),
        (Filter(words="路灯", states=("closed",)), ["bus"]),
        (Filter(words="十点半"), ["noise"]),
        (Filter(confidential=True), ["noise"]),
        (Filter(confidential=False), ["bus", "lamp"]),
        (Filter(sources=("没有",)), []),
    ],
)
def test_what_is_asked_for_comes_and_nothing_else(filled: Store, chosen: Filter, wanted: list[str]) -> None:
    assert refs(filled, chosen) == wanted
    assert refs(filled, chosen, confidential=False) == [ref for ref in wanted if ref != "noise"]


@pytest.mark.parametrize(
    ("order", "wanted"),
    [
        ("newest", ["bus", "lamp"]),
        ("oldest", ["lamp", "bus"]),
        ("changed", ["lamp", "bus"]),
        ("relevance", ["lamp", "bus"]),
    ],
)
def test_orders(filled: Store, order: str, wanted: list[str]) -> None:
    assert refs(filled, Filter(words="路灯"), order=order) == wanted


def test_the_order_of_changes_moves_what_is_changed_to_the_end(filled: Store) -> None:
    assert refs(filled, Filter(), order="changed")[-1] == "bus"  # its outcome came last
    with filled.write("test") as writing:
        row = suggestions.find(writing.session, "lamp", confidential=False)
        suggestions.revise(writing, row, Suggestion(title="路灯又坏了"), 1)
    assert refs(filled, Filter(), order="changed")[-1] == "lamp"


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.sampled_from(ORDERS),
    limit=st.integers(1, 4),
    titled=st.lists(st.booleans(), min_size=1, max_size=9),
    added=st.integers(0, 2),
)
def test_pages_together_are_the_list_though_rows_are_added(
    store: Store, order: str, limit: int, titled: list[bool], added: int
) -> None:
    with store.write("test") as writing:
        seen = len(refs_of(writing.session, order))
        for place, in_title in enumerate(titled):
            title, text = ("路灯", "") if in_title else ("别的", "路灯")
            suggestions.create(writing, Suggestion(f"{seen}-{place}-{suggestions.made_ref()}", title, text))
    chosen = Filter(words="路灯")
    with store.read() as session:
        whole = refs_of(session, order)
    found: list[str] = []
    cursor = ""
    while True:
        with store.read() as session:
            some = page(session, chosen, cursor, limit, confidential=True, order=order)
        found += [row.ref for row in some.rows]
        cursor = some.next
        if not cursor:
            break
        for _ in range(added if len(found) < 20 else 0):
            with store.write("test") as writing:
                suggestions.create(writing, Suggestion(title="路灯"))
    assert [ref for ref in found if ref in whole] == whole
    assert len(set(found)) == len(found)


def refs_of(session: Any, order: str) -> list[str]:
    found, cursor = [], ""
    while True:
        some = page(session, Filter(words="路灯"), cursor, 200, confidential=True, order=order)
        found += [row.ref for row in some.rows]
        cursor = some.next
        if not cursor:
            return found


@pytest.mark.parametrize(
    ("chosen", "asked", "said"),
    [
        (Filter(states=("lost",)), {}, "state 'lost'"),
        (Filter(role="boss"), {}, "role 'boss'"),
        (Filter(units=("a\x00",)), {}, "U.0000"),
        (Filter(since=Date(2025, 2, 1), until=Date(2025, 1, 1)), {}, "has no day"),
        (Filter(), {"order": "best"}, "order 'best'"),
        (Filter(), {"order": "relevance"}, "needs words"),
        (Filter(), {"limit": 0}, "allowed are 1 to 500"),
        (Filter(), {"limit": 501}, "allowed are 1 to 500"),
        (Filter(words="。"), {}, "no letter and no digit"),
    ],
)
def test_a_list_that_cannot_be_meant_is_refused(
    sqlite_store: Store, chosen: Filter, asked: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        refs(sqlite_store, chosen, **asked)


@pytest.mark.parametrize(
    "forge",
    [
        lambda mark, _: [mark, "1"],
        lambda mark, _: [mark, True],
        lambda mark, _: [mark, 2**63],
        lambda mark, _: [mark],
        lambda mark, _: [mark, 1, 1],
        lambda mark, _: {"mark": mark},
        lambda _, value: ["else", value],
    ],
)
def test_a_cursor_that_was_made_up_is_refused(filled: Store, forge: Any) -> None:
    with filled.read() as session:
        mark, value = json.loads(
            base64.urlsafe_b64decode(page(session, Filter(), limit=1, confidential=True).next + "==")
        )
        forged = base64.urlsafe_b64encode(json.dumps(forge(mark, value)).encode()).decode()
        with pytest.raises(InputError, match="belongs to no list"):
            page(session, Filter(), forged, confidential=True)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_cursor_of_a_moment_that_is_none_is_refused(filled: Store, moment: str) -> None:
    with filled.read() as session:
        real = page(session, Filter(), limit=1, confidential=True, order="changed").next
        mark, _, number = json.loads(base64.urlsafe_b64decode(real + "=="))
        forged = base64.urlsafe_b64encode(json.dumps([mark, moment, number]).encode()).decode()
        with pytest.raises(InputError, match="belongs to no list"):
            page(session, Filter(), forged, confidential=True, order="changed")


def test_a_cursor_belongs_to_its_filter_and_order(filled: Store) -> None:
    with filled.read() as session:
        cursor = page(session, Filter(), limit=1, confidential=True).next
        for chosen, order in ((Filter(states=("open",)), "newest"), (Filter(), "oldest"), (Filter(), "changed")):
            with pytest.raises(InputError, match="belongs to no list"):
                page(session, chosen, cursor, confidential=True, order=order)
        for broken in ("x", "=", "路灯", cursor[:-3], "A" * 500):
            with pytest.raises(InputError, match="belongs to no list"):
                page(session, Filter(), broken, confidential=True)


def test_a_suggestion_comes_back_as_it_was_handed_in(store: Store) -> None:
    sent = Suggestion(
        "一 二#?%", " 路\u3000燈 \n", "𠀀\u200bé", "热线", "十届", Date(2025, 2, 28), ("甲", "乙"), "局", True
    )
    with store.write("test") as writing:
        suggestions.create(writing, sent)
    with store.read() as session:
        row = suggestions.find(session, sent.id, confidential=True)
        assert suggestions.suggestion_of(row) == sent
        [version] = suggestions.versions_of(session, row)
        assert version.content == suggestions.content_of(sent)
        with pytest.raises(NotThere):
            suggestions.find(session, sent.id, confidential=False)
        with pytest.raises(NotThere):
            suggestions.find(session, "a\x00", confidential=True)


def test_ids_and_versions_are_guarded(filled: Store) -> None:
    with filled.write("test") as writing:
        with pytest.raises(AlreadyThere):
            suggestions.create(writing, LAMP)
        row = suggestions.find(writing.session, "lamp", confidential=False)
        with pytest.raises(Changed) as stale:
            suggestions.revise(writing, row, Suggestion(title="新"), 0)
        assert stale.value.current["version"] == 1
        assert suggestions.revise(writing, row, LAMP, 1).version == 1
        assert "坏了" not in str(stale.value)


@pytest.mark.parametrize(
    ("suggestion", "said"),
    [
        (Suggestion("x" * 201, "路灯"), "201 characters; 200"),
        (Suggestion("a/b", "路灯"), "cannot be kept"),
        (Suggestion("..", "路灯"), "cannot be kept"),
        (Suggestion("a", "路\x00灯"), "title holds the character U.0000"),
        (Suggestion("a", text="路\ud83d"), "text: character 2 is half of a surrogate pair"),
        (Suggestion("a", "路", source="s" * 201), "source has 201 characters"),
        (Suggestion("a", "路", wish="\x00"), "wish holds"),
        (Suggestion("a", "路", proposers=("好", "s" * 201)), "proposers/1 has 201"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_is_there(store: Store, suggestion: Suggestion, said: str) -> None:
    with pytest.raises(InputError, match=said), store.write("test") as writing:
        suggestions.create(writing, suggestion)
    assert refs(store, Filter()) == []
