"""Where the sentence encoder's folder is looked for and installed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

VARIABLE = "TRIAGE_ENCODER"
"""Names the encoder folder for every command."""


def default_folder() -> Path:
    """Where `triage encoder install` puts it: beside the sources in a checkout, else in the user's data folder."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file() and (checkout / "models").is_dir():
        return checkout / "models" / "encoder"
    if sys.platform == "win32":
        data = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        data = Path.home() / "Library" / "Application Support"
    else:
        data = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share"))
    return data / "suggestion-triage" / "encoder"


def find_encoder() -> Path | None:
    """The installed encoder folder, or None: the one that TRIAGE_ENCODER names, ``models/encoder`` here, or the
    default.
    """
    places = [Path(named)] if (named := os.environ.get(VARIABLE)) else [Path("models") / "encoder", default_folder()]
    return next((place for place in places if (place / "encoder.json").is_file()), None)
