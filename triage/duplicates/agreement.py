"""Do two suggestions name the same places and numbers and ask for the same, or for the contrary?

Wording alone cannot tell 增设2路公交站 from 增设3路公交站; this can, and says it to the clerk in his own words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from triage.duplicates.standpoints import compare_stances
from triage.text.actions import are_opposite
from triage.text.asks import Ask
from triage.text.mentions import Mentions
from triage.text.numerals import Number
from triage.text.places import Place

FEATURES = (
    "place_same",
    "place_conflict",
    "place_missing",
    "area_same",
    "area_conflict",
    "number_same",
    "number_conflict",
    "amount_same",
    "amount_conflict",
    "ask_same",
    "ask_opposite",
    "ask_contrary",
    "ask_differs",
    "object_same",
)
"""Names of `Agreement.values`, in order."""
_SAME_OBJECT = 0.5
"""Objects that agree this far are taken for one (停车位, 停车泊位)."""
_CONTRARY_OBJECT = 0.6
"""Opposite actions contradict each other only upon objects that agree this far."""
_OTHER_HEAD = 0.7
"""The last character is the head of a Chinese noun: 公交运营时间 and 公交发车间隔 are two things."""
_NO_OBJECT = 0.6
"""Two asks whose object is only a place or a number; those are compared on their own."""
_AREA_MISSING = 0.5
"""A town or city on one side only says less than a road: letters to one office often leave it out."""
_CONTAINED = 0.8
"""One name within the other (人民路, 人民路社区): most often the same spot."""
_MOST = 3
"""Names in one phrase."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Fourteen features between 0 and 1, and phrases for the clerk.

    place_*: the most exact places both texts name (roads, schools …); area_*: towns, streets, districts, cities;
    place_missing: only one text names a place (an area: half). number_*: numbers that name a thing (2路, 一期);
    amount_*: those that count. ask_same: same action upon the same object; ask_opposite: opposite actions upon it, or
    one text is for what the other is against, whatever the verbs (`triage.duplicates.standpoints`); ask_contrary:
    contrary wishes, though perhaps upon other objects of one subject;
    ask_differs: both ask, for nothing in common; object_same: how far the objects agree, whatever the action.
    """

    place_same: float = 0.0
    place_conflict: float = 0.0
    place_missing: float = 0.0
    area_same: float = 0.0
    area_conflict: float = 0.0
    number_same: float = 0.0
    number_conflict: float = 0.0
    amount_same: float = 0.0
    amount_conflict: float = 0.0
    ask_same: float = 0.0
    ask_opposite: float = 0.0
    ask_contrary: float = 0.0
    ask_differs: float = 0.0
    object_same: float = 0.0
    agrees: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()

    @property
    def values(self) -> tuple[float, ...]:
        """The features in the order of `FEATURES`."""
        return tuple(getattr(self, name) for name in FEATURES)


def _by_name(places: Iterable[Place]) -> dict[tuple[str, str], float]:
    """Each place once with its highest weight."""
    weights: dict[tuple[str, str], float] = {}
    for place in places:
        key = place.kind, place.name
        weights[key] = max(weights.get(key, 0.0), place.weight)
    return weights


def _alike(one: tuple[str, str], other: tuple[str, str]) -> float:
    if one[1] == other[1]:
        return 1.0
    short, long = sorted((one[1], other[1]), key=len)
    return _CONTAINED if len(short) > 1 and short in long else 0.0


def _unique(names: Iterable[str]) -> str:
    return "、".join(list(dict.fromkeys(names))[:_MOST])


@dataclass(frozen=True, slots=True)
class _Matched:
    same: float
    conflict: float
    agrees: tuple[str, ...]
    differs: tuple[str, ...]


def _match_places(here: Sequence[Place], there: Sequence[Place]) -> _Matched:
    """How far the weightier places of both are the same, and how far places of one kind have other names."""
    left, right = _by_name(here), _by_name(there)
    if not left or not right:
        return _Matched(0.0, 0.0, (), ())
    best_left = {key: max((_alike(key, other), other) for other in right) for key in left}
    best_right = {key: max((_alike(key, other), other) for other in left) for key in right}
    weighed = sum(left[k] * a for k, (a, _) in best_left.items()) + sum(
        right[k] * a for k, (a, _) in best_right.items()
    )
    total = sum(left[k] for k in left) + sum(right[k] for k in right)
    conflict = 0.0
    differs: list[str] = []
    for kind in dict.fromkeys(kind for kind, _ in left):
        mine = [key for key in left if key[0] == kind]
        theirs = [key for key in right if key[0] == kind]
        if theirs and not any(best_left[key][0] for key in mine) and not any(best_right[key][0] for key in theirs):
            conflict = max(conflict, min(max(left[key] for key in mine), max(right[key] for key in theirs)))
            differs.append(f"地点不同：{_unique(k[1] for k in mine)} / {_unique(k[1] for k in theirs)}")
    shared = [key[1] for key in left if best_left[key][0]]
    agrees = (f"地点：{_unique(shared)}",) if shared else ()
    return _Matched(weighed / total, conflict, agrees, tuple(differs))


def _numbers_by_measure(numbers: Iterable[Number]) -> dict[str, dict[str, float]]:
    measures: dict[str, dict[str, float]] = {}
    for number in numbers:
        values = measures.setdefault(number.measure, {})
        values[number.value] = max(values.get(number.value, 0.0), number.weight)
    return measures


def _match_numbers(here: Sequence[Number], there: Sequence[Number], word: str) -> _Matched:
    left, right = _numbers_by_measure(here), _numbers_by_measure(there)
    same = conflict = 0.0
    agrees: list[str] = []
    differs: list[str] = []
    for measure in left:
        if measure not in right:
            continue
        mine, theirs = left[measure], right[measure]
        common = [value for value in mine if value in theirs]
        if common:
            same = max(same, *(min(mine[value], theirs[value]) for value in common))
            agrees.append(f"{word}：{_unique(value + measure for value in common)}")
        else:
            conflict = max(conflict, min(max(mine.values()), max(theirs.values())))
            differs.append(f"{word}不同：{_unique(v + measure for v in mine)} / {_unique(v + measure for v in theirs)}")
    return _Matched(same, conflict, tuple(agrees), tuple(differs))


@lru_cache(maxsize=50_000)
def _object_likeness(one: str, other: str) -> float:
    """Shared characters in order over the shorter object, 0 to 1; 0 where one of them is empty."""
    if not one or not other:
        return 0.0 if one or other else _NO_OBJECT
    if one == other:
        return 1.0
    row = [0] * (len(other) + 1)
    for char in one:
        diagonal = 0
        for at, letter in enumerate(other, start=1):
            kept, row[at] = row[at], diagonal + 1 if char == letter else max(row[at], row[at - 1])
            diagonal = kept
    common = row[-1]
    if common < 2:
        return 0.0
    share = (common / min(len(one), len(other)) + common / max(len(one), len(other))) / 2
    return share if one[-1] == other[-1] or one in other or other in one else share * _OTHER_HEAD


@dataclass(frozen=True, slots=True)
class _Asked:
    same: float = 0.0
    opposite: float = 0.0
    contrary: float = 0.0
    differs: float = 0.0
    objects: float = 0.0
    agree_phrases: tuple[str, ...] = ()
    differ_phrases: tuple[str, ...] = ()


def _contrary(one: Ask, other: Ask) -> bool:
    if one.action == other.action:
        return one.polarity != other.polarity
    return one.polarity == other.polarity and are_opposite(one.action, other.action)


def _wish(ask: Ask) -> str:
    return f"{'不' if ask.polarity < 0 else ''}{ask.verb}"


def _likeness(one: Ask, other: Ask, here: dict[str, str], there: dict[str, str]) -> float:
    """How far two objects agree; two places of one kind agree for the ask, their names are compared as places."""
    kinds = here.get(one.object), there.get(other.object)
    if all(kinds) and one.object != other.object:
        same_kind = kinds[0] == kinds[1] and not _contrary(one, other)
        return _NO_OBJECT if same_kind or _alike(("", one.object), ("", other.object)) else 0.0
    return _object_likeness(one.object, other.object)


def _said_apart(word: str, one: Ask, other: Ask) -> str:
    if one.object == other.object:
        return f"{word}：{_wish(one)} / {_wish(other)}{one.object}"
    return f"{word}：{_wish(one)}{one.object} / {_wish(other)}{other.object}"


def _match_asks(left: Mentions, right: Mentions) -> _Asked:
    """The asks compared by class and the stances by direction; where both texts stand for the same, opposite classes of
    action (推迟收班, 延长末班车) do not contradict.
    """
    asked = _compare_asks(left, right)
    stands = compare_stances(left, right)
    if stands.opposite:
        apart = asked.differ_phrases if asked.opposite > asked.same else (stands.phrase,)
        return replace(
            asked,
            opposite=max(asked.opposite, stands.opposite),
            contrary=max(asked.contrary, stands.contrary),
            differs=0.0,
            agree_phrases=(),
            differ_phrases=apart,
        )
    if asked.opposite and (stands.same or not stands.contrary):
        return replace(asked, opposite=0.0, contrary=stands.contrary, differ_phrases=())
    return replace(asked, contrary=stands.contrary if stands.same else max(asked.contrary, stands.contrary))


def _compare_asks(left: Mentions, right: Mentions) -> _Asked:
    if not left.asks or not right.asks:
        return _Asked()
    here, there = ({place.name: place.kind for place in mentions.places} for mentions in (left, right))
    same = opposite = contrary = objects = 0.0
    agreed = apart = ""
    for one in left.asks:
        for other in right.asks:
            weight = min(one.weight, other.weight)
            likeness = _likeness(one, other, here, there)
            objects = max(objects, weight * likeness)
            if _contrary(one, other):
                contrary = max(contrary, weight)
                if likeness >= _CONTRARY_OBJECT and weight * likeness > opposite:
                    opposite = weight * likeness
                    apart = _said_apart("诉求相反", one, other)
            else:
                share = 1.0 if one.action == other.action else 0.5
                if weight * likeness * share > same:
                    same = weight * likeness * share
                    agreed = f"诉求：{_wish(one)}{one.object}"
    if opposite > same:
        return _Asked(same, opposite, contrary, 0.0, objects, (), (apart,))
    strongest = min(max(ask.weight for ask in left.asks), max(ask.weight for ask in right.asks))
    differs = max(0.0, strongest - same) if same < _SAME_OBJECT / 2 else 0.0
    phrases: tuple[str, ...] = ()
    if differs:
        first, second = (max(mentions.asks, key=lambda ask: ask.weight) for mentions in (left, right))
        phrases = (_said_apart("诉求不同", first, second),)
    return _Asked(same, opposite, contrary, differs, objects, (agreed,) if same >= _SAME_OBJECT / 2 else (), phrases)


def _own_numbers(mentions: Mentions) -> list[Number]:
    """The numbers that are not part of a place's name (第三小学, G60)."""
    return [n for n in mentions.numbers if not any(p.start <= n.start < p.end for p in mentions.places)]


def _missing(here: Sequence[Place], there: Sequence[Place]) -> float:
    """The weight of the places of one text where the other names none."""
    return 0.0 if here and there else max((place.weight for place in (*here, *there)), default=0.0)


def agree(here: Mentions, there: Mentions) -> Agreement:
    """Where two texts agree and differ in what they name; exchanging them changes the order within phrases only."""
    exact_here, exact_there = ([p for p in mentions.places if not p.coarse] for mentions in (here, there))
    areas_here, areas_there = ([p for p in mentions.places if p.coarse] for mentions in (here, there))
    exact, areas = _match_places(exact_here, exact_there), _match_places(areas_here, areas_there)
    missing = max(_missing(exact_here, exact_there), _AREA_MISSING * _missing(areas_here, areas_there))
    mine, theirs = _own_numbers(here), _own_numbers(there)
    names = _match_numbers([n for n in mine if n.identity], [n for n in theirs if n.identity], "编号")
    counts = _match_numbers([n for n in mine if not n.identity], [n for n in theirs if not n.identity], "数量")
    asked = _match_asks(here, there)
    return Agreement(
        place_same=exact.same,
        place_conflict=exact.conflict,
        place_missing=missing,
        area_same=areas.same,
        area_conflict=areas.conflict,
        number_same=names.same,
        number_conflict=names.conflict,
        amount_same=counts.same,
        amount_conflict=counts.conflict,
        ask_same=asked.same,
        ask_opposite=asked.opposite,
        ask_contrary=asked.contrary,
        ask_differs=asked.differs,
        object_same=asked.objects,
        agrees=(*exact.agrees, *areas.agrees, *names.agrees, *counts.agrees, *asked.agree_phrases),
        differs=(*exact.differs, *areas.differs, *names.differs, *counts.differs, *asked.differ_phrases),
    )
