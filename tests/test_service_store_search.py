"""The text search of the memory: a word is found where it stands, on both databases, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from service.store import search, suggestions
from service.store.store import Store
from service.store.tables import ERASED, SuggestionRow
from triage.errors import InputError
from triage.records import Suggestion

LAMP = Suggestion(
    id="lamp", title="老街路灯坏了", text="晚上看不见路，老人不敢出门。请尽快修好！联系 BUS 7路站台旁的小店。"
)
BUS = Suggestion(id="bus", title="增设公交站台", text="北环路沿线没有公交，7路车不到；路灯倒是有的。")


def found(store: Store, query: str) -> set[str]:
    with store.read() as session:
        return set(session.scalars(select(SuggestionRow.ref).where(search.matching(query))))


@pytest.fixture
def filled(store: Store) -> Store:
    with store.write("test") as writing:
        for suggestion in (LAMP, BUS):
            suggestions.create(writing, suggestion)
    return store


@pytest.mark.parametrize(
    ("query", "refs"),
    [
        ("路灯", {"lamp", "bus"}),
        ("路", {"lamp", "bus"}),
        ("灯", {"lamp", "bus"}),
        ("了", {"lamp"}),  # the last character of a title
        ("坏了", {"lamp"}),
        ("路灯坏了", {"lamp"}),
        ("老街路灯坏了", {"lamp"}),
        ("了晚", set()),  # nothing runs from the title into the text
        ("路老人", set()),  # nor over a comma
        ("路灯 公交", {"bus"}),
        ("公交，站台", {"bus"}),
        ("站台 路灯", {"lamp", "bus"}),
        ("bus", {"lamp"}),
        ("ＢＵＳ", {"lamp"}),
        ("us7", set()),
        ("us", {"lamp"}),
        ("7路", {"lamp", "bus"}),
        ("７路", {"lamp", "bus"}),
        ("路燈壞了", {"lamp"}),
        ("增設 站臺", {"bus"}),
        ("不存在", set()),
        ("灯路", set()),
        ('路灯" OR "公交', set()),
        ("路* NOT 灯", set()),
    ],
)
def test_a_word_is_found_where_it_stands(filled: Store, query: str, refs: set[str]) -> None:
    assert found(filled, query) == refs


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "no letter and no digit"),
        ("，。 -_*\"'", "no letter and no digit"),
        ("灯" * 201, "201 characters; 200"),
        (" ".join("一二三四五六七八九十甲乙丙丁戊己庚辛壬癸子"), "21 words; 20"),
    ],
)
def test_a_search_for_nothing_or_too_much_is_refused(query: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        search.matching(query)


def test_traditional_full_width_and_annotated_writing_are_one_way_of_writing() -> None:
    assert search.searched("ＢＵＳ協(xié)調(diào)，Ⅳ级！") == "bus协调 iv级"
    assert search.searched("乾隆") == search.searched("干隆")
    assert search.grams("路灯坏了", "修") == "路灯 灯坏 坏了 了 修"
    assert search.grams("", "——") == ""


def test_what_is_revised_or_erased_leaves_the_index(filled: Store) -> None:
    with filled.write("test") as writing:
        row = suggestions.find(writing.session, "lamp", confidential=False)
        suggestions.revise(writing, row, Suggestion(title="菜场门口积水"), expected=1)
    assert found(filled, "路灯") == {"bus"}
    assert found(filled, "积水") == {"lamp"}
    with filled.write("test") as writing:
        row = suggestions.find(writing.session, "lamp", confidential=False)
        row.state, row.title, row.text, row.title_grams, row.grams = ERASED, "", "", "", ""
    assert found(filled, "积水") == set()
    with filled.write("test") as writing:
        writing.session.delete(suggestions.find(writing.session, "bus", confidential=False))
    assert found(filled, "路灯") == set()


def test_a_letter_longer_than_any_index_of_places_is_searched_to_its_end(store: Store) -> None:
    text = "".join(chr(0x4E00 + place * 7919 % 20_900) for place in range(60_000)) + "末尾路灯"
    with store.write("test") as writing:
        suggestions.create(writing, Suggestion(id="long", text=text))
    assert found(store, "末尾路灯") == {"long"}
    assert found(store, text[40_000:40_100]) == {"long"}
    assert found(store, text[100] + text[200]) == ({"long"} if text[100] + text[200] in text else set())


LETTERS = st.text(st.sampled_from("路灯坏了站台7ab，。 \n燈Ａ壞𠀀"), max_size=12)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.tuples(LETTERS, LETTERS), min_size=1, max_size=6), query=LETTERS.filter(search.searched))
def test_it_finds_what_a_plain_look_into_the_normalised_texts_finds(
    store: Store, texts: list[tuple[str, str]], query: str
) -> None:
    with store.write("test") as writing:
        for row in writing.session.scalars(select(SuggestionRow)):
            writing.session.delete(row)
        writing.session.flush()
        for place, (title, text) in enumerate(texts):
            suggestions.create(writing, Suggestion(id=f"{place}", title=title, text=text))
    wanted = search.words(query)
    expected = {
        f"{place}"
        for place, (title, text) in enumerate(texts)
        if all(word in f"{search.searched(title)} {search.searched(text)}" for word in wanted)
    }
    assert found(store, query) == expected


def test_the_database_asks_its_index_and_reads_no_other_row(sqlite_store: Store) -> None:
    with sqlite_store.read() as session:
        chosen = select(SuggestionRow.ref).where(search.matching("路灯"), SuggestionRow.confidential.is_(False))
        compiled = chosen.compile(session.connection(), compile_kwargs={"literal_binds": True})
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}").all()
    told = [row[3] for row in plan]
    assert "SEARCH suggestions USING INTEGER PRIMARY KEY (rowid=?)" in told
    assert "SCAN suggestions" not in told
