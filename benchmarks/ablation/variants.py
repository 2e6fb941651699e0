"""The variants: the library as it is, without one of its signals, and with one more idea.

Each is a change that holds while its context is open; cases may be changed too. Nothing of it is in the library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any
from unittest import mock

import numpy as np

from benchmarks.ablation.chain import ChainedCoHead
from triage.heads import co, lead, signals, topics
from triage.learning.train import USUAL, Settings
from triage.records import Case, Suggestion

LEAD, CO, TOPIC = "lead", "co", "topic"


@dataclass(frozen=True, slots=True)
class Variant:
    """One change: its `name`, the task that it is about (all tasks where empty), and how it is made.

    `change` is opened around training and asking, with the cases that are learned; `text` changes every suggestion.
    `dated` variants need cases with dates. `mixed` says that its answers are mixed with a baseline's.
    """

    name: str
    task: str = ""
    settings: Settings = USUAL
    change: Callable[[Sequence[Case]], AbstractContextManager[Any]] = lambda learned: nullcontext()
    text: Callable[[Suggestion], Suggestion] | None = None
    dated: bool = False
    mixed: bool = False


@contextmanager
def without(head: type[Any], names: Sequence[str], dropped: Sequence[str]) -> Iterator[None]:
    """The signals `dropped` of a head say nothing, neither in training nor in answers."""
    columns = [names.index(name) for name in dropped]
    real = head._features  # noqa: SLF001 - that is the place where signals are made

    def features(self: Any, *arguments: Any, **named: Any) -> Any:
        found = real(self, *arguments, **named)
        found[:, :, columns] = 0.0
        return found

    with mock.patch.object(head, "_features", features):
        yield


@contextmanager
def recent(learned: Sequence[Case], days: float) -> Iterator[None]:
    """Precedents' votes halve with every `days` that they are older than the newest case."""
    told = np.array([case.suggestion.date.toordinal() if case.suggestion.date else 0 for case in learned])
    decay = 0.5 ** ((told.max() - told) / days)
    fresh = decay.astype(np.float32) ** (1.0 / signals.NEARNESS)  # votes count the closeness to that power
    real = signals.votes

    def votes(closeness: Any, outcomes: Any, holdout: Any = None) -> Any:
        # A model of the earlier cases alone has fewer of them; its own newest is as good a start.
        kept = fresh if closeness.shape[1] == len(fresh) else np.ones(closeness.shape[1], np.float32)
        return real(closeness * kept, outcomes, holdout)

    with mock.patch.object(lead, "votes", votes), mock.patch.object(co, "votes", votes):
        yield


@contextmanager
def duties_by_rarity() -> Iterator[None]:
    """A duty phrase counts less the more units have it."""
    real = signals.PhraseGroups.best

    def best(self: Any, closeness: Any) -> Any:
        owners = np.bincount(self.phrases[self.group].ravel(), minlength=self.count + 1)[: self.count]
        return real(self, closeness / np.sqrt(np.maximum(owners, 1)).astype(np.float32))

    with mock.patch.object(signals.PhraseGroups, "best", best):
        yield


@contextmanager
def chained() -> Iterator[None]:
    """Helpers are asked a second time, with the chance of each as a signal for those who usually help beside it."""
    with mock.patch("triage.learning.train.CoHead", ChainedCoHead):
        yield


@contextmanager
def proven_in_turn() -> Iterator[None]:
    """The promise is proven on cases held out in turn even where they have dates."""
    with mock.patch("triage.learning.train.later_cases", return_value=None):
        yield


@contextmanager
def held(pull: float) -> Iterator[None]:
    """The weights are held to the stored ones by `pull`."""
    with mock.patch("triage.heads.blend.HELD", pull):
        yield


def _title_twice(suggestion: Suggestion) -> Suggestion:
    return replace(suggestion, text=f"{suggestion.title}。{suggestion.text}") if suggestion.text else suggestion


def _title_alone(suggestion: Suggestion) -> Suggestion:
    return replace(suggestion, text="") if suggestion.title else suggestion


def _drop(task: str, *names: str) -> Callable[[Sequence[Case]], AbstractContextManager[Any]]:
    head: tuple[type[Any], Sequence[str]] = {
        LEAD: (lead.LeadHead, lead.SIGNALS),
        CO: (co.CoHead, co.SIGNALS),
        TOPIC: (topics.TopicHead, topics.SIGNALS),
    }[task]
    return lambda learned: without(*head, names)


REGRESSIONS = ("regression", "regression, relative")
NAMED = ("own ground named", "outer ground named", "unit named", "inner ground named")

VARIANTS = (
    Variant("as it is"),
    # what is in it
    Variant("no regression on wording alone", LEAD, change=_drop(LEAD, "regression on wording")),
    Variant("no regression on meaning alone", LEAD, change=_drop(LEAD, "regression on meaning")),
    Variant("only the mixed regression", LEAD, change=_drop(LEAD, *(n for n in lead.SIGNALS if n not in REGRESSIONS))),
    Variant("no duties", LEAD, change=_drop(LEAD, "duties, relative")),
    Variant("no precedents", LEAD, change=_drop(LEAD, "precedents")),
    Variant("no frequency", LEAD, change=_drop(LEAD, "frequency")),
    Variant("no kind of unit, no area (back-off)", LEAD, change=_drop(LEAD, "kind", "area")),
    Variant("no places and units named", LEAD, change=_drop(LEAD, *NAMED)),
    Variant("no places of history", LEAD, change=_drop(LEAD, "places of history")),
    Variant("helpers without the lead", CO, change=_drop(CO, "lead's chance", "usual helper of the lead")),
    Variant("helpers without precedents", CO, change=_drop(CO, "precedents", "precedents, any role")),
    Variant("weights held a twentieth as strongly", change=lambda learned: held(1.0)),
    Variant("promise proven in turn", LEAD, change=lambda learned: proven_in_turn(), dated=True),
    # what was tried beside it
    Variant("a duty phrase counts a fifth of a case", settings=Settings(lead_duties=0.2, co_duties=0.12)),
    Variant("a duty phrase counts a whole case", settings=Settings(lead_duties=1.0, co_duties=0.6)),
    Variant("duty phrases weighed by rarity", change=lambda learned: duties_by_rarity()),
    Variant("precedents' votes halve in 60 days", LEAD, change=lambda learned: recent(learned, 60.0), dated=True),
    Variant("precedents' votes halve in 15 days", LEAD, change=lambda learned: recent(learned, 15.0), dated=True),
    Variant("helpers chained", CO, change=lambda learned: chained()),
    Variant("the title read twice", text=_title_twice),
    Variant("the title alone", text=_title_alone),
    Variant("mixed with the character baseline", mixed=True),
)
"""In the order of the table; the first is what the others are compared with."""
