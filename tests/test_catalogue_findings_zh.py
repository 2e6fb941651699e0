"""The check of a catalogue in Chinese: what is met when somebody edits units, topics, areas, rules and settings."""

from __future__ import annotations

import re

import pytest

from triage.catalogue.findings_zh import in_chinese
from triage.catalogue.handed_in import read_texts
from triage.precheck.examples import check_examples

UNITS = "code,name,duties,active_from,active_to,succeeded_by,area,parent,level,aliases\n"
GOOD = UNITS + "lamp,路灯所,路灯,,,,,,,\n"
RULES = "id,kind,name,pattern,examples,counterexamples,action,active_from,source\n"


def told(files: dict[str, str]) -> list[str]:
    read = read_texts({"units.csv": GOOD} | files)
    found = list(read.findings)
    if not found:
        found += check_examples(read.office, read.catalogue)
    assert found
    return [in_chinese(finding.message) for finding in found]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"units.csv": ""}, "是空的"),
        ({"units.csv": "code,duties\na,b\n"}, "缺少“名称”这一栏"),
        ({"units.csv": UNITS + "lamp,,路灯,,,,,,,\n"}, "“名称”没有填"),
        ({"units.csv": GOOD + "lamp,水务站,供水,,,,,,,\n"}, "单位“lamp”的编码和第2行一样"),
        ({"units.csv": GOOD + "w,水务站,供水,,,,x,,,\n"}, "单位“w”的“辖区”写的“x”，在areas.csv里没有"),
        ({"units.csv": GOOD + "w,水务站,供水,,,,,x,,\n"}, "单位“w”的“上级”写的“x”"),
        ({"units.csv": GOOD + "w,水务站,供水,,2020,x,,,,\n"}, "承接单位“x”，在单位表里没有"),
        ({"units.csv": GOOD + "w,水务站,供水,2020,2019,,,,,\n"}, "停用日期2019-01-01不在启用日期2020-01-01之后"),
        ({"units.csv": GOOD + "w,水务站,供水,,,lamp,,,,\n"}, "却没有停用日期"),
        ({"units.csv": GOOD + "w,水务站,,,,,,,,\n"}, "没有写职责"),
        ({"units.csv": GOOD + "w,路灯所,供水,,,,,,,\n"}, "同一时间都叫“路灯所”"),
        ({"units.csv": GOOD + "w,水务站,供水,,,,,w,,\n"}, "绕了一圈又回到自己"),
        ({"units.csv": GOOD + "w,水务站,供水,去年,,,,,,\n"}, "“w”的“启用”是“去年”"),
        ({"units.csv": GOOD + "w,水务站,供水,,,,,,天上,\n"}, "“w”的层级是“天上”，应为：党委、"),
        ({"units.csv": GOOD + "w,水务站,供水,,,,,,,,多,的\n"}, "这一行有12格，第一行只有10栏"),
        ({"units.csv": GOOD + '"w,水务站\n'}, "双引号只写了一半"),
        ({"units.csv": GOOD.replace("aliases", "电话")}, "不认得“电话”这一栏"),
        ({"topics.csv": "code,name,units\na,路灯,x\n"}, "类别“a”的“单位”写的“x”"),
        ({"topics.csv": "code,name\na,路灯\nb,路灯\n"}, "和第2行同名同上级"),
        ({"topics.csv": "code,name,parent\na,甲,\nb,乙,a\nc,丙,b\nd,丁,c\n"}, "在第4级，最多3级"),
        ({"areas.csv": "code,name,served_by\na,东片,x\n"}, "区域“a”的服务单位“x”"),
        ({"rules.csv": RULES + "r,提示,答复,,,,,,甲\n"}, "既没有匹配也没有标签"),
        ({"rules.csv": RULES + "r,别的,答复,请,请答复。,,,,甲\n"}, "规矩“r”的“种类”是“别的”，应为：不予受理"),
        ({"rules.csv": RULES + "r,提示,答复,请,请答复。,,,明天,甲\n"}, "“r”的“启用”是“明天”"),
        ({"rules.csv": RULES + "r,提示,答复,(请,请答复。,,,,甲\n"}, "规矩“r”的“匹配”写得不对"),
        ({"rules.csv": RULES + "r,提示,答复,请,,,,,甲\n"}, "没有例句"),
        ({"rules.csv": RULES + "r,提示,答复,请,请答复。,,,,\n"}, "没有写依据"),
        ({"rules.csv": RULES + "r,提示,答复,请予,不写了。,,,,甲\n"}, "找不到自己的例句“不写了。”"),
        ({"rules.csv": RULES + "r,提示,答复,答,请答复。,不答。,,,甲\n"}, "把反例“不答。”也找了出来"),
        ({"days.csv": "date,working\n明天,班\n"}, "日期是“明天”"),
        ({"days.csv": "date,working\n2026-02-14,半天\n"}, "应为：班、休"),
        ({"days.csv": "date,working\n2026-02-14,班\n2026-02-14,班\n"}, "在第2行已经有了"),
        ({"office.toml": "name = [\n"}, "不是正确的设置格式"),
        ({"office.toml": 'nam = "某县"\n'}, "不认得设置“nam”"),
        ({"office.toml": 'level = "天上"\n'}, "设置“level”是“天上”"),
    ],
)
def test_what_an_editor_meets_is_said_in_chinese(files: dict[str, str], words: str) -> None:
    said = told(files)
    assert any(words in one for one in said), said
    assert all(re.search("[\u4e00-\u9fff]", one) for one in said), said


def test_a_sentence_that_is_not_known_has_no_chinese() -> None:
    assert in_chinese("is something that a later version says") == ""
