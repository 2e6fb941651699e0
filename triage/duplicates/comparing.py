"""One text against candidates: a short list by what is quick to compute, then every feature and the grades."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.duplicates.agreement import Agreement
from triage.duplicates.calibration import Calibration
from triage.duplicates.features import FEATURES, measure
from triage.duplicates.grader import LEARNED, chances
from triage.duplicates.grams import Bags, Rarity
from triage.duplicates.profile import Profile
from triage.duplicates.reading import Text
from triage.records import Grade

Floats = NDArray[np.float32]

WORDING = FEATURES.index("wording")


@dataclass(frozen=True, slots=True)
class Graded:
    """One text against m candidates.

    `chances` (m, LEARNED) are those of each grade or closer; `close` (m,), of meaning and wording, orders those of one
    grade; `wording` (m,) is the share in common; `agreements` tell how places, numbers and asks agree. `places` says
    which of the candidates they are.
    """

    places: NDArray[np.intp]
    chances: NDArray[np.float64]
    close: NDArray[np.float64]
    wording: Floats
    agreements: Sequence[Agreement]


def compare(
    text: Text,
    candidates: Sequence[Profile],
    dense: Floats | None,
    calibration: Calibration,
    rarity: Rarity,
    most: int,
) -> Graded:
    """The `most` promising candidates, measured and graded; `dense` (candidates, dimension) are their vectors, `rarity`
    is the index's own.
    """
    meaning = dense @ text.dense if dense is not None and text.dense is not None else np.zeros(len(candidates))
    whole = Bags([other.grams for other in candidates], rarity).overlap(text.profile.grams)
    quick = meaning + whole.cosine + np.maximum(whole.found, whole.covered)
    places = np.sort(np.argsort(-quick, kind="stable")[:most])
    chosen = [candidates[int(place)] for place in places]
    nearness = calibration.nearness(text.dense, dense[places] if dense is not None else None, len(chosen))
    features, agreements = measure(text.profile, chosen, nearness, rarity, whole.among(places))
    logits = calibration.grader.logits(features)
    return Graded(places, chances(logits), quick[places].astype(float), features[:, WORDING], agreements)


def chances_of(
    one: Text, others: Sequence[Text], grade: Grade, calibration: Calibration, rarity: Rarity
) -> list[float]:
    """The probability that a text and each of the others are this grade or closer."""
    key, keys = one.profile.key, [other.profile.key for other in others]
    found = [float(bool(key) and key == met) for met in keys]
    left = [place for place, met in enumerate(keys) if key and met and key != met]
    if not left or grade is Grade.IDENTICAL:
        return found
    vectors = [vector for place in left if (vector := others[place].dense) is not None]
    dense = np.stack(vectors) if len(vectors) == len(left) else None
    graded = compare(one, [others[place].profile for place in left], dense, calibration, rarity, len(left))
    for place, row in zip(left, graded.chances, strict=True):
        found[place] = float(row[LEARNED.index(grade)])
    return found


def grade_of(pair: NDArray[np.float64]) -> Grade | None:
    """The closest grade that is likelier than not, from the chances of one pair (LEARNED,)."""
    likely = [grade for grade, chance in zip(LEARNED, pair, strict=True) if chance >= 0.5]
    return likely[-1] if likely else None
