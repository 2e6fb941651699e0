"""Distilling an encoder: what a student begins with and reads, that it comes near its teacher, what is told of it."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import Said
from tests.test_encoders_adopt import change, left_beside, write_tiny
from tests.test_learning_tuning import CATALOGUE, history
from triage import Triager
from triage.encoders import sbert
from triage.encoders.folder import MANIFEST, is_whole, read_manifest
from triage.encoders.install import install
from triage.encoders.sentence import SentenceEncoder
from triage.errors import EncoderError, InputError, StorageError
from triage.learning.distilling import distil as door
from triage.learning.distilling.card import advice
from triage.learning.distilling.distil import RECORD, Distilled, distil, times_as_fast
from triage.learning.distilling.fitting import Lessons, Settings, fit
from triage.learning.distilling.student import begin, chosen
from triage.learning.distilling.texts import LENGTHS, LONGEST, SHORTEST, our_texts, pieces, read_texts
from triage.learning.evaluation.asking import Answers
from triage.learning.tuning.comparing import Comparison, Measure, Verdict
from triage.learning.tuning.fitting import Stop
from triage.learning.tuning.network import Network
from triage.records import Case

LETTERS = "建议修路希望在村口增设公交站点老人医院学校的河"
"""Characters that the tiny tokenizer knows."""
QUICK = Settings(layers=1, epochs=6, batch=16, rate=3e-3, checks=1)


def sentences(count: int = 400) -> list[str]:
    chance = np.random.default_rng(0)
    return ["".join(chance.choice(list(LETTERS), size=int(size))) for size in chance.integers(6, 30, count)]


# --- what it reads ----------------------------------------------------------------------------------------------------


def test_pieces_are_whole_sentences_of_many_lengths() -> None:
    text = "".join(f"第{number}句说的是村口的路该修了。" for number in range(200))
    found = pieces([text])
    assert "".join(found) == text
    assert all(piece.endswith("。") and piece.startswith("第") for piece in found)
    assert {len(piece) > 100 for piece in found} == {True, False}
    assert max(map(len, found)) <= max(LENGTHS)
    assert found == pieces([text])
    assert found != pieces([text], seed=1)


def test_what_is_too_short_or_comes_twice_is_left_out_and_what_is_too_long_is_cut() -> None:
    assert pieces(["好。", "", "。！？", "村口的路该修了。", "村口的路该修了。"]) == ["村口的路该修了。"]
    assert list(map(len, pieces(["路" * 900]))) == [LONGEST]
    assert len("村口修路。") < SHORTEST


def test_lines_of_a_text_file_and_texts_of_a_table_are_read(tmp_path: Path) -> None:
    lines = tmp_path / "news.txt"
    lines.write_text("第一条新闻。\n\n第二条新闻。\n", encoding="gb18030")
    assert read_texts(lines) == ["第一条新闻。", "第二条新闻。"]
    table = tmp_path / "cases.csv"
    table.write_text("标题,正文\n修路,村口的路坏了。\n", encoding="utf-8")
    assert read_texts(table) == ["修路\n村口的路坏了。"]


def test_files_without_text_are_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"none\.txt: No such file"):
        read_texts(tmp_path / "none.txt")
    (tmp_path / "empty.txt").write_text(" \n\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"empty\.txt: holds no text; a line a text is wanted"):
        read_texts(tmp_path / "empty.txt")
    (tmp_path / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff\xfe\xfd")
    with pytest.raises(InputError, match="neither UTF-8 nor GB18030"):
        read_texts(tmp_path / "picture.txt")


def test_our_own_texts_hold_titles_letters_and_duties() -> None:
    ours = our_texts(CATALOGUE)
    assert {"修桥", "公交站点"} <= set(ours)
    assert len(pieces(ours)) > 5_000


# --- what it begins with ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("depth", "layers", "rows"),
    [(12, 4, [0, 4, 7, 11]), (12, 3, [0, 6, 11]), (12, 1, [0]), (2, 1, [0]), (12, 11, [*range(5), *range(6, 12)])],
)
def test_layers_are_taken_from_bottom_to_top(depth: int, layers: int, rows: list[int]) -> None:
    found = chosen(depth, layers)
    assert len(set(found)) == layers
    assert found == sorted(found)
    if layers < 11:
        assert found == rows


@pytest.mark.parametrize("layers", [0, 2, 3])
def test_a_student_is_smaller_than_its_teacher(teacher: Path, tmp_path: Path, layers: int) -> None:
    with pytest.raises(InputError, match=f"layers: {layers}; this encoder has 2, and a student 1 to 1"):
        begin(teacher, layers, tmp_path)


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny encoder of two layers."""
    place = tmp_path_factory.mktemp("tiny")
    return install(place / "encoder", source=write_tiny(place / "source"))


def test_it_begins_as_an_encoder_of_its_own(teacher: Path, tmp_path: Path) -> None:
    begun = begin(teacher, 1, tmp_path)
    was, now = read_manifest(teacher), read_manifest(begun)
    assert is_whole(begun)
    assert (now.name, now.prompt, now.max_tokens) == (f"{was.name}, 1 of 2 layers", was.prompt, was.max_tokens)
    assert now.fingerprint != was.fingerprint
    theirs, ours = (sbert.read_bert(place) for place in (teacher, begun))
    assert theirs is not None
    assert ours is not None
    assert (theirs.layers, ours.layers) == (2, 1)
    assert set(ours.weights) == {name for name in theirs.weights if "layer.1." not in name}
    assert all(np.array_equal(value, theirs.weights[name]) for name, value in ours.weights.items())
    assert SentenceEncoder.load(begun).encode(["修路"]).shape == (1, was.dimension)


def test_a_teacher_that_cannot_be_taken_apart_is_told(tmp_path: Path) -> None:
    place = install(tmp_path / "encoder", source=write_tiny(tmp_path / "source"))
    change(place / "config.json", hidden_act="relu")
    with pytest.raises(EncoderError, match=r"config\.json: SHA-256 is .* the file was changed"):
        begin(place, 1, tmp_path)
    with pytest.raises(EncoderError, match="no encoder here"):
        begin(tmp_path / "source", 1, tmp_path)


@pytest.mark.parametrize(
    "wrong", [{"epochs": 0}, {"pieces": 19}, {"batch": 1}, {"rate": 0.1}, {"checks": 0}, {"seconds": 0.0}]
)
def test_settings_that_cannot_be_are_told(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=rf"{next(iter(wrong))}: .*; allowed is"):
        Settings(**wrong)


# --- learning ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def needs_torch() -> None:
    pytest.importorskip("torch", reason="the extra `sentence-transformers` is not installed")
    pytest.importorskip("sentence_transformers", reason="the extra `sentence-transformers` is not installed")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "place" / "student"


@pytest.fixture(autouse=True)
def _few_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny encoder knows few characters, so that the library's own texts would only cost time."""
    monkeypatch.setattr(door, "our_texts", lambda catalogue: [])


@pytest.mark.usefixtures("needs_torch")
@pytest.mark.filterwarnings("ignore")
class TestLearning:
    def lessons(self, teacher: Path) -> tuple[Lessons, Lessons]:
        texts = sentences()
        known = Lessons(texts, SentenceEncoder.load(teacher).encode(texts))
        return known.rows(range(40, 400)), known.rows(range(40))

    def test_it_comes_nearer_to_its_teacher(self, teacher: Path, tmp_path: Path) -> None:
        lessons, watched = self.lessons(teacher)
        network = Network(begin(teacher, 1, tmp_path), 1)

        def near() -> float:
            """Mean centred cosine with the teacher."""
            middle = watched.vectors.mean(axis=0)
            ours, theirs = network.encode(watched.texts) - middle, watched.vectors - middle
            return float(
                ((ours * theirs).sum(1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(theirs, axis=1)).mean()
            )

        before, said = near(), list[float]()
        course = fit(network, lessons, watched, QUICK, lambda _, share: said.append(share))
        losses = [loss for _, loss in course.looks]
        assert near() > before
        assert losses[course.best] == min(losses) < losses[0]
        assert said == sorted(said)
        assert said[-1] == 1
        assert course.looks[-1][0] == QUICK.epochs * -(-len(lessons.texts) // QUICK.batch)

    def test_it_stops_when_time_is_up(self, teacher: Path, tmp_path: Path) -> None:
        network = Network(begin(teacher, 1, tmp_path), 1)
        course = fit(network, *self.lessons(teacher), replace(QUICK, seconds=1e-6))
        assert (course.stop, course.looks[-1][0], len(course.looks)) == (Stop.TIME, 1, 2)

    def test_the_same_seed_gives_the_same_weights(self, teacher: Path, tmp_path: Path) -> None:
        def learned(name: str, seed: int) -> Any:
            (tmp_path / name).mkdir()
            network = Network(begin(teacher, 1, tmp_path / name), 1)
            fit(network, *self.lessons(teacher), replace(QUICK, epochs=1, seed=seed))
            return network.encode(["建议修路", "河"])

        first = learned("a", 0)
        assert np.array_equal(first, learned("b", 0))
        assert not np.array_equal(first, learned("c", 1))

    def test_a_loss_that_is_no_number_is_told(
        self, teacher: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        network = Network(begin(teacher, 1, tmp_path), 1)
        forward = network.forward
        monkeypatch.setattr(network, "forward", lambda texts: forward(texts) * float("nan"))
        with pytest.raises(EncoderError, match="the loss is nan after 0 steps; try a smaller learning rate"):
            fit(network, *self.lessons(teacher), QUICK)


# --- the folder and the comparison ------------------------------------------------------------------------------------


def make(known: Sequence[Case], folder: Path) -> Answers:
    return Triager.train(known, catalogue=CATALOGUE, encoder=folder)


@pytest.fixture(scope="module")
def student(teacher: Path, needs_torch: None, tmp_path_factory: pytest.TempPathFactory) -> Distilled:
    place = tmp_path_factory.mktemp("student") / "encoder"
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")  # torch and transformers talk about their own next versions
        patch.setattr(door, "our_texts", lambda catalogue: [])
        return distil(sentences(), place, encoder=teacher, cases=history(), make=make, settings=QUICK)


def test_the_folder_is_whole_and_says_how_it_came(student: Distilled, teacher: Path) -> None:
    assert is_whole(student.folder)
    assert left_beside(student.folder) == ["encoder"]
    manifest, was = read_manifest(student.folder), read_manifest(teacher)
    assert was.fingerprint in manifest.source
    assert manifest.source.startswith("distilled from")
    found = json.loads((student.folder / RECORD).read_bytes())
    assert (found["base"], found["layers"], found["pieces"]) == (was.fingerprint, [1, 2], student.pieces)
    assert {measure["key"] for measure in found["comparison"]["measures"]} >= {"lead_mrr", "lead_top_5", "title_body"}
    assert student.agreement.float32 > 0.999
    told = (student.folder / "README.md").read_text(encoding="utf-8")
    assert "1 of its 2 layers" in told
    assert "lead right first" in told


def test_no_text_is_in_the_folder(student: Distilled) -> None:
    for name in (RECORD, "README.md", MANIFEST):
        said = (student.folder / name).read_text(encoding="utf-8")
        assert not any(text in said for text in [*sentences(), *(case.suggestion.title for case in history())])


@pytest.mark.filterwarnings("ignore")
def test_both_readers_give_the_same_vectors(student: Distilled) -> None:
    from sentence_transformers import SentenceTransformer

    texts = sentences(8)
    theirs = SentenceTransformer(str(student.folder), device="cpu", local_files_only=True).encode(texts)
    assert (theirs * SentenceEncoder.load(student.folder).encode(texts)).sum(axis=1).min() > 0.98


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("needs_torch")
class TestTheDoor:
    def test_without_cases_vectors_alone_are_compared(self, teacher: Path, out: Path) -> None:
        done = distil(sentences(), out, encoder=teacher, settings=replace(QUICK, epochs=1))
        assert done.comparison.verdict is Verdict.UNPROVEN
        assert {measure.key for measure in done.comparison.measures} == {"title_body", "same_matter"}
        assert "Compare it on cases of your own before you use it" in (out / "README.md").read_text(encoding="utf-8")

    def test_a_target_that_is_taken_is_told_before_any_work(self, teacher: Path) -> None:
        with pytest.raises(EncoderError, match="an encoder stands here already"):
            distil([], teacher, encoder=teacher)

    def test_an_interruption_leaves_nothing(self, teacher: Path, out: Path) -> None:
        def stop(step: str, share: float) -> None:
            if step == "comparing":
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            distil(sentences(), out, encoder=teacher, settings=replace(QUICK, epochs=1), progress=stop)
        assert left_beside(out) == []

    def test_the_command_tells_what_came_of_it(
        self, teacher: Path, out: Path, tmp_path: Path, command: Callable[..., Said]
    ) -> None:
        texts = tmp_path / "texts.txt"
        texts.write_text("\n".join(sentences()), encoding="utf-8")
        said = command(
            *("encoder", "distil", texts, "--out", out, "--encoder", teacher),
            *("--layers", 1, "--epochs", 1, "--pieces", 200),
        )
        assert said.code == 0, said.err
        assert "1 of 2 layers, 180 pieces of text" in said.out
        assert "times as fast here. Compare it on cases of your own" in said.out
        assert is_whole(out)


def test_speed_is_told_as_a_ratio(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]

    class Timed:
        def __init__(self, *seconds: float) -> None:
            self.seconds = iter(seconds)

        def encode(self, texts: Sequence[str]) -> None:
            clock[0] += next(self.seconds)

    monkeypatch.setattr(door.time, "perf_counter", lambda: clock[0])
    slow, quick = Timed(3, 3, 3, 90, 3), Timed(1, 1, 1, 1, 50)
    assert times_as_fast(slow, quick, ["路"]) == 3.0, "a busy moment does not count"  # type: ignore[arg-type]


def test_the_advice_names_the_loss_that_cannot_be_ruled_out() -> None:
    measure = Measure("lead_mrr", "lead, mean reciprocal rank", 300, 0.8, 0.79, (-0.021, 0.004))
    assert "At worst (lead, mean reciprocal rank) it is -0.021." in advice(Comparison((measure,), Verdict.SAME))
    assert advice(Comparison((measure,), Verdict.WORSE)).startswith("Keep the teacher")
    assert "At worst" not in advice(Comparison((), Verdict.UNPROVEN))
