"""The result as JSON, for whoever compares two runs, and as Markdown tables, for whoever reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.duplicates.lookups import ALL_AT_ONCE
from benchmarks.duplicates.ours import LIBRARY

LOWER_IS_BETTER = frozenset({"milliseconds_a_query"})
COPIES = (
    ("recall_at_1", "found first"),
    ("recall_at_1_strict", "the very text first"),
    ("recall_at_10", "within ten"),
    ("graded_as_copy", "graded as a copy"),
    ("milliseconds_a_query", "ms a query"),
)
TITLES = (
    ("recall_at_1", "recall@1"),
    ("recall_at_10", "recall@10"),
    ("recall_at_1_or_nearly_the_same", "@1, or nearly the same"),
    ("recall_at_10_or_nearly_the_same", "@10, or nearly the same"),
    ("milliseconds_a_query", "ms a query"),
)
LETTERS = (
    ("recall_at_1", "first"),
    ("recall_at_5", "among five"),
    ("groups_with_every_letter_at_5", "groups with every letter"),
)


def write(result: Mapping[str, Any], folder: Path, name: str) -> tuple[Path, Path]:
    """`name`.json and `name`.md in `folder`; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    raw, readable = folder / f"{name}.json", folder / f"{name}.md"
    raw.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    readable.write_text(markdown(result), encoding="utf-8")
    return raw, readable


def markdown(result: Mapping[str, Any]) -> str:
    """One table a measure, the library first; bold: best of a column."""
    encoder = result["encoder"]
    told = f"sentence encoder {encoder['name']}" if encoder else "without sentence encoder"
    lines = [f"Measured {result['date']} with triage {result['versions']['triage']}, {told}.", ""]
    if result["limit"]:
        lines += [f"**A try on the first {result['limit']:,} texts of each set, not a result.**", ""]
    measures: Mapping[str, Any] = result["measures"]
    for name, table in TABLES.items():
        if name in measures:
            lines += [*table(measures[name]), ""]
    encoding = result.get("encoding", {})
    if encoding.get("texts"):
        lines += [f"No time above holds the encoder: {encoding['milliseconds_a_text']} ms a text on both threads.", ""]
    lines += [f"Not measured: {name} ({why})." for name, why in result["not_measured"].items()]
    return "\n".join(lines).rstrip() + "\n"


def cell(value: Any, best: float | None = None) -> str:
    """A figure as a table shows it, bold where it is the best of its column."""
    if value is None:
        return "–"
    if isinstance(value, int):
        return f"{value:,}"
    shown = f"{value:.3f}".removeprefix("0") if 0 <= value < 1 else f"{value:.2f}"
    return f"**{shown}**" if best is not None and value == best else shown


def _pairs(found: Mapping[str, Any]) -> list[str]:
    return [*_judged("test pairs of our own writing", found), "", *_grades(found), "", *_kinds(found)]


def _labels(found: Mapping[str, Any]) -> list[str]:
    return _judged("pairs of a session, labelled by hand", found)


def _judged(title: str, found: Mapping[str, Any]) -> list[str]:
    systems: Mapping[str, Any] = found["systems"]
    recall = next(key for key in systems[LIBRARY] if key.startswith("precision_at_recall_"))
    keys = ("average_precision", recall)
    best = {key: _best(key, systems.values()) for key in keys}
    rows = []
    for name, scores in systems.items():
        given = scores.get("as_given", {})
        low, high = scores["average_precision_95"]
        shown = [cell(scores[key], best[key]) for key in keys]
        spread = f"{cell(low)} to {cell(high)}"
        rows.append([name, shown[0], spread, shown[1], cell(given.get("precision")), cell(given.get("recall"))])
    header = (
        f"**{title}** ({found['pairs']}, {found['same_matter_or_closer']} same matter or closer)",
        "average precision",
        "95 % interval",
        f"precision at recall ≥ {recall.rpartition('_')[2]}",
        "precision as given",
        "recall as given",
    )
    return _table(header, rows)


def _sessions(found: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    for name, one in found["sessions"].items():
        merged = one["merged"]
        told = (
            f"Merge proposals of triage: {merged['proposals']}, of whose pairs {cell(merged['precision'])} are of one "
            f"matter; of the pairs of one matter {cell(merged['recall'])} stand together."
        )
        lines += [*_judged(f"session {name}: near pairs of {one['texts']} texts", one), "", told, ""]
    return lines[:-1]


def _grades(found: Mapping[str, Any]) -> list[str]:
    own = found["systems"][LIBRARY]
    labels: Mapping[str, Mapping[str, int]] = own["confusion"]
    given = list(next(iter(labels.values())))
    rows = [[f"labelled {label}", *(cell(counts[name]) for name in given)] for label, counts in labels.items()]
    columns = ("precision", "recall", "calibration_error")
    closer = [[grade, *(cell(of[key]) for key in columns)] for grade, of in own["grade_or_closer"].items()]
    return [
        *_table(("**grades given** (triage)", *given), rows),
        "",
        *_table(("**this grade or closer** (triage)", "precision", "recall", "ECE"), closer),
    ]


def _kinds(found: Mapping[str, Any]) -> list[str]:
    kinds: Mapping[str, Any] = found["systems"][LIBRARY]["kinds"]
    rows = [
        [f"{name} ({of['label']})", *(cell(of[key]) for key in ("pairs", "grade_right", "same_matter_right"))]
        for name, of in kinds.items()
    ]
    return _table(("**kinds of pairs** (triage)", "pairs", "grade right", "right side of same matter"), rows)


def _copies(found: Mapping[str, Any]) -> list[str]:
    rules: Mapping[str, Any] = found["rules"]
    every = rules[ALL_AT_ONCE]
    title = f"**copies, all rules at once** ({every['copies']:,} among {found['texts']:,})"
    own = [
        [f"{rule} ({of['copies']:,})", *(cell(of["systems"][LIBRARY].get(key)) for key, _ in COPIES)]
        for rule, of in rules.items()
    ]
    firsts = [[name, *(cell(of["systems"][name]["recall_at_1"]) for of in rules.values())] for name in every["systems"]]
    return [
        *_ranked(title, COPIES, every["systems"]),
        "",
        *_table(("**each rule alone** (triage)", *(head for _, head in COPIES)), own),
        "",
        *_table(("**found first, by rule**", *rules), firsts),
    ]


def _titles(found: Mapping[str, Any]) -> list[str]:
    return _ranked(f"**title finds its body** ({found['texts']:,})", TITLES, found["systems"])


def _letters(found: Mapping[str, Any]) -> list[str]:
    title = f"**sent again** ({found['letters']:,} letters of {found['groups']:,} groups among {found['texts']:,})"
    return _ranked(title, LETTERS, found["systems"])


def _session(found: Mapping[str, Any]) -> list[str]:
    rows = [[grade, cell(of["pairs"]), cell(of["cross_bodies"])] for grade, of in found["pairs"].items()]
    proposals = found["proposals"]
    rows.append(["merge proposals", cell(proposals["groups"]), cell(proposals["cross_bodies"])])
    return _table((f"**a session together** ({found['texts']:,} titles)", "pairs", "across bodies"), rows)


def _together(found: Mapping[str, Any]) -> list[str]:
    proposals = found["proposals"]
    rows = [[f"groups of {size}", cell(count)] for size, count in proposals["groups_by_size"].items()]
    rows += [["largest", cell(proposals["largest"])], ["texts in groups", cell(proposals["texts_in_groups"])]]
    rows += [[f"seconds, {step}", f"{took:.1f}"] for step, took in found["seconds"].items()]
    return _table((f"**messages together** ({found['texts']:,})", "figure"), rows)


def _precedents(found: Mapping[str, Any]) -> list[str]:
    models: Mapping[str, Mapping[str, float]] = found["models"]
    keys = list(next(iter(models.values())))
    rows = [[name, *(cell(of[key]) for key in keys)] for name, of in models.items()]
    title = f"**handled cases heard** ({found['texts']:,}, {found['folds']} folds)"
    return _table((title, *(key.replace("_at_", "@") for key in keys)), rows)


TABLES = {
    "pairs": _pairs,
    "sessions": _sessions,
    "labels": _labels,
    "copies": _copies,
    "titles": _titles,
    "letters": _letters,
    "session": _session,
    "together": _together,
    "precedents": _precedents,
}


def _ranked(title: str, columns: Sequence[tuple[str, str]], systems: Mapping[str, Any]) -> list[str]:
    best = {key: _best(key, systems.values()) for key, _ in columns}
    rows = [[name, *(cell(of.get(key), best[key]) for key, _ in columns)] for name, of in systems.items()]
    return _table((title, *(head for _, head in columns)), rows)


def _best(key: str, systems: Iterable[Mapping[str, Any]]) -> float | None:
    values = [of[key] for of in systems if of.get(key) is not None]
    if len(values) < 2:
        return None
    return float(min(values) if key in LOWER_IS_BETTER else max(values))


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    align = ["---", *["---:"] * (len(header) - 1)]
    return [f"| {' | '.join(cells)} |" for cells in (header, align, *rows)]
