"""The labelled texts of ``texts.jsonl``: read, checked against each other, with places instead of substrings.

The texts are invented, and so are their places and people. Whoever writes the pre-check, its rules or the texts it
learns from does not read them: only figures leave this benchmark.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from triage.errors import InputError

TEXTS = Path(__file__).with_name("texts.jsonl")
SOURCES = ("人大", "政协", "群众", "热线")
TAGS = ("personal", "court", "forwarded", "advertising", "outside", "empty", "accusation", "secret")
ROLES = ("subject", "problem", "analysis", "ask")
LEVELS = ("村", "乡镇", "县", "市", "省及以上")
URGENCIES = ("safety", "health", "mass", "deadline")
# Two of our texts may speak of one thing; shared character triples above this would be the same text twice.
NEARLY_THE_SAME = 0.5
NEEDED = ("id", "title", "text", "source", "own", "tags", "tag_sentences", "matters", "level", "urgency", "machine")
OPTIONAL = ("near", "parts")


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """Characters of a text, from `start` to before `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Labelled:
    """One text with what a reader says of it.

    `own` is the place of the office that reads it. `near` names the tags whose words it uses without being of that
    kind. `sentences` are the places that show a tag, in the order of `tags` (`empty` has none). `matters` has nothing
    where there is but one. `parts` is None where nobody marked them, else the sentences of each role. `level` is ``""``
    where nobody could say.
    """

    id: str
    title: str
    text: str
    source: str
    own: str
    tags: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    sentences: tuple[Range, ...] = ()
    matters: tuple[Range, ...] = ()
    parts: tuple[tuple[str, tuple[Range, ...]], ...] | None = None
    level: str = ""
    urgency: tuple[str, ...] = ()
    machine: bool = False


def read(path: Path = TEXTS) -> tuple[Labelled, ...]:
    """All texts of a file, in order.

    Raises InputError with every finding by line: a field that is missing, unknown or not allowed, an id twice, a
    substring that does not stand in its text exactly once, parts of one text that overlap, two texts nearly the same.
    """
    findings: list[str] = []
    found: list[Labelled] = []
    lines: dict[str, int] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        row = _row(line)
        problems = ["no JSON object"] if row is None else list(_problems(row))
        if row is not None and not problems:
            one = _labelled(row)
            problems = list(_contradictions(one))
            if one.id in lines:
                problems.append(f"id {one.id} stands in line {lines[one.id]} already")
            lines.setdefault(one.id, number)
            found.append(one)
        findings += [f"{path.name}:{number}: {problem}" for problem in problems]
    findings += [f"{path.name}: {one} and {other} are nearly the same text" for one, other in _repeats(found)]
    if findings:
        raise InputError("\n".join((f"{path.name}: {len(findings)} findings; mend the lines:", *findings)))
    if not found:
        raise InputError(f"{path.name}: no texts; it needs one JSON object a line")
    return tuple(found)


def _row(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None


def _problems(row: Mapping[str, Any]) -> Iterator[str]:
    wrong = sorted(set(NEEDED) - row.keys()) + sorted(row.keys() - set(NEEDED) - set(OPTIONAL))
    if wrong:
        yield f"missing or unknown fields: {', '.join(wrong)}"
        return
    if not row["id"] or not row["own"] or not row["text"].strip():
        yield "id, own and text need something"
    for field, allowed in (("source", SOURCES), ("level", (*LEVELS, ""))):
        if row[field] not in allowed:
            yield f"{field} is {row[field]!r}; allowed are {', '.join(allowed)}"
    for field, several in (("tags", TAGS), ("near", TAGS), ("urgency", URGENCIES)):
        unknown = sorted(set(row.get(field, ())) - set(several))
        if unknown:
            yield f"{field} has {', '.join(unknown)}; allowed are {', '.join(several)}"
    if not isinstance(row["machine"], bool):
        yield "machine is true or false"
    if set(row["tag_sentences"]) != set(row["tags"]) - {"empty"}:
        yield "tag_sentences needs one sentence a tag, and none for empty"
    parts = row.get("parts") or {}
    if parts and set(parts) != set(ROLES):
        yield f"parts needs {', '.join(ROLES)}"
    marked = [*row["tag_sentences"].values(), *row["matters"], *(one for of in parts.values() for one in of)]
    for one in marked:
        times = row["text"].count(one) if one.strip() else 0
        if times != 1:
            yield f"a marked part of {len(one)} characters stands {times} times in the text; it needs to stand once"


def _labelled(row: Mapping[str, Any]) -> Labelled:
    def ranges(parts: Sequence[str]) -> tuple[Range, ...]:
        starts = [row["text"].index(one) for one in parts]
        return tuple(Range(start, start + len(one)) for start, one in zip(starts, parts, strict=True))

    parts = row.get("parts")
    return Labelled(
        row["id"],
        row["title"],
        row["text"],
        row["source"],
        row["own"],
        tuple(row["tags"]),
        tuple(row.get("near", ())),
        ranges([row["tag_sentences"][tag] for tag in row["tags"] if tag != "empty"]),
        ranges(row["matters"]),
        None if parts is None else tuple((role, ranges(parts[role])) for role in ROLES),
        row["level"],
        tuple(row["urgency"]),
        row["machine"],
    )


def _contradictions(one: Labelled) -> Iterator[str]:
    if len(one.matters) == 1:
        yield "one matter alone: matters is empty or has two or more"
    if set(one.tags) & set(one.near):
        yield "a tag is in near as well"
    marked = [place for _, places in one.parts or () for place in places]
    for name, places in (("matters", one.matters), ("parts", marked)):
        if any(left.end > right.start for left, right in pairwise(sorted(places))):
            yield f"{name} overlap"


def _repeats(texts: Sequence[Labelled]) -> Iterator[tuple[str, str]]:
    triples = [{one.text[at : at + 3] for at in range(max(len(one.text) - 2, 1))} for one in texts]
    for right, ours in enumerate(triples):
        for left, theirs in enumerate(triples[:right]):
            if len(ours & theirs) > NEARLY_THE_SAME * len(ours | theirs):
                yield texts[left].id, texts[right].id
