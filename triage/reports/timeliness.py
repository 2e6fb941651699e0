"""The part of a report about replies in time."""

from __future__ import annotations

from triage.reports.counting import tally, tally_chart, tally_table
from triage.reports.material import Material
from triage.reports.replies import IN_TIME, LATE, OVERDUE, REPLIED, replied, untold
from triage.reports.report import Section, Sentence
from triage.reports.telling import counted, joined, notice, part_of, sentence


def timeliness(material: Material) -> Section:
    """How many were replied to in time, late, or are overdue, by the office's deadlines on the day of the report."""
    title = "答复时限"
    counts = tally("答复情况", material, lambda case: [replied(material, case)], order=REPLIED)
    told: list[Sentence] = []
    if counts.told:
        known = tuple(row for rows in counts.now.values() for row in rows)
        done = (*counts.of(IN_TIME), *counts.of(LATE), *counts.of(OVERDUE))
        opening = f"截至{material.on.year}年{material.on.month}月{material.on.day}日，能判断时限的"
        parts = [(name, counted(rows), "件") for name, rows in counts.now.items() if rows]
        told.append(sentence(opening, counted(known), "件，其中", *joined(parts, "、"), "。"))
        if done:
            told.append(
                sentence("应当答复的", counted(done), "件，按期答复率", part_of(counts.of(IN_TIME), len(done)), "。")
            )
    missing = untold(material)
    if counts.told or any(one.why != "没有交办日期" for one in missing):
        told += [notice("有", counted(one.rows), f"件{one.why}，不能判断是否按期。") for one in missing]
    if not counts.told:
        if not told:
            told.append(notice("文件没有交办日期（handed_out），不能判断是否按期答复。"))
        return Section(title, tuple(told))
    return Section(title, tuple(told), (tally_table(counts, title),), (tally_chart(counts, title),))
