"""Where one source or period was handled otherwise than the rest, beyond what chance explains."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from triage.learning.audit.findings import Finding, Kind
from triage.learning.audit.unseen import Unseen
from triage.records import Case

LEAST = 5
"""Cases that each side of a comparison needs."""
CHANCE = 0.01
"""The probability that chance alone brings up any one of the differences told (Holm's correction)."""
MOST = 20


@dataclass(frozen=True, slots=True)
class _Compared:
    """Two groups of cases and how many of each have a mark."""

    what: str
    mark: str
    group: str
    rest: str
    counts: tuple[int, int, int, int]
    cases: tuple[str, ...]

    @property
    def chance(self) -> float:
        """Fisher's exact test, two-sided."""
        from scipy.stats import fisher_exact

        marked, size, other_marked, other_size = self.counts
        return float(fisher_exact([[marked, size - marked], [other_marked, other_size - other_marked]])[1])


def differences(cases: Sequence[Case], seen: Unseen, doubted: set[str]) -> list[Finding]:
    """Topics whose usual lead differs between a source, or an earlier and a later half, and the rest; and sources and
    halves of which more leads are `doubted` (ids). Units count under today's names, so that a reform is no difference.
    """
    compared = [*_by_topic(cases, seen), *_by_doubt(cases, seen, doubted)]
    tested = sorted(((one.chance, number) for number, one in enumerate(compared)), key=lambda pair: pair)
    found: list[Finding] = []
    for rank, (chance, number) in enumerate(tested):
        if chance * (len(tested) - rank) > CHANCE or len(found) == MOST:
            break
        found.append(_finding(compared[number], chance))
    return found


def _by_topic(cases: Sequence[Case], seen: Unseen) -> Iterator[_Compared]:
    rows: dict[str, list[int]] = {}
    for row, place in enumerate(seen.rows):
        if cases[place].topics and seen.led[row].any():
            rows.setdefault(cases[place].topics[0], []).append(row)
    leads = seen.led.argmax(axis=1) if seen.led.shape[1] else np.zeros(len(seen.rows), np.intp)
    for topic, some in rows.items():
        usual, _ = Counter(int(leads[row]) for row in some).most_common(1)[0]
        mark = f"由{seen.units([usual])[0]}主办"
        marked = {row for row in some if leads[row] == usual}
        yield from _groups(cases, seen, some, marked, f"类别“{topic}”", mark)


def _by_doubt(cases: Sequence[Case], seen: Unseen, doubted: set[str]) -> Iterator[_Compared]:
    some = [row for row in range(len(seen.rows)) if seen.led[row].any()]
    marked = {row for row in some if cases[seen.rows[row]].suggestion.id in doubted}
    yield from _groups(cases, seen, some, marked, "全部案件", "主办存疑")


def _groups(
    cases: Sequence[Case], seen: Unseen, rows: Sequence[int], marked: set[int], what: str, mark: str
) -> Iterator[_Compared]:
    """Each source against the others, and the earlier half against the later."""
    suggestions = [cases[seen.rows[row]].suggestion for row in rows]
    sources = sorted({one.source for one in suggestions if one.source})
    splits = [(source, "其他来源", [one.source == source for one in suggestions]) for source in sources]
    if len(splits) == 2:
        splits = [(sources[0], sources[1], splits[0][2])]
    days = sorted(one.date for one in suggestions if one.date)
    if len(days) == len(rows) and days[0] < days[-1]:
        middle = days[len(days) // 2]
        before = [one.date is not None and one.date < middle for one in suggestions]
        splits.append((f"{middle.isoformat()}以前", "以后", before))
    for group, rest, inside in splits:
        here = [row for row, is_in in zip(rows, inside, strict=True) if is_in]
        there = [row for row, is_in in zip(rows, inside, strict=True) if not is_in]
        if min(len(here), len(there)) >= LEAST:
            counts = (len(marked.intersection(here)), len(here), len(marked.intersection(there)), len(there))
            ids = tuple(cases[seen.rows[row]].suggestion.id for row in here)
            yield _Compared(what, mark, group, rest, counts, ids)


def _finding(one: _Compared, chance: float) -> Finding:
    marked, size, other_marked, other_size = one.counts
    text = (
        f"{one.what}：{one.group}{size}件中{marked}件{one.mark}（{marked / size:.0%}），"
        f"{one.rest}{other_size}件中{other_marked}件（{other_marked / other_size:.0%}）；"
        f"偶然出现这样差别的可能为{chance:.2g}。"
    )
    return Finding(Kind.DIFFERENCE, "", one.cases, text, f"{one.what}，{one.group}", chance=float(f"{chance:.3g}"))
