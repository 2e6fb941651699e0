"""The memory of this process, now and at its highest."""

from __future__ import annotations

import re
import resource
import sys
from pathlib import Path

MIB = 1 << 20


def forget_peak() -> bool:
    """Let the highest mark start anew; False where the system cannot (anything but Linux)."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return False
    return True


def peak() -> float:
    """The highest mark of resident memory since `forget_peak`, or since the start where that fails; MiB."""
    return _status("VmHWM") or _highest()


def resident() -> float:
    """Resident memory now, in MiB; where the system does not say, the highest so far."""
    return _status("VmRSS") or _highest()


def _status(field: str) -> float:
    try:
        found = re.search(rf"^{field}:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
    except OSError:
        return 0.0
    return int(found[1]) * 1024 / MIB if found else 0.0


def _highest() -> float:
    """Since the start; Linux counts in KiB, macOS in bytes."""
    value = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return value / MIB if sys.platform == "darwin" else value * 1024 / MIB
