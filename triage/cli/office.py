"""The office of a catalogue folder, for the commands that take ``--catalogue``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from triage.precheck.precheck import Precheck


def precheck_of(folder: Path | None) -> Precheck:
    """The pre-check by the rules of a folder, or of the starter's county. Raises CatalogueError."""
    from triage.catalogue import load_catalogue, load_office, starter_catalogue, starter_office
    from triage.precheck.precheck import Precheck

    if folder is None:
        return Precheck(starter_catalogue(), starter_office())
    return Precheck(load_catalogue(folder), load_office(folder))
