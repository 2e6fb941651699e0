"""Jobs that answer row by row: advice (triage) and the pre-check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date as Date
from typing import TYPE_CHECKING, Any

from service.jobs.kinds import Answered
from service.jobs.sight import triaged_of
from service.jobs.sources import Order, Row
from service.logs import log_fault
from service.problems import KINDS, Problem, document, unusable
from service.store.errors import AlreadyThere, NotThere
from service.store.store import Writing
from service.store.suggestions import create, find, keep_answer
from triage.errors import InputError
from triage.records import Suggestion
from triage.sheets import Sheet

if TYPE_CHECKING:
    from service.served.model import Answering

Some = Callable[[list[Suggestion]], list[tuple[dict[str, Any], list[Sheet]]]]


def triage(answering: Answering, order: Order, rows: Sequence[Row]) -> list[Answered]:
    """Advice for each row, as ``POST /v1/triage`` gives it."""
    del order  # nothing of it changes the advice
    from triage.results import answers_sheet

    def some(suggestions: list[Suggestion]) -> list[tuple[dict[str, Any], list[Sheet]]]:
        answers = answering.triager.triage(suggestions, history=answering.index, precheck=answering.office)
        return [
            (answer.to_dict(), [answers_sheet([suggestion], [answer])])
            for suggestion, answer in zip(suggestions, answers, strict=True)
        ]

    told = {"model": answering.triager.card["model"], "catalogue": answering.place.version}
    return [replace(one, **told) for one in _each(rows, some)]


def triaged_sheets(suggestion: Suggestion, record: dict[str, Any]) -> list[Sheet]:
    """The sheet of one record of advice."""
    from triage.results import answers_sheet

    return [answers_sheet([suggestion], [triaged_of(record)])]


def triage_sheets() -> list[Sheet]:
    """The sheet of advice, without rows."""
    from triage.results import answers_sheet

    return [answers_sheet([], [])]


def check(answering: Answering, order: Order, rows: Sequence[Row]) -> list[Answered]:
    """What each row lacks, as ``POST /v1/check`` tells it."""
    from triage.precheck.sheets import check_sheets as sheets

    on = Date.fromisoformat(order.options["on"]) if order.options.get("on") else None

    def some(suggestions: list[Suggestion]) -> list[tuple[dict[str, Any], list[Sheet]]]:
        checked = answering.triager.check(suggestions, answering.precheck, on=on, history=answering.index)
        return [(one.to_dict(), sheets([mine], [one])) for mine, one in zip(suggestions, checked, strict=True)]

    return _each(rows, some)


def checked_sheets(suggestion: Suggestion, record: dict[str, Any]) -> list[Sheet]:
    """The sheets of one record of the pre-check."""
    from pydantic import TypeAdapter

    from triage.precheck.checked import Checked
    from triage.precheck.sheets import check_sheets as sheets

    return sheets([suggestion], [TypeAdapter(Checked).validate_python(record)])


def check_sheets() -> list[Sheet]:
    """The sheets of the pre-check, without rows."""
    from triage.precheck.sheets import check_sheets as sheets

    return sheets([], [])


def keep(writing: Writing, order: Order, rows: Sequence[Row], found: Sequence[Answered]) -> list[Answered]:
    """Take the rows in as suggestions, unless they are stored already, each with its answer."""
    return [
        one if one.problem is not None else _kept(writing, order, row, one)
        for row, one in zip(rows, found, strict=True)
    ]


def _kept(writing: Writing, order: Order, row: Row, one: Answered) -> Answered:
    try:
        if row.version:
            stored = find(writing.session, row.ref, confidential=order.confidential)
        else:
            stored = create(writing, replace(row.suggestion, id=""), row.ref, batch=order.job_id)
        version = row.version or stored.version
        answer = dict(one.record) | {"id": stored.ref}
        keep_answer(writing, stored, answer, one.model, one.catalogue, version=version)
    except AlreadyThere as error:
        return _refused(row, Problem("already-there", str(error)))
    except NotThere as error:
        return _refused(row, Problem("not-found", str(error)))
    except InputError as error:
        return _refused(row, unusable(error))
    return replace(one, record=answer, stored=stored.ref)


def _each(rows: Sequence[Row], some: Some) -> list[Answered]:
    """The answers to rows that are asked together; where that fails, one by one, so that one row fails alone."""
    there = [row for row in rows if _has_text(row)]
    try:
        answers = iter([Answered(record, _cells(sheets)) for record, sheets in some([row.suggestion for row in there])])
    except Exception as error:  # noqa: BLE001 - which row it was is found out below
        if not isinstance(error, InputError):  # those may name an id of the file
            log_fault(error)
        answers = iter([_alone(row, some) for row in there])
    return [next(answers) if _has_text(row) else _refused(row, _gone()) for row in rows]


def _alone(row: Row, some: Some) -> Answered:
    try:
        ((record, sheets),) = some([row.suggestion])
    except InputError as error:
        return _refused(row, unusable(error))
    except Exception as error:  # noqa: BLE001 - the other rows are answered
        log_fault(error)
        return _refused(row, Problem("internal-error", KINDS["internal-error"].remedy))
    return Answered(record, _cells(sheets))


def _cells(sheets: Sequence[Sheet]) -> list[list[list[str]]]:
    return [[list(row) for row in sheet.rows] for sheet in sheets]


def _has_text(row: Row) -> bool:
    return bool(row.suggestion.title or row.suggestion.text)


def _gone() -> Problem:
    return Problem("not-found", "The suggestion was deleted or erased since the job was handed in.")


def _refused(row: Row, problem: Problem) -> Answered:
    return Answered({"id": row.suggestion.id}, problem=document(problem))
