"""Texts that must be found among all others: rewritten copies, the body of a title, the copy that another sent."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np

from benchmarks.duplicates.field import Field
from benchmarks.duplicates.ours import Asked
from benchmarks.duplicates.peers import CharacterTfidf, Nearest
from benchmarks.duplicates.scores import SEED, found_within
from benchmarks.duplicates.sets import ALONE, Texts, Wordings, same_rows
from triage.duplicates.rewrite import RULES, rewrite
from triage.records import Grade, Suggestion

Rows = Sequence[frozenset[int]]

ALL_AT_ONCE = "all at once"
SAMPLE = 1000
"""Texts of which each rule alone makes a copy."""
NEARLY = 0.75
"""Bodies whose character 1- to 3-gram TF-IDF cosine is at least this are nearly the same."""
COPIES = (Grade.REWRITTEN, Grade.IDENTICAL)


def rewritten_copies(texts: Texts, field: Field) -> dict[str, Any]:
    """Copies made by rule, each alone and all at once: is the original found first, in ten, and graded as a copy?"""
    originals = texts.suggestions
    same = same_rows(originals, field.wordings)
    indexes = field.indexes(originals)
    sample = sorted(Random(SEED).sample(range(len(originals)), min(SAMPLE, len(originals))))  # noqa: S311
    found: dict[str, Any] = {}
    for rule in (*RULES, ALL_AT_ONCE):
        rows = list(range(len(originals))) if rule == ALL_AT_ONCE else sample
        chance = Random(f"{SEED} {rule}")  # noqa: S311 (repeatable, no secret)
        names = tuple(RULES) if rule == ALL_AT_ONCE else (rule,)
        copies = {row: rewrite(originals[row], chance, names) for row in rows}
        changed = [row for row in rows if copies[row] != originals[row]]
        if not changed:
            continue
        asked = [copies[row] for row in changed]
        field.warm(asked)
        systems = {}
        for name, nearest in indexes.items():
            field.tell(f"{rule}, {name}")
            systems[name] = _copies_found(nearest, asked, changed, [same[row] for row in changed])
        found[rule] = {"copies": len(changed), "left_as_they_were": len(rows) - len(changed), "systems": systems}
    return {"texts": len(originals), "rules": found}


def _copies_found(nearest: Nearest, asked: Sequence[Suggestion], rows: Sequence[int], same: Rows) -> dict[str, Any]:
    graded: list[list[tuple[int, Grade]]] = []
    started = time.perf_counter()
    if isinstance(nearest, Asked):
        graded = nearest.graded(asked, 10)
        answers = [[row for row, _ in hits] for hits in graded]
    else:
        answers = nearest(asked, 10)
    took = time.perf_counter() - started
    found: dict[str, Any] = {
        "recall_at_1": found_within(answers, same, 1),
        "recall_at_1_strict": found_within(answers, [{row} for row in rows], 1),
        "recall_at_10": found_within(answers, same, 10),
        "milliseconds_a_query": round(1000 * took / max(len(asked), 1), 2),
    }
    if graded:
        grades = [
            next((grade for row, grade in hits if row in wanted), None)
            for hits, wanted in zip(graded, same, strict=True)
        ]
        found["graded_as_copy"] = round(sum(grade in COPIES for grade in grades) / max(len(grades), 1), 4)
        found["grades"] = dict(Counter(str(grade) if grade else "not found" for grade in grades).most_common())
    return found


def titles_to_bodies(texts: Texts, field: Field) -> dict[str, Any]:
    """Bodies alone are indexed, and each title asks for its own."""
    whole = [text for text in texts.suggestions if text.title.strip() and text.text.strip()]
    bodies = [replace(text, title="") for text in whole]
    titles = [replace(text, text="") for text in whole]
    nearly = _nearly_the_same(bodies, field.wordings)
    indexes = field.indexes(bodies)
    field.warm(titles)
    systems = {}
    for name, nearest in indexes.items():
        field.tell(f"asking, {name}")
        started = time.perf_counter()
        answers = nearest(titles, 10)
        took = time.perf_counter() - started
        own = [{row} for row in range(len(whole))]
        systems[name] = {
            "recall_at_1": found_within(answers, own, 1),
            "recall_at_10": found_within(answers, own, 10),
            "recall_at_1_or_nearly_the_same": found_within(answers, nearly, 1),
            "recall_at_10_or_nearly_the_same": found_within(answers, nearly, 10),
            "milliseconds_a_query": round(1000 * took / max(len(titles), 1), 2),
        }
    return {"texts": len(whole), "systems": systems}


def sent_again(texts: Texts, field: Field) -> dict[str, Any]:
    """Letters that were sent more than once: is another of the group among the first five?"""
    groups = np.array(texts.groups)
    rows = [row for row, group in enumerate(texts.groups) if group != ALONE and (groups == group).sum() > 1]
    members = [frozenset(np.flatnonzero(groups == texts.groups[row]).tolist()) - {row} for row in rows]
    names = [texts.groups[row] for row in rows]
    systems = {}
    for name, nearest in field.indexes(texts.suggestions).items():
        field.tell(f"asking, {name}")
        found = nearest([texts.suggestions[row] for row in rows], 6)
        answers = [[other for other in hits if other != row][:5] for row, hits in zip(rows, found, strict=True)]
        whole = dict.fromkeys(names, True)
        for group, hits, wanted in zip(names, answers, members, strict=True):
            whole[group] &= not wanted.isdisjoint(hits)
        systems[name] = {
            "recall_at_1": found_within(answers, members, 1),
            "recall_at_5": found_within(answers, members, 5),
            "groups_with_every_letter_at_5": round(sum(whole.values()) / max(len(whole), 1), 4),
        }
    return {"texts": len(texts.suggestions), "letters": len(rows), "groups": len(set(names)), "systems": systems}


def _nearly_the_same(bodies: Sequence[Suggestion], wordings: Wordings) -> Rows:
    """For each body the rows of those that are nearly the same, itself among them."""
    return CharacterTfidf(wordings.whole).alike(bodies, NEARLY)
