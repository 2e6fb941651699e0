"""Who is mistaken for whom, and the surest mistakes with what spoke for them. Ids and units, never a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.learning.evaluation.asking import Scored
from triage.records import Evidence

MISTAKES = 50
PAIRS = 200
IDS = 10
EVIDENCE = 3


def mistakes(scored: Sequence[Scored]) -> list[dict[str, Any]]:
    """The answers that were surest and wrong, with the evidence for the unit that was answered and for the right one:
    duty phrases of the catalogue and precedents by id.
    """
    wrong = [one for one in scored if one.leads and not one.right]
    wrong.sort(key=lambda one: (-one.score, one.answer.id))
    return [
        {
            "id": one.answer.id,
            "right": list(one.leads),
            "answered": one.first,
            "score": one.score,
            "rank": one.rank + 1 if one.rank < len(one.answer.lead) else None,
            "decision": one.answer.decision.value,
            "source": one.source,
            "evidence": {
                "answered": _told(one.answer.evidence, (one.first,)),
                "right": _told(one.answer.evidence, one.leads),
            },
        }
        for one in wrong[:MISTAKES]
    ]


def _told(found: Sequence[Evidence], units: Sequence[str]) -> list[dict[str, Any]]:
    """Evidence as data: a precedent's text shows a title, words are the suggestion's own, so neither is told."""
    told: list[dict[str, Any]] = []
    for item in found:
        if item.unit in units and item.kind == "duty":
            told.append({"kind": "duty", "unit": item.unit, "phrase": item.phrase, "score": item.score})
        elif item.unit in units and item.kind == "precedent":
            told.append(
                {
                    "kind": "precedent",
                    "unit": item.unit,
                    "case": item.case,
                    "units": list(item.units),
                    "score": item.score,
                }
            )
    return sorted(told, key=lambda item: (item["kind"] != "duty", -item["score"]))[:EVIDENCE]


def confusion(scored: Sequence[Scored]) -> dict[str, Any]:
    """Pairs of the right lead (of several the first) and the one that was answered, most mistakes first.

    `expected` is how many there would be if units were only mistaken as often as each is missed and as each is named
    wrongly, whoever the other is (quasi-independence; Goodman, 1968), `surprise` is -log10 of the probability of so
    many or more then (Poisson): 2 means one in a hundred.
    """
    wrong = [one for one in scored if one.leads and not one.right]
    names = sorted({one.leads[0] for one in wrong} | {one.first for one in wrong})
    place = {name: number for number, name in enumerate(names)}
    table = np.zeros((len(names), len(names)))
    ids: dict[tuple[int, int], list[str]] = {}
    for one in wrong:
        pair = place[one.leads[0]], place[one.first]
        table[pair] += 1
        ids.setdefault(pair, []).append(one.answer.id)
    cases: dict[str, int] = {}
    for one in scored:
        if one.leads:
            cases[one.leads[0]] = cases.get(one.leads[0], 0) + 1
    expected = quasi_independent(table)
    surprise = _surprise(table, expected)
    pairs: list[dict[str, Any]] = [
        {
            "right": names[row],
            "answered": names[column],
            "count": int(table[row, column]),
            "back": int(table[column, row]),
            "share": round(float(table[row, column] / cases[names[row]]), 4),
            "expected": round(float(expected[row, column]), 3),
            "surprise": round(float(surprise[row, column]), 2),
            "ids": found[:IDS],
        }
        for (row, column), found in ids.items()
    ]
    pairs.sort(key=lambda pair: (-pair["count"], -pair["surprise"], pair["right"], pair["answered"]))
    return {"mistakes": len(wrong), "different": len(pairs), "pairs": _kept(pairs)}


def _kept(pairs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The most frequent pairs, and the most surprising where those are others."""
    if len(pairs) <= PAIRS:
        return pairs
    loudest = sorted(pairs, key=lambda pair: (-pair["surprise"], -pair["count"]))[: PAIRS // 4]
    kept = {(pair["right"], pair["answered"]) for pair in (*pairs[: PAIRS - PAIRS // 4], *loudest)}
    return [pair for pair in pairs if (pair["right"], pair["answered"]) in kept]


def quasi_independent(table: NDArray[np.float64], rounds: int = 200) -> NDArray[np.float64]:
    """Expected counts with the same sums of rows and columns and an empty diagonal, by proportional fitting."""
    expected = np.ones_like(table) - np.eye(len(table))
    for _ in range(rounds):
        for axis in (1, 0):
            sums = expected.sum(axis=axis, keepdims=True)
            wanted = table.sum(axis=axis, keepdims=True)
            expected = expected * np.divide(wanted, sums, out=np.zeros_like(sums), where=sums > 0)
        if np.abs(expected.sum(axis=1) - table.sum(axis=1)).max(initial=0.0) < 1e-6:
            break
    return expected


def _surprise(table: NDArray[np.float64], expected: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.stats import poisson

    if not table.size:
        return table
    return np.asarray(np.maximum(0.0, -poisson.logsf(table - 1, np.maximum(expected, 1e-9)) / np.log(10)))
