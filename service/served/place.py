"""The catalogue in force: the newest version in the memory, else the folder that the service was started with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.settings import Settings
from service.store import catalogues
from service.store.store import Store
from triage.errors import CatalogueError

if TYPE_CHECKING:
    from service.served.model import Answering
    from triage.catalogue import Catalogue, Finding, Office


@dataclass(frozen=True, slots=True)
class Place:
    """The catalogue and the office in force. `number` is their version: 0 for the starting folder, None where there is
    neither a version nor a folder, so that the model's own catalogue and a plain office hold.
    """

    number: int | None = None
    catalogue: Catalogue | None = None
    office: Office | None = None

    @property
    def version(self) -> str:
        """The number as answers are kept with it; empty for the model's own."""
        return "" if self.number is None else str(self.number)


def number_in_force(settings: Settings, store: Store | None) -> int | None:
    """The number of the catalogue version in force, as in `Place`. Raises StoreError."""
    if store is not None:
        with store.read() as session:
            if number := catalogues.latest(session):
                return number
    return None if settings.catalogue is None else 0


def load_place(settings: Settings, store: Store | None, number: int | None) -> Place:
    """The catalogue and the office of a version. Raises CatalogueError, StoreError."""
    from triage.catalogue import load_catalogue, load_office

    if number is None:
        return Place()
    if number == 0 or store is None:
        if settings.catalogue is None:
            return Place()
        return Place(0, load_catalogue(settings.catalogue), load_office(settings.catalogue))
    with store.read() as session:
        files = catalogues.version(session, number).files
    return place_of(number, files)


def files_of(
    settings: Settings, store: Store, now: Answering, *, start: bool = False
) -> tuple[int | None, dict[str, str]]:
    """The number of the version in force and its files, as a folder would hold them; with `start` those that the
    service was started with: the folder as it stands now, else the model's own catalogue written out.

    Raises CatalogueError where the folder or the model's catalogue cannot be put into files, StoreError.
    """
    from triage.catalogue.handed_in import folder_texts
    from triage.catalogue.save import catalogue_texts

    with store.read() as session:
        number = 0 if start else catalogues.latest(session)
        if number:
            return number, dict(catalogues.version(session, number).files)
    if settings.catalogue is not None:
        return 0, folder_texts(settings.catalogue)
    return None, catalogue_texts(now.triager.catalogue)


def place_of(number: int, files: Mapping[str, str]) -> Place:
    """The catalogue and the office of stored files. Raises CatalogueError where they can no longer be read."""
    from triage.catalogue import Severity
    from triage.catalogue.handed_in import read_texts

    read = read_texts(files)
    errors = tuple(str(finding) for finding in read.findings if finding.severity is Severity.ERROR)
    if errors:
        raise CatalogueError(f"catalogue version {number} cannot be used by this release:", errors)
    return Place(number, read.catalogue, read.office)


def examined(files: Mapping[str, str]) -> tuple[Place, tuple[Finding, ...]]:
    """Files that are to become a version, and all that `triage catalogue check` says of them; the examples of the rules
    are run once nothing else is wrong. Raises InputError for a name that is no file of a catalogue.
    """
    from triage.catalogue import Severity
    from triage.catalogue.handed_in import read_texts
    from triage.deadlines.own_days import check_days
    from triage.precheck.examples import check_examples

    read = read_texts(files)
    findings = read.findings
    if not any(finding.severity is Severity.ERROR for finding in findings):
        findings += (*check_examples(read.office, read.catalogue), *check_days(read.office))
    return Place(None, read.catalogue, read.office), findings
