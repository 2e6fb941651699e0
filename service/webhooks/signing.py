"""Signatures of messages, by the Standard Webhooks specification (standardwebhooks.com, version 1.0.0), symmetric kind.

Headers: ``webhook-id`` (the same for every attempt), ``webhook-timestamp`` (Unix seconds of this attempt) and
``webhook-signature``: ``v1,`` and the Base64 HMAC-SHA256 of ``id.timestamp.body``; several stand with spaces between
while a secret is being changed. `verify` needs nothing but the standard library: receivers in Python may copy it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping, Sequence

PREFIX = "whsec_"
SECRET_BYTES = 32
"""The specification asks for 24 to 64."""


def new_secret() -> str:
    """A new secret, in the form in which it is shown: ``whsec_`` and Base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """One entry of ``webhook-signature``."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def signed(keys: Sequence[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of a message that is signed with each of these secrets."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(key, message_id, timestamp, body) for key in keys),
    }


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
