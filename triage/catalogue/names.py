"""Taking a unit's name apart: the places it begins with, what it is apart from them, and its second names.

Chinese units are named *place + function + form*: 某省某市教育局. The same unit is written with every place, with a
bare 市/县/区, or with none. No gazetteer is needed: places announce themselves by their last character. The care goes
into words that only look like one: 市场监管局 is no 市 + 场监管局, 区划办 no 区 + 划办.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

PARTY = "党委"
"""How the core of a party organ begins, whatever the place: 市委宣传部, 中共某县委宣传部 → 党委宣传部."""

_BRACKETS = str.maketrans("〔〕【】[]{}", "()()()()")
_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")
_REMARKS = frozenset("筹 筹备 暂 暂定 代管 合署 合署办公 挂牌 加挂 集团 有限 总".split())

# What a place's own name is made of; a letter, 某 or * stands for a name that was masked (A市, X县, **镇).
_HAN = "一-鿿〇"
_MASK = "[A-Za-z0-9某*×]"
_MASKED = re.compile(f"{_MASK}+")
_WORD = re.compile(f"[{_HAN}]+")

# Words of functions, not of a place's own name (住房和城乡…); the names of towns and streets may hold more of them
# (书院镇, 人民路街道).
_NO_PLACE = re.compile(
    "[与及、局委办厅部院署(]|(?<!呼)和|管理|建设|服务|保障|监督|人民|政府|发展|中心|公司|集团|国家|中国|公安|农业|附属"
)
_NO_TOWN = re.compile("[及、(]|局|委员|办公|办事|政府|管理|公司|集团|附属")
_CONJUNCTION = re.compile("[和与及]$")

_ZONE = re.compile(
    "(?:开发|高新|经开|经济|工业|产业|科技|科创|物流|创业|化工|旅游|度假|保税|示范|风景|名胜|集聚|合作|试验|功能|管理|园)区$"
)
_NEW_ZONE = ("新区", "湾区", "港区")
_NO_DISTRICT = re.compile(
    "(?:开发|工业|产业|旅游|度假|保税|示范|风景|名胜|集聚|合作|试验|功能|管理|服务|办公|安置|经济|高新|经开|住宅"
    "|[园社片校城地库景湾林厂街小军郊市灾辖学牧老])区$"
)
_ZONE_OFFICE = re.compile("(?:管理?委|党工委|工委|管理局|管理办|管理处|管理服务).*|$")
_NO_TOWN_TOKEN = frozenset("城镇 乡镇 村镇 集镇 市镇 建制镇 新型城镇 小城镇 特色小镇 水乡 侨乡 家乡".split())
_OWN_DISTRICTS = frozenset("市北区 市南区 市中区".split())

# A bare level character is a prefix unless it begins one of these words.
_BARE = re.compile(
    "市(?!场|容|郊|区(?!划|块|域|志)|域|价|值|镇|话|井|集|长(?:热|电|公|信|办|专|接|基)|志|监(?:局|所|分局)"
    "|民(?!政|宗|族|委|革|盟|建|进|航|防|企|兵|营|主|办|间|生)|政(?!府|协|法|研|务|数|策|治))"
    "|县(?!志|域|城(?![关市管建乡镇投发中东西南北])|级|长(?:热|电|公|信)|处)"
    "|区(?!划|块|域|志|间|内|位|级|长(?:热|电|公|信))"
    "|省(?!级|属|会|际|道|市|内)|州(?!际)|旗(?!下|舰|帜)|盟(?!员)|[本我该全各](?:省|市|县|区|旗)(?!域|内|际)"
)
_COMMITTEE = re.compile("党?委员会|党委|委(?!员)")
_OWN_COMMITTEE = re.compile("[省市县区]委(?!员)")
_ORIGIN = re.compile("国家(?=.*局.+局)[^局]*总?局|国网(?=.*[省市县区])|中共|中国共产党")
_LEAGUE = re.compile(
    f"(?:中国)?共(?:产主义)?青(?:年)?团(?P<where>[{_HAN}A-Za-z*]*?)(?:委员会|工委|委)?$"
    f"|团(?P<short>[{_HAN}A-Za-z*]*?[省市县区州旗镇乡])委$"
)
_GOVERNMENT_OWN = re.compile("$|办公|办$|驻|研究室|督查|督办|参事|政策")
_TOWN_OFFICE = re.compile(
    "$|人民政府$|政府$|党委|人大|办事处|办$|居委|居民委|村委|村民委|委会|民委员会|经济合作社|便民"
)
_BRANCHES = tuple(
    re.compile(pattern)
    for pattern in (
        "(.{2,}?局)(.{2,4}?)(?:分局|支局|办事处)$",
        "(.{2,}局)(.{2,3})办$",
        "(.{2,}?(?:公司|银行))(.{2,6}?)(?:分公司|支公司|中心支行|支行|分行)$",
        "(中国.{2})(.{2,6}?)(?:分公司|支公司)$",
    )
)
_TOWN_RANKS = ("镇", "乡", "街道", "村", "社区")
_LONGEST_PLACE = 16

LONGEST_NAME = 200
"""Characters; no unit's name is longer, and a longer text is not taken apart."""


@dataclass(frozen=True, slots=True)
class UnitName:
    """A unit's name taken apart.

    `places` runs from the largest to the smallest place at its front: 某市某区某镇人民政府 → (某市, 某区, 某镇).
    `core` is the rest, with the place's form where the unit is that place's government (镇人民政府, 街道办事处,
    管委会); party organs begin with 党委, the youth league is 团委. `rank` is the level that the name speaks for (省,
    市, 县, 区, 镇 …), also where it stands bare (市教育局), or empty. `seconds` are the cores of further names: those
    in brackets at the end, and those joined by 、. Of a branch office (公安局某某分局) `head` is the body that it
    belongs to and `branch` its place; else both are empty.
    """

    raw: str
    places: tuple[str, ...]
    core: str
    seconds: tuple[str, ...] = ()
    rank: str = ""
    head: str = ""
    branch: str = ""


def fold(name: str) -> str:
    """A name as it is compared: one width, one kind of bracket, no spaces, no capitals."""
    return _plain(name).casefold()


def parse_unit_name(name: str) -> UnitName:
    """Take a name apart. Never raises; a name in which nothing is recognised is its own core."""
    plain = _plain(name)
    if len(plain) > LONGEST_NAME:
        return UnitName(name, (), plain)
    whole, bracketed = _split_brackets(plain)
    joined = [part for part in re.split("[、,/;|]", whole) if part]
    # 学生、青年工作部 is one name: only parts that could be names themselves are taken as such.
    first, *further = joined if joined and all(len(part) >= 3 for part in joined) else [whole or plain]
    places, rank, core = _parse_one(first)
    seconds = [_parse_one(second)[2] for second in (*further, *bracketed)]
    head, branch = _split_branch(core)
    return UnitName(
        raw=name,
        places=places,
        core=core,
        seconds=tuple(dict.fromkeys(second for second in seconds if second and second != core)),
        rank=rank,
        head=head,
        branch=branch,
    )


def _plain(name: str) -> str:
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", name)).translate(_BRACKETS)


def _split_brackets(name: str) -> tuple[str, list[str]]:
    """The name without its brackets, and the names that stood in those at its end.

    Brackets inside a name belong to it (某某(集团)有限公司). One that is opened and not closed runs to the end.
    """
    seconds: list[str] = []
    while match := re.search(r"\(([^()]*)\)?$", name):
        inside = [part.removeprefix("原") for part in re.split("[、,/;|]", match.group(1))]
        seconds[:0] = [part for part in inside if part and part not in _REMARKS]
        name = name[: match.start()]
    whole = re.sub("[()]", "", name)
    if not whole and seconds:
        whole, *seconds = seconds
    return whole, seconds


def _split_branch(core: str) -> tuple[str, str]:
    """What a branch office belongs to and where it is; empty for anything else."""
    match = next(filter(None, (pattern.match(core) for pattern in _BRANCHES)), None)
    return (match[1], match[2]) if match else ("", "")


def _parse_one(name: str) -> tuple[tuple[str, ...], str, str]:
    """Places, rank and core of one name without brackets."""
    if league := _LEAGUE.match(name):
        where = (league["where"] or league["short"] or "").removesuffix("委")
        places, rank, _ = _take_places(where)
        return places, rank or where[-1:], "团委"
    origin = _ORIGIN.match(name)
    rest = name[origin.end() :] if origin and len(name) - origin.end() >= 2 else name
    party = rest != name and name.startswith(("中共", "中国共产党"))
    places, rank, core = _take_places(rest)
    if _LEAGUE.match(core):
        return places, rank, "团委"
    committee = _COMMITTEE.match(core) if rank or party else None
    if committee and (rank or committee.group() != "委员会"):
        core = PARTY + core[committee.end() :]
    return places, rank, core


def _take_places(name: str) -> tuple[tuple[str, ...], str, str]:
    """The places at the front, the rank they speak for, and the core."""
    places: list[str] = []
    rank, rest = "", name
    while rest:
        end = _place_end(rest)
        if not end:
            bare = _BARE.match(rest)
            repeated = (places or rank) and not _OWN_COMMITTEE.match(rest)
            if repeated or not bare or len(rest) == bare.end():
                break
            rank, rest = bare.group()[-1], rest[bare.end() :]
            continue
        place, rest = rest[:end], _without_government(rest[end:])
        places.append(place)
        rank = _form(place)
        if rank in _TOWN_RANKS and not _place_end(rest):
            keeps_form = _TOWN_OFFICE.match(rest) and not rest.startswith(rank)
            return tuple(places), rank, rank + rest if keeps_form else rest
        if rank == "新区" and _ZONE_OFFICE.fullmatch(rest):
            return tuple(places), rank, "管委会" if len(rest) <= 5 else rest
        if _is_zone(place):
            return tuple(places), "区", "管委会" if len(rest) <= 5 else rest
    if rest:
        return tuple(places), rank, rest
    return tuple(places), rank, "人民政府" if places else name


def _without_government(rest: str) -> str:
    """某区人民政府某街道办事处, 某市人民政府侨务办公室: there the government only says whose office follows."""
    inner = rest.removeprefix("人民政府")
    return rest if inner == rest or _GOVERNMENT_OWN.match(inner) else inner


def _form(place: str) -> str:
    return next((form for form in ("街道", "社区", "新区") if place.endswith(form)), place[-1])


def _is_zone(place: str) -> bool:
    return _ZONE.search(place) is not None


def _place_end(text: str) -> int:
    """Where the first place of a text ends, 0 if it begins with none."""
    for end in range(2, min(len(text), _LONGEST_PLACE) + 1):
        if _is_place(text[:end], text[end:]):
            return end
    return 0


def _is_place(token: str, following: str) -> bool:
    """Whether a token is a place, given what follows it in the name."""
    form = token[-1]
    if form not in "省市州盟旗县区镇乡道村":
        return False
    own = token[:-2] if token.endswith(("街道", "新区", "社区")) else token[:-1]
    masked = _MASKED.fullmatch(own) is not None
    if not masked and (not _WORD.fullmatch(own) or _names_function(token, own)):
        return False
    if own[0] in "市县区省" and token not in _OWN_DISTRICTS:
        return False
    if form in "省市州盟旗县":
        return _is_large(form, own, following, masked)
    if form == "区":
        return _is_district(token, own, following, masked)
    return _is_small(token, own, following)


def _names_function(token: str, own: str) -> bool:
    """Whether the part before the level character speaks of a function. Short districts are spared (公安县, 和平区)."""
    if not own or _CONJUNCTION.search(own):
        return True
    if token[-1] in "镇乡道村":
        return _NO_TOWN.search(own) is not None
    return len(own) > 3 and _NO_PLACE.search(own) is not None and not _is_zone(token)


def _is_large(form: str, own: str, following: str, masked: bool) -> bool:
    """省, 市, 州, 盟, 旗, 县: a name of two characters or more, and after it something that it can stand before."""
    if form == "县":
        district = re.match("区(?![划块域志间位])", following)  # 沙县区 is one place.
        return not district and len(own) <= 6 and own not in "各全本我该" and _BARE.match(form + following) is not None
    if not following or not (masked or 2 <= len(own) <= (7 if form == "州" else 5)):
        return False
    if form == "州":
        return own.endswith("自治") or re.match("[^湾港].*[局委办院会]$", following) is not None
    return form != "市" or _BARE.match(form + following) is not None


def _is_district(token: str, own: str, following: str, masked: bool) -> bool:
    """区: a district, a new area or a zone; not the words 园区, 社区, 片区, 区划, 区域."""
    if token.endswith("社区"):
        return not following or following.startswith(("居", "党"))
    if re.match("[域划块间位化志级]", following):
        return False
    if token.endswith(_NEW_ZONE):
        return len(own) >= 2
    if _is_zone(token):
        return 2 <= len(own) <= 14 and _ZONE_OFFICE.fullmatch(following) is not None
    return following != "" and (masked or (2 <= len(own) <= 5 and _NO_DISTRICT.search(token) is None))


def _is_small(token: str, own: str, following: str) -> bool:
    """镇, 乡, 街道, 村: not the words 城镇, 乡镇, 城乡; not the first half of 某某镇街道 or 某某新村街道."""
    if token.endswith("街道"):
        return re.match("$|办|党|人大|社区|综合|便民|[市县区城]|司法", following) is not None
    if token[-1] == "道" or len(own) > 8 or token in _NO_TOWN_TOKEN:
        return False
    if token[-1] == "村":
        return re.match("$|村?委会|村?民?委员会|村?党", following) is not None
    if following.startswith(("街道", "化", "村", "镇", "企业", "居民", "建设", "规划")):
        return False
    return not (token[-1] == "乡" and own.endswith("城"))
