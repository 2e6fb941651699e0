"""The epochs: what should lie near is ranked before all else in the batch, until held-out pairs get no better."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from triage.errors import EncoderError, InputError
from triage.learning.tuning.pairs import Pair
from triage.learning.tuning.samples import Sample, Source

if TYPE_CHECKING:
    from triage.learning.tuning.network import Network

Progress = Callable[[str, float], None]
Flags = NDArray[np.bool_]

WARM = 0.1
"""The share of the steps in which the learning rate rises; then it falls in a line to almost nothing."""


class Stop(StrEnum):
    """Why the training ended."""

    DONE = "all epochs done"
    NO_NEARER = "held-out pairs get no better"
    TIME = "time is up"


@dataclass(frozen=True, slots=True)
class Settings:
    """How an encoder is tuned.

    `layers` from the top learn, at a learning rate that rises to `rate`. `scale` sharpens cosines into the softmax (the
    inverse of a temperature). Held-out pairs are looked at `checks` times an epoch; after `patience` looks without a
    better one it ends, as it does after `seconds`. Pairs come from `source`. With `only_if_better` no folder is written
    unless the comparison says so. The same seed gives the same weights on the same machine with the same number of
    threads.
    """

    epochs: int = 2
    layers: int = 4
    rate: float = 3e-5
    scale: float = 50.0
    batch: int = 32
    checks: int = 2
    patience: int = 2
    seconds: float | None = None
    seed: int = 0
    source: Source = Source.BOTH
    only_if_better: bool = False

    def __post_init__(self) -> None:
        allowed = {
            "epochs": (1 <= self.epochs <= 100, "1 to 100"),
            "rate": (0 < self.rate <= 0.01, "above 0, to 0.01"),
            "scale": (0 < self.scale <= 1000, "above 0, to 1000"),
            "batch": (2 <= self.batch <= 1024, "2 to 1024"),
            "checks": (1 <= self.checks <= 100, "1 to 100"),
            "patience": (self.patience >= 1, "1 or more"),
            "seconds": (self.seconds is None or self.seconds > 0, "above 0"),
        }
        for name, (fits, told) in allowed.items():
            if not fits:
                raise InputError(f"{name}: {getattr(self, name)}; allowed is {told}")


@dataclass(frozen=True, slots=True)
class Course:
    """How it went: `looks` are (steps done, loss on held-out pairs), the first before the first step; `best` is the
    look whose weights were kept, `losses` the mean training loss between looks.
    """

    looks: tuple[tuple[int, float], ...]
    losses: tuple[float, ...]
    best: int
    stop: Stop

    @property
    def learned(self) -> bool:
        """Whether any step made held-out pairs better."""
        return self.best > 0


def fit(
    network: Network, pairs: Sequence[Pair], watched: Sequence[Pair], settings: Settings, progress: Progress | None
) -> Course:
    """Tune the network on `pairs`; afterwards it has the weights that were best on the `watched` pairs, which may be
    those that it had before. Raises EncoderError if the loss is no number.
    """
    import torch

    devices: list[int] | None = [] if network.device == "cpu" else None
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(settings.seed)
        learner = _Learner(network, settings, _steps(len(pairs), settings))
        ends = Ends(settings.seconds, settings.patience)
        return followed(learner, _batches(pairs, settings), watched, ends, progress)


@dataclass(frozen=True, slots=True)
class Ends:
    """What ends a training before its last step: so many seconds, or so many looks without a better one."""

    seconds: float | None = None
    patience: int | None = None


class Learner(Protocol):
    """What learns: `done` of its `steps`, with a look at held-out samples every `between`."""

    network: Network
    done: int
    steps: int
    between: int

    def step(self, batch: Any, /) -> float:
        """Learn from a batch; returns its loss."""

    def loss_on(self, watched: Any, /) -> float:
        """The mean loss on held-out samples."""


def followed(
    learner: Learner, batches: Iterable[Any], watched: Any, ends: Ends, progress: Progress | None = None
) -> Course:
    """Learn from the batches while held-out samples are watched; afterwards the network has the best weights."""
    started, tell = time.monotonic(), progress or (lambda what, share: None)
    looks = [(0, learner.loss_on(watched))]
    best, state, losses, recent, stop = 0, learner.network.state(), [], [], Stop.DONE
    for batch in batches:
        recent.append(learner.step(batch))
        tell(f"learning, held-out loss {looks[-1][1]:.3f}", learner.done / learner.steps)
        late = ends.seconds is not None and time.monotonic() - started > ends.seconds
        if not (late or learner.done == learner.steps or learner.done % learner.between == 0):
            continue
        looks.append((learner.done, learner.loss_on(watched)))
        losses.append(float(np.mean(recent)))
        recent = []
        if looks[-1][1] < looks[best][1]:
            best, state = len(looks) - 1, learner.network.state()
        if late and learner.done < learner.steps:
            stop = Stop.TIME
            break
        if ends.patience is not None and len(looks) - 1 - best >= ends.patience:
            stop = Stop.NO_NEARER
            break
    learner.network.restore(state)
    return Course(tuple(looks), tuple(losses), best, stop)


def _steps(pairs: int, settings: Settings) -> int:
    return settings.epochs * max(1, -(-pairs // settings.batch))


def _batches(pairs: Sequence[Pair], settings: Settings) -> Iterator[list[Pair]]:
    """Shuffled anew each epoch; the last batch of an epoch may be small."""
    chance = random.Random(settings.seed)  # noqa: S311 (repeatable, no secret)
    for _ in range(settings.epochs):
        order = list(pairs)
        chance.shuffle(order)
        for start in range(0, len(order), settings.batch):
            yield order[start : start + settings.batch]


class _Learner:
    """One optimiser with its falling learning rate."""

    def __init__(self, network: Network, settings: Settings, steps: int) -> None:
        import torch

        self.network, self.settings, self.steps, self.done = network, settings, steps, 0
        self.between = max(1, steps // (settings.epochs * settings.checks))
        self._optimiser = torch.optim.AdamW(network.parameters, lr=settings.rate, weight_decay=0.01)

    def step(self, batch: Sequence[Pair]) -> float:
        """Learn from a batch; returns its loss."""
        import torch

        rising = min(1.0, (self.done + 1) / max(1.0, WARM * self.steps))
        for group in self._optimiser.param_groups:
            group["lr"] = self.settings.rate * rising * max(0.02, 1 - self.done / self.steps)
        self.network.learning(True)
        loss = self._loss(batch)
        value = float(loss.detach())
        if not np.isfinite(value):
            raise EncoderError(f"the loss is {value} after {self.done} steps; try a smaller learning rate")
        self._optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters, 1.0)
        self._optimiser.step()
        self.network.learning(False)
        self.done += 1
        return value

    def loss_on(self, pairs: Sequence[Pair]) -> float:
        """The mean loss of pairs, in their order and without dropout."""
        import torch

        size = self.settings.batch
        parts = [pairs[start : start + size] for start in range(0, len(pairs), size)]
        with torch.no_grad():
            return sum(float(self._loss(part)) * len(part) for part in parts) / len(pairs)

    def _loss(self, batch: Sequence[Pair]) -> Any:
        """Cross-entropy of the near sample among all near and far ones of the batch (multiple negatives ranking;
        Henderson et al., 2017), without those that may belong to the anchor.
        """
        import torch

        candidates = [pair.near for pair in batch] + [pair.far for pair in batch]
        texts = {sample.text: 0 for sample in (*(pair.anchor for pair in batch), *candidates)}
        places = {text: row for row, text in enumerate(texts)}
        vectors = self.network.forward(list(places))
        anchors = vectors[[places[pair.anchor.text] for pair in batch]]
        others = vectors[[places[sample.text] for sample in candidates]]
        barred = torch.from_numpy(left_out([pair.anchor for pair in batch], candidates)).to(vectors.device)
        scores = (anchors @ others.T * self.settings.scale).masked_fill(barred, -torch.inf)
        return torch.nn.functional.cross_entropy(scores, torch.arange(len(batch), device=vectors.device))


def left_out(anchors: Sequence[Sample], candidates: Sequence[Sample]) -> Flags:
    """Which candidates, near ones first and then far ones, are no counterexample for which anchor: all that do not
    surely belong elsewhere (one unit, one matter, unknown units), except an anchor's own two. (anchors, 2 · anchors).
    """
    size = len(anchors)
    barred = np.array([[not anchor.keeps_from(other) for other in candidates] for anchor in anchors], bool)
    own = np.arange(size)
    barred[own, own] = barred[own, size + own] = False
    return barred
