"""``GET /v1/statistics`` and ``/v1/export/cases``: counts over the memory, and its cases as a file to learn from."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from statistics import mean, median
from typing import IO, Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from service.endpoints.suggestions import filter_of
from service.problems import KINDS, Problem, documented
from service.shapes import examples_stored as examples
from service.shapes.stored import ExportIn, Statistics
from service.shapes.suggestions import FilterIn
from service.store import cases as stored
from service.store.decisions import today
from service.store.figures import Figures
from service.store.store import Store
from service.web.body import JsonRoute
from service.web.caller import ReadCaller
from service.web.dependencies import QueueOf, StoreOf

router = APIRouter(prefix="/v1", tags=["statistics"], route_class=JsonRoute)
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson",
}
COMMONEST = 20
"""Changes of lead that are told."""
CHUNK = 1 << 18
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A cases file, which `triage train` and `triage evaluate` read",
        "content": {
            media_type.partition(";")[0]: {"schema": {"type": "string"}, "example": examples.FILES[name]}
            for name, media_type in MEDIA_TYPES.items()
        },
    }
}


@router.get(
    "/statistics",
    response_model=Statistics,
    responses={
        200: {"content": {"application/json": {"example": examples.STATISTICS}}},
        **documented("unusable-input", "queue-full"),
    },
    summary="Counts over the memory",
)
async def statistics(
    wanted: Annotated[FilterIn, Query()], caller: ReadCaller, store: StoreOf, queue: QueueOf
) -> Response:
    """How many there are by state, body, session, month, topic, unit and outcome, who sent back, how far decisions
    followed what had been suggested, and how long the first decision took. Erased suggestions count; confidential ones
    only for keys that may see them.
    """
    chosen = filter_of(wanted)

    def work() -> bytes:
        with store.snapshot() as session:
            figures = Figures(session, chosen, confidential=caller.confidential)
            told = _counts(figures) | {"followed": _followed(figures), "waited": _waited(list(figures.waits()))}
        return json.dumps(told, ensure_ascii=False).encode()

    return Response(await queue.run(work), media_type="application/json")


@router.get(
    "/export/cases",
    response_class=StreamingResponse,
    responses=_FILE | documented("unusable-input", "queue-full"),
    summary="Cases to learn from",
)
async def export(
    wanted: Annotated[ExportIn, Query()], caller: ReadCaller, store: StoreOf, queue: QueueOf
) -> StreamingResponse:
    """The decided suggestions that a filter chooses as a cases file: csv (for Excel and WPS), xlsx or jsonl, with every
    text, unit, topic, return and reply. What begins like a formula stays a text.

    What is erased has no text and is left out; confidential suggestions come only to keys that may see them.
    """
    file = await queue.run(lambda: _written(store, wanted, confidential=caller.confidential))
    headers = {
        "Content-Disposition": f'attachment; filename="cases-{today():%Y%m%d}.{wanted.format}"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(_parts(file), media_type=MEDIA_TYPES[wanted.format], headers=headers)


def _written(store: Store, wanted: ExportIn, *, confidential: bool) -> IO[bytes]:
    """The file, whole before the answer begins: the memory waits for no slow line, and what goes wrong can be said."""
    from triage.casefiles import case_file

    with store.snapshot() as session:
        found = stored.cases(session, filter_of(wanted), confidential=confidential)
        cases = (case for case in found if wanted.undecided or case.leads)
        try:
            file = tempfile.TemporaryFile()  # noqa: SIM115 - `_parts` closes it
            try:
                for part in case_file(cases, f".{wanted.format}"):
                    file.write(part)
                file.seek(0)
            except BaseException:
                file.close()
                raise
        except OSError as error:
            raise Problem("store-failed", f"The file could not be written. {KINDS['store-failed'].remedy}") from error
    return file


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while part := file.read(CHUNK):
            yield part


def _counts(figures: Figures) -> dict[str, Any]:
    counted = {
        "states": figures.states(),
        "sources": figures.sources(),
        "sessions": figures.sessions(),
        "months": figures.months(),
        "topics": figures.topics(),
        "leads": figures.leads(),
        "co": figures.co_units(),
        "outcomes": figures.outcomes(),
        "returns": figures.returns(),
    }
    told = {name: [{"value": value, "count": count} for value, count in rows] for name, rows in counted.items()}
    return {"total": figures.total(), "returned": figures.returned(), **told}


def _followed(figures: Figures) -> dict[str, Any]:
    from triage.meeting.figures import counts_of

    told = counts_of(figures.compared())
    listed = told.pop("lead_listed")
    promises = {name: asdict(promise) for name, promise in told["promises"].items()}
    return told | {
        "lead_within_five": told["lead_kept"] + listed,
        "promises": promises,
        "changes": [
            {"suggested": one, "decided": other, "count": count} for one, other, count in figures.changes(COMMONEST)
        ],
    }


def _waited(days: list[int]) -> dict[str, Any]:
    if not days:
        return {"counted": 0, "median": None, "mean": None, "longest": None}
    return {"counted": len(days), "median": median(days), "mean": round(mean(days), 2), "longest": max(days)}
