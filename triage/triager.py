"""The one door: train or load a model, triage suggestions, save it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from triage import bundle
from triage.encoders.locate import find_encoder
from triage.errors import EncoderError, ForeignEncoder
from triage.heads.answers import answer
from triage.heads.model import FOCUS, Model
from triage.heads.told import Told
from triage.records import Case, Grade, Suggestion, Triaged
from triage.text import prepare

if TYPE_CHECKING:
    from datetime import date as Date

    from triage.catalogue import Catalogue, Resolver
    from triage.duplicates.apart import Apart
    from triage.duplicates.batch import Batch
    from triage.duplicates.groups import MergeProposal
    from triage.duplicates.guard import MeetingItem
    from triage.duplicates.hits import Hit
    from triage.duplicates.index import DuplicateIndex
    from triage.duplicates.leads import LeadComparison
    from triage.duplicates.precedents import HandledCase
    from triage.encoders.sentence import SentenceEncoder, Vectors
    from triage.learning.train import Settings
    from triage.precheck.checked import Checked
    from triage.precheck.precheck import Precheck

Progress = Callable[[str, float], None]
Steps = Callable[[int, int], None]
NEAR = 40
"""Stored texts among which the precedents are chosen."""
CHUNK = 64
"""Suggestions that are compared with the reference rows at a time: bounds the memory, not the answer."""


@dataclass(frozen=True, slots=True)
class Together:
    """Suggestions of one sitting: their answers in order, which of them could be merged (并案), and the matters that
    are about to go, or went, to different leads.
    """

    answers: tuple[Triaged, ...]
    proposals: tuple[MergeProposal, ...] = ()
    conflicts: tuple[MeetingItem, ...] = ()


class Triager:
    """Answers suggestions with one model. Open one with `load` or make one with `train`; safe to use from several
    threads.
    """

    def __init__(
        self,
        model: Model,
        sentence: SentenceEncoder | None = None,
        name: str = "",
        *,
        folder: str = "",
        fingerprint: str = "",
    ) -> None:
        self._model = model
        self._sentence = sentence
        self._name = name
        self._origin = {"bundle": folder, "fingerprint": fingerprint}

    @classmethod
    def load(cls, folder: str | Path, encoder: str | Path | None = None, threads: int | None = None) -> Triager:
        """Read a bundle folder, or the bundle in use of a registry, and the sentence encoder that it was trained with.

        `encoder` names the encoder folder; without it the usual places are searched (`find_encoder`). `threads`
        bounds the cores it uses. Raises BundleError (DamagedBundle, NewerFormat, ForeignEncoder, RegisterError) or
        EncoderError.
        """
        saved = bundle.load(folder)
        model = Model.from_parts(saved.parts, saved.card)
        sentence = _matching(model, saved.folder, encoder, threads) if model.encoder else None
        name = f"{saved.card.get('name', 'triage')}-{saved.digest[:12]}"
        return cls(model, sentence, name, folder=saved.folder.resolve().name, fingerprint=saved.fingerprint)

    @classmethod
    def train(
        cls,
        cases: Sequence[Case] = (),
        *,
        catalogue: Catalogue | None = None,
        units: Sequence[str] = (),
        encoder: str | Path | None = None,
        cache: str | Path | None = None,
        accuracy: float = 0.9,
        settings: Settings | None = None,
        progress: Progress | None = None,
    ) -> Triager:
        """Make a model from handled cases, a catalogue, a list of unit names, or any of them; from nothing, the
        starter's.

        Without `catalogue` the units come from the cases and from `units`, and find their duties in the starter
        catalogue by name. Without cases the model is cold: it answers from duties alone and promises nothing.
        `encoder` is an encoder folder; without it the model knows wording only. `cache` is a file in which its vectors
        are kept from training to training (`CachedEncoder`). `accuracy` is what *suggest* promises, `settings` are
        constants that a search found better than ours. Raises InputError for cases that cannot be used.
        """
        from triage.encoders.cache import CachedEncoder
        from triage.encoders.sentence import SentenceEncoder
        from triage.learning.train import USUAL, train

        sentence = SentenceEncoder.load(encoder) if encoder is not None else None
        made = train(
            cases,
            catalogue=catalogue,
            units=units,
            sentence=CachedEncoder(sentence, cache) if sentence is not None and cache is not None else sentence,
            accuracy=accuracy,
            settings=settings or USUAL,
            progress=progress,
        )
        # Through the parts, so that it answers to the last digit what its bundle will.
        return cls(Model.from_parts(made.to_parts(), made.card), sentence, "unsaved")

    @property
    def card(self) -> dict[str, Any]:
        """What the model was made from, when, and what it reached on cases that it had not seen."""
        return {**self._model.card, "model": self._name, **self._origin}

    @property
    def model(self) -> Model:
        """The fitted heads with the rows that they read: what drift and the choice of texts to label look into."""
        return self._model

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue that answers are taken from."""
        return self._model.catalogue

    @property
    def units(self) -> tuple[str, ...]:
        """The names of the units that can be answered."""
        return self._model.units.names

    @property
    def sentence(self) -> SentenceEncoder | None:
        """The sentence encoder that the model reads with; None where wording decides alone."""
        return self._sentence

    def learned(self, suggestions: Sequence[Suggestion]) -> list[float]:
        """How alike in wording each suggestion is to the nearest case that the model learned from, from 0 to 1: the
        cosine, 1 for the same text.
        """
        wording = self._model.lexical.encode([prepare(suggestion).full for suggestion in suggestions])
        return [float(likeness) for likeness in self._model.rows.nearest_case(wording)]

    def triage(
        self,
        suggestions: Sequence[Suggestion],
        *,
        history: DuplicateIndex | None = None,
        precheck: Precheck | None = None,
    ) -> list[Triaged]:
        """One answer for each suggestion, in order. Every text gets an answer; what cannot be judged says so.

        With `history` each answer also holds what the text repeats there, hears who led and who helped with the same
        matter before, and has a reason where its first lead differs from that one. With the `precheck` of an office it
        holds on whose ground and at which level the matter lies, which committee supervises it, and it is split where
        the check finds several matters of different units.
        """
        return self._at_office(self._triaged(suggestions, history), suggestions, precheck)

    def _triaged(self, suggestions: Sequence[Suggestion], history: DuplicateIndex | None) -> list[Triaged]:
        memory = None if self._sentence is None else _Remembered(self._sentence)
        if history is None:
            return self._answers(suggestions, memory)
        from triage.duplicates.reasons import with_duplicates

        dense = None
        if memory is not None and history.reader.calibration.encoder == self._model.encoder:
            dense = _meanings(memory, suggestions)
        texts = history.read(suggestions, dense=dense)
        found = [history.with_cases(hits) for hits in history.hits(texts)]
        told = [
            tuple(history.record(text, hit, case) for hit, case in pairs)
            for text, pairs in zip(texts, found, strict=True)
        ]
        return with_duplicates(self._answers(suggestions, memory, found), told, self._comparison)

    def _answers(
        self,
        suggestions: Sequence[Suggestion],
        sentence: _Remembered | None,
        found: Sequence[Sequence[tuple[Hit, Case]]] | None = None,
        progress: Progress | None = None,
    ) -> list[Triaged]:
        """The answers, by chunks; `found` are the handled cases that each text repeats."""
        told = None if found is None else [self._told(pairs) for pairs in found]
        answers: list[Triaged] = []
        for start in range(0, len(suggestions), CHUNK):
            some = slice(start, start + CHUNK)
            heard = None if told is None else told[some]
            answers.extend(answer(self._model, sentence, suggestions[some], self._name, heard))
            if progress is not None:
                progress(f"{len(suggestions)} suggestions", len(answers) / len(suggestions))
        return answers

    def _at_office(
        self, answers: Sequence[Triaged], suggestions: Sequence[Suggestion], precheck: Precheck | None
    ) -> list[Triaged]:
        if precheck is None:
            return list(answers)
        from triage.heads.office import grounds, parts_to_ask, with_matters, with_office, with_units

        checked = precheck.check(suggestions, grounds=grounds(self._model, suggestions))
        found = with_office(answers, checked, precheck.office)
        if not (parts := parts_to_ask(suggestions, checked)):
            return found
        return with_matters(found, suggestions, with_units(checked, self._triaged(parts, None)))

    def check(
        self,
        suggestions: Sequence[Suggestion],
        precheck: Precheck,
        *,
        on: Date | None = None,
        history: DuplicateIndex | None = None,
    ) -> list[Checked]:
        """What an office's `precheck` says of each suggestion, in order, with what the model adds to it: topic, lead
        and helpers of each of several matters, and where the places lie that handled cases name. `on` is the day whose
        rules hold. With `history` also which earlier texts are on the same matter.
        """
        from triage.heads.office import grounds, parts_to_ask, with_units

        found = precheck.check(suggestions, on=on, grounds=grounds(self._model, suggestions))
        checked = with_units(found, self._triaged(parts_to_ask(suggestions, found), None))
        if history is None:
            return checked
        repeats = history.query(suggestions, least=Grade.SAME_MATTER)
        return [replace(one, duplicates=told) for one, told in zip(checked, repeats, strict=True)]

    def _told(self, found: Sequence[tuple[Hit, Case]]) -> Told:
        """Which units led and helped with what a text repeats, under today's names."""
        leads: dict[str, float] = {}
        helpers: dict[str, float] = {}
        for hit, case in found:
            chance = hit.chance(Grade.SAME_MATTER)
            for units, names in ((leads, case.leads), (helpers, case.co)):
                for today in (today for name in names for today in self._known_as(name)):
                    units[today] = max(units.get(today, 0.0), chance)
        return Told(leads, helpers)

    def together(
        self,
        suggestions: Sequence[Suggestion],
        *,
        history: DuplicateIndex | None = None,
        sentence: SentenceEncoder | None = None,
        precheck: Precheck | None = None,
        progress: Progress | None = None,
    ) -> Together:
        """One answer for each suggestion, in order, as `triage` gives it, and what it repeats among the others and in
        `history`, with a reason where one matter would get two leads. Each text is encoded once.

        `sentence` is the encoder of `history` where that is not the model's own; `precheck` as in `triage`. Raises
        InputError for ids that come twice, ForeignIndex if `history` needs another encoder.
        """
        from triage.duplicates.batch import Batch
        from triage.duplicates.reasons import with_conflicts, with_duplicates

        memory = None if self._sentence is None else _Remembered(self._sentence)
        if len(suggestions) < 2 and history is None:
            alone = self._answers(suggestions, memory, progress=progress)
            return Together(tuple(self._at_office(alone, suggestions, precheck)))
        encoder = sentence or self._comparing(history)
        reading, comparing = _steps(progress, "reading"), _steps(progress, "comparing")
        dense = None
        if memory is not None and encoder is self._sentence:
            dense, reading = _meanings(memory, suggestions, reading), None
        cases = [Case(one) for one in suggestions]
        batch = Batch(cases, history=history, sentence=encoder, dense=dense, progress=reading)
        with closing(batch):
            found = batch.duplicates(progress=comparing)
            answers = self._answers(suggestions, memory, None if history is None else batch.handled(), progress)
            answers = self._at_office(with_duplicates(answers, found, self._comparison), suggestions, precheck)
            leads = [[lead.unit for lead in answered.lead[:1]] for answered in answers]
            conflicts = batch.conflicts(leads, self.catalogue)
            return Together(tuple(with_conflicts(answers, conflicts, self._comparison)), batch.proposals(), conflicts)

    def duplicates(
        self,
        suggestions: Sequence[Suggestion | Case],
        *,
        history: DuplicateIndex | None = None,
        progress: Steps | None = None,
    ) -> Batch:
        """The suggestions as a batch, compared with each other and with `history`: ask it for `duplicates`, merge
        `proposals`, `conflicts`, `hot` topics. Close it when done. What was decided about one comes along as a case.

        Raises ForeignIndex if `history` was made with another sentence encoder, InputError for ids that come twice.
        """
        from triage.duplicates.batch import Batch

        cases = [one if isinstance(one, Case) else Case(one) for one in suggestions]
        return Batch(cases, history=history, sentence=self._comparing(history), progress=progress)

    def _comparing(self, history: DuplicateIndex | None) -> SentenceEncoder | None:
        """The sentence encoder for comparing texts: the model's. Where nobody has learned the grades for it, wording
        decides alone; a `history` brings what was learned for its own.
        """
        from triage.duplicates.calibration import calibration_for

        return self._sentence if history is not None or calibration_for(self._sentence) is not None else None

    def conflicts(self, batch: Batch, *, decided: bool = False, apart: Apart | None = None) -> tuple[MeetingItem, ...]:
        """Matters of a batch (`duplicates`) for the meeting's list: their texts were, or are about to be, given to
        different leads, or were given to another one in the batch's history. A case without a lead counts with this
        model's first answer; one with leads was given to them where the batch is `decided`. Of texts that are `apart`
        nothing is told (`Batch.conflicts`).
        """
        open_ones = [case.suggestion for case in batch.cases if not case.leads]
        answers = iter(self.triage(open_ones) if open_ones else ())
        leads = [case.leads or tuple(lead.unit for lead in next(answers).lead[:1]) for case in batch.cases]
        return batch.conflicts(leads, self.catalogue, decided=decided, apart=apart)

    def index(self, path: str | Path | None = None, *, create: bool = False, writes: bool = True) -> DuplicateIndex:
        """The duplicate index in a file, or with `create` a new one, in a file or in memory; with this model's encoder.
        Without `writes` a file is only read.

        Raises IndexFileError and its kinds, or StorageError.
        """
        from triage.duplicates.index import DuplicateIndex

        if create or path is None:
            return DuplicateIndex.create(path, sentence=self._sentence)
        return DuplicateIndex.load(path, sentence=self._sentence, writes=writes)

    def precedents(
        self, suggestions: Sequence[Suggestion], history: DuplicateIndex, *, most: int = 5
    ) -> list[tuple[HandledCase, ...]]:
        """For each suggestion the handled cases of `history` that help most: the same matter first, then cases of the
        units that likely lead, each with units, outcome and reply.
        """
        from triage.duplicates.precedents import handled_cases

        texts = history.read(suggestions)
        hits = history.hits(texts, k=NEAR)
        chosen = []
        for text, found, answered in zip(texts, hits, self.triage(suggestions), strict=True):
            units = {lead.unit: lead.score for lead in answered.lead}
            pairs = [(history.record(text, hit, case), case) for hit, case in history.with_cases(found)]
            chosen.append(handled_cases(pairs, units, self._known_as, most))
        return chosen

    def _known_as(self, name: str) -> tuple[str, ...]:
        """Today's names of a unit: its own, or those of its successors."""
        unit = self._resolver.resolve(name).unit
        if unit is None:
            return (name,)
        return (unit.name, *(heir.name for heir in self.catalogue.successors(unit.code)))

    @property
    def _resolver(self) -> Resolver:
        return self._model.resolver

    @cached_property
    def _comparison(self) -> LeadComparison:
        """Made once: reading a catalogue's names takes longer than an answer."""
        from triage.duplicates.leads import LeadComparison

        return LeadComparison(self.catalogue)

    def save(self, folder: str | Path) -> Path:
        """Write the model as a new bundle folder. Raises StorageError if the folder exists or cannot be written."""
        return bundle.save(folder, self._model.to_parts(), self._model.card)


class _Remembered:
    """A sentence encoder that encodes each text once."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Vectors] = {}

    def encode(self, texts: Sequence[str], /, progress: Steps | None = None) -> Vectors:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, self._encoder.encode(new, progress), strict=True))
        return np.stack([self._known[text] for text in texts]) if texts else self._encoder.encode(())


def _steps(progress: Progress | None, what: str) -> Steps | None:
    """Tells a part of the work by steps done and steps in all."""
    return None if progress is None else lambda done, total: progress(what, done / max(total, 1))


def _meanings(memory: _Remembered, suggestions: Sequence[Suggestion], progress: Steps | None = None) -> Vectors:
    """The sentence vectors of what is read of each suggestion, which are then remembered."""
    return memory.encode([prepare(suggestion).focus(FOCUS) for suggestion in suggestions], progress)


def _matching(model: Model, folder: Path, encoder: str | Path | None, threads: int | None) -> SentenceEncoder:
    """The sentence encoder that the bundle was trained with."""
    from triage.encoders.sentence import SentenceEncoder

    place = Path(encoder) if encoder is not None else find_encoder()
    if place is None:
        raise EncoderError(
            f"{folder}: this bundle was trained with a sentence encoder, and none is installed here. Run "
            f"`triage encoder install`, name its folder with --encoder, or train again with --no-encoder."
        )
    sentence = SentenceEncoder.load(place, threads=threads or _threads())
    if sentence.fingerprint != model.encoder:
        raise ForeignEncoder(
            f"{folder}: trained with sentence encoder {model.encoder[:12]}, {os.fspath(place)} holds "
            f"{sentence.fingerprint[:12]}. Name the right folder with --encoder or train again."
        )
    return sentence


def _threads() -> int | None:
    """OMP_NUM_THREADS bounds us as it bounds every numerical library."""
    value = os.environ.get("OMP_NUM_THREADS", "")
    return int(value) if value.isdigit() and int(value) else None
