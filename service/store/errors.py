"""What can go wrong with the memory. The service answers each as a problem document; the command line prints it.

StoreError
├── StoreBusy       another writer holds it; trying again helps
├── StoreFailed     it cannot be opened, read or written (disk full, file damaged, server away)
├── NotThere        there is no such row, or none that this caller may see
├── AlreadyThere    a row with this id is there
└── Changed         somebody else was quicker; `current` is what stands now
"""

from __future__ import annotations

from triage.errors import TriageError


class StoreError(TriageError):
    """Something is wrong with what the service remembers, or with what was asked of it."""


class StoreBusy(StoreError):
    """Another writer held the memory for too long. Nothing was changed."""


class StoreFailed(StoreError):
    """The memory cannot be opened, read or written. Nothing was changed."""


class NotThere(StoreError):
    """There is no such row, or none that this caller may see."""


class AlreadyThere(StoreError):
    """A row with this id is there already."""


class Changed(StoreError):
    """The row is not what the caller saw any more. `current` holds what stands now, as plain JSON types."""

    def __init__(self, message: str, current: dict[str, object] | None = None) -> None:
        self.current = current or {}
        super().__init__(message)
