"""Webhooks over HTTP: made with a secret that is shown once, listed, changed, tried, and their messages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from service.shapes import examples_webhooks as examples
from service.shapes.webhooks import DeliveriesOut, DeliveryOut, WebhookMade, WebhookOut, WebhooksOut
from service.store.outbox import EVENTS, announce
from service.store.tables import SuggestionRow
from service.store.tables_service import DEAD, DeliveryRow, TrailRow

if TYPE_CHECKING:
    from tests.conftest import Desk

URL = "http://127.0.0.1:9/hook"


def made(desk: Desk, *, confidential: bool = False, **given: Any) -> dict[str, Any]:
    body = {"url": URL, "events": ["decision.made"], "confidential": confidential} | given
    answer = desk.client.post("/v1/webhooks", json=body, headers=desk.key("admin", confidential=confidential))
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/v1/webhooks/{document['id']}"
    return document


def test_the_secret_is_shown_once(desk: Desk) -> None:
    webhook = made(desk)
    assert webhook["secret"].startswith("whsec_")
    admin = desk.key("admin")
    one = desk.client.get(f"/v1/webhooks/{webhook['id']}", headers=admin)
    listed = desk.client.get("/v1/webhooks", headers=admin)
    assert one.json() == {name: value for name, value in webhook.items() if name != "secret"}
    assert listed.json() == {"webhooks": [one.json()]}
    with desk.store.read() as session:
        trail = json.dumps([entry.details for entry in session.scalars(select(TrailRow))])
    assert webhook["secret"] not in trail
    assert URL not in trail


def test_made_twice_under_one_idempotency_key_is_made_once(desk: Desk) -> None:
    headers = desk.key("admin") | {"Idempotency-Key": "k1"}
    body = {"url": URL, "events": ["job.finished", "job.finished"]}
    first, second = (desk.client.post("/v1/webhooks", json=body, headers=headers) for _ in range(2))
    assert first.json() == second.json()
    assert first.json()["events"] == ["job.finished"]
    assert len(desk.client.get("/v1/webhooks", headers=headers).json()["webhooks"]) == 1


def test_it_is_changed_and_deleted(desk: Desk) -> None:
    webhook, admin = made(desk), desk.key("admin")
    path = f"/v1/webhooks/{webhook['id']}"
    assert desk.client.patch(path, json={"active": False}, headers=admin).json()["active"] is False
    changed = desk.client.patch(path, json={"url": URL + "2", "events": ["job.finished"]}, headers=admin).json()
    assert (changed["url"], changed["events"], changed["active"]) == (URL + "2", ["job.finished"], False)
    assert desk.client.patch(path, json={}, headers=admin).json() == changed
    assert desk.client.post(f"{path}/ping", headers=admin).status_code == 202
    assert desk.client.delete(path, headers=admin).status_code == 204
    assert desk.client.get(path, headers=admin).status_code == 404
    assert desk.client.delete(path, headers=admin).status_code == 404
    with desk.store.read() as session:
        assert session.scalars(select(DeliveryRow)).all() == []


def test_a_new_secret_takes_the_place_of_the_old_one(desk: Desk) -> None:
    webhook, admin = made(desk), desk.key("admin")
    rotated = desk.client.post(f"/v1/webhooks/{webhook['id']}/rotate", headers=admin).json()
    assert rotated["secret"] != webhook["secret"]
    assert rotated["old_secret_until"] is not None


def test_a_ping_waits_to_be_sent(desk: Desk) -> None:
    webhook, admin = made(desk), desk.key("admin")
    sent = desk.client.post(f"/v1/webhooks/{webhook['id']}/ping", headers=admin)
    assert sent.status_code == 202
    assert sent.json()["payload"]["data"] == {"webhook": webhook["id"]}
    page = desk.client.get(f"/v1/webhooks/{webhook['id']}/deliveries", headers=admin).json()
    assert page == {"deliveries": [sent.json()], "next": None}


def test_deliveries_come_in_pages_by_state_and_dead_ones_are_sent_again(desk: Desk) -> None:
    webhook, admin = made(desk), desk.key("admin")
    path = f"/v1/webhooks/{webhook['id']}/deliveries"
    with desk.store.write("t") as writing:
        writing.session.add(SuggestionRow(ref="RD-1"))
        for number in range(5):
            announce(writing, "decision.made", {"suggestion": "RD-1", "number": number})
    with desk.store.write("t") as writing:
        lost = writing.session.scalars(select(DeliveryRow)).first()
        assert lost
        lost.state, lost.error, lost.status = DEAD, "status-500", 500
        lost_id = lost.id
    seen, cursor = [], ""
    while True:
        page = desk.client.get(path, params={"limit": 2} | ({"cursor": cursor} if cursor else {}), headers=admin).json()
        seen += [row["payload"]["data"]["number"] for row in page["deliveries"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(seen) == [0, 1, 2, 3, 4]
    (dead,) = desk.client.get(path, params={"state": "dead"}, headers=admin).json()["deliveries"]
    assert (dead["id"], dead["next_at"], dead["error"]) == (lost_id, None, "status-500")
    again = desk.client.post(f"{path}/{lost_id}/redeliver", headers=admin)
    assert (again.status_code, again.json()["state"]) == (202, "waiting")
    assert desk.client.get(path, params={"state": "dead"}, headers=admin).json()["deliveries"] == []
    assert desk.client.post(f"{path}/msg_none/redeliver", headers=admin).status_code == 404
    assert desk.client.get(path, params={"state": "lost"}, headers=admin).status_code == 422


def test_confidential_ones_are_invisible_to_keys_that_may_not_see_them(desk: Desk) -> None:
    webhook = made(desk, confidential=True)
    plain, may = desk.key("admin"), desk.key("admin", confidential=True)
    path = f"/v1/webhooks/{webhook['id']}"
    assert desk.client.get(path, headers=may).status_code == 200
    assert desk.client.get("/v1/webhooks", headers=plain).json() == {"webhooks": []}
    for answer in (
        desk.client.get(path, headers=plain),
        desk.client.patch(path, json={"active": False}, headers=plain),
        desk.client.delete(path, headers=plain),
        desk.client.post(f"{path}/rotate", headers=plain),
        desk.client.post(f"{path}/ping", headers=plain),
        desk.client.get(f"{path}/deliveries", headers=plain),
        desk.client.post(f"{path}/deliveries/msg_1/redeliver", headers=plain),
    ):
        assert answer.status_code == 404
    body = {"url": URL, "events": ["decision.made"], "confidential": True}
    refused = desk.client.post("/v1/webhooks", json=body, headers=plain)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope-needed")


def test_messages_of_what_became_confidential_are_invisible_too(desk: Desk) -> None:
    webhook = made(desk)
    with desk.store.write("t") as writing:
        writing.session.add(SuggestionRow(ref="RD-1"))
        announce(writing, "decision.made", {"suggestion": "RD-1", "number": 1})
        writing.session.scalars(select(SuggestionRow)).one().confidential = True
    path = f"/v1/webhooks/{webhook['id']}/deliveries"
    assert desk.client.get(path, headers=desk.key("admin")).json()["deliveries"] == []
    (row,) = desk.client.get(path, headers=desk.key("admin", confidential=True)).json()["deliveries"]
    assert desk.client.post(f"{path}/{row['id']}/redeliver", headers=desk.key("admin")).status_code == 404


@pytest.mark.parametrize("scope", ["read", "triage", "decide"])
def test_only_administrators_have_webhooks(desk: Desk, scope: str) -> None:
    headers = desk.key(scope)
    for method, path in (("GET", ""), ("POST", ""), ("GET", "/wh_1"), ("DELETE", "/wh_1"), ("POST", "/wh_1/ping")):
        answer = desk.client.request(method, f"/v1/webhooks{path}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "scope-needed")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"url": "ftp://desk.example", "events": ["decision.made"]}, "unusable-input"),
        ({"url": "http://user:SECRETPART@desk.example", "events": ["decision.made"]}, "unusable-input"),
        ({"url": "http://SECRETPART.example/\u0000", "events": ["decision.made"]}, "unusable-input"),
        ({"url": "http://x/" + "SECRETPART" * 300, "events": ["decision.made"]}, "invalid-request"),
        ({"url": URL, "events": []}, "invalid-request"),
        ({"url": URL, "events": ["decision.SECRETPART"]}, "invalid-request"),
        ({"url": URL, "events": "decision.made"}, "invalid-request"),
        ({"url": URL, "events": ["decision.made"], "confidential": "yes"}, "invalid-request"),
        ({"url": URL, "event": ["decision.made"]}, "invalid-request"),
        ({"url": 5, "events": ["decision.made"]}, "invalid-request"),
        ([], "invalid-request"),
        ("x", "invalid-request"),
    ],
)
def test_what_is_no_webhook_is_refused_and_not_repeated(desk: Desk, body: Any, code: str) -> None:
    answer = desk.client.post("/v1/webhooks", json=body, headers=desk.key("admin"))
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert "SECRETPART" not in answer.text
    assert desk.client.get("/v1/webhooks", headers=desk.key("admin")).json() == {"webhooks": []}


def test_there_are_only_so_many(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.store.webhooks.MOST", 2)
    made(desk)
    made(desk)
    body = {"url": URL, "events": ["decision.made"]}
    assert desk.client.post("/v1/webhooks", json=body, headers=desk.key("admin")).status_code == 409


def test_the_examples_are_of_the_agreed_shape() -> None:
    for shape, example in (
        (WebhookOut, examples.WEBHOOK),
        (WebhookOut, examples.SWITCHED_OFF),
        (WebhookMade, examples.MADE),
        (WebhookMade, examples.ROTATED),
        (WebhooksOut, examples.LISTED),
        (DeliveryOut, examples.DELIVERY),
        (DeliveryOut, examples.AGAIN),
        (DeliveryOut, examples.PINGED),
        (DeliveriesOut, examples.DELIVERIES),
    ):
        assert json.loads(shape.model_validate(example).model_dump_json()) == example


def test_the_page_tells_of_every_event(desk: Desk) -> None:
    from tests.conftest import ROOT

    page = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
    assert all(f"| `{event}` |" in page for event in (*EVENTS, "webhook.ping"))
