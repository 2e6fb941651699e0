"""The text search: a word is found wherever its characters stand side by side, from one character on.

A text is written as one way of writing (`searched`) and then as its pairs of characters: 路灯坏了 becomes
``路灯 灯坏 坏了 了``, a word at each place, and what is neither letter nor digit parts. A word of two characters or more
is there exactly when its pairs stand one after another; a single character when a pair begins with it.

SQLite keeps the pairs in an FTS5 table that reads them from `suggestions.grams` (phrases, and an own index of first
characters); triggers keep it level. PostgreSQL keeps pairs and characters in one GIN index over arrays, and checks the
order in the column itself. A `tsvector` would not do: it holds a megabyte and 16,383 places at most, and one long letter
has more. Both answer the same rows.
"""

from __future__ import annotations

import re

from sqlalchemy import ColumnElement, and_, case, column, func, literal, select, table
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from service.store.tables import SuggestionRow
from triage.errors import InputError
from triage.text.characters import drop_invisible, fold_accents, fold_width, simplify_each
from triage.text.pinyin import drop_pinyin

SQLITE_OBJECTS = (
    "CREATE VIRTUAL TABLE suggestions_search USING fts5("
    "grams, content='suggestions', content_rowid='id', tokenize='ascii', prefix='1', columnsize=0)",
    "CREATE TRIGGER suggestions_search_insert AFTER INSERT ON suggestions BEGIN "
    "INSERT INTO suggestions_search(rowid, grams) VALUES (new.id, new.grams); END",
    "CREATE TRIGGER suggestions_search_delete AFTER DELETE ON suggestions BEGIN "
    "INSERT INTO suggestions_search(suggestions_search, rowid, grams) VALUES ('delete', old.id, old.grams); END",
    "CREATE TRIGGER suggestions_search_update AFTER UPDATE OF grams ON suggestions WHEN old.grams <> new.grams BEGIN "
    "INSERT INTO suggestions_search(suggestions_search, rowid, grams) VALUES ('delete', old.id, old.grams); "
    "INSERT INTO suggestions_search(rowid, grams) VALUES (new.id, new.grams); END",
)
"""What the first migration makes in SQLite, after the tables."""

POSTGRESQL_OBJECTS = (
    "CREATE INDEX ix_suggestions_grams ON suggestions "
    "USING gin ((string_to_array(grams, ' ') || string_to_array(grams, NULL)))",
)
"""What the first migration makes in PostgreSQL, after the tables."""

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


def matching(query: str, *, sqlite: bool) -> ColumnElement[bool]:
    """The condition that title or text hold all words of `query`. Raises InputError as `words`."""
    if sqlite:
        return SuggestionRow.id.in_(_in_fts5(words(query)))
    return and_(*(_in_arrays(word) for word in words(query)))


def in_title(query: str, *, sqlite: bool) -> ColumnElement[int]:
    """1 where the title holds all words of `query`, else 0: what is looked at first."""
    position = func.instr if sqlite else func.strpos
    found = [position(SuggestionRow.title_grams, _phrase(word)) > 0 for word in words(query)]
    return case((and_(*found), 1), else_=0)


def _pairs(part: str) -> str:
    return " ".join([part[place : place + 2] for place in range(len(part))])


def _phrase(word: str) -> str:
    """The pairs of a word without the last character alone: what stands in the column where the word does."""
    return _pairs(word)[:-2] if len(word) > 1 else word


def _in_fts5(wanted: tuple[str, ...]) -> ColumnElement[bool]:
    """Rows of the FTS5 table. The words hold letters and digits alone, so the quotes keep them together."""
    index = table("suggestions_search", column("rowid"), column("suggestions_search"))
    phrases = [f'"{_phrase(word)}"' + (" *" if len(word) == 1 else "") for word in wanted]
    return select(index.c.rowid).where(index.c.suggestions_search.op("MATCH")(" AND ".join(phrases)))


def _in_arrays(word: str) -> ColumnElement[bool]:
    grams_ = SuggestionRow.grams
    held = func.string_to_array(grams_, literal(" ")).op("||")(func.string_to_array(grams_, None))
    condition = held.op("@>")(literal(_phrase(word).split(), ARRAY(Text)))
    return condition if len(word) <= 2 else and_(condition, func.strpos(grams_, _phrase(word)) > 0)
