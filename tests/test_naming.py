"""Names of topics: a phrase that a reader knows, frequent inside and rare outside."""

from __future__ import annotations

import pytest

from triage.duplicates.naming import MAX_NAME, MAX_WORDS, STOP_WORDS, TopicNamer
from triage.text import Segmenter, normalize

OTHERS = ["关于发展茶产业的建议", "小区路灯不亮", "小区绿化养护", "河道清淤", "村卫生室缺医生", "小区物业收费高"]


def namer(titles: list[str], texts: list[str] | None = None) -> TopicNamer:
    segmenter = Segmenter()
    texts = texts or [""] * len(titles)
    words = [segmenter.words(normalize(a + b).text) for a, b in zip(titles, texts, strict=True)]
    return TopicNamer(words, titles, texts)


@pytest.mark.parametrize(
    ("titles", "name"),
    [
        (["关于加强校园食品安全监管的建议", "加强校园食品安全监管", "校园食品安全监管不到位"], "校园食品安全监管"),
        (["关于整治飞线充电的建议", "飞线充电问题突出", "飞线充电着火"], "飞线充电"),
        (["學校門口擁堵", "学校门口拥堵", "关于学校门口的拥堵"], "学校门口拥堵"),
        (["增设2路公交站", "关于增设2路公交站的建议", "2路公交站太少"], "2路公交站"),
        (["拖欠农民工工资", "农民工工资被拖欠", "讨要农民工工资"], "农民工工资"),
    ],
)
def test_the_name_is_the_phrase_that_titles_share(titles: list[str], name: str) -> None:
    found = namer([*titles, *OTHERS]).name([0, 1, 2])
    assert found.text == name


def test_what_stands_everywhere_names_nothing() -> None:
    titles = ["小区电动车充电桩", "小区电动车充电桩少", "小区电动车充电桩坏了", *OTHERS, "小区健身器材", "小区垃圾分类"]
    words = dict(namer(titles).name([0, 1, 2]).words)
    assert words["充电桩"] > 5 * words["小区"] > 0


def test_without_a_common_phrase_words_stand_side_by_side() -> None:
    titles = ["油烟从饭店飘进居民楼", "饭店太吵，油烟很大", "楼下饭店排放油烟", "夜市有油烟，饭店不管"]
    found = namer([*titles, *OTHERS]).name([0, 1, 2, 3])
    assert set(found.text.split(" ")) == {"油烟", "饭店"}


def test_a_letter_without_title_is_read_by_its_opening() -> None:
    texts = ["尊敬的领导：您好！暖气片不热，已经三天。", "暖气片不热，打电话没人接。", "家里暖气片不热。"]
    found = namer([""] * 3 + OTHERS, texts + [""] * len(OTHERS)).name([0, 1, 2])
    assert "暖气片" in found.text


def test_a_batch_of_one_topic_has_a_name() -> None:
    assert namer(["疏浚东横河", "关于疏浚东横河的建议", "东横河淤积"]).name([0, 1, 2]).text in ("东横河", "疏浚东横河")


def test_a_number_of_a_person_is_in_no_name() -> None:
    titles = ["13812345678噪声扰民", "13812345678噪声扰民", "13812345678噪声扰民"]
    assert namer([*titles, *OTHERS]).name([0, 1, 2]).text == "噪声扰民"


def test_names_and_words_keep_their_limits() -> None:
    long = "关于统筹城乡义务教育学校优质均衡一体化发展示范区建设的建议"
    found = namer([long, long, long, *OTHERS]).name([0, 1, 2])
    assert 0 < len(found.text) <= MAX_NAME
    assert len(found.words) <= MAX_WORDS
    assert not {word for word, _ in found.words} & STOP_WORDS


def test_texts_without_words_have_no_name() -> None:
    found = namer(["", "……", "？？"]).name([0, 1, 2])
    assert (found.text, found.words) == ("", ())
