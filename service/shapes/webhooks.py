"""What is asked and answered about webhooks. The secret is in two answers only: of making one, and of changing it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import AfterValidator, BaseModel, Field, StrictBool, model_validator

from service.shapes.schemas import known_fields

EventName = Literal["decision.made", "decision.changed", "suggestion.returned", "suggestion.closed", "job.finished"]
DeliveryState = Literal["waiting", "sending", "delivered", "dead"]
CURSOR = r"^[A-Za-z0-9_-]{1,64}$"

WebhookId = Annotated[str, Path(pattern=CURSOR, description="Id of the webhook", examples=["wh_0c8a2f6d1b3e4975"])]
DeliveryId = Annotated[
    str, Path(pattern=CURSOR, description="Id of the message", examples=["msg_7d0f6a52c1b84e3990aa12fe"])
]
_ADDRESS: dict[str, Any] = {
    "format": "uri",
    "pattern": r"^https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[1-9][0-9]{0,3})?(/[A-Za-z0-9._~/-]*)?$",
}
_URL = "Where messages are sent by POST: http or https, without user, password or fragment"


def _each_once(events: list[EventName]) -> list[EventName]:
    return list(dict.fromkeys(events))


Events = Annotated[list[EventName], Field(min_length=1, max_length=20), AfterValidator(_each_once)]
Url = Annotated[str, Field(max_length=2_000, json_schema_extra=_ADDRESS, examples=["https://oa.example/triage-events"])]


class WebhookIn(BaseModel):
    """A webhook to be made."""

    url: Url = Field(description=_URL)
    events: Events = Field(description="What it is told of", examples=[["decision.made", "job.finished"]])
    confidential: StrictBool = Field(
        False, description="Also of confidential suggestions; needs a key that may see those, and stays as it is"
    )

    @model_validator(mode="before")
    @classmethod
    def _only_known_fields(cls, value: Any) -> Any:
        return known_fields(value, tuple(cls.model_fields))


class WebhookChange(BaseModel):
    """What is to be different; what is left out, or null, stays."""

    url: Url | None = Field(None, description=f"{_URL}. What waits is sent there, too")
    events: Events | None = Field(None, description="What it is told of")
    active: StrictBool | None = Field(None, description="false: it is told of nothing, and what waits stays")

    @model_validator(mode="before")
    @classmethod
    def _only_known_fields(cls, value: Any) -> Any:
        return known_fields(value, tuple(cls.model_fields))


class WebhookOut(BaseModel):
    """A webhook, without its secret."""

    id: str = Field(description="Its id")
    url: str = Field(description="Where messages are sent")
    events: list[EventName] = Field(description="What it is told of")
    active: bool = Field(description="false: switched off, by an administrator or because the receiver answered 410")
    confidential: bool = Field(description="Whether it is told of confidential suggestions, too")
    created_at: datetime = Field(description="When it was made")
    old_secret_until: datetime | None = Field(
        description="Until when the secret before signs, too; null: there is none"
    )


class WebhookMade(WebhookOut):
    """A webhook with its secret, which is shown this once."""

    secret: str = Field(description="Verify messages with it: `whsec_` and Base64. It is not shown again")


class WebhooksOut(BaseModel):
    """All webhooks, the oldest first."""

    webhooks: list[WebhookOut] = Field(description="Those that this key may see")


class DeliveryOut(BaseModel):
    """A message, and how far it has come."""

    id: str = Field(description="Its id, the header `webhook-id` of every attempt")
    event: str = Field(description="What it tells of", examples=["decision.made"])
    state: DeliveryState = Field(description="dead: given up; `redeliver` tries once more")
    attempts: int = Field(description="How often it was sent")
    next_at: datetime | None = Field(description="When it is sent next; null: it is not")
    status: int | None = Field(description="The last HTTP status that came back; null: none did")
    error: str = Field(description="Why the last attempt failed: status-500, timeout, ConnectError, gone …")
    created_at: datetime = Field(description="When it was announced")
    tried_at: datetime | None = Field(description="When it was sent last")
    payload: dict[str, Any] = Field(description="What is sent")


class DeliveriesOut(BaseModel):
    """Messages of a webhook, the newest first."""

    deliveries: list[DeliveryOut] = Field(description="Those of this page")
    next: str | None = Field(description="`cursor` of the next page; null: there is none")
