"""Which sentences name the office's own place, and which a place elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from triage.precheck.sentences import Sentence
from triage.records import Jurisdiction
from triage.text.characters import HAN
from triage.text.places import Place

_KIND = re.compile("(?:省|市|县|区|州|盟|旗|自治[州县])$")
_OURS = re.compile(
    r"(?:我们?|本|咱们?|全|俺们?)(?:省|市|县|区|镇|乡|村|街道|社区|小区|这里?|家乡|这边)|(?:县|区|镇|乡|村|市)里|县城|城区|村委会|居委会|当地|辖区"
)
_NAME = re.compile(rf"[{HAN}]{{2,4}}(?:省|市|县|区|州|旗)")
_NO_NAME = re.compile(
    r"^(?:[我本全各外邻该此某咱俺这那哪跨两几多每三隔靠望接分]|隔壁|分属)|(?:园|营|社|景|校|厂|院|片|小)区$|县委"
)


_ADDRESSED = re.compile(
    r"(?:^|[，。：、；“ ]|建议|希望|要求|请求?|[到去在从由让向与和跟同住往至])"
    rf"([{HAN}]{{2}}[县市区])(?![{HAN}]?[委长位]|民|场)"
)
_COMMON = re.compile(
    r"居民|开发|示范|高新|工业|商业|住宅|保护|老城|新城|主城|中心|功能|服务|生活|农贸|这个|那个|一个|整个|有些|所有|全县|各个|附近|周边|办公|休息|等候|"
    r"儿童|教学|候车|停车|步行|风景|旅游|自治|直辖|县级|地级|省会|大中|我们|咱们|他们|禁养|矿山|山丘|城中|农村|乡镇|沿海|内地|外地|部分|不少|许多|"
    r"大城|小城|都会|超级|夜间|批发|人才|劳务|跳蚤|菜篮|经济|产业|科技|物流|综合|文化|体育|公共|核心|重点|集中|安置|拆迁|试点|片区|林牧|牧业"
)


def own_names(place: str) -> tuple[str, ...]:
    """The names of a place with and without the word for its kind (清河县, 清河)."""
    short = _KIND.sub("", place)
    return tuple(name for name in dict.fromkeys((place, short)) if len(name) > 1)


def at_home(sentences: Sequence[Sentence], own: Iterable[str], found: Jurisdiction | None) -> NDArray[np.bool_]:
    """Which sentences name the own place: by one of its names, as ours (我县), or an area that was found there."""
    names = tuple(own)
    home = [_OURS.search(one.text) is not None or any(name in one.text for name in names) for one in sentences]
    if found is not None:
        outside = set(found.outside)
        for mention in found.mentions:
            if mention.area and mention.written not in outside and mention.name not in outside:
                for number, one in enumerate(sentences):
                    home[number] = home[number] or mention.written in one.text
    return np.array(home, np.bool_)


def elsewhere(
    sentences: Sequence[Sentence], places: Iterable[Place], own: Iterable[str], found: Jurisdiction | None
) -> NDArray[np.bool_]:
    """Which sentences name a county, city or province other than the own place, or a place that lies outside."""
    ours = tuple(own)
    names = set() if found is None else set(found.outside)
    for place in places:
        name = place.name
        if place.kind in ("district", "city") and _NAME.fullmatch(name) and not _NO_NAME.search(name):
            names.update(one for one in own_names(name) if not _is_one_of(one, ours))
    for sentence in sentences:
        for found_ in _ADDRESSED.finditer(sentence.text):
            if not _NO_NAME.search(found_[1]) and not _COMMON.match(found_[1]) and not _is_one_of(found_[1], ours):
                names.update(own_names(found_[1]))
    return np.array([any(name in one.text for name in names) for one in sentences], np.bool_)


def _is_one_of(name: str, own: Iterable[str]) -> bool:
    return any(mine in name or name in mine for mine in own)
