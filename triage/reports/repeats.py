"""Which cases of a report are on one matter: the texts of both periods, compared once, with history if there is any."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from triage.catalogue import Catalogue, starter_catalogue
from triage.duplicates.apart import Apart
from triage.duplicates.batch import MERGED
from triage.records import Case, Grade

if TYPE_CHECKING:
    from triage.duplicates.batch import Batch
    from triage.duplicates.groups import Member
    from triage.duplicates.guard import MeetingItem
    from triage.duplicates.hot import HotTopics
    from triage.duplicates.index import DuplicateIndex
    from triage.encoders.sentence import SentenceEncoder
    from triage.reports.material import Progress

LIKELY = MERGED
"""Two texts of a report are on one matter from this probability on: a list that leaders read must not be padded."""
MANY = 2_000
"""Above so many texts each is compared in full with the nearest `FEW` only."""
FEW = 8
"""With the sentence encoder 700 letters gave the very pairs and groups that four times as many comparisons give; hot
topics fall into smaller ones.
"""
EARLIER = 10
"""Texts of history that are looked at for each case."""

Unseen = Callable[[set[str]], set[str]]
"""Of ids of history those that may not be told."""


class Repeats:
    """The texts of a report, compared when somebody first asks, and once. Close it when done.

    `growth` compares those of the period before among themselves too, which only hot topics need. `unseen` says which
    ids of history may not be told. `apart` is what people found of the texts.
    """

    def __init__(
        self,
        cases: Sequence[Case],
        before: Sequence[Case],
        *,
        history: DuplicateIndex | None = None,
        sentence: SentenceEncoder | None = None,
        progress: Progress | None = None,
        growth: bool = True,
        unseen: Unseen | None = None,
        apart: Apart | None = None,
    ) -> None:
        self._cases = tuple(cases)
        self._before = tuple(before)
        self._history = history
        self._sentence = sentence
        self._growth = growth
        self._unseen = unseen
        self._apart = apart or Apart()
        self._progress = progress
        self._batch: Batch | None = None
        self._groups: list[tuple[Member, ...]] | None = None
        self._past: list[list[tuple[float, Case]]] | None = None

    @property
    def with_encoder(self) -> bool:
        """Whether meaning is compared, or wording alone."""
        return self._sentence is not None

    @property
    def with_history(self) -> bool:
        """Whether earlier texts are known."""
        return self._history is not None

    @property
    def many(self) -> bool:
        """Whether there are so many texts that each is compared with fewer."""
        return len(self._cases) + len(self._before) > MANY

    def groups(self) -> list[tuple[Member, ...]]:
        """Suggested merges (并案) among the cases of the period, largest first, the representative first."""
        if self._groups is None:
            here = {case.suggestion.id for case in self._cases}
            found = (
                tuple(member for member in proposal.members if member.id in here)
                for proposal in self._compared().proposals(self._steps("grouping"), evidence=False, apart=self._apart)
            )
            self._groups = sorted((some for some in found if len(some) > 1), key=lambda some: (-len(some), some[0].id))
        return self._groups

    def conflicts(self, catalogue: Catalogue | None) -> tuple[MeetingItem, ...]:
        """Matters with a case of the period whose leads differ, within it, from the period before, or from history."""
        from triage.duplicates.guard import Handed, meeting_list

        batch = self._compared()
        handed = [Handed(case, decided=place >= len(self._cases)) for place, case in enumerate(batch.cases)]
        apart = batch.pairs_apart((*self._apart.matters, *self._apart.leads))
        pairs = [
            (handed[pair.one], handed[pair.other], pair.grade, pair.score)
            for pair in batch.pairs()
            if (pair.one, pair.other) not in apart
        ]
        for mine, found in zip(handed, self._earlier(), strict=True):
            pairs += [
                (mine, Handed(case, decided=True), Grade.SAME_MATTER, chance) for chance, case in found if case.leads
            ]
        likely = [pair for pair in pairs if pair[3] >= LIKELY]
        return meeting_list(likely, catalogue or starter_catalogue())

    def earlier(self) -> dict[str, tuple[Case, ...]]:
        """For each case of the period, by its id, the cases of the period before and of history on the same matter."""
        batch = self._compared()
        found: dict[str, list[Case]] = {case.suggestion.id: [] for case in self._cases}
        here, apart = len(self._cases), batch.pairs_apart(self._apart.matters)
        for pair in batch.pairs():
            if pair.one < here <= pair.other and pair.score >= LIKELY and (pair.one, pair.other) not in apart:
                found[batch.cases[pair.one].suggestion.id].append(batch.cases[pair.other])
        for case, past in zip(self._cases, self._earlier(), strict=False):
            found[case.suggestion.id] += [one for chance, one in past if chance >= LIKELY]
        return {name: tuple(cases) for name, cases in found.items()}

    def hot(self, least: int) -> HotTopics:
        """The topics that at least so many texts of both periods together share."""
        batch = self._compared()
        self._told("hot topics", 0.0)
        topics = batch.hot(least=least)
        self._told("hot topics", 1.0)
        return topics

    def places(self) -> dict[str, tuple[str, ...]]:
        """The place names that each text of the period writes, by the case's id; none of a confidential one."""
        texts = self._compared().texts[: len(self._cases)]
        return {
            case.suggestion.id: ()
            if case.suggestion.confidential
            else tuple(dict.fromkeys(place.name for place in text.profile.mentions.places))
            for case, text in zip(self._cases, texts, strict=True)
        }

    def close(self) -> None:
        """Let go of the memory; history stays open."""
        if self._batch is not None:
            self._batch.close()
            self._batch = None

    def _compared(self) -> Batch:
        from triage.duplicates.batch import Batch

        if self._batch is None:
            self._batch = Batch(
                (*self._cases, *self._before),
                history=self._history,
                sentence=self._sentence,
                progress=self._steps("reading"),
                measured=FEW if self.many else None,
                asked=None if self._growth else len(self._cases),
            )
            self._told("comparing", 0.0)
            self._batch.pairs(self._steps("comparing"))
        return self._batch

    def _earlier(self) -> list[list[tuple[float, Case]]]:
        """What history has of each text of the batch, with the chance that it is the same matter, under ids of its own.

        An id that the batch has too is given a prefix: two texts must not be taken for one.
        """
        if self._past is None:
            batch = self._compared()
            taken = {case.suggestion.id for case in batch.cases}
            earlier = [[one for one in found if one[0].grade != Grade.RELATED] for found in batch.handled(EARLIER)]
            met = {case.suggestion.id for found in earlier for _, case in found}
            silent = self._unseen(met) if self._unseen is not None and met else set[str]()
            self._past = [
                [
                    (hit.chance(Grade.SAME_MATTER), _own(case, taken))
                    for hit, case in found
                    if case.suggestion.id not in silent
                ]
                for found in earlier
            ]
        return self._past

    def _steps(self, what: str) -> Callable[[int, int], None] | None:
        return None if self._progress is None else lambda done, total: self._told(what, done / max(total, 1))

    def _told(self, what: str, share: float) -> None:
        if self._progress is not None:
            self._progress(what, share)


def _own(case: Case, taken: set[str]) -> Case:
    if case.suggestion.id not in taken:
        return case
    return replace(case, suggestion=replace(case.suggestion, id=f"历史-{case.suggestion.id}"))
