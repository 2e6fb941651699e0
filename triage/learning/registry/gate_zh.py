"""What the gate says, in Chinese: for the page on which a model is put into use.

The register keeps the English sentences, and those of years ago should be read in Chinese as well; so the sentences
themselves are translated, each kind by a pattern of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable

FIGURES: dict[str, str] = {
    "lead_top_1": "第一个单位对的",
    "lead_top_3": "前三个里有对的",
    "lead_top_5": "前五个里有对的",
    "co_recall_3": "会办单位前三个里找到的",
    "co_recall_5": "会办单位前五个里找到的",
    "co_recall_10": "会办单位前十个里找到的",
    "topic_macro_f1": "类别（各类平均）",
    "topic_accuracy": "类别对的",
    "lead_calibration_error": "把握与实际的差距",
    "suggest_coverage": "能“建议交办”的",
    "suggest_accuracy": "“建议交办”里对的",
}
"""What a clerk calls the figures of a comparison."""


def in_chinese(sentence: str) -> str:
    """An objection or a remark of the gate in Chinese; a sentence of another kind as it is."""
    for pattern, told in _KINDS:
        if match := pattern.fullmatch(sentence):
            return told(match)
    return sentence


def _percent(value: str, digits: int = 1) -> str:
    return f"{float(value) * 100:.{digits}f}"


def _names(listed: str) -> str:
    """Names as the gate lists them; the rest is counted."""
    names, _, more = listed.partition(" and ")
    return f"{names}，另有{more.removesuffix(' more')}个" if more else names


def _worse(match: re.Match[str]) -> str:
    figure, earlier, later, low, high = match.groups()
    gap = f"相差{_percent(low)}到{_percent(high)}个百分点"
    return f"{FIGURES.get(figure, figure)}变差了：{_percent(earlier)}% → {_percent(later)}%，{gap}"


_NUMBER = r"([+-]?\d+(?:\.\d+)?)"
_KINDS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(rf"(\w+) is worse: {_NUMBER} → {_NUMBER}, a difference of {_NUMBER} to {_NUMBER}"), _worse),
    (
        re.compile(r"(\d+) units can no longer be answered, and nobody who took over their work: (.+)"),
        lambda match: f"有{match[1]}个单位再也答不出来，承接它们的也答不出：{_names(match[2])}",
    ),
    (
        re.compile(
            r"left out: (\d+) of the cases; (\d+) of them or their copies are among those that the earlier model "
            r"learned from, (\d+) among the later model's"
        ),
        lambda match: f"有{match[1]}件没有拿来比：{match[2]}件是旧模型学过的，{match[3]}件是新模型学过的",
    ),
    (
        re.compile(
            r"(\d+) cases are too few to tell: a difference of the first lead below ([\d.]+)% would not have shown; "
            r"for (\d+)% about ([\d,]+) are needed"
        ),
        lambda match: (
            f"{match[1]}件太少，说不准：第一个单位相差不到{match[2]}个百分点就看不出来；"
            f"要看出{match[3]}个百分点，约需{match[4]}件"
        ),
    ),
    (
        re.compile(r"units whose cases are surely found less often: (.+)"),
        lambda match: f"这些单位的件确实更难找对了：{_names(match[1])}",
    ),
    (
        re.compile(r"(\d+) units are carried on by others: (.+)"),
        lambda match: f"有{match[1]}个单位由别的单位承接：{_names(match[2]).replace(' → ', '→')}",
    ),
    (re.compile(r"(\d+) units are new: (.+)"), lambda match: f"有{match[1]}个新单位：{_names(match[2])}"),
    (
        re.compile(r"it was not compared with the model in use; give handled cases with --cases FILE"),
        lambda _: "没有和现在的模型比过：系统里还没有可以拿来比的、已经交办的建议",
    ),
    (
        re.compile(r"it cannot be compared, as the model in use cannot be opened \(.*\)", re.DOTALL),
        lambda _: "没法比：现在的模型打不开",
    ),
    (
        re.compile(
            r"nothing to compare on: of (\d+) cases (\d+) are among those that one of the models learned from, and "
            r"none of the other (\d+) has a lead\. Give later handled cases\."
        ),
        lambda match: (
            f"没有可以拿来比的：{match[1]}件里有{match[2]}件是其中一个模型学过的，其余{match[3]}件没有主办单位。"
            "等再办一些新的建议再比"
        ),
    ),
)
