"""Periods and growth: what is compared with what, and whether a rise is more than chance."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from triage.errors import InputError

SIGNIFICANCE = 0.05
"""At most this share of the topics that are flagged as rising rose by chance (false discovery rate)."""

_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def period(until: Date, length: str | int) -> tuple[Date, Date]:
    """The first and last day of the ``"week"``, ``"month"``, ``"quarter"`` or ``"year"``, or of so many days, that
    ends with `until`.

    A month that ends on its last day is that calendar month; else it begins on the day after the same day of the month
    before (16 February to 15 March). Raises InputError for another word or fewer days than one.
    """
    if isinstance(length, str) and length in _MONTHS:
        month = until.year * 12 + until.month - 1 - _MONTHS[length]
        year, month = month // 12, month % 12 + 1
        last = calendar.monthrange(year, month)[1] if year >= 1 else 0
        ends = until.day == calendar.monthrange(until.year, until.month)[1]
        if last:
            return Date(year, month, last if ends else min(until.day, last)) + timedelta(days=1), until
    days = 7 if length == "week" else length
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days < until.toordinal():
        allowed = ", ".join(("week", *_MONTHS))
        raise InputError(f"period {length!r} before {until}: allowed are {allowed} or a number of days from 1 up.")
    return until - timedelta(days=days - 1), until


def chosen_period(
    dates: Sequence[Date | None], since: Date | None, until: Date | None, length: str | int | None
) -> tuple[Date | None, Date | None]:
    """`since` and `until` as they are given, or with a `length` (of `period`) the days of that length which end with
    `until`, or else with the last of the dates.

    Raises InputError for a length beside `since`, one that ends nowhere, and what `period` raises.
    """
    if length is None:
        return since, until
    if since is not None:
        raise InputError(f"period {length!r} and since {since}: give one of them; the other follows from it.")
    last = until or max((day for day in dates if day is not None), default=None)
    if last is None:
        raise InputError(f"period {length!r}: no text has a date that it could end with. Give until, or dates.")
    return period(last, length)


def period_before(since: Date, until: Date) -> tuple[Date, Date]:
    """The period of equal length that ends on the day before `since`; cut at the calendar's first day."""
    days = (until - since).days + 1
    first = max(since.toordinal() - days, 1)
    return Date.fromordinal(first), Date.fromordinal(max(since.toordinal() - 1, 1))


def growth_ratio(size: int, before: int) -> float:
    """How many times as many as before, half a text added to both (Haldane-Anscombe), so that 0 → 1 is 3, not ∞."""
    return (size + 0.5) / (before + 0.5)


def rising(sizes: Sequence[int], befores: Sequence[int], texts: int, texts_before: int) -> list[bool]:
    """Which topics grew by more than chance.

    Given how many texts a topic has in both periods, the number in the later one is binomial if nothing changed
    (Przyborowski & Wilenski, "Homogeneity of Results in Testing Samples from Poisson Series", Biometrika 31, 1940). Its
    share is one half, or the later period's share of all other texts if that is larger: after a congress everything
    grows. One-sided, exact; and because a list of many topics always holds one that grew by luck, Benjamini & Hochberg
    (1995) keep the share of false flags at `SIGNIFICANCE`, over those topics that have texts enough to be flagged at
    all (Tarone, 1990). The test takes texts to come one by one: a letter that many send as a copy rises, and rightly.
    """
    from scipy.special import betainc

    size, before = np.asarray(sizes, dtype=np.float64), np.asarray(befores, dtype=np.float64)
    both = size + before
    share = np.maximum(0.5, (texts - size + 0.5) / (texts + texts_before - both + 1))
    # P(at least `size` of `both`) = I_share(size, before + 1); P(all) is the least that it can be.
    chance = np.where(size > 0, betainc(np.maximum(size, 1), before + 1, share), 1.0)
    testable = share**both <= SIGNIFICANCE
    order = np.argsort(np.where(testable, chance, 2.0), kind="stable")[: int(testable.sum())]
    passed = np.flatnonzero(chance[order] <= SIGNIFICANCE * np.arange(1, len(order) + 1) / max(len(order), 1))
    flags = np.zeros(len(size), dtype=bool)
    if len(passed):
        flags[order[: passed[-1] + 1]] = True
    return [bool(flag) for flag in flags]


@dataclass(frozen=True, slots=True)
class Window:
    """Which texts are compared with which.

    `first` and `last` are the days of the period, `before` those of the period before, None where there is none.
    `chosen` is False for a batch that is taken whole: there every text counts, and the days are only what was found.
    """

    first: Date | None
    last: Date | None
    before: tuple[Date, Date] | None
    chosen: bool

    @classmethod
    def over(cls, dates: Sequence[Date | None], since: Date | None, until: Date | None) -> Window:
        """The window that `since` and `until` choose among these dates; see `hot.hot_topics`. Raises InputError."""
        known = [day for day in dates if day is not None]
        if since is None and until is None:
            return cls(min(known, default=None), max(known, default=None), None, chosen=False)
        if since is None:
            first = min(known, default=None)
            return cls(first and until and min(first, until), until, None, chosen=True)
        until = until or max((*known, since))
        if until < since:
            raise InputError(f"Period from {since} to {until}: it ends before it begins; exchange the two dates.")
        return cls(since, until, period_before(since, until), chosen=True)

    def split(self, dates: Sequence[Date | None]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which texts are in the period and which in the one before, both of shape (texts,)."""
        if not self.chosen:
            return np.ones(len(dates), dtype=bool), np.zeros(len(dates), dtype=bool)
        now = [day is not None and (self.first or Date.min) <= day <= (self.last or Date.max) for day in dates]
        earlier = [day is not None and self.before is not None and _within(day, self.before) for day in dates]
        return np.array(now, dtype=bool), np.array(earlier, dtype=bool)

    def notices(self, dates: Sequence[Date | None]) -> tuple[str, ...]:
        """In Chinese: how many texts have no date or lie in neither period, and whether there is a comparison."""
        said = []
        undated = sum(day is None for day in dates)
        if undated:
            said.append(f"{undated} 件没有日期，未计入。" if self.chosen else f"其中 {undated} 件没有日期。")
        now, earlier = self.split(dates)
        outside = len(dates) - undated - int((now | earlier).sum())
        if self.chosen and outside:
            said.append(f"{outside} 件不在所选时段内，未计入。")
        if self.before and not earlier.any():
            said.append("上一时段没有文本，无法比较。")
        return tuple(said)


def _within(day: Date, days: tuple[Date, Date]) -> bool:
    return days[0] <= day <= days[1]
