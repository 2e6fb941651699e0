"""`/v1/duplicates`, `/v1/precedents`, `/v1/hot` and the duplicates of `/v1/triage`: the library's records over HTTP."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, fields
from datetime import date as Date
from pathlib import Path
from typing import Any, get_args

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from service.app import create_app
from service.logs import JsonLines
from service.settings import Settings
from service.shapes import answers, options
from service.shapes.examples import BUS, COMPOST, LAMP
from service.shapes.examples_duplicates import DUPLICATES, HOT, LAMPS, PRECEDENTS, STATIONS
from triage import Case, Suggestion, Triaged, Triager
from triage.datasets import read_cases
from triage.duplicates import groups, growth, guard
from triage.duplicates.hits import Only
from triage.duplicates.index import DuplicateIndex
from triage.duplicates.precedents import HandledCase
from triage.records import Duplicate, Grade
from triage.triager import NEAR

JSON = {"Content-Type": "application/json"}
PATHS = ("/v1/duplicates", "/v1/precedents", "/v1/hot")
WORD = "青石巷"
BRIDGE = Suggestion(
    "ZX2021-009",
    "关于拓宽青石桥的提案",
    "青石桥只有四米宽，两车相遇要倒车，货车压坏了栏杆。建议交通部门拓宽青石桥，加固栏杆。",
    source="政协",
    session="十四届五次",
    date=Date(2021, 2, 24),
    proposers=("何清",),
)
KEPT = Case(BRIDGE, ("交通运输局",), ("财政局",), reply="青石桥已列入明年危桥改造计划。", outcome="B")
SECRET = Case(
    Suggestion("QZ2022-001", "反映柳树湾取水点被堵", "柳树湾取水点被人用石头堵住，请查处。", confidential=True),
    ("水利局",),
    reply="已清理柳树湾取水点。",
)
AGAIN = {"id": "RD2025-077", "title": BRIDGE.title, "text": BRIDGE.text, "source": "人大", "date": "2025-02-19"}
WATER = {"title": SECRET.suggestion.title, "text": SECRET.suggestion.text}


@pytest.fixture(scope="module")
def file(triager: Triager, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("index") / "history.index"
    with triager.index(path, create=True) as index:
        index.add([*read_cases(root / "examples" / "cases.csv"), KEPT, SECRET])
    return path


@pytest.fixture(scope="module")
def index(triager: Triager, file: Path) -> Iterator[DuplicateIndex]:
    """The library's own look at the file."""
    with triager.index(file) as index:
        yield index


@pytest.fixture(scope="module")
def client(triager: Triager, file: Path) -> Iterator[TestClient]:
    limits = Settings(index=file, max_suggestions=8, max_characters=1_000)
    with TestClient(create_app(limits, triager)) as client:
        yield client


@pytest.fixture(scope="module")
def bare(triager: Triager) -> Iterator[TestClient]:
    """A service without an index."""
    with TestClient(create_app(Settings(), triager)) as client:
        yield client


def record(values: dict[str, Any]) -> Suggestion:
    day = Date.fromisoformat(values["date"]) if "date" in values else None
    return Suggestion(**values | {"date": day, "proposers": tuple(values.get("proposers", ()))})


def ask(client: TestClient, path: str, *suggestions: Any, **more: Any) -> Any:
    return client.post(f"/v1/{path}", json={"suggestions": list(suggestions), **more})


def plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def hits_of(answer: Any) -> list[list[dict[str, Any]]]:
    assert answer.status_code == 200, answer.text
    return [result["duplicates"] for result in answer.json()["results"]]


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    return document


# --- service = library -----------------------------------------------------------------------------------------------

MANY = [BUS, STATIONS, COMPOST, LAMP | {"confidential": True}, AGAIN, {"title": "关于更换村卫生室血压计的建议"}]
ONLY = {"source": ["人大", "政协"], "session": [], "since": "2023-01-01", "until": "2025-12-31"}


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({}, {}),
        ({"k": 1}, {"k": 1}),
        ({"k": 100, "least": "same matter"}, {"k": 100, "least": Grade.SAME_MATTER}),
        ({"least": "identical", "only": {}}, {"least": Grade.IDENTICAL}),
        (
            {"only": ONLY},
            {"only": Only(source=("人大", "政协"), since=Date(2023, 1, 1), until=Date(2025, 12, 31))},
        ),
        (
            {"only": {"session": ["十四届五次"], "area": ["青石桥"]}},
            {"only": Only(session="十四届五次", area="青石桥")},
        ),
    ],
    ids=["as it is", "one", "many of the same matter", "identical", "dates and bodies", "session and place"],
)
@pytest.mark.parametrize("kind", ["with index", "without"])
def test_duplicates_are_those_of_the_library(
    client: TestClient,
    bare: TestClient,
    triager: Triager,
    index: DuplicateIndex,
    kind: str,
    asked: dict[str, Any],
    wanted: dict[str, Any],
) -> None:
    service, history = (client, index) if kind == "with index" else (bare, None)
    answer = ask(service, "duplicates", *MANY, **asked)
    with closing(triager.duplicates([record(values) for values in MANY], history=history)) as batch:
        expected = batch.duplicates(**wanted)
    assert [result["id"] for result in answer.json()["results"]] == [*(values["id"] for values in MANY[:5]), "#6"]
    assert hits_of(answer) == plain([[asdict(hit) for hit in hits] for hits in expected])
    assert TypeAdapter(list[tuple[Duplicate, ...]]).validate_python(hits_of(answer)) == expected
    assert answer.json().keys() == {"results"}


def test_proposals_and_conflicts_are_those_of_the_library(
    client: TestClient, triager: Triager, index: DuplicateIndex
) -> None:
    other = AGAIN | {"id": "RD2025-078", "title": "关于青石桥拓宽的建议", "proposers": ["苏杭"]}
    asked = [*MANY, other, BUS | {"id": "copy"}]
    answer = ask(client, "duplicates", *asked, proposals=True, conflicts=True).json()
    with closing(triager.duplicates([record(values) for values in asked], history=index)) as batch:
        proposals, conflicts = batch.proposals(), triager.conflicts(batch)
    assert answer["proposals"] == plain([proposal.to_dict() for proposal in proposals])
    assert answer["conflicts"] == plain([item.to_dict() for item in conflicts])
    members = [{member["id"]: member for member in proposal["members"]} for proposal in answer["proposals"]]
    (both,) = [group for group in members if "RD2025-078" in group]
    assert both["RD2025-078"]["proposers"] == ["苏杭"]
    assert both["RD2025-077"]["text"] == BRIDGE.text, "no text is dropped or cut"
    assert answers.DuplicatesResponse.model_validate(answer)


def test_a_conflict_with_history_is_a_line_for_the_meeting(triager: Triager, tmp_path: Path) -> None:
    asked = record(AGAIN)
    first = triager.triage([asked])[0].lead[0].unit
    other = next(unit for unit in ("教育局", "水利局") if unit != first)
    with triager.index(tmp_path / "other.index", create=True) as index:
        index.add([Case(BRIDGE, (other,))])
    with TestClient(create_app(Settings(index=tmp_path / "other.index"), triager)) as client:
        (item,) = ask(client, "duplicates", AGAIN, conflicts=True).json()["conflicts"]
    assert item["kind"] == "against history"
    assert {tuple(holding["leads"]) for holding in item["holdings"]} == {(first,), (other,)}
    assert "请会前统一" in item["text"]


@pytest.mark.parametrize("most", [1, 5, 20])
def test_precedents_are_those_of_the_library(
    client: TestClient, triager: Triager, index: DuplicateIndex, most: int
) -> None:
    answer = ask(client, "precedents", *MANY, most=most)
    expected = triager.precedents([record(values) for values in MANY], index, most=most)
    assert answer.json()["results"] == plain(
        [
            {"id": values.get("id", ""), "precedents": [case.to_dict() for case in cases]}
            for values, cases in zip(MANY, expected, strict=True)
        ]
    )
    given_back = [result["precedents"] for result in answer.json()["results"]]
    assert TypeAdapter(list[tuple[HandledCase, ...]]).validate_python(given_back) == expected
    if most == 5:
        assert ask(client, "precedents", *MANY).json() == answer.json()


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({}, {}),
        ({"until": "2025-03-31", "period": "month"}, {"until": Date(2025, 3, 31), "period": "month"}),
        ({"period": 14, "least": 1}, {"period": 14, "least": 1}),
        ({"since": "2025-03-01", "least": 2}, {"since": Date(2025, 3, 1), "least": 2}),
        ({"since": "2025-03-01", "until": "2025-03-01"}, {"since": Date(2025, 3, 1), "until": Date(2025, 3, 1)}),
    ],
    ids=["all", "month", "fortnight", "since", "one day"],
)
def test_hot_topics_are_those_of_the_library(
    client: TestClient, triager: Triager, asked: dict[str, Any], wanted: dict[str, Any]
) -> None:
    texts = [*LAMPS, BUS, STATIONS, {"title": LAMP["title"]}]
    answer = ask(client, "hot", *texts, **asked)
    with closing(triager.duplicates([record(values) for values in texts])) as batch:
        expected = batch.hot(**wanted).to_dict()
    assert answer.json() == plain(expected)
    assert answers.HotTopics.model_validate(answer.json())


def test_triage_tells_what_the_index_holds(client: TestClient, triager: Triager, index: DuplicateIndex) -> None:
    answer = ask(client, "triage", *MANY).json()["results"]
    expected = triager.triage([record(values) for values in MANY], history=index)
    assert answer == plain([triaged.to_dict() for triaged in expected])
    assert TypeAdapter(list[Triaged]).validate_python(answer) == expected
    (bridge,) = [result for result in answer if result["id"] == AGAIN["id"]]
    assert (bridge["duplicates"][0]["id"], bridge["duplicates"][0]["grade"]) == (BRIDGE.id, "identical")
    assert bridge["duplicates"][0]["outcome"] == "B"
    assert [ask(client, "triage", values).json()["results"][0] for values in MANY] == answer, "alone as in company"


def test_without_an_index_triage_is_as_it_was(bare: TestClient, client: TestClient, triager: Triager) -> None:
    answer = ask(bare, "triage", *MANY).json()["results"]
    assert answer == plain([triaged.to_dict() for triaged in triager.triage([record(values) for values in MANY])])
    kept = {"id", "topics", "notices", "model"}
    for mine, other in zip(answer, ask(client, "triage", *MANY).json()["results"], strict=True):
        assert mine["duplicates"] == []
        assert {key: mine[key] for key in kept} == {key: other[key] for key in kept}


def test_the_shapes_are_those_of_the_records() -> None:
    for shape, made in (
        (answers.Member, groups.Member),
        (answers.MergeProposal, groups.MergeProposal),
        (answers.Side, guard.Side),
        (answers.Holding, guard.Holding),
        (answers.MeetingItem, guard.MeetingItem),
    ):
        assert list(shape.model_fields) == [field.name for field in fields(made)], shape
    assert list(options.OnlyIn.model_fields) == [field.name for field in fields(Only)]
    assert set(get_args(answers.MergeGrade)) == set(Grade) - {Grade.RELATED}
    assert options.MOST_PRECEDENTS <= NEAR
    for word in options.PERIODS:
        assert growth.period(Date(2025, 3, 31), word)


# --- what it says ----------------------------------------------------------------------------------------------------


def test_two_bodies_that_ask_for_the_same_find_each_other(client: TestClient) -> None:
    bus, stations, lamp = hits_of(ask(client, "duplicates", BUS, STATIONS, LAMP, least="same matter"))
    assert [hit["id"] for hit in bus] == [STATIONS["id"]]
    assert [hit["id"] for hit in stations] == [BUS["id"]]
    assert bus[0]["proposers"] == STATIONS["proposers"]
    assert not {BUS["id"], STATIONS["id"]} & {hit["id"] for hit in lamp}


def test_a_text_that_history_has_is_found_with_what_became_of_it(client: TestClient) -> None:
    ((found, *_),) = hits_of(ask(client, "duplicates", AGAIN))
    assert (found["id"], found["grade"], found["score"]) == (BRIDGE.id, "identical", 1.0)
    assert (found["lead"], found["co"], found["outcome"]) == (["交通运输局"], ["财政局"], "B")
    (precedents,) = [result["precedents"] for result in ask(client, "precedents", AGAIN).json()["results"]]
    assert (precedents[0]["id"], precedents[0]["kind"], precedents[0]["reply"]) == (
        BRIDGE.id,
        "same matter",
        KEPT.reply,
    )
    assert "列入计划解决" in precedents[0]["text"]


def test_texts_without_ids_are_called_by_their_place(client: TestClient) -> None:
    answer = ask(client, "duplicates", {"title": BUS["title"]}, {"title": BUS["title"]}, least="identical")
    assert [result["id"] for result in answer.json()["results"]] == ["#1", "#2"]
    assert [[hit["id"] for hit in hits] for hits in hits_of(answer)] == [["#2"], ["#1"]]


def test_filters_hold_for_the_request_and_the_index(client: TestClient) -> None:
    copy = AGAIN | {"id": "copy", "source": "热线", "date": "2020-01-02"}
    for only, left in (
        ({}, ["copy", BRIDGE.id]),
        ({"source": ["热线"]}, ["copy"]),
        ({"source": ["政协", "热线"]}, ["copy", BRIDGE.id]),
        ({"since": "2021-02-24"}, [BRIDGE.id]),
        ({"until": "2021-02-23"}, ["copy"]),
        ({"session": ["十四届五次"]}, [BRIDGE.id]),
        ({"area": ["无此地"]}, []),
    ):
        found = hits_of(ask(client, "duplicates", AGAIN, copy, only=only, least="identical"))[0]
        assert sorted(hit["id"] for hit in found) == sorted(left), only


def test_nothing_of_a_confidential_wording_is_repeated(client: TestClient) -> None:
    (open_text,) = ask(client, "precedents", WATER).json()["results"]
    kept = next(case for case in open_text["precedents"] if case["id"] == SECRET.suggestion.id)
    assert (kept["title"], kept["reply"], kept["lead"]) == ("", "", ["水利局"])
    hidden = [WATER | {"id": name, "confidential": True} for name in ("b", "c", "d")]
    for path, more in (("duplicates", {"least": "same matter", "proposals": True}), ("precedents", {}), ("hot", {})):
        answer = ask(client, path, *hidden, **more)
        assert answer.status_code == 200
        assert "柳树湾" not in answer.text, path
    found = hits_of(ask(client, "duplicates", *hidden, least="identical"))
    assert [{hit["id"] for hit in hits} for hits in found] == [
        {SECRET.suggestion.id, *"bcd"} - {name} for name in "bcd"
    ]


# --- what is refused -------------------------------------------------------------------------------------------------


def test_without_an_index_there_are_no_precedents(bare: TestClient) -> None:
    document = problem(ask(bare, "precedents", BUS), 501, "no-index")
    assert "本服务没有配置历史索引，无法查找先例" in document["detail"]
    assert "TRIAGE_INDEX" in document["detail"]
    assert "retry-after" not in ask(bare, "precedents", BUS).headers


@pytest.mark.parametrize(
    ("path", "more", "pointer", "words"),
    [
        ("duplicates", {"least": "alike"}, "#/least", "'identical', 'rewritten', 'same matter' or 'related'"),
        ("duplicates", {"least": 3}, "#/least", "'identical'"),
        ("duplicates", {"k": 0}, "#/k", "greater than or equal to 1"),
        ("duplicates", {"k": 101}, "#/k", "less than or equal to 100"),
        ("duplicates", {"k": "10"}, "#/k", "a whole number is expected"),
        ("duplicates", {"k": True}, "#/k", "a whole number is expected"),
        ("duplicates", {"k": 1.5}, "#/k", "a whole number is expected"),
        ("duplicates", {"proposals": 1}, "#/proposals", "true or false"),
        ("duplicates", {"top": 5}, "#", "unknown field 'top'; allowed are suggestions, k, least, only"),
        ("duplicates", {"only": {"sources": []}}, "#/only", "unknown field 'sources'; allowed are source, session"),
        ("duplicates", {"only": []}, "#/only", "an object is expected"),
        ("duplicates", {"only": {"source": "人大"}}, "#/only/source", "a list is expected"),
        ("duplicates", {"only": {"area": ["甲", 2]}}, "#/only/area/1", "text is expected"),
        ("duplicates", {"only": {"since": "2025"}}, "#/only/since", "2025-03-01"),
        ("duplicates", {"only": {"since": "2025-03-02", "until": "2025-03-01"}}, "#/only/until", "exchange the two"),
        ("precedents", {"most": 0}, "#/most", "greater than or equal to 1"),
        ("precedents", {"most": 21}, "#/most", "less than or equal to 20"),
        ("precedents", {"k": 1}, "#", "unknown field 'k'; allowed are suggestions, most"),
        ("hot", {"since": "2025-03-02", "until": "2025-03-01"}, "#/until", "exchange the two dates"),
        ("hot", {"period": "day"}, "#/period", "allowed are week, month, quarter, year, or a number of days from 1"),
        ("hot", {"period": 0}, "#/period", "allowed are week"),
        ("hot", {"period": True}, "#/period", "allowed are week"),
        ("hot", {"period": ["week"]}, "#/period", "allowed are week"),
        ("hot", {"period": "week", "since": "2025-03-02"}, "#/period", "give since or period"),
        ("hot", {"least": 0}, "#/least", "greater than or equal to 1"),
        ("hot", {"least": 1001}, "#/least", "less than or equal to 1000"),
    ],
)
def test_a_wrong_option_is_answered_with_its_place(
    client: TestClient, path: str, more: dict[str, Any], pointer: str, words: str
) -> None:
    document = problem(ask(client, path, BUS, **more), 422, "invalid-request")
    assert [finding["pointer"] for finding in document["errors"]] == [pointer]
    assert words in document["errors"][0]["detail"]
    assert words in document["detail"]


@pytest.mark.parametrize("path", PATHS)
def test_suggestions_are_checked_as_everywhere(client: TestClient, path: str) -> None:
    path = path.removeprefix("/v1/")
    assert "the same id" in problem(ask(client, path, BUS, LAMP, BUS), 422, "invalid-request")["detail"]
    assert "unknown field 'titel'" in problem(ask(client, path, {"titel": "a"}), 422, "invalid-request")["detail"]
    assert "8 are allowed" in problem(ask(client, path, *[{"title": "路"}] * 9), 413, "too-many-suggestions")["detail"]
    assert "1,000" in problem(ask(client, path, {"text": "路" * 1_001}), 413, "text-too-long")["detail"]
    problem(client.post(f"/v1/{path}", content=b"{", headers=JSON), 400, "malformed-json")
    problem(
        client.post(f"/v1/{path}", content=b"{}", headers={"Content-Type": "text/plain"}), 415, "unsupported-media-type"
    )
    problem(client.put(f"/v1/{path}"), 405, "method-not-allowed")
    assert client.post(f"/v1/{path}", content=b" " * 10_000_001, headers=JSON).status_code == 413


def test_an_id_that_is_the_place_of_another_is_refused(client: TestClient) -> None:
    document = problem(
        ask(client, "duplicates", {"id": "#2", "title": "甲路"}, {"title": "乙路"}), 422, "unusable-input"
    )
    assert "#2: more than once" in document["detail"]


def test_a_length_without_any_date_is_refused(client: TestClient) -> None:
    document = problem(ask(client, "hot", {"title": "甲路"}, period="week"), 422, "unusable-input")
    assert "no text has a date" in document["detail"]


@pytest.mark.parametrize("text", ["！！！", "路", "😀", "\u200b路", "\x00a", "哈" * 900, "Please repair the lamp"])
def test_odd_texts_are_answered(client: TestClient, text: str) -> None:
    for path in ("duplicates", "precedents", "hot", "triage"):
        assert ask(client, path, {"text": text}, {"title": text}).status_code == 200


VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["week", "2025-03-01"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = sorted({name for form in (options.DuplicatesRequest, options.HotRequest) for name in form.model_fields})
NEARLY = st.dictionaries(
    st.sampled_from([name for name in [*NAMES, "most"] if name != "suggestions"]), VALUE, max_size=2
)
INNER = st.dictionaries(st.sampled_from(list(options.OnlyIn.model_fields)), VALUE, max_size=3)


@settings(max_examples=60)
@given(path=st.sampled_from(PATHS), more=NEARLY | INNER.map(lambda value: {"only": value}))
def test_no_options_break_the_service(client: TestClient, path: str, more: dict[str, Any]) -> None:
    body = json.dumps({"suggestions": [{"title": BUS["title"], "date": "2025-03-01"}], **more})
    answer = client.post(path, content=body, headers=JSON)
    assert answer.status_code in {200, 400, 422}, answer.text
    if answer.status_code != 200:
        assert answer.json()["status"] == answer.status_code


# --- the log ---------------------------------------------------------------------------------------------------------


def test_the_log_never_holds_a_word_that_was_sent(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    for logger in ("httpx", "httpx2"):
        caplog.set_level(logging.CRITICAL, logger)  # the client's own log is no part of the service
    caplog.set_level(logging.DEBUG)
    for path in ("duplicates", "precedents", "hot", "triage"):
        text = {"id": WORD, "title": f"关于给{WORD}加装路灯的建议", "source": WORD, "proposers": [WORD]}
        assert ask(client, path, text, {"text": f"{WORD}很黑"}).status_code == 200
        for wrong in ({"least": WORD}, {"only": {WORD: WORD}}, {"period": WORD}, {WORD: 1}, {"k": WORD}):
            assert ask(client, path, text, **wrong).status_code == 422
        assert ask(client, path, text, {"id": f"{WORD}2", "date": WORD}).status_code == 422
    ask(client, "duplicates", {"id": "#2", "title": WORD}, {"title": WORD})
    ask(client, "duplicates", text, only={"source": [WORD], "area": [WORD]}, proposals=True, conflicts=True)
    entries = [vars(entry)["fields"] for entry in caplog.records if entry.name == "service.access"]
    assert {entry["path"] for entry in entries} == {*PATHS, "/v1/triage"}
    assert [entry["suggestions"] for entry in entries if entry["status"] == 200].count(2) == 4
    written = caplog.text + "".join(JsonLines().format(entry) + repr(vars(entry)) for entry in caplog.records)
    for form in (WORD, WORD[:2], ascii(WORD)[1:-1]):
        assert form not in written


# --- examples --------------------------------------------------------------------------------------------------------


def test_every_example_is_one_of_ours() -> None:
    """OpenAPI shows invented texts only, and each request once (tests/test_service_docs.py sends them)."""
    for examples in (DUPLICATES, PRECEDENTS, HOT):
        for example in examples.values():
            assert example["summary"]
            for suggestion in example["value"]["suggestions"]:
                assert suggestion in [BUS, STATIONS, LAMP, *LAMPS]
