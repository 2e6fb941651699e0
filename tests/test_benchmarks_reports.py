"""The benchmark of reports: its invented cases are the same each time, and its table says what was measured."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from benchmarks.reports.__main__ import main, markdown, measured
from benchmarks.reports.cases import invented_cases
from triage.catalogue import starter_catalogue
from triage.reports.paper import ENDINGS


def test_invented_cases() -> None:
    catalogue = starter_catalogue()
    cases = invented_cases(400, catalogue)
    assert cases == invented_cases(400, catalogue)
    assert cases != invented_cases(400, catalogue, seed=2)
    assert [case.suggestion.id for case in cases[:2]] == ["S00001", "S00002"]
    assert {case.suggestion.date.year for case in cases if case.suggestion.date} == {2024, 2025}
    texts = Counter(case.suggestion.text for case in cases)
    assert 1 <= sum(times - 1 for times in texts.values()) < 30  # copies word for word
    assert {unit for case in cases for unit in case.leads} <= {unit.name for unit in catalogue.units}


def test_a_report_is_measured_and_written() -> None:
    found = measured("overview", 60, written=True)
    assert set(found["write"]) == set(ENDINGS)
    assert found["links"] > 60


def test_the_result_and_its_table(tmp_path: Path, capsys: object) -> None:
    assert main(["--rows", "60", "--kinds", "workload", "--out", str(tmp_path)]) == 0
    result = json.loads((tmp_path / "reports.json").read_text(encoding="utf-8"))
    assert list(result["rows"]["60"]["kinds"]) == ["workload"]
    assert (tmp_path / "reports.md").read_text(encoding="utf-8") == markdown(result)
    assert "| workload | 0." in markdown(result)
