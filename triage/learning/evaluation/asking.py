"""Asking a model about handled cases: each answer beside what history says, under the model's names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from triage.catalogue import Catalogue, Resolver
from triage.learning.labels import topic_path
from triage.records import Case, Suggestion, TopicScore, Triaged

CHUNK = 64
Progress = Callable[[str, float], None]


class Answers(Protocol):
    """What is scored: a `Triager`."""

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue that answers are taken from."""

    @property
    def units(self) -> tuple[str, ...]:
        """The names that can be answered."""

    def triage(self, suggestions: Sequence[Suggestion]) -> list[Triaged]:
        """The answers, in order."""


NOTHING = TopicScore("", 0.0)
"""What is said of the topic where the answer has none on the label's level."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A case with the answer it got.

    `leads` and `co` are history's under the model's names, `unknown` those among them that the model does not have.
    `topic` is the case's first topic, empty without one, and `said` the likeliest of the answer on its level.
    `taught` is the number of learned cases that one of the leads had, None where nobody knows. `learned`: the model
    has learned from this case or a copy of it. `group` is the case's group of copies, `fold` the split that it was
    asked in.
    """

    answer: Triaged
    leads: tuple[str, ...]
    co: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    topic: str = ""
    said: TopicScore = NOTHING
    source: str = ""
    taught: int | None = None
    learned: bool = False
    group: int = 0
    fold: int = 0

    @property
    def rank(self) -> int:
        """The place of the first right lead in the list from 0, or beyond its end."""
        return rank_of(self.leads, self.answer)

    @property
    def right(self) -> bool:
        """Whether the first lead is right."""
        return self.rank == 0

    @property
    def first(self) -> str:
        """The first lead that was answered."""
        return self.answer.lead[0].unit if self.answer.lead else ""

    @property
    def score(self) -> float:
        """Its probability."""
        return self.answer.lead[0].score if self.answer.lead else 0.0


def rank_of(right: Sequence[str], answer: Triaged) -> int:
    """The place from 0 at which the first of the `right` leads is listed, or a number beyond the list's end."""
    listed = [lead.unit for lead in answer.lead]
    return min((listed.index(unit) for unit in right if unit in listed), default=len(listed) + 1000)


def ask(
    model: Answers,
    cases: Sequence[Case],
    progress: Progress | None = None,
    *,
    taught: Mapping[str, int] | None = None,
) -> list[Scored]:
    """The model's answer to each case, in order. `taught` counts the learned cases of each lead by history's names."""
    answers: list[Triaged] = []
    for start in range(0, len(cases), CHUNK):
        answers += model.triage([case.suggestion for case in cases[start : start + CHUNK]])
        if progress is not None:
            progress("answering", len(answers) / len(cases))
    names = Names(model)
    counts = None if taught is None else names.counted(taught)
    depth = {topic.name: len(model.catalogue.topic_path(topic.code)) for topic in model.catalogue.topics}
    return [_scored(case, answer, names, counts, depth) for case, answer in zip(cases, answers, strict=True)]


def _scored(
    case: Case, answer: Triaged, names: Names, taught: Mapping[str, int] | None, depth: Mapping[str, int]
) -> Scored:
    leads, co = names.all(case.leads), names.all(case.co)
    topic = next((path[-1] for path in map(topic_path, case.topics) if path), "")
    # A label that the model does not know is held against the first level.
    same = [found for found in answer.topics if len(found.path) == depth.get(topic, 1)]
    return Scored(
        answer,
        leads,
        tuple(unit for unit in co if unit not in leads),
        tuple(name for name in (*case.leads, *case.co) if names.lacks(name)),
        topic,
        max(same, key=lambda found: found.score, default=NOTHING),
        case.suggestion.source,
        None if taught is None else max((taught.get(unit, 0) for unit in leads), default=0),
    )


class Names:
    """History's names as the model's: a former unit stands for its successors."""

    def __init__(self, model: Answers) -> None:
        self._answerable = set(model.units)
        self._catalogue = model.catalogue
        self._resolver = Resolver(model.catalogue)
        self._meant: dict[str, tuple[str, ...]] = {}

    def all(self, names: Sequence[str]) -> tuple[str, ...]:
        """What the names stand for, each once; a name that the model does not have stands for itself."""
        return tuple(dict.fromkeys(unit for name in names for unit in self._of(name) or (name,)))

    def lacks(self, name: str) -> bool:
        """Whether the model can never answer what this name stands for."""
        return not self._of(name)

    def counted(self, counts: Mapping[str, int]) -> dict[str, int]:
        """The same counts by the model's names."""
        found: dict[str, int] = {}
        for name, count in counts.items():
            for unit in self.all((name,)):
                found[unit] = found.get(unit, 0) + count
        return found

    def _of(self, name: str) -> tuple[str, ...]:
        if name not in self._meant:
            unit = None if name in self._answerable else self._resolver.resolve(name).unit
            heirs = () if unit is None else (unit, *self._catalogue.successors(unit.code))
            meant = tuple(heir.name for heir in heirs if heir.name in self._answerable)
            self._meant[name] = (name,) if name in self._answerable else meant
        return self._meant[name]
