"""An index that follows another memory: what it holds is what it was last told, and its mark goes with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.duplicates.hits import Changed
from triage.duplicates.index import DuplicateIndex
from triage.duplicates.vocabulary import LEAST
from triage.errors import InputError, StorageError
from triage.records import Case, Suggestion

LAMP = Case(Suggestion("lamp", "关于修好渡口路灯的建议", "渡口的路灯坏了三盏，建议尽快修好。", source="人大"))
WELL = Case(Suggestion("well", "关于清洗村口老井的建议", "老井水浑，建议清洗并加盖。", source="政协"))
TEXTS = ("关于加宽南桥的建议", "关于加宽南桥并装护栏的建议", "关于给南桥刷漆的建议")


def held(index: DuplicateIndex) -> dict[str, Case]:
    return {case.suggestion.id: case for case in index.cases()}


def test_it_holds_what_it_was_told_last_and_the_mark_survives_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "followed.index"
    longer = replace(LAMP, suggestion=replace(LAMP.suggestion, text="渡口的路灯全坏了，建议换新的。"))
    with DuplicateIndex.create(path) as index:
        assert index.mark == ""
        assert index.follow([LAMP, WELL], mark="7") == Changed(2, 0, 0)
        assert index.follow([longer, replace(WELL, leads=("水利局",))], ["never there"], mark="9") == Changed(0, 2, 0)
        assert held(index) == {"lamp": longer, "well": replace(WELL, leads=("水利局",))}
    with DuplicateIndex.load(path) as index:
        assert index.mark == "9"
        index.follow([], ["lamp", "well"], mark="11")
        assert (held(index), index.mark, len(index)) == ({}, "11", 0)
        index.verify()


def test_a_mark_alone_is_no_change_for_those_who_read(tmp_path: Path) -> None:
    with DuplicateIndex.create(tmp_path / "a.index") as index:
        index.follow([LAMP], mark="1")
        before = index.info()["generation"]
        assert index.follow([LAMP], ["nobody"], mark="2") == Changed(0, 0, 1)
        assert (index.mark, index.info()["generation"]) == ("2", before)


def test_a_text_that_cannot_be_stored_changes_nothing(tmp_path: Path) -> None:
    broken = replace(WELL, suggestion=replace(WELL.suggestion, source="\ud83d"))
    with DuplicateIndex.create(tmp_path / "a.index") as index:
        index.follow([LAMP], mark="1")
        with pytest.raises(InputError, match="half a character"):
            index.follow([broken], ["lamp"], mark="2")
        with pytest.raises(InputError, match="more than once"):
            index.follow([LAMP, LAMP], mark="2")
        assert (list(held(index)), index.mark) == (["lamp"], "1")


def test_add_still_refuses_another_text_under_the_same_id(tmp_path: Path) -> None:
    other = replace(LAMP, suggestion=replace(LAMP.suggestion, text="换了一段正文。"))
    with DuplicateIndex.create(tmp_path / "a.index") as index:
        index.add([LAMP])
        with pytest.raises(InputError, match="with another text"):
            index.add([other])


def test_who_may_only_read_answers_follows_and_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.index"
    with DuplicateIndex.create(path) as writer:
        writer.follow([LAMP], mark="1")
        with DuplicateIndex.load(path, writes=False) as reader:
            again = Suggestion("q", LAMP.suggestion.title, LAMP.suggestion.text)
            assert [hit.id for hit in reader.query([again])[0]] == ["lamp"]
            with pytest.raises(StorageError):
                reader.follow([WELL])
            writer.follow([WELL], ["lamp"])
            assert reader.query([again]) == [()]
            assert list(held(reader)) == ["well"]


def test_who_may_only_read_learns_how_telling_words_are_and_complains_of_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.index"
    with DuplicateIndex.create(path) as writer:
        writer.add([Case(Suggestion(f"n{number}", f"关于在第{number}村安装路灯的建议")) for number in range(LEAST)])
        content = path.read_bytes()
        with DuplicateIndex.load(path, writes=False) as reader:
            first, *_ = reader.query([Suggestion("q", "关于在第7村安装路灯的建议")])[0]
    assert (first.id, caplog.records, path.read_bytes() == content) == ("n7", [], True)


Step = tuple[dict[str, str], set[str]]
STEPS = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from("abcd"), st.sampled_from(TEXTS), max_size=4),
        st.sets(st.sampled_from("abcd"), max_size=2),
    ),
    max_size=6,
)


@given(STEPS)
def test_any_sequence_ends_like_an_index_that_was_made_at_once(steps: list[Step]) -> None:
    told: dict[str, Case] = {}
    with DuplicateIndex.create() as followed, DuplicateIndex.create() as whole:
        for number, (texts, gone) in enumerate(steps):
            fresh = {name: Case(Suggestion(name, title), (f"单位{number}",)) for name, title in texts.items()}
            left = gone - fresh.keys()
            followed.follow(list(fresh.values()), left, mark=str(number))
            told = {name: case for name, case in {**told, **fresh}.items() if name not in left}
        whole.add(list(told.values()))
        assert held(followed) == held(whole) == told
        asked = [Suggestion("q", title) for title in TEXTS]
        found = [{(hit.id, hit.grade) for hit in hits} for hits in followed.query(asked)]
        assert found == [{(hit.id, hit.grade) for hit in hits} for hits in whole.query(asked)]
