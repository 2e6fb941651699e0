"""Messages are announced with what happened, to those who want them and may hear of it, and hold no text."""

from __future__ import annotations

import pytest

from service.store.outbox import EVENTS, announce
from service.store.store import Store, Writing
from service.store.tables import SuggestionRow
from service.store.tables_service import WAITING, DeliveryRow, JobRow, WebhookRow


def webhook(writing: Writing, name: str, events: list[str], *, active: bool = True, confidential: bool = False) -> None:
    url = f"http://127.0.0.1:9/{name}"
    writing.session.add(
        WebhookRow(
            id=name, url=url, events=events, secret="whsec_x", active=active, confidential=confidential, actor="t"
        )
    )


def told(store: Store) -> list[tuple[str, str]]:
    with store.read() as session:
        rows = session.query(DeliveryRow).order_by(DeliveryRow.webhook_id, DeliveryRow.event).all()
        assert all(row.state == WAITING and row.attempts == 0 for row in rows)
        return [(row.webhook_id, row.event) for row in rows]


def test_who_wants_an_event_is_told_of_it(store: Store) -> None:
    with store.write("t") as writing:
        webhook(writing, "all", list(EVENTS))
        webhook(writing, "jobs", ["job.finished"])
        webhook(writing, "off", list(EVENTS), active=False)
        writing.session.add(SuggestionRow(ref="RD-1"))
        writing.session.add(JobRow(id="j1", kind="triage"))
        announce(writing, "decision.made", {"suggestion": "RD-1", "number": 1, "lead": ["县交通局"]})
        announce(writing, "job.finished", {"job": "j1", "state": "done"})
    assert told(store) == [("all", "decision.made"), ("all", "job.finished"), ("jobs", "job.finished")]
    with store.read() as session:
        row = session.query(DeliveryRow).filter_by(webhook_id="jobs").one()
        assert row.payload["type"] == "job.finished"
        assert row.payload["data"] == {"job": "j1", "state": "done"}


def test_confidential_suggestions_and_jobs_are_told_only_to_webhooks_that_may_hear_of_them(store: Store) -> None:
    with store.write("t") as writing:
        webhook(writing, "may", list(EVENTS), confidential=True)
        webhook(writing, "plain", list(EVENTS))
        writing.session.add(SuggestionRow(ref="M-1", confidential=True))
        writing.session.add(JobRow(id="j1", kind="triage", confidential=True))
        announce(writing, "suggestion.closed", {"suggestion": "M-1"})
        announce(writing, "job.finished", {"job": "j1"})
        announce(writing, "suggestion.returned", {"suggestion": "nobody knows"})
        announce(writing, "decision.changed", {})
    assert {name for name, _ in told(store)} == {"may"}
    assert len(told(store)) == 4


def test_what_is_rolled_back_is_told_to_nobody(store: Store) -> None:
    with store.write("t") as writing:
        webhook(writing, "all", list(EVENTS))
        writing.session.add(SuggestionRow(ref="RD-1"))

    def fail() -> None:
        with store.write("t") as writing:
            announce(writing, "decision.made", {"suggestion": "RD-1"})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert told(store) == []


def test_an_event_that_is_none_is_refused(store: Store) -> None:
    with store.write("t") as writing, pytest.raises(ValueError, match="is none of"):
        announce(writing, "decision.maid", {})
