"""Texts that came in together: what each repeats, among them and in history, and what follows for the office."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date as Date
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from triage.duplicates.apart import Apart
from triage.duplicates.arriving import check_ids
from triage.duplicates.calibration import Calibration
from triage.duplicates.cliques import Pair
from triage.duplicates.groups import GradedPair, MergeProposal, merge_proposals
from triage.duplicates.growth import chosen_period
from triage.duplicates.guard import Handed, HandedPair, MeetingItem, meeting_list
from triage.duplicates.hits import GRADES, Hit, Only
from triage.duplicates.hot import HotTopics, hot_topics
from triage.duplicates.index import DuplicateIndex
from triage.duplicates.reading import Progress, Text
from triage.records import Case, Duplicate, Grade, Suggestion

if TYPE_CHECKING:
    from triage.catalogue import Catalogue
    from triage.encoders.sentence import SentenceEncoder

Floats = NDArray[np.float32]

NEIGHBOURS = 30
"""Texts that each text is compared with for groups and hot topics."""
MERGED = 0.8
"""The probability from which each pair of a merge proposal must be one matter. A wrong merge costs more trust than a
missed one, and among complaints in one wording about many places a bare majority is too little.
"""


class Batch:
    """Texts, read once, compared with each other and, where there is one, with `history`.

    Cases may have units: those that were decided. Ids must differ; a text without one gets its place, ``#1`` on.
    `measured` is with how many texts of the batch, and of history, each is compared in full (`DuplicateIndex.hits`):
    fewer for many texts, where the time counts. With `asked` only the first so many are compared with all; what the
    others repeat among themselves stays unknown.
    Raises InputError for ids that come twice.
    """

    def __init__(
        self,
        cases: Sequence[Case],
        *,
        history: DuplicateIndex | None = None,
        sentence: SentenceEncoder | None = None,
        calibration: Calibration | None = None,
        dense: Floats | None = None,
        progress: Progress | None = None,
        measured: int | None = None,
        asked: int | None = None,
    ) -> None:
        self.cases = [_named(case, place) for place, case in enumerate(cases, start=1)]
        check_ids([case.suggestion.id for case in self.cases])
        self.history = history
        self._measured = measured
        self._asked = len(self.cases) if asked is None else min(asked, len(self.cases))
        if history is not None:
            self._own = DuplicateIndex.create(sentence=sentence, calibration=history.reader.calibration)
        else:
            self._own = DuplicateIndex.create(sentence=sentence, calibration=calibration)
        suggestions = [case.suggestion for case in self.cases]
        reading = self._own if history is None else history
        self.texts: list[Text] = reading.read(suggestions, dense=dense, progress=progress)
        self._own.keep(self.cases, self.texts)
        self._place = {case.suggestion.id: place for place, case in enumerate(self.cases)}
        self._near: list[list[Hit]] | None = None
        self._past: list[list[Hit]] | None = None

    def __len__(self) -> int:
        return len(self.cases)

    def duplicates(
        self,
        *,
        k: int = 10,
        least: Grade = Grade.RELATED,
        only: Only | None = None,
        progress: Progress | None = None,
    ) -> list[tuple[Duplicate, ...]]:
        """What each text repeats, of the batch and of history, at most `k` each, closest first. `only` filters both.
        Where history holds texts of the batch already, each is told once.
        """
        if only is None and 2 * k <= NEIGHBOURS:
            # Hits come closest first: those that groups and conflicts are made of begin with these.
            own = [_closest(hits, k, least) for hits in self._neighbours(progress)]
        else:
            own = self._own.hits(self.texts, k=k, least=least, only=only, progress=progress)
        if self.history is None:
            return [self._own.told(text, hits) for text, hits in zip(self.texts, own, strict=True)]
        # Twice as many, as up to k of them may stand in the batch, too.
        if only is None and 2 * k <= NEIGHBOURS:
            past = [_closest(hits, 2 * k, least) for hits in self._earlier()]
        else:
            past = self.history.hits(self.texts, k=2 * k, least=least, only=only)
        answers = []
        for text, here, there in zip(self.texts, own, past, strict=True):
            found = self._own.with_cases(here)
            found += [(hit, case) for hit, case in self.history.with_cases(there) if not self._holds(case.suggestion)]
            found.sort(key=lambda pair: pair[0].order[:-1])
            answers.append(tuple(self._own.record(text, hit, case) for hit, case in found[:k]))
        return answers

    def handled(self, k: int = 10) -> list[list[tuple[Hit, Case]]]:
        """What each text repeats in history, at most `k` cases, closest first; however many of the batch are closer."""
        history = self.history
        if history is None:
            return [[] for _ in self.texts]
        return [
            [(hit, case) for hit, case in history.with_cases(hits[:k]) if not self._holds(case.suggestion)]
            for hits in self._earlier()
        ]

    def pairs(self, progress: Progress | None = None) -> list[GradedPair]:
        """Pairs of the batch by place, graded same matter or closer, each once."""
        found: dict[tuple[int, int], GradedPair] = {}
        for place, hits in enumerate(self._neighbours(progress)):
            for hit, other in zip(hits, self._places(hits), strict=True):
                if hit.grade is not Grade.RELATED:
                    key = (min(place, other), max(place, other))
                    found.setdefault(key, GradedPair(*key, hit.grade, hit.chance(Grade.SAME_MATTER)))
        return [found[key] for key in sorted(found)]

    def proposals(
        self, progress: Progress | None = None, *, evidence: bool = True, apart: Apart | None = None
    ) -> tuple[MergeProposal, ...]:
        """Suggested merges (并案) within the batch, each pair at least `MERGED` likely one matter: a view, in which
        every text and every proposer stays. Without `evidence` it is not told what the members share.

        No two that a person found to be `apart` come into one group.
        """
        unlike = self.pairs_apart(apart.matters) if apart is not None else ()
        pairs = [*self.pairs(progress), *(GradedPair(*pair, Grade.RELATED, 0.0) for pair in unlike)]
        found = merge_proposals(self.cases, pairs, self._score, MERGED)
        return tuple(self._explained(proposal) for proposal in found) if evidence else found

    def conflicts(
        self,
        leads: Sequence[Sequence[str]] | None = None,
        catalogue: Catalogue | None = None,
        *,
        decided: bool = False,
        apart: Apart | None = None,
    ) -> tuple[MeetingItem, ...]:
        """Matters that were, or are about to be, given to different leads, within the batch and against history.
        Texts of the batch that a person found to be `apart`, as matters or in their leads, are none.

        `leads` are those that each text of the batch is about to get; without them the cases' own. What history holds
        is decided, what is in the batch is open; unless `decided`, for a batch from an office's record: then a case
        that has leads was given to them, and matters of which nothing is open are told, too.
        """
        given = [tuple(some) for some in leads] if leads is not None else [case.leads for case in self.cases]
        here = [
            Handed(replace(case, leads=some), decided=decided and bool(case.leads))
            for case, some in zip(self.cases, given, strict=True)
        ]
        unlike = self.pairs_apart((*apart.matters, *apart.leads)) if apart is not None else ()
        pairs: list[HandedPair] = [
            (here[pair.one], here[pair.other], pair.grade, pair.score)
            for pair in self.pairs()
            if (pair.one, pair.other) not in unlike
        ]
        if self.history is not None:
            for mine, hits in zip(here, self._earlier(), strict=True):
                same = _closest(hits, NEIGHBOURS, Grade.SAME_MATTER)
                pairs += [
                    (mine, Handed(case, decided=True), hit.grade, hit.chance(Grade.SAME_MATTER))
                    for hit, case in self.history.with_cases(same)
                    if case.leads
                ]
        return meeting_list(pairs, catalogue, settled=decided)

    def hot(
        self,
        *,
        least: int = 3,
        since: Date | None = None,
        until: Date | None = None,
        period: str | int | None = None,
    ) -> HotTopics:
        """The topics that many texts of the batch share, or of a period: from `since` to `until`, or of a length
        (``"month"``, a number of days …) that ends with `until` or the last date; see `growth.chosen_period`.
        """
        since, until = chosen_period([case.suggestion.date for case in self.cases], since, until, period)
        edges = [
            (min(place, other), max(place, other), hit.chance(Grade.RELATED))
            for place, hits in enumerate(self._neighbours())
            for hit, other in zip(hits, self._places(hits), strict=True)
        ]
        words = [list(text.profile.words) for text in self.texts]
        places = [[place.name for place in text.profile.mentions.places] for text in self.texts]
        suggestions = [case.suggestion for case in self.cases]
        return hot_topics(suggestions, edges, words, places, least=least, since=since, until=until)

    def close(self) -> None:
        """Let go of the memory; history stays open."""
        self._own.close()

    def _explained(self, proposal: MergeProposal) -> MergeProposal:
        """The proposal with what each member shares with the representative."""
        first, *others = proposal.members
        texts = [self.texts[self._place[member.id]] for member in proposal.members]
        told = self._own.evidence(texts[0], texts[1:])
        members = (replace(member, evidence=why) for member, why in zip(others, told, strict=True))
        return replace(proposal, members=(first, *members))

    def _holds(self, suggestion: Suggestion) -> bool:
        """Whether the batch has this very text under this id."""
        place = self._place.get(suggestion.id)
        if place is None:
            return False
        own = self.cases[place].suggestion
        return (own.title, own.text) == (suggestion.title, suggestion.text)

    def _neighbours(self, progress: Progress | None = None) -> list[list[Hit]]:
        if self._near is None:
            texts = self.texts[: self._asked]
            self._near = self._own.hits(texts, k=NEIGHBOURS, progress=progress, measured=self._measured)
            self._near += [[] for _ in self.texts[self._asked :]]
        return self._near

    def _earlier(self) -> list[list[Hit]]:
        """What history has for each text, asked once."""
        if self._past is None:
            self._past = [[] for _ in self.texts]
            if self.history is not None:
                texts = self.texts[: self._asked]
                self._past[: self._asked] = self.history.hits(texts, k=NEIGHBOURS, measured=self._measured)
        return self._past

    def pairs_apart(self, apart: Iterable[Collection[str]]) -> set[Pair]:
        """The pairs of the batch, by place, that stand in one of these sets of ids of `Apart`."""
        sets = (sorted({self._place[id_] for id_ in ids if id_ in self._place}) for ids in apart)
        return {pair for places in sets for pair in combinations(places, 2)}

    def _places(self, hits: Sequence[Hit]) -> list[int]:
        return [self._place[name] for name in self._own.ids_of(hits)]

    def _score(self, pairs: Sequence[tuple[int, int]]) -> list[float]:
        """The probability of same matter or closer of pairs that the search did not bring up."""
        often = Counter(text for pair in pairs for text in pair)
        asked: dict[int, list[tuple[int, int]]] = {}
        for pair in pairs:
            asked.setdefault(max(pair, key=lambda text: often[text]), []).append(pair)
        known: dict[tuple[int, int], float] = {}
        for text, some in asked.items():
            others = [self.texts[other if one == text else one] for one, other in some]
            known |= zip(some, self._own.chances(self.texts[text], others, Grade.SAME_MATTER), strict=True)
        return [known[pair] for pair in pairs]


def _closest(hits: Sequence[Hit], k: int, least: Grade) -> list[Hit]:
    """The first `k` of hits in their order that are `least` or closer."""
    return [hit for hit in hits if GRADES.index(hit.grade) <= GRADES.index(least)][:k]


def _named(case: Case, place: int) -> Case:
    return case if case.suggestion.id else replace(case, suggestion=replace(case.suggestion, id=f"#{place}"))
