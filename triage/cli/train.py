"""``triage train``: from cases, a catalogue or a list of names to a bundle."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from triage.cli import screen
from triage.errors import StorageError


def train(
    out: Annotated[Path, typer.Option("--out", help="The bundle folder to make. It must not exist.")],
    cases: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[CASES]...",
            help="Handled cases: csv, xlsx or jsonl with title/text and lead (co, topic, date …), and meeting sheets.",
        ),
    ] = None,
    catalogue: Annotated[
        Path | None, typer.Option("--catalogue", help="A catalogue folder. Without it: the starter's duties, by name.")
    ] = None,
    units: Annotated[
        Path | None, typer.Option("--units", help="A file with the unit names of the place, one a row.")
    ] = None,
    encoder: Annotated[Path | None, typer.Option("--encoder", help="The sentence encoder's folder.")] = None,
    no_encoder: Annotated[bool, typer.Option("--no-encoder", help="Train on wording only.")] = False,
    cache: Annotated[
        Path | None, typer.Option("--cache", help="A file that keeps sentence vectors for the next training.")
    ] = None,
    accuracy: Annotated[float, typer.Option("--accuracy", help="What “suggest” promises, e.g. 0.9.")] = 0.9,
) -> None:
    """Make a bundle. Without CASES it is cold: it answers from the units' duties alone and promises nothing."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise StorageError(f"{out}: exists already and is left as it is. Name a new folder or remove it first.")
    from triage.catalogue import load_catalogue
    from triage.cli.cases import cases_of_files
    from triage.datasets import read_names
    from triage.triager import Triager

    history = cases_of_files(cases or [])
    names = read_names(units) if units is not None else []
    given = load_catalogue(catalogue) if catalogue is not None else None
    place = screen.encoder_or_warning(encoder, no_encoder)
    with screen.progress("training") as tell:
        triager = Triager.train(
            history, catalogue=given, units=names, encoder=place, cache=cache, accuracy=accuracy, progress=tell
        )
    triager.save(out)
    _report(triager.card, out)


def _report(card: dict[str, object], out: Path) -> None:
    """What was made, and what the clerk should know about it."""
    unknown = card["unknown_names"]
    if isinstance(unknown, list) and unknown:
        listed = "、".join(unknown[:10]) + (f" and {len(unknown) - 10} more" if len(unknown) > 10 else "")
        screen.warn(f"{len(unknown)} units are not in the starter catalogue and have no duties: {listed}")
    spellings = card["spellings"]
    if isinstance(spellings, list) and spellings:
        listed = "；".join("、".join(names[:3]) for names in spellings[:8])
        screen.warn(
            f"these names may mean one unit each, which divides its score; write one of them throughout: {listed}"
        )
    screen.output.print(
        f"{out}: {card['cases_used']} cases, {card['units']} units, {card['topics']} topics, "
        f"{card['duty_phrases']} duty phrases, {card['seconds']} s"
    )
    lead, promise = card["lead"], card["promise"]
    if isinstance(lead, dict) and lead and isinstance(promise, dict):
        screen.output.print(
            f"on {lead['unseen_cases']} {_asked(lead)}: lead right first {lead['top_1']:.1%}, "
            f"within three {lead['top_3']:.1%}, within five {lead['top_5']:.1%}; "
            f"calibration error {lead['calibration_error']:.3f}"
        )
        if promise["proven"]:
            screen.output.print(
                f"“suggest” answers {lead['suggest_coverage']:.1%} of them and was right in "
                f"{lead['suggest_accuracy']:.1%}"
            )
        else:
            screen.output.print(
                f"too little history to promise {promise['accuracy']:.0%}: every answer will be “choose”"
            )
    else:
        screen.output.print("no history: answers come from the units' duties alone, and none is a “suggest”")


def _asked(lead: Mapping[str, Any]) -> str:
    """Which cases the figures of a card are about."""
    return "later cases, by a model of the earlier ones" if lead["later_cases"] else "cases held out in turn"
