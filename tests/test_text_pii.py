"""Personal numbers: found where they are, left where they only look like it, gone after masking."""

from __future__ import annotations

import re
import time
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.text import Finding, Kind, find, mask
from triage.text.pii import SIGNS, is_bank_card, is_id_card


def with_check_character(first17: str) -> str:
    """A second way to GB 11643's check character: the whole number is 1 modulo 11, X counting 10."""
    total = sum(int(digit) * pow(2, 17 - position, 11) for position, digit in enumerate(first17))
    return first17 + "0123456789X"[(1 - total) % 11]


def with_luhn_digit(digits: str) -> str:
    for last in "0123456789":
        number = digits + last
        total = 0
        for position, char in enumerate(reversed(number)):
            value = int(char) * (1 + position % 2)
            total += value // 10 + value % 10
        if total % 10 == 0:
            return number
    raise AssertionError("one of ten digits always fits")


ID = with_check_character("33028219900307123")
CARD = with_luhn_digit("622848038812345678")
mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True).filter(lambda number: len(set(number)) > 3)
id_cards = st.builds(
    lambda place, born, number: with_check_character(f"{place}{born:%Y%m%d}{number:03d}"),
    st.sampled_from(["110105", "330282", "440306", "650102"]),
    st.dates(date(1930, 1, 1), date(2020, 12, 31)),
    st.integers(1, 999),
)
cards = (
    st.from_regex(r"62[0-9]{13,16}", fullmatch=True).map(with_luhn_digit).filter(lambda number: not is_id_card(number))
)
emails = st.from_regex(r"[a-z][a-z0-9]{1,10}@[a-z]{2,10}\.(com|cn|org)", fullmatch=True)
plates = st.from_regex(r"[京浙苏粤][A-HJ-NP-Z](·)?[0-9]{3}[A-HJ-NP-Z0-9]{2}", fullmatch=True)
personal = st.one_of(
    mobiles.map(lambda number: (Kind.MOBILE, number)),
    id_cards.map(lambda number: (Kind.ID_CARD, number)),
    cards.map(lambda number: (Kind.BANK_CARD, number)),
    emails.map(lambda number: (Kind.EMAIL, number)),
    plates.map(lambda number: (Kind.PLATE, number)),
)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("13857412345", Kind.MOBILE),
        ("138-5741-2345", Kind.MOBILE),
        ("138 5741 2345", Kind.MOBILE),
        ("1385 741 2345", Kind.MOBILE),
        ("1 3 8 5 7 4 1 2 3 4 5", Kind.MOBILE),
        ("１３８５７４１２３４５", Kind.MOBILE),
        ("138－5741－2345", Kind.MOBILE),
        ("+86 138 5741 2345", Kind.MOBILE),
        ("8613857412345", Kind.MOBILE),
        ("013857412345", Kind.MOBILE),
        ("138\u200b57412345", Kind.MOBILE),
        ("0574-63891234", Kind.LANDLINE),
        ("057463891234", Kind.LANDLINE),
        ("(0574)63891234", Kind.LANDLINE),
        ("（010）6389 1234", Kind.LANDLINE),
        ("0574-6389123-801", Kind.LANDLINE),
        ("021 6389 1234转12", Kind.LANDLINE),
        (ID, Kind.ID_CARD),
        (with_check_character("11010519491231002"), Kind.ID_CARD),
        (f"{ID[:6]} {ID[6:14]} {ID[14:]}", Kind.ID_CARD),
        (ID.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)}), Kind.ID_CARD),
        ("330282900307123", Kind.ID_CARD),
        (CARD, Kind.BANK_CARD),
        (" ".join(re.findall(".{1,4}", CARD)), Kind.BANK_CARD),
        ("4111111111111111", Kind.BANK_CARD),
        ("zhang.san_01@mail.example.com", Kind.EMAIL),
        ("ａｂ＠ｑｑ．ｃｏｍ", Kind.EMAIL),
        ("浙B12345", Kind.PLATE),
        ("浙B·8K123", Kind.PLATE),
        ("浙bd12345", Kind.PLATE),
        ("粤AF12345", Kind.PLATE),
        ("粤B1234挂", Kind.PLATE),
    ],
)
@pytest.mark.parametrize("frame", ["{}", "请回{}，谢谢", "甲：{}；乙：无"])
def test_finds(number: str, kind: Kind, frame: str) -> None:
    text = frame.format(number)
    start = text.index(number)
    assert find(text) == (Finding(kind, start, start + len(number)),)
    assert mask(text).text == frame.format(SIGNS[kind])


@pytest.mark.parametrize(
    "text",
    [
        "2023年、2019-2023年、1998-2008、1949 1978 2012",
        "1990-01-01 100户、1998-12-31 156号、2022-03-04 05:06:07",
        "补助13800000000元，投资15000000000.00元，￥13912345678",
        "〔2023〕12号、国办发[2019]138号、GB 50016-2014、DB33/T 1234-2021",
        "12345、110、12315、95588、400-820-8820、800-810-8888",
        "138、139路公交，138 139 140 141路，G1523高速、G15、S307省道、京G15、国道329线",
        "面积13812345678平方米、1.13812345678、12,345,678,901元",
        "统一社会信用代码91330282MA2ABCDE1X",
        "工单号202306121234567、编号ZJ13857412345",
        "网址123@、@456、a@b",
        "新A区、云C座、川D单元、苏州、浙江ABCDEF型",
        "1812345678、138574123456、99999999999",
        "18:30-19:30，8-10人，3×4米，0.63891234",
        "水电户号6389123456",
        with_check_character("33028219900307123")[:-1] + ("0" if ID[-1] != "0" else "1"),
        CARD[:-1] + str((int(CARD[-1]) + 1) % 10),
        with_check_character("33028219901332123"),
    ],
)
def test_leaves(text: str) -> None:
    assert find(text) == ()
    assert mask(text).text == text


def test_a_local_number_needs_the_word_telephone() -> None:
    assert mask("联系电话：63891234").text == "联系电话：〔座机号〕"
    assert mask("拨打6389123无人接听").text == "拨打〔座机号〕无人接听"
    assert find("用户63891234") == ()
    assert find("电话：20230105停机") == ()


def test_neighbours_are_all_found() -> None:
    masked = mask(f"13857412345 13957412345，{ID}，{CARD} a@b.cn0574-63891234")
    assert masked.text == "〔手机号〕 〔手机号〕，〔身份证号〕，〔银行卡号〕 〔邮箱〕〔座机号〕"
    assert mask(masked.text).findings == ()


@given(st.lists(st.tuples(personal, st.sampled_from(["，", "。请联系", "；车牌", "\n"])), max_size=5))
def test_every_number_is_found_and_masked(parts: list[tuple[tuple[Kind, str], str]]) -> None:
    text = "".join(number + after for (_, number), after in parts)
    findings = find(text)
    assert [text[found.start : found.end] for found in findings] == [number for (_, number), _ in parts]
    assert [found.kind for found in findings] == [kind for (kind, _), _ in parts]
    masked = mask(text)
    assert masked.findings == findings
    assert not any(number in masked.text for (_, number), _ in parts)


fragments = st.one_of(
    personal.map(lambda pair: pair[1]),
    st.sampled_from(
        ["电话", "-", " ", "(", ")", "0574", "63891234", "元", "路", ".", "+86", "X", "x", "〔", "〕", "转", "12"]
    ),
    st.text(alphabet="0123456789- xX＠@.a甲０１", max_size=12),
)


@given(st.lists(fragments, max_size=12).map("".join))
def test_findings_are_ordered_and_masking_twice_is_once(text: str) -> None:
    findings = find(text)
    assert all(0 <= found.start < found.end <= len(text) for found in findings)
    assert all(left.end <= right.start for left, right in pairwise(findings))
    masked = mask(text).text
    assert mask(masked).text == masked


@given(id_cards, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_breaks_the_check_character(number: str, position: int, step: int) -> None:
    wrong = number[:position] + str((int(number[position]) + step) % 10) + number[position + 1 :]
    assert is_id_card(number)
    assert not is_id_card(wrong)


@given(cards, st.integers(2, 14), st.integers(1, 9))
def test_one_wrong_digit_breaks_luhn(number: str, position: int, step: int) -> None:
    wrong = number[:position] + str((int(number[position]) + step) % 10) + number[position + 1 :]
    assert is_bank_card(number)
    assert not is_bank_card(wrong)


@pytest.mark.parametrize(
    "unit", ["1 ", "1", "62 ", "138-", "13857412345 ", "a@", "a.", "a@a.", "浙A1", "0574-", "(0574)", "1x"]
)
def test_time_is_linear(unit: str) -> None:
    text = (unit * 200_000)[:200_000]
    started = time.perf_counter()
    find(text)
    assert time.perf_counter() - started < 6.0
