"""Reading `rules.csv` and `days.csv`: what each row says, and everything in it that is wrong.

Whether a rule finds its examples is not known here: patterns and learned tags are applied by `triage.precheck`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date as Date

from triage.catalogue.cells import complete_rows, first_day, several, word_of
from triage.catalogue.office import DayException
from triage.catalogue.patterns import pattern_defect
from triage.catalogue.rules import ACTIONS, KINDS, SCOPES, TAGS, Rule
from triage.catalogue.tables import Findings, Folder, Layout, Row, Severity, read_rows

RULES = Layout(
    "rules.csv",
    {
        "id": ("编号", "规则编号", "序号"),
        "kind": ("种类", "类型", "规则类型"),
        "name": ("名称", "事项", "情形"),
        "pattern": ("匹配", "正则", "表达式"),
        "tag": ("标签", "学习标签"),
        "unless": ("除外", "除非"),
        "scope": ("范围", "位置"),
        "source": ("依据", "法规", "文件"),
        "article": ("条款", "条"),
        "action": ("处理", "动作"),
        "active_from": ("启用", "启用日期", "起"),
        "active_to": ("停用", "停用日期", "止"),
        "examples": ("例句", "正例"),
        "counterexamples": ("反例",),
        "wording": ("用语", "答复用语"),
    },
    required=("id", "kind", "name"),
)
DAYS = Layout(
    "days.csv",
    {
        "date": ("日期", "日子"),
        "working": ("上班", "班休", "是否上班"),
        "note": ("备注", "说明"),
    },
    required=("date", "working"),
)

YEARS = (1990, 2100)
"""First and last year of a day that an office keeps: anything else is a slip of the hand."""

_WORKING = {"班", "上班", "补班", "working", "work", "是", "1", "true", "yes"}
_OFF = {"休", "放假", "休息", "off", "holiday", "否", "0", "false", "no"}
_PATTERNS = ("pattern", "unless")
_LINES = re.compile(r"[\r\n]+")


def read_rules(folder: Folder, findings: Findings) -> tuple[Rule, ...]:
    """The rules of a folder in order, without those that cannot be understood; defects go to `findings`."""
    usable: list[Rule] = []
    lines: dict[str, int] = {}
    for row in complete_rows(read_rows(folder, RULES, findings), RULES, findings):
        before = len(findings.found)
        rule = _rule(row, findings)
        _check_rule(rule, findings)
        first = lines.setdefault(rule.id, rule.line)
        if first != rule.line:
            findings.error(
                RULES.file,
                rule.line,
                f"rule {rule.id!r} repeats the id of line {first}; every rule needs its own, a former one too",
            )
        if all(finding.severity is Severity.WARNING for finding in findings.found[before:]):
            usable.append(rule)
    _check_against_each_other(usable, findings)
    return tuple(usable)


def read_days(folder: Folder, findings: Findings) -> tuple[DayException, ...]:
    """The days of a folder on which the place's own calendar differs; defects go to `findings`."""
    days: dict[Date, DayException] = {}
    for row in complete_rows(read_rows(folder, DAYS, findings), DAYS, findings):
        day = _whole_day(row.cells["date"])
        if day is None or not YEARS[0] <= day.year <= YEARS[1]:
            findings.error(
                DAYS.file,
                row.line,
                f"has date {row.cells['date']!r}; allowed is one day as YYYY-MM-DD, from {YEARS[0]} to {YEARS[1]}",
            )
            continue
        said = row.cells["working"].lower()
        if said not in _WORKING | _OFF:
            findings.error(
                DAYS.file, row.line, f"day {day} has working {row.cells['working']!r}; allowed are 班 and 休"
            )
        elif day in days:
            first = days[day]
            also = "" if first.working == (said in _WORKING) else ", which says the opposite"
            findings.error(DAYS.file, row.line, f"day {day} stands already in line {first.line}{also}; keep one")
        else:
            days[day] = DayException(day, said in _WORKING, row.cells.get("note", ""), row.line)
    return tuple(days.values())


def _whole_day(value: str) -> Date | None:
    """A day that is written out: a month alone is no day."""
    return first_day(value) if len(re.findall(r"\d+", value)) == 3 else None


def _rule(row: Row, findings: Findings) -> Rule:
    def cell(column: str) -> str:
        return row.cells.get(column, "")

    def word(column: str, words: Mapping[str, str], usual: str) -> str:
        value = word_of(cell(column), words) or usual
        if value and value not in words:
            allowed = ", ".join(f"{one} ({other})" for one, other in words.items())
            findings.error(
                RULES.file, row.line, f"rule {cell('id')!r} has {column} {cell(column)!r}; allowed are {allowed}"
            )
        return value

    def day(column: str) -> Date | None:
        found = first_day(cell(column))
        if cell(column) and found is None:
            findings.error(
                RULES.file,
                row.line,
                f"rule {cell('id')!r} has {column} {cell(column)!r}; allowed are YYYY, YYYY-MM and YYYY-MM-DD",
            )
        return found

    return Rule(
        id=cell("id"),
        kind=word("kind", KINDS, ""),
        name=cell("name"),
        pattern=cell("pattern"),
        tag=word("tag", TAGS, ""),
        unless=cell("unless"),
        scope=word("scope", SCOPES, "both"),
        source=cell("source"),
        article=cell("article"),
        action=word("action", ACTIONS, "tag"),
        active_from=day("active_from"),
        active_to=day("active_to"),
        examples=_texts(cell("examples")),
        counterexamples=_texts(cell("counterexamples")),
        wording=cell("wording"),
        line=row.line,
    )


def _texts(cell: str) -> tuple[str, ...]:
    return several(_LINES.sub(";", cell))


def _check_rule(rule: Rule, findings: Findings) -> None:
    subject = f"rule {rule.id!r}"
    for column in _PATTERNS:
        pattern = getattr(rule, column)
        defect = pattern_defect(pattern) if pattern else ""
        if defect:
            findings.error(RULES.file, rule.line, f"{subject}: its {column} {defect}")
    if not rule.pattern and not rule.tag:
        findings.error(
            RULES.file, rule.line, f"{subject} has neither pattern nor tag, so nothing finds it; give it one of them"
        )
    if rule.active_from and rule.active_to and rule.active_to <= rule.active_from:
        findings.error(
            RULES.file,
            rule.line,
            f"{subject} ends on {rule.active_to}, no later than it begins on {rule.active_from}; its period is empty: "
            "exchange or correct them",
        )
    for text in rule.examples:
        if text in rule.counterexamples:
            findings.error(
                RULES.file,
                rule.line,
                f"{subject} has {text[:40]!r} both as an example and as a counterexample; keep one",
            )
    if not rule.examples:
        findings.warning(
            RULES.file, rule.line, f"{subject} has no examples, so nobody knows whether it finds anything; add two"
        )
    if not rule.source:
        findings.warning(
            RULES.file, rule.line, f"{subject} names no source, so a clerk cannot say where that is written; add it"
        )


def _check_against_each_other(rules: Sequence[Rule], findings: Findings) -> None:
    for earlier, later in _overlapping(rules):
        _check_condition(earlier, later, findings)
        if earlier.name == later.name:
            for one, other in ((earlier, later), (later, earlier)):
                shared = set(one.examples) & set(other.counterexamples)
                for text in sorted(shared):
                    findings.error(
                        RULES.file,
                        later.line,
                        f"rule {later.id!r} contradicts rule {earlier.id!r} (line {earlier.line}), also {later.name}: "
                        f"{text[:40]!r} is an example of one and a counterexample of the other; decide which",
                    )


def _overlapping(rules: Sequence[Rule]) -> Iterator[tuple[Rule, Rule]]:
    """Each two rules that hold on a day in common, the one of the earlier line first."""
    for position, later in enumerate(rules):
        for earlier in rules[:position]:
            apart = (later.active_to is not None and later.active_to <= (earlier.active_from or Date.min)) or (
                earlier.active_to is not None and earlier.active_to <= (later.active_from or Date.min)
            )
            if not apart:
                yield earlier, later


def _check_condition(earlier: Rule, later: Rule, findings: Findings) -> None:
    if _condition(earlier) != _condition(later):
        return
    where = f"rule {earlier.id!r} (line {earlier.line})"
    differ = [column for column in ("kind", "action") if getattr(earlier, column) != getattr(later, column)]
    if differ:
        said = " and ".join(f"{column} {getattr(earlier, column)} and {getattr(later, column)}" for column in differ)
        findings.error(
            RULES.file,
            later.line,
            f"rule {later.id!r} contradicts {where}: the same pattern, tag, unless and scope at the same time, but "
            f"{said}; keep one, or set active_from and active_to",
        )
    else:
        findings.warning(
            RULES.file, later.line, f"rule {later.id!r} finds what {where} finds, of the same kind; one is enough"
        )


def _condition(rule: Rule) -> tuple[str, ...]:
    return (rule.pattern, rule.tag, rule.unless, rule.scope)
