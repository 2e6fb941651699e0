"""Learning to grade pairs: labelled pairs of our own writing and copies made by rule in, a calibration out."""

from __future__ import annotations

import json
import random
import shutil
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.duplicates.calibration import GRADES, Calibration
from triage.duplicates.features import FEATURES, measure
from triage.duplicates.grader import LEARNED, TERMS, Grader, chances, terms
from triage.duplicates.grams import Bags, Rarity
from triage.duplicates.profile import Profile
from triage.duplicates.reading import FOCUS
from triage.duplicates.rewrite import RULES, rewrite
from triage.duplicates.sketch import MEANING
from triage.encoders.folder import building, read_manifest, seal, write_json
from triage.encoders.sentence import SentenceEncoder
from triage.errors import InputError
from triage.learning.metric import learn_metric
from triage.learning.pairs import RANK, UNRELATED, Filed, LabelledPair, our_pairs, our_sessions
from triage.learning.prechecking.labelled import our_remarks
from triage.records import Grade, Suggestion
from triage.text import Segmenter, prepare

Floats = NDArray[np.float32]
Progress = Callable[[int, int], None]

STRENGTH = 0.3
"""How freely the weights of standardised terms may grow (the inverse of the ridge)."""
CONTRADICTIONS = frozenset(
    {
        "swapped",
        "narrowed",
        "place_conflict",
        "place_missing",
        "area_conflict",
        "number_conflict",
        "amount_conflict",
        "ask_opposite",
        "ask_contrary",
        "ask_differs",
    }
)
"""Features that never speak for a closer grade; the others never speak against it."""
CAREFULLY = frozenset(
    {
        "wording",
        "contained",
        "covered",
        "words",
        "words_contained",
        "titles",
        "bodies",
        "copied",
        "copied_of_longer",
        "longest",
        "length",
        "matter*wording",
        "contained*contained",
    }
)
"""Overlap beyond what nearness tells. In pairs that people write to be hard it speaks against one matter (they make the
near misses alike and the repeats unlike), in a session's own pairs hardly at all: learned, but with restraint.
"""
CARE = 60.0
"""How much more ridge they have."""
SIZE = frozenset({"length", "number_same*length"})
"""Two long texts are not alike because they are long, and a number that both name tells less: length never speaks for a
grade by itself, only for what is found.
"""
SHORT = 40
"""Up to so many characters a text is a title. Titles and letters lie apart as groups, which is nothing to search by."""
FOLDS = 5
"""The metric that a pair is measured with while weights are learned has not seen its matters."""
NEIGHBOURS = 8
"""Near texts of a session that each of its texts is paired with."""
NEAR_LETTERS = 3
"""Near letters that each letter is paired with."""
APART = 0.7
"""Letters that lie nearer than this may be on one matter, though nobody wrote them to be: such pairs are left out."""
WEIGHT = {"session": 0.07, "halves": 0.2, "rules": 0.05, "strangers": 0.05, "letters": 0.15}
"""What a pair of a kind weighs beside one that was written as a pair: there are many of them, and they are easy."""
WEIGHTS = {
    Grade.RELATED: {**WEIGHT, "halves": 1.0, "letters": 0.0},
    Grade.SAME_MATTER: {**WEIGHT, "session": 0.45},
    Grade.REWRITTEN: {**WEIGHT, "rules": 0.3},
}
"""The same by grade: a title and its letter teach what is *related*, copies made by rule what is *rewritten*. A
session's own pairs, and letters that each are about something of their own, teach how rare one matter is among near
texts: with less weight too much is called *same matter*. Whether such letters are *related* nobody has said.
"""
BARE = {"strangers": 0.6, "session": WEIGHT["session"]}
"""The same without a sentence encoder: nothing but their overlap says that strangers have nothing in common, and a
session's near texts, which overlap, would leave hardly anything to be called *same matter*.
"""
MADE = frozenset({"halves", "rules", "strangers", "letters"})
"""Kinds that no person put together; the metric is not learned from them."""
MATTER = FEATURES.index("matter")
SEED = 7


def calibrate(
    sentence: SentenceEncoder | None = None,
    pairs: Sequence[LabelledPair] | None = None,
    sessions: Sequence[Sequence[Filed]] | None = None,
    progress: Progress | None = None,
    letters: Sequence[Suggestion] | None = None,
) -> Calibration:
    """The calibration for a sentence encoder (None: wording alone), from our own pairs, sessions and letters unless
    others are given. `letters` are texts of which hardly two are on one matter. Raises InputError if a grade has no
    pairs.
    """
    written = our_pairs("train") if pairs is None else list(pairs)
    if missing := {None, *LEARNED} - {pair.grade for pair in written}:
        names = ", ".join(sorted(str(grade or UNRELATED) for grade in missing))
        raise InputError(f"there are no pairs that are {names}; some of every grade are needed")
    filed = our_sessions() if sessions is None else sessions
    texts = _Texts(sentence)
    texts.read([text for pair in written for text in (pair.one, pair.other)])
    texts.read([entry.suggestion for session in filed for entry in session], progress)
    bare = texts.calibration()
    natural = [pair for session in filed for pair in texts.near_pairs(session, bare)]
    apart = our_letters() if letters is None else letters
    texts.read(apart, progress)
    made = [*written, *natural, *_halves(natural), *_copies(written), *_strangers(written)]
    texts.read([text for pair in made for text in (pair.one, pair.other)], progress)
    made += texts.letter_pairs(apart, bare)
    features = texts.features(made, bare)
    sure = np.array([pair.kind != "letters" for pair in made]) | (features[:, MATTER] < APART)
    made = [pair for pair, known in zip(made, sure, strict=True) if known]
    more = {} if sentence is not None else BARE
    grader = fitted(features[sure], np.array([pair.rank for pair in made]), [pair.kind for pair in made], more)
    return replace(bare, grader=grader, metric=texts.metric([*written, *natural], bare))


def our_letters() -> list[Suggestion]:
    """The texts that the pre-check learns from: people, places and wishes of many kinds, all invented."""
    return [remark.suggestion for remark in our_remarks()]


def write_calibrations(path: Path, sentences: Sequence[SentenceEncoder]) -> None:
    """The file that ships with the library: a calibration for each of the sentence encoders, and for wording alone."""
    made = [calibrate(sentence).to_json() for sentence in (*sentences, None)]
    path.write_text(json.dumps({"calibrations": made}, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def grade_folder(folder: str | Path, progress: Progress | None = None) -> Calibration:
    """Learn the grades for the encoder in a folder and keep them there, so that every command and index finds them. The
    folder is replaced whole, or not at all. Raises EncoderError for a folder that is no encoder, StorageError if it
    cannot be written.
    """
    place = Path(folder)
    made = calibrate(SentenceEncoder.load(place), progress=progress)
    with building(place, force=True) as work:
        shutil.copytree(place, work, dirs_exist_ok=True)
        write_json(work / GRADES, made.to_json())
        seal(work, read_manifest(work))
    return made


def fitted(
    features: Floats, ranks: NDArray[np.intp], kinds: Sequence[str], more: Mapping[str, float] | None = None
) -> Grader:
    """The grader from features (n, FEATURES), the rank of each pair's grade (n,) and its kind; `more` are weights of
    kinds that are not those of `WEIGHTS`.

    Ridge logistic regressions with the signs that are certain: nearness and agreement never speak against a grade,
    contradiction never for it. `CAREFULLY` learned terms may have either sign.
    """
    measured = terms(features)[:, 1:]
    centre, spread = measured.mean(axis=0), measured.std(axis=0) + 1e-9
    scaled = (measured - centre) / spread
    found = np.zeros((len(LEARNED), len(TERMS)))
    for row, grade in enumerate(LEARNED):
        weighed = {**WEIGHTS[grade], **(more or {})}
        weights = np.array([weighed.get(kind, 1.0) for kind in kinds])
        solved = _logistic(scaled, (ranks >= RANK[grade]).astype(float), weights)
        found[row, 1:] = solved[1:] / spread
        found[row, 0] = solved[0] - (found[row, 1:] * centre).sum()
    return Grader(found)


def _logistic(scaled: NDArray[np.float64], right: NDArray[np.float64], weights: NDArray[np.float64]) -> Any:
    from scipy.optimize import minimize

    ridge = np.array([CARE if term in CAREFULLY else 1.0 for term in TERMS[1:]]) / STRENGTH
    bounds = [_bounds(term) for term in TERMS[1:]]

    def loss(solution: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = solution[0] + scaled @ solution[1:]
        error = weights * (chances(logits) - right)
        value = (weights * (np.logaddexp(0.0, logits) - right * logits)).sum() + (ridge * solution[1:] ** 2).sum() / 2
        return float(value), np.concatenate([[error.sum()], scaled.T @ error + ridge * solution[1:]])

    start = np.zeros(len(TERMS))
    return minimize(
        loss, start, jac=True, bounds=[(None, None), *bounds], method="L-BFGS-B", options={"maxiter": 1000}
    ).x


def _bounds(term: str) -> tuple[float | None, float | None]:
    """What is certain of a weight's sign."""
    if term in CONTRADICTIONS or term in SIZE:
        return None, 0
    return (None, None) if term in CAREFULLY else (0, None)


def graded(pairs: Sequence[LabelledPair], calibration: Calibration, sentence: SentenceEncoder | None) -> Floats:
    """The features (n, FEATURES) of pairs as an index would measure them with this calibration: for measuring it."""
    texts = _Texts(sentence)
    texts.read([text for pair in pairs for text in (pair.one, pair.other)])
    return texts.features(pairs, calibration)


def standing(calibration: Calibration, sentence: SentenceEncoder | None) -> float:
    """How well it tells what is on one matter: average precision on the library's test pairs, which nothing learns
    from.
    """
    from sklearn.metrics import average_precision_score

    pairs = our_pairs("test")
    logits = calibration.grader.logits(graded(pairs, calibration, sentence))[:, LEARNED.index(Grade.SAME_MATTER)]
    right = [pair.rank >= RANK[Grade.SAME_MATTER] for pair in pairs]
    return round(float(average_precision_score(right, logits)), 4)


@dataclass(frozen=True, slots=True, eq=False)
class _Text:
    profile: Profile
    dense: Floats | None


class _Texts:
    """Every text once, profiled and encoded."""

    def __init__(self, sentence: SentenceEncoder | None) -> None:
        self._sentence = sentence
        self._segmenter = Segmenter()
        self._known: dict[tuple[str, str], _Text] = {}

    def read(self, suggestions: Sequence[Suggestion], progress: Progress | None = None) -> None:
        """Profile and encode what is new."""
        new = {(text.title, text.text): text for text in suggestions if (text.title, text.text) not in self._known}
        prepared = [prepare(text) for text in new.values()]
        dense = None
        if self._sentence is not None:
            dense = self._sentence.encode([text.focus(FOCUS) for text in prepared], progress)
        for row, (key, text) in enumerate(zip(new, prepared, strict=True)):
            self._known[key] = _Text(Profile.of(text, self._segmenter), None if dense is None else dense[row])

    def _of(self, suggestion: Suggestion) -> _Text:
        return self._known[suggestion.title, suggestion.text]

    def calibration(self) -> Calibration:
        """Directions and rarity of the texts that were read; the grader weighs nothing yet."""
        grader = Grader(np.zeros((len(LEARNED), len(TERMS))))
        known = list(self._known.values())
        rarity = Rarity.counted([(text.profile.grams, text.profile.word_grams) for text in known])
        if self._sentence is None:
            return Calibration("", rarity, grader)
        dense = np.stack([text.dense for text in known if text.dense is not None])
        short = np.array([len(text.profile.folded) <= SHORT for text in known])
        return Calibration(self._sentence.fingerprint, rarity, grader, _directions(dense, short))

    def letter_pairs(self, letters: Sequence[Suggestion], calibration: Calibration) -> list[LabelledPair]:
        """Each letter with its nearest: on one topic perhaps, each on a matter of its own."""
        filed = [Filed(letter, f"letter {row}", "") for row, letter in enumerate(letters)]
        return [replace(pair, kind="letters") for pair in self.near_pairs(filed, calibration, NEAR_LETTERS)]

    def near_pairs(
        self, session: Sequence[Filed], calibration: Calibration, neighbours: int = NEIGHBOURS
    ) -> list[LabelledPair]:
        """Each text of a session with its nearest neighbours, as a search would bring them up."""
        if len(session) < 2:
            return []
        profiles = [self._of(entry.suggestion).profile for entry in session]
        bags = Bags([profile.grams for profile in profiles], calibration.rarity)
        near = np.stack([bags.overlap(profile.grams).cosine for profile in profiles])
        if calibration.directions is not None:
            dense = _unit(self._dense([entry.suggestion for entry in session]) @ calibration.directions)
            near = 0.7 * near + dense @ dense.T
        np.fill_diagonal(near, -np.inf)
        chosen = np.argsort(-near, axis=1, kind="stable")[:, : min(neighbours, len(session) - 1)]
        places = sorted(
            {(min(row, int(other)), max(row, int(other))) for row in range(len(session)) for other in chosen[row]}
        )
        return [_natural(session[one], session[other]) for one, other in places]

    def features(self, pairs: Sequence[LabelledPair], calibration: Calibration) -> Floats:
        """The features of every pair, with the calibration's own metric, or with metrics that have not seen its
        matters where the calibration has none yet.
        """
        nearness = np.zeros((len(pairs), 2), np.float32)
        if calibration.encoder:
            ones, others = self._dense([pair.one for pair in pairs]), self._dense([pair.other for pair in pairs])
            nearness[:, 0] = (ones * others).sum(axis=1)
            if calibration.metric is None:
                nearness[:, 1] = self._crossed(pairs, ones, others)
            else:
                nearness[:, 1] = _cosines(ones, others, calibration.metric)
        rows = [
            measure(
                self._of(pair.one).profile, [self._of(pair.other).profile], nearness[row : row + 1], calibration.rarity
            )[0]
            for row, pair in enumerate(pairs)
        ]
        return np.concatenate(rows) if rows else np.zeros((0, len(FEATURES)), np.float32)

    def metric(self, pairs: Sequence[LabelledPair], calibration: Calibration) -> Floats | None:
        """The metric from all pairs."""
        if not calibration.encoder:
            return None
        ones, others = self._dense([pair.one for pair in pairs]), self._dense([pair.other for pair in pairs])
        return _metric(pairs, ones - others)

    def _crossed(self, pairs: Sequence[LabelledPair], ones: Floats, others: Floats) -> Floats:
        folds = np.array([_fold(pair.one_matter or pair.id) for pair in pairs])
        beside = np.array([_fold(pair.other_matter or pair.id) for pair in pairs])
        usable = np.array([pair.kind not in MADE for pair in pairs])
        cosines = np.zeros(len(pairs), np.float32)
        for fold in range(FOLDS):
            seen = np.flatnonzero(usable & (folds != fold) & (beside != fold))
            metric = _metric([pairs[int(row)] for row in seen], ones[seen] - others[seen])
            cosines[folds == fold] = _cosines(ones[folds == fold], others[folds == fold], metric)
        return cosines

    def _dense(self, suggestions: Sequence[Suggestion]) -> Floats:
        texts = [self._of(suggestion) for suggestion in suggestions]
        return np.stack([text.dense for text in texts if text.dense is not None])


def _directions(dense: Floats, short: NDArray[np.bool_]) -> Floats:
    """The main directions (dimension, MEANING) in which texts of one kind, titles or letters, differ. They have no part
    in where the kinds lie, so that what is turned onto them is centred, whichever kind it is.
    """
    centres = np.stack([dense[kind].mean(axis=0) for kind in (short, ~short) if kind.any()])
    apart, _ = np.linalg.qr(centres.T)
    _, sizes, main = np.linalg.svd(_unit(dense - dense @ apart @ apart.T), full_matrices=False)
    main = main[sizes > sizes[0] * 1e-4][:MEANING]
    directions = np.zeros((dense.shape[1], MEANING), np.float32)  # a small encoder has fewer
    directions[:, : len(main)] = main.T
    return directions


def _unit(rows: Floats) -> Floats:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(length, 1e-6), np.float32)


def _metric(pairs: Sequence[LabelledPair], differences: Floats) -> Floats:
    same = np.array([pair.rank >= RANK[Grade.SAME_MATTER] for pair in pairs])
    # Pairs that were written as near misses are few beside the neighbours in the sessions, and harder.
    times = np.array([1 if pair.kind == "session" else 4 if pair.grade is Grade.RELATED else 0 for pair in pairs])
    return learn_metric(differences[same], np.repeat(differences[~same], times[~same], axis=0))


def _cosines(ones: Floats, others: Floats, metric: Floats) -> Floats:
    one, other = ones @ metric, others @ metric
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return np.asarray((one * other).sum(axis=1) / np.maximum(lengths, 1e-9), np.float32)


def _natural(one: Filed, other: Filed) -> LabelledPair:
    same, topic = one.matter == other.matter, one.topic == other.topic
    grade = Grade.SAME_MATTER if same else Grade.RELATED if topic else None
    name = f"{one.suggestion.id}+{other.suggestion.id}"
    return LabelledPair(name, one.suggestion, other.suggestion, grade, "session", one.matter, other.matter)


def _copies(pairs: Sequence[LabelledPair]) -> list[LabelledPair]:
    """Each text beside a copy of itself that rules made, half of them with all rules at once."""
    chance = random.Random(SEED)  # noqa: S311 (repeatable, no secret)
    texts = {(text.title, text.text): (text, pair) for pair in pairs for text in (pair.one, pair.other)}
    made = []
    for number, (text, pair) in enumerate(texts.values()):
        copy = rewrite(text, chance, tuple(RULES) if number % 2 else None)
        if (copy.title, copy.text) != (text.title, text.text):
            made.append(LabelledPair(pair.id, text, copy, Grade.REWRITTEN, "rules", pair.one_matter, pair.one_matter))
    return made


def _halves(pairs: Sequence[LabelledPair]) -> list[LabelledPair]:
    """The title of one letter beside the body of another: of its own, which is the same matter, or of a near one."""
    made: dict[tuple[str, str], LabelledPair] = {}
    for pair in pairs:
        for one, mine, other, its, grade in (
            (pair.one, pair.one_matter, pair.one, pair.one_matter, Grade.SAME_MATTER),
            (pair.one, pair.one_matter, pair.other, pair.other_matter, pair.grade),
            (pair.other, pair.other_matter, pair.one, pair.one_matter, pair.grade),
        ):
            if one.title and one.text and other.title and other.text:
                title, body = replace(one, text=""), replace(other, title="")
                made[one.id, other.id] = LabelledPair(pair.id, title, body, grade, "halves", mine, its)
    return list(made.values())


def _strangers(pairs: Sequence[LabelledPair]) -> list[LabelledPair]:
    """Texts beside those of other pairs, which with few exceptions have nothing to do with each other."""
    chance = random.Random(SEED)  # noqa: S311 (repeatable, no secret)
    others = list(pairs)
    chance.shuffle(others)
    return [
        LabelledPair(pair.id, pair.one, other.other, None, "strangers", pair.one_matter, other.other_matter)
        for pair, other in zip(pairs, others, strict=True)
        if other is not pair
    ]


def _fold(matter: str) -> int:
    return zlib.crc32(matter.encode()) % FOLDS
