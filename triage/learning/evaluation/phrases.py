"""Every phrase of the report, in Chinese and in English: one table (phrases.csv), so that nothing is said in one
language only.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from triage.errors import InputError

LANGUAGES = ("zh", "en")
TABLE = "phrases.csv"


class Phrases:
    """The phrases of one language. Raises InputError for a language that there is not."""

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise InputError(f"language: {language!r}; allowed are {', '.join(LANGUAGES)}.")
        self.language = language
        self._table = phrase_table()[language]

    def __call__(self, key: str, **values: Any) -> str:
        """A phrase with its values filled in."""
        return self._table[key].format(**values)

    def share(self, value: float | None, digits: int = 1) -> str:
        """A share as per cent; a dash where there is none."""
        return "–" if value is None else f"{value:.{digits}%}"

    def figure(self, name: str, value: float, interval: object = None) -> str:
        """A figure with its range: counts whole, errors, costs and numbers as they are, the rest as per cent."""
        if isinstance(value, int) or name.endswith("_cases"):
            return f"{value:,.0f}"
        plain = "error" in name or name.startswith("co_count") or "cost" in name

        def written(one: float) -> str:
            return f"{one:.3f}" if "error" in name else f"{one:.2f}" if plain else f"{one:.1%}"

        if not isinstance(interval, list | tuple):
            return written(value)
        low, high = (written(one) for one in interval)
        return self("range", value=written(value), low=low, high=high)

    def notice(self, notice: Mapping[str, Any]) -> str:
        """One notice of a report as a sentence."""
        return self(notice["code"], **{key: value for key, value in notice.items() if key != "code"})


@cache
def phrase_table() -> dict[str, dict[str, str]]:
    """The phrases of each language by key."""
    text = files(__package__).joinpath(TABLE).read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return {language: {row["key"]: row[language] for row in rows} for language in LANGUAGES}
