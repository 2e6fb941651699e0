"""The labelled texts of the pre-check are sound, and its figures are what a hand computes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.precheck.scores import Answer, Count, levels, matters, measure, roles, several, shared, summed, units
from benchmarks.precheck.sets import LEVELS, TAGS, URGENCIES, Labelled, Range, read
from triage.errors import InputError

TWO = "路灯坏了，请修好。桥面破损，请加固。此致敬礼！"


def row(**changed: Any) -> dict[str, Any]:
    plain = {"id": "A1", "title": "两件事", "text": TWO, "source": "群众", "own": "青禾县", "tags": []}
    plain |= {"tag_sentences": {}, "matters": [], "level": "村", "urgency": [], "machine": False}
    return {**plain, **changed}


def written(folder: Path, *rows: dict[str, Any] | str) -> Path:
    lines = [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in rows]
    path = folder / "texts.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def labelled(**changed: Any) -> Labelled:
    return Labelled(**{"id": "A1", "title": "", "text": TWO, "source": "群众", "own": "青禾县", **changed})


BOTH = (Range(0, 9), Range(9, 18))


def test_the_shipped_texts_are_sound_and_many_enough() -> None:
    texts = read()
    assert len(texts) >= 260
    assert sum(bool(one.tags) for one in texts) >= 100
    assert all(sum(tag in one.tags for one in texts) >= 12 for tag in TAGS)
    assert sum(len(one.matters) > 1 for one in texts) >= 70
    assert sum(one.parts is not None for one in texts) >= 130
    assert sum(bool(one.level) for one in texts) >= 180
    assert all(any(level == one.level for one in texts) for level in LEVELS)
    assert all(any(kind in one.urgency for one in texts) for kind in URGENCIES)
    assert sum(bool(one.near) for one in texts) >= 80
    assert 15 <= sum(one.machine for one in texts) <= 40
    assert min(len(one.text) for one in texts) < 20
    assert max(len(one.text) for one in texts) > 600


def test_places_are_where_the_substrings_stand(tmp_path: Path) -> None:
    parts: dict[str, list[str]] = {
        "subject": [],
        "problem": ["路灯坏了，", "桥面破损，"],
        "analysis": [],
        "ask": ["请修好。"],
    }
    marked = row(
        matters=["路灯坏了，请修好。", "桥面破损，请加固。"],
        parts=parts,
        tags=["outside", "empty"],
        tag_sentences={"outside": "请加固。"},
        near=["court"],
        urgency=["safety"],
    )
    (one,) = read(written(tmp_path, marked))
    assert one.matters == BOTH
    assert one.sentences == (Range(14, 18),)
    assert dict(one.parts or ()) == {
        "subject": (),
        "problem": (Range(0, 5), Range(9, 14)),
        "analysis": (),
        "ask": (Range(5, 9),),
    }
    assert (one.near, one.urgency, one.level) == (("court",), ("safety",), "村")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"matters": ["路灯坏了，请修好。", "没有这句"]}, "stands 0 times"),
        ({"matters": ["路灯坏了，请修好。", "，请"]}, "stands 2 times"),
        ({"matters": ["路灯坏了，请修好。"]}, "one matter alone"),
        ({"matters": ["路灯坏了，请修好。桥面", "桥面破损，请加固。"]}, "matters overlap"),
        ({"tags": ["boring"], "tag_sentences": {"boring": "请加固。"}}, "tags has boring"),
        ({"tags": ["court"]}, "one sentence a tag"),
        ({"tags": ["empty"], "near": ["empty"]}, "in near as well"),
        ({"urgency": ["soon"]}, "urgency has soon"),
        ({"level": "省"}, "level is '省'"),
        ({"source": "邻居"}, "source is '邻居'"),
        ({"parts": {"ask": ["请加固。"]}}, "parts needs subject, problem, analysis, ask"),
        ({"machine": "no"}, "machine is true or false"),
        ({"own": ""}, "need something"),
        ({"wish": "住建局"}, "unknown fields: wish"),
    ],
)
def test_a_wrong_line_is_told_by_its_number(tmp_path: Path, wrong: dict[str, Any], message: str) -> None:
    path = written(tmp_path, row(id="A0", text="别的一件小事，跟它无关。"), row(**wrong))
    with pytest.raises(InputError, match=f"(?s)texts.jsonl:2: .*{message}"):
        read(path)


def test_lines_that_are_no_rows_repeat_or_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no JSON object"):
        read(written(tmp_path, "[1]", "{"))
    with pytest.raises(InputError, match="id A1 stands in line 1 already"):
        read(written(tmp_path, row(), row(text="完全是另外一段话，说的是公交。")))
    with pytest.raises(InputError, match="A1 and A2 are nearly the same"):
        read(written(tmp_path, row(), row(id="A2", text=TWO + "谢谢")))
    (tmp_path / "texts.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="no texts"):
        read(tmp_path / "texts.jsonl")


def test_a_matter_is_found_where_half_of_both_is_shared() -> None:
    assert shared([Range(0, 6)], Range(0, 9)) == pytest.approx(6 / 9)
    assert shared([Range(0, 3), Range(6, 12)], Range(0, 9)) == pytest.approx(6 / 12)
    text = labelled(matters=BOTH)
    assert matters(text, Answer(matters=((Range(0, 9),), (Range(9, 23),)))) == Count(2, 2, 2)
    assert matters(text, Answer(matters=((Range(0, 9),), (Range(13, 23),)))) == Count(1, 2, 2)
    assert matters(text, Answer()) == Count(0, 0, 2)


def test_two_halves_are_one_matter_found_and_one_false() -> None:
    halves = Answer(matters=((Range(0, 5),), (Range(5, 9),), (Range(9, 18),)))
    assert matters(labelled(matters=BOTH), halves) == Count(2, 3, 2)


def test_a_split_of_one_matter_is_false_and_a_whole_one_counts_for_nothing() -> None:
    assert matters(labelled(), Answer(matters=((Range(0, 9),), (Range(9, 18),)))) == Count(0, 2, 0)
    assert matters(labelled(), Answer()) == Count()
    assert several(labelled(), Answer(matters=((Range(0, 9),), (Range(9, 18),)))) == Count(0, 1, 0)


def test_exact_ends_forgive_marks_and_nothing_else() -> None:
    text = labelled(matters=BOTH)
    assert matters(text, Answer(matters=((Range(0, 8),), (Range(9, 17),))), exact=True) == Count(2, 2, 2)
    assert matters(text, Answer(matters=((Range(0, 7),), (Range(9, 23),))), exact=True) == Count(0, 2, 2)
    assert matters(text, Answer(matters=((Range(0, 3), Range(3, 9)),)), exact=True) == Count(0, 1, 2)


def test_parts_are_counted_by_sentence_cut_where_a_reader_cut() -> None:
    text = labelled(parts=(("problem", (Range(0, 5),)), ("ask", (Range(5, 9), Range(14, 18)))))
    assert units(text) == [Range(0, 5), Range(5, 9), Range(9, 14), Range(14, 18), Range(18, 23)]
    answer = Answer(parts={"problem": (Range(0, 5), Range(9, 14)), "ask": (Range(5, 7), Range(18, 23))})
    assert roles(text, answer, "problem") == Count(1, 2, 1)
    assert roles(text, answer, "ask") == Count(1, 2, 2)
    assert roles(text, answer, "analysis") == Count()


def test_levels_count_where_both_said_one() -> None:
    texts = [labelled(level=level) for level in ("村", "县", "县", "市", "")]
    found = levels(texts, [Answer(level=level) for level in ("村", "县", "市", "", "县")])
    assert (found["texts"], found["answered"], found["coverage"]) == (4, 3, 0.75)
    assert found["accuracy"] == pytest.approx(2 / 3, abs=1e-4)
    assert (found["by_level"]["县"]["precision"], found["by_level"]["县"]["recall"]) == (1.0, 0.5)
    assert (found["by_level"]["市"]["given"], found["by_level"]["市"]["recall"]) == (1, 0.0)


def test_counts_add_up_and_nothing_given_is_no_precision() -> None:
    found = summed([Count(1, 2, 1), Count(0, 0, 2)])
    assert (found["right"], found["given"], found["wanted"]) == (1, 2, 3)
    assert (found["precision"], found["recall"], found["f1"]) == (0.5, 0.3333, 0.4)
    assert found["recall_95"][0] <= found["recall"] <= found["recall_95"][1]
    assert summed([])["precision"] == 0.0


def test_all_figures_of_a_system() -> None:
    texts = [
        labelled(matters=BOTH, tags=("court",), urgency=("safety",), machine=True, level="县"),
        labelled(near=("court",), parts=(("ask", (Range(0, 9),)),)),
    ]
    answers = [
        Answer(((Range(0, 9),), (Range(9, 18),)), frozenset({"court", "empty"}), level="县", machine=True),
        Answer(tags=frozenset({"court"}), parts={"ask": (Range(0, 9),)}, urgency=frozenset({"mass"})),
    ]
    found = measure(texts, answers)
    assert (found["matters"]["f1"], found["matters_exact"]["f1"], found["several_matters"]["f1"]) == (1.0, 1.0, 1.0)
    assert (found["tags"]["precision"], found["tags"]["recall"]) == (0.3333, 1.0)
    assert (found["tag"]["court"]["precision"], found["tag"]["empty"]["given"]) == (0.5, 1)
    assert found["hard_negatives"] == {"texts": 1, "tagged_for_it": 1, "tagged_at_all": 1}
    assert (found["parts"]["texts"], found["parts"]["f1"], found["part"]["ask"]["f1"]) == (1, 1.0, 1.0)
    assert (found["urgency"]["precision"], found["urgency"]["recall"]) == (0.0, 0.0)
    assert (found["urgent"]["mass"]["given"], found["machine"]["f1"]) == (1, 1.0)
