"""The inspection sample (抽查): seeded, stratified by unit × topic × outcome, and the same again from its footer.

How many of each stratum: proportional allocation with largest remainders (Hamilton's method), first among the units,
then among a unit's topics, then among a topic's outcome classes, so that each level keeps its proportions as far as
whole numbers can. Equal remainders are decided by the seed. Which of a stratum: those with the lowest SHA-256 of seed
and id, which needs no random generator: neither the order of the rows nor the version of a program changes the sample.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from triage.errors import InputError

METHOD = "抽样方法1"
"""Named in the footer: another method gets another number, so that an old sheet is not drawn again in a new way."""
_FOOTER = re.compile(
    rf"{METHOD}：总体(\d+)件，比例([\d./]+)，每单位至少一件：(是|否)，种子(-?\d+)，总体指纹([0-9a-f]{{12}})"
)

Stratum = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a sample is drawn: the share of all cases, whether every unit has one, and the seed."""

    share: Fraction
    per_unit: bool = False
    seed: int = 1

    def size(self, population: int, units: int) -> int:
        """How many cases: the share, rounded half up, at least one, and with `per_unit` at least one a unit."""
        wanted = max(floor(self.share * population + Fraction(1, 2)), 1)
        return min(max(wanted, units if self.per_unit else 0), population)


@dataclass(frozen=True, slots=True)
class Sample:
    """The ids drawn, in the order of the strata, and for each stratum how many there are and how many were drawn."""

    drawn: tuple[str, ...]
    strata: tuple[tuple[Stratum, int, int], ...]


def plan(share: float, per_unit: bool, seed: int) -> Plan:
    """A plan with a share as a person writes it: 0.1 is one tenth. Raises InputError for one outside 0 to 1."""
    if not 0 < share <= 1:
        raise InputError(f"the share of the sample is {share}; allowed is more than 0 and up to 1, such as 0.1.")
    return Plan(Fraction(str(share)), per_unit, seed)


def draw(strata: Mapping[str, Stratum], plan: Plan) -> Sample:
    """The sample of cases, given by id with their stratum, its first part the unit. Raises InputError for no cases."""
    if not strata:
        raise InputError("there is no handled case to draw a sample from: none of the period has a lead unit.")
    members: dict[Stratum, list[str]] = {}
    for name in sorted(strata):
        members.setdefault(strata[name], []).append(name)
    units = {stratum[0] for stratum in members}
    size = plan.size(len(strata), len(units))
    sizes = {stratum: len(some) for stratum, some in members.items()}
    quotas = _quotas(sizes, size, plan, depth=0, least=1 if plan.per_unit else 0)
    drawn, told = [], []
    for stratum in sorted(members):
        ranked = sorted(members[stratum], key=lambda name: _rank(plan.seed, name))
        drawn += sorted(ranked[: quotas[stratum]])
        told.append((stratum, len(ranked), quotas[stratum]))
    return Sample(tuple(drawn), tuple(told))


def apportioned(sizes: Mapping[str, int], seats: int, seed: int, least: int = 0) -> dict[str, int]:
    """Seats for each name in proportion to its size, by largest remainders; none has more seats than its size, and,
    where the seats suffice, none fewer than `least`. Equal remainders go by the seed.
    """
    whole = sum(sizes.values())
    fixed = {name: min(least, size) for name, size in sizes.items()} if seats >= least * len(sizes) else {}
    shares = {name: Fraction(seats * size, whole) for name, size in sizes.items()}
    # Those whose share is below the least take it from the rest, which is shared out anew among itself.
    small = {name for name in sizes if shares[name] <= fixed.get(name, 0)}
    if small and any(fixed.values()):
        rest = {name: size for name, size in sizes.items() if name not in small}
        given = {name: fixed[name] for name in small}
        left = seats - sum(given.values())
        return {**given, **(apportioned(rest, left, seed, least) if rest else {})}
    given = {name: floor(share) for name, share in shares.items()}
    order = sorted(sizes, key=lambda name: (given[name] - shares[name], _rank(seed, name), name))
    for name in order[: seats - sum(given.values())]:
        given[name] += 1
    return given


def footer(plan: Plan, strata: Mapping[str, Stratum]) -> str:
    """The line that brings the sample out again from the same cases."""
    yes = "是" if plan.per_unit else "否"
    return (
        f"{METHOD}：总体{len(strata)}件，比例{plan.share}，每单位至少一件：{yes}，种子{plan.seed}，"
        f"总体指纹{fingerprint(strata)}"
    )


def read_footer(lines: Iterable[str]) -> tuple[Plan, str]:
    """The plan of a sheet's footer and the fingerprint of what it was drawn from. Raises InputError without one."""
    for line in lines:
        if found := _FOOTER.search(line):
            return Plan(Fraction(found[2]), found[3] == "是", int(found[4])), found[5]
    raise InputError(f"no line of the footer begins with {METHOD}: this is no sheet of an inspection sample.")


def fingerprint(strata: Mapping[str, Stratum]) -> str:
    """Twelve digits that change when a case comes, goes or moves to another stratum."""
    told = "\n".join("\t".join((name, *strata[name])) for name in sorted(strata))
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _quotas(sizes: Mapping[Stratum, int], seats: int, plan: Plan, depth: int, least: int) -> dict[Stratum, int]:
    """The seats of each stratum: shared out by its part at this depth, then within it."""
    if len(sizes) == 1:
        return dict.fromkeys(sizes, seats)
    parts: dict[str, dict[Stratum, int]] = {}
    for stratum, size in sizes.items():
        parts.setdefault("\t".join(stratum[: depth + 1]), {})[stratum] = size
    given = apportioned({name: sum(some.values()) for name, some in parts.items()}, seats, plan.seed, least)
    quotas: dict[Stratum, int] = {}
    for name, some in parts.items():
        quotas |= _quotas(some, given[name], plan, depth + 1, 0)
    return quotas


def _rank(seed: int, name: str) -> str:
    return hashlib.sha256(f"{seed}\t{name}".encode("utf-8", "surrogatepass")).hexdigest()


def by_unit(strata: Sequence[tuple[Stratum, int, int]]) -> list[tuple[str, int, int]]:
    """For each unit how many cases there are and how many were drawn."""
    units: dict[str, tuple[int, int]] = {}
    for stratum, there, drawn in strata:
        whole, some = units.get(stratum[0], (0, 0))
        units[stratum[0]] = (whole + there, some + drawn)
    return [(unit, *counts) for unit, counts in units.items()]
