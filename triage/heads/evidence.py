"""What speaks for a unit: its duty phrase, handled cases, the words that weighed most, a place, the proposer's wish."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.heads.columns import INNER, OUTER, OWN, UNIT
from triage.heads.judge import Judged
from triage.heads.model import Model
from triage.heads.similarity import Vectors
from triage.records import Evidence, Suggestion
from triage.text.marks import Marks

Floats = NDArray[np.float32]

LEAST_DUTY = 0.2
"""A duty phrase less close than this is no evidence."""
LEAST_PRECEDENT = 0.25
"""Nor is a precedent."""
PRECEDENTS = 3
WORDS = 4
PLACES = 3
LEADS_SHOWN = 3
WORDS_SHOWN = 2
HELPERS_SHOWN = 3
SHARED = 8
"""Terms of a duty phrase that are marked in the text."""
LEAST_SHARED = 0.15
"""Of what the weightiest of them gives to the likeness: less (的建, 工作) is not what the two have in common."""


def evidence(
    model: Model,
    judged: Judged,
    row: int,
    leads: Sequence[int],
    helpers: Sequence[int],
    wish: int | None,
    places: Sequence[str] = (),
    suggestion: Suggestion | None = None,
) -> tuple[Evidence, ...]:
    """What speaks for the first leads and helpers of the text in `row`, strongest kind first.

    `leads` and `helpers` are unit columns, best first; `wish` is the column that the proposer wished for, `places` what
    the text names, `suggestion` the text as it came in. Without it (a confidential one) everything is left out that
    would repeat the text's own words or point at them.
    """
    near = judged.closeness[row]
    likely = _likely_precedents(near[model.rows.cases])
    found: list[Evidence] = []
    marks = None if suggestion is None else Marks(suggestion)
    words = {} if marks is None else _words(model, judged.vectors, row, leads[:WORDS_SHOWN], marks)
    for column in dict.fromkeys([*leads[:LEADS_SHOWN], *helpers[:HELPERS_SHOWN]]):
        found.extend(_duty(model, judged, row, column, marks))
        found.extend(_precedents(model, near, likely, column))
        if column in words:
            found.append(words[column])
        found.extend(_place(model, column, judged.mentions[row], () if marks is None else places))
        if column == wish:
            found.append(Evidence(model.units.names[column], "wish", "提出人希望由该单位办理", 1.0))
    return tuple(found)


def _duty(model: Model, judged: Judged, row: int, column: int, marks: Marks | None) -> list[Evidence]:
    phrases = model.units.groups.of(column)
    if not len(phrases):
        return []
    closeness = judged.closeness[row][model.rows.duties][phrases]
    best = int(closeness.argmax())
    if closeness[best] < LEAST_DUTY:
        return []
    phrase = model.units.phrases[phrases[best]]
    duty = model.rows.duties.start + int(phrases[best])
    spans = () if marks is None else marks.of(_shared(model, judged.vectors, row, duty))
    said = f"职责“{phrase}”与本文相符"
    return [Evidence(model.units.names[column], "duty", said, _score(closeness[best]), spans=spans, phrase=phrase)]


def _shared(model: Model, vectors: Vectors, row: int, duty: int) -> list[str]:
    """The terms of two characters or more that give most to the likeness of the text to a duty phrase: x_j · d_j."""
    start, end = vectors.lexical.indptr[row : row + 2]
    first, last = model.rows.lexical.indptr[duty : duty + 2]
    terms, here, there = np.intersect1d(
        vectors.lexical.indices[start:end],
        model.rows.lexical.indices[first:last],
        assume_unique=True,
        return_indices=True,
    )
    given = vectors.lexical.data[start:end][here] * model.rows.lexical.data[first:last][there]
    named = [(float(weight), model.lexical.term(int(term))) for term, weight in zip(terms, given, strict=True)]
    long = sorted(((weight, term) for weight, term in named if len(term) > 1 and term.isalnum()), reverse=True)[:SHARED]
    return [term for weight, term in long if weight >= LEAST_SHARED * long[0][0]]


def _likely_precedents(near: Floats) -> NDArray[np.intp]:
    """The cases that are close enough to be shown, closest first."""
    likely = np.flatnonzero(near >= LEAST_PRECEDENT)
    return likely[np.argsort(-near[likely], kind="stable")]


def _precedents(model: Model, near: Floats, likely: NDArray[np.intp], column: int) -> list[Evidence]:
    found = []
    for row in likely[model.co.roles_[likely, column] > 0][:PRECEDENTS]:
        case = model.precedents[row]
        units = (*case.leads, *case.co)
        title = f"《{case.title}》" if case.title else "（保密件）"
        told = "、".join(filter(None, (case.source, case.date)))
        where = f"（{told}）" if told else ""
        helped = f"，会办：{'、'.join(case.co)}" if case.co else ""
        outcome = f"，办理结果：{case.outcome}" if case.outcome else ""
        text = f"相近案件{title}{where}由{'、'.join(case.leads) or '（不详）'}主办{helped}{outcome}"
        found.append(Evidence(model.units.names[column], "precedent", text, _score(near[row]), case.id, units))
    return found


def _words(model: Model, vectors: Vectors, row: int, columns: Sequence[int], marks: Marks) -> dict[int, Evidence]:
    """The words of the text that pushed the regression on wording towards each unit: x_j · Σ_i alpha_i X_ij."""
    lexical = model.lexical
    start, end = vectors.lexical.indptr[row : row + 2]
    terms, weights = vectors.lexical.indices[start:end], vectors.lexical.data[start:end]
    is_word = terms >= len(lexical.chars_)
    terms, weights = terms[is_word], weights[is_word]
    names = [lexical.term(term) for term in terms]
    long = np.array([len(name) > 1 for name in names], bool)
    if not long.any():
        return {}
    pushed = _pushed(model, terms[long], columns) * weights[long][:, None]
    kept = [name for name, is_long in zip(names, long, strict=True) if is_long]
    found = {}
    for place, column in enumerate(columns):
        order = [int(i) for i in np.argsort(-pushed[:, place], kind="stable")[:WORDS] if pushed[i, place] > 0]
        if order:
            chosen = [kept[i] for i in order]
            strength = _score(pushed[order, place].sum())
            said = f"起作用的词：{'、'.join(chosen)}"
            found[column] = Evidence(model.units.names[column], "words", said, strength, spans=marks.of(chosen))
    return found


def _pushed(model: Model, terms: NDArray[np.intp], columns: Sequence[int]) -> Floats:
    """Σ_i alpha_i X_ij for each term j: (terms, units). Every term occurs in some row, as it was learned from them."""
    table, regressions = model.rows.by_term, model.lead.regressions_
    alpha = np.zeros((len(model.rows), len(columns)), np.float32)
    alpha[regressions.known_] = regressions.models_["mixed"].alpha_[:, list(columns)]
    starts, sizes = table.indptr[terms], np.diff(table.indptr)[terms]
    # All the terms' entries one behind the other, without a sparse product: that costs more for one text.
    ends = np.cumsum(sizes)
    places = np.arange(int(ends[-1])) + np.repeat(starts - (ends - sizes), sizes)
    pushed = table.data[places, None] * alpha[table.indices[places]]
    return np.asarray(np.add.reduceat(pushed, ends - sizes, axis=0), np.float32)


def _place(model: Model, column: int, mentions: Floats, places: Sequence[str]) -> list[Evidence]:
    name = model.units.names[column]
    if within := max(mentions[column, OWN], mentions[column, INNER]):
        return [Evidence(name, "place", "文中写明的地点在该单位辖区内", _score(within))]
    if mentions[column, OUTER]:
        return [Evidence(name, "place", "文中写明的区域包含该单位辖区", 0.5)]
    if mentions[column, UNIT]:
        return [Evidence(name, "place", "文中提到该单位", 0.5)]
    known = model.gazetteer.telling(places, int(model.units.area[column])) if model.units.local(column) else ()
    if known:
        told = "、".join(known[:PLACES])
        return [Evidence(name, "place", f"写到{told}的以往来件多由该区域的单位主办", 0.5)]
    return []


def _score(value: Any) -> float:
    return round(float(np.clip(value, 0.0, 1.0)), 4)
