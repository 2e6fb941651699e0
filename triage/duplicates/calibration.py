"""What is learned once and serves every index: how telling each gram is, what sentence vectors tell by, weights.

Learned by `triage.learning.grades` from pairs of our own writing; for another sentence encoder it is learned anew and
kept in that encoder's folder.
"""

from __future__ import annotations

import base64
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from triage.bundle import pack_arrays, unpack_arrays
from triage.duplicates.grader import Grader
from triage.duplicates.grams import BUCKETS, Rarity
from triage.duplicates.sketch import MEANING, Sketch
from triage.encoders.folder import digest, read_manifest
from triage.errors import EncoderError

if TYPE_CHECKING:
    from triage.encoders.cache import CachedEncoder
    from triage.encoders.sentence import SentenceEncoder

Floats = NDArray[np.float32]

GRADES = "grades.json"
"""The file of an encoder folder that holds the calibration which was learned for it."""
LARGEST = 16 << 20
"""Bytes that the arrays may unpack to: a damaged or hostile index shall not fill the memory."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The numbers behind every comparison.

    `encoder` is the fingerprint of the sentence encoder that they belong to. `directions` (dimension, MEANING) are what
    is searched by, `metric` (dimension, rank) the turn after which nearness means one matter. Without an encoder
    wording decides alone, and these are None.
    """

    encoder: str
    rarity: Rarity
    grader: Grader
    directions: Floats | None = None
    metric: Floats | None = None

    @property
    def dimension(self) -> int:
        """Numbers of a sentence vector, 0 without a sentence encoder."""
        return 0 if self.directions is None else len(self.directions)

    def sketch(self) -> Sketch:
        """What makes search vectors."""
        return Sketch(self.rarity, self.directions)

    def nearness(self, one: Floats | None, others: Floats | None, count: int) -> Floats:
        """The cosines of meaning and of matter between a sentence vector and others (count, dimension), as
        (count, 2); zeros where there are none.
        """
        found = np.zeros((count, 2), np.float32)
        if one is None or others is None or self.metric is None:
            return found
        found[:, 0] = others @ one
        turned, mine = others @ self.metric, one @ self.metric
        length = np.linalg.norm(turned, axis=1) * np.linalg.norm(mine)
        found[:, 1] = turned @ mine / np.maximum(length, 1e-9)
        return found

    def to_json(self) -> dict[str, Any]:
        """The calibration as plain JSON types; the arrays in one base64 text."""
        arrays: dict[str, NDArray[Any]] = {"counts": np.minimum(self.rarity.counts, 65_535).astype(np.uint16)}
        if self.directions is not None and self.metric is not None:
            arrays |= {"directions": self.directions.astype(np.float16), "metric": self.metric.astype(np.float16)}
        return {
            "encoder": self.encoder,
            "texts": self.rarity.texts,
            "weights": self.grader.to_dict(),
            "arrays": base64.b64encode(zlib.compress(pack_arrays(arrays))).decode(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Calibration:
        """Back from `to_json`. Raises KeyError, TypeError or ValueError where it does not fit."""
        encoder, texts, weights = data["encoder"], data["texts"], data["weights"]
        if not (isinstance(encoder, str) and isinstance(texts, int) and isinstance(weights, Mapping) and texts > 0):
            raise TypeError("encoder, texts or weights are not what triage writes")
        arrays = _arrays(data["arrays"])
        if other := arrays.keys() - {"counts", "directions", "metric"}:
            raise ValueError(f"arrays that mean nothing here: {', '.join(sorted(other))}")
        counts = arrays["counts"]
        if counts.shape != (BUCKETS,) or counts.dtype.kind != "u":
            raise ValueError(f"counts: {counts.dtype} {counts.shape}, wanted whole numbers {(BUCKETS,)}")
        rarity = Rarity(counts.astype(np.uint32), texts)
        grader = Grader.from_dict(weights)
        if not encoder:
            return cls(encoder, rarity, grader)
        directions, metric = (arrays[name].astype(np.float32) for name in ("directions", "metric"))
        size, rank = metric.shape if metric.ndim == 2 else (0, 0)
        if not size or (directions.shape, metric.shape) != ((size, MEANING), (size, rank)):
            raise ValueError(f"directions and metric do not fit each other: {directions.shape}, {metric.shape}")
        if not (np.isfinite(directions).all() and np.isfinite(metric).all()):
            raise ValueError("directions or metric hold values that are no numbers")
        return cls(encoder, rarity, grader, directions, metric)


def _arrays(text: str) -> dict[str, NDArray[Any]]:
    """The arrays of the base64 text. Raises ValueError for any other, and for one that would fill the memory."""
    try:
        packed = zlib.decompressobj().decompress(base64.b64decode(text), LARGEST)
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
                raise ValueError(f"the arrays are larger than {LARGEST >> 20} MiB")
        return unpack_arrays(packed)
    except (zlib.error, zipfile.BadZipFile, EOFError, OSError, NotImplementedError, MemoryError, SyntaxError) as error:
        raise ValueError("the arrays cannot be unpacked") from error


@cache
def shipped() -> dict[str, Calibration]:
    """The calibrations that come with the library, by encoder fingerprint; the one for wording alone under ``""``."""
    text = resources("triage.duplicates").joinpath("calibration.json").read_text(encoding="utf-8")
    return {entry["encoder"]: Calibration.from_json(entry) for entry in json.loads(text)["calibrations"]}


def calibration_for(sentence: SentenceEncoder | CachedEncoder | None) -> Calibration | None:
    """The calibration for a sentence encoder, which comes with the library or stands in the encoder's folder; for None
    that for wording alone. None where nobody has learned one. Raises EncoderError for a damaged one.
    """
    if sentence is None:
        return shipped()[""]
    if (known := shipped().get(sentence.fingerprint)) is not None:
        return known
    folder = getattr(sentence, "folder", None)  # an encoder of the caller's own may stand in no folder
    if folder is None or GRADES not in (files := read_manifest(folder).files):
        return None
    found = _of_folder(folder, files[GRADES])
    return found if found.encoder == sentence.fingerprint else None  # texts may be cut elsewhere than the folder says


@cache
def _of_folder(folder: Path, wanted: str) -> Calibration:
    """The calibration in an encoder folder, whose file has the digest that is wanted."""
    path = folder / GRADES
    try:
        if (got := digest(path)) != wanted:
            raise ValueError(f"SHA-256 is {got}, the manifest says {wanted}")
        return Calibration.from_json(json.loads(path.read_bytes()))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise EncoderError(f"{path}: cannot be read ({error}); learn it again with `triage encoder grade`") from error
