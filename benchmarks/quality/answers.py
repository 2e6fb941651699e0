"""What every system answers for one suggestion, so that all are scored alike; the library's own answer in that form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from triage import Case, Decision, Suggestion, Triaged, Triager

Ranking = tuple[tuple[str, float], ...]
"""Labels with their scores, best first."""
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """The ranked labels for each task. `suggested`: the lead was promised. `asks`: the place was asked for."""

    lead: Ranking = ()
    co: Ranking = ()
    topic: Ranking = ()
    suggested: bool = False
    asks: bool = False

    def ranking(self, task: str) -> Ranking:
        """The ranked labels of ``lead``, ``co`` or ``topic``."""
        rankings: dict[str, Ranking] = {"lead": self.lead, "co": self.co, "topic": self.topic}
        return rankings[task]


def answer_to(task: str, ranking: Ranking) -> Answer:
    """The answer of a system that knows one task only."""
    return {"lead": Answer(lead=ranking), "co": Answer(co=ranking), "topic": Answer(topic=ranking)}[task]


def triage_answers(
    learned: Sequence[Case],
    asked: Sequence[Suggestion],
    units: Sequence[str],
    encoder: Path | None,
    progress: Progress,
) -> list[Answer]:
    """Train and ask through the one door, as a user does."""
    triager = Triager.train(learned, units=units, encoder=encoder, progress=progress)
    return [answer_of(triaged) for triaged in triager.triage(asked)]


def answer_of(triaged: Triaged) -> Answer:
    """The library's answer in the form that is scored."""
    return Answer(
        lead=tuple((found.unit, found.score) for found in triaged.lead),
        co=tuple((found.unit, found.score) for found in triaged.co),
        topic=tuple((found.name, found.score) for found in triaged.topics if len(found.path) == 1),
        suggested=triaged.decision is Decision.SUGGEST,
        asks=bool(triaged.questions),
    )
