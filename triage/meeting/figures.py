"""How far a meeting followed what was suggested: counts, by what was promised, with the changes and their reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from triage.meeting.decided import Decided
from triage.records import Decision


@dataclass(frozen=True, slots=True)
class Followed:
    """Rows of one promise: `decided` ones, and in how many of them the lead is the suggested one (`kept`)."""

    decided: int
    kept: int


@dataclass(frozen=True, slots=True)
class MeetingFigures:
    """Counts over the rows of a sheet.

    Of the `compared` rows (decided, and something was suggested) `lead_kept` have the suggested lead, `lead_listed`
    another one that the sheet showed, `lead_other` one that it did not; `co_kept` have exactly the suggested helpers,
    `kept` both. `co_added` and `co_dropped` count single helpers. `promises` has the same by decision, `changes` the
    leads (suggested, decided, how often), `reasons` what was written as 原因, both most frequent first.
    """

    rows: int
    decided: int
    undecided: int
    compared: int
    kept: int
    lead_kept: int
    lead_listed: int
    lead_other: int
    co_kept: int
    co_added: int
    co_dropped: int
    promises: dict[str, Followed]
    changes: tuple[tuple[str, str, int], ...] = ()
    reasons: tuple[tuple[str, int], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The figures as plain JSON types."""
        return asdict(self)


def meeting_figures(rows: Sequence[Decided]) -> MeetingFigures:
    """Count what became of the suggestions."""
    decided = [row for row in rows if row.decided]
    pairs = [(row, row.suggested) for row in decided if row.suggested is not None]
    changed = [(row, suggested) for row, suggested in pairs if not row.lead_kept]
    listed = sum(set(row.case.leads) <= set(suggested.candidates) for row, suggested in changed)
    changes = Counter(("；".join(suggested.leads), "；".join(row.case.leads)) for row, suggested in changed)
    reasons = Counter(" ".join(row.why.split()) for row in rows if row.why.strip())
    promises = {
        str(decision): Followed(
            sum(suggested.decision is decision for _, suggested in pairs),
            sum(suggested.decision is decision and row.lead_kept for row, suggested in pairs),
        )
        for decision in Decision
    }
    return MeetingFigures(
        rows=len(rows),
        decided=len(decided),
        undecided=len(rows) - len(decided),
        compared=len(pairs),
        kept=sum(row.lead_kept and row.co_kept for row, _ in pairs),
        lead_kept=len(pairs) - len(changed),
        lead_listed=listed,
        lead_other=len(changed) - listed,
        co_kept=sum(row.co_kept for row, _ in pairs),
        co_added=sum(len(set(row.case.co) - set(suggested.co_units)) for row, suggested in pairs),
        co_dropped=sum(len(set(suggested.co_units) - set(row.case.co)) for row, suggested in pairs),
        promises=promises,
        changes=tuple((one, other, count) for (one, other), count in changes.most_common()),
        reasons=tuple(reasons.most_common()),
    )
