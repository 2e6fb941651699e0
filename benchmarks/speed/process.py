"""The environment of a process that is measured apart."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def apart(threads: int) -> dict[str, str]:
    """This process's environment with a bound on threads, and this package on the path wherever it is started."""
    bound = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(threads))
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return {**os.environ, **bound, "PYTHONPATH": path, "TOKENIZERS_PARALLELISM": "false"}
