"""The report as one plain JSON object; docs/evaluation.md says what each key holds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.learning.evaluation.asking import Scored
from triage.learning.evaluation.calibration import calibration
from triage.learning.evaluation.confusion import confusion, mistakes
from triage.learning.evaluation.figures import figures, plain
from triage.learning.evaluation.intervals import DRAWS, Resampling
from triage.learning.evaluation.promise import coverage, promise
from triage.learning.evaluation.returns import Costs, returns
from triage.learning.evaluation.tables import cold, repeats, sources, units
from triage.results import replace_file

FORMAT = 1
FEW_CASES = 100
"""Fewer cases than this say little, and the report says so."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a report counts with: the costs of returns, the seed of all that is drawn, and how often is drawn."""

    costs: Costs = field(default_factory=Costs)
    seed: int = 0
    draws: int = DRAWS


def report(
    scored: Sequence[Scored],
    about: Mapping[str, Any],
    terms: Terms,
    *,
    target: float | None = None,
    notices: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """All that is told of scored cases. `about` says how they were scored, `target` what *suggest* promised, and
    `notices` are {code, …} that a reader must know before any figure.
    """
    from triage import __version__

    resampling = Resampling(np.array([one.group for one in scored], np.intp), terms.draws, terms.seed)
    led = np.array([bool(one.leads) for one in scored], bool)
    filed = np.array([bool(one.topic) for one in scored], bool)
    main = figures(scored, resampling)
    made: dict[str, Any] = {
        "format": FORMAT,
        "about": {
            **about,
            "version": __version__,
            "seed": terms.seed,
            "draws": terms.draws,
            "groups": resampling.count,
        },
        "notices": [*map(dict, notices), *_about_cases(scored, str(about["by"]))],
        "cases": len(scored),
        "figures": main.values,
        "intervals": plain(main.intervals),
        "promise": promise(scored, resampling, target),
        "coverage": coverage(scored, resampling),
        "calibration": {
            "lead": _calibration(led, [(one.score, one.right) for one in scored], resampling),
            "topic": _calibration(filed, [(one.said.score, one.said.name == one.topic) for one in scored], resampling),
        },
        "returns": returns(scored, terms.costs, resampling),
        "units": units(scored),
        "sources": sources(scored, resampling),
        "cold": cold(scored, resampling),
        "repeats": repeats(scored, resampling),
        "confusion": confusion(scored),
        "mistakes": mistakes(scored),
        "unknown": sorted({name for one in scored for name in one.unknown}),
    }
    # As it will be read back: no tuples, no numpy numbers, nothing that JSON cannot hold.
    plain_: dict[str, Any] = json.loads(json.dumps(made, ensure_ascii=False, allow_nan=False))
    return plain_


def write_json(report: Mapping[str, Any], path: Path) -> None:
    """Write the report; an older file is replaced only when the new one is whole. Raises StorageError."""
    replace_file(path, (json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace"))


def _calibration(
    inside: NDArray[np.bool_],
    pairs: Sequence[tuple[float, bool]],
    resampling: Resampling,
) -> dict[str, Any]:
    if not inside.any():
        return {}
    scores = np.array([score for score, _ in pairs])[inside]
    right = np.array([correct for _, correct in pairs])[inside]
    return calibration(scores, right, resampling.of(inside))


def _about_cases(scored: Sequence[Scored], by: str) -> list[dict[str, Any]]:
    """What makes figures worth less than they look."""
    leads = [one.leads[0] for one in scored if one.leads]
    found: list[dict[str, Any]] = []
    if 0 < len(scored) < FEW_CASES:
        found.append({"code": "cases.few", "cases": len(scored)})
    if len(leads) > 1 and len(set(leads)) == 1:
        found.append({"code": "leads.one", "cases": len(leads), "unit": leads[0]})
    if len(leads) > 1 and len(set(leads)) == len(leads):
        found.append({"code": "leads.different", "cases": len(leads)})
    if scored and not leads:
        found.append({"code": "leads.none", "cases": len(scored)})
    if names := {name for one in scored for name in one.unknown}:
        rows = sum(bool(one.unknown) for one in scored)
        found.append({"code": "names.unknown", "names": len(names), "cases": rows})
    if learned := sum(one.learned for one in scored):
        if by == "time":  # they would come up in the office, too
            found.append({"code": "cases.repeated", "cases": learned, "of": len(scored)})
        else:
            found.append({"code": "cases.learned", "cases": learned, "of": len(scored)})
    return found
