"""A model card for a bundle: what it is, what it is for, what it learned from and how good it is, in numbers and dates.

In the Hugging Face model card format: YAML front matter with ``model-index``, then Markdown. Nothing of a case is in
it, and no name of a unit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from triage.bundle import Manifest
from triage.learning.registry.register import Step
from triage.learning.registry.words import LANGUAGES, Words

README = "README.md"
KINDS = {
    "top_1": "accuracy",
    "top_3": "top_3_accuracy",
    "top_5": "top_5_accuracy",
    "calibration_error": "expected_calibration_error",
    "suggest_coverage": "coverage",
    "suggest_accuracy": "selective_accuracy",
    "co_recall_5": "recall_at_5",
    "topic_macro_f1": "f1",
}
"""The type of each figure in the front matter."""
TAGS = ("chinese", "government", "text-classification", "routing", "suggestion-triage")


def card_text(name: str, manifest: Manifest, step: Step | None = None, language: str = "en") -> str:
    """The card of a bundle that the registry calls `name`; `step` is the promotion whose comparison it shows.

    `language` is ``en`` or ``zh`` (`LANGUAGES`). A bundle of an earlier version says less of itself, and so does its
    card.
    """
    words = LANGUAGES[language]
    card = manifest.card
    held_out = dict(card.get("lead") or {})
    compared = _compared(step)
    lines = ["---", *_yaml(_front(name, card, held_out, compared)), "---", "", f"# {name}", ""]
    lines += [f"## {words.details}", "", words.summary.format(units=card.get("units"), topics=card.get("topics")), ""]
    lines += _table(_details(name, manifest, words), ("", ""))
    for title, text in ((words.use, words.used_for), (words.beyond, words.not_for)):
        lines += [f"## {title}", "", text, ""]
    lines += [f"## {words.training}", "", _training(card, words), "", f"## {words.evaluation}", ""]
    if held_out:
        how = words.later if held_out.get("later_cases") else words.held_out
        lines += [how.format(cases=held_out.get("unseen_cases", 0)), ""]
        lines += _table(_figures(held_out, words), words.columns)
    if compared and step is not None:
        count = (step.comparison or {}).get("cases", 0)
        lines += [words.compared.format(cases=count, day=step.day[:10]), ""]
        lines += _table(_figures(compared, words), words.columns)
    if not (held_out or compared):
        lines += [words.unmeasured, ""]
    text = words.limited
    promise = card.get("promise") or {}
    if promise and not promise.get("proven"):
        text += " " + words.no_promise.format(accuracy=promise.get("accuracy", 0.0))
    lines += [f"## {words.limits}", "", text, "", f"## {words.how}", "", *_usage(name)]
    return "\n".join(lines) + "\n"


def _front(
    name: str, card: Mapping[str, Any], held_out: Mapping[str, float], compared: Mapping[str, float]
) -> dict[str, Any]:
    learned = bool(card.get("cases"))
    # Cold, it holds the catalogue's words alone; with cases it holds titles, which are the office's.
    license_ = {"license": "other", "license_name": "not-for-distribution"} if learned else {"license": "apache-2.0"}
    sets = {"held-out": held_out, "later-cases": compared}
    results = [
        {
            "task": {"type": "text-classification", "name": "Lead unit, helpers and topic of a suggestion"},
            "dataset": {"type": f"internal-{kind}", "name": f"Handled cases of the office, {kind}"},
            "metrics": [
                {"type": KINDS[figure], "name": figure, "value": value}
                for figure, value in found.items()
                if figure in KINDS
            ],
        }
        for kind, found in sets.items()
        if found
    ]
    front = {"language": ["zh"], **license_, "library_name": "suggestion-triage", "pipeline_tag": "text-classification"}
    return {**front, "tags": list(TAGS), **({"model-index": [{"name": name, "results": results}]} if results else {})}


def _compared(step: Step | None) -> dict[str, float]:
    """The figures of the comparison by which a bundle came into use, under the names that its card uses."""
    if step is None or not step.comparison:
        return {}
    found = {}
    for entry in step.comparison.get("figures", ()):
        name = str(entry["figure"]).removeprefix("lead_")
        if name in KINDS and entry["later"] is not None:
            found[name] = float(entry["later"])
    return found


def _details(name: str, manifest: Manifest, words: Words) -> list[tuple[str, str]]:
    card, made_on = manifest.card, dict(manifest.card.get("made_on") or {})
    encoder = card.get("encoder")
    values = {
        "name": name,
        "fingerprint": f"`{manifest.fingerprint}`",
        "digest": f"`{manifest.digest}`",
        "trained": card.get("trained"),
        "version": card.get("version"),
        "encoder": f"{encoder['name']} `{encoder['fingerprint']}`" if encoder else "—",
        "catalogue": _code(card.get("catalogue")),
        "data": _code(card.get("data")),
        "seed": card.get("seed"),
        "python": made_on.get("python"),
        "platform": made_on.get("platform"),
        "blas": f"{', '.join(made_on['blas'])}; {made_on['threads']}" if made_on else None,
        "packages": ", ".join(f"{package} {version}" for package, version in made_on.get("packages", {}).items()),
    }
    return [(words.fields[key], str(value)) for key, value in values.items() if value not in (None, "")]


def _code(digest: object) -> str:
    return f"`{digest}`" if digest else ""


def _training(card: Mapping[str, Any], words: Words) -> str:
    numbers = {"phrases": card.get("duty_phrases", 0), "bare": card.get("units_without_duties", 0)}
    if not card.get("cases"):
        return words.cold.format(**numbers)
    dates = card.get("dates") or []
    between = f" ({dates[0]} – {dates[1]})" if len(dates) == 2 else ""
    return words.trained.format(
        cases=card["cases"], used=card.get("cases_used", card["cases"]), dates=between, **numbers
    )


def _figures(found: Mapping[str, float], words: Words) -> list[tuple[str, str]]:
    return [(words.figures[name], f"{found[name]:.4f}") for name in KINDS if name in found]


def _table(rows: Sequence[tuple[str, str]], header: tuple[str, str]) -> list[str]:
    return [
        f"| {header[0]} | {header[1]} |",
        "|---|---|",
        *(f"| {left} | {right.replace('|', chr(92) + '|')} |" for left, right in rows),
        "",
    ]


def _usage(name: str) -> list[str]:
    return [
        "```sh",
        f'triage recommend --model models/{name} "关于延长公交线路的建议"',
        "```",
        "",
        "```python",
        "from triage import Suggestion, Triager",
        "",
        f'triager = Triager.load("models/{name}")',
        'answers = triager.triage([Suggestion(title="关于延长公交线路的建议")])',
        "```",
    ]


_WORDS = frozenset("y n yes no on off true false null".split())
"""What YAML 1.1 reads as a boolean or as nothing."""


def _yaml(value: Any, depth: int = 0) -> list[str]:
    """Plain types as YAML in blocks. Every text is written as JSON writes it, which YAML reads alike; so is a key that
    YAML 1.1 would read as something else.
    """
    indent = "  " * depth
    lines: list[str] = []
    entries = value.items() if isinstance(value, Mapping) else [(None, item) for item in value]
    for key, item in entries:
        start = f"{indent}- " if key is None else f"{indent}{json.dumps(key) if str(key).lower() in _WORDS else key}:"
        if isinstance(item, Mapping | list):
            below = _yaml(item, depth + 1)
            if key is None:
                lines += [start + below[0].strip(), *below[1:]]
            else:
                lines += [start, *below]
        else:
            lines.append(f"{start.rstrip()} {json.dumps(item, ensure_ascii=False)}")
    return lines
