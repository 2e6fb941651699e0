"""``/v1/webhooks``: addresses that are told of decisions, returns, outcomes and finished jobs, and their messages."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response

from service.problems import Problem, answered, documented
from service.shapes import examples_webhooks as examples
from service.shapes.webhooks import (
    CURSOR,
    DeliveriesOut,
    DeliveryId,
    DeliveryOut,
    DeliveryState,
    WebhookChange,
    WebhookId,
    WebhookIn,
    WebhookMade,
    WebhookOut,
    WebhooksOut,
)
from service.store import deliveries, outbox, webhooks
from service.store.store import Writing
from service.store.tables_service import SENDING, WAITING, DeliveryRow, WebhookRow
from service.web.body import JsonRoute
from service.web.caller import AdminCaller
from service.web.dependencies import SettingsOf, StoreOf
from service.web.idempotency import OnceOf, Reply
from service.webhooks.addresses import checked
from service.webhooks.signing import new_secret

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], route_class=JsonRoute)
UNKNOWN = documented("not-found", "invalid-request")
REFUSED = documented("unusable-input")


@router.post(
    "",
    status_code=201,
    response_model=WebhookMade,
    responses=answered(examples.MADE, status=201) | REFUSED | documented("already-there"),
    summary="Make a webhook",
)
def make(
    body: Annotated[WebhookIn, Body(openapi_examples=examples.ASKED)],
    caller: AdminCaller,
    settings: SettingsOf,
    once: OnceOf,
) -> Response:
    """Name an address that is told of events. The answer holds the secret with which its messages are signed: keep it.

    Messages hold ids, units and states, never a text. `TRIAGE_WEBHOOK_HOSTS` may bound where they go.
    """
    if body.confidential and not caller.confidential:
        detail = "A webhook for confidential suggestions needs a key that may see them."
        raise Problem("scope-needed", detail, detail_zh="接收涉密建议消息的回调，须由可查看涉密建议的密钥创建。")
    url, secret = checked(body.url, settings.webhook_hosts), new_secret()

    def work(writing: Writing) -> Reply:
        row = webhooks.make(writing, url, list(body.events), secret, confidential=body.confidential)
        return Reply(201, _made(row), {"Location": f"/v1/webhooks/{row.id}"})

    return once.write(body, work)


@router.get("", responses=answered(examples.LISTED), summary="All webhooks")
def listed(caller: AdminCaller, store: StoreOf) -> WebhooksOut:
    """The webhooks that this key may see, the oldest first, without their secrets."""
    with store.read() as session:
        return WebhooksOut(webhooks=[_shown(row) for row in webhooks.listed(session, confidential=caller.confidential)])


@router.get("/{webhook}", responses=answered(examples.WEBHOOK) | UNKNOWN, summary="One webhook")
def one(webhook: WebhookId, caller: AdminCaller, store: StoreOf) -> WebhookOut:
    """Where it goes, what it is told of, and whether it is active."""
    with store.read() as session:
        return _shown(webhooks.find(session, webhook, confidential=caller.confidential))


@router.patch("/{webhook}", responses=answered(examples.SWITCHED_OFF) | UNKNOWN | REFUSED, summary="Change a webhook")
def change(
    webhook: WebhookId,
    body: Annotated[WebhookChange, Body(openapi_examples=examples.CHANGED)],
    caller: AdminCaller,
    settings: SettingsOf,
    store: StoreOf,
) -> WebhookOut:
    """Another address, other events, on or off. What happens while it is off is not told later."""
    url = None if body.url is None else checked(body.url, settings.webhook_hosts)
    events = None if body.events is None else list[str](body.events)
    with store.write(caller.actor) as writing:
        row = webhooks.find(writing.session, webhook, confidential=caller.confidential)
        webhooks.change(writing, row, url=url, events=events, active=body.active)
        return _shown(row)


@router.delete("/{webhook}", status_code=204, responses=UNKNOWN, summary="Delete a webhook")
def remove(webhook: WebhookId, caller: AdminCaller, store: StoreOf) -> None:
    """With all its messages, also those that wait."""
    with store.write(caller.actor) as writing:
        webhooks.remove(writing, webhooks.find(writing.session, webhook, confidential=caller.confidential))


@router.post(
    "/{webhook}/rotate",
    response_model=WebhookMade,
    responses=answered(examples.ROTATED) | UNKNOWN,
    summary="Change its secret",
)
def rotate(webhook: WebhookId, caller: AdminCaller, once: OnceOf) -> Response:
    """A new secret, shown in this answer. For a day messages are signed with the old one, too."""

    def work(writing: Writing) -> Reply:
        row = webhooks.find(writing.session, webhook, confidential=caller.confidential)
        webhooks.rotate(writing, row, new_secret())
        return Reply(200, _made(row))

    return once.write(None, work)


@router.post(
    "/{webhook}/ping",
    status_code=202,
    response_model=DeliveryOut,
    responses=answered(examples.PINGED, status=202) | UNKNOWN,
    summary="Send a message to try it",
)
def ping(webhook: WebhookId, caller: AdminCaller, once: OnceOf) -> Response:
    """A message `webhook.ping`, sent like any other as soon as the webhook is active."""

    def work(writing: Writing) -> Reply:
        row = webhooks.find(writing.session, webhook, confidential=caller.confidential)
        sent = outbox.put(writing, row, outbox.PING, {"webhook": row.id})
        writing.session.flush()
        return Reply(202, _delivery(sent).model_dump(mode="json"))

    return once.write(None, work)


@router.get("/{webhook}/deliveries", responses=answered(examples.DELIVERIES) | UNKNOWN, summary="Messages of a webhook")
def delivered(
    webhook: WebhookId,
    caller: AdminCaller,
    store: StoreOf,
    state: Annotated[DeliveryState | None, Query(description="Only those in this state", examples=["dead"])] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="Messages a page")] = 50,
    cursor: Annotated[str | None, Query(pattern=CURSOR, description="`next` of the page before")] = None,
) -> DeliveriesOut:
    """The newest first; `state=dead` are those that were given up. What has ended is kept for 30 days."""
    with store.read() as session:
        webhooks.find(session, webhook, confidential=caller.confidential)
        page = deliveries.page(
            session, webhook, state=state, cursor=cursor or "", limit=limit, confidential=caller.confidential
        )
        return DeliveriesOut(deliveries=[_delivery(row) for row in page.rows], next=page.next or None)


@router.post(
    "/{webhook}/deliveries/{delivery}/redeliver",
    status_code=202,
    response_model=DeliveryOut,
    responses=answered(examples.AGAIN, status=202) | UNKNOWN,
    summary="Send a message again",
)
def redeliver(webhook: WebhookId, delivery: DeliveryId, caller: AdminCaller, once: OnceOf) -> Response:
    """Once more, at once, under the same id; also one that has arrived."""

    def work(writing: Writing) -> Reply:
        webhooks.find(writing.session, webhook, confidential=caller.confidential)
        row = deliveries.find(writing.session, webhook, delivery, confidential=caller.confidential)
        deliveries.again(writing, row)
        return Reply(202, _delivery(row).model_dump(mode="json"))

    return once.write(None, work)


def _shown(row: WebhookRow) -> WebhookOut:
    return WebhookOut(
        id=row.id,
        url=row.url,
        events=row.events,  # type: ignore[arg-type]  # they were checked when they came in
        active=row.active,
        confidential=row.confidential,
        created_at=row.created_at,
        old_secret_until=webhooks.last_moment(row),
    )


def _made(row: WebhookRow) -> dict[str, Any]:
    return WebhookMade(**_shown(row).model_dump(), secret=row.secret).model_dump(mode="json")


def _delivery(row: DeliveryRow) -> DeliveryOut:
    return DeliveryOut(
        id=row.id,
        event=row.event,
        state=row.state,  # type: ignore[arg-type]
        attempts=row.attempts or 0,
        next_at=row.next_at if row.state in {WAITING, SENDING} else None,
        status=row.status,
        error=row.error or "",
        created_at=row.created_at,
        tried_at=row.tried_at,
        payload=row.payload,
    )
