"""What the endpoints ask for, as types. All of it is made when the service starts and hangs on the application.

def suggestion(ref: str, caller: ReadCaller, store: StoreOf) -> SuggestionOut:
    with store.read() as session:            # `def`: the framework runs it in a thread, as the store may wait
        ...
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request

from service.problems import Problem, index_failed, no_memory
from service.served.index_file import asked_index
from service.served.model import Answering, ServedModel
from service.settings import Settings
from service.store.store import Store
from service.web.queue import WorkQueue

if TYPE_CHECKING:
    from triage import Triager
    from triage.duplicates.index import DuplicateIndex
    from triage.precheck.precheck import Precheck


async def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


async def _queue(request: Request) -> WorkQueue:
    queue: WorkQueue = request.app.state.queue
    return queue


async def _reading(request: Request) -> WorkQueue:
    queue: WorkQueue = request.app.state.reading
    return queue


async def answering(request: Request) -> Answering:
    """What answers this request from beginning to end, whatever is exchanged meanwhile; until there is something,
    Problem ``not-ready``.
    """
    model: ServedModel = request.app.state.model
    return model.now()


AnsweringOf = Annotated[Answering, Depends(answering)]


async def _triager(now: AnsweringOf) -> Any:
    """The loaded model."""
    return now.triager


async def _index(now: AnsweringOf) -> Any:
    """The open duplicate index, None where the service has none."""
    return now.index


async def _precheck(now: AnsweringOf) -> Any:
    """The pre-check by the rules of the service's place."""
    made = vars(now).get("precheck")  # it is made when it is first asked for
    return made if made is not None else await asyncio.to_thread(lambda: now.precheck)


async def _office(now: AnsweringOf) -> Any:
    """The same, None where the service has no catalogue of an office."""
    return None if now.place.number is None else await _precheck(now)


async def _needed_index(request: Request, now: AnsweringOf) -> Any:
    """The open duplicate index; where the service has none, Problem ``no-index``, and where the one that follows the
    memory is still to be built, ``index-failed``.
    """
    if now.index is None and asked_index(request.app.state.settings) is not None:
        raise index_failed()
    if now.index is None:
        detail = (
            "本服务没有配置历史索引，无法查找先例。请管理员用 triage index build 建立索引，"
            "并以 TRIAGE_INDEX 或 --index 指定后重启服务。"
            " (This service has no duplicate index to find precedents in. Build one and set TRIAGE_INDEX or --index.)"
        )
        raise Problem("no-index", detail)
    return now.index


async def store_of(request: Request) -> Store:
    """The memory; where the service has none, Problem ``no-memory``."""
    store: Store | None = request.app.state.store
    if store is None:
        raise no_memory()
    return store


SettingsOf = Annotated[Settings, Depends(_settings)]
QueueOf = Annotated[WorkQueue, Depends(_queue)]
ReadingOf = Annotated[WorkQueue, Depends(_reading)]
"""The queue of files that are looked at at once: a large one holds up no advice."""
StoreOf = Annotated[Store, Depends(store_of)]
if TYPE_CHECKING:
    TriagerOf = Annotated[Triager, Depends(_triager)]
    IndexOf = Annotated[DuplicateIndex | None, Depends(_index)]
    NeededIndexOf = Annotated[DuplicateIndex, Depends(_needed_index)]
    PrecheckOf = Annotated[Precheck, Depends(_precheck)]
    OfficeOf = Annotated[Precheck | None, Depends(_office)]
else:
    # The library's door brings in the numeric packages; it is imported while the model is loaded, not before.
    TriagerOf = Annotated[Any, Depends(_triager)]
    IndexOf = Annotated[Any, Depends(_index)]
    NeededIndexOf = Annotated[Any, Depends(_needed_index)]
    PrecheckOf = Annotated[Any, Depends(_precheck)]
    OfficeOf = Annotated[Any, Depends(_office)]
