"""Personal numbers in a letter: found where a checksum, a date or a numbering plan confirms them, and masked.

Sources: GB 11643-1999 (resident identity numbers, check character by ISO 7064 MOD 11-2), ISO/IEC 7812 (bank cards,
Luhn), the numbering plan of mainland China (mobile numbers 1[3-9], area codes), GA 36 (licence plates).

Digits may be full-width and grouped by blanks or hyphens. Years, amounts, document numbers, roads, bus routes and
public short numbers (12345, 110, 95588, 400-…) are no personal numbers and stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """What a personal number is."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    ID_CARD = "id_card"
    BANK_CARD = "bank_card"
    EMAIL = "email"
    PLATE = "plate"


SIGNS: dict[Kind, str] = {
    Kind.MOBILE: "〔手机号〕",
    Kind.LANDLINE: "〔座机号〕",
    Kind.ID_CARD: "〔身份证号〕",
    Kind.BANK_CARD: "〔银行卡号〕",
    Kind.EMAIL: "〔邮箱〕",
    Kind.PLATE: "〔车牌号〕",
}
"""What stands in a masked text for each kind."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One personal number: its kind and where it stands, `start` inclusive and `end` exclusive, in characters."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Masked:
    """A text with signs in the place of personal numbers, and the findings in the original's positions."""

    text: str
    findings: tuple[Finding, ...] = ()


_ALIKE = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0xFF0C: 0xFF0C, 0xFF1A: 0xFF1A, 0x3000: 0x20}
_GAP = " \t\u00a0\u2002-\u200d\u2060\ufeff\\-\u2010-\u2013\u2212·"
_CHAIN = re.compile(rf"\d+(?:[{_GAP})]{{1,3}}\d+)*(?:[{_GAP}]?[Xx](?![A-Za-z0-9]))?")
_DIGITS = re.compile(r"\d+")
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63} ?@ ?[A-Za-z0-9][A-Za-z0-9\-]{0,62}"
    r"(?:\.[A-Za-z0-9][A-Za-z0-9\-]{0,62}){0,4}\.[A-Za-z]{2,24}(?![A-Za-z0-9])"
)
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼" + "滬遼魯蘇贛鄂桂晉陝閩貴粵寧瓊"
_PLATE = re.compile(
    rf"[{_PROVINCES}] ?[A-HJ-NP-Za-hj-np-z] ?[·•.\- ]? ?"
    r"(?:(?:[DF][A-HJ-NP-Z0-9]\d{4}|\d{5}[DF])(?![A-Za-z0-9])|[A-HJ-NP-Z0-9]{5}(?![A-Za-z0-9])|[A-HJ-NP-Z0-9]{4}[挂学警港澳])",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r" ?(?:元|圆|块|万|亿|千|百|美元|欧元|人民币|吨|公斤|克|米|公里|平方|立方|亩|公顷|人次|户|度|兆|次|件|辆|％|%|‰)"
)
_ROUTE = re.compile(r" ?(?:路|线|号线|弄|栋|幢|国道|省道|县道)")
_EXTENSION = re.compile(r" ?(?:-|转|轉|ext\.?) ?\d{1,6}(?!\d)", re.IGNORECASE)
_PHONE_CUE = re.compile(
    r"(?:电话|座机|固话|联系方式|致电|拨打|传真|tel|電話|座機|傳真)(?:号码|號碼|号|是|为)?[:： .]{0,3}$", re.IGNORECASE
)
_MOBILE_LABEL = re.compile(r"(?:tel|phone|mobile|mob|mp|v|vx|wx|wechat)$", re.IGNORECASE)
_AREA = re.compile(r"0(?:10|2\d|[3-9]\d\d)")
_BANK_PREFIX = re.compile(r"62|4|5[1-5]|35|60|68|69|9558")
_ID_PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54".split()
    + "61 62 63 64 65 71 81 82 83 91".split()  # 91: permanent residence of foreigners
)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_MOBILE_GROUPS = frozenset(
    {(11,), (3, 4, 4), (4, 3, 4), (4, 4, 3), (3, 3, 5), (3, 5, 3), (3, 8), (7, 4), (5, 6), (3, 2, 3, 3), (1,) * 11}
)
_LANDLINE_GROUPS = frozenset({(7,), (8,), (4, 4), (3, 4), (4, 3), (2, 2, 2, 2), (3, 2, 2)})


def _valid_date(year: str, month: str, day: str) -> bool:
    try:
        return date(1880, 1, 1) <= date(int(year), int(month), int(day)) <= date(2099, 12, 31)
    except ValueError:
        return False


def is_id_card(number: str) -> bool:
    """Whether it is a resident identity number: 18 characters with the check character, or 15 digits with a date."""
    if number[:2] not in _ID_PROVINCES or not number[:-1].isdigit():
        return False
    if len(number) == 15:
        return number.isdigit() and _valid_date("19" + number[6:8], number[8:10], number[10:12])
    if len(number) != 18 or not _valid_date(number[6:10], number[10:12], number[12:14]):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _ID_WEIGHTS, strict=True))
    return number[17].upper() == _ID_CHECKS[total % 11]


def is_bank_card(number: str) -> bool:
    """Whether 16 to 19 digits begin like a bank card and pass Luhn's check."""
    if not 16 <= len(number) <= 19 or not number.isdigit() or not _BANK_PREFIX.match(number):
        return False
    doubled = [int(digit) * 2 for digit in number[-2::-2]]
    total = sum(int(digit) for digit in number[-1::-2]) + sum(value - 9 if value > 9 else value for value in doubled)
    return total % 10 == 0 and len(set(number)) > 1


@dataclass(frozen=True, slots=True)
class _Chain:
    """Digit groups that stand together, such as ``138-1234-5678``, inside the half-width view of a text."""

    view: str
    groups: tuple[tuple[int, int], ...]
    check_end: int
    """Where a final X ends, or -1."""

    def findings(self) -> Iterator[Finding]:
        first = 0
        while first < len(self.groups):
            found, last = self._at(first)
            first = last + 1
            if found is not None:
                yield found
                while first < len(self.groups) and self.groups[first][0] < found.end:
                    first += 1

    def _at(self, first: int) -> tuple[Finding | None, int]:
        """The finding that begins at this group, the strictest kind first, and its last group."""
        best: tuple[int, Finding, int] | None = None
        digits = ""
        for last in range(first, len(self.groups)):
            start, end = self.groups[last]
            if end - start + len(digits) > 19:
                break
            digits += self.view[start:end]
            for rank, finding in self._kinds(first, last, digits):
                if best is None or rank < best[0]:
                    best = (rank, finding, last)
        if best is None:
            return None, first
        return self._widened(best[1]), best[2]

    def _widened(self, finding: Finding) -> Finding:
        """With what belongs to the number: the + of a country code, the extension of a landline."""
        start, end = finding.start, finding.end
        if finding.kind is Kind.MOBILE and self.view[start - 1 : start] == "+":
            start -= 1
        if finding.kind is Kind.LANDLINE and (extension := _EXTENSION.match(self.view, end)):
            end = extension.end()
        return Finding(finding.kind, start, end)

    def _kinds(self, first: int, last: int, digits: str) -> Iterator[tuple[int, Finding]]:
        if len(digits) < 7:
            return
        start, end = self.groups[first][0], self.groups[last][1]
        sizes = tuple(stop - begin for begin, stop in self.groups[first : last + 1])
        joined = ")" not in self.view[start:end]
        final = last == len(self.groups) - 1
        if joined and len(digits) == 17 and final and self.check_end > 0 and is_id_card(digits + "X"):
            yield 0, Finding(Kind.ID_CARD, start, self.check_end)
        if final and self.check_end > 0:
            return
        if joined and len(digits) == 18 and is_id_card(digits):
            yield 0, Finding(Kind.ID_CARD, start, end)
        if joined and is_bank_card(digits) and not self._is_amount(start, end) and self._card_groups(sizes):
            yield 1, Finding(Kind.BANK_CARD, start, end)
        if joined and self._is_mobile(digits, sizes, start, end):
            yield 2, Finding(Kind.MOBILE, start, end)
        landline = self._landline(first, last, digits, sizes)
        if landline is not None:
            yield 3, landline
        if joined and len(digits) == 15 and is_id_card(digits) and not self._is_amount(start, end):
            yield 4, Finding(Kind.ID_CARD, start, end)

    def _is_amount(self, start: int, end: int) -> bool:
        before, after = self.view[start - 1 : start], self.view[end : end + 2]
        decimal = len(after) == 2 and after[0] in ".," and after[1].isdigit()
        return before in tuple("￥¥$.") or decimal or _UNIT.match(self.view, end) is not None

    @staticmethod
    def _card_groups(sizes: tuple[int, ...]) -> bool:
        return len(sizes) == 1 or set(sizes) == {1} or set(sizes[:-1]) == {4} or sizes[0] == 6

    def _is_mobile(self, digits: str, sizes: tuple[int, ...], start: int, end: int) -> bool:
        for code in ("86", "0086"):
            if digits.startswith(code) and len(digits) == 11 + len(code):
                digits = digits[len(code) :]
                sizes = sizes[1:] if sizes[0] == len(code) else (sizes[0] - len(code), *sizes[1:])
        if len(digits) == 12 and digits[0] == "0":
            digits, sizes = digits[1:], (sizes[0] - 1, *sizes[1:])
        if len(digits) != 11 or digits[0] != "1" or digits[1] not in "3456789" or sizes not in _MOBILE_GROUPS:
            return False
        if len(set(digits[1:])) == 1 or self._is_amount(start, end):
            return False
        years = sizes[0] == 4 and digits[:2] == "19" and digits[4] in "12"
        if len(sizes) > 1 and (years or _ROUTE.match(self.view, end)):
            return False
        before = self.view[max(0, start - 8) : start]
        return not (before[-1:].isascii() and before[-1:].isalpha()) or _MOBILE_LABEL.search(before) is not None

    def _landline(self, first: int, last: int, digits: str, sizes: tuple[int, ...]) -> Finding | None:
        start, end = self.groups[first][0], self.groups[last][1]
        area = _AREA.match(digits)
        if area is None:
            return self._local_number(first, last, digits, sizes)
        code = area[0]
        number = digits[len(code) :]
        if len(sizes) > 1 and sizes[0] == len(code):
            sizes = sizes[1:]
        elif sizes[0] > len(code):
            sizes = (sizes[0] - len(code), *sizes[1:])
        else:
            return None
        wanted = (8,) if len(code) == 3 else (7, 8)
        if len(number) not in wanted or number[0] not in "23456789" or sizes not in _LANDLINE_GROUPS:
            return None
        if self.view[start - 1 : start] in tuple(".¥￥") or self._is_amount(start, end):
            return None
        closed = ")" in self.view[start:end]
        if closed and self.view[start - 1 : start] != "(":
            return None
        return Finding(Kind.LANDLINE, start - 1 if closed else start, end)

    def _local_number(self, first: int, last: int, digits: str, sizes: tuple[int, ...]) -> Finding | None:
        """Seven or eight digits without an area code are a telephone number only where the text calls them one."""
        start, end = self.groups[first][0], self.groups[last][1]
        if sizes not in _LANDLINE_GROUPS or digits[0] not in "23456789" or ")" in self.view[start:end]:
            return None
        if len(digits) == 8 and _valid_date(digits[:4], digits[4:6], digits[6:8]):
            return None
        if not _PHONE_CUE.search(self.view[max(0, start - 12) : start]):
            return None
        return Finding(Kind.LANDLINE, start, end)


def _number_findings(view: str) -> Iterator[Finding]:
    for match in _CHAIN.finditer(view):
        if match.end() - match.start() < 7:
            continue
        groups = tuple(found.span() for found in _DIGITS.finditer(view, match.start(), match.end()))
        check_end = match.end() if view[match.end() - 1] in "Xx" else -1
        yield from _Chain(view, groups, check_end).findings()


def _has_digits(text: str, at_least: int) -> bool:
    return sum(char.isdigit() for char in text) >= at_least


def find(text: str) -> tuple[Finding, ...]:
    """The personal numbers of a text in their order, none overlapping another."""
    view = text.translate(_ALIKE)
    found = [Finding(Kind.EMAIL, *match.span()) for match in _EMAIL.finditer(view)] if "@" in view else []
    found.extend(
        Finding(Kind.PLATE, *match.span()) for match in _PLATE.finditer(view) if _has_digits(match[0][2:], at_least=2)
    )
    found.extend(_number_findings(view))
    kept: list[Finding] = []
    for finding in sorted(found, key=lambda item: (item.start, -item.end)):
        if not kept or finding.start >= kept[-1].end:
            kept.append(finding)
    return tuple(kept)


def mask(text: str) -> Masked:
    """The text with every personal number replaced by its sign. Masking again changes nothing."""
    findings = find(text)
    if not findings:
        return Masked(text)
    pieces: list[str] = []
    position = 0
    for finding in findings:
        pieces += (text[position : finding.start], SIGNS[finding.kind])
        position = finding.end
    pieces.append(text[position:])
    return Masked("".join(pieces), findings)
