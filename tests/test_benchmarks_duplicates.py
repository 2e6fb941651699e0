"""The benchmark of the search: its vectors are what it says, and it measures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.duplicates import scale
from benchmarks.duplicates.vectors import made_up, multiplied, nearest_exactly
from triage.duplicates.sketch import DIMENSION
from triage.encoders.sentence import SentenceEncoder


def test_made_up_vectors_are_unit_seeded_and_bunched() -> None:
    vectors = made_up(3000, seed=4).astype(np.float32)
    assert vectors.shape == (3000, DIMENSION)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-2)
    assert np.array_equal(vectors, made_up(3000, seed=4).astype(np.float32))
    likeness = vectors @ vectors.T - 2 * np.eye(3000)
    assert likeness.max(axis=1).mean() > 0.6
    assert abs(float(likeness.mean())) < 0.1


def test_multiplied_vectors_stay_near_the_real_ones() -> None:
    real = made_up(300, seed=1).astype(np.float32)
    more = multiplied(real, 1000).astype(np.float32)
    assert more.shape == (1000, DIMENSION)
    assert (more @ real.T).max(axis=1).min() > 0.7
    assert len(np.unique(more, axis=0)) == 1000


def test_what_is_nearest_is_found_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.duplicates.vectors.BLOCK", 70)
    vectors = made_up(500)
    queries = made_up(5, seed=9).astype(np.float32)
    wanted = np.argsort(-(queries @ vectors.astype(np.float32).T), axis=1, kind="stable")[:, :8]
    assert np.array_equal(nearest_exactly(vectors, queries, 8), wanted)


def test_real_vectors_are_those_that_an_index_searches_by(
    tmp_path: Path, encoder_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    titles = [f"在{place}{ask}" for place in ("柳林镇", "石桥村") for ask in ("增设公交站", "修建步道", "疏通河道")]
    rows = "".join(f"{row},{title},\n" for row, title in enumerate([*titles, titles[0]]))
    (tmp_path / "cixi2017.csv").write_text(f"id,title,text\n{rows}", encoding="utf-8")
    arguments = ["--rows", "300", "--queries", "5", "--graphs-up-to", "0", "--out", str(tmp_path)]
    assert scale.main([*arguments, "--data", str(tmp_path), "--encoder", str(encoder_folder)]) == 0
    result = json.loads((tmp_path / "scale.json").read_text(encoding="utf-8"))
    assert result["vectors"] == "multiplied from those of 6 real texts"
    assert result["encoder"]["fingerprint"] == SentenceEncoder.load(encoder_folder).fingerprint
    assert result["rows"]["300"]["NearestRows"]["first 10"]["recall"] > 0.99
    (tmp_path / "cixi2017.csv").unlink()
    capsys.readouterr()
    assert scale.main([*arguments, "--data", str(tmp_path), "--encoder", str(encoder_folder)]) == 2
    assert "holds none of" in capsys.readouterr().err


def test_it_measures_what_is_installed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--rows", "2000", "--queries", "5", "--graphs-up-to", "0", "--out", str(tmp_path)]
    assert scale.main(arguments) == 0
    result = json.loads((tmp_path / "scale.json").read_text(encoding="utf-8"))
    found = result["rows"]["2000"]
    assert found["NearestRows"]["first 10"]["recall"] > 0.99
    assert found["faiss flat"]["first 100"]["recall"] > 0.99
    assert {name.partition(" at ")[0] for name in result["not_measured"]} == {"usearch f16", "usearch i8", "hnswlib"}
    assert "NearestRows" in capsys.readouterr().out
    assert (tmp_path / "scale.md").read_text(encoding="utf-8") == scale.markdown(result)
