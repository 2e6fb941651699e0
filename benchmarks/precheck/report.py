"""The figures as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.precheck.systems import OURS

Figures = Mapping[str, Any]

KINDS = {
    "personal": "个人事项",
    "court": "涉法涉诉",
    "forwarded": "转交信件",
    "advertising": "广告宣传",
    "outside": "不属本地",
    "empty": "没有具体内容",
    "accusation": "检举控告",
    "secret": "涉密",
    "subject": "案由",
    "problem": "问题",
    "analysis": "分析",
    "ask": "建议",
    "safety": "人身安全",
    "health": "健康",
    "mass": "群体",
    "deadline": "时限",
}


def markdown(result: Mapping[str, Any]) -> str:
    """A table for each thing that is asked, a row for each system that answers it."""
    systems: Mapping[str, Figures] = result["systems"]
    lines = [*_head(result)]
    lines += _section("Several matters in one text (一事多议)", _matters(systems))
    lines += _section(f"Texts that an answer splits (分办), bundle {result['model']}", _split(result["splitting"]))
    lines += _section("Kinds that a regulation may not accept", _shares(systems, "tags"))
    lines += _section("", _by_kind(systems, "tag", ("precision", "recall")))
    lines += _section("Hard negatives", _hard(systems))
    lines += _section("Parts of a suggestion, by sentence", _shares(systems, "parts"))
    lines += _section("", _by_kind(systems, "part", ("f1",)))
    lines += _section("Level at which it can be settled", _level(systems))
    lines += _section("Urgency", _shares(systems, "urgency"))
    lines += _section("", _by_kind(systems, "urgent", ("precision", "recall")))
    lines += _section("Made by a machine, copied, or a form left blank", _shares(systems, "machine"))
    lines += _section("Speed of one check, without encoding", _speed(result["speed"]))
    return "\n".join(lines) + "\n"


def _head(result: Mapping[str, Any]) -> list[str]:
    texts = result["texts"]
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    length = texts["characters"]
    levels, median = sum(texts["levels"].values()), length["median"]
    return [
        "# The pre-check on labelled texts",
        "",
        f"{texts['count']} invented texts of {length['least']} to {length['most']} characters (median {median}):",
        f"{texts['several_matters']} with several matters ({texts['matters']} in all), {texts['tagged']} of a kind",
        f"that regulations treat apart, {texts['hard_negatives']} that use the words of such a kind without being of",
        f"it, {texts['with_parts']} with marked parts, {levels} with a level, {texts['machine']} made by a machine,",
        "copied or left blank. Square brackets: the 95 % interval when texts are drawn again (1,000 times).",
        "How it is counted: [benchmarks/README.md](../README.md#pre-check).",
        "",
        f"{result['date']}; {versions}.",
    ]


def _section(title: str, table: Sequence[Sequence[str]]) -> list[str]:
    if len(table) < 2:
        return []
    head, *rows = table
    lines = ["", f"## {title}", ""] if title else [""]
    lines += [f"| {' | '.join(head)} |", "|---" + "|---:" * (len(head) - 1) + "|"]
    return lines + [f"| {' | '.join(row)} |" for row in rows]


def _matters(systems: Mapping[str, Figures]) -> list[list[str]]:
    head = ["", "precision", "recall", "F1", "F1, exact ends", "several or one: F1"]
    rows = [
        [
            name,
            _share(of["matters"], "precision"),
            _share(of["matters"], "recall"),
            _share(of["matters"], "f1"),
            f"{of['matters_exact']['f1']:.3f}",
            f"{of['several_matters']['f1']:.3f}",
        ]
        for name, of in systems.items()
        if "matters" in of
    ]
    return [head, *rows]


def _split(answers: Mapping[str, Figures]) -> list[list[str]]:
    head = ["", "right where split", "of those with several matters", "right / split / several"]
    rows = [
        [
            name,
            _share(found, "precision"),
            _share(found, "recall"),
            f"{found['right']} / {found['given']} / {found['wanted']}",
        ]
        for name, found in answers.items()
    ]
    return [head, *rows]


def _shares(systems: Mapping[str, Figures], what: str) -> list[list[str]]:
    head = ["", "precision", "recall", "F1", "right / given / wanted"]
    if what == "tags":
        head.append("points to the sentence")
    rows = []
    for name, of in systems.items():
        if what not in of:
            continue
        found = of[what]
        row = [name, *(_share(found, figure) for figure in ("precision", "recall", "f1"))]
        row.append(f"{found['right']} / {found['given']} / {found['wanted']}")
        if what == "tags":
            row.append(f"{of['evidence']['recall']:.3f}" if "evidence" in of else "–")
        rows.append(row)
    return [head, *rows]


def _share(found: Figures, figure: str) -> str:
    low, high = found[f"{figure}_95"]
    return f"{found[figure]:.3f} [{low:.2f}, {high:.2f}]"


def _by_kind(systems: Mapping[str, Figures], what: str, figures: Sequence[str]) -> list[list[str]]:
    """The kinds as rows: how many texts or sentences are of it, then each system."""
    answering = {name: of for name, of in systems.items() if what in of}
    told = " / ".join({"precision": "precision", "recall": "recall", "f1": "F1"}[figure] for figure in figures)
    head = ["", "wanted", *(f"{name}: {told}" for name in answering)]
    rows = [
        [
            f"{KINDS.get(kind, kind)} `{kind}`",
            str(ours["wanted"]),
            *(" / ".join(f"{of[what][kind][figure]:.2f}" for figure in figures) for of in answering.values()),
        ]
        for kind, ours in systems[OURS][what].items()
    ]
    return [head, *rows]


def _hard(systems: Mapping[str, Figures]) -> list[list[str]]:
    head = ["", "texts", "tagged as what they are near", "with any tag that is false"]
    rows = [
        [name, *(str(of["hard_negatives"][figure]) for figure in ("texts", "tagged_for_it", "tagged_at_all"))]
        for name, of in systems.items()
        if "hard_negatives" in of
    ]
    return [head, *rows]


def _level(systems: Mapping[str, Figures]) -> list[list[str]]:
    found = {name: of["level"] for name, of in systems.items() if "level" in of}
    levels = list(found[OURS]["by_level"]) if OURS in found else []
    head = ["", "right where answered", "answered", *(f"{level}: recall" for level in levels)]
    return [head, *(list(_levelled(name, of, levels)) for name, of in found.items())]


def _levelled(name: str, of: Figures, levels: Sequence[str]) -> Iterator[str]:
    yield name
    yield _share(of, "accuracy")
    yield f"{of['answered']} of {of['texts']} ({of['coverage']:.0%})"
    for level in levels:
        yield f"{of['by_level'][level]['recall']:.2f}"


def _speed(taken: Mapping[str, Any]) -> list[list[str]]:
    figures = ("median_ms", "p95_ms", "median_computing_ms", "p95_computing_ms")
    head = [
        "",
        "texts",
        "median ms",
        "95 of 100 within ms",
        "median ms of computing",
        "95 of 100 within ms of computing",
    ]
    bands = {"all texts": taken["all"], **taken["bands"]}
    rows = [[name, str(of["texts"]), *(f"{of[figure]:.1f}" for figure in figures)] for name, of in bands.items()]
    return [head, *rows, [f"first answer after {taken['start_seconds']:.1f} s", *("" for _ in head[1:])]]
