"""Places of other provinces, cities and counties that a text names."""

from __future__ import annotations

from functools import cached_property

from triage.places.divisions import Division, Divisions, divisions
from triage.places.matching import Cut, Names
from triage.places.short_names import stem
from triage.places.tree import AreaTree
from triage.text import Segmenter

COUNTIES = 6
"""Digits of a county's code: smaller ones of elsewhere are not looked for, their names are everywhere."""
_CITIES = 4
_FEATURES = ("河", "江", "湖", "湾", "桥", "山", "岛")
"""Behind the name of a city elsewhere these make it another place's: 苏州河边 is not in 苏州."""


class Outside:
    """Looks for divisions that are not the office's own: provinces and cities by full and short names, counties by full
    ones. Names that areas of the catalogue bear too are not looked for, nor those of what contains the own area.
    """

    def __init__(self, tree: AreaTree) -> None:
        self._tree = tree

    def named(self, text: str, segmenter: Segmenter) -> tuple[str, ...]:
        """The places outside that a text names, in order, each once; a city with its province where that is told."""
        spans = self._names.find(text)
        if not spans:
            return ()
        cut = Cut(text, segmenter.tag(text))
        met = (cut.hit(*span) for span in spans)
        hits = [hit for hit in met if hit and not hit.behind and text[hit.end : hit.end + 1] not in _FEATURES]
        found: dict[str, int] = {}
        codes: list[str] = []
        for hit in hits:
            meanings = self._meanings[hit.word]
            near = [one for one in meanings if any(one.code.startswith(code) for code in codes)]
            best = (near or meanings)[0]
            codes.append(best.code)
            unsure = len(meanings) > 1 and not near
            found.setdefault(best.name if unsure else best.code, hit.start)
        kept = [one for one in found if not any(other != one and other.startswith(one) for other in found)]
        return tuple("".join(self._table.path(one)) if one in self._table.entries else one for one in kept)

    @cached_property
    def _table(self) -> Divisions:
        return divisions(COUNTIES)

    @cached_property
    def _meanings(self) -> dict[str, list[Division]]:
        around = self._around()
        meanings: dict[str, list[Division]] = {}
        for division in self._table.entries.values():
            if not any(division.code.startswith(code) or code.startswith(division.code) for code in around):
                short = stem(division.name) if len(division.code) <= _CITIES else ""
                # 城区, 东区 and 郊区 are counties by name, and words of every letter.
                vague = len(division.name) == len("城区") and division.name.endswith("区")
                for name in filter(None, ("" if vague else division.name, short)):
                    if name not in self._tree.meanings:
                        meanings.setdefault(name, []).append(division)
        return meanings

    @cached_property
    def _names(self) -> Names:
        return Names(self._meanings)

    def _around(self) -> tuple[str, ...]:
        """The code of the division that the place as a whole is; empty for an invented place, or one of several."""
        whole = self._tree.whole
        if not whole:
            return ()
        known = self._table.find("".join(self._tree.names(whole))) or self._table.find(self._tree.areas[whole].name)
        return (known[0].code,) if len(known) == 1 else ()
