"""``triage models``: the registry of bundles: add, list, compare, put into use, go back, describe."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from triage.cli import screen
from triage.errors import BundleError

if TYPE_CHECKING:
    from collections.abc import Callable

    from triage.learning.registry.compare import Comparison
    from triage.learning.registry.folder import ModelRegistry
    from triage.learning.registry.register import Step
    from triage.triager import Triager

app = typer.Typer(help="The registry of bundles: which one answers, and the way back.", no_args_is_help=True)

Registry = Annotated[Path, typer.Option("--registry", help="The registry's folder. Default: models.")]
Cases = Annotated[Path | None, typer.Option("--cases", help="Handled cases that neither model has learned from.")]
Encoder = Annotated[Path | None, typer.Option("--encoder", help="The sentence encoder's folder.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept in the register.")]
By = Annotated[str, typer.Option("--by", help="Who decided it; it is kept in the register.")]
MODELS = Path("models")


class Language(StrEnum):
    """The language of a card."""

    EN = "en"
    ZH = "zh"


@app.callback()
def group() -> None:
    """The registry of bundles: which one answers, and the way back."""


@app.command("add")
def add(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A bundle folder, as `triage train` makes it.")],
    name: Annotated[str, typer.Option("--name", help="Its name in the registry. Default: its folder's.")] = "",
    registry: Registry = MODELS,
) -> None:
    """Copy a bundle into the registry, verified, and write its card. Which bundle answers does not change."""
    place = _registry(registry).add(bundle, name)
    screen.output.print(f"{place}: added, with its card. To use it: triage models promote {place.name}", markup=False)


@app.command("list")
def list_(
    registry: Registry = MODELS, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """List the bundles, which one is in use, and how it came to that."""
    models = _registry(registry)
    held, register = models.bundles(), models.register()
    if as_json:
        bundles = [
            {
                "name": one.name,
                "in_use": one.in_use,
                "problem": one.problem,
                "fingerprint": one.manifest.fingerprint if one.manifest else "",
                "card": one.manifest.card if one.manifest else None,
            }
            for one in held
        ]
        print(json.dumps({**register.to_dict(), "bundles": bundles}, ensure_ascii=False, indent=1))
        return
    table = Table("bundle", "in use", "trained", "cases", "units", "encoder", "right first", "fingerprint")
    for one in held:
        card = one.manifest.card if one.manifest else {}
        encoder, lead = card.get("encoder"), card.get("lead") or {}
        table.add_row(
            *(one.name, "yes" if one.in_use else "", str(card.get("trained", ""))[:10]),
            *(str(card.get("cases", "")), str(card.get("units", ""))),
            encoder["fingerprint"][:8] if encoder else "none",
            f"{lead['top_1']:.1%}" if lead else "",
            one.manifest.fingerprint[:12] if one.manifest else "damaged",
        )
    screen.output.print(table if held else f"{registry}: no bundle yet. Add one with `triage models add BUNDLE`.")
    for one in held:
        if one.problem:
            screen.warn(one.problem)
    for step in register.steps[-10:]:
        screen.output.print(_told(step), markup=False)


@app.command("compare")
def compare(
    earlier: Annotated[str, typer.Argument(metavar="A", help="The earlier model: its name, or a bundle folder.")],
    later: Annotated[str, typer.Argument(metavar="B", help="The later model: its name, or a bundle folder.")],
    cases: Annotated[Path, typer.Option("--cases", help="Handled cases that neither model has learned from.")],
    output: Annotated[Path | None, typer.Option("--output", help="Write the whole comparison as JSON.")] = None,
    registry: Registry = MODELS,
    encoder: Encoder = None,
) -> None:
    """Compare two models on the same cases: every figure with its interval, units, and the cases where they differ."""
    from triage.cli.cases import handled_cases
    from triage.learning.registry.compare import compare as set_beside
    from triage.learning.registry.gate import objections
    from triage.results import replace_file

    models, opened = _registry(registry), _opener(encoder)
    places = [_place(models, name) for name in (earlier, later)]
    history = handled_cases(cases, required=())
    one, other = (opened(place) for place in places)
    with screen.progress("comparing") as tell:
        found = set_beside(one, other, history, progress=tell)
    if output is not None:
        replace_file(output, json.dumps(found.to_dict(), ensure_ascii=False, indent=1).encode())
    _show(found)
    for objection in objections(found):
        screen.warn(f"against B: {objection}")


@app.command("promote")
def promote(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A bundle of the registry.")],
    cases: Cases = None,
    force: Annotated[bool, typer.Option("--force", help="In spite of objections; needs --reason.")] = False,
    reason: Reason = "",
    by: By = "",
    registry: Registry = MODELS,
    encoder: Encoder = None,
) -> None:
    """Put a bundle into use, if it is not worse than the one in use and lost no unit. The first needs no comparison."""
    from triage.cli.cases import handled_cases

    history = handled_cases(cases, required=()) if cases is not None else []
    models = _registry(registry)
    with screen.progress("promoting") as tell:
        step = models.promote(
            name, _opener(encoder), history, force=force, reason=reason, by=by, progress=tell, shown=_show
        )
    if history and step.comparison is None:
        screen.warn(f"{cases}: not used, as no model was in use that could be compared")
    for objection in step.objections:
        screen.warn(f"forced in spite of this: {objection}")
    screen.output.print(_told(step), markup=False)


@app.command("rollback")
def rollback(reason: Reason = "", by: By = "", registry: Registry = MODELS, encoder: Encoder = None) -> None:
    """Go back to the bundle that was in use before, verified first. Twice goes back to the one before that."""
    step = _registry(registry).rollback(reason=reason, by=by, opened=_opener(encoder))
    screen.output.print(_told(step), markup=False)


@app.command("card")
def card(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A bundle of the registry, or a bundle folder.")],
    out: Annotated[Path | None, typer.Option("--out", help="Write to this file; unset, print.")] = None,
    language: Annotated[Language, typer.Option("--language", help="en or zh.")] = Language.EN,
    registry: Registry = MODELS,
) -> None:
    """Write a bundle's model card (Hugging Face format): counts, dates and figures, never a text."""
    from triage.bundle import read_manifest
    from triage.learning.registry.card import card_text
    from triage.results import replace_file

    models = _registry(registry)
    place = _place(models, name)
    manifest = read_manifest(place)
    steps = [step for step in models.register().steps if step.digest == manifest.digest and step.comparison]
    text = card_text(place.resolve().name, manifest, steps[-1] if steps else None, language.value)
    if out is None:
        print(text, end="")
    else:
        replace_file(out, text.encode())


def _registry(folder: Path) -> ModelRegistry:
    from triage.learning.registry.folder import ModelRegistry

    return ModelRegistry(folder)


def _opener(encoder: Path | None) -> Callable[[Path], Triager]:
    from triage.triager import Triager

    return lambda place: Triager.load(place, encoder)


def _place(models: ModelRegistry, name: str) -> Path:
    """The folder of a bundle by its name in the registry, or by a path."""
    from triage.bundle import is_name, locate

    if not is_name(name) or not (models.folder / name).is_dir():
        if (place := Path(name)).is_dir():
            return locate(place)
        if not is_name(name):
            raise BundleError(f"{name}: neither a bundle of {models.folder} nor a bundle folder.")
    return models.path(name)


def _told(step: Step) -> str:
    """A step of the history as one line."""
    what = f"in use: {step.bundle}" if step.action == "promote" else f"back to: {step.bundle}"
    parts = [step.day[:16].replace("T", " "), what]
    parts += [f"in place of {step.before}"] if step.before else []
    parts += [f"by {step.by}"] if step.by else []
    parts += ["FORCED"] if step.forced else []
    parts += [f"reason: {step.reason}"] if step.reason else []
    return "  ".join(parts)


def _show(found: Comparison) -> None:
    """The comparison for a reader."""
    from triage.learning.registry.gate import remarks

    screen.output.print(f"A: {found.earlier}  B: {found.later}  {found.cases} cases", markup=False)
    _show_figures(found)
    units = [unit for unit in found.units if unit.wins or unit.losses]
    if units:
        wins = Table("unit", "cases", "won", "lost", "p", "p (Holm)", title="where the first lead changed")
        for unit in sorted(units, key=lambda unit: (unit.adjusted, unit.p, -unit.wins - unit.losses))[:15]:
            counts = (str(unit.cases), str(unit.wins), str(unit.losses))
            wins.add_row(unit.unit, *counts, f"{unit.p:.3f}", f"{unit.adjusted:.3f}")
        screen.output.print(wins)
    if found.moved:
        moved = Table("case", "right", "A", "B", "better", title=f"{len(found.moved)} cases with another first lead")
        for case in found.moved[:15]:
            moved.add_row(case.id, "；".join(case.right), case.earlier, case.later, _SIDES[case.better])
        screen.output.print(moved)
    for remark in remarks(found):
        screen.output.print(f"note: {remark}", markup=False)


_SIDES = {"earlier": "A", "later": "B", "": ""}


def _show_figures(found: Comparison) -> None:
    table = Table("figure", "A", "B", "B − A", "95 %", "p", "", box=None, padding=(0, 1))
    for column in table.columns:
        column.no_wrap = True
    for row in found.figures:
        values = ["—" if value is None else f"{value:.3f}" for value in (row.earlier, row.later)]
        gap = "" if row.difference is None else f"{row.difference:+.3f}"
        between = "" if row.interval is None else f"{row.interval[0]:+.3f} to {row.interval[1]:+.3f}"
        exact = "" if row.p is None else f"{row.p:.3f}"
        table.add_row(row.figure, *values, gap, between, exact, "" if row.verdict == "open" else row.verdict.value)
    screen.output.print(table)
