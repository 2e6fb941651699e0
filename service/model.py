"""The bundle that answers: loaded in the background, so that the service is alive before it is ready."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from service.access import log_fault
from service.examples import BUS
from service.problems import Problem
from service.settings import Settings
from triage.errors import InputError
from triage.records import Suggestion

if TYPE_CHECKING:
    from triage import Triager


class ServedModel:
    """The loaded `triager`, or the `failure` that kept it from loading, or neither while it is being loaded."""

    def __init__(self, triager: Triager | None = None) -> None:
        self.triager = triager
        self.failure: Exception | None = None

    async def load(self, settings: Settings, loaded: Callable[[ServedModel], None]) -> None:
        """Load the bundle that `settings` name and tell `loaded` when that is done, well or not."""
        try:
            self.triager = await asyncio.to_thread(_load, settings)
        except Exception as error:  # noqa: BLE001 - whatever it is, the service stays alive and says that it is not ready
            self.failure = error
            log_fault(error)
        loaded(self)

    def ready(self) -> Triager:
        """The triager. Raises Problem ``not-ready`` or ``model-failed``."""
        if self.triager is not None:
            return self.triager
        if self.failure is not None:
            detail = "The model could not be loaded. The service's log says why; ask its operator."
            raise Problem("model-failed", detail)
        raise Problem("not-ready", "The model is being loaded. Try again in a second.", headers={"Retry-After": "1"})


def _load(settings: Settings) -> Triager:
    from triage import Triager

    if settings.model is None:
        raise InputError("no model is named. Set TRIAGE_MODEL to the folder of a bundle made by `triage train`.")
    triager = Triager.load(settings.model, encoder=settings.encoder, threads=settings.threads)
    triager.triage([Suggestion(title=BUS["title"])])  # ready means that it has answered: tables are filled on first use
    return triager


def public(value: Any) -> Any:
    """A card, or a part of one, in which a folder of this machine is named by its last part only."""
    if isinstance(value, dict):
        return {name: public(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [public(part) for part in value]
    if isinstance(value, str):
        for kind in (PurePosixPath, PureWindowsPath):
            if kind(value).is_absolute():
                return kind(value).name
    return value
