"""The shapes of the answers, for OpenAPI. What is sent are the library's own records; tests hold these shapes to them.

The library's records of merges, conflicts and hot topics stand beside their mathematics, which are not imported before
the model is loaded; so their shapes are written down here.
"""

from __future__ import annotations

from datetime import date as Date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from triage.duplicates.precedents import HandledCase
from triage.precheck.checked import Checked
from triage.records import Duplicate, Grade, PairEvidence, Triaged

MergeGrade = Literal[Grade.IDENTICAL, Grade.REWRITTEN, Grade.SAME_MATTER]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TriageResponse(_Shape):
    """The advice, one for each suggestion and in the same order."""

    results: list[Triaged]


class CheckResponse(_Shape):
    """What the pre-check says, one for each suggestion and in the same order."""

    results: list[Checked]


class DuplicatesResult(_Shape):
    """What one suggestion repeats."""

    id: str = Field(description="Your id, or the place in the request (#1, #2 …) where there is none")
    duplicates: list[Duplicate] = Field(description="Closest first")


class Member(_Shape):
    """One text of a proposal, whole and untouched."""

    id: str = Field(description="Your id, or the place in the request")
    title: str = Field(description="Title, empty where the text is confidential")
    text: str = Field(description="Body, empty where the text is confidential")
    source: str = Field(description="The body it came through")
    session: str = Field(description="Session (届次)")
    date: str = Field(description="Day on which it was handed in, or empty")
    proposers: list[str] = Field(description="Who is to be answered")
    lead: list[str] = Field(description="Lead units, where they are decided")
    co: list[str] = Field(description="Co-handling units, where they are decided")
    outcome: str = Field(description="Outcome class, where there is one")
    probability: float = Field(description="That it is the same matter as the representative")
    confidential: bool = Field(description="Nothing of its wording is repeated")
    evidence: PairEvidence | None = Field(
        description="What it and the representative share (`here` is the representative) and in what they differ"
    )


class MergeProposal(_Shape):
    """Texts that could be handled as one matter (并案): a view, in which each text and each proposer stays."""

    representative: str = Field(description="Id of the text that is most like all others")
    members: list[Member] = Field(description="The representative first, then the likest to it")
    grade: MergeGrade = Field(description="Grade of the weakest pair")
    score: float = Field(description="Probability of the weakest pair that it is the same matter or closer")
    sources: list[str] = Field(description="Bodies that the texts came through, the one with most texts first")
    note: str = Field(description="For the clerk, in Chinese: what this is, and that each proposer is answered")


class Side(_Shape):
    """One text of a conflict."""

    id: str = Field(description="Id of the text")
    title: str = Field(description="Title, empty where the text is confidential")
    source: str = Field(description="The body it came through")
    session: str = Field(description="Session (届次)")
    date: str = Field(description="Day, or empty")
    leads: list[str] = Field(description="Lead units that it was given or is about to get")
    decided: bool = Field(description="True: it was given to them; false: this model's first answer")


class Holding(_Shape):
    """Lead units, and the texts of the matter that have them."""

    leads: list[str] = Field(description="Lead units, as the most recent text writes them")
    members: list[Side] = Field(description="The texts, the most recent first")


class MeetingItem(_Shape):
    """One matter for the meeting: its texts have different leads."""

    holdings: list[Holding] = Field(description="Who has which leads, most texts first")
    majority: list[str] = Field(description="Leads that most texts have; empty where there are none")
    latest: list[str] = Field(description="Leads of the most recent decided text; empty where there is none")
    kind: Literal["within batch", "against history", "within history"] = Field(
        description="within batch: all are open; against history: some were decided; within history: all were"
    )
    grade: MergeGrade = Field(description="Grade of the weakest pair")
    score: float = Field(description="Probability of the weakest pair that it is the same matter or closer")
    text: str = Field(description="The line for the meeting's list, in Chinese")


class DuplicatesResponse(_Shape):
    """What the suggestions repeat, one result for each and in the same order."""

    results: list[DuplicatesResult]
    proposals: list[MergeProposal] | None = Field(None, description="Suggested merges, where they were asked for")
    conflicts: list[MeetingItem] | None = Field(None, description="For the meeting's list, where they were asked for")


class PrecedentsResult(_Shape):
    """The precedents of one suggestion."""

    id: str = Field(description="Your id")
    precedents: list[HandledCase] = Field(description="The most useful first")


class PrecedentsResponse(_Shape):
    """The precedents, one result for each suggestion and in the same order."""

    results: list[PrecedentsResult]


class Word(_Shape):
    """A word of a topic."""

    word: str = Field(description="The word")
    weight: float = Field(description="How much it tells of the topic")


class Place(_Shape):
    """A place of a topic."""

    place: str = Field(description="The place, as the texts name it")
    count: int = Field(description="Texts that name it")


class Source(_Shape):
    """A body that texts of a topic came through."""

    source: str = Field(description="The body")
    count: int = Field(description="Texts that came through it")


class Representative(_Shape):
    """A text to read first."""

    id: str = Field(description="Its id, or its place in the request")
    title: str = Field(description="Its title, empty where it is confidential")


class HotTopic(_Shape):
    """What many ask for."""

    name: str = Field(description="A name out of the texts' own words")
    words: list[Word] = Field(description="The words that tell it from the others, the strongest first")
    size: int = Field(description="Texts of the period, copies included")
    before: int | None = Field(description="Texts of the period before; null where nothing can be compared")
    growth: float | None = Field(description="How many times as many, half a text added to both")
    rising: bool = Field(description="It grew by more than chance")
    change: str = Field(description="The growth in Chinese")
    places: list[Place] = Field(description="Most texts first")
    sources: list[Source] = Field(description="Most texts first")
    representatives: list[Representative] = Field(description="The text in the middle, and two far from it")
    members: list[str] = Field(description="Ids of all its texts in the period")
    earlier: list[str] = Field(description="Ids of its texts in the period before")
    first: Date | None = Field(description="First date among its texts")
    last: Date | None = Field(description="Last date among its texts")


class HotTopics(_Shape):
    """The hot topics of a period, largest first."""

    topics: list[HotTopic]
    texts: int = Field(description="Texts that were looked at")
    texts_before: int | None = Field(description="Texts of the period before; null where nothing can be compared")
    alone: int = Field(description="Texts that are in no hot topic")
    since: Date | None = Field(description="First day of the period, or first date of all")
    until: Date | None = Field(description="Last day of the period, or last date of all")
    before: list[Date] | None = Field(description="First and last day of the period before")
    least: int = Field(description="Texts that make a topic hot")
    notices: list[str] = Field(description="In Chinese: what was not counted")
