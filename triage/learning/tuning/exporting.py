"""From trained weights to an encoder folder that serves: the graph is written anew and held to what torch computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from triage.encoders import sbert
from triage.encoders.adopt import adopt
from triage.encoders.folder import TOKENIZER, Manifest, seal, write_json
from triage.encoders.graph import encoder_graph
from triage.encoders.sentence import SentenceEncoder
from triage.errors import EncoderError

if TYPE_CHECKING:
    from triage.learning.tuning.network import Network

Vectors = NDArray[np.float32]

RECORD = "tuning.json"
"""The file of an encoder folder that says how it was tuned and how it compares with what it came from."""
TRIED = 64
"""Texts on which torch and the graphs are compared."""
FLOAT_AGREES = 0.999
INT8_AGREES = 0.95
"""The least cosine between torch's vectors and those of the float and of the int8 graph."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """The least cosine between torch's vectors and those of each graph, on `texts` texts."""

    texts: int
    float32: float
    int8: float


def export(network: Network, scratch: Path, name: str, texts: Sequence[str], came: str = "") -> tuple[Path, Agreement]:
    """A sealed encoder folder of the network's present weights under `scratch`; `came` says what it was made from.

    Raises EncoderError if a graph gives other vectors than torch for some of the `texts`.
    """
    trained, work = scratch / "trained", scratch / "encoder"
    network.save(trained)
    _complete(trained, network.manifest)
    work.mkdir()
    manifest = adopt(trained, work, scratch, network.manifest.prompt, lambda what, share: None)
    came = came or f"tuned from {network.manifest.name}, fingerprint {network.manifest.fingerprint}"
    manifest = seal(work, replace(manifest, name=name, source=came, max_tokens=network.manifest.max_tokens))
    return work, _agreement(network, work, manifest, list(dict.fromkeys(texts))[:TRIED])


def _complete(trained: Path, manifest: Manifest) -> None:
    """What sentence-transformers leaves out or writes in its own way: where texts are cut."""
    path = sbert.read(trained).transformer / "sentence_bert_config.json"
    write_json(path, {**(sbert.read_json(path) or {}), "max_seq_length": manifest.max_tokens})
    if not (trained / TOKENIZER).is_file():
        raise EncoderError(f"{trained.name}: sentence-transformers wrote no {TOKENIZER}; a fast tokenizer is needed")


def _agreement(network: Network, work: Path, manifest: Manifest, texts: list[str]) -> Agreement:
    theirs = network.encode(texts)
    least = {
        "float": float((theirs * _float_vectors(work, manifest, texts)).sum(axis=1).min()),
        "int8": float((theirs * SentenceEncoder.load(work).encode(texts)).sum(axis=1).min()),
    }
    for kind, wanted in (("float", FLOAT_AGREES), ("int8", INT8_AGREES)):
        if not least[kind] >= wanted:
            raise EncoderError(
                f"the {kind} graph gives other vectors than torch (cosine {least[kind]:.4f}, at least {wanted} is "
                "wanted); tune with fewer epochs or a smaller rate, and report it if that does not help"
            )
    return Agreement(len(texts), round(least["float"], 5), round(least["int8"], 5))


def _float_vectors(work: Path, manifest: Manifest, texts: Sequence[str]) -> Vectors:
    """The vectors of the same weights as a float graph, which is not kept."""
    import onnxruntime
    from tokenizers import Tokenizer

    description = sbert.read(work)
    bert = sbert.read_bert(description.transformer)
    if bert is None:
        raise EncoderError(f"{work.name}: the weights that sentence-transformers wrote cannot be read")
    graph = encoder_graph(bert, pooling=description.pooling, normalise=description.normalise, int8=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(graph.SerializeToString(), options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(work / TOKENIZER))
    tokenizer.no_padding()
    tokenizer.enable_truncation(manifest.max_tokens)
    rows = []
    for text in texts:
        ids = np.array([tokenizer.encode(manifest.prompt + text).ids], np.int64)
        rows.append(session.run(["sentence_embedding"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0])
    found = np.asarray(rows, np.float32)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def record(work: Path, manifest: Manifest, told: Mapping[str, Any], card: str) -> Manifest:
    """Write what is known of the tuning into the folder, as JSON and for people, and seal it again."""
    write_json(work / RECORD, dict(told))
    (work / "README.md").write_text(card, encoding="utf-8", newline="\n")
    return seal(work, manifest)
