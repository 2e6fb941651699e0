"""Whether a rule's pattern can be used: it compiles, it needs at least a character, and it is quick on any sentence.

Python's regular expressions try one way after another. A pattern with nested repeats (`(的*地*)*`) has so many ways
that a single sentence can keep it busy for years, and an office's own pattern must not hang a clerk's machine. So they
are counted from the pattern's parts, as an upper bound, before it is ever used; no text is tried. A repeat has one way
where what follows cannot begin with what it repeats (`[0-9]+元`), for it can then end in one place only; of
alternatives that begin differently only one is gone.
"""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

LONGEST_SENTENCE = 240
"""Characters of the longest sentence that a pattern is applied to; the pre-check cuts longer ones."""

MOST_STEPS = 20_000_000
"""Ways that a pattern may have in the longest sentence: a second or two at worst. That is three stretches of any
length behind one another (`A.*B.*C` from any place on), or four of up to 15 characters."""

MAX_PATTERN = 2_000
"""Characters of a pattern. A longer one cannot be read any more: it should be several rules."""

_MOST = MOST_STEPS // LONGEST_SENTENCE
_TOO_MANY = _MOST + 1
_CATEGORIES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
}
_KINDS_OF_CHARACTER = "5５aZé中的，。 \n-_€"
"""A digit, a letter, a Chinese character, a mark, a blank …: what `.` and classes such as `\\w` are tried on."""

Items = Sequence[tuple[Any, Any]]


def pattern_defect(pattern: str) -> str:
    """What is wrong with a pattern and what to do, empty if nothing is."""
    if len(pattern) > MAX_PATTERN:
        return f"has {len(pattern):,} characters, allowed are {MAX_PATTERN:,}; make several rules of it"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern)
            parsed = importlib.import_module("re._parser").parse(pattern)
            # Here too, as parentheses within parentheses end in a RecursionError.
            ways = _Alphabet.of(list(parsed)).ways(list(parsed), frozenset())
    except (re.error, OverflowError, RecursionError, Warning) as error:
        return f"is no regular expression ({error}); correct it"
    if parsed.getwidth()[0] == 0:
        return "fits the empty text, so it would be found everywhere; take out a * or a ? so that it needs a character"
    if ways > _MOST:
        return (
            "could run for ever on some sentence: repeats in repeats, or too many of them behind one another; "
            "write .* at most twice, better .{0,20}, and no + or * inside (…)+ or (…)*"
        )
    return ""


@dataclass(frozen=True, slots=True)
class _Alphabet:
    """The characters that tell the parts of one pattern apart."""

    characters: frozenset[str]

    @classmethod
    def of(cls, items: Items) -> _Alphabet:
        return cls(frozenset(_KINDS_OF_CHARACTER) | frozenset(_literals(items)))

    def ways(self, items: Items, follow: frozenset[str]) -> int:
        """In how many ways these parts can fit from one place on, at most; `follow` is what can stand behind them."""
        total = 1
        for position in range(len(items) - 1, -1, -1):
            operation, argument = items[position]
            total = min(total * self._ways_of(str(operation), argument, follow), _TOO_MANY)
            begins, passes = self._begins(str(operation), argument)
            follow = begins | follow if passes else begins
        return total

    def _ways_of(self, operation: str, argument: Any, follow: frozenset[str]) -> int:
        if operation in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            return self._repeat(argument, follow)
        if operation == "SUBPATTERN":
            return self.ways(list(argument[-1]), follow)
        if operation == "ATOMIC_GROUP":
            return self.ways(list(argument), follow)
        if operation == "BRANCH":
            return self._either([list(branch) for branch in argument[1]], follow)
        if operation == "GROUPREF_EXISTS":
            return self._either([list(branch) for branch in argument[1:] if branch is not None], self.characters)
        if operation in ("ASSERT", "ASSERT_NOT"):
            return self.ways(list(argument[1]), self.characters)
        return 1

    def _repeat(self, argument: Any, follow: frozenset[str]) -> int:
        # Both bounded: what cannot be repeated so often in a sentence has not no ways, but too many or none that fit.
        least, most = (min(int(bound), LONGEST_SENTENCE) for bound in argument[:2])
        body = list(argument[2])
        begins, passes = self.begin(body)
        if most == 0:
            return 1
        each = self.ways(body, follow | begins if most > 1 else follow)
        ends = passes or bool(begins & follow)
        if each == 1:
            return max(most - least, 0) + 1 if ends else 1
        total = 0
        for count in range(least if ends else most, most + 1):
            total += each**count
            if total > _MOST:
                return _TOO_MANY
        return total

    def _either(self, branches: list[list[tuple[Any, Any]]], follow: frozenset[str]) -> int:
        ways = [self.ways(branch, follow) for branch in branches]
        seen: frozenset[str] = frozenset()
        for branch in branches:
            begins, passes = self.begin(branch)
            begins = begins | follow if passes else begins
            if begins & seen:
                return min(sum(ways), _TOO_MANY)
            seen |= begins
        return max(ways)

    def begin(self, items: Items) -> tuple[frozenset[str], bool]:
        """The characters that these parts can begin with, and whether they can fit nothing at all."""
        found: frozenset[str] = frozenset()
        for operation, argument in items:
            begins, passes = self._begins(str(operation), argument)
            found |= begins
            if not passes:
                return found, False
        return found, True

    def _begins(self, operation: str, argument: Any) -> tuple[frozenset[str], bool]:
        if operation in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            return self._members(operation, argument), False
        if operation in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            begins, passes = self.begin(list(argument[2]))
            return begins, passes or argument[0] == 0
        if operation in ("SUBPATTERN", "ATOMIC_GROUP"):
            return self.begin(list(argument[-1] if operation == "SUBPATTERN" else argument))
        if operation == "BRANCH":
            parts = [self.begin(list(branch)) for branch in argument[1]]
            return frozenset().union(*(begins for begins, _ in parts)), any(passes for _, passes in parts)
        if operation in ("AT", "ASSERT", "ASSERT_NOT"):
            return frozenset(), True
        # A group seen before, or a condition on one: anything may stand there.
        return self.characters, True

    def _members(self, operation: str, argument: Any) -> frozenset[str]:
        if operation == "ANY":
            return self.characters
        if operation == "LITERAL":
            return _both_cases(chr(argument))
        if operation == "NOT_LITERAL":
            return self.characters - {chr(argument)}
        members: set[str] = set()
        for kind, value in argument:
            name = str(kind)
            if name == "LITERAL":
                members |= _both_cases(chr(value))
            elif name == "RANGE":
                members |= {one for one in self.characters if value[0] <= ord(one) <= value[1]}
            elif name == "CATEGORY":
                category = re.compile(_CATEGORIES.get(str(value), r"[\s\S]"))
                members |= {one for one in self.characters if category.match(one)}
        negated = bool(argument) and str(argument[0][0]) == "NEGATE"
        return self.characters - members if negated else frozenset(members)


def _both_cases(character: str) -> frozenset[str]:
    return frozenset((character, character.lower()[:1], character.upper()[:1]))


def _literals(parts: Iterable[Any]) -> set[str]:
    """Every character that a pattern names, the ends of its ranges and those beside them included."""
    found: set[str] = set()
    pending: list[Any] = list(parts)
    while pending:
        part = pending.pop()
        if isinstance(part, tuple) and len(part) == 2 and str(part[0]) in ("LITERAL", "NOT_LITERAL"):
            found |= _both_cases(chr(part[1]))
        elif isinstance(part, tuple) and len(part) == 2 and str(part[0]) == "RANGE":
            ends = (part[1][0] - 1, *part[1], part[1][1] + 1)
            found |= {chr(end) for end in ends if 0 <= end <= 0x10FFFF}
        elif isinstance(part, (tuple, list)) or type(part).__name__ == "SubPattern":
            pending.extend(part)
    return found
