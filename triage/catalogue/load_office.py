"""Reading an office from a catalogue folder: `office.toml`, `rules.csv` and `days.csv`, each optional.

`check_office` says everything that is wrong in one go; `load_office` refuses a folder with errors and names them all.
Topics and areas that the settings name must be those of the folder's own `topics.csv` and `areas.csv`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from triage.catalogue.load import read_folder, refuse_errors
from triage.catalogue.model import Catalogue
from triage.catalogue.office import Committee, Office
from triage.catalogue.rule_rows import DAYS, RULES, read_days, read_rules
from triage.catalogue.settings import FILE, read_settings
from triage.catalogue.tables import Finding, Findings, Folder
from triage.catalogue.toml_lines import Key, line_of

_ORDER = {FILE: 0, RULES.file: 1, DAYS.file: 2}


def load_office(folder: str | Path) -> Office:
    """The office of a catalogue folder; a plain one where it has none of the three files.

    Raises `CatalogueError` with every error of the three files, each with its file and line. Warnings go to the log.
    """
    return _load(Path(folder), str(folder))


def check_office(folder: str | Path, catalogue: Catalogue | None = None) -> tuple[Finding, ...]:
    """Everything that is wrong or doubtful in an office's files, by file and line. No content makes it raise.

    Topics and areas are looked up in `catalogue`, by default the folder's own.
    """
    return read_office(Path(folder), catalogue)[1]


def starter_office() -> Office:
    """The office of the starter catalogue's invented county."""
    return _load(files("triage.catalogue") / "starter", "starter")


def _load(folder: Folder, name: str) -> Office:
    office, findings = read_office(folder)
    refuse_errors(findings, name)
    return office


def read_office(folder: Folder, catalogue: Catalogue | None = None) -> tuple[Office, tuple[Finding, ...]]:
    """The office of a folder, as far as it can be understood, and everything that is wrong in its files."""
    findings = Findings()
    if not folder.is_dir():
        findings.error(FILE, 1, f"{folder} is no folder; name one that holds a catalogue")
        return Office(), tuple(findings.found)
    office, lines = read_settings(folder, findings)
    named = bool(office.area or office.committees or office.targets)
    if named:
        office = _with_codes(office, read_folder(folder)[0] if catalogue is None else catalogue, lines, findings)
    office = replace(office, rules=read_rules(folder, findings), days=read_days(folder, findings))
    found = sorted(findings.found, key=lambda finding: (_ORDER[finding.file], finding.line))
    return office, tuple(found)


def _with_codes(office: Office, catalogue: Catalogue, lines: dict[Key, int], findings: Findings) -> Office:
    """The office with each topic both by code and by name, so that either finds it; what is unknown is reported."""
    names: dict[str, list[str]] = defaultdict(list)
    for topic in catalogue.topics:
        names[topic.code].append(topic.name)
        if topic.name != topic.code:
            names[topic.name].append(topic.code)

    def both(written: Sequence[str], owner: str, *key: str | int) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for topic in written:
            if topic not in names:
                findings.error(
                    FILE,
                    line_of(lines, key),
                    f"{owner} has topic {topic!r}, which is neither a code nor a name of topics.csv; "
                    "add it there or correct it",
                )
            elif len(names[topic]) > 1:
                findings.error(
                    FILE,
                    line_of(lines, key),
                    f"{owner} has topic {topic!r}, a name of {len(names[topic])} topics "
                    f"({', '.join(names[topic][:4])}); write the code",
                )
            else:
                other = names[topic][0]
                # A name that several topics have would find the wrong one; a code never does.
                found.update(dict.fromkeys([topic, other] if len(names[other]) == 1 else [topic]))
        return tuple(found)

    if office.area and office.area not in {area.code for area in catalogue.areas}:
        findings.error(
            FILE,
            line_of(lines, ("area",)),
            f"area is {office.area!r}, which is not a code of areas.csv; write the code of the whole place",
        )
    committees = tuple(
        replace(one, topics=both(one.topics, f"committee {one.name!r}", "committees", place, "topics"))
        for place, one in enumerate(office.committees)
    )
    _check_committees(committees, catalogue, lines, findings)
    return replace(
        office,
        committees=committees,
        targets=tuple(
            replace(one, topics=both(one.topics, f"target {one.name!r}", "targets", place, "topics"))
            for place, one in enumerate(office.targets)
        ),
    )


def _check_committees(
    committees: Sequence[Committee], catalogue: Catalogue, lines: dict[Key, int], findings: Findings
) -> None:
    """A topic that two committees name, by code or by name."""
    holders: dict[str, str] = {}
    for place, committee in enumerate(committees):
        for topic in catalogue.topics:
            if topic.code in committee.topics:
                holder = holders.setdefault(topic.code, committee.name)
                if holder != committee.name:
                    findings.error(
                        FILE,
                        line_of(lines, ("committees", place, "topics")),
                        f"topic {topic.name!r} is supervised by {holder!r} and {committee.name!r}; keep it with one",
                    )
