"""Whether a message is really from the service (Standard Webhooks); a copy of `service.webhooks.signing.verify`."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Mapping


def verify(
    secret: str, headers: Mapping[str, str], body: bytes, *, now: float | None = None, tolerance: int = 300
) -> str:
    """The id of a message that was signed with `secret`; remember it, for the same message may come twice.

    `headers` by their names in lower case, `body` exactly as it arrived. Raises ValueError for a message that was not
    signed with this secret, or that is more than `tolerance` seconds old or early: somebody may be repeating it.
    """
    message_id, given = headers.get("webhook-id", ""), headers.get("webhook-signature", "")
    try:
        timestamp = int(headers.get("webhook-timestamp", ""))
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (ValueError, binascii.Error):
        raise ValueError("the message has no timestamp, or the secret is not the one that was shown") from None
    if abs((time.time() if now is None else now) - timestamp) > tolerance:
        raise ValueError(f"the message was signed more than {tolerance} seconds before or after now")
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    wanted = b"v1," + base64.b64encode(digest)
    if not any(hmac.compare_digest(wanted, entry.encode()) for entry in given.split()):
        raise ValueError("the message was not signed with this secret")
    return message_id
