"""An index out of many cases: a new file whole or not at all, a file that there is in parts, each of them whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from triage.duplicates import database
from triage.duplicates.calibration import Calibration
from triage.duplicates.hits import Changed
from triage.duplicates.index import DuplicateIndex
from triage.duplicates.nearest import EXACT_LIMIT
from triage.errors import StorageError
from triage.records import Case

if TYPE_CHECKING:
    from triage.encoders.sentence import SentenceEncoder

PART = 2_000
"""Cases that are read and stored together: bounds the memory."""

Progress = Callable[[int, int], None]


def add_cases(index: DuplicateIndex, cases: Sequence[Case], progress: Progress | None = None) -> Changed:
    """`DuplicateIndex.add` for any number of cases.

    All of them are checked before the first is stored. They are stored in parts, each whole or not at all: after a kill
    or a full disk the same call goes on where it was. Raises what `DuplicateIndex.add` raises.
    """
    index.check(cases)
    new = renewed = unchanged = 0
    for start in range(0, len(cases), PART):
        changed = index.add(cases[start : start + PART], progress=_moved(progress, start, len(cases)))
        new, renewed, unchanged = new + changed.new, renewed + changed.renewed, unchanged + changed.unchanged
        if progress is not None:
            progress(min(start + PART, len(cases)), len(cases))
    return Changed(new, renewed, unchanged)


def build_index(
    path: str | Path,
    cases: Sequence[Case],
    *,
    sentence: SentenceEncoder | None = None,
    calibration: Calibration | None = None,
    progress: Progress | None = None,
) -> Changed:
    """A new index file of these cases: written beside its place and renamed when it is whole.

    Raises StorageError if the file exists or cannot be written, and what `DuplicateIndex.create` and `add` raise.
    """
    path = Path(path)
    if path.exists():
        raise StorageError(f"{path}: exists already and is left as it is. Name a new file or remove it first.")
    with database.appearing(path) as temporary:
        temporary.unlink()  # the index makes its own file under this name
        with DuplicateIndex.create(temporary, sentence=sentence, calibration=calibration) as index:
            changed = add_cases(index, cases, progress)
        if len(cases) > EXACT_LIMIT:
            # What the search learns of so many texts is learned and kept now, not at the first question.
            DuplicateIndex.load(temporary, sentence=sentence).close()
    return changed


def _moved(progress: Progress | None, start: int, total: int) -> Progress | None:
    """Progress within a part, told as progress of the whole."""
    if progress is None:
        return None
    return lambda done, _: progress(start + done, total)
