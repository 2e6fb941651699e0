"""What the decision promises and whether it was kept; how accuracy falls as more answers are trusted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from triage.learning.evaluation.asking import Scored
from triage.learning.evaluation.figures import AccuracyAt
from triage.learning.evaluation.intervals import Resampling, Share, value_of
from triage.records import Decision

SHARES = tuple(step / 20 for step in range(1, 21))
NO_PROMISE = "none"
KEPT = "kept"
OPEN = "open"
BROKEN = "broken"


def coverage(scored: Sequence[Scored], resampling: Resampling) -> list[dict[str, Any]]:
    """Accuracy of the surest 5, 10 … 100 % of the answers, with the score that the last of them has."""
    led = np.array([bool(one.leads) for one in scored])
    if not led.any():
        return []
    sure = np.array([one.score for one in scored])
    correct = np.array([one.right for one in scored])
    statistic = AccuracyAt(sure, correct, led, SHARES)
    rates = value_of(statistic, len(scored))
    bounds = _quantiles(resampling, statistic)
    ordered = np.sort(sure[led])[::-1]
    rows = []
    for place, share in enumerate(SHARES):
        count = max(1, round(share * len(ordered)))
        rows.append(
            {
                "share": share,
                "cases": count,
                "score": round(float(ordered[count - 1]), 4),
                "accuracy": round(float(rates[place]), 4),
                "interval": bounds[place],
            }
        )
    return rows


def _quantiles(resampling: Resampling, statistic: AccuracyAt) -> list[list[float] | None]:
    if resampling.count < 2:
        return [None] * len(SHARES)
    drawn = resampling.drawn({"curve": statistic})["curve"]
    low, high = np.nanquantile(drawn, [0.025, 0.975], axis=0)
    return [[round(float(a), 4), round(float(b), 4)] for a, b in zip(low, high, strict=True)]


def promise(scored: Sequence[Scored], resampling: Resampling, target: float | None) -> dict[str, Any]:
    """The share of each decision and how often its leads are right, first and among five; whether *suggest* keeps the
    `target`.

    `verdict` is ``kept`` (as many right as promised, or more), ``open`` (fewer, and chance may be why: the target lies
    within the interval), ``broken`` (fewer than chance explains), or ``none`` (nothing was suggested, or the model
    told no target).
    """
    led = np.array([bool(one.leads) for one in scored])
    if not led.any():
        return {}
    ranks = np.array([one.rank for one in scored])
    made: dict[str, Any] = {"target": target}
    for decision in Decision:
        inside = np.array([one.answer.decision is decision for one in scored]) & led
        statistics = {"share": Share(inside, led), **{f"top_{k}": Share(ranks < k, inside) for k in (1, 5)}}
        bounds = resampling.intervals(statistics)
        made[decision.value] = {
            "cases": int(inside.sum()),
            "share": round(float(inside.sum() / led.sum()), 4),
            **{
                f"top_{k}": round(float(value_of(statistics[f"top_{k}"], len(scored))), 4) if inside.any() else None
                for k in (1, 5)
            },
            "interval": bounds["top_5" if decision is not Decision.SUGGEST else "top_1"] if inside.any() else None,
        }
    made["verdict"] = _verdict(made[Decision.SUGGEST.value], target)
    return made


def _verdict(suggested: dict[str, Any], target: float | None) -> str:
    if target is None or not suggested["cases"]:
        return NO_PROMISE
    if suggested["top_1"] >= target:
        return KEPT
    interval = suggested["interval"]
    return BROKEN if interval is not None and interval[1] < target else OPEN
