"""``GET /v1/units``, ``GET /v1/topics``: what a person can choose, found while it is typed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query

from service.problems import answered
from service.shapes.lookup import MOST_UNITS, OFFERED, TOPICS, UNITS, TopicOut, TopicsOut, UnitFound, UnitsIn, UnitsOut
from service.store.decisions import today
from service.web.caller import ReadCaller
from service.web.dependencies import AnsweringOf

router = APIRouter(prefix="/v1", tags=["lookup"])
UNREADY = ("not-ready", "model-failed", "index-failed")


@router.get("/units", responses=answered(UNITS, *UNREADY, "unusable-input"), summary="Find a unit by what is typed")
def units(asked: Annotated[UnitsIn, Query()], caller: ReadCaller, now: AnsweringOf) -> UnitsOut:
    """Units that can be decided today, by name, short name, former name, pinyin or pinyin initials (gaj → 公安局): what
    fits exactly first, then what begins with `q`, then what holds it. A former name leads to who took over, which
    `successor_of` says. Without `q` all units, in the catalogue's order.
    """
    del caller
    lookup, typed = now.units(today()), asked.q.strip()
    most = asked.limit or (OFFERED if typed else MOST_UNITS)
    found = lookup.find(typed, most) if typed else lookup.units[:most]
    return UnitsOut(units=[UnitFound.model_validate(asdict(one)) for one in found])


@router.get("/topics", responses=answered(TOPICS, *UNREADY), summary="All topics")
def topics(caller: ReadCaller, now: AnsweringOf) -> TopicsOut:
    """The topics of the model, first level and below, in their order: what a decision may name."""
    del caller
    catalogue = now.triager.catalogue
    told = [TopicOut(name=one.name, path=list(catalogue.topic_path(one.code))) for one in catalogue.topics]
    return TopicsOut(topics=told)
