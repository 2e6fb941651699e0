"""Numbers with what they count or name: 二路公交 and 2路, 三号线, 一期, 3号楼, 2.5亿元.

Numbers within set phrases (五水共治, 二手房, 一站式, 第一时间) say nothing of the kind and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10_000, "亿": 100_000_000}
_HAN = "零〇一二两三四五六七八九十百千"

_IDENTITY = frozenset(
    "路 号线 号楼 号院 号桥 号门 号井 号泵 号地块 号路 号 期 年级 届 栋 幢 号栋 座 单元 标段 组 队 社 号机组 区块 环 "
    "大队 支队 中队 分校 分院 环路 国道 省道 县道 线".split()
)
_AMOUNT = frozenset(
    "平方公里 平方米 立方米 平米 平方 公里 千米 厘米 毫米 米 公顷 亩 元 块钱 块 人次 人 名 户 家 所 处 座 辆 台 "
    "盏 张 间 套 棵 株 头 只 吨 公斤 千克 克 升 度 千瓦 兆瓦 分贝 分钟 小时 天 日 周 周岁 岁 个月 月 季度 年 次 倍 折 "
    "成 层 楼 车道 车位 床位 张床 个泊位 班 班次 趟 % ‰ 分".split()
)
_CANONICAL = dict(
    pair.split("=")
    for pair in "号栋=号楼 栋=号楼 幢=号楼 平米=平方米 平方=平方米 千米=公里 块钱=元 块=元 名=人 周岁=岁 环路=环 "
    "个月=月 个泊位=车位".split()
)
_NUMBER = rf"(?:\d+(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|[{_HAN}]+)"
_MEASURES = "|".join(sorted({*_IDENTITY, *_AMOUNT}, key=len, reverse=True))
_FOUND = re.compile(
    rf"(?<![A-Za-z0-9.\-])(第)?([A-Za-z]?)({_NUMBER})([万亿]{{1,2}})?(?:多|余|来|几)?({_MEASURES})(?!(?<=人)[民大行均员口事社才]|(?<=路)[灯面段边网况]|(?<=号)[码召]|(?<=所)[有以在]|(?<=次)要"
    r"|(?<=度)假|(?<=成)[立为了都本]|(?<=天)[然桥]|(?<=日)[常照]|(?<=分)[之别类]|(?<=家)[庭长园属]|(?<=座)谈|(?<=层)次"
    r"|(?<=组)织|(?<=队)伍|(?<=台)账|(?<=班)子|(?<=户)籍|(?<=期)[间望待])"
)
_BARE_BUS = re.compile(r"(?:公交车?|专线)(\d{1,4}|[一二三四五六七八九十]{1,3})(?![\d年月日元个])")
_SET_PHRASE = re.compile(
    r"五水共治|三农|一带一路|二手|三轮|双减|一站式|十分|一些|万达|一路|一线(?!城)|一条龙|一人一|四个|三个不|一日游|一家|一座|一户一|一次性|"
    r"一个|一定|一样|一直|一起|一下|一旦|一般|一体|一方面|一类|一条|一处|一名|一所|一件事|一度|一层|一年四季|一天|一分|一块|一项|一张|"
    r"十年树木|百年大计|千家万户|万元户|三个|两个|四好|四位一体|三位一体|五位一体|两会|两难|两侧|二维码|三角|四处|五年规划|十四五|十三五|十五五|"
    r"百姓|千人计划|三高|两高|四季|八个|六个|三项|两项|百年|千年|万人|两岸|双向|第一时间|第一线|第一批|一到两|两三|三四|七八|四五|几十|一二|三五|"
    r"一头|两头|一间|一台|一套|一辆|两条|两处|几个|十个|两天|一周|一月|一日"
)
_CODE = re.compile(r"(?<![A-Za-z0-9])(?:([GSXYZ])(\d{1,4})|(\d{3})(?=国道|省道|县道))")
_ORDINAL = re.compile(
    r"第([一二三四五六七八九十]{1,3}|\d{1,3})(?=\S{0,4}?(?:厂|小学|中学|幼儿园|医院|福利院|实验|高级|职业|人民|中心小学|完小|水库|泵站))"
    r"|(?<=实验|附属)([一二三四五六七八九十])(?=小|中|幼)"
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number and its measure: ("2", "路"), ("250000000", "元"), ("329", "国道").

    `value` is written with digits, without zeros at the end of its fraction. `identity` says that it names a thing
    (2路, 一期, 3号楼) and does not count. `weight` as for places.
    """

    value: str
    measure: str
    start: int
    end: int
    identity: bool = False
    weight: float = 1.0


def value_of(text: str) -> Decimal | None:
    """The value of a number in digits or Chinese numerals (二十三, 两千五, 一〇八); None where it is none."""
    plain = text.replace(",", "")
    if plain and plain[0].isascii():
        try:
            return Decimal(plain)
        except InvalidOperation:
            return None
    if not plain or any(char not in _DIGITS and char not in _UNITS for char in plain):
        return None
    if not any(char in _UNITS for char in plain):
        return Decimal("".join(str(_DIGITS[char]) for char in plain))
    total, digit, last_unit = 0, None, 10
    for char in plain:
        if char in _UNITS:
            last_unit = _UNITS[char]
            total += (1 if digit is None else digit) * last_unit
            digit = None
        else:
            digit = _DIGITS[char]
            last_unit = 10 if char in "零〇" else last_unit
    if digit:
        # 两千五 is 2500, 一百零五 is 105.
        total += digit * (last_unit // 10 if last_unit > 10 else 1)
    return Decimal(total)


def _written(value: Decimal) -> str:
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def _number(found: re.Match[str], weight: float) -> Number | None:
    ordinal, letter, digits, large, measure = found.groups()
    value = value_of(digits)
    if value is None:
        return None
    for char in large or "":
        value *= _LARGE[char]
    if not digits[0].isascii() and _SET_PHRASE.match(found.string, found.start(3)):
        return None
    if len(digits) > 1 and not digits[0].isascii() and set(digits) <= {"一"}:
        return None
    identity = measure in _IDENTITY or bool(ordinal)
    if measure == "座" and not letter:
        identity = False
    if measure == "号" and re.match(r"[日]", found.string[found.end() : found.end() + 1]):
        return None
    return Number(
        letter.upper() + _written(value), _CANONICAL.get(measure, measure), found.start(), found.end(), identity, weight
    )


def find_numbers(text: str, weight: Callable[[int], float]) -> tuple[Number, ...]:
    """The numbers of a text that name or size something, in order."""
    numbers: list[Number] = []
    for found in _CODE.finditer(text):
        value = found[1] + found[2].lstrip("0") if found[1] else found[3]
        numbers.append(
            Number(value, "国道" if not found[1] else "线", found.start(), found.end(), True, weight(found.start()))
        )
    for found in _ORDINAL.finditer(text):
        value = value_of(found[1] or found[2])
        if value is not None:
            start = found.start()
            numbers.append(Number(_written(value), "第", start, found.end(), True, weight(start)))
    for found in _BARE_BUS.finditer(text):
        value = value_of(found[1])
        if value is not None:
            numbers.append(Number(_written(value), "路", found.start(1), found.end(1), True, weight(found.start())))
    taken = {position for number in numbers for position in range(number.start, number.end)}
    for found in _FOUND.finditer(text):
        if found.start(3) in taken:
            continue
        number = _number(found, weight(found.start()))
        if number is not None:
            numbers.append(number)
    return tuple(sorted(numbers, key=lambda number: number.start))
