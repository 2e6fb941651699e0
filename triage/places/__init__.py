"""Places: what lies where, and whose ground a text is about."""

from __future__ import annotations

from triage.places.divisions import Division, Divisions, divisions
from triage.places.filling import filled
from triage.places.finder import AreaFinder, Named
from triage.places.zones import ZoneRow, Zones, by_zone
from triage.records import AreaMention, Jurisdiction

__all__ = [
    "AreaFinder",
    "AreaMention",
    "Division",
    "Divisions",
    "Jurisdiction",
    "Named",
    "ZoneRow",
    "Zones",
    "by_zone",
    "divisions",
    "filled",
]
