"""What the commands about duplicates need first: the sentence encoder, history, filters, and steps as a bar."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING

from triage.cli import screen
from triage.datasets import parse_date
from triage.errors import InputError
from triage.records import LABELS, Grade

if TYPE_CHECKING:
    from triage.duplicates.hits import Only
    from triage.duplicates.index import DuplicateIndex
    from triage.encoders.sentence import SentenceEncoder

Tell = Callable[[str, float], None]
Steps = Callable[[int, int], None]

TABLES = (".csv", ".xlsx", ".jsonl")
SQLITE = b"SQLite format 3\0"
_DAY = re.compile(r"\d{8}|\d{4}\D+\d{1,2}\D+\d{1,2}.*")


def sentence_encoder(named: Path | None, without: bool, wanted: str | None = None) -> SentenceEncoder | None:
    """The encoder to compare with: the one that is named or installed, unless the user goes `without`.

    `wanted` is the fingerprint that an index asks for, "" if it was made without. Raises EncoderError.
    """
    if without or wanted == "":
        if named is not None:
            screen.warn(f"{named} is not used: {'--no-encoder was given' if without else 'the index has no encoder'}")
        return None
    from triage.encoders.locate import find_encoder
    from triage.encoders.sentence import SentenceEncoder

    place = named or find_encoder()
    if place is None:
        if wanted is None:
            screen.warn(
                "no sentence encoder is installed, so wording alone is compared and less is found. Run `triage encoder "
                "install`; --no-encoder silences this."
            )
        return None
    sentence = SentenceEncoder.load(place)
    return calibrated(sentence) if named is None and wanted is None else sentence


def calibrated(sentence: SentenceEncoder | None) -> SentenceEncoder | None:
    """The encoder, if the grades were learned for it; else None, with a warning."""
    from triage.duplicates.calibration import calibration_for

    if calibration_for(sentence) is not None:
        return sentence
    screen.warn(
        "the grades of duplicates were never learned for this sentence encoder, so wording alone is compared. Run "
        "`triage encoder grade`."
    )
    return None


def sentence_of(own: SentenceEncoder | None, history: Path | None, named: Path | None) -> SentenceEncoder | None:
    """The encoder to compare with where a model has its `own`: that one, unless an index was made with another."""
    wanted = encoder_of(history)
    if wanted is None:
        return calibrated(own)
    if not wanted or (own is not None and own.fingerprint == wanted):
        return own if wanted else None
    return sentence_encoder(named, False, wanted)


def is_index(path: Path) -> bool:
    """Whether a history is an index, by its first bytes; what is no table either is left to the index to refuse."""
    try:
        with path.open("rb") as file:
            return file.read(len(SQLITE)) == SQLITE or path.suffix.lower() not in TABLES
    except OSError:
        return path.suffix.lower() not in TABLES


def encoder_of(path: Path | None) -> str | None:
    """The fingerprint of the encoder that an index was made with; None for what is no index."""
    if path is None or not is_index(path):
        return None
    from triage.duplicates.store import Store

    with Store.open(path) as store:
        return store.encoder


@contextmanager
def opened(path: Path | None, sentence: SentenceEncoder | None, tell: Tell) -> Iterator[DuplicateIndex | None]:
    """History from an index file, or from a cases file that is indexed in memory; None where none is named.

    Raises IndexFileError and its kinds, InputError, StorageError.
    """
    if path is None:
        yield None
        return
    from triage.cli.cases import handled_cases
    from triage.duplicates.building import add_cases
    from triage.duplicates.index import DuplicateIndex

    if is_index(path):
        with DuplicateIndex.load(path, sentence=sentence) as index:
            yield index
        return
    cases = handled_cases(path, required=(), unnamed=f"{path.name}:")
    with DuplicateIndex.create(sentence=sentence) as index:
        add_cases(index, cases, steps(tell, f"reading {path.name}"))
        yield index


def steps(tell: Tell, what: str) -> Steps:
    """A bar that is fed with (done, total)."""
    return lambda done, total: tell(what, done / max(total, 1))


def filters(
    source: Sequence[str] | None,
    session: Sequence[str] | None,
    since: str | None,
    until: str | None,
    area: Sequence[str] | None,
) -> Only | None:
    """The filters of the command line; None where none is set. Raises InputError."""
    from triage.duplicates.hits import Only

    first, last = day("--since", since), day("--until", until)
    if first is not None and last is not None and last < first:
        raise InputError(f"--since {first} and --until {last}: the period ends before it begins. Swap them.")
    if not any((source, session, first, last, area)):
        return None
    return Only(tuple(source or ()), tuple(session or ()), first, last, tuple(area or ()))


def day(option: str, text: str | None) -> Date | None:
    """The day that an option names. Raises InputError."""
    if text is None:
        return None
    try:
        if not _DAY.fullmatch(text.strip()):
            raise ValueError(text)
        return parse_date(text)
    except ValueError:
        raise InputError(f"{option} is {text!r}; write it as 2024-03-01.") from None


def grade(text: str) -> Grade:
    """The grade that an option names: in English, a hyphen or none between the words, or as the sheets have it. Raises
    InputError.
    """
    told = re.sub(r"[\s_-]+", " ", text.strip()).casefold()
    for known in Grade:
        if told in (known.value, LABELS[known]):
            return known
    raise InputError(f"--least is {text!r}; allowed are {', '.join(known.replace(' ', '-') for known in Grade)}.")
