"""An answer that was kept as plain JSON types, as the record that it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from triage.errors import InputError
from triage.records import Triaged


def triaged(kept: Mapping[str, Any]) -> Triaged:
    """What `Triaged.to_dict` wrote. Fields that the record got since have their defaults; unknown ones are left out.

    Raises InputError for what no answer says.
    """
    try:
        found: Triaged = _made(Triaged, kept)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"it is no answer that was kept ({type(error).__name__}: {error}). Ask for a new one."
        ) from None
    return found


def _made(wanted: Any, value: Any) -> Any:
    """A value as its type wants it: records out of objects, tuples out of lists, words out of strings."""
    origin = get_origin(wanted)
    if origin in (Union, UnionType):
        inner = next(one for one in get_args(wanted) if one is not type(None))
        return None if value is None else _made(inner, value)
    if origin is tuple:
        return tuple(_made(get_args(wanted)[0], one) for one in value)
    if origin is dict:
        return dict(value)
    if isinstance(wanted, type) and is_dataclass(wanted):
        given = {name: _made(kind, value[name]) for name, kind in _types(wanted).items() if name in value}
        missing = [
            field.name
            for field in fields(wanted)
            if field.name not in given and field.default is MISSING and field.default_factory is MISSING
        ]
        if missing:
            raise KeyError(missing[0])
        return wanted(**given)
    return wanted(value)


@cache
def _types(record: Any) -> dict[str, Any]:
    return get_type_hints(record)
