"""What people found who read texts that look alike: then it is not proposed to them again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Apart:
    """Sets of ids: no two of a set in `matters` are one matter (不并); of a set in `leads` the leads are right as they
    differ (不统一). Ids that nobody knows mean nothing.
    """

    matters: tuple[Collection[str], ...] = ()
    leads: tuple[Collection[str], ...] = ()
