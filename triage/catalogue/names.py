"""Taking a unit's name apart: the places it begins with, what it is apart from them, and its second names in brackets.

Chinese units are named *place + function + form*: 某省某市教育局. The same unit is written with every place, with a bare
市/县/区, or with none. No gazetteer is needed: places announce themselves by their last character. The care goes into
words that only look like one: 市场监管局 is no 市 + 场监管局, 区划办 no 区 + 划办.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

PARTY = "党委"
"""How the core of a party organ's name begins, whatever the place: 市委宣传部, 中共某县委宣传部 → 党委宣传部."""

_HAN = "一-鿿々〇"
# What a place's own name is made of; a letter, 某 or * stands for a name that was masked (A市, X县, **镇).
_MASK = r"[A-Za-z0-9某*×]"
_BRACKETS = str.maketrans("（）〔〕【】［］[]", "()()()()()")
_SPACES = re.compile(r"[\s​-‏⁠﻿]+")

# Words that belong to functions, not to a place's own name: 住房和城乡…; towns and streets carry more of them (书院镇, 人民路街道).
_NO_PLACE = re.compile(
    "[与及、局委办厅部院署(]|(?<!呼)和|管理|建设|服务|保障|监督|人民|政府|发展|中心|公司|集团|国家|中国|公安|农业|附属"
)
_NO_TOWN = re.compile("[及、(]|局|委员|办公|办事|政府|管理|公司|集团|总局|附属")
_CONJUNCTION = re.compile("[和与及]$")
_ZONE = re.compile(
    "(开发|高新|经开|经济|工业|产业|科技|科创|物流|创业|化工|旅游|度假|保税|示范|风景|风景名胜|名胜|集聚|合作|试验|功能|管理|园|新|湾|港)区$"
)
_NO_DISTRICT = re.compile(
    "(开发|工业|产业|旅游|度假|保税|示范|风景|名胜|集聚|合作|试验|功能|管理|服务|办公|安置|经济|高新|经开|园|社|片|校|城|地|库|景|湾|林|厂|街|小|军|郊|市|灾|辖|学|牧|老|住宅)区$"
)
_ZONE_OFFICE = re.compile("$|管理?委|党工委|工委|管理局|管理办|管理处|管理服务")

# A bare level character is a prefix unless it begins one of these words.
_BARE = re.compile(
    "市(?!场|容|郊|区(?!划|块|域|志)|域|价|值|镇|话|井|集|长热|长电|长公|长信|长办|长专|长接|长基|志|"
    "民(?!政|宗|族|委|革|盟|建|进|航|防|企|兵|营|主|办|间|生)|"
    "政(?!府|协|法|研|务|数|策|治))"
    "|县(?!志|域|城(?![关市管建乡镇投发中东西南北])|级|长热|长电|长公|长信|处)"
    "|区(?!划|块|域|志|间|内|位|级|长热|长电|长公|长信)"
    "|省(?!直|级|属|会|际|道|市|内)"
    "|州(?!际)|旗(?!下|舰|帜)|盟(?!员)|[本我该全各](?:省|市|县|区|旗)(?!域|内|际)"
)
_PARTY_COMMITTEE = re.compile("党?委员会|党委|委(?!员)")
_YOUTH_LEAGUE = re.compile(
    f"(?:中国)?共(?:产主义)?青(?:年)?团([{_HAN}A-Za-z*]*?)(?:委员会|工委|委)?$|团([{_HAN}A-Za-z*]*?[省市县区州旗镇乡])委$"
)
_BRANCH = re.compile(
    "(?P<core>.{2,}?局)(?P<branch>.{2,4}?)(?:分局|支局|办事处)$|(?P<core2>.{2,}局)(?P<branch2>.{2,3})办$"
    "|(?P<core3>.{2,}?(?:公司|银行))(?P<branch3>.{2,6}?)(?:分公司|支公司|中心支行|支行|分行)$"
)
_REMARKS = {"", "筹", "筹备", "暂", "暂定", "代管", "合署", "合署办公", "挂牌", "加挂", "集团", "有限", "总"}
_LEVEL_CHARACTERS = "省市县区州盟旗"


@dataclass(frozen=True, slots=True)
class UnitName:
    """A unit's name taken apart.

    `places` runs from the largest to the smallest place that the name begins with: 某市某区某镇人民政府 → (某市, 某区, 某镇).
    `core` is the rest, with the last place's form where the unit is that place's government (镇人民政府, 街道办事处, 管委会);
    party organs begin with 党委, the youth league is 团委. `rank` is the level that the name speaks for (省, 市, 县, 区, 镇 …), also
    where it stands bare (市教育局), or empty. `seconds` are the cores of the second names: brackets, or joined by 、. `branch` is
    the place of a branch office (公安局某某分局).
    """

    raw: str
    places: tuple[str, ...]
    core: str
    seconds: tuple[str, ...] = ()
    rank: str = ""
    branch: str = ""


def parse_unit_name(name: str) -> UnitName:
    """Take a name apart. Never raises; a name in which nothing is recognised is its own core."""
    whole, bracketed = _split_brackets(_SPACES.sub("", unicodedata.normalize("NFKC", name)).translate(_BRACKETS))
    first, *joined = [part for part in re.split("[、,/;|]", whole) if part] or [whole]
    if joined and not all(len(part) >= 3 for part in (first, *joined)):
        first, joined = whole, []
    places, rank, core, branch = _parse_one(first)
    seconds = (_parse_one(second)[2] for second in (*joined, *bracketed))
    return UnitName(
        raw=name,
        places=places,
        core=core,
        seconds=tuple(dict.fromkeys(second for second in seconds if second and second != core)),
        rank=rank,
        branch=branch,
    )


def _split_brackets(name: str) -> tuple[str, list[str]]:
    """The name without its brackets, and the second names that stood in them at its end.

    Brackets inside a name belong to it (某某(集团)有限公司). An opening without a close runs to the end.
    """
    seconds: list[str] = []
    while True:
        match = re.search(r"\(([^()]*)\)?$", name)
        if not match:
            break
        seconds[:0] = [part.removeprefix("原") for part in re.split("[、,/;|]", match.group(1)) if part not in _REMARKS]
        name = name[: match.start()]
    whole = re.sub("[()]", "", name)
    if not whole and seconds:
        whole, *seconds = seconds
    return whole, seconds


def _parse_one(name: str) -> tuple[tuple[str, ...], str, str, str]:
    """Places, rank, core and branch of a name without brackets."""
    league = _YOUTH_LEAGUE.match(name)
    if league:
        where = (league.group(1) or league.group(2) or "").removesuffix("委")
        places, rank, _ = _take_places(where)
        return places, rank or where[-1:], "团委", ""
    rest = re.sub("^(?:国家(?=.*局.+局)[^局]*总?局|国网(?=.*[省市县区])|中共(?:中国共产党)?|中国共产党)", "", name)
    rest = rest if len(rest) >= 2 else name
    party = rest != name and name.startswith(("中共", "中国共产党"))
    places, rank, core = _take_places(rest)
    committee = _PARTY_COMMITTEE.match(core) if rank or party else None
    if committee and (rank or committee.group() != "委员会"):
        core = PARTY + core[committee.end() :]
        return places, rank, core, ""
    branch = _BRANCH.match(core)
    if branch:
        found = branch.groupdict()
        where = found["branch"] or found["branch2"] or found["branch3"]
        return places, rank, found["core"] or found["core2"] or found["core3"], where
    return places, rank, core, ""


def _take_places(name: str) -> tuple[tuple[str, ...], str, str]:
    """The places at the front, the rank they speak for, and the core."""
    places: list[str] = []
    rank, rest = "", name
    while rest:
        end = _place_end(rest)
        if end:
            place, rest = rest[:end], rest[end:]
            places.append(place)
            rank = _form(place)
            # 某区人民政府某街道办事处: the district's government is only there to say where.
            inner = rest.removeprefix("人民政府")
            if inner != rest and (
                _place_end(inner)
                or re.match("驻|[^办督参研法侨外]", inner) is None
                and inner[:2] in ("侨务", "外事", "法制")
            ):
                rest = inner
            if rank in ("镇", "乡", "街道", "村", "社区", "新区") and not _place_end(rest):
                return tuple(places), rank, _core_of_place(rank, rest)
            if rank == "zone":
                return tuple(places), "区", "管委会" if _ZONE_OFFICE.match(rest) and len(rest) <= 5 else rest
            continue
        bare = _BARE.match(rest)
        if bare and len(rest) > bare.end():
            rank, rest = bare.group()[-1], rest[bare.end() :]
            if places:
                break
            continue
        break
    if not rest:
        return tuple(places), rank, name if not places else ("人民政府" if rank in _LEVEL_CHARACTERS else rank)
    return tuple(places), rank, rest


def _core_of_place(rank: str, rest: str) -> str:
    """What a town's or street's unit is: its government keeps the form, its offices stand for themselves."""
    if rank == "新区":
        return rest or "管委会"
    if not rest or re.match(
        "人民政府$|政府$|党委|人大|办事处|办$|居委|居民委|村委|村民委|委会|民委员会|经济合作社|便民", rest
    ):
        return rest if rest.startswith(rank) else rank + rest
    return rest


def _form(place: str) -> str:
    for form in ("街道", "社区", "新区"):
        if place.endswith(form):
            return form
    return "zone" if _is_zone(place) else place[-1]


def _is_zone(place: str) -> bool:
    return bool(_ZONE.search(place)) and not place.endswith(("新区", "湾区", "港区"))


def _place_end(text: str) -> int:
    """Where the first place of a text ends, 0 if it begins with none."""
    for end in range(2, min(len(text), 16) + 1):
        token, following = text[:end], text[end:]
        if token[-1] in "省市县区州盟旗镇乡道村" and _is_place(token, following):
            return end
        if token.endswith("社区") and (not following or following.startswith(("居", "党"))):
            return end
    return 0


def _is_place(token: str, following: str) -> bool:
    """Whether a token that ends like a place is one, given what follows it."""
    form = token[-1]
    own = token[:-2] if token.endswith(("街道", "新区", "社区")) else token[:-1]
    masked = re.fullmatch(f"{_MASK}+", own) is not None
    if not masked and (not re.fullmatch(f"[{_HAN}]+", own) or _names_function(token, own)):
        return False
    if own[0] in "市县区省" and token not in ("市北区", "市南区", "市中区", "区县"):
        return False
    if form in "省市州盟旗":
        long_enough = masked or 2 <= len(own) <= (7 if form == "州" else 5)
        if form == "州" and not (own.endswith("自治") or re.match("[^湾港].*[局委办院会]$", following)):
            return False
        return (
            long_enough
            and (form != "市" or _BARE.match("市" + following) is not None or not following)
            and following != ""
        )
    if form == "县":
        return (
            len(own) <= 6
            and own not in ("各", "全", "本", "我", "该")
            and not following.startswith(("志", "域", "级", "城"))
        )
    if form == "区":
        return _is_district(token, own, following, masked)
    if token.endswith("街道"):
        return not following or re.match("办|党|人大|社区|综合|便民|[市县区]|城|司法", following) is not None
    if form == "道":
        return False
    if form == "村":
        return len(own) <= 8 and re.match("$|村?委会|村?民?委员会|村民委|党", following) is not None
    return _is_town(token, own, following)


def _names_function(token: str, own: str) -> bool:
    """Whether the part before the level character speaks of a function. Short names of districts are spared (公安县, 和平区)."""
    if _CONJUNCTION.search(own):
        return True
    if token[-1] in "镇乡道村":
        return _NO_TOWN.search(own) is not None
    return len(own) > 3 and _NO_PLACE.search(own) is not None and not _is_zone(token)


def _is_district(token: str, own: str, following: str, masked: bool) -> bool:
    if re.match("[域划块间位化志级]", following):
        return False
    if token.endswith(("新区", "湾区", "港区")) and len(own) >= 2:
        return True
    if _is_zone(token):
        return len(own) >= 2 and len(own) <= 14 and _ZONE_OFFICE.match(following) is not None
    return following != "" and (masked or 2 <= len(own) <= 5 and _NO_DISTRICT.search(token) is None)


def _is_town(token: str, own: str, following: str) -> bool:
    """镇 and 乡: not the word 城镇, 乡镇, 城乡, 村镇; not the first half of 某某镇街道."""
    if len(own) > 6 or token in (
        "城镇",
        "乡镇",
        "村镇",
        "集镇",
        "市镇",
        "建制镇",
        "新型城镇",
        "小城镇",
        "特色小镇",
        "水乡",
        "侨乡",
        "家乡",
    ):
        return False
    if following.startswith(("街道", "化", "村", "镇", "企业", "居民", "建设", "规划")):
        return False
    return not (token.endswith("乡") and own.endswith("城"))
