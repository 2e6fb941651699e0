"""``register.json``: every promotion and rollback, the last of which says which bundle is in use."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

from triage.bundle import REGISTER, REGISTER_FORMAT, read_register, storage_error
from triage.errors import RegisterError
from triage.results import replace_file

LOCK = ".register.lock"
PATIENCE = 10.0
"""Seconds to wait for somebody else who changes the register, which takes milliseconds."""


class Action(StrEnum):
    """How a bundle came into use: put into use, or gone back to."""

    PROMOTE = "promote"
    ROLLBACK = "rollback"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the history: from `day` (UTC) on `bundle` was in use, in place of `before` (empty: of none).

    `digest` is the bundle's when it was put into use, `comparison` the figures that were the ground, `forced` says that
    it was put into use against the `objections`.
    """

    action: Action
    bundle: str
    digest: str
    fingerprint: str
    day: str
    before: str = ""
    reason: str = ""
    by: str = ""
    forced: bool = False
    objections: tuple[str, ...] = ()
    comparison: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Register:
    """All steps, the oldest first; none where nothing was ever put into use."""

    steps: tuple[Step, ...] = field(default=())

    @property
    def in_use(self) -> Step | None:
        """The step that brought the bundle that is in use."""
        return self.steps[-1] if self.steps else None

    @property
    def previous(self) -> Step | None:
        """The promotion to go back to: that of the bundle that was in use before. Who goes back twice goes on back."""
        open_: list[Step] = []
        for step in self.steps:
            if step.action is Action.PROMOTE:
                open_.append(step)
            else:
                open_.pop()
        return open_[-2] if len(open_) > 1 else None

    def __add__(self, step: Step) -> Register:
        return Register((*self.steps, step))

    def to_dict(self) -> dict[str, Any]:
        """As the file holds it."""
        used = self.in_use
        return {
            "format": REGISTER_FORMAT,
            "in_use": None if used is None else {"bundle": used.bundle, "digest": used.digest},
            "history": [asdict(step) for step in self.steps],
        }


def read(folder: Path) -> Register:
    """The register of a folder, empty where there is none. Raises RegisterError if it is damaged, NewerFormat."""
    if not (folder / REGISTER).exists():
        return Register()
    history = read_register(folder)["history"]
    try:
        register = Register(tuple(map(_step, history)))
        _ = register.previous
        return register
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise RegisterError(
            f"{folder / REGISTER}: a line of its history is damaged ({type(error).__name__}: {error}). Restore the "
            "file from a copy; or move it away and promote the bundle that should answer: only the history is lost."
        ) from error


def write(folder: Path, register: Register) -> None:
    """Replace the register in one step: a kill leaves the old one or the new one. Raises StorageError."""
    replace_file(
        folder / REGISTER, (json.dumps(register.to_dict(), ensure_ascii=False, indent=1) + "\n").encode("utf-8")
    )


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Alone with the register. The system lets go of the lock when its holder ends, however it ends.

    Raises RegisterError if another holds it for longer than `PATIENCE`, StorageError if the folder cannot be written.
    """
    path = folder / LOCK
    try:
        handle = path.open("ab")
    except OSError as error:
        raise storage_error(path, error) from error
    with handle:
        until = time.monotonic() + PATIENCE
        while not _taken(handle):
            if time.monotonic() > until:
                raise RegisterError(f"{folder}: another program is changing the register. Wait and try again.")
            time.sleep(0.05)
        for left in folder.glob(f".{REGISTER}.*.part"):  # of a program that was killed
            left.unlink(missing_ok=True)
        yield


def _taken(handle: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _step(entry: Mapping[str, Any]) -> Step:
    texts = {name: entry[name] for name in ("bundle", "digest", "fingerprint", "day", "before", "reason", "by")}
    if not all(isinstance(value, str) for value in texts.values()):
        raise TypeError("a text is expected")
    comparison = entry["comparison"]
    if not (comparison is None or isinstance(comparison, dict)):
        raise TypeError("a comparison is an object")
    objections = tuple(map(str, entry["objections"]))
    return Step(
        Action(entry["action"]), **texts, forced=bool(entry["forced"]), objections=objections, comparison=comparison
    )
