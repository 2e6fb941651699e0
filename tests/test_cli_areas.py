"""`triage areas`: rows of areas.csv for a place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Said
from triage.catalogue import Severity, check_catalogue, load_catalogue
from triage.errors import CatalogueError
from triage.places import divisions

Command = Callable[..., Said]


def test_the_file_is_the_areas_of_a_catalogue(command: Command, tmp_path: Path) -> None:
    done = command("areas", "慈溪市", "--out", tmp_path / "areas.csv")
    assert done.code == 0
    assert "浙江省宁波市慈溪市" in done.err
    (tmp_path / "units.csv").write_text("code,name,duties,area\nzf,市政府,办事,330282\n", encoding="utf-8")
    assert not [finding for finding in check_catalogue(tmp_path) if finding.severity is Severity.ERROR]
    areas = load_catalogue(tmp_path).areas
    assert areas == divisions().areas("330282")
    assert areas[0].parent == ""
    assert areas[0].short_name == "慈溪"


def test_without_a_file_names_are_printed(command: Command) -> None:
    lines = command("areas", "330282").out.splitlines()
    assert lines[0].split() == ["330282", "慈溪市（慈溪）"]
    assert len(lines) == len(divisions().areas("330282"))


def test_homonyms_are_told_with_their_paths(command: Command, tmp_path: Path) -> None:
    done = command("areas", "鼓楼区", "--out", tmp_path / "areas.csv")
    assert done.code == 2
    assert "江苏省南京市鼓楼区" in done.err
    assert "福建省福州市鼓楼区" in done.err
    assert not (tmp_path / "areas.csv").exists()
    assert command("areas", "江苏省南京市鼓楼区", "--out", tmp_path / "areas.csv").code == 0


def test_a_name_that_is_none_and_an_ending_that_is_none(command: Command, tmp_path: Path) -> None:
    done = command("areas", "没有这个县")
    assert done.code == 2
    assert "没有这个县" in done.err
    done = command("areas", "慈溪市", "--out", tmp_path / "areas.xlsx")
    assert done.code == 2
    assert ".csv" in done.err


def test_areas_that_a_cell_cannot_hold() -> None:
    from triage.catalogue import Area
    from triage.catalogue.save import areas_table

    with pytest.raises(CatalogueError, match="cannot hold unchanged"):
        areas_table([Area("a", "甲镇", ("甲;乙",))])
