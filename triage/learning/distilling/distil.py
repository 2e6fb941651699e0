"""The door: texts and an encoder in; a smaller encoder that was compared with its teacher out."""

from __future__ import annotations

import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triage.encoders import sbert
from triage.encoders.folder import building, check_target, read_manifest, seal, write_json
from triage.encoders.sentence import SentenceEncoder
from triage.learning.distilling.card import card
from triage.learning.distilling.fitting import Lessons, Settings, fit
from triage.learning.distilling.student import begin
from triage.learning.distilling.texts import our_texts, pieces
from triage.learning.tuning.apart import Make, compared_on, divided, some
from triage.learning.tuning.comparing import Comparison
from triage.learning.tuning.exporting import Agreement, export
from triage.learning.tuning.fitting import Course, Progress
from triage.learning.tuning.network import Network, check_packages
from triage.learning.tuning.samples import gathered
from triage.records import Case

if TYPE_CHECKING:
    from triage.catalogue import Catalogue

RECORD = "distilling.json"
"""The file of an encoder folder that says how it learned and how it compares with its teacher."""
WATCHED = 512
"""Pieces on which the student is looked at while it learns; of few pieces one in ten."""
TIMED = 64
TURNS = 5
"""Pieces, and turns of both encoders on them, from which the gain in speed is told."""


@dataclass(frozen=True, slots=True)
class Distilled:
    """What came of it: the folder, its teacher's fingerprint, layers (of how many), pieces learned from, the course of
    the learning, agreement of graph and torch, the comparison with the teacher and how many times as fast it is here.
    """

    folder: Path
    base: str
    layers: tuple[int, int]
    pieces: int
    course: Course
    agreement: Agreement
    comparison: Comparison
    faster: float


def distil(
    texts: Sequence[str],
    out: str | Path,
    *,
    encoder: str | Path,
    cases: Sequence[Case] = (),
    make: Make | None = None,
    catalogue: Catalogue | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Distilled:
    """Teach a student with a few layers of the encoder in a folder to give that encoder's vectors, and write it to
    `out`, which appears complete or not at all.

    It learns from `texts`, the invented suggestions that come with the library, and duties; never from a label. With
    `cases` and `make`, which trains a model on cases with the encoder of a folder (`Triager.train`), both encoders are
    asked about a fifth of the cases; without, only their vectors are compared.

    Raises EncoderError if torch is missing or the encoder cannot be taken apart, InputError for a number of layers that
    it cannot have, StorageError if the folder cannot be written.
    """
    settings, tell = settings or Settings(), progress or (lambda what, share: None)
    target, place = Path(out), Path(encoder)
    check_target(target)
    check_packages()
    read = pieces([*texts, *our_texts(catalogue)], settings.seed)
    random.Random(settings.seed).shuffle(read)  # noqa: S311 (repeatable, no secret)
    with tempfile.TemporaryDirectory() as scratch:
        begun = begin(place, settings.layers, Path(scratch))
        teacher = SentenceEncoder.load(place)
        watched, lessons = _taught(teacher, read[: settings.pieces], tell)
        network = Network(begun, settings.layers)
        course = fit(network, lessons, watched, settings, lambda what, share: tell(what, 0.2 + 0.65 * share))
        tell("writing the graph", 0.85)
        work, agreement = _exported(network, teacher, Path(scratch), watched.texts)
        tell("comparing", 0.9)
        comparison = _compared(cases, (place, work), make, teacher, settings.seed)
        depth = _depth(place)
        faster = times_as_fast(teacher, SentenceEncoder.load(work), watched.texts[:TIMED])
        done = Distilled(
            target,
            teacher.fingerprint,
            (settings.layers, depth),
            len(lessons.texts),
            course,
            agreement,
            comparison,
            faster,
        )
        write_json(work / RECORD, to_dict(done, settings))
        manifest = read_manifest(work)
        (work / "README.md").write_text(card(manifest.name, done, settings), encoding="utf-8", newline="\n")
        seal(work, manifest)
        tell("writing the folder", 0.98)
        with building(target) as built:
            shutil.copytree(work, built, dirs_exist_ok=True)
    tell("done", 1.0)
    return done


def _taught(teacher: SentenceEncoder, read: list[str], tell: Progress) -> tuple[Lessons, Lessons]:
    """Pieces to watch and pieces to learn from, with the teacher's vectors."""

    def report(done: int, count: int) -> None:
        tell("asking the teacher", 0.2 * done / max(count, 1))

    known = Lessons(read, teacher.encode(read, report))
    watched = min(WATCHED, len(read) // 10)
    return known.rows(range(watched)), known.rows(range(watched, len(read)))


def _exported(
    network: Network, teacher: SentenceEncoder, scratch: Path, texts: Sequence[str]
) -> tuple[Path, Agreement]:
    place = scratch / "learned"
    place.mkdir()
    came = f"distilled from {teacher.manifest.name}, fingerprint {teacher.fingerprint}"
    return export(network, place, network.manifest.name, texts, came)


def _depth(folder: Path) -> int:
    bert = sbert.read_json(sbert.read(folder).transformer / "config.json")
    return int(bert["num_hidden_layers"])


def _compared(
    cases: Sequence[Case], folders: tuple[Path, Path], make: Make | None, teacher: SentenceEncoder, seed: int
) -> Comparison:
    """Teacher and student on a fifth of the cases, and on pairs of our own."""
    known = some(cases, seed) if make is not None else []
    samples = gathered(known, sentence=teacher)
    parts = divided(samples, [case.suggestion.date for case in known], seed)
    return compared_on(known, parts, samples.matters, folders, make)


def times_as_fast(teacher: SentenceEncoder, student: SentenceEncoder, texts: Sequence[str]) -> float:
    """How many times as many texts a second the student encodes: the median of several turns, in which both encode the
    same texts.
    """
    ratios = []
    for _ in range(TURNS):
        spent = []
        for one in (teacher, student):
            started = time.perf_counter()
            one.encode(list(texts))
            spent.append(time.perf_counter() - started)
        ratios.append(spent[0] / max(spent[1], 1e-9))
    return round(statistics.median(ratios), 2)


def to_dict(done: Distilled, settings: Settings) -> dict[str, Any]:
    """All that is known of it, as plain JSON types; no text."""
    return {
        "base": done.base,
        "settings": asdict(settings),
        "layers": list(done.layers),
        "pieces": done.pieces,
        "looks": [[steps, round(loss, 5)] for steps, loss in done.course.looks],
        "losses": [round(loss, 5) for loss in done.course.losses],
        "kept_after_steps": done.course.looks[done.course.best][0],
        "stopped": str(done.course.stop),
        "agreement": asdict(done.agreement),
        "comparison": done.comparison.to_dict(),
        "times_as_fast": done.faster,
    }
