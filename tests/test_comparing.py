"""One text against candidates: the short list leaves out nothing that counts, and hits stand in order."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date as Date

import numpy as np
import pytest

from triage.duplicates.agreement import Agreement
from triage.duplicates.calibration import shipped
from triage.duplicates.comparing import compare
from triage.duplicates.grader import LEARNED
from triage.duplicates.hits import GRADES, Hit, Only, duplicate, graded_hits
from triage.duplicates.reading import Reader
from triage.records import Case, Grade, Suggestion

CALIBRATION = shipped()[""]
READER = Reader(CALIBRATION)
ASKED = Suggestion(
    "q", "关于在河东路加装路灯的建议", "河东路夜间没有路灯，学生下晚自习要摸黑走。建议在河东路加装路灯。"
)
NEAR = Suggestion("near", "关于河东路安装路灯的提案", "河东路晚上没有路灯，学生要摸黑走，建议安装路灯。")
FAR = [Suggestion(f"far{number}", f"关于第{number}批老年食堂送餐到户的建议") for number in range(20)]
(TEXT,) = READER.read([ASKED])
PROFILES = [text.profile for text in READER.read([*FAR[:10], NEAR, *FAR[10:]])]


@pytest.mark.parametrize("most", [1, 5, 21, 100])
def test_the_short_list_keeps_what_is_near_and_the_numbers_stay(most: int) -> None:
    found = compare(TEXT, PROFILES, None, CALIBRATION, CALIBRATION.rarity, most)
    assert len(found.places) == len(found.chances) == len(found.agreements) == min(most, len(PROFILES))
    assert found.places.tolist() == sorted(set(found.places.tolist()))
    row = found.places.tolist().index(10)
    alone = compare(TEXT, PROFILES[10:11], None, CALIBRATION, CALIBRATION.rarity, 1)
    assert found.chances[row] == pytest.approx(alone.chances[0], abs=1e-5)
    assert found.close[row] == pytest.approx(alone.close[0], abs=1e-3)
    assert found.wording[row] == pytest.approx(alone.wording[0], abs=1e-5)
    assert found.agreements[row] == alone.agreements[0]
    assert int(np.argmax(found.close)) == row


def test_hits_are_those_that_are_likely_and_close_enough() -> None:
    graded = compare(TEXT, PROFILES, None, CALIBRATION, CALIBRATION.rarity, 5)
    rows = list(range(100, 100 + len(PROFILES)))
    (hit,) = graded_hits(graded, rows, Grade.RELATED)
    assert (hit.row, hit.grade in (Grade.SAME_MATTER, Grade.REWRITTEN)) == (110, True)
    assert hit.chance(hit.grade) >= 0.5
    assert hit.chance(Grade.IDENTICAL) == 0
    assert [hit.chance(grade) for grade in reversed(LEARNED)] == sorted(hit.chances)
    assert graded_hits(graded, rows, Grade.IDENTICAL) == []


def test_hits_stand_by_grade_then_closeness_then_row() -> None:
    def hit(row: int, grade: Grade, close: float) -> Hit:
        return Hit(row, grade, (1.0, 1.0, 1.0), close, 1.0, Agreement())

    ordered = [
        hit(9, Grade.IDENTICAL, math.inf),
        hit(7, Grade.REWRITTEN, -3.0),
        hit(1, Grade.SAME_MATTER, 8.0),
        hit(4, Grade.SAME_MATTER, 2.0),
        hit(5, Grade.SAME_MATTER, 2.0),
        hit(0, Grade.RELATED, 9.0),
    ]
    mixed = [ordered[place] for place in (3, 5, 0, 4, 2, 1)]
    assert sorted(mixed, key=lambda one: one.order) == ordered
    assert ordered[0].chance(Grade.IDENTICAL) == 1
    assert GRADES == (Grade.IDENTICAL, Grade.REWRITTEN, Grade.SAME_MATTER, Grade.RELATED)


def test_filters_that_are_not_set_do_not_count() -> None:
    day = Date(2024, 5, 1)
    assert Only().filters() == Only(source="", session=(), area=[]).filters() == {}
    assert Only(source="人大", since=day).filters() == {"source": "人大", "since": day}


@pytest.mark.parametrize("confidential", [False, True])
def test_a_record_tells_all_but_the_wording_of_what_is_confidential(confidential: bool) -> None:
    of = replace(
        NEAR, source="人大", session="一次", date=Date(2024, 5, 1), proposers=("甲",), confidential=confidential
    )
    hit = Hit(3, Grade.SAME_MATTER, (0.99, 0.87654, 0.1), 2.0, 0.5, Agreement(agrees=("地点：河东路",)))
    found = duplicate(ASKED, hit, Case(of, ("住建局",), ("供电",), outcome="B"), CALIBRATION.rarity)
    assert found.probabilities == {"identical": 0, "rewritten": 0.1, "same matter": 0.8765, "related": 0.99}
    assert (found.id, found.grade, found.score, found.date) == ("near", Grade.SAME_MATTER, 0.8765, "2024-05-01")
    assert (found.lead, found.co, found.outcome, found.proposers) == (("住建局",), ("供电",), "B", ("甲",))
    assert bool(found.title) is bool(found.evidence.shared) is bool(found.evidence.agrees) is not confidential
    assert ("河东" in repr(found)) is not confidential
