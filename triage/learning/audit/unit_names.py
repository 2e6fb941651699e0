"""Names of units in the cases: those that ended, that nobody knows, that are written in two ways, that led once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date

from triage.catalogue import Catalogue, How, Resolution, Resolver, Unit, parse_unit_name, starter_catalogue
from triage.catalogue.names import fold
from triage.learning.audit.findings import Field, Finding, Kind, listed
from triage.learning.audit.vocabulary import KnownNames
from triage.records import Case

SHOWN = 5
"""Ids that a finding about a name lists in its sentence; all stand in the record."""
USUAL = 3
"""Times that a name must stand there for one that is unknown to be taken for it."""

_OWN = frozenset({How.EXACT, How.ALIAS, How.PREFIX, How.ABBREVIATION})


@dataclass(frozen=True, slots=True)
class _Use:
    """How a name is used: the cases it leads and those it helps with."""

    led: tuple[str, ...]
    helped: tuple[str, ...]

    @property
    def cases(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.led, *self.helped)))

    def __len__(self) -> int:
        return len(self.led) + len(self.helped)


class UnitNames:
    """The unit names of cases, resolved in a catalogue; without one, in the starter's, which knows the national reforms
    and no unit of the place.
    """

    def __init__(self, cases: Sequence[Case], catalogue: Catalogue | None = None) -> None:
        self.cases = cases
        self.own = catalogue is not None
        self.catalogue = catalogue if catalogue is not None else starter_catalogue()
        self.uses = _uses(cases)
        resolver = Resolver(self.catalogue)
        self.found: dict[str, Resolution] = {name: resolver.resolve(name) for name in self.uses}
        current = [unit.name for unit in self.catalogue.current()] if self.own else []
        self.known = KnownNames([*current, *self.uses])

    def findings(self, today: Date) -> list[Finding]:
        """What is wrong or doubtful, most grave first."""
        doubled = [*self.both_roles(), *self.ended(), *self.unknown(), *self.spellings(), *self.former(today)]
        return [*doubled, *self.single()]

    def both_roles(self) -> list[Finding]:
        """Leads that are listed as helpers of the same case, under this or another name."""
        found = []
        for case in self.cases:
            leads = {self._key(name) for name in case.leads}
            for name in case.co:
                if self._key(name) in leads:
                    text = f"{name}是本件的主办单位，不应再列为会办。"
                    found.append(Finding(Kind.BOTH_ROLES, "co", (case.suggestion.id,), text, name, case.co))
        return found

    def ended(self) -> list[Finding]:
        """Units that a case names although they did not exist any more on its day, with who had taken over by then. A
        case without a day is not judged (see `former`), nor anything without a catalogue of the place: a reform's
        day differs by place.
        """
        found = []
        for case in self.cases if self.own else ():
            on = case.suggestion.date
            for field, name in _named(case):
                unit = self._unit(name)
                if on is None or unit is None or unit.active_to is None or on < unit.active_to:
                    continue
                heirs = tuple(self._written(heir) for heir in self.catalogue.successors(unit.code, on))
                then = f"，当时由{listed(heirs)}承接" if heirs else ""
                text = f"{name}自{unit.active_to.isoformat()}起已撤并{then}；本件日期为{on.isoformat()}。"
                found.append(Finding(Kind.ENDED, field, (case.suggestion.id,), text, name, (name,), heirs))
        return found

    def former(self, today: Date) -> list[Finding]:
        """Units that do not exist today and, as far as dates say, did on the days of their cases."""
        late = {finding.name for finding in self.ended()}
        found = []
        for name, use in self.uses.items():
            unit = self._unit(name)
            if unit is None or name in late or unit.active(today) or unit.active_to is None:
                continue
            heirs = tuple(self._written(heir) for heir in self.catalogue.successors(unit.code, today))
            now = f"，现由{listed(heirs)}承接" if heirs else "，目录中没有承接单位"
            by = "" if self.own else "按通用目录，"
            text = f"{by}{name}自{unit.active_to.isoformat()}起已撤并{now}。历史案件可以保留旧名。{_where(use)}"
            found.append(Finding(Kind.FORMER, "", use.cases, text, name, (name,), heirs if len(heirs) == 1 else ()))
        return sorted(found, key=lambda finding: (-len(finding.cases), finding.name))

    def unknown(self) -> list[Finding]:
        """Units that the catalogue does not have, with the name that they may be a misspelling of. Without a catalogue
        of the place, only those that have such a name.
        """
        found = []
        usual = KnownNames(name for name, use in self.uses.items() if len(use) >= USUAL and not self._is_unknown(name))
        current = KnownNames(unit.name for unit in self.catalogue.current())
        for name, use in self.uses.items():
            if not self._is_unknown(name):
                continue
            meant = (current if self.own else usual).nearest(name, same_place=True)
            if not meant and not self.own:
                continue
            guess = f"是不是{'、'.join(meant)}？" if meant else "没有相近的名称。"
            text = f"{'目录中没有' if self.own else '没有单位叫'}“{name}”，{guess}{_where(use)}"
            found.append(Finding(Kind.UNKNOWN, "", use.cases, text, name, (name,), meant[:1]))
        return sorted(found, key=lambda finding: (not finding.proposed, -len(finding.cases), finding.name))

    def spellings(self) -> list[Finding]:
        """Names that likely mean one unit of one place, each with the one that should be written: the catalogue's, else
        the usual one. Told, not joined: two offices may share a short name.
        """
        alike: dict[tuple[str, ...], list[str]] = {}
        for name in self.uses:
            alike.setdefault(self._spelt(name), []).append(name)
        found = []
        for names in alike.values():
            best = max(names, key=lambda name: (self._is_own(name), len(self.uses[name])))
            for name in names:
                if name != best:
                    use = self.uses[name]
                    text = f"“{name}”与“{best}”（{len(self.uses[best])}次）可能是同一单位，建议统一写法。{_where(use)}"
                    found.append(Finding(Kind.SPELLING, "", use.cases, text, name, (name,), (best,)))
        return sorted(found, key=lambda finding: (-len(finding.cases), finding.name))

    def single(self) -> list[Finding]:
        """Units that lead one case only: too few to learn from, and sometimes a slip."""
        found = []
        for name, use in self.uses.items():
            if len(use.led) == 1:
                helped = f"，会办{len(use.helped)}件" if use.helped else ""
                text = f"{name}只主办过{use.led[0]}一件{helped}，样本太少，也可能是误填。"
                found.append(Finding(Kind.SINGLE, "lead", use.led, text, name, (name,)))
        return sorted(found, key=lambda finding: (bool(self.uses[finding.name].helped), finding.name))

    def _unit(self, name: str) -> Unit | None:
        """The unit that a name means by itself: no kind that only lends its duties, no office of another."""
        found = self.found[name]
        return None if found.how in (How.KIND, How.PART, How.UNKNOWN) else found.unit

    def _key(self, name: str) -> str:
        found = self.found[name]
        return found.unit.code if found.unit is not None and found.how in _OWN and not found.others else fold(name)

    def _spelt(self, name: str) -> tuple[str, ...]:
        """What names of one unit share; a name that could be several units, or a branch of one, stands alone."""
        found, parsed = self.found[name], parse_unit_name(name)
        if found.unit is None or found.how not in _OWN or found.others or parsed.branch:
            return (fold(name),)
        return (found.unit.code, *parsed.places)

    def _is_own(self, name: str) -> bool:
        """Whether the place's own catalogue writes the unit so."""
        unit = self._unit(name)
        return self.own and unit is not None and unit.name == name

    def _is_unknown(self, name: str) -> bool:
        return self.found[name].unit is None or (self.own and self.found[name].how is How.KIND)

    def _written(self, unit: Unit) -> str:
        """A unit as the cases write it most often, else under its own name."""
        if self.own:
            return unit.name
        names = [name for name in self.uses if (met := self._unit(name)) is not None and met.code == unit.code]
        return max(names, key=lambda name: len(self.uses[name]), default=unit.name)


def _uses(cases: Sequence[Case]) -> dict[str, _Use]:
    led: dict[str, list[str]] = {}
    helped: dict[str, list[str]] = {}
    for case in cases:
        for field, name in _named(case):
            (led if field == "lead" else helped).setdefault(name, []).append(case.suggestion.id)
    return {name: _Use(tuple(led.get(name, ())), tuple(helped.get(name, ()))) for name in {**led, **helped}}


def _named(case: Case) -> list[tuple[Field, str]]:
    return [*(("lead", name) for name in case.leads), *(("co", name) for name in case.co)]


def _where(use: _Use) -> str:
    named = "、".join(use.cases[:SHOWN]) + ("等" if len(use.cases) > SHOWN else "")
    return f"主办{len(use.led)}件、会办{len(use.helped)}件：{named}。"


def unit_counts(cases: Sequence[Case]) -> dict[str, Counter[str]]:
    """How often each unit name stands as lead and as helper."""
    return {name: Counter({"lead": len(use.led), "co": len(use.helped)}) for name, use in _uses(cases).items()}
