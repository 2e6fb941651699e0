"""Who is asked: the library's pre-check, and what an office could write in an afternoon."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from benchmarks.precheck.scores import Answer
from benchmarks.precheck.sets import LEVELS, TAGS, URGENCIES, Labelled, Range
from triage.catalogue import Rule, starter_catalogue, starter_office
from triage.precheck.checked import Checked
from triage.precheck.precheck import Precheck
from triage.records import Span, Suggestion

System = Callable[[Sequence[Labelled]], list[Answer]]

OURS = "triage check, starter rules"
LEARNED = "triage check, learned tags alone"
KEYWORDS_NAME = "keywords and numbering"
WORDED_NAME = "numbering and words such as 另外"
PARAGRAPHS_NAME = "paragraphs that ask"
OWN_LEVEL_NAME = "always the office's own level"
PLAIN_NAME = "character TF-IDF, learned on four fifths of these texts"

KEYWORDS: dict[str, str] = {
    "personal": "本人|我家|我的|给我|帮我",
    "court": "法院|判决|起诉|诉讼|仲裁|复议",
    "forwarded": "转交|转来|转送|来信|委托",
    "advertising": "公司|产品|优惠|加盟|专利|代理",
    "empty": "",
    "accusation": "举报|控告|贪污|受贿|回扣|纪委",
    "secret": "机密|秘密|绝密|内部文件|部队|军事",
}
"""What a clerk would search for; `empty` is a text below `SHORT` characters, `outside` another county's name."""
SHORT = 30
URGENT: dict[str, str] = {
    "safety": "安全隐患|事故|危险|坍塌|伤亡|火灾",
    "health": "中毒|传染|疫情|污染|水质|健康",
    "mass": "上访|集体|群体|聚集|联名",
    "deadline": r"(?:\d+|[一二三四五六七八九十]+)[月日号][^。，]{0,6}(?:前|底)|截止|之前",
}
LEVEL_WORDS: dict[str, str] = {
    "省及以上": "国家|全国|省|立法|高速|医保",
    "市": "[^城]市(?!场|民)|地铁|跨[县区]",
    "县": "县|区",
    "乡镇": "乡|镇|街道",
    "村": "村|组",
}
"""Looked for in this order: the highest level that a text names."""
COPIED = "作者|来源|责任编辑|打印|版权|上一篇|____|XX|综上所述|AI|此处|模板"
STANDS = {"县": "县", "区": "县", "旗": "县", "市": "市", "镇": "乡镇"}
"""The level of an office by the last character of its place."""
SAYS: dict[str, str] = {
    "ask": "建议|希望|请|要求|应当",
    "analysis": "原因|由于|因为|在于",
    "problem": "问题|不足|困难|没有|缺乏|不便|严重",
}
"""The role of a sentence is the first whose words it has; the first sentence that has none is the subject."""

_PLACE = re.compile(r"[\u4e00-\u9fff]{2}[县市区]")
_SENTENCE = re.compile(r"[^。！？\n]*[。！？\n]?")
_NUMBER = (
    r"(?:^|(?<=[。；;：:！？\s]))[ \u3000]*"
    r"(?:[一二三四五六七八九十]+[、是]|第[一二三四五六七八九十][，、]|（[一二三四五六七八九十]+）|\d+[.、]|其[一二三四]|首先|其次|再次|最后)"
)
_NUMBERED = re.compile(_NUMBER, re.MULTILINE)
_WORDED = re.compile(_NUMBER + "|(?:另外|还有|此外|同时|再就是|顺便|再一个|还要)", re.MULTILINE)


def precheck(rules: tuple[Rule, ...] | None = None) -> System:
    """The library with the starter's rules, or with others: one office for each place that reads texts."""
    catalogue, office = starter_catalogue(), starter_office()
    if rules is not None:
        office = replace(office, rules=rules)
    offices: dict[str, tuple[Precheck, Mapping[str, str]]] = {}

    def asked(texts: Sequence[Labelled]) -> list[Answer]:
        answers = []
        for text in texts:
            if text.own not in offices:
                stands = STANDS[text.own[-1]]
                own = replace(office, name=f"{text.own}交办室", place=text.own, area="", level=stands)
                offices[text.own] = (Precheck(catalogue, own), {rule.id: rule.tag for rule in own.rules})
            check, tags = offices[text.own]
            answers.append(answer_of(check.check([suggestion(text)])[0], tags))
        return answers

    return asked


def learned_rules() -> tuple[Rule, ...]:
    """A rule for each learned tag and none with a pattern: what the small models find by themselves."""
    return tuple(Rule(id=tag, kind="不予受理", name=tag, tag=tag) for tag in TAGS)


def suggestion(text: Labelled) -> Suggestion:
    """A labelled text as it reaches the office."""
    return Suggestion(id=text.id, title=text.title, text=text.text, source=text.source)


def answer_of(checked: Checked, tags: Mapping[str, str]) -> Answer:
    """What the pre-check said, in this benchmark's terms; `tags` is the learned tag of each rule that has one."""
    told = [(tags[one.rule], one.span) for one in checked.tags if tags.get(one.rule)]
    level = checked.level.level
    return Answer(
        matters=tuple(_within(one.spans) for one in checked.matters),
        tags=frozenset(tag for tag, _ in told),
        evidence={tag: _within([span] if span else []) for tag, span in reversed(told)},
        parts={part.role: _within(part.spans) for part in checked.parts},
        level="省及以上" if level == "省" else level,
        urgency=frozenset(one.kind for one in checked.urgency),
        machine=bool(checked.copied),
    )


def _within(spans: Sequence[Span]) -> tuple[Range, ...]:
    return tuple(Range(span.start, span.end) for span in spans if span.field == "text")


def keywords(texts: Sequence[Labelled]) -> list[Answer]:
    """Words for everything, numbering for matters: no word is weighed, none is taken back."""
    return [_searched(text, _NUMBERED) for text in texts]


def numbering_and_words(texts: Sequence[Labelled]) -> list[Answer]:
    """The same, with 另外, 还有, 此外 … beginning a matter as well."""
    return [_searched(text, _WORDED) for text in texts]


def paragraphs(texts: Sequence[Labelled]) -> list[Answer]:
    """Each paragraph that asks for something is a matter, where there are two or more."""
    answers = []
    for text in texts:
        lines = [found for found in re.finditer(r"[^\n]+", text.text) if re.search(SAYS["ask"], found[0])]
        answers.append(Answer(tuple((Range(*found.span()),) for found in lines) if len(lines) > 1 else ()))
    return answers


def own_level(texts: Sequence[Labelled]) -> list[Answer]:
    """Every matter is settled where the office stands."""
    return [Answer(level=STANDS[text.own[-1]]) for text in texts]


def _searched(text: Labelled, starts: re.Pattern[str]) -> Answer:
    whole = f"{text.title}\n{text.text}"
    tags = {tag for tag, words in KEYWORDS.items() if words and re.search(words, whole)}
    tags |= {"empty"} if len(text.text) < SHORT else set()
    tags |= {"outside"} if any(place[0] != text.own for place in _PLACE.finditer(whole)) else set()
    return Answer(
        matters=_split(text.text, starts),
        tags=frozenset(tags),
        parts=_roles(text.text),
        level=next((level for level in reversed(LEVELS) if re.search(LEVEL_WORDS[level], whole)), ""),
        urgency=frozenset(kind for kind in URGENCIES if re.search(URGENT[kind], whole)),
        machine=re.search(COPIED, whole) is not None,
    )


def _split(text: str, starts: re.Pattern[str]) -> tuple[tuple[Range, ...], ...]:
    begins = [found.start() for found in starts.finditer(text)]
    if len(begins) < 2:
        return ()
    return tuple((Range(start, end),) for start, end in zip(begins, [*begins[1:], len(text)], strict=True))


def _roles(text: str) -> dict[str, tuple[Range, ...]]:
    found: dict[str, list[Range]] = {}
    for role, place in _told(text):
        found.setdefault(role, []).append(place)
    return {role: tuple(places) for role, places in found.items()}


def _told(text: str) -> Iterator[tuple[str, Range]]:
    subject = False
    for sentence in _SENTENCE.finditer(text):
        role = next((role for role, words in SAYS.items() if re.search(words, sentence[0])), "")
        if not role and not subject and sentence[0].strip():
            role, subject = "subject", True
        if role:
            yield role, Range(*sentence.span())
