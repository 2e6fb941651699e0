"""Drift, measured: every comparison of the past with new texts, and the report that they make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from triage.heads.model import Model
from triage.learning.drift.accuracy import Expected, expected_accuracy, unit_shares
from triage.learning.drift.meaning import meaning_shift, wording_vectors
from triage.learning.drift.report import DriftReport, Measure, Row, UnitRow, Verdict
from triage.learning.drift.sides import Side, check_readable, side_of, side_of_model
from triage.learning.drift.statistics import Comparison, changed, compare_counts, compare_values, discoveries, holm
from triage.learning.drift.verdict import LEVEL, ROWS_LEVEL, judged
from triage.learning.drift.words import Emerging, emerging, unknown_words
from triage.learning.reading import Progress, Reading, read
from triage.records import Suggestion

if TYPE_CHECKING:
    from triage.encoders.sentence import SentenceEncoder

Array = NDArray[Any]

LEAST_TEXTS = 30
"""Readable texts that a side needs: with fewer, hardly any change can be told from chance."""
LOW = 0.5
"""A certainty below it is low: the first lead is likelier wrong than right."""
SAME = 0.95
"""The likeness of wording to a handled case from which a text counts as that case."""
MANY_KNOWN = 0.1
"""The share of a file's texts that may be handled cases without a remark."""
LEAST_SHIFT = 0.01
"""The change of a unit's share of the leads from which it is listed, and at most how many units are."""
UNITS_LISTED = 15
NO_SOURCE = "（未注明）"

G_TEST = "permutation G-test; effect: total variation"
KS_TEST = "Kolmogorov–Smirnov; effect: gap of cumulative shares"
C2ST = "p: MMD with permutations; effect: AUC of a classifier on held-out texts"
RATIO = "ratio over texts, normal; effect: share above the past's own"


def drift(
    model: Model,
    sentence: SentenceEncoder | None,
    new: Sequence[Suggestion],
    *,
    reference: Sequence[Suggestion] | None = None,
    name: str = "",
    seed: int = 0,
    progress: Progress | None = None,
) -> DriftReport:
    """Whether `new` texts are like those that the model knows, or like the `reference`.

    Without a reference the past is what the bundle holds: its cases' vectors, words, sources and units, and what it
    answered for each while it had not seen it. `seed` decides permutations and samples: the same report every time.
    Raises InputError where no text of a side can be read, or there is no past.
    """
    tell = progress or (lambda what, share: None)
    if reference is None:
        past = side_of_model(model)
    reading = read(model, sentence, new, lambda what, share: tell(what, 0.6 * share))
    check_readable("the new texts", reading, new)
    notices = _known_cases(reading, "新文本", "预计正确率因此偏高；请去掉它们再查一次。")
    if reference is not None:
        earlier = read(model, sentence, reference, lambda what, share: tell(f"reference: {what}", 0.6 + 0.2 * share))
        check_readable("the reference", earlier, reference)
        past = side_of(model, earlier, cut_words=True)
        notices += _known_cases(earlier, "对照文件", "变化会显得更大；不写 --reference 时用留出检验的答案，更公平。")
    notices += _about(model, past, reference is not None)
    tell("comparing", 0.85)
    report = compare(model, past, reading, seed=seed)
    tell("done", 1.0)
    reference_name = "训练用案件" if reference is None else "对照文件"
    return replace(report, reference=reference_name, model=name, notices=(*notices, *report.notices))


def compare(model: Model, past: Side, reading: Reading, *, seed: int = 0) -> DriftReport:
    """The report about texts that were read already, against a `past` that was."""
    now = side_of(model, reading)
    sizes = {"texts": past.texts, "unreadable": past.unreadable}, {"texts": now.texts, "unreadable": now.unreadable}
    report = DriftReport(Verdict.UNKNOWN, "", "", *sizes)
    if min(past.texts, now.texts) >= LEAST_TEXTS:
        report = _compared(report, model, past, now, reading, np.random.default_rng(seed))
    return judged(report, LEAST_TEXTS)


def _compared(
    report: DriftReport, model: Model, past: Side, now: Side, reading: Reading, rng: np.random.Generator
) -> DriftReport:
    """The report with its measures and tables, not yet judged."""
    measures = _measures(model, past, now, reading, rng)
    held = holm(np.array([one.p for one in measures]), LEVEL)
    words: tuple[Emerging, ...] = ()
    if past.words is not None:
        words = emerging(past.words, reading.texts, model.lexical.cut)
    return replace(
        report,
        measures=tuple(replace(one, real=bool(real)) for one, real in zip(measures, held, strict=True)),
        accuracy=_accuracy(model, now, rng),
        topics=_rows(*_first_levels(model, past, now)),
        units=_rows(past.lead, now.lead, model.units.names),
        sources=_source_rows(past, now),
        unit_shares=_unit_rows(model, reading, rng),
        words=words,
    )


@dataclass(frozen=True, slots=True)
class _Kind:
    """A measure's name in the report, in Chinese and in English."""

    name: str
    chinese: str
    english: str


def _measures(model: Model, past: Side, now: Side, reading: Reading, rng: np.random.Generator) -> list[Measure]:
    found: list[Measure | None] = [_meaning(past, now, len(model.lexical.chars_), rng)]
    units = len(model.units)
    old, new, topics = _first_levels(model, past, now)
    found.append(_counts(_Kind("topics", "类别", "topics"), old, new, len(topics), rng))
    found.append(_counts(_Kind("units", "主办单位", "units"), past.lead, now.lead, units, rng))
    if any(past.sources) and any(now.sources):
        names = {name: code for code, name in enumerate(dict.fromkeys((*past.sources, *now.sources)))}
        codes = [np.array([names[name] for name in side.sources], np.intp) for side in (past, now)]
        found.append(_counts(_Kind("sources", "来源", "sources"), codes[0], codes[1], len(names), rng))
    found.append(_values(_Kind("certainty", "把握", "certainty"), past.certainty, now.certainty, "falls"))
    found.append(
        _values(_Kind("novelty", "与先例的接近程度", "closeness to precedents"), past.nearest, now.nearest, "falls")
    )
    found.append(_values(_Kind("length", "篇幅（字）", "length"), past.length, now.length, "two-sided"))
    shares = (
        (_Kind("low_certainty", "低把握占比", "low certainty"), _below(past.certainty), _below(now.certainty)),
        (_Kind("suggest", "可建议交办占比", "share of suggest"), past.suggested, now.suggested),
        (_Kind("confidential", "保密件占比", "confidential"), past.confidential, now.confidential),
        (_Kind("unreadable", "无法阅读占比", "unreadable"), _unreadable(past), _unreadable(now)),
    )
    for kind, one, other in shares:
        found.append(_share(kind, one, other, rng))
    if past.words is not None and (told := unknown_words(past.words, reading.texts, model.lexical.cut)) is not None:
        share, comparison = told
        kind = _Kind("vocabulary", "未见过的词占比", "unknown words")
        found.append(_measure(kind, comparison.chance, share, comparison, RATIO))
    return [one for one in found if one is not None]


def _measure(kind: _Kind, past: float | None, new: float | None, found: Comparison, method: str) -> Measure:
    names = (kind.name, kind.chinese, kind.english)
    return Measure(*names, past, new, found.effect, found.chance, found.p, False, Verdict.NONE, method)


def _meaning(past: Side, now: Side, characters: int, rng: np.random.Generator) -> Measure:
    one, other = past.dense, now.dense
    if one is None or other is None:
        one, other = wording_vectors(past.lexical, now.lexical, characters)
    shift = meaning_shift(one, other, rng)
    found = Comparison(shift.p, shift.auc, 0.5)
    measure = _measure(_Kind("meaning", "内容可区分度（AUC）", "told apart (AUC)"), None, None, found, C2ST)
    return replace(measure, interval=(shift.low, shift.high))


def _counts(kind: _Kind, past: Array | None, new: Array | None, size: int, rng: np.random.Generator) -> Measure | None:
    if past is None or new is None or size < 2:
        return None
    counts = [np.bincount(codes, minlength=size).astype(np.int64) for codes in (past, new)]
    return _measure(kind, None, None, compare_counts(counts[0], counts[1], rng), G_TEST)


def _values(
    kind: _Kind, past: Array | None, new: Array | None, alternative: Literal["two-sided", "falls"]
) -> Measure | None:
    if past is None or new is None:
        return None
    found = compare_values(past, new, alternative)
    return _measure(kind, float(np.median(past)), float(np.median(new)), found, KS_TEST)


def _share(kind: _Kind, past: Array | None, new: Array | None, rng: np.random.Generator) -> Measure | None:
    """Two shares; where nothing is in either, there is nothing to measure."""
    if past is None or new is None or not (past.any() or new.any()):
        return None
    counts = [np.array([flags.sum(), len(flags) - flags.sum()], np.int64) for flags in (past, new)]
    return _measure(kind, float(past.mean()), float(new.mean()), compare_counts(counts[0], counts[1], rng), G_TEST)


def _below(certainty: Array | None) -> Array | None:
    return None if certainty is None else certainty < LOW


def _unreadable(side: Side) -> Array:
    return np.repeat(np.array([True, False]), [side.unreadable, side.texts])


def _accuracy(model: Model, now: Side, rng: np.random.Generator) -> Expected | None:
    """From the cases held out in training, whatever the reference: they alone have the right answers."""
    if model.unseen is None or not model.rows.cases.stop:
        return None
    past = side_of_model(model)
    if past.certainty is None or past.right is None or now.certainty is None or len(past.certainty) < LEAST_TEXTS:
        return None
    return expected_accuracy(past.certainty, past.right, now.certainty, rng)


def _first_levels(model: Model, past: Side, now: Side) -> tuple[Array | None, Array | None, list[str]]:
    """The first level of each side's topics, and their names: a hundred leaves are too many for a few texts."""
    columns = model.topics.columns
    above = [columns.catalogue.topic_path(code)[0] for code in columns.leaves]
    names = list(dict.fromkeys(above))
    level = np.array([names.index(name) for name in above], np.intp)
    one, other = (None if side.topic is None else level[side.topic] for side in (past, now))
    return one, other, names


def _rows(past: Array | None, new: Array | None, names: Sequence[str]) -> tuple[Row, ...]:
    if past is None or new is None or not names:
        return ()
    counts = [np.bincount(codes, minlength=len(names)).astype(np.int64) for codes in (past, new)]
    return _table(names, counts[0], counts[1])


def _source_rows(past: Side, now: Side) -> tuple[Row, ...]:
    if not (any(past.sources) and any(now.sources)):
        return ()
    counts = Counter(past.sources), Counter(now.sources)
    names = sorted({*past.sources, *now.sources})
    one, other = (np.array([count[name] for name in names], np.int64) for count in counts)
    return _table([name or NO_SOURCE for name in names], one, other)


def _table(names: Sequence[str], past: Array, new: Array) -> tuple[Row, ...]:
    """The categories that occur; those that changed first, by how much."""
    p, least = changed(past, new)
    real = discoveries(p, ROWS_LEVEL, least <= ROWS_LEVEL)
    shares = past / max(past.sum(), 1), new / max(new.sum(), 1)
    order = np.lexsort((-np.abs(shares[1] - shares[0]), ~real))
    return tuple(
        Row(
            names[row],
            int(past[row]),
            int(new[row]),
            float(shares[0][row]),
            float(shares[1][row]),
            float(p[row]),
            bool(real[row]),
        )
        for row in order
        if past[row] or new[row]
    )


def _unit_rows(model: Model, reading: Reading, rng: np.random.Generator) -> tuple[UnitRow, ...]:
    """The units whose share of the leads likely changed: the taught one lies outside the interval."""
    taught = model.lead.leads_.sum(axis=0)
    if not taught.sum():
        return ()
    shares = unit_shares(taught / taught.sum(), reading.lead, rng)
    outside = (shares.taught < shares.low) | (shares.taught > shares.high)
    order = np.argsort(-np.abs(shares.estimated - shares.taught), kind="stable")
    return tuple(
        UnitRow(
            model.units.names[unit],
            *(float(column[unit]) for column in (shares.taught, shares.estimated, shares.low, shares.high)),
        )
        for unit in order
        if outside[unit] and abs(shares.estimated[unit] - shares.taught[unit]) >= LEAST_SHIFT
    )[:UNITS_LISTED]


def _known_cases(reading: Reading, file: str, advice: str) -> list[str]:
    """Of texts that were trained on the model is surer than of others: what that means for a file of many."""
    copies = int((reading.wording >= SAME).sum())
    if copies <= MANY_KNOWN * len(reading):
        return []
    return [f"{file}中有 {copies} 件与训练用案件相同或几乎相同，模型对它们过于有把握，{advice}"]


def _about(model: Model, past: Side, file: bool) -> list[str]:
    said = []
    if not file and model.unseen is None:
        said.append(
            "此模型由旧版本训练，没有保存留出检验的答案：类别、单位和把握的变化无法与训练时相比，"
            "请重新训练一次，或用 --reference 给出以往文本。"
        )
    if past.dense is None:
        said.append("没有句向量模型，内容只按用词比较。")
    return said
