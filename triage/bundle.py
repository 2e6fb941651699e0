"""A saved model: JSON and arrays in a folder, never code.

``bundle.json`` holds the format number, the card, for every part its files with their SHA-256, and a digest of all
that. A part is a JSON object and some arrays. Reading checks the format number, that each part is one of the closed
table `PARTS`, and every digest, before a byte is interpreted; arrays are read with ``allow_pickle=False``. Saving
writes a temporary folder beside the target and renames it once, never over an existing one: a kill at any moment
leaves nothing or a whole bundle.

Formats are read for ever: a new one adds a reader, it never removes one (``tests/golden`` holds a bundle of each).
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.errors import BundleError, DamagedBundle, NewerFormat, StorageError

FORMAT = 1
PARTS = frozenset(
    {"catalogue", "lexical", "dense", "references", "precedents", "topics", "lead", "co", "promise", "unseen"}
)
MANIFEST = "bundle.json"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a model: plain JSON `data` and named `arrays` of numbers."""

    data: dict[str, Any] = field(default_factory=dict)
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Saved:
    """What a bundle folder holds: its `card` (what it was made from, when and how good it is) and its `parts`."""

    card: dict[str, Any]
    parts: dict[str, Part]
    digest: str


def save(folder: str | Path, parts: Mapping[str, Part], card: Mapping[str, Any]) -> Path:
    """Write a new bundle folder. Raises StorageError if the folder exists, or the disk is full or locked."""
    folder = Path(folder)
    unknown = set(parts) - PARTS
    if unknown:
        raise BundleError(f"parts {sorted(unknown)} are not in the table {sorted(PARTS)}")
    with new_folder(folder) as temporary:
        table: dict[str, dict[str, str]] = {}
        for name, part in sorted(parts.items()):
            files = {f"{name}.json": _json(part.data, sort_keys=True)}
            if part.arrays:
                files[f"{name}.npz"] = pack_arrays(part.arrays)
            for file, content in files.items():
                (temporary / file).write_bytes(content)
            table[name] = {file: hashlib.sha256(content).hexdigest() for file, content in files.items()}
        manifest = json.loads(_json({"format": FORMAT, "card": dict(card), "parts": table}))
        (temporary / MANIFEST).write_bytes(_json({**manifest, "digest": _digest(manifest)}, indent=1))
    return folder


def load(folder: str | Path) -> Saved:
    """Read and verify a bundle. Raises BundleError if there is none, DamagedBundle, or NewerFormat."""
    folder = Path(folder)
    card, table, digest = _manifest(folder)
    parts: dict[str, Part] = {}
    for name, files in table.items():
        contents = {file: _verified(folder, file, wanted) for file, wanted in files.items()}
        try:
            data = json.loads(contents[f"{name}.json"])
            arrays = unpack_arrays(contents[f"{name}.npz"]) if f"{name}.npz" in contents else {}
        except (KeyError, ValueError, TypeError, EOFError, OSError, RecursionError, zipfile.BadZipFile) as error:
            raise DamagedBundle(
                f"{folder}: part {name} cannot be read ({error}). Train it again or restore it."
            ) from error
        parts[name] = Part(data, arrays)
    return Saved(card, parts, digest)


def load_card(folder: str | Path) -> dict[str, Any]:
    """Only the card of a bundle, without its parts. Raises as `load` does for the manifest."""
    return _manifest(Path(folder))[0]


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A temporary folder that becomes `folder` by one rename when the block ends well, and vanishes otherwise.

    Raises StorageError if `folder` exists and is not empty, or when the disk is full, locked or not writable.
    """
    whole = folder.absolute()
    temporary = whole.parent / f".{whole.name}.{os.getpid()}.part"
    new_parents = [parent for parent in whole.parents if not os.path.lexists(parent)]
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise StorageError(f"{folder}: exists already and is left as it is. Name a new folder or remove it first.")
        whole.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        yield temporary
        for file in temporary.rglob("*"):
            _sync(file)
        _sync(temporary)
        if whole.is_dir():
            whole.rmdir()
        os.replace(temporary, whole)
    except OSError as error:
        raise storage_error(folder, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        if not os.path.lexists(whole):
            _remove_empty(new_parents)


def storage_error(path: Path, error: OSError) -> StorageError:
    """The one message for a write that the system refused."""
    remedies = {
        errno.ENOSPC: "The disk is full. Make room and try again.",
        errno.EDQUOT: "The disk quota is used up. Make room and try again.",
        errno.EROFS: "The disk is read-only. Choose another place.",
        errno.EACCES: "It may not be written. Close the program that holds it, or choose another place.",
        errno.EPERM: "It may not be written. Close the program that holds it, or choose another place.",
        errno.EBUSY: "Another program holds it. Close that program and try again.",
    }
    remedy = remedies.get(error.errno or 0, "Choose another place.")
    return StorageError(f"{path}: cannot be written ({error.strerror or error}). {remedy} Nothing was changed.")


def _remove_empty(folders: list[Path]) -> None:
    """Take back folders that were made for nothing, innermost first."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def _sync(path: Path) -> None:
    """Flush a file or folder to disk, so that the rename cannot overtake the bytes."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _manifest(folder: Path) -> tuple[dict[str, Any], dict[str, dict[str, str]], str]:
    path = folder / MANIFEST
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BundleError(
            f"{folder}: no bundle here ({MANIFEST} cannot be read). Make one with `triage train`."
        ) from error
    try:
        manifest = json.loads(raw)
        number = manifest["format"]
        if not isinstance(number, int) or number < 1:
            raise TypeError("its format is no number")
        if number > FORMAT:
            raise NewerFormat(f"{folder}: format {number}, this version reads up to {FORMAT}. Install a newer triage.")
        card, table = manifest["card"], manifest["parts"]
        if not (isinstance(card, dict) and isinstance(table, dict)):
            raise TypeError("wrong types")
        if manifest["digest"] != _digest(manifest):
            raise ValueError("its digest is not that of its content")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DamagedBundle(f"{path}: not a bundle manifest ({error}). Train it again or restore it.") from error
    unknown = set(table) - PARTS
    if unknown:
        raise DamagedBundle(f"{folder}: unknown parts {sorted(unknown)}; allowed are {sorted(PARTS)}.")
    for name, files in table.items():
        if (
            not isinstance(files, dict)
            or not set(files) <= {f"{name}.json", f"{name}.npz"}
            or f"{name}.json" not in files
        ):
            raise DamagedBundle(f"{folder}: part {name} lists files that are not its own.")
    return card, table, hashlib.sha256(raw).hexdigest()


def _verified(folder: Path, file: str, wanted: str) -> bytes:
    try:
        content = (folder / file).read_bytes()
    except OSError as error:
        raise DamagedBundle(f"{folder / file}: missing or unreadable. Train it again or restore it.") from error
    got = hashlib.sha256(content).hexdigest()
    if got != wanted:
        raise DamagedBundle(
            f"{folder / file}: SHA-256 is {got[:12]}…, wanted {str(wanted)[:12]}…. Train again or restore it."
        )
    return content


def _json(value: object, **layout: Any) -> bytes:
    """Readable JSON. Half a surrogate pair, which a name out of a broken file can hold, comes back as it was."""
    return json.dumps(value, ensure_ascii=False, **layout).encode("utf-8", "surrogatepass")


def _digest(manifest: Mapping[str, Any]) -> str:
    """The SHA-256 of what a manifest says, however it is laid out."""
    content = {key: manifest[key] for key in ("format", "card", "parts")}
    return hashlib.sha256(_json(content, sort_keys=True)).hexdigest()


def pack_arrays(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The arrays as an uncompressed npz whose bytes depend on the arrays alone (no time stamps)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, array in sorted(arrays.items()):
            entry = io.BytesIO()
            np.lib.format.write_array(entry, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), entry.getvalue())
    return buffer.getvalue()


def unpack_arrays(content: bytes) -> dict[str, NDArray[Any]]:
    """The inverse of `pack_arrays`; runs no code of the file."""
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def pack_texts(texts: list[str]) -> NDArray[np.uint8]:
    """Texts without line breaks as one array of UTF-8 bytes: ten times quicker to read than JSON, and safe."""
    return np.frombuffer("\n".join(texts).encode(), dtype=np.uint8)


def unpack_texts(array: NDArray[np.uint8]) -> list[str]:
    """The inverse of `pack_texts`."""
    joined = array.astype(np.uint8).tobytes().decode()
    return joined.split("\n") if joined else []
