"""Taking away what the retention rules no longer keep. The trail stays whole, and says what went.

To anonymise is to take the wording away, wherever it stands: title, text, proposers, wish, all versions, reasons of
decisions and returns, replies, and what answers quote, those to other suggestions too. Units, topics, dates and
outcomes stay for the statistics. To delete is to take the suggestion away with all that hangs on it. Either is an entry
of the trail, by which the duplicate index learns of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date as Date

from sqlalchemy import column, delete, insert, select, table, text, update

from service.store import values
from service.store.columns import now
from service.store.quotes import cited, without_citation, without_wording
from service.store.rules import ANONYMISE, DELETE, Rule, due, stored
from service.store.search import INDEX
from service.store.store import Store, Writing, told
from service.store.tables import (
    ERASED,
    AnswerRow,
    DecisionRow,
    OutcomeRow,
    ReturnRow,
    SuggestionRow,
    VersionRow,
)
from service.store.tables_service import TrailRow

AT_ONCE = 200
"""Suggestions of one transaction: other writers wait no longer than these take."""
MERGED = 500
"""Pages of the text search that are merged in one transaction."""
TRIES = 3
CLEANED = "retention.cleaned"
"""The setting that holds the last entry of the trail whose suggestion was taken out everywhere."""
GONE = {ANONYMISE: "suggestion.erased", DELETE: "suggestion.deleted"}


@dataclass(frozen=True, slots=True)
class Erased:
    """How many suggestions were anonymised and deleted, and in how many answers to others their wording stood."""

    anonymised: int = 0
    deleted: int = 0
    cited: int = 0


def apply(
    store: Store,
    actor: str,
    today: Date,
    rules: Sequence[Rule] | None = None,
    *,
    stop: Callable[[], bool] = lambda: False,
) -> Erased:
    """Do what the rules in force (or `rules`) say of `today`, in the name of `actor`.

    `stop` is asked after each transaction. Whatever ends it in the middle, the next time does the rest.
    Raises StoreBusy, StoreFailed.
    """
    if rules is None:
        with store.read() as session:
            rules = stored(session)
    counted = {DELETE: 0, ANONYMISE: 0}
    for action in (DELETE, ANONYMISE):
        for rule in rules:
            while rule.action == action and not stop() and (done := _some_due(store, actor, rule, rules, today)):
                counted[action] += done
    answers = 0 if stop() else _clean_up(store, actor, stop)
    return Erased(counted[ANONYMISE], counted[DELETE], answers)


def _some_due(store: Store, actor: str, rule: Rule, rules: Sequence[Rule], today: Date) -> int:
    with store.write(actor) as writing:
        chosen = select(SuggestionRow.id, SuggestionRow.ref).where(due(rule, rules, today)).limit(AT_ONCE)
        found = {row.id: row.ref for row in writing.session.execute(chosen)}
        if found:
            (_delete if rule.action == DELETE else _anonymise)(writing, list(found))
        for ref in found.values():
            writing.note(GONE[rule.action], ref, source=rule.source, after_days=rule.after_days)
    return len(found)


def _clean_up(store: Store, actor: str, stop: Callable[[], bool]) -> int:
    """Take what is gone out of the answers to others, and out of the files. The trail tells what is gone since this was
    last done to its end, so that it is done even if the process was killed before.
    """
    with store.read() as session:
        mark = values.get(session, CLEANED, 0)
        entries = select(TrailRow.seq, TrailRow.subject).where(TrailRow.seq > mark)
        gone = {row.subject: row.seq for row in session.execute(entries.where(TrailRow.action.in_(GONE.values())))}
    if not gone:
        return 0
    answers = _uncite(store, actor, gone.keys(), stop)
    if stop():
        return answers
    forget(store)
    with store.write(actor) as writing:
        values.put(writing, CLEANED, max(gone.values()))
    return answers


def _delete(writing: Writing, ids: Sequence[int]) -> None:
    writing.session.execute(delete(SuggestionRow).where(SuggestionRow.id.in_(ids)))


def _anonymise(writing: Writing, ids: Sequence[int]) -> None:
    session = writing.session
    emptied = {"title": "", "text": "", "title_grams": "", "grams": "", "proposers": [], "wish": ""}
    session.execute(
        update(SuggestionRow).where(SuggestionRow.id.in_(ids)).values(state=ERASED, changed_at=now(), **emptied)
    )
    session.execute(delete(VersionRow).where(VersionRow.suggestion_id.in_(ids)))
    # Without its salt the digest in the trail tells nothing of the reason.
    session.execute(update(DecisionRow).where(DecisionRow.suggestion_id.in_(ids)).values(reason="", salt=""))
    session.execute(update(ReturnRow).where(ReturnRow.suggestion_id.in_(ids)).values(reason=""))
    session.execute(update(OutcomeRow).where(OutcomeRow.suggestion_id.in_(ids)).values(reply=""))
    for row in session.scalars(select(AnswerRow).where(AnswerRow.suggestion_id.in_(ids))):
        row.answer = without_wording(row.answer)


def _uncite(store: Store, actor: str, refs: Collection[str], stop: Callable[[], bool]) -> int:
    """Take the wording of what is gone out of the answers to others; the number of answers that held some."""
    last, changed = 0, 0
    while not stop():
        with store.read() as session:
            part = select(AnswerRow.id, AnswerRow.answer).where(AnswerRow.id > last).order_by(AnswerRow.id)
            rows = session.execute(part.limit(AT_ONCE)).all()
        if not rows:
            break
        last = rows[-1].id
        found = [row.id for row in rows if not cited(row.answer).isdisjoint(refs)]
        if found:
            with store.write(actor) as writing:
                for answer in writing.session.scalars(select(AnswerRow).where(AnswerRow.id.in_(found))):
                    answer.answer = without_citation(answer.answer, refs)
            changed += len(found)
    return changed


def forget(store: Store) -> None:
    """Leave nothing readable in the files of the database that its tables no longer hold.

    SQLite overwrites what it frees (`secure_delete`); what is left are the pairs of characters in the text search,
    which are merged away, and the journal, which is written back and cut off. PostgreSQL gives the room free for new
    rows.
    """
    if store.is_sqlite:
        _merge(store)
        _cut_journal(store)
    else:
        with told(), store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for rows in (SuggestionRow, VersionRow, AnswerRow, DecisionRow, ReturnRow, OutcomeRow):
                connection.execute(text(f"VACUUM {rows.__tablename__}"))


def _merge(store: Store) -> None:
    """Write the text search anew, a few pages in each transaction."""
    pages = -MERGED  # the first call takes in all parts, also those that are merged
    while True:
        with told(), store.engine.connect().execution_options(immediate=True) as connection, connection.begin():
            counted = text("SELECT total_changes()")
            before = connection.scalar(counted)
            merge = insert(table(INDEX, column(INDEX), column("rank")))
            connection.execute(merge.values({INDEX: "merge", "rank": pages}))
            done = connection.scalar(counted) - before < 2
        if done:
            return
        pages = MERGED


def _cut_journal(store: Store) -> None:
    """Write the journal back and cut it off. A reader may hold it for a while; then it is tried again."""
    with told(), store.engine.connect() as connection:
        handle = connection.connection.cursor()  # not in a transaction
        try:
            for _ in range(TRIES):
                held = handle.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
                if not held:
                    return
        finally:
            handle.close()
