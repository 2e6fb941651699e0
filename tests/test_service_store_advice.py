"""The latest advice beside the suggestion: what lists tell of it, choose by and order by, and what the step fills."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import insert, inspect, literal, select

from service.store import advice, migrate, suggestions
from service.store.listing import Filter, page
from service.store.migrations.versions import r0002_advice
from service.store.store import Store
from service.store.suggestions import create, find, keep_answer, revise
from service.store.tables import AnswerRow, SuggestionRow, VersionRow
from triage import InputError, Suggestion

ANSWER: dict[str, Any] = {
    "id": "RD-1",
    "topics": [
        {"name": "城建", "score": 0.9, "path": ["城建"]},
        {"name": "路灯", "score": 0.8, "path": ["城建", "路灯"]},
    ],
    "lead": [{"unit": "城管局", "score": 0.75}, {"unit": "交通局", "score": 0.25}],
    "co": [{"unit": "财政局", "score": 0.6}, {"unit": "公安局", "score": 0.1}, {"unit": "城管局", "score": 0.5}],
    "mode": "joint",
    "decision": "choose",
    "matters": [],
    "jurisdiction": {"area": "0102", "name": "林溪镇", "path": ["永宁县", "林溪镇"]},
}
SOLE = ANSWER | {"mode": "sole", "decision": "suggest"}
SPLIT = ANSWER | {
    "mode": "split",
    "decision": "coordinate",
    "matters": [{"text": "", "lead": [{"unit": unit, "score": 0.5}]} for unit in ("城管局", "水利局")],
    "jurisdiction": None,
}


def answered(store: Store, ref: str, answer: dict[str, Any] | None, **fields: Any) -> None:
    with store.write("key:one") as writing:
        row = create(writing, Suggestion(ref, "路灯不亮", **fields))
        if answer is not None:
            keep_answer(writing, row, answer, "model-1", "")


def told(store: Store, ref: str = "RD-1") -> dict[str, Any]:
    with store.read() as session:
        row = find(session, ref, confidential=True)
        names = ("promise", "sureness", "advised_lead", "advised_leads", "advised_co", "advised_mode")
        return {name: getattr(row, name) for name in (*names, "advised_topic", "zone")}


def refs(store: Store, chosen: Filter | None = None, limit: int = 50, **asked: Any) -> list[str]:
    """All pages of a list."""
    found: list[str] = []
    with store.read() as session:
        cursor = ""
        while True:
            some = page(session, chosen or Filter(), cursor, limit, **{"confidential": True, "order": "unsure"} | asked)
            found += [row.ref for row in some.rows]
            cursor = some.next
            if not cursor:
                return found


def test_the_latest_answer_is_told_beside_the_suggestion(store: Store) -> None:
    answered(store, "RD-1", None)
    assert told(store)["promise"] == 0
    with store.write("key:one") as writing:
        row = find(writing.session, "RD-1", confidential=True)
        keep_answer(writing, row, SOLE, "model-1", "")
        last = keep_answer(writing, row, ANSWER, "model-1", "")
    assert told(store) == {
        "promise": advice.PROMISES.index("choose"),
        "sureness": 0.75,
        "advised_lead": "城管局",
        "advised_leads": ["城管局"],
        "advised_co": ["财政局"],
        "advised_mode": "joint",
        "advised_topic": "路灯",
        "zone": "林溪镇",
    }
    with store.read() as session:
        assert find(session, "RD-1", confidential=True).advised_answer == last.id


def test_helpers_and_parts_are_those_of_a_meetings_sheet(store: Store) -> None:
    answered(store, "sole", SOLE)
    answered(store, "split", SPLIT)
    assert (told(store, "sole")["advised_co"], told(store, "sole")["promise"]) == ([], 3)
    split = told(store, "split")
    assert (split["advised_lead"], split["advised_leads"], split["zone"]) == ("城管局", ["城管局", "水利局"], "")


def test_an_answer_without_units_and_names_that_are_too_long(store: Store) -> None:
    answered(store, "none", ANSWER | {"lead": [], "co": [], "topics": []})
    assert (told(store, "none")["advised_lead"], told(store, "none")["sureness"]) == ("", 0.0)
    long = [{"unit": "长" * 300, "score": 1}]
    answered(store, "long", ANSWER | {"lead": long, "jurisdiction": {"name": "镇" * 300}})
    assert (len(told(store, "long")["advised_lead"]), len(told(store, "long")["zone"])) == (200, 200)
    assert told(store, "long")["sureness"] == 1.0


def test_what_was_said_of_a_confidential_wording_is_not_told_of_an_open_one(store: Store) -> None:
    answered(store, "RD-1", ANSWER, confidential=True)
    assert told(store)["advised_lead"] == "城管局", "who sees the suggestion may see it"
    with store.write("key:one") as writing:
        row = find(writing.session, "RD-1", confidential=True)
        revise(writing, row, Suggestion("RD-1", "路灯"), 1)
        assert row.promise == 0
        keep_answer(writing, row, SOLE, "model-1", "", version=1)
    assert (told(store)["promise"], told(store)["zone"], told(store)["advised_co"]) == (0, "", [])
    with store.write("key:one") as writing:
        keep_answer(writing, find(writing.session, "RD-1", confidential=True), SPLIT, "model-1", "")
    assert told(store)["advised_mode"] == "split"


def test_a_wording_that_opens_again_tells_what_was_said_of_an_open_one(store: Store) -> None:
    answered(store, "RD-1", ANSWER)
    with store.write("key:one") as writing:
        row = find(writing.session, "RD-1", confidential=True)
        revise(writing, row, Suggestion("RD-1", "路灯", confidential=True), 1)
        keep_answer(writing, row, SPLIT, "model-1", "")
        assert row.advised_mode == "split"
        revise(writing, row, Suggestion("RD-1", "灯"), 2)
    assert told(store)["advised_mode"] == "joint"


def scored(decision: str, score: float) -> dict[str, Any]:
    return ANSWER | {"decision": decision, "lead": [{"unit": "城管局", "score": score}]}


ROWS = {
    "s-high": scored("suggest", 0.97),
    "c-low": scored("choose", 0.3),
    "blank": None,
    "s-low": scored("suggest", 0.1 + 0.2),  # no number that is written short
    "k": scored("coordinate", 0.9),
    "c-high": scored("choose", 1.0),
    "c-same": scored("choose", 0.3),
    "blank-2": None,
}
IN_ORDER = ["blank", "blank-2", "k", "c-low", "c-same", "c-high", "s-low", "s-high"]


@pytest.fixture
def filled(store: Store) -> Store:
    for ref, answer in ROWS.items():
        answered(store, ref, answer, confidential=ref == "k")
    return store


@pytest.mark.parametrize("limit", [1, 2, 3, 8, 500])
def test_what_is_unsure_comes_first_on_whatever_pages(filled: Store, limit: int) -> None:
    assert refs(filled, limit=limit) == IN_ORDER
    assert refs(filled, limit=limit, confidential=False) == [ref for ref in IN_ORDER if ref != "k"]


def test_rows_that_come_meanwhile_neither_repeat_nor_hide(filled: Store) -> None:
    with filled.read() as session:
        first = page(session, Filter(), "", 4, confidential=True, order="unsure")
    answered(filled, "late", scored("suggest", 0.5))
    answered(filled, "late-blank", None)
    with filled.read() as session:
        rest = page(session, Filter(), first.next, 50, confidential=True, order="unsure")
    assert [row.ref for row in rest.rows] == ["c-same", "c-high", "s-low", "late", "s-high"]


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        (Filter(advice=("none",)), {"blank", "blank-2"}),
        (Filter(advice=("suggest",)), {"s-low", "s-high"}),
        (Filter(advice=("coordinate", "none")), {"k", "blank", "blank-2"}),
        (Filter(advised_units=("城管局",)), set(ROWS) - {"blank", "blank-2"}),
        (Filter(advised_units=("财政局",)), set()),
        (Filter(advised_topics=("路灯",), advice=("choose",)), {"c-low", "c-same", "c-high"}),
        (Filter(zones=("林溪镇", "别处"), advice=("coordinate",)), {"k"}),
        (Filter(zones=("别处",)), set()),
        (Filter(batches=("abc",)), set()),
        (Filter(units=("城管局",)), set()),
    ],
)
def test_lists_are_chosen_by_the_advice(filled: Store, chosen: Filter, found: set[str]) -> None:
    assert set(refs(filled, chosen)) == found
    assert set(refs(filled, chosen, order="newest")) == found


def test_what_a_job_stored_is_its_batch(store: Store) -> None:
    with store.write("key:one") as writing:
        create(writing, Suggestion("", "一"), "a", batch="5f0c2a9b")
        create(writing, Suggestion("", "二"), "b")
    assert refs(store, Filter(batches=("5f0c2a9b",))) == ["a"]


@pytest.mark.parametrize(
    ("chosen", "why"),
    [
        (Filter(advice=("maybe",)), "advice 'maybe' is not known; allowed are none, coordinate, choose, suggest"),
        (Filter(zones=("\x00",)), "U\\+0000"),
        (Filter(advised_units=("\x00",)), "U\\+0000"),
        (Filter(batches=("\x00",)), "U\\+0000"),
    ],
)
def test_a_filter_that_cannot_be_meant_is_refused(filled: Store, chosen: Filter, why: str) -> None:
    with pytest.raises(InputError, match=why):
        refs(filled, chosen)


@pytest.mark.parametrize("values", [[2, 0.5], [2, "0.5", 1], [2, 1, 1], [2, float("nan"), 1], [2, float("inf"), 1]])
def test_a_cursor_that_was_tampered_with_is_refused(filled: Store, values: list[Any]) -> None:
    with filled.read() as session:
        real = page(session, Filter(), "", 1, confidential=True, order="unsure").next
        mark = json.loads(base64.urlsafe_b64decode(real + "=="))[0]
        forged = base64.urlsafe_b64encode(json.dumps([mark, *values]).encode()).decode().rstrip("=")
        with pytest.raises(InputError, match="belongs to no list"):
            page(session, Filter(), forged, 1, confidential=True, order="unsure")
        with pytest.raises(InputError, match="belongs to no list"):
            page(session, Filter(), real, 1, confidential=True, order="newest")


# --- the step that adds it -------------------------------------------------------------------------------------------


@pytest.fixture
def older(bare_store: Store) -> Store:
    """A memory as the release before left it."""
    migrate.upgrade(bare_store, "r0001")
    return bare_store


OLD = (
    "id",
    "ref",
    "state",
    "version",
    "title",
    "source",
    "session",
    "day",
    "proposers",
    "wish",
    "confidential",
    "topic",
)
OLD += ("decision", "created_at", "changed_at", "title_grams", "text", "grams")


def put_old(store: Store, number: int, wordings: list[bool], answers: list[tuple[int, dict[str, Any]]]) -> None:
    """A row as it was: `wordings` says which were confidential, `answers` names the version of each."""
    moment = datetime(2025, 3, 1, tzinfo=UTC)
    values = {
        "id": number,
        "ref": f"RD-{number}",
        "state": "open",
        "version": len(wordings),
        "title": "路灯",
        "source": "人大",
        "session": "",
        "day": date(2025, 3, 1),
        "proposers": ["林"],
        "wish": "",
        "topic": "",
        "confidential": wordings[-1],
        "decision": 0,
        "created_at": moment,
        "changed_at": moment,
        "title_grams": "路灯 灯",
        "text": "夜里很黑",
        "grams": "路灯 灯",
    }
    table: Any = SuggestionRow.__table__
    with store.engine.begin() as connection:
        connection.execute(
            insert(table).from_select(
                OLD, select(*(_bound(table, name, values) for name in OLD)), include_defaults=False
            )
        )
        for place, confidential in enumerate(wordings, start=1):
            made = {"content": {"confidential": confidential}, "salt": "a", "digest": "b", "actor": "x", "at": moment}
            connection.execute(insert(VersionRow).values(suggestion_id=number, number=place, **made))
        for version, answer in answers:
            made = {"model": "m", "catalogue": "", "answer": answer, "actor": "x", "at": moment}
            connection.execute(insert(AnswerRow).values(suggestion_id=number, version=version, **made))


def _bound(table: Any, name: str, values: dict[str, Any]) -> Any:
    return literal(values[name], table.c[name].type)


def test_the_step_fills_what_was_answered(older: Store) -> None:
    put_old(older, 1, [False], [(1, SOLE), (1, ANSWER)])
    put_old(older, 2, [False], [])
    put_old(older, 3, [True, False], [(1, ANSWER)])
    put_old(older, 4, [False, True], [(1, SOLE), (2, SPLIT)])
    put_old(older, 5, [False, True, False], [(1, SOLE), (2, SPLIT)])
    put_old(older, 6, [False], [(1, {"lead": [{"unit": "水利局", "score": 0.5}]})])
    migrate.upgrade(older)
    migrate.check(older)
    found = {number: told(older, f"RD-{number}") for number in range(1, 7)}
    expected = {1: ANSWER, 2: None, 3: None, 4: SPLIT, 5: SOLE, 6: {"lead": [{"unit": "水利局", "score": 0.5}]}}
    for number, answer in expected.items():
        assert found[number] == {
            name: value for name, value in advice.columns_of(answer).items() if name in found[number]
        }, number
    with older.read() as session:
        row = find(session, "RD-1", confidential=True)
        assert (row.title, row.text, row.proposers, row.batch) == ("路灯", "夜里很黑", ["林"], "")
        assert row.advised_answer == max(session.scalars(select(AnswerRow.id).where(AnswerRow.suggestion_id == 1)))
    assert refs(older, Filter(words="路灯"), order="newest") == [f"RD-{number}" for number in (6, 5, 4, 3, 2, 1)]


def test_after_the_step_the_search_follows_the_table(older: Store) -> None:
    put_old(
        older,
        100,  # a number that no sequence gives out here
        [False],
        [],
    )
    migrate.upgrade(older)
    answered(older, "new", None)
    with older.write("key:one") as writing:
        revise(writing, find(writing.session, "RD-100", confidential=True), Suggestion("RD-100", "公交站"), 1)
    assert refs(older, Filter(words="公交"), order="newest") == ["RD-100"]
    assert refs(older, Filter(words="路灯"), order="newest") == ["new"]
    with older.write("key:one") as writing:
        writing.session.delete(find(writing.session, "RD-100", confidential=True))
    assert refs(older, Filter(words="公交"), order="newest") == []


def test_long_columns_still_stand_last_in_the_file(older: Store) -> None:
    migrate.upgrade(older)
    with older.read() as session:
        names = [column["name"] for column in inspect(session.connection()).get_columns("suggestions")]
    assert set(names) == {column.name for column in SuggestionRow.__table__.columns}
    if older.is_sqlite:  # PostgreSQL keeps long values aside
        assert names[-3:] == ["title_grams", "text", "grams"]


def test_more_than_one_part_is_filled(older: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(r0002_advice, "PART", 2)
    for number in (1, 2, 3, 7, 9):
        put_old(older, number, [False], [(1, ANSWER)])
    migrate.upgrade(older)
    assert {told(older, f"RD-{number}")["advised_lead"] for number in (1, 2, 3, 7, 9)} == {"城管局"}


def test_what_an_erased_suggestion_is_told_stays_units_and_names(store: Store) -> None:
    from service.store.retention import apply
    from service.store.rules import Rule

    answered(store, "RD-1", ANSWER)
    with store.write("key:one") as writing:
        find(writing.session, "RD-1", confidential=True).created_at = datetime(2000, 1, 1, tzinfo=UTC)
    apply(store, "operator:x", date(2025, 3, 1), [Rule("", 30, "anonymise")])
    with store.read() as session:
        assert suggestions.find(session, "RD-1", confidential=True).state == "erased"
    assert told(store)["advised_lead"] == "城管局"
