"""The tables of suggestions and what became of them. Texts stand in `suggestions` and `versions` and nowhere else.

`suggestions` holds what is current, for search and lists; `versions` every wording that came in. Answers, decisions,
returns and outcomes are added, never changed: what was decided before stays readable. `assignments` repeats the units
of the decision that holds, for filters and counts.
"""

from __future__ import annotations

from datetime import date as Date
from datetime import datetime
from typing import Any

from sqlalchemy import Double, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from service.store.columns import Counter, Table, now

OPEN, DECIDED, CLOSED, ERASED = "open", "decided", "closed", "erased"
STATES = (OPEN, DECIDED, CLOSED, ERASED)
"""open: no decision yet (待交办); decided: units are named (已交办); closed: an outcome is known (已办结); erased: the
retention rules took the wording away, units and dates are kept.
"""
LEAD, CO = "lead", "co"


class SuggestionRow(Table):
    """One suggestion as it stands now. `ref` is the id that callers use; `id` orders and joins."""

    __tablename__ = "suggestions"
    __table_args__ = (Index("ix_suggestions_unsure", "promise", "sureness", "id"),)

    id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    ref: Mapped[str] = mapped_column(String(200), unique=True)
    state: Mapped[str] = mapped_column(String(20), default=OPEN, index=True)
    version: Mapped[int] = mapped_column(default=1)
    title: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(String(200), default="", index=True)
    session: Mapped[str] = mapped_column(String(200), default="", index=True)
    day: Mapped[Date | None] = mapped_column(index=True)
    proposers: Mapped[list[str]] = mapped_column(default=list)
    wish: Mapped[str] = mapped_column(String(200), default="")
    confidential: Mapped[bool] = mapped_column(default=False)
    topic: Mapped[str] = mapped_column(String(200), default="", index=True)
    decision: Mapped[int] = mapped_column(default=0)
    """Number of the last decision, 0 while there was none. It is the ETag of decisions. One that withdraws the decision
    before it has a number, too, and names no unit.
    """
    promise: Mapped[int] = mapped_column(default=0)
    """What the latest answer promises, as its place in `service.store.advice.PROMISES`; 0 while there is none."""
    sureness: Mapped[float] = mapped_column(Double, default=0.0)
    """The probability that the first lead of that answer is right."""
    advised_answer: Mapped[int] = mapped_column(Counter, default=0)
    """Number of that answer."""
    advised_lead: Mapped[str] = mapped_column(String(200), default="", index=True)
    advised_leads: Mapped[list[str]] = mapped_column(default=list)
    advised_co: Mapped[list[str]] = mapped_column(default=list)
    advised_mode: Mapped[str] = mapped_column(String(20), default="")
    advised_topic: Mapped[str] = mapped_column(String(200), default="", index=True)
    zone: Mapped[str] = mapped_column(String(200), default="", index=True)
    """Name of the area that the suggestion is about, by that answer."""
    batch: Mapped[str] = mapped_column(String(32), default="", index=True)
    """Id of the job that stored it."""
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now, index=True)
    title_grams: Mapped[str] = mapped_column(Text, default="", deferred=True)
    """Pairs of characters of the title; see `service.store.search`."""
    text: Mapped[str] = mapped_column(Text, default="", deferred=True)
    """Long columns stand last, so that a list is read without them."""
    grams: Mapped[str] = mapped_column(Text, default="", deferred=True)
    """Pairs of characters of title and text, for the text search; see `service.store.search`."""

    assignments: Mapped[list[Assignment]] = relationship(cascade="all, delete-orphan", order_by="Assignment.place")


class VersionRow(Table):
    """One wording of a suggestion, as it was handed in. `digest` is what the trail holds of it."""

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("suggestion_id", "number"),)

    id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    suggestion_id: Mapped[int] = mapped_column(ForeignKey("suggestions.id", ondelete="CASCADE"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    """The fields of `triage.Suggestion` but its id, as plain JSON types."""
    salt: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(default=now)


class AnswerRow(Table):
    """One answer of a model to one wording: `Triaged.to_dict()`, with the model and the catalogue that gave it."""

    __tablename__ = "answers"
    __table_args__ = (Index("ix_answers_suggestion", "suggestion_id", "id"),)

    id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    suggestion_id: Mapped[int] = mapped_column(ForeignKey("suggestions.id", ondelete="CASCADE"))
    version: Mapped[int]
    model: Mapped[str] = mapped_column(String(200))
    catalogue: Mapped[str] = mapped_column(String(64), default="")
    """Number of the catalogue version, or empty for the model's own."""
    answer: Mapped[dict[str, Any]]
    actor: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(default=now)


class DecisionRow(Table):
    """What a person decided: units, mode and why. The one with the highest number holds."""

    __tablename__ = "decisions"
    __table_args__ = (UniqueConstraint("suggestion_id", "number"),)

    id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    suggestion_id: Mapped[int] = mapped_column(ForeignKey("suggestions.id", ondelete="CASCADE"))
    number: Mapped[int]
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("answers.id", ondelete="SET NULL"), index=True)
    """The answer that the clerk saw, if there was one."""
    lead: Mapped[list[str]]
    co: Mapped[list[str]] = mapped_column(default=list)
    topics: Mapped[list[str]] = mapped_column(default=list)
    mode: Mapped[str] = mapped_column(String(20))
    """Empty where it withdraws the decision before it: then it names no unit."""
    suggested_lead: Mapped[list[str]] = mapped_column(default=list)
    suggested_co: Mapped[list[str]] = mapped_column(default=list)
    shown: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What the answer suggested, as `triage.meeting.decided.Suggested.to_dict()`, and in `compared` how the decision
    differs (`triage.meeting.figures.Compared`); empty where there was no answer.
    """
    day: Mapped[Date | None]
    """Day on which the lead got it (交办)."""
    reason: Mapped[str] = mapped_column(Text, default="")
    """In the clerk's words; may touch the text, so the trail holds only its digest."""
    decided_by: Mapped[str] = mapped_column(String(200), default="")
    actor: Mapped[str] = mapped_column(String(200))
    salt: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=now)


class Assignment(Table):
    """A unit of the decision that holds, in the order in which it is named."""

    __tablename__ = "assignments"
    __table_args__ = (Index("ix_assignments_unit", "unit", "role"),)

    suggestion_id: Mapped[int] = mapped_column(ForeignKey("suggestions.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(4), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(200))


class ReturnRow(Table):
    """A unit sent a suggestion back (退单)."""

    __tablename__ = "returns"

    id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    suggestion_id: Mapped[int] = mapped_column(ForeignKey("suggestions.id", ondelete="CASCADE"), index=True)
    decision: Mapped[int]
    """Number of the decision that was sent back."""
    unit: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text, default="")
    day: Mapped[Date | None]
    actor: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(default=now)


class OutcomeRow(Table):
    """What became of a suggestion: the place's own class, the reply, the day of the reply."""

    __tablename__ = "outcomes"

    id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    suggestion_id: Mapped[int] = mapped_column(ForeignKey("suggestions.id", ondelete="CASCADE"), index=True)
    outcome: Mapped[str] = mapped_column(String(200))
    reply: Mapped[str] = mapped_column(Text, default="")
    day: Mapped[Date | None]
    actor: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(default=now)


class ApartRow(Table):
    """What a person found of suggestions that look alike: that they are no one matter (``merge``), or that their leads
    are right as they differ (``lead``).
    """

    __tablename__ = "apart"

    id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(10))
    actor: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime] = mapped_column(default=now)


class ApartMember(Table):
    """A suggestion of such a finding; the one that stood for the others has the first place."""

    __tablename__ = "apart_members"

    apart_id: Mapped[int] = mapped_column(ForeignKey("apart.id", ondelete="CASCADE"), primary_key=True)
    suggestion_id: Mapped[int] = mapped_column(
        ForeignKey("suggestions.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    place: Mapped[int]
