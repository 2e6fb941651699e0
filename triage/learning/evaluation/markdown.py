"""The report as Markdown: sentences and tables, no pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from triage.learning.evaluation.phrases import Phrases
from triage.learning.evaluation.sections import Grid, about, sections
from triage.results import replace_file

_SIGNS = re.compile(r"([\\`*_\[\]<>|#~$])")


def markdown(report: Mapping[str, Any], language: str = "zh") -> str:
    """The report (`evaluate` and its kin) in one of `phrases.LANGUAGES`. Raises InputError for another language."""
    say = Phrases(language)
    return "\n".join(_lines(report, say)) + "\n"


def write_markdown(report: Mapping[str, Any], path: Path, language: str = "zh") -> None:
    """Write it; an older file is replaced only when the new one is whole. Raises InputError, StorageError."""
    replace_file(path, markdown(report, language).encode("utf-8", "replace"))


def _lines(report: Mapping[str, Any], say: Phrases) -> Iterator[str]:
    yield f"# {say('title')}"
    yield ""
    yield " ".join(map(_escaped, about(report, say)))
    for section in sections(report, say):
        yield ""
        yield f"## {_escaped(section.title)}"
        if section.sentences:
            yield ""
            yield from (f"* {_escaped(sentence)}" for sentence in section.sentences)
        for grid in section.grids:
            yield ""
            yield from _table(grid)


def _table(grid: Grid) -> Iterator[str]:
    if grid.title:
        yield f"**{_escaped(grid.title)}**"
        yield ""
    yield f"| {' | '.join(map(_escaped, grid.headers))} |"
    yield f"|{'|'.join('---' if column in grid.words else '---:' for column in range(len(grid.headers)))}|"
    for row in grid.rows:
        yield f"| {' | '.join(map(_escaped, row))} |"


def _escaped(text: str) -> str:
    """A name or an id is words, whatever signs are in it: no table cell, no link, no HTML."""
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))
