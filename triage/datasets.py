"""Files of suggestions, cases and unit names: csv, xlsx and jsonl.

A cases file has the columns ``id, title, text, source, date, topic, lead, co`` (``;`` between several), each also
under its Chinese header; more columns are known (`COLUMNS`) and unknown ones are left alone. Every complaint names
file, line and remedy. Nothing here guesses silently: a row that cannot be read stops the reading, because a lost
suggestion is a lost voice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime
from pathlib import Path

from triage.columns import COLUMNS, column_of, known_columns
from triage.errors import InputError
from triage.records import Case, Suggestion
from triage.tabular import Limits, Raw, read_rows

__all__ = [
    "COLUMNS",
    "MANY",
    "MAX_BYTES",
    "MAX_CELL",
    "MAX_ROWS",
    "Chosen",
    "Table",
    "case_of_row",
    "clean_cell",
    "known_columns",
    "numbered_cases",
    "parse_date",
    "read_cases",
    "read_names",
    "read_numbered",
    "read_raw",
    "read_suggestions",
    "read_table",
    "split_many",
    "table_of",
    "usual_limits",
]

MAX_BYTES = 1 << 30
MAX_ROWS = 1_000_000
MAX_CELL = 1_000_000
MANY = re.compile(r"[;；]")
SHOWN = 40
"""Characters of a cell that a message repeats: a longer one is a text in the wrong column."""
_BROKEN = re.compile("[\ud800-\udfff]")
"""Half of a surrogate pair: JSON can name it, no text can hold it."""
_TRUE = {"1", "true", "yes", "y", "是", "保密", "不公开"}
_FALSE = {"", "0", "false", "no", "n", "否", "公开"}


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a file: `rows` are (line number, column → text); `columns` are the known columns that the file has, whose
    headers stand in `line`.
    """

    path: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    line: int = 1


def usual_limits() -> Limits:
    """The limits of a file on the own disk; a service sets narrower ones."""
    return Limits(MAX_BYTES, 2 * MAX_BYTES, MAX_ROWS, MAX_CELL)


Chosen = Mapping[str, str | None]
"""What headers mean, whatever they are called: the name of a column, or None to leave one out (`known_columns`)."""


def read_table(
    path: str | Path,
    required: Iterable[str] = (),
    limits: Limits | None = None,
    *,
    columns: Chosen | None = None,
    sheet: str = "",
) -> Table:
    """The rows of a csv, xlsx or jsonl file under the English column names.

    `columns` says of headers what they mean, whatever they are called; of the others that are known each means what it
    says. `sheet` names the sheet of a workbook, as `triage.tabular.read_rows` chooses one without it.

    Raises InputError for a missing or empty file, an unknown ending, an encoding that is neither UTF-8, UTF-16 nor
    GB18030, a column of `required` that is missing, two columns of one meaning, a choice of a header that there is not,
    a row with more cells than the header, an oversized file.
    """
    limits = limits or usual_limits()
    return table_of(Path(path), read_raw(path, limits, columns=columns, sheet=sheet), required, limits, columns)


def table_of(path: Path, raw: Raw, required: Iterable[str], limits: Limits, columns: Chosen | None = None) -> Table:
    """The rows of a file that was read, as `read_table` gives them."""
    where = f"{path}:{raw.line}"
    known = known_columns(where, raw.header, columns)
    missing = [name for name in required if name not in known.values()]
    if missing or not known:
        wanted = ", ".join(f"{name} ({COLUMNS[name][0]})" for name in missing or COLUMNS)
        what = f"column {wanted} is missing" if missing else f"no column that is known, which are {wanted}"
        lacking = "、".join(f"“{COLUMNS[name][0]}”" for name in missing) or "“标题”或“正文”"
        raise InputError(
            f"{where}: {what}; the file has {raw.named}. Name the columns in the first line.",
            zh=f"没有找到{lacking}列，请指定哪一列是它，或在第一行写明各列名称",
        )
    rows: list[tuple[int, Mapping[str, str]]] = []
    for line, cells in raw.rows:
        values: dict[str, str] = {}
        for key, value in cells.items():
            if (name := known.get(key)) is not None:
                text = clean_cell(f"{path}:{line}", key, value, limits.cell)
                values[name] = ";".join(filter(None, (values[name], text))) if name in values else text
        if any(value.strip() for value in cells.values()):
            rows.append((line, values))
    return Table(path, tuple(dict.fromkeys(known.values())), tuple(rows), raw.line)


def read_suggestions(path: str | Path, *, columns: Chosen | None = None, sheet: str = "") -> list[Suggestion]:
    """The suggestions of a file, in order. A row needs a title or a text; ids are made from the line where there
    are none. Blank rows are passed over. `columns` and `sheet` are those of `read_table`.

    Raises InputError as `read_table` does, and for a repeated id, a row without title and text or a date that is none.
    """
    return [case.suggestion for case in read_cases(path, required=(), columns=columns, sheet=sheet)]


def read_cases(
    path: str | Path,
    required: Iterable[str] = ("lead",),
    unnamed: str = "line-",
    *,
    columns: Chosen | None = None,
    sheet: str = "",
) -> list[Case]:
    """The handled cases of a file, in order.

    `required` columns must be there and filled in every row. A row without an id gets `unnamed` and its line. A unit
    that stands both as lead and as co counts as lead. Raises InputError as `read_suggestions` does, and for a row whose
    required cell is empty.
    """
    return [case for _, case in read_numbered(path, required, unnamed, columns=columns, sheet=sheet)]


def read_numbered(
    path: str | Path,
    required: Iterable[str] = ("lead",),
    unnamed: str = "line-",
    *,
    limits: Limits | None = None,
    told: int = 1,
    columns: Chosen | None = None,
    sheet: str = "",
) -> list[tuple[int, Case]]:
    """`read_cases` with the line in which each case stands, for those who have something to say about a row.

    Up to `told` rows that cannot be used are named in one InputError, a line each, which lists them. `columns` and
    `sheet` are those of `read_table`.
    """
    required = tuple(required)
    table = read_table(path, required, limits, columns=columns, sheet=sheet)
    cases, complaints = numbered_cases(table, required, unnamed, told)
    if complaints:
        errors = tuple(error for _, error in complaints)
        zh = "\n".join(error.zh for error in errors)
        raise InputError("\n".join(map(str, errors)), zh=zh, listed=errors)
    return cases


def numbered_cases(
    table: Table, required: Iterable[str], unnamed: str, told: int
) -> tuple[list[tuple[int, Case]], list[tuple[int, InputError]]]:
    """The cases of a table and what is wrong with the first `told` rows that cannot be used, each with its line. Raises
    InputError for a table without a title and a text, or without a row.
    """
    path, seen = table.path, dict[str, int]()
    if not {"title", "text"} & set(table.columns):
        raise InputError(
            f"{path}:{table.line}: neither a column title (标题) nor text (正文); at least one is needed.",
            zh="没有找到“标题”或“正文”列，至少要有一列，请指定哪一列是它",
        )
    if not table.rows:
        raise InputError(f"{path}: no rows below the header.", zh="表头下面没有内容")
    cases: list[tuple[int, Case]] = []
    complaints: list[tuple[int, InputError]] = []
    for line, row in table.rows:
        try:
            cases.append((line, _numbered(f"{path}:{line}", row, required, f"{unnamed}{line}", seen)))
        except InputError as error:
            complaints.append((line, error))
            if len(complaints) == told:
                break
        else:
            seen[cases[-1][1].suggestion.id] = line
    return cases, complaints


def _numbered(
    where: str, row: Mapping[str, str], required: Iterable[str], unnamed: str, seen: Mapping[str, int]
) -> Case:
    for name in required:
        if not split_many(row.get(name, "")):
            raise InputError(
                f"{where}: {name} ({COLUMNS[name][0]}) is empty. Fill it in or leave the row out.",
                zh=f"“{COLUMNS[name][0]}”为空，请填写或删去这一行",
            )
    case = case_of_row(where, row, unnamed)
    identifier = case.suggestion.id
    if identifier in seen:
        raise InputError(
            f"{where}: id {_shown(identifier)} already stands in line {seen[identifier]}. Give each its own.",
            zh=f"编号与第{seen[identifier]}行重复，请改为不同的编号",
        )
    return case


def read_names(path: str | Path) -> list[str]:
    """Unit names, one a row, from a file with a column ``name`` (名称, 单位, 单位名称).

    Raises InputError as `read_table` does, and for an empty list or a name that stands twice.
    """
    path = Path(path)
    raw = read_raw(path)
    key = next((h for h in raw.header if h.strip().casefold() in {"name", "名称", "单位", "单位名称"}), None)
    if key is None:
        raise InputError(f"{path}:1: column name (名称) is missing; the file has {raw.named}.")
    names: dict[str, int] = {}
    for line, cells in raw.rows:
        name = clean_cell(f"{path}:{line}", key, cells.get(key, ""))
        if not name:
            continue
        if name in names:
            raise InputError(f"{path}:{line}: unit {name!r} already stands in line {names[name]}.")
        names[name] = line
    if not names:
        raise InputError(f"{path}: no unit names below the header.")
    return list(names)


def split_many(cell: str) -> tuple[str, ...]:
    """The values of a cell that may hold several, without blanks and repeats, in order."""
    return tuple(dict.fromkeys(part.strip() for part in MANY.split(cell) if part.strip()))


def case_of_row(where: str, row: Mapping[str, str], unnamed: str) -> Case:
    """One row under the English column names as a case; `unnamed` is its id where it has none.

    Raises InputError, which begins with `where`, for a row without title and text, a date or flag that is none.
    """
    title, text = row.get("title", ""), row.get("text", "")
    if not (title or text):
        raise InputError(
            f"{where}: title and text are both empty. Fill one in or leave the row out.",
            zh="标题和正文都是空的，请填写其中一项或删去这一行",
        )
    flag = row.get("confidential", "").casefold()
    if flag not in _TRUE | _FALSE:
        raise InputError(
            f"{where}: confidential (保密) is {_shown(flag)}; allowed are 是 and 否.", zh="“保密”只能填“是”或“否”"
        )
    suggestion = Suggestion(
        id=row.get("id", "") or unnamed,
        title=title,
        text=text,
        source=row.get("source", ""),
        session=row.get("session", ""),
        date=_date(where, "date", row),
        proposers=split_many(row.get("proposers", "")),
        wish=row.get("wish", ""),
        confidential=flag in _TRUE,
    )
    leads = split_many(row.get("lead", ""))
    co = tuple(unit for unit in split_many(row.get("co", "")) if unit not in leads)
    return Case(
        suggestion,
        leads,
        co,
        split_many(row.get("topic", "")),
        row.get("reply", ""),
        row.get("outcome", ""),
        split_many(row.get("returned", "")),
        _date(where, "handed_out", row),
        _date(where, "replied", row),
        row.get("area", ""),
        row.get("level", ""),
    )


_DATE = re.compile(r"^(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?(?:月)?(?:[T ].*)?$")


def parse_date(text: str) -> Date:
    """A date written 2024-03-01, 2024/3/1, 2024.3.1, 2024年3月1日, 2024-03 or with a time behind it. Raises
    ValueError.
    """
    text = text.strip()
    if re.fullmatch(r"\d{8}", text):
        return datetime.strptime(text, "%Y%m%d").date()
    match = _DATE.match(text)
    if not match:
        raise ValueError(text)
    return Date(int(match[1]), int(match[2]), int(match[3] or 1))


def _date(where: str, column: str, row: Mapping[str, str]) -> Date | None:
    text = row.get(column, "")
    if not text:
        return None
    try:
        return parse_date(text)
    except ValueError:
        told = f"{column} ({COLUMNS[column][0]})"
        raise InputError(
            f"{where}: {told} is {_shown(text)}; write it as 2024-03-01.",
            zh=f"“{COLUMNS[column][0]}”不是日期，请写成 2024-03-01 的样子",
        ) from None


def _shown(cell: str) -> str:
    return repr(cell) if len(cell) <= SHOWN else f"{cell[:SHOWN]!r}…"


def clean_cell(where: str, column: str, value: str, most: int = MAX_CELL) -> str:
    """The text of a cell without what no text can hold. Raises InputError for one of more than `most` characters."""
    if len(value) > most:
        raise InputError(
            f"{where}: column {column} holds {len(value):,} characters; the limit is {most:,}.",
            zh=f"“{column[:SHOWN]}”列有{len(value):,}字，上限为{most:,}字，请缩短",
        )
    return _BROKEN.sub("\ufffd", value.replace("\x00", "")).strip()


def read_raw(path: str | Path, limits: Limits | None = None, *, columns: Chosen | None = None, sheet: str = "") -> Raw:
    """The header of a file and its rows, (line number, header → text), whatever the columns are called. Raises
    InputError as `read_table` does for the file itself.
    """
    chosen = {name.strip(): column for name, column in (columns or {}).items()}

    def known(header: str) -> bool:
        return bool(chosen[name]) if (name := header.strip()) in chosen else column_of(header) is not None

    return read_rows(Path(path), limits or usual_limits(), known, sheet)
