"""Whether the service is alive and ready, what model answers, and what its errors mean."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter

from service.problems import KINDS, documented
from service.served.model import public
from service.shapes.examples import CARD
from service.shapes.schemas import Health, IndexState, ProblemKind, Ready
from service.web.caller import FOR_READING
from service.web.dependencies import IndexOf, TriagerOf
from triage import __version__

router = APIRouter(prefix="/v1", tags=["status"])
UNREADY = documented("not-ready", "model-failed", "index-failed")
CARDS = {200: {"content": {"application/json": {"example": CARD}}}, **UNREADY}


@router.get("/health", summary="Is the process alive?")
async def health() -> Health:
    """Answers as long as the process does, also while the model is being loaded and under load."""
    return Health(version=__version__)


@router.get("/ready", responses=UNREADY, summary="Is the model loaded, and the index open?")
async def ready(triager: TriagerOf, index: IndexOf) -> Ready:
    """200 when suggestions can be triaged, 503 before, and as long as a duplicate index is set and cannot be read."""
    texts = None if index is None else await asyncio.to_thread(len, index)
    return Ready(model=triager.card["model"], index=None if texts is None else IndexState(texts=texts))


@router.get("/model", responses=CARDS, summary="Which model answers?", dependencies=[FOR_READING])
async def model(triager: TriagerOf) -> dict[str, Any]:
    """The card of the bundle: what it was trained on and when, how many units and topics, how good it is."""
    card: dict[str, Any] = public(triager.card)
    return card


@router.get("/problems", summary="What do the errors mean?")
async def problems() -> list[ProblemKind]:
    """Every `code` of a problem document, with its status and what to do."""
    return [ProblemKind(code=code, **asdict(kind)) for code, kind in KINDS.items()]
