"""A catalogue out of texts instead of a folder: what a form or another program hands in, read and checked alike."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import IO, Any

from triage.catalogue.load import AREAS, TOPICS, UNITS, read_folder
from triage.catalogue.load_office import read_office
from triage.catalogue.model import Catalogue
from triage.catalogue.office import Office
from triage.catalogue.rule_rows import DAYS, RULES
from triage.catalogue.settings import FILE
from triage.catalogue.tables import Finding, Findings, Folder, Layout, read_text
from triage.errors import CatalogueError, InputError

FILES: tuple[str, ...] = (UNITS.file, TOPICS.file, AREAS.file, FILE, RULES.file, DAYS.file)
"""The files that a catalogue can have; the first one it must have."""
LAYOUTS: tuple[Layout, ...] = (UNITS, TOPICS, AREAS, RULES, DAYS)
"""The tables among them, with every name that a column may have."""


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What was read out of the texts, as far as it can be understood, and everything that is wrong or doubtful."""

    catalogue: Catalogue
    office: Office
    findings: tuple[Finding, ...]


def read_texts(files: Mapping[str, str]) -> HandedIn:
    """The catalogue and the office of files given as file name → text. Nothing in a text makes it raise.

    Raises InputError for a name that is none of `FILES`.
    """
    unknown = [name for name in files if name not in FILES]
    if unknown:
        raise InputError(f"file {unknown[0][:80]!r} is none of a catalogue's; allowed are {', '.join(FILES)}.")
    folder = _Texts(files)
    catalogue, found = read_folder(folder)
    office, more = read_office(folder, catalogue)
    return HandedIn(catalogue, office, (*found, *more))


def folder_texts(folder: Folder) -> dict[str, str]:
    """The files of a catalogue folder as file name → text, as `read_texts` takes them. Files that are none of `FILES`
    are passed over.

    Raises CatalogueError, with each place, where one cannot be read as text.
    """
    findings = Findings()
    found = {name: read_text(folder, name, findings) for name in FILES if (folder / name).is_file()}
    if findings.found:
        raise CatalogueError("the catalogue's files cannot be read:", tuple(map(str, findings.found)))
    return {name: text for name, text in found.items() if text is not None}


class _Text(Traversable):
    """A text in the place of a file; without content it does not exist."""

    def __init__(self, name: str, content: str | None) -> None:
        self._name = name
        self._content = content

    @property
    def name(self) -> str:
        return self._name

    def __str__(self) -> str:
        return self._name

    def iterdir(self) -> Iterator[Traversable]:
        return iter(())

    def is_dir(self) -> bool:
        return False

    def is_file(self) -> bool:
        return self._content is not None

    def joinpath(self, *_descendants: Any) -> Traversable:
        raise NotADirectoryError(self._name)

    def __truediv__(self, child: Any) -> Traversable:
        return self.joinpath(child)

    def open(self, mode: str = "r", *_args: Any, **_named: Any) -> IO[Any]:
        return io.BytesIO(self.read_bytes()) if "b" in mode else io.StringIO(self.read_text())

    def read_bytes(self) -> bytes:
        return self.read_text().encode("utf-8", "surrogatepass")

    def read_text(self, encoding: str | None = None) -> str:  # noqa: ARG002 - it is text already
        if self._content is None:
            raise FileNotFoundError(self._name)
        return self._content


class _Texts(_Text):
    """Texts in the place of a folder."""

    def __init__(self, files: Mapping[str, str]) -> None:
        super().__init__("what was handed in", None)
        self._files = files

    def iterdir(self) -> Iterator[Traversable]:
        return (_Text(name, content) for name, content in self._files.items())

    def is_dir(self) -> bool:
        return True

    def joinpath(self, *descendants: Any) -> Traversable:
        (name,) = descendants
        return _Text(str(name), self._files.get(str(name)))
