"""How far a meeting followed what was suggested: counts, by what was promised, with the changes and their reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

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


class Compared(NamedTuple):
    """How one decision differs from what had been suggested: plain values, so that many can be kept and counted.

    `lead` is ``kept`` (the suggested one), ``listed`` (another one that was shown) or ``other``; `decision` what the
    answer promised.
    """

    lead: str
    co_added: int
    co_dropped: int
    decision: str


def compared(row: Decided) -> Compared | None:
    """The comparison of a decided row; None where nothing is decided or nothing had been suggested."""
    suggested = row.suggested
    if suggested is None or not row.decided:
        return None
    leads, helpers, proposed = set(row.case.leads), set(row.case.co), set(suggested.co_units)
    lead = "kept" if row.lead_kept else "listed" if leads <= set(suggested.candidates) else "other"
    return Compared(lead, len(helpers - proposed), len(proposed - helpers), str(suggested.decision))


def counts_of(rows: Mapping[Compared, int]) -> dict[str, Any]:
    """The fields of `MeetingFigures` that follow from comparisons and how often each occurs."""

    def of(which: Callable[[Compared], bool]) -> int:
        return sum(times for row, times in rows.items() if which(row))

    return {
        "compared": of(lambda row: True),
        "kept": of(lambda row: row.lead == "kept" and not row.co_added and not row.co_dropped),
        "lead_kept": of(lambda row: row.lead == "kept"),
        "lead_listed": of(lambda row: row.lead == "listed"),
        "lead_other": of(lambda row: row.lead == "other"),
        "co_kept": of(lambda row: not row.co_added and not row.co_dropped),
        "co_added": sum(row.co_added * times for row, times in rows.items()),
        "co_dropped": sum(row.co_dropped * times for row, times in rows.items()),
        "promises": {
            str(decision): Followed(
                sum(times for row, times in rows.items() if row.decision == decision),
                sum(times for row, times in rows.items() if row.decision == decision and row.lead == "kept"),
            )
            for decision in Decision
        },
    }


def meeting_figures(rows: Sequence[Decided]) -> MeetingFigures:
    """Count what became of the suggestions."""
    decided = sum(row.decided for row in rows)
    pairs = [(row, found) for row in rows if (found := compared(row)) is not None]
    changes = Counter(
        ("；".join(row.suggested.leads), "；".join(row.case.leads))
        for row, found in pairs
        if row.suggested is not None and found.lead != "kept"
    )
    reasons = Counter(" ".join(row.why.split()) for row in rows if row.why.strip())
    return MeetingFigures(
        rows=len(rows),
        decided=decided,
        undecided=len(rows) - decided,
        **counts_of(Counter(found for _, found in pairs)),
        changes=tuple((one, other, count) for (one, other), count in changes.most_common()),
        reasons=tuple(reasons.most_common()),
    )
