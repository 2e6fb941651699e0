"""The student before it has learned anything: some layers of its teacher, as an encoder folder of its own."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np

from triage.encoders import sbert
from triage.encoders.adopt import adopt
from triage.encoders.folder import MANIFEST, read_manifest, seal, verify, write_json
from triage.errors import EncoderError, InputError

_LAYER = "encoder.layer."
_LEFT_OUT = shutil.ignore_patterns("onnx", "openvino", "*.safetensors", "*.safetensors.index.json", "*.bin", MANIFEST)


def chosen(depth: int, layers: int) -> list[int]:
    """Which of `depth` layers a student of so many begins with: the first, the last, and evenly between them (as in
    Sanh et al., "DistilBERT", 2019). Raises InputError for none, or for as many as there are.
    """
    if not 1 <= layers < depth:
        raise InputError(
            f"layers: {layers}; this encoder has {depth}, and a student 1 to {depth - 1}", zh="层数不在允许范围内"
        )
    return [round(float(place)) for place in np.linspace(0, depth - 1, layers)] if layers > 1 else [0]


def begin(teacher: Path, layers: int, scratch: Path) -> Path:
    """An encoder folder under `scratch` that holds `layers` of the teacher's layers.

    Raises EncoderError for a folder that is no encoder or holds no weights of BERT or RoBERTa, InputError for a number
    of layers that it cannot have.
    """
    from safetensors.numpy import save_file

    manifest = read_manifest(teacher)
    verify(teacher, manifest)
    bert = sbert.read_bert(sbert.read(teacher).transformer)
    if bert is None:
        raise EncoderError(
            f"{teacher}: holds no weights of BERT or RoBERTa with plain gelu, so that no layers can be taken from it; "
            "take the encoder of `triage encoder install`"
        )
    kept = {str(layer): str(place) for place, layer in enumerate(chosen(bert.layers, layers))}
    raw, work = scratch / "begun", scratch / "student"
    shutil.copytree(teacher, raw, ignore=_LEFT_OUT)
    transformer = sbert.read(raw).transformer
    weights = {}
    for name, value in bert.weights.items():
        if not name.startswith(_LAYER):
            weights[name] = value
            continue
        layer, rest = name.removeprefix(_LAYER).split(".", 1)
        if layer in kept:
            weights[f"{_LAYER}{kept[layer]}.{rest}"] = value
    save_file(weights, transformer / "model.safetensors", metadata={"format": "pt"})
    config = sbert.read_json(transformer / "config.json")
    write_json(transformer / "config.json", {**config, "num_hidden_layers": layers})
    work.mkdir()
    taken = adopt(raw, work, scratch, manifest.prompt, lambda what, share: None)
    name = f"{manifest.name}, {layers} of {bert.layers} layers"
    seal(work, replace(taken, name=name, max_tokens=manifest.max_tokens))
    return work
