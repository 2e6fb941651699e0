"""Taking in a model of the user's own: an encoder folder, a SentenceTransformer folder, or a model's name."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from triage.encoders import sbert
from triage.encoders.folder import GRAPH, MANIFEST, TOKENIZER, Manifest, is_whole, read_manifest
from triage.encoders.graph import encoder_graph, pooled_graph
from triage.errors import EncoderError

EXTRA = "install suggestion-triage with its extra `sentence-transformers`, or give a folder that"
_LEFT_OUT = shutil.ignore_patterns("onnx", "openvino", "*.bin", "*.h5", "*.ot", "*.msgpack", ".*", MANIFEST)


def adopt(
    source: str | Path, work: Path, scratch: Path, prompt: str | None, tell: Callable[[str, float], None]
) -> Manifest:
    """Fill the folder `work` from a folder or a model's name; the manifest that comes back is not sealed yet.

    A whole encoder folder is copied. Of a SentenceTransformer folder, an int8 graph is taken over; without one, BERT
    and RoBERTa are exported from their weights; any other model must bring an ONNX graph. `prompt` replaces the
    folder's own. `scratch` is for what is needed only meanwhile. Raises EncoderError if the model cannot be taken in,
    and says why.
    """
    folder = Path(source)
    if not folder.is_dir():
        tell("fetching the model", 0.0)
        folder = _convert(_checked_name(source), scratch)
    elif is_whole(folder) and prompt in (None, read_manifest(folder).prompt):
        tell("copying the encoder", 0.0)
        shutil.copytree(folder, work, dirs_exist_ok=True)
        return read_manifest(folder)
    elif not _is_readable(folder):
        tell("converting the model", 0.0)
        folder = _convert(str(folder), scratch)
    tell("copying the model", 0.3)
    shutil.copytree(folder, work, dirs_exist_ok=True, ignore=_LEFT_OUT)
    description = sbert.read(work)
    description = replace(description, prompt=description.prompt if prompt is None else prompt)
    sbert.settle(work, description)
    _place_tokenizer(work, description)
    tell("writing the graph", 0.5)
    graph = _place_graph(folder, work, description)
    return Manifest(
        name=Path(source).resolve().name,
        source="a folder" if Path(source).is_dir() else str(source),
        dimension=description.dimension,
        max_tokens=description.max_tokens,
        positions=description.positions,
        prompt=description.prompt,
        graph=graph,
    )


def _checked_name(source: str | Path) -> str:
    """The name of a model, as opposed to the path of a folder that does not exist."""
    name = str(source)
    if isinstance(source, Path) or name.count("/") > 1 or name.startswith((".", "~", "/")) or "\\" in name:
        raise EncoderError(
            f"{name}: no such folder; give a SentenceTransformer folder, or a model's name such as owner/model"
        )
    return name


def _is_readable(folder: Path) -> bool:
    """Whether a folder has all that is needed to take it in without sentence-transformers."""
    if not (folder / "modules.json").is_file():
        return False
    transformer = sbert.read(folder).transformer
    weights = any(transformer.glob("model*.safetensors")) or any(folder.glob("onnx/*.onnx"))
    return weights and (transformer / TOKENIZER).is_file()


def _convert(name: str, scratch: Path) -> Path:
    """A model as sentence-transformers loads and saves it."""
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        needed = f"holds modules.json, {TOKENIZER} and model.safetensors"
        raise EncoderError(f"{name}: this model has to be loaded first; {EXTRA} {needed}") from error
    target = scratch / "model"
    try:
        SentenceTransformer(name, device="cpu").save(str(target))
    except Exception as error:
        raise EncoderError(f"{name}: sentence-transformers cannot load it ({error})") from error
    return target


def _place_tokenizer(work: Path, description: sbert.Description) -> None:
    """Put the tokenizer where serving looks for it, with lower-casing inside if the model wants that."""
    if description.lower:
        from tokenizers import Tokenizer, normalizers

        tokenizer = Tokenizer.from_file(str(description.transformer / TOKENIZER))
        steps = [normalizers.Lowercase(), *([tokenizer.normalizer] if tokenizer.normalizer else [])]
        tokenizer.normalizer = normalizers.Sequence(steps)
        tokenizer.save(str(work / TOKENIZER))
    elif description.transformer != work:
        shutil.copy(description.transformer / TOKENIZER, work / TOKENIZER)


def _place_graph(folder: Path, work: Path, description: sbert.Description) -> str:
    """Write the graph that serving reads, and return its path inside `work`."""
    # After training, the graph of an encoder folder no longer belongs to the weights beside it.
    graphs = [] if (folder / MANIFEST).is_file() else sorted(folder.glob("onnx/*.onnx"))
    int8 = [path for path in graphs if "int8" in path.name or "quantized" in path.name]
    bert = None if int8 else sbert.read_bert(description.transformer)
    (work / "onnx").mkdir()
    pooling, normalise = description.pooling, description.normalise
    if bert is not None:
        model = encoder_graph(bert, pooling=pooling, normalise=normalise)
        (work / GRAPH).write_bytes(model.SerializeToString(deterministic=True))
        return GRAPH
    if not graphs:
        raise EncoderError(
            f"{folder}: neither BERT nor RoBERTa with plain gelu, and without an ONNX graph; export one with"
            " sentence-transformers (backend='onnx') into its folder onnx/"
        )
    import onnx

    path = (int8 or graphs)[0]
    try:
        model = pooled_graph(onnx.load(str(path)), pooling=pooling, normalise=normalise)
    except Exception as error:
        raise EncoderError(f"{path}: this ONNX graph cannot be used ({error})") from error
    (work / "onnx" / path.name).write_bytes(model.SerializeToString(deterministic=True))
    return f"onnx/{path.name}"
