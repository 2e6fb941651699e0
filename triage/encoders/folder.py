"""The encoder folder: what it holds, how it is written, and how a reader knows that it is whole.

One folder has two readers. sentence-transformers trains and evaluates it (``modules.json``, ``config.json``,
``model.safetensors`` …); serving reads ``tokenizer.json`` and ``onnx/model_qint8.onnx`` with onnxruntime and
tokenizers. The manifest ``encoder.json`` states what both need to agree on, and the SHA-256 of every other file.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from triage.errors import EncoderError, StorageError

FORMAT = 1
MANIFEST = "encoder.json"
TOKENIZER = "tokenizer.json"
GRAPH = "onnx/model_qint8.onnx"
REMEDY = "build it again with `triage encoder install`"
SHORTEST = 3
"""The fewest tokens that a text may be cut to: a start, an end and one between them."""
ABANDONED = 600.0
"""Seconds after which an unfinished folder counts as left over from a killed build; a build takes a minute at most."""


@dataclass(frozen=True)
class Manifest:
    """What an encoder folder says of itself.

    `name` is the model's, `source` what the folder was built from. `prompt` stands before every text, `max_tokens` is
    where texts are cut (specials included), `positions` the most tokens that the model takes, `graph` the ONNX file
    that serving reads. `files` holds the SHA-256 of each file by its path; `format` is the version of the layout.
    """

    name: str
    source: str
    dimension: int
    max_tokens: int
    positions: int
    prompt: str
    graph: str = GRAPH
    files: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def fingerprint(self) -> str:
        """A digest of everything that decides a vector: tokenizer, graph, prompt and the cut."""
        return self.fingerprint_at(self.max_tokens)

    def fingerprint_at(self, max_tokens: int) -> str:
        """The fingerprint of the same folder, if texts are cut at another number of tokens."""
        parts = [self.format, self.prompt, max_tokens, self.files.get(TOKENIZER), self.files.get(self.graph)]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def digest(path: Path) -> str:
    """The SHA-256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_json(path: Path, value: object) -> None:
    """Readable JSON with a line feed at the end, the same bytes for the same value on every system."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode())


def seal(folder: Path, manifest: Manifest) -> Manifest:
    """Write the manifest with the digest of every file that the folder holds, and return it.

    The fingerprint is written too, for people; readers compute it.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    files = {path.relative_to(folder).as_posix(): digest(path) for path in paths}
    sealed = Manifest(**{**asdict(manifest), "files": files})
    write_json(folder / MANIFEST, {**asdict(sealed), "fingerprint": sealed.fingerprint})
    return sealed


def read_manifest(folder: Path) -> Manifest:
    """The manifest of an encoder folder.

    Raises EncoderError if there is none, if it cannot be read, or if a later version of triage wrote it.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise EncoderError(f"{folder}: no encoder here ({MANIFEST} is missing); {REMEDY}")
    try:
        value = json.loads(path.read_bytes())
        version = value["format"]
        if version == FORMAT:
            value.pop("fingerprint", None)
            manifest = Manifest(**value)
            _check(manifest)
            return manifest
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EncoderError(f"{path}: damaged ({error}); {REMEDY}") from error
    raise EncoderError(
        f"{path}: format {version!r}, this version of triage reads {FORMAT}; upgrade triage, or {REMEDY}"
    )


def _check(manifest: Manifest) -> None:
    """Raise ValueError if the manifest contradicts itself or names files outside its folder."""
    if manifest.dimension < 1 or not SHORTEST <= manifest.max_tokens <= manifest.positions:
        raise ValueError("dimension, max_tokens or positions are impossible")
    if not {TOKENIZER, manifest.graph} <= set(manifest.files):
        raise ValueError("tokenizer or graph are not among the files")
    if any(Path(name).is_absolute() or ".." in Path(name).parts for name in manifest.files):
        raise ValueError("files outside the folder")


def verify(folder: Path, manifest: Manifest, names: tuple[str, ...] | None = None) -> None:
    """Hold files to their digests: those named, or all of the manifest.

    Raises EncoderError, which names the first file that is missing or was changed.
    """
    for name in manifest.files if names is None else names:
        path = folder / name
        if not path.is_file():
            raise EncoderError(f"{path}: the file is missing; {REMEDY}")
        wanted, got = manifest.files[name], digest(path)
        if got != wanted:
            raise EncoderError(f"{path}: SHA-256 is {got}, the manifest says {wanted}; the file was changed; {REMEDY}")


def is_whole(folder: Path) -> bool:
    """Whether a complete encoder folder of this format stands here."""
    try:
        verify(folder, read_manifest(folder))
    except EncoderError:
        return False
    return True


@contextmanager
def building(out: Path, *, force: bool = False) -> Iterator[Path]:
    """A folder beside `out` to build in, which becomes `out` with one rename if the block ends well, and else is gone.

    A whole encoder at `out` is replaced only if `force` is set, a damaged one always, any other folder never. What a
    killed build left beside `out` is swept away after ten minutes. Raises EncoderError if `out` may not be replaced,
    StorageError if the disk does not give or take the files.
    """
    check_target(out, force=force)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _sweep(out)
        work = Path(tempfile.mkdtemp(prefix=_prefix(out), dir=out.parent))
    except OSError as error:
        raise StorageError(
            f"{out.parent}: cannot be written ({error}); choose another folder or mend its rights"
        ) from error
    try:
        yield work
        work.chmod(0o755)
        _replace(work, out)
    except OSError as error:
        raise StorageError(
            f"{out}: could not be built ({error}); look to the disk's space and rights, or choose another folder"
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def check_target(out: Path, *, force: bool = False) -> None:
    """Raise EncoderError if no encoder may be built at `out`: see `building`."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if not out.is_dir() or not (out / MANIFEST).exists():
        raise EncoderError(f"{out}: exists and is no encoder folder; choose another place")
    if not force and is_whole(out):
        raise EncoderError(f"{out}: an encoder stands here already; use it, or replace it with `--force`")


def _prefix(out: Path) -> str:
    return f".{out.name}.building-"


def _sweep(out: Path) -> None:
    for left in out.parent.glob(_prefix(out) + "*"):
        if time.time() - left.stat().st_mtime > ABANDONED:
            shutil.rmtree(left, ignore_errors=True)


def _replace(work: Path, out: Path) -> None:
    """Put `work` in the place of `out`. No folder can be renamed over a full one, so the old one steps aside first."""
    if not out.exists():
        os.replace(work, out)
        return
    aside = Path(tempfile.mkdtemp(prefix=_prefix(out), dir=out.parent))
    os.replace(out, aside / "old")
    try:
        os.replace(work, out)
    except OSError:
        os.replace(aside / "old", out)
        raise
    finally:
        if out.exists():
            shutil.rmtree(aside, ignore_errors=True)
