"""The one door: train or load a model, triage suggestions, save it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triage import bundle
from triage.encoders.locate import find_encoder
from triage.errors import EncoderError, ForeignEncoder
from triage.heads.answers import answer
from triage.heads.model import Model
from triage.records import Case, Suggestion, Triaged

if TYPE_CHECKING:
    from triage.catalogue import Catalogue
    from triage.encoders.sentence import SentenceEncoder

Progress = Callable[[str, float], None]
CHUNK = 64
"""Suggestions that are compared with the reference rows at a time: bounds the memory, not the answer."""


class Triager:
    """Answers suggestions with one model. Open one with `load` or make one with `train`; safe to use from several
    threads.
    """

    def __init__(self, model: Model, sentence: SentenceEncoder | None = None, name: str = "") -> None:
        self._model = model
        self._sentence = sentence
        self._name = name

    @classmethod
    def load(cls, folder: str | Path, encoder: str | Path | None = None, threads: int | None = None) -> Triager:
        """Read a bundle folder, and the sentence encoder if the bundle was trained with one.

        `encoder` names the encoder folder; without it the usual places are searched (`find_encoder`). `threads`
        bounds the cores it uses. Raises BundleError (DamagedBundle, NewerFormat, ForeignEncoder) or EncoderError.
        """
        saved = bundle.load(folder)
        model = Model.from_parts(saved.parts, saved.card)
        sentence = _matching(model, Path(folder), encoder, threads) if model.encoder else None
        return cls(model, sentence, f"{saved.card.get('name', 'triage')}-{saved.digest[:12]}")

    @classmethod
    def train(
        cls,
        cases: Sequence[Case] = (),
        *,
        catalogue: Catalogue | None = None,
        units: Sequence[str] = (),
        encoder: str | Path | None = None,
        accuracy: float = 0.9,
        progress: Progress | None = None,
    ) -> Triager:
        """Make a model from handled cases, a catalogue, a list of unit names, or any of them; from nothing, the
        starter's.

        Without `catalogue` the units come from the cases and from `units`, and find their duties in the starter
        catalogue by name. Without cases the model is cold: it answers from duties alone and promises nothing.
        `encoder` is an encoder folder; without it the model knows wording only. `accuracy` is what *suggest* promises.
        Raises InputError for cases that cannot be used.
        """
        from triage.learning.train import train

        sentence = None
        if encoder is not None:
            from triage.encoders.sentence import SentenceEncoder

            sentence = SentenceEncoder.load(encoder)
        made = train(cases, catalogue=catalogue, units=units, sentence=sentence, accuracy=accuracy, progress=progress)
        # Through the parts, so that it answers to the last digit what its bundle will.
        return cls(Model.from_parts(made.to_parts(), made.card), sentence, "unsaved")

    @property
    def card(self) -> dict[str, Any]:
        """What the model was made from, when, and what it reached on cases that it had not seen."""
        return {**self._model.card, "model": self._name}

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue that answers are taken from."""
        return self._model.catalogue

    @property
    def units(self) -> tuple[str, ...]:
        """The names of the units that can be answered."""
        return self._model.units.names

    def triage(self, suggestions: Sequence[Suggestion]) -> list[Triaged]:
        """One answer for each suggestion, in order. Every text gets an answer; what cannot be judged says so."""
        answers: list[Triaged] = []
        for start in range(0, len(suggestions), CHUNK):
            chunk = suggestions[start : start + CHUNK]
            answers.extend(answer(self._model, self._sentence, chunk, self._name))
        return answers

    def save(self, folder: str | Path) -> Path:
        """Write the model as a new bundle folder. Raises StorageError if the folder exists or cannot be written."""
        return bundle.save(folder, self._model.to_parts(), self._model.card)


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
