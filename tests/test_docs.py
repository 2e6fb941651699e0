"""The documents say what the code does: commands, variables, columns, codes, fields, constants, links."""

from __future__ import annotations

import ast
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import typer

import triage
from triage import LABELS, Decision, Evidence, Mode, Triaged, Triager
from triage.catalogue import AREA_LEVELS, LEVELS, How
from triage.catalogue import load as catalogue_load
from triage.catalogue.model import MAX_TOPIC_DEPTH
from triage.catalogue.tables import MAX_CELL, Layout
from triage.cli import app
from triage.datasets import COLUMNS, MAX_ROWS, read_cases
from triage.duplicates import batch, building, hot, nearest, reading, reasons, sheets
from triage.duplicates import evidence as shared
from triage.encoders.locate import VARIABLE
from triage.heads import answers, co, evidence, lead, promise, similarity
from triage.heads.holdout import FOLDS
from triage.heads.model import FOCUS
from triage.learning import train
from triage.learning.evaluation import backtesting, evaluate, reporting
from triage.records import Duplicate, Grade, PairEvidence, SharedPhrase, Span
from triage.results import HEADERS, LEAST_HELPER
from triage.text.prepare import FULL_LIMIT, Condition

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (".", "docs", "models", "notebooks", "benchmarks", "benchmarks/results")
DOCUMENTS = sorted(path for folder in FOLDERS for path in (ROOT / folder).glob("*.md"))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`]+)`")

Rows = list[list[str]]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(name: str, title: str) -> str:
    """What stands under a heading of any level, up to the next one of its level or above."""
    found = re.search(rf"^(#+) {re.escape(title)}$", text_of(name), re.MULTILINE)
    assert found, f"{name} has no heading {title!r}"
    rest = text_of(name)[found.end() :]
    return re.split(rf"^#{{1,{len(found[1])}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> Rows:
    """The cells of every table row, without headers and rules."""
    found: Rows = []
    for line in text.splitlines():
        if line.startswith("|"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if set("".join(cells)) <= {"-", ":"} and any(cells):
                found.pop()
            else:
                found.append(cells)
    return found


def first_codes(text: str) -> list[str]:
    """The words in code type that stand in the first column of the tables of a text."""
    return [code for row in rows(text) for code in CODE.findall(row[0])]


# --- links and pictures ----------------------------------------------------------------------------------------------


def slugs(path: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    plain = (CODE.sub(r"\1", heading).strip().lower() for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_link_leads_somewhere(path: Path) -> None:
    for target in LINK.findall(FENCE.sub("", path.read_text(encoding="utf-8"))):
        if target.startswith(("http://", "https://")):
            continue
        file, _, anchor = target.partition("#")
        place = (path.parent / file).resolve() if file else path
        assert place.exists(), f"{target}: there is no such file"
        assert place.is_relative_to(ROOT), f"{target}: outside the repository"
        assert not anchor or anchor in slugs(place), f"{target}: {name_of(place)} has no such heading"


def test_the_readme_leads_to_every_document() -> None:
    linked = {(ROOT / target.partition("#")[0]).resolve() for target in LINK.findall(text_of("README.md"))}
    own = [path for path in DOCUMENTS if path.parent in (ROOT, ROOT / "docs") and path.name != "README.md"]
    assert not [name_of(path) for path in own if path not in linked]


def test_the_picture_is_plain_svg() -> None:
    names = {element.tag.rpartition("}")[2] for element in ElementTree.parse(ROOT / "docs" / "triage.svg").iter()}  # noqa: S314 - our own file
    assert names == {"svg", "rect", "g", "path", "circle", "text"}


# --- commands and variables ------------------------------------------------------------------------------------------


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_argument_and_option_is_documented(path: tuple[str, ...]) -> None:
    there = set()
    for parameter in COMMANDS[path].params:
        if parameter.param_type_name == "option":
            there |= {option for option in parameter.opts if option.startswith("--")}
        else:
            there.add((parameter.metavar or parameter.name).strip("[].").upper())
    told = first_codes(section("docs/commands.md", f"`triage {' '.join(path)}`").split("\n\nWhere the")[0])
    assert set(told) == there
    assert len(told) == len(there)


def test_the_options_of_every_command_are_documented() -> None:
    group: Any = typer.main.get_command(app)
    for parameter in group.params:
        for option in parameter.opts:
            assert f"`{option}`" in text_of("docs/commands.md") or f"`triage {option} " in text_of("docs/commands.md")


def test_no_other_command_is_documented() -> None:
    told = re.findall(r"^## `triage (.*)`$", text_of("docs/commands.md"), re.MULTILINE)
    assert {tuple(name.split()) for name in told} == COMMANDS.keys()


def shell_lines() -> list[tuple[str, str]]:
    return [
        (name_of(path), line.partition(" # ")[0].strip())
        for path in DOCUMENTS
        for language, block in FENCE.findall(path.read_text(encoding="utf-8"))
        if language == "sh"
        for line in block.splitlines()
    ]


@pytest.mark.parametrize(("document", "line"), [pair for pair in shell_lines() if pair[1].startswith("triage ")])
def test_the_commands_that_are_shown_parse(document: str, line: str) -> None:
    words = shlex.split(line)[1:]
    path = next(path for path in COMMANDS if tuple(words[: len(path)]) == path)
    COMMANDS[path].make_context(path[-1], words[len(path) :])


def test_the_make_targets_that_are_shown_exist() -> None:
    targets = set(re.findall(r"^([\w-]+):", text_of("Makefile"), re.MULTILINE))
    shown = {match for path in DOCUMENTS for match in re.findall(r"`make ([a-z-]+)", path.read_text(encoding="utf-8"))}
    shown |= {line.split()[1] for _, line in shell_lines() if line.startswith("make ")}
    assert shown
    assert shown <= targets


def reads(node: ast.Subscript) -> bool:
    return isinstance(node.ctx, ast.Load)


def read_from_environment() -> set[str]:
    """The variables that the code reads by name. Others are read through the service's settings."""
    found = set()
    for package in ("triage", "service"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                got = None
                if isinstance(node, ast.Call) and ast.unparse(node.func) in ("os.environ.get", "os.getenv"):
                    got = node.args[0]
                elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ" and reads(node):
                    got = node.slice
                if got is not None:
                    found.add(got.value if isinstance(got, ast.Constant) else {"VARIABLE": VARIABLE}[ast.unparse(got)])
    return found


def test_every_environment_variable_is_documented() -> None:
    told = section("docs/commands.md", "Environment variables").partition("Variables of `make`")
    assert {code for code in first_codes(told[0]) if code != "TRIAGE_MODEL"} == read_from_environment()
    there = set(re.findall(r"^([A-Z_]+) \?=", text_of("Makefile"), re.MULTILINE)) | {"PYTHON"}
    assert set(first_codes(told[2])) == there
    for path in DOCUMENTS:
        shown = set(re.findall(r"\bTRIAGE_[A-Z_]+", path.read_text(encoding="utf-8")))
        unknown = {name for name in shown - {VARIABLE} if f"`{name}`" not in section("docs/service.md", "Settings")}
        assert not unknown, f"{name_of(path)} names {unknown}"


# --- files -----------------------------------------------------------------------------------------------------------


def test_every_column_of_a_cases_file_is_documented() -> None:
    told = {
        row[0].strip("`"): tuple(row[1].split(", "))
        for row in rows(section("docs/cases.md", "Columns"))[: len(COLUMNS)]
    }
    assert told == COLUMNS


def test_the_columns_that_clerks_read_of_are_known() -> None:
    known = {alias for aliases in COLUMNS.values() for alias in aliases}
    table = section("README.zh-CN.md", "教它认识本地：往年案件表").partition("\n\n然后")[0]
    named = {name for row in rows(table) for name in row[0].split("、")}
    assert len(named) >= len(COLUMNS)
    assert named <= known


@pytest.mark.parametrize("layout", [catalogue_load.UNITS, catalogue_load.TOPICS, catalogue_load.AREAS])
def test_every_column_of_a_catalogue_is_documented(layout: Layout) -> None:
    table = section("docs/catalogue.md", layout.file).partition("\nLevels")[0]
    assert {row[0].strip("`"): tuple(row[1].split(", ")) for row in rows(table)} == layout.columns


def test_every_level_is_documented() -> None:
    table = section("docs/catalogue.md", "units.csv").partition("\nLevels")[2]
    assert {row[0]: row[1].strip("`") for row in rows(table)} == LEVELS
    (row,) = [row for row in rows(section("docs/catalogue.md", "areas.csv")) if row[0] == "`level`"]
    assert {word: english for english, word in re.findall(r"`(\w+)` (\w+)", row[2])} == AREA_LEVELS


def test_every_way_to_find_a_unit_is_documented() -> None:
    assert set(first_codes(section("docs/catalogue.md", "How a name finds its unit"))) == set(How)


# --- answers ---------------------------------------------------------------------------------------------------------


def calls_of(module: Any, name: str, place: int) -> set[str]:
    """The texts that stand as one argument in every call of a name in a module; `{}` for a part that varies."""
    found = set()
    for node in ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == name:
            argument = node.args[place]
            parts = argument.values if isinstance(argument, ast.JoinedStr) else [argument]
            found.add("".join(part.value if isinstance(part, ast.Constant) else "{}" for part in parts))
    return found


def test_every_reason_is_documented() -> None:
    there = calls_of(answers, "Reason", 0) | calls_of(reasons, "Reason", 0)
    assert "text.{}" in there
    texts = {f"text.{condition.value}" for condition in Condition if condition is not Condition.OK}
    assert set(first_codes(section("docs/results.md", "Reasons"))) == there - {"text.{}"} | texts
    decisions = {row[1] for row in rows(section("docs/results.md", "Reasons"))}
    assert decisions == {*Decision, "any"}


def test_every_kind_of_evidence_is_documented() -> None:
    told = first_codes(section("docs/results.md", "Evidence"))
    keys = [field.name for field in fields(Evidence)]
    assert told[: len(keys)] == keys
    assert set(told[len(keys) :]) == calls_of(evidence, "Evidence", 1)


def test_every_field_of_an_answer_is_documented() -> None:
    table = section("docs/results.md", "Fields").partition("\n### ")[0]
    assert first_codes(table) == [field.name for field in fields(Triaged)]


def test_the_words_on_screen_are_documented() -> None:
    for title, words in (("Decision", Decision), ("Mode", Mode)):
        told = {row[0].strip("`"): row[1] for row in rows(section("docs/results.md", title))}
        assert told == {word.value: LABELS[word] for word in words}
    chinese = {row[0].strip("*") for row in rows(section("README.zh-CN.md", "一条结果怎么看"))[:3]}
    assert chinese == {LABELS[word] for word in Decision}


def test_every_column_of_the_sheet_is_documented() -> None:
    told = [name for row in rows(section("docs/results.md", "Files and the sheet")) for name in row[0].split(", ")]
    assert told == list(HEADERS)
    listed = section("README.zh-CN.md", "拿到会上用的表").partition("各列是：")[2].replace("\n", "")
    assert [re.sub("（.*）", "", name) for name in listed.rstrip("。").split("、")] == list(HEADERS)


def test_every_field_of_a_duplicate_is_documented() -> None:
    of_pair, _, of_evidence = section("docs/results.md", "Duplicates").partition("| key of the evidence |")
    keys = [field.name for field in fields(Duplicate)]
    assert first_codes(of_pair) == [*keys]
    assert first_codes("| key |" + of_evidence) == [key.name for key in (*fields(PairEvidence),)]
    told = set(CODE.findall(of_evidence))
    assert {field.name for record in (SharedPhrase, Span) for field in fields(record)} <= told


def test_every_grade_is_documented() -> None:
    told = [(row[0].strip("`"), row[1]) for row in rows(section("docs/duplicates.md", "Grades"))]
    assert told == [(grade.value, LABELS[grade]) for grade in Grade]
    chinese = section("README.zh-CN.md", "找重复：这件和哪件说的是一回事")
    assert [row[0].strip("*") for row in rows(chinese)] == [LABELS[grade] for grade in Grade]


def test_every_column_of_the_other_sheets_is_documented() -> None:
    told = {row[0]: tuple(row[2].split(", ")) for row in rows(section("docs/duplicates.md", "Sheets"))}
    assert told == {
        sheets.PAIRS: sheets.PAIR_HEADERS,
        sheets.MERGES: sheets.MERGE_HEADERS,
        sheets.CONFLICTS: sheets.CONFLICT_HEADERS,
        sheets.PRECEDENTS: sheets.PRECEDENT_HEADERS,
        sheets.HOT: hot.HEADERS,
    }


def test_every_key_of_a_card_is_documented(triager: Triager) -> None:
    told = rows(section("docs/results.md", "The card of a model"))
    assert set(first_codes(section("docs/results.md", "The card of a model"))) == triager.card.keys()
    for part in ("lead", "promise"):
        (row,) = [row for row in told if row[0] == f"`{part}`"]
        assert set(CODE.findall(row[1])) == triager.card[part].keys()


def test_every_figure_of_an_evaluation_is_documented(triager: Triager) -> None:
    report = evaluate(triager, read_cases(ROOT / "examples" / "cases.csv")[:40])
    told = section("docs/evaluation.md", "The report")
    assert first_codes(told.partition("\n### ")[0]) == list(report)
    assert set(first_codes(section("docs/evaluation.md", "Figures"))) == report["figures"].keys()
    returned = section("docs/evaluation.md", "Returns")
    assert first_codes(returned)[: len(report["returns"]["costs"])] == list(report["returns"]["costs"])
    for key in ("promise", "coverage", "calibration", "units", "sources", "cold", "repeats", "confusion", "mistakes"):
        one = report[key][0] if isinstance(report[key], list) else report[key]
        missing = [name for name in one if f"`{name}`" not in told]
        assert not missing, key


def test_every_notice_of_an_evaluation_is_documented() -> None:
    source = "".join(Path(module.__file__ or "").read_text(encoding="utf-8") for module in (reporting, backtesting))
    there = set(re.findall(r'"code": "([a-z.]+)"', source))
    assert set(first_codes(section("docs/evaluation.md", "Notices"))) == there


# --- figures that are constants --------------------------------------------------------------------------------------

CONSTANTS: dict[str, list[str]] = {
    "README.md": [
        f"at most {train.MAX_CASES:,} cases",
        f"a duty phrase counting as {'half a case' if lead.DUTY_WEIGHT == 0.5 else ''} ({co.DUTY_WEIGHT} for helpers)",
    ],
    "README.zh-CN.md": [
        f"不到{ {60: '六十'}[2 * promise.LEAST_EVIDENCE] }件时不会出现“建议交办”",
        f"可能性在{ {0.2: '两成'}[LEAST_HELPER] }以上",
        f"超过{ {20_000: '两万'}[FULL_LIMIT] }字",
    ],
    "ARCHITECTURE.md": [
        f"`MAX_CASES` = {train.MAX_CASES:,}",
        f"({lead.DUTY_WEIGHT} for leads, {co.DUTY_WEIGHT} for helpers)",
        f"up to {FULL_LIMIT:,} characters",
        f"at most {FOCUS} characters",
        f"exp({similarity.SHARPNESS:g} · (cosine − 1))",
        f"wording ≥ {train.ALIKE}".replace("0.", "."),
        f"the case's fold, one of { {10: 'ten'}[FOLDS] }",
        f"{ {30: 'thirty'}[promise.LEAST_EVIDENCE] } answers at least",
    ],
    "docs/commands.md": [f"stored {building.PART:,} at a time"],
    "docs/duplicates.md": [
        f"Up to {nearest.EXACT_LIMIT:,} different texts",
        f"the first {reading.FOCUS} characters",
        f"the first {shared.READ:,} of each field",
        f"its {batch.NEIGHBOURS} nearest",
    ],
    "docs/cases.md": [
        f"a cosine of {train.ALIKE} or more",
        f"at most {train.MAX_CASES:,} cases",
        f"titles ({train.TITLE_SHOWN} characters",
        f"{MAX_ROWS:,} rows",
    ],
    "docs/catalogue.md": [
        f"a cell {MAX_CELL:,} characters",
        f"at most { {3: 'three'}[MAX_TOPIC_DEPTH] } levels",
    ],
    "docs/results.md": [
        f"at most { {10: 'ten'}[answers.LEADS_LISTED] } that may lead",
        f"at most { {15: 'fifteen'}[answers.HELPERS_LISTED] } that may be asked",
        f"at least {promise.CLOSE:.0%}".replace("%", " %") + " of the first one's score",
        f"{promise.MANY} helpers or more",
        f"more than {FULL_LIMIT:,} characters",
        f"closeness of {evidence.LEAST_DUTY} and {evidence.LEAST_PRECEDENT} on",
        f"up to { {3: 'three'}[evidence.PRECEDENTS] } a unit",
        f"score of {LEAST_HELPER:.0%}".replace("%", " %") + " or more",
        f"at most { {5: 'five'}[shared.SHOWN] } phrases",
    ],
}
"""Sentences that hold a constant of the code, by document."""


@pytest.mark.parametrize(("name", "told"), [(name, told) for name, many in CONSTANTS.items() for told in many])
def test_the_constants_that_are_told_are_the_codes(name: str, told: str) -> None:
    assert told in " ".join(text_of(name).split())


# --- the rest --------------------------------------------------------------------------------------------------------


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    wanted = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    names = {re.split(r"[>=\[]", requirement)[0] for requirement in wanted} - {project["name"]}
    table = rows(section("ARCHITECTURE.md", "Dependencies"))
    told = {row[0].strip("`"): row[1] for row in table if row[0].startswith("`")}
    assert told.keys() == names
    assert all(told.values())


def test_every_layer_stands_in_the_drawing() -> None:
    contracts = tomllib.loads(text_of("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    drawing = FENCE.search(section("ARCHITECTURE.md", "Layers"))
    assert drawing
    places = [
        drawing[2].index(f"triage/{name}") for layer in contracts[0]["layers"] for name in re.findall(r"\w+", layer)
    ]
    assert places == sorted(places), "from the top down, as in pyproject.toml"


def test_the_changelog_begins_with_this_version() -> None:
    (newest,) = re.findall(r"^## (\S+)", text_of("CHANGELOG.md"), re.MULTILINE)[:1]
    assert newest == triage.__version__


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=name_of)
def test_a_notebook_asks_one_question_and_holds_no_output(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert not [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")]
    headings = re.findall(r"^## (.*)$", "\n".join("".join(c["source"]) for c in cells), re.MULTILINE)
    assert headings == ["Question", "Data", "Result", "Decision"]
    assert f"({path.name})" in text_of("notebooks/README.md")
