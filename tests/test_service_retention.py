"""Retention: what is anonymised and deleted, what stays, that the trail stays whole and nothing is left in the file."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import TypeAdapter
from sqlalchemy import func, select, update

from service.store import decisions, quotes, retention, rules, suggestions, upkeep, values
from service.store.store import Store
from service.store.tables import AnswerRow, DecisionRow, OutcomeRow, ReturnRow, SuggestionRow, VersionRow
from service.store.tables_service import (
    DELIVERED,
    DONE,
    QUEUED,
    WAITING,
    DeliveryRow,
    JobItem,
    JobRow,
    ReplyRow,
    TrailRow,
    WebhookRow,
)
from service.store.verification import verify
from triage.errors import InputError
from triage.records import (
    AreaMention,
    Duplicate,
    Evidence,
    Grade,
    Jurisdiction,
    LevelFound,
    Matter,
    Mode,
    PairEvidence,
    Reason,
    ReturnRisk,
    SharedPhrase,
    Span,
    Suggestion,
    SystemScore,
    TopicScore,
    Triaged,
    UnitScore,
)
from triage.records import Decision as Promise

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Desk, Said
    from triage import Triager

TODAY = Date(2026, 3, 2)
RARE = "犇骉淼焱垚"
"""A word that stands nowhere else in a database file."""
SPAN = Span("text", 0, 2)


def answer_of(ref: str, *, case: str = "", said: str = RARE) -> dict[str, Any]:
    """An answer that quotes in every field that can."""
    hit = Duplicate(
        case or "other",
        Grade.IDENTICAL,
        0.9,
        {"identical": 0.9},
        PairEvidence(said, (SharedPhrase(said, SPAN, SPAN),), (said,), (said,)),
        title=said,
        proposers=(said,),
        lead=("住建局",),
    )
    return Triaged(
        ref,
        (TopicScore("市政", 0.9, ("市政",)),),
        (UnitScore("住建局", 0.9),),
        (UnitScore("财政局", 0.5),),
        Mode.JOINT,
        Promise.SUGGEST,
        (Reason("sure", said),),
        (
            Evidence("住建局", "precedent", said, 0.5, case or "other", ("住建局",)),
            Evidence("住建局", "words", said, 0.5, spans=(SPAN,)),
        ),
        (hit,),
        (Matter(said, (UnitScore("住建局", 0.9),)),),
        (said,),
        (said,),
        "triage-1",
        ReturnRisk(0.1, False, (said,)),
        (SystemScore("政府", 0.9),),
        Jurisdiction(
            "01", "城关", ("县", "城关"), 0.9, (AreaMention("01", "城关", said, "text", 0, 2, 0.9),), (said,), said
        ),
        LevelFound("县", 0.9, (said,), (SPAN,)),
        "城建委",
    ).to_dict()


def keep(store: Store, ref: str, source: str = "热线", day: Date | None = Date(2020, 5, 4), **more: Any) -> None:
    """A suggestion whose wording, and all that came of it, holds the rare word."""
    with store.write("test") as writing:
        row = suggestions.create(
            writing,
            Suggestion(ref, f"反映{RARE}", f"关于{RARE}的信", source, "", day, (f"{RARE}某",), f"{RARE}局", **more),
        )
        suggestions.revise(
            writing, row, Suggestion(ref, f"再反映{RARE}", RARE, source, "", day, (RARE,), "", **more), 1
        )
        answer = suggestions.keep_answer(writing, row, answer_of(ref), "triage-1", "")
        decisions.decide(writing, row, lead=["住建局"], expected=0, reason=RARE, answer_id=answer.id, day=day)
        decisions.record_return(writing, row, unit="住建局", reason=RARE, day=day)
        decisions.record_outcome(writing, row, outcome="A", reply=RARE, day=day)


def age(store: Store, ref: str, day: Date) -> None:
    """Let everything about a suggestion have been written down on an earlier day."""
    moment = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    with store.write("test") as writing:
        row = suggestions.find(writing.session, ref, confidential=True)
        row.created_at = moment
        for table in (DecisionRow, ReturnRow, OutcomeRow):
            writing.session.execute(update(table).where(table.suggestion_id == row.id).values(at=moment))


def states(store: Store) -> dict[str, str]:
    with store.read() as session:
        return {row.ref: row.state for row in session.scalars(select(SuggestionRow).order_by(SuggestionRow.id))}


def everything(store: Store) -> str:
    """Every row of every table, in one text."""
    with store.read() as session:
        tables = SuggestionRow.metadata.sorted_tables
        return str([tuple(map(str, row)) for table in tables for row in session.execute(select(table))])


def put(store: Store, *given: tuple[str, int, str]) -> tuple[rules.Rule, ...]:
    parsed = rules.parsed([{"source": source, "after_days": days, "action": action} for source, days, action in given])
    with store.write("test") as writing:
        rules.put(writing, parsed)
    return parsed


def test_to_anonymise_takes_every_word_away_and_leaves_units_and_dates(store: Store) -> None:
    keep(store, "old")
    keep(store, "hidden", confidential=True)
    put(store, ("", 1825, "anonymise"))
    assert RARE in everything(store)
    assert retention.apply(store, "test", TODAY) == retention.Erased(anonymised=2)
    assert RARE not in everything(store)
    with store.read() as session:
        row = suggestions.find(session, "old", confidential=False)
        assert (row.state, row.title, row.text, row.proposers, row.wish) == ("erased", "", "", [], "")
        assert (row.source, row.day, [one.unit for one in row.assignments]) == ("热线", Date(2020, 5, 4), ["住建局"])
        assert suggestions.versions_of(session, row) == []
        outcome = decisions.outcome_of(session, row)
        assert outcome is not None
        assert outcome.outcome == "A"
        answer = suggestions.latest_answer(session, row)
        assert answer is not None
        assert answer.answer["lead"] == [{"unit": "住建局", "score": 0.9}]
        assert not any(one["spans"] for one in answer.answer["evidence"])
    assert retention.apply(store, "test", TODAY) == retention.Erased()


def test_to_delete_takes_all_of_it_and_the_trail_says_so(store: Store) -> None:
    keep(store, "old")
    keep(store, "new", day=Date(2026, 2, 1))
    put(store, ("", 1825, "delete"))
    assert retention.apply(store, "test", TODAY) == retention.Erased(deleted=1)
    assert states(store) == {"new": "closed"}
    with store.read() as session:
        for table in (VersionRow, AnswerRow, DecisionRow, ReturnRow, OutcomeRow):
            assert session.scalar(select(func.count(func.distinct(table.suggestion_id)))) == 1
        [entry] = session.scalars(select(TrailRow).where(TrailRow.action == "suggestion.deleted"))
        assert (entry.subject, entry.actor) == ("old", "test")
        assert entry.details == {"source": "", "after_days": 1825}


@pytest.mark.parametrize("action", ["anonymise", "delete"])
def test_the_trail_stays_whole(store: Store, action: str) -> None:
    keep(store, "old")
    keep(store, "new", day=Date(2026, 2, 1))
    put(store, ("", 1825, action))
    retention.apply(store, "test", TODAY)
    with store.read() as session:
        found = verify(session)
    assert found.whole, found.broken
    with store.read() as session:
        salts = session.scalars(
            select(DecisionRow.salt).join(SuggestionRow).where(SuggestionRow.state == "erased")
        ).all()
    assert not any(salts)


def test_nothing_is_left_in_the_files_of_sqlite(sqlite_store: Store) -> None:
    keep(sqlite_store, "old")
    for number in range(20):
        keep(sqlite_store, f"new{number}", day=Date(2026, 2, 1))
        with sqlite_store.write("test") as writing:
            row = suggestions.find(writing.session, f"new{number}", confidential=False)
            suggestions.revise(writing, row, Suggestion(title="路灯", date=Date(2026, 2, 1)), 2)
    folder = Path(sqlite_store.url.database or "").parent
    put(sqlite_store, ("", 1, "anonymise"))

    def left() -> list[str]:
        whole = b"".join(file.read_bytes() for file in sorted(folder.iterdir()))
        parts = {RARE, *(RARE[place : place + 2] for place in range(4)), *RARE}
        return [part for part in sorted(parts) if part.encode() in whole]

    assert len(left()) == 10
    retention.apply(sqlite_store, "test", TODAY + timedelta(days=100))
    assert left() == []


def test_answers_to_others_no_longer_quote_what_is_gone(store: Store) -> None:
    keep(store, "old")
    with store.write("test") as writing:
        row = suggestions.create(writing, Suggestion("new", "路灯", source="人大"))
        kept = suggestions.keep_answer(writing, row, answer_of("new", case="old"), "triage-1", "")
        other = suggestions.keep_answer(writing, row, answer_of("new", case="another", said="别的"), "triage-1", "")
    put(store, ("热线", 365, "anonymise"))
    assert retention.apply(store, "test", TODAY).cited == 1
    with store.read() as session:
        answer, untouched = session.get_one(AnswerRow, kept.id).answer, session.get_one(AnswerRow, other.id).answer
    assert [hit["title"] for hit in answer["duplicates"]] == [""]
    assert [one["text"] for one in answer["evidence"]] == ["", RARE]  # its own words stay
    assert untouched == json.loads(json.dumps(answer_of("new", case="another", said="别的")))


def test_what_a_killed_process_left_is_done_the_next_time(store: Store) -> None:
    keep(store, "old")
    with store.write("test") as writing:
        row = suggestions.create(writing, Suggestion("new", "路灯", source="人大"))
        suggestions.keep_answer(writing, row, answer_of("new", case="old"), "triage-1", "")
    put(store, ("热线", 365, "delete"))
    asked = iter([False, True, True, True, True])
    assert retention.apply(store, "test", TODAY, stop=lambda: next(asked)) == retention.Erased(deleted=1)
    assert retention.apply(store, "test", TODAY) == retention.Erased(cited=1)
    assert retention.apply(store, "test", TODAY) == retention.Erased()


def test_days_count_from_the_last_that_is_known(store: Store) -> None:
    keep(store, "replied", day=Date(2020, 1, 1))
    with store.write("test") as writing:
        row = suggestions.find(writing.session, "replied", confidential=False)
        decisions.record_outcome(writing, row, outcome="A", day=Date(2026, 3, 1))
    keep(store, "quiet", day=Date(2020, 1, 1))
    with store.write("test") as writing:
        suggestions.create(writing, Suggestion("undated", "路灯"))
        suggestions.create(writing, Suggestion("slip", "路灯", date=Date(2099, 1, 1)))
    wanted = put(store, ("", 10, "anonymise"))
    with store.read() as session:
        assert rules.counts(session, wanted, TODAY, confidential=True) == [1]
    assert retention.apply(store, "test", TODAY).anonymised == 1
    assert states(store) == {"replied": "closed", "quiet": "erased", "undated": "open", "slip": "open"}
    for ref in ("undated", "slip"):
        age(store, ref, Date(2026, 2, 1))
    assert retention.apply(store, "test", TODAY).anonymised == 2


def test_the_day_on_which_it_falls_due(store: Store) -> None:
    keep(store, "one", day=Date(2026, 2, 20))
    age(store, "one", Date(2026, 2, 20))
    wanted = put(store, ("", 10, "delete"))
    with store.read() as session:
        assert rules.counts(session, wanted, Date(2026, 3, 1), confidential=True) == [0]
        assert rules.counts(session, wanted, Date(2026, 3, 2), confidential=True) == [1]


def test_a_rule_holds_for_its_source_and_the_open_one_for_all_others(store: Store) -> None:
    for ref, source in (("hotline", "热线"), ("deputy", "人大"), ("nobody", "")):
        keep(store, ref, source)
    keep(store, "secret", "热线", confidential=True)
    wanted = put(store, ("热线", 100, "anonymise"), ("热线", 3000, "delete"), ("", 2000, "anonymise"))
    with store.read() as session:
        assert rules.counts(session, wanted, TODAY, confidential=True) == [2, 0, 2]
        assert rules.counts(session, wanted, TODAY, confidential=False) == [1, 0, 2]
        assert rules.counts(session, wanted, Date(2030, 1, 1), confidential=True) == [0, 2, 2]
    assert retention.apply(store, "test", TODAY).anonymised == 4
    assert retention.apply(store, "test", Date(2030, 1, 1)) == retention.Erased(deleted=2)
    assert states(store) == {"deputy": "erased", "nobody": "erased"}


def test_without_a_rule_everything_is_kept(store: Store) -> None:
    keep(store, "old", day=Date(1990, 1, 1))
    assert retention.apply(store, "test", TODAY) == retention.Erased()
    assert states(store) == {"old": "closed"}


RULE = {"source": "热线", "after_days": 10, "action": "delete"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "a dict; a list"),
        (["x"], "rule 1 is a str"),
        ([RULE, RULE | {"days": 3}], "rule 2: unknown field 'days'; allowed are source, after_days, action"),
        ([RULE | {"after_days": 0}], "after_days is '0'; a whole number from 1 to 36500"),
        ([RULE | {"after_days": True}], "after_days is 'True'"),
        ([RULE | {"after_days": 1.5}], "after_days is '1.5'"),
        ([RULE | {"after_days": 36_501}], "after_days is '36501'"),
        ([{"action": "delete"}], "after_days is 'None'"),
        ([RULE | {"action": "hide"}], "action is 'hide'; allowed are anonymise and delete"),
        ([RULE | {"source": 3}], "source is no name"),
        ([RULE | {"source": "a\x00"}], "source is no name"),
        ([RULE, RULE | {"after_days": 20}], "rules 1 and 2 both delete source '热线'"),
        ([RULE | {"source": ""}] * 2, "both delete all other sources"),
        ([RULE, RULE | {"action": "anonymise"}], "to delete must come later"),
        ([RULE] * 101, "101 retention rules; 100"),
    ],
)
def test_rules_that_cannot_be_meant_are_refused(given: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        rules.parsed(given)


def test_an_answer_without_its_wording_is_still_an_answer() -> None:
    emptied = quotes.without_wording(answer_of("one"))
    assert RARE not in str(emptied)
    assert set(emptied) == {field.name for field in fields(Triaged)}
    TypeAdapter(Triaged).validate_python(emptied)
    bare = Triaged("one", (), (), (), Mode.SOLE, Promise.CHOOSE).to_dict()
    assert json.dumps(quotes.without_wording(bare), sort_keys=True) == json.dumps(bare, sort_keys=True)


def test_an_answer_of_the_library_loses_its_wording(triager: Triager) -> None:
    title = "关于老街巷子路灯坏了半个月的建议"
    [triaged] = triager.triage([Suggestion(id="one", title=title)])
    emptied = quotes.without_wording(triaged.to_dict())
    TypeAdapter(Triaged).validate_python(emptied)
    assert "老街" not in json.dumps(emptied, ensure_ascii=False)
    assert [unit["unit"] for unit in emptied["lead"]] == [unit.unit for unit in triaged.lead]


def test_upkeep_applies_the_rules_once_a_day(store: Store) -> None:
    keep(store, "old")
    put(store, ("", 1825, "anonymise"))
    day = [TODAY]
    duty = upkeep.Upkeep(store, 30, lambda: day[0])
    assert not duty.step()
    assert states(store) == {"old": "erased"}
    keep(store, "older")
    duty.step()
    assert states(store)["older"] == "closed"
    day[0] += timedelta(days=1)
    duty.step()
    assert states(store)["older"] == "erased"


def test_upkeep_that_is_ended_in_the_middle_goes_on_the_next_time(store: Store) -> None:
    keep(store, "old")
    put(store, ("", 1825, "anonymise"))
    duty = upkeep.Upkeep(store, 30, lambda: TODAY)
    duty.end()
    duty.step()
    assert states(store) == {"old": "closed"}
    with store.read() as session:
        assert values.get(session, upkeep.SETTING) is None
    upkeep.Upkeep(store, 30, lambda: TODAY).step()
    assert states(store) == {"old": "erased"}


def test_jobs_messages_and_replies_leave_after_their_time(store: Store) -> None:
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    with store.write("test") as writing:
        for number, (state, days) in enumerate([(DONE, 31), (DONE, 29), (QUEUED, 90)]):
            ended = now - timedelta(days=days) if state == DONE else None
            row = JobRow(id=f"job{number}", kind="triage", state=state, input=b"text", finished_at=ended)
            row.created_at = now - timedelta(days=days)
            writing.session.add(row)
        writing.session.add(WebhookRow(id="w", url="http://x", events=[], secret="s", actor="test"))
        writing.session.flush()
        writing.session.add(JobItem(job_id="job0", place=0, result={"text": RARE}))
        for number, (state, days) in enumerate([(DELIVERED, 31), (DELIVERED, 29), (WAITING, 31)]):
            message = DeliveryRow(id=f"m{number}", webhook_id="w", event="job.finished", payload={}, state=state)
            message.created_at = now - timedelta(days=days)
            writing.session.add(message)
        for number, hours in enumerate([25, 23]):
            reply = ReplyRow(key_id="k", idempotency_key=f"r{number}", fingerprint="", status=201, body=RARE)
            reply.at = now - timedelta(hours=hours)
            writing.session.add(reply)
    for _ in range(2):
        upkeep.prune(store, timedelta(days=30), now)
    with store.read() as session:
        assert set(session.scalars(select(JobRow.id))) == {"job1", "job2"}
        assert session.scalar(select(func.count()).select_from(JobItem)) == 0
        assert set(session.scalars(select(DeliveryRow.id))) == {"m1", "m2"}
        assert set(session.scalars(select(ReplyRow.idempotency_key))) == {"r1"}
        assert [
            entry.subject for entry in session.scalars(select(TrailRow).where(TrailRow.action == "job.deleted"))
        ] == ["job0"]


def test_rules_over_http_are_set_tried_and_shown(desk: Desk) -> None:
    keep(desk.store, "old")
    keep(desk.store, "secret", confidential=True)
    admin, seeing = desk.key("admin"), desk.key("admin", confidential=True)
    assert desk.client.get("/v1/retention", headers=admin).json() == {"rules": []}
    wanted = {"rules": [{"source": "热线", "after_days": 365, "action": "anonymise"}]}
    preview = desk.client.post("/v1/retention/preview", json=wanted, headers=admin).json()
    assert preview["rules"] == [wanted["rules"][0] | {"suggestions": 1}]
    assert desk.client.get("/v1/retention", headers=admin).json() == {"rules": []}
    assert desk.client.put("/v1/retention", json=wanted, headers=admin).json() == wanted
    assert desk.client.get("/v1/retention", headers=admin).json() == wanted
    preview = desk.client.post("/v1/retention/preview", json={}, headers=seeing).json()
    assert preview["rules"] == [wanted["rules"][0] | {"suggestions": 2}]
    assert states(desk.store) == {"old": "closed", "secret": "closed"}
    for wrong in (
        {"rules": [RULE, RULE]},
        {"rules": [{"after_days": 3}]},
        {"rule": []},
        {"rules": [RULE | {"after_days": 0}]},
    ):
        assert desk.client.put("/v1/retention", json=wrong, headers=admin).status_code == 422
    for method, path in (("GET", ""), ("PUT", ""), ("POST", "/preview")):
        answer = desk.client.request(method, f"/v1/retention{path}", json=wanted, headers=desk.key("decide"))
        assert answer.json()["code"] == "scope-needed"
    with desk.store.read() as session:
        [entry] = session.scalars(select(TrailRow).where(TrailRow.action == "retention.changed"))
        assert entry.details == wanted


def test_what_is_erased_is_still_listed_and_takes_nothing_new(desk: Desk) -> None:
    keep(desk.store, "old")
    put(desk.store, ("", 1825, "anonymise"))
    retention.apply(desk.store, "test", TODAY)
    key = desk.key("triage")
    got = desk.client.get("/v1/suggestions/old", headers=key).json()
    assert (got["state"], got["title"], got["text"], got["lead"]) == ("erased", "", "", ["住建局"])
    assert desk.client.get("/v1/suggestions", params={"q": RARE}, headers=key).json()["suggestions"] == []
    assert desk.client.get("/v1/suggestions/old/versions", headers=key).json() == {"versions": []}
    put_ = desk.client.put("/v1/suggestions/old", json={"title": "路灯"}, headers=key | {"If-Match": '"2"'})
    assert (put_.status_code, put_.json()["code"]) == (422, "unusable-input")
    answer = desk.client.post("/v1/suggestions/old/triage", headers=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "unusable-input")


def test_the_command_shows_sets_tries_and_runs(
    sqlite_store: Store, command: Callable[..., Said], tmp_path: Path
) -> None:
    keep(sqlite_store, "old")
    where = ("--database", sqlite_store.url.render_as_string())
    assert "everything is kept" in command("retention", "show", *where).out
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"rules": [{"after_days": 365, "action": "anonymise"}]}), encoding="utf-8")
    assert "(all others)" in command("retention", "set", str(file), *where).out
    shown = json.loads(command("retention", "show", "--json", *where).out)
    assert shown == {"rules": [{"source": "", "after_days": 365, "action": "anonymise"}]}
    assert "anonymise" in command("retention", "run", "--dry-run", *where).out
    assert states(sqlite_store) == {"old": "closed"}
    assert "1 anonymised, 0 deleted" in command("retention", "run", *where).out
    assert states(sqlite_store) == {"old": "erased"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[]", "an object with"),
        ("{", "is not JSON"),
        ('{"rules": [{"after_days": -1, "action": "delete"}]}', "rule 1: after_days is '-1'"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_holds_no_rules_is_refused(
    sqlite_store: Store, command: Callable[..., Said], tmp_path: Path, content: str | None, said: str
) -> None:
    file = tmp_path / "rules.json"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    ran = command("retention", "set", str(file), "--database", sqlite_store.url.render_as_string())
    assert ran.code != 0
    assert said in " ".join(ran.err.split())
