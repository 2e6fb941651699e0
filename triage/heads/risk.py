"""The return risk (退单风险) of an answer: the chance, what stands out, and who could take it instead."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.heads.judge import Judged
from triage.heads.model import Model
from triage.heads.promise import CLOSE
from triage.heads.returns import LEAST_NEAR, SIGNS, led_elsewhere, several_matters, signs, without_place
from triage.heads.told import LEAST, Told
from triage.records import ReturnRisk
from triage.text import Prepared

UNLEARNED = "未从退单记录中学习：按首选单位不对的可能估计。"
UNSURE = 0.6
"""A first lead that is less probable is told as a reason."""
ELSEWHERE = 0.5
"""Above this share of near cases that another unit led they are told to conflict."""
MORE_OFTEN = 1.5
"""A unit that sends back so many times as often as usual is told."""
LEAST_RISK = 0.1
"""Below this chance nobody needs to know why, or who else could take it."""


def return_risk(model: Model, judged: Judged, row: int, text: Prepared, told: Told | None = None) -> ReturnRisk:
    """The chance that the first lead of the text in `row` sends it back. `told` are cases of the same matter from
    outside the model. Nothing of the text's wording is in it.
    """
    lead, known, names = judged.lead[row], model.returning, model.units.names
    matters = several_matters(text)
    seen = risk_signs(model, judged, row, matters, told)
    score = float(known.score(seen)[0])
    sign = dict(zip(SIGNS, map(float, seen[0]), strict=True))
    reasons = _reasons(model, lead, int(lead.argmax()), sign, matters) if score >= LEAST_RISK else []
    if len(names) > 1 and score >= LEAST_RISK:
        reasons.append(f"若退单，可改交{names[int(np.argsort(-lead, kind='stable')[1])]}。")
    return ReturnRisk(round(score, 4), known.learned, (*reasons, *([] if known.learned else [UNLEARNED])))


def risk_signs(model: Model, judged: Judged, row: int, matters: int, told: Told | None = None) -> NDArray[Any]:
    """The signs of a return from the first lead of the text in `row`, (1, signs); `matters` as `several_matters`
    counts.
    """
    lead, near = judged.lead[row : row + 1], judged.closeness[row : row + 1, model.rows.cases]
    unit = lead.argmax(axis=1)
    columns = model.units
    said = {columns.index[name]: chance for name, chance in _likely(told) if name in columns.index}
    return signs(
        unit,
        lead,
        led_elsewhere(near, model.lead.leads_, unit, [said]),
        near.max(axis=1, initial=0.0),
        without_place(columns, judged.mentions[row : row + 1], lead, unit),
        np.array([matters > 0]),
        model.returning.often(unit),
    )


def _likely(told: Told | None) -> list[tuple[str, float]]:
    return [] if told is None else [(name, chance) for name, chance in told.leads.items() if chance >= LEAST]


def _reasons(model: Model, lead: NDArray[Any], unit: int, sign: dict[str, float], matters: int) -> list[str]:
    """What stands out, as Chinese sentences."""
    names, known = model.units.names, model.returning
    order = np.argsort(-lead, kind="stable")
    reasons = []
    if lead[unit] < UNSURE:
        reasons.append(f"{names[unit]}主办的把握只有{lead[unit]:.0%}。")
    if len(order) > 1 and lead[order[1]] >= CLOSE * lead[unit]:
        reasons.append(f"与{names[order[1]]}把握相近。")
    if sign["placeless"]:
        reasons.append("文中没有写明地点，而同类单位不止一个。")
    if sign["alone"] > 1 - LEAST_NEAR and model.rows.cases.stop:
        reasons.append("没有相近的办理先例。")
    if sign["elsewhere"] > ELSEWHERE:
        reasons.append("相近的先例多由其他单位主办。")
    if matters and known.weights[SIGNS.index("several")] > 0:  # most enumerations are measures for one matter
        reasons.append(f"文中分列了{matters}项，可能不止一件事。")
    if sign["often"] >= np.log(MORE_OFTEN):
        handed, back = int(known.handed[unit]), int(known.returned[unit])
        reasons.append(f"以往交给{names[unit]}的{handed}件中有{back}件退回，多于一般单位。")
    return reasons
