"""For or against: which way a wish points, 保留夜市 (for) beside 取缔夜市 (against).

An ask (`triage.text.asks`) says what is to be done; a stance says only whether there shall be more or less of a thing,
so that any word for it stands against any word against it. Words that turn what follows (反对, 不要, 暂缓) are
multiplied with it: 反对撤并 is for, 反对建设 is against, 取消限行 is for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from triage.text.directions import Word, find_words
from triage.text.places import Place

MOST = 6
"""Stances of a text that are kept, the title's first."""
_TITLE_WEIGHT, _WISH_WEIGHT = 1.0, 0.8
_LONGEST_OBJECT = 24
_LONGEST_ABOUT = 80
_LONGEST_TITLE = 45
"""A longer first sentence tells how things are; a title wishes."""
_SENTENCE = re.compile(r"[^。！？!?\n]+[。！？!?\n]?")
_CLAUSE = re.compile(r"[^，,。！？!?\n；;：:]+")
_FORMAL = re.compile("^关于|(?:建议|提案|议案|意见|请求|呼吁|诉求)[。！？!?\n]?$")
_WISH = re.compile(
    "建议|要求|恳请|恳求|请求|希望|期望|能否|能不能|可否|可不可以|呼吁|提请|尽快|应当|应该|应(?=允许|禁止|取消|保留)|"
    "请(?![问客假示])|申请|盼|最好|赶紧|赶快|早点|千万|一律|坚决|求(?![学职助医])|必须"
)
_FACT = re.compile(
    "自从|自打|以来|以后|之后|去年|前年|上个?月|上次|早已|已经?|早就(?!该)|曾|刚|因为|经常|"
    "[拆撤停关砍搬禁放]了(?=[一二三四五六七八九十两几\\d好])|^(?:[拆撤停关砍搬填建迁][走掉]?了|要是|如果|一旦)|"
    "^(?!.*[请赶快该应把]).*[拆撤停关砍搬][走掉]?了$"
)
"""What a clause tells of with one of these has happened."""
_HEARSAY = re.compile(
    "听说|据说|据悉|有人|有些人|有的人|传言|呼声|通知|今年|最近|近期|近年|目前|现在|个别|少数|[一两几]户"
)
"""What a clause tells of with one of these is what others want or do; it can be judged."""
_NOT_BEFORE = re.compile("(?<![能要得])不(?:[对向][^，。]{1,12})?$")
_FILLERS = re.compile(
    "关于|建议|提案|议案|意见|问题|请求|要求|恳请|恳求|希望|呼吁|我们|你们|他们|[我本全][市县区镇村省]|政府|有关部门|部门|市里|领导|"
    "进一步|全面|逐步|适当|尽量|强烈|坚决|彻底|一律|千万|应当|应该|必须|可以|能够|进行|予以|一些|一点|一个|这个|那个|"
    "这些|那些|不少|大家|但是|因为|所以|如果|就是|还是|以及|其他|一下|起来|下来|下去|尽快|赶紧|赶快|早日|早点|按期|或者|并且|"
    "力度|工作|听说|标准|"
    "[零〇一二三四五六七八九十百千万两半几\\d]+(?:点半?|时|分钟?|小时|[次回天元米])?|"
    r"[\s的了着过吧啊呢吗把将被对向给在从到至和与及或并也都就才又再很太更最要应请我你他它她们这那其该是有个些为以于让使由等之]|"
    "[、，；：“”（）《》]"
)
"""What says nothing of the thing itself."""
_CURED = re.compile(
    "^(?:解决|处理|整治|治理|查处|打击|监管|管理)|(?:解决|处理|整治|治理|查处|打击|监管|管理|安全|[难堵乱差])$|"
    "拥堵|噪[声音]|污染|扰民|隐患|事故|负担|浪费|违[法规章建]|乱象|积水|臭|重复|往返|排队|等[待候]|风险|矛盾|纠纷|压力|损失|成本|伤亡|危害|影响"
)
"""Less of what is bad, and more done about it, is no wish against or for a thing."""
_WASTE = re.compile("废弃|僵尸|广告|占用|垃圾(?![桶箱站房分焚处场厂转收投车])|淤|杂物|杂草|[乱私]搭|乱[停放堆贴]|超标")
"""To clear this away is against nobody."""
_CLEARED = re.compile("[清拆铲移]|淘汰")
_SOLVED = re.compile("(?:解决|处理|应对|防止|避免|化解|缓解)[^，。]*$")
_REGULATED = re.compile("(?:规范|整治|治理|完善|优化|调整|明确|公示|公开|统一)[^，。]*$")
_HARD = re.compile("(?:解决|破解|化解)([^，。]{2,16}?)难(?![以度道民题])")
"""停车难: more of it is wanted."""
_CANONICAL = (
    ("焚烧", "烧"),
    ("农贸市场", "菜市场"),
    ("公共厕所", "厕所"),
    ("公厕", "厕所"),
    ("鞭炮", "爆竹"),
    ("电瓶车", "电动车"),
)
_IMPERATIVE = frozenset(
    "不要 别 不能 不可 不该 不应 不应该 不应当 不宜 不想 不愿 凭什么 怎么能 岂能 哪能 切勿 请勿 勿 没必要 "
    "没有必要".split()
)
"""They wish by themselves, without a word of asking."""
_NEEDS = frozenset("不用 不必 不想 不愿 不需要 不能 不可".split())
"""Without a verb that points after them they tell of needs: 不用排队, 不能落户."""
_MEASURES = frozenset(("state", "way", "fee", "book"))
_AXES = frozenset(("way", "fee", "book", "site"))
_GRUMBLED = _MEASURES | {"more"}
_GRUMBLE = re.compile("还要|竟|居然|都要|太|绕|乱|该不该|年年|[又再]涨|涨[了得]")
_COMPLAINT = re.compile(
    "吗|是否|为什么|为啥|为何|怎么回事|[不难费]解|质疑|疑问|咨询|请问|严重|扰民|污染|噪[声音]|粉尘|臭|强制|捆绑|擅自|私自|违[规法章建]|"
    "无证|偷偷|搅拌站|变电站|信号塔|高压线|焚烧厂|垃圾(?:站|场|中转)|殡仪|公墓|加[油气]站|化工|养[殖猪鸡]场|烧烤|夜宵"
)
"""A heading with one of these tells what troubles its writer, unless it begins with the verb or asks for it."""
_STANDING = frozenset("坚持 继续 维持 保持 恢复 通融".split())
"""Words that judge what was told of where they have no object: 请坚持下去."""
_SPEAKER = re.compile("[我咱俺]|强烈|坚决|千万|万万")
_OPINIONS = frozenset("反对 抵制 不同意 不赞成 不支持 不答应 抗议 异议 支持 赞成 同意 赞同 拥护 答应 欢迎".split())
"""They judge for the writer only where he speaks of himself: 邻居反对 is told of."""
_LOCATIONS = frozenset("road town village street district city area community estate".split())
"""Kinds of place that only say where a thing is; a market or a school is the thing itself."""
_MOVED = re.compile("[把将]")
"""What stands between this and the verb is its object, and what follows only where to: 把市场搬到城外."""
_TIMES = re.compile("延长|缩短|推迟|延迟|推后|延后|往后|延到|提前|提早|往前|拉长")
_CLOCK = re.compile("时间|时长|时段")
_INTERVAL = re.compile("间隔|周期|时限|反应|响应|审批|办[理结]|等[待候]")
_STATES = re.compile("[禁限][行放烧燃售鸣停养流购高号]")
_BAR = re.compile("门槛|难度|(?:[学入业住租购准转]|申请|报名|参保|录[取用])条件|(?<=[历格件准量龄])要求")
_PRICE = re.compile("(?<![浪消经])费|票|价格|[水电气票油房药]价")
_AND = frozenset("并 并且 和 及 与 、 或".split())
"""What turns does not turn what is only joined to it: 制止并拆除."""
_DESCRIBES = re.compile("了?的(?!建议|提案|意见|请求|问题|$)..")
"""What stands before this only describes the noun after it: 停办的班车."""
_DELAYS = frozenset("推迟 延迟 推后 延后 提前 提早".split())
_MOST_TOLD = 3
"""Stances of earlier sentences that a judgement may be about."""
_REACH = 8
"""Characters within which a curb (控制, 限制) finds the verb that it curbs."""


@dataclass(frozen=True, slots=True)
class Stance:
    """One wish for (`sign` 1) or against (-1) a thing.

    `object` is what is left of the words about it, at most 24 characters, perhaps empty; `about` are the words of its
    sentence and of the heading, for comparing where the object is worded otherwise. `axis` is empty, or what only its
    like can contradict: fee (收费, 免费), way (单行, 双向), book (预约), time (延长, 提前), interval (间隔), bar (门槛)
    or site (搬迁, 原址). `weight` is 1 in the title and 0.8 elsewhere. `verbless` is a 不要 or 不能 before no verb of
    the table (不要再出事): it says little of a thing.
    """

    sign: int
    verb: str
    start: int
    end: int
    object: str = ""
    about: str = ""
    axis: str = ""
    weight: float = 1.0
    verbless: bool = False


@dataclass(slots=True)
class _Open:
    """A stance while its clause is read."""

    role: str
    sign: int
    verb: str
    start: int
    after: int
    end: int
    axis: str = ""
    object: str = ""
    own: bool = False
    turned: bool = False


@dataclass(slots=True)
class _Clause:
    """What a clause holds: stances, and the sign of a judgement that has no object of its own (我们不同意), else 0."""

    found: list[_Open] = field(default_factory=list)
    judged: int = 0
    judge: str = ""


class _Reader:
    """Reads the clauses of one text."""

    def __init__(self, text: str, places: Sequence[Place]) -> None:
        named = bytearray(len(text) + 1)
        for place in places:
            named[place.start : place.end] = b"\1" * (place.end - place.start)
        self.text = text
        self.words = find_words(text, named)
        self.with_places = _blank(text, [(word.start, word.end) for word in self.words if word.role not in _MEASURES])
        located = [(place.start, place.end) for place in places if place.kind in _LOCATIONS]
        self.bare = _blank(self.with_places, located) if located else self.with_places

    def plain(self, start: int, end: int) -> str:
        """The words between two points without fillers and words that point, and without places if more is left."""
        found = _FILLERS.sub("", self.bare[start:end])
        return _canonical(found if len(found) > 1 else _FILLERS.sub("", self.with_places[start:end]))

    def about(self, start: int, end: int) -> str:
        """The words of a sentence, places too, without fillers and words that point."""
        return _canonical(_FILLERS.sub("", self.with_places[start:end]))[:_LONGEST_ABOUT]

    def clause(self, words: Sequence[Word], start: int, end: int) -> _Clause:
        """The stances of a clause from its words that point."""
        read = _Clause()
        turn = 1
        own = False
        turned: Word | None = None
        forbidden: Word | None = None
        turns = ""
        for number, word in enumerate(words):
            after = words[number + 1] if number + 1 < len(words) else None
            if _NOT_BEFORE.search(self.text, start, word.start) or (
                word.role == "state" and self.text[word.start - 1 : word.start] == "改"
            ):
                turn = -turn
            if word.role in ("turn", "judge") or _turns(word, after):
                turn *= -word.sign if word.role == "more" else word.sign
                own = own or word.role == "judge" or word.text in _IMPERATIVE
                forbidden, turned = turned, word
                turns = turns + word.text if word.sign < 0 or word.role == "more" else turns
                continue
            if turned and self.text[turned.end : word.start] in _AND:
                turn, turns = turn * turned.sign, ""
            turned = None
            if self._told_off(word, start) or _DESCRIBES.match(self.text, word.end, end):
                continue
            if not (read.found and _joined(read.found[-1], word, turn)):
                read.found.append(_opened(word, turn, turns, own))
        if turned is not None:
            self._bare_turn(read, forbidden or turned, turned, turn, start, end)
        for number, item in enumerate(read.found):
            stop = read.found[number + 1].start if number + 1 < len(read.found) else end
            item.object = self.plain(item.after, stop)
            begin = read.found[number - 1].end if number else start
            moved = _MOVED.search(self.text, begin, item.start)
            if moved and (before := self.plain(moved.end(), item.start)):
                item.object = before
            elif len(item.object) < 2 or item.role in _MEASURES or item.role == "loose":
                item.object = self.plain(begin, item.start) + item.object
            item.object = item.object[:_LONGEST_OBJECT]
            if not item.axis:
                item.axis = _axis(item, self.text[item.after : stop])
        return read

    def _told_off(self, word: Word, start: int) -> bool:
        """Whether a word is a trouble to be solved (解决停运问题) or a thing to be put in order (规范收费), no wish."""
        if word.sign < 0 and word.role == "act":
            return _SOLVED.search(self.text, start, word.start) is not None
        return word.role in _AXES and _REGULATED.search(self.text, start, word.start) is not None

    def _bare_turn(self, read: _Clause, first: Word, turned: Word, turn: int, start: int, end: int) -> None:
        """A word that turns and has no verb after it: it is for or against the noun that follows or goes before.

        `first` is the one right before it (不让 in 不让烧不合理), or itself.
        """
        own = turned.role == "judge" or turned.text in _IMPERATIVE
        last = not self.plain(turned.end, end)
        item = _Open(turned.role, turn, turned.text, turned.start, turned.end, turned.end, "", "", own)
        if last and first is not turned and self.plain(first.end, turned.start):
            item.verb, item.after, item.start = first.text, first.end, first.start
        elif last and (turned.role == "judge" or turned.text in _IMPERATIVE or turned.text in _STANDING):
            if turned.role == "judge" or read.found or len(self.plain(start, turned.start)) < 2:
                read.judged, read.judge = turn, turned.text
                return
        elif turned.text in _NEEDS:
            return
        read.found.append(item)

    def sentence(self, words: Sequence[Word], start: int, end: int, title: bool, told: list[_Open]) -> list[_Open]:
        """What a sentence wishes, from its first word of asking on, or where it judges what is told of; `told` is what
        was told before and is kept up to date.
        """
        asserted: list[_Open] = []
        asks = False
        formal = title and _FORMAL.search(self.text[start:end]) is not None
        complains = title and not formal and self._complains(start, end)
        speaks = title or _SPEAKER.search(self.text, start, end) is not None
        del told[:-_MOST_TOLD]
        before = start
        for clause in _CLAUSE.finditer(self.text, start, end):
            first, last = clause.span()
            within = [word for word in words if first <= word.start < last]
            past = not formal and _FACT.search(clause.group()) is not None
            tells = past or (not formal and _HEARSAY.search(self.text, first, last) is not None)
            asks = asks or (not tells and _WISH.search(self.text, first, last) is not None)
            read = self.clause(within, first, last) if within else _Clause(self._hard(first, last))
            if (not speaks and read.judge in _OPINIONS) or (tells and not _SPEAKER.search(self.text, first, last)):
                read.judged = 0
            for item in read.found:
                if len(item.object) < 2:
                    item.object = (self.plain(before, first) + item.object)[:_LONGEST_OBJECT]
                leads = not complains or item.turned or not self.plain(start, item.start)
                wished = item.own or asks or (title and leads and not self._grumbles(item, first, last))
                item.sign *= read.judged or 1
                if read.judged or (wished and not tells):
                    asserted.append(item)
                elif not past:
                    told.append(item)
            if read.judged and not read.found:
                _judge(told, asserted, read.judged)
            before = first
        return asserted

    def _hard(self, start: int, end: int) -> list[_Open]:
        """The wish for more of what is hard to get: 解决办证难."""
        if not (hard := _HARD.search(self.text, start, end)):
            return []
        thing = self.plain(hard.start(1), hard.end(1))
        return [_Open("act", 1, "解决", hard.start(), hard.end(), hard.end(), object=thing)]

    def _complains(self, start: int, end: int) -> bool:
        """Whether a heading tells of a trouble and asks for nothing: 小区旁建搅拌站, 捆绑销售合法吗."""
        return _COMPLAINT.search(self.text, start, end) is not None and _WISH.search(self.text, start, end) is None

    def _grumbles(self, item: _Open, start: int, end: int) -> bool:
        """Whether a measure or a rise is only complained about: 单行绕路太远."""
        return item.role in _GRUMBLED and not item.turned and _GRUMBLE.search(self.text, start, end) is not None


def _judge(told: list[_Open], asserted: list[_Open], sign: int) -> None:
    """A judgement without an object is about what was told of last, or turns the last wish."""
    if told:
        for item in told:
            item.sign *= sign
        asserted += told
        told.clear()
    elif asserted and sign < 0:
        asserted[-1].sign = -asserted[-1].sign


def _axis(item: _Open, following: str) -> str:
    """What the object or the verb says of what a stance can be contrary to."""
    if _PRICE.search(item.object):
        return "fee"
    if item.role == "more" and _INTERVAL.search(item.object):
        return "interval"
    timed = _TIMES.search(item.verb) or _CLOCK.search(item.object)
    if item.role == "more" and timed and not _STATES.search(following):
        return "time"
    return "bar" if item.role == "more" and _BAR.search(following) else ""


def _opened(word: Word, turn: int, turns: str, own: bool) -> _Open:
    """A stance of a word after words that turn it; 收费 and 限速 name a part of its object themselves."""
    axis = word.role if word.role in _AXES else ""
    after = word.start if word.role in _MEASURES else word.end
    return _Open(word.role, turn * word.sign, turns + word.text, word.start, after, word.end, axis, "", own, turn < 0)


def _turns(word: Word, after: Word | None) -> bool:
    """Whether a verb only turns the word after it: 取消限行, 推迟开工, 控制新建."""
    if after is None:
        return False
    gap = after.start - word.end
    if word.role == "push":
        return gap <= 1 or after.role in _MEASURES
    if word.role == "curb":
        return gap <= _REACH and after.role == "act"
    return word.text in _DELAYS and gap <= 1 and after.role in ("act", "turn")


def _joined(before: _Open, word: Word, turn: int) -> bool:
    """Whether a word belongs to the stance before it, which then is of both: 提高收费, 收费降低, 禁行时间放开."""
    if word.role in _MEASURES and before.role in ("more", "act", "push", "curb"):
        if word.text != "限速":
            before.sign *= word.sign
        before.axis = before.axis or (word.role if word.role in _AXES else "")
    elif word.role == "state" and before.role == "loose":
        before.after = before.end
    elif word.role in ("more", "loose") and before.role in _MEASURES:
        narrows = word.role == "more" and before.role == "state" and not before.verb.endswith("限速")
        before.sign = turn * word.sign * (-1 if narrows else 1)
        before.role, before.verb = word.role, word.text
    elif word.role == before.role and word.role in ("way", "fee"):
        before.sign, before.verb = turn * word.sign, word.text
    elif word.start == before.end and word.role in ("act", "more", "curb", "push") and before.verb[-1] != "了":
        if before.role in ("more", "curb"):
            before.sign *= word.sign
    else:
        return False
    before.end = word.end
    return True


def _canonical(words: str) -> str:
    for one, other in _CANONICAL:
        if one in words:
            words = words.replace(one, other)
    return words


def _blank(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with blanks in place of the spans."""
    chars = list(text)
    for start, end in spans:
        chars[start:end] = " " * (end - start)
    return "".join(chars)


def find_stances(text: str, places: Sequence[Place]) -> tuple[Stance, ...]:
    """The stances of a text in order, the first sentence taken for its title where it reads like one; what is told of
    (去年拆了, 听说要拆) counts only where it is judged (我们不答应).
    """
    reader = _Reader(text, places)
    if not reader.words and "难" not in text:
        return ()
    judging = (word.start for word in reader.words if word.role == "judge" or word.text in _IMPERATIVE | _STANDING)
    last_judged = max(judging, default=-1)
    heading = ""
    told: list[_Open] = []
    stances: list[Stance] = []
    for number, sentence in enumerate(_SENTENCE.finditer(text)):
        start, end = sentence.span()
        title = number == 0 and _is_title(sentence.group(), end == len(text))
        words = [word for word in reader.words if start <= word.start < end]
        wishes = title or start <= last_judged or _WISH.search(text, start, end) is not None
        found = reader.sentence(words, start, end, title, told) if wishes and (words or title) else []
        if not found and number:
            continue
        about = reader.about(start, end)
        if number == 0:
            heading = about
        else:
            about = (about + heading)[:_LONGEST_ABOUT]
        weight = _TITLE_WEIGHT if title else _WISH_WEIGHT
        stances += [_stance(item, about, weight) for item in found if not _is_cure(item)]
    return tuple(stances[:MOST])


def _stance(item: _Open, about: str, weight: float) -> Stance:
    verbless = item.role == "turn" and (item.verb in _IMPERATIVE or item.verb in _NEEDS)
    return Stance(item.sign, item.verb, item.start, item.end, item.object, about, item.axis, weight, verbless)


def _is_title(sentence: str, only: bool) -> bool:
    if len(sentence) > _LONGEST_TITLE:
        return False
    if only or _FORMAL.search(sentence):
        return True
    return "，" not in sentence and not _FACT.search(sentence) and not _HEARSAY.search(sentence)


def _is_cure(item: _Open) -> bool:
    """Less of what is bad, or more done about it."""
    if item.sign < 0 and _CLEARED.search(item.verb) and _WASTE.search(item.object):
        return True
    return (item.sign > 0 or item.role in ("more", "curb")) and _CURED.search(item.object) is not None
