"""Unit = kind of unit × area: where the same duties repeat, a street decides for the units of its district."""

from __future__ import annotations

import pytest

from triage import Suggestion, Triager
from triage.catalogue import Area, Catalogue, Unit

ROADS = ("道路坑洼修补", "路灯安装与维修", "人行道整治", "下水道疏通", "市政设施养护")
SCHOOLS = ("学校建设与学位", "幼儿园入园难", "学区划分", "课后服务")
DISTRICTS = {"bh": "白鹤区", "cs": "苍石区", "qy": "青崖区"}
PLACE = Catalogue(
    units=(
        *(
            Unit(f"{code}-{kind}", f"{name}{bureau}", duties=duties, area=code)
            for code, name in DISTRICTS.items()
            for kind, bureau, duties in (("jg", "建设和管理委员会", ROADS), ("jy", "教育局", SCHOOLS))
        ),
        Unit("jz-jg", "建设和管理委员会", duties=ROADS, area="jz"),
    ),
    areas=(
        Area("jz", "江州市", level="市", short_name="江州"),
        *(Area(code, name, level="区", parent="jz", short_name=name[:-1]) for code, name in DISTRICTS.items()),
        Area("bh1", "塔溪街道", level="街道", parent="bh", short_name="塔溪"),
        Area("cs1", "石埠镇", level="乡镇", parent="cs", short_name="石埠"),
        Area("cs2", "柳湾社区", level="社区", parent="cs1"),
    ),
)


@pytest.fixture(scope="module")
def cold() -> Triager:
    return Triager.train(catalogue=PLACE)


@pytest.mark.parametrize(
    ("text", "lead"),
    [
        ("苍石区路灯坏了，道路坑洼。", "苍石区建设和管理委员会"),
        ("苍石的路灯坏了，道路坑洼。", "苍石区建设和管理委员会"),
        ("塔溪街道路灯坏了，道路坑洼。", "白鹤区建设和管理委员会"),
        ("石埠镇柳湾社区路灯坏了，道路坑洼。", "苍石区建设和管理委员会"),
        ("塔溪街道幼儿园入园难。", "白鹤区教育局"),
        ("石埠的幼儿园太少，学位不足。", "苍石区教育局"),
    ],
)
def test_the_unit_of_the_right_place_leads(cold: Triager, text: str, lead: str) -> None:
    (answer,) = cold.triage([Suggestion(text=text)])
    assert answer.lead[0].unit == lead
    assert any(item.kind == "place" and item.unit == lead for item in answer.evidence)
    assert not answer.questions


def test_without_a_place_none_of_the_kind_stands_out(cold: Triager) -> None:
    (answer,) = cold.triage([Suggestion(text="幼儿园入园难，学位不足。")])
    scores = {lead.unit: lead.score for lead in answer.lead}
    told = [scores[f"{name}教育局"] for name in DISTRICTS.values()]
    assert max(told) == pytest.approx(min(told))
