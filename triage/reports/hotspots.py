"""Hot topics (热点): what many of the period's texts ask for, and how that grew against the period before."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from triage.duplicates.growth import growth_ratio, rising
from triage.records import Case
from triage.reports.material import Made, Material
from triage.reports.report import Cell, Chart, Form, Section, Sentence, Table
from triage.reports.telling import Figure, changed, counted, ids, notice, sentence, title_of

TOLD = 5
"""Topics that are told in sentences."""
BARS = 12
PLACES = 4


@dataclass(frozen=True, slots=True)
class Spot:
    """A topic of the period: its cases, those of the period before (None where there is nothing to compare with),
    `growth` as `growth.growth_ratio` has it, and whether the rise exceeds chance.
    """

    name: str
    cases: tuple[Case, ...]
    before: tuple[Case, ...] | None
    growth: float | None
    rising: bool
    places: tuple[tuple[str, int], ...]
    first: tuple[Case, ...]


def spots(material: Material) -> list[Spot]:
    """The hot topics of the period, largest first."""
    found = material.repeats.hot(material.settings.least)
    here = {case.suggestion.id: case for case in material.cases}
    before = {case.suggestion.id: case for case in material.before or ()}
    split = []
    for topic in found:
        now = tuple(here[name] for name in topic.members if name in here)
        was = tuple(before[name] for name in topic.members if name in before)
        if len(now) >= material.settings.least:
            split.append((topic, now, was))
    flags = [False] * len(split)
    if before:
        sizes, befores = [len(now) for _, now, _ in split], [len(was) for _, _, was in split]
        flags = rising(sizes, befores, len(here), len(before))
    places = material.repeats.places()
    made = [
        Spot(
            name=topic.name,
            cases=now,
            before=was if before else None,
            growth=growth_ratio(len(now), len(was)) if before else None,
            rising=flag,
            places=tuple(Counter(place for case in now for place in places[case.suggestion.id]).most_common(PLACES)),
            first=tuple(here[name] for name in topic.representatives if name in here) or now[:1],
        )
        for (topic, now, was), flag in zip(split, flags, strict=True)
    ]
    return sorted(made, key=lambda spot: (-len(spot.cases), spot.cases[0].suggestion.id))


def hot(material: Material) -> Made:
    """The hot topics with their growth, places, sources, and the texts to read first."""
    found = spots(material)
    return Made((Section("热点", sentences(material, found), tables(found), charts(found)),))


def sentences(material: Material, found: list[Spot]) -> tuple[Sentence, ...]:
    """What the hot topics are, the largest first, and which grew by more than chance."""
    least = material.settings.least
    if not found:
        return (sentence(f"没有{least}件以上来件反映同一话题。"),)
    inside = tuple(case.suggestion.id for spot in found for case in spot.cases)
    among = set(inside)
    left = tuple(case.suggestion.id for case in material.cases if case.suggestion.id not in among)
    told = [
        sentence(
            *(f"{least}件以上来件反映的话题有", Figure(str(len(found)), inside), "个，共", counted(inside)),
            *("件；其余", counted(left), "件不属于任何热点。"),
        )
    ]
    for spot in found[:TOLD]:
        rows = ids(spot.cases)
        grown = ("，", *changed(rows, ids(spot.before))) if spot.before is not None else ()
        places = f"，多涉及{'、'.join(name for name, _ in spot.places)}" if spot.places else ""
        told.append(sentence(f"“{spot.name}”", counted(rows), "件", *grown, places, "。"))
    if risen := [spot for spot in found if spot.rising]:
        named = "、".join(f"“{spot.name}”" for spot in risen[:TOLD])
        rows = tuple(case.suggestion.id for spot in risen for case in spot.cases)
        told.append(
            sentence("上升超出偶然波动的有", Figure(str(len(risen)), rows), "个（", counted(rows), f"件）：{named}。")
        )
    if not material.repeats.with_encoder:
        told.append(notice("只按文字比较，没有使用语义编码器，换了说法的同类来件可能没有归在一起。"))
    return tuple(told)


def tables(found: list[Spot]) -> tuple[Table, ...]:
    """A row a topic."""
    if not found:
        return ()
    compared = found[0].before is not None
    rows: list[tuple[Cell, ...]] = []
    links = []
    for spot in found:
        now, was = ids(spot.cases), ids(spot.before or ())
        own: tuple[Cell, ...] = (len(was), len(now) - len(was), "明显上升" if spot.rising else "") if compared else ()
        sources = Counter(case.suggestion.source or "（来源不明）" for case in spot.cases).most_common()
        rows.append(
            (
                *(spot.name, len(now), *own),
                "；".join(f"{name} {count}" for name, count in sources),
                "；".join(f"{name} {count}" for name, count in spot.places),
                "\n".join(f"{case.suggestion.id} {title_of(case)}" for case in spot.first),
            )
        )
        links.append(((), now, *((was, now, ()) if compared else ()), (), (), ids(spot.first)))
    middle = ("上期件数", "增减", "趋势") if compared else ()
    header = ("热点", "件数", *middle, "来源", "地点", "代表来件")
    forms: tuple[Form, ...] = ("text", "count", *(("count", "count", "text") if compared else ()), *(("text",) * 3))
    widths = (24.0, 8.0, *((8.0, 8.0, 10.0) if compared else ()), 24.0, 24.0, 48.0)
    return (Table("热点一览", header, tuple(rows), tuple(links), forms, widths),)


def charts(found: list[Spot]) -> tuple[Chart, ...]:
    """Bars of the largest."""
    if not found:
        return ()
    shown = found[:BARS]
    series = [("本期", tuple(float(len(spot.cases)) for spot in shown))]
    if shown[0].before is not None:
        series.append(("上期", tuple(float(len(spot.before or ())) for spot in shown)))
    return (Chart("热点件数", "bar", tuple(spot.name for spot in shown), tuple(series)),)
