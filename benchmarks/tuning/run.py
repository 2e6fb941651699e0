"""One set: models with the base encoder and with encoders that were tuned in each way, asked about the same cases."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Protocol
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.encodings import RememberingEncoder
from benchmarks.tuning.sets import PAIRS, Set
from triage import Triager
from triage.encoders.sentence import SentenceEncoder
from triage.learning.evaluation.asking import ask
from triage.learning.evaluation.copies import copy_groups
from triage.learning.evaluation.splits import grouped_folds
from triage.learning.measures import calibration_error
from triage.learning.tuning.apart import Parts
from triage.learning.tuning.comparing import compared, of_answers, of_vectors
from triage.learning.tuning.exporting import Agreement, export
from triage.learning.tuning.fitting import Settings, fit
from triage.learning.tuning.network import Network, check_same
from triage.learning.tuning.pairs import remembering
from triage.learning.tuning.samples import Samples, Source, gathered
from triage.learning.tuning.tune import paired
from triage.records import Case

Rows = NDArray[np.intp]
Tell = Callable[[str], object]
Values = dict[str, NDArray[np.float64]]

WATCHED = 10
"""One part in so many of what is known decides when to stop."""
HALF = ", half way"
"""A variant whose weights lie half way between the base and what was tuned."""


class Folders:
    """Tuned encoders in temporary folders. What is learned from duties alone is tuned once."""

    def __init__(self, base: Path, scratch: Path, settings: Settings) -> None:
        self.base, self.scratch, self.settings = base, scratch, settings
        self._open: dict[Path, SentenceEncoder] = {}
        self.vectors = remembering(self.opened(base).encode)
        self.told: dict[str, dict[str, Any]] = {}
        self._made: dict[str, Path] = {}

    def opened(self, folder: Path) -> SentenceEncoder:
        """The encoder of a folder, which encodes a text once as long as all this runs."""
        if folder not in self._open:
            self._open[folder] = RememberingEncoder.load(folder)
        return self._open[folder]

    def tuned(self, variant: str, one: Set, known: Rows) -> Path:
        """The encoder of a variant, learned from the known cases of a set."""
        way, half = variant.removesuffix(HALF), HALF * variant.endswith(HALF)
        name = way if way == "duties" else f"{one.name}-{way}-{digest_of(known)}"
        if name in self._made:
            return self._made[f"{name}{half}"]
        source = Source(way)
        cases = [] if source is Source.DUTIES else [one.cases[row] for row in known]
        samples = gathered(cases)
        pairs, watched = paired(samples, _parts(samples), _with(self.settings, source), self.vectors)
        if len(pairs) > PAIRS:
            chosen = np.random.default_rng(0).choice(len(pairs), PAIRS, replace=False)
            pairs = [pairs[row] for row in np.sort(chosen)]
        network = Network(self.base, self.settings.layers)
        check_same(network, self.opened(self.base))
        before, started = network.state(), time.perf_counter()
        course = fit(network, pairs, watched, self.settings, None)
        seconds = time.perf_counter() - started
        texts = [pair.anchor.text for pair in watched]
        self._made[name], agreement = self._exported(network, name, texts)
        tuned = network.state()
        network.restore({key: (value + before[key]) / 2 for key, value in tuned.items()})
        self._made[f"{name}{HALF}"], _ = self._exported(network, f"{name}{HALF}", texts)
        self.told[name] = {
            "pairs": len(pairs),
            "seconds": round(seconds, 1),
            "held_out_loss": [round(loss, 4) for _, loss in course.looks],
            "kept": course.best,
            "agreement": asdict(agreement),
        }
        return self._made[f"{name}{half}"]

    def _exported(self, network: Network, name: str, texts: list[str]) -> tuple[Path, Agreement]:
        place = self.scratch / name.replace(", ", "-").replace(" ", "-")
        place.mkdir()
        return export(network, place, "tuned", texts)


def digest_of(rows: Rows) -> str:
    """A short name for a selection of rows."""
    return hashlib.sha256(rows.astype(np.int64).tobytes()).hexdigest()[:8]


def _parts(samples: Samples) -> Parts:
    none = np.zeros(0, np.intp)
    if not samples.cases:
        return Parts(none, none, none)
    split = grouped_folds(samples.matters, WATCHED)[0]
    return Parts(split.known, split.asked, none)


def _with(settings: Settings, source: Source) -> Settings:
    return replace(settings, source=source)


class Compared(Protocol):
    """A base encoder and the variants that are compared with it."""

    base: Path

    def opened(self, folder: Path) -> SentenceEncoder:
        """The encoder of a folder."""

    def tuned(self, variant: str, one: Set, known: Rows) -> Path:
        """The folder of a variant for the known cases of a set."""


def run(one: Set, folders: Compared, tell: Tell) -> dict[str, Any]:
    """The measures of every variant beside the base encoder's, over all splits of the set."""
    groups = copy_groups([case.suggestion for case in one.cases])
    asked = np.concatenate([rows for _, rows in one.splits])
    found: dict[str, list[Values]] = {"base": [], **{variant: [] for variant in one.variants}}
    for number, (known, rows) in enumerate(one.splits):
        for variant, parts in found.items():
            tell(f"{one.name} {number + 1}/{len(one.splits)}: {variant}")
            folder = folders.base if variant == "base" else folders.tuned(variant, one, known)
            parts.append(_asked(one, known, rows, folder, folders.opened(folder)))
    joined = {name: _joined(parts) for name, parts in found.items()}
    variants = {}
    for variant in one.variants:
        comparison = compared(joined["base"], joined[variant], dict.fromkeys(joined["base"], groups[asked]))
        variants[variant] = {**comparison.to_dict(), "calibration_error": _calibration(joined[variant])}
    return {
        "asked": len(asked),
        "learned": [len(known) for known, _ in one.splits],
        "calibration_error": _calibration(joined["base"]),
        "variants": variants,
    }


def _asked(one: Set, known: Rows, rows: Rows, folder: Path, encoder: SentenceEncoder) -> Values:
    cases: list[Case] = [one.cases[row] for row in known]
    with mock.patch.object(SentenceEncoder, "load", return_value=encoder):
        model = Triager.train(cases, units=one.units, encoder=folder)
        scored = ask(model, [one.cases[row] for row in rows])
    sure = {
        "score": np.array([answer.score for answer in scored], np.float64),
        "right": np.array([float(answer.right) if answer.leads else np.nan for answer in scored]),
    }
    return {**of_answers(scored), **sure}


def _joined(parts: list[Values]) -> Values:
    return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}


def _calibration(values: Values) -> float | None:
    led = np.isfinite(values["right"])
    return round(calibration_error(values["score"][led], values["right"][led] > 0), 4) if led.any() else None


def vectors(folders: Folders, way: str) -> dict[str, Any]:
    """The base encoder and one that was tuned in a way that needs no cases, on our own pairs."""
    none = np.zeros(0, np.intp)
    other_place = folders.tuned(way, Set("", (), (), ()), none)
    one, other = (of_vectors(folders.opened(place)) for place in (folders.base, other_place))
    return compared(one, other, {key: np.arange(len(values)) for key, values in one.items()}).to_dict()
