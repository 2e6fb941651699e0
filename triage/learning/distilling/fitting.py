"""The lessons: for each piece the student's vector is drawn to its teacher's, and so are all cosines of a batch."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from triage.errors import EncoderError, InputError
from triage.learning.tuning.fitting import Course, Ends, Progress, followed

if TYPE_CHECKING:
    from triage.learning.tuning.network import Network

Floats = NDArray[np.float32]

FEWEST = 20
"""Pieces below which there is nothing to learn and to watch."""
WARM = 200
"""Steps in which the learning rate rises; then it falls in a line to almost nothing."""
LEAST = 0.02
"""The share of the learning rate that is left at the end."""
COSINES = 3.0
"""What the cosines of a batch weigh beside the vectors themselves."""
SORTED = 50
"""Batches whose pieces are put in order of length together, so that little is padded."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a student learns: with `layers` of its teacher's layers, `epochs` times through at most `pieces` pieces in
    batches of `batch`, at a learning rate that rises to `rate`. Held-out pieces are looked at `checks` times an epoch;
    it ends when all is done or `seconds` are over. The same seed gives the same weights on the same machine with the
    same number of threads.
    """

    layers: int = 4
    epochs: int = 3
    pieces: int = 60_000
    batch: int = 64
    rate: float = 5e-4
    checks: int = 4
    seconds: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        allowed = {
            "epochs": (1 <= self.epochs <= 100, "1 to 100"),
            "pieces": (self.pieces >= FEWEST, f"{FEWEST} or more"),
            "batch": (2 <= self.batch <= 1024, "2 to 1024"),
            "rate": (0 < self.rate <= 0.01, "above 0, to 0.01"),
            "checks": (1 <= self.checks <= 100, "1 to 100"),
            "seconds": (self.seconds is None or self.seconds > 0, "above 0"),
        }
        for name, (fits, told) in allowed.items():
            if not fits:
                raise InputError(f"{name}: {getattr(self, name)}; allowed is {told}", zh="训练设置不在允许范围内")


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """Pieces and their teacher's vectors (pieces, dimension)."""

    texts: Sequence[str]
    vectors: Floats

    def rows(self, rows: Sequence[int]) -> Lessons:
        """Some of them."""
        return Lessons([self.texts[row] for row in rows], self.vectors[list(rows)])


def fit(
    network: Network, lessons: Lessons, watched: Lessons, settings: Settings, progress: Progress | None = None
) -> Course:
    """Teach the network; afterwards it has the weights that were nearest to the teacher on `watched`. Raises
    EncoderError if the loss is no number.
    """
    import torch

    with torch.random.fork_rng(devices=[] if network.device == "cpu" else None):
        torch.manual_seed(settings.seed)
        learner = _Learner(network, lessons, settings)
        batches = map(lessons.rows, _batches(lessons, settings))
        return followed(learner, batches, watched, Ends(settings.seconds), progress)


def _batches(lessons: Lessons, settings: Settings) -> Iterator[list[int]]:
    """Rows, shuffled anew each epoch; pieces of about one length stand in a batch."""
    chance = random.Random(settings.seed)  # noqa: S311 (repeatable, no secret)
    rows, some = list(range(len(lessons.texts))), settings.batch * SORTED
    for _ in range(settings.epochs):
        chance.shuffle(rows)
        batches = []
        for start in range(0, len(rows), some):
            near = sorted(rows[start : start + some], key=lambda row: len(lessons.texts[row]))
            batches += [near[at : at + settings.batch] for at in range(0, len(near), settings.batch)]
        chance.shuffle(batches)
        yield from batches


class _Learner:
    """Steps and losses, with all that they share."""

    def __init__(self, network: Network, lessons: Lessons, settings: Settings) -> None:
        import torch

        self.network, self.settings, self.done = network, settings, 0
        an_epoch = max(1, -(-len(lessons.texts) // settings.batch))
        self.steps, self.between = settings.epochs * an_epoch, max(1, an_epoch // settings.checks)
        self._middle = torch.from_numpy(lessons.vectors.mean(axis=0)).to(network.device)
        # Vectors of one encoder share most of their length: what is learned is how they differ.
        self._spread = max(float(lessons.vectors.var(axis=0).sum()), 1e-9)
        self._optimiser = torch.optim.AdamW(network.parameters, lr=settings.rate, weight_decay=0.01)

    def step(self, lessons: Lessons) -> float:
        """Learn from a batch; returns its loss."""
        import torch

        rate = self.settings.rate * min(1.0, (self.done + 1) / WARM) * max(LEAST, 1 - self.done / self.steps)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        loss = self._loss(lessons)
        value = float(loss.detach())
        if not np.isfinite(value):
            raise EncoderError(f"the loss is {value} after {self.done} steps; try a smaller learning rate")
        self._optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters, 1.0)
        self._optimiser.step()
        self.done += 1
        return value

    def loss_on(self, lessons: Lessons) -> float:
        """The mean loss of the lessons, in their order."""
        import torch

        size, count = self.settings.batch, len(lessons.texts)
        parts = [lessons.rows(range(start, min(start + size, count))) for start in range(0, count, size)]
        with torch.no_grad():
            return sum(float(self._loss(part)) * len(part.texts) for part in parts) / count

    def _loss(self, lessons: Lessons) -> Any:
        """How far the vectors lie from the teacher's, as a share of the teacher's spread, and how far the centred
        cosines of the batch do.
        """
        import torch

        ours = self.network.forward(lessons.texts)
        theirs = torch.from_numpy(lessons.vectors).to(self.network.device)
        apart = ((ours - theirs) ** 2).sum(dim=1).mean() / self._spread
        one, other = (torch.nn.functional.normalize(each - self._middle, dim=1) for each in (ours, theirs))
        return apart + COSINES * ((one @ one.T - other @ other.T) ** 2).mean()
