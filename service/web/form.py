"""Reading a form with a file: counted as it arrives, kept in memory or in a file without a name."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from service.problems import Problem
from service.settings import Settings
from service.web.body import JsonRoute, WithBody
from service.web.caller import KeyedRoute

MEDIA_TYPE = "multipart/form-data"
SLOWER = 10
"""A file may take so many times as long as a body of JSON."""
MOST_FIELDS = 4
LONGEST_FIELD = 100_000
"""Bytes of a part that is no file."""
OVERHEAD = 200_000
"""Bytes of a form beside its file."""


class FormRoute(JsonRoute):
    """A route whose body is JSON, or a form with a file and the same members as its fields.

    The endpoint finds the file in ``request.state.upload``, None where the body was JSON.
    """

    def behind_key(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of the route, behind the reading of the form or the JSON."""
        read_as_json = super().behind_key()
        handle = self.unread()

        async def handler(request: Request) -> Response:
            request.state.upload = None
            if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
                return await read_as_json(request)
            form = await read_form(request, request.app.state.settings)
            request.state.upload = form
            return await handle(WithBody(_as_json(request), _members(form)))

        return handler


class FileRoute(KeyedRoute):
    """A route whose body is a form with a file, which the endpoint finds in ``request.state.upload``."""

    def behind_key(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of the route, behind the reading of the form."""
        handle = super().behind_key()

        async def handler(request: Request) -> Response:
            if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
                detail = f"The body is no form. Send Content-Type: {MEDIA_TYPE} with the part `file`."
                raise Problem("unsupported-media-type", detail, detail_zh="请以表单（multipart/form-data）上传文件。")
            request.state.upload = await read_form(request, request.app.state.settings)
            return await handle(request)

        return handler


FILE_PROBLEMS = ("malformed-form", "body-too-slow", "body-too-large", "unsupported-media-type", "unusable-upload")
"""What a file can meet, wherever it is sent."""


def _as_json(request: Request) -> Request:
    headers = [(name, value) for name, value in request.scope["headers"] if name != b"content-type"]
    return Request({**request.scope, "headers": [*headers, (b"content-type", b"application/json")]}, request.receive)


def _members(form: Form) -> bytes:
    """The fields of a form as the JSON that they stand for: ``options`` and ``columns`` hold JSON, the others are
    texts. How the file is to be read (``columns``, ``sheet``) is a part of the options.
    """
    members: dict[str, Any] = dict(form.fields)
    for name in {"options", "columns"} & members.keys():
        members[name] = json_field(form, name)
    if isinstance(members.get("options", {}), dict):
        reading = {name: members.pop(name) for name in ("columns", "sheet") if name in members}
        members |= {"options": {**members.get("options", {}), **reading}} if reading else {}
    return json.dumps(members).encode()


def json_field(form: Form, name: str) -> Any:
    """What a field holds as JSON; without the field an empty object. Raises Problem ``malformed-form``."""
    try:
        return json.loads(form.fields.get(name) or "{}")
    except (ValueError, RecursionError):
        detail = f"The field `{name}` is not JSON. Send an object, or leave it out."
        raise Problem("malformed-form", detail) from None


@dataclass(frozen=True, slots=True)
class Form:
    """The parts of a form: `fields` are texts, the file has its name as it was sent."""

    fields: dict[str, str]
    name: str
    content: bytes


class _Counting(Request):
    """A request whose body may have so many bytes and no more."""

    most = 0

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The body as it arrives. Raises Problem ``body-too-large``."""
        found = 0
        async for chunk in super().stream():
            found += len(chunk)
            if found > self.most:
                raise _too_large(self.most - OVERHEAD)
            yield chunk


async def read_form(request: Request, settings: Settings) -> Form:
    """The form of a request with one file.

    Raises Problem ``body-too-large``, ``body-too-slow``, ``malformed-form``, ``unsupported-media-type``.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > settings.max_upload_bytes + OVERHEAD:
        raise _too_large(settings.max_upload_bytes)
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Problem("unsupported-media-type", "The body is compressed (Content-Encoding). Send it as it is.")
    counting = _Counting(request.scope, request.receive)
    counting.most = settings.max_upload_bytes + OVERHEAD
    seconds = SLOWER * settings.body_seconds
    try:
        async with asyncio.timeout(seconds):
            return await _parts(counting, settings)
    except TimeoutError:
        detail = f"The form had not arrived after {seconds:g} seconds. Send it again, in smaller parts."
        raise Problem("body-too-slow", detail, headers={"Connection": "close"}) from None


async def _parts(request: Request, settings: Settings) -> Form:
    try:
        form = await request.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=LONGEST_FIELD)
    except (HTTPException, ValueError, AssertionError):
        detail = f"The form cannot be read: one file, and up to {MOST_FIELDS} fields of {LONGEST_FIELD:,} bytes."
        raise Problem("malformed-form", detail) from None
    try:
        names = [name for name, _ in form.multi_items()]
        if len(names) != len(set(names)):
            raise Problem("malformed-form", "The form has two parts of one name. Send each once.")
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Problem("malformed-form", "The form has no part `file` with a filename. Attach the file.")
        fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        content = await file.read()
    finally:
        await form.close()
    if len(content) > settings.max_upload_bytes:
        raise _too_large(settings.max_upload_bytes)
    return Form(fields, file.filename or "", content)


def _too_large(most: int) -> Problem:
    detail = f"The file has more than {most:,} bytes, which is the limit. Split it."
    return Problem("body-too-large", detail, detail_zh=f"文件超过{most:,}字节的上限，请拆分后上传。")
