"""Pinyin that was injected between characters so that a text cannot be copied or matched: 协(xié)调(diào).

Only what can be pinyin is taken: in brackets right after a Chinese character a valid syllable, with tone marks, tone
digits or none; without brackets only with tone marks, and only next to Chinese characters. ``卡拉(ok)``, ``(ktv)`` and
``café`` stay.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from triage.text.characters import HAN

_FINALS = {
    "": "a o e ai ei ao ou an en ang eng er yi ya yo ye yao you yan yin yang ying yong yu yue yuan yun "
    "wu wa wo wai wei wan wen wang weng",
    "b": "a o ai ei ao an en ang eng i ie iao ian in ing u",
    "p": "a o ai ei ao ou an en ang eng i ie iao ian in ing u",
    "m": "a o e ai ei ao ou an en ang eng i ie iao iu ian in ing u",
    "f": "a o ei ou an en ang eng u",
    "d": "a e ai ei ao ou an en ang eng ong i ia ie iao iu ian ing u uo ui uan un",
    "t": "a e ai ao ou an ang eng ong i ie iao ian ing u uo ui uan un",
    "n": "a e ai ei ao ou an en ang eng ong i ie iao iu ian in iang ing u uo uan ü üe ue v ve",
    "l": "a e ai ei ao ou an ang eng ong i ia ie iao iu ian in iang ing u uo uan un ü üe ue v ve",
    "g": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "k": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "h": "a e ai ei ao ou an en ang eng ong u ua uo uai ui uan un uang",
    "j": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "q": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "x": "i ia ie iao iu ian in iang ing iong u ue uan un",
    "zh": "a e ai ei ao ou an en ang eng ong i u ua uo uai ui uan un uang",
    "ch": "a e ai ao ou an en ang eng ong i u ua uo uai ui uan un uang",
    "sh": "a e ai ei ao ou an en ang eng i u ua uo uai ui uan un uang",
    "r": "e ao ou an en ang eng ong i u ua uo ui uan un",
    "z": "a e ai ei ao ou an en ang eng ong i u uo ui uan un",
    "c": "a e ai ao ou an en ang eng ong i u uo ui uan un",
    "s": "a e ai ao ou an en ang eng ong i u uo ui uan un",
}
_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜĀÁǍÀĒÉĚÈĪÍǏÌŌÓǑÒŪÚǓÙ"
_LETTERS = f"a-zA-Züê{_TONED}ɑɡ"
_TONE_MARKS = "\u0300\u0301\u0304\u030c"
_PLAIN = {ord("ɑ"): "a", ord("ɡ"): "g", ord("ê"): "e"}

_ITEM = (
    rf"[(（\[【〔<〈] ?(?P<inside>[{_LETTERS}1-5'’·\- ]{{1,30}}) ?[)）\]】〕>〉]"
    r"|(?P<zhuyin>[(（\[【〔] ?[\u3105-\u312fˊˇˋ˙ ]{1,12}[)）\]】〕])"
    rf"|\s?(?P<bare>[{_LETTERS}]{{1,24}})(?![{_LETTERS}\d])\s?"
)
_NEXT = re.compile(_ITEM)
_NAMELESS = re.sub(r"\(\?P<\w+>", "(?:", _ITEM)
_RUN = re.compile(rf"(?<=[{HAN}])(?:{_NAMELESS})+")
_TOKEN = re.compile(r"[\s'’·\-]+")


@cache
def _syllables() -> frozenset[str]:
    return frozenset(initial + final for initial, finals in _FINALS.items() for final in (finals.split() or [""]))


@cache
def _syllable_run() -> re.Pattern[str]:
    longest_first = sorted(_syllables(), key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(longest_first)}){{1,4}}")


def _without_tones(token: str) -> str:
    decomposed = unicodedata.normalize("NFD", token.lower().translate(_PLAIN))
    return unicodedata.normalize("NFC", "".join(char for char in decomposed if char not in _TONE_MARKS))


def _is_pinyin(inside: str) -> bool:
    toned = any(char in _TONED for char in inside)
    if not toned and inside != inside.lower():
        return False
    for token in filter(None, _TOKEN.split(inside)):
        plain = _without_tones(token)
        if toned and any(char in _TONED for char in token):
            known = _syllable_run().fullmatch(plain) is not None
        else:
            known = plain.rstrip("12345") in _syllables() and len(plain) - len(plain.rstrip("12345")) <= 1
        if not known:
            return False
    return bool(_TOKEN.sub("", inside))


def _is_toned_pinyin(token: str) -> bool:
    return any(char in _TONED for char in token) and _syllable_run().fullmatch(_without_tones(token)) is not None


def _after_pinyin(match: re.Match[str]) -> str:
    """What is left of a run of candidates: from the first on that is no pinyin."""
    run = match[0]
    position = 0
    while found := _NEXT.match(run, position):
        inside, bare = found["inside"], found["bare"]
        if (inside is not None and not _is_pinyin(inside)) or (bare is not None and not _is_toned_pinyin(bare)):
            break
        position = found.end()
    return run[position:]


def drop_pinyin(text: str) -> str:
    """The text without injected pinyin or zhuyin."""
    return text if text.isascii() else _RUN.sub(_after_pinyin, text)
