"""Formulas: what a frame says is dropped, what a matter says stays."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.text import strip_body, strip_title


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("关于改造河东老年食堂的建议", "改造河东老年食堂"),
        ("关于改造河东老年食堂的提案", "改造河东老年食堂"),
        ("关于改造河东老年食堂的议案", "改造河东老年食堂"),
        ("关于改造河东老年食堂的意见", "改造河东老年食堂"),
        ("关于改造河东老年食堂的提议", "改造河东老年食堂"),
        ("关于改造河东老年食堂的调研报告", "改造河东老年食堂"),
        ("关于改造河东老年食堂的几点对策建议", "改造河东老年食堂"),
        ("关于要求改造河东老年食堂的建议", "改造河东老年食堂"),
        ("关于进一步加强校车管理的若干建议", "加强校车管理"),
        ("关于恳请尽快疏浚东横河的紧急建议。", "疏浚东横河"),
        ("关于疏浚东横河建议", "疏浚东横河"),
        ("疏浚东横河的建议", "疏浚东横河"),
        ("建请疏浚东横河", "疏浚东横河"),
        ("《关于疏浚东横河的建议》", "疏浚东横河"),
        ("第108号：关于疏浚东横河的建议", "疏浚东横河"),
        ("12、关于疏浚东横河的建议.docx", "疏浚东横河"),
        ("（三）疏浚东横河", "疏浚东横河"),
        ("案由：疏浚东横河", "疏浚东横河"),
        ("关于东横河淤积的问题", "东横河淤积"),
        ("关于东横河淤积问题", "东横河淤积问题"),
        # nothing to strip
        ("东横河淤积", "东横河淤积"),
        ("3.5万元创业补助何时到账", "3.5万元创业补助何时到账"),
        ("一、二期安置房漏水", "一、二期安置房漏水"),
        ("2、3号楼漏水", "2、3号楼漏水"),
        ("建议书店延长营业", "书店延长营业"),
        ("要不要设立意见箱", "要不要设立意见箱"),
        ("感谢信", "感谢信"),
        # formula only
        ("建议", ""),
        ("关于的提案", ""),
        ("关于", ""),
        ("", ""),
        (" 。 ", ""),
    ],
)
def test_title(title: str, expected: str) -> None:
    assert strip_title(title) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("尊敬的领导：您好！东横河淤积。", "东横河淤积。"),
        ("尊敬的王局长，您好！东横河淤积。", "东横河淤积。"),
        ("领导您好，冒昧打扰您了。东横河淤积。", "东横河淤积。"),
        ("各位代表：大家好！\n东横河淤积。", "东横河淤积。"),
        ("您好！感谢您在百忙之中阅读来信。东横河淤积。", "东横河淤积。"),
        ("本人反映，东横河淤积。", "东横河淤积。"),
        ("来信人反映：东横河淤积。", "东横河淤积。"),
        ("现将有关情况反映如下：东横河淤积。", "东横河淤积。"),
        ("东横河淤积。此致\n敬礼", "东横河淤积。"),
        ("东横河淤积。此致 敬礼！\n河东村村民 某\n2022年3月4日", "东横河淤积。"),
        ("东横河淤积。望领导批准。", "东横河淤积。"),
        ("东横河淤积。以上建议妥否，请批示。", "东横河淤积。"),
        ("东横河淤积，请尽快处理，谢谢！", "东横河淤积。"),
        ("东横河淤积，盼复为感。万分感谢各位领导！", "东横河淤积。"),
        ("东横河淤积。特此建议，敬请采纳。", "东横河淤积。"),
        ("东横河淤积。联系电话：〔手机号〕", "东横河淤积。"),
        ("东横河淤积。二〇二二年三月四日", "东横河淤积。"),
        # what is asked for stays
        ("希望疏浚东横河", "希望疏浚东横河"),
        ("请领导批准疏浚东横河的经费。", "请领导批准疏浚东横河的经费。"),
        ("因此致使河水断流。", "因此致使河水断流。"),
        ("村书记应当公开账目。", "村书记应当公开账目。"),
        ("建议有关部门：疏浚东横河。", "建议有关部门：疏浚东横河。"),
        ("感谢信访局协调，但东横河仍淤积。", "感谢信访局协调，但东横河仍淤积。"),
        # formula only
        ("谢谢", ""),
        ("尊敬的领导：您好！此致敬礼", ""),
        ("。！", ""),
        ("", ""),
    ],
)
def test_body(body: str, expected: str) -> None:
    assert strip_body(body) == expected


FRAGMENTS = (
    "关于 有关 要求 建议 进一步 的建议 的提案 的问题 尽快 《 》 （ ） 1、 （一） 一、 第3号： .docx 案由： 。 ， ： \n "
    "尊敬的 领导 您好！ 书记 本人反映， 反映， 谢谢 此致 敬礼 盼复 望领导批准 以上建议妥否， 请尽快处理 "
    "2022年3月4日 联系电话： 〔手机号〕 某 联系人： 桥塌了 东横河淤积"
).split(" ")
formulas = st.sampled_from(FRAGMENTS)


@given(st.lists(st.one_of(formulas, st.text(max_size=3)), max_size=25).map("".join))
def test_twice_is_once(text: str) -> None:
    title, body = strip_title(text), strip_body(text)
    assert strip_title(title) == title
    assert strip_body(body) == body
    assert title in text


@given(st.text(alphabet="东横河淤积桥塌了路面破损", min_size=1, max_size=30))
def test_a_matter_never_becomes_empty(matter: str) -> None:
    assert strip_title(f"1.关于要求{matter}的几点建议") == matter
    assert strip_body(f"尊敬的领导：您好！本人反映，{matter}。谢谢！") == f"{matter}。"


@pytest.mark.parametrize(
    "unit", ["关于", "的建议", "1、", "《", "谢谢，", "谢谢", "请", "此致", "尊敬的领导", "某", "手机号码", "，", "\n"]
)
def test_time_is_linear(unit: str) -> None:
    text = (unit * 200_000)[:200_000]
    started = time.perf_counter()
    strip_title(text)
    strip_body(text)
    assert time.perf_counter() - started < 4.0
