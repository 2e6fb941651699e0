"""Names that may be written, and which of them a misspelt one may mean."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

from triage.catalogue import UnitName, parse_unit_name
from triage.catalogue.names import fold
from triage.catalogue.shapes import likeness, shape_of

LEAST = 0.6
"""How alike two names must be for the one to be offered for the other."""


class KnownNames:
    """A list of names: whether one is in it, under any width or bracket, and which come near to one that is not."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(dict.fromkeys(names))
        self._folded = {fold(name): name for name in reversed(self.names)}
        self._parsed: dict[str, UnitName] = {}

    def find(self, name: str) -> str | None:
        """The name as the list writes it, or None."""
        return name if name in self.names else self._folded.get(fold(name))

    def nearest(self, name: str, most: int = 3, same_place: bool = False) -> tuple[str, ...]:
        """The names that `name` may mean, likeliest first; with `same_place` none of another town or district."""
        asked = self._parse(name)
        scored = []
        for known in self.names:
            parsed = self._parse(known)
            if known != name and (not same_place or parsed.places == asked.places):
                scored.append((_alike(asked, parsed), known))
        likely = sorted((pair for pair in scored if pair[0] >= LEAST), key=lambda pair: -pair[0])
        return tuple(known for _, known in likely[:most])

    def _parse(self, name: str) -> UnitName:
        if name not in self._parsed:
            self._parsed[name] = parse_unit_name(name)
        return self._parsed[name]


def _alike(one: UnitName, other: UnitName) -> float:
    whole = SequenceMatcher(None, fold(one.raw), fold(other.raw), autojunk=False).ratio()
    if one.places != other.places:
        return whole
    return max(whole, likeness(shape_of(fold(one.core)), shape_of(fold(other.core))))
