"""The service's settings: ``TRIAGE_…`` variables, read when it starts, never at import. docs/service.md lists them."""

from __future__ import annotations

import logging
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from triage.errors import InputError

PREFIX = "TRIAGE_"
MOST_SUGGESTIONS = 1_000
"""No setting allows more suggestions a request than this: the bound under which a request is cheap to check."""

_log = logging.getLogger(__name__)


def _origins(value: Any) -> Any:
    """The origins of a comma-separated list. A star is refused: the answers hold precedents of this office."""
    parts = [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
    for part in parts:
        scheme, _, place = str(part).partition("://")
        if scheme not in {"http", "https"} or not place or set(place) & set("/*?#@ "):
            raise ValueError(
                f"{part!r} is no origin; write each as https://host or https://host:port, with commas between"
            )
    return parts


def _hosts(value: Any) -> Any:
    """The hosts of a comma-separated list, each with a port or without, as addresses name them: in lower case."""
    parts = [part.strip().lower() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
    for part in parts:
        if not re.fullmatch(r"[a-z0-9.-]+(:[0-9]{1,5})?|[0-9a-f:]+", str(part)):
            raise ValueError(f"{part!r} is no host; write each as host or host:port, with commas between")
    return parts


class Settings(BaseModel):
    """What can be set. Each field is the variable ``TRIAGE_<NAME>``; an argument of `from_environment` goes first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Path | None = Field(None, description="folder of the bundle that answers, or of a registry")
    encoder: Path | None = Field(None, description="folder of the sentence encoder; unset: the library's own default")
    threads: int | None = Field(None, ge=1, le=256, description="threads of the encoder; unset: the library's default")
    index: Path | None = Field(None, description="file of the duplicate index that is asked; unset: none")
    catalogue: Path | None = Field(
        None, description="catalogue folder with the office's settings and rules; unset: those of a plain office"
    )
    data: Path | None = Field(None, description="folder of the memory: the database file, the index that follows it")
    database: str = Field(
        "", repr=False, description="URL of the database; unset: the file service.db in the data folder"
    )
    database_file: Path | None = Field(
        None, description="file that holds the URL of the database, where `database` is not set"
    )
    stateless: bool = Field(False, description="remember nothing, whatever `data` and `database` say")
    config: Path | None = Field(None, description="file of settings, as TOML; what is set elsewhere goes before it")
    processes: int = Field(
        1, ge=1, le=64, description="processes that serve requests from one copy of the model; Linux and macOS"
    )
    host: str = Field("127.0.0.1", min_length=1, description="address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    max_suggestions: int = Field(200, ge=1, le=MOST_SUGGESTIONS, description="suggestions a request")
    max_characters: int = Field(200_000, ge=1, le=1_000_000, description="characters of one suggestion, title and text")
    max_body_bytes: int = Field(10_000_000, ge=1_000, le=100_000_000, description="bytes of a request's body")
    body_seconds: float = Field(30.0, gt=0, le=3600, description="seconds in which a body must have arrived")
    workers: int = Field(2, ge=1, le=64, description="requests that are computed at the same time")
    queue: int = Field(16, ge=0, le=10_000, description="requests that may wait for a worker; one more is answered 503")
    grace_seconds: int = Field(30, ge=1, le=3600, description="seconds that running requests get after SIGTERM")
    rate: int = Field(
        600, ge=0, le=1_000_000, description="requests a minute of a key that has no rate of its own; 0: any"
    )
    jobs: Literal["own", "procrastinate"] = Field(
        "own", description="queue of jobs: the service's own, or procrastinate on PostgreSQL"
    )
    max_upload_bytes: int = Field(50_000_000, ge=1_000, le=500_000_000, description="bytes of a file for a job")
    job_days: int = Field(30, ge=1, le=3_650, description="days that a finished job, its file and its result are kept")
    max_job_rows: int = Field(100_000, ge=1, le=1_000_000, description="rows of a job, uploaded or stored")
    cors_origins: Annotated[tuple[str, ...], BeforeValidator(_origins)] = Field(
        (), description="origins whose pages may call from a browser, separated by commas; unset: none"
    )
    webhook_hosts: Annotated[tuple[str, ...], BeforeValidator(_hosts)] = Field(
        (), description="hosts that webhooks may go to, separated by commas; unset: any that an admin names"
    )
    page: bool = Field(True, description="whether `/` answers with the clerk's page")
    open_metrics: bool = Field(False, description="whether /metrics answers without a key")

    @property
    def database_url(self) -> str:
        """Where the memory is; empty where the service has none and only answers."""
        if self.stateless:
            return ""
        if self.database or self.data is None:
            return self.database
        return f"sqlite:///{(self.data / 'service.db').absolute()}"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None, **given: Any) -> Settings:
        """The settings of `environ` (the process's own unless given), under those arguments that are not None, over
        those of the file that `config` names.

        Raises InputError that names every variable with a value that is not allowed. An empty variable counts as unset.
        """
        environ = os.environ if environ is None else environ
        found = {
            name.removeprefix(PREFIX).lower(): value
            for name, value in environ.items()
            if name.startswith(PREFIX) and value.strip()
        }
        for name in sorted(found.keys() - cls.model_fields.keys()):
            _log.warning("%s%s is no setting of the service; docs/service.md lists them", PREFIX, name.upper())
        known: dict[str, Any] = {name: value for name, value in found.items() if name in cls.model_fields}
        chosen = {name: value for name, value in given.items() if value is not None}
        if file := chosen.get("config", known.get("config")):
            known = _under(_read(Path(file), cls), known)
        values = _under(known, chosen)
        if values.get("database_file") and not values.get("database"):
            values["database"] = _secret(Path(values["database_file"]))
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise InputError("\n".join(_complaint(entry) for entry in error.errors())) from None


def _under(lower: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """Both, `upper` first. Two ways to say where the database is are one setting."""
    hidden = {"database", "database_file"} if {"database", "database_file"} & upper.keys() else set()
    return {name: value for name, value in lower.items() if name not in hidden} | dict(upper)


def _read(file: Path, settings: type[BaseModel]) -> dict[str, Any]:
    """The settings of a TOML file; a relative path in it is meant from its folder. Raises InputError."""
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{file}: cannot be read as settings ({reason}). docs/running.md shows such a file.") from None
    allowed = settings.model_fields.keys() - {"config"}
    if unknown := sorted(values.keys() - allowed):
        raise InputError(f"{file}: {unknown[0]!r} is no setting; allowed are {', '.join(sorted(allowed))}.")
    for name, value in values.items():
        if isinstance(value, str) and "Path" in str(settings.model_fields[name].annotation):
            values[name] = str(file.absolute().parent / value)
    return values


def _secret(file: Path) -> str:
    """The one line of a file that holds a secret. Raises InputError, which does not repeat it."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InputError(f"TRIAGE_DATABASE_FILE: {file}: cannot be read ({reason}).") from None


SECRET = frozenset({"database"})
"""Settings whose value may hold a password: no message repeats it."""


def _complaint(entry: Any) -> str:
    name = str(entry["loc"][0])
    met = "(not shown)" if name in SECRET else repr(entry["input"])
    return f"{PREFIX}{name.upper()} ({name}): {met}: {entry['msg']}. docs/service.md says what is allowed."
