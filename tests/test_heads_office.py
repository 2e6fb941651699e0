"""What a pre-check adds to answers: a text of several matters whose leads differ is split, any other stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from triage import Triager
from triage.catalogue import Office
from triage.heads.office import with_matters
from triage.precheck.checked import Checked, MatterPart
from triage.precheck.precheck import Precheck
from triage.records import Decision, LevelFound, Mode, Reason, Span, Suggestion, Triaged, UnitScore

LAMP, WELL = "老街的路灯坏了一个月，请派人修好。", "村口的水井发浑，请检测水质。"
LETTER = Suggestion("a", "两件小事", LAMP + WELL)
WHOLE = Triaged(
    "a",
    (),
    (UnitScore("城市管理局", 0.4), UnitScore("水利局", 0.3)),
    (),
    Mode.JOINT,
    Decision.CHOOSE,
    reasons=(Reason("unsure", "把握达不到承诺的90%。"),),
)


def part(text: str, *leads: tuple[str, float]) -> MatterPart:
    start = LETTER.text.index(text)
    spans = (Span("text", start, start + len(text)),)
    return MatterPart(spans, text, lead=tuple(UnitScore(unit, score) for unit, score in leads))


def checked(*parts: MatterPart) -> Checked:
    return Checked("a", parts=(), missing=(), matters=parts, tags=(), urgency=(), level=LevelFound())


APART = checked(part(LAMP, ("城市管理局", 0.8)), part(WELL, ("水利局", 0.6), ("卫生健康局", 0.2)))


def test_matters_with_different_leads_are_split_and_coordinated() -> None:
    (found,) = with_matters([WHOLE], [LETTER], [APART])
    assert (found.mode, found.decision) == (Mode.SPLIT, Decision.COORDINATE)
    assert [reason.code for reason in found.reasons] == ["unsure", "matters"]
    assert "有2件事" in found.reasons[-1].text
    assert [(one.text, one.lead[0].unit) for one in found.matters] == [(LAMP, "城市管理局"), (WELL, "水利局")]
    assert found.lead == WHOLE.lead


@pytest.mark.parametrize(
    "parts",
    [
        (),
        (part(LAMP, ("城市管理局", 0.8)), part(WELL, ("城市管理局", 0.6))),
        (part(LAMP, ("城市管理局", 0.8)), part(WELL, ("水利局", 0.4))),
        (part(LAMP, ("城市管理局", 0.8)), part(WELL)),
    ],
    ids=["one matter", "one lead", "an unsure lead", "no lead"],
)
def test_other_texts_stay_as_they_are(parts: tuple[MatterPart, ...]) -> None:
    assert with_matters([WHOLE], [LETTER], [checked(*parts)]) == [WHOLE]


def test_what_is_surely_of_one_unit_stays_whole() -> None:
    sure = replace(WHOLE, decision=Decision.SUGGEST, mode=Mode.SOLE)
    assert with_matters([sure], [LETTER], [APART]) == [sure]


def test_the_reason_is_told_once_and_nothing_of_a_confidential_text() -> None:
    numbered = replace(WHOLE, reasons=(Reason("matters", "文中有3件事。"),))
    (found,) = with_matters([numbered], [replace(LETTER, confidential=True)], [APART])
    assert [reason.text[:6] for reason in found.reasons] == ["文中有2件事"]
    assert [one.text for one in found.matters] == ["", ""]


def test_a_letter_without_numbers_is_split_by_who_knows_the_office(triager: Triager) -> None:
    letter = Suggestion(
        "b",
        "反映几件事",
        "幸福路的路灯坏了半个月，晚上看不清路，老人摔了两回，请尽快派人修好路灯。\n"
        "县医院的门诊药房只开一个窗口，取药要排一个多小时的队，希望多开两个取药窗口，让病人少等。\n"
        "实验小学的食堂饭菜总是凉的，孩子吃了闹肚子，请教育局管一管学校食堂。",
    )
    office = Precheck(triager.catalogue, Office())
    alone, known = triager.triage([letter])[0], triager.triage([letter], precheck=office)[0]
    assert (alone.mode is Mode.SPLIT, known.mode) == (False, Mode.SPLIT)
    assert len(known.matters) == 3
    assert len({one.lead[0].unit for one in known.matters}) > 1
