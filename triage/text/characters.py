"""Characters: width, look-alikes, invisible signs, traditional forms.

Everything here works on single characters (or, for traditional forms, on OpenCC's phrases) and is linear in the length.
Full NFKC is not used: it would turn ，。（） into ASCII, ① into a bare digit and ½ into an odd slash, and Python's
implementation is quadratic on long runs of combining marks.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import cache
from typing import Any

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff〇\U00020000-\U0003ffff"
"""Chinese characters, as the inside of a regular expression's class."""

_NFKC_RANGES = (
    (0x00B2, 0x00B3), (0x00B9, 0x00B9), (0x2070, 0x209C), (0x2116, 0x2116), (0x2121, 0x2121), (0x2160, 0x217F),
    (0x2474, 0x24EA), (0x2E80, 0x2FDF), (0x3220, 0x3247), (0x3250, 0x32CF), (0x3300, 0x33FF), (0xF900, 0xFAFF),
    (0xFB00, 0xFB06), (0xFE10, 0xFE19), (0xFE30, 0xFE6B), (0xFF01, 0xFFDC), (0xFFE0, 0xFFE6), (0x1D400, 0x1D7FF),
    (0x2F800, 0x2FA1D),
)  # fmt: skip
_KEPT = "！（），：；？"
_OWN = {
    **dict(zip("「『〝｢", "““““", strict=True)), **dict(zip("」』〞｣", "””””", strict=True)),
    **dict.fromkeys("‐‑‒−﹣－", "-"), **dict.fromkeys("–―", "—"), **dict.fromkeys("∕⁄", "/"), "∶": ":",
    **dict.fromkeys("・･‧•⋅∙", "·"), **dict.fromkeys("∼〜～", "~"), **dict.fromkeys("╳✕✖", "×"),
    "〖": "【", "〗": "】", "﹝": "〔", "﹞": "〕", "㎡": "平方米", "㎥": "立方米", "\t": " ",
}  # fmt: skip
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\u2800"

_BREAK = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]|_x000[dDaA]_\n?")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]+"
)
_UNREADABLE = re.compile("[\ue000-\uf8ff\ufffc-\uffff\U000f0000-\U0010ffff]+")
_ACCENTED = re.compile("([A-Za-züÜ])([\u0300-\u036f]{1,2})")
_COMBINING = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+")
_AMBIGUOUS = frozenset("乾著藉瞭徵覆麽夥馀锺甯喆祇坏")
"""Characters that simplified texts hold too (乾县, 狼藉, 打坏): alone they do not show a traditional text."""

_lock = threading.Lock()


@cache
def _width_table() -> dict[int, str]:
    table: dict[int, str] = {}
    for first, last in _NFKC_RANGES:
        for code in range(first, last + 1):
            char = chr(code)
            folded = unicodedata.normalize("NFKC", char)
            if folded != char and char not in _KEPT and not any(unicodedata.combining(c) for c in folded):
                table[code] = folded
    table.update({ord(char): " " for char in _SPACES})
    table.update({ord(char): plain for char, plain in _OWN.items()})
    return table


def fold_width(text: str) -> str:
    """Full-width letters, digits and signs to plain ones; ，。！？；：（） stay Chinese; any blank becomes a space."""
    return text.translate(_width_table())


def drop_invisible(text: str) -> str:
    """Without control, zero-width and direction characters and half surrogates; every line break becomes ``\\n``."""
    text = _BREAK.sub("\n", text)
    text = _INVISIBLE.sub("", text)
    return _UNREADABLE.sub(" ", text)


def fold_accents(text: str) -> str:
    """Letter plus combining mark becomes one character (for pinyin); marks that stack on anything else are dropped."""
    text = _ACCENTED.sub(lambda match: unicodedata.normalize("NFC", match[0]), text)
    return _COMBINING.sub("", text)


@cache
def _converter() -> Any:
    from opencc import OpenCC  # type: ignore[import-untyped,unused-ignore]

    return OpenCC("t2s")


def to_simplified(text: str) -> str:
    """Traditional characters to simplified ones, by OpenCC's phrases (乾燥 → 干燥, 乾隆 stays).

    A text whose only "traditional" characters are ones that simplified texts hold too is left alone (乾县, 狼藉).
    """
    if text.isascii():
        return text
    with _lock:
        simplified: str = _converter().convert(text)
    if simplified == text:
        return text
    if len(simplified) == len(text):
        changed = {old for old, new in zip(text, simplified, strict=True) if old != new}
        if changed <= _AMBIGUOUS:
            return text
    return simplified


@cache
def _simplified_forms() -> dict[int, str]:
    """Each traditional character that has one simplified form, alone and without its neighbours."""
    ranges = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x2FA20))
    characters = [chr(code) for first, end in ranges for code in range(first, end)]
    with _lock:
        converted: list[str] = _converter().convert("\n".join(characters)).split("\n")
    pairs = zip(characters, converted, strict=True)
    return {ord(old): new for old, new in pairs if new != old and len(new) == 1}


def simplify_each(text: str) -> str:
    """Every traditional character to its simplified form, whatever stands beside it: for searching, not for reading.

    What a text holds, its part holds too, so a word cut out of a text is found in it (乾隆 and 干隆 are one word here).
    """
    return text if text.isascii() else text.translate(_simplified_forms())
