"""Writing a catalogue as the folder that `load_catalogue` reads: a temporary folder beside it, then one rename."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from triage.catalogue.check import check_whole
from triage.catalogue.load import AREAS, TOPICS, UNITS
from triage.catalogue.model import Area, Catalogue, Topic, Unit
from triage.catalogue.tables import MAX_CELL, Layout, Severity
from triage.errors import CatalogueError, StorageError


def save_catalogue(catalogue: Catalogue, folder: str | Path) -> None:
    """Write `units.csv`, and `topics.csv` and `areas.csv` where there are any; loading them gives the same catalogue.

    Raises `CatalogueError` for a catalogue that could not be loaded again, `StorageError` if the folder exists or
    cannot be written; what was there stays as it was.
    """
    target = Path(folder)
    texts = catalogue_texts(catalogue)
    if target.exists():
        raise StorageError(f"catalogue folder {target} exists already; name a new one, an old one is never overwritten")
    temporary: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        temporary.chmod(0o755)
        for name, text in texts.items():
            # The mark at the front is what makes Excel read Chinese as UTF-8.
            (temporary / name).write_text(text, encoding="utf-8-sig", newline="")
        temporary.rename(target)
    except OSError as error:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
        raise StorageError(
            f"catalogue folder {target} cannot be written ({error.strerror}); nothing was changed"
        ) from error


def catalogue_texts(catalogue: Catalogue) -> dict[str, str]:
    """The files of a catalogue as file name → text: what a folder would hold, without writing one.

    Raises `CatalogueError` for a catalogue that could not be loaded again.
    """
    errors = tuple(str(f) for f in check_whole(catalogue).found if f.severity is Severity.ERROR)
    if errors:
        raise CatalogueError("catalogue cannot be written: it contradicts itself; mend it first:", errors)
    tables = ((UNITS, _cells(catalogue.units)), (TOPICS, _cells(catalogue.topics)), (AREAS, _cells(catalogue.areas)))
    return {layout.file: _text(layout, rows) for layout, rows in tables if rows or layout is UNITS}


def areas_table(areas: Sequence[Area]) -> bytes:
    """The content of an areas.csv. Raises `CatalogueError` for a value that a cell cannot hold unchanged."""
    return _text(AREAS, _cells(tuple(areas))).encode("utf-8-sig")


def _text(layout: Layout, rows: list[dict[str, str]]) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, list(layout.columns))
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def _cells(entries: tuple[Unit, ...] | tuple[Topic, ...] | tuple[Area, ...]) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for entry in entries:
        row: dict[str, str] = {}
        for column in fields(entry):
            value = getattr(entry, column.name)
            parts = value if isinstance(value, tuple) else (str(value or ""),)
            for part in parts:
                lost = part != part.strip() or "\x00" in part or len(part) > MAX_CELL
                if lost or (isinstance(value, tuple) and (not part or ";" in part or "；" in part)):
                    raise CatalogueError(
                        f"{type(entry).__name__.lower()} {entry.code!r} has {column.name} {part[:40]!r}, which a cell "
                        "cannot hold unchanged; take out semicolons, NUL bytes and outer spaces"
                    )
            row[column.name] = ";".join(parts)
        rows.append(row)
    return rows
