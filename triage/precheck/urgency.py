"""Why a text should not wait: danger to life, health, many people, or a deadline that it names."""

from __future__ import annotations

from datetime import date as Date

from triage.precheck.checked import Urgency
from triage.precheck.dates import deadline_in
from triage.precheck.findings import found_in
from triage.precheck.reading import Reading


def urgency_of(reading: Reading, on: Date | None) -> tuple[Urgency, ...]:
    """The reasons in the order safety, health, mass, deadline, each once, with the first sentence that shows it.

    Deadlines are counted from the day `on`, or from the suggestion's own date; without either only what is written is
    told. Those of the nearest day come first.
    """
    found: dict[str, Urgency] = {}
    source = reading.source
    for wording, number in found_in("urgency", reading.sentences):
        sentence = reading.sentences[number]
        found.setdefault(
            wording.kind,
            Urgency(
                wording.kind,
                f"{wording.reason}。",
                source.shown(sentence.start, sentence.end),
                source.span(sentence.start, sentence.end),
            ),
        )
    if (deadline := _deadline(reading, on)) is not None:
        found["deadline"] = deadline
    return tuple(found[kind] for kind in ("safety", "health", "mass", "deadline") if kind in found)


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
