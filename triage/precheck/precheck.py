"""The pre-check's one door: suggestions in, what to know of each before it is handed out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date as Date

from triage.catalogue import Catalogue, Office
from triage.places import AreaFinder
from triage.precheck import level, matters, roles, tags
from triage.precheck.checked import Checked, MatterPart, Tagged
from triage.precheck.copied import copied_of
from triage.precheck.home import own_names
from triage.precheck.linear import Learned, shipped
from triage.precheck.parts import missing_of, parts_of
from triage.precheck.reading import Reading, read
from triage.precheck.rules import Applied, applied
from triage.precheck.urgency import urgency_of
from triage.precheck.wording import wording_of
from triage.records import Jurisdiction, LevelFound, Suggestion
from triage.text import Condition, Prepared, Segmenter, prepare
from triage.text.written import READ

TOGETHER = 0.12
"""The likeness of two matters from which they are told to touch each other."""


class Precheck:
    """Checks suggestions for one office: its rules, its areas, its place. Built once, it answers from any thread.

    Raises CatalogueError where the office's own area is none of the catalogue's.
    """

    def __init__(self, catalogue: Catalogue, office: Office, learned: Learned | None = None) -> None:
        self.office = office
        self._learned = learned or shipped()
        self._segmenter = Segmenter()
        self._finder = AreaFinder(catalogue, office.area) if catalogue.areas else None
        own = own_names(office.place)
        # Without a code it is not known that the catalogue's areas are the office's own.
        areas = [name for area in catalogue.areas for name in area.names if len(name) > 1] if office.area else []
        self._own = tuple(dict.fromkeys((*own, *areas))) if own else ()

    def check(
        self,
        suggestions: Sequence[Suggestion],
        *,
        on: Date | None = None,
        grounds: Sequence[Mapping[str, float]] | None = None,
    ) -> list[Checked]:
        """What to know of each suggestion, in order; every text gets an answer.

        `on` is the day for which rules hold and from which deadlines count where a suggestion has no date. `grounds`
        are for each text the probabilities of areas, by code, that handled cases tell (`AreaFinder.find`).
        """
        told = [{}] * len(suggestions) if grounds is None else grounds
        return [self._one(suggestion, on, ground) for suggestion, ground in zip(suggestions, told, strict=True)]

    def _one(self, suggestion: Suggestion, on: Date | None, ground: Mapping[str, float]) -> Checked:
        prepared = prepare(suggestion)
        place = self._finder.find(prepared, ground) if self._finder is not None else None
        reading = read(suggestion, self._segmenter, self._own, place if self.office.area else None)
        if not prepared.usable or not reading.sentences:
            return _unread(prepared, place, reading)
        models = self._learned.models
        chances = roles.probabilities(reading, models["roles"])
        told = roles.named(reading, chances)
        parts = parts_of(reading, told)
        missing = missing_of(reading, parts)
        found = matters.matters_of(reading, chances, self._learned)
        listed = tuple(_part(reading, block, chances) for block in found)
        proposal = self._proposal(reading, found)
        hits = applied(self.office.rules, reading.sentences, tags.tags_of(reading, models), on=on or suggestion.date)
        tagged = tuple(_tagged(reading, hit) for hit in hits)
        urgency = urgency_of(reading, models, on)
        copied = copied_of(reading)
        return Checked(
            id=suggestion.id,
            parts=parts,
            missing=missing,
            matters=listed,
            proposal=proposal,
            tags=tagged,
            urgency=urgency,
            level=level.level_of(reading, models[level.MODEL]),
            jurisdiction=place,
            copied=copied,
            questions=_questions(place, tagged),
            wording=wording_of(missing, listed, proposal, tagged, urgency, copied),
            notices=_notices(prepared),
        )

    def _proposal(self, reading: Reading, found: Sequence[range]) -> str:
        """What to do with several matters: agree first where they touch each other, split them where they have nothing
        in common, and let several units answer where they share the place.
        """
        if len(found) < 2:
            return ""
        if matters.likeness(reading, found, self._learned.rarity) >= TOGETHER:
            return "coordinate"
        places = [{one.name for number in block for one in reading.places[number]} for block in found]
        shared = set.intersection(*places) if all(places) else set()
        return "joint answer" if shared or len(found) == 2 else "split"


def _unread(prepared: Prepared, place: Jurisdiction | None, reading: Reading) -> Checked:
    """The answer for a text in which there is nothing to read: why, and signs of copying such as blanks."""
    parts = parts_of(reading, [roles.NONE] * len(reading.sentences))
    copied = copied_of(reading)
    missing = missing_of(reading, parts) if prepared.condition is not Condition.FOREIGN else ()
    return Checked(
        id=prepared.suggestion.id,
        parts=parts,
        missing=missing,
        level=LevelFound(),
        jurisdiction=place,
        copied=copied,
        wording=wording_of(missing, (), "", (), (), copied),
        notices=_notices(prepared),
    )


def _part(reading: Reading, block: range, chances: roles.Chances) -> MatterPart:
    """A matter as it stands in the text, with the sentence that asks most clearly."""
    source = reading.source
    first, last = reading.sentences[block[0]], reading.sentences[block[-1]]
    asks = max(block, key=lambda number: (float(chances[number, roles.ASK]), -number))
    ask = reading.sentences[asks]
    clear = float(chances[asks, roles.ASK]) >= 0.5
    return MatterPart(
        (source.span(first.start, last.end),),
        source.shown(first.start, last.end),
        source.shown(ask.start, ask.end) if clear else "",
    )


def _tagged(reading: Reading, hit: Applied) -> Tagged:
    rule, source = hit.rule, reading.source
    start, end = reading.sentences[hit.sentence].start, reading.sentences[hit.last].end
    return Tagged(
        rule.id,
        rule.kind,
        rule.name,
        rule.action,
        source.shown(start, end),
        source.span(start, end),
        rule.source,
        rule.article,
        round(hit.score, 4),
        rule.wording,
    )


def _questions(place: Jurisdiction | None, tagged: Sequence[Tagged]) -> tuple[str, ...]:
    """What to ask the proposer: the place where none is named, and what rules that ask want to know."""
    asked = [place.question] if place is not None and place.question else []
    asked += [
        f"{tag.name}：请核对是否属于{where}。" for tag in tagged if tag.action == "ask" and (where := _where(tag))
    ]
    return tuple(dict.fromkeys(asked))


def _where(tag: Tagged) -> str:
    """The rule as a clerk would name it: its kind, and where that is written."""
    return f"“{tag.kind}”的情形" + (f"（{tag.source}{tag.article}）" if tag.source else "")


def _notices(prepared: Prepared) -> tuple[str, ...]:
    cut = len(prepared.suggestion.text) > READ and prepared.condition is not Condition.LONG
    return (*prepared.notices, *((f"正文超过{READ}字，只检查了前面的部分。",) if cut else ()))
