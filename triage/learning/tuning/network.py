"""The encoder while it learns: its layers in torch, read and written through sentence-transformers."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from triage.encoders import sbert
from triage.encoders.folder import REMEDY, TOKENIZER, read_manifest, verify
from triage.errors import EncoderError, InputError

if TYPE_CHECKING:
    from triage.encoders.sentence import SentenceEncoder

Vectors = NDArray[np.float32]

NEEDED = ("torch", "sentence_transformers", "transformers")
AT_ONCE = 32
"""Texts that are encoded at a time where nothing is learned."""


def check_packages() -> None:
    """Raise EncoderError, which names what to install, unless an encoder can be tuned here."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise EncoderError(
            f"teaching an encoder needs the packages {', '.join(missing).replace('_', '-')}, which serving does not. "
            "Install suggestion-triage with its extra `sentence-transformers` (a CPU build of torch is enough)."
        )


def check_same(network: Network, sentence: SentenceEncoder) -> None:
    """Raise EncoderError if the folder was replaced between the opening of the one and of the other."""
    if network.manifest.fingerprint != sentence.manifest.fingerprint:
        raise EncoderError(
            "the encoder folder was replaced while it was being tuned (fingerprint "
            f"{sentence.manifest.fingerprint[:12]} before, {network.manifest.fingerprint[:12]} now); begin again"
        )


class Network:
    """A BERT encoder whose last `layers` learn; everything below stays as it is.

    Texts are prompted, cut and tokenised as in serving. Raises EncoderError for a folder that is no encoder or holds no
    weights of BERT or RoBERTa, InputError for more layers than it has.
    """

    def __init__(self, folder: str | Path, layers: int, device: str | None = None) -> None:
        check_packages()
        folder = Path(folder)
        self.manifest = read_manifest(folder)
        description = sbert.read(folder)
        bert = sbert.read_bert(description.transformer)
        if bert is None:
            raise EncoderError(
                f"{folder}: holds no weights of BERT or RoBERTa with plain gelu, so that nothing can be tuned; take "
                "the encoder of `triage encoder install`, or adopt a model that has model.safetensors"
            )
        if not 1 <= layers <= bert.layers:
            raise InputError(f"layers: {layers}; this encoder has {bert.layers}, 1 to {bert.layers} of them can learn")
        verify(folder, self.manifest)
        self._open(folder, layers, bert.layers, device)

    def _open(self, folder: Path, layers: int, depth: int, device: str | None) -> None:
        import torch
        from sentence_transformers import SentenceTransformer
        from tokenizers import Tokenizer

        self.device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        try:
            self._model: Any = SentenceTransformer(str(folder), device=self.device, local_files_only=True)
            self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        except Exception as error:
            raise EncoderError(f"{folder}: sentence-transformers cannot load it ({error}); {REMEDY}") from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(self.manifest.max_tokens)
        self._model.eval()
        learning = tuple(f"encoder.layer.{row}." for row in range(depth - layers, depth))
        self._learning: dict[str, Any] = {}
        for name, parameter in self._model.named_parameters():
            parameter.requires_grad = any(part in name for part in learning)
            if parameter.requires_grad:
                self._learning[name] = parameter
        self._blocks = [m for name, m in self._model.named_modules() if f"{name}.".endswith(learning)]

    @property
    def parameters(self) -> list[Any]:
        """The parameters that learn."""
        return list(self._learning.values())

    def learning(self, on: bool) -> None:
        """Switch dropout on in the layers that learn, or off."""
        for block in self._blocks:
            block.train(on)

    def forward(self, texts: Sequence[str]) -> Any:
        """The vectors of the texts, one batch, as a torch tensor (texts, dimension) of rows of length one."""
        import torch

        ids = [self._tokenizer.encode(self.manifest.prompt + text).ids for text in texts]
        width = max(map(len, ids))
        padding = self._model.tokenizer.pad_token_id or 0
        table = torch.tensor([row + [padding] * (width - len(row)) for row in ids], device=self.device)
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in ids], device=self.device)
        found = self._model({"input_ids": table, "attention_mask": mask})["sentence_embedding"]
        return torch.nn.functional.normalize(found, dim=1)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """The vectors as they are now, (texts, dimension), in order; nothing learns."""
        import torch

        rows = {text: row for row, text in enumerate(dict.fromkeys(texts))}
        order = sorted(rows, key=len)
        found = np.zeros((len(rows), self.manifest.dimension), np.float32)
        with torch.inference_mode():
            for start in range(0, len(order), AT_ONCE):
                some = order[start : start + AT_ONCE]
                found[[rows[text] for text in some]] = self.forward(some).cpu().numpy()
        return found[[rows[text] for text in texts]]

    def state(self) -> dict[str, Any]:
        """A copy of what learns."""
        return {name: parameter.detach().clone() for name, parameter in self._learning.items()}

    def restore(self, state: dict[str, Any]) -> None:
        """Put a copy back."""
        import torch

        with torch.no_grad():
            for name, parameter in self._learning.items():
                parameter.copy_(state[name])

    def save(self, folder: Path) -> None:
        """Write a SentenceTransformer folder, without a graph."""
        self._model.save(str(folder), create_model_card=False)
