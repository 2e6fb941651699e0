"""The reports that an office writes: counts, lists and sentences, each number with the rows behind it."""

from __future__ import annotations

from triage.reports.make import KINDS, empty, make
from triage.reports.material import Settings
from triage.reports.period import timespan
from triage.reports.report import Cell, Chart, Form, Link, Report, Section, Sentence, Table, Timespan
from triage.reports.unraised import Unraised, UnraisedTopic, unraised

__all__ = [
    "KINDS",
    "Cell",
    "Chart",
    "Form",
    "Link",
    "Report",
    "Section",
    "Sentence",
    "Settings",
    "Table",
    "Timespan",
    "Unraised",
    "UnraisedTopic",
    "empty",
    "make",
    "timespan",
    "unraised",
]
