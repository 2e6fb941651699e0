"""``python -m benchmarks.service``: the service's time, load, start and memory. Leave the machine alone meanwhile."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.environment import environment
from benchmarks.options import RESULTS
from benchmarks.service import batch, history, load, turns
from benchmarks.service.report import markdown, ratios, write
from benchmarks.service.servers import cores, free_port, ours, plain, started
from benchmarks.speed.texts import texts_of
from triage import Triager
from triage.encoders.locate import find_encoder
from triage.errors import TriageError

KEPT = Path(__file__).resolve().parents[2] / "build" / "benchmarks"
CHARACTERS = 100
BATCH = 1_000
"""Rows of the batch."""
STARTS = 3
SERVER_SETTINGS = {"TRIAGE_RATE": "0", "TRIAGE_QUEUE": "64"}
"""One key asks for all clerks here, so it has no rate; nobody is refused, so that waiting is measured."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit code."""
    wanted = _parser().parse_args(arguments)
    console = Console(stderr=True)
    try:
        result = measure(wanted, console)
    except TriageError as error:
        console.print(str(error), style="red")
        return 2
    raw, readable = write(result, wanted.out)
    print(markdown(result))
    console.print(f"written: {raw}, {readable}")
    return 0


def measure(wanted: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Everything, the service and the plain endpoint side by side."""
    encoder = wanted.encoder or find_encoder()
    triager = Triager.load(wanted.model, encoder)
    file = KEPT / f"{triager.card['model']}-{wanted.rows}.index"
    index = history.built(file, triager, wanted.rows, encoder, console.print)
    result: dict[str, Any] = environment(encoder, "uvicorn", "fastapi", "sqlalchemy", "locust")
    result["setup"] = {
        "cores": cores(),
        "rows": wanted.rows,
        "processes": wanted.processes,
        "characters": CHARACTERS,
        "server_settings": SERVER_SETTINGS,
    }
    result["start"] = {}
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        one, other = free_port(), free_port()
        memory = scratch / "memory"
        commands = {
            "service": (ours(wanted.model, index, memory, one, wanted.processes, encoder), one, memory / "demo.key"),
            "plain": (plain(wanted.model, index, other, encoder), other, None),
        }
        console.print("one at a time")
        texts = texts_of(CHARACTERS, wanted.texts)
        with (
            started(*commands["service"][:2], SERVER_SETTINGS, commands["service"][2]) as service,
            started(*commands["plain"][:2], {}) as endpoint,
            triager.index(index) as asked,
            turns.over_http(service) as asks_service,
            turns.over_http(endpoint) as asks_plain,
        ):
            asks = {"service": asks_service, "plain": asks_plain}
            result["one_at_a_time"] = turns.measure({"library": turns.library(triager, asked), **asks}, texts)
        result |= _loads(wanted, commands, texts, scratch, result["start"], console)
    result["ratios"] = ratios(result)
    return result


def _loads(
    wanted: argparse.Namespace,
    commands: dict[str, tuple[list[str], int, Path | None]],
    texts: Sequence[str],
    scratch: Path,
    starts: dict[str, Any],
    console: Console,
) -> dict[str, Any]:
    """Each server alone on the machine, under clerks and without a pause; how it started, what it held afterwards."""
    loads = {
        "clerks": load.Load(wanted.clients, wanted.seconds, *wanted.think),
        "without_pause": load.Load(wanted.clients, wanted.seconds, 0.0, 0.0),
    }
    found: dict[str, Any] = {
        name: {"clients": one.clients, "seconds": one.seconds, "think": [one.least, one.most]}
        for name, one in loads.items()
    }
    for server, (command, port, key) in commands.items():
        environ = SERVER_SETTINGS if server == "service" else {}
        with started(command, port, environ, key) as running:
            for name, one in loads.items():
                console.print(f"{name}: {server}")
                found[name][server] = load.measure(running, one, texts, scratch)
            if server == "service":
                console.print("batch")
                found["batch"] = batch.measure(running, texts_of(CHARACTERS, BATCH))
            starts[server] = {"memory": running.memory()}
        starts[server]["ready_s"] = _ready(command, port, environ, key)
    return found


def _ready(command: list[str], port: int, environ: dict[str, str], key: Path | None) -> float:
    """Seconds until a server answers, the median of some starts on the memory that is there."""
    seconds = []
    for _ in range(STARTS):
        with started(command, port, environ, key) as server:
            seconds.append(server.ready_seconds)
    return statistics.median(seconds)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service", description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("models/starter"), help="bundle; default models/starter")
    parser.add_argument("--encoder", type=Path, help="encoder folder; without it the usual places are searched")
    parser.add_argument("--rows", type=int, default=100_000, help="texts in the index")
    parser.add_argument("--processes", type=int, default=cores(), help="serving processes; default: one a core")
    parser.add_argument("--texts", type=int, default=200, help="texts that are asked one at a time")
    parser.add_argument("--clients", type=int, default=50, help="clients at once")
    parser.add_argument("--seconds", type=int, default=60, help="seconds of each load")
    parser.add_argument(
        "--think", type=float, nargs=2, default=[2.0, 8.0], help="least and most seconds for which a clerk reads"
    )
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results; default benchmarks/results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
