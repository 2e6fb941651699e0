"""What the office's own settings and its pre-check add to answers, and what a model adds to a pre-check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from triage.catalogue import Office, committee_of
from triage.heads.answers import of_several
from triage.heads.gazetteer import named_places
from triage.heads.model import Model
from triage.precheck.checked import Checked, MatterPart
from triage.records import Decision, Jurisdiction, Matter, Mode, Span, Suggestion, TopicScore, Triaged
from triage.text import prepare

LIKELY = 0.3
"""Helpers of a part that are less likely than this are not named; a part's list is for a glance, not for hand-out."""
LEADS = 3
"""Leads that are named for each part."""
SURE = 0.5
"""The probability from which a part's own lead counts where it is another than that of a second part."""


def grounds(model: Model, suggestions: Sequence[Suggestion]) -> list[dict[str, float]] | None:
    """For each suggestion how likely the places that it names lie in each area, as far as the model's cases tell."""
    if not len(model.gazetteer):
        return None
    named = named_places([prepare(suggestion).full for suggestion in suggestions])
    return [model.gazetteer.chances(model.units, places) for places in named]


def with_office(answers: Sequence[Triaged], checked: Sequence[Checked], office: Office) -> list[Triaged]:
    """The answers with the ground, the level and the supervising committee of each, as a pre-check found them."""
    return [
        replace(
            answer,
            jurisdiction=found.jurisdiction,
            level=found.level,
            committee=committee_of(office, _topic(answer.topics)),
            questions=_questions(answer, found.jurisdiction),
        )
        for answer, found in zip(answers, checked, strict=True)
    ]


def _questions(answer: Triaged, ground: Jurisdiction | None) -> tuple[str, ...]:
    """The answer's own questions; where it asks for no place and none is named, also for that."""
    return answer.questions or ((ground.question,) if ground is not None and ground.question else ())


def parts_to_ask(suggestions: Sequence[Suggestion], checked: Sequence[Checked]) -> list[Suggestion]:
    """Each matter of the texts that hold several, as a suggestion of its own, in order."""
    return [
        replace(suggestion, title="", text=text, wish="")
        for suggestion, found in zip(suggestions, checked, strict=True)
        for text in _texts(suggestion, found)
    ]


def with_units(checked: Sequence[Checked], answers: Sequence[Triaged]) -> list[Checked]:
    """The pre-check's results with topic, lead and helpers of each matter; `answers` are to `parts_to_ask`."""
    rest = iter(answers)
    return [replace(found, matters=tuple(_answered(found.matters, rest))) for found in checked]


def with_matters(
    answers: Sequence[Triaged], suggestions: Sequence[Suggestion], checked: Sequence[Checked]
) -> list[Triaged]:
    """The answers with the matters of each text that a pre-check `with_units` finds to hold several, where two of them
    surely have different leads: such a text is split (分办), and coordinated before. What is surely of one unit stays.
    """
    return [
        _divided(answer, suggestion, found.matters) if answer.decision is not Decision.SUGGEST else answer
        for answer, suggestion, found in zip(answers, suggestions, checked, strict=True)
    ]


def _divided(answer: Triaged, suggestion: Suggestion, parts: Sequence[MatterPart]) -> Triaged:
    if len({part.lead[0].unit for part in parts if part.lead and part.lead[0].score >= SURE}) < 2:
        return answer
    quiet = suggestion.confidential
    return replace(
        answer,
        mode=Mode.SPLIT,
        decision=Decision.COORDINATE,
        reasons=(*(reason for reason in answer.reasons if reason.code != "matters"), of_several(len(parts))),
        matters=tuple(Matter("" if quiet else part.text, part.lead) for part in parts),
    )


def _answered(parts: Sequence[MatterPart], answers: Iterator[Triaged]) -> Iterator[MatterPart]:
    for part in parts:
        answer = next(answers)
        helpers = tuple(one for one in answer.co if one.score >= LIKELY)
        yield replace(part, topic=" › ".join(_topic(answer.topics)), lead=answer.lead[:LEADS], co=helpers)


def _topic(topics: Sequence[TopicScore]) -> tuple[str, ...]:
    """The likeliest first-level topic, as far down as a topic below it is likelier than not."""
    if not topics:
        return ()
    first = topics[0].path[:1]
    below = [one.path for one in topics if one.path[:1] == first and one.score >= 0.5]
    return max(below, key=len, default=first)


def _texts(suggestion: Suggestion, found: Checked) -> Iterator[str]:
    for part in found.matters:
        yield "\n".join(_words(suggestion, span) for span in part.spans)


def _words(suggestion: Suggestion, span: Span) -> str:
    source = suggestion.title if span.field == "title" else suggestion.text
    return source[span.start : span.end]
