"""How far work on all rows together is. The job's lease is renewed every few seconds, and writes it down then."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Steps = Callable[[int, int], None]
Named = Callable[[str, float], None]


class HowFar:
    """A share of the work, from 0 to 1, that never falls. The work tells it, another thread reads it."""

    __slots__ = ("share",)

    def __init__(self) -> None:
        self.share = 0.0

    def tell(self, share: float) -> None:
        """So much is done."""
        self.share = max(self.share, min(share, 1.0))

    def steps(self, first: float, last: float) -> Steps:
        """What to tell a part of the work by steps done and steps in all, where it goes from `first` to `last`."""
        return lambda done, total: self.tell(first + (last - first) * done / max(total, 1))

    def named(self, parts: Mapping[str, tuple[float, float]], other: tuple[float, float]) -> Named:
        """The same for work that names its parts and tells the share of each; `other` is where all further ones go."""

        def told(name: str, share: float) -> None:
            first, last = parts.get(name, other)
            self.tell(first + (last - first) * share)

        return told
