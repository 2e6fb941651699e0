"""The catalogue's records: lookups, who took over when, places in a text, the JSON form."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import date as Date
from typing import Any

import pytest

from triage.catalogue import Area, Catalogue, Topic, Unit
from triage.errors import CatalogueError

REFORM = Date(2019, 4, 1)
SECOND_REFORM = Date(2023, 7, 1)


@pytest.fixture
def reformed() -> Catalogue:
    """茶叶局 and 果业局 became 特产局 in 2019, which was split into 茶果局 and 花卉局 in 2023."""
    return Catalogue(
        units=(
            Unit("tea", "茶叶局", active_to=REFORM, succeeded_by=("special",)),
            Unit("fruit", "果业局", active_to=REFORM, succeeded_by=("special",)),
            Unit("special", "特产局", active_from=REFORM, active_to=SECOND_REFORM, succeeded_by=("both", "flower")),
            Unit("both", "茶果局", active_from=SECOND_REFORM),
            Unit("flower", "花卉局", active_from=SECOND_REFORM),
            Unit("gone", "蚕桑局", active_to=REFORM),
            Unit("kind-town", "镇人民政府", duties=("镇上的事",)),
        ),
        topics=(Topic("a", "农业"), Topic("b", "特产", "a"), Topic("c", "茶叶", "b", ("tea",), ("采茶",))),
        areas=(
            Area("lake", "月湖区", ("月湖",), "区"),
            Area("bridge", "柳桥镇", ("柳桥",), "乡镇", "lake"),
            Area("street", "柳桥街道", ("柳桥",), "街道", "lake"),
        ),
    )


def codes(units: tuple[Unit, ...] | tuple[Area, ...]) -> list[str]:
    return [unit.code for unit in units]


def test_current_follows_the_day_and_leaves_kinds_out(reformed: Catalogue) -> None:
    assert codes(reformed.current(Date(2018, 1, 1))) == ["tea", "fruit", "gone"]
    assert codes(reformed.current(REFORM)) == ["special"], "the first day of the new is the first without the old"
    assert codes(reformed.current(Date(2024, 1, 1))) == ["both", "flower"]
    assert codes(reformed.current(None)) == ["both", "flower"]


def test_successors_follow_every_reform_up_to_the_day(reformed: Catalogue) -> None:
    assert codes(reformed.successors("tea", Date(2020, 1, 1))) == ["special"]
    assert codes(reformed.successors("tea", Date(2024, 1, 1))) == ["both", "flower"]
    assert codes(reformed.successors("fruit")) == ["both", "flower"]
    assert reformed.successors("tea", Date(2018, 1, 1)) == ()
    assert reformed.successors("gone", Date(2024, 1, 1)) == ()


def test_successors_stop_on_a_circle_and_on_an_unknown_code() -> None:
    catalogue = Catalogue(
        (
            Unit("a", "甲局", active_to=REFORM, succeeded_by=("b", "nobody")),
            Unit("b", "乙局", active_to=REFORM, succeeded_by=("a",)),
        )
    )
    assert catalogue.successors("a") == ()
    assert codes(catalogue.predecessors("a")) == ["b"]


def test_predecessors_are_nearest_first(reformed: Catalogue) -> None:
    assert codes(reformed.predecessors("both")) == ["special", "tea", "fruit"]
    assert reformed.predecessors("tea") == ()


def test_lookups_name_what_is_missing(reformed: Catalogue) -> None:
    assert reformed.unit("tea").name == "茶叶局"
    assert reformed.topic("b").parent == "a"
    assert reformed.topic_path("c") == ("农业", "特产", "茶叶")
    assert reformed.area_path("bridge") == ("bridge", "lake")
    assert "tea" in reformed
    assert "silk" not in reformed
    for lookup in (reformed.unit, reformed.topic, reformed.area):
        with pytest.raises(CatalogueError, match="'silk' is not a code of this catalogue"):
            lookup("silk")


def test_json_form_is_plain_and_gives_the_same_catalogue(reformed: Catalogue) -> None:
    data = json.loads(json.dumps(reformed.to_dict(), ensure_ascii=False))
    assert Catalogue.from_dict(data) == reformed
    assert data["units"][0] == {
        "code": "tea",
        "name": "茶叶局",
        "active_to": "2019-04-01",
        "succeeded_by": ["special"],
    }


def test_areas_from_before_short_names_load_and_new_ones_come_back() -> None:
    old = {"format": 1, "units": [], "topics": [], "areas": [{"code": "a", "name": "月湖镇", "aliases": ["月湖"]}]}
    assert Catalogue.from_dict(old).areas == (Area("a", "月湖镇", ("月湖",)),)
    new = Catalogue(areas=(Area("a", "月湖镇", short_name="月湖", former_names=("望湖乡",), served_by=("u",)),))
    assert new.to_dict()["areas"] == [
        {"code": "a", "name": "月湖镇", "short_name": "月湖", "former_names": ["望湖乡"], "served_by": ["u"]}
    ]
    assert Catalogue.from_dict(new.to_dict()) == new


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"units": []}, "format None"),
        ({"format": 99}, "format 99"),
        ([], "format 'list'"),
        ({"format": 1, "units": {}}, "no list of objects under 'units'"),
        ({"format": 1, "units": ["jyj"]}, "no list of objects under 'units'"),
        ({"format": 1, "units": [{"code": "jyj"}]}, "without code or name"),
        ({"format": 1, "units": [{"code": "jyj", "name": "教育局", "duties": "学校"}]}, "duties='学校'"),
        ({"format": 1, "units": [{"code": "jyj", "name": "教育局", "duties": [1]}]}, "duties="),
        ({"format": 1, "units": [{"code": "jyj", "name": 3}]}, "name=3"),
        ({"format": 1, "units": [{"code": "jyj", "name": "教育局", "colour": "red"}]}, "colour='red'"),
        ({"format": 1, "units": [{"code": "jyj", "name": "教育局", "_units": {}}]}, "_units="),
        ({"format": 1, "units": [{"code": "jyj", "name": "教育局", "active_to": "2019"}]}, "YYYY-MM-DD"),
    ],
)
def test_json_of_another_shape_is_refused(data: Any, message: str) -> None:
    with pytest.raises(CatalogueError, match=message):
        Catalogue.from_dict(data)


def test_catalogue_is_frozen_hashable_and_can_be_copied(reformed: Catalogue) -> None:
    with pytest.raises(AttributeError):
        reformed.units = ()  # type: ignore[misc]
    assert hash(reformed) == hash(copy.deepcopy(reformed))
    assert pickle.loads(pickle.dumps(reformed)).unit("tea") == reformed.unit("tea")


def test_the_digest_changes_with_any_unit_and_with_their_order() -> None:
    one, two = Unit("a", "教育局"), Unit("b", "财政局")
    assert Catalogue((one, two)).digest() == Catalogue((one, two)).digest()
    assert len({Catalogue(units).digest() for units in ((one, two), (two, one), (one,), ())}) == 4
