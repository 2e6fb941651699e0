"""A small office system: hands in suggestions, shows the advice, writes down decisions, sends a file through.

python office.py hand-in new.json
python office.py decide OA-1001 综合行政执法局 --co 财政局 --reason 路灯由其管护
python office.py batch session.csv advice.xlsx
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from calling import Refused, SomebodyElse, Triage


def say(line: str) -> None:
    """A line for the clerk."""
    sys.stdout.write(f"{line}\n")


def hand_in(service: Triage, file: Path) -> None:
    """New suggestions, and for each what the service advises. It decides nothing: that is for a person."""
    for result in service.hand_in(json.loads(file.read_text(encoding="utf-8"))):
        advice = result["answer"]["triaged"]
        units = "、".join(f"{one['unit']} {one['score']:.0%}" for one in advice["lead"][:3])
        say(f"{result['id']} [{advice['decision']}] {units}")
        for reason in advice["reasons"]:
            say(f"    {reason['text']}")


def decide(service: Triage, suggestion: str, decision: dict[str, Any]) -> int:
    """What the person at this desk has decided, who has seen what holds now."""
    held, seen = service.decision(suggestion)
    if held is not None:
        say(f"{suggestion} was with {'、'.join(held['lead'])}")
    try:
        made = service.decide(suggestion, decision, seen)
    except SomebodyElse as other:
        say(f"{suggestion}: {other}. Look at it, and decide again.")
        return 3
    say(f"{suggestion} is with {'、'.join(made['lead'])}, decision {made['number']}")
    for notice in made["notices"]:
        say(f"    {notice}")
    return 0


def batch(service: Triage, file: Path, result: Path) -> int:
    """A whole file, answered by the service's worker while this program only looks on."""
    job = service.start_batch(file)
    for state in service.follow(job):
        say(f"{state['state']} {state['done']}/{state['total']}")
    if state["state"] != "done":
        return 1
    result.write_bytes(service.result(job, result.suffix.removeprefix(".")))
    say(f"written: {result.name}")
    return 0


def main() -> int:
    """Address and key come from the environment: a key on the command line could be read by others."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("hand-in")
    one.add_argument("file", type=Path)
    one = commands.add_parser("decide")
    one.add_argument("suggestion")
    one.add_argument("lead", nargs="+")
    one.add_argument("--co", nargs="*", default=[])
    one.add_argument("--reason", default="")
    one = commands.add_parser("batch")
    one.add_argument("file", type=Path)
    one.add_argument("result", type=Path)
    given = parser.parse_args()
    address = os.environ.get("OA_TRIAGE_ADDRESS", "http://127.0.0.1:8000")
    with Triage(address, os.environ["OA_TRIAGE_KEY"]) as service:
        try:
            return run(service, given)
        except Refused as refused:
            say(refused.problem.get("detail_zh") or refused.problem["detail"])
            return 2


def run(service: Triage, given: argparse.Namespace) -> int:
    """One command; the exit status."""
    if given.command == "hand-in":
        hand_in(service, given.file)
        return 0
    if given.command == "decide":
        return decide(service, given.suggestion, {"lead": given.lead, "co": given.co, "reason": given.reason})
    return batch(service, given.file, given.result)


if __name__ == "__main__":
    sys.exit(main())
