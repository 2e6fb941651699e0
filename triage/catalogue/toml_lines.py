"""In which line of a TOML file a key stands: the standard reader gives values without places."""

from __future__ import annotations

import re
from collections import Counter

Key = tuple[str | int, ...]
"""The way to a value from the top: names of tables, and numbers from 0 in arrays of tables."""

_TABLE = re.compile(r"\s*(\[\[?)(.+?)\]\]?\s*(?:#.*)?$")
_ASSIGNED = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=""")
_PART = re.compile(r""""([^"]*)"|'([^']*)'|([\w-]+)""")


def lines_of(text: str) -> dict[Key, int]:
    """The line, from 1, of every table and of every key that begins a line; an inline table has its key's."""
    lines: dict[Key, int] = {(): 1}
    table: Key = ()
    counts: Counter[Key] = Counter()
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _TABLE.match(line):
            names = _names(found[2])
            table = _placed(names, counts)
            if found[1] == "[[":
                table = (*_placed(names[:-1], counts), names[-1]) if names else ()
                counts[table] += 1
                table = (*table, counts[table] - 1)
            _note(lines, table, number)
        elif found := _ASSIGNED.match(line):
            _note(lines, (*table, *_names(found[1])), number)
    return lines


def line_of(lines: dict[Key, int], key: Key) -> int:
    """The line of a key, or of the nearest table around it that has one."""
    while key not in lines:
        key = key[:-1]
    return lines[key]


def _note(lines: dict[Key, int], key: Key, number: int) -> None:
    for length in range(1, len(key) + 1):
        lines.setdefault(key[:length], number)


def _names(dotted: str) -> tuple[str, ...]:
    return tuple(part[1] or part[2] or part[3] for part in _PART.finditer(dotted))


def _placed(names: tuple[str, ...], counts: Counter[Key]) -> Key:
    """The way through arrays of tables: always their last table so far."""
    way: Key = ()
    for name in names:
        way = (*way, name)
        if counts[way]:
            way = (*way, counts[way] - 1)
    return way
