"""From matrices to records: the advice for each suggestion, with its decision, reasons, evidence and questions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from triage.heads.columns import INNER, OUTER, OWN
from triage.heads.evidence import evidence
from triage.heads.judge import Judged, judge
from triage.heads.model import Model
from triage.heads.promise import NEVER, close_leads
from triage.heads.returns import LEAST_PART
from triage.heads.risk import return_risk
from triage.heads.similarity import Encoder
from triage.heads.told import Told
from triage.records import (
    Decision,
    Evidence,
    Matter,
    Mode,
    Reason,
    ReturnRisk,
    Suggestion,
    SystemScore,
    TopicScore,
    Triaged,
    UnitScore,
)
from triage.text import Prepared, prepare, split_matters

Floats = NDArray[np.float32]

LEADS_LISTED = 10
HELPERS_LISTED = 15
TOPICS_LISTED = 8
LEAST_SYSTEM = 0.01
"""Systems less likely than this are not listed."""
SURE = 0.6
"""The probability from which a part's own lead counts when a letter may hold several matters."""


def answer(
    model: Model,
    sentence: Encoder | None,
    suggestions: Sequence[Suggestion],
    name: str,
    told: Sequence[Told] | None = None,
) -> list[Triaged]:
    """One answer for each suggestion, in order; `name` is the bundle's, `told` what cases outside the model say of each
    text.
    """
    texts = [prepare(suggestion) for suggestion in suggestions]
    usable = [row for row, text in enumerate(texts) if text.usable]
    heard = None if told is None else [told[row] for row in usable]
    judged = judge(model, sentence, [texts[row] for row in usable], heard) if usable else None
    place = {row: position for position, row in enumerate(usable)}
    answers = []
    for row, text in enumerate(texts):
        if judged is None or row not in place:
            answers.append(_unusable(model, text, name))
        else:
            risk = return_risk(model, judged, place[row], text, None if told is None else told[row])
            answers.append(_answer(model, sentence, text, judged, place[row], name, risk))
    return answers


def _answer(
    model: Model, sentence: Encoder | None, text: Prepared, judged: Judged, row: int, name: str, risk: ReturnRisk
) -> Triaged:
    lead, co = judged.lead[row], judged.co[row].copy()
    order = np.argsort(-lead, kind="stable")
    first = int(order[0])
    co[first] = 0.0
    helpers = [int(unit) for unit in np.argsort(-co, kind="stable") if unit != first]
    wish = _wish(model, text.suggestion.wish)
    decision, reasons = _decide(model, text, lead, float(judged.certainty[row]), co, order)
    reasons += _about_wish(model, text.suggestion.wish, wish, order)
    if (own := int(judged.own[row])) != first:
        names = model.units.names
        said = f"按内容首选{names[own]}；同一事项的先例由{names[first]}主办，因此列在前面，请斟酌。"
        reasons.append(Reason("precedent.heard", said))
    matters: tuple[Matter, ...] = ()
    if decision is not Decision.SUGGEST:
        matters = _matters(model, sentence, text, judged, row)
        if matters:
            decision = Decision.COORDINATE
            reasons.append(of_several(len(matters)))
    mode = Mode.SPLIT if matters else _mode(model, co)
    wanted = max(1, round(float(co.sum()))) if mode is Mode.JOINT else 0
    return Triaged(
        id=text.suggestion.id,
        topics=_topics(model, judged.topics[row]),
        lead=_listed(model, lead, order[:LEADS_LISTED]),
        co=_listed(model, co, helpers[:HELPERS_LISTED]),
        mode=mode,
        decision=decision,
        reasons=tuple(reasons),
        evidence=_evidence(model, text, judged, row, order, helpers[: max(wanted, 1)], wish),
        matters=matters,
        questions=_questions(model, lead, order, judged.mentions[row]),
        notices=text.notices,
        model=name,
        return_risk=risk,
        systems=_systems(model, lead),
    )


def of_several(matters: int) -> Reason:
    """Why a text of so many matters is split."""
    return Reason("matters", f"文中有{matters}件事，分属不同单位，建议分办，或请提出人按一事一议分别提出。")


def _unusable(model: Model, text: Prepared, name: str) -> Triaged:
    """Nothing to judge by: what history alone would say, and a plain word that this is all it is."""
    count = len(model.units)
    usual = np.exp(model.lead.usual_[0])
    lead = usual / max(float(usual.sum()), 1e-9)
    order = np.argsort(-lead, kind="stable")
    helping = model.co.helpers_.mean(axis=0) if len(model.co.helpers_) else np.zeros(count, np.float32)
    helpers = [int(unit) for unit in np.argsort(-helping, kind="stable") if unit != order[0]]
    leaves = np.full((1, len(model.topics.columns)), 1.0 / max(len(model.topics.columns), 1), np.float32)
    return Triaged(
        id=text.suggestion.id,
        topics=_topics(model, leaves[0]),
        lead=_listed(model, lead, order[:LEADS_LISTED]),
        co=_listed(model, helping, helpers[:HELPERS_LISTED]),
        mode=Mode.SOLE,
        decision=Decision.CHOOSE,
        reasons=(Reason(f"text.{text.condition.value}", "文本无法判断，列出的单位只反映以往的办理频次，请人工阅读。"),),
        notices=text.notices,
        model=name,
    )


def _decide(
    model: Model, text: Prepared, lead: Floats, certainty: float, co: Floats, order: NDArray[np.intp]
) -> tuple[Decision, list[Reason]]:
    promise, names = model.promise, model.units.names
    first = names[order[0]]
    percent = round(promise.accuracy * 100)
    if text.condition.value != "ok":
        return Decision.CHOOSE, [
            Reason(f"text.{text.condition.value}", "文本条件不好，不作把握承诺，请在前几个单位中选择。")
        ]
    if certainty >= promise.threshold:
        kept = f"{promise.kept:.0%}"
        return Decision.SUGGEST, [
            Reason("promise", f"以往同样有把握的建议中，首选单位正确的占{kept}（承诺{percent}%），建议交{first}主办。")
        ]
    if close_leads(lead[None], co[None])[0]:
        second = names[order[1]]
        expected = round(float(co.sum()))
        return Decision.COORDINATE, [
            Reason("close", f"{first}与{second}把握相近，预计还有约{expected}个单位会办，请先协调再交办。")
        ]
    if promise.threshold == NEVER:
        return Decision.CHOOSE, [Reason("history", f"没有足够的办理历史来证明{percent}%的把握，请在前五个单位中选择。")]
    return Decision.CHOOSE, [Reason("unsure", f"把握达不到承诺的{percent}%，请在前五个单位中选择。")]


def _mode(model: Model, co: Floats) -> Mode:
    return Mode.JOINT if model.promise.jointly(co[None])[0] >= 0.5 else Mode.SOLE


def _listed(model: Model, scores: Floats, columns: Sequence[int] | NDArray[np.intp]) -> tuple[UnitScore, ...]:
    return tuple(UnitScore(model.units.names[column], round(float(scores[column]), 4)) for column in columns)


def _systems(model: Model, lead: Floats) -> tuple[SystemScore, ...]:
    """The systems of the units that may lead, likeliest first, without those that hardly can."""
    scores: dict[str, float] = {}
    for system, score in zip(model.units.systems, lead, strict=True):
        scores[system] = scores.get(system, 0.0) + float(score)
    listed = sorted(scores, key=lambda system: -scores[system])
    return tuple(SystemScore(one, round(scores[one], 4)) for one in listed if scores[one] >= LEAST_SYSTEM)


def _topics(model: Model, leaves: Floats) -> tuple[TopicScore, ...]:
    """Nodes by probability: the likeliest of each level stands in the list, so the first level is always answered."""
    columns = model.topics.columns
    nodes = leaves @ columns.above
    depth = columns.depth
    order = np.argsort(-nodes - 1e-6 * (depth == 1), kind="stable")
    listed = [int(node) for node in order[:TOPICS_LISTED]]
    for level in range(1, int(depth.max(initial=0)) + 1):
        best = next(int(node) for node in order if depth[node] == level)
        if best not in listed:
            listed.append(best)
    return tuple(
        TopicScore(columns.paths[node][-1], round(float(nodes[node]), 4), columns.paths[node])
        for node in sorted(listed, key=lambda node: (-round(float(nodes[node]), 4), depth[node], node))
    )


def _evidence(
    model: Model,
    text: Prepared,
    judged: Judged,
    row: int,
    order: NDArray[np.intp],
    helpers: Sequence[int],
    wish: int | None,
) -> tuple[Evidence, ...]:
    leads = [int(column) for column in order[:LEADS_LISTED]]
    open_text = None if text.suggestion.confidential else text.suggestion
    return evidence(model, judged, row, leads, helpers, wish, judged.named[row], open_text)


def _wish(model: Model, wish: str) -> int | None:
    """The column of the unit that the proposer wishes for, or of one that took over from it, if it can be answered."""
    unit = model.resolver.resolve(wish).unit if wish else None
    if unit is None or unit.is_kind:
        return None
    heirs = (unit, *model.catalogue.successors(unit.code))
    return next((model.units.index[heir.name] for heir in heirs if heir.name in model.units.index), None)


def _about_wish(model: Model, wish: str, column: int | None, order: NDArray[np.intp]) -> list[Reason]:
    if not wish:
        return []
    if column is None:
        return [Reason("wish.unknown", "提出人希望的承办单位不在目录中，请核对。")]
    name, rank = model.units.names[column], int(np.flatnonzero(order == column)[0]) + 1
    if rank == 1:
        return [Reason("wish.first", f"提出人也希望由{name}办理。")]
    return [Reason("wish.other", f"提出人希望由{name}办理，按内容排在第{rank}位，请斟酌。")]


def _questions(model: Model, lead: Floats, order: NDArray[np.intp], mentions: Floats) -> tuple[str, ...]:
    """Where the kind of unit is clear and the place is not, the place is what to ask for."""
    units = model.units
    if not units.structured or mentions[:, [OWN, OUTER, INNER]].any() or lead[order[0]] >= 0.5:
        return ()
    kinds = np.bincount(units.kind, weights=lead, minlength=units.kinds)
    kind = int(kinds.argmax())
    if kinds[kind] < 0.5 or np.sum(units.kind == kind) < 2:
        return ()
    likely = [units.names[column] for column in order if units.kind[column] == kind][:3]
    return (f"单位的类别比较清楚，但文中没有写明地点，请核实在哪个区、哪个街镇（例如{'、'.join(likely)}）。",)


def _apart(model: Model, judged: Judged) -> bool:
    """Whether two parts surely have different leads and different first-level topics.

    Measures for one matter (资金、宣传、监管) also name several units; they stay within the matter's topic.
    """
    topics = _first_level(model, judged.topics)
    if not topics.shape[1]:
        return False
    sure = (judged.lead.max(axis=1) >= SURE) & (topics.max(axis=1, initial=0.0) >= SURE)
    pairs = set(zip(judged.lead[sure].argmax(axis=1).tolist(), topics[sure].argmax(axis=1).tolist(), strict=True))
    return len({lead for lead, _ in pairs}) > 1 and len({topic for _, topic in pairs}) > 1


def _first_level(model: Model, leaves: Floats) -> Floats:
    """The probabilities of the first-level topics, (…, topics)."""
    columns = model.topics.columns
    return np.asarray((leaves @ columns.above)[..., columns.depth == 1])


def _matters(model: Model, sentence: Encoder | None, text: Prepared, whole: Judged, row: int) -> tuple[Matter, ...]:
    """The enumerated parts of a letter, if two of them are surely matters apart and the whole has no sure lead or
    topic.
    """
    if whole.lead[row].max(initial=0.0) >= SURE or _first_level(model, whole.topics[row]).max(initial=0.0) >= SURE:
        return ()
    parts = [part for part in split_matters(text.body) if len(part) >= LEAST_PART]
    if len(parts) < 2:
        return ()
    texts = [prepare(Suggestion(text=part)) for part in parts]
    judged = judge(model, sentence, texts)
    if not _apart(model, judged):
        return ()
    quiet = text.suggestion.confidential
    matters = []
    for part, scores in zip(parts, judged.lead, strict=True):
        order = np.argsort(-scores, kind="stable")[:3]
        matters.append(Matter("" if quiet else part, _listed(model, scores, order)))
    return tuple(matters)
