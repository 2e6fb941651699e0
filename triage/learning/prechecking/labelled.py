"""Our own labelled texts, and how the pre-check reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from triage.errors import InputError
from triage.precheck import roles
from triage.precheck.home import own_names
from triage.precheck.reading import Reading, read
from triage.records import LEVEL_NAMES, Suggestion
from triage.text import Segmenter

FILES = (
    *("machine", "several", "tagged", "near", "plain", "letters", "kinds"),
    *("mailbox", "motions", "turns", "counter", "short", "lists"),
)


@dataclass(frozen=True, slots=True)
class Remark:
    """A labelled text: what is in it, as `triage.learning.remarks` says, and the place of the office that reads it.

    `urgency` holds keys of `triage.precheck.urgency.REASONS`, and ``deadline``. `matters` and `parts` are (first, past
    the last) characters of the text; a role has several. Of a text that is not `whole` the matters alone are labelled:
    it says nothing of tags and urgency, not even that it has none.
    """

    suggestion: Suggestion
    own: str
    tags: frozenset[str]
    matters: tuple[tuple[int, int], ...]
    parts: Mapping[str, tuple[tuple[int, int], ...]]
    level: str
    urgency: frozenset[str] = frozenset()
    whole: bool = True


def our_remarks() -> list[Remark]:
    """The texts that come with the library, in the order of their ids."""
    folder = files("triage.learning.remarks")
    found: list[Remark] = []
    for name in FILES:
        content = folder.joinpath(f"{name}.jsonl").read_text(encoding="utf-8")
        found.extend(remark(f"{name}.jsonl:{line}", row) for line, row in enumerate(content.splitlines(), 1) if row)
    return sorted(found, key=lambda remark: remark.suggestion.id)


def remark(where: str, row: str) -> Remark:
    """A labelled text from one line of a file. Raises InputError, with `where`, for a label that cannot be."""
    told: dict[str, Any] = json.loads(row)
    text: str = told["text"]
    matters = _stretches(where, text, told["matters"])
    parts = {role: _stretches(where, text, told.get("parts", {}).get(role, [])) for role in roles.HEADINGS}
    known = {*LEVEL_NAMES, ""}
    settled = told.get("level", "").removesuffix("及以上")
    if settled not in known:
        raise InputError(f"{where}: level is {told['level']!r}; allowed are {', '.join(sorted(known))}.")
    suggestion = Suggestion(told["id"], told["title"], text, told["source"])
    tagged, pressing = frozenset(told.get("tags", ())), frozenset(told.get("urgency", ()))
    return Remark(suggestion, told["own"], tagged, matters, parts, settled, pressing, whole="tags" in told)


def _stretches(where: str, text: str, pieces: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Where these pieces stand in the text, each after the one before where that is possible."""
    found, after = [], 0
    for piece in pieces:
        start = text.find(piece, after)
        if start < 0:
            start = text.find(piece)
        if start < 0:
            raise InputError(f"{where}: a labelled stretch does not stand in the text. Copy it from there, every sign.")
        found.append((start, start + len(piece)))
        after = start + len(piece)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Lesson:
    """A remark and how the pre-check reads it."""

    remark: Remark
    reading: Reading

    def spans(self) -> list[tuple[int, int]]:
        """Where the sentences stand in the field that they belong to."""
        found = [self.reading.source.span(one.start, one.end) for one in self.reading.sentences]
        return [(span.start, span.end) for span in found]


def lessons(remarks: Sequence[Remark]) -> list[Lesson]:
    """The remarks, read."""
    segmenter = Segmenter()
    return [Lesson(one, read(one.suggestion, segmenter, own_names(one.own))) for one in remarks]
