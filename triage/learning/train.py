"""Training: cases and a catalogue in, a model out, with its promise proven on cases that it had not seen."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from triage.catalogue import Catalogue
from triage.encoders.lexical import LexicalEncoder
from triage.errors import InputError
from triage.heads.co import DUTY_WEIGHT as CO_DUTIES
from triage.heads.co import CoHead
from triage.heads.columns import UnitColumns
from triage.heads.gazetteer import named_places
from triage.heads.holdout import Holdout
from triage.heads.lead import DUTY_WEIGHT as LEAD_DUTIES
from triage.heads.lead import LeadHead
from triage.heads.model import FOCUS, Model, Precedent
from triage.heads.promise import NEVER, Promise, tempered
from triage.heads.similarity import Rows, Vectors
from triage.heads.topics import PHRASE_WEIGHT, TopicColumns, TopicHead
from triage.heads.unseen import Unseen
from triage.learning.forward import (
    History,
    answered_forward,
    answered_in_turn,
    later_cases,
    nearest_others,
)
from triage.learning.labels import Place, UnitLabels, filed_codes, place_for, topic_matrix
from triage.learning.measures import calibration_error, hit_rates
from triage.learning.provenance import catalogue_digest, data_digest, steady, surroundings
from triage.learning.returning import learn_returns
from triage.records import Case
from triage.text import Prepared, Segmenter, prepare

if TYPE_CHECKING:
    from triage.encoders.cache import CachedEncoder
    from triage.encoders.sentence import SentenceEncoder

    Encoder = SentenceEncoder | CachedEncoder

log = logging.getLogger(__name__)

Floats = NDArray[np.float32]
Progress = Callable[[str, float], None]

MAX_CASES = 7_000
"""Cases that the regressions learn from: their cost grows with the cube, their memory with the square."""
ALIKE = 0.75
"""Cases whose wording is closer than this are held out together."""
TITLE_SHOWN = 60
"""Characters of a case's title that an answer may show."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The constants of a training. None of them is needed to answer, so that any choice makes an ordinary bundle.

    `lead_duties`, `co_duties` and `topic_phrases` say what a phrase of the catalogue counts beside a handled case.
    `penalty` multiplies the penalties of all regressions: more trusts single cases less. `alike` is the likeness of
    wording (0 to 1) from which cases are held out together, `max_cases` how many the regressions learn from, `max_n`
    the longest run of characters that is a term. Raises InputError for numbers that cannot be.
    """

    lead_duties: float = LEAD_DUTIES
    co_duties: float = CO_DUTIES
    topic_phrases: float = PHRASE_WEIGHT
    penalty: float = 1.0
    alike: float = ALIKE
    max_cases: int = MAX_CASES
    max_n: int = 3

    def __post_init__(self) -> None:
        for name in ("lead_duties", "co_duties", "topic_phrases", "penalty"):
            if not 0 < getattr(self, name) < float("inf"):
                raise InputError(f"{name}: {getattr(self, name)}; a number above 0 is needed")
        if not 0 < self.alike <= 1:
            raise InputError(f"alike: {self.alike}; a likeness above 0, at most 1, is needed")
        for name in ("max_cases", "max_n"):
            if getattr(self, name) < 1:
                raise InputError(f"{name}: {getattr(self, name)}; at least 1 is needed")


USUAL = Settings()


def train(
    cases: Sequence[Case],
    *,
    catalogue: Catalogue | None = None,
    units: Sequence[str] = (),
    sentence: Encoder | None = None,
    accuracy: float = 0.9,
    settings: Settings = USUAL,
    progress: Progress | None = None,
) -> Model:
    """Make a model; see `Triager.train`, the door to it.

    Raises InputError for an accuracy outside (0.5, 1), and for units or topics of the cases that a given catalogue
    lacks.
    """
    if not 0.5 < accuracy < 1:
        raise InputError(f"accuracy: {accuracy}; the promise must lie between 0.5 and 1, e.g. 0.9")
    started = time.perf_counter()
    tell = progress or (lambda what, share: None)
    tell("reading the names", 0.0)
    material = _gathered(cases, catalogue, units, settings.max_cases)
    rows, lexical = _encoded(material, sentence, settings, tell)
    tell("comparing", 0.75)
    with steady(len(rows)):
        model = _fitted(material, rows, lexical, accuracy, settings, tell)
        made_on = surroundings()
    model = replace(model, encoder=sentence.fingerprint if sentence is not None else "")
    card = _card(model, cases, material, sentence, time.perf_counter() - started)
    tell("done", 1.0)
    return replace(model, card={**model.card, **card, "settings": asdict(settings), "made_on": made_on})


@dataclass(frozen=True, slots=True)
class Material:
    """What a model is learned from: readable cases with their texts, and the columns that their names stand for."""

    cases: list[Case]
    texts: list[Prepared]
    place: Place
    units: UnitColumns
    labels: UnitLabels
    topics: TopicColumns
    unreadable: int


def _gathered(
    cases: Sequence[Case], catalogue: Catalogue | None, names: Sequence[str], most: int = MAX_CASES
) -> Material:
    place = place_for(cases, catalogue, names)
    columns = UnitColumns(place.catalogue, place.answerable)
    if not len(columns):
        raise InputError(
            f"no unit can be answered: of the catalogue's {len(place.catalogue.units)} units none exists still. "
            "Give units without an end (active_to), a list of names, or cases with their leads."
        )
    labels = UnitLabels(place, columns)
    if catalogue is not None:
        labels.check(cases)
    learned = _newest(cases, most)
    kept, texts = _usable(learned)
    return Material(
        kept,
        texts,
        place,
        columns,
        labels,
        TopicColumns(place.catalogue, filed_codes(kept, place.catalogue)),
        len(learned) - len(kept),
    )


def _usable(cases: Sequence[Case]) -> tuple[list[Case], list[Prepared]]:
    """The cases whose text says anything, prepared."""
    prepared = [(case, prepare(case.suggestion)) for case in cases]
    kept = [(case, text) for case, text in prepared if text.usable]
    if len(kept) < len(cases):
        log.warning("%d of %d cases have no readable text and are left out", len(cases) - len(kept), len(cases))
    return [case for case, _ in kept], [text for _, text in kept]


def _newest(cases: Sequence[Case], most: int) -> Sequence[Case]:
    """At most so many: those of rare leads and the newest of the others, in their order."""
    if len(cases) <= most:
        return cases
    newest = sorted(range(len(cases)), key=lambda row: (str(cases[row].suggestion.date or ""), row), reverse=True)
    seen: dict[tuple[str, ...], int] = {}
    rank = {}
    for row in newest:
        seen[cases[row].leads] = seen.get(cases[row].leads, 0) + 1
        rank[row] = seen[cases[row].leads]
    chosen = sorted(sorted(newest, key=lambda row: rank[row] > 20)[:most])
    log.warning("%d cases: the regressions learn from %d, rare leads and the newest first", len(cases), most)
    return [cases[row] for row in chosen]


def _encoded(
    material: Material, sentence: Encoder | None, settings: Settings, tell: Progress
) -> tuple[Rows, LexicalEncoder]:
    """Every reference row as vectors, and the lexical encoder that was fitted on them."""
    texts, units, topics = material.texts, material.units, material.topics
    phrases = [*units.phrases, *topics.phrases]
    wording = [*(text.full for text in texts), *phrases]
    tell("learning the words", 0.02)
    lexical = LexicalEncoder(Segmenter().words, settings.max_n).fit(wording)
    dense = None
    if sentence is not None:
        meaning = [*(text.focus(FOCUS) for text in texts), *phrases]
        dense = sentence.encode(
            meaning, lambda done, total: tell("encoding sentences", 0.05 + 0.7 * done / max(total, 1))
        )
    vectors = Vectors(lexical.encode(wording), dense)
    return Rows(vectors, len(texts), len(units.phrases), len(topics.phrases)), lexical


def _fitted(
    material: Material, rows: Rows, lexical: LexicalEncoder, accuracy: float, settings: Settings, tell: Progress
) -> Model:
    columns, cases = material.units, material.cases
    among = rows.compare_themselves()
    holdout = Holdout(near_copies(among.lexical[rows.cases, rows.cases], settings.alike))
    duties = columns.groups.best(among.closeness[rows.cases, rows.duties])
    leads, helpers = material.labels.matrices(cases, duties)
    tell("learning the places", 0.78)
    texts = [text.full for text in material.texts]
    # Without districts a place tells nothing.
    named: list[tuple[str, ...]] = named_places(texts) if columns.structured else [() for _ in texts]
    secret = np.array([case.suggestion.confidential for case in cases], bool)
    mentions = columns.mentions(texts)
    history = History(columns, rows, among, leads, mentions, named, secret, holdout)
    tell("learning the leads", 0.8)
    lead, gazetteer = history.learn(settings.lead_duties, settings.penalty)
    tell("learning who helps", 0.87)
    co = CoHead(columns, settings.co_duties, settings.penalty)
    co.fit(rows, among, leads, helpers, lead.unseen_, mentions, holdout)
    tell("learning the topics", 0.94)
    filed = topic_matrix(cases, material.topics)
    head = TopicHead(material.topics, settings.topic_phrases, settings.penalty).fit(rows, among, filed, holdout)
    tell("proving the promise", 0.96)
    promise, reached = _promised(cases, history, lead, accuracy, settings)
    taught = leads.sum(axis=1) > 0
    others = co.unseen_[taught]
    others[np.arange(len(others)), lead.unseen_[taught].argmax(axis=1)] = 0.0  # as in answers: the lead does not help
    promise = promise.with_joint(others, helpers[taught].any(axis=1))
    precedents = tuple(map(_precedent, cases))
    closest = nearest_others(history)
    certainty = np.asarray(promise.certainty(lead.unseen_, closest))
    past = _unseen(material, lead.unseen_, certainty, head.unseen_, closest, _words(material, rows, lexical))
    returns = learn_returns(cases, material.texts, material.labels, history, tempered(lead.unseen_, certainty))
    card = {"lead": reached, "returns": {"recorded": int(returns.returned.sum()), "learned": returns.learned}}
    return Model(
        material.place.catalogue, lexical, "", rows, lead, co, head, promise, gazetteer, precedents, card, past, returns
    )


def _promised(
    cases: Sequence[Case], history: History, lead: LeadHead, accuracy: float, settings: Settings
) -> tuple[Promise, dict[str, Any]]:
    """The promise, and what the lead reached on the cases that prove it."""
    later = later_cases(cases, history.leads.sum(axis=1) > 0)
    if later is None:
        answers = answered_in_turn(history, lead)
    else:
        answers = answered_forward(history, later, settings.lead_duties, settings.penalty)
    right = history.leads[answers.cases].argmax(axis=1)
    promise = Promise.learn(accuracy, answers.lead, answers.nearest, right, history.holdout.number[answers.cases])
    return promise, _reached(
        tempered(answers.lead, promise.certainty(answers.lead, answers.nearest)), right, promise, answers.forward
    )


def _words(material: Material, rows: Rows, lexical: LexicalEncoder) -> tuple[list[int], list[int]]:
    """How many different words each case has, and how many of them the vocabulary would lack without it."""
    words = rows.lexical[:, len(lexical.chars_) :]
    texts = np.bincount(words.indices, minlength=words.shape[1])
    needed = int(texts.min()) if texts.size else 1  # texts in which a word must stand to be in the vocabulary
    different = [len({word.lower() for word in lexical.cut(text.full)}) for text in material.texts]
    left = np.add.reduceat(np.r_[texts[words.indices] > needed, False], words.indptr[:-1]) * (np.diff(words.indptr) > 0)
    return different, [count - int(known) for count, known in zip(different, left[rows.cases], strict=True)]


def _unseen(
    material: Material,
    lead: Floats,
    certainty: Floats,
    topics: Floats,
    nearest: Floats,
    words: tuple[list[int], list[int]],
) -> Unseen:
    """The answers by models that had not seen the case, with what is counted of its text."""
    taught, filed = lead.any(axis=1), topics.any(axis=1)
    return Unseen(
        lead=np.where(taught, lead.argmax(axis=1), -1).astype(np.int32),
        certainty=np.where(taught, certainty, 0.0).astype(np.float32),
        topic=np.where(filed, topics.argmax(axis=1) if topics.shape[1] else -1, -1).astype(np.int32),
        nearest=nearest.astype(np.float32),
        length=np.array([len(text.full) for text in material.texts], np.int32),
        confidential=np.array([case.suggestion.confidential for case in material.cases], np.uint8),
        words=np.array(words[0], np.int32),
        unknown=np.array(words[1], np.int32),
        unreadable=material.unreadable,
    )


def near_copies(likeness: Floats, alike: float = ALIKE) -> list[NDArray[np.intp]]:
    """Groups of cases that are chained by a likeness of at least `alike`, in the order of their first members."""
    from scipy.sparse.csgraph import connected_components

    if not len(likeness):
        return []
    labels = connected_components(sp.csr_array(likeness >= alike), directed=False)[1]
    order = np.argsort(labels, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)
    return sorted(groups, key=lambda group: int(group[0]))


def _reached(lead: Floats, right: NDArray[np.intp], promise: Promise, forward: bool) -> dict[str, Any]:
    """How good the lead is on cases that the model had not seen; empty without history."""
    if not len(lead):
        return {}
    correct = lead.argmax(axis=1) == right
    return {
        "unseen_cases": len(right),
        "later_cases": forward,
        **{f"top_{k}": rate for k, rate in hit_rates(lead, right).items()},
        "calibration_error": round(calibration_error(lead.max(axis=1), correct), 4),
        "suggest_coverage": round(promise.coverage, 4),
        "suggest_accuracy": round(promise.kept, 4),
    }


def _precedent(case: Case) -> Precedent:
    text = prepare(case.suggestion)
    title = "" if case.suggestion.confidential else (text.title or text.body)[:TITLE_SHOWN]
    told = case.suggestion.date.isoformat() if case.suggestion.date else case.suggestion.session
    return Precedent(case.suggestion.id, title, told, case.suggestion.source, case.leads, case.co, case.outcome)


def _card(
    model: Model, cases: Sequence[Case], material: Material, sentence: Encoder | None, seconds: float
) -> dict[str, Any]:
    """What the model was made from."""
    from triage import __version__

    dates = sorted(case.suggestion.date.isoformat() for case in material.cases if case.suggestion.date)
    encoder = {"name": sentence.manifest.name, "fingerprint": sentence.fingerprint} if sentence is not None else None
    return {
        "name": "triage",
        "version": __version__,
        "trained": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "cases": len(cases),
        "cases_used": len(material.cases),
        "dates": [dates[0], dates[-1]] if dates else [],
        "units": len(model.units),
        "units_without_duties": sum(not unit.duties for unit in model.units.units),
        "unknown_names": list(material.place.unknown),
        "spellings": [list(names) for names in material.place.spellings],
        "topics": len(model.topics.columns.nodes),
        "duty_phrases": len(model.units.phrases),
        "encoder": encoder,
        "promise": {
            "accuracy": model.promise.accuracy,
            "proven": model.promise.threshold != NEVER,
            "coverage": round(model.promise.coverage, 4),
        },
        "data": data_digest(cases) if cases else "",
        "catalogue": catalogue_digest(model.catalogue),
        "seed": 0,  # nothing in the training is drawn by chance so far
    }
