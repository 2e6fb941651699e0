"""Labelled pairs: how they are read, and that ours are whole and kept apart."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from triage.duplicates.grams import fold
from triage.errors import InputError
from triage.learning.pairs import RANK, our_pairs, our_sessions, read_pairs, read_session
from triage.records import Grade

HEAD = "id,grade,kind,title_a,text_a,source_a,title_b,text_b,source_b\n"


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_pair_is_read_with_its_grade(tmp_path: Path) -> None:
    path = write(
        tmp_path / "p.csv",
        "\ufeff" + HEAD + "1,same matter,bodies,甲,正文甲,人大,乙,正文乙,政协\n2,unrelated,topic,丙,,,丁,,\n",
    )
    one, other = read_pairs(path)
    assert (one.grade, one.rank, one.kind) == (Grade.SAME_MATTER, 2, "bodies")
    assert (one.one.id, one.one.title, one.one.text, one.one.source) == ("1_a", "甲", "正文甲", "人大")
    assert (one.other.id, one.other.title, one.other.text, one.other.source) == ("1_b", "乙", "正文乙", "政协")
    assert (other.grade, other.rank, other.one.text) == (None, 0, "")
    assert one.one_matter == one.other_matter != other.one_matter


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,grade,title_a\n", r"p\.csv:1: column title_b is missing"),
        ("", r"p\.csv:1: column id, grade, title_a, title_b is missing"),
        (
            HEAD + "1,related,,甲,,,乙,,\n2,gleich,,丙,,,丁,,\n",
            r"p\.csv:3: grade 'gleich'; allowed are unrelated, related",
        ),
        (HEAD + "1\n", r"p\.csv:2: grade"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_pairs(write(tmp_path / "p.csv", text))


def test_a_short_row_reads_as_empty(tmp_path: Path) -> None:
    (pair,) = read_pairs(write(tmp_path / "p.csv", HEAD + "1,related,,甲\n"))
    assert (pair.other.title, pair.other.text, pair.other.source) == ("", "", "")
    (filed,) = read_session(write(tmp_path / "s.csv", "id,source,title,matter,topic,text\n1,人大,甲,m,t\n"))
    assert (filed.suggestion.text, filed.matter, filed.topic) == ("", "s/m", "s/t")


def test_a_session_needs_its_columns(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="column topic is missing"):
        read_session(write(tmp_path / "s.csv", "id,source,title,matter\n"))


def test_our_pairs_are_many_of_all_grades_and_of_hard_kinds() -> None:
    train, test = our_pairs("train"), our_pairs("test")
    assert len(train) + len(test) >= 600
    for pairs, least in ((train, 20), (test, 20)):
        counted = Counter(pair.rank for pair in pairs)
        assert set(counted) >= set(RANK.values()) - {RANK[Grade.IDENTICAL]}, "identical is not learned"
        assert min(number for rank, number in counted.items() if rank != RANK[Grade.IDENTICAL]) >= least, counted
        assert len({pair.id for pair in pairs}) == len(pairs)
        for pair in pairs:
            for text in (pair.one, pair.other):
                assert (text.title or text.text).strip(), pair.id


def test_identical_pairs_are_and_others_are_not() -> None:
    for pair in [*our_pairs("train"), *our_pairs("test")]:
        same = fold(pair.one.title + pair.one.text) == fold(pair.other.title + pair.other.text)
        assert not same or pair.grade is Grade.IDENTICAL, pair.id


def test_no_pair_for_testing_is_learned_from() -> None:
    """Different authors wrote a few of the plainest titles alike; no pair is known by both its texts."""
    learned = {fold(text.title + text.text) for pair in our_pairs("train") for text in (pair.one, pair.other)} | {
        fold(filed.suggestion.title + filed.suggestion.text) for session in our_sessions() for filed in session
    }
    assert len(learned) > 1000
    test = our_pairs("test")
    known = {pair.id: sum(fold(text.title + text.text) in learned for text in (pair.one, pair.other)) for pair in test}
    assert [name for name, sides in known.items() if sides == 2] == []
    assert sum(known.values()) < len(test) / 10


def test_our_sessions_repeat_matters_as_real_ones_do() -> None:
    sessions = our_sessions()
    assert sessions
    for session in sessions:
        ids = [filed.suggestion.id for filed in session]
        assert len(set(ids)) == len(ids)
        matters = Counter(filed.matter for filed in session)
        assert max(matters.values()) > 1
        topics: dict[str, set[str]] = {}
        for filed in session:
            topics.setdefault(filed.matter, set()).add(filed.topic)
        assert all(len(of) == 1 for of in topics.values()), "a matter has one topic"
