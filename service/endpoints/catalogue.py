"""``/v1/catalogue``: what is in force, its versions, and a new one: looked at first, then put into force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse

from service.problems import Finding as Wrong
from service.problems import Problem, answered, documented, pointer
from service.served.model import ServedModel
from service.served.place import Place, examined, files_of
from service.served.preview import catalogues_of, preview
from service.shapes import examples_catalogue as examples
from service.shapes.catalogue import (
    CatalogueFiles,
    CatalogueOut,
    ChangeIn,
    PreviewIn,
    PreviewOut,
    VersionFiles,
    VersionNumber,
    VersionOut,
    VersionsOut,
)
from service.store import catalogues
from service.store.store import Writing
from service.web.body import JsonRoute
from service.web.caller import AdminCaller, ReadCaller
from service.web.dependencies import AnsweringOf, SettingsOf, StoreOf
from service.web.etags import NeededOf, etag
from service.web.idempotency import OnceOf, Reply
from triage.errors import CatalogueError

if TYPE_CHECKING:
    from triage.catalogue import Finding

router = APIRouter(prefix="/v1/catalogue", tags=["catalogue"], route_class=JsonRoute)
LISTED = 200
"""Errors of a catalogue that one answer lists."""
Start = Annotated[bool, Query(description="Those that the service was started with, whatever is in force now")]
UNREADY = documented("not-ready", "model-failed", "index-failed")
REFUSED = documented("catalogue-refused", "unusable-input")


@router.get("", response_model=CatalogueOut, responses=answered(examples.IN_FORCE) | UNREADY, summary="In force")
def in_force(caller: ReadCaller, now: AnsweringOf) -> Response:
    """Units, topics, areas, the office's settings and rules, as the library reads them. The ETag is the version."""
    del caller
    from triage.catalogue.difference import told_of_model

    catalogue, office = catalogues_of(now, now.place)
    content = {
        "number": now.place.number,
        "digest": catalogue.digest(),
        "catalogue": catalogue.to_dict(),
        "office": jsonable_encoder(asdict(office)),
        "notices": list(told_of_model(now.triager.units, catalogue)),
    }
    return JSONResponse(content, headers={"ETag": etag(now.place.number or 0)})


@router.get(
    "/files",
    response_model=CatalogueFiles,
    responses=answered(examples.IN_FILES) | UNREADY | documented("invalid-request", "catalogue-refused"),
    summary="The files in force",
)
def files_in_force(
    caller: ReadCaller, store: StoreOf, now: AnsweringOf, settings: SettingsOf, start: Start = False
) -> Response:
    """What a catalogue folder would hold, to be edited and handed in again. The ETag is the version that a change names
    in If-Match. Of a model's own catalogue the files are written out: units, topics and areas.
    """
    del caller
    from triage.catalogue import LEVELS, SYSTEMS
    from triage.catalogue.handed_in import LAYOUTS

    try:
        number, files = files_of(settings, store, now, start=start)
    except CatalogueError as error:
        raise Problem("catalogue-refused", str(error), detail_zh="目录文件夹里有读不了的文件。") from error
    content = {
        "number": number,
        "files": files,
        "columns": {layout.file: {name: list(other) for name, other in layout.columns.items()} for layout in LAYOUTS},
        "levels": list(LEVELS),
        "systems": list(SYSTEMS),
    }
    return JSONResponse(content, headers={"ETag": etag(number or 0)})


@router.get("/versions", responses=answered(examples.VERSIONS), summary="All versions")
def versions(caller: ReadCaller, store: StoreOf) -> VersionsOut:
    """The versions that were put into force, the newest first. The folder that the service started with is none."""
    del caller
    with store.read() as session:
        found = [catalogues.told(row) for row in catalogues.versions(session)]
    return VersionsOut(versions=[VersionOut.model_validate(one) for one in found])


@router.get(
    "/versions/{number}",
    responses=answered(examples.WITH_FILES) | documented("not-found", "invalid-request"),
    summary="One version with its files",
)
def version(number: VersionNumber, caller: ReadCaller, store: StoreOf) -> VersionFiles:
    """The files, as they were handed in. To go back to a version hand its files in again."""
    del caller
    with store.read() as session:
        row = catalogues.version(session, number)
        return VersionFiles.model_validate(catalogues.told(row) | {"files": row.files})


@router.post(
    "/preview",
    response_model=PreviewOut,
    responses=answered(examples.PREVIEWED) | REFUSED | UNREADY,
    summary="What would it change?",
)
def look(
    body: Annotated[PreviewIn, Body(openapi_examples=examples.PREVIEW)],
    caller: AdminCaller,
    store: StoreOf,
    now: AnsweringOf,
) -> Response:
    """What these files change in the catalogue in force, and what that does to suggestions that are not closed: whose
    units are called otherwise or are abolished, which rules newly tag them or no longer. Nothing is changed.
    """
    place, findings = _checked(body.files)
    told = preview(now, store, place, most=body.most, confidential=caller.confidential)
    content = {"number": now.place.number, "findings": [_told(one) for one in findings], **told}
    return JSONResponse(jsonable_encoder(content))


@router.post(
    "",
    status_code=201,
    response_model=VersionOut,
    responses=answered(examples.VERSION, status=201) | REFUSED | documented("changed"),
    summary="Put a version into force",
)
def change(
    body: Annotated[ChangeIn, Body(openapi_examples=examples.CHANGE)],
    request: Request,
    caller: AdminCaller,
    expected: NeededOf,
    once: OnceOf,
) -> Response:
    """If-Match names the version in force (`"0"`, or If-None-Match: *, where none was ever put into force): 409 where
    somebody else was quicker. Within seconds every process goes by it; what was decided stays as it is.
    """
    del caller
    if stored := once.replay(body):
        return stored
    _checked(body.files)

    def work(writing: Writing) -> Reply:
        row = catalogues.add(writing, body.files, reason=body.reason, expected=expected)
        told = VersionOut.model_validate(catalogues.told(row)).model_dump(mode="json")
        headers = {"ETag": etag(row.number), "Location": f"/v1/catalogue/versions/{row.number}"}
        return Reply(201, told, headers)

    response = once.write(body, work)
    model: ServedModel = request.app.state.model
    model.look()
    return response


def _told(finding: Finding) -> dict[str, Any]:
    from triage.catalogue.findings_zh import in_chinese

    return asdict(finding) | {"message_zh": in_chinese(finding.message)}


def _wrong(finding: Finding) -> Wrong:
    """A finding as a problem document lists it."""
    chinese = _told(finding)["message_zh"]
    placed = f"{finding.file}第{finding.line}行：{chinese}" if chinese else ""
    return Wrong(detail=str(finding), detail_zh=placed, pointer=pointer(("files", finding.file)))


def _checked(files: Mapping[str, str]) -> tuple[Place, Sequence[Finding]]:
    """The files as a catalogue, and the warnings. Raises Problem ``catalogue-refused`` with every error."""
    place, findings = examined(files)
    errors = [one for one in findings if one.severity == "error"]
    if errors:
        listed = [_wrong(one) for one in errors[:LISTED]]
        counted = f"{len(errors)} error{'s' if len(errors) > 1 else ''}"
        detail = f"{errors[0]}. {counted} in all; mend the lines and send them again."
        raise Problem(
            "catalogue-refused", detail, detail_zh=f"目录有{len(errors)}处错误，未作任何改动。", findings=listed
        )
    return place, findings
