"""Why a text should not wait: danger to life, health, many people, or a deadline that it names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as Date

import numpy as np

from triage.precheck.checked import Urgency
from triage.precheck.dates import deadline_in
from triage.precheck.findings import wordings
from triage.precheck.linear import Floats, Linear
from triage.precheck.reading import Reading

MODEL = "urgent-"
"""What the name of a reason's model begins with."""
REASONS: dict[str, str] = {
    "safety": "可能危及人身安全",
    "health": "可能影响健康",
    "mass": "影响许多人，宜尽快回应",
}
"""What is told of a reason that a model found and no words of ``urgency.csv`` did."""


def features(reading: Reading) -> Floats:
    """One row: which words of ``urgency.csv`` are found, and whether a problem is told and a deadline set."""
    hits = {wording for wording, _ in reading.urgent}
    more = [
        bool(reading.cue("role", "problem_told").any()),
        bool(reading.cue("role", "problem_word").any()),
        any(character.isdigit() for character in reading.source.text),
        min(len(reading.sentences), 20) / 10,
    ]
    return np.array([*(wording in hits for wording in wordings("urgency")), *more], np.float32)


def urgency_of(reading: Reading, models: Mapping[str, Linear], on: Date | None) -> tuple[Urgency, ...]:
    """The reasons in the order safety, health, mass, deadline, each once, with the first sentence that shows it.

    A reason is told where its words are found, or where its model reaches its threshold; then the sentence is the one
    that adds most. Deadlines are counted from the suggestion's own date, or from the day `on`; without either only
    what is written is told, and of several the nearest.
    """
    found: dict[str, Urgency] = {}
    for wording, number in reading.urgent:
        found.setdefault(wording.kind, _reason(reading, wording.kind, wording.reason, number))
    if reading.sentences:
        row = features(reading)
        for kind, reason in REASONS.items():
            model = models.get(MODEL + kind)
            if model is None or kind in found:
                continue
            if model.probabilities(reading.every, row)[0] >= model.thresholds[0]:
                worth = model.of_each(reading.runs, len(reading.every))[:, 0]
                found[kind] = _reason(reading, kind, reason, int(np.argmax(worth)))
    if (deadline := _deadline(reading, on)) is not None:
        found["deadline"] = deadline
    return tuple(found[kind] for kind in (*REASONS, "deadline") if kind in found)


def _reason(reading: Reading, kind: str, reason: str, number: int) -> Urgency:
    sentence, source = reading.sentences[number], reading.source
    shown = source.shown(sentence.start, sentence.end)
    return Urgency(kind, f"{reason}。", shown, source.span(sentence.start, sentence.end))


def _deadline(reading: Reading, on: Date | None) -> Urgency | None:
    """The deadline with the nearest day; one without a day where none has one."""
    day = reading.source.suggestion.date or on
    quiet = reading.source.suggestion.confidential
    best: Urgency | None = None
    for sentence in reading.sentences:
        met = deadline_in(sentence.text, day)
        if met is None:
            continue
        told = "文中提出了时限" if quiet else f"文中提出的时限：{met.written}"
        if met.due is not None:
            told += f"（{met.due.isoformat()}）"
        span = reading.source.span(sentence.start, sentence.end)
        one = Urgency("deadline", f"{told}。", reading.source.shown(sentence.start, sentence.end), span, met.due)
        if best is None or (one.due is not None and (best.due is None or one.due < best.due)):
            best = one
    return best
