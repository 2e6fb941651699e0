"""The text search: a word is found wherever its characters stand side by side, from one character on.

A text is brought to one way of writing (`searched`) and cut into pairs of characters: 路灯坏了 becomes
``路灯 灯坏 坏了 了``, one at each place; what is neither letter nor digit parts. A word of two characters or more is
there exactly when its pairs stand one after another, a single character when a pair begins with it.

SQLite keeps the pairs in an FTS5 table that reads them from `suggestions.grams`; triggers keep it level. PostgreSQL
keeps pairs and characters in one GIN index over arrays, and looks into the column for their order. A `tsvector` would
not do: it holds a megabyte and 16,383 places at most, and one long letter has more. Both answer the same rows.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Integer, and_, case, column, func, literal, select, table
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import Text

from service.store.tables import SuggestionRow
from triage.errors import InputError
from triage.text.characters import drop_invisible, fold_accents, fold_width, simplify_each
from triage.text.pinyin import drop_pinyin

INDEX = "suggestion_words"
"""The FTS5 table: ``fts5(grams, content='suggestions', content_rowid='id', tokenize='ascii')``. In PostgreSQL the index
``ix_suggestions_words`` is ``gin (suggestion_grams(grams))``, of a function whose cost is told to the planner: cutting
the pairs of a whole table is far dearer than asking the index.
"""
MOST_WORDS = 20
"""Words of a search; more say nothing more."""
MOST_CHARACTERS = 200
_PARTS = re.compile(r"[^\W_]+")


def searched(text: str) -> str:
    """The text as it is searched: one width, simplified characters, small letters, no injected pinyin; what is neither
    a letter nor a digit is one blank.
    """
    text = simplify_each(drop_pinyin(fold_width(fold_accents(drop_invisible(text)))))
    return " ".join(_PARTS.findall(text.casefold()))


def grams(*texts: str) -> str:
    """The pairs of characters of the texts in their order, with blanks between: what `suggestions.grams` holds."""
    parts = (part for text in texts for part in searched(text).split())
    return " ".join(_pairs(part) for part in parts)


def words(query: str) -> tuple[str, ...]:
    """The words of a search, each to be found on its own; all of them are wanted.

    Raises InputError where there is nothing to look for, or too much.
    """
    if len(query) > MOST_CHARACTERS:
        raise InputError(f"the search has {len(query)} characters; {MOST_CHARACTERS} are allowed. Search for less.")
    found = tuple(dict.fromkeys(searched(query).split()))
    if not found:
        raise InputError("the search holds no letter and no digit. Write at least one character to look for.")
    if len(found) > MOST_WORDS:
        raise InputError(f"the search has {len(found)} words; {MOST_WORDS} are allowed. Search for less.")
    return found


class Holds(ColumnElement[bool]):
    """The condition that title or text hold all these words, in the way of the database that is asked."""

    inherit_cache = False
    type = Boolean()

    def __init__(self, wanted: tuple[str, ...]) -> None:
        self.wanted = wanted

    def self_group(self, against: Any = None) -> Holds:  # noqa: ARG002 - SQLAlchemy's form
        """As it is, in its own brackets: compared with 1, as SQLite's booleans are, it would be asked of every row."""
        return self


def matching(query: str) -> ColumnElement[bool]:
    """The condition that title or text hold all words of `query`. Raises InputError as `words`."""
    return Holds(words(query))


def in_title(query: str) -> ColumnElement[int]:
    """1 where the title holds all words of `query`, else 0: those are looked at first."""
    return case((and_(*(SuggestionRow.title_grams.contains(_phrase(word)) for word in words(query))), 1), else_=0)


def _pairs(part: str) -> str:
    return " ".join([part[place : place + 2] for place in range(len(part))])


def _phrase(word: str) -> str:
    """The pairs of a word without the last character alone: what stands in the column where the word does."""
    return _pairs(word)[:-2] if len(word) > 1 else word


@compiles(Holds, "sqlite")
def _in_fts5(condition: Holds, compiler: SQLCompiler, **options: Any) -> str:
    """Rows of the FTS5 table. The words hold letters and digits alone, so the quotes keep them together."""
    index = table(INDEX, column("rowid", Integer), column(INDEX))
    phrases = [f'"{_phrase(word)}"' + (" *" if len(word) == 1 else "") for word in condition.wanted]
    found = select(index.c.rowid).where(index.c[INDEX].op("MATCH")(" AND ".join(phrases)))
    return f"({compiler.process(SuggestionRow.id.in_(found), **options)})"


@compiles(Holds, "postgresql")
def _in_arrays(condition: Holds, compiler: SQLCompiler, **options: Any) -> str:
    """All pairs of all words are there, which the index knows, and those of a word stand one after another."""
    pairs = list(dict.fromkeys(pair for word in condition.wanted for pair in _phrase(word).split()))
    held = func.suggestion_grams(SuggestionRow.grams).op("@>")(literal(pairs, ARRAY(Text)))
    rows = [SuggestionRow.grams.contains(_phrase(word)) for word in condition.wanted if len(word) > 2]
    return f"({compiler.process(and_(held, *rows), **options)})"
