"""``GET /metrics``: what Prometheus reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from service.served.following import index_state
from service.served.model import ServedModel
from service.settings import Settings
from service.web.caller import ANONYMOUS, Caller, Needs
from service.web.metrics import Metrics, State, Tally

EXAMPLE = """\
# HELP triage_requests_total Requests that were answered.
# TYPE triage_requests_total counter
triage_requests_total{method="POST",path="/v1/triage",status="200"} 4326.0
# HELP triage_deliveries Messages to webhooks that are kept, by state.
# TYPE triage_deliveries gauge
triage_deliveries{state="dead"} 0.0
"""


@dataclass(frozen=True, slots=True)
class NeedsUnlessOpen(Needs):
    """A key with the scope, unless the settings open the metrics to everybody."""

    async def __call__(self, request: Request) -> Caller:
        """The caller. Raises what `Needs` does."""
        settings: Settings = request.app.state.settings
        return ANONYMOUS if settings.open_metrics else await Needs.__call__(self, request)


router = APIRouter(tags=["status"])
TEXT: dict[int | str, dict[str, Any]] = {
    200: {"description": "The metrics", "content": {"text/plain": {"schema": {"type": "string"}, "example": EXAMPLE}}}
}


@router.get("/metrics", response_class=Response, responses=TEXT, summary="Metrics for Prometheus")
def metrics(request: Request, caller: Annotated[Caller, Depends(NeedsUnlessOpen("read"))]) -> Response:  # noqa: ARG001
    """Requests, decisions, jobs, messages, index and memory, in the text format of Prometheus; docs/metrics.md tells
    what each means. With `TRIAGE_OPEN_METRICS` no key is needed.
    """
    app = request.app.state
    counted: Metrics = app.metrics
    body, media_type = counted.text(_state(app.model, app.settings, app))
    return Response(body, media_type=media_type)


def _state(model: ServedModel, settings: Settings, app: Any) -> State:
    now = model.answering
    tally: Tally = app.tally
    number = None if now is None else now.place.number
    return State(
        app.store,
        tally,
        "" if now is None else str(now.triager.card["model"]),
        "" if number is None else str(number),
        lambda: None if now is None else index_state(now, settings, app.store),
    )
