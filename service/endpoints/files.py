"""``POST /v1/documents``, ``POST /v1/files``: what a file says, before anything is done with it. Nothing is stored."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from service.jobs import uploads
from service.problems import answered
from service.shapes.files import (
    DOCUMENT_FORM,
    FILE_FORM,
    FILE_SEEN,
    FILES,
    LETTER,
    LETTER_READ,
    ColumnSeen,
    DocumentOut,
    FileSeen,
    ReadingIn,
    fields_offered,
)
from service.web.caller import FOR_ADVICE
from service.web.dependencies import ReadingOf, SettingsOf
from service.web.form import FILE_PROBLEMS, FileRoute, Form, json_field
from service.web.form import MEDIA_TYPE as FORM

router = APIRouter(prefix="/v1", tags=["files"], route_class=FileRoute)


def _form(schema: dict[str, Any], examples: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {FORM: {"schema": schema, "examples": examples}}}}


@router.post(
    "/documents",
    responses=answered(LETTER_READ, *FILE_PROBLEMS, "queue-full"),
    openapi_extra=_form(DOCUMENT_FORM, LETTER),
    dependencies=[FOR_ADVICE],
    summary="What does this letter say?",
)
async def document(request: Request, settings: SettingsOf, reading: ReadingOf) -> DocumentOut:
    """Title and text of one Word document or text file, as `triage check` reads a draft. Nothing is stored."""
    form: Form = request.state.upload
    name = uploads.clean_name(form.name)
    return DocumentOut.model_validate(await reading.run(lambda: uploads.letter(name, form.content, settings)))


@router.post(
    "/files",
    responses=answered(FILE_SEEN, *FILE_PROBLEMS, "too-many-rows", "queue-full", "invalid-request"),
    openapi_extra=_form(FILE_FORM, FILES),
    dependencies=[FOR_ADVICE],
    summary="What is in this file?",
)
async def file(request: Request, settings: SettingsOf, reading: ReadingOf) -> FileSeen:
    """What the columns of a csv, xlsx or jsonl mean, and which rows could not be read: to be shown to whoever knows the
    file before it is handed in as a job. A column of which that is not sure has the `field` null; `likely` says what to
    ask. Send what the clerk said as `columns` to see what that comes to, and to `POST /v1/jobs`. Nothing is stored.
    """
    form: Form = request.state.upload
    asked = _asked(form)
    name = uploads.clean_name(form.name)
    options = {"columns": asked.columns, "sheet": asked.sheet}
    seen = await reading.run(lambda: uploads.look(name, form.content, settings, options))
    return FileSeen(
        name=name,
        rows=seen["rows"],
        header_line=seen["line"],
        sheet=seen["sheet"],
        other_sheets=seen["others"],
        columns=[
            ColumnSeen(
                header=one["header"],
                field=one["field"] or None,
                likely=one["likely"] or None,
                examples=one["examples"],
            )
            for one in seen["columns"]
        ],
        missing=seen["missing"],
        problems=[uploads.finding(one) for one in seen["problems"]],
        fields=fields_offered(),
    )


def _asked(form: Form) -> ReadingIn:
    """How the file is to be read. Raises RequestValidationError."""
    given = {name: json_field(form, name) if name == "columns" else value for name, value in form.fields.items()}
    try:
        return ReadingIn.model_validate(given)
    except ValidationError as error:
        errors = [one | {"loc": ("body", *one["loc"])} for one in error.errors(include_url=False)]
        raise RequestValidationError(errors) from None
