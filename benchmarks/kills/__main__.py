"""``python -m benchmarks.kills``: kill -9 at random moments under writing load; count what is lost or doubled."""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import track

from benchmarks.environment import environment
from benchmarks.kills.callers import ASKS, PLACES, Caller, Ledger
from benchmarks.kills.server import Server
from triage.results import replace_file

CALLERS = 6
ROWS = 100
"""Rows of each batch."""
LONGEST = 2.5
"""A round is killed after at most this many seconds of writing."""
FINISHING = 1200.0
"""Seconds that the batches get at the end."""
RESULTS = Path("benchmarks/results")
BAD = ("decisions_lost", "decisions_other", "suggestions_lost", "suggestions_doubled", "jobs_not_done", "rows_wrong")
"""What must be none."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit code: 1 where something was lost or done twice."""
    wanted = _parser().parse_args(arguments)
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory() as folder:
        server = Server(wanted.model, Path(folder) / "data", wanted.database, Path(folder) / "log")
        try:
            found = _run(server, wanted.rounds)
        except (RuntimeError, httpx.HTTPError) as error:
            console.print(str(error), style="red")
            console.print(server.log.read_text(encoding="utf-8")[-4000:] if server.log.exists() else "")
            return 2
        finally:
            server.kill()
    name = "postgresql" if wanted.database else "sqlite"
    wanted.out.mkdir(parents=True, exist_ok=True)
    path = wanted.out / "kills.json"
    before = json.loads(path.read_bytes())["databases"] if path.is_file() else {}
    result = {**environment(None, "sqlalchemy", "uvicorn"), "databases": before | {name: found}}
    replace_file(path, (json.dumps(result, ensure_ascii=False, indent=1) + "\n").encode())
    replace_file(wanted.out / "kills.md", _markdown(result).encode())
    console.print_json(data=found)
    return int(not found["whole"])


def _run(server: Server, rounds: int) -> dict[str, Any]:
    chance = random.Random(20260)  # noqa: S311 - when to kill, not a secret
    headers = _key(server)
    ledger, jobs = Ledger(), dict[str, int]()
    for number in track(range(rounds), "rounds"):
        server.start()
        stop = threading.Event()
        callers = [Caller(CALLERS * number + one, server.address, headers, ledger, stop) for one in range(CALLERS)]
        for caller in callers:
            caller.start()
        jobs |= _batch(server, headers, number)
        time.sleep(chance.uniform(0.1, LONGEST))
        if number % 3 == 2:
            server.kill_one(chance)
            time.sleep(chance.uniform(0.1, LONGEST))
        server.kill()
        stop.set()
        for caller in callers:
            caller.join()
    server.start()
    with httpx.Client(base_url=server.address, headers=headers, timeout=60, trust_env=False) as client:
        found = _counted(client, ledger) | _jobs(client, jobs)
    found["stopped_with"] = server.stop()
    server.process = None
    chain = subprocess.run(server.command("audit", "verify"), capture_output=True, text=True, check=False)
    found["chain_verified"] = chain.returncode == 0
    return {
        "rounds": rounds,
        "callers": CALLERS,
        **found,
        "requests_sent_again": ledger.again,
        "refused": sorted(set(ledger.refused)),
        "whole": found["chain_verified"] and not any(found[name] for name in BAD) and not ledger.refused,
    }


def _key(server: Server) -> dict[str, str]:
    """A key made on the command line, before there is a service; this makes the memory, too."""
    words = ["keys", "add", "callers", "--scope", "decide", "--scope", "triage"]
    said = subprocess.run(server.command(*words), capture_output=True, text=True, check=False)
    token = next((word for word in said.stdout.split() if word.startswith("tk_")), "")
    if not token:
        raise RuntimeError(f"no key could be made: {said.stdout}{said.stderr}")
    return {"Authorization": f"Bearer {token}"}


def _batch(server: Server, headers: dict[str, str], number: int) -> dict[str, int]:
    """Hand in a batch; its id and its rows."""
    lines = [
        json.dumps(
            {"id": f"{number}-{row}", "title": f"关于在{PLACES[row % 6]}{ASKS[row // 6 % 6]}的建议"}, ensure_ascii=False
        )
        for row in range(ROWS)
    ]
    files = {"file": (f"batch-{number}.jsonl", "\n".join(lines).encode())}
    more = {"Idempotency-Key": f"batch-{number}"}
    url = f"{server.address}/v1/jobs"
    answer = httpx.post(url, data={"kind": "triage"}, files=files, headers=headers | more, timeout=30, trust_env=False)
    answer.raise_for_status()
    return {answer.json()["id"]: ROWS}


def _counted(client: httpx.Client, ledger: Ledger) -> dict[str, int]:
    """What became of all that was acknowledged."""
    lost = other = gone = 0
    for name, lead in ledger.decided.items():
        answer = client.get(f"/v1/suggestions/{name}/decision")
        lost += not answer.is_success
        other += answer.is_success and answer.json()["lead"] != [lead]
    for name in ledger.created.values():
        gone += not client.get(f"/v1/suggestions/{name}").is_success
    return {
        "suggestions_acknowledged": len(ledger.created),
        "decisions_acknowledged": len(ledger.decided),
        "suggestions_lost": gone,
        "suggestions_doubled": len(ledger.created) - len(set(ledger.created.values())),
        "decisions_lost": lost,
        "decisions_other": other,
    }


def _jobs(client: httpx.Client, jobs: dict[str, int]) -> dict[str, int]:
    """Wait for the batches, and count rows that are not there exactly once, in order."""
    until = time.perf_counter() + FINISHING
    waiting, wrong = set(jobs), 0
    while waiting and time.perf_counter() < until:
        waiting = {name for name in waiting if client.get(f"/v1/jobs/{name}").json()["state"] in {"queued", "running"}}
        time.sleep(0.5)
    unfinished = 0
    for name, rows in jobs.items():
        if client.get(f"/v1/jobs/{name}").json()["state"] != "done":
            unfinished += 1
            continue
        number = [json.loads(line)["id"] for line in client.get(f"/v1/jobs/{name}/result").text.splitlines()]
        first = number[0].partition("-")[0] if number else ""
        wrong += number != [f"{first}-{row}" for row in range(rows)]
    return {"jobs": len(jobs), "rows_of_jobs": sum(jobs.values()), "jobs_not_done": unfinished, "rows_wrong": wrong}


def _markdown(result: dict[str, Any]) -> str:
    databases = result["databases"]
    names = list(next(iter(databases.values())))
    lines = [
        "# Killed at random moments",
        "",
        f"`triage serve` with two serving processes and a worker, killed with SIGKILL while {CALLERS} callers hand in",
        "suggestions and decide on them, and batches run. In every third round one process is killed",
        "first. `whole`: nothing that was acknowledged is lost or done twice, each batch is done, each row once and in",
        "order, and `triage audit verify` finds the trail whole.",
        "",
        f"{result['date']}; " + ", ".join(f"{name} {version}" for name, version in result["versions"].items()) + ".",
        "",
        "| | " + " | ".join(databases) + " |",
        "|---|" + "---:|" * len(databases),
    ]
    for name in names:
        cells = (_cell(one[name]) for one in databases.values())
        lines.append(f"| {name.replace('_', ' ')} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _cell(value: Any) -> str:
    return ", ".join(value) or "none" if isinstance(value, list) else f"{value}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills", description=__doc__)
    parser.add_argument("--rounds", type=int, default=50, help="how often it is killed")
    parser.add_argument("--model", type=Path, default=Path("models/starter"), help="the bundle that answers")
    parser.add_argument("--database", default="", help="a database URL; an SQLite file unless given")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where the results go")
    return parser


if __name__ == "__main__":
    sys.exit(main())
