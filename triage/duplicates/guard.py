"""The consistency guard: texts on one matter that were, or are about to be, given to different leads.

It only tells. No suggestion is changed, and which unit leads is for the meeting to decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date as Date
from enum import StrEnum
from itertools import combinations
from typing import Any

from triage.catalogue import Catalogue
from triage.duplicates.cliques import cliques
from triage.duplicates.leads import Agreement, LeadComparison
from triage.errors import InputError
from triage.records import Case, Grade

LISTED = 6
"""Texts that a sentence names for one lead; the rest is counted. All stand in the record."""

_CLOSEST_FIRST = tuple(Grade)
_OPENINGS = {
    Grade.IDENTICAL: "文字相同",
    Grade.REWRITTEN: "同一文本的改写",
    Grade.SAME_MATTER: "同一事项",
}


@dataclass(frozen=True, slots=True)
class Handed:
    """A text with the leads that it is about to be given, or (`decided`) was given in history or earlier today."""

    case: Case
    decided: bool = False


HandedPair = tuple[Handed, Handed, Grade, float]
"""Two texts, their grade, and the probability that they are the same matter or closer."""

HandedScore = Callable[[Sequence[tuple[Handed, Handed]]], Sequence[float]]


class ConflictKind(StrEnum):
    """Where two answers meet: both still open, one open and one decided, or both decided (nothing left to settle)."""

    WITHIN_BATCH = "within batch"
    AGAINST_HISTORY = "against history"
    WITHIN_HISTORY = "within history"


@dataclass(frozen=True, slots=True)
class Side:
    """One text of a conflict. `title` is empty where it is confidential, `date` is YYYY-MM-DD or empty."""

    id: str
    title: str
    source: str
    session: str
    date: str
    leads: tuple[str, ...]
    decided: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two texts on one matter whose leads differ, the decided or earlier one first.

    `difference` is ``different``, or ``partly`` where they share a lead or differ in level or branch only. `text` is
    the Chinese sentence for the meeting's list.
    """

    one: Side
    other: Side
    grade: Grade
    score: float
    kind: ConflictKind
    difference: Agreement
    text: str

    def to_dict(self) -> dict[str, Any]:
        """The conflict as plain JSON types."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


@dataclass(frozen=True, slots=True)
class Holding:
    """Leads as the most recent text writes them, and the texts that have them under this or an older name."""

    leads: tuple[str, ...]
    members: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class MeetingItem:
    """One matter for the meeting: who has which leads, most texts first.

    `majority` are the leads that more texts have than any other, `latest` those of the most recent decided text; both
    may be empty, both are proposals to discuss. `grade` and `score` are those of the weakest known pair.
    """

    holdings: tuple[Holding, ...]
    majority: tuple[str, ...]
    latest: tuple[str, ...]
    kind: ConflictKind
    grade: Grade
    score: float
    text: str

    def to_dict(self) -> dict[str, Any]:
        """The item as plain JSON types."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def conflicts(
    pairs: Iterable[HandedPair], catalogue: Catalogue | None = None, partly: bool = False
) -> tuple[Conflict, ...]:
    """Pairs on one matter whose leads differ, reorganisations considered; closest grade first, then the likeliest.

    Pairs graded related, a text paired with itself and texts without a lead say nothing. A pair given twice counts
    once, with the lower probability. With `partly`, also pairs that share a lead or differ only in level or branch.
    Without a catalogue names are compared as they are written. `InputError` for a probability out of range.
    """
    comparison = LeadComparison(catalogue)
    wanted = {Agreement.DIFFERENT, Agreement.PARTLY} if partly else {Agreement.DIFFERENT}
    found = []
    for (one, other), (grade, score) in _known(pairs).items():
        if grade != Grade.RELATED and one.case.leads and other.case.leads:
            difference = comparison.compare(one.case.leads, other.case.leads, _seen_from((one, other)))
            if difference in wanted:
                found.append(_conflict(one, other, grade, score, difference))
    return tuple(sorted(found, key=_closest_first))


def meeting_list(
    pairs: Iterable[HandedPair],
    catalogue: Catalogue | None = None,
    score: HandedScore | None = None,
    threshold: float = 0.5,
    *,
    settled: bool = False,
) -> tuple[MeetingItem, ...]:
    """One line for each matter with an open text whose leads differ, largest first.

    `pairs` must hold the pairs that agree too: a matter is a group in which every pair is likely (`cliques`), and
    texts that agree only meet there. A conflict across two groups gets its own line, so that none is lost. Conflicts
    among decided texts alone are no business of the meeting; `conflicts` has them, and so has this with `settled`.
    """
    pairs = list(pairs)
    known = _known(pairs)
    texts = sorted({text for pair in known for text in pair}, key=_order)
    place = {text: number for number, text in enumerate(texts)}
    edges = {
        (place[one], place[other]): 0.0 if grade == Grade.RELATED else probability
        for (one, other), (grade, probability) in known.items()
    }
    ask = None if score is None else lambda asked: score([(texts[i], texts[j]) for i, j in asked])
    groups = cliques(len(texts), ((i, j, value) for (i, j), value in edges.items()), ask, threshold)
    comparison = LeadComparison(catalogue)
    in_conflict = {(place[one], place[other]) for one, other in _differing(known, comparison, threshold, settled)}
    matters = [*groups, *_covering(in_conflict, groups, edges, threshold)]
    items = (_item([texts[node] for node in matter], known, comparison, settled) for matter in matters)
    return tuple(
        sorted(
            (item for item in items if item is not None),
            key=lambda item: (-sum(len(holding.members) for holding in item.holdings), -item.score, item.text),
        )
    )


def _known(pairs: Iterable[HandedPair]) -> dict[tuple[Handed, Handed], tuple[Grade, float]]:
    """Each pair once, in a fixed order, with its lower probability."""
    known: dict[tuple[Handed, Handed], tuple[Grade, float]] = {}
    for one, other, grade, score in pairs:
        if not 0.0 <= score <= 1.0:
            ids = f"{one.case.suggestion.id!r} and {other.case.suggestion.id!r}"
            raise InputError(f"the pair {ids} has the probability {score}; allowed is 0 to 1")
        if one.case.suggestion == other.case.suggestion:
            continue
        pair = (one, other) if _order(one) <= _order(other) else (other, one)
        known[pair] = min(known.get(pair, (grade, score)), (grade, score), key=_weakness)
    return known


def _weakness(known: tuple[Grade, float]) -> tuple[float, int]:
    return known[1], -_CLOSEST_FIRST.index(known[0])


def _order(text: Handed) -> tuple[Any, ...]:
    """Decided texts before open ones, then by date, then by what tells two texts apart."""
    suggestion = text.case.suggestion
    undated = Date.min if text.decided else Date.max
    return (
        *(not text.decided, suggestion.date or undated, suggestion.source, suggestion.id, suggestion.session),
        *(text.case.leads, suggestion.title, suggestion.text),
    )


def _seen_from(texts: Iterable[Handed]) -> Date | None:
    """The day on which leads are compared: the latest. An open text without a date is of now."""
    days = []
    for text in texts:
        day = text.case.suggestion.date
        if day is None and not text.decided:
            return None
        if day is not None:
            days.append(day)
    return max(days, default=None)


def _closest_first(conflict: Conflict) -> tuple[Any, ...]:
    ends = (conflict.one, conflict.other)
    return (_CLOSEST_FIRST.index(conflict.grade), -conflict.score, *((end.date, end.source, end.id) for end in ends))


def _side(text: Handed) -> Side:
    suggestion = text.case.suggestion
    return Side(
        id=suggestion.id,
        title="" if suggestion.confidential else suggestion.title,
        source=suggestion.source,
        session=suggestion.session,
        date=suggestion.date.isoformat() if suggestion.date else "",
        leads=text.case.leads,
        decided=text.decided,
    )


def _kind(texts: Iterable[Handed]) -> ConflictKind:
    decided = {text.decided for text in texts}
    if len(decided) == 2:
        return ConflictKind.AGAINST_HISTORY
    return ConflictKind.WITHIN_HISTORY if True in decided else ConflictKind.WITHIN_BATCH


def _conflict(one: Handed, other: Handed, grade: Grade, score: float, difference: Agreement) -> Conflict:
    here, there, kind = _side(one), _side(other), _kind((one, other))
    if kind is ConflictKind.WITHIN_BATCH:
        told = f"本次拟分别由{_units(here.leads)}（{_called(here)}）和{_units(there.leads)}（{_called(there)}）主办"
    else:
        now = "本次拟" if kind is ConflictKind.AGAINST_HISTORY else _when(there)
        past = f"{_when(here)}由{_units(here.leads)}主办（{_called(here)}）"
        told = f"{past}，{now}由{_units(there.leads)}主办（{_called(there)}）"
    doubt = "主办单位部分一致或层级不同，请核对" if difference is Agreement.PARTLY else "请会前统一"
    if kind is ConflictKind.WITHIN_HISTORY:
        doubt = "历史办理不一，供参考"
    return Conflict(here, there, grade, score, kind, difference, f"{_OPENINGS[grade]}，{told}，{doubt}。")


def _units(leads: Sequence[str]) -> str:
    return "、".join(leads)


def _called(side: Side) -> str:
    return f"{side.source}“{side.id}”"


def _when(side: Side) -> str:
    return f"{side.date[:4]}年" if side.date else side.session or "此前"


def _differing(
    known: dict[tuple[Handed, Handed], tuple[Grade, float]], comparison: LeadComparison, threshold: float, settled: bool
) -> Iterable[tuple[Handed, Handed]]:
    """The pairs of which the meeting must hear; with `settled` also those in which both are decided."""
    for (one, other), (grade, score) in known.items():
        if grade == Grade.RELATED or score < threshold or (one.decided and other.decided and not settled):
            continue
        if one.case.leads and other.case.leads:
            difference = comparison.compare(one.case.leads, other.case.leads, _seen_from((one, other)))
            if difference is Agreement.DIFFERENT:
                yield one, other


def _covering(
    in_conflict: set[tuple[int, int]],
    groups: Sequence[Sequence[int]],
    edges: dict[tuple[int, int], float],
    threshold: float,
) -> list[list[int]]:
    """Further groups, each with every pair likely, that hold the conflicts between groups; they may share texts."""
    group_of = {node: number for number, group in enumerate(groups) for node in group}
    likely: dict[int, set[int]] = {}
    for (i, j), value in edges.items():
        if value >= threshold:
            likely.setdefault(i, set()).add(j)
            likely.setdefault(j, set()).add(i)
    left = [pair for pair in in_conflict if group_of.get(pair[0], -1) != group_of.get(pair[1], -2)]
    covered: set[tuple[int, int]] = set()
    further = []
    for pair in sorted(left, key=lambda pair: (-edges[pair], pair)):
        if pair in covered:
            continue
        nodes = set(pair)
        common = likely[pair[0]] & likely[pair[1]]
        while common:
            node = min(common)
            nodes.add(node)
            common &= likely[node]
        further.append(sorted(nodes))
        covered.update(combinations(further[-1], 2))
    return further


def _item(
    texts: Sequence[Handed],
    known: dict[tuple[Handed, Handed], tuple[Grade, float]],
    comparison: LeadComparison,
    settled: bool,
) -> MeetingItem | None:
    """The line of one matter; None where its leads agree, or nothing is open and `settled` ones are not wanted."""
    between = [known[pair] for pair in combinations(sorted(texts, key=_order), 2) if pair in known]
    grade, score = min(between, key=_weakness)
    texts = [text for text in texts if text.case.leads]
    if all(text.decided for text in texts) and not settled:
        return None
    on = _seen_from(texts)
    shares = _shares(texts, comparison, on)
    if not any(
        comparison.compare(one[0].case.leads, other[0].case.leads, on) is Agreement.DIFFERENT
        for one, other in combinations(shares, 2)
    ):
        return None
    largest = max(map(len, shares))
    majority = [share for share in shares if len(share) == largest]
    decided = [text for text in texts if text.decided and text.case.suggestion.date]
    latest = max(decided, key=lambda text: (text.case.suggestion.date, _order(text)), default=None)
    holdings = tuple(
        Holding(share[0].case.leads, tuple(_side(text) for text in share))
        for share in sorted(shares, key=lambda share: (-len(share), _order(share[0])))
    )
    chosen = majority[0][0].case.leads if len(majority) == 1 else ()
    recent = latest.case.leads if latest else ()
    text = _line(holdings, chosen, _side(latest) if latest else None)
    return MeetingItem(holdings, chosen, recent, _kind(texts), grade, score, text)


def _shares(texts: Sequence[Handed], comparison: LeadComparison, on: Date | None) -> list[list[Handed]]:
    """The texts by their leads, the most recent first; a text joins those with all of whom it agrees."""
    shares: list[list[Handed]] = []
    seen: dict[tuple[str, ...], list[Handed]] = {}
    for text in sorted(texts, key=_order, reverse=True):
        share = seen.get(text.case.leads)
        if share is None:
            fitting = (
                share
                for share in shares
                if all(
                    comparison.compare(leads, text.case.leads, on) is Agreement.SAME
                    for leads in dict.fromkeys(met.case.leads for met in share)
                )
            )
            share = next(fitting, None)
            if share is None:
                share = []
                shares.append(share)
            seen[text.case.leads] = share
        share.append(text)
    return shares


def _line(holdings: Sequence[Holding], majority: Sequence[str], latest: Side | None) -> str:
    total = sum(len(holding.members) for holding in holdings)
    told = []
    for holding in holdings:
        named = "、".join(
            f"{_called(side)}{f'，{_when(side)}已办' if side.decided else ''}" for side in holding.members[:LISTED]
        )
        more = "等" if len(holding.members) > LISTED else ""
        told.append(f"{_units(holding.leads)}{len(holding.members)}件（{named}{more}）")
    proposals = [f"多数为{_units(majority)}"] if majority else []
    if latest is not None:
        proposals.append(f"最近一次（{_when(latest)}）由{_units(latest.leads)}主办")
    differs = f"同一事项{total}件，主办单位不一：{'；'.join(told)}。"
    proposed = f"{'，'.join(proposals)}。" if proposals else ""
    if all(side.decided for holding in holdings for side in holding.members):
        return f"{differs}{proposed}均已交办，供参考。"
    advice = f"供会上商议：{proposed}" if proposed else ""
    return f"{differs}{advice}请会前统一，由会议确定。"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(entry) for entry in value]
    return str(value) if isinstance(value, StrEnum) else value
