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

from triage.errors import InputError
from triage.records import Case, Suggestion
from triage.tabular import Limits, Raw, read_rows

COLUMNS: dict[str, tuple[str, ...]] = {
    "id": ("编号", "序号", "案号", "建议编号", "提案编号"),
    "title": ("标题", "题目", "案由", "建议标题"),
    "text": ("正文", "内容", "建议内容", "content", "body"),
    "source": ("来源",),
    "session": ("届次",),
    "date": ("日期", "时间", "提交日期"),
    "proposers": ("提出人", "领衔代表", "提案人", "代表", "proposer"),
    "wish": ("建议承办单位", "希望承办单位", "意向单位"),
    "confidential": ("保密", "不公开"),
    "topic": ("类别", "分类", "topics"),
    "lead": ("主办单位", "主办", "承办单位", "牵头单位", "leads"),
    "co": ("会办单位", "会办", "协办单位", "配合单位"),
    "reply": ("答复", "办理答复"),
    "outcome": ("办理结果", "结果"),
    "returned": ("退单单位", "退回单位", "退办单位"),
    "handed_out": ("交办日期", "交办时间", "转办日期", "转办时间"),
    "replied": ("答复日期", "答复时间", "办结日期", "办结时间"),
    "area": ("属地", "辖区", "所属区域", "涉及区域"),
    "level": ("办理层级", "层级"),
}
"""The columns that are read, each with the other headers it goes by."""

MAX_BYTES = 1 << 30
MAX_ROWS = 1_000_000
MAX_CELL = 1_000_000
MANY = re.compile(r"[;；]")
SHOWN = 40
"""Characters of a cell that a message repeats: a longer one is a text in the wrong column."""
_BROKEN = re.compile("[\ud800-\udfff]")
"""Half of a surrogate pair: JSON can name it, no text can hold it."""
_HEADERS = {alias.casefold(): name for name, aliases in COLUMNS.items() for alias in (name, *aliases)}
_TRUE = {"1", "true", "yes", "y", "是", "保密", "不公开"}
_FALSE = {"", "0", "false", "no", "n", "否", "公开"}


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a file: `rows` are (line number, column → text); `columns` are the known columns that the file has."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]


def usual_limits() -> Limits:
    """The limits of a file on the own disk; a service sets narrower ones."""
    return Limits(MAX_BYTES, 2 * MAX_BYTES, MAX_ROWS, MAX_CELL)


def read_table(path: str | Path, required: Iterable[str] = (), limits: Limits | None = None) -> Table:
    """The rows of a csv, xlsx or jsonl file under the English column names.

    Raises InputError for a missing or empty file, an unknown ending, an encoding that is neither UTF-8, UTF-16 nor
    GB18030, a column of `required` that is missing, two columns of one meaning, a row with more cells than the
    header, an oversized file.
    """
    path, limits = Path(path), limits or usual_limits()
    header, raw = read_rows(path, limits, _HEADERS)
    columns = known_columns(f"{path}:1", header)
    missing = [name for name in required if name not in columns.values()]
    if missing or not columns:
        wanted = ", ".join(f"{name} ({COLUMNS[name][0]})" for name in missing or COLUMNS)
        what = f"column {wanted} is missing" if missing else f"no column that is known, which are {wanted}"
        raise InputError(f"{path}:1: {what}; the file has {', '.join(header)}. Name the columns in the first line.")
    rows: list[tuple[int, Mapping[str, str]]] = []
    for line, cells in raw:
        values = {
            columns[key]: clean_cell(f"{path}:{line}", key, value, limits.cell)
            for key, value in cells.items()
            if key in columns
        }
        if any(value.strip() for value in cells.values()):
            rows.append((line, values))
    return Table(path, tuple(dict.fromkeys(columns.values())), tuple(rows))


def read_suggestions(path: str | Path) -> list[Suggestion]:
    """The suggestions of a file, in order. A row needs a title or a text; ids are made from the line where there
    are none. Blank rows are passed over.

    Raises InputError as `read_table` does, and for a repeated id, a row without title and text or a date that is none.
    """
    return [case.suggestion for case in read_cases(path, required=())]


def read_cases(path: str | Path, required: Iterable[str] = ("lead",), unnamed: str = "line-") -> list[Case]:
    """The handled cases of a file, in order.

    `required` columns must be there and filled in every row. A row without an id gets `unnamed` and its line. A unit
    that stands both as lead and as co counts as lead. Raises InputError as `read_suggestions` does, and for a row whose
    required cell is empty.
    """
    return [case for _, case in read_numbered(path, required, unnamed)]


def read_numbered(
    path: str | Path,
    required: Iterable[str] = ("lead",),
    unnamed: str = "line-",
    *,
    limits: Limits | None = None,
    told: int = 1,
) -> list[tuple[int, Case]]:
    """`read_cases` with the line in which each case stands, for those who have something to say about a row.

    Up to `told` rows that cannot be used are named in one InputError, a line each.
    """
    path, required = Path(path), tuple(required)
    table = read_table(path, required, limits)
    if not {"title", "text"} & set(table.columns):
        raise InputError(f"{path}:1: neither a column title (标题) nor text (正文); at least one is needed.")
    if not table.rows:
        raise InputError(f"{path}: no rows below the header.")
    seen: dict[str, int] = {}
    cases: list[tuple[int, Case]] = []
    complaints: list[str] = []
    for line, row in table.rows:
        try:
            cases.append((line, _numbered(f"{path}:{line}", row, required, f"{unnamed}{line}", seen)))
        except InputError as error:
            complaints.append(str(error))
            if len(complaints) == told:
                break
        else:
            seen[cases[-1][1].suggestion.id] = line
    if complaints:
        raise InputError("\n".join(complaints))
    return cases


def _numbered(
    where: str, row: Mapping[str, str], required: Iterable[str], unnamed: str, seen: Mapping[str, int]
) -> Case:
    for name in required:
        if not split_many(row.get(name, "")):
            raise InputError(f"{where}: {name} ({COLUMNS[name][0]}) is empty. Fill it in or leave the row out.")
    case = case_of_row(where, row, unnamed)
    identifier = case.suggestion.id
    if identifier in seen:
        raise InputError(
            f"{where}: id {_shown(identifier)} already stands in line {seen[identifier]}. Give each its own."
        )
    return case


def read_names(path: str | Path) -> list[str]:
    """Unit names, one a row, from a file with a column ``name`` (名称, 单位, 单位名称).

    Raises InputError as `read_table` does, and for an empty list or a name that stands twice.
    """
    path = Path(path)
    header, raw = read_raw(path)
    key = next((h for h in header if h.strip().casefold() in {"name", "名称", "单位", "单位名称"}), None)
    if key is None:
        raise InputError(f"{path}:1: column name (名称) is missing; the file has {', '.join(header)}.")
    names: dict[str, int] = {}
    for line, cells in raw:
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
        raise InputError(f"{where}: title and text are both empty. Fill one in or leave the row out.")
    flag = row.get("confidential", "").casefold()
    if flag not in _TRUE | _FALSE:
        raise InputError(f"{where}: confidential (保密) is {_shown(flag)}; allowed are 是 and 否.")
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
        raise InputError(f"{where}: {told} is {_shown(text)}; write it as 2024-03-01.") from None


def _shown(cell: str) -> str:
    return repr(cell) if len(cell) <= SHOWN else f"{cell[:SHOWN]!r}…"


def known_columns(where: str, header: Iterable[str]) -> dict[str, str]:
    """Header as written → English name, for the columns that are known. Raises InputError where two mean the same."""
    columns: dict[str, str] = {}
    for name in header:
        known = _HEADERS.get(name.strip().casefold())
        if known is None:
            continue
        if known in columns.values():
            raise InputError(f"{where}: two columns mean {known} ({COLUMNS[known][0]}). Keep one.")
        columns[name] = known
    return columns


def clean_cell(where: str, column: str, value: str, most: int = MAX_CELL) -> str:
    """The text of a cell without what no text can hold. Raises InputError for one of more than `most` characters."""
    if len(value) > most:
        raise InputError(f"{where}: column {column} holds {len(value):,} characters; the limit is {most:,}.")
    return _BROKEN.sub("\ufffd", value.replace("\x00", "")).strip()


def read_raw(path: str | Path) -> Raw:
    """The header of a file and its rows, (line number, header → text), whatever the columns are called. Raises
    InputError as `read_table` does for the file itself.
    """
    return read_rows(Path(path), usual_limits(), _HEADERS)
