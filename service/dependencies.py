"""What the endpoints ask for, as types. All of it is made when the service starts and hangs on the application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request

from service.model import ServedModel
from service.queue import WorkQueue
from service.settings import Settings

if TYPE_CHECKING:
    from triage import Triager


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def _queue(request: Request) -> WorkQueue:
    queue: WorkQueue = request.app.state.queue
    return queue


async def _triager(request: Request) -> Any:
    """The loaded model; until there is one, Problem ``not-ready``."""
    model: ServedModel = request.app.state.model
    return model.ready()


SettingsOf = Annotated[Settings, Depends(_settings)]
QueueOf = Annotated[WorkQueue, Depends(_queue)]
if TYPE_CHECKING:
    TriagerOf = Annotated[Triager, Depends(_triager)]
else:
    # The library's door brings in the numeric packages; it is imported while the model is loaded, not before.
    TriagerOf = Annotated[Any, Depends(_triager)]
