"""Whether the service is alive and ready, what model answers, and what its errors mean."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request

from service.problems import KINDS, answered, documented
from service.served.bundle import public
from service.served.following import index_state
from service.served.model import Answering
from service.settings import Settings
from service.shapes.examples import CARD
from service.shapes.schemas import Health, IndexState, ProblemKind, Ready
from service.store.store import Store
from service.web.caller import FOR_READING
from service.web.dependencies import AnsweringOf
from triage import __version__

router = APIRouter(prefix="/v1", tags=["status"])
UNREADY = documented("not-ready", "model-failed", "index-failed")


def explained(code: str) -> ProblemKind:
    """What a code means."""
    return ProblemKind(code=code, **asdict(KINDS[code]))


HEALTH = {"status": "alive", "version": __version__}
READY = {
    "status": "ready",
    "model": CARD["model"],
    "catalogue": 3,
    "index": {"texts": 4326, "behind": 0, "building": False},
}
EXPLAINED = [explained(code).model_dump() for code in ("bad-key", "queue-full")]


@router.get("/health", responses=answered(HEALTH), summary="Is the process alive?")
async def health() -> Health:
    """Answers as long as the process does, also while the model is being loaded and under load."""
    return Health(version=__version__)


@router.get("/ready", responses=answered(READY) | UNREADY, summary="Is the model loaded, and the index open?")
async def ready(now: AnsweringOf, request: Request) -> Ready:
    """200 when suggestions can be triaged, 503 before, and as long as a duplicate index is set and cannot be read. The
    index that follows the memory may still be building.
    """
    return await asyncio.to_thread(_ready, now, request.app.state.settings, request.app.state.store)


@router.get("/model", responses=answered(CARD) | UNREADY, summary="Which model answers?", dependencies=[FOR_READING])
async def model(now: AnsweringOf) -> dict[str, Any]:
    """The card of the bundle: what it was trained on and when, how many units and topics, how good it is. And
    `catalogue_version`, which the answers are kept with: 0 is the starting folder, null the model's own catalogue.
    """
    card: dict[str, Any] = public(now.triager.card)
    return card | {"catalogue_version": now.place.number}


@router.get("/problems", responses=answered(EXPLAINED), summary="What do the errors mean?")
async def problems() -> list[ProblemKind]:
    """Every `code` of a problem document, with its status and what to do."""
    return [explained(code) for code in KINDS]


def _ready(now: Answering, settings: Settings, store: Store | None) -> Ready:
    state = index_state(now, settings, store)
    return Ready(
        model=now.triager.card["model"],
        catalogue=now.place.number,
        index=None if state is None else IndexState(**state),
    )
