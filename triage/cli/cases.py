"""Handled cases for the commands that learn from them or are measured on them: cases files, sheets that came back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from triage.cli import screen
from triage.errors import InputError

if TYPE_CHECKING:
    from triage.meeting import Meeting
    from triage.records import Case

TOLD = 20
"""Notices that are shown; the rest is counted."""


def handled_cases(path: Path, required: Iterable[str] = ("lead",), unnamed: str = "line-") -> list[Case]:
    """The cases of a file, or of a meeting sheet that came back: its decided rows, never what was only suggested; or of
    a sheet of `triage next`: its labelled rows.

    `required` columns and the ids of `unnamed` rows are those of a cases file. Raises InputError as `read_cases` and
    `read_meeting` do, and for a sheet on which nothing was decided.
    """
    from triage.datasets import read_cases
    from triage.learning.labelling.sheet import is_label_sheet
    from triage.meeting import is_meeting, read_meeting

    if is_label_sheet(path):
        return _labelled(path)
    if not is_meeting(path):
        return read_cases(path, required=required, unnamed=unnamed)
    meeting = read_meeting(path)
    cases = meeting.cases()
    show_notices(meeting)
    if not cases:
        raise InputError(f"{path}: no row is decided and has a text, so there is nothing to learn from.")
    screen.errors.print(f"{path}: a meeting sheet; {len(cases)} decided rows count as cases", markup=False)
    return cases


def _labelled(path: Path) -> list[Case]:
    """The labelled rows of a sheet of `triage next`."""
    from triage.learning.labelling.sheet import read_labels

    sheet = read_labels(path)
    screen.errors.print(f"{path}: {len(sheet.cases)} labelled rows count as cases", markup=False)
    if sheet.unlabelled:
        screen.warn(f"{path}: {sheet.unlabelled} rows have no lead (主办单位) yet and are left out")
    return list(sheet.cases)


def cases_of_files(paths: Sequence[Path]) -> list[Case]:
    """The cases of several files, in order. A case that stands in two of them (the same id and title) counts as the
    later file has it.
    """
    if len(paths) == 1:
        return handled_cases(paths[0])
    found: dict[tuple[str, str], Case] = {}
    again = 0
    for path in paths:
        for case in handled_cases(path, unnamed=f"{path.name}:"):
            key = (case.suggestion.id, case.suggestion.title)
            again += found.pop(key, None) is not None
            found[key] = case
    if again:
        screen.warn(f"{again} cases stand in several files; what the later file says counts")
    return list(found.values())


def show_notices(meeting: Meeting) -> None:
    """What was read otherwise than it stands on a sheet, and the rows that nothing is learned from."""
    for notice in meeting.notices[:TOLD]:
        screen.warn(notice)
    if len(meeting.notices) > TOLD:
        screen.warn(f"and {len(meeting.notices) - TOLD} more")
    if meeting.undecided:
        screen.warn(f"{meeting.undecided} of {len(meeting.rows)} rows are not decided: nothing is learned from them")
    if meeting.unreadable:
        screen.warn(f"{meeting.unreadable} decided rows have no text (confidential, or emptied) and are left out")
