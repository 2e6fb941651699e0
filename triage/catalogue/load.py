"""Reading a catalogue folder: `units.csv`, and where they exist `topics.csv` and `areas.csv`.

`check_catalogue` says everything that is wrong in one go; `load_catalogue` refuses a folder with errors and names them
all.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import date as Date
from importlib.resources import files
from pathlib import Path

from triage.catalogue.cells import complete_rows, first_day, several
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
        "system": ("系统", "所属系统"),
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


def load_catalogue(folder: str | Path) -> Catalogue:
    """The catalogue of a folder.

    Raises `CatalogueError` with every error of the folder, each with its file and line. Warnings go to the log.
    """
    return _load(Path(folder), str(folder))


def check_catalogue(folder: str | Path) -> tuple[Finding, ...]:
    """Everything that is wrong or doubtful in a catalogue folder, by file and line. No content makes it raise."""
    return read_folder(Path(folder))[1]


def starter_catalogue() -> Catalogue:
    """The catalogue that comes with the library: a county after the reforms of 2018 and 2023, with the former units."""
    return _load(files("triage.catalogue") / "starter", "starter")


def _load(folder: Folder, name: str) -> Catalogue:
    catalogue, findings = read_folder(folder)
    refuse_errors(findings, name)
    return catalogue


def refuse_errors(findings: Sequence[Finding], name: str) -> None:
    """Raise `CatalogueError` with every error among the findings of a folder; warnings go to the log."""
    errors = tuple(str(finding) for finding in findings if finding.severity is Severity.ERROR)
    for finding in findings:
        if finding.severity is Severity.WARNING:
            logger.warning("catalogue %s: %s", name, finding)
    if errors:
        counted = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        raise CatalogueError(f"catalogue {name} cannot be used ({counted}); mend the lines and try again:", errors)


def read_folder(folder: Folder) -> tuple[Catalogue, tuple[Finding, ...]]:
    """Units, topics and areas of a folder, as far as they can be understood, and everything that is wrong in them."""
    findings = Findings()
    tables = {layout.file: read_rows(folder, layout, findings) for layout in (UNITS, TOPICS, AREAS)}
    if tables["units.csv"] is None:
        findings.error("units.csv", 1, f"does not exist in {folder}; a catalogue needs at least this file")
    units = [Placed(row.line, _unit(row, findings)) for row in complete_rows(tables["units.csv"], UNITS, findings)]
    topics = [Placed(row.line, _topic(row)) for row in complete_rows(tables["topics.csv"], TOPICS, findings)]
    areas = [Placed(row.line, _area(row, findings)) for row in complete_rows(tables["areas.csv"], AREAS, findings)]
    check_entries(units, topics, areas, findings)
    order = {layout.file: position for position, layout in enumerate((UNITS, TOPICS, AREAS))}
    found = tuple(sorted(findings.found, key=lambda finding: (order[finding.file], finding.line)))
    catalogue = Catalogue(
        tuple(placed.entry for placed in units),
        tuple(placed.entry for placed in topics),
        tuple(placed.entry for placed in areas),
    )
    return catalogue, found


def _unit(row: Row, findings: Findings) -> Unit:
    def cell(column: str) -> str:
        return row.cells.get(column, "")

    return Unit(
        code=cell("code"),
        name=cell("name"),
        short_name=cell("short_name"),
        aliases=several(cell("aliases")),
        level=_level(row, LEVELS, UNITS.file, findings),
        parent=cell("parent"),
        area=cell("area"),
        duties=several(cell("duties")),
        active_from=_date(row, "active_from", findings),
        active_to=_date(row, "active_to", findings),
        succeeded_by=several(cell("succeeded_by")),
        system=cell("system"),
    )


def _topic(row: Row) -> Topic:
    return Topic(
        code=row.cells["code"],
        name=row.cells["name"],
        parent=row.cells.get("parent", ""),
        units=several(row.cells.get("units", "")),
        phrases=several(row.cells.get("phrases", "")),
    )


def _area(row: Row, findings: Findings) -> Area:
    return Area(
        code=row.cells["code"],
        name=row.cells["name"],
        aliases=several(row.cells.get("aliases", "")),
        level=_level(row, AREA_LEVELS, AREAS.file, findings),
        parent=row.cells.get("parent", ""),
        short_name=row.cells.get("short_name", ""),
        former_names=several(row.cells.get("former_names", "")),
        served_by=several(row.cells.get("served_by", "")),
    )


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
    day = first_day(value)
    if day is not None:
        return day
    findings.error(
        UNITS.file,
        row.line,
        f"unit {row.cells['code']!r} has {column} {value!r}; allowed are YYYY, YYYY-MM and YYYY-MM-DD",
    )
    return None
