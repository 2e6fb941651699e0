"""`/v1/suggestions`: handing in, lists, search, wordings, and that confidential ones are seen by nobody who may not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from service.store.tables_service import TrailRow
from triage.records import Suggestion

if TYPE_CHECKING:
    from tests.conftest import Desk
    from triage import Triager

LAMP = {
    "id": "lamp",
    "title": "老街路灯不亮",
    "text": "晚上看不见路，请尽快修好。",
    "source": "热线",
    "date": "2025-03-04",
}
BUS = {
    "id": "bus",
    "title": "增设公交站台",
    "text": "北环路没有公交，路灯倒是有的。",
    "source": "人大",
    "session": "十八届四次",
}
SECRET = {"id": "secret", "title": "反映欠薪", "text": "老街一家店欠薪。", "source": "群众", "confidential": True}
PATH = "/v1/suggestions"


@pytest.fixture
def key(desk: Desk) -> dict[str, str]:
    return desk.key("triage", confidential=True)


def hand_in(desk: Desk, key: dict[str, str], *suggestions: dict[str, Any], **more: Any) -> Any:
    answer = desk.client.post(PATH, json={"suggestions": list(suggestions), **more}, headers=key)
    assert answer.status_code == 201, answer.text
    return answer


def test_what_is_handed_in_is_read_back_as_it_came(desk: Desk, key: dict[str, str]) -> None:
    sent = LAMP | {"title": "  老街\u3000路燈 ", "proposers": ["林秋水", "何大勇"], "wish": "住建局", "session": "十届"}
    answer = hand_in(desk, key, sent)
    assert answer.json() == {"results": [{"id": "lamp", "version": 1, "state": "open", "answer": None}]}
    assert (answer.headers["Location"], answer.headers["ETag"]) == (f"{PATH}/lamp", '"1"')
    got = desk.client.get(answer.headers["Location"], headers=key)
    assert got.headers["ETag"] == '"1"'
    kept = got.json()
    assert {name: kept[name] for name in sent} == sent
    assert (kept["state"], kept["version"], kept["decision"], kept["decided"], kept["answer"]) == (
        "open",
        1,
        0,
        None,
        None,
    )


def test_one_without_an_id_gets_one(desk: Desk, key: dict[str, str]) -> None:
    results = hand_in(desk, key, {"title": "路灯"}, {"title": "公交"}).json()["results"]
    ids = [result["id"] for result in results]
    assert len(set(ids)) == 2
    assert [desk.client.get(f"{PATH}/{ref}", headers=key).json()["title"] for ref in ids] == ["路灯", "公交"]


def test_all_of_a_request_is_kept_or_nothing(desk: Desk, key: dict[str, str]) -> None:
    hand_in(desk, key, LAMP)
    answer = desk.client.post(PATH, json={"suggestions": [BUS, LAMP]}, headers=key)
    assert (answer.status_code, answer.json()["code"]) == (409, "already-there")
    assert desk.client.get(f"{PATH}/bus", headers=key).status_code == 404


@pytest.mark.parametrize("ref", ["a/b", "a\\b", ".", "..", " a", "a ", "a\nb", "a\x00", "\u0085"])
def test_an_id_that_no_path_can_hold_is_refused(desk: Desk, key: dict[str, str], ref: str) -> None:
    answer = desk.client.post(PATH, json={"suggestions": [{"id": ref, "title": "路灯"}]}, headers=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "unusable-input")


def test_ids_with_signs_and_chinese_are_reached_by_their_location(desk: Desk, key: dict[str, str]) -> None:
    for ref in ("建议 1?号#%", "a+b&c=d", "12345-88120"):
        place = hand_in(desk, key, {"id": ref, "title": "路灯"}).headers["Location"]
        assert desk.client.get(place, headers=key).json()["id"] == ref


def test_a_text_that_no_database_keeps_is_refused_without_being_quoted(desk: Desk, key: dict[str, str]) -> None:
    answer = desk.client.post(PATH, json={"suggestions": [LAMP | {"text": "秘密的话\x00"}]}, headers=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "unusable-input")
    assert "U+0000" in answer.json()["detail"]
    assert "秘密" not in answer.text


def test_answered_at_once_is_what_the_library_answers(desk: Desk, key: dict[str, str], triager: Triager) -> None:
    results = hand_in(desk, key, LAMP, BUS, triage=True).json()["results"]
    fields = ("id", "title", "text", "source")
    records = [Suggestion(**{name: sent[name] for name in fields}) for sent in (LAMP, BUS)]
    expected = json.loads(json.dumps([triaged.to_dict() for triaged in triager.triage(records)]))
    for result, triaged in zip(results, expected, strict=True):
        answer = result["answer"]
        assert answer["triaged"] == triaged
        assert (answer["version"], answer["model"], answer["catalogue"]) == (1, triager.card["model"], "")
        assert desk.client.get(f"{PATH}/{result['id']}", headers=key).json()["answer"] == answer


def test_the_same_request_twice_is_done_once(desk: Desk, key: dict[str, str]) -> None:
    headers = key | {"Idempotency-Key": "one"}
    first = hand_in(desk, headers, {"title": "路灯"}, triage=True)
    again = hand_in(desk, headers, {"title": "路灯"}, triage=True)
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(desk.client.get(PATH, headers=key).json()["suggestions"]) == 1


def test_a_new_wording_is_a_version_and_the_old_one_stays(desk: Desk, key: dict[str, str]) -> None:
    hand_in(desk, key, LAMP)
    changed = LAMP | {"text": "路灯修好了又坏。"}
    answer = desk.client.put(f"{PATH}/lamp", json=changed, headers=key | {"If-Match": '"1"'})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert (answer.json()["text"], answer.json()["version"]) == (changed["text"], 2)
    versions = desk.client.get(f"{PATH}/lamp/versions", headers=key).json()["versions"]
    assert [(version["number"], version["text"]) for version in versions] == [(1, LAMP["text"]), (2, changed["text"])]
    assert {version["actor"] for version in versions} == {f"key:{key['Authorization'].split('_')[1]}"}
    same = desk.client.put(f"{PATH}/lamp", json=changed, headers=key | {"If-Match": '"2"'})
    assert (same.status_code, same.headers["ETag"]) == (200, '"2"')


def test_a_version_that_was_not_seen_is_not_overwritten(desk: Desk, key: dict[str, str]) -> None:
    hand_in(desk, key, LAMP)
    body = LAMP | {"text": "另一种写法。"}
    unsaid = desk.client.put(f"{PATH}/lamp", json=body, headers=key)
    assert (unsaid.status_code, unsaid.json()["code"]) == (428, "precondition-needed")
    stale = desk.client.put(f"{PATH}/lamp", json=body, headers=key | {"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["code"]) == (409, "changed")
    assert (stale.json()["current"]["version"], stale.json()["current"]["text"]) == (1, LAMP["text"])
    other = desk.client.put(f"{PATH}/lamp", json=body | {"id": "bus"}, headers=key | {"If-Match": '"1"'})
    assert (other.status_code, other.json()["code"]) == (422, "unusable-input")
    assert desk.client.get(f"{PATH}/lamp", headers=key).json()["version"] == 1


def test_lists_are_filtered_searched_and_paged(desk: Desk, key: dict[str, str]) -> None:
    hand_in(desk, key, LAMP, BUS, SECRET)

    def refs(**asked: Any) -> list[str]:
        answer = desk.client.get(PATH, params=asked, headers=key)
        assert answer.status_code == 200, answer.text
        return [row["id"] for row in answer.json()["suggestions"]]

    assert refs() == ["secret", "bus", "lamp"]
    assert refs(order="oldest") == ["lamp", "bus", "secret"]
    assert refs(q="路灯") == ["bus", "lamp"]
    assert refs(q="路灯", order="relevance") == ["lamp", "bus"]
    assert refs(q="老 街") == ["secret", "lamp"]
    assert refs(source=["热线", "人大"]) == ["bus", "lamp"]
    assert refs(session="十八届四次") == ["bus"]
    assert refs(id=["lamp", "gone", "secret"]) == ["secret", "lamp"]
    assert refs(since="2025-03-01", until="2025-03-31") == ["lamp"]
    assert refs(confidential=True) == ["secret"]
    assert refs(state="closed") == []
    first = desk.client.get(PATH, params={"limit": 2}, headers=key).json()
    hand_in(desk, key, {"id": "new", "title": "新来的"})
    second = desk.client.get(PATH, params={"limit": 2, "cursor": first["next"]}, headers=key).json()
    assert [row["id"] for row in first["suggestions"] + second["suggestions"]] == ["secret", "bus", "lamp"]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"stat": "open"}, "invalid-request"),
        ({"state": "lost"}, "invalid-request"),
        ({"limit": 0}, "invalid-request"),
        ({"limit": 501}, "invalid-request"),
        ({"since": "2025-3-1"}, "invalid-request"),
        ({"since": "2025-03-02", "until": "2025-03-01"}, "unusable-input"),
        ({"q": "，。"}, "unusable-input"),
        ({"order": "relevance"}, "unusable-input"),
        ({"cursor": "AAAA"}, "unusable-input"),
        ({"cursor": "路灯"}, "unusable-input"),
        ({"q": "灯" * 201}, "invalid-request"),
    ],
)
def test_a_list_that_cannot_be_meant_is_refused(
    desk: Desk, key: dict[str, str], asked: dict[str, Any], code: str
) -> None:
    answer = desk.client.get(PATH, params=asked, headers=key)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_confidential_ones_are_not_there_for_keys_that_may_not_see_them(desk: Desk, key: dict[str, str]) -> None:
    hand_in(desk, key, LAMP, SECRET)
    outsider = desk.key("admin")
    missing = desk.client.get(f"{PATH}/nothing", headers=outsider)
    for method, path in [
        ("GET", ""),
        ("GET", "/versions"),
        ("GET", "/answers"),
        ("POST", "/triage"),
        ("PUT", ""),
    ]:
        answer = desk.client.request(
            method,
            f"{PATH}/secret{path}",
            headers=outsider | {"If-Match": '"1"'},
            json=LAMP if method == "PUT" else None,
        )
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found"), (method, path)
        assert answer.json()["detail"].replace("secret", "nothing") == missing.json()["detail"]
    listed = desk.client.get(PATH, headers=outsider).json()["suggestions"]
    assert [row["id"] for row in listed] == ["lamp"]
    assert desk.client.get(PATH, params={"q": "老街"}, headers=outsider).json()["suggestions"] == listed
    assert desk.client.get(PATH, params={"confidential": True}, headers=outsider).json()["suggestions"] == []


def test_a_key_that_only_reads_changes_nothing(desk: Desk, key: dict[str, str]) -> None:
    hand_in(desk, key, LAMP)
    reader = desk.key("read")
    assert desk.client.post(PATH, json={"suggestions": [BUS]}, headers=reader).json()["code"] == "scope-needed"
    put = desk.client.put(f"{PATH}/lamp", json=BUS, headers=reader | {"If-Match": '"1"'})
    assert put.json()["code"] == "scope-needed"
    assert desk.client.post(f"{PATH}/lamp/triage", headers=reader).json()["code"] == "scope-needed"
    assert desk.client.get(f"{PATH}/lamp", headers=reader).status_code == 200


def test_the_trail_says_what_was_done_and_holds_no_word_of_it(desk: Desk, key: dict[str, str]) -> None:
    hand_in(desk, key, LAMP, SECRET, triage=True)
    desk.client.put(f"{PATH}/lamp", json=LAMP | {"text": "另一种写法。"}, headers=key | {"If-Match": '"1"'})
    with desk.store.read() as session:
        entries = session.scalars(
            select(TrailRow).where(TrailRow.action.like("suggestion.%")).order_by(TrailRow.seq)
        ).all()
        told = [(entry.action, entry.subject) for entry in entries]
        details = str([entry.details for entry in entries])
    assert told == [
        ("suggestion.created", "lamp"),
        ("suggestion.triaged", "lamp"),
        ("suggestion.created", "secret"),
        ("suggestion.triaged", "secret"),
        ("suggestion.revised", "lamp"),
    ]
    assert not any(word in details for word in ("路灯", "老街", "欠薪", "写法"))
