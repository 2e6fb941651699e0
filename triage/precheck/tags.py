"""Learned tags: what kind of text this may be that a regulation treats apart (personal, court, advertising …).

Each is a logistic model over hashed runs of characters and a few features of the whole text. A score is a sum over the
sentences, so the sentence that adds most is the one that shows the tag.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from triage.catalogue.rules import TAGS
from triage.precheck.cues import cues
from triage.precheck.linear import Floats, Linear
from triage.precheck.reading import Reading
from triage.precheck.rules import TagHit, Whole, wholes_of

GENERAL = ("personal", "empty")
"""Tags that are told where no other is: a lawsuit over one's own wages is in court, and that says more."""
MODEL = "tag-"
"""What the name of a tag's model begins with."""
TOGETHER = (
    ("personal", "help_me", "own_benefit"),
    ("personal", "self", "own_benefit"),
    ("personal", "self", "individual"),
    ("court", "mine_in_case", "case_words"),
    ("court", "mine_in_case", "status"),
    ("court", "status", "case_words"),
    ("forwarded", "hand_on", "others_doc"),
    ("forwarded", "hand_on", "enclosed"),
    ("advertising", "own_firm", "praise"),
    ("advertising", "own_firm", "offer"),
    ("advertising", "make", "offer"),
    ("advertising", "praise", "offer"),
    ("accusation", "accuse", "person"),
    ("accusation", "deed", "person"),
    ("accusation", "deed", "office"),
    ("accusation", "accuse", "office"),
    ("secret", "marked", "detail"),
    ("secret", "marked", "leak"),
    ("secret", "military", "detail"),
    ("secret", "military", "leak"),
)
"""Cues of a tag that say more when they stand in one sentence."""


@cache
def _columns(tag: str) -> tuple[list[int], list[tuple[int, int]]]:
    """The numbers of the cues of a tag, and its pairs of `TOGETHER` as numbers among them."""
    own = [(number, cue.name) for number, cue in enumerate(cues()) if cue.group == tag]
    order = {name: place for place, (_, name) in enumerate(own)}
    return [number for number, _ in own], [(order[one], order[two]) for group, one, two in TOGETHER if group == tag]


def by_sentence(reading: Reading, tag: str, wholes: Sequence[Whole]) -> Floats:
    """Sentences × features that a sentence has by itself: the tag's cues, cues together, elsewhere and not at home."""
    columns, pairs = _columns(tag)
    own = reading.cues[:, columns]
    beside = own.copy()
    for whole in wholes if pairs else ():
        rows = slice(whole.numbers.start, whole.numbers.stop)
        beside[rows] = own[rows].any(axis=0)
    away = reading.away & ~reading.home
    return np.column_stack([own, *(beside[:, one] & beside[:, two] for one, two in pairs), away]).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Told:
    """What the features of all tags are made of: for each tag its rows by sentence, what every tag looks at, and which
    sentences are title and which ask.
    """

    rows: Mapping[str, Floats]
    shared: Floats
    title: NDArray[np.bool_]
    asking: NDArray[np.bool_]


def told(reading: Reading) -> Told:
    """What a text says to all tags."""
    title = np.array([sentence.title for sentence in reading.sentences], np.bool_)
    asking = reading.cue("role", "ask_strong") | reading.cue("role", "ask_unit") | reading.cue("role", "ask_soft")
    shared = [*_size(reading, title), *_whereabouts(reading, title, asking), *_saying(reading, asking)]
    wholes = [whole for whole in wholes_of(reading.sentences) if len(whole.numbers) > 1]
    rows = {tag: by_sentence(reading, tag, wholes) for tag in TAGS}
    return Told(rows, np.array(shared, np.float32), title, asking)


def features(seen: Told, tag: str) -> Floats:
    """One row of features of a whole text for one tag: the tag's own cues anywhere, in the title, where something is
    asked, and how often; what every tag looks at; and half as loud the other tags' cues.
    """
    rows = seen.rows[tag]
    blocks = [_any(rows), _any(rows[seen.title]), _any(rows[seen.asking]), rows.sum(axis=0) / max(len(rows), 1)]
    others = [_any(other[:, :-1]) / 2 for name, other in seen.rows.items() if name != tag]
    return np.concatenate([*blocks, seen.shared, *others]).astype(np.float32)


def _any(rows: Floats) -> Floats:
    return np.asarray(rows.max(axis=0) if len(rows) else np.zeros(rows.shape[1]), np.float32)


def _size(reading: Reading, title: NDArray[np.bool_]) -> list[float]:
    """How long the text is and how much it names."""
    text = reading.source.text
    asks, places = sum(map(len, reading.asks)), sum(map(len, reading.places))
    return [
        min(len(text), 1000) / 500,
        len(text) < 40,
        len(text) < 80,
        len(text) < 120,
        min(len(title), 20) / 10,
        not title.any(),
        bool(title.all()),
        min(asks, 6) / 3,
        asks == 0,
        min(places, 6) / 3,
        places == 0,
        min(sum(character.isdigit() for character in text), 30) / 15,
        "？" in text,
    ]


def _saying(reading: Reading, asking: NDArray[np.bool_]) -> list[float]:
    """Whether the text speaks as a suggestion does: 建议 in the title and below, a problem, a unit that is asked."""
    top = "".join(one.text for one in reading.sentences if one.title)
    names = ("ask_strong", "ask_soft", "ask_unit", "problem_word", "problem_now", "problem_told", "analysis_cause")
    signs = [sign.kind for sign, _ in reading.signs]
    slogans = float(reading.cue("role", "slogan").mean()) if len(reading.sentences) else 0.0
    return [
        *(kind in signs for kind in ("prompt", "blank", "web", "boilerplate")),
        slogans,
        float(reading.cue("role", "greeting").any()),
        not reading.cue("role", "ask_verb").any(),
        not asking.any(),
        any(word in top for word in ("建议", "提案", "议案")),
        "建议" in reading.source.text[reading.source.body :],
        *(float(reading.cue("role", name).any()) for name in names),
    ]


def _whereabouts(reading: Reading, title: NDArray[np.bool_], asking: NDArray[np.bool_]) -> list[bool]:
    """Whether the own place or one elsewhere is named at all, in the title, where something is asked; whether
    a deputy or a member of the conference writes.
    """
    home, away = reading.home, reading.away
    return [
        bool(home.any()),
        bool(away.any()),
        bool(away.any() and not home.any()),
        bool((away & title).any()),
        bool((home & title).any()),
        bool((away & asking).any()),
        bool((home & asking).any()),
        bool((away & asking & ~home).any()),
        bool((away & ~home).sum() > home.sum()),
        bool(away.sum() > 1),
        reading.deputy,
    ]


def tags_of(reading: Reading, models: Mapping[str, Linear], *, all_scores: bool = False) -> dict[str, TagHit]:
    """The learned tags that reach their threshold (with `all_scores` any), with the sentences that show them."""
    found: dict[str, TagHit] = {}
    if not reading.sentences:
        return found
    seen = told(reading)
    for tag in TAGS:
        model = models.get(MODEL + tag)
        if model is None or (tag == "outside" and not reading.placed) or (tag == "empty" and not reading.body):
            continue  # a bare title has not said yet what it asks for
        score = float(model.probabilities(reading.every, features(seen, tag))[0])
        if all_scores or score >= model.thresholds[0]:
            found[tag] = TagHit(score, _order(reading, seen.rows[tag], model))
    if not all_scores and len(found) > 1:
        for tag in GENERAL:
            if len(found) > 1:
                found.pop(tag, None)
    return found


def _order(reading: Reading, rows: Floats, model: Linear) -> tuple[int, ...]:
    """The sentences by what each adds to the score, most first."""
    width = rows.shape[1]
    worth = rows @ (model.features[0, :width] + model.features[0, 3 * width : 4 * width] / max(len(rows), 1))
    added = model.of_each(reading.runs, len(reading.every))[:, 0]
    return tuple(int(number) for number in np.argsort(-(worth + added), kind="stable"))
