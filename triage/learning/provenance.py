"""What a model was made from and on: digests of its cases and its catalogue, and the machine's side of the arithmetic.

The bits of a model are decided by its input, the libraries, the kind of processor and, in large models, by the number
of threads that share a matrix. All of it stands on the card, so that two models can be told to be the same, or why not.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from importlib import metadata
from typing import Any

from triage.catalogue import Catalogue
from triage.records import LATER_FIELDS, Case

PACKAGES = ("numpy", "scipy", "scikit-learn", "rjieba", "opencc", "onnxruntime", "tokenizers")
"""Those whose versions may change the bits of a model."""
ALONE = 6_000
"""Reference rows up to which one thread does all matrix arithmetic, so that the number of cores changes no bit."""


def data_digest(cases: Sequence[Case]) -> str:
    """The SHA-256 of all that the cases say, whatever their order in the file.

    Every field counts, ids too, and a case that stands twice counts twice. It tells the same data again; nothing can be
    read out of it.
    """
    said = [{key: value for key, value in asdict(case).items() if value or key not in LATER_FIELDS} for case in cases]
    each = sorted(hashlib.sha256(_canonical(one)).digest() for one in said)
    return hashlib.sha256(b"".join(each)).hexdigest()


def catalogue_digest(catalogue: Catalogue) -> str:
    """The SHA-256 of a catalogue's units, topics and areas; their order counts, as it orders a model's columns."""
    return catalogue.digest()


def surroundings() -> dict[str, Any]:
    """Python, the platform, the BLAS libraries with their kernels and threads, and the versions of `PACKAGES`."""
    return {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "blas": sorted({_library(found) for found in _blas()}),
        "threads": max((int(found["num_threads"]) for found in _blas()), default=1),
        "packages": {name: version for name in PACKAGES if (version := _version(name))},
    }


@contextmanager
def steady(rows: int) -> Iterator[None]:
    """Arithmetic whose bits do not depend on the number of cores: BLAS on one thread, for at most `ALONE` rows.

    A product that threads share is summed in another order. Larger models keep the threads that the process has, for
    their cost grows with the cube of the rows: the same number of threads (``OMP_NUM_THREADS``) gives the same bits.
    The limit is one for the whole process and is put back at the end.
    """
    if rows > ALONE:
        yield
        return
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="blas"):
        yield


def _canonical(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass")


def _blas() -> list[dict[str, Any]]:
    from threadpoolctl import threadpool_info

    return [found for found in threadpool_info() if found["user_api"] == "blas"]


def _library(found: Mapping[str, Any]) -> str:
    parts = (found.get("internal_api"), found.get("version"), found.get("architecture"))
    return " ".join(str(part) for part in parts if part)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
