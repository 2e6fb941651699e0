"""One system in a process of its own: reads ``{"texts": [...], "batch": n}`` lines, answers with seconds and memory.

``python -m benchmarks.speed.worker SYSTEM FOLDER [ENCODER]`` with SYSTEM one of ``encoder``, ``triager``, ``torch``.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.speed.memory import forget_peak, peak, resident

Answering = Callable[[list[str]], Any]


def encoder(folder: str) -> Answering:
    """The sentence encoder alone."""
    from triage.encoders.sentence import SentenceEncoder

    return SentenceEncoder.load(folder, threads=1).encode


def triager(bundle: str, folder: str | None = None) -> Answering:
    """All heads of a model."""
    from triage import Suggestion, Triager

    model = Triager.load(bundle, folder, threads=1)
    return lambda texts: model.triage([Suggestion(text=text) for text in texts])


def torch(folder: str) -> Answering:
    """The same weights in sentence-transformers, float32."""
    os.environ["TRANSFORMERS_OFFLINE"] = os.environ["HF_HUB_OFFLINE"] = "1"
    import torch as library
    from sentence_transformers import SentenceTransformer

    library.set_num_threads(1)
    model = SentenceTransformer(folder, device="cpu")
    return lambda texts: model.encode(texts, normalize_embeddings=True, show_progress_bar=False)


SYSTEMS: dict[str, Callable[..., Answering]] = {"encoder": encoder, "triager": triager, "torch": torch}


def serve(answering: Answering, started: float) -> None:
    """Say that it is ready, then answer line by line until the input ends."""
    answering(["请在路口加装一盏路灯。"])  # the first call fills what is filled on demand
    _say({"ready": round(time.perf_counter() - started, 3), "resident": round(resident(), 1)})
    for line in sys.stdin:
        task = json.loads(line)
        texts: list[str] = task["texts"]
        size: int = task["batch"]
        exact = forget_peak()
        spent = [_timed(answering, texts[start : start + size]) for start in range(0, len(texts), size)]
        _say(
            {
                "wall": [wall for wall, _ in spent],
                "cpu": [cpu for _, cpu in spent],
                "peak": round(peak(), 1),
                "exact": exact,
            }
        )


def _timed(answering: Answering, texts: Sequence[str]) -> tuple[float, float]:
    """Seconds a text, by the clock and of computing."""
    cpu, wall = time.process_time(), time.perf_counter()
    answering(list(texts))
    return (time.perf_counter() - wall) / len(texts), (time.process_time() - cpu) / len(texts)


def _say(told: dict[str, Any]) -> None:
    # The original descriptor: what a library prints must not get between the answers.
    os.write(CHANNEL, (json.dumps(told) + "\n").encode())


CHANNEL = 1

if __name__ == "__main__":
    CHANNEL = os.dup(1)
    os.dup2(2, 1)
    serve(SYSTEMS[sys.argv[1]](*sys.argv[2:]), time.perf_counter())
