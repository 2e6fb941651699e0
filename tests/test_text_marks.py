"""Words are marked in the suggestion as it came in, however it was written."""

from __future__ import annotations

import pytest

from triage.records import Span, Suggestion
from triage.text.marks import EACH, READ, SHOWN, Marks


def marked(suggestion: Suggestion, *words: str) -> list[str]:
    return [getattr(suggestion, span.field)[span.start : span.end] for span in Marks(suggestion).of(words)]


def test_title_first_then_the_body_in_order() -> None:
    suggestion = Suggestion(title="关于路灯的建议", text="路口很黑，请装路灯，别忘路牌。")
    assert Marks(suggestion).of(["路牌", "路灯"]) == (Span("title", 2, 4), Span("text", 7, 9), Span("text", 12, 14))


def test_what_overlaps_or_touches_is_one_stretch() -> None:
    assert marked(Suggestion(text="农村公路养护"), "农村", "村公", "公路", "养护") == ["农村公路养护"]
    assert marked(Suggestion(title="公路", text="养护"), "公路", "养护") == ["公路", "养护"]


@pytest.mark.parametrize(
    ("text", "word", "stands"),
    [
        ("請安裝路燈", "路灯", "路燈"),
        ("请安装路（lù）灯", "路灯", "路（lù）灯"),
        ("安装ＷＩＦＩ设备", "wifi", "ＷＩＦＩ"),
        ("安装WiFi设备", "wifi", "WiFi"),
        ("İ路灯", "路灯", "路灯"),
        ("\ud800路\u200b灯", "路灯", "路\u200b灯"),
    ],
)
def test_words_are_found_however_they_were_written(text: str, word: str, stands: str) -> None:
    assert marked(Suggestion(text=text), word) == [stands]


def test_a_number_is_not_marked_within_a_longer_one() -> None:
    assert marked(Suggestion(text="电话13812345678，装12盏，abc12"), "12") == ["12"]


def test_what_does_not_stand_there_is_not_marked() -> None:
    assert Marks(Suggestion(title="路灯")).of(["公交", ""]) == ()
    assert Marks(Suggestion()).of(["路灯"]) == ()
    assert Marks(Suggestion(text="灯" * READ + "路灯")).of(["路灯"]) == ()


def test_only_the_first_places_are_marked() -> None:
    suggestion = Suggestion(text="路灯、公交，" * 30)
    assert len(Marks(suggestion).of(["路灯"])) == EACH
    assert len(Marks(Suggestion(text="甲乙，丙丁，戊己，" * 30)).of(["甲乙", "丙丁", "戊己"])) == SHOWN
