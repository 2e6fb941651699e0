"""Deadlines that a text names: 6月底前, 9月1日之前, 下周, 年底前, 汛期前, 开学前."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta

_MONTHS = {name: number for number, name in enumerate("一 二 三 四 五 六 七 八 九 十 十一 十二".split(), start=1)}
_DAYS = {
    f"{tens}{ones}": 10 * ten + one
    for ten, tens in enumerate(("", "十", "二十", "三十"))
    for one, ones in enumerate(("", "一", "二", "三", "四", "五", "六", "七", "八", "九"))
}
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_YEAR = r"(?P<year>(?:20\d\d|[二][〇零][〇零一二三四五六七八九]{2})年|今年|明年|本年度?|当年|后年)?"
_BEFORE = r"(?:之前|以前|前(?!后|面|期|几|些|任|往|来|去|提|景|台|进|年|天|排|所)|内|之内|以内)"
_MONTH = r"(?P<month>\d{1,2}|十[一二]|[一二三四五六七八九十])月(?:份)?"
_DAY = r"(?P<day>\d{1,2}|[二三]?十[一二三四五六七八九]?|[一二三四五六七八九])[日号]|(?P<part>底|末|中旬|上旬|下旬|初)"
_ON_DAY = re.compile(rf"{_YEAR}{_MONTH}(?:{_DAY})?{_BEFORE}")
_COUNT = r"(?:\d{1,2}|[二三]?十[一二三四五六七八九]?|[一二两三四五六七八九])"
_RELATIVE = re.compile(
    rf"(?P<what>今年(?:年)?底|本?年底|年内|年终|岁末|明年(?:年)?底|月底|本月(?:底|内)?|下个?月(?:底)?|本周(?:内|末)?|这周|下周|下星期|{_COUNT}(?:天|日|周|个星期|个月))"
    rf"{_BEFORE}?"
)
_SEASON = re.compile(
    r"(?:汛期|雨季|台风季|台风|冬季|入冬|供暖季?|采暖季|寒潮|冰冻|春耕|秋收|夏收|农忙|插秧|春节|过年|国庆|五一|端午|中秋|清明|开学|新学期|高考|中考|暑假|寒假|招生"
    r"|旅游旺季|防火期|封山|枯水期|蓄水|梅雨|入夏|入学|放假|两会|换届|收割|灌溉)(?:季|期|季节|来临|到来|节|之)*(?:之前|以前|前(?!后|期|夕|几))"
)
_PRESSING = re.compile(
    r"建议|希望|恳请|请求|请|要求|务必|必须|应|尽快|赶在|抓紧|完成|落实|解决|修|通车|投用|到位|盼|能否|争取|答复|处理|确保|开通|整改|需要?"
)
_TOLD = re.compile(
    r"已(?:经)?(?:完成|建成|修好|通车|投用|解决|竣工|落实)|(?:曾|当时|原(?:定|计划)|承诺|说是|说好|答应|本应|应于)"
)
_SPAN = re.compile(rf"({_COUNT})(天|日|周|个星期|个月)")


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline as written, where it stands in its sentence, and its last day where that can be told."""

    written: str
    start: int
    end: int
    due: Date | None = None


def deadline_in(sentence: str, on: Date | None) -> Deadline | None:
    """The first deadline that a sentence sets, counted from the day `on`; none where the sentence tells of the past
    (原计划6月底前完成), where nothing is wanted, or where the day has passed.
    """
    if not _PRESSING.search(sentence) or _TOLD.search(sentence):
        return None
    try:
        return _deadline(sentence, on)
    except (OverflowError, ValueError):  # a day beyond what a calendar has
        return None


def _deadline(sentence: str, on: Date | None) -> Deadline | None:
    if found := _ON_DAY.search(sentence):
        due, passed = _day(found, on)
        return None if passed else Deadline(found[0], found.start(), found.end(), due)
    if (found := _RELATIVE.search(sentence)) and _sets(sentence, found):
        return Deadline(found[0], found.start(), found.end(), _relative(found["what"], on) if on else None)
    if found := _SEASON.search(sentence):
        return Deadline(found[0], found.start(), found.end())
    return None


def _sets(sentence: str, found: re.Match[str]) -> bool:
    """Whether words such as 三个月 set a deadline: 三个月内; 下周 and 年底前 do so with a word that presses beside."""
    what = found["what"]
    if _SPAN.fullmatch(what):
        return found[0].endswith("内")
    if found[0] == what and not what.endswith("内"):
        near = sentence[max(0, found.start() - 6) : found.end() + 12]
        return bool(re.search(r"务必|必须|赶在|就要|即将|将要|截止|到期|最迟|之内|马上要|就(?=开|到|要)", near))
    return True


def _day(found: re.Match[str], on: Date | None) -> tuple[Date | None, bool]:
    """The last day that is meant, and whether it lies before `on`."""
    month = _number(found["month"], _MONTHS)
    if not 1 <= month <= 12:
        return None, False
    year = _year(found["year"], on)
    if year is None:
        if on is None:
            return None, False
        year = on.year
        due = _last(year, month, found["day"], found["part"], found[0].endswith("内"))
        if due is not None and due < on:
            # Soon past is past (on 3 July: 6月底前); long past means next year's (in November: 6月底前).
            if (on - due).days <= 60:
                return due, True
            due = _last(year + 1, month, found["day"], found["part"], found[0].endswith("内"))
        return due, False
    due = _last(year, month, found["day"], found["part"], found[0].endswith("内"))
    return due, due is not None and on is not None and due < on


def _number(written: str, names: dict[str, int]) -> int:
    return int(written) if written.isdigit() else names.get(written, 0)


def _year(written: str | None, on: Date | None) -> int | None:
    if not written:
        return None
    digits = written[:4].translate(_DIGITS)
    if digits.isdigit():
        return int(digits)
    if on is None:
        return None
    return on.year + {"明": 1, "后": 2}.get(written[0], 0)


def _last(year: int, month: int, day: str | None, part: str | None, within: bool) -> Date | None:
    end = calendar.monthrange(year, month)[1]
    if day:
        number = _number(day, _DAYS)
        return Date(year, month, number) if 1 <= number <= end else None
    if part in ("初", "上旬"):
        return Date(year, month, 10)
    if part == "中旬":
        return Date(year, month, 20)
    if part or within:
        return Date(year, month, end)
    return Date(year, month, 1) - timedelta(days=1)  # 6月前: by the end of May


def _relative(what: str, on: Date) -> Date | None:
    if found := _SPAN.fullmatch(what):
        count = int(found[1]) if found[1].isdigit() else {"两": 2}.get(found[1], _DAYS.get(found[1], 0))
        if found[2] == "个月":
            return _months_on(on, count)
        return on + timedelta(days=count * (1 if found[2] in "天日" else 7))
    if "月" in what:
        following = what.startswith("下")
        year, month = on.year + (on.month + following > 12), (on.month + following - 1) % 12 + 1
        return Date(year, month, calendar.monthrange(year, month)[1])
    if what[-1] in "周期末" or "周" in what:
        return on + timedelta(days=6 - on.weekday() + (7 if what.startswith("下") else 0))
    return Date(on.year + what.startswith("明年"), 12, 31)


def _months_on(on: Date, count: int) -> Date:
    year, month = on.year + (on.month + count - 1) // 12, (on.month + count - 1) % 12 + 1
    return Date(year, month, min(on.day, calendar.monthrange(year, month)[1]))
