"""Whose ground a text is about: the areas it names, resolved, or what to ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log1p

from triage.catalogue import Catalogue
from triage.places.matching import Cut, Hit, Names
from triage.places.outside import Outside
from triage.places.tree import FORMER, FULL, ROAD, SHORT, AreaTree, Meaning
from triage.places.wording import question, referred, whole_place
from triage.records import AreaMention, Jurisdiction, Suggestion
from triage.text import Prepared, Segmenter
from triage.text.written import Written, written

SURE: dict[str, float] = {FULL: 0.95, SHORT: 0.9, FORMER: 0.85, ROAD: 0.6}
"""How likely a name means its area, by how it does. Measured on letters to a city: .97, .89 and, of roads, .84 were in
the district of the agency that answered (benchmarks/places); a full name is not surer, as a letter may compare.
"""
WITHIN: dict[str, float] = {
    **dict.fromkeys(("road", "bridge", "water", "mountain"), 0.0),
    **dict.fromkeys(("scenic", "company"), 0.5),
    "station": 0.6,
    "other": 0.6,
    "estate": 0.65,
    "district": 0.8,
}
"""What is left of that where a short name begins a longer one, by the kind of that: 长宁路 is no 长宁区, 静安寺 likely
lies in 静安. Schools, hospitals and markets that are named after an area lie in it.
"""
HINT = 0.4
"""The same for readers who weigh what they are told: a road that is called after a town, 桃浦路, lies in it or leads to
it more often than not (.79 of 38 in letters to a city), which is no reason to say so.
"""
TITLE = 1.5
"""What the title counts beside the text."""
REFERRED = 0.3
"""What is left where a place is an example: 学习…的经验, 像…一样."""
LEAST = 0.25
"""A mention less likely than this is none."""
DEEPER = 0.6
"""The share of what is written that an area within an area needs to be the one that the text is about."""
SEVERAL = 0.34
"""Where no district has so much of what is written, three or more share it: the text is about the place as a whole."""
TIE = 0.1
"""Homonyms that lie closer together than this are not told apart."""
WHOLE = 0.5
"""How sure it is that a text which names no place and says 全县 or 各乡镇 is about the place as a whole."""
LEAST_LEARNED = 0.5
"""The probability from which places of history alone tell an area."""


@dataclass(frozen=True, slots=True)
class Named:
    """An area that a plain text names, and where; `rivals` are other areas that the words may mean as well."""

    area: str
    start: int
    end: int
    confidence: float
    rivals: tuple[str, ...] = ()


class AreaFinder:
    """Finds the areas of a catalogue in texts; `own` is the code of the office's own area, empty for all of them.

    Built once, it answers from any number of threads. Raises CatalogueError for an `own` that the catalogue lacks and
    for areas that go in a circle.
    """

    def __init__(self, catalogue: Catalogue, own: str = "") -> None:
        self.tree = AreaTree(catalogue, own)
        self._names = Names(self.tree.meanings)
        self._segmenter = Segmenter(self.tree.meanings)
        self._outside = Outside(self.tree)

    def find(self, prepared: Prepared, learned: Mapping[str, float] | None = None) -> Jurisdiction:
        """The jurisdiction of a prepared suggestion, as `of`."""
        return self.of(prepared.suggestion, learned)

    def of(self, suggestion: Suggestion, learned: Mapping[str, float] | None = None) -> Jurisdiction:
        """The jurisdiction of a suggestion as it came in. `learned` are probabilities of areas by code from the places
        of history (`triage.heads.gazetteer`): they decide between homonyms, and tell the area where none is named.
        """
        plain = written(suggestion)
        hits = self._hits(plain.text)
        chances = learned or {}
        named = self._resolved(plain.text, hits, plain.body, chances)
        secret = suggestion.confidential
        mentions = tuple(self._mention(plain, one) for one in named)
        area, confidence = self._decided(named, plain.body)
        likely = max(chances, key=lambda code: chances[code], default="")
        vague = not area or self.tree.is_whole(area)
        several = any(self.tree.is_own(one.area) and not self.tree.is_whole(one.area) for one in named)
        known = likely in self.tree.areas and self.tree.is_own(likely) and not several
        if from_history := vague and known and chances[likely] >= LEAST_LEARNED:
            area, confidence = likely, round(chances[likely], 4)
        outside: tuple[str, ...] = ()
        if not secret and not any(self.tree.is_own(one.area) for one in named):
            outside = self._outside.named(plain.text, self._segmenter)
        asked = ""
        if vague and whole_place(plain.text):
            area, confidence = (area, confidence) if area else (self.tree.whole, WHOLE if self.tree.whole else 0.0)
        else:
            asked = question(self.tree, area, named, outside, quiet=secret)
        if not area:
            return Jurisdiction(mentions=mentions, outside=outside, question=asked)
        return Jurisdiction(
            area=area,
            name=self.tree.areas[area].name,
            path=self.tree.names(area),
            confidence=confidence,
            mentions=mentions,
            outside=outside,
            question=asked,
            served_by=self.tree.serving(area),
            learned=from_history,
        )

    def named(self, text: str, *, hints: bool = False) -> tuple[Named, ...]:
        """The areas that a plain text (`Prepared.full`) names, homonyms resolved, in the order of the text.

        With `hints` also those after which a road, bridge or station in it is called, which a model may weigh.
        """
        return self._resolved(text, self._hits(text), 0, {}, HINT if hints else 0.0)

    def _hits(self, text: str) -> list[Hit]:
        spans = self._names.find(text)
        if not spans:
            return []
        cut = Cut(text, self._segmenter.tag(text))
        hits: list[Hit] = []
        for span in spans:
            hit, rest = cut.hit(*span), self._names.shorter(text, *span)
            while hit is None and rest is not None:
                hit, rest = cut.hit(*rest), self._names.shorter(text, *rest)
            if hit is not None:
                hits.append(hit)
        return hits

    def _resolved(
        self, text: str, hits: Sequence[Hit], body: int, chances: Mapping[str, float], hint: float = 0.0
    ) -> tuple[Named, ...]:
        certain = [self.tree.meanings[hit.word][0].area for hit in hits if len(self.tree.meanings[hit.word]) == 1]
        found = []
        for hit in hits:
            meanings = self.tree.meanings[hit.word]
            best, rivals = self._chosen(meanings, certain, chances) if len(meanings) > 1 else (meanings[0], ())
            sure = _sureness(hit, best, text, hint) / (1 + len(rivals))
            if sure >= LEAST and not hit.start < body < hit.end:
                found.append(Named(best.area, hit.start, hit.end, round(sure, 4), rivals))
        return tuple(found)

    def _chosen(
        self, meanings: Sequence[Meaning], certain: Sequence[str], chances: Mapping[str, float]
    ) -> tuple[Meaning, tuple[str, ...]]:
        """Which of several areas a name means: the one nearest to what else the text names, else the own, else the one
        of which the name is more properly so; and the areas that remain as likely.
        """
        scores = {meaning.area: self._support(meaning, certain, chances) for meaning in meanings}
        best = max(meanings, key=lambda meaning: scores[meaning.area])
        rivals = (one for one in scores if one != best.area and scores[best.area] - scores[one] < TIE)
        return best, tuple(rivals)

    def _support(self, meaning: Meaning, certain: Sequence[str], chances: Mapping[str, float]) -> float:
        tree, path = self.tree, self.tree.paths[meaning.area]
        near = max((len(set(path) & set(tree.paths[other])) / len(path) for other in certain), default=0.0)
        learned = max((chances.get(code, 0.0) for code in path), default=0.0)
        return 2.0 * near + learned + 1.0 * tree.is_own(meaning.area) + 0.5 * SURE[meaning.sort]

    def _decided(self, named: Sequence[Named], body: int) -> tuple[str, float]:
        """The smallest area that most of what is written agrees on, and how sure that is."""
        weights: dict[str, float] = {}
        doubts: dict[str, float] = {}
        times: dict[tuple[str, bool], tuple[float, int]] = {}
        for one in named:
            if self.tree.is_own(one.area):
                area = self.tree.around((one.area, *one.rivals)) if one.rivals else one.area
                key = (area, one.start < body)
                most, count = times.get(key, (0.0, 0))
                times[key] = (max(most, one.confidence), count + 1)
        for (area, title), (most, count) in times.items():
            for code in self.tree.paths[area] if area else ():
                weights[code] = weights.get(code, 0.0) + most * (TITLE if title else 1.0) * (1 + 0.3 * log1p(count - 1))
                doubts[code] = doubts.get(code, 1.0) * (1.0 - most)
        return self._descend(weights, doubts)

    def _descend(self, weights: Mapping[str, float], doubts: Mapping[str, float]) -> tuple[str, float]:
        chosen, confidence = "", 0.0
        while True:
            inner = {code: weights[code] for code in self.tree.children.get(chosen, ()) if code in weights}
            if not inner:
                return chosen, confidence
            best = max(inner, key=lambda code: inner[code])
            share = inner[best] / sum(inner.values())
            # Of two districts one is chosen, with doubt; a street only where the text is about that one.
            if chosen and share < (SEVERAL if self.tree.is_whole(chosen) else DEEPER):
                return chosen, confidence
            chosen, confidence = best, round(share * (1.0 - doubts[best]), 4)

    def _mention(self, plain: Written, one: Named) -> AreaMention:
        span = plain.span(one.start, one.end)
        source = plain.suggestion.title if span.field == "title" else plain.suggestion.text
        words = "" if plain.suggestion.confidential else source[span.start : span.end]
        name = self.tree.areas[one.area].name
        return AreaMention(one.area, name, words, span.field, span.start, span.end, one.confidence)


def _sureness(hit: Hit, meaning: Meaning, text: str, hint: float) -> float:
    """How likely a name means its area; what a longer name leaves of that is `hint` at least."""
    within = WITHIN.get(hit.behind, 1.0) if meaning.sort in (SHORT, FORMER) and hit.behind else 1.0
    if meaning.sort == ROAD and hit.behind in ("bridge", "water"):
        within = 0.0
    return SURE[meaning.sort] * max(within, hint) * (REFERRED if referred(text, hit.start, hit.end) else 1.0)
