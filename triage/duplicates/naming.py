"""What a topic is called: a phrase of its own titles, frequent inside and rare outside.

A word weighs its share of the Kullback-Leibler divergence between topic and rest: p · log(p / q), p the share of the
topic's texts with the word, q that of all others, both smoothed by half a text. It is class-based TF-IDF (Grootendorst,
"BERTopic", 2022) with the topic's own texts left out of the background, so that a topic of half the batch still finds
its words. Log odds with an informative Dirichlet prior (Monroe, Colaresi & Quinn, "Fightin' Words", 2008) were weighed
against it: with a prior as thin as a rare word's, the variance of words that occur nowhere else drowns them, and those
are the words a name is made of.

The name is the run of words in the titles with the largest (weights of its words) · (share of titles that have it).
Where titles share no run, the heaviest words stand side by side. A reader knows a phrase; three words must be guessed.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

from triage.text import Segmenter, normalize, strip_body, strip_title

MAX_WORDS = 8
"""As many words as a topic is described with."""

MAX_NAME = 14
"""Characters of a phrase: more does not fit beside a bar."""

_MAX_RUN = 6
_MAX_TITLES = 200
_OPENING = 60  # characters of a letter without a title
_LEAST_SHARE = 1 / 3  # of the titles must have the phrase
_FAINT = 0.01  # what tells a topic from no other still names it where nothing else does
_BESIDE = 0.4  # a word stands in a name of words if it weighs this share of the heaviest
_CONTENT = re.compile(r"[一-鿿㐀-䶿A-Za-z]")
_NUMBER = re.compile(r"[\d.%〇一二三四五六七八九十百千万亿两]+[年月日号元个件次条名位户]?")

# Words that stand in the texts of every topic and name none. Few are needed: the rest weigh little by themselves.
STOP_WORDS = frozenset(
    """
    建议 提案 议案 意见 提议 请求 诉求 申请 反映 反应 反馈 咨询 投诉 举报 求助 呼吁 希望 要求 恳请 恳求 期望 期盼
    盼望 问题 情况 事项 事情 事宜 工作 方面 措施 办法 对策 力度 作用 现象 原因 内容 方式 过程 意义 影响 需求 进行
    开展 实施 落实 加强 加快 加大 推进 推动 促进 完善 健全 提升 提高 优化 改善 改进 解决 处理 做好 搞好 增强 强化
    深化 规范 尽快 尽早 及时 切实 进一步 积极 认真 充分 全面 有效 大力 不断 继续 逐步 严格 重视 关注 支持 注意 考虑
    给予 予以 确保 保障 协调 帮助 相关 有关 部门 单位 政府 领导 机关 人员 市民 群众 百姓 老百姓 大家 我们 你们 他们
    咱们 自己 本人 有人 人们 代表 委员 目前 现在 当前 近年 近年来 近期 最近 今年 去年 以来 之前 之后 以后 以前 时候
    时间 期间 长期 经常 一直 已经 至今 每天 每年 存在 出现 发现 造成 导致 引起 产生 使得 成为 属于 具有 没有 无法
    不能 不是 不会 不到 不要 需要 应该 应当 必须 可以 能够 可能 能否 可否 是否 如何 怎么 怎样 什么 为什么 为何 何时
    多少 哪里 这个 那个 这些 那些 这样 那样 这里 那里 一些 一个 一种 一定 一下 一点 几个 几点 许多 很多 大量 部分
    其他 其它 所有 各种 各类 多个 非常 十分 特别 比较 更加 越来越 严重 较大 明显 由于 因为 所以 因此 如果 虽然 但是
    而且 并且 或者 以及 还有 同时 对于 关于 有关于 根据 按照 通过 为了 随着 其中 另外 此外 尊敬 您好 你好 谢谢 感谢
    若干 方案 计划 设想 思考 看法 想法 合理 合理化 妥善 依法 早日 彻底 的 了 在 是 和 与 及 或 等 对 为 从 向 把 被
    给 让 将 就 以 由 到 于 之 其 这 那 我 你 他 她 它 您 们 不 没 无 未 都 也 还 很 太 更 最 又 再 才 只 但 而 且
    则 若 因 上 下 中 内 外 前 后 里 间 时 个 位 处 条 件 次 名 年 月 日 号 元 所 该 各 每 某 本 有 请 要 想 能 会
    可 应 须 说 做 来 去 着 过 地 得 吗 呢 吧 啊 多 几 两 一 二 三 四 五 六 七 八 九 十
    """.split()
)


@cache
def _segmenter() -> Segmenter:
    return Segmenter()  # loads at its first cut


@dataclass(frozen=True, slots=True)
class Name:
    """What a topic is called, and its telling words with their weights, heaviest first."""

    text: str
    words: tuple[tuple[str, float], ...]


class TopicNamer:
    """Names topics of one batch.

    `words` holds the content words of each text, `titles` its title; a text without one is read by its opening, which
    `texts` gives. Only texts that may be quoted belong here: a confidential one must not be handed in at all.
    """

    def __init__(self, words: Sequence[Collection[str]], titles: Sequence[str], texts: Sequence[str]) -> None:
        self._words = words
        self._titles = titles
        self._texts = texts
        self._frequency: Counter[str] = Counter()
        for found in words:
            self._frequency.update(set(found))

    def name(self, members: Sequence[int]) -> Name:
        """The name of the topic that these texts are (positions; the most typical first). "" if they have no words."""
        weights = self._weights(members)
        runs = [self._runs(member) for member in members[:_MAX_TITLES]]
        ranked = sorted(weights, key=lambda word: (-weights[word], word))
        telling = list(islice((word for word in ranked if len(word) > 1 and _tells(word)), MAX_WORDS))
        described = tuple((word, round(weights[word], 4)) for word in telling)
        return Name(_phrase(runs, weights) or _side_by_side(runs, telling, weights), described)

    def _weights(self, members: Sequence[int]) -> dict[str, float]:
        counts: Counter[str] = Counter()
        for member in members:
            counts.update(set(self._words[member]))
        inside, outside = len(members), len(self._words) - len(members)
        weights: dict[str, float] = {}
        for word, count in counts.items():
            share = (count + 0.5) / (inside + 1)
            elsewhere = (self._frequency[word] - count + 0.5) / (outside + 1)
            if word not in STOP_WORDS:
                weights[word] = count / inside * max(math.log(share / elsewhere), _FAINT)
        return weights

    def _runs(self, member: int) -> list[list[str]]:
        """The words of a title, or of a letter's opening, between its marks."""
        title = self._titles[member].strip()
        line = strip_title(normalize(title).text) if title else strip_body(normalize(self._texts[member][:400]).text)
        runs: list[list[str]] = [[]]
        for piece in _segmenter().cut(line[:_OPENING]):
            # A long number is somebody's, and names no topic.
            if _CONTENT.search(piece) or (len(piece) <= 4 and _NUMBER.fullmatch(piece)):
                runs[-1].append(piece)
            else:
                runs.append([])
        return [run for run in runs if run]


def _tells(word: str) -> bool:
    """Whether a word may open or close a name."""
    return word not in STOP_WORDS and bool(_CONTENT.search(word)) and not _NUMBER.fullmatch(word)


def _candidates(runs: list[list[str]]) -> Iterator[tuple[str, ...]]:
    for run in runs:
        for start in range(len(run)):
            # 2路公交站: a number may open a name, but not close it.
            if run[start] in STOP_WORDS:
                continue
            for end in range(start + 1, min(start + _MAX_RUN, len(run)) + 1):
                phrase = tuple(run[start:end])
                length = sum(map(len, phrase))
                if length > MAX_NAME:
                    break
                if length > 2 and _tells(phrase[-1]):
                    yield phrase


def _phrase(titles: list[list[list[str]]], weights: dict[str, float]) -> str:
    """The run of words that says most about most titles; "" if none is shared by enough of them."""
    counts: Counter[tuple[str, ...]] = Counter()
    for runs in titles:
        counts.update(set(_candidates(runs)))
    least = max(min(2, len(titles)), _LEAST_SHARE * len(titles))
    scored = [
        (round(count * sum(weights.get(word, 0.0) for word in set(phrase)), 6), len("".join(phrase)), phrase)
        for phrase, count in counts.items()
        if count >= least
    ]
    score, _, phrase = max(scored, default=(0.0, 0, ()))
    return "".join(phrase) if score > 0 else ""


def _side_by_side(titles: list[list[list[str]]], telling: list[str], weights: dict[str, float]) -> str:
    """Two to four of the heaviest words, in the order in which titles have them."""
    chosen: list[str] = []
    for word in telling:
        if len(chosen) == 4 or (len(chosen) >= 2 and weights[word] < _BESIDE * weights[telling[0]]):
            break
        if not any(word in other or other in word for other in chosen):
            chosen.append(word)
    places: dict[str, list[int]] = {word: [] for word in chosen}
    for runs in titles:
        title = "".join("".join(run) for run in runs)
        for word in chosen:
            if (at := title.find(word)) >= 0:
                places[word].append(at)
    order = {word: sum(found) / len(found) if found else math.inf for word, found in places.items()}
    return " ".join(sorted(chosen, key=lambda word: order[word]))
