"""Reading a catalogue folder: `units.csv`, and where they exist `topics.csv` and `areas.csv`.

`check_catalogue` says everything that is wrong in one go; `load_catalogue` refuses a folder with errors and names them
all.
"""

from __future__ import annotations

import calendar
import logging
import re
from collections.abc import Iterable, Mapping
from datetime import date as Date
from importlib.resources import files
from pathlib import Path

from triage.catalogue.check import Placed, check_entries
from triage.catalogue.model import AREA_LEVELS, LEVELS, Area, Catalogue, Topic, Unit
from triage.catalogue.tables import Finding, Findings, Folder, Layout, Row, Severity, read_rows
from triage.errors import CatalogueError

logger = logging.getLogger(__name__)

UNITS = Layout(
    "units.csv",
    {
        "code": ("编码", "代码", "单位编码"),
        "name": ("名称", "单位名称", "单位", "全称"),
        "short_name": ("简称", "单位简称"),
        "aliases": ("别名", "曾用名", "其他名称"),
        "level": ("层级", "级别"),
        "parent": ("上级", "上级单位", "主管单位"),
        "area": ("辖区", "区域", "地区"),
        "duties": ("职责", "职能", "主要职责"),
        "active_from": ("启用", "启用日期", "成立日期"),
        "active_to": ("停用", "停用日期", "撤销日期"),
        "succeeded_by": ("并入", "并入单位", "承接单位"),
    },
)
TOPICS = Layout(
    "topics.csv",
    {
        "code": ("编码", "代码", "类别编码"),
        "name": ("名称", "类别", "类别名称"),
        "parent": ("上级", "上级类别"),
        "units": ("单位", "承办单位", "主办单位"),
        "phrases": ("词语", "关键词", "短语"),
    },
)
AREAS = Layout(
    "areas.csv",
    {
        "code": ("编码", "代码", "区域编码"),
        "name": ("名称", "区域", "区域名称"),
        "short_name": ("简称", "区域简称"),
        "aliases": ("别名", "其他名称"),
        "former_names": ("曾用名", "原名", "旧名"),
        "level": ("层级", "级别"),
        "parent": ("上级", "上级区域"),
        "served_by": ("服务单位", "承办单位", "管理单位"),
    },
)

_SEPARATORS = re.compile("[;；]")
_DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2}))?)?[年月日]?")


def load_catalogue(folder: str | Path) -> Catalogue:
    """The catalogue of a folder.

    Raises `CatalogueError` with every error of the folder, each with its file and line. Warnings go to the log.
    """
    return _load(Path(folder), str(folder))


def check_catalogue(folder: str | Path) -> tuple[Finding, ...]:
    """Everything that is wrong or doubtful in a catalogue folder, by file and line. No content makes it raise."""
    return _read(Path(folder))[1]


def starter_catalogue() -> Catalogue:
    """The catalogue that comes with the library: a county after the reforms of 2018 and 2023, with the former units."""
    return _load(files("triage.catalogue") / "starter", "starter")


def _load(folder: Folder, name: str) -> Catalogue:
    catalogue, findings = _read(folder)
    errors = tuple(str(finding) for finding in findings if finding.severity is Severity.ERROR)
    for finding in findings:
        if finding.severity is Severity.WARNING:
            logger.warning("catalogue %s: %s", name, finding)
    if errors:
        counted = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        raise CatalogueError(f"catalogue {name} cannot be used ({counted}); mend the lines and try again:", errors)
    return catalogue


def _read(folder: Folder) -> tuple[Catalogue, tuple[Finding, ...]]:
    findings = Findings()
    tables = {layout.file: read_rows(folder, layout, findings) for layout in (UNITS, TOPICS, AREAS)}
    if tables["units.csv"] is None:
        findings.error("units.csv", 1, f"does not exist in {folder}; a catalogue needs at least this file")
    units = [Placed(row.line, _unit(row, findings)) for row in _complete(tables["units.csv"], UNITS, findings)]
    topics = [Placed(row.line, _topic(row)) for row in _complete(tables["topics.csv"], TOPICS, findings)]
    areas = [Placed(row.line, _area(row, findings)) for row in _complete(tables["areas.csv"], AREAS, findings)]
    check_entries(units, topics, areas, findings)
    order = {layout.file: position for position, layout in enumerate((UNITS, TOPICS, AREAS))}
    found = tuple(sorted(findings.found, key=lambda finding: (order[finding.file], finding.line)))
    catalogue = Catalogue(
        tuple(placed.entry for placed in units),
        tuple(placed.entry for placed in topics),
        tuple(placed.entry for placed in areas),
    )
    return catalogue, found


def _complete(rows: Iterable[Row] | None, layout: Layout, findings: Findings) -> list[Row]:
    """The rows that have what every row needs; the others are reported."""
    complete: list[Row] = []
    for row in rows or ():
        missing = [column for column in layout.required if not row.cells.get(column)]
        for column in missing:
            findings.error(
                layout.file, row.line, f"has an empty {column} ({layout.columns[column][0]}); every row needs one"
            )
        if not missing:
            complete.append(row)
    return complete


def _unit(row: Row, findings: Findings) -> Unit:
    def cell(column: str) -> str:
        return row.cells.get(column, "")

    return Unit(
        code=cell("code"),
        name=cell("name"),
        short_name=cell("short_name"),
        aliases=_several(cell("aliases")),
        level=_level(row, LEVELS, UNITS.file, findings),
        parent=cell("parent"),
        area=cell("area"),
        duties=_several(cell("duties")),
        active_from=_date(row, "active_from", findings),
        active_to=_date(row, "active_to", findings),
        succeeded_by=_several(cell("succeeded_by")),
    )


def _topic(row: Row) -> Topic:
    return Topic(
        code=row.cells["code"],
        name=row.cells["name"],
        parent=row.cells.get("parent", ""),
        units=_several(row.cells.get("units", "")),
        phrases=_several(row.cells.get("phrases", "")),
    )


def _area(row: Row, findings: Findings) -> Area:
    return Area(
        code=row.cells["code"],
        name=row.cells["name"],
        aliases=_several(row.cells.get("aliases", "")),
        level=_level(row, AREA_LEVELS, AREAS.file, findings),
        parent=row.cells.get("parent", ""),
        short_name=row.cells.get("short_name", ""),
        former_names=_several(row.cells.get("former_names", "")),
        served_by=_several(row.cells.get("served_by", "")),
    )


def _several(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in (part.strip() for part in _SEPARATORS.split(cell)) if part))


def _level(row: Row, levels: Mapping[str, str], file: str, findings: Findings) -> str:
    value = row.cells.get("level", "")
    chinese = {english: word for word, english in levels.items()}.get(value.lower(), value)
    if chinese and chinese not in levels:
        findings.error(
            file, row.line, f"{row.cells['code']!r} has level {value!r}; allowed are {', '.join(levels)}, or nothing"
        )
        return ""
    return chinese


def _date(row: Row, column: str, findings: Findings) -> Date | None:
    """The first day of the year, month or day that the cell names."""
    value = row.cells.get(column, "")
    if not value:
        return None
    match = _DATE.fullmatch(value)
    if match:
        year, month, day = (int(part) if part else 1 for part in match.groups())
        if year > 0 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]:
            return Date(year, month, day)
    findings.error(
        UNITS.file,
        row.line,
        f"unit {row.cells['code']!r} has {column} {value!r}; allowed are YYYY, YYYY-MM and YYYY-MM-DD",
    )
    return None
