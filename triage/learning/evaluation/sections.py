"""The report as titled sections of sentences and tables, the same for every form that it is written in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from triage.learning.evaluation.phrases import Phrases

Report = Mapping[str, Any]

UNITS_SHOWN = 100
PAIRS_SHOWN = 15
MISTAKES_SHOWN = 25
IDS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of texts. `words` are the columns that hold words, the others hold numbers."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: frozenset[int] = frozenset({0})
    title: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report; `pictures` names the drawings that belong to it."""

    name: str
    title: str
    sentences: tuple[str, ...] = ()
    grids: tuple[Grid, ...] = ()
    pictures: tuple[str, ...] = ()


def sections(report: Report, say: Phrases) -> list[Section]:
    """All parts that have something to say, the conclusion first."""
    parts = (
        _notices,
        _summary,
        _figures,
        _promise,
        _calibration,
        _returns,
        _units,
        _sources,
        _cold,
        _repeats,
        _confusion,
        _mistakes,
        _unknown,
    )
    made: list[Section] = []
    for part in parts:
        section = part(report, say)
        if section is not None:
            made.append(section)
    return made


def about(report: Report, say: Phrases) -> list[str]:
    """How the figures came to be."""
    told = report["about"]
    by = told["by"]
    said = [say(f"about.{by}", cases=f"{report['cases']:,}", **{k: v for k, v in told.items() if k != "cases"})]
    if by == "model" and told["known"] is not None:
        said.append(say("about.learned", known=f"{told['known']:,}"))
    if told["groups"] > 1:
        said.append(say("about.interval", draws=told["draws"]))
    if file := told.get("file"):
        said.append(say("file", name=file["name"], digest=file["sha256"][:12]))
    said.append(say("made", version=told.get("version", ""), seed=told["seed"], draws=told["draws"]))
    return said


def _notices(report: Report, say: Phrases) -> Section | None:
    if not report["notices"]:
        return None
    return Section("notices", say("notices"), tuple(map(say.notice, report["notices"])))


def _summary(report: Report, say: Phrases) -> Section | None:
    figures = _Figures(report, say)
    said = []
    if "lead_top_1" in report["figures"]:
        said.append(say("summary.lead", **{f"top_{k}": figures(f"lead_top_{k}") for k in (1, 3, 5)}))
    if "co_recall_5" in report["figures"]:
        said.append(say("summary.co", recall=figures("co_recall_5")))
    if "topic_accuracy" in report["figures"]:
        said.append(say("summary.topic", accuracy=figures("topic_accuracy")))
    if report["promise"]:
        said.append(verdict(report, say))
    if lead := report["calibration"]["lead"]:
        error = say.figure("error", lead["error"], lead["interval"])
        said.append(say("calibration.chance", error=error, chance=f"{lead['by_chance']:.3f}"))
    if report["returns"]:
        said.append(_cheapest(report["returns"], say))
    return Section("summary", say("summary"), tuple(said)) if said else None


def verdict(report: Report, say: Phrases) -> str:
    """Whether *suggest* kept what it promised, in words."""
    promise = report["promise"]
    if promise["verdict"] == "none":
        return say("promise.none")
    suggest = promise["suggest"]
    return say(
        f"promise.{promise['verdict']}",
        share=say.share(suggest["share"]),
        top_1=say.figure("top_1", suggest["top_1"], suggest["interval"]),
        target=say.share(promise["target"], 0),
    )


def _cheapest(returns: Mapping[str, Any], say: Phrases) -> str:
    costs = {name: say.figure("cost", returns[name]["cost"]) for name in ("best", "first", "clerk")}
    if returns["best"]["threshold"] is None:
        return say("returns.clerk", **costs)
    return say("returns.best", threshold=say.share(returns["best"]["threshold"]), **costs)


def _figures(report: Report, say: Phrases) -> Section | None:
    figures = _Figures(report, say)
    rows = tuple((say(name), figures(name)) for name in report["figures"])
    return Section("figures", say("figures"), grids=(_grid(say, ("figure", "value"), rows),)) if rows else None


def _promise(report: Report, say: Phrases) -> Section | None:
    promise = report["promise"]
    if not promise:
        return None
    rows = []
    for name in ("suggest", "choose", "coordinate"):
        one = promise[name]
        ranged = {"top_1" if name == "suggest" else "top_5": one["interval"]}
        tops = ["–" if one[top] is None else say.figure(top, one[top], ranged.get(top)) for top in ("top_1", "top_5")]
        rows.append((say(f"decision.{name}"), f"{one['cases']:,}", say.share(one["share"]), *tops))
    grid = _grid(say, ("decision", "cases", "share", "top_1", "top_5"), tuple(rows))
    return Section("promise", say("promise"), (verdict(report, say),), (grid,), ("coverage",))


def _calibration(report: Report, say: Phrases) -> Section | None:
    grids = []
    for name in ("lead", "topic"):
        if told := report["calibration"][name]:
            rows = tuple(
                (
                    f"{one['from']:.0%}–{one['to']:.0%}",
                    f"{one['cases']:,}",
                    say.share(one["score"]),
                    say.figure("accuracy", one["accuracy"], one["interval"]),
                )
                for one in told["bins"]
            )
            error = say.figure("error", told["error"], told["interval"])
            title = f"{say(f'picture.{name}')}: ECE {error}"
            grids.append(_grid(say, ("bin", "cases", "score", "accuracy"), rows, title=title))
    return Section("calibration", say("calibration"), (), tuple(grids), ("calibration",)) if grids else None


def _returns(report: Report, say: Phrases) -> Section | None:
    returns = report["returns"]
    if not returns:
        return None
    rows = []
    for name in ("first", "clerk", "decision", "best"):
        one = returns[name]
        if name == "best" and one["threshold"] is None:
            continue
        way = say(f"way.{name}", threshold=say.share(one.get("threshold")))
        cost = say.figure("cost", one["cost"], one["interval"])
        rows.append((way, cost, say.share(one["share"]), say.share(one["returned"])))
    costs = returns["costs"]
    note = say(
        "returns.note",
        returned=f"{costs['returned']:g}",
        chosen=f"{costs['chosen']:g}",
        searched=f"{costs['searched']:g}",
        errors=say.share(costs["clerk_errors"]),
    )
    grid = _grid(say, ("way", "cost", "handed", "returned"), tuple(rows))
    return Section("returns", say("returns"), (_cheapest(returns, say), note), (grid,), ("returns",))


def _units(report: Report, say: Phrases) -> Section | None:
    rows = tuple(
        (
            row["unit"],
            f"{row['cases']:,}",
            say.figure("top_1", row["top_1"], row["interval"]),
            say.share(row["top_3"]),
            say.share(row["top_5"]),
            say.share(row["precision"]),
            "–" if row["learned"] is None else f"{row['learned']:g}",
        )
        for row in report["units"][:UNITS_SHOWN]
    )
    heads = ("unit", "cases", "top_1", "top_3", "top_5", "precision", "learned")
    left = _left(len(report["units"]) - UNITS_SHOWN, say)
    return Section("units", say("units"), left, (_grid(say, heads, rows),), ("units",)) if rows else None


def _sources(report: Report, say: Phrases) -> Section | None:
    if len(report["sources"]) < 2 and not any(row["source"] for row in report["sources"]):
        return None
    rows = tuple((row["source"] or say("none"), *_row(row, say)) for row in report["sources"])
    return Section("sources", say("sources"), grids=(_grid(say, ("source", *_ROW), rows),))


def _repeats(report: Report, say: Phrases) -> Section | None:
    if not report["repeats"]:
        return None
    rows = tuple((say(f"part.{name}"), *_row(report["repeats"][name], say)) for name in ("learned", "new"))
    return Section("repeats", say("repeats"), grids=(_grid(say, ("kind", *_ROW), rows),))


_ROW = ("cases", "top_1", "top_5", "suggest", "suggest_accuracy", "recall", "topic")


def _row(part: Mapping[str, Any], say: Phrases) -> list[str]:
    """The main figures of a part of the cases, in the columns of `_ROW`."""
    figures = _Figures(part, say)
    suggested = part["figures"].get("suggest_coverage")
    return [
        f"{part['cases']:,}",
        figures("lead_top_1"),
        figures("lead_top_5", plain=True),
        figures("suggest_coverage", plain=True),
        figures("suggest_accuracy", plain=True) if suggested else "–",
        figures("co_recall_5", plain=True),
        figures("topic_accuracy", plain=True),
    ]


def _cold(report: Report, say: Phrases) -> Section | None:
    cold = report["cold"]
    if not cold:
        return None
    rows = tuple(
        (
            say(f"kind.{name}"),
            f"{cold[name]['cases']:,}",
            *(_Figures(cold[name], say)(f"lead_top_{k}") for k in (1, 3, 5)),
        )
        for name in ("none", "few", "more")
    )
    grids = [_grid(say, ("kind", "cases", "top_1", "top_3", "top_5"), rows)]
    units = tuple(
        (row["unit"], f"{row['cases']:,}", f"{row['learned']:g}", say.share(row["top_1"]), say.share(row["top_5"]))
        for row in cold["units"][:UNITS_SHOWN]
    )
    if units:
        grids.append(_grid(say, ("unit", "cases", "learned", "top_1", "top_5"), units))
    return Section("cold", say("cold"), _left(len(cold["units"]) - UNITS_SHOWN, say), tuple(grids))


def _confusion(report: Report, say: Phrases) -> Section | None:
    confusion = report["confusion"]
    if not confusion["pairs"]:
        return None
    heads = ("right", "answered", "count", "back", "of_unit", "expected", "surprise", "ids")
    order: dict[str, Callable[[Mapping[str, Any]], float]] = {
        "count": lambda pair: -pair["count"],
        "surprise": lambda pair: -pair["surprise"],
    }
    grids = [
        _grid(
            say,
            heads,
            tuple(_pair(pair, say) for pair in sorted(confusion["pairs"], key=key)[:PAIRS_SHOWN]),
            frozenset({0, 1, 7}),
            say(f"confusion.{name}"),
        )
        for name, key in order.items()
    ]
    note = say("confusion.note", mistakes=f"{confusion['mistakes']:,}")
    return Section("confusion", say("confusion"), (note,), tuple(grids))


def _pair(pair: Mapping[str, Any], say: Phrases) -> tuple[str, ...]:
    return (
        pair["right"],
        pair["answered"],
        f"{pair['count']}",
        f"{pair['back']}",
        say.share(pair["share"], 0),
        f"{pair['expected']:.1f}",
        f"{pair['surprise']:.1f}",
        say("comma").join(pair["ids"][:IDS_SHOWN]) + (" …" if pair["count"] > IDS_SHOWN else ""),
    )


def _mistakes(report: Report, say: Phrases) -> Section | None:
    rows = tuple(
        (
            row["id"],
            say("comma").join(row["right"]),
            row["answered"],
            say.share(row["score"], 0),
            "–" if row["rank"] is None else str(row["rank"]),
            say("comma").join(_evidence(item, say) for item in row["evidence"]["answered"][:2]),
        )
        for row in report["mistakes"][:MISTAKES_SHOWN]
    )
    heads = ("id", "right", "answered", "score", "rank", "evidence")
    left = _left(len(report["mistakes"]) - MISTAKES_SHOWN, say)
    return (
        Section("mistakes", say("mistakes"), left, (_grid(say, heads, rows, frozenset({0, 1, 2, 5})),))
        if rows
        else None
    )


def _evidence(item: Mapping[str, Any], say: Phrases) -> str:
    if item["kind"] == "duty":
        return say("evidence.duty", phrase=item["phrase"])
    return say("evidence.precedent", case=item["case"], units=say("comma").join(item["units"][:2]))


def _unknown(report: Report, say: Phrases) -> Section | None:
    names = report["unknown"]
    if not names:
        return None
    left = _left(len(names) - UNITS_SHOWN, say)
    return Section("unknown", say("unknown"), (say("comma").join(names[:UNITS_SHOWN]), *left))


class _Figures:
    """The figures of a report or a part of it, as they are read."""

    def __init__(self, part: Mapping[str, Any], say: Phrases) -> None:
        self._values, self._intervals, self._say = part["figures"], part["intervals"], say

    def __call__(self, name: str, *, plain: bool = False) -> str:
        if name not in self._values:
            return "–"
        return self._say.figure(name, self._values[name], None if plain else self._intervals.get(name))


def _grid(
    say: Phrases,
    heads: Sequence[str],
    rows: tuple[tuple[str, ...], ...],
    words: frozenset[int] = frozenset({0}),
    title: str = "",
) -> Grid:
    return Grid(tuple(say(f"head.{name}") for name in heads), rows, words, title)


def _left(count: int, say: Phrases) -> tuple[str, ...]:
    return (say("more", count=count),) if count > 0 else ()
