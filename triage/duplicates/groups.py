"""Suggested merges (并案): groups of texts on one matter, as a view that a clerk may follow, change or leave.

A proposal changes nothing: every text stays whole, every proposer stays with the own text, and the note says that each
of them is answered. Members of a group are all alike, pair by pair (`cliques`), not only through a chain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date as Date
from itertools import combinations
from math import fsum
from typing import Any, NamedTuple

from triage.duplicates.cliques import Pair, Score, cliques
from triage.errors import InputError
from triage.records import Case, Grade, PairEvidence

CERTAIN = 1.0 - 1e-9
"""A pair graded identical with this probability or more was found by its digest: the same text, and what is the same
as the same is the same."""

_CLOSEST_FIRST = tuple(Grade)
_UNKNOWN_SOURCE = "来源未注明"


class GradedPair(NamedTuple):
    """Two texts by their index, their grade, and the probability that they are the same matter *or closer*.

    A pair graded related counts as unlike, whatever its probability.
    """

    one: int
    other: int
    grade: Grade
    score: float


@dataclass(frozen=True, slots=True)
class Member:
    """One text of a proposal, whole and untouched; of a confidential one neither title nor text is repeated.

    `probability` is that it is the same matter as the representative, 1 for the representative itself, and `evidence`
    what both share and in what they differ, seen from the representative; None for itself, and where it was not asked
    for. `date` is YYYY-MM-DD or empty.
    """

    id: str
    title: str
    text: str
    source: str
    session: str
    date: str
    proposers: tuple[str, ...]
    lead: tuple[str, ...]
    co: tuple[str, ...]
    outcome: str
    probability: float
    confidential: bool = False
    evidence: PairEvidence | None = None


@dataclass(frozen=True, slots=True)
class MergeProposal:
    """Texts that could be handled as one matter, the representative first, then the likest to it.

    `representative` is the id of the text most like all others; of equals the earliest, then the fuller, then the first
    by id. `grade` and `score` are those of the weakest pair, `sources` the bodies that the texts came through, the one
    with most texts first. `note` tells the clerk in Chinese what this is and that each proposer is answered.
    """

    representative: str
    members: tuple[Member, ...]
    grade: Grade
    score: float
    sources: tuple[str, ...]
    note: str

    @property
    def crosses_bodies(self) -> bool:
        """Whether the texts came through more than one body, such as 人大 and 政协."""
        return len(self.sources) > 1

    def to_dict(self) -> dict[str, Any]:
        """The proposal as plain JSON types."""
        return {
            "representative": self.representative,
            "members": [_listed(asdict(member)) for member in self.members],
            "grade": str(self.grade),
            "score": self.score,
            "sources": list(self.sources),
            "note": self.note,
        }


def _listed(value: Any) -> Any:
    """Plain JSON types: every tuple a list."""
    if isinstance(value, dict):
        return {key: _listed(part) for key, part in value.items()}
    return [_listed(part) for part in value] if isinstance(value, tuple) else value


def merge_proposals(
    cases: Sequence[Case],
    pairs: Iterable[tuple[int, int, Grade, float]],
    score: Score | None = None,
    threshold: float = 0.5,
) -> tuple[MergeProposal, ...]:
    """The groups of two or more texts in which every pair is likely the same matter, largest first.

    `pairs` are `GradedPair`s, as the nearest-neighbour search found them, in any order; `score` answers for pairs of
    indices of `cases` that it did not return (without it they are unlike; a pair known only by such an answer counts as
    graded same matter). What is in no proposal stands alone. The order of the cases does not matter.

    `InputError` if two cases share an id, or a pair, a probability or the threshold is out of range.
    """
    order = _by_id(cases)
    likeness = _Likeness(order, pairs, score, threshold)
    proposals = [_proposal([cases[order[node]] for node in group], group, likeness) for group in likeness.groups()]
    return tuple(
        sorted(proposals, key=lambda proposal: (-len(proposal.members), -proposal.score, proposal.representative))
    )


def _by_id(cases: Sequence[Case]) -> list[int]:
    """The cases' indices in the order of their ids: ties are broken by id, not by the place in a file."""
    twice = [id_ for id_, times in Counter(case.suggestion.id for case in cases).items() if times > 1]
    if twice:
        raise InputError(
            f"{len(twice)} ids stand for more than one text, the first is {min(twice)!r}; "
            "a merge names its members by id: give each text its own"
        )
    return sorted(range(len(cases)), key=lambda index: cases[index].suggestion.id)


class _Known(NamedTuple):
    """What is known of a pair: the lower probability counts, and of equal ones the more distant grade."""

    score: float
    distance: int

    @property
    def grade(self) -> Grade:
        return _CLOSEST_FIRST[self.distance]


_SAME_TEXT = _Known(1.0, _CLOSEST_FIRST.index(Grade.IDENTICAL))


def _weaker(one: _Known, other: _Known | None) -> _Known:
    return one if other is None else min(one, other, key=lambda known: (known.score, -known.distance))


class _Likeness:
    """How like the texts are, with the same text taken as one node. Nodes are places in the order of ids."""

    def __init__(
        self,
        order: Sequence[int],
        pairs: Iterable[tuple[int, int, Grade, float]],
        score: Score | None,
        threshold: float,
    ) -> None:
        self._order = order
        self._ask = None if score is None else self._asking(score)
        self._threshold = threshold
        given = self._given(pairs)
        self._head = _same_texts(len(order), given, threshold)
        self._inside: dict[int, _Known] = {}
        self._across: dict[Pair, _Known] = {}
        for (one, other), known in given.items():
            first, second = sorted((self._head[one], self._head[other]))
            if first == second:
                self._inside[first] = _weaker(known, self._inside.get(first))
            else:
                self._across[first, second] = _weaker(known, self._across.get((first, second)))

    def groups(self) -> list[list[int]]:
        """The nodes of each group of two or more."""
        copies: dict[int, list[int]] = {}
        for node, head in enumerate(self._head):
            copies.setdefault(head, []).append(node)
        edges = ((one, other, known.score) for (one, other), known in self._across.items())
        heads = cliques(len(self._order), edges, self._ask, self._threshold)
        grouped = {head for group in heads for head in group}
        alone = [nodes for head, nodes in copies.items() if head not in grouped and len(nodes) > 1]
        return [*([node for head in group for node in copies[head]] for group in heads), *alone]

    def probability(self, one: int, other: int) -> float:
        """That two nodes of one group are the same matter."""
        first, second = sorted((self._head[one], self._head[other]))
        return 1.0 if first == second else self._across[first, second].score

    def likest(self, nodes: Sequence[int]) -> dict[int, float]:
        """How like each node is to all others of its group, summed."""
        copies = Counter(self._head[node] for node in nodes)
        sums = {
            head: fsum(
                (times - 1, *(self.probability(head, other) * copies[other] for other in copies if other != head))
            )
            for head, times in copies.items()
        }
        return {node: sums[self._head[node]] for node in nodes}

    def weakest(self, nodes: Sequence[int]) -> _Known:
        """The weakest pair of a group."""
        heads = sorted({self._head[node] for node in nodes})
        found: _Known | None = None
        for pair in combinations(heads, 2):
            found = _weaker(self._across[pair], found)
        for head in heads:
            if head in self._inside:
                found = _weaker(self._inside[head], found)
        return found or _SAME_TEXT

    def _given(self, pairs: Iterable[tuple[int, int, Grade, float]]) -> dict[Pair, _Known]:
        place = {index: node for node, index in enumerate(self._order)}
        given: dict[Pair, _Known] = {}
        for one, other, grade, score in pairs:
            if one not in place or other not in place:
                raise InputError(f"a pair names texts {one} and {other}; allowed are 0 to {len(place) - 1}")
            if not 0.0 <= score <= 1.0:
                raise InputError(f"the pair {one} and {other} has the probability {score}; allowed is 0 to 1")
            if one != other:
                first, second = sorted((place[one], place[other]))
                known = _Known(0.0 if grade == Grade.RELATED else float(score), _CLOSEST_FIRST.index(Grade(grade)))
                given[first, second] = _weaker(known, given.get((first, second)))
        return given

    def _asking(self, score: Score) -> Score:
        """The question in the caller's indices; the answers are remembered."""
        distance = _CLOSEST_FIRST.index(Grade.SAME_MATTER)

        def ask(pairs: Sequence[Pair]) -> Sequence[float]:
            indices = (sorted((self._order[one], self._order[other])) for one, other in pairs)
            answers = score([(lower, upper) for lower, upper in indices])
            for pair, answer in zip(pairs, answers, strict=False):
                self._across[pair] = _Known(min(float(answer), 1.0), distance)
            return answers

        return ask


def _same_texts(count: int, given: dict[Pair, _Known], threshold: float) -> list[int]:
    """For each node the first of those with the very same text; itself where something contradicts that."""
    head = list(range(count))

    def first(node: int) -> int:
        while head[node] != node:
            head[node] = head[head[node]]
            node = head[node]
        return node

    for (one, other), known in given.items():
        if known.grade is Grade.IDENTICAL and known.score >= CERTAIN:
            low, high = sorted((first(one), first(other)))
            head[high] = low
    heads = [first(node) for node in range(count)]
    doubtful = {
        heads[one] for (one, other), known in given.items() if heads[one] == heads[other] and known.score < threshold
    }
    return [node if heads[node] in doubtful else heads[node] for node in range(count)]


def _proposal(cases: Sequence[Case], nodes: Sequence[int], likeness: _Likeness) -> MergeProposal:
    likest = likeness.likest(nodes)

    def rank(place: int) -> tuple[float, Date, int, str]:
        suggestion = cases[place].suggestion
        fullness = len(suggestion.text) + len(suggestion.title)
        return -likest[nodes[place]], suggestion.date or Date.max, -fullness, suggestion.id

    chosen = min(range(len(cases)), key=rank)
    members = [
        _member(case, 1.0 if node == nodes[chosen] else likeness.probability(node, nodes[chosen]))
        for case, node in zip(cases, nodes, strict=True)
    ]
    representative = members[chosen].id
    members.sort(key=lambda member: (member.id != representative, -member.probability, member.id))
    weakest = likeness.weakest(nodes)
    texts = Counter(member.source for member in members)
    sources = tuple(sorted((source for source in texts if source), key=lambda source: (-texts[source], source)))
    return MergeProposal(representative, tuple(members), weakest.grade, weakest.score, sources, _note(members, sources))


def _member(case: Case, probability: float) -> Member:
    suggestion = case.suggestion
    return Member(
        id=suggestion.id,
        title="" if suggestion.confidential else suggestion.title,
        text="" if suggestion.confidential else suggestion.text,
        source=suggestion.source,
        session=suggestion.session,
        date=suggestion.date.isoformat() if suggestion.date else "",
        proposers=suggestion.proposers,
        lead=case.leads,
        co=case.co,
        outcome=case.outcome,
        probability=probability,
        confidential=suggestion.confidential,
    )


def _note(members: Sequence[Member], sources: Sequence[str]) -> str:
    """What the clerk reads. People are counted once a text, so that two with one name are never taken for one."""
    counted = []
    for source in (*sources, ""):
        own = [member for member in members if member.source == source]
        if own:
            people = sum(len(member.proposers) for member in own)
            counted.append(f"{source or _UNKNOWN_SOURCE}{len(own)}件（提出人{people}人次）")
    total = sum(len(member.proposers) for member in members)
    note = f"并案建议，仅供参考，由工作人员决定：共{len(members)}件，提出人{total}人次，其中{'、'.join(counted)}。"
    if unnamed := sum(not member.proposers for member in members):
        note += f"有{unnamed}件未登记提出人，请补登。"
    if hidden := sum(member.confidential for member in members):
        note += f"有{hidden}件不公开，此处不列标题和正文。"
    return note + "每件原文均予保留；并案办理的，应当分别答复每一位提出人。"
