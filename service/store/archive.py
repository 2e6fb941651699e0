"""How a backup is written down: a zip with ``manifest.json`` and ``tables/<name>.jsonl``, one row a line, no code.

A row is a JSON object of its columns; bytes are Base64, times ISO 8601 in UTC. The manifest holds the number of the
format, the step of the tables, and rows, bytes and SHA-256 of each member.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Callable, Iterator
from datetime import date as Date
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo
from zlib import error as Damaged

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import JSON, Boolean, Column, Float, Integer, LargeBinary, String, Table
from sqlalchemy import Date as DateType

from service.store import migrate, tables, tables_service
from service.store.columns import Moment
from service.store.columns import Table as Model
from service.store.earlier import tables_at
from triage.errors import InputError

FORMAT = 1
KIND = "triage-memory"
MANIFEST = "manifest.json"
MANIFEST_BYTES = 1_000_000
LINE_BYTES = 600_000_000
"""The longest row: a file of a job, in Base64."""
DENSEST, SMALL = 200, 64_000_000
"""A member may be so many times its packed size and so many bytes more. Rows of a memory pack 5 to 30 times."""
MODELS = (tables.SuggestionRow, tables_service.TrailRow)
"""Named so that all tables are known."""

Progress = Callable[[str, float], None]


class Member(BaseModel):
    """One table of the archive."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str
    rows: int = Field(ge=0)
    bytes: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Manifest(BaseModel):
    """What the archive says of itself. `head` and `digest` are those of the trail's last entry."""

    model_config = ConfigDict(extra="forbid", strict=True)

    kind: str
    format: int
    release: str
    revision: str
    made_at: str
    head: int = Field(ge=0)
    digest: str
    tables: list[Member]


def all_tables() -> list[Table]:
    """The tables in the order in which rows can be added: what is referred to comes first."""
    return list(Model.metadata.sorted_tables)


def member_name(table: str) -> str:
    """The name of a table's member."""
    return f"tables/{table}.jsonl"


def plain(column: Column[Any], value: Any) -> Any:
    """A value of a column as plain JSON types."""
    if value is None or isinstance(column.type, JSON):
        return value
    if isinstance(value, datetime | Date):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def value_of(column: Column[Any], value: Any) -> Any:
    """The value of a column that `plain` wrote down. Raises ValueError for what the column does not hold."""
    kind = column.type
    if isinstance(kind, JSON) or (value is None and column.nullable):
        return value
    if isinstance(value, str):
        return _of_text(column, value)
    if isinstance(kind, Float) and isinstance(value, float) and math.isfinite(value):
        return value
    fits = isinstance(kind, Boolean) if isinstance(value, bool) else isinstance(kind, Integer)
    if not fits or not isinstance(value, int) or abs(value) >= 2**63:
        raise _unfit(column)
    return value


def _of_text(column: Column[Any], value: str) -> Any:
    kind = column.type
    if isinstance(kind, DateType):
        return Date.fromisoformat(value)
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value, validate=True)
    if isinstance(kind, String) and len(value) <= (kind.length or len(value)):
        return value
    moment = datetime.fromisoformat(value) if isinstance(kind, Moment) else None
    if moment is None or moment.tzinfo is None:
        raise _unfit(column)
    return moment


def _unfit(column: Column[Any]) -> ValueError:
    return ValueError(f"{column.name} is not what this column holds")


class Reader:
    """An archive that is read as a stranger's: nothing is believed before it is checked."""

    def __init__(self, path: Path) -> None:
        """Open the file and check all but the rows. Raises InputError for what is no archive of this release or of an
        earlier one.
        """
        self.path = path
        self._zip = self._open()
        try:
            self.manifest = self._manifest()
            self._check_members(self._tables())
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_error: object) -> None:
        self._zip.close()

    @property
    def is_current(self) -> bool:
        """Whether its tables are those of this release; those of an earlier one are to be brought up to date."""
        return self.manifest.revision == migrate.revision()

    def refused(self, why: str) -> InputError:
        """The error that names the file."""
        return InputError(f"{self.path}: {why}")

    def rows(self, table: Table) -> Iterator[dict[str, Any]]:
        """The rows of a table, each checked; at the end also their number, bytes and digest."""
        member = next(one for one in self.manifest.tables if one.name == table.name)
        columns = {column.name: column for column in table.columns}
        digest, size, number = hashlib.sha256(), 0, 0
        for line in self._lines(member):
            digest.update(line)
            size, number = size + len(line), number + 1
            yield self._row(columns, line, f"{member.name}, row {number}")
        if (size, number, digest.hexdigest()) != (member.bytes, member.rows, member.sha256):
            raise self.refused(f"{member.name} is not what the manifest says. The file is damaged or was changed.")

    def _lines(self, member: Member) -> Iterator[bytes]:
        left = member.bytes
        try:
            with self._zip.open(member_name(member.name)) as stream:
                while line := stream.readline(min(LINE_BYTES, left + 1)):
                    left -= len(line)
                    if left < 0 or not line.endswith(b"\n"):
                        raise self.refused(f"{member.name} holds more than the manifest says, or a row without an end.")
                    yield line
        except (BadZipFile, Damaged, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise self.refused(f"{member.name} cannot be read ({type(error).__name__}). The file is damaged.") from None

    def _row(self, columns: dict[str, Column[Any]], line: bytes, place: str) -> dict[str, Any]:
        try:
            row = json.loads(line, parse_constant=_no_number)
            if not isinstance(row, dict) or row.keys() != columns.keys():
                raise ValueError("its columns are not those of the table")
            return {name: value_of(columns[name], value) for name, value in row.items()}
        except RecursionError:
            raise self.refused(f"{place}: it is nested too deeply.") from None
        except ValueError as error:
            why = "it is no JSON" if isinstance(error, json.JSONDecodeError | UnicodeDecodeError) else str(error)
            raise self.refused(f"{place}: {why}.") from None

    def _open(self) -> ZipFile:
        try:
            return ZipFile(self.path)
        except FileNotFoundError:
            raise self.refused("there is no such file.") from None
        except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
            what = error.strerror if isinstance(error, OSError) else "it is no zip, or was cut off"
            raise self.refused(f"it cannot be read as a backup: {what}.") from None

    def _manifest(self) -> Manifest:
        try:
            with self._zip.open(MANIFEST) as stream:
                content = stream.read(MANIFEST_BYTES + 1)
        except KeyError:
            raise self.refused(f"it is no backup of the memory: {MANIFEST} is not in it.") from None
        except (BadZipFile, Damaged, EOFError, OSError, NotImplementedError, RuntimeError):
            raise self.refused(f"{MANIFEST} cannot be read. The file is damaged.") from None
        if len(content) > MANIFEST_BYTES:
            raise self.refused(f"{MANIFEST} is larger than any backup's.")
        try:
            told = json.loads(content)
        except (ValueError, RecursionError):
            raise self.refused(f"{MANIFEST} is no JSON.") from None
        if not isinstance(told, dict) or told.get("kind") != KIND:
            raise self.refused("it is no backup of the memory.")
        if told.get("format") != FORMAT:
            raise self.refused(f"its format is {str(told.get('format'))[:20]}; this release reads {FORMAT}.")
        try:
            return Manifest.model_validate(told)
        except ValidationError as error:
            raise self.refused(f"{MANIFEST}: {error.errors()[0]['loc']} is not as it should be.") from None

    def _tables(self) -> list[Table]:
        """The tables of the step that it was made at."""
        step = self.manifest.revision
        if self.is_current:
            return all_tables()
        if step not in migrate.steps():
            raise self.refused(
                f"its tables are at step {step[:40]}, which this release does not know: another one made it "
                f"({self.manifest.release[:40]}). Restore it with that release, or with a newer one."
            )
        return tables_at(step)

    def _check_members(self, tables: list[Table]) -> None:
        """Exactly one member for each table, unencrypted, packed in a way that cannot explode."""
        entries: dict[str, ZipInfo] = {entry.filename: entry for entry in self._zip.infolist()}
        wanted = {member_name(table.name): table.name for table in tables}
        named = [member.name for member in self.manifest.tables]
        if len(entries) != len(self._zip.infolist()) or entries.keys() != {*wanted, MANIFEST}:
            raise self.refused("it holds other files than the tables of its release, or lacks one.")
        if sorted(named) != sorted(wanted.values()):
            raise self.refused(f"{MANIFEST} names other tables than those of its release.")
        for member in self.manifest.tables:
            entry = entries[member_name(member.name)]
            if entry.flag_bits & 1 or entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
                raise self.refused(f"{member.name} is encrypted, or packed in a way that backups are not.")
            if entry.file_size != member.bytes or member.bytes > DENSEST * entry.compress_size + SMALL:
                raise self.refused(f"{member.name} is not as large as it should be.")


class Writer:
    """An archive that is being written."""

    def __init__(self, handle: IO[bytes]) -> None:
        self._zip = ZipFile(handle, "w", ZIP_DEFLATED, compresslevel=6)
        self.members: list[Member] = []

    def table(self, table: Table, rows: Iterator[dict[str, Any]]) -> None:
        """Add a table with its rows, given as values of their columns."""
        digest, size, number = hashlib.sha256(), 0, 0
        columns = list(table.columns)
        with self._zip.open(_entry(member_name(table.name)), "w", force_zip64=True) as stream:
            for row in rows:
                told = {column.name: plain(column, row[column.name]) for column in columns}
                line = json.dumps(told, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode() + b"\n"
                stream.write(line)
                digest.update(line)
                size, number = size + len(line), number + 1
        self.members.append(Member(name=table.name, rows=number, bytes=size, sha256=digest.hexdigest()))

    def close(self, manifest: Manifest) -> None:
        """Write the manifest, and what a zip has at its end."""
        self._zip.writestr(_entry(MANIFEST), manifest.model_dump_json(indent=1))
        self._zip.close()


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name)
    entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o600 << 16
    return entry


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")
