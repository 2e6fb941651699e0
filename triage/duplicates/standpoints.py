"""Is one text for what the other is against? Their stances (`triage.text.stances`) upon one thing, compared."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from triage.text.mentions import Mentions
from triage.text.stances import Stance

_NEAR = 0.5
"""Objects of stances that share this many of the shorter's pairs of characters are one thing."""
_PART, _ABOUT_PART = 0.2, 0.1
"""Or this many, where the sentences around them share some more."""
_LETTERS = 0.34
"""Single characters that objects share where they are worded otherwise (樟树, 树)."""
_ABOUT_NEAR, _ABOUT_SPOT, _ABOUT_FAR = 0.25, 0.3, 0.5
"""Pairs of characters that sentences and headings share: where the objects have something in common, where only the
place is one, and where neither is.
"""
_ABOUT, _SAME_VERB = 0.6, 0.1
"""What such a likeness counts, and more where both use one verb (打通, 不要打通)."""
_CONTRARY_ABOUT = 0.2
_LONG = 5
"""A single word within a longer object is not the thing by itself: 电梯, 电动车进电梯."""
_KEPT = frozenset("保留 留住 保住 留下 留着 维持 缓拆".split())
_RENEWAL = re.compile("改造|征收|更新|安置|新址|新[校院]区")


@lru_cache(maxsize=50_000)
def _grams(words: str) -> frozenset[str]:
    return frozenset(words[at : at + 2] for at in range(len(words) - 1))


def _overlap(one: str, other: str) -> float:
    """Shared pairs of characters as a share of the shorter's."""
    mine, theirs = _grams(one), _grams(other)
    least = min(len(mine), len(theirs))
    return len(mine & theirs) / least if least else 0.0


def _same_thing(one: Stance, other: Stance, spot: bool) -> float:
    """How far two stances are upon one thing: their objects, or where those are worded otherwise, what the sentences
    and headings around them are about, and whether both texts name one spot.
    """
    if one.axis != other.axis and not _moved(one, other) and not _moved(other, one):
        return 0.0
    if _renews(one, other) or _renews(other, one):
        return 0.0
    near = _overlap(one.object, other.object)
    lone = (
        not one.axis and min(len(one.object), len(other.object)) < 3 and max(len(one.object), len(other.object)) > _LONG
    )
    if near >= _NEAR:
        if not lone:
            return near
        told = min(len(one.about), len(other.about)) > _LONG and _overlap(one.about, other.about) >= _ABOUT_FAR
        return _ABOUT if spot or told else 0.0
    about = _overlap(one.about, other.about)
    if one.verbless or other.verbless:
        return 0.0
    if near >= _PART and about >= _ABOUT_PART:
        return _ABOUT
    bare = len(one.object) < 2 or len(other.object) < 2
    worded = (
        near > 0
        or bare
        or one.axis != ""
        or one.verb[-2:] == other.verb[-2:]
        or _letters(one.object, other.object) >= _LETTERS
    )
    if worded:
        return (
            _ABOUT + (_SAME_VERB if one.verb[-2:] == other.verb[-2:] else 0.0) if spot or about >= _ABOUT_NEAR else 0.0
        )
    return _ABOUT if about >= (_ABOUT_SPOT if spot else _ABOUT_FAR) else 0.0


def _moved(one: Stance, other: Stance) -> bool:
    """Whether one would move what the other would keep; a new market elsewhere is no contrary to moving the old."""
    return one.axis == "site" and not other.axis and other.verb[-2:] in _KEPT


def _renews(one: Stance, other: Stance) -> bool:
    """Whether one pulls down for the very renewal that the other pushes."""
    return one.sign < 0 < other.sign and one.verb[-2:].startswith("拆") and _RENEWAL.search(other.object) is not None


def _letters(one: str, other: str) -> float:
    mine, theirs = set(one), set(other)
    return len(mine & theirs) / (min(len(mine), len(theirs)) or 1)


def _stand(stance: Stance) -> str:
    """What a stance wants, for the clerk; 取消限行 names 限行 once."""
    named = stance.verb[-2:] in stance.object
    return f"{stance.verb[:-2] if named else stance.verb}{stance.object}"


class Stands(NamedTuple):
    """How far two texts stand against each other, how far for the same, and the phrase for the clerk."""

    opposite: float = 0.0
    contrary: float = 0.0
    same: float = 0.0
    phrase: str = ""


def _wanted(mentions: Mentions, others: Mentions) -> list[Stance]:
    """What a text without stances asks for and the other does not want: 硬化土路 beside 不要硬化土路."""
    return [
        Stance(ask.polarity, ask.verb, ask.start, ask.end, ask.object, ask.object, "", ask.weight, True)
        for ask in mentions.asks
        if any(stance.verbless and ask.verb in stance.object for stance in others.stances)
    ]


def compare_stances(left: Mentions, right: Mentions) -> Stands:
    """How far one text is for what the other is against; nothing where they agree as far, or name other places."""
    same = opposite = contrary = 0.0
    phrase = ""
    if not left.stances and not right.stances:
        return Stands()
    mine, theirs = left.stances or _wanted(left, right), right.stances or _wanted(right, left)
    here, there = ({place.name for place in mentions.places if not place.coarse} for mentions in (left, right))
    if here and there and not any((one in other or other in one) for one in here for other in there):
        return Stands()
    spot = not here.isdisjoint(there)
    for one in mine:
        for other in theirs:
            weight = min(one.weight, other.weight)
            likeness = weight * _same_thing(one, other, spot)
            if one.sign == other.sign:
                same = max(same, likeness)
                continue
            if likeness or spot or _overlap(one.about, other.about) > _CONTRARY_ABOUT:
                contrary = max(contrary, weight)
            if likeness > opposite:
                opposite = likeness
                phrase = f"诉求相反：{_stand(one)} / {_stand(other)}"
    if opposite > same:
        return Stands(opposite, contrary, same, phrase)
    return Stands(0.0, contrary if not same else 0.0, same)
