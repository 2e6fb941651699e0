"""What an answer that was kept says of a text's wording, its own and that of the texts it names, and taking it away."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

_PLAIN = ("id", "topics", "lead", "co", "mode", "decision", "model", "systems", "committee")
"""Names, numbers and units: nothing of them is wording."""


def without_wording(answer: dict[str, Any]) -> dict[str, Any]:
    """`Triaged.to_dict()` with what was decided and how sure, and without a word of the text. Its shape stays."""
    risk, ground, level = (answer.get(name) for name in ("return_risk", "jurisdiction", "level"))
    return {
        **{name: answer[name] for name in _PLAIN if name in answer},
        "reasons": [{"code": reason["code"], "text": ""} for reason in answer.get("reasons", ())],
        "evidence": [one | {"text": "", "spans": []} for one in answer.get("evidence", ())],
        "duplicates": [_unquoted(hit) for hit in answer.get("duplicates", ())],
        "matters": [matter | {"text": ""} for matter in answer.get("matters", ())],
        "questions": [],
        "notices": [],
        "return_risk": risk and risk | {"reasons": []},
        "jurisdiction": ground and ground | {"mentions": [], "outside": [], "question": ""},
        "level": level and level | {"evidence": [], "spans": []},
    }


def cited(answer: dict[str, Any]) -> set[str]:
    """The ids of the other texts that an answer names."""
    hits = {hit["id"] for hit in answer.get("duplicates", ())}
    return hits | {one["case"] for one in answer.get("evidence", ()) if one.get("case")}


def without_citation(answer: dict[str, Any], refs: Collection[str]) -> dict[str, Any]:
    """The answer without the wording of these other texts; that they were named stays."""
    return answer | {
        "evidence": [one | {"text": ""} if one.get("case") in refs else one for one in answer.get("evidence", ())],
        "duplicates": [_unquoted(hit) if hit["id"] in refs else hit for hit in answer.get("duplicates", ())],
    }


def _unquoted(hit: dict[str, Any]) -> dict[str, Any]:
    silent = {"text": "", "shared": [], "agrees": [], "differs": []}
    return hit | {"title": "", "proposers": [], "evidence": silent}
