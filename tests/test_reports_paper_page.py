"""A report as a page: one file, nothing from outside, every link lands, readable by those who do not see it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tests.papers import sample
from tests.test_reports_paper_write import NASTY
from triage.reports.paper import page as pages
from triage.reports.paper.page import as_page
from triage.reports.report import Report

VOID = {"meta", "link", "br", "img", "hr", "input"}


class Reader(HTMLParser):
    """What stands on a page, and whether its elements close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def read(report: Report) -> Reader:
    reader = Reader(as_page(report).decode())
    assert reader.open == []
    return reader


def test_every_link_lands_and_every_id_stands_once() -> None:
    reader = read(sample())
    names = [attributes["id"] for _, attributes in reader.elements if "id" in attributes]
    assert len(names) == len(set(names))
    links = [attributes["href"] for attributes in reader.all("a")]
    assert len(links) > 60
    assert all(link.startswith("#") and link[1:] in names for link in links)


def test_a_number_leads_to_its_rows() -> None:
    text = as_page(sample(12)).decode()
    found = re.search(r'人大代表建议<a href="#(\w+)">4</a>件', text)
    assert found
    listed = re.search(rf'<p id="{found[1]}">(.*?)</p>', text, re.DOTALL)
    assert listed
    assert re.findall(r'href="#r(\d+)">(\d+)<', listed[1]) == [("1", "1"), ("4", "4"), ("7", "7"), ("10", "10")]
    assert re.search(r'<tr id="r4"><th scope="row" class="number">4</th><td class="short">QH00004</td>', text)
    assert '另有<a href="#r1">1</a>件' in text
    assert '收到建议<a href="#rows">12</a>件' in text


def test_the_page_needs_nothing_from_outside() -> None:
    reader = read(sample())
    assert {"script", "link", "img", "iframe", "object", "form", "base"}.isdisjoint(tag for tag, _ in reader.elements)
    (policy,) = [one["content"] for one in reader.all("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    text = re.sub(r'xmlns(:xlink)?="[^"]+"', "", as_page(sample()).decode())
    assert not re.search(r"https?://|url\((?!#)|@import|\bon\w+=", text)


def test_those_who_do_not_see_are_told() -> None:
    reader = read(sample())
    assert reader.all("html")[0]["lang"] == "zh-CN"
    assert all(one.get("scope") in {"col", "row"} for one in reader.all("th"))
    pictures = [one for one in reader.all("div") if one.get("role") == "img"]
    assert len(pictures) == len(reader.all("svg")) == 3
    assert "卫生健康局 21" in pictures[1]["aria-label"]
    assert len(reader.all("h1")) == 1


def test_words_are_shapes_and_take_the_colours_of_the_page() -> None:
    text = as_page(sample()).decode()
    assert "<text" not in text
    assert "prefers-color-scheme: dark" in text
    assert "var(--ink, #1f2328)" in text
    assert not re.search(r"(?<!, )#1f2328(?!;)", text)


def test_no_text_becomes_an_element_or_a_template() -> None:
    report = sample(5, odd=NASTY + "<script>alert(1)</script>\"'>")
    reader = read(report)
    assert "script" not in {tag for tag, _ in reader.elements}
    assert "49" not in "".join(reader.words)
    assert "{{ 7*7 }}" in "".join(reader.words)


def test_what_cannot_be_told_is_a_dash_and_nothing_is_said_of_empty_parts() -> None:
    words = "".join(read(sample()).words)
    assert "—" in words
    assert "（本部分没有内容）" in words
    assert "种子 20250308" in words


def test_very_many_links_are_cut_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_RANGES", 40)
    text = as_page(sample(60)).decode()
    assert text.count('href="#r') < 60
    assert re.search(r"等，另有 \d+ 件未列，见同一报告的 xlsx", text)


def test_the_same_report_is_the_same_page() -> None:
    assert as_page(sample()) == as_page(sample())
