"""What is asked for: an action upon an object, 增设 + 公交站点."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from triage.text.actions import Actions, actions
from triage.text.numerals import Number
from triage.text.places import Place
from triage.text.segment import Token

_LONGEST_OBJECT = 8
_NEGATION = re.compile(
    r"(?:不要|不应该?|不得|不再|不能再?|不可|不宜|不准|不许|不该|停止|反对|暂缓|避免|杜绝|禁止|严禁|谨慎|别|勿|拒绝|不同意|不赞成|不支持|取消对?|请勿|切勿)"
    r"(?:再|随意|盲目|擅自|继续|在|对|将|把|其|进行|强制|强行|一刀切)?$"
)
_STATE = re.compile(r"(?:未|没有|没|尚未|从未|无|已经?|曾|刚刚?|正在|早已|缺少|缺乏)(?:能|曾|及时|再|按规定|进行)?$")
_END_OF_OBJECT = frozenset(
    "建议 提案 议案 意见 问题 工作 力度 步伐 进度 等 以 并 并且 以便 从而 来 为 让 使 于 对 在 给 由 后 时 前 及其 "
    "等等 情况 措施 方案 请求 诉求".split()
)
_SKIP = frozenset(
    "了 着 过 一 一些 一个 个 几 条 座 处 所 更 更多 新 老 新的 原 原有 现有 相关 有关 相应 必要 适当 部分 其 该 这 "
    "这些 此 全 我市 我县 我区 本市 一批 一定 进行 对 的".split()
)
_HOW = frozenset(
    "大力 着力 努力 切实 积极 优先 稳步 稳妥 全面 深入 不断 持续 加速 快速 科学 合理 严格 逐步 全力 有序 有效 "
    "规范化 可 可持续 高质量 健康".split()
)
"""How something is done, which is never the object: 大力 in 大力发展."""
_QUOTES = frozenset("“”‘’「」『』《》〈〉\"'")
_LINKS = frozenset(("和", "与", "及", "以及", "、", "或", "至", "到"))
_BEFORE_VERB = re.compile(
    r"(?:把|将|对|给)([^，。；、！？]{2,16}?)(?:进行|予以|加以|给予|全面|尽快|及时|统一|彻底|重新)?$"
)
_VERB_AND_OBJECT = re.compile("[修建装拆][路桥灯墙房楼校厂坝渠堤井站]")
_LIGHT = frozenset(
    "加大 加快 加快推进 推进 推动 促进 助力 启动 支持 增强 调整 加速 抓紧 早日 提前 落实 优化 加强 强化 实施 开展 "
    "做好 抓好 深化 注重 重视 关注".split()
)
"""Verbs that only push on what another says: 推进河道治理 asks for 治理."""
_ABSTRACT = frozenset(
    "时间 时长 费用 标准 水平 能力 制度 体系 机制 设施 设备 场所 人员 部门 条件 成本 质量 单位 资金 政策 "
    "资源 平台".split()
)
"""Nouns that a verb stands before as an attribute: 开放时间."""
_AGAINST = frozenset(("oppose", "slow_down", "forbid"))
_GIVEN = re.compile("给予|予以|加以|进行|实行|实施")
_SINGLE_VERB_TAGS = ("v", "vn", "vg")


@dataclass(frozen=True, slots=True)
class Ask:
    """An action class of ``asks.csv`` (add, remove, repair …), whether it is wanted (1) or not wanted (-1), of what.

    `object` is the head of what follows the verb, at most eight characters, or empty; `verb` is what the text says.
    `weight` as for places.
    """

    action: str
    polarity: int
    start: int
    end: int
    object: str = ""
    verb: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class _Hit:
    """A verb that was found: its first token, the token after it, the word, and an object within the same token."""

    index: int
    after: int
    verb: str
    inner: str = ""


def _verb_at(tokens: Sequence[Token], index: int, text: str, verbs: Actions) -> _Hit | None:
    """The longest verb that begins with this token and ends with one, or a verb within it (加装电梯, 修路)."""
    token = tokens[index]
    word = token.text
    if text[token.start] in verbs.first:
        best: _Hit | None = None
        for after in range(index + 1, len(tokens) + 1):
            end = tokens[after - 1].end
            if end - token.start > verbs.longest:
                break
            joined = text[token.start : end]
            if joined in verbs.classes and (len(joined) > 1 or token.tag.startswith(_SINGLE_VERB_TAGS)):
                best = _Hit(index, after, joined)
        if best is not None:
            return best
        if _VERB_AND_OBJECT.fullmatch(word):
            return _Hit(index, index + 1, word[0], word[1:])
        if len(word) > 3 and word[:2] in verbs.classes:
            return _Hit(index, index + 1, word[:2], word[2:])
    if len(word) > 3 and token.tag != "n" and word[-2:] in verbs.classes:
        return _Hit(index, index + 1, word[-2:], "" if word[:-2] in _HOW else word[:-2])
    return None


def _head(words: Sequence[str]) -> str:
    """The last words of a noun phrase, after its last 的: at most eight characters, unless one word has more."""
    head = ""
    for word in reversed(words):
        if head and (word == "的" or len(word) + len(head) > _LONGEST_OBJECT):
            break
        head = (word + head).removesuffix("的")
    return head.rpartition("的")[2][-_LONGEST_OBJECT:]


def _mask(length: int, spans: Iterable[Place | Number]) -> bytearray:
    """One byte a character, 1 where a place or a number stands."""
    mask = bytearray(length + 1)
    for span in spans:
        mask[span.start : span.end] = b"\1" * (span.end - span.start)
    return mask


def _ends_object(token: Token) -> bool:
    word = token.text
    return (
        word in _END_OF_OBJECT
        or word in _LINKS
        or (token.tag[:1] in tuple("pcdrx") and bool(token.tag) and token.known)
    )


def _object(tokens: Sequence[Token], after: int, taken: bytearray, verbs: Actions) -> str:
    """The object of a verb: the nouns after it up to the next sign or formula, without places and numbers.

    A verb ends it too, unless the object ends with that verb (育儿补贴).
    """
    words: list[str] = []
    if after + 1 < len(tokens) and tokens[after].text in _LINKS and not taken[tokens[after + 1].start]:
        return ""  # 路口拓宽及路面修整: what follows belongs to another verb; not so in 拓宽和平路
    for at, token in enumerate(tokens[after : after + 14], start=after + 1):
        if token.text in verbs.classes and token.tag == "v" and words and at < len(tokens):
            following = tokens[at]
            if following.tag[:1] not in ("x", "u") and following.text not in _END_OF_OBJECT | _ABSTRACT:
                break
        if taken[token.start] or token.text in _QUOTES or (not words and token.text in _SKIP | _HOW):
            continue
        if _ends_object(token):
            if words or token.tag[:1] == "x" or token.text in _END_OF_OBJECT:
                break
            continue
        words.append(token.text)
    return _head(words)


def _object_before(tokens: Sequence[Token], index: int, taken: bytearray, verbs: Actions) -> str:
    """The object that stands before its verb: 河道 in 河道治理."""
    words: list[str] = []
    for token in reversed(tokens[max(0, index - 6) : index]):
        if taken[token.start] or token.tag[:1] == "m" or token.text in _QUOTES or (not words and token.text in _HOW):
            continue
        if _ends_object(token) or token.text in _SKIP or token.text in verbs.classes:
            if words or token.tag[:1] == "x":
                break
            continue
        words.insert(0, token.text)
    return _head(words)


class _Reader:
    def __init__(self, text: str, tokens: Sequence[Token], named: bytearray, taken: bytearray) -> None:
        self.text, self.tokens, self.named, self.taken, self.verbs = text, tokens, named, taken, actions()

    def hits(self) -> list[_Hit]:
        """The verbs in order, without those that are part of a place."""
        hits: list[_Hit] = []
        index = 0
        while index < len(self.tokens):
            found = None
            if not self.named[self.tokens[index].start]:
                found = _verb_at(self.tokens, index, self.text, self.verbs)
            if found is None:
                index += 1
                continue
            hits.append(found)
            index = found.after
        return hits

    def target(self, hit: _Hit) -> str:
        """What a verb acts on: 把 X 取消, 取消 X, X 治理."""
        start = self.tokens[hit.index].start
        if hit.inner:
            return hit.inner[-_LONGEST_OBJECT:]
        offset = max(0, start - 24)
        if back := _BEFORE_VERB.search(self.text[offset:start]):
            at = range(offset + back.start(1), offset + back.end(1))
            unnamed = "".join(self.text[position] for position in at if not self.taken[position])
            if bare := _GIVEN.split(unnamed)[0].rpartition("的")[2]:
                return bare[-_LONGEST_OBJECT:]
        return _object(self.tokens, hit.after, self.taken, self.verbs)

    def heads(self, hit: _Hit) -> bool:
        """Whether nothing follows the verb within its clause, as in 河道治理的建议."""
        if hit.after >= len(self.tokens) or hit.inner:
            return not hit.inner
        token = self.tokens[hit.after]
        return token.tag[:1] == "x" or token.text == "的" or token.text in _END_OF_OBJECT

    def is_attribute(self, hit: _Hit) -> bool:
        """Whether the verb only describes the noun after it (开放时间)."""
        return hit.after < len(self.tokens) and self.tokens[hit.after].text in _ABSTRACT

    def joined(self, first: _Hit, second: _Hit) -> bool:
        """Whether two verbs stand in one clause with nothing but nouns, places or 对 between them."""
        between = self.tokens[first.after : second.index]
        return all(token.tag[:1] not in tuple("cx") and token.text not in _LINKS for token in between)


def find_asks(
    text: str,
    tokens: Sequence[Token],
    places: Sequence[Place],
    numbers: Sequence[Number],
    weight: Callable[[int], float],
) -> tuple[Ask, ...]:
    """The asks of a text in order; what is told of (已建成, 没有设置) is none.

    Of two verbs that belong together one is the ask: 推进河道治理 is 治理 of 河道, 发放育儿补贴 is 发放 of 育儿补贴,
    反对建设电厂 is 建设, not wanted.
    """
    reader = _Reader(text, tokens, _mask(len(text), places), _mask(len(text), [*places, *numbers]))
    classes = reader.verbs.classes
    hits = reader.hits()
    asks: list[Ask] = []
    skipped: set[int] = set()
    turned: set[int] = set()
    for number, hit in enumerate(hits):
        if number in skipped:
            continue
        start, end = tokens[hit.index].start, tokens[hit.after - 1].end
        before = text[max(0, start - 8) : start]
        if _STATE.search(before):
            continue
        after = hits[number + 1] if number + 1 < len(hits) else None
        if after and reader.joined(hit, after):
            attribute = reader.is_attribute(after)
            at_once = after.index == hit.after and not attribute and not hit.inner
            if at_once or (hit.verb in _LIGHT and reader.heads(after)):
                if classes[hit.verb] in _AGAINST:
                    turned.add(number + 1)
                continue
            if attribute or reader.heads(after):
                skipped.add(number + 1)
        target = reader.target(hit) or _object_before(tokens, hit.index, reader.taken, reader.verbs)
        if not target:  # 人民路拓宽, 拓宽人民路
            named = (place.name for place in places if place.end == start or place.start >= end)
            target = next(named, "")
        polarity = -1 if number in turned or _NEGATION.search(before) else 1
        asks.append(Ask(classes[hit.verb], polarity, start, end, target, hit.verb, weight(start)))
    return tuple(asks)
