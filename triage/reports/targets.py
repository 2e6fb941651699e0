"""Fields that suggestions are expected from, and what came: 「营商环境建议少」."""

from __future__ import annotations

import math

from triage.catalogue import Target
from triage.records import Case
from triage.reports.material import Made, Material
from triage.reports.report import Cell, Chart, Form, Section, Sentence, Table
from triage.reports.telling import counted, ids, notice, part_of, sentence, title_of
from triage.text.characters import fold_width

WHY_TOPIC, WHY_WORD = "类别", "词语"


def targets(material: Material) -> Made:
    """Each target of the office: what is expected, what came, and which texts."""
    office = material.office
    if not office.targets:
        told = notice(
            "本单位没有设定目标领域：在单位目录的 office.toml 中用 [[targets]] 写明名称、类别、词语和应有件数。"
        )
        return Made((Section("目标领域", (told,)),))
    found = {target.name: _found(material, target) for target in office.targets}
    sections = [
        Section(
            "目标领域",
            tuple(_sentence(material, target, found[target.name]) for target in office.targets) + _notices(material),
            (_summary(material, found),),
            (_chart(material, found),),
        )
    ]
    sections += [_texts(target, found[target.name]) for target in office.targets if found[target.name]]
    return Made(tuple(sections))


def expected(target: Target, whole: int) -> int:
    """How many suggestions are expected at least: the count, or the share of all, rounded up."""
    # A share of 0.07 times 100 is 7.000000000000001: what is one part in a million above a whole number is that number.
    return max(target.count, math.ceil(round(target.share * whole, 6)))


def _found(material: Material, target: Target) -> list[tuple[Case, str]]:
    """The cases that count for a target, and by what: a topic of its own or below one, or a word of its own."""
    wanted = {path for label in target.topics if (path := material.names.topic(label))}
    words = [fold_width(word).casefold() for word in target.words]
    found = []
    for case in material.cases:
        paths = material.names.topics(case)
        if any(path[: len(one)] == one for path in paths for one in wanted):
            found.append((case, WHY_TOPIC))
        elif words:
            text = fold_width(f"{case.suggestion.title}\n{case.suggestion.text}").casefold()
            if any(word in text for word in words):
                found.append((case, WHY_WORD))
    return found


def _sentence(material: Material, target: Target, found: list[tuple[Case, str]]) -> Sentence:
    rows, whole = ids([case for case, _ in found]), len(material.cases)
    least = expected(target, whole)
    wanted = f"{target.share * 100:g}%即{least}件" if target.share and least > target.count else f"{least}件"
    came = ("实收", counted(rows), "件（占", part_of(rows, whole), "）")
    if not least:
        return sentence(f"“{target.name}”没有设定应有件数，", *came, "。")
    gap = least - len(rows)
    end = f"，少{gap}件，偏少。" if gap > 0 else "，达到要求。"
    return sentence(f"“{target.name}”应不少于{wanted}，", *came, end)


def _notices(material: Material) -> tuple[Sentence, ...]:
    if any(target.topics for target in material.office.targets):
        without = [case for case in material.cases if not case.topics]
        if without:
            return (notice("有", counted(ids(without)), "件没有类别，只按词语判断是否属于目标领域。"),)
    return ()


def _summary(material: Material, found: dict[str, list[tuple[Case, str]]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    links = []
    for target in material.office.targets:
        cases = found[target.name]
        own = ids([case for case, _ in cases])
        by_topic = ids([case for case, why in cases if why == WHY_TOPIC])
        by_word = ids([case for case, why in cases if why == WHY_WORD])
        least = expected(target, len(material.cases))
        gap = max(least - len(own), 0) if least else None
        said = "未设定" if gap is None else "偏少" if gap else "达到"
        share = len(own) / len(material.cases)
        rows.append((target.name, least or None, len(own), share, len(by_topic), len(by_word), gap, said))
        links.append(((), (), own, own, by_topic, by_word, (), ()))
    header = ("目标领域", "应有件数", "实收件数", "占比", "按类别", "仅按词语", "缺口", "情况")
    forms: tuple[Form, ...] = ("text", "count", "count", "share", "count", "count", "count", "text")
    return Table("目标领域对照", header, tuple(rows), tuple(links), forms)


def _texts(target: Target, found: list[tuple[Case, str]]) -> Section:
    rows = [(case.suggestion.id, title_of(case), case.suggestion.source, why) for case, why in found]
    links = [((case.suggestion.id,), (), (), ()) for case, _ in found]
    header = ("编号", "标题", "来源", "依据")
    table = Table(f"{target.name}：来件", header, tuple(rows), tuple(links), widths=(14, 44, 10, 8))
    return Section(f"{target.name}：来件", (), (table,))


def _chart(material: Material, found: dict[str, list[tuple[Case, str]]]) -> Chart:
    named = material.office.targets
    return Chart(
        "目标领域对照",
        "bar",
        tuple(target.name for target in named),
        (
            ("应有", tuple(float(expected(target, len(material.cases))) for target in named)),
            ("实收", tuple(float(len(found[target.name])) for target in named)),
        ),
    )
