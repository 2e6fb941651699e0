"""The sentence encoder as it serves: vectors that depend on the text alone, a folder that is checked when opened."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.encoders.sentence import CHARACTERS_PER_TOKEN, SentenceEncoder
from triage.errors import EncoderError, InputError

TEXTS = [
    "关于在城东增设公交站点的建议",
    "希望在学校门口画斑马线，上下学时派人疏导。",
    "路灯坏了三个月没人修",
    "建议把老年食堂开到每个社区，让独居老人吃上热饭；同时为行动不便的人送餐上门，费用由财政和家庭分担。",
    "WiFi 信号差，5G 基站少",
]


@pytest.fixture(scope="module")
def encoder(encoder_folder: Path) -> SentenceEncoder:
    return SentenceEncoder.load(encoder_folder, threads=2)


def test_vectors_have_length_one_and_stand_in_order(encoder: SentenceEncoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder.dimension)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    for row, text in zip(vectors, TEXTS, strict=True):
        assert np.array_equal(row, encoder.encode([text])[0])


def test_the_same_matter_in_other_words_is_nearest(encoder: SentenceEncoder) -> None:
    asked = encoder.encode(["给我们小区多装几个电动车充电的地方"])[0]
    others = encoder.encode(["增设电动自行车充电桩", "增设公交线路", "加强食品安全检查", "修缮文物古迹"])
    assert int(np.argmax(others @ asked)) == 0


def test_no_text_gives_no_row(encoder: SentenceEncoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dimension)


@settings(max_examples=10)
@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=8))
def test_neighbours_order_and_repetition_change_nothing(encoder: SentenceEncoder, texts: list[str]) -> None:
    alone = dict(zip(TEXTS, encoder.encode(TEXTS), strict=True))
    assert np.array_equal(encoder.encode(texts), np.array([alone[text] for text in texts]))


def test_the_number_of_threads_changes_nothing(encoder_folder: Path, encoder: SentenceEncoder) -> None:
    one = SentenceEncoder.load(encoder_folder, threads=1)
    assert np.array_equal(one.encode(TEXTS * 2), encoder.encode(TEXTS * 2))
    assert one.fingerprint == encoder.fingerprint


def test_repeated_texts_are_encoded_once_and_progress_is_told(encoder: SentenceEncoder) -> None:
    told: list[tuple[int, int]] = []
    encoder.encode([*TEXTS, *TEXTS], progress=lambda done, total: told.append((done, total)))
    assert told == [(done, len(TEXTS)) for done in range(1, len(TEXTS) + 1)]


def test_what_is_remembered_is_not_encoded_again(encoder_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder, encoded = SentenceEncoder.load(encoder_folder, threads=1), list[str]()  # in order: which one goes is told
    usual = encoder._one
    monkeypatch.setattr(encoder, "_one", lambda text: (encoded.append(text), usual(text))[1])
    texts = ["村口没有路灯", "公交间隔太长", "公交站台没有座椅"]
    encoder.remember(2)
    first = encoder.encode(texts)
    encoder.remember(2)
    assert np.array_equal(encoder.encode(texts[1::-1]), first[1::-1])
    assert len(encoded) == 3
    assert np.array_equal(encoder.encode(texts[2:]), first[2:])
    assert len(encoded) == 4, "the longest is encoded first, and the two after it have crowded it out"
    encoder.remember(0)
    encoder.encode(texts[:1])
    encoder.encode(texts[:1])
    assert len(encoded) == 6


def test_an_interrupted_call_leaves_the_encoder_usable(encoder: SentenceEncoder) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        encoder.encode(TEXTS, progress=stop)
    assert encoder.encode(TEXTS[:1]).shape == (1, encoder.dimension)


def test_text_beyond_the_cut_does_not_count(encoder: SentenceEncoder) -> None:
    start = "请尽快疏通河道，" * (encoder.max_tokens // 2)
    first, second = encoder.encode([start + "另外修一座桥。", start + "还要建一所小学。"])
    assert np.array_equal(first, second)
    short = "请尽快疏通河道，"
    assert not np.array_equal(*encoder.encode([short + "另外修一座桥。", short + "还要建一所小学。"]))


def test_a_very_long_text_takes_no_longer_than_the_cut(encoder: SentenceEncoder) -> None:
    limit = encoder.max_tokens * CHARACTERS_PER_TOKEN
    vectors = encoder.encode(["村道硬化" * limit, "村道硬化" * (limit // 4)])
    assert np.array_equal(vectors[0], vectors[1])


@pytest.mark.parametrize(
    "text", ["", " ", "\n\t", "😀👍🏽", "\x00\x07", "\u200b", "ไทย", "<mask></s>", "\ud83d", "A" * 5000]
)
def test_any_text_has_a_vector(encoder: SentenceEncoder, text: str) -> None:
    (vector,) = encoder.encode([text])
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


@settings(max_examples=30)
@given(st.text(max_size=60))
def test_any_text_has_the_same_vector_twice(encoder: SentenceEncoder, text: str) -> None:
    first, second = encoder.encode([text, TEXTS[0]]), encoder.encode([TEXTS[1], text])
    assert np.array_equal(first[0], second[1])


def test_width_and_invisible_characters_do_not_count(encoder: SentenceEncoder) -> None:
    plain, wide = encoder.encode(["修建3条路(A段)", "修建３条路（Ａ段）"])
    assert np.array_equal(plain, wide)
    plain, noisy = encoder.encode(["修建三条路", "修建\x02三条路"])
    assert np.array_equal(plain, noisy)


def test_another_cut_is_another_encoder(encoder_folder: Path, encoder: SentenceEncoder) -> None:
    shorter = SentenceEncoder.load(encoder_folder, max_tokens=16)
    assert shorter.fingerprint != encoder.fingerprint
    assert not np.array_equal(shorter.encode([TEXTS[3]]), encoder.encode([TEXTS[3]]))
    assert np.array_equal(shorter.encode([TEXTS[2]]), encoder.encode([TEXTS[2]]))


@pytest.mark.parametrize("tokens", [0, 2, 513])
def test_a_cut_that_the_model_does_not_take_is_refused(encoder_folder: Path, tokens: int) -> None:
    with pytest.raises(InputError, match=f"max_tokens: {tokens}; .* 3 to 512"):
        SentenceEncoder.load(encoder_folder, max_tokens=tokens)


@pytest.fixture
def copied(encoder_folder: Path, tmp_path: Path) -> Path:
    """A copy of what serving reads."""
    for name in ("encoder.json", "tokenizer.json", "onnx/model_qint8.onnx"):
        target = tmp_path / "encoder" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(encoder_folder / name, target)
    return tmp_path / "encoder"


def test_serving_needs_three_files(copied: Path, encoder: SentenceEncoder) -> None:
    assert np.array_equal(SentenceEncoder.load(copied).encode(TEXTS[:1]), encoder.encode(TEXTS[:1]))


@pytest.mark.parametrize("name", ["tokenizer.json", "onnx/model_qint8.onnx"])
def test_a_damaged_file_is_found(copied: Path, name: str) -> None:
    data = bytearray((copied / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copied / name).write_bytes(data)
    with pytest.raises(EncoderError, match=rf"{Path(name).name}: SHA-256 is .* the manifest says .* install"):
        SentenceEncoder.load(copied)


@pytest.mark.parametrize("name", ["encoder.json", "tokenizer.json", "onnx/model_qint8.onnx"])
def test_a_missing_file_is_found(copied: Path, name: str) -> None:
    (copied / name).unlink()
    with pytest.raises(EncoderError, match=rf"{Path(name).name}.* is missing.*triage encoder install"):
        SentenceEncoder.load(copied)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 99}, "format 99, this version of triage reads 1"),
        ({"dimension": 0}, "impossible"),
        ({"max_tokens": 4096}, "impossible"),
        ({"graph": "onnx/other.onnx"}, "not among the files"),
        ({"files": ["tokenizer.json"]}, "not among the files"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_manifest_that_contradicts_itself_is_refused(copied: Path, change: dict[str, object], message: str) -> None:
    manifest = json.loads((copied / "encoder.json").read_bytes())
    (copied / "encoder.json").write_text(json.dumps({**manifest, **change}), encoding="utf-8")
    with pytest.raises(EncoderError, match=message):
        SentenceEncoder.load(copied)


def test_a_manifest_names_nothing_outside_its_folder(copied: Path) -> None:
    manifest = json.loads((copied / "encoder.json").read_bytes())
    manifest["files"]["../secret"] = "0" * 64
    (copied / "encoder.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(EncoderError, match="outside the folder"):
        SentenceEncoder.load(copied)


@pytest.mark.parametrize("content", ["", "[]", "{}", "nonsense", '{"format": 1}'])
def test_a_manifest_that_is_none_is_refused(copied: Path, content: str) -> None:
    (copied / "encoder.json").write_text(content, encoding="utf-8")
    with pytest.raises(EncoderError, match=r"encoder\.json: damaged"):
        SentenceEncoder.load(copied)


def test_serving_imports_nothing_heavy(encoder_folder: Path) -> None:
    code = (
        "import sys; from triage.encoders.sentence import SentenceEncoder\n"
        "assert not {'onnxruntime', 'tokenizers'} & set(sys.modules), 'at import'\n"
        f"SentenceEncoder.load({str(encoder_folder)!r}).encode(['修路'])\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'sklearn', 'pandas', 'onnx'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == done.stderr == ""
