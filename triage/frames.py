"""pandas in and out: cases and suggestions from a DataFrame, cases and answers as one.

The columns are those of a cases file (`triage.datasets.COLUMNS`), in English or Chinese, and mean the same: what
``pandas.read_csv(file, dtype=str)`` makes of a file gives the cases that `read_cases` gives. A column that may hold
several values (proposers, topic, lead, co, returned) takes lists or texts with ``;`` between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date as Date
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from triage.columns import COLUMNS, SEVERAL, known_columns
from triage.datasets import case_of_row, clean_cell, split_many
from triage.errors import InputError
from triage.records import Case, Grade, Suggestion, Triaged

if TYPE_CHECKING:
    from pandas import DataFrame, Index

LEADS = 5
"""Leads that the wide frame of answers lists."""
LABEL_SHOWN = 40
"""Characters of a row's label that a message may repeat: a longer one may be a text."""


def cases_from_frame(frame: DataFrame, required: Iterable[str] = ("lead",), unnamed: str = "row-") -> list[Case]:
    """The handled cases of a frame, one a row, in order.

    `required` columns must be there and filled in every row. Missing values (NaN, NaT, None, NA) are empty cells; dates
    may be datetime64, dates or text. Without a column of ids an index that is named ``id`` (编号) holds them; a row
    without an id gets `unnamed` and its label. Raises InputError as `read_cases` does, and names the row's label; a
    blank row is an error too, as the list has to keep step with the frame.
    """
    required = tuple(required)
    columns, rows = _read(frame)
    _check_columns(columns, required)
    seen: dict[str, str] = {}
    cases = []
    for where, label, row in rows:
        for name in required:
            if not split_many(row[name]):
                raise InputError(f"{where}: {name} ({COLUMNS[name][0]}) is empty. Fill it in or drop the row.")
        case = case_of_row(where, row, f"{unnamed}{label}")
        identifier = case.suggestion.id
        if identifier in seen:
            raise InputError(f"{where}: id {identifier!r} already stands in {seen[identifier]}. Give each its own.")
        seen[identifier] = where
        cases.append(case)
    return cases


def suggestions_from_frame(frame: DataFrame) -> list[Suggestion]:
    """The suggestions of a frame, one a row, in order; a row needs a title or a text. Raises InputError as
    `cases_from_frame` does.
    """
    return [case.suggestion for case in cases_from_frame(frame, required=())]


def frame_from_cases(cases: Sequence[Case], *, chinese: bool = False, joined: bool = False) -> DataFrame:
    """One row a case under all columns of `COLUMNS`; `cases_from_frame` reads it back to the same cases.

    Dates are datetime64, NaT where there is none. What may be several is a list, or with `joined` a text with ``;``,
    as files have it. With `chinese` the headers are the first Chinese ones.
    """
    pandas = _pandas()

    def several(values: Sequence[str]) -> Any:
        return ";".join(values) if joined else list(values)

    suggestions = [case.suggestion for case in cases]
    values: dict[str, Any] = {
        "id": [suggestion.id for suggestion in suggestions],
        "title": [suggestion.title for suggestion in suggestions],
        "text": [suggestion.text for suggestion in suggestions],
        "source": [suggestion.source for suggestion in suggestions],
        "session": [suggestion.session for suggestion in suggestions],
        "date": np.array([suggestion.date for suggestion in suggestions], "datetime64[s]"),
        "proposers": [several(suggestion.proposers) for suggestion in suggestions],
        "wish": [suggestion.wish for suggestion in suggestions],
        "confidential": np.array([suggestion.confidential for suggestion in suggestions], bool),
        "topic": [several(case.topics) for case in cases],
        "lead": [several(case.leads) for case in cases],
        "co": [several(case.co) for case in cases],
        "reply": [case.reply for case in cases],
        "outcome": [case.outcome for case in cases],
        "returned": [several(case.returned) for case in cases],
        "handed_out": np.array([case.handed_out for case in cases], "datetime64[s]"),
        "replied": np.array([case.replied for case in cases], "datetime64[s]"),
        "area": [case.area for case in cases],
        "level": [case.level for case in cases],
    }
    return pandas.DataFrame({COLUMNS[name][0] if chinese else name: column for name, column in values.items()})


def frame_from_answers(answers: Sequence[Triaged], *, leads: int = LEADS, index: Index | None = None) -> DataFrame:
    """One row an answer, to sort, filter and join.

    Columns: ``id``, ``decision``, ``mode``; ``topic``, the deepest of the likeliest as a path with ``/``, and
    ``topic_score``; ``lead_1`` … and ``lead_1_score`` … for the first `leads`, missing (None, NaN) where fewer are
    listed; ``co`` and ``co_scores``, lists, likeliest first; ``reasons``, the list of codes; ``duplicates``, the list
    of ids that are the same matter or closer; ``questions``, ``notices``; ``model``; ``return_risk``, missing where the
    text cannot be judged. Give the `index` of the frame that the suggestions came from to keep its labels. Raises
    InputError for `leads` below 1 and an index of another length.
    """
    pandas = _pandas()
    if leads < 1:
        raise InputError(f"leads: {leads}; at least one column is needed")
    if index is not None and len(index) != len(answers):
        raise InputError(f"index: {len(index)} labels for {len(answers)} answers. Give the index of the same rows.")
    topics = [max(answer.topics, key=lambda topic: (len(topic.path), topic.score), default=None) for answer in answers]
    values: dict[str, Any] = {
        "id": [answer.id for answer in answers],
        "decision": [answer.decision.value for answer in answers],
        "mode": [answer.mode.value for answer in answers],
        "topic": ["/".join(topic.path or (topic.name,)) if topic else None for topic in topics],
        "topic_score": np.array([topic.score if topic else np.nan for topic in topics], float),
    }
    for place in range(leads):
        listed = [answer.lead[place] if place < len(answer.lead) else None for answer in answers]
        values[f"lead_{place + 1}"] = [lead.unit if lead else None for lead in listed]
        values[f"lead_{place + 1}_score"] = np.array([lead.score if lead else np.nan for lead in listed], float)
    values |= {
        "co": [[helper.unit for helper in answer.co] for answer in answers],
        "co_scores": [[helper.score for helper in answer.co] for answer in answers],
        "reasons": [[reason.code for reason in answer.reasons] for answer in answers],
        "duplicates": [[hit.id for hit in answer.duplicates if hit.grade is not Grade.RELATED] for answer in answers],
        "questions": [list(answer.questions) for answer in answers],
        "notices": [list(answer.notices) for answer in answers],
        "model": [answer.model for answer in answers],
        "return_risk": np.array([one.return_risk.score if one.return_risk else np.nan for one in answers], float),
    }
    return pandas.DataFrame(values, index=index)


def unit_frame_from_answers(answers: Sequence[Triaged]) -> DataFrame:
    """One row for each unit that an answer lists: ``id``, ``role`` (``lead`` or ``co``), ``rank`` from 1, ``unit``,
    ``score``.
    """
    rows = [
        (answer.id, role, rank, listed.unit, listed.score)
        for answer in answers
        for role, units in (("lead", answer.lead), ("co", answer.co))
        for rank, listed in enumerate(units, start=1)
    ]
    return _pandas().DataFrame(rows, columns=["id", "role", "rank", "unit", "score"])


def _read(frame: DataFrame) -> tuple[frozenset[str], list[tuple[str, object, Mapping[str, str]]]]:
    """The columns that are known; and for each row where it stands, its label, and its cells under the English names
    as a file would write them.
    """
    pandas = _pandas()
    if not isinstance(frame, pandas.DataFrame):
        raise InputError(f"frame: {type(frame).__name__} where a pandas DataFrame is expected")
    if frame.columns.nlevels > 1:
        raise InputError(f"frame: headers of {frame.columns.nlevels} levels; one is expected. Flatten the columns.")
    headers = [name for name in frame.columns if isinstance(name, str)]
    if twice := [name for name in dict.fromkeys(headers) if headers.count(name) > 1 and known_columns("", [name])]:
        raise InputError(f"frame: column {twice[0]!r} stands there twice. Keep one.")
    columns = known_columns("frame", headers)
    cells = {columns[name]: frame[name].tolist() for name in columns}
    labels = frame.index.tolist()
    named = [name for name in frame.index.names if isinstance(name, str)]
    if "id" not in cells and len(named) == 1 and "id" in known_columns("frame", named).values():
        cells["id"] = labels
    places = _places(labels, frame.index.is_unique)
    rows: list[tuple[str, object, Mapping[str, str]]] = []
    for place, (where, label) in enumerate(zip(places, labels, strict=True)):
        row = {name: clean_cell(where, name, _text(where, name, column[place])) for name, column in cells.items()}
        rows.append((where, label, row))
    return frozenset(cells), rows


def _check_columns(columns: frozenset[str], required: Iterable[str]) -> None:
    missing = [name for name in required if name not in columns]
    if missing:
        told = ", ".join(f"{name} ({COLUMNS[name][0]})" for name in missing)
        raise InputError(f"frame: column {told} is missing. Rename the column that holds it.")
    if not {"title", "text"} & columns:
        raise InputError("frame: neither a column title (标题) nor text (正文); at least one is needed.")


def _places(labels: Sequence[object], unique: bool) -> list[str]:
    """How messages name each row: by its label, and by its position where the label does not tell it."""
    found = []
    for position, label in enumerate(labels):
        shown = repr(label) if len(str(label)) <= LABEL_SHOWN else ""
        place = f"row {shown}" if shown else f"row at position {position}"
        found.append(place if unique or not shown else f"{place} (position {position})")
    return found


def _text(where: str, column: str, value: Any) -> str:
    """A cell as a file would write it."""
    if isinstance(value, str):
        return value
    if value is None or type(value).__name__ in ("NaTType", "NAType"):
        return ""
    if isinstance(value, np.datetime64):
        return "" if np.isnat(value) else str(value.astype("datetime64[D]"))
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, list | tuple | set | frozenset) or hasattr(value, "tolist"):
        if column in SEVERAL:
            parts = (_text(where, f"a part of {column}", part) for part in value)
            return ";".join(sorted(parts) if isinstance(value, set | frozenset) else parts)
    elif isinstance(value, bool):
        return "true" if value else "false"
    elif isinstance(value, Date):  # datetime, Timestamp too
        return (value.date() if isinstance(value, datetime) else value).isoformat()
    elif isinstance(value, int | float | Decimal):
        return _number(value)
    told = "text, a number, a date" + (" or a list of texts" if column in SEVERAL else "")
    raise InputError(f"{where}: {column} is {type(value).__name__}; {told} is expected.")


def _number(value: int | float | Decimal) -> str:
    """Without its point where it is whole: a column of numbers with a gap is one of floats."""
    if value != value:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _pandas() -> Any:
    try:
        import pandas
    except ImportError as error:
        raise InputError("pandas is not installed: pip install 'suggestion-triage[analysis]'") from error
    return pandas
