"""Hot topics of a batch or a period: what many ask for, how it grew, where, through whom, and who to read first.

A view, never the truth: nothing is merged, every text keeps its own answer. How texts are put together: `stars` and
`wordings`; how a topic gets its name: `naming`; what counts as growth: `growth`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date as Date
from itertools import chain, count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.duplicates.growth import Window, growth_ratio, period, rising
from triage.duplicates.stars import Indices, Numbers
from triage.duplicates.wordings import Wordings
from triage.errors import InputError
from triage.records import Suggestion

__all__ = ["HEADERS", "THRESHOLD", "HotTopic", "HotTopics", "hot_topics", "period"]

THRESHOLD = 0.5
"""Two texts are on one topic if that is likelier than not."""

HEADERS = ("热点", "件数", "上期", "变化", "地点", "来源", "代表", "成员")
"""The columns of the table."""

NO_SOURCE = "（来源不明）"

Edges = Sequence[tuple[int, int, float]]
Counts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class HotTopic:
    """A topic that several texts of the period share.

    `size` counts the texts of the period, copies included: each is a voice. `before` counts those of the period before
    (None where nothing can be compared), `growth` is their ratio with half a text added to both, and `rising` says that
    the growth exceeds chance (`growth.rising`, false discovery rate .05). `places` and `sources` come with their
    counts, `words` with their weights. `representatives` are the ids of the text in the middle and of two that are far
    from it and from each other (fewer where fewer wordings differ), `titles` theirs, "" for a confidential text.
    `members` and `earlier` hold all ids of both periods, `first` and `last` the dates within the period.

    Confidential texts count, but no word, title or place of theirs is in here.
    """

    name: str
    words: tuple[tuple[str, float], ...]
    size: int
    before: int | None
    growth: float | None
    rising: bool
    places: Counts
    sources: Counts
    representatives: tuple[str, ...]
    titles: tuple[str, ...]
    members: tuple[str, ...]
    earlier: tuple[str, ...]
    first: Date | None
    last: Date | None

    @property
    def change(self) -> str:
        """The growth in Chinese: 「增6（2.3倍），明显上升」; 「新出现」 where there was none before."""
        if self.before is None or self.growth is None:
            return ""
        more = self.size - self.before
        if not self.before or not more:
            said = "持平" if self.before else "新出现"
        else:
            # In words: a spreadsheet takes a cell that begins with + or - for a formula.
            said = f"{'增' if more > 0 else '减'}{abs(more)}（{self.growth:.1f}倍）"
        return f"{said}，明显上升" if self.rising else said

    def row(self) -> tuple[str, ...]:
        """The topic as a row of the table, a text for each of `HEADERS`."""
        shown = (
            f"{one}《{title}》" if title else one for one, title in zip(self.representatives, self.titles, strict=True)
        )
        return (
            self.name,
            str(self.size),
            "" if self.before is None else str(self.before),
            self.change,
            "；".join(f"{place} {count}" for place, count in self.places),
            "；".join(f"{source} {count}" for source, count in self.sources),
            "\n".join(shown),
            "、".join(self.members),
        )

    def to_dict(self) -> dict[str, Any]:
        """The topic as plain JSON types; dates in ISO 8601."""
        return {
            "name": self.name,
            "words": [{"word": word, "weight": weight} for word, weight in self.words],
            "size": self.size,
            "before": self.before,
            "growth": None if self.growth is None else round(self.growth, 4),
            "rising": self.rising,
            "change": self.change,
            "places": [{"place": place, "count": count} for place, count in self.places],
            "sources": [{"source": source, "count": count} for source, count in self.sources],
            "representatives": [
                {"id": one, "title": title} for one, title in zip(self.representatives, self.titles, strict=True)
            ],
            "members": list(self.members),
            "earlier": list(self.earlier),
            "first": _iso(self.first),
            "last": _iso(self.last),
        }


@dataclass(frozen=True, slots=True)
class HotTopics:
    """The hot topics of a period, largest first, and what a reader must know of the texts behind them.

    `texts` were looked at and `texts_before` in the period before (None where there is nothing to compare with).
    `since` and `until` are the period's days, or the first and last date of a batch that was taken whole; None where no
    text has a date. `notices` says in Chinese what was not counted.
    """

    topics: tuple[HotTopic, ...]
    texts: int
    texts_before: int | None
    since: Date | None
    until: Date | None
    before: tuple[Date, Date] | None
    least: int
    notices: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[HotTopic]:
        return iter(self.topics)

    def __len__(self) -> int:
        return len(self.topics)

    def __getitem__(self, place: int) -> HotTopic:
        return self.topics[place]

    @property
    def alone(self) -> int:
        """How many texts of the period are in no hot topic."""
        return self.texts - sum(topic.size for topic in self.topics)

    def rows(self) -> list[tuple[str, ...]]:
        """The table: a row a topic, under `HEADERS`."""
        return [topic.row() for topic in self.topics]

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain JSON types; dates in ISO 8601."""
        return {
            "topics": [topic.to_dict() for topic in self.topics],
            "texts": self.texts,
            "texts_before": self.texts_before,
            "alone": self.alone,
            "since": _iso(self.since),
            "until": _iso(self.until),
            "before": None if self.before is None else [_iso(day) for day in self.before],
            "least": self.least,
            "notices": list(self.notices),
        }


def hot_topics(
    suggestions: Sequence[Suggestion],
    edges: Edges | Numbers,
    words: Sequence[Sequence[str]],
    places: Sequence[Sequence[str]],
    *,
    least: int = 3,
    threshold: float = THRESHOLD,
    since: Date | None = None,
    until: Date | None = None,
) -> HotTopics:
    """The topics that at least `least` texts of the period share.

    `edges` holds pairs (i, j, probability that both are on one topic or closer), i < j, as an index of nearest
    neighbours gives them, or an array of shape (pairs, 3); pairs that it lacks count as unlike. `words` are the content
    words of each text, `places` the places it names. Texts that are the same to the letter need no pair.

    Without `since` and `until` the whole batch counts, texts without a date too. With both, the period before is of
    equal length and ends the day before `since`; with `since` alone, the period ends with the last date there is; with
    `until` alone there is nothing to compare with. A text without a date is then in no period, and is told in
    `notices`, as are texts outside both periods.

    Raises InputError for lists of unequal length, a pair outside the batch or with a probability outside 0 to 1,
    `least` below 1, `threshold` outside 0 to 1, or a period that ends before it begins.
    """
    low, high, probability = _checked(suggestions, edges, words, places, least, threshold)
    dates = [suggestion.date for suggestion in suggestions]
    window = Window.over(dates, since, until)
    now, earlier = window.split(dates)
    wordings = Wordings(suggestions, words, now | earlier, (low, high, probability), threshold)
    groups = wordings.groups(least)
    sizes = [int(now[group].sum()) for group in groups]
    befores = [len(group) - size for group, size in zip(groups, sizes, strict=True)]
    compared = bool(earlier.any())
    flags = rising(sizes, befores, int(now.sum()), int(earlier.sum()))
    found = [place for place, size in enumerate(sizes) if size >= least]
    found.sort(key=lambda place: (-sizes[place], befores[place], int(groups[place][0])))
    taken: set[str] = set()
    topics = []
    for place in found:
        topic = _topic(suggestions, places, wordings, groups[place], now, taken)
        if compared:
            growth = growth_ratio(sizes[place], befores[place])
            topic = replace(topic, before=befores[place], growth=growth, rising=flags[place])
        topics.append(topic)
    return HotTopics(
        topics=tuple(topics),
        texts=int(now.sum()),
        texts_before=int(earlier.sum()) if compared else None,
        since=window.first,
        until=window.last,
        before=window.before if compared else None,
        least=least,
        notices=window.notices(dates),
    )


def _checked(
    suggestions: Sequence[Suggestion],
    edges: Edges | Numbers,
    words: Sequence[Sequence[str]],
    places: Sequence[Sequence[str]],
    least: int,
    threshold: float,
) -> tuple[Indices, Indices, Numbers]:
    texts = len(suggestions)
    if not len(words) == len(places) == texts:
        raise InputError(f"{texts} suggestions, {len(words)} lists of words, {len(places)} of places: give one each.")
    if least < 1:
        raise InputError(f"least={least}: a hot topic needs at least 1 text.")
    if not 0 < threshold <= 1:
        raise InputError(f"threshold={threshold}: it is a probability above 0 and up to 1.")
    if isinstance(edges, np.ndarray):
        table = np.asarray(edges, dtype=np.float64).reshape(-1, 3)
    else:
        table = np.fromiter(chain.from_iterable(edges), dtype=np.float64, count=3 * len(edges)).reshape(-1, 3)
    low, high, probability = table.T
    wrong = ~((low >= 0) & (low < high) & (high < texts) & (probability >= 0) & (probability <= 1))
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise InputError(
            f"edges[{at}] is ({low[at]:g}, {high[at]:g}, {probability[at]:g}): allowed are two positions, the smaller "
            f"first, below {texts}, and a probability from 0 to 1."
        )
    return low.astype(np.int64), high.astype(np.int64), probability


def _topic(
    suggestions: Sequence[Suggestion],
    places: Sequence[Sequence[str]],
    wordings: Wordings,
    group: Indices,
    now: NDArray[np.bool_],
    taken: set[str],
) -> HotTopic:
    """What there is to say of a topic without the period before; its name goes to `taken`."""
    current = group[now[group]].tolist()
    members = [suggestions[text] for text in current]
    name, words = wordings.name(group, now)
    at: Counter[str] = Counter()
    for text in current:
        if not suggestions[text].confidential:
            at.update(set(places[text]))
    there = _ordered(at)
    own = _distinct(name, words, there, taken) if words else name
    taken.add(own)
    chosen = wordings.representatives(group, now)
    dates = [one.date for one in members if one.date is not None]
    return HotTopic(
        name=own,
        words=words,
        size=len(members),
        before=None,
        growth=None,
        rising=False,
        places=there,
        sources=_ordered(Counter(one.source or NO_SOURCE for one in members)),
        representatives=tuple(_id(suggestions, text) for text in chosen),
        titles=tuple("" if suggestions[text].confidential else suggestions[text].title for text in chosen),
        members=tuple(_id(suggestions, text) for text in current),
        earlier=tuple(_id(suggestions, text) for text in group[~now[group]].tolist()),
        first=min(dates, default=None),
        last=max(dates, default=None),
    )


def _distinct(name: str, words: tuple[tuple[str, float], ...], places: Counts, taken: set[str]) -> str:
    """The name, or with a place or a word that tells it from another topic of the same name."""
    further = [*(place for place, _ in places), *(word for word, _ in words)]
    for addition in ("", *(one for one in further if one not in name)):
        longer = f"{name}（{addition}）" if addition else name
        if longer not in taken:
            return longer
    return next(longer for number in count(2) if (longer := f"{name}（{number}）") not in taken)


def _ordered(counts: Counter[str]) -> Counts:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _id(suggestions: Sequence[Suggestion], text: int) -> str:
    return suggestions[text].id or f"第{text + 1}件"


def _iso(day: Date | None) -> str | None:
    return None if day is None else day.isoformat()
