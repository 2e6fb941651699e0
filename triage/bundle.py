"""A saved model: JSON and arrays in a folder, never code.

``bundle.json`` holds the format number, the card, for every part its files with their SHA-256, and a digest of all
that. A part is a JSON object and some arrays. Reading checks the format number, that each part is one of the closed
table `PARTS`, and every digest, before a byte is interpreted; arrays are read with ``allow_pickle=False``. Saving
writes a temporary folder beside the target and renames it once, never over an existing one: a kill at any moment
leaves nothing or a whole bundle.

Where a bundle is read, a *registry* may be named instead: a folder of bundles whose ``register.json`` says which one is
in use (`triage.learning.registry` writes it).

Formats are read for ever: a new one adds a reader, it never removes one (``tests/golden`` holds a bundle of each).
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.errors import BundleError, DamagedBundle, NewerFormat, RegisterError, StorageError

FORMAT = 1
PARTS = frozenset(
    {
        "catalogue",
        "lexical",
        "dense",
        "references",
        "precedents",
        "topics",
        "lead",
        "co",
        "promise",
        "gazetteer",
        "unseen",
        "returns",
    }
)
MANIFEST = "bundle.json"
REGISTER = "register.json"
REGISTER_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a model: plain JSON `data` and named `arrays` of numbers."""

    data: dict[str, Any] = field(default_factory=dict)
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Saved:
    """What a bundle folder holds: its `card` (what it was made from, when and how good it is) and its `parts`.

    `digest` is that of the manifest, so of everything; `fingerprint` is that of the parts alone: two trainings of the
    same input have one fingerprint. `folder` is where the bundle lies, also if it was found through a registry.
    """

    card: dict[str, Any]
    parts: dict[str, Part]
    digest: str
    fingerprint: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``bundle.json`` says: the `card`, each part's `files` with their SHA-256, and digests as in `Saved`."""

    card: dict[str, Any]
    files: dict[str, dict[str, str]]
    digest: str
    fingerprint: str


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
    """Read and verify a bundle, or the one in use of a registry. Raises BundleError if there is none, DamagedBundle,
    NewerFormat, RegisterError.
    """
    place = locate(folder)
    manifest = read_manifest(place)
    parts: dict[str, Part] = {}
    for name, files in manifest.files.items():
        contents = {file: _verified(place, file, wanted) for file, wanted in files.items()}
        try:
            data = json.loads(contents[f"{name}.json"])
            arrays = unpack_arrays(contents[f"{name}.npz"]) if f"{name}.npz" in contents else {}
        except (KeyError, ValueError, TypeError, EOFError, OSError, RecursionError, zipfile.BadZipFile) as error:
            raise DamagedBundle(
                f"{place}: part {name} cannot be read ({error}). Train it again or restore it."
            ) from error
        parts[name] = Part(data, arrays)
    return Saved(manifest.card, parts, manifest.digest, manifest.fingerprint, place)


def load_card(folder: str | Path) -> dict[str, Any]:
    """Only the card of a bundle, without its parts. Raises as `load` does for the manifest."""
    return read_manifest(locate(folder)).card


def locate(folder: str | Path) -> Path:
    """The bundle folder that is meant: `folder` itself, or if that is a registry the bundle in use.

    Raises RegisterError if the registry has none in use, its register is damaged, or the bundle is not the one that was
    promoted.
    """
    folder = Path(folder)
    if (folder / MANIFEST).is_file() or not folder.is_dir():
        return folder
    if not (folder / REGISTER).exists():
        if held := bundles_in(folder):
            raise RegisterError(
                f"{folder}: a registry of bundles ({', '.join(held[:10])}), of which none is in use. Put one into use "
                f"with `triage models promote NAME --registry {folder}`, or name the bundle's own folder."
            )
        return folder
    used: dict[str, str] = read_register(folder)["in_use"]
    place = folder / used["bundle"]
    if not place.is_dir():
        raise RegisterError(
            f"{place}: the bundle in use is missing. Restore its folder, or put another into use with "
            f"`triage models promote NAME --registry {folder} --force --reason TEXT`."
        )
    if (found := read_manifest(place).digest) != used["digest"]:
        raise RegisterError(
            f"{place}: is another bundle ({found[:12]}) than the one that was put into use ({used['digest'][:12]}). "
            f"Restore that one, or promote this one under a name of its own."
        )
    return place


def bundles_in(folder: Path) -> list[str]:
    """The names of the bundles in a registry, sorted."""
    try:
        return sorted(path.parent.name for path in folder.glob(f"*/{MANIFEST}") if not path.parent.name.startswith("."))
    except OSError:
        return []


def read_register(folder: Path) -> dict[str, Any]:
    """What ``register.json`` says, as plain JSON: `in_use` names the bundle and its digest, `history` how it came to
    that. Raises RegisterError if it cannot be read or has another shape, NewerFormat.
    """
    path = folder / REGISTER
    try:
        register = json.loads(path.read_bytes())
        number = register["format"]
        if isinstance(number, int) and number > REGISTER_FORMAT:
            raise NewerFormat(f"{path}: format {number}, this version reads {REGISTER_FORMAT}. Install a newer triage.")
        used, history = register["in_use"], register["history"]
        if number != REGISTER_FORMAT or not isinstance(history, list) or not history:
            raise TypeError("its format or its history is wrong")
        if not (isinstance(used["digest"], str) and is_name(used["bundle"])):
            raise TypeError("the bundle in use is not named as one")
        if used != {key: history[-1][key] for key in ("bundle", "digest")}:
            raise ValueError("the bundle in use is not the one of its last line")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise RegisterError(
            f"{path}: damaged or unreadable ({type(error).__name__}: {error}). Restore it from a copy; or move it away "
            "and promote the bundle that should answer: the bundles are whole, only the history is lost."
        ) from error
    return dict(register)


def is_name(name: object) -> bool:
    """Whether this can name a bundle in a registry: letters, digits, ``-``, ``_`` and ``.``, not a dot first."""
    return isinstance(name, str) and re.fullmatch(r"\w[\w.\-]{0,99}", name) is not None


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


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a bundle folder, checked. Raises BundleError if there is none, DamagedBundle, NewerFormat."""
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
    fingerprint = hashlib.sha256(_json({"format": number, "parts": table}, sort_keys=True)).hexdigest()
    return Manifest(card, table, hashlib.sha256(raw).hexdigest(), fingerprint)


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
