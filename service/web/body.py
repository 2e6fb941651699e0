"""Reading a request's body: within its bytes and its time, declared as JSON, and turned into UTF-8.

The bytes are counted as they arrive, so that a chunked body without Content-Length is bounded like any other.
"""

from __future__ import annotations

import asyncio
import codecs
from collections.abc import Callable, Coroutine
from email.message import Message
from typing import Any

from fastapi import Request, Response, params
from fastapi.routing import APIRoute

from service.problems import Problem
from service.settings import Settings
from service.web.caller import KeyedRoute

_DECODERS = {
    "utf-8": "utf-8-sig",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "ascii": "ascii",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
}
"""Charsets that are read, by Python's name, with the decoder for each: GB18030 holds all of GBK and GB2312."""

CHARSETS = ("utf-8", "gb18030", "gbk", "gb2312", "utf-16")
"""The charsets to recommend, as a caller writes them."""


class JsonRoute(KeyedRoute):
    """A route whose JSON body, if it takes one, is read by `read_json` as soon as the caller is known.

    Operations without a body, and those that take a form, are left as they are: one router can hold all of them.
    """

    def unread(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of the route, for a request whose body has been read (`WithBody`)."""
        return super().behind_key()

    @property
    def needs_body(self) -> bool:
        """Whether the body may not be left out."""
        return self.body_field is None or bool(self.body_field.field_info.is_required())

    def behind_key(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of the route, behind the reading of the body."""
        handle = self.unread()
        if not takes_json(self):
            return handle

        async def handler(request: Request) -> Response:
            if not self.needs_body and not _has_body(request):
                return await handle(request)
            body = await read_json(request, request.app.state.settings)
            return await handle(WithBody(request, body))

        return handler


def _has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


def takes_json(route: APIRoute) -> bool:
    """Whether the operation takes a body, and it is no form."""
    return route.body_field is not None and not isinstance(route.body_field.field_info, params.Form)


class WithBody(Request):
    """The request with a body that has been read already."""

    def __init__(self, request: Request, body: bytes) -> None:
        super().__init__(request.scope, request.receive)
        self._content = body

    async def body(self) -> bytes:
        """What has been read."""
        return self._content


async def read_json(request: Request, settings: Settings) -> bytes:
    """The body in UTF-8. Raises Problem for a foreign media type or charset, and for too many bytes or seconds."""
    charset = _declared_charset(request)
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > settings.max_body_bytes:
        raise _too_large(settings)
    try:
        async with asyncio.timeout(settings.body_seconds):
            body = await _bounded(request, settings)
    except TimeoutError:
        detail = f"The body had not arrived after {settings.body_seconds:g} seconds. Send it again, in smaller parts."
        raise Problem("body-too-slow", detail, headers={"Connection": "close"}) from None
    return _utf8(body, charset)


def _declared_charset(request: Request) -> str:
    """Python's name of the declared charset; JSON is UTF-8 unless it says otherwise (RFC 8259)."""
    declared = Message()
    declared["content-type"] = request.headers.get("content-type", "")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Problem("unsupported-media-type", "The body is compressed (Content-Encoding). Send it as it is.")
    if not request.headers.get("content-type") or not _is_json(declared.get_content_type()):
        detail = "The body is not declared as JSON. Send Content-Type: application/json."
        raise Problem("unsupported-media-type", detail)
    charset = declared.get_param("charset", "utf-8")
    try:
        name = codecs.lookup(str(charset)).name
    except (LookupError, ValueError):
        name = ""
    if name not in _DECODERS:
        detail = f"The declared charset is not read here; allowed are {', '.join(CHARSETS)}. Send UTF-8."
        raise Problem("unsupported-charset", detail)
    return name


def _is_json(media_type: str) -> bool:
    return media_type == "application/json" or (media_type.startswith("application/") and media_type.endswith("+json"))


async def _bounded(request: Request, settings: Settings) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > settings.max_body_bytes:
            raise _too_large(settings)
    return bytes(body)


def _too_large(settings: Settings) -> Problem:
    limit = f"{settings.max_body_bytes:,} bytes"
    detail = f"The body has more than {limit}, which is the limit. Send fewer suggestions a request."
    return Problem("body-too-large", detail)  # the connection stays open: a reset would cost the caller this answer


def _utf8(body: bytes, charset: str) -> bytes:
    try:
        return body.decode(_DECODERS[charset]).encode()
    except UnicodeError as error:
        place = f" from byte {error.start} on" if isinstance(error, UnicodeDecodeError) else ""
        remedy = "Send UTF-8, or name the charset: Content-Type: application/json; charset=gb18030."
        raise Problem("wrong-encoding", f"The body is not {charset}{place}. {remedy}") from None
