"""The gazetteer: places that history puts into a district, by counts that can be added up by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from triage import Case, Suggestion, Triager
from triage.bundle import Part
from triage.catalogue import Area, Catalogue, Unit
from triage.heads.columns import UnitColumns
from triage.heads.gazetteer import Gazetteer, named_places
from triage.heads.holdout import Holdout

ROADS, SCHOOLS = ("修路", "装路灯", "治理拥堵"), ("办学校", "管教师", "学区划分")
PLACE = Catalogue(
    units=tuple(
        Unit(f"{area}-{kind}", f"{district}区{kind}局", duties=duties, area=area)
        for area, district in (("dh", "东湖"), ("xs", "西山"))
        for kind, duties in (("交通", ROADS), ("教育", SCHOOLS))
    ),
    areas=(Area("jz", "江州市", (), "市"), Area("dh", "东湖区", (), "区", "jz"), Area("xs", "西山区", (), "区", "jz")),
)
COLUMNS = UnitColumns(PLACE, PLACE.units)
EAST, WEST = COLUMNS.area[0], COLUMNS.area[2]
NAMED = [("梧桐路",), ("梧桐路", "银杏小区"), ("银杏小区",), ("梧桐路",), ()]
RIGHT = [0, 1, 2, 2, 3]


def learned(named: Any = NAMED, right: Any = RIGHT, groups: Any = None, secret: Any = None) -> tuple[Gazetteer, Any]:
    leads = np.eye(4, dtype=np.float32)[right]
    hidden = np.zeros(len(right), bool) if secret is None else np.asarray(secret)
    held = Holdout([np.array([case]) for case in range(len(right))] if groups is None else groups)
    return Gazetteer.learn(COLUMNS, named, leads, hidden, held)


def test_places_are_read_from_the_text() -> None:
    assert named_places(["梧桐路的路灯坏了，梧桐路晚上很暗", "请多开几班", ""]) == [("梧桐路",), (), ()]


def test_counts_are_those_of_the_cases() -> None:
    gazetteer, _ = learned()
    counts = gazetteer.counts.toarray()
    assert len(gazetteer) == 2
    assert counts[gazetteer.names["梧桐路"], [EAST, WEST]].tolist() == [2.0, 1.0]
    assert counts[gazetteer.names["银杏小区"], [EAST, WEST]].tolist() == [1.0, 1.0]
    assert gazetteer.usual[[EAST, WEST]] == pytest.approx([2.5 / 6, 3.5 / 6])


def test_what_a_place_says_is_the_logarithm_of_its_share_over_the_usual_one() -> None:
    gazetteer, _ = learned()
    usual = 2.5 / 6
    road = math.log((2 + usual) / (3 + 1) / usual)
    estate = math.log((1 + usual) / (2 + 1) / usual)
    said = gazetteer.says([("梧桐路",), ("梧桐路", "银杏小区"), ("无名路",), ()])
    assert said[:, EAST] == pytest.approx([road, road + estate, 0.0, 0.0], abs=1e-6)


def test_no_case_hears_itself_or_its_group() -> None:
    _, own = learned([("梧桐路",), ("银杏小区",)], [0, 2])
    assert not own.any(), "each place is known from the case itself alone"
    _, grouped = learned([("梧桐路",)] * 3, [0, 0, 2], groups=[np.array([0, 1]), np.array([2])])
    assert grouped[0, EAST] == grouped[1, EAST] < 0 < grouped[0, WEST]
    assert grouped[2, EAST] > 0 > grouped[2, WEST]


def test_what_is_left_out_is_what_a_smaller_history_says() -> None:
    chance = np.random.default_rng(1)
    places = ["梧桐路", "银杏小区", "明月桥", "第三小学"]
    named = [tuple(dict.fromkeys(chance.choice(places, size=chance.integers(0, 4)))) for _ in range(40)]
    right = chance.integers(0, 4, 40)
    groups = [np.arange(start, start + 2) for start in range(0, 40, 2)]
    whole, said = learned(named, right, groups)
    for group in groups:
        kept = np.setdiff1d(np.arange(40), group)
        fewer, _ = learned([named[case] for case in kept], right[kept])
        again = Gazetteer(fewer.names, fewer.counts, whole.usual).says([named[case] for case in group])
        np.testing.assert_allclose(said[group], again, atol=1e-5)


def test_confidential_cases_teach_no_place() -> None:
    gazetteer, said = learned(secret=[True, False, False, True, False])
    assert gazetteer.counts.toarray()[gazetteer.names["梧桐路"], [EAST, WEST]].tolist() == [1.0, 0.0]
    assert said[0, EAST] > 0, "they hear what the others say"
    assert len(learned(secret=[True] * 5)[0]) == 0


def test_cases_without_a_lead_teach_nothing() -> None:
    leads = np.eye(4, dtype=np.float32)[RIGHT]
    leads[:2] = 0.0
    gazetteer, _ = Gazetteer.learn(COLUMNS, NAMED, leads, np.zeros(5, bool), Holdout([np.arange(5)]))
    assert gazetteer.counts.toarray()[gazetteer.names["梧桐路"], [EAST, WEST]].tolist() == [0.0, 1.0]


def test_without_districts_a_place_tells_nothing() -> None:
    columns = UnitColumns(PLACE, PLACE.units[:2])
    leads = np.eye(2, dtype=np.float32)[[0, 1]]
    gazetteer, said = Gazetteer.learn(columns, NAMED[:2], leads, np.zeros(2, bool), Holdout([np.arange(2)]))
    assert len(gazetteer) == 0
    assert not said.any()


def test_only_places_of_the_area_are_told() -> None:
    gazetteer, _ = learned()
    assert gazetteer.telling(["梧桐路", "银杏小区", "无名路"], EAST) == ("梧桐路",)
    assert gazetteer.telling(["梧桐路"], WEST) == ()


def test_it_comes_back_from_a_bundle() -> None:
    gazetteer, _ = learned()
    again = Gazetteer.from_part(gazetteer.to_part())
    np.testing.assert_array_equal(again.says(NAMED), gazetteer.says(NAMED))
    assert again.names == gazetteer.names
    part = gazetteer.to_part()
    with pytest.raises(ValueError, match="indices"):
        Gazetteer.from_part(Part(part.data, {**part.arrays, "areas": part.arrays["areas"] + 7}))
    empty = Gazetteer.from_part(Gazetteer.empty(COLUMNS).to_part())
    assert not empty.says([("梧桐路",), ()]).any()


def letters(day: int = 1) -> list[Case]:
    """The roads of two districts, none of which names its district."""
    roads = {0: ["梧桐路", "明月路", "采莲路"], 2: ["银杏路", "石桥路", "松林路"]}
    asked = ["路灯坏了请修一下", "路面坑洼请修补", "早晚拥堵请治理", "树枝挡住路灯请处理", "人行道砖松动请修路"]
    return [
        Case(
            Suggestion(f"{column}-{road}-{number}", f"{road}{what}", date=date(2025, 3, day)),
            (PLACE.units[column].name,),
        )
        for column, names in roads.items()
        for road in names
        for number, what in enumerate(asked)
    ]


def test_a_road_of_history_finds_its_district_and_says_so(tmp_path: Path) -> None:
    cases = letters()
    triager = Triager.train(cases, catalogue=PLACE)
    triager.save(tmp_path / "model")
    for model in (triager, Triager.load(tmp_path / "model")):
        asked = [Suggestion("a", "石桥路的井盖松了"), Suggestion("b", "采莲路的井盖松了")]
        answers = model.triage(asked)
        assert [answer.lead[0].unit for answer in answers] == ["西山区交通局", "东湖区交通局"]
        (told,) = {entry.text for entry in answers[0].evidence if entry.kind == "place"}
        assert "石桥路" in told
        quiet = model.triage([Suggestion("a", "石桥路的井盖松了", confidential=True)])[0]
        assert not [entry for entry in quiet.evidence if entry.kind == "place"]


def test_a_road_is_no_evidence_for_a_unit_that_serves_the_whole_place() -> None:
    whole = replace(PLACE, units=(*PLACE.units, Unit("gsj", "供水公司", duties=("抢修水管", "保障供水"), area="jz")))
    pipes = [
        Case(Suggestion(f"w{number}", f"松林路{what}", date=date(2025, 3, 1)), ("供水公司",))
        for number, what in enumerate(
            ["水管破裂请抢修", "水压太低请保障供水", "停水三天请抢修水管", "水管漏水", "请保障供水"]
        )
    ]
    answer = Triager.train([*letters(), *pipes], catalogue=whole).triage(
        [Suggestion("a", "松林路又停水了，请抢修水管")]
    )[0]
    assert answer.lead[0].unit == "供水公司"
    assert not [entry for entry in answer.evidence if entry.kind == "place" and entry.unit == "供水公司"]


def test_chances_of_the_parts_sum_to_one_and_follow_history() -> None:
    gazetteer, _ = learned()
    chances = gazetteer.chances(COLUMNS, ("梧桐路", "无名路"))
    assert set(chances) == {"dh", "xs"}
    assert sum(chances.values()) == pytest.approx(1.0)
    assert chances["dh"] > 0.5 > chances["xs"]
    share = (2 + 2.5 / 6) / (3 + 1), (1 + 3.5 / 6) / (3 + 1)
    assert chances["dh"] == pytest.approx(share[0] / sum(share))
    assert gazetteer.chances(COLUMNS, ("无名路",)) == {}
    assert gazetteer.chances(COLUMNS, ()) == {}
    assert Gazetteer.empty(COLUMNS).chances(COLUMNS, ("梧桐路",)) == {}


def test_the_place_as_a_whole_is_no_candidate() -> None:
    place = replace(PLACE, units=(*PLACE.units, Unit("sj", "市交通局", duties=ROADS, area="jz")))
    columns = UnitColumns(place, place.units)
    leads = np.eye(5, dtype=np.float32)[[4, 4, 4, 0]]
    named = [("梧桐路",)] * 4
    held = Holdout([np.array([case]) for case in range(4)])
    gazetteer, _ = Gazetteer.learn(columns, named, leads, np.zeros(4, bool), held)
    chances = gazetteer.chances(columns, ("梧桐路",))
    assert set(chances) == {"dh", "xs"}
    assert chances["dh"] > chances["xs"]
