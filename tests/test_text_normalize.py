"""Normalising: what changes, what must stay, that twice is once, and that no text is slow."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from triage.text import normalize
from triage.text.characters import to_simplified
from triage.text.web import drop_tags

FRAGMENTS = [
    "村口的石桥裂了", "雨天积水", "協調", "乾燥", "臺北", "乾县", "，", "。", "！！", "……", "、", "：", "？",
    "“", "」", "『", "(xié)", "（tiáo）", "xié", "diào", "(xie2)", "[ni hao]", "(ok)", "(ㄒㄧㄝˊ)",
    "xie\u0301", "\u0301\u0316\u0301", "<b>", "</p>", "<br/>", "<<b>b>", "<!--", "-->", "<script>",
    "</script>", "<", ">", "<招投标法>", "<span style='a'>", "&amp;", "&lt;", "&#38;", "&#60;", "&nbsp;",
    "&am", "p;", "&#8203;", "&#65286;", "#", ";", "&", "http://a.example/x?y=1", "www.example.org",
    "来源：晚报 ", "发布时间：2022-03-04 05:06", "浏览次数：12次", "【打印】", "字号：大 中 小",
    "分享到：微信", "当前位置：首页 > 信箱", "责任编辑：甲", "版权所有", "上一篇：乙", "标题：", "内容：",
    "资金来源：", "**", "*", "×", "××", "X", "XX", "xx", "县", "路", "某", "○○", "二○○九年", "138****1234",
    "3×4米", "0000-00000000", "１２", "Ａ", "㎡", "①", "⑴", "㈠", "Ⅳ", "ﬁ", "℃", "\u3000", " ", "  ", "\t",
    "\n", "\r\n", "\u2028", "_x000D_", "\u200b", "\ufeff", "\u202e", "\x00", "\ud800", "\ue123", "\U0001f600",
    "a", "abc", "1", "12", ".", ",", ";", ":", "(", ")", "-", "---", "——", "~", "=", "====", "# ", "- ",
    "加 强 管 理", "\n\n", "A 3 区", "3.5", "1,000", "8:30", "〔手机号〕", "二.", "一、",
]  # fmt: skip
nasty = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.characters(), st.text(max_size=3)), max_size=30).map("".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # width
        ("３号楼Ａ座，电梯坏了！", "3号楼A座，电梯坏了！"),
        ("广场,周末很吵;能否限时?", "广场，周末很吵；能否限时？"),
        ("上午8:30到9:15,共1,200人,占3.5%", "上午8:30到9:15，共1,200人，占3.5%"),
        ("占地20㎡", "占地20平方米"),
        ("步骤①挖沟", "步骤①挖沟"),
        ("「便民」服务", "“便民”服务"),
        # traditional
        ("臺區公車候車亭過於老舊", "台区公车候车亭过于老旧"),
        ("乾隆年間的古橋，夏季乾燥", "乾隆年间的古桥，夏季干燥"),
        ("乾县的古桥", "乾县的古桥"),
        # pinyin
        ("协(xié)调(diào)解决", "协调解决"),
        ("协（xié）调【tiáo】一致", "协调一致"),
        ("协(xie2)调(tiao2)", "协调"),
        ("协xié调 diào 解决", "协调解决"),
        ("协调(xié tiáo)解决", "协调解决"),
        ("协(ㄒㄧㄝˊ)调", "协调"),
        ("协xie\u0301调", "协调"),
        ("夜里卡拉(ok)和酒吧（ktv）扰民，去café(bar)", "夜里卡拉（ok）和酒吧（ktv）扰民，去café（bar）"),
        ("调整DN300(mm)管", "调整DN300（mm）管"),
        # invisible
        ("路\u200b灯\ufeff不\u00ad亮\x07", "路灯不亮"),
        ("第一行\r\n\u2028第二行_x000D_\n第三行", "第一行\n第二行\n第三行"),
        ("半个\ud83d字", "半个字"),
        # masks
        ("X县XX镇**路", "某县某镇某路"),
        ("张**与王×", "张某与王某"),
        ("○○里，二○○九年", "某里，二〇〇九年"),
        ("电话138****1234", "电话〔号码〕"),
        ("电话0000-00000000", "电话〔号码〕"),
        ("3×4米的X光室，尺码XXL，A7县", "3×4米的X光室，尺码XXL，A7县"),
        # web
        ("<p>桥面</p><div class='a'>破<b>损</b></div>", "桥面\n破损"),
        ("桥面&nbsp;破损&amp;lt;5处&amp;gt;", "桥面 破损<5处>"),
        ("依据<招标投标法>办理", "依据<招标投标法>办理"),
        ("详见https://a.example/b?c=1请查收", "详见 请查收"),
        ("来源：晚报 发布时间：2022-03-04 05:06 浏览次数：12次 字号：[大 中 小] 【打印】\n桥塌了", "桥塌了"),
        ("当前位置：首页 > 市长信箱 > 详情\n桥塌了\n上一篇：路灯\n版权所有：某网", "桥塌了"),
        ("建议标题：修桥\n建议内容：桥塌了", "修桥\n桥塌了"),
        ("资金来源：财政；施工时间：2022-03-04；桥长© 20米", "资金来源：财政；施工时间：2022-03-04；桥长© 20米"),
        ("**一、现状**\n# 标题\n- 桥塌了", "一、现状\n标题\n桥塌了"),
        # blanks and marks
        ("  加 强 管 理  工作 。\n\n\n\t地铁 3 号线 ", "加强管理 工作。\n地铁3号线"),
        ("太吵了！！！！。。。真的......-----唉", "太吵了！……真的……唉"),
        ("", ""),
    ],
)
def test_one_way_of_writing(text: str, expected: str) -> None:
    assert normalize(text).text == expected


def test_keeps_the_original_and_says_what_was_done() -> None:
    text = "協(xié)調<br>Ｘ縣"
    normal = normalize(text)
    assert normal.original == text
    assert normal.text == "协调\n某县"
    assert normal.changes == (
        "统一全角半角", "去除网页标签", "去除夹注拼音", "繁体转为简体", "统一遮挡符号"
    )  # fmt: skip
    assert normalize("桥塌了。").changes == ()


@given(nasty)
@example("&<b>amp;lt;b>")
@example("协(xié)(xié)xié(xié)调")
@example("来源：来源：甲 乙")
@example("○○九○○")
@example("*X*县XX*")
def test_twice_is_once(text: str) -> None:
    once = normalize(text).text
    assert normalize(once).text == once


@given(nasty)
def test_output_is_clean(text: str) -> None:
    normal = normalize(text).text
    normal.encode("utf-8")
    assert normal == normal.strip()
    assert not set(normal) & set("\x00\u200b\ufeff\u202e\u3000\t\r")
    assert "\n\n" not in normal
    assert "  " not in normal


@given(st.text(alphabet="桥面破损路灯不亮积水严重居民出行加强整治", min_size=1, max_size=40))
def test_plain_text_is_left_alone(text: str) -> None:
    sentence = f"{text}，请修复。"
    assert normalize(sentence).text == sentence
    assert normalize(sentence).changes == ()


@given(st.text(alphabet="协调解决桥面积水", min_size=1, max_size=20), st.data())
def test_injected_pinyin_leaves_no_trace(text: str, data: st.DataObject) -> None:
    syllables = dict(zip("协调解决桥面积水", "xié diào jiě jué qiáo miàn jī shuǐ".split(), strict=True))
    frame = data.draw(st.sampled_from(["({})", "（{}）", "[{}]", "【{}】", "( {} )", "{}", " {} "]))
    assert normalize("".join(char + frame.format(syllables[char]) for char in text)).text == text


@pytest.mark.parametrize(
    "unit",
    [
        "桥面破损，请修复。", "協(xié)調", "<b", "<b>", "<", ">", "<!--", "<script>", "&amp;", "&#38;", "&",
        "&lt;", "*", "X ", "某", "○", "1 ", "( ", "(", "a", "桥 ", "x\u0301\u0316", "\u0316\u0301", "来源：a ",
        "来源：", "当前位置：首页 > ", "字号：大 ", "打印", ",", "好,", "!", "—", ".", "…", "-", "# ", "\n",
        " ", " \n", "标题：", "http://", "www.", "臺", "\u200b", "xié", "(xié", "桥(a", "一、",
    ],
)  # fmt: skip
def test_time_is_linear(unit: str) -> None:
    text = "桥" + (unit * 200_000)[:200_000] + "a"
    normalize(text[:2_000])
    started = time.perf_counter()
    normalize(text)
    assert time.perf_counter() - started < 4.0, "200,000 characters should take a fraction of a second"


def test_nested_debris_of_tags_goes_in_one_pass() -> None:
    assert drop_tags("<" * 3 + "b>" * 3 + "桥") == "桥"
    assert drop_tags("3 < 5 且 5 > 3") == "3 < 5 且 5 > 3"


def test_conversion_is_safe_between_threads() -> None:
    texts = [f"第{number}座橋樑年久失修" for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        converted = list(pool.map(to_simplified, texts))
    assert converted == [f"第{number}座桥梁年久失修" for number in range(200)]


def test_import_loads_no_dictionary() -> None:
    heavy = ("opencc", "rjieba", "numpy", "sklearn")
    program = f"import sys, triage.text; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
