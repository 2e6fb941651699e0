"""Named places and objects: roads, villages, estates, schools, markets, rivers, stations, firms.

A place is a proper core with the word that says its kind (人民 + 路). The words are rows of ``places.csv`` beside this
file: role, kind, word. Roles: `suffix` says a kind; `weak` does so only before 一期, 业主 and the like; `nested` and
`unique` rule what joins a place before it (人民路 + 公交站, 市 + 图书馆); `type` qualifies and names nothing (农贸);
`seated` names one institution of a county (市 + 第一 + 医院); `name` is an ordinary word that many places bear (解放);
`stop`, `small`, `particle` and `admin` end a name; `hard`, `plain` and `ending` are no places although they look it;
`area` is an area without a word for its kind; `split` is cut after its first character (育才 + 街上).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from triage.text.actions import actions
from triage.text.segment import Token, domain_words

_LONGEST_CORE = 8
_LOOSE = frozenset(("estate", "company", "market", "scenic", "hospital"))
"""Kinds whose names run over several ordinary words (恒大绿洲小区)."""
_SHORT_CORE = frozenset(("village", "town", "water", "bridge", "district", "scenic", "city", "street"))
"""Kinds of which one character can be the name (蒲河, 项村)."""
_ORDINARY_NAMES = frozenset(("road", "community", "estate", "bridge", "village", "street", "town", "station"))
"""Kinds that are often called by an ordinary word, a verb even (建设路, 团结社区)."""
_WHOLE = frozenset(("road", "street", "town", "village", "bridge", "water", "community"))
"""Kinds of which a word of the dictionary is a name unless it is listed as none."""
_SEATED = frozenset(("school", "hospital"))
"""Kinds that are names of their own in one county (县人民医院, 第三小学)."""
_NAME_TAGS = frozenset(("ns", "nz", "nr", "nt", "nrt", "nrfg"))
_NOUN_TAGS = frozenset(("n", "j", "b", "a", "s", "f", "vn", "an", "k", "g", "ng", "vg", "ag", "zg", "yg", "tg", "?"))
_LED = frozenset(("village", "community", "estate", "town"))
_LEADING = frozenset("上下东西南北大小前后")
"""Characters that begin a name (上河湾社区) as often as they end the word before (路上)."""
_BEFORE = frozenset("人住可要回再关留")
"""Single characters that jieba's guesses leave before a name (住锦桐家园, 要关南桥夜市): none where two more follow."""
_COARSE = frozenset(("city", "district", "town", "street", "area"))
_CANONICAL = (
    (re.compile(r"村?(?:村民委员会|村委会)$"), "村"),
    (re.compile(r"(?:社区)?(?:居民委员会|居委会)$"), "社区"),
    (re.compile(r"(?<=[小中]学)校$"), ""),
    (re.compile(r"街道办(?:事处)?$"), "街道"),
    (re.compile(r"(?:(?<=[苑府湾庭城里居轩郡邸墅都园馆])|(?<=国际|半岛|公寓|新村|山庄))(?:住宅)?小区$"), ""),
)
_CODE = re.compile(
    r"(?<![A-Za-z0-9])(?:([GSXYZ])0{0,2}(\d{1,4})(?:国道|省道|县道|乡道|高速(?:公路)?|线)?|(\d{3})(国道|省道|县道))"
)
_NUMBERED = re.compile(
    r"(?:[经纬][一二三四五六七八九十]{1,3}|[\u4e00-\u9fff]{2}[东南西北中][一二三四五六七]|八一|五一|七一|五四|[东南西北内外][一二三四五六]环)"
    r"[东南西北中]?(?:路|大?街|大道)|[东南西北]?[一二三四五六]环(?:[东南西北]?路)?(?!境|保)"
)
_CODE_LETTERS = {"国道": "G", "省道": "S", "县道": "X"}
_AREA_AFTER = re.compile("片区|地区|一带|板块|组团|方向")
_ESTATE_AFTER = re.compile(
    r"的?(?:小区|[一二三四五六七八九十\d]{1,2}(?:期|号楼|号院|栋|幢|区)|物业|业主|业委会|楼盘|居民|住户|楼下|底商|楼上|[东南西北]门)"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A named place or object. `name` is without 我市 and the like, so that two mentions of one place are equal.

    `kind` is road, bridge, village, town, street, district, city, community, estate, school, hospital, market, park,
    water, station, company, scenic or area. `start` and `end` are characters of the text; `weight` (0 to 1) is high in
    a title and where something is asked for.
    """

    name: str
    kind: str
    start: int
    end: int
    weight: float = 1.0

    @property
    def coarse(self) -> bool:
        """Whether it is an area that holds many places (town, street, district, city)."""
        return self.kind in _COARSE


@dataclass(frozen=True, slots=True)
class _Words:
    suffixes: dict[str, str]
    weak: tuple[str, ...]
    last: frozenset[str]
    endings: tuple[str, ...]
    roles: dict[str, frozenset[str]]
    longest: int


@cache
def _words() -> _Words:
    suffixes: dict[str, str] = {}
    roles: dict[str, set[str]] = {}
    with files("triage.text").joinpath("places.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            roles.setdefault(row["role"], set()).add(row["word"])
            if row["role"] == "suffix":
                suffixes[row["word"]] = row["kind"]
    roles["domain"] = set(domain_words())
    roles["stop"] |= {verb for verb in actions().classes if len(verb) > 1}
    roles["noun"] = (
        roles["name"]
        - roles["stop"]
        - roles["hard"]
        - set(suffixes)
        - (roles["type"] - {"人民", "幸福", "青年", "滨江"})
    )
    frozen = {role: frozenset(words) for role, words in roles.items()}
    last = frozenset(word[-1] for word in suffixes)
    return _Words(suffixes, tuple(roles["weak"]), last, tuple(roles["ending"]), frozen, max(map(len, suffixes)))


@cache
def kind_words() -> dict[str, str]:
    """Each word that says a kind of place, with the kind: 路 → road, 小学 → school."""
    return dict(_words().suffixes)


@cache
def ordinary_words() -> frozenset[str]:
    """Words that are no place's name when they stand alone: names that many bear (和平), kinds (广场), verbs (建设)."""
    words = _words()
    return frozenset(words.suffixes).union(
        *(words.roles[role] for role in ("name", "stop", "type", "hard", "plain", "small", "admin", "domain"))
    )


def split_guesses(tokens: Sequence[Token]) -> list[Token]:
    """The tokens, with those cut into characters whose ends hide the word for a kind.

    These are guesses of jieba's (镇下塘) and words like 街上 in 育才街上.
    """
    words = _words()
    pieces: list[Token] = []
    for token in tokens:
        text = token.text
        if pieces and len(text) == 1 and pieces[-1].text + text in words.suffixes:
            last = pieces.pop()
            pieces.append(Token(last.text + text, "n", last.start, token.end, True))
        elif text in words.roles["split"] and pieces and _bears(pieces[-1], words) and pieces[-1].text[-1] != text[0]:
            pieces.extend(_parted(token, 1))
        elif (
            len(text) > 2
            and text[-1] in "路街"
            and text[:-1] in words.suffixes
            and pieces
            and _bears(pieces[-1], words)
        ):
            pieces.extend(_parted(token, len(text) - 1, "x"))
        elif token.known or len(text) == 1 or text.isascii() or text in actions().classes:
            pieces.append(token)
        else:
            pieces.extend(Token(c, "?", token.start + i, token.start + i + 1, False) for i, c in enumerate(text))
    return pieces


def _parted(token: Token, at: int, tag: str = "n") -> tuple[Token, Token]:
    middle = token.start + at
    return (
        Token(token.text[:at], "n", token.start, middle, True),
        Token(token.text[at:], tag, middle, token.end, True),
    )


def _bears(piece: Token, words: _Words) -> bool:
    """Whether the next word for a kind belongs to this piece: 公园 in 凤凰山 + 公园路 + 灯."""
    if len(piece.text) == 1 and piece.tag in ("f", "a", "b"):
        return True
    return piece.tag in _NAME_TAGS or (piece.tag in ("n", "?") and piece.text not in words.roles["stop"])


def canonical(name: str) -> str:
    """The form under which a place is compared: 东湾村委会 is 东湾村, 人民路口 is 人民路."""
    for pattern, replacement in _CANONICAL:
        name = pattern.sub(replacement, name)
    return name


def _suffix(text: str, words: _Words) -> str:
    """The longest word for a kind that the piece ends with, or nothing; 路 in 东环路, for 东环 is a name."""
    if text[:-1] in words.roles["name"] and text[-1] in words.suffixes and text not in words.suffixes:
        return text[-1]
    for length in range(min(len(text), words.longest), 0, -1):
        if text[-length:] in words.suffixes:
            return text[-length:]
    return ""


def _names(text: str, tag: str, kind: str, roles: dict[str, frozenset[str]]) -> bool:
    """Whether an ordinary word that many places bear is a name before this kind: 建设 is one in 建设路 only."""
    if text in actions().classes:
        return kind in ("road", "community")
    return kind in _ORDINARY_NAMES or (text in roles["noun"] and (tag != "v" or kind in _SEATED))


def _standing(piece: Token, kind: str, words: _Words) -> str:
    """What a piece can be left of the word for a kind: `proper`, `type` (农贸 in 农贸市场) or `stop`."""
    roles, text = words.roles, piece.text
    if piece.tag == "?" and text not in roles["type"]:
        return "stop" if text in roles["admin"] or text in roles["particle"] else "proper"
    if kind in _SEATED and text in roles["seated"] and (text != "人民" or kind == "hospital"):
        return "type"
    if text in roles["name"] and _names(text, piece.tag, kind, roles):
        return "proper"
    if text in roles["stop"] or text in roles["hard"] or (len(text) > 1 and text in words.suffixes):
        return "stop"
    if text in roles["type"]:
        return "type"
    if text in roles["small"]:
        return "type" if len(text) == 1 and text not in roles["admin"] and text not in "各该我某此每这那" else "stop"
    if not piece.tag:
        return "stop" if text in roles["domain"] else "proper"
    return "proper" if piece.tag in _NAME_TAGS or (piece.tag in _NOUN_TAGS and len(text) < 4) else "stop"


def _opens(pieces: Sequence[Token], at: int, kind: str, words: _Words) -> bool:
    """Whether nothing before this piece could be the noun that it belongs to (路 in 路上)."""
    return at == 0 or _standing(pieces[at - 1], kind, words) == "stop"


def _core(
    pieces: Sequence[Token], index: int, kind: str, words: _Words, inner: int, floor: int
) -> tuple[int, int, int]:
    """Walks left from the word for a kind: first piece of the name, proper characters, first piece looked at."""
    proper, parts, first, chars, at = inner, 0, index, 0, index - 1
    limit = 3 if kind in _LOOSE else 2
    while at >= floor:
        piece = pieces[at]
        chars += len(piece.text)
        standing = _standing(piece, kind, words)
        if standing == "stop" or chars > _LONGEST_CORE:
            break
        if standing == "type" and piece.tag == "?" and at > floor and pieces[at - 1].tag == "?":
            standing = _standing(pieces[at - 1], kind, words)
        if standing == "type" and not (proper == 1 and len(piece.text) == 1):
            if proper >= 2:
                break
        else:
            single = len(piece.text) == 1 and piece.tag == "?"
            if proper >= 2 and not (piece.tag in _NAME_TAGS or single or (kind in _LOOSE and parts < limit)):
                break
            if proper >= 2 and (parts >= limit and not single):
                break
            proper, parts, first = proper + len(piece.text), parts + 1, at
        at -= 1
    while proper > 2 and pieces[first].tag == "?" and pieces[first].text in _BEFORE:
        first, proper = first + 1, proper - 1
    if kind in _LED and floor <= at == first - 1 and pieces[at].text in _LEADING and _opens(pieces, at, kind, words):
        first = at
    return first, proper, at + 1


def _seated(pieces: Sequence[Token], low: int, index: int, words: _Words) -> int:
    """First piece of a name like 人民医院 or 第三小学, which names one institution of a county; -1 if it names none."""
    roles = words.roles
    at = index
    while at > low and pieces[at - 1].text in roles["seated"]:
        at -= 1
    ordinal = any(piece.text[0] == "第" for piece in pieces[at:index])
    before = pieces[at - 1].text if at else ""
    inside = pieces[index].text not in ("学校", "小学", "中学", "医院", "幼儿园", "大学", "高中", "初中", "学院")
    numbered = at < index and pieces[index].text[0] in "一二三四五六七八九十"  # 实验二小
    if (at < index or inside) and (ordinal or numbered or before in roles["admin"]):
        return at
    return -1


class _Finder:
    def __init__(self, text: str, pieces: Sequence[Token], weight: Callable[[int], float]) -> None:
        self.text, self.pieces, self.weight, self.words = text, pieces, weight, _words()
        self.found: list[Place] = []
        self.floor = 0

    def add(self, name: str, kind: str, start: int, end: int) -> None:
        if kind == "road" and self.found and self.found[-1].end == start and self.found[-1].name.isascii():
            return  # G45大广高速 is one road
        while self.found and self.found[-1].start >= start:
            self.found.pop()
        self.found.append(Place(name, kind, start, end, self.weight(start)))

    def look(self, index: int) -> None:
        piece = self.pieces[index]
        suffix = _suffix(piece.text, self.words) if piece.text[-1] in self.words.last else ""
        if suffix and piece.tag != "x":
            self._with_kind(index, suffix)
        elif self._is_weak_estate(piece):
            self._weak_estate(index)
        elif piece.text in self.words.roles["area"] or (piece.tag == "ns" and self._stands_as_area(index)):
            self.add(piece.text, "area", piece.start, piece.end)

    def _stands_as_area(self, index: int) -> bool:
        """Whether a word that jieba takes for a place is used as one: 沙坪片区, 在沙坪. Half of them are not."""
        piece, roles = self.pieces[index], self.words.roles
        if len(piece.text) < 2 or any(piece.text in roles[role] for role in ("plain", "type", "stop", "hard", "small")):
            return False
        return bool(_AREA_AFTER.match(self.text, piece.end)) and piece.text not in roles["name"]

    def _is_weak_estate(self, piece: Token) -> bool:
        return piece.text.endswith(self.words.weak) and bool(_ESTATE_AFTER.match(self.text, piece.end))

    def _floor(self, index: int) -> int:
        """The first piece that may belong to the name: what another place holds is not taken again."""
        if not self.found:
            return 0
        last = self.found[-1]
        if last.kind == "area" and last.end <= self.pieces[index].start:
            last = self.found[-2] if len(self.found) > 1 else Place("", "", 0, 0)
        at = index
        while at > 0 and self.pieces[at - 1].start >= last.end:
            at -= 1
        return at

    def _with_kind(self, index: int, suffix: str) -> None:
        piece, words = self.pieces[index], self.words
        kind = words.suffixes[suffix]
        inside = piece.text[: len(piece.text) - len(suffix)]
        roles = words.roles
        named = False
        if inside:
            named = piece.tag in _NAME_TAGS or (not piece.tag and piece.text not in roles["domain"])
            named = named or (kind in _WHOLE and len(inside) > 1 and piece.tag[:1] in ("n", "v", "j"))
            named = named and (kind == "water" or not (inside in roles["type"] or inside in roles["small"]))
            named = named or (
                inside in roles["name"] and (kind in _ORDINARY_NAMES or kind == "market" or piece.tag in _NAME_TAGS)
            )
            if inside in roles["admin"] and (kind in _SEATED or suffix in roles["unique"]):
                self.add(suffix, kind, piece.start + len(inside), piece.end)
                return
            if piece.text not in words.suffixes and (
                piece.text in roles["domain"] or (not named and piece.text in roles["hard"])
            ):
                return
            named = named and piece.text not in roles["plain"] and piece.text not in roles["hard"]
        floor = self._floor(index)
        first, proper, low = _core(self.pieces, index, kind, words, len(inside) if named else 0, floor)
        start = self.pieces[first].start
        if proper >= 2 or (proper == 1 and (kind in _SHORT_CORE or named)):
            self._keep(kind, start, piece.end, whole=kind == "district" and first == index and piece.tag == "ns")
        elif self._absorb(kind, low, index, suffix):
            return
        elif (
            suffix == "站"
            and index
            and self.pieces[index - 1].text in words.suffixes
            and len(self.pieces[index - 1].text) > 1
        ):
            self._keep(kind, self.pieces[index - 1].start, piece.end)
        elif suffix in roles["unique"] and low == index and index and self.pieces[index - 1].text in roles["admin"]:
            self.add(piece.text, kind, piece.start, piece.end)
        elif kind in _SEATED and (at := _seated(self.pieces, low, index, words)) >= 0:
            self._keep(kind, self.pieces[at].start, piece.end)

    def _absorb(self, kind: str, low: int, index: int, suffix: str) -> bool:
        """人民路 + 小学 is a school of its own; 人民路 + 公交站 stays the road."""
        last = self.found[-1] if self.found else None
        start = self.pieces[low].start
        if last is None or last.end != start or suffix in self.words.roles["nested"]:
            return False
        bare = self.pieces[index].text == suffix and low == index and suffix not in self.words.roles["unique"]
        if last.kind in ("city", "district") and bare:
            return False
        if kind in ("road", "bridge") and (last.coarse or last.kind in (kind, "village", "community")):
            return False
        if kind == "estate" and last.kind in ("school", "hospital"):
            return False
        end = self.pieces[index].end
        name = canonical(self.text[last.start : end])
        if name.endswith(self.words.endings):
            return False
        if last.kind == kind or last.kind not in (*_COARSE, "village", "community"):
            self.found.pop()
        self.found.append(Place(name, kind, last.start, end, self.weight(last.start)))
        return True

    def _weak_estate(self, index: int) -> None:
        floor = self._floor(index)
        text = self.pieces[index].text
        first, proper, _ = _core(self.pieces, index, "estate", self.words, len(text) - 1, floor)
        start, last = self.pieces[first].start, self.found[-1] if self.found else None
        if last is not None and last.end == start and last.kind in ("water", "area", "scenic"):
            start, proper = last.start, proper + len(last.name)
        if proper >= 2:
            self._keep("estate", start, self.pieces[index].end)

    def _keep(self, kind: str, start: int, end: int, *, whole: bool = False) -> None:
        name = canonical(self.text[start:end])
        roles = self.words.roles
        if (
            name not in roles["hard"]
            and name not in roles["plain"]
            and (whole or not name.endswith(self.words.endings))
        ):
            self.add(name, kind, start, end)

    def reserve(self) -> list[Place]:
        """Roads that are named by a number: their digits and numerals are cut in many ways."""
        roads: list[Place] = []
        for found in _CODE.finditer(self.text):
            name = f"{found[1]}{found[2]}" if found[1] else f"{_CODE_LETTERS[found[4]]}{found[3]}"
            roads.append(Place(name, "road", found.start(), found.end(), self.weight(found.start())))
        roads.extend(
            Place(found[0], "road", found.start(), found.end(), self.weight(found.start()))
            for found in _NUMBERED.finditer(self.text)
        )
        return sorted(roads, key=lambda place: place.start)


def find_places(text: str, pieces: Sequence[Token], weight: Callable[[int], float]) -> tuple[Place, ...]:
    """The named places of a text in order; `pieces` are its tokens after `split_guesses`."""
    finder = _Finder(text, pieces, weight)
    reserved = finder.reserve()
    for index, piece in enumerate(pieces):
        if reserved and piece.end > reserved[0].start:
            if piece.end >= reserved[0].end:
                finder.found = [place for place in finder.found if place.end <= reserved[0].start]
                finder.found.append(reserved.pop(0))
            continue
        finder.look(index)
    return tuple(sorted(finder.found, key=lambda place: (place.start, place.end)))
