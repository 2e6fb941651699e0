"""What the documents show works: their Python runs, their files can be read, their messages are the ones that come."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from triage import LABELS, Triager
from triage.catalogue import Resolver, check_catalogue, starter_catalogue
from triage.datasets import read_cases, read_names, read_suggestions
from triage.duplicates.batch import Batch
from triage.encoders.locate import VARIABLE
from triage.errors import InputError, StorageError
from triage.text import prepare

ROOT = Path(__file__).resolve().parent.parent
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN = ("README.md", "README.zh-CN.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))))


def blocks(name: str, language: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return [block for told, block in FENCE.findall(text) if told == language]


# --- Python ----------------------------------------------------------------------------------------------------------

PYTHON = [(name, number) for name in SHOWN for number in range(len(blocks(name, "python")))]


@pytest.fixture
def workplace(tmp_path: Path, small_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as `make run` leaves the checkout, with a bundle of wording alone and no sentence encoder."""
    shutil.copytree(small_bundle, tmp_path / "models" / "starter")
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "no-encoder"))
    return tmp_path


@pytest.mark.parametrize(("name", "number"), PYTHON)
def test_the_python_that_is_shown_runs(
    name: str, number: int, workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = blocks(name, "python")[number]
    exec(compile(code, f"{name}, block {number + 1}", "exec"), {"__name__": "shown"})  # noqa: S102 - it is ours
    assert capsys.readouterr().out
    for folder in re.findall(r'(?:save\(|save_catalogue\(catalogue, )"([^"]+)"\)', code):
        assert (workplace / folder).is_dir(), f"{name} says that it writes {folder}"


def test_python_is_shown_in_the_readme() -> None:
    assert sum(name == "README.md" for name, _ in PYTHON) >= 2


# --- answers that are shown ------------------------------------------------------------------------------------------


def answers_shown(name: str) -> list[tuple[str, str, str]]:
    """Id, title and the lines of each answer in the text blocks of a document."""
    text = "".join(block for block in blocks(name, "text") if "决定：" in block)
    return re.findall(r"^【(.+?)】(.+)\n((?:  .+\n)+)", text, re.MULTILINE)


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_answers_that_are_shown_are_about_the_examples(name: str, triager: Triager) -> None:
    examples = {suggestion.id: suggestion for suggestion in read_suggestions(ROOT / "examples" / "suggestions.csv")}
    titles = {prepare(case.suggestion).title for case in read_cases(ROOT / "examples" / "cases.csv")}
    shown = answers_shown(name)
    assert len(shown) == 2
    for identifier, title, lines in shown:
        assert examples[identifier].title == title
        decision, mode = re.findall(r"决定：(\S+?)　办理方式：(\S+?)　", lines)[0]
        assert {decision, mode} <= set(LABELS.values())
        for line in re.findall(r"^  (?:主办|会办)：(.*)$", lines, re.MULTILINE):
            units = [unit.rpartition(" ")[0] for unit in line.split("　")]
            assert set(units) <= set(triager.units)
        assert set(re.findall(r"相近案件《(.+?)》", lines)) <= titles


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_duplicates_that_are_shown_are_found(name: str) -> None:
    files = [ROOT / "examples" / f"{file}.csv" for file in ("suggestions", "cases")]
    new, old = ({case.suggestion.id: case for case in read_cases(file, required=())} for file in files)
    (block,) = [block for block in blocks(name, "text") if "决定：" not in block]
    texts = re.findall(r"^【(.+?)】(.+)\n((?:  .+\n)+)", block, re.MULTILINE)
    assert texts
    batch = Batch([*new.values(), *old.values()])
    with closing(batch):
        found = dict(zip([*new, *old], batch.duplicates(k=30), strict=True))
    for identifier, title, lines in texts:
        assert new[identifier].suggestion.title == title
        told = re.findall(r"^  (\S+)：(\S+) (?:\d+%|99%以上)　(.+?)（", lines, re.MULTILINE)
        assert told
        for other, label, shown in told:
            assert {**new, **old}[other].suggestion.title == shown
            assert label in LABELS.values()
            assert other in {hit.id for hit in found[identifier]}


def test_the_json_that_is_shown_has_the_answers_fields(triager: Triager) -> None:
    (shown,) = [json.loads(block) for block in blocks("README.md", "json")]
    (answer,) = triager.triage(read_suggestions(ROOT / "examples" / "suggestions.csv")[:1])
    real = json.loads(json.dumps(answer.to_dict()))
    for key, value in shown.items():
        assert type(value) is type(real[key]), key
        if isinstance(value, list):
            assert {*value[0]} == {*real[key][0]}, key


# --- files that are shown --------------------------------------------------------------------------------------------


def test_the_files_that_are_shown_can_be_read(tmp_path: Path) -> None:
    table, names = blocks("docs/cases.md", "csv")
    (tmp_path / "cases.csv").write_text(table, encoding="utf-8")
    (tmp_path / "names.csv").write_text(names, encoding="utf-8")
    (tmp_path / "cases.jsonl").write_text(blocks("docs/cases.md", "json")[0], encoding="utf-8")
    cases = read_cases(tmp_path / "cases.csv")
    assert [len(case.leads) for case in cases] == [1, 1, 2]
    (same,) = read_cases(tmp_path / "cases.jsonl")
    assert (same.suggestion.id, same.leads, same.co) == (cases[0].suggestion.id, cases[0].leads, cases[0].co)
    assert all(found.unit for found in map(Resolver(starter_catalogue()).resolve, read_names(tmp_path / "names.csv")))


def test_the_catalogue_that_is_shown_is_right(tmp_path: Path) -> None:
    (units,) = blocks("docs/catalogue.md", "csv")
    (tmp_path / "units.csv").write_text(units, encoding="utf-8")
    (tmp_path / "areas.csv").write_text("code,name\nbm,北门镇\n", encoding="utf-8")
    assert check_catalogue(tmp_path) == ()


def test_the_names_that_are_shown_are_found_so() -> None:
    text = (ROOT / "docs" / "catalogue.md").read_text(encoding="utf-8")
    resolver = Resolver(starter_catalogue())
    told = re.findall(
        r"^\| `(\w+)` \| [^|]* \| ([^ |]+)(?: → ([^ ,|]+))?", text.partition("| `how` |")[2], re.MULTILINE
    )
    assert len(told) >= 9
    for how, name, unit in told:
        found = resolver.resolve(name)
        assert found.how == how, name
        assert unit in ("", found.unit.name if found.unit else ""), name


# --- messages that are shown -----------------------------------------------------------------------------------------

BAD: dict[str, tuple[str, str]] = {
    "column lead (主办单位) is missing": ("a.csv", "标题\n路灯\n"),
    "two columns mean title (标题)": ("a.csv", "标题,案由,主办单位\n路灯,路灯,城管局\n"),
    "lead (主办单位) is empty": ("a.csv", "标题,主办单位\n路灯,\n"),
    "title and text are both empty": ("a.csv", "标题,主办单位\n,城管局\n"),
    "id '…' already stands in line": ("a.csv", "编号,标题,主办单位\n甲,路灯,城管局\n甲,井盖,城管局\n"),
    "date (日期) is '": ("a.csv", "标题,日期,主办单位\n路灯,2024-02-30,城管局\n"),
    "confidential (保密) is '": ("a.csv", "标题,保密,主办单位\n路灯,也许,城管局\n"),
    "cells below 3 columns": ("a.csv", "编号,标题,主办单位\n甲,路灯,坏了,很久,城管局\n"),
    "not a csv row (": ("a.csv", '标题,主办单位\n"路灯,城管局\n'),
    "not JSON (": ("a.jsonl", "{路灯}\n"),
    "where an object is expected": ("a.jsonl", '["路灯"]\n'),
    "not an xlsx workbook (": ("a.xlsx", "标题,主办单位\n"),
    "ending '.xls' is not known": ("a.xls", "标题,主办单位\n"),
}
"""The beginning of each message as the documents show it, and a file that is answered so."""


@pytest.mark.parametrize("message", BAD)
def test_the_messages_that_are_shown_come(message: str, tmp_path: Path) -> None:
    name, content = BAD[message]
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_cases(tmp_path / name)
    for part in message.split("'…'"):
        assert part in str(caught.value)
    shown = (ROOT / "docs" / "cases.md").read_text(encoding="utf-8")
    assert message in shown or re.search(".+?".join(map(re.escape, message.split("…"))), shown)


def test_the_messages_that_clerks_read_of_come(tmp_path: Path, small_bundle: Path) -> None:
    table = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8").partition("## 出了问题怎么办")[2]
    shown = re.findall(r"^\| `(.+?)` \|", table.partition("\n## ")[0], re.MULTILINE)
    (tmp_path / "bytes.csv").write_bytes("标题,主办单位\n".encode() + b"\xff\xff\xff\n")
    tries: list[Callable[[], object]] = [
        lambda: read_cases(tmp_path / "bytes.csv"),
        lambda: Triager.load(small_bundle).save(small_bundle),
    ]
    said = []
    for number, (name, content) in enumerate(BAD.values()):
        place = tmp_path / str(number)
        place.mkdir()
        (place / name).write_text(content, encoding="utf-8")
        tries.append(lambda path=place / name: read_cases(path))
    for attempt in tries:
        with pytest.raises((InputError, StorageError)) as caught:
            attempt()
        said.append(str(caught.value))
    there = [message for message in shown if message != "cannot be written"]  # needs a disk that is full or locked
    assert len(there) >= 7
    for message in there:
        parts = re.split("…|'…'", message)
        assert any(all(part.removesuffix(" 7") in told for part in parts) for told in said), message
