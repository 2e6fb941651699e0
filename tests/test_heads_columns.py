"""The units as columns: shared phrases, kinds and areas, and which of them a text names."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.catalogue import Area, Catalogue, Unit
from triage.heads.columns import UnitColumns

SCHOOLS, ROADS, STREET = ("办学校", "管教师"), ("修路", "装路灯"), ("管社区",)
PLACE = Catalogue(
    units=(
        Unit("jy", "教育局", aliases=("教育委员会",), duties=SCHOOLS, area="jz"),
        Unit("jt", "交通局", duties=(*ROADS, "办学校"), area="jz"),
        Unit("dh-jy", "东湖区教育局", duties=SCHOOLS, area="dh"),
        Unit("xs-jy", "西山区教育局", duties=SCHOOLS, area="xs"),
        Unit("bt", "白塔街道办事处", duties=STREET, area="bt"),
        Unit("ly", "柳叶镇政府", duties=STREET, area="ly"),
        Unit("gw", "管委会"),
    ),
    areas=(
        Area("jz", "江州市", ("江州",), "市"),
        Area("dh", "东湖区", ("东湖",), "区", "jz"),
        Area("xs", "西山区", (), "区", "jz"),
        Area("bt", "白塔街道", ("白塔",), "街道", "dh"),
        Area("ly", "柳叶镇", (), "乡镇"),
    ),
)
OWN, OUTER, NAMED, INNER = range(4)


@pytest.fixture(scope="module")
def columns() -> UnitColumns:
    return UnitColumns(PLACE, PLACE.units)


def named(columns: UnitColumns, text: str) -> dict[str, list[int]]:
    """The names of the units that the text mentions, with what it mentions of them."""
    (table,) = columns.mentions([text])
    return {name: np.flatnonzero(row).tolist() for name, row in zip(columns.names, table, strict=True) if row.any()}


def test_units_keep_their_order(columns: UnitColumns) -> None:
    assert columns.names == tuple(unit.name for unit in PLACE.units)
    assert len(columns) == 7
    assert [columns.index[name] for name in columns.names] == list(range(7))
    assert UnitColumns(PLACE, PLACE.units[::-1]).names == columns.names[::-1]


def test_a_phrase_that_several_have_stands_once(columns: UnitColumns) -> None:
    assert columns.phrases == ("办学校", "管教师", "修路", "装路灯", "管社区")
    for row, phrase in enumerate(columns.phrases):
        for column, unit in enumerate(PLACE.units):
            assert columns.membership[row, column] == (phrase in unit.duties)


def test_units_of_the_same_duties_are_of_one_kind(columns: UnitColumns) -> None:
    jy, jt, dh_jy, xs_jy, bt, ly, gw = columns.kind
    assert jy == dh_jy == xs_jy
    assert bt == ly
    assert len({jy, jt, bt, gw}) == columns.kinds == 4


def test_a_unit_sits_in_its_district(columns: UnitColumns) -> None:
    jy, jt, dh_jy, xs_jy, bt, ly, gw = columns.area
    assert jy == jt
    assert dh_jy == bt, "a street belongs to its district"
    assert len({jy, dh_jy, xs_jy, ly, gw}) == columns.areas == 5


def test_only_units_that_repeat_over_areas_make_a_structure(columns: UnitColumns) -> None:
    assert columns.structured
    assert not UnitColumns(PLACE, PLACE.units[:2]).structured
    assert not UnitColumns(PLACE, (PLACE.units[0], PLACE.units[4])).structured
    assert not UnitColumns(Catalogue(), ()).structured


def test_scores_of_kinds_and_areas_are_handed_to_their_units(columns: UnitColumns) -> None:
    kinds = np.arange(8, dtype=np.float32).reshape(2, 4)
    areas = np.arange(10, dtype=np.float32).reshape(2, 5)
    by_kind, by_area = columns.spread(kinds, areas)
    for text in range(2):
        for unit in range(7):
            assert by_kind[text, unit] == kinds[text, columns.kind[unit]]
            assert by_area[text, unit] == areas[text, columns.area[unit]]


def test_a_district_is_the_ground_of_its_units_and_around_its_streets(columns: UnitColumns) -> None:
    assert named(columns, "东湖区的学校") == {"东湖区教育局": [OWN], "白塔街道办事处": [OUTER]}
    assert named(columns, "东湖的学校") == {"东湖区教育局": [OWN], "白塔街道办事处": [OUTER]}
    assert named(columns, "白塔街道的路") == {"白塔街道办事处": [OWN], "东湖区教育局": [INNER]}
    both = named(columns, "西山区和白塔的路")
    assert both == {"西山区教育局": [OWN], "白塔街道办事处": [OWN], "东湖区教育局": [INNER]}
    both = named(columns, "东湖区白塔街道的路")
    assert both == {"东湖区教育局": [OWN, INNER], "白塔街道办事处": [OWN, OUTER]}


def test_districts_that_are_named_together_share(columns: UnitColumns) -> None:
    (alone, both) = columns.mentions(["西山区的路", "西山区和东湖区的路"])[:, columns.index["西山区教育局"], OWN]
    assert (alone, both) == (1.0, 0.5)


def test_units_that_serve_an_area_have_it_as_their_ground() -> None:
    zone = Area("kf", "临港开发区", (), "开发区", "jz", served_by=("kfq", "gw"))
    place = Catalogue((*PLACE.units, Unit("kfq", "开发区建设局", duties=ROADS)), (), (*PLACE.areas, zone))
    columns = UnitColumns(place, place.units)
    assert named(columns, "临港开发区的路") == {"管委会": [OWN], "开发区建设局": [OWN]}
    gw, kfq = columns.index["管委会"], columns.index["开发区建设局"]
    assert columns.local(gw)
    assert columns.area[gw] == columns.area[kfq]
    assert columns.area_codes[columns.area[kfq]] == "kf"
    assert not UnitColumns(PLACE, PLACE.units).local(gw)


def test_a_road_called_after_a_town_hints_less_than_the_town(columns: UnitColumns) -> None:
    town = columns.mentions(["东湖区和白塔街道的事", "西山区的事，白塔路堵车"])
    street = columns.index["白塔街道办事处"]
    assert town[0, street, OWN] == 1.0
    assert 0.0 < town[1, street, OWN] < 0.5


def test_a_town_is_a_place_also_where_nobody_says_of_which(columns: UnitColumns) -> None:
    assert named(columns, "柳叶镇的路") == {"柳叶镇政府": [OWN]}


def test_the_place_as_a_whole_tells_nothing(columns: UnitColumns) -> None:
    assert named(columns, "江州市的路，江州的桥") == {}


def test_the_longest_name_wins(columns: UnitColumns) -> None:
    own = {"东湖区教育局": [OWN, NAMED], "白塔街道办事处": [OUTER]}
    assert named(columns, "请东湖区教育局办理") == own, "a unit that is named with its place names the place"
    assert named(columns, "请教育局办理") == {"教育局": [NAMED]}
    assert named(columns, "请教育委员会办理") == {"教育局": [NAMED]}
    both = named(columns, "请东湖区教育局和教育局办理，东湖区的学校")
    assert both == {"教育局": [NAMED], "东湖区教育局": [OWN, NAMED], "白塔街道办事处": [OUTER]}


def test_texts_are_looked_at_one_by_one(columns: UnitColumns) -> None:
    texts = ["东湖区", "", "管委会", "无"]
    table = columns.mentions(texts)
    assert table.shape == (4, 7, 4)
    for row, text in enumerate(texts):
        np.testing.assert_array_equal(table[row], columns.mentions([text])[0])
    assert columns.mentions([]).shape == (0, 7, 4)


@given(
    st.lists(st.sampled_from(["东湖", "东湖区", "区", "教育局", "白塔", "街道", "办事处", "西山区", "柳叶镇", "的"]))
)
def test_a_unit_counts_where_no_longer_name_covers_it(pieces: list[str]) -> None:
    text = "".join(pieces)
    columns = UnitColumns(PLACE, PLACE.units)
    expected = np.zeros(7)
    free = [True] * len(text)
    for word in sorted(columns._words, key=lambda word: (-len(word), word)):
        for start in range(len(text) - len(word) + 1):
            place = range(start, start + len(word))
            if text.startswith(word, start) and all(free[i] for i in place):
                for i in place:
                    free[i] = False
                expected[columns._words[word]] = 1
    (table,) = columns.mentions([text])
    np.testing.assert_array_equal(table[:, NAMED], expected)
    assert table.min() >= 0.0
    assert table.max() <= 1.0


def test_names_are_looked_for_in_one_order_in_every_process(root: Path) -> None:
    """Sets of texts come in another order in each process; the answer must not."""
    code = (
        "from triage.catalogue import Area, Catalogue, Unit\n"
        "from triage.heads.columns import UnitColumns\n"
        "names = tuple(f'{a}{b}' for a in '甲乙丙丁' for b in '甲乙丙丁')\n"
        "area = Area('a', '某镇', names, '乡镇')\n"
        "place = Catalogue(units=(Unit('u', '某镇政府', area='a'),), areas=(area,))\n"
        "print(list(UnitColumns(place, place.units)._words))"
    )
    said = set()
    for seed in ("1", "2", "3"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, "-c", code], cwd=root, env=environment, capture_output=True, check=True)
        said.add(done.stdout)
    assert len(said) == 1
