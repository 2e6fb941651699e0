"""For or against: which way a wish points, and when two texts want the contrary; on sentences of our own."""

from __future__ import annotations

import json
import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.duplicates.agreement import Agreement, agree
from triage.text import Segmenter
from triage.text.directions import directions
from triage.text.mentions import Mentions, find_mentions
from triage.text.stances import MOST, Stance

SEGMENTER = Segmenter()
ROLES = {"turn", "judge", "act", "more", "curb", "push", "loose", "state", "way", "fee", "book", "site"}


def stances(text: str) -> tuple[Stance, ...]:
    return find_mentions(text, SEGMENTER).stances


def compare(one: str, other: str) -> Agreement:
    return agree(find_mentions(one, SEGMENTER), find_mentions(other, SEGMENTER))


# A sentence | the sign of each of its stances with the object.
SIGNS = """
保留北门早市|+北门早市
取缔北门早市|-北门早市
反对在楼后建垃圾房|-垃圾房
关于加快建设垃圾房的建议|+垃圾房
关于暂缓撤并教学点的建议|+教学点
关于撤并教学点的建议|-教学点
这所学校不能撤|+所学校
别拆戏台|+戏台
不同意加装电梯|-电梯
坚决支持清退摊贩|-摊贩
取消周末限行|+周末限行
停止收取卫生费|-收取卫生费
从严控制新建别墅|-别墅
路口恢复双向通行|+路口双通行
路口改为单行|-路口改单行
请把菜场搬到城外|-菜场
公园免费向市民开放|-公园免费市民 +市民
体检取消预约|-体检预约
推迟上课时间|+上课时间
请把上课时间提前半小时|-上课时间
小区养鸽要管严|-小区养鸽
不要改禁放为限放|-改禁放限放
解决办证难|+办证
制止并拆除天台钢架|-天台钢架
"""


@pytest.mark.parametrize(
    ("text", "wanted"), [line.split("|") for line in SIGNS.split("\n") if line], ids=lambda value: value
)
def test_signs(text: str, wanted: str) -> None:
    assert [f"{'+' if stance.sign > 0 else '-'}{stance.object}" for stance in stances(text)] == wanted.split()


OPPOSITE = [
    ("请允许电瓶车在桃园路通行", "桃园路一律禁止电瓶车"),
    ("保留北门早市", "取缔北门早市，太脏了"),
    ("反对在楼下建垃圾房", "加快建设小区垃圾房"),
    ("北湾教学点不能撤", "关于撤并北湾教学点的建议"),
    ("延长图书馆闭馆时间", "图书馆闭馆时间请提前"),
    ("关于提高停车费的建议", "停车费别再涨了，请降低"),
    ("公园应当免费开放", "公园恢复收费有好处，请恢复门票"),
    ("育才路改为单行", "育才路请恢复双向通行"),
    ("关闭夜间操场", "晚上请继续开放操场"),
    ("石桥菜场请搬走", "石桥菜场原地保留，不要搬"),
    ("不要砍掉河边的柳树", "河边的柳树飞絮严重，请砍掉"),
    ("放开小区养鸽", "小区养鸽要管严"),
    ("推迟上课时间", "上课时间请提前半小时"),
    ("体检取消预约", "体检实行预约制"),
    (
        "听说要拆老戏台，我们全村人都不同意。请文物部门出面。",
        "老戏台破得不成样子，砸到人怎么办。请尽快拆掉老戏台。",
    ),
    ("小区里凭什么不让停电动车", "小区内严禁停放电动车"),
    ("停止填埋鱼塘，留给孩子", "鱼塘臭了多年，赶紧填掉"),
    ("别再增加班车了", "请增加班车"),
    ("桃李路口绿灯太短，请增加绿灯时长", "桃李路口绿灯时长请缩短"),
    ("强烈反对引进养鸡场", "引进养鸡场带动就业的建议"),
    ("求别关了社区食堂", "社区食堂亏损，建议关停"),
    ("坚决不同意加装电梯", "支持老楼加装电梯"),
    ("取消周末限行", "建议周末继续限行"),
    ("建议恢复路口左转", "路口左转太危险，请取消左转"),
    ("加快拆除老礼堂", "暂缓拆除老礼堂"),
    ("广场舞不该禁", "广场舞应该全面禁止"),
    ("撤掉楼下快递柜", "快递柜不要撤，方便得很"),
    ("扩大禁烧范围", "缩小禁烧范围"),
    ("提高入学门槛", "降低入学门槛"),
    ("允许早餐车上街", "清退街上的早餐车"),
    ("出租车起步价不能再涨", "关于提高出租车起步价的建议"),
    ("请增加红光路公交班次", "红光路公交空车跑，班次该减一减"),
    ("建议公园延迟关门，方便晚练", "公园晚上太吵，请早点关门"),
    ("请不要硬化村里的土路", "请尽快硬化村里的土路，下雨天没法走"),
    ("请在学校门口装护栏", "学校门口的护栏碍事，请拆走"),
    ("建议扩大限行区域", "限行区域应当缩小"),
    ("请把公厕迁走，臭得开不了窗", "公厕就在原处好，迁走了老人不方便"),
    ("体育中心周末应对市民免费", "体育中心周末收点费合理，不该免费"),
    ("小区装智能门禁侵犯隐私，我们不接受", "关于推广智能门禁的建议"),
    ("请把路口的摄像头撤了", "路口的摄像头不能撤，治安全靠它"),
]
NOT_OPPOSITE = [
    ("取消公园收费", "公园免费开放"),
    ("减少学校门口堵车", "畅通学校门口道路"),
    ("禁止货车夜间通行", "保障夜间行人安全，禁止货车"),
    ("加强校医配备", "减轻教师负担"),
    ("增加公交班次", "缩短公交发车间隔"),
    ("关于搬迁菜市场的建议", "请给菜市场换个地方"),
    ("不要拆老戏台", "请把老戏台保留下来"),
    ("撤销教学点", "把教学点并入镇小学"),
    ("请取消限行", "放开限行"),
    ("反对建变电站", "变电站不能建"),
    ("早已取消的班车请恢复", "请恢复班车。班车去年撤了。"),
    ("停车费太贵，请降低", "降低停车收费"),
    ("解决停车难", "增设停车位"),
    ("降低参保门槛", "扩大参保范围"),
    ("小区去年拆了车棚，请恢复", "请重建车棚"),
    ("恢复双向通行", "取消单行道"),
    ("增设减速带", "请装减速带，别再出事故了"),
    ("禁止广场舞扰民", "广场舞太吵，请管一管"),
    ("延长开放时间", "推迟闭馆时间"),
    ("听说要撤站，我们不同意", "请保留车站"),
    ("请取缔路边摊", "把路边摊清走"),
    ("拆除违建", "治理违建"),
    ("关于加快拆迁安置的建议", "拆迁房请早点交付"),
    ("严禁电动车上楼", "电动车不许进楼道"),
    ("提高退休金", "退休金太低了"),
    ("推迟收班时间", "延长末班车时间"),
    ("拆除旧楼", "加快旧楼改造"),
    ("搬迁老菜场", "新建一座菜场"),
    ("解决电梯停运问题", "加装电梯"),
    ("禁止电动车进电梯", "加装电梯"),
    ("规范路边收费", "取消路边收费"),
    ("清理楼道垃圾", "增设垃圾桶"),
    ("撤并龙井小学", "扩建梅岭小学"),
    ("请保留公交站", "公交站撤了，请恢复"),
    ("停办的班车请恢复", "恢复班车"),
    ("反对涨水价", "水价不要涨"),
    ("压减会议", "少开会"),
    ("放开落户限制", "取消落户门槛"),
    ("取消预约直接看病", "看病不用预约"),
    ("反对学校合并", "学校不要并，请保留"),
    ("整治楼道乱堆", "清除楼道杂物"),
    ("翠湾家园旁边建混凝土搅拌站", "请撤走翠湾家园旁的搅拌站"),
    ("地下车库捆绑销售合法吗", "请取消捆绑销售地下车库"),
    ("城东为什么禁止电动三轮车？", "呼吁取消电动三轮车禁令"),
    ("关于降低随迁子女入学条件的建议", "关于解决随迁子女入学难的建议"),
]


@pytest.mark.parametrize(("one", "other"), OPPOSITE)
def test_any_word_for_stands_against_any_word_against(one: str, other: str) -> None:
    found = compare(one, other)
    assert found.ask_opposite >= 0.4
    assert found.ask_contrary >= found.ask_opposite
    assert found.ask_differs == 0
    assert found.differs[-1].startswith("诉求相反：")
    assert compare(other, one).ask_opposite == pytest.approx(found.ask_opposite)


@pytest.mark.parametrize(("one", "other"), NOT_OPPOSITE)
def test_the_same_wish_in_contrary_words_is_no_contradiction(one: str, other: str) -> None:
    assert compare(one, other).ask_opposite == compare(other, one).ask_opposite == 0


@pytest.mark.parametrize("text", [one for pair in (*OPPOSITE, *NOT_OPPOSITE) for one in pair])
def test_nothing_contradicts_itself(text: str) -> None:
    assert compare(text, text).ask_opposite == 0


@pytest.mark.parametrize(
    "text",
    [
        "班车去年就取消了。",
        "听说隔壁要拆围墙，邻居反对。谁来管一管？",
        "自从撤了站台以后，老人出门不便，请想想办法。",
        "房产证没下来，不能落户，怎么办？",
        "",
        "。。。",
        "请问预算何时公布",
        "锦华苑南侧新建加油站",
        "停车位强制捆绑出售是否合法",
    ],
)
def test_what_is_told_is_no_wish(text: str) -> None:
    assert stances(text) == ()


def test_a_judgement_is_about_what_was_told() -> None:
    against = stances("听说要在村口建养鸡场，我们全村不答应。")
    assert [(stance.sign, stance.verb, stance.object) for stance in against] == [(-1, "建", "养鸡场")]
    kept = stances("听说下月要撤站，并把班车停开。我们坚决反对。")
    assert [stance.sign for stance in kept] == [1, 1]


def test_the_title_weighs_more_than_the_letter() -> None:
    found = stances("保留早市。住了三十年，天天去。请不要关闭早市。")
    assert [stance.weight for stance in found] == [1.0, 0.8]
    assert found[1].about.startswith("早市")


def test_the_phrase_names_both_wishes() -> None:
    assert compare("取消周末限行", "建议周末继续限行").differs == ("诉求相反：取消周末限行 / 周末限行",)


def test_an_index_of_an_earlier_version_has_none() -> None:
    found = find_mentions("取缔北门早市", SEGMENTER)
    assert found.stances
    stored = json.loads(json.dumps(found.to_json()))
    assert Mentions.from_json(stored) == found
    earlier = Mentions.from_json(stored[:3])
    assert earlier.stances == ()
    assert earlier.asks == found.asks


def test_the_table_is_sound() -> None:
    entries = {entry.text: entry for found in directions().entries.values() for entry in found}
    assert len(entries) >= 300
    assert {entry.role for entry in entries.values()} == ROLES
    assert {entry.sign for entry in entries.values()} == {1, -1}
    for entry in entries.values():
        assert entry.guard is None or entry.text in entry.guard.pattern


PIECES = (
    "不要 别 反对 请 建议 听说 取消 限行 收费 拆 建 把 早市 柳河镇 。 ， 、 难 解决 我们 同意 改 单行 了 并".split()
)
FRAGMENTS = st.lists(st.sampled_from(PIECES) | st.characters(), max_size=40).map("".join)


@given(FRAGMENTS)
def test_any_text_gives_stances_within_it(text: str) -> None:
    found = find_mentions(text, SEGMENTER)
    assert len(found.stances) <= MOST
    for stance in found.stances:
        assert 0 <= stance.start < stance.end <= len(text)
        assert stance.sign in (1, -1)
        assert len(stance.object) <= 24
        assert len(stance.about) <= 80
    assert Mentions.from_json(found.to_json()) == found


@given(FRAGMENTS, FRAGMENTS)
def test_exchanging_the_texts_changes_nothing(one: str, other: str) -> None:
    assert compare(one, other).values == pytest.approx(compare(other, one).values)


def test_a_letter_is_read_in_a_fraction_of_a_millisecond() -> None:
    letter = "。".join(one for pair in OPPOSITE for one in pair)[:400]
    find_mentions(letter, SEGMENTER)
    best = min(timeit.repeat(lambda: find_mentions(letter, SEGMENTER), number=10, repeat=5)) / 10
    assert best < 0.01
