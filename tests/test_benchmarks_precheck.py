"""The labelled texts of the pre-check are sound, and its figures are what a hand computes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.precheck import systems
from benchmarks.precheck.__main__ import SAID, main
from benchmarks.precheck.scores import (
    Answer,
    Count,
    levels,
    matters,
    measure,
    roles,
    several,
    shared,
    shown,
    summed,
    units,
)
from benchmarks.precheck.sets import LEVELS, TAGS, URGENCIES, Labelled, Range, read
from benchmarks.precheck.splitting import ALONE, WITH_OFFICE
from triage.errors import InputError
from triage.precheck.checked import Checked, CopySign, MatterPart, RolePart, Tagged, Urgency
from triage.records import LevelFound, Span

TWO = "路灯坏了，请修好。桥面破损，请加固。此致敬礼！"


def row(**changed: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {"id": "A1", "title": "两件事", "text": TWO, "source": "群众", "own": "青禾县", "tags": []}
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
    bare = "另有一段没有标注的话，它说的是开会的经过和走访的人数，不算短。"
    text = labelled(text=TWO + bare, parts=(("problem", (Range(0, 5),)), ("ask", (Range(5, 9), Range(14, 18)))))
    whole = Range(23, 23 + len(bare))
    assert units(text) == [Range(0, 5), Range(5, 9), Range(14, 18), whole], "short ones of no role are not asked"
    answer = Answer(parts={"problem": (Range(0, 5), Range(9, 14), whole), "ask": (Range(5, 7), Range(18, 23))})
    assert roles(text, answer, "problem") == Count(1, 2, 1)
    assert roles(text, answer, "ask") == Count(1, 1, 2)
    assert roles(text, answer, "analysis") == Count()


def test_evidence_is_held_against_the_sentence_a_reader_named() -> None:
    text = labelled(tags=("court", "empty", "secret"), sentences=(Range(0, 9), Range(9, 18)))
    tags = frozenset({"court", "empty", "secret"})
    assert shown(text, Answer(tags=tags, evidence={"court": (Range(8, 12),), "secret": (Range(18, 23),)})) == Count(
        1, 2, 2
    )
    assert shown(text, Answer(tags=tags)) == Count(0, 0, 2)
    assert shown(text, Answer(tags=frozenset({"empty"}))) == Count()


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
        labelled(
            matters=BOTH, tags=("court",), sentences=(Range(9, 18),), urgency=("safety",), machine=True, level="县"
        ),
        labelled(near=("court",), parts=(("ask", (Range(0, 9),)),)),
    ]
    answers = [
        Answer(
            ((Range(0, 9),), (Range(9, 18),)),
            frozenset({"court", "empty"}),
            {"court": (Range(10, 12),)},
            level="县",
            machine=True,
        ),
        Answer(tags=frozenset({"court"}), parts={"ask": (Range(0, 9),)}, urgency=frozenset({"mass"})),
    ]
    found = measure(texts, answers)
    assert (found["matters"]["f1"], found["matters_exact"]["f1"], found["several_matters"]["f1"]) == (1.0, 1.0, 1.0)
    assert (found["tags"]["precision"], found["tags"]["recall"]) == (0.3333, 1.0)
    assert (found["tag"]["court"]["precision"], found["tag"]["empty"]["given"]) == (0.5, 1)
    assert (found["evidence"]["right"], found["evidence"]["wanted"]) == (1, 1)
    assert found["hard_negatives"] == {"texts": 1, "tagged_for_it": 1, "tagged_at_all": 1}
    assert (found["parts"]["texts"], found["parts"]["f1"], found["part"]["ask"]["f1"]) == (1, 1.0, 1.0)
    assert (found["urgency"]["precision"], found["urgency"]["recall"]) == (0.0, 0.0)
    assert (found["urgent"]["mass"]["given"], found["machine"]["f1"]) == (1, 1.0)


MORE = (
    "现将村民老梁的来信转交贵办，请转有关部门。",
    "我不服一审判决，已经上诉到中院，请政府改判。",
    "一、文昌路路灯坏了，建议修好。\n二、文昌路没有公交站，建议增设一个站。",
    "希望家乡越来越好。",
    "学校围墙开裂，有坍塌危险，请县里马上加固。",
    "建议国家提高养老金标准，由全国统一安排。",
)


def small_set(folder: Path) -> Path:
    rows = [row(id=f"B{number}", title="", text=text, level="") for number, text in enumerate(MORE)]
    rows[0] |= {"tags": ["forwarded"], "tag_sentences": {"forwarded": MORE[0]}}
    rows[1] |= {"tags": ["court"], "tag_sentences": {"court": MORE[1]}}
    rows[2] |= {"matters": MORE[2].split("\n"), "level": "县"}
    rows[2]["parts"] = {"subject": [], "problem": [], "analysis": [], "ask": ["建议修好。", "建议增设一个站。"]}
    rows[3] |= {"tags": ["empty"]}
    rows[4] |= {"urgency": ["safety"], "level": "县", "near": ["court"]}
    rows[5] |= {"level": "省及以上", "machine": True}
    return written(folder, *rows)


def test_what_something_plain_says(tmp_path: Path) -> None:
    texts = read(small_set(tmp_path))
    found = systems.keywords(texts)
    assert [sorted(one.tags) for one in found[:2]] == [["empty", "forwarded"], ["court", "empty"]]
    assert matters(texts[2], found[2], exact=True) == Count(2, 2, 2)
    assert found[2].parts["ask"] == (Range(0, 15), Range(16, 35))
    assert (found[4].urgency, found[4].level, found[5].level) == (frozenset({"safety"}), "县", "省及以上")
    assert systems.paragraphs(texts)[2].matters == ((Range(0, 15),), (Range(16, 35),))
    assert {one.level for one in systems.own_level(texts)} == {"县"}


def test_a_word_begins_a_matter_where_it_is_told_to() -> None:
    text = labelled(text="路灯坏了，请修好。另外桥面破损，请加固。还有公交太少。")
    assert systems.keywords([text])[0].matters == ()
    assert systems.numbering_and_words([text])[0].matters == ((Range(9, 20),), (Range(20, 27),))


def test_what_the_library_said_becomes_an_answer() -> None:
    span, title = Span("text", 9, 18), Span("title", 0, 2)
    checked = Checked(
        id="A1",
        parts=(RolePart("ask", 0.5, (title, span)),),
        matters=(MatterPart((Span("text", 0, 9),)), MatterPart((span,))),
        tags=(
            Tagged("q-2", "不予受理", "涉法涉诉", "tag", "", span),
            Tagged("q-2", "不予受理", "涉法涉诉", "tag", "", title),
            Tagged("q-9", "提示", "资金", "tag", "", span),
        ),
        urgency=(Urgency("safety", "", "", span),),
        level=LevelFound("省", 0.9),
        copied=(CopySign("blank", "", "", None),),
    )
    assert systems.answer_of(checked, {"q-2": "court", "q-9": ""}) == Answer(
        matters=((Range(0, 9),), (Range(9, 18),)),
        tags=frozenset({"court"}),
        evidence={"court": (Range(9, 18),)},
        parts={"ask": (Range(9, 18),)},
        level="省及以上",
        urgency=frozenset({"safety"}),
        machine=True,
    )


def test_a_run_writes_figures_and_no_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], small_bundle: Path
) -> None:
    out = tmp_path / "results"
    asked = ["--texts", str(small_set(tmp_path)), "--out", str(out), "--rounds", "1", "--model", str(small_bundle)]
    assert main(asked) == 0
    result = json.loads((out / "precheck.json").read_text(encoding="utf-8"))
    assert result["texts"]["count"] == len(MORE)
    assert result["systems"].keys() == SAID.keys()
    assert all(of.keys() == set(SAID[name]) for name, of in result["systems"].items())
    assert {name: found["wanted"] for name, found in result["splitting"].items()} == {ALONE: 1, WITH_OFFICE: 1}
    assert result["speed"]["all"]["texts"] == len(MORE)
    assert result["speed"]["bands"]["put together, 1,000 characters"]["texts"] == 24
    shown_text = capsys.readouterr().out
    assert shown_text.strip() == (out / "precheck.md").read_text(encoding="utf-8").strip()
    everything = json.dumps(result, ensure_ascii=False) + shown_text
    assert not any(text[at : at + 6] in everything for text in MORE for at in range(len(text) - 6))


def test_a_file_that_cannot_be_used_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--texts", str(tmp_path / "none.jsonl"), "--out", str(tmp_path)]) == 2
    assert main(["--texts", str(written(tmp_path, "{")), "--out", str(tmp_path)]) == 2
    assert "no JSON object" in capsys.readouterr().err
    assert not (tmp_path / "precheck.json").exists()
