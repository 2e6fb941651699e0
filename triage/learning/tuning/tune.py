"""The door: cases, a catalogue or both in; an encoder folder that was compared with the one it came from out."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from triage.encoders.folder import building, check_target, read_manifest
from triage.encoders.sentence import SentenceEncoder
from triage.errors import InputError
from triage.learning.tuning.apart import FOLDS, Make, Parts, compared_on, divided, some
from triage.learning.tuning.card import card
from triage.learning.tuning.comparing import Comparison, Verdict
from triage.learning.tuning.exporting import Agreement, export, record
from triage.learning.tuning.fitting import Course, Progress, Settings, fit
from triage.learning.tuning.network import Network, check_packages, check_same
from triage.learning.tuning.pairs import Encode, Kind, Pair, mined, remembering
from triage.learning.tuning.samples import Samples, Source, gathered
from triage.records import Case

if TYPE_CHECKING:
    from triage.catalogue import Catalogue

FEWEST = 8
"""Pairs below which nothing is learned."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """What came of it. `folder` is None where the encoder was not better and was not to be kept then."""

    folder: Path | None
    base: str
    pairs: dict[str, int]
    parts: dict[str, int]
    course: Course
    agreement: Agreement
    comparison: Comparison

    @property
    def better(self) -> bool:
        """Whether the cases kept apart show that the tuned encoder is better."""
        return self.comparison.verdict is Verdict.BETTER


def tune(
    cases: Sequence[Case],
    out: str | Path,
    make: Make,
    *,
    encoder: str | Path,
    catalogue: Catalogue | None = None,
    units: Sequence[str] = (),
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Tuned:
    """Tune the encoder in a folder on a place's history and duties, compare the two, and write the new one to `out`.

    A fifth of the cases is kept apart; `make` trains a model with an encoder folder on the others (`Triager.train`),
    and both models are asked about it. Without cases it learns from the catalogue's phrases, and nothing is proven.
    `out` appears complete or not at all; with ``settings.only_if_better`` it does not appear unless the verdict is
    better.

    Raises EncoderError if torch is missing or the encoder cannot be tuned, InputError for cases that give no pairs,
    StorageError if the folder cannot be written.
    """
    settings = settings or Settings()
    tell = progress or (lambda what, share: None)
    target, place = Path(out), Path(encoder)
    check_target(target)
    check_packages()
    tell("reading the cases", 0.0)
    cases = some(cases, settings.seed)
    base = SentenceEncoder.load(place)
    samples = gathered(cases, catalogue=catalogue, units=units, sentence=base)
    parts = divided(samples, [case.suggestion.date for case in cases], settings.seed)
    tell("pairing", 0.05)
    pairs, watched = paired(samples, parts, settings, remembering(base.encode))
    network = Network(place, settings.layers)
    check_same(network, base)
    course = fit(network, pairs, watched, settings, lambda what, share: tell(what, 0.1 + 0.6 * share))
    with tempfile.TemporaryDirectory() as scratch:
        tell("writing the graph", 0.7)
        name = f"{read_manifest(place).name.removesuffix('-tuned')}-tuned"
        texts = [pair.anchor.text for pair in watched]
        work, agreement = export(network, Path(scratch), name, texts)
        tell("comparing", 0.75)
        comparison = compared_on(cases, parts, samples.matters, (place, work), make)
        kinds = {str(kind): sum(pair.kind is kind for pair in pairs) for kind in Kind}
        sizes = {"learned": len(parts.learned), "watched": len(parts.watched), "asked": len(parts.asked)}
        tuned = Tuned(target, base.fingerprint, kinds, sizes, course, agreement, comparison)
        if settings.only_if_better and not tuned.better:
            return replace(tuned, folder=None)
        record(work, read_manifest(work), to_dict(tuned, settings), card(name, tuned, settings))
        tell("writing the folder", 0.98)
        with building(target) as built:
            shutil.copytree(work, built, dirs_exist_ok=True)
    tell("done", 1.0)
    return tuned


def paired(samples: Samples, parts: Parts, settings: Settings, encode: Encode) -> tuple[list[Pair], list[Pair]]:
    """Pairs to learn from and pairs to watch. They share no case; where no cases are watched, what is learned from
    touches no phrase whose pairs are watched.
    """
    learned = samples.of(parts.learned)
    pairs = mined(learned, encode, settings.source)
    watched = mined(samples.of(parts.watched), encode, Source.HISTORY) if len(parts.watched) else []
    if not watched:
        drawn = np.random.default_rng(settings.seed).permutation(len(samples.phrases)) % (2 * FOLDS) == 0
        aside = {phrase.text for phrase, out in zip(samples.phrases, drawn, strict=True) if out}
        watched = [pair for pair in pairs if pair.anchor.text in aside]
        pairs = [pair for pair in pairs if not aside & {pair.anchor.text, pair.near.text, pair.far.text}]
    if len(pairs) < FEWEST or not watched:
        raise InputError(
            f"{len(learned.cases)} cases and {len(learned.phrases)} phrases of duties and topics give {len(pairs)} "
            f"pairs to learn from and {len(watched)} to watch; at least {FEWEST} and 1 are needed. Wanted are texts of "
            "two units or more, of which some have several texts or have duties in the catalogue."
        )
    return pairs, watched


def to_dict(tuned: Tuned, settings: Settings) -> dict[str, Any]:
    """All that is known of a tuning, as plain JSON types; no text."""
    course = tuned.course
    return {
        "base": tuned.base,
        "settings": asdict(settings),
        "pairs": dict(tuned.pairs),
        "cases": dict(tuned.parts),
        "looks": [list(look) for look in course.looks],
        "losses": [round(loss, 5) for loss in course.losses],
        "kept_after_steps": course.looks[course.best][0],
        "stopped": str(course.stop),
        "agreement": asdict(tuned.agreement),
        "comparison": tuned.comparison.to_dict(),
    }
