"""What the names in the rows mean today: units after reorganisations, topics as paths, areas, outcomes, levels."""

from __future__ import annotations

import re
import unicodedata

from triage.catalogue import OFFICE_LEVELS, Catalogue, Office, Outcome, Resolver
from triage.records import Case

_BETWEEN = re.compile(r"\s*[/>＞／→]\s*")
_CLASS = re.compile("[类級级等]$")
_LEVEL_WORDS = {
    **{english: word for word, english in OFFICE_LEVELS.items()},
    "村级": "村",
    "村居": "村",
    "村社区": "村",
    "社区": "村",
    "社区级": "村",
    "乡镇级": "乡镇",
    "镇": "乡镇",
    "乡": "乡镇",
    "街道": "乡镇",
    "镇级": "乡镇",
    "镇街": "乡镇",
    "街镇": "乡镇",
    "县级": "县",
    "区": "县",
    "区级": "县",
    "区县": "县",
    "县区": "县",
    "市级": "市",
    "省级": "省",
    "省及以上": "省",
}
"""How offices write the levels, beside the words of `OFFICE_LEVELS` themselves."""


class Names:
    """Reads the names of one place. Without a catalogue every name is taken as it is written."""

    def __init__(self, catalogue: Catalogue | None, office: Office) -> None:
        self._catalogue = catalogue
        self._resolver = Resolver(catalogue) if catalogue is not None else None
        self._units: dict[str, str] = {}
        self._codes = {} if catalogue is None else _topic_codes(catalogue)
        self._areas = {} if catalogue is None else _area_codes(catalogue)
        self._outcomes = _outcomes(office)

    def unit(self, name: str) -> str:
        """Today's name of a unit: its own, or its one successor's; as written where the catalogue does not know it."""
        if name not in self._units:
            self._units[name] = self._found(name)
        return self._units[name]

    def leads(self, case: Case) -> tuple[str, ...]:
        """The case's lead units under today's names, each once."""
        return tuple(dict.fromkeys(self.unit(name) for name in case.leads))

    def co(self, case: Case) -> tuple[str, ...]:
        """The case's co-handling units under today's names, each once, none that leads."""
        leads = self.leads(case)
        return tuple(dict.fromkeys(name for name in map(self.unit, case.co) if name not in leads))

    def topics(self, case: Case) -> tuple[tuple[str, ...], ...]:
        """The case's topics as paths from the first level down; a label that only repeats another's beginning (a first
        level beside its second) is no topic of its own.
        """
        paths = list(dict.fromkeys(filter(None, map(self.topic, case.topics))))
        return tuple(path for path in paths if not any(path != other and path == other[: len(path)] for other in paths))

    def topic(self, label: str) -> tuple[str, ...]:
        """A topic's path: the catalogue's for a code, a name or a path it has, else the label's own parts."""
        parts = tuple(part for part in _BETWEEN.split(label.strip()) if part)
        if self._catalogue is not None and parts in self._codes:
            return self._catalogue.topic_path(self._codes[parts])
        return parts

    def area(self, written: str) -> str:
        """The code of an area that is written by code or by a name that only one area has; empty if it is unknown."""
        return self._areas.get(written.strip(), "")

    def outcome(self, written: str) -> Outcome | None:
        """The class of the office's scheme that is meant by A, Ａ类 or its name; None for one it does not have."""
        return self._outcomes.get(_folded(written)) or self._outcomes.get(_CLASS.sub("", _folded(written)))

    def level(self, written: str) -> str:
        """A word of `OFFICE_LEVELS` for how an office writes it; as it is written where that is none of them."""
        word = _folded(written)
        return word if word in OFFICE_LEVELS else _LEVEL_WORDS.get(word, written.strip())

    def _found(self, name: str) -> str:
        if self._resolver is None or self._catalogue is None:
            return name
        found = self._resolver.resolve(name)
        unit = found.unit
        if unit is None or unit.is_kind or found.others:
            return name
        heirs = self._catalogue.successors(unit.code)
        if len(heirs) == 1:
            unit = heirs[0]
        return unit.name


def _topic_codes(catalogue: Catalogue) -> dict[tuple[str, ...], str]:
    """By path, by code, and by name where only one topic has it."""
    codes: dict[tuple[str, ...], str] = {}
    named: dict[str, list[str]] = {}
    for topic in catalogue.topics:
        codes[catalogue.topic_path(topic.code)] = topic.code
        codes.setdefault((topic.code,), topic.code)
        named.setdefault(topic.name, []).append(topic.code)
    for name, found in named.items():
        if len(found) == 1:
            codes.setdefault((name,), found[0])
    return codes


def _area_codes(catalogue: Catalogue) -> dict[str, str]:
    named: dict[str, set[str]] = {}
    for area in catalogue.areas:
        for name in area.names:
            named.setdefault(name, set()).add(area.code)
    codes = {name: next(iter(found)) for name, found in named.items() if len(found) == 1}
    return {**codes, **{area.code: area.code for area in catalogue.areas}}


def _outcomes(office: Office) -> dict[str, Outcome]:
    named = {_folded(outcome.name): outcome for outcome in office.outcomes}
    return {**named, **{_folded(outcome.code): outcome for outcome in office.outcomes}}


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()
