"""Signs that a text was made by a machine, copied from a page, or left half filled in."""

from __future__ import annotations

from collections import Counter

from triage.precheck.checked import CopySign
from triage.precheck.reading import Reading

EMPTY_PHRASES = 3
"""Sentences of stock phrases from which a text looks made of them."""
REPEATED = 12
"""Characters of a sentence that is worth telling when it stands there twice."""


def copied_of(reading: Reading) -> tuple[CopySign, ...]:
    """The signs, each kind once, with the sentence that shows it; stock phrases only where there are several."""
    counts: Counter[str] = Counter()
    first: dict[str, CopySign] = {}
    for wording, number in reading.signs:
        counts[wording.kind] += 1
        if wording.kind not in first:
            first[wording.kind] = _sign(reading, wording.kind, wording.reason, number)
    if counts["boilerplate"] < EMPTY_PHRASES:
        first.pop("boilerplate", None)
    if (again := _repeated(reading)) is not None:
        first["repeated"] = _sign(reading, "repeated", "同一句话出现了不止一次", again)
    return tuple(first[kind] for kind in ("prompt", "blank", "web", "boilerplate", "repeated") if kind in first)


def _sign(reading: Reading, kind: str, reason: str, number: int) -> CopySign:
    sentence, source = reading.sentences[number], reading.source
    return CopySign(
        kind, f"{reason}。", source.shown(sentence.start, sentence.end), source.span(sentence.start, sentence.end)
    )


def _repeated(reading: Reading) -> int | None:
    """The number of the first sentence of a body that stands there again."""
    seen: set[str] = set()
    for number in reading.body:
        bare = reading.sentences[number].bare.rstrip("。！？!?；;…")
        if len(bare) >= REPEATED:
            if bare in seen:
                return number
            seen.add(bare)
    return None
