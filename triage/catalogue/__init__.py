"""The catalogue of a place: its units with duties, its tree of topics, its areas; and how a met name finds its unit."""

from __future__ import annotations

from triage.catalogue.for_names import catalogue_for_names
from triage.catalogue.load import check_catalogue, load_catalogue, starter_catalogue
from triage.catalogue.load_office import check_office, load_office, starter_office
from triage.catalogue.model import AREA_LEVELS, KIND_PREFIX, LEVELS, Area, Catalogue, Topic, Unit
from triage.catalogue.names import UnitName, parse_unit_name
from triage.catalogue.office import (
    OFFICE_LEVELS,
    OUTCOME_GROUPS,
    Committee,
    DayException,
    Deadlines,
    Inspection,
    Office,
    Outcome,
    Period,
    Target,
)
from triage.catalogue.resolve import How, Resolution, Resolver
from triage.catalogue.rules import ACTIONS, KINDS, SCOPES, TAGS, Rule
from triage.catalogue.save import save_catalogue
from triage.catalogue.systems import SYSTEMS, committee_of, system_of
from triage.catalogue.tables import Finding, Severity

__all__ = [
    "ACTIONS",
    "AREA_LEVELS",
    "KINDS",
    "KIND_PREFIX",
    "LEVELS",
    "OFFICE_LEVELS",
    "OUTCOME_GROUPS",
    "SCOPES",
    "SYSTEMS",
    "TAGS",
    "Area",
    "Catalogue",
    "Committee",
    "DayException",
    "Deadlines",
    "Finding",
    "How",
    "Inspection",
    "Office",
    "Outcome",
    "Period",
    "Resolution",
    "Resolver",
    "Rule",
    "Severity",
    "Target",
    "Topic",
    "Unit",
    "UnitName",
    "catalogue_for_names",
    "check_catalogue",
    "check_office",
    "committee_of",
    "load_catalogue",
    "load_office",
    "parse_unit_name",
    "save_catalogue",
    "starter_catalogue",
    "starter_office",
    "system_of",
]
