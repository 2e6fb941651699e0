"""From figures to words: which changes matter, what they mean, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from triage.learning.drift.report import DriftReport, Finding, Measure, Row, Verdict

LEVEL = 0.01
"""The probability of telling any change at all where there is none, over all measures together."""
ROWS_LEVEL = 0.02
"""At most this share of the topics, units and sources that are told changed by chance."""
NEVER = 2.0
"""No effect is as large: such a measure alone never means to train again."""

LIMITS: dict[str, tuple[float, float]] = {
    "meaning": (0.65, 0.85),
    "topics": (0.10, 0.30),
    "units": (0.10, 0.30),
    "sources": (0.20, NEVER),
    "certainty": (0.15, 0.35),
    "novelty": (0.15, 0.40),
    "length": (0.20, NEVER),
    "low_certainty": (0.10, 0.25),
    "suggest": (0.10, 0.25),
    "confidential": (0.10, NEVER),
    "unreadable": (0.05, NEVER),
    "vocabulary": (0.05, 0.15),
    "category": (0.05, NEVER),
    "word": (0.05, NEVER),
    "accuracy": (0.05, 0.10),
}
"""From which effect on a real change needs attention, and from which the model should be trained again.

Chosen by what they mean for a clerk (one text in ten is filed elsewhere; three, or eight, more of a hundred leads are
wrong), then held against halves of one set, where they must be silent, and against other months, bodies and places.
"""

_ADVICE: dict[str, tuple[str, str]] = {
    "meaning": (
        "抽看几件新文本，确认是否换了文体、渠道或地方；用 triage next 挑出要标注的，确定单位后并入训练。",
        "Read some of the new texts: another kind, channel or place? Label what `triage next` chooses and train.",
    ),
    "topics": (
        "核对变化最大的类别；新热点要补充标注，长期消失的类别不必处理。",
        "Look at the topics that changed most; label cases of the new ones.",
    ),
    "units": (
        "核对变化最大的单位：是事情变了，还是机构或分工变了；分工变了要先改单位目录。",
        "Look at the units that changed most: other matters, or a reorganisation? Mend the catalogue first.",
    ),
    "sources": (
        "分来源评估（triage evaluate），新来源先补一批标注。",
        "Evaluate by source; label some texts of the new source first.",
    ),
    "certainty": (
        "用 triage next 挑选最没有把握的一批标注，再训练。",
        "Label the least certain ones (`triage next`) and train again.",
    ),
    "novelty": (
        "新文本与先例相差较远：补充近期案件作为先例。",
        "The new texts are far from the precedents: add recent cases.",
    ),
    "length": (
        "看看是否只导入了标题，或混入了别的文件；来源如此则不必处理。",
        "Were only titles imported, or another file? If that is how they come, nothing is to be done.",
    ),
    "unreadable": (
        "检查导入：编码、列名、扫描件或外文。",
        "Check the import: encoding, columns, scans, other languages.",
    ),
    "confidential": ("核对保密标记是否填对。", "Check whether the mark of confidential texts is set rightly."),
    "vocabulary": (
        "看下面列出的新词；是新地名、新政策名的，补充近期案件后重新训练。",
        "See the new words below; for new places and policies add recent cases and train again.",
    ),
    "word": (
        "确认这些地名、名称是什么；需要时写入目录（辖区、别名），并标注几件相关建议。",
        "Find out what they are; add them to the catalogue where needed, and label some of these texts.",
    ),
    "accuracy": (
        "标注 triage next 所选的一批（含随机部分），先用 triage evaluate 核实，再重新训练。",
        "Label what `triage next` chooses with its random part, verify with `triage evaluate`, train again.",
    ),
}
_ADVICE |= {"low_certainty": _ADVICE["certainty"], "suggest": _ADVICE["certainty"]}
_FALLING = frozenset({"suggest"})
"""Shares whose fall alone is bad news …"""
_RISING = frozenset({"low_certainty", "unreadable"})
"""… and those whose rise is."""


def judged(report: DriftReport, least: int) -> DriftReport:
    """The report with the level of each measure, its findings and the verdict; with fewer than `least` texts on a
    side, UNKNOWN.
    """
    if min(report.past["texts"], report.new["texts"]) < least:
        return replace(report, verdict=Verdict.UNKNOWN, findings=(_too_few(report, least),))
    measures = tuple(replace(one, level=_level(one)) for one in report.measures)
    report = replace(report, measures=measures)
    findings = sorted(_findings(report), key=lambda one: one.level is not Verdict.RETRAIN)
    levels = {one.level for one in findings}
    verdict = next((level for level in (Verdict.RETRAIN, Verdict.ATTEND) if level in levels), Verdict.NONE)
    return replace(report, verdict=verdict, findings=tuple(findings))


def _too_few(report: DriftReport, least: int) -> Finding:
    past, new = report.past["texts"], report.new["texts"]
    return Finding(
        "too_few",
        Verdict.UNKNOWN,
        f"可读的新文本 {new} 件、对照 {past} 件，每边至少要 {least} 件，才能把变化与偶然区分开。",
        f"{new} readable new texts against {past}: each side needs {least} before a change can be told from chance.",
        "攒够了再查，或把几批合在一起。",
        "Wait for more, or check several batches together.",
    )


def _level(measure: Measure) -> Verdict:
    if not measure.real or measure.name not in LIMITS:
        return Verdict.NONE
    if measure.past is not None and measure.new is not None:
        risen = measure.new > measure.past
        if (measure.name in _FALLING and risen) or (measure.name in _RISING and not risen):
            return Verdict.NONE
    return _graded(measure.name, measure.effect)


def _graded(name: str, effect: float) -> Verdict:
    attend, retrain = LIMITS[name]
    return Verdict.RETRAIN if effect >= retrain else Verdict.ATTEND if effect >= attend else Verdict.NONE


def _findings(report: DriftReport) -> Iterator[Finding]:
    yield from _about_accuracy(report)
    tables = {"topics": report.topics, "units": report.units, "sources": report.sources}
    for measure in report.measures:
        rows = [row for row in tables.get(measure.name, ()) if row.real]
        large = [row for row in rows if abs(row.new_share - row.past_share) >= LIMITS["category"][0]]
        if measure.level is not Verdict.NONE or large:
            level = measure.level if measure.level is not Verdict.NONE else Verdict.ATTEND
            chinese, english = _told(measure, rows)
            yield Finding(measure.name, level, chinese, english, *_ADVICE[measure.name])
    yield from _about_words(report)


def _told(measure: Measure, rows: list[Row]) -> tuple[str, str]:
    """What one measure found, in both languages."""
    figures = f"（p={measure.p:.4f}）。"
    if measure.name == "meaning":
        low, high = measure.interval or (measure.effect, measure.effect)
        chinese = f"新旧文本能被区分开：AUC {measure.effect:.2f}（95% 区间 {low:.2f}–{high:.2f}，0.5 为分不开）"
        english = f"New and past texts can be told apart: AUC {measure.effect:.2f} ({low:.2f} to {high:.2f})"
        return chinese + figures, f"{english} (p={measure.p:.4f})."
    if measure.name in ("topics", "units", "sources"):
        return _told_of_rows(measure, rows)
    past, new = measure.past or 0.0, measure.new or 0.0
    plain = measure.name == "length"
    span = f"{past:.0f} → {new:.0f}" if plain else f"{past:.0%} → {new:.0%}"
    kind = "中位数" if measure.name in ("certainty", "novelty", "length") else ""
    kind_english = "Median " if kind else ""
    chinese = f"{measure.chinese}{kind}由 {span.replace('→', '变为')}"
    return chinese + figures, f"{kind_english}{measure.english}: {span} (p={measure.p:.4f})."


def _told_of_rows(measure: Measure, rows: list[Row]) -> tuple[str, str]:
    """A distribution that changed as a whole, or only some of its rows."""
    named = "；".join(f"{row.name} {row.past_share:.0%}→{row.new_share:.0%}（p={row.p:.4f}）" for row in rows[:4])
    english = "; ".join(f"{row.name} {row.past_share:.0%} → {row.new_share:.0%} (p={row.p:.4f})" for row in rows[:4])
    if measure.level is Verdict.NONE:
        return f"有的{measure.chinese}明显变了：{named}。", f"Some {measure.english} changed: {english}."
    more = f"，其中 {named}" if named else ""
    also = f": {english}" if english else ""
    chinese = (
        f"{measure.chinese}分布变了：超出偶然约有 {measure.effect:.0%} 的文本归到了别处（p={measure.p:.4f}）{more}。"
    )
    share = f"{measure.effect:.0%} of the texts beyond chance are filed elsewhere (p={measure.p:.4f})"
    return chinese, f"The {measure.english} changed: {share}{also}."


def _about_accuracy(report: DriftReport) -> Iterator[Finding]:
    found = report.accuracy
    attend, retrain = LIMITS["accuracy"]
    # Held-out answers are a little surer than those to come, because the unit of a held-out case is always known: a
    # fall counts when it is surely larger than that.
    if found is None or found.drop_low < attend:
        return
    level = Verdict.RETRAIN if found.drop >= retrain else Verdict.ATTEND
    yield Finding(
        "accuracy",
        level,
        f"首选单位的预计正确率由 {found.past:.0%} 降到 {found.expected:.0%}"
        f"（95% 区间 {found.low:.0%}–{found.high:.0%}）。",
        f"Expected accuracy of the first lead: {found.past:.0%} → {found.expected:.0%} "
        f"({found.low:.0%} to {found.high:.0%}).",
        *_ADVICE["accuracy"],
    )


def _about_words(report: DriftReport) -> Iterator[Finding]:
    flood = [one for one in report.words if one.share >= LIMITS["word"][0] and one.times >= 3]
    if not flood:
        return
    named = "、".join(f"{one.word}（{one.now} 件，以往 {one.past} 件）" for one in flood[:6])
    english = ", ".join(f"{one.word} ({one.now} texts, {one.past} before)" for one in flood[:6])
    more = f"等 {len(flood)} 个" if len(flood) > 6 else ""
    yield Finding(
        "word",
        Verdict.ATTEND,
        f"以往没有或少见、现在集中出现：{named}{more}。",
        f"New or much more frequent: {english}{f' and {len(flood) - 6} more' if len(flood) > 6 else ''}.",
        *_ADVICE["word"],
    )
