"""Learning to grade pairs: labelled pairs of our own writing and copies made by rule in, a calibration out."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from triage.duplicates.calibration import SHORT, Calibration
from triage.duplicates.features import FEATURES, measure
from triage.duplicates.grader import LEARNED, TERMS, Grader, terms
from triage.duplicates.grams import Rarity
from triage.duplicates.profile import Profile
from triage.duplicates.rewrite import rewrite
from triage.duplicates.sketch import MEANING
from triage.errors import InputError
from triage.records import Grade, Suggestion
from triage.text import Prepared, Segmenter, prepare

if TYPE_CHECKING:
    from triage.encoders.sentence import SentenceEncoder

Floats = NDArray[np.float32]
Progress = Callable[[int, int], None]

FOCUS = 256
"""Characters of a suggestion that the sentence encoder reads, as for every model."""
RANK = {"": 0, "unrelated": 0, Grade.RELATED: 1, Grade.SAME_MATTER: 2, Grade.REWRITTEN: 3, Grade.IDENTICAL: 4}
STRENGTH = 0.3
"""How freely the weights may grow (scikit-learn's C on standardised terms)."""
SEED = 7


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """Two suggestions and the grade that a person gave them, None if they have nothing to do with each other."""

    id: str
    one: Suggestion
    other: Suggestion
    grade: Grade | None
    kind: str = ""


def read_pairs(path: str | Path) -> list[LabelledPair]:
    """Labelled pairs of a csv with the columns id, grade, kind and title, text, source of both, ``_a`` and ``_b``.

    Raises InputError for a missing column or an unknown grade, with the line.
    """
    path = Path(path)
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return [_pair(path, line, row) for line, row in enumerate(csv.DictReader(handle), start=2)]


def our_pairs(part: str) -> list[LabelledPair]:
    """The pairs that come with the library: ``train`` or ``test``."""
    folder = files("triage.learning").joinpath("pairs")
    found = sorted(Path(str(file)) for file in folder.iterdir() if file.name.startswith(part))
    return [pair for file in found for pair in read_pairs(file)]


def _pair(path: Path, line: int, row: dict[str, str]) -> LabelledPair:
    try:
        if row["grade"] not in RANK:
            raise InputError(f"{path}:{line}: grade {row['grade']!r}; allowed are {', '.join(filter(None, RANK))}")
        one, other = (
            Suggestion(
                id=f"{row['id']}{end}", title=row[f"title{end}"], text=row[f"text{end}"], source=row[f"source{end}"]
            )
            for end in ("_a", "_b")
        )
    except KeyError as error:
        raise InputError(f"{path}:{line}: column {error} is missing") from error
    grade = Grade(row["grade"]) if RANK[row["grade"]] else None
    return LabelledPair(row["id"], one, other, grade, row.get("kind", ""))


def calibrate(
    sentence: SentenceEncoder | None = None,
    pairs: Sequence[LabelledPair] | None = None,
    progress: Progress | None = None,
) -> Calibration:
    """The calibration for a sentence encoder (None: wording alone), from our training pairs unless others are given."""
    pairs = our_pairs("train") if pairs is None else pairs
    if len({pair.grade for pair in pairs}) <= len(LEARNED):
        raise InputError("pairs of every grade are needed, and some that are unrelated")
    pairs = [*pairs, *_copies(pairs), *_strangers(pairs)]
    made = Material.of(pairs, sentence, progress)
    bare = made.calibration(sentence)
    return replace(bare, grader=fitted(made.features(bare), np.array([RANK[pair.grade or ""] for pair in pairs])))


def fitted(features: Floats, ranks: NDArray[np.intp]) -> Grader:
    """The weights from features (n, FEATURES) and the rank of each pair's grade (n,), 0 for none."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    measured = terms(features)[:, 1:]
    scaler = StandardScaler().fit(measured)
    weights = np.zeros((len(LEARNED), len(TERMS)))
    for row, grade in enumerate(LEARNED):
        model = LogisticRegression(C=STRENGTH, max_iter=2000).fit(scaler.transform(measured), ranks >= RANK[grade])
        weights[row, 1:] = model.coef_[0] / scaler.scale_
        weights[row, 0] = model.intercept_[0] - (weights[row, 1:] * scaler.mean_).sum()
    return Grader(weights)


@dataclass(frozen=True, slots=True)
class Material:
    """Pairs of texts, made ready: row r of `profiles` and `dense` is the first text of pair r, row n + r the second."""

    profiles: list[Profile]
    dense: Floats | None

    @classmethod
    def of(
        cls, pairs: Sequence[LabelledPair], sentence: SentenceEncoder | None, progress: Progress | None = None
    ) -> Material:
        """Read and encode both texts of each pair."""
        segmenter = Segmenter()
        texts = [prepare(text) for text in (*(pair.one for pair in pairs), *(pair.other for pair in pairs))]
        profiles = [Profile.of(text, segmenter) for text in texts]
        return cls(profiles, None if sentence is None else sentence.encode([_focus(text) for text in texts], progress))

    @property
    def lengths(self) -> NDArray[np.intp]:
        """Characters of each text."""
        return np.array([len(profile.folded) for profile in self.profiles], np.intp)

    def calibration(self, sentence: SentenceEncoder | None) -> Calibration:
        """Centres, directions and rarity of these texts; the grader weighs nothing yet."""
        grader = Grader(np.zeros((len(LEARNED), len(TERMS))))
        rarity = Rarity.counted([(profile.grams, profile.word_grams) for profile in self.profiles])
        if self.dense is None or sentence is None:
            return Calibration("", rarity, grader)
        short = self.lengths <= SHORT
        centres = np.stack([self.dense[short].mean(axis=0), self.dense[~short].mean(axis=0)])
        bare = Calibration(sentence.fingerprint, rarity, grader, centres, np.eye(self.dense.shape[1], dtype=np.float32))
        _, _, main = np.linalg.svd(bare.centred(self.dense, self.lengths), full_matrices=False)
        return replace(bare, directions=np.ascontiguousarray(main[:MEANING].T, np.float32))

    def features(self, calibration: Calibration) -> Floats:
        """The features of every pair."""
        half = len(self.profiles) // 2
        meaning = np.zeros(half, np.float32)
        if self.dense is not None and calibration.centres is not None:
            centred = calibration.centred(self.dense, self.lengths)
            meaning = (centred[:half] * centred[half:]).sum(axis=1)
        rows = [
            measure(one, [other], meaning[row : row + 1], calibration.rarity)[0]
            for row, (one, other) in enumerate(zip(self.profiles[:half], self.profiles[half:], strict=True))
        ]
        return np.concatenate(rows) if rows else np.zeros((0, len(FEATURES)), np.float32)


def _focus(text: Prepared) -> str:
    return text.focus(FOCUS)


def _copies(pairs: Sequence[LabelledPair]) -> list[LabelledPair]:
    """Each text beside a copy of itself that rules made."""
    chance = random.Random(SEED)  # noqa: S311 (repeatable, no secret)
    texts: dict[tuple[str, str], Suggestion] = {(text.title, text.text): text for pair in pairs for text in _both(pair)}
    return [LabelledPair("", text, rewrite(text, chance), Grade.REWRITTEN, "rules") for text in texts.values()]


def _strangers(pairs: Sequence[LabelledPair]) -> list[LabelledPair]:
    """Texts beside those of other pairs, which with few exceptions have nothing to do with each other."""
    chance = random.Random(SEED)  # noqa: S311 (repeatable, no secret)
    others = [pair.other for pair in pairs]
    chance.shuffle(others)
    return [
        LabelledPair("", pair.one, other, None, "strangers")
        for pair, other in zip(pairs, others, strict=True)
        if other is not pair.other
    ]


def _both(pair: LabelledPair) -> tuple[Suggestion, Suggestion]:
    return pair.one, pair.other


def card(pairs: Sequence[LabelledPair]) -> dict[str, Any]:
    """How many pairs of each grade."""
    grades = [str(pair.grade or "unrelated") for pair in pairs]
    return {grade: grades.count(grade) for grade in sorted(set(grades))}
