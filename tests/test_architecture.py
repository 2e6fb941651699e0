"""The house rules that a machine can check: layers, sizes, names, what an import costs, what a file may hold."""

from __future__ import annotations

import ast
import configparser
import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("triage", "service", "benchmarks")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

MAX_LINES = 450
MAX_FUNCTION_LINES = 60
LONG_FILES: dict[str, str] = {}  # path: reason. Empty, and meant to stay so.
LONG_FUNCTIONS: dict[str, str] = {}  # path::function: reason. Empty, and meant to stay so.

VAGUE = re.compile(r"(^|_)(utils?|misc|helpers?|managers?|base|common)(_|$)")
HEAVY = ("numpy", "scipy", "sklearn", "pandas", "torch", "onnxruntime", "onnx", "tokenizers", "opencc", "rjieba")
OUTSIDE = ("fastapi", "starlette", "uvicorn", "pydantic", "typer", "rich", "service")
TRAINING = {"sklearn", "pandas", "torch", "sentence_transformers", "transformers", "onnx"}

# Written in pieces, or this file would break its own rule.
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|home|Users|tmp/lab|mnt|opt)/[\w.-]|[A-Z]:\\Users\\")
REGISTRY = re.compile(
    r"(?:pypi|pythonhosted|npmjs|registry\.npm|download\.pytorch|hf-mirror|huggingface)\.(?:org|com|co)\b"
    r"|//(?:[\w-]+\.)*(?:mirrors?|pypi)\.|--(?:extra-)?index-url|--find-links|\bindex-url\s*="
)
BINARY = {".npz", ".npy", ".onnx", ".safetensors", ".bin", ".xlsx", ".png", ".gif", ".woff2", ".zip"}


class Import(NamedTuple):
    """One import statement: where it stands and which top-level package it names."""

    line: int
    package: str


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def is_type_checking(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def top_level_imports(body: list[ast.stmt]) -> Iterator[Import]:
    """The imports that run when the module is imported, those in `if`, `try`, `with` and class bodies included."""
    for node in body:
        if isinstance(node, ast.Import):
            yield from (Import(node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield Import(node.lineno, (node.module or "").partition(".")[0])
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not is_type_checking(node):
            for field in ("body", "orelse", "finalbody"):
                yield from top_level_imports(getattr(node, field, []))
            for handler in getattr(node, "handlers", []):
                yield from top_level_imports(handler.body)


def tracked() -> list[Path]:
    """The files that a commit would hold: known to git, or new and not ignored."""
    said = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if said.returncode:
        pytest.skip("this is no git checkout")
    return [path for name in said.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


def run_python(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HOME": str(folder), "TMPDIR": str(folder), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "error", "-B", "-c", code]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_import_is_silent_light_and_writes_nothing(tmp_path: Path) -> None:
    code = (
        "import json, logging, pathlib, sys; before = set(sys.modules); level = logging.getLogger().level\n"
        "import triage\n"
        "assert logging.getLogger().level == level and not logging.getLogger().handlers\n"
        "found = sorted(set(sys.modules) - before)\n"
        "pathlib.Path('modules').write_text(json.dumps(found))"
    )
    done = run_python(code, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    loaded = json.loads((tmp_path / "modules").read_text())
    (tmp_path / "modules").unlink()
    roots = {module.partition(".")[0] for module in loaded}
    assert not roots & {*HEAVY, *OUTSIDE}
    assert sorted(module for module in loaded if module.startswith("triage.")) == ["triage.errors", "triage.records"]
    assert len(loaded) < 120, f"import triage brings in {len(loaded)} modules"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(importlib.util.find_spec("triage.triager") is None, reason="triage.triager is not written yet")
def test_the_door_opens_without_training_or_web_packages(tmp_path: Path) -> None:
    code = (
        "import sys, triage; triage.Triager\n"
        f"found = {sorted(TRAINING | {'fastapi', 'starlette', 'uvicorn', 'service', 'joblib', 'matplotlib'})!r}\n"
        "print([name for name in found if name in sys.modules])"
    )
    done = run_python(code, tmp_path)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_file_is_one_sitting_long(path: Path) -> None:
    if name_of(path) not in LONG_FILES:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines <= MAX_LINES, f"{lines} lines, {MAX_LINES} are allowed: are there two ideas in it?"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_function_is_one_screen_long(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            lines = node.end_lineno - node.lineno + 1
            known = f"{name_of(path)}::{node.name}" in LONG_FUNCTIONS
            assert known or lines <= MAX_FUNCTION_LINES, f"{node.name}, line {node.lineno}: {lines} lines"


def test_the_exceptions_still_exist() -> None:
    for name in LONG_FILES:
        assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) > MAX_LINES, f"{name} needs no exception"
    for name in LONG_FUNCTIONS:
        path, _, function = name.partition("::")
        assert re.search(rf"def {function}\b", (ROOT / path).read_text(encoding="utf-8")), f"{name} needs no exception"


@pytest.mark.parametrize("path", [p for p in MODULES if name_of(p).startswith(("triage/", "service/"))], ids=name_of)
def test_training_packages_are_imported_where_they_are_used(path: Path) -> None:
    forbidden = set() if name_of(path).startswith("triage/learning/") else TRAINING
    found = [entry for entry in top_level_imports(tree_of(path).body) if entry.package in forbidden]
    assert not found, "import it inside the function that needs it"


def test_the_rule_for_imports_sees_every_top_level_form() -> None:
    code = (
        "import numpy, sklearn.svm\ntry:\n    import torch\nexcept ImportError:\n    import pandas\n"
        "if TYPE_CHECKING:\n    import onnx\nclass A:\n    from transformers import b\ndef f():\n    import jieba\n"
    )
    found = [entry.package for entry in top_level_imports(ast.parse(code).body)]
    assert found == ["numpy", "sklearn", "torch", "pandas", "transformers"]


@pytest.mark.parametrize("path", [p for p in MODULES if not p.is_relative_to(ROOT / "benchmarks")], ids=name_of)
def test_only_the_command_line_prints(path: Path) -> None:
    name = name_of(path)
    calls = [
        node.lineno
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not calls or name == "triage/cli.py" or name.startswith("triage/cli/"), f"print in lines {calls}"


def test_every_folder_of_modules_is_a_package() -> None:
    lacking = {name_of(path.parent) for path in MODULES if not (path.parent / "__init__.py").is_file()}
    assert not lacking, "without __init__.py the layers are not checked there"


def test_names_say_what_a_thing_is() -> None:
    vague = [
        name_of(p) for p in tracked() if any(VAGUE.search(part.partition(".")[0]) for part in p.relative_to(ROOT).parts)
    ]
    assert not vague, "a file is named after the one idea in it"
    for path in MODULES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", node.name).lower()
                assert not VAGUE.search(snake), f"{name_of(path)}:{node.lineno}: {node.name}"


def test_no_file_knows_this_machine_or_a_registry() -> None:
    found = []
    for path in tracked():
        if path.suffix in BINARY or path == Path(__file__).resolve():
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
            if MACHINE_PATH.search(line) or REGISTRY.search(line):
                found.append(f"{name_of(path)}:{number}")
    assert not found, "write a relative path, or the registry's kind instead of its address"


def test_the_rule_against_machine_paths_finds_them() -> None:
    for bad in (
        "cd /home/li/data",
        "C:" + r"\Users\li",
        "x = '/root/y'",
        "--index-url x",
        "https://pypi" + ".org/simple",
    ):
        assert MACHINE_PATH.search(bad) or REGISTRY.search(bad), bad
    for good in (
        "models/encoder",
        "/v1/triage",
        "../shared/data",
        "a/home/page",
        "#!/usr/bin/env bash",
        "/path/to/python3.11",
    ):
        assert not MACHINE_PATH.search(good), good
        assert not REGISTRY.search(good), good


def test_no_big_file_is_tracked() -> None:
    big = [name_of(path) for path in tracked() if path.stat().st_size > 3_000_000]
    assert not big, "what can be rebuilt stays out of git; see models/README.md"


def test_layers_hold() -> None:
    """The contracts of import-linter, so that they fail here before they fail in `make check`."""
    code = "from importlinter.cli import lint_imports_command as check; check()"
    command = [sys.executable, "-c", code, "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert "0 broken" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_direct_dependency_has_a_floor_and_a_pin() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = dict(
        line.partition(" ;")[0].split("==")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if line and not line.startswith("#")
    )
    wanted = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    for requirement in wanted:
        if requirement.startswith(project["name"]):
            continue
        name, floor = requirement.split(">=")
        assert name in pins, f"{name} is not pinned"
        assert _numbers(pins[name]) >= _numbers(floor), f"{name}: pinned below its floor"
    assert pins["torch"] == "2.13.0"
    assert not [pin for pin in pins.values() if "+" in pin], "a local version exists on one machine only"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def test_editorconfig_holds() -> None:
    settings = configparser.ConfigParser()
    settings.read_string("[top]\n" + (ROOT / ".editorconfig").read_text(encoding="utf-8"))
    assert settings["*"]["end_of_line"] == "lf"
    for path in tracked():
        if path.suffix in {".py", ".md", ".toml", ".txt", ".csv"} or path.name in {"Makefile", "run"}:
            data = path.read_bytes()
            assert b"\r" not in data or path.suffix == ".csv", f"{name_of(path)} has carriage returns"
            assert not data or data.endswith(b"\n"), f"{name_of(path)} does not end its last line"
