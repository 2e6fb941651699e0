"""One matter, several leads: cases that ask for the same and went to different units, reorganisations considered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, cast

from triage.catalogue import Catalogue
from triage.duplicates.batch import Batch
from triage.duplicates.calibration import calibration_for
from triage.duplicates.guard import MeetingItem
from triage.duplicates.leads import Agreement, LeadComparison
from triage.learning.audit.findings import Finding, Kind, listed
from triage.records import LABELS, Case
from triage.sheets import likely

if TYPE_CHECKING:
    from triage.encoders.cache import CachedEncoder
    from triage.encoders.sentence import SentenceEncoder

Steps = Callable[[int, int], None]
Chance = Callable[[str, tuple[str, ...]], float | None]
"""The probability of leads for the case of an id, by a model that has not seen it; None where it cannot say."""


def conflicts(
    cases: Sequence[Case],
    catalogue: Catalogue,
    sentence: SentenceEncoder | CachedEncoder | None = None,
    chance: Chance | None = None,
    progress: Steps | None = None,
) -> list[Finding]:
    """A finding for each case of a matter whose leads differ; the largest matters first, each a group.

    What is proposed is the lead that more cases of the matter have than any other, else the one that is likelier by
    `chance`, else that of the latest case; a case that has it already is listed too, without a proposal. Without an
    encoder that grades were learned for, wording alone is compared.
    """
    led = [case for case in cases if case.leads]
    if len(led) < 2:
        return []
    graded = sentence is not None and calibration_for(sentence) is not None
    comparing = cast("SentenceEncoder", sentence) if graded else None
    with closing(Batch(led, sentence=comparing, progress=progress)) as batch:
        items = batch.conflicts(catalogue=catalogue)
    comparison = LeadComparison(catalogue)
    return [
        finding for group, item in enumerate(items, start=1) for finding in _members(group, item, comparison, chance)
    ]


def _members(group: int, item: MeetingItem, comparison: LeadComparison, chance: Chance | None) -> list[Finding]:
    chosen, why = _chosen(item, chance)
    counted = "；".join(
        f"{listed(holding.leads)}{len(holding.members)}件（{listed([side.id for side in holding.members], 3)}）"
        for holding in item.holdings
    )
    text = f"{LABELS[item.grade]}（把握{likely(item.score)}），主办单位不一：{counted}。"
    text += f"{why}由{listed(chosen)}主办。" if chosen else "件数相同，请斟酌。"
    found: list[Finding] = []
    for holding in item.holdings:
        agrees = not chosen or comparison.compare(holding.leads, chosen) is not Agreement.DIFFERENT
        found += (
            Finding(
                *(Kind.CONFLICT, "lead", (side.id,), text),
                now=side.leads,
                proposed=() if agrees else chosen,
                proposed_chance=round(item.score, 4),
                group=group,
            )
            for side in holding.members
        )
    return found


def _chosen(item: MeetingItem, chance: Chance | None) -> tuple[tuple[str, ...], str]:
    """The leads to propose for a matter, and why; nothing where nothing speaks for the ones or the others."""
    if item.majority:
        return item.majority, "多数"
    ids = [side.id for holding in item.holdings for side in holding.members]
    if chance is not None:
        told = [[chance(name, holding.leads) for name in ids] for holding in item.holdings]
        if all(value is not None for row in told for value in row):
            sums = [sum(value or 0.0 for value in row) for row in told]
            if sums.count(max(sums)) == 1:
                return item.holdings[sums.index(max(sums))].leads, "按内容更像"
    dated = [(side.date, holding.leads) for holding in item.holdings for side in holding.members if side.date]
    latest = {leads for day, leads in dated if day == max(day for day, _ in dated)}
    return (latest.pop(), "最近一件") if len(latest) == 1 else ((), "")
