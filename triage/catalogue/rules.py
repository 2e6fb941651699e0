"""The rules of a place as data: what its regulation says of texts that are not taken up, voted on, urgent or of note.

A rule tags, asks or warns; none rejects. Patterns and learned tags are applied by `triage.precheck`, which names them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date

KINDS: dict[str, str] = {
    "不予受理": "non-acceptance",
    "不纳入": "exclusion",
    "票决": "vote",
    "紧急": "urgency",
    "提示": "note",
}
"""What a rule is about, with the English word that a file may use instead; `Rule.kind` holds the Chinese one."""

ACTIONS: dict[str, str] = {"tag": "标注", "ask": "询问", "warn": "提醒"}
"""What happens when a rule finds something, with the Chinese word that a file may use instead."""

SCOPES: dict[str, str] = {"title": "标题", "text": "正文", "both": "全文"}
"""Where a rule looks, with the Chinese word that a file may use instead."""

TAGS: dict[str, str] = {
    "personal": "个人事项",
    "court": "涉法涉诉",
    "forwarded": "转交信件",
    "advertising": "广告宣传",
    "outside": "不属本地",
    "empty": "没有具体内容",
    "accusation": "检举控告",
    "secret": "涉密",
}
"""The learned tags that a rule may use beside or instead of a pattern, with what they are called on screen."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a place: what finds it, where it is written, what is done, and texts that show what it means.

    `kind` is a word of `KINDS` and `name` the matter (个人事项). `pattern` is a regular expression and `tag` one of
    `TAGS`; with both, either finds the rule. `unless` takes it back when it is found in the same sentence. `scope` is a
    word of `SCOPES`, `action` one of `ACTIONS`. `source` and `article` name the regulation. `active_from` is the
    rule's first day and `active_to` the first day on which it no longer holds; ``None`` leaves that side open. Every
    text of `examples` is found by the rule and none of `counterexamples`. `wording` is what a clerk can paste into a
    reply; `line` the line of rules.csv.
    """

    id: str
    kind: str
    name: str
    pattern: str = ""
    tag: str = ""
    unless: str = ""
    scope: str = "both"
    source: str = ""
    article: str = ""
    action: str = "tag"
    active_from: Date | None = None
    active_to: Date | None = None
    examples: tuple[str, ...] = ()
    counterexamples: tuple[str, ...] = ()
    wording: str = ""
    line: int = 0

    def active(self, on: Date | None = None) -> bool:
        """Whether the rule holds on a day; without a day, whether it holds still (no end is set)."""
        if on is None:
            return self.active_to is None
        return (self.active_from is None or self.active_from <= on) and (self.active_to is None or on < self.active_to)
