"""The file of the duplicate index that follows the memory: ``history.index`` in the data folder.

It is a link to a file with a name of its own. An index that is built anew gets a new file, and the link is replaced in
one step: who has the old file open reads on in it until the next look. One name for both would not do: SQLite finds the
journal of a change by the file's name, and would roll the change of one file back into the other.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from service.settings import Settings

NAME = "history.index"
LOCK = "history.lock"
PATTERN = "history.*.index"


def followed_index(settings: Settings) -> Path | None:
    """The index that follows the memory; None where there is no memory or no folder for it."""
    if settings.data is None or not settings.database_url:
        return None
    return settings.data / NAME


def asked_index(settings: Settings) -> Path | None:
    """The index that requests ask: the one that is set, else the one that follows the memory."""
    return settings.index or followed_index(settings)


def identity(path: Path | None) -> str:
    """Which file stands under a path now, through links; empty where there is none."""
    if path is None:
        return ""
    try:
        real = path.resolve(strict=True)
        found = real.stat()
    except (OSError, RuntimeError):
        return ""
    return f"{real.name}:{found.st_dev}:{found.st_ino}"


def new_file(folder: Path) -> Path:
    """A name for a new index file that nobody has."""
    return folder / PATTERN.replace("*", secrets.token_hex(6))


def swap_in(file: Path) -> None:
    """Let ``history.index`` mean this file from now on, and take away what it meant before. Raises OSError."""
    link = file.with_name(NAME)
    temporary = file.with_name(f".{NAME}.{secrets.token_hex(6)}")
    try:
        temporary.symlink_to(file.name)
    except (OSError, NotImplementedError):  # no links here: who has the old file open must be stopped first
        os.replace(file, link)
        return
    os.replace(temporary, link)
    sweep(file.parent)


def sweep(folder: Path) -> None:
    """Take away index files that the link does not mean: old ones, and those of a build that was killed."""
    kept = (folder / NAME).resolve()
    for file in folder.glob(PATTERN):
        if file.resolve() != kept:
            for left in (file, file.with_name(f"{file.name}-journal")):
                with suppress(OSError):
                    left.unlink(missing_ok=True)


@contextmanager
def alone(folder: Path, *, wait: bool = False) -> Iterator[bool]:
    """Whether nobody else writes the index of this folder while the block runs; with `wait`, once nobody does. The
    system lets go of the lock when its holder ends, however it ends. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("ab") as handle:
        yield _locked(handle, wait)


def _locked(handle: IO[bytes], wait: bool) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
