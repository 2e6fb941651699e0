"""The application: settings, model and queue put together, nothing of it at import."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from service.endpoints import (
    answers,
    apart,
    catalogue,
    changes,
    check,
    compared,
    decisions,
    duplicates,
    files,
    job_results,
    jobs,
    lookup,
    many_decisions,
    metrics,
    models,
    office,
    page,
    reports,
    retention,
    statistics,
    status,
    suggestions,
    trail,
    triage,
    webhooks,
    workbook,
)
from service.openapi30 import flattened
from service.problems import ProblemDocument, add_handlers
from service.served.model import ServedModel
from service.settings import Settings
from service.shapes.meanings import explain
from service.store.store import Store
from service.web.access import HEADER, AccessLog
from service.web.caller import KeyRing
from service.web.described import describe
from service.web.metrics import Metrics, Tally
from service.web.queue import WorkQueue
from service.web.rates import Rates
from triage import __version__

if TYPE_CHECKING:
    from triage import Triager

DESCRIPTION = (
    "Which unit leads, which units help, and why: advice for offices that hand out suggestions (人大建议, 政协提案, "
    "群众建议). Every answer is advice to a person. Errors are problem documents (RFC 9457)."
)
ROUTERS = (
    triage.router,
    check.router,
    duplicates.router,
    suggestions.router,
    answers.router,
    decisions.router,
    many_decisions.router,
    compared.router,
    apart.router,
    statistics.router,
    reports.router,
    office.router,
    catalogue.router,
    lookup.router,
    files.router,
    workbook.router,
    models.router,
    retention.router,
    jobs.router,
    job_results.router,
    webhooks.router,
    trail.router,
    changes.router,
    status.router,
    metrics.router,
)
ASKED_HEADERS = ("Authorization", "X-API-Key", "Idempotency-Key", "If-Match", "If-None-Match")
TOLD_HEADERS = (
    "ETag",
    "Location",
    "Idempotency-Replayed",
    "RateLimit",
    "RateLimit-Policy",
    "Server-Timing",
    "Deprecation",
    "Sunset",
)
READERS = 2
"""Files that are looked at at the same time, each in a process of its own."""
NO_TELEMETRY: Any = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""The framework can send URLs and exceptions to a collector; texts do not leave this machine. Older ones ignore it."""


class Service(FastAPI):
    """The application, whose OpenAPI document tells the limits that are set."""

    @property
    def operations(self) -> list[APIRoute]:
        """Every operation of the interface, as it was declared."""
        return [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, with the problem document and the limits of this service's settings."""
        if self.openapi_schema:
            return self.openapi_schema
        document = super().openapi()
        describe(document, self.operations)
        schemas = document["components"]["schemas"]
        for name in ("HTTPValidationError", "ValidationError"):  # the framework's own, which no operation answers
            schemas.pop(name, None)
        schemas["Finding"] = ProblemDocument.model_json_schema()["$defs"]["Finding"]
        problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
        explain(document)
        schemas["ProblemDocument"] = {name: value for name, value in problem.items() if name != "$defs"}
        settings: Settings = self.state.settings
        for name in ("TriageRequest", "CheckRequest", "DuplicatesRequest", "PrecedentsRequest", "HotRequest", "HandIn"):
            schemas[name]["properties"]["suggestions"]["maxItems"] = settings.max_suggestions
        for name in ("title", "text"):
            schemas["SuggestionIn"]["properties"][name]["maxLength"] = settings.max_characters
        return document

    @cached_property
    def openapi30(self) -> dict[str, Any]:
        """The same document in the words of OpenAPI 3.0.3."""
        return flattened(self.openapi())


async def _openapi30(request: Request) -> JSONResponse:
    """The OpenAPI document for tools that know 3.0 only, without a key like the other one."""
    service: Service = request.app
    return JSONResponse(service.openapi30)


def create_app(
    settings: Settings | None = None,
    triager: Triager | None = None,
    *,
    loaded: Callable[[ServedModel], None] = lambda model: None,
) -> FastAPI:
    """The service, for any ASGI server (``uvicorn --factory service.app:create_app``).

    Without `settings` they come from the environment (InputError if one is wrong). What they name is loaded in the
    background when the server starts, and `loaded` is told. With a `triager` the service is ready at once, and an index
    or rules that cannot be read stop the start.
    """
    settings = settings or Settings.from_environment()
    app = Service(
        title="triage",
        version=__version__,
        description=DESCRIPTION,
        lifespan=_lifespan,
        docs_url=None,  # both pages load scripts from the internet
        redoc_url=None,
        redirect_slashes=False,
        telemetry=NO_TELEMETRY,
    )
    app.state.settings, app.state.model, app.state.loaded = settings, ServedModel(triager), loaded
    app.state.store = app.state.keys = None  # made by each process for itself when it starts
    app.state.stops = lambda: False  # whether the server is about to stop, for answers that would go on and on
    app.state.metrics, app.state.tally = Metrics(), Tally()
    app.state.rates = Rates() if settings.database_url else None  # before the processes fork: they count together
    for router in (*ROUTERS, *([page.router] if settings.page else [])):
        app.include_router(router)
    app.add_route("/openapi-3.0.json", _openapi30, include_in_schema=False)
    add_handlers(app)
    _add_middleware(app, settings)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Make the queue, and load the model and open the index when the server starts; let go of all when it stops."""
    settings: Settings = app.state.settings
    model: ServedModel = app.state.model
    app.state.queue = WorkQueue(settings.workers, settings.queue, seen=app.state.metrics.queue)
    app.state.reading = WorkQueue(READERS, settings.queue)
    if settings.database_url:
        app.state.store = await asyncio.to_thread(_opened, settings)
        app.state.keys = KeyRing(app.state.store)
    tasks = [asyncio.create_task(model.watch())]
    if model.triager is None:
        tasks.append(asyncio.create_task(model.load(settings, app.state.loaded, app.state.store)))
    elif settings.index is not None or settings.catalogue is not None or app.state.store is not None:
        await asyncio.to_thread(model.open, settings, app.state.store)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        app.state.queue.close()
        app.state.reading.close()
        model.close()
        if app.state.store is not None:
            app.state.store.close()


def _opened(settings: Settings) -> Store:
    """The memory, its tables up to date. Raises InputError, StoreError."""
    from service.jobs.queue import prepare
    from service.store.migrate import upgrade

    store = Store(settings.database_url)
    upgrade(store)
    prepare(store, settings.jobs)
    return store


def _add_middleware(app: Service, settings: Settings) -> None:
    """What stands around every request; the last one added is the outermost."""
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Content-Type", HEADER, *ASKED_HEADERS],
            expose_headers=[HEADER, "Retry-After", *TOLD_HEADERS],
        )
    paths = {route.path_format for route in app.operations} | {"/openapi.json", "/openapi-3.0.json"}
    if settings.page:
        paths |= {route.path_format for route in page.router.routes if isinstance(route, APIRoute)}
    app.add_middleware(AccessLog, paths=paths, seen=app.state.metrics.seen)
