"""Drift on invented texts: silent on halves of one set, told when a topic is gone or a place floods."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from triage import Case, InputError, Suggestion
from triage.catalogue import Catalogue, Unit
from triage.datasets import read_cases
from triage.encoders.sentence import SentenceEncoder
from triage.heads.model import Model
from triage.learning.drift.html import html
from triage.learning.drift.measure import LEAST_TEXTS, compare, drift
from triage.learning.drift.picture import picture
from triage.learning.drift.report import DriftReport, Verdict, markdown
from triage.learning.drift.sides import side_of, side_of_model
from triage.learning.drift.words import counted, emerging, remembered
from triage.learning.reading import Reading, read
from triage.learning.train import train

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    found = read_cases(ROOT / "examples" / "cases.csv")
    return [found[row] for row in np.random.default_rng(0).permutation(len(found))]


@pytest.fixture(scope="module")
def model(cases: list[Case]) -> Model:
    made = train(cases[:230])
    return Model.from_parts(made.to_parts(), made.card)


@pytest.fixture(scope="module")
def reading(model: Model, cases: list[Case]) -> Reading:
    """Everything that was not trained on."""
    return read(model, None, [case.suggestion for case in cases[230:]])


@pytest.fixture(scope="module")
def report(model: Model, reading: Reading) -> DriftReport:
    return compare(model, side_of_model(model), reading)


def suggestions(cases: list[Case]) -> list[Suggestion]:
    return [case.suggestion for case in cases]


def levels(found: DriftReport) -> dict[str, Verdict]:
    return {one.code: one.level for one in found.findings}


# --- no alarm ---------------------------------------------------------------------------------------------------------


def test_the_rest_of_the_training_set_is_no_drift(report: DriftReport) -> None:
    assert report.verdict is Verdict.NONE
    assert report.findings == ()
    assert {one.name for one in report.measures} >= {"meaning", "topics", "units", "sources", "certainty", "length"}
    assert report.accuracy is not None
    assert report.accuracy.low < report.accuracy.expected < report.accuracy.high
    assert report.accuracy.low <= 0.6 <= report.accuracy.high


def test_halves_of_one_set_raise_no_alarm(model: Model, reading: Reading) -> None:
    verdicts = Counter()
    for seed in range(10):
        order = np.random.default_rng(seed).permutation(len(reading))
        past = side_of(model, reading.of(order[:115]), cut_words=True)
        verdicts[compare(model, past, reading.of(order[115:]), seed=seed).verdict] += 1
    assert verdicts[Verdict.NONE] >= 9
    assert not verdicts[Verdict.RETRAIN]


# --- alarm ------------------------------------------------------------------------------------------------------------


def test_a_place_that_floods_is_told_with_its_counts(model: Model, cases: list[Case]) -> None:
    texts = suggestions(cases[230:350])
    flooded = [
        replace(one, text=f"{one.text}就在银杏湾小区旁边。") if row % 8 == 0 else one for row, one in enumerate(texts)
    ]
    found = drift(model, None, flooded)
    assert found.verdict is Verdict.ATTEND
    assert levels(found)["word"] is Verdict.ATTEND
    (place,) = [one for one in found.words if "银杏湾" in one.word]
    assert (place.kind, place.now, place.past) == ("place", 15, 0)
    assert "银杏湾" in found.findings[0].chinese
    assert "15" in found.findings[0].english


def test_what_stands_in_confidential_texts_only_is_never_told(model: Model, cases: list[Case]) -> None:
    texts = suggestions(cases[230:350])
    hidden = [
        replace(one, text=f"{one.text}就在银杏湾小区旁边。", confidential=True) if row % 8 == 0 else one
        for row, one in enumerate(texts)
    ]
    found = drift(model, None, hidden)
    assert "银杏湾" not in json.dumps(found.to_dict(), ensure_ascii=False)
    assert levels(found)["confidential"] is Verdict.ATTEND


def test_a_topic_that_is_gone_is_told(model: Model, cases: list[Case]) -> None:
    often = Counter(case.leads[0] for case in cases).most_common(1)[0][0]
    kept = [case for case in cases[230:] if case.leads[0] != often]
    past = [case for case in cases[230:] if case.leads[0] == often]
    found = drift(model, None, suggestions(kept), reference=suggestions([*kept, *4 * past]))
    assert found.verdict is not Verdict.NONE
    assert {"units", "topics"} & levels(found).keys()
    row = next(row for row in found.units if row.name == often)
    assert row.real
    assert row.new_share < row.past_share
    assert often in next(one for one in found.findings if one.code == "units").chinese


def test_texts_of_another_kind_mean_training_again(model: Model) -> None:
    words = ["季度报表", "会议纪要", "采购合同", "服务器机房", "绩效考核", "员工食堂", "年终总结", "招标文件"]
    other = [
        Suggestion(
            str(row), f"请于周{row % 5 + 1}前提交{words[row % 8]}和{words[(row + 3) % 8]}，第{row}号文件抄送各部门"
        )
        for row in range(120)
    ]
    found = drift(model, None, other)
    assert found.verdict is Verdict.RETRAIN
    assert levels(found)["meaning"] is Verdict.RETRAIN
    assert found.words


def test_a_new_source_is_told(model: Model, cases: list[Case]) -> None:
    found = drift(model, None, [replace(one, source="网络问政") for one in suggestions(cases[230:])])
    assert levels(found) == {"sources": Verdict.ATTEND}


def test_lower_certainty_lowers_the_expected_accuracy(model: Model, reading: Reading) -> None:
    unsure = replace(reading, certainty=(reading.certainty * 0.6).astype(np.float32))
    found = compare(model, side_of_model(model), unsure)
    assert found.accuracy is not None
    assert levels(found)["accuracy"] is Verdict.RETRAIN
    assert found.accuracy.high < found.accuracy.past


def test_many_unreadable_texts_are_told(model: Model, cases: list[Case]) -> None:
    found = drift(model, None, [*suggestions(cases[230:330]), *[Suggestion(f"x{row}", "？？？") for row in range(20)]])
    assert found.new == {"texts": 100, "unreadable": 20}
    assert levels(found) == {"unreadable": Verdict.ATTEND}


# --- too little, or nothing -------------------------------------------------------------------------------------------


def test_ten_texts_are_too_few_to_tell(model: Model, cases: list[Case]) -> None:
    found = drift(model, None, suggestions(cases[230:240]))
    assert found.verdict is Verdict.UNKNOWN
    assert (found.measures, found.words) == ((), ())
    assert f"至少要 {LEAST_TEXTS} 件" in found.findings[0].chinese
    assert "too few" in json.dumps(found.to_dict(), ensure_ascii=False)


def test_a_short_reference_is_too_little_as_well(model: Model, cases: list[Case]) -> None:
    found = drift(model, None, suggestions(cases[230:290]), reference=suggestions(cases[290:300]))
    assert found.verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "words", ["？？？！！", "123 456", "The bus stop at the corner is broken again, please repair it"]
)
def test_texts_without_chinese_words_stop_it(model: Model, cases: list[Case], words: str) -> None:
    foreign = [Suggestion(str(row), words) for row in range(40)]
    with pytest.raises(InputError, match=r"the new texts: none of 40 texts can be read \(they are (noise|foreign)\)"):
        drift(model, None, foreign)
    with pytest.raises(InputError, match="the reference: none of 40 texts can be read"):
        drift(model, None, suggestions(cases[230:290]), reference=foreign)


def test_a_cold_bundle_needs_a_reference(cases: list[Case]) -> None:
    cold = train([], units=["教育局", "交通运输局", "民政局"])
    with pytest.raises(InputError, match="--reference"):
        drift(cold, None, suggestions(cases[:60]))
    found = drift(cold, None, suggestions(cases[:60]), reference=suggestions(cases[60:140]))
    assert found.verdict in (Verdict.NONE, Verdict.ATTEND)
    assert found.accuracy is None
    assert found.unit_shares == ()


def test_a_bundle_of_before_says_what_it_lacks(model: Model, cases: list[Case]) -> None:
    found = drift(replace(model, unseen=None), None, suggestions(cases[230:]))
    assert found.verdict is Verdict.NONE
    assert {one.name for one in found.measures} <= {"meaning", "sources", "vocabulary", "unreadable"}
    assert any("旧版本" in notice for notice in found.notices)


def test_a_reference_that_was_trained_on_is_remarked(model: Model, cases: list[Case]) -> None:
    found = drift(model, None, suggestions(cases[230:]), reference=suggestions(cases[:200]))
    assert any("训练用案件相同" in notice for notice in found.notices)


def test_new_texts_that_were_trained_on_are_remarked_in_every_form(model: Model, cases: list[Case]) -> None:
    found = drift(model, None, suggestions(cases[180:300]))
    (notice,) = [one for one in found.notices if "训练用案件相同" in one]
    assert notice.startswith("新文本中有 50 件与训练用案件相同")
    assert "预计正确率因此偏高" in notice
    for told in (markdown(found), html(found), picture(found)):
        assert "新文本中有 50 件与训练用案件相同" in told


def test_a_few_that_were_trained_on_are_no_remark(model: Model, cases: list[Case]) -> None:
    found = drift(model, None, suggestions(cases[220:330]))
    assert not any("训练用案件相同" in notice for notice in found.notices)


# --- the report -------------------------------------------------------------------------------------------------------


def test_it_is_the_same_every_time(model: Model, cases: list[Case], report: DriftReport) -> None:
    again = drift(model, None, suggestions(cases[230:]))
    assert replace(again, reference="", notices=()) == report


def test_it_is_plain_json(report: DriftReport) -> None:
    told = json.loads(json.dumps(report.to_dict()))
    assert told["verdict"] == "none"
    assert (told["verdict_chinese"], told["verdict_english"]) == ("无明显变化", "no clear change")
    assert {"measures", "topics", "units", "words", "accuracy", "findings"} <= told.keys()


def test_the_pages_and_the_picture_hold_names_as_text(report: DriftReport) -> None:
    bad = replace(report.topics[0], name="<script>|*教育\n局*&amp;")
    found = replace(report, topics=(bad, *report.topics[1:]))
    page, drawn, told = html(found), picture(found), markdown(found)
    assert "<script>" not in page + drawn + told
    assert "无明显变化" in page
    assert "无明显变化" in told
    assert {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(drawn).iter()} == {  # noqa: S314
        "svg",
        "title",
        "rect",
        "text",
    }
    (line,) = [line for line in told.splitlines() if line.startswith("| &lt;")]
    assert line.replace("\\|", "").count("|") == 8


def test_a_long_table_says_what_it_leaves_out(report: DriftReport) -> None:
    rows = tuple(replace(report.topics[0], name=f"类别{number}") for number in range(30))
    told = markdown(replace(report, topics=rows))
    assert "类别24" in told
    assert "类别25" not in told
    assert "另有 5 项未列出。" in told


# --- words ------------------------------------------------------------------------------------------------------------


def test_what_a_bundle_remembers_of_words_is_what_the_texts_hold(model: Model, cases: list[Case]) -> None:
    texts = read(model, None, suggestions(cases[:230])).texts
    stored, fresh = remembered(model), counted(texts, model.lexical.cut)
    assert stored.texts == fresh.texts == 230
    assert stored.unknown == 1  # with the starter's phrases there are 2,000 rows: words of one text are dropped
    often = {word: count for word, count in fresh.words.items() if count > 1}
    assert {word: stored.words[word] for word in often} == often
    assert stored.sizes is not None
    assert fresh.sizes is not None
    assert stored.sizes.tolist() == fresh.sizes.tolist()
    for phrase in ("小区", "公交", "幼儿园", "农贸市场", "没有这样的地名"):
        assert stored.phrase(phrase) >= fresh.phrase(phrase)
    assert stored.phrase("小区") == fresh.phrase("小区")
    assert stored.phrase("没有这样的地名") == 0


def test_the_share_of_unknown_words_is_what_was_to_be_expected(report: DriftReport) -> None:
    (measure,) = [one for one in report.measures if one.name == "vocabulary"]
    assert measure.past == pytest.approx(measure.new, abs=0.03)
    assert measure.level is Verdict.NONE


def test_words_of_fewer_than_three_texts_are_not_told(model: Model, cases: list[Case]) -> None:
    texts = suggestions(cases[230:300])
    rare = [replace(one, text=f"{one.text}银杏湾小区。") if row < 2 else one for row, one in enumerate(texts)]
    found = emerging(remembered(model), read(model, None, rare).texts, model.lexical.cut)
    assert not [one for one in found if "银杏湾" in one.word]


# --- with sentence vectors --------------------------------------------------------------------------------------------


def test_sentence_vectors_are_compared_where_there_are_some(encoder_folder: Path, cases: list[Case]) -> None:
    sentence = SentenceEncoder.load(encoder_folder)
    # Units without duties: encoding the starter's two thousand phrases takes a minute.
    names = dict.fromkeys(case.leads[0] for case in cases[:90])
    place = Catalogue(units=tuple(Unit(name, name) for name in names))
    past = [replace(case, leads=case.leads[:1], co=(), topics=()) for case in cases[:90]]
    made = train(past, catalogue=place, sentence=sentence)
    found = drift(made, sentence, suggestions(cases[90:170]))
    assert found.verdict is Verdict.NONE
    assert not found.notices
    letters = [Suggestion(str(row), f"服务器机房第{row}次巡检纪要，请各部门提交季度采购报表") for row in range(60)]
    assert drift(made, sentence, letters).verdict is Verdict.RETRAIN
