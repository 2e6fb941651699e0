"""The report in its forms: nothing of a text, every phrase in both languages, one page that needs nothing else."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from datetime import date as Date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from triage import Case, InputError, StorageError, Suggestion, Triager
from triage.datasets import read_cases
from triage.learning.evaluation import Terms, evaluate_by_time, write_json
from triage.learning.evaluation import page as page_module
from triage.learning.evaluation import pictures as pictures_module
from triage.learning.evaluation.markdown import markdown, write_markdown
from triage.learning.evaluation.page import check_page, page, write_page
from triage.learning.evaluation.phrases import LANGUAGES, Phrases, phrase_table
from triage.learning.evaluation.pictures import pictures
from triage.learning.evaluation.sections import sections

ROOM = Path(page_module.__file__).parent
HOSTILE = "<script>alert(1)</script>|`局`$x$"


@pytest.fixture(scope="module")
def history(root: Path) -> list[Case]:
    return sorted(read_cases(root / "examples" / "cases.csv"), key=lambda case: str(case.suggestion.date))


@pytest.fixture(scope="module")
def report(history: list[Case]) -> dict[str, Any]:
    """By time, with a lead that tries to be more than a name."""
    asked = history[-80:]
    asked[0] = Case(asked[0].suggestion, (HOSTILE,), asked[0].co, asked[0].topics)
    return evaluate_by_time(
        lambda known, progress: Triager.train(known, progress=progress),
        [*history[:-80], *asked],
        share=80 / len(history),
        terms=Terms(draws=60),
    )


def test_the_report_is_plain_json_and_written_whole(report: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_json(report, path)
    assert json.loads(path.read_text(encoding="utf-8")) == report
    with pytest.raises(StorageError):
        write_json(report, tmp_path / "missing" / "report.json")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["report.json"]


def test_no_form_holds_a_text(report: dict[str, Any], history: list[Case]) -> None:
    forms = [json.dumps(report, ensure_ascii=False), *(markdown(report, one) for one in LANGUAGES), page(report)]
    for case in history:
        for words in (case.suggestion.title, case.suggestion.text):
            part = words[:12]
            assert len(part) < 8 or not any(part in form for form in forms)


def test_every_phrase_stands_in_both_languages_with_the_same_values() -> None:
    table = phrase_table()
    assert table["zh"].keys() == table["en"].keys()
    for key, chinese in table["zh"].items():
        english = table["en"][key]
        assert chinese
        assert english
        values = [sorted(set(re.findall(r"{(\w+)}", text))) for text in (chinese, english)]
        # A language may leave a plain value out, never name one that the other does not know.
        assert set(values[0]) == set(values[1]), key
        assert not re.search("[\u4e00-\u9fff]", english), key


def test_every_phrase_is_said_and_every_saying_is_a_phrase() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in ROOM.glob("*.py"))
    said = set(re.findall(r'say\(\s*f?"([^"{]+)"', source))
    table = phrase_table()["zh"]
    assert said <= table.keys()
    families = {"figure", "about", "head", "kind", "part", "way", "decision", "evidence", "picture", "promise"}
    rest = {key for key in table if key not in said and f'"{key}"' not in source}
    unused = {
        key for key in rest if key.partition(".")[0] not in families and not re.match("lead_|co_|topic_|suggest_", key)
    }
    assert not {key for key in unused if not key.startswith(("confusion.", "cases.", "leads.", "names."))}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_section_is_said(report: dict[str, Any], language: str) -> None:
    made = sections(report, Phrases(language))
    names = [section.name for section in made]
    assert names[:3] == ["notices", "summary", "figures"]
    assert {"promise", "calibration", "returns", "units", "sources", "cold", "confusion", "mistakes"} <= set(names)
    for section in made:
        for grid in section.grids:
            assert all(len(row) == len(grid.headers) for row in grid.rows), section.name


def test_another_language_is_refused(report: dict[str, Any]) -> None:
    for write in (markdown, page):
        with pytest.raises(InputError, match="allowed are zh, en"):
            write(report, "fr")


def test_markdown_takes_names_for_words(report: dict[str, Any], tmp_path: Path) -> None:
    text = markdown(report, "en")
    assert "<script>" not in text
    assert r"\<script\>alert(1)\</script\>\|\`局\`\$x\$" in text
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert tables
    for line in tables:
        assert line.endswith("|")
    write_markdown(report, tmp_path / "report.md", "en")
    assert (tmp_path / "report.md").read_text(encoding="utf-8") == text


class Page(HTMLParser):
    """What a browser would find: tags, ids, and addresses."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("src", "href", "xlink:href", "action", "data"):
                self.addresses.append(value or "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_asks_for_nothing_and_runs_nothing(report: dict[str, Any], language: str) -> None:
    html = page(report, language)
    found = Page(html)
    assert not {"script", "link", "img", "iframe", "object"} & set(found.tags)
    assert found.addresses
    assert all(address.startswith("#") for address in found.addresses)
    assert {address[1:] for address in found.addresses} <= set(found.ids)
    assert "url(http" not in html
    assert "@import" not in html
    assert len(found.ids) == len(set(found.ids))
    assert found.tags.count("svg") == 4
    assert "&lt;script&gt;" in html


def test_pictures_are_drawings_with_words_as_shapes(report: dict[str, Any]) -> None:
    drawn = pictures(report, Phrases("zh"))
    assert list(drawn) == ["coverage", "calibration", "returns", "units"]
    for svg in drawn.values():
        root = ElementTree.fromstring(svg)  # noqa: S314 - our own drawing
        assert root.tag.endswith("svg")
        assert not [element for element in root.iter() if element.tag.endswith("}text")]
    assert pictures(report, Phrases("zh")) == drawn, "the same report gives the same pictures"


def test_without_a_chinese_font_the_reader_draws_the_words(
    report: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures_module, "chinese_font", lambda *_: None)
    svg = pictures(report, Phrases("zh"))["units"]
    words = "".join(element.text or "" for element in ElementTree.fromstring(svg).iter())  # noqa: S314 - our own drawing
    assert "首选正确" in words
    assert "Noto Sans SC" in svg
    assert "<script>" not in svg


def test_what_is_missing_for_a_page_is_told(report: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(InputError, match=r"suggestion-triage\[analysis,pictures\]"):
        check_page()


def test_a_report_of_next_to_nothing_is_written(tmp_path: Path) -> None:
    cases = [Case(Suggestion(str(number), f"第{number}件建议修路"), co=("交通运输局",)) for number in range(3)]
    dated = [
        replace(one, suggestion=replace(one.suggestion, date=Date(2024, 1, place)))
        for place, one in enumerate(cases, start=1)
    ]
    report = evaluate_by_time(lambda known, progress: Triager.train(known), dated, terms=Terms(draws=5))
    for language in LANGUAGES:
        write_markdown(report, tmp_path / "report.md", language)
        write_page(report, tmp_path / "report.html", language)
    assert Page((tmp_path / "report.html").read_text(encoding="utf-8")).tags.count("svg") == 0
