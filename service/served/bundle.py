"""Which bundle should answer, and loading it."""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from service.settings import Settings
from service.shapes.examples import BUS
from triage.errors import EncoderError, ForeignEncoder, InputError
from triage.records import Suggestion

if TYPE_CHECKING:
    from triage import Triager
    from triage.encoders.sentence import SentenceEncoder

SHOWN = 12
"""Characters of a digest that tell bundles apart, as in the name of a model."""


def in_use(settings: Settings) -> str:
    """The bundle that should answer, as ``folder@digest``: of a registry the one in use. Quick enough to ask each
    second: it reads one small file and verifies nothing. Raises BundleError and its kinds, InputError.
    """
    from triage.bundle import MANIFEST, REGISTER, locate, read_manifest, read_register

    folder = _named(settings)
    if (folder / MANIFEST).is_file() or not (folder / REGISTER).exists():
        place = locate(folder)
        return f"{place.resolve().name}@{read_manifest(place).digest[:SHOWN]}"
    used = read_register(folder)["in_use"]
    return f"{used['bundle']}@{used['digest'][:SHOWN]}"


def identity_of(triager: Triager) -> str:
    """The bundle of a loaded model, in the form of `in_use`; one that was never saved has its name alone."""
    card = triager.card
    digest = str(card["model"]).rpartition("-")[2]
    return f"{card['bundle']}@{digest}" if card["bundle"] else str(card["model"])


def is_registry(settings: Settings) -> bool:
    """Whether the settings name a registry, so that models can be switched."""
    from triage.bundle import MANIFEST, REGISTER, bundles_in

    folder = settings.model
    if folder is None or (folder / MANIFEST).is_file():
        return False
    return (folder / REGISTER).exists() or bool(bundles_in(folder))


def load_triager(settings: Settings, place: Path | None = None) -> Triager:
    """The bundle that the settings name, or the one in `place`, loaded and warm: it has answered once.

    Raises InputError, BundleError and its kinds, EncoderError.
    """
    from triage import Triager

    triager = Triager.load(place or _named(settings), encoder=settings.encoder, threads=settings.threads)
    triager.triage([Suggestion(title=BUS["title"])])  # ready means that it has answered: tables are filled on first use
    return triager


def comparing_encoder(settings: Settings, loaded: SentenceEncoder | None = None) -> SentenceEncoder | None:
    """The sentence encoder with which the bundle in use compares texts, without the rest of the bundle. None where the
    bundle knows wording alone, or nobody has learned the grades for its encoder. `loaded` is taken if it is that one.

    Raises InputError, BundleError and its kinds, EncoderError.
    """
    from triage.bundle import load_card
    from triage.duplicates.calibration import calibration_for
    from triage.encoders.locate import find_encoder
    from triage.encoders.sentence import SentenceEncoder

    made = load_card(settings.model).get("encoder") if settings.model is not None else None
    wanted = made["fingerprint"] if made else ""
    if not wanted:
        return None
    if loaded is not None and loaded.fingerprint == wanted:
        return loaded if calibration_for(loaded) is not None else None
    place = settings.encoder or find_encoder()
    if place is None:
        raise EncoderError("the bundle in use needs its sentence encoder for the index, and none is installed here.")
    sentence = SentenceEncoder.load(place, threads=settings.threads)
    if sentence.fingerprint != wanted:
        raise ForeignEncoder(
            f"{place}: holds sentence encoder {sentence.fingerprint[:SHOWN]}, the bundle in use was trained with "
            f"{wanted[:SHOWN]}. Set TRIAGE_ENCODER to the right folder."
        )
    return sentence if calibration_for(sentence) is not None else None


def public(value: Any) -> Any:
    """A card, or a part of one, in which a folder of this machine is named by its last part only."""
    if isinstance(value, dict):
        return {name: public(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [public(part) for part in value]
    if isinstance(value, str):
        for kind in (PurePosixPath, PureWindowsPath):
            if kind(value).is_absolute():
                return kind(value).name
    return value


def _named(settings: Settings) -> Path:
    if settings.model is None:
        raise InputError("no model is named. Set TRIAGE_MODEL to the folder of a bundle made by `triage train`.")
    return settings.model
