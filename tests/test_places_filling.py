"""A catalogue whose areas are completed from a table of divisions."""

from __future__ import annotations

from triage.catalogue import Area, Catalogue, Unit, catalogue_for_names, starter_catalogue
from triage.places import Divisions, filled

TABLE = Divisions.of(
    [
        ("98", "云岭省"),
        ("9801", "江州市"),
        ("980102", "青崖区"),
        ("980102001", "柳巷口街道"),
        ("980102100", "石埠镇"),
        ("980103", "苍石区"),
        ("9802", "海州市"),
        ("980202", "青崖区"),
    ]
)


def test_towns_are_added_below_the_areas_that_are_known() -> None:
    place = Catalogue(
        (Unit("u", "柳巷口街道办事处", area="街"),),
        (),
        (
            Area("市", "江州市", ("江州",), "市"),
            Area("区", "青崖区", (), "区", "市"),
            Area("街", "柳巷口街道", parent="区"),
        ),
    )
    done = filled(place, TABLE)
    assert done.units == place.units
    assert done.areas == (
        Area("市", "江州市", ("江州",), "市"),
        Area("区", "青崖区", (), "区", "市", "青崖"),
        Area("街", "柳巷口街道", (), "街道", "区", "柳巷口"),
        Area("980102100", "石埠镇", (), "乡镇", "区", "石埠"),
        Area("980103", "苍石区", (), "区", "市", "苍石"),
    )
    assert filled(done, TABLE) == done


def test_homonyms_and_invented_places_stay_as_they_are() -> None:
    two = Catalogue(areas=(Area("a", "青崖区", (), "区"), Area("b", "无名县", (), "县")))
    assert filled(two, TABLE) == two
    assert filled(Catalogue(), TABLE) == Catalogue()


def test_the_areas_that_come_from_units_names() -> None:
    names = ["江州市青崖区教育局", "江州市青崖区柳巷口街道办事处", "江州市教育局"]
    place, _ = catalogue_for_names(names, starter_catalogue())
    done = filled(place, TABLE)
    assert [area.name for area in done.areas if area.code.isdigit()] == ["石埠镇", "苍石区"]
    assert {area.short_name or area.aliases[0] for area in done.areas} >= {"青崖", "柳巷口", "石埠", "苍石"}
