"""Finding a unit while its name is being typed: by name, short name or former name, in characters, pinyin or initials.

What is typed need not be finished, and never stands for a unit by itself: a person picks one of those that are found.
(A name that stands in a file is read by `triage.catalogue.resolve`, which must be sure.)
"""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date as Date
from functools import cached_property
from typing import Literal

from triage.catalogue.model import Catalogue, Unit
from triage.catalogue.names import fold, parse_unit_name
from triage.errors import InputError

Matched = Literal["name", "short", "former", "pinyin", "initials"]
_Key = tuple[int, int, int]

LONGEST_QUERY = 100
"""Characters; no name is longer, and more would only cost time."""

_EXACT, _CORE, _PREFIX, _INSIDE = range(4)
"""How well a name fits what was typed: it is that; it is that behind its places; it begins with it; it holds it."""

_LATIN = re.compile(r"(?=.*[a-z])[a-z0-9'’·.-]+")
_NO_LETTER = re.compile(r"[^a-z0-9]")
_READ = {
    "支行": "zhi hang",
    "分行": "fen hang",
    "银行": "yin hang",
    "长治": "chang zhi",
    "长坑": "chang keng",
    "单县": "shan xian",
    "新都": "xin du",
    "重庆": "chong qing",
    "西藏": "xi zang",
    "藏族": "zang zu",
    "音乐": "yin yue",
    "会计": "kuai ji",
    "调解": "tiao jie",
    "调处": "tiao chu",
    "畜牧": "xu mu",
}
"""Words of unit names that are not read as their characters are by themselves."""
_WORDS = re.compile(f"({'|'.join(_READ)})")
_ALSO = {
    character: tuple(readings.split())
    for character, readings in {
        "长": "chang zhang",
        "行": "xing hang",
        "乐": "le yue lao",
        "重": "zhong chong",
        "朝": "chao zhao",
        "都": "du dou",
        "单": "dan shan",
        "会": "hui kuai",
        "调": "diao tiao",
        "藏": "cang zang",
        "佛": "fo fu",
        "畜": "chu xu",
        "堡": "bao bu pu",
        "什": "shen shi",
        "圈": "quan juan",
        "柏": "bai bo",
        "卡": "ka qia",
        "勒": "le lei",
        "蚌": "bang beng",
        "六": "liu lu",
        "埔": "pu bu",
        "枞": "cong zong",
        "茄": "qie jia",
        "铅": "qian yan",
        "阿": "a e",
        "牟": "mou mu",
        "劲": "jin jing",
        "厦": "sha xia",
        "坻": "chi di",
        "尉": "wei yu",
        "蔚": "wei yu",
        "杉": "shan sha",
        "漯": "luo ta",
        "绿": "lv lu",
        "莘": "shen xin",
        "尾": "wei yi",
        "陂": "bei pi",
        "巷": "xiang hang",
        "宿": "su xiu",
        "泌": "mi bi",
        "犍": "jian qian",
        "番": "fan pan",
        "朴": "pu piao",
        "弄": "nong long",
    }.items()
}
"""Characters that names of units and places read now one way, now the other: a unit is found by either. Where the
country's divisions are read otherwise by pypinyin's words than by its characters, the character stands here.
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A unit in force that fits what was typed. `matched` says by what: its name, its short name or another name in use
    (short), the name of a unit whose work it took over (former), or the sound of any of them. `written` is the name
    that fits, and `successor_of` the former unit's name. `kind` is the unit's level, empty where none is known.
    """

    unit: str
    code: str
    kind: str
    matched: Matched
    written: str
    successor_of: str = ""


@dataclass(frozen=True, slots=True)
class _Name:
    """One name under which a unit in force is found. `rank` orders names that fit equally well."""

    unit: Unit
    written: str
    matched: Literal["name", "short", "former"]
    successor_of: str
    folded: str
    core: str
    rank: int


@dataclass(frozen=True, slots=True)
class _Spelling:
    """One way to type a name: all of it, and what is left of it without its places. `length` counts characters or
    syllables; what is held must begin at one of `starts`, where they are given.
    """

    name: _Name
    matched: Matched
    whole: str
    core: str
    length: int
    starts: frozenset[int] | None = None

    def key(self, typed: str) -> _Key:
        """How well it fits: the smaller the better."""
        return _fit(typed, self.whole, self.core), self.name.rank, self.length

    def holds(self, typed: str) -> bool:
        """Whether what was typed stands anywhere in it."""
        if typed not in self.whole:
            return False
        return self.starts is None or any(self.whole.startswith(typed, start) for start in self.starts)


class _Spellings:
    """Ways to type names, those that begin alike side by side, so that a letter or two is answered at once."""

    def __init__(self, spellings: Iterable[_Spelling]) -> None:
        self.all = tuple(spellings)
        pairs = sorted((text, place) for place, one in enumerate(self.all) for text in {one.whole, one.core})
        self._texts = [text for text, _ in pairs]
        self._places = [place for _, place in pairs]

    def beginning(self, typed: str) -> Iterator[_Spelling]:
        """Those that begin so, with or without their places."""
        first, last = bisect_left(self._texts, typed), bisect_left(self._texts, f"{typed}\U0010ffff")
        return (self.all[place] for place in self._places[first:last])


class UnitLookup:
    """Finds the units of a catalogue that are in force on a day, by whatever name somebody types.

    `added` are units that are in use beside the catalogue, under the names they go by. The first query in Latin letters
    also reads how every name is said, for which pypinyin is needed: the extra ``service`` brings it.
    """

    def __init__(self, catalogue: Catalogue, on: Date | None = None, added: Iterable[str] = ()) -> None:
        self._catalogue, self._on = catalogue, on
        own = {fold(unit.name) for unit in self._units(catalogue)}
        extra = [Unit(name, name) for name in dict.fromkeys(added) if name and fold(name) not in own]
        self._current = (*self._units(catalogue), *extra)
        self._names = tuple(self._all_names())

    def _units(self, catalogue: Catalogue) -> tuple[Unit, ...]:
        return tuple(
            unit for unit in catalogue.current(self._on) if unit.active_to is not None or not unit.succeeded_by
        )

    @property
    def units(self) -> tuple[Found, ...]:
        """All units in force, in the catalogue's order."""
        return tuple(Found(unit.name, unit.code, unit.level, "name", unit.name) for unit in self._current)

    def find(self, typed: str, most: int = 10) -> tuple[Found, ...]:
        """The units that fit what was typed, each once, the best first: what is exactly that, then what begins with it,
        then what holds it; among those names in use go before former ones, and shorter names before longer ones.

        Raises InputError for a query without a character to look for, or with more than `LONGEST_QUERY`.
        """
        query = fold(typed)
        if not query or len(query) > LONGEST_QUERY:
            raise InputError(f"{len(query)} characters are looked for; allowed are 1 to {LONGEST_QUERY}.")
        asked = [(self._written, query)]
        if _LATIN.fullmatch(query) and (letters := _NO_LETTER.sub("", query.replace("ü", "v"))):
            asked.append((self._said, letters))
        best: dict[str, tuple[_Key, _Spelling]] = {}
        for spellings, text in asked:
            _keep(best, text, spellings.beginning(text))
        if len(best) < most:  # whatever only holds it comes after all that begin with it
            for spellings, text in asked:
                _keep(best, text, (one for one in spellings.all if one.holds(text)))
        ordered = sorted(best.values(), key=lambda pair: pair[0])
        return tuple(_found(spelling.name, spelling.matched) for _, spelling in ordered[:most])

    def _all_names(self) -> Iterator[_Name]:
        for unit in self._current:
            yield _name(unit, unit.name, "name")
            for other in unit.names:
                if other != unit.name:
                    yield _name(unit, other, "short", rank=1 if other == unit.short_name else 2)
        taken = {unit.code for unit in self._current}
        for former in self._catalogue.units:
            if former.is_kind or former.code in taken:
                continue
            on = self._on if former.active_to is not None else None
            for heir in self._catalogue.successors(former.code, on):
                for name in former.names:
                    yield _name(heir, name, "former", former.name, rank=3)

    @cached_property
    def _written(self) -> _Spellings:
        return _Spellings(_Spelling(one, one.matched, one.folded, one.core, len(one.folded)) for one in self._names)

    @cached_property
    def _said(self) -> _Spellings:
        return _Spellings(spelling for name in self._names for spelling in _spellings(name))


def _keep(best: dict[str, tuple[_Key, _Spelling]], typed: str, fitting: Iterable[_Spelling]) -> None:
    """Keep for each unit the spelling that fits best, of those that fit as well the first."""
    for spelling in fitting:
        unit, key = spelling.name.unit.name, spelling.key(typed)
        if unit not in best or key < best[unit][0]:
            best[unit] = key, spelling


def _name(
    unit: Unit, written: str, matched: Literal["name", "short", "former"], successor_of: str = "", rank: int = 0
) -> _Name:
    folded = fold(written)
    core = fold(parse_unit_name(written).core)
    return _Name(unit, written, matched, successor_of, folded, core if folded.endswith(core) else folded, rank)


def _found(name: _Name, matched: Matched) -> Found:
    unit = name.unit
    return Found(unit.name, unit.code, unit.level, matched, name.written, name.successor_of)


def _fit(query: str, whole: str, core: str) -> int:
    if query == whole:
        return _EXACT
    if query == core:
        return _CORE
    return _PREFIX if whole.startswith(query) or core.startswith(query) else _INSIDE


def _spellings(name: _Name) -> Iterator[_Spelling]:
    """How a name may be typed in letters: as its words are said, and with another reading of each character that has
    two; by initials and in full.
    """
    said = _syllables(name.folded)
    others = (
        [*said[:place], (character, other), *said[place + 1 :]]
        for place, (character, syllable) in enumerate(said)
        for other in _ALSO.get(character, ())
        if other != syllable
    )
    before = len(name.folded) - len(name.core)
    for variant in (said, *others):
        syllables = [syllable for _, syllable in variant]
        core, starts, end = syllables[before:], set(), 0
        for syllable in syllables:
            starts.add(end)
            end += len(syllable)
        count = sum(map(bool, syllables))
        initials, core_initials = ("".join(one[:1] for one in part) for part in (syllables, core))
        yield _Spelling(name, "initials", initials, core_initials, count)
        yield _Spelling(name, "pinyin", "".join(syllables), "".join(core), count, frozenset(starts))


def _syllables(text: str) -> list[tuple[str, str]]:
    """Each character with its syllable; digits and Latin letters stand for themselves, marks for nothing."""
    # Its words would be 46 MB in each process; what they say of names of units stands above.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    try:
        from pypinyin import Style, lazy_pinyin
    except ImportError as error:
        raise InputError(
            "finding units by pinyin needs pypinyin. Install suggestion-triage[service], or type characters."
        ) from error
    syllables: list[str] = []
    for part in _WORDS.split(text):
        if part in _READ:
            syllables += _READ[part].split()
        elif part:
            # Its types know no list: each mark and letter stands for itself.
            syllables += lazy_pinyin(part, style=Style.NORMAL, errors=list)  # type: ignore[arg-type]
    plain: Sequence[str] = [_NO_LETTER.sub("", one.lower().replace("ü", "v")) for one in syllables]
    return list(zip(text, plain, strict=True))
