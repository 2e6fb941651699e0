"""What the index keeps of one text, and how a handled case is written as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date as Date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from triage.errors import DamagedIndex
from triage.records import LATER_FIELDS, Case, Suggestion


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One text to store.

    `vector` is what it is searched by, `dense` its sentence vector (None without an encoder); both of unit length,
    kept in half precision. `key` is the 16-byte hash of the normalised text, `profile` the text made ready for
    comparison, as JSON that only its maker reads. `areas` are the places it can be filtered by.
    """

    case: Case
    vector: NDArray[Any]
    dense: NDArray[Any] | None = None
    key: bytes | None = None
    profile: str = ""
    areas: tuple[str, ...] = ()


class Candidates(NamedTuple):
    """What a pair comparison needs of the stored texts, in the order that was asked for.

    `rows` (m,) leaves out what is no longer stored; `profiles` stand beside it. `dense` (m, dimension)
    float32 is zero where a text has no sentence vector, and None if it was not asked for.
    """

    rows: NDArray[np.int64]
    profiles: list[str]
    dense: NDArray[np.float32] | None


DTYPES = frozenset({"<f2", "<f4", "<f8", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8"})
"""The kinds of numbers that an array may have to be kept: plain ones, lowest byte first."""

_CASE = frozenset(field.name for field in fields(Case)) - {"suggestion"}
_SUGGESTION = frozenset(field.name for field in fields(Suggestion))
_FLAGS = frozenset({"confidential"})
_LISTS = frozenset({"proposers", "leads", "co", "topics", "returned"})
_DAYS = frozenset({"date", "handed_out", "replied"})


def case_to_json(case: Case) -> str:
    """The whole case as one line of JSON; its dates as ISO 8601. Lone surrogates are escaped, so it is valid UTF-8."""
    suggestion = {name: getattr(case.suggestion, name) for name in sorted(_SUGGESTION)}
    rest = {name: getattr(case, name) for name in sorted(_CASE)}
    filled = {name: value for name, value in rest.items() if value or name not in LATER_FIELDS}
    record = {"suggestion": _dated(suggestion), **_dated(filled)}
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return text if _is_utf8(text) else json.dumps(record, separators=(",", ":"))


def case_from_json(text: str) -> Case:
    """The case that `case_to_json` wrote; a field that it lacks has its default.

    Raises DamagedIndex for anything else. The message does not repeat the text.
    """
    try:
        record = json.loads(text)
        suggestion = record.pop("suggestion")
        if not isinstance(suggestion, dict) or suggestion.keys() - _SUGGESTION or record.keys() - _CASE:
            raise ValueError("unknown fields")
        return Case(suggestion=Suggestion(**_plain(suggestion)), **_plain(record))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise DamagedIndex("A stored text cannot be read: its record is not what triage writes.") from None


def pack_vector(vector: NDArray[Any], dimension: int) -> bytes:
    """A vector in half precision. Raises ValueError for another dimension or values that are no numbers."""
    if vector.shape != (dimension,):
        raise ValueError(f"a vector has shape {vector.shape}; this index holds ({dimension},)")
    if not np.isfinite(vector).all():
        raise ValueError("a vector has values that are no numbers")
    return vector.astype("<f2").tobytes()


def pack_array(array: NDArray[Any]) -> tuple[str, str, bytes]:
    """An array as dtype, shape and bytes. Raises ValueError for a dtype that is not in DTYPES."""
    if array.dtype.str not in DTYPES:
        raise ValueError(f"an array has dtype {array.dtype}; allowed are {', '.join(sorted(DTYPES))}")
    return array.dtype.str, json.dumps(array.shape), np.ascontiguousarray(array).tobytes()


def unpack_array(dtype: str, shape: str, data: bytes) -> NDArray[Any]:
    """What `pack_array` packed. Raises ValueError, TypeError or RecursionError for anything else."""
    if dtype not in DTYPES:
        raise ValueError(dtype)
    return np.frombuffer(data, dtype).reshape(json.loads(shape))


def _dated(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with their days as ISO 8601."""
    return {name: value.isoformat() if isinstance(value, Date) else value for name, value in values.items()}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the records hold them. Raises TypeError for a value of another type, ValueError for a day that is
    none.
    """
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name in _LISTS:
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                raise TypeError(name)
            found[name] = tuple(value)
        elif name in _DAYS:
            found[name] = None if value is None else Date.fromisoformat(value)
        elif isinstance(value, bool if name in _FLAGS else str):
            found[name] = value
        else:
            raise TypeError(name)
    return found


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
