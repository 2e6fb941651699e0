"""What people say for an area: 浦东新区 → 浦东, 徐家汇街道 → 徐家汇; nothing where that would be an everyday word.

A short name that turns up in every letter does harm, so one is given only where nothing speaks against it:

* it has two characters or more and is no road (四平路 of 四平路街道 runs through other streets' grounds too);
* it is no ordinary word: none of the words that places all over bear (和平, 建设: ``text/places.csv``), and in jieba's
  dictionary, if it stands there, a name;
* few areas of the country bear it. A stem that twenty towns have in common is made of everyday parts (城关, 新城,
  河西); of districts, counties and cities, which are few and much written of, forty.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from triage.text import Segmenter
from triage.text.places import ordinary_words

FORMS = tuple(
    "街道办事处 各族自治县 特别行政区 自治区 自治州 自治县 自治旗 民族乡 民族镇 街道 地区 新区 新镇 林区 特区 "
    "省 市 盟 县 区 旗 镇 乡".split()
)
"""The words for a kind of area that its short name goes without, longest first."""
LARGE = frozenset(("国家", "省", "市", "县", "区"))
COMMON_LARGE, COMMON_SMALL = 40, 20
"""From so many bearers in the country on a stem is nobody's short name: of counties and larger areas, of others."""
_ROADS = ("路", "大道", "大街", "街", "巷", "弄")
_ZONES = ("园区", "工业区", "开发区", "度假区", "旅游区", "示范区", "保税区", "管理区", "加工区", "试验区", "风景区")
_NAME_TAGS = frozenset(("ns", "nr", "nz", "nt", "nrt", "nrfg"))
_PEOPLES = tuple(
    "维吾尔 哈萨克 柯尔克孜 蒙古 土家 布依 朝鲜 达斡尔 鄂温克 鄂伦春 锡伯 塔吉克 仡佬 仫佬 毛南 拉祜 傈僳 景颇 "
    "哈尼 俄罗斯 保安 东乡 撒拉 珞巴 门巴 独龙 布朗 裕固 纳西 普米 "
    "满 回 藏 苗 彝 壮 侗 瑶 白 傣 黎 佤 畲 水 羌 土 怒".split()
)


def stem(name: str) -> str:
    """The name without the word for its kind and the peoples of an autonomous area; empty where no name is left."""
    for form in FORMS:
        if name.endswith(form):
            bare = name.removesuffix(form)
            if form.startswith(("自治", "各族", "民族")) or bare.endswith("族"):
                bare = _without_peoples(bare)
            return bare if len(bare) >= 2 else ""
    return ""


def short_name(name: str, level: str, bearers: int = 1, taken: Collection[str] = ()) -> str:
    """The short name of an area, or nothing.

    `level` is its word in `AREA_LEVELS`, `bearers` how many areas of the country have its stem, `taken` the names of
    the areas that contain it: 嘉定镇街道 in 嘉定区 is 嘉定镇 for short, not 嘉定.
    """
    bare = stem(name)
    if bare.endswith("镇") and name.endswith("街道") and (shorter := stem(bare)) and shorter not in taken:
        bare = shorter
    if not bare or bare in taken or name.endswith(_ZONES) or bare.endswith(_ROADS):
        return ""
    # A province or a city is written of by its short name wherever it is written of, 大同 and 中山 too.
    if level in ("国家", "省", "市"):
        return bare
    common = bearers >= (COMMON_LARGE if level in LARGE else COMMON_SMALL)
    return "" if common or bare in ordinary_words() or not _is_name(bare) else bare


def _is_name(word: str) -> bool:
    tokens = _segmenter().tag(word)
    return len(tokens) != 1 or not tokens[0].known or tokens[0].tag in _NAME_TAGS


def _without_peoples(name: str) -> str:
    """恩施土家族苗族 → 恩施; a people whose name is one character is told by its 族."""
    while True:
        bare = name.removesuffix("族")
        told = (people for people in _PEOPLES if bare.endswith(people) and (len(people) > 1 or bare != name))
        shorter = bare.removesuffix(next(told, ""))
        if shorter == bare or len(shorter) < 2:
            return name
        name = shorter


@cache
def _segmenter() -> Segmenter:
    """One for all, as its dictionary takes a tenth of a second to load."""
    return Segmenter()
