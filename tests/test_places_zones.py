"""Counts for each area: what is about it, and what its units lead."""

from __future__ import annotations

import pytest

from triage.catalogue import Area, Catalogue, Unit
from triage.places import AreaFinder, by_zone
from triage.records import Case, Suggestion

PLACE = Catalogue(
    units=(
        Unit("jy", "教育局", area="yx"),
        Unit("kf", "临港开发区管委会", area="kf"),
        Unit("fw", "园区服务中心"),
        Unit("tx", "塔溪街道办事处", area="tx"),
    ),
    areas=(
        Area("yx", "云溪县", level="县", short_name="云溪"),
        Area("kf", "临港开发区", (), "开发区", "yx", "临港", served_by=("fw",)),
        Area("tx", "塔溪街道", (), "街道", "yx", "塔溪"),
        Area("cc", "春草社区", (), "社区", "tx"),
    ),
)


def case(number: int, text: str, *leads: str, area: str = "") -> Case:
    return Case(Suggestion(id=f"c{number}" if number else "", text=text), leads, area=area)


@pytest.fixture(scope="module")
def finder() -> AreaFinder:
    return AreaFinder(PLACE, "yx")


def test_a_zone_that_leads_much_is_seen_though_few_texts_name_it(finder: AreaFinder) -> None:
    cases = [case(n, "厂门口的路坏了", "临港开发区管委会") for n in range(1, 121)]
    cases += [case(n, "塔溪街道的菜场脏", "塔溪街道办事处") for n in range(121, 161)]
    cases += [case(n, "云溪县的学校少", "教育局") for n in range(161, 467)]
    zones = by_zone(cases, PLACE, finder)
    assert zones.cases == 466
    rows = {row.area: row for row in zones.rows}
    assert (len(rows["kf"].led), len(rows["kf"].filed)) == (120, 0)
    assert rows["kf"].share_led == pytest.approx(120 / 466)
    assert rows["tx"].led == rows["tx"].filed == tuple(f"c{n}" for n in range(121, 161))
    assert zones.whole == tuple(f"c{n}" for n in range(161, 467))
    assert len(zones.nowhere) == 120 + 306
    assert "yx" not in rows


def test_what_lies_within_counts_for_what_is_around(finder: AreaFinder) -> None:
    zones = by_zone(
        [case(1, "春草社区的灯"), case(2, "塔溪街道的灯"), case(3, "临港的灯", "园区服务中心")], PLACE, finder
    )
    assert [(row.area, row.depth, len(row.filed)) for row in zones.rows] == [("kf", 0, 1), ("tx", 0, 2), ("cc", 1, 1)]
    assert zones.rows[0].led == ("c3",)


def test_the_registered_area_outranks_the_text(finder: AreaFinder) -> None:
    cases = [
        case(1, "塔溪街道的灯", area="临港开发区"),
        case(2, "塔溪街道的灯", area="kf"),
        case(3, "塔溪的灯", area="别处"),
    ]
    zones = by_zone(cases, PLACE, finder)
    assert {row.area: row.filed for row in zones.rows} == {"kf": ("c1", "c2"), "tx": ("c3",)}


def test_several_leads_count_once_each_and_a_case_without_id_has_its_number(finder: AreaFinder) -> None:
    zones = by_zone([case(0, "灯", "塔溪街道办事处", "临港开发区管委会", "园区服务中心")], PLACE, finder)
    assert {row.area: row.led for row in zones.rows} == {"kf": ("1",), "tx": ("1",)}
    assert zones.nowhere == ("1",)


def test_nothing_and_units_that_nobody_knows(finder: AreaFinder) -> None:
    assert by_zone([], PLACE, finder).rows == ()
    zones = by_zone([case(1, "灯", "不存在的单位")], PLACE, finder)
    assert (zones.rows, zones.whole, zones.nowhere) == ((), ("c1",), ("c1",))
