"""A key for trying the service out, kept beside the demo data. A real service keeps no key anywhere."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from service.demo.seeding import ACTOR
from service.store import keys
from service.store.store import Store

NAME = "demo.key"


def ready_key(store: Store, folder: Path) -> str:
    """The key in ``demo.key`` of the data folder, which may do everything; a new one if there is none that works.

    Raises StoreError, OSError.
    """
    file = folder / NAME
    with suppress(FileNotFoundError, UnicodeDecodeError):
        token = file.read_text(encoding="utf-8").strip()
        with store.read() as session:
            if keys.find(session, token) is not None:
                return token
    with store.write(ACTOR) as writing:
        made = keys.make(writing, "demo", ["admin"], confidential=True)
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as handle:
        handle.write(f"{made.token}\n")
    return made.token
