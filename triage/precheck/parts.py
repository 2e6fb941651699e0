"""The parts of a whole suggestion: subject, problem, analysis and ask, the share of each, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from triage.precheck.checked import ROLES, RolePart
from triage.precheck.reading import Reading

SHORT = 30
"""Characters of a body below which nothing but "too short" is said."""
MISSING: dict[str, str] = {
    "subject": "还看不出是关于什么事的，请补一个能说明事由的标题，如“关于……的建议”。",
    "problem": "还没有写到现在的情况和问题，请补充在哪里、什么时候、遇到了什么困难。",
    "analysis": "如果方便，可以补充一两句原因或依据（为什么会这样、涉及多少人、别处怎么做的），便于承办单位研究。",
    "ask": "还没有写到具体的建议，请补充希望由谁做什么、做到什么程度。",
}
"""What the proposer is kindly asked for where a part is not there."""
BARE = "目前只有标题，请补充正文：在哪里、什么情况，希望由谁做什么。"
TOO_SHORT = "内容还比较简单，请补充具体的地点、情况和建议，便于办理。"


def parts_of(reading: Reading, roles: Sequence[str]) -> tuple[RolePart, ...]:
    """The four parts in the order of `ROLES`, each with its share of the characters that belong to any of them.

    Sentences of one role that follow each other within a field make one span.
    """
    source = reading.source
    spans: dict[str, list[tuple[int, int]]] = {role: [] for role in ROLES}
    numbered = list(enumerate(reading.sentences))
    for (role, _), group in groupby(numbered, key=lambda pair: (roles[pair[0]], pair[1].title)):
        listed = [sentence for _, sentence in group]
        if role in spans:
            spans[role].append((listed[0].start, listed[-1].end))
    sizes = {role: sum(len(sentence.text) for number, sentence in numbered if roles[number] == role) for role in ROLES}
    total = sum(sizes.values())
    return tuple(
        RolePart(
            role, round(sizes[role] / total, 4) if total else 0.0, tuple(source.span(*span) for span in spans[role])
        )
        for role in ROLES
    )


def missing_of(reading: Reading, parts: Sequence[RolePart]) -> tuple[str, ...]:
    """What is not there, said to the proposer; analysis is asked for only where the rest is there. Of a bare title
    nothing more is said than that.
    """
    if not reading.sentences:
        return (TOO_SHORT,)
    if not reading.body:
        return (BARE,)
    body = sum(len(reading.sentences[number].text) for number in reading.body)
    there = {part.role for part in parts if part.spans}
    lacking = [role for role in ("subject", "problem", "ask") if role not in there]
    if body < SHORT and lacking:
        return (TOO_SHORT, *(MISSING[role] for role in lacking))
    if not lacking and "analysis" not in there:
        return (MISSING["analysis"],)
    return tuple(MISSING[role] for role in lacking)
