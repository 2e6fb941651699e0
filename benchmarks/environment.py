"""What a result was measured with: versions, the encoder, the day. Nothing that names a machine."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import triage
from triage.encoders.folder import read_manifest

PACKAGES = ("numpy", "scipy", "scikit-learn", "onnxruntime", "tokenizers", "rjieba", "opencc")


def environment(encoder: Path | None, *extra: str) -> dict[str, Any]:
    """The day, the versions of Python, of this library and of what decides its figures, and the sentence encoder."""
    versions = {"python": platform.python_version(), "triage": triage.__version__}
    versions |= {name: version for name in (*PACKAGES, *extra) if (version := installed(name))}
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "versions": versions,
        "encoder": None if encoder is None else _encoder(encoder),
    }


def installed(package: str) -> str:
    """The installed version of a package, or nothing."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _encoder(folder: Path) -> dict[str, str]:
    manifest = read_manifest(folder)
    return {
        "name": manifest.name,
        "source": manifest.source,
        "fingerprint": manifest.fingerprint_at(manifest.max_tokens),
    }
