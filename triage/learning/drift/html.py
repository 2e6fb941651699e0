"""The drift report as one self-contained page: the picture, and every figure beneath."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from triage.learning.drift.picture import picture
from triage.learning.drift.report import KINDS, VERDICTS, DriftReport

STYLE = """
body{font-family:'Noto Sans SC','Microsoft YaHei','PingFang SC',sans-serif;color:#1f2328;line-height:1.6;
max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:1rem 0}td,th{border:1px solid #d0d7de;padding:.25rem .6rem;text-align:left}
th{background:#f6f8fa}svg{max-width:100%;height:auto}.english{color:#656d76}
"""


def html(report: DriftReport) -> str:
    """One page without a script and without anything from elsewhere."""
    chinese, english = VERDICTS[report.verdict]
    parts = [f"<h1>变化检查：{chinese}</h1>", f'<p class="english">{english}</p>', picture(report)]
    if report.findings:
        parts.append("<h2>理由与做法</h2><ul>")
        for one in report.findings:
            told = f"<b>{VERDICTS[one.level][0]}</b>：{escape(one.chinese)}<br>做法：{escape(one.advice)}"
            also = escape(f"{one.english} {one.advice_english}")
            parts.append(f'<li>{told}<br><span class="english">{also}</span></li>')
        parts.append("</ul>")
    head = ("指标", "以往", "现在", "变化幅度", "偶然幅度", "p", "判断", "方法")
    rows: list[Sequence[str]] = [
        (
            one.chinese,
            "" if one.past is None else f"{one.past:.3f}",
            "" if one.new is None else f"{one.new:.3f}",
            f"{one.effect:.3f}",
            f"{one.chance:.3f}",
            f"{one.p:.4f}",
            VERDICTS[one.level][0],
            one.method,
        )
        for one in report.measures
    ]
    parts += _table("各项指标", head, rows)
    for title, table in (("类别", report.topics), ("主办单位（模型所答）", report.units), ("来源", report.sources)):
        listed = [
            (row.name, str(row.past), str(row.new), f"{row.past_share:.1%}", f"{row.new_share:.1%}", f"{row.p:.4f}")
            for row in table
        ]
        parts += _table(title, ("名称", "以往", "现在", "以往占比", "现在占比", "p"), listed)
    shares = [
        (row.unit, f"{row.taught:.1%}", f"{row.estimated:.1%}", f"{row.low:.1%}–{row.high:.1%}")
        for row in report.unit_shares
    ]
    parts += _table("各单位份额估计", ("单位", "训练时", "现在（估计）", "95% 区间"), shares)
    words = [
        (one.word, KINDS[one.kind], f"{one.now}/{one.now_texts}", f"{one.past}/{one.past_texts}", f"{one.times:.1f}")
        for one in report.words
    ]
    parts += _table("新出现或明显增多的词", ("词", "种类", "现在", "以往", "倍数"), words)
    parts += [f"<p>{escape(notice)}</p>" for notice in report.notices]
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>变化检查：{chinese}</title>'
        f"<style>{STYLE}</style></head><body>\n{body}\n</body></html>\n"
    )


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    listed = ["<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows]
    if not listed:
        return []
    names = "".join(f"<th>{name}</th>" for name in head)
    return [f"<h2>{title}</h2><table><tr>{names}</tr>", *listed, "</table>"]
