"""Personal numbers in a letter: found where a checksum, a date or a numbering plan confirms them, and masked.

Sources: GB 11643-1999 (resident identity numbers, check character by ISO 7064 MOD 11-2), ISO/IEC 7812 (bank cards,
Luhn), the numbering plan of mainland China (mobile numbers 1[3-9], area codes), GA 36 (licence plates).

Digits may be full-width and grouped by blanks or hyphens. Years, amounts, document numbers, roads, bus routes and
public short numbers (12345, 110, 95588, 400-…) are no personal numbers and stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
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
_FOUND = "〕"
"""Stands for a finding in the second pass, as the end of its sign will stand in the masked text."""
_MAX_PASSES = 8
_MAX_DIGITS = 19
_MAX_SPAN = 4 * _MAX_DIGITS
_DIGITS = re.compile(r"\d+")
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]{1,64} ?@ ?[A-Za-z0-9][A-Za-z0-9\-]{0,62}"
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
class _Candidate:
    """Digit groups that stand together in the half-width view of a text, such as ``138-1234-5678``."""

    view: str
    start: int
    end: int
    digits: str
    sizes: tuple[int, ...]
    """How many digits each group has."""

    def is_amount(self) -> bool:
        before, after = self.view[max(0, self.start - 2) : self.start], self.view[self.end : self.end + 2]
        decimal = len(after) == 2 and after[0] in ".," and after[1].isdigit()
        decimal = decimal or (len(before) == 2 and before[1] == "." and before[0].isdigit())
        return before[-1:] in tuple("￥¥$") or decimal or _UNIT.match(self.view, self.end) is not None

    def is_bank_card(self) -> bool:
        sizes = self.sizes
        usual = len(sizes) == 1 or sizes[0] == 6 or set(sizes) == {1} or set(sizes[:-1]) == {4}
        return usual and is_bank_card(self.digits) and not self.is_amount()

    def is_mobile(self) -> bool:
        digits, sizes = self.digits, self.sizes
        for code in ("86", "0086", "0"):
            if digits.startswith(code) and len(digits) == 11 + len(code):
                digits = digits[len(code) :]
                sizes = sizes[1:] if sizes[0] == len(code) else (sizes[0] - len(code), *sizes[1:])
        if len(digits) != 11 or digits[0] != "1" or digits[1] not in "3456789" or sizes not in _MOBILE_GROUPS:
            return False
        if len(set(digits[1:])) == 1 or self.is_amount():
            return False
        years = sizes[0] == 4 and digits[:2] == "19" and digits[4] in "12"
        if len(sizes) > 1 and (years or _ROUTE.match(self.view, self.end)):
            return False
        before = self.view[max(0, self.start - 8) : self.start]
        lettered = before[-1:].isascii() and before[-1:].isalpha()
        return not lettered or _MOBILE_LABEL.search(before) is not None

    def is_landline(self) -> bool:
        area = _AREA.match(self.digits)
        if area is None:
            return False
        code, sizes = area[0], self.sizes
        number = self.digits[len(code) :]
        if len(sizes) > 1 and sizes[0] == len(code):
            sizes = sizes[1:]
        elif sizes[0] > len(code):
            sizes = (sizes[0] - len(code), *sizes[1:])
        wanted = (8,) if len(code) == 3 else (7, 8)
        return len(number) in wanted and number[0] in "23456789" and sizes in _LANDLINE_GROUPS and not self.is_amount()

    def is_local_number(self) -> bool:
        """Seven or eight digits without an area code are a telephone number only where the text calls them one."""
        if self.sizes not in _LANDLINE_GROUPS or self.digits[0] not in "23456789":
            return False
        if len(self.digits) == 8 and _valid_date(self.digits[:4], self.digits[4:6], self.digits[6:8]):
            return False
        return _PHONE_CUE.search(self.view[max(0, self.start - 12) : self.start]) is not None

    def finding(self, check_end: int) -> tuple[int, Finding] | None:
        """What it is, with a rank: the lower, the stricter the check. `check_end`: where a final X ends, or -1."""
        length, lead = len(self.digits), self.digits[0]
        found: tuple[int, Kind] | None = None
        if check_end > 0:
            found = (0, Kind.ID_CARD) if length == 17 and is_id_card(self.digits + "X") else None
        elif length == 18 and is_id_card(self.digits):
            found = (0, Kind.ID_CARD)
        elif length >= 16 and self.is_bank_card():
            found = (1, Kind.BANK_CARD)
        elif 11 <= length <= 15 and lead in "018" and self.is_mobile():
            found = (2, Kind.MOBILE)
        elif (lead == "0" and 10 <= length <= 12 and self.is_landline()) or (
            length in (7, 8) and self.is_local_number()
        ):
            found = (3, Kind.LANDLINE)
        elif length == 15 and is_id_card(self.digits) and not self.is_amount():
            found = (4, Kind.ID_CARD)
        if found is None:
            return None
        rank, kind = found
        start, end = self.start, max(self.end, check_end)
        if kind is Kind.MOBILE and self.view[start - 1 : start] == "+":
            start -= 1
        if kind is Kind.LANDLINE:
            start, end = self._whole_landline()
        return rank, Finding(kind, start, end)

    def _whole_landline(self) -> tuple[int, int]:
        """With the bracket around the area code and the extension."""
        bracketed = ")" in self.view[self.start : self.end] and self.view[self.start - 1 : self.start] == "("
        extension = _EXTENSION.match(self.view, self.end)
        return self.start - bracketed, extension.end() if extension else self.end


def _number_findings(view: str) -> Iterator[Finding]:
    for match in _CHAIN.finditer(view):
        if match.end() - match.start() < 7:
            continue
        groups = [found.span() for found in _DIGITS.finditer(view, match.start(), match.end())]
        check_end = match.end() if view[match.end() - 1] in "Xx" else -1
        first = 0
        while first < len(groups):
            found = _first_finding(view, groups, first, check_end)
            first += 1
            if found is not None:
                yield found
                while first < len(groups) and groups[first][0] < found.end:
                    first += 1


def _first_finding(view: str, groups: list[tuple[int, int]], first: int, check_end: int) -> Finding | None:
    """The finding that begins at this group, the one with the strictest check if there are several."""
    begin = groups[first][0]
    best: tuple[int, Finding] | None = None
    digits = ""
    sizes: tuple[int, ...] = ()
    bracket = view.find(")", begin, begin + _MAX_SPAN)
    for start, end in groups[first : _MAX_DIGITS + first]:
        digits += view[start:end]
        sizes += (end - start,)
        if len(digits) > _MAX_DIGITS:
            break
        # A bracket inside belongs to an area code, (0574)…, and nothing else.
        if len(digits) < 7 or (0 <= bracket < end and (digits[0] != "0" or view[begin - 1 : begin] != "(")):
            continue
        with_check = check_end if end == groups[-1][1] else -1
        found = _Candidate(view, begin, end, digits, sizes).finding(with_check)
        if found is not None and (best is None or found[0] < best[0]):
            best = found
    return best[1] if best else None


def _has_digits(text: str, at_least: int) -> bool:
    return sum(char.isdigit() for char in text) >= at_least


def _findings(view: str) -> list[Finding]:
    """What is found in one pass, in order, the earlier and then the longer one where two overlap."""
    found = [Finding(Kind.EMAIL, *match.span()) for match in _EMAIL.finditer(view)] if "@" in view else []
    found.extend(
        Finding(Kind.PLATE, *match.span()) for match in _PLATE.finditer(view) if _has_digits(match[0][2:], at_least=2)
    )
    found.extend(_number_findings(view))
    kept: list[Finding] = []
    for finding in sorted(found, key=lambda item: (item.start, -item.end)):
        if not kept or finding.start >= kept[-1].end:
            kept.append(finding)
    return kept


def find(text: str) -> tuple[Finding, ...]:
    """The personal numbers of a text in their order, none overlapping another."""
    view = text.translate(_ALIKE)
    found: list[Finding] = []
    # Once more without what was found: it may have touched another, as in a@b.cn0574-63812345.
    for _ in range(_MAX_PASSES):
        new = _findings(view)
        if not new:
            break
        found += new
        view = _replaced(view, ((finding, _FOUND * (finding.end - finding.start)) for finding in new))
    return tuple(sorted(found, key=lambda finding: finding.start))


def _replaced(text: str, signs: Iterable[tuple[Finding, str]]) -> str:
    pieces: list[str] = []
    position = 0
    for finding, sign in signs:
        pieces += (text[position : finding.start], sign)
        position = finding.end
    return "".join((*pieces, text[position:]))


def mask(text: str) -> Masked:
    """The text with every personal number replaced by its sign. Masking again changes nothing."""
    findings = find(text)
    return Masked(_replaced(text, ((finding, SIGNS[finding.kind]) for finding in findings)), findings)
