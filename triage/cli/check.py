"""``triage check``: what to know of a text before it is handed out, for proposers and the intake office."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from datetime import date as Date
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from triage.cli import screen
from triage.cli.office import precheck_of
from triage.cli.screen import Form
from triage.errors import InputError
from triage.records import Grade, Suggestion

if TYPE_CHECKING:
    from triage.duplicates.index import DuplicateIndex
    from triage.precheck.checked import Checked
    from triage.precheck.precheck import Precheck
    from triage.triager import Triager

FILES = (".csv", ".xlsx", ".jsonl")
BATCH = 200
"""Texts that are checked between two steps of the progress bar."""


def check(
    what: Annotated[
        list[str],
        typer.Argument(metavar="WHAT...", help="csv, xlsx or jsonl files, .docx or .txt drafts, or texts."),
    ],
    catalogue: Annotated[
        Path | None,
        typer.Option("--catalogue", help="The catalogue folder with the place's rules. Default: the starter's."),
    ] = None,
    model: Annotated[
        Path | None, typer.Option("--model", help="A bundle or registry: also the units of each of several matters.")
    ] = None,
    history: Annotated[
        Path | None, typer.Option("--history", help="Earlier texts: an index file, or a csv, xlsx or jsonl file.")
    ] = None,
    encoder: Annotated[Path | None, typer.Option("--encoder", help="The sentence encoder's folder.")] = None,
    output: Annotated[Path | None, typer.Option("--output", help="Write to a .jsonl, .csv or .xlsx file.")] = None,
    form: Annotated[
        Form | None,
        typer.Option("--format", help="Without --output: text for readers, jsonl for programs. Default: by terminal."),
    ] = None,
    on: Annotated[str | None, typer.Option("--on", help="The day for which rules hold. Default: today.")] = None,
) -> None:
    """Say what a text lacks, which matters are in it, which rules it fits, how urgent it is, and what to reply."""
    from triage.precheck.sheets import check_sheets
    from triage.results import json_line, write_file

    files = [Path(one) for one in what if _is_file(one)]
    screen.check_targets((output,), (*files, history))
    suggestions = _read(what)
    ask = _Asked(precheck_of(catalogue), _day(on), model, history, encoder)
    with screen.progress("check") as tell:
        checked = ask.check(suggestions, tell)
    if output is not None:
        write_file(output, (one.to_dict() for one in checked), check_sheets(suggestions, checked))
        screen.errors.print(f"{output}: {len(checked)} texts checked", markup=False)
        return
    shown = screen.form_or_default(form)
    for suggestion, one in zip(suggestions, checked, strict=True):
        if shown is Form.TEXT:
            _show(suggestion, one)
        else:
            print(json_line(one.to_dict()))


def _is_file(what: str) -> bool:
    """Whether an argument names a file: it has a known ending, or stands on the disk."""
    from triage.precheck.drafts import ENDINGS

    if len(what) > 1000 or "\n" in what or "\x00" in what:
        return False
    path = Path(what)
    try:
        return path.suffix.lower() in (*FILES, *ENDINGS) or path.is_file()
    except OSError:
        return False


def _read(what: list[str]) -> list[Suggestion]:
    """The suggestions of files and texts, in order; a text is named text-1 and so on."""
    from triage.datasets import read_suggestions
    from triage.precheck.drafts import ENDINGS, read_draft

    numbers = count(1)
    found: list[Suggestion] = []
    for one in what:
        if not _is_file(one):
            found.append(Suggestion(f"text-{next(numbers)}", text=one))
        elif Path(one).suffix.lower() in ENDINGS:
            found.append(read_draft(Path(one)))
        else:
            found += read_suggestions(Path(one))
    if not found:
        raise InputError(f"nothing to check: {', '.join(what)} hold no suggestion. Name a file with at least one row.")
    return found


def _day(on: str | None) -> Date:
    from triage.cli import history as past

    found = datetime.now(tz=UTC).astimezone().date() if on is None else past.day("--on", on)
    return found or datetime.now(tz=UTC).astimezone().date()


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whom a check asks: the rules of the office, and where they are named a model and earlier texts."""

    precheck: Precheck
    on: Date
    model: Path | None
    history: Path | None
    encoder: Path | None

    def check(self, suggestions: list[Suggestion], tell: Callable[[str, float], None]) -> list[Checked]:
        """The answers, in order, some at a time."""
        from triage.cli import history as past
        from triage.triager import Triager

        triager = Triager.load(self.model, self.encoder) if self.model is not None else None
        sentence = None
        if self.history is not None:
            if triager is None:
                sentence = past.sentence_encoder(self.encoder, False, past.encoder_of(self.history))
            else:
                sentence = past.sentence_of(triager.sentence, self.history, self.encoder)
        checked: list[Checked] = []
        with past.opened(self.history, sentence, tell) as index:
            for start in range(0, len(suggestions), BATCH):
                tell("checking", start / len(suggestions))
                checked += self._some(suggestions[start : start + BATCH], triager, index)
        return checked

    def _some(
        self, suggestions: list[Suggestion], triager: Triager | None, index: DuplicateIndex | None
    ) -> list[Checked]:
        if triager is not None:
            return triager.check(suggestions, self.precheck, on=self.on, history=index)
        checked = self.precheck.check(suggestions, on=self.on)
        if index is None:
            return checked
        repeats = index.query(suggestions, least=Grade.SAME_MATTER)
        return [replace(one, duplicates=told) for one, told in zip(checked, repeats, strict=True)]


def _show(suggestion: Suggestion, one: Checked) -> None:
    """One answer for a reader."""
    from triage.precheck.sheets import SECRET, repeats, shares

    heading = SECRET if suggestion.confidential else suggestion.title or suggestion.text[:40].replace("\n", " ")
    screen.output.print(Text.assemble((f"【{one.id}】", "bold cyan"), (heading, "bold")))
    if told := shares(one):
        _line("各部分", told)
    for line in one.missing:
        _line("请补充", line, "yellow")
    _show_matters(one)
    _show_findings(one)
    if one.jurisdiction is not None and one.jurisdiction.path:
        _line("属地", " › ".join(one.jurisdiction.path))
    for label, lines, style in (
        ("重复", repeats(one), ""),
        ("待核", one.questions, "yellow"),
        ("答复语", one.wording, "green"),
        ("提示", one.notices, "dim"),
    ):
        for line in lines:
            _line(label, line, style)
    screen.output.print()


def _show_matters(one: Checked) -> None:
    from triage.precheck.checked import PROPOSALS

    if one.matters:
        _line("一事一议", f"共{len(one.matters)}件事，建议{PROPOSALS[one.proposal]}", "magenta")
    for number, matter in enumerate(one.matters, start=1):
        _line(f"　第{number}件", _cut(matter.text) or "（保密件，不显示内容）")


def _show_findings(one: Checked) -> None:
    """Rules, urgency, level and signs of copying, each with its sentence."""
    from triage.catalogue import ACTIONS
    from triage.precheck.sheets import COPIES, URGENCIES
    from triage.records import LEVEL_NAMES

    for tag in one.tags:
        where = f"（{tag.source}{tag.article}）" if tag.source else ""
        style = "red" if tag.action == "warn" else ""
        _line(tag.kind, f"{tag.name}{where} {ACTIONS[tag.action]}　{_cut(tag.sentence)}", style)
    for reason in one.urgency:
        _line("紧急", f"{URGENCIES[reason.kind]}：{reason.reason}　{_cut(reason.sentence)}", "red")
    if one.level.level:
        words = f"　依据：{'、'.join(one.level.evidence)}" if one.level.evidence else ""
        _line("办理层级", f"{LEVEL_NAMES[one.level.level]}（{one.level.score:.0%}）{words}")
    for sign in one.copied:
        _line("疑似拷贝", f"{COPIES[sign.kind]}：{sign.reason}　{_cut(sign.sentence)}", "yellow")


def _line(label: str, text: str, style: str = "") -> None:
    screen.output.print(Text(f"  {label}：{text}", style=style))


def _cut(text: str, most: int = 60) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
