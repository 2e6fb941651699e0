"""One door to all reports: cases in, a `Report` out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from triage.catalogue import Catalogue, Office
from triage.errors import InputError
from triage.records import Case
from triage.reports.appendix import HEADER as APPENDIX
from triage.reports.appendix import appendix
from triage.reports.conflicts import conflicts, further
from triage.reports.hotspots import hot
from triage.reports.inspection import inspection
from triage.reports.material import Made, Material, Progress, Settings
from triage.reports.names import Names
from triage.reports.overview import overview
from triage.reports.period import days_told, found_period, timespan, within, year_before
from triage.reports.repeats import FEW, Repeats, Unseen
from triage.reports.report import Report, Section, Sentence, Table, Timespan
from triage.reports.supervision import supervision
from triage.reports.targets import targets
from triage.reports.telling import counted, ids, notice
from triage.reports.vote import vote
from triage.reports.workload import workload
from triage.reports.yearly import yearly

if TYPE_CHECKING:
    from triage.duplicates.apart import Apart
    from triage.duplicates.index import DuplicateIndex
    from triage.encoders.sentence import SentenceEncoder


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of report: its Chinese title, what makes it, and whether it compares texts with each other, and those of
    the period before too.
    """

    title: str
    make: Callable[[Material], Made]
    compares: bool = False
    growth: bool = False


KINDS: dict[str, Kind] = {
    "overview": Kind("建议办理总体情况", overview),
    "targets": Kind("目标领域建议情况", targets),
    "hot": Kind("热点情况", hot, compares=True, growth=True),
    "conflicts": Kind("主办不一与并案建议", conflicts, compares=True),
    "workload": Kind("交办前各单位承办量", workload),
    "inspection": Kind("办理质量抽查清单", inspection),
    "supervision": Kind("重点督办建议清单", supervision, compares=True),
    "vote": Kind("票决候选事项清单", vote, compares=True),
    "yearly": Kind("建议办理年度情况报告", yearly, compares=True, growth=True),
}
"""The kinds of reports."""

EARLIER = "上期-"
HISTORY = "以往"


def make(  # noqa: PLR0913 - what an office may ask for
    kind: str,
    cases: Sequence[Case],
    office: Office | None = None,
    catalogue: Catalogue | None = None,
    *,
    period: Timespan | None = None,
    previous: Timespan | Sequence[Case] | None = None,
    settings: Settings | None = None,
    suggested: Collection[str] = (),
    history: DuplicateIndex | None = None,
    sentence: SentenceEncoder | None = None,
    origin: Sequence[str] = (),
    progress: Progress | None = None,
    unseen: Unseen | None = None,
    apart: Apart | None = None,
) -> Report:
    """The report of a kind of `KINDS` on the cases whose day lies in the period, or on all of them.

    It is compared with `previous`: a period of the same cases, or other cases; without it, where both ends of the
    period are given, with the same days of the year before if any case is of then. Without a catalogue names are taken
    as they are written. `suggested` are the ids whose leads a model suggests. `history` and `sentence` are for the
    kinds that compare texts; of the ids of history those that `unseen` gives back are not told. `apart` is what people
    found of texts that look alike. `origin` are lines for the footer: where the cases come from.

    Raises InputError for an unknown kind, no cases, ids that come twice, a period that is empty or ends before it
    begins, and what a kind needs and the cases lack.
    """
    _known(kind)
    _check(cases)
    settings, office = settings or Settings(), office or Office()
    inside, notices, chosen = _inside(cases, period)
    before, previous_period, more = _previous(cases, inside, chosen, previous)
    repeats = Repeats(
        inside,
        before or (),
        history=history,
        sentence=sentence,
        progress=progress,
        growth=KINDS[kind].growth,
        unseen=unseen,
        apart=apart,
    )
    material = Material(
        cases=inside,
        before=before,
        period=chosen if period is not None else found_period(inside),
        previous=previous_period,
        office=office,
        catalogue=catalogue,
        names=Names(catalogue, office),
        settings=settings,
        repeats=repeats,
        on=settings.on or datetime.now().astimezone().date(),
        suggested=frozenset(suggested) & {case.suggestion.id for case in inside},
        notices=(*notices, *more),
        progress=progress,
    )
    made, past = _made(kind, material)
    return _report(kind, material, made, past, cases, (*origin, *_footer(kind, material, chosen), *made.footer))


def _made(kind: str, material: Material) -> tuple[Made, tuple[Case, ...]]:
    """The report's parts, and the earlier cases that they name."""
    try:
        made = KINDS[kind].make(material)
        return made, (*made.further, *(further(material) if kind == "conflicts" else ()))
    finally:
        material.repeats.close()


def empty(kind: str, office: Office | None = None, period: Timespan | None = None, said: str = "") -> Report:
    """What a report says where there is nothing to report on: that there is no case, or what is `said` instead. Raises
    InputError as `make`.
    """
    _known(kind)
    place, chosen = office or Office(), Timespan() if period is None else timespan(period.first, period.last)
    open_ended = chosen.first is None and chosen.last is None
    nothing = "没有可以统计的建议。" if open_ended else f"{chosen.words}没有来件，请换一个时段或放宽筛选条件。"
    title = f"{place.place}{'' if open_ended else chosen.words}{KINDS[kind].title}"
    rows = Table("附：来件一览", APPENDIX[:1], ())
    return Report(kind, title, place.name, chosen, (Section("说明", (notice(said or nothing),)),), (), rows)


def _report(
    kind: str, material: Material, made: Made, past: Sequence[Case], cases: Sequence[Case], footer: tuple[str, ...]
) -> Report:
    sections = made.sections
    if material.notices:
        sections = (*sections, Section("说明", material.notices))
    linked = set(_links(sections))
    outside = [case for case in cases if case.suggestion.id in linked]
    rows = appendix(material, ((HISTORY, past), ("未计入", outside)), linked)
    words = material.period.words if material.period.first or material.period.last else ""
    return Report(
        kind=kind,
        title=f"{material.office.place}{words}{KINDS[kind].title}",
        office=material.office.name,
        period=material.period,
        sections=sections,
        footer=footer,
        rows=rows,
    )


def _known(kind: str) -> None:
    if kind not in KINDS:
        raise InputError(f"kind {kind!r} is not known; allowed are {', '.join(KINDS)}.")


def _check(cases: Sequence[Case]) -> None:
    if not cases:
        raise InputError("there are no cases to report on.")
    seen: set[str] = set()
    for case in cases:
        name = case.suggestion.id
        if not name or name in seen:
            told = f"the id {name!r} stands twice" if name else "a case has no id"
            raise InputError(f"{told}; every case needs its own, as numbers link to rows by id.")
        seen.add(name)


def _inside(cases: Sequence[Case], period: Timespan | None) -> tuple[tuple[Case, ...], list[Sentence], Timespan]:
    """The cases of the period, and what must be said of the others."""
    chosen = Timespan() if period is None else timespan(period.first, period.last)
    split = within(cases, chosen)
    if not split.inside:
        found = found_period(cases)
        dates = f"their dates run from {found.first} to {found.last}" if found.first else "none of them has a date"
        raise InputError(
            f"none of the {len(cases)} cases lies in the period {_said(chosen)}: {dates}, {len(split.undated)} have no "
            "date. Choose another period, or fill in the dates."
        )
    notices = []
    if split.undated:
        notices.append(notice("有", counted(ids(split.undated)), "件没有日期，不能归入任何时段，未计入。"))
    if period is None:
        undated = [case for case in split.inside if case.suggestion.date is None]
        if undated and len(undated) < len(split.inside):
            notices.append(notice("有", counted(ids(undated)), "件没有日期，已计入总数。"))
    return split.inside, notices, chosen


def _said(period: Timespan) -> str:
    return f"from {period.first or 'the beginning'} to {period.last or 'the end'}"


def _previous(
    cases: Sequence[Case], inside: Sequence[Case], period: Timespan, previous: Timespan | Sequence[Case] | None
) -> tuple[tuple[Case, ...] | None, Timespan | None, list[Sentence]]:
    """The cases to compare with, their period, and what must be said of them."""
    here = {case.suggestion.id for case in inside}
    if previous is None:
        wanted = year_before(period)
        before = within(cases, wanted).inside if wanted is not None else ()
        if wanted is None or not before:
            said = [notice(f"没有{wanted.words}的来件，不作比较。")] if wanted is not None else []
            return None, None, said
        return before, wanted, []
    if isinstance(previous, Timespan):
        wanted = timespan(previous.first, previous.last)
        before = within(cases, wanted).inside
        if not before:
            raise InputError(f"no case lies in the period to compare with, {_said(wanted)}. Choose another.")
        both = [case.suggestion.id for case in before if case.suggestion.id in here]
        if both:
            raise InputError(
                f"the period to compare with, {_said(wanted)}, overlaps that of the report: {len(both)} cases are in "
                f"both, the first is {both[0]!r}. Choose two that do not overlap."
            )
        return before, wanted, []
    if not previous:
        raise InputError("there are no cases to compare with.")
    everywhere = {case.suggestion.id for case in cases}
    own = tuple(_renamed(case, everywhere) for case in previous)
    _check(own)
    return own, found_period(own), []


def _renamed(case: Case, taken: Collection[str]) -> Case:
    """The case under an id that no case of the file has: files number their rows alike."""
    if case.suggestion.id not in taken:
        return case
    return replace(case, suggestion=replace(case.suggestion, id=f"{EARLIER}{case.suggestion.id}"))


def _links(sections: Sequence[Section]) -> Iterator[str]:
    for section in sections:
        for sentence in section.sentences:
            for link in sentence.links:
                yield from link.rows
        for table in section.tables:
            for row in table.links:
                for cell in row:
                    yield from cell


def _footer(kind: str, material: Material, chosen: Timespan) -> tuple[str, ...]:
    """What brings the report out again, beside what the caller says of the files."""
    import triage

    settings, period, previous = material.settings, material.period, material.previous
    lines = [f"报告种类：{kind}；时段：{period.words}（{days_told(chosen)}），{len(material.cases)}件"]
    if previous is not None and material.before is not None:
        lines.append(f"上期：{previous.words}（{days_told(previous)}），{len(material.before)}件")
    lines.append(f"截至日期：{material.on.isoformat()}；来件指纹：{_digest(material.cases)}")
    if kind == "workload":
        lines.append(f"偏重提示：主办占比超过{settings.above:.1%}")
    if KINDS[kind].compares:
        compared = "语义与文字" if material.repeats.with_encoder else "只比文字"
        history = "，含以往来件" if material.repeats.with_history else ""
        few = f"，每件与最相近的{FEW}件细比" if material.repeats.many else ""
        lines.append(f"来件比较：{compared}{history}{few}；热点至少{settings.least}件；清单最多{settings.most}项")
    names = "按单位目录" if material.catalogue is not None else "按原文（没有给出单位目录）"
    lines.append(f"单位与类别名称：{names}；程序版本：{triage.__version__}")
    return tuple(lines)


def _digest(cases: Sequence[Case]) -> str:
    """Twelve digits that change when a case of the period does."""
    told = "\n".join(sorted(repr(case) for case in cases))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:12]
