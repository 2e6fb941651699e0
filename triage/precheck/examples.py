"""The examples of a place's rules, run: every example must be found by its rule, and no counterexample may be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from triage.catalogue import Catalogue, Finding, Office, Rule, Severity
from triage.precheck.checked import Tagged
from triage.precheck.precheck import Precheck
from triage.precheck.rules import SCOPE_TITLE
from triage.records import Suggestion

FILE = "rules.csv"


def check_examples(office: Office, catalogue: Catalogue) -> tuple[Finding, ...]:
    """What the rules of an office say of their own examples, where that is not what they should, by line.

    Each text goes through the pre-check itself; a rule's dates are left aside, so that a former rule keeps its
    examples. An example is read as a title where the rule looks at titles only, else as a body.
    """
    rules = tuple(replace(rule, active_from=None, active_to=None) for rule in office.rules)
    if not any(rule.examples or rule.counterexamples for rule in rules):
        return ()
    precheck = Precheck(catalogue, replace(office, rules=rules))
    return tuple(finding for rule in rules for finding in _of_rule(rule, precheck))


def _of_rule(rule: Rule, precheck: Precheck) -> Iterator[Finding]:
    for text in rule.examples:
        if _hit(rule, text, precheck) is None:
            yield _finding(rule, f"does not find its example {_told(text)}: {_why_not(rule, text)}")
    for text in rule.counterexamples:
        hit = _hit(rule, text, precheck)
        if hit is not None:
            yield _finding(rule, f"finds its counterexample {_told(text)}: {_why(hit)}")


def _hit(rule: Rule, text: str, precheck: Precheck) -> Tagged | None:
    titled = rule.scope == SCOPE_TITLE
    suggestion = Suggestion("example", title=text) if titled else Suggestion("example", text=text)
    (checked,) = precheck.check([suggestion])
    return next((tagged for tagged in checked.tags if tagged.rule == rule.id), None)


def _why_not(rule: Rule, text: str) -> str:
    if rule.unless and re.search(rule.unless, text):
        return "unless stands in it; narrow unless, or take another example"
    reasons = ["its pattern fits no sentence"] if rule.pattern else []
    reasons += [f"the learned tag {rule.tag!r} does not speak for it"] if rule.tag else []
    return f"{' and '.join(reasons)}; correct the rule or the example"


def _why(hit: Tagged) -> str:
    if hit.score < 1:
        return f"the learned tag speaks for it ({hit.score:.2f}); name in unless what tells them apart, or take another"
    return "its pattern fits; narrow the pattern, or name in unless what tells them apart"


def _told(text: str) -> str:
    """The beginning of an example: it is the office's own wording, no suggestion."""
    return f"{text[:30]!r}" + ("…" if len(text) > 30 else "")


def _finding(rule: Rule, message: str) -> Finding:
    return Finding(Severity.ERROR, FILE, rule.line, f"rule {rule.id!r} {message}")
