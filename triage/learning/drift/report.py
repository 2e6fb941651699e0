"""What is told about drift: a verdict with its reasons, the measures behind it, and tables to look closer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from triage.learning.drift.accuracy import Expected
from triage.learning.drift.words import Emerging


class Verdict(StrEnum):
    """What the figures say, mildest first. UNKNOWN: too few texts to tell a change from chance."""

    NONE = "none"
    ATTEND = "attend"
    RETRAIN = "retrain"
    UNKNOWN = "unknown"


VERDICTS: dict[Verdict, tuple[str, str]] = {
    Verdict.NONE: ("无明显变化", "no clear change"),
    Verdict.ATTEND: ("需留意", "needs attention"),
    Verdict.RETRAIN: ("应重训", "train again"),
    Verdict.UNKNOWN: ("件数太少，无法判断", "too few texts to tell"),
}
"""In Chinese and in English."""
KINDS = {"place": "地名", "name": "名称", "word": "词语"}
"""What a word is that grew, in Chinese."""
ROWS = 25
"""Rows of a table in Markdown; the JSON and the page have all."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One comparison of the past with the new texts.

    `past` and `new` are its plain figures (a share, a median …; None where there is no single one), `effect` how large
    the change is beyond `chance`, both between 0 and 1, `p` how probable it would be without any change. `real`: it
    holds with all measures tested together. `level` is what it alone would say; `interval` that of `effect`, if known.
    """

    name: str
    chinese: str
    english: str
    past: float | None
    new: float | None
    effect: float
    chance: float
    p: float
    real: bool
    level: Verdict
    method: str
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One topic, unit or source: how many of the past and of the new texts; `real`: it changed beyond chance."""

    name: str
    past: int
    new: int
    past_share: float
    new_share: float
    p: float
    real: bool


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit's share of the leads as it was taught and as it is estimated for the new texts, with its interval."""

    unit: str
    taught: float
    estimated: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason for the verdict: what changed, by how much, what to do; in both languages."""

    code: str
    level: Verdict
    chinese: str
    english: str
    advice: str
    advice_english: str


@dataclass(frozen=True, slots=True)
class DriftReport:
    """Whether new texts are like the past ones. `past` and `new` say how many texts and how many could not be read."""

    verdict: Verdict
    reference: str
    model: str
    past: dict[str, int]
    new: dict[str, int]
    findings: tuple[Finding, ...] = ()
    measures: tuple[Measure, ...] = ()
    accuracy: Expected | None = None
    topics: tuple[Row, ...] = ()
    units: tuple[Row, ...] = ()
    sources: tuple[Row, ...] = ()
    unit_shares: tuple[UnitRow, ...] = ()
    words: tuple[Emerging, ...] = ()
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types; the verdict also in words."""
        chinese, english = VERDICTS[self.verdict]
        words = [{**asdict(one), "share": one.share, "times": one.times} for one in self.words]
        return {"verdict_chinese": chinese, "verdict_english": english, **asdict(self), "words": words}


def markdown(report: DriftReport) -> str:
    """The report for a reader, in Chinese with the English verdict beside it."""
    chinese, english = VERDICTS[report.verdict]
    past, new = report.past, report.new
    lines = [
        f"# 变化检查：{chinese}",
        "",
        f"*{english}*",
        "",
        f"新文本 {new['texts']} 件，另有 {new['unreadable']} 件无法阅读。",
        f"对照：{report.reference}，{past['texts']} 件。模型：{_cell(report.model)}。",
        "",
    ]
    if report.findings:
        lines += ["## 理由与做法", ""]
        for one in report.findings:
            lines.append(f"* **{VERDICTS[one.level][0]}**：{_cell(one.chinese)}**做法**：{_cell(one.advice)}")
            lines.append(f"  *{_cell(one.english)} {_cell(one.advice_english)}*")
        lines.append("")
    lines += _accuracy(report.accuracy)
    if report.measures:
        lines += [
            "## 各项指标",
            "",
            "| 指标 | 以往 | 现在 | 变化幅度 | 偶然幅度 | p | 判断 |",
            "|---|---|---|---|---|---|---|",
        ]
        lines += [
            f"| {one.chinese} | {_figure(one.past)} | {_figure(one.new)} | {one.effect:.3f} | {one.chance:.3f} "
            f"| {one.p:.4f} | {VERDICTS[one.level][0]} |"
            for one in report.measures
        ]
        lines.append("")
    for title, rows in (("类别", report.topics), ("主办单位（模型所答）", report.units), ("来源", report.sources)):
        lines += _table(title, rows)
    if report.unit_shares:
        lines += ["## 各单位份额估计", "", "| 单位 | 训练时 | 现在（估计） | 95% 区间 |", "|---|---|---|---|"]
        lines += [
            f"| {_cell(row.unit)} | {row.taught:.1%} | {row.estimated:.1%} | {row.low:.1%}–{row.high:.1%} |"
            for row in report.unit_shares
        ]
        lines.append("")
    if report.words:
        lines += ["## 新出现或明显增多的词", "", "| 词 | 种类 | 现在 | 以往 | 倍数 |", "|---|---|---|---|---|"]
        lines += [
            f"| {_cell(one.word)} | {KINDS[one.kind]} | {one.now}/{one.now_texts} | {one.past}/{one.past_texts} "
            f"| {one.times:.1f} |"
            for one in report.words
        ]
        lines.append("")
    if report.notices:
        lines += ["## 说明", "", *(f"* {_cell(notice)}" for notice in report.notices), ""]
    return "\n".join(lines)


def _accuracy(accuracy: Expected | None) -> list[str]:
    if accuracy is None:
        return []
    return [
        "## 预计正确率",
        "",
        f"首选单位正确率：以往（留出检验）{accuracy.past:.1%}，新文本预计 {accuracy.expected:.1%}",
        f"（95% 区间 {accuracy.low:.1%}–{accuracy.high:.1%}）。",
        "",
    ]


def _table(title: str, rows: tuple[Row, ...]) -> list[str]:
    if not rows:
        return []
    lines = [
        f"## {title}",
        "",
        "| 名称 | 以往 | 现在 | 以往占比 | 现在占比 | p | 超出偶然 |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows[:ROWS]:
        mark = "是" if row.real else ""
        shares = f"{row.past_share:.1%} | {row.new_share:.1%}"
        lines.append(f"| {_cell(row.name)} | {row.past} | {row.new} | {shares} | {row.p:.4f} | {mark} |")
    if len(rows) > ROWS:
        lines += ["", f"另有 {len(rows) - ROWS} 项未列出。"]
    return [*lines, ""]


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}" if abs(value) < 10 else f"{value:.0f}"


def _cell(text: str) -> str:
    """A name of a place's own, harmless in a table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")
