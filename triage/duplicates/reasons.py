"""What repeats and conflicts say in an answer: reasons that a clerk reads beside the leads."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import permutations
from typing import Any

from triage.duplicates.guard import MeetingItem
from triage.duplicates.leads import Agreement, LeadComparison
from triage.records import Duplicate, Grade, Reason, Triaged

LISTED = 5
"""Ids that a reason names; the rest is counted."""
SAME_MATTER = "同一事项"
"""How the reason ``duplicates.conflict`` begins, before the id of the other text."""


def with_duplicates(
    answers: Sequence[Triaged], duplicates: Sequence[tuple[Duplicate, ...]], comparison: LeadComparison
) -> list[Triaged]:
    """The answers with what each text repeats, and a reason where the same matter was given to another lead."""
    return [_repeated(answered, found, comparison) for answered, found in zip(answers, duplicates, strict=True)]


def with_conflicts(
    answers: Sequence[Triaged], conflicts: Sequence[MeetingItem], comparison: LeadComparison
) -> list[Triaged]:
    """The answers with a reason where another text of the batch is the same matter and has another first lead."""
    reasons: dict[str, list[Reason]] = {}
    for item in conflicts:
        for mine, other in permutations(item.holdings, 2):
            ids = [side.id for side in other.members if not side.decided]
            if ids and comparison.compare(mine.leads, other.leads) is Agreement.DIFFERENT:
                told = _same_matter(ids, other.leads)
                for side in mine.members:
                    if not side.decided:
                        reasons.setdefault(side.id, []).append(told)
    return [
        replace(answered, reasons=(*answered.reasons, *dict.fromkeys(reasons.get(answered.id or f"#{place}", ()))))
        for place, answered in enumerate(answers, start=1)
    ]


def _same_matter(ids: Sequence[str], leads: Sequence[str]) -> Reason:
    named = "、".join(ids[:LISTED]) + (f"等{len(ids)}件" if len(ids) > LISTED else "")
    return Reason(
        "duplicates.batch", f"同批{named}与本件属同一事项，首选单位为{'、'.join(leads)}，与本件不同，请会前统一。"
    )


def _repeated(answered: Triaged, found: tuple[Duplicate, ...], comparison: LeadComparison) -> Triaged:
    """An answer with its duplicates, and the reasons that follow from them."""
    reasons = []
    first = tuple(lead.unit for lead in answered.lead[:1])
    same = [hit for hit in found if hit.grade is not Grade.RELATED]
    if same:
        reasons.append(_counted(len(same)))
    others = {
        hit.lead: hit
        for hit in reversed(same)
        if hit.lead and first and comparison.compare(first, hit.lead) is Agreement.DIFFERENT
    }
    for lead, hit in reversed(others.items()):
        when = f"（{hit.date or hit.session}）" if hit.date or hit.session else ""
        reasons.append(
            Reason(
                "duplicates.conflict",
                f"{SAME_MATTER}{hit.id}{when}由{'、'.join(lead)}主办，与本次建议不同，请会前统一。",
            )
        )
    return replace(answered, duplicates=found, reasons=(*answered.reasons, *reasons))


def told_without(answer: Mapping[str, Any], ids: Collection[str]) -> dict[str, Any]:
    """`Triaged.to_dict()` as if the index had not held these texts: neither a hit nor evidence nor a reason tells of
    them. What they did to the order of the units stays.
    """
    hits = [hit for hit in answer.get("duplicates", ()) if hit["id"] not in ids]
    evidence = [one for one in answer.get("evidence", ()) if one.get("case") not in ids]
    same = sum(hit["grade"] != Grade.RELATED for hit in hits)
    named = tuple(f"{SAME_MATTER}{one}{after}" for one in ids for after in "（由")
    reasons = []
    for reason in answer.get("reasons", ()):
        if reason["code"] == "duplicates.found":
            reasons += [asdict(_counted(same))] if same else []
        elif reason["code"] != "duplicates.conflict" or not reason["text"].startswith(named):
            reasons.append(reason)
    told = {"duplicates": hits, "evidence": evidence, "reasons": reasons}
    return {**answer, **{name: value for name, value in told.items() if name in answer}}


def _counted(number: int) -> Reason:
    return Reason("duplicates.found", f"与{number}件属同一事项，可并案办理，但应分别答复每位提出人。")
