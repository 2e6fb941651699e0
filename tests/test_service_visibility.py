"""What turns confidential, or was so once, is seen through no door by a key that may not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from service.jobs.sources import Stored
from service.store import suggestions
from service.store.tables import SuggestionRow
from service.store.tables_service import JobRow
from service.store.visibility import hidden, without_hits
from tests.conftest import Desk
from triage import Case, Suggestion

if TYPE_CHECKING:
    from service.store.store import Store
    from triage import Triager

PATH = "/v1/suggestions"
TEXT = "南湖小区门口的窨井盖破损多日，老人夜里容易绊倒，建议尽快更换。"
OPEN = {"id": "open", "title": "关于更换南湖小区门口窨井盖的建议", "text": TEXT}
TWIN = {"id": "twin", "title": "关于南湖小区门口更换窨井盖的提案", "text": TEXT}
SECRET = {"id": "told", "title": "关于某住户投诉的来信", "text": "只给办公室看的第一稿。", "confidential": True}


@pytest.fixture
def office(triager: Triager, sqlite_store: Store, tmp_path: Path) -> Iterator[Desk]:
    """A desk whose index holds `OPEN`, and keeps it whatever happens to it: its worker is down."""
    from fastapi.testclient import TestClient

    from service.app import create_app
    from service.settings import Settings

    file = tmp_path / "history.index"
    with triager.index(file, create=True) as index:
        index.add([Case(Suggestion(**OPEN), ("住房和城乡建设局",), outcome="A")])
    settings = Settings(data=tmp_path / "memory", database=str(sqlite_store.url), index=file, queue=64)
    with TestClient(create_app(settings, triager)) as client:
        yield Desk(client, sqlite_store)


def hand_in(desk: Desk, key: dict[str, str], *given: dict[str, Any], triage: bool = False) -> Any:
    answer = desk.client.post(PATH, json={"suggestions": list(given), "triage": triage}, headers=key)
    assert answer.status_code == 201, answer.text
    return answer.json()["results"]


def turn(desk: Desk, body: dict[str, Any], *, confidential: bool, version: int = 1) -> None:
    key = desk.key("triage", confidential=True) | {"If-Match": f'"{version}"'}
    answer = desk.client.put(f"{PATH}/{body['id']}", json=body | {"confidential": confidential}, headers=key)
    assert answer.status_code == 200, answer.text


def test_a_wording_that_was_confidential_stays_so_when_a_later_one_is_open(desk: Desk) -> None:
    seeing, key = desk.key("triage", confidential=True), desk.key("triage")
    hand_in(desk, seeing, SECRET, triage=True)
    turn(desk, SECRET | {"title": "关于小区管理的建议", "text": "请加强管理。"}, confidential=False)
    versions = desk.client.get(f"{PATH}/told/versions", headers=key).json()["versions"]
    assert [(one["number"], one["text"]) for one in versions] == [(2, "请加强管理。")]
    assert desk.client.get(f"{PATH}/told/answers", headers=key).json()["answers"] == []
    assert desk.client.get(f"{PATH}/told", headers=key).json()["answer"] is None
    assert len(desk.client.get(f"{PATH}/told/versions", headers=seeing).json()["versions"]) == 2
    assert len(desk.client.get(f"{PATH}/told/answers", headers=seeing).json()["answers"]) == 1
    assert desk.client.get(f"{PATH}/told", headers=seeing).json()["answer"]["version"] == 1
    assert desk.client.post(f"{PATH}/told/triage", headers=key).status_code == 200
    assert [one["version"] for one in desk.client.get(f"{PATH}/told/answers", headers=key).json()["answers"]] == [2]


def test_what_turned_confidential_leaves_the_answers_that_name_it(office: Desk) -> None:
    seeing, key = office.key("triage", confidential=True), office.key("triage")
    hand_in(office, key, OPEN)
    [first] = hand_in(office, key, TWIN, triage=True)
    assert [hit["id"] for hit in first["answer"]["triaged"]["duplicates"]] == ["open"]
    turn(office, OPEN, confidential=True)
    for path in ("", "/answers"):
        answer = office.client.get(f"{PATH}/twin{path}", headers=key)
        assert answer.status_code == 200
        assert '"id": "open"' not in answer.text, path
        assert OPEN["title"] not in answer.text, path
        assert OPEN["title"] in office.client.get(f"{PATH}/twin{path}", headers=seeing).text, path
    again = office.client.post(f"{PATH}/twin/triage", headers=key)
    assert again.status_code == 200
    assert OPEN["title"] not in again.text
    [other] = hand_in(office, key, TWIN | {"id": "third"}, triage=True)
    assert other["answer"]["triaged"]["duplicates"] == []


@pytest.mark.parametrize(
    ("path", "options"),
    [("triage", {}), ("check", {}), ("duplicates", {"proposals": True, "conflicts": True}), ("precedents", {})],
)
def test_an_index_that_lags_behind_tells_nothing_of_it(office: Desk, path: str, options: dict[str, Any]) -> None:
    seeing, key = office.key("triage", confidential=True), office.key("triage")
    hand_in(office, key, OPEN)
    body = {"suggestions": [{"title": TWIN["title"], "text": TEXT}], **options}
    assert OPEN["title"] in office.client.post(f"/v1/{path}", json=body, headers=key).text
    turn(office, OPEN, confidential=True)
    answer = office.client.post(f"/v1/{path}", json=body, headers=key)
    assert answer.status_code == 200
    assert OPEN["title"] not in answer.text
    assert '"open"' not in answer.text
    assert OPEN["title"] in office.client.post(f"/v1/{path}", json=body, headers=seeing).text


def test_a_reply_that_is_remembered_is_not_repeated_for_what_turned_confidential(desk: Desk) -> None:
    key = desk.key("triage") | {"Idempotency-Key": "once"}
    hand_in(desk, desk.key("triage"), OPEN)
    assert desk.client.post(f"{PATH}/open/triage", headers=key).status_code == 200
    turn(desk, OPEN, confidential=True)
    assert desk.client.post(f"{PATH}/open/triage", headers=key).status_code == 404


def test_what_was_made_of_the_memory_before_is_hidden_from_then_on(store: Store) -> None:
    from service.jobs.queue import Viewer, find, submit
    from service.store.columns import now
    from service.store.errors import NotThere

    filtered: dict[str, Any] = {"filter": {}}
    with store.write("test") as writing:
        row = suggestions.create(writing, Suggestion(**OPEN))
        made = submit(writing, "check", filtered, key_id="k")
        waiting = submit(writing, "check", filtered, key_id="k")
        own = submit(writing, "check", {}, key_id="k", upload=("own.csv", b"x"))
        made.started_at = own.started_at = now()
        names = (made.id, waiting.id, own.id)
    with store.write("test") as writing:
        row = suggestions.find(writing.session, "open", confidential=True)
        suggestions.revise(writing, row, Suggestion(**OPEN, confidential=True), 1)
    viewer = Viewer(("k",), admin=False, confidential=False)
    with store.read() as session:
        assert [session.get_one(JobRow, name).confidential for name in names] == [True, False, False]
        with pytest.raises(NotThere):
            find(session, names[0], viewer)
        assert find(session, names[2], viewer).id == names[2]


def test_a_job_reads_nothing_that_turned_confidential_while_it_ran(store: Store) -> None:
    with store.write("test") as writing:
        for one in (OPEN, TWIN):
            suggestions.create(writing, Suggestion(**one))
        writing.session.get_one(SuggestionRow, 1).confidential = True
    refs = ["open", "twin"]
    assert [row.suggestion.text for row in Stored(store, refs, confidential=False).some(0, 2)] == ["", TEXT]
    assert [row.suggestion.text for row in Stored(store, refs, confidential=True).some(0, 2)] == [TEXT, TEXT]


def test_hidden_names_confidential_ones_alone_however_many_are_asked_about(store: Store) -> None:
    with store.write("test") as writing:
        suggestions.create(writing, Suggestion(**OPEN))
        suggestions.create(writing, Suggestion(**SECRET))
    with store.read() as session:
        assert hidden(session, {"open", "told", *(f"x{number}" for number in range(1_200))}) == {"told"}
        assert hidden(session, set()) == set()


def test_an_answer_without_hits_keeps_its_shape_and_all_others() -> None:
    answer = {
        "id": "a",
        "duplicates": [{"id": "b", "grade": "identical"}, {"id": "c", "grade": "related"}],
        "evidence": [{"case": "b", "text": "t"}, {"case": "", "text": "word"}],
    }
    kept = without_hits(answer, {"b"})
    assert kept == {
        "id": "a",
        "duplicates": [{"id": "c", "grade": "related"}],
        "evidence": [{"case": "", "text": "word"}],
    }
    assert without_hits(answer, {"z"}) is answer
    assert without_hits({"duplicates": [{"id": "b", "grade": "related"}]}, {"b"}) == {"duplicates": []}


def test_no_reason_tells_of_what_is_hidden(triager: Triager, tmp_path: Path) -> None:
    first = triager.triage([Suggestion(title=TWIN["title"], text=TEXT)])[0].lead[0].unit
    other = next(unit for unit in ("教育局", "水利局") if unit != first)
    with triager.index(tmp_path / "some.index", create=True) as index:
        for number in range(2):
            kept = Suggestion(f"x{number}", OPEN["title"], f"{TEXT}{'谢谢。' * number}", session=f"{number}届")
            index.add([Case(kept, (other if number else first,))])
        [answer] = triager.triage([Suggestion(title=TWIN["title"], text=TEXT)], history=index)
    told = answer.to_dict()
    texts = {reason["code"]: reason["text"] for reason in told["reasons"]}
    assert texts["duplicates.found"].startswith("与2件")
    named = "x1" if "x1" in texts["duplicates.conflict"] else "x0"
    seen = without_hits(told, {named})
    left = {reason["code"]: reason["text"] for reason in seen["reasons"]}
    assert left["duplicates.found"].startswith("与1件")
    assert "duplicates.conflict" not in left
    assert named not in str(seen["reasons"])
    nothing = without_hits(told, {"x0", "x1"})
    assert not [reason for reason in nothing["reasons"] if reason["code"].startswith("duplicates.")]
    assert nothing["duplicates"] == []
