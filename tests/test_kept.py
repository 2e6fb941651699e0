"""An answer that was kept is the answer that it was."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest

from tests.test_service_retention import answer_of
from triage import InputError, Suggestion, Triaged, Triager
from triage.kept import triaged


def test_what_the_model_answered_comes_back_whole(triager: Triager) -> None:
    suggestions = [
        Suggestion("1", "关于增设公交站点的建议", "建议：一、增设站点；二、改造学校。", wish="交通运输局"),
        Suggestion("2", "路灯坏了", confidential=True),
        Suggestion("3"),
    ]
    for answer in triager.triage(suggestions):
        kept = json.loads(json.dumps(answer.to_dict()))
        assert triaged(kept) == answer
        assert triaged(kept).to_dict() == answer.to_dict()


def test_every_part_comes_back_as_its_record() -> None:
    kept = json.loads(json.dumps(answer_of("1")))
    answer = triaged(kept)
    assert json.loads(json.dumps(answer.to_dict())) == kept
    assert all(getattr(answer, field.name) for field in fields(Triaged)), "each field has something in it here"
    assert hash(answer.duplicates[0].evidence), "tuples all the way down"


def test_what_the_record_got_since_has_its_default_and_what_it_lost_is_left_out() -> None:
    kept = answer_of("1")
    for item in kept["evidence"]:
        del item["spans"], item["phrase"]
    del kept["committee"]
    kept["mood"] = "sunny"
    answer = triaged(kept)
    assert (answer.evidence[0].spans, answer.evidence[0].phrase, answer.committee) == ((), "", "")


@pytest.mark.parametrize(
    "change",
    [
        {"lead": None},
        {"lead": [{"unit": "甲"}]},
        {"mode": "alone"},
        {"decision": 5},
        {"lead": [{"unit": "甲", "score": "much"}]},
        {"return_risk": "high"},
        {"evidence": 3},
    ],
)
def test_what_is_no_answer_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="no answer that was kept"):
        triaged(answer_of("1") | change)
    with pytest.raises(InputError, match="KeyError: 'topics'"):
        triaged({"id": "1"})
