"""What history's names mean: unit and topic labels of the cases as columns of the model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date as Date

import numpy as np
from numpy.typing import NDArray

from triage.catalogue import (
    Catalogue,
    How,
    Resolution,
    Resolver,
    Topic,
    Unit,
    catalogue_for_names,
    parse_unit_name,
    starter_catalogue,
)
from triage.errors import InputError
from triage.heads.columns import UnitColumns
from triage.heads.topics import TopicColumns
from triage.records import Case

Floats = NDArray[np.float32]

_LIKELY_THE_UNIT = frozenset({How.EXACT, How.ALIAS, How.PREFIX, How.ABBREVIATION})
_LEVELS = re.compile(r"\s*[/>＞／→]\s*")


@dataclass(frozen=True, slots=True)
class Place:
    """The catalogue that a model will answer from, the units it may answer with, and what was found about the names."""

    catalogue: Catalogue
    answerable: tuple[Unit, ...]
    resolutions: tuple[Resolution, ...] = ()

    @property
    def unknown(self) -> tuple[str, ...]:
        """Names that no unit of the starter catalogue stands for: they have no duties."""
        return tuple(found.name for found in self.resolutions if found.unit is None)

    @property
    def spellings(self) -> tuple[tuple[str, ...], ...]:
        """Groups of names that likely mean one unit of one place (卫健局, 市卫健委). They are told, not joined: a wrong
        join would be learned and answered, a missing one only divides the score.
        """
        alike: dict[tuple[str, ...], dict[str, None]] = {}
        for found in self.resolutions:
            name = parse_unit_name(found.name)
            if found.unit is not None and found.how in _LIKELY_THE_UNIT and not (found.others or name.branch):
                alike.setdefault((found.unit.code, *name.places), {})[found.name] = None
        return tuple(tuple(names) for names in alike.values() if len(names) > 1)


def place_for(cases: Sequence[Case], catalogue: Catalogue | None, names: Sequence[str]) -> Place:
    """The catalogue to learn with: the one given, or the starter's duties under the names that cases and list use.

    Of a unit and its successor that are both in use, the former is answerable until its end, by the latest case's date.
    """
    if catalogue is None and not names and not any(case.leads for case in cases):
        starter = starter_catalogue()
        return Place(_with_case_topics(starter, cases, strict=False), starter.current())
    if catalogue is not None:
        return Place(_with_case_topics(catalogue, cases, strict=True), catalogue.current())
    used = [unit for case in cases for unit in (*case.leads, *case.co)]
    made, resolutions = catalogue_for_names([*names, *used], starter_catalogue())
    latest = max((case.suggestion.date for case in cases if case.suggestion.date), default=None)
    answerable = tuple(unit for unit in made.units if _in_use(unit, latest))
    return Place(_with_case_topics(made, cases, strict=False), answerable, resolutions)


def _in_use(unit: Unit, latest: Date | None) -> bool:
    return latest is None or unit.active(latest)


class UnitLabels:
    """Finds the columns of the names in cases; a former unit's work is its successors'."""

    def __init__(self, place: Place, columns: UnitColumns) -> None:
        self._place = place
        self._columns = columns
        self._resolver = Resolver(place.catalogue)
        self._known: dict[str, tuple[int, ...]] = {}

    def columns_of(self, name: str) -> tuple[int, ...]:
        """The unit's column, or those of its successors, or nothing if the catalogue does not have it."""
        if name not in self._known:
            unit = self._resolver.resolve(name).unit
            heirs = () if unit is None or unit.is_kind else (unit, *self._place.catalogue.successors(unit.code))
            found = [self._columns.index[heir.name] for heir in heirs if heir.name in self._columns.index]
            self._known[name] = tuple(found[:1] if unit and found and unit.name in self._columns.index else found)
        return self._known[name]

    def matrices(self, cases: Sequence[Case], duties: Floats) -> tuple[Floats, Floats]:
        """Leads as shares and helpers as 0/1, each (cases, units).

        Of several successors the one whose duties are closest to the text took the case over; `duties` (cases,
        units) says.
        """
        leads = np.zeros((len(cases), len(self._columns)), np.float32)
        helpers = np.zeros_like(leads)
        for row, case in enumerate(cases):
            for table, names in ((leads, case.leads), (helpers, case.co)):
                for name in names:
                    if options := self.columns_of(name):
                        table[row, max(options, key=lambda column: duties[row, column])] += 1.0
        leads /= np.maximum(leads.sum(axis=1, keepdims=True), 1.0)
        return leads, np.asarray((helpers > 0) & (leads == 0), np.float32)

    def check(self, cases: Sequence[Case]) -> None:
        """Raise InputError naming every unit of the cases that the catalogue does not have."""
        missing: dict[str, str] = {}
        for case in cases:
            for name in (*case.leads, *case.co):
                if not self.columns_of(name):
                    missing.setdefault(name, case.suggestion.id)
        if missing:
            listed = "; ".join(f"{name!r} (case {where})" for name, where in list(missing.items())[:20])
            more = f" and {len(missing) - 20} more" if len(missing) > 20 else ""
            raise InputError(
                f"{len(missing)} units of the cases are not in the catalogue: {listed}{more}. Add them to units.csv, "
                "as units or as aliases, or leave out --catalogue so that the units come from the cases."
            )


def topic_matrix(cases: Sequence[Case], columns: TopicColumns) -> Floats:
    """The leaf that each case is filed under as shares, (cases, leaves); zero rows where no topic is given or known."""
    filed = np.zeros((len(cases), len(columns)), np.float32)
    codes = _codes(columns.catalogue)
    for row, case in enumerate(cases):
        for label in case.topics:
            code = codes.get(topic_path(label), "")
            if code in columns.index:
                filed[row, columns.index[code]] += 1.0
    return np.asarray(filed / np.maximum(filed.sum(axis=1, keepdims=True), 1.0), np.float32)


def filed_codes(cases: Sequence[Case], catalogue: Catalogue) -> tuple[str, ...]:
    """The codes of the topics that cases are filed under."""
    codes = _codes(catalogue)
    return tuple(
        dict.fromkeys(codes[topic_path(label)] for case in cases for label in case.topics if topic_path(label) in codes)
    )


def topic_path(label: str) -> tuple[str, ...]:
    """The parts of a topic's label, first level first: 交通/公交 (also with > or →) is (交通, 公交)."""
    return tuple(part for part in _LEVELS.split(label.strip()) if part)


def _codes(catalogue: Catalogue) -> dict[tuple[str, ...], str]:
    """By path, by code, and by name where only one topic has it."""
    codes: dict[tuple[str, ...], str] = {}
    names: dict[str, list[str]] = {}
    for topic in catalogue.topics:
        codes[catalogue.topic_path(topic.code)] = topic.code
        codes.setdefault((topic.code,), topic.code)
        names.setdefault(topic.name, []).append(topic.code)
    for name, found in names.items():
        if len(found) == 1:
            codes.setdefault((name,), found[0])
    return codes


def _with_case_topics(catalogue: Catalogue, cases: Sequence[Case], strict: bool) -> Catalogue:
    """The catalogue's own topics; or, where the cases use others and may (`strict` says they may not), theirs as
    the tree.
    """
    labels = dict.fromkeys(path for case in cases for label in case.topics if (path := topic_path(label)))
    if not labels:
        return catalogue
    codes = _codes(catalogue)
    missing = ["/".join(label) for label in labels if label not in codes]
    if not missing:
        return catalogue
    if strict and catalogue.topics:
        raise InputError(
            f"{len(missing)} topics of the cases are not in the catalogue: {'; '.join(missing[:20])}. Add them to "
            "topics.csv, or leave out --catalogue so that the topics come from the cases."
        )
    known = {topic.name: topic for topic in catalogue.topics}
    topics: dict[str, Topic] = {}
    for label in labels:
        for depth in range(1, len(label) + 1):
            code, name = "/".join(label[:depth]), label[depth - 1]
            same = known.get(name)
            topics.setdefault(
                code,
                Topic(code, name, "/".join(label[: depth - 1]), same.units if same else (), _phrases(catalogue, same)),
            )
    return replace(catalogue, topics=tuple(topics.values()))


def _phrases(catalogue: Catalogue, topic: Topic | None) -> tuple[str, ...]:
    """A topic's phrases and those of everything below it."""
    if topic is None:
        return ()
    below = [child for child in catalogue.topics if child.parent == topic.code]
    return (*topic.phrases, *(phrase for child in below for phrase in (child.name, *_phrases(catalogue, child))))
