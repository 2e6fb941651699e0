"""Training, where the right answers are known: cold, with names, with cases, with a catalogue, and without leaks."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date as Date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage import Case, InputError, Suggestion, Triager
from triage.bundle import MANIFEST, read_manifest
from triage.catalogue import Catalogue, Topic, Unit
from triage.heads.promise import NEVER
from triage.learning import train as training
from triage.learning.train import ALIKE, Settings, near_copies, train

WORDS = {
    "交通局": "公交 站台 路灯 公路 桥梁 隧道 客运 车道 红绿灯 斑马线 停车 货运".split(),
    "教育局": "小学 中学 幼儿园 教师 校车 课后 食堂 操场 学位 家长 作业 校园".split(),
    "水利局": "水库 河道 堤坝 灌溉 泵站 防汛 排涝 水渠 溢洪 水源 淤泥 闸门".split(),
    "卫健局": "医院 门诊 疫苗 护士 药房 病床 急救 体检 家医 中医 儿科 挂号".split(),
    "文旅局": "景区 民宿 书屋 剧团 古村 博物 文物 广场舞 图书 非遗 露营 导游".split(),
    "财政局": "预算 补助 拨款 决算 国库 绩效 债券 采购 奖补 津贴 票据 资产".split(),
}
UNITS = tuple(WORDS)
PLACE = Catalogue(
    units=tuple(Unit(name, name, duties=tuple(words[:3])) for name, words in WORDS.items()),
    topics=(
        Topic("m", "民生"),
        *(Topic(f"m-{name}", f"{name}类", "m", phrases=(words[0],)) for name, words in WORDS.items()),
    ),
)


def history(seed: int, count: int, muddle: float = 0.1) -> list[Case]:
    """Cases whose words are their lead's, but for a share of muddled ones that are half another's; helpers follow."""
    chance = np.random.default_rng(seed)
    cases = []
    for number in range(count):
        unit, other = chance.choice(len(UNITS), 2, replace=False)
        words = [*chance.choice(WORDS[UNITS[unit]], 4, replace=False)]
        if chance.random() < muddle:
            words = [*words[:2], *chance.choice(WORDS[UNITS[other]], 2, replace=False)]
        text = "，".join(chance.permutation(words)) + f"，第{int(chance.integers(1000))}号"
        helper = (UNITS[(unit + 1) % len(UNITS)],) if chance.random() < 0.7 else ()
        day = Date(2020 + number % 5, 1 + number % 12, 1 + number % 28)
        suggestion = Suggestion(f"{seed}-{number}", text=text, source="人大", date=day)
        cases.append(Case(suggestion, (UNITS[unit],), helper, (f"民生/{UNITS[unit]}类",)))
    return cases


def first_leads(triager: Triager, cases: Sequence[Case]) -> list[str]:
    return [found.lead[0].unit for found in triager.triage([case.suggestion for case in cases])]


# --- what is learned -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def learned() -> Triager:
    return Triager.train(history(1, 300), catalogue=PLACE)


def test_a_place_with_right_answers_is_learned(learned: Triager) -> None:
    reached = learned.card["lead"]
    assert reached["unseen_cases"] == 300
    assert reached["top_1"] > 0.9
    assert reached["top_3"] > 0.97
    assert reached["calibration_error"] < 0.05
    new = history(2, 200)
    hits = np.mean([found == case.leads[0] for found, case in zip(first_leads(learned, new), new, strict=True)])
    assert hits > 0.9
    assert hits == pytest.approx(reached["top_1"], abs=0.05), "what is promised is met"


def test_the_promise_is_proven_and_kept(learned: Triager) -> None:
    card = learned.card
    assert card["promise"]["proven"]
    assert card["lead"]["suggest_accuracy"] >= 0.9
    new = history(3, 300)
    answers = learned.triage([case.suggestion for case in new])
    sure = [
        (found.lead[0].unit == case.leads[0])
        for found, case in zip(answers, new, strict=True)
        if found.decision == "suggest"
    ]
    assert len(sure) / len(new) == pytest.approx(card["promise"]["coverage"], abs=0.1)
    assert np.mean(sure) >= 0.88


def test_helpers_and_topics_are_learned_too(learned: Triager) -> None:
    new = history(4, 100, muddle=0.0)
    answers = learned.triage([case.suggestion for case in new])
    helped = [found.co[0].unit == case.co[0] for found, case in zip(answers, new, strict=True) if case.co]
    assert np.mean(helped) > 0.9
    topics = [max(found.topics, key=lambda topic: (len(topic.path), topic.score)).name for found in answers]
    assert np.mean([topic == f"{case.leads[0]}类" for topic, case in zip(topics, new, strict=True)]) > 0.9
    assert all(found.topics[0].name == "民生" for found in answers)


def test_muddled_history_promises_less() -> None:
    muddled = train(history(5, 300, muddle=0.9), catalogue=PLACE)
    assert muddled.card["lead"]["top_1"] < 0.8
    assert muddled.card["lead"]["calibration_error"] < 0.12
    assert muddled.promise.coverage < 0.6


def copied(cases: list[Case], times: int) -> list[Case]:
    """Each case several times, with small changes of the wording."""
    made = []
    for case in cases:
        for number in range(times):
            text = case.suggestion.text + "。" * (number % 3)
            made.append(
                replace(case, suggestion=replace(case.suggestion, id=f"{case.suggestion.id}-{number}", text=text))
            )
    return made


def test_copies_do_not_make_unseen_answers_look_better(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leads drawn by lot cannot be known; whoever saw a copy of the text would know them."""
    chance = np.random.default_rng(6)
    lots = [replace(case, leads=(str(chance.choice(UNITS)),), co=()) for case in history(6, 60)]
    lots = [replace(case, suggestion=replace(case.suggestion, text=case.suggestion.text * 3)) for case in lots]
    cases = copied(lots, 4)
    honest = train(cases, catalogue=PLACE).card["lead"]
    assert honest["unseen_cases"] == 240
    assert honest["top_1"] < 0.35
    assert honest["suggest_coverage"] == 0.0
    monkeypatch.setattr(
        training, "near_copies", lambda likeness, alike: [np.array([row]) for row in range(len(likeness))]
    )
    assert train(cases, catalogue=PLACE).card["lead"]["top_1"] > 0.9, "without groups it would leak"


@given(st.integers(0, 10_000), st.integers(0, 25))
def test_near_copies_are_chained(seed: int, rows: int) -> None:
    chance = np.random.default_rng(seed)
    likeness = np.triu(chance.random((rows, rows)) ** 0.2, 1)
    likeness = likeness + likeness.T + np.eye(rows)
    likeness[likeness < 0.9] = 0.0
    groups = near_copies(likeness.astype(np.float32))
    member = list(range(rows))
    for _ in range(rows):
        for one, other in zip(*np.nonzero(likeness >= ALIKE), strict=True):
            member[one] = member[other] = min(member[one], member[other])
    expected = [[row for row in range(rows) if member[row] == group] for group in sorted(set(member))]
    assert [group.tolist() for group in groups] == expected


def test_alike_is_a_matter_of_wording() -> None:
    likeness = np.array([[1, ALIKE, 0.1], [ALIKE, 1, 0.1], [0.1, 0.1, 1]], np.float32)
    assert [group.tolist() for group in near_copies(likeness)] == [[0, 1], [2]]
    assert near_copies(np.zeros((0, 0), np.float32)) == []


# --- from little or nothing ------------------------------------------------------------------------------------------


def test_cold_a_model_answers_from_duties_and_promises_nothing() -> None:
    model = train((), catalogue=PLACE)
    assert (model.card["cases"], model.card["lead"], model.card["dates"]) == (0, {}, [])
    assert model.promise.threshold == NEVER
    assert not model.card["promise"]["proven"]
    triager = Triager(model)
    for unit, words in WORDS.items():
        (found,) = triager.triage([Suggestion(title=f"关于{words[0]}和{words[1]}的建议")])
        assert found.lead[0].unit == unit
        assert found.decision != "suggest"


def test_a_list_of_names_finds_its_duties() -> None:
    triager = Triager.train(units=("江州县教育局", "江州县公安局", "江州县水利局"))
    assert set(triager.units) == {"江州县教育局", "江州县公安局", "江州县水利局"}
    assert first_leads(triager, [Case(Suggestion(title="关于扩建实验小学、增加学位的建议"))]) == ["江州县教育局"]


def test_names_and_cases_are_answered_together() -> None:
    triager = Triager.train(
        [Case(Suggestion("1", "关于扩建小学的建议"), ("县教育局",), ("民政局",))], units=("水利局",)
    )
    assert set(triager.units) == {"县教育局", "民政局", "水利局"}


def test_one_case_is_enough_to_be_found_again() -> None:
    case = Case(Suggestion("1", "关于在滨河路设置汉服体验馆的建议"), ("滨河路建设指挥部",), ("水利局",), ("新鲜事",))
    triager = Triager.train([case, Case(Suggestion("2", "关于扩建小学的建议"), ("教育局",))])
    assert first_leads(triager, [case]) == ["滨河路建设指挥部"]
    alone = Triager.train([case])
    (found,) = alone.triage([case.suggestion])
    assert [lead.unit for lead in found.lead] == ["滨河路建设指挥部", "水利局"]
    assert [topic.name for topic in found.topics] == ["新鲜事"]


def test_cases_of_one_text_alone_can_be_learned_from() -> None:
    same = [Case(Suggestion(str(n), "关于扩建实验小学的建议"), ("教育局",), ("财政局",), ("教育",)) for n in range(40)]
    model = train(same)
    assert model.card["lead"]["unseen_cases"] == 40
    assert model.promise.threshold == NEVER


def test_topics_alone_can_be_learned() -> None:
    cases = [replace(case, leads=(), co=(), topics=(case.leads[0],)) for case in history(7, 60)]
    model = train(cases)
    assert model.card["lead"] == {}
    assert set(model.topics.columns.nodes) == {case.topics[0] for case in cases}
    (found,) = Triager(model).triage([cases[0].suggestion])
    assert found.topics[0].name == cases[0].topics[0]
    assert len(found.lead) >= 5


def test_a_split_case_teaches_both_leads() -> None:
    text = "望海亭和观云台的栈道都要修"
    cases = [*history(8, 60), *(Case(Suggestion(f"s{n}", text=f"{text}{n}"), ("文旅局", "水利局")) for n in range(6))]
    (found,) = Triager.train(cases, catalogue=PLACE).triage([Suggestion(text=text)])
    assert {lead.unit for lead in found.lead[:2]} == {"文旅局", "水利局"}


def test_a_former_unit_s_cases_teach_its_successors() -> None:
    reform = Date(2019, 1, 1)
    units = (
        *PLACE.units,
        Unit("old", "卫计局", active_to=reform, succeeded_by=("卫健局", "new")),
        Unit("new", "医保局", duties=("医保报销", "异地就医"), active_from=reform),
    )
    old = [
        Case(Suggestion(f"{n}", text=text), ("卫计局",))
        for n, text in enumerate(["县医院门诊挂号难", "社区疫苗接种", "医保报销太慢", "异地就医报销"])
    ]
    triager = Triager.train(old, catalogue=replace(PLACE, units=units))
    assert "卫计局" not in triager.units
    leads = triager._model.lead.leads_
    taught = [triager.units[column] for column in leads.argmax(axis=1)]
    assert taught == ["卫健局", "卫健局", "医保局", "医保局"]


# --- what is refused or left out -------------------------------------------------------------------------------------


@pytest.mark.parametrize("accuracy", [0.0, 0.5, 1.0, 1.5, -1.0, float("nan")])
def test_a_promise_that_is_none_is_refused(accuracy: float) -> None:
    with pytest.raises(InputError, match=r"accuracy: .* between 0\.5 and 1"):
        train((), catalogue=PLACE, accuracy=accuracy)


def test_a_unit_that_the_catalogue_lacks_stops_the_training() -> None:
    cases = [*history(9, 5), Case(Suggestion("x", "关于某事的建议"), ("某甲局",), ("某乙局",))]
    with pytest.raises(
        InputError, match=r"2 units of the cases are not in the catalogue: '某甲局' \(case x\); '某乙局'"
    ):
        train(cases, catalogue=PLACE)


@pytest.mark.parametrize("units", [("",), (" ", "\t")])
def test_names_that_are_none_leave_nobody_to_answer(units: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="no unit can be answered"):
        train((), units=units)


def test_a_catalogue_of_the_past_leaves_nobody_to_answer() -> None:
    past = Catalogue(units=(Unit("a", "老局", active_to=Date(2001, 1, 1)), Unit("kind-x", "某类")))
    with pytest.raises(InputError, match="of the catalogue's 2 units none exists still"):
        train((), catalogue=past)


def test_bare_names_can_be_answered_even_so() -> None:
    triager = Triager.train(catalogue=Catalogue(units=(Unit("a", "甲局"), Unit("b", "乙局"))))
    (found,) = triager.triage([Suggestion(title="关于加装电梯的建议")])
    assert [lead.score for lead in found.lead] == [0.5, 0.5]
    assert found.decision == "choose"


def test_cases_without_readable_text_are_left_out_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    cases = [*history(10, 20), Case(Suggestion("n", "！！！！"), ("教育局",)), Case(Suggestion("e"), ("教育局",))]
    model = train(cases, catalogue=PLACE)
    assert (model.card["cases"], model.card["cases_used"]) == (22, 20)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", "2 of 22 cases have no readable text and are left out")
    ]
    only = train(cases[-2:], catalogue=PLACE)
    assert only.card["cases_used"] == 0


def test_of_too_many_cases_rare_leads_and_the_newest_are_kept(
    caplog: pytest.LogCaptureFixture,
) -> None:
    made = history(11, 110)
    common = [replace(case, leads=("交通局",)) for case in made[:100]]
    rare = [replace(case, leads=("财政局",), suggestion=replace(case.suggestion, date=None)) for case in made[100:]]
    model = train([*rare[:5], *common, *rare[5:]], catalogue=PLACE, settings=Settings(max_cases=60))
    kept = [precedent.id for precedent in model.precedents]
    assert (model.card["cases"], model.card["cases_used"]) == (110, 60)
    assert {case.suggestion.id for case in rare} <= set(kept)
    newest = sorted(common, key=lambda case: str(case.suggestion.date))[-50:]
    oldest_kept = min(str(case.suggestion.date) for case in common if case.suggestion.id in kept)
    assert oldest_kept == min(str(case.suggestion.date) for case in newest)
    order = [case.suggestion.id for case in (*rare[:5], *common, *rare[5:])]
    assert kept == [number for number in order if number in set(kept)]
    assert "110 cases: the regressions learn from 60" in caplog.text


# --- how it goes on --------------------------------------------------------------------------------------------------


def test_progress_runs_from_nothing_to_all() -> None:
    told: list[tuple[str, float]] = []
    train(history(12, 30), catalogue=PLACE, sentence=Meaning(), progress=lambda what, share: told.append((what, share)))  # type: ignore[arg-type]
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert {"reading the names", "encoding sentences", "learning the leads", "done"} <= {what for what, _ in told}


def test_nothing_of_a_text_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    cases = [*history(13, 30), Case(Suggestion("n", "¤¤¤隐语¤¤¤"), ("教育局",))]
    with caplog.at_level(logging.DEBUG):
        train(cases, catalogue=PLACE)
    said = caplog.text
    assert not [case.suggestion.id for case in cases if case.suggestion.text and case.suggestion.text[:6] in said]
    assert "隐语" not in said


def test_the_card_says_what_it_was_made_from(learned: Triager) -> None:
    card = learned.card
    assert card["name"] == "triage"
    assert (card["cases"], card["cases_used"], card["units"], card["topics"]) == (300, 300, 6, 7)
    days = [case.suggestion.date for case in history(1, 300) if case.suggestion.date]
    assert card["dates"] == [min(days).isoformat(), max(days).isoformat()]
    assert card["duty_phrases"] == 18
    assert (card["units_without_duties"], card["unknown_names"], card["encoder"]) == (0, [], None)
    assert card["promise"]["accuracy"] == 0.9
    assert json.loads(json.dumps(card)) == card


class Meaning:
    """A sentence encoder for tests: a text means whose words it holds."""

    fingerprint = "meaning-1"
    manifest = SimpleNamespace(name="meaning")

    def encode(self, texts: Sequence[str], progress: Any = None) -> Any:
        rows = []
        for done, text in enumerate(texts, 1):
            rows.append([0.5 + sum(word in text for word in words) for words in WORDS.values()] + [len(text) % 7 / 20])
            if progress is not None:
                progress(done, len(texts))
        found = np.array(rows, np.float32).reshape(-1, len(WORDS) + 1)
        return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_with_a_sentence_encoder_meaning_is_learned_too() -> None:
    sentence: Any = Meaning()
    model = train(history(14, 120), catalogue=PLACE, sentence=sentence)
    assert model.encoder == "meaning-1"
    assert model.card["encoder"] == {"name": "meaning", "fingerprint": "meaning-1"}
    assert set(model.lead.regressions_.models_) == {"mixed", "wording", "meaning"}
    assert model.card["lead"]["top_1"] > 0.9
    new = history(15, 60)
    assert (
        np.mean([a == b.leads[0] for a, b in zip(first_leads(Triager(model, sentence), new), new, strict=True)]) > 0.9
    )
    cold = Triager(train((), catalogue=PLACE, sentence=sentence), sentence)
    assert np.mean([a == b.leads[0] for a, b in zip(first_leads(cold, new), new, strict=True)]) > 0.8


def test_the_same_cases_make_the_same_bundle_in_every_process(tmp_path: Path, root: Path) -> None:
    code = (
        "import sys; from triage import Case, Suggestion, Triager\n"
        "units = ['县教育局', '县水利局', '东湖镇人民政府', '西山街道办事处', '县公安局']\n"
        "text = '关于{}建设学校、整治河道、修路的第{}件建议'\n"
        "texts = [Suggestion(str(n), text.format(units[n % 4], n)) for n in range(20)]\n"
        "cases = [Case(texts[n], (units[n % 5],), (units[n % 3],), (f'类/{n % 4}',)) for n in range(20)]\n"
        "Triager.train(cases, units=['县财政局']).save(sys.argv[1])"
    )
    assert_made_alike(code, tmp_path, root)


def assert_made_alike(code: str, tmp_path: Path, root: Path, *arguments: str) -> None:
    """Two processes that shuffle their sets otherwise and have another number of threads make the same bytes."""
    made = []
    for seed, threads in (("1", "1"), ("2", "3")):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "OMP_NUM_THREADS": threads,
            "OPENBLAS_NUM_THREADS": threads,
        }
        folder = tmp_path / seed
        command = [sys.executable, "-c", code, str(folder), *arguments]
        subprocess.run(command, cwd=root, env=environment, check=True, timeout=240)
        made.append(folder)
    files = [sorted(path.name for path in folder.iterdir()) for folder in made]
    assert files[0] == files[1]
    assert len(files[0]) > 10
    for name in files[0]:
        if name != MANIFEST:
            assert (made[0] / name).read_bytes() == (made[1] / name).read_bytes(), name
    first, second = (read_manifest(folder) for folder in made)
    assert first.fingerprint == second.fingerprint
    moment = {"trained", "seconds"}
    assert {key for key in first.card if first.card[key] != second.card[key]} <= moment
    assert first.card["made_on"]["threads"] == 1


def test_large_enough_for_threads_to_share_it_still_comes_out_the_same(tmp_path: Path, root: Path) -> None:
    """As many rows as make BLAS share a product, which would be summed in another order."""
    code = (
        "import sys; from triage import Triager; from triage.datasets import read_cases\n"
        "Triager.train(read_cases('examples/cases.csv')).save(sys.argv[1])"
    )
    assert_made_alike(code, tmp_path, root)


def test_with_the_sentence_encoder_too(tmp_path: Path, root: Path, encoder_folder: Path) -> None:
    code = (
        "import sys; from triage import Triager; from triage.catalogue import Catalogue, Unit\n"
        "from triage.datasets import read_cases\n"
        "cases = read_cases('examples/cases.csv')[:120]\n"
        "units = dict.fromkeys(unit for case in cases for unit in (*case.leads, *case.co))\n"
        "place = Catalogue(tuple(Unit(name, name, duties=(name[:4],)) for name in units))\n"
        "Triager.train(cases, catalogue=place, encoder=sys.argv[2]).save(sys.argv[1])"
    )
    assert_made_alike(code, tmp_path, root, str(encoder_folder))
