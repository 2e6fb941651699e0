"""The benchmarks: splits that do not leak, figures as their field defines them, results that hold no text."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.cold.signals import Choice, Subset, cold_signals
from benchmarks.cold.weights import figures as cold_figures
from benchmarks.cold.weights import fitted, fitted_elsewhere, probabilities
from benchmarks.quality.__main__ import main as quality
from benchmarks.quality.answers import Answer, Ranking, answer_to
from benchmarks.quality.baselines import CHAR, FASTTEXT, Baselines, fasttext_missing
from benchmarks.quality.encodings import RememberingEncoder, shared_encoder
from benchmarks.quality.report import markdown
from benchmarks.quality.scores import OTHERS, figures, places, promise, unit_table
from benchmarks.quality.sets import experiments
from benchmarks.quality.splits import grouped_folds, months_kept_back, near_copies
from benchmarks.speed import memory, rounds, startup, training
from benchmarks.speed.texts import letters, texts_of
from triage import Case, Suggestion, Triager
from triage.datasets import read_cases
from triage.encoders.sentence import SentenceEncoder

ALPHABET = "路灯坏学校门口堵垃圾桶少公交车晚点噪声大水管漏电梯停"


def nothing(*_: object) -> None:
    """A progress that nobody reads."""


def example_cases(root: Path, count: int) -> list[Case]:
    """The example cases of the most frequent leads, so that folds of a few know them."""
    cases = read_cases(root / "examples" / "cases.csv")
    often: dict[tuple[str, ...], int] = {}
    for case in cases:
        often[case.leads] = often.get(case.leads, 0) + 1
    return sorted(cases, key=lambda case: -often[case.leads])[:count]


def write_cases(path: Path, cases: Sequence[Case], extra: Mapping[str, str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "title", "text", "lead", "co", "topic", *extra])
        for case in cases:
            said = case.suggestion
            units = (";".join(case.leads), ";".join(case.co), ";".join(case.topics))
            writer.writerow([said.id, said.title, said.text, *units, *extra.values()])


# --- splits ----------------------------------------------------------------------------------------------------------


def test_near_copies_share_a_group_and_others_do_not() -> None:
    long = "文昌路小学门口早晚接送时车辆很多，人行道被占，孩子只能走机动车道，建议增设护栏并安排交警值守。"
    groups = near_copies([long, "建议给老旧小区加装电梯。", long.replace("很多", "太多"), long[:-4]])
    assert groups[0] == groups[2] == groups[3] != groups[1]


def test_near_copies_are_chained_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [ALPHABET[start : start + 12] + tail for start in range(0, 12, 6) for tail in ("", "。", "！", "吗")]
    whole = near_copies(texts)
    monkeypatch.setattr("benchmarks.quality.splits.BLOCK", 3)
    assert near_copies(texts).tolist() == whole.tolist()


@given(st.lists(st.text(ALPHABET, min_size=6, max_size=20), min_size=12, max_size=30))
def test_folds_ask_each_row_once_and_keep_near_copies_together(texts: list[str]) -> None:
    texts = [*texts, *(f"{number}{ALPHABET[number : number + 9]}" for number in range(8))]
    groups = near_copies(texts)
    if len(set(groups.tolist())) < 5:
        return
    folds = grouped_folds(texts)
    assert sorted(row for _, asked in folds for row in asked) == list(range(len(texts)))
    for learned, asked in folds:
        assert not set(groups[learned]) & set(groups[asked])


def test_months_are_kept_back_from_the_end() -> None:
    learned, asked = months_kept_back(["2023-08-01", "2023-11-30", "2023-10-02", "2023-09-30", "2023-06-07"], 2)
    assert (learned.tolist(), asked.tolist()) == ([0, 3, 4], [1, 2])


# --- scores ----------------------------------------------------------------------------------------------------------


def ranking(*labels: str, first: float = 0.5) -> Ranking:
    return tuple((label, first / (place + 1)) for place, label in enumerate(labels))


def test_figures_of_the_lead() -> None:
    cases = [
        Case(Suggestion("1"), ("甲",)),
        Case(Suggestion("2"), ("乙", "丙")),
        Case(Suggestion("3")),
        Case(Suggestion("4"), ("丁",)),
    ]
    answers = [
        Answer(ranking("甲", "乙", first=0.9), suggested=True),
        Answer(ranking("甲", "丁", "丙"), suggested=True),
        Answer(ranking("甲"), suggested=True),
        Answer(ranking("甲", "乙")),
    ]
    found = figures("lead", answers, cases, probabilities=True)
    assert (found["cases"], found["top_1"], found["top_3"]) == (
        3,
        pytest.approx(1 / 3, abs=1e-4),
        pytest.approx(2 / 3, abs=1e-4),
    )
    # One answer of .9 that is right, two of .5 that are wrong: gaps .1 and .5.
    assert found["calibration_error"] == pytest.approx((0.1 + 2 * 0.5) / 3, abs=1e-4)
    assert found["accuracy_at_0.2"] == 1.0
    assert found["mean_first_score"] == pytest.approx(1.9 / 3, abs=1e-4)
    assert "calibration_error" not in figures("lead", answers, cases, probabilities=False)
    assert promise(answers, cases) == {"suggest_coverage": pytest.approx(2 / 3, abs=1e-4), "suggest_accuracy": 0.5}
    assert promise([Answer(ranking("甲"))], cases[:1])["suggest_accuracy"] is None


def test_few_cases_look_miscalibrated_by_chance() -> None:
    def by_chance(count: int) -> float:
        cases = [Case(Suggestion(str(row)), ("甲",)) for row in range(count)]
        return float(figures("lead", [Answer(ranking("甲"))] * count, cases, True)["calibration_error_by_chance"])

    # The mean of |heads / n − 1/2|, which is √(1 / 2πn).
    assert by_chance(100) == pytest.approx((2 * np.pi * 100) ** -0.5, rel=0.2)
    assert by_chance(400) == pytest.approx(by_chance(100) / 2, rel=0.3)


def test_figures_of_helpers_and_topics() -> None:
    cases = [Case(Suggestion("1"), ("甲",), ("乙", "丙"), ("路",)), Case(Suggestion("2"), ("甲",), (), ("水",))]
    answers = [
        Answer(co=ranking("丁", "乙", "戊", "丙"), topic=ranking("路", "水")),
        Answer(co=ranking("乙"), topic=ranking("路", "水")),
    ]
    assert figures("co", answers, cases, True) == {
        "cases": 1,
        "recall_at_3": 0.5,
        "recall_at_5": 1.0,
        "recall_at_10": 1.0,
    }
    topics = figures("topic", answers, cases, False)
    # 路: precision 1/2, recall 1; 水: never answered.
    assert (topics["accuracy"], topics["top_3"], topics["macro_f1"]) == (
        0.5,
        1.0,
        pytest.approx((2 / 3 + 0) / 2, abs=1e-4),
    )


def test_units_of_few_cases_are_added_up() -> None:
    cases = [Case(Suggestion(str(row)), ("甲",) if row < 6 else ("乙",)) for row in range(8)]
    answers = [answer_to("lead", ranking("甲", "乙")) for _ in cases]
    often, rare = unit_table(answers, cases)
    assert (often["unit"], often["cases"], often["top_1"], often["named_first"], often["right_when_named"]) == (
        "甲",
        6,
        1.0,
        8,
        0.75,
    )
    assert (rare["unit"], rare["units"], rare["cases"], rare["top_1"], rare["top_5"]) == (OTHERS, 1, 2, 0.0, 1.0)
    assert rare["right_when_named"] is None


def test_the_right_kind_in_the_wrong_place() -> None:
    kinds = {"东区水务局": "水务", "西区水务局": "水务", "东区教育局": "教育"}
    cases = [Case(Suggestion("1"), ("东区水务局",)), Case(Suggestion("2"), ("东区教育局",))]
    answers = [Answer(ranking("西区水务局"), asks=True), Answer(ranking("东区教育局"))]
    assert places(answers, cases, kinds) == {
        "kind_accuracy": 1.0,
        "right_kind_wrong_unit": 0.5,
        "asks_for_place": 0.5,
        "asks_where_only_the_kind_is_right": 1.0,
    }


# --- baselines -------------------------------------------------------------------------------------------------------

LEARNED = [
    Case(Suggestion(str(row), title), (lead,), co)
    for row, (title, lead, co) in enumerate(
        [
            ("关于修复路灯的建议", "城管局", ("供电公司",)),
            ("路灯坏了一个月没人修", "城管局", ("供电公司",)),
            ("小学门口上学拥堵", "教育局", ("公安局",)),
            ("建议小学延迟放学", "教育局", ()),
            ("水库水质变差", "水利局", ("环保局", "公安局")),
            ("河道水质发黑", "水利局", ("环保局",)),
        ]
    )
]


def test_baselines_find_what_is_alike() -> None:
    made = Baselines(LEARNED, [Suggestion("a", "村口路灯坏了"), Suggestion("b", "河道水质很差")], None)
    leads = dict(made.answers("lead"))
    assert [answer.lead[0][0] for answer in leads[CHAR]] == ["城管局", "水利局"]
    assert set(leads) == ({CHAR} if fasttext_missing() else {CHAR, FASTTEXT})
    ((_, helped),) = made.answers("co")
    assert [answer.co[0][0] for answer in helped] == ["供电公司", "环保局"]


def test_two_labels_are_ranked_like_many() -> None:
    made = Baselines(LEARNED[:4], [Suggestion("a", "村口路灯坏了"), Suggestion("b", "小学放学")], None)
    leads = dict(made.answers("lead"))[CHAR]
    assert [answer.lead[0][0] for answer in leads] == ["城管局", "教育局"]
    assert [len(answer.lead) for answer in leads] == [2, 2]


def test_the_remembering_encoder_changes_nothing(encoder_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["路灯坏了", "水质变差", "路灯坏了"]
    plain = SentenceEncoder.load(encoder_folder, threads=1).encode(texts)
    with shared_encoder(encoder_folder) as shared:
        assert isinstance(shared, RememberingEncoder)
        assert SentenceEncoder.load(encoder_folder) is shared
        np.testing.assert_array_equal(shared.encode(texts), plain)
        monkeypatch.setattr(SentenceEncoder, "_each", lambda *_: iter(()))  # whoever computes again fails
        np.testing.assert_array_equal(shared.encode(texts[::-1]), plain[::-1])
        assert shared.encode([]).shape == (0, plain.shape[1])
    assert SentenceEncoder.load(encoder_folder) is not shared


# --- the quality run -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def quality_run(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Case], Path]:
    """A run over a folder with two invented sets: a city's session and messages with topics only."""
    data, out = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("out")
    # A topic for each lead: the examples' own are so many that most would have one case.
    cases = [replace(case, topics=case.leads) for case in example_cases(root, 90)]
    write_cases(data / "cixi2017.csv", cases, {})
    names = {unit: None for case in cases for unit in (*case.leads, *case.co)}
    (data / "cixi2017_units.csv").write_text("name\n" + "\n".join(names) + "\n", encoding="utf-8")
    topics = [Case(case.suggestion, topics=case.topics) for case in cases[:40]]
    write_cases(data / "taidi2020_topics.csv", topics, {})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("benchmarks.quality.splits.FOLDS", 2)  # five take a minute and show nothing more
        assert quality(["--data", str(data), "--no-encoder", "--out", str(out)]) == 0
    return cases, out


def test_a_run_scores_every_set_it_finds(quality_run: tuple[list[Case], Path]) -> None:
    _, out = quality_run
    result = json.loads((out / "quality-lexical.json").read_text(encoding="utf-8"))
    assert list(result["experiments"]) == ["cixi2017", "cixi2017_cold", "taidi2020_topics"]
    city = result["experiments"]["cixi2017"]
    assert set(city["tasks"]) == {"lead", "co", "topic"}
    assert city["asked"] == city["rows"] == 90
    assert sum(row["cases"] for row in city["units"]) == 90
    library = city["tasks"]["lead"]["triage"]
    assert library["top_1"] > 0.3
    assert library["top_1"] <= library["top_3"] <= library["top_5"]
    assert set(city["tasks"]["lead"]) >= {"triage", CHAR}
    cold = result["experiments"]["cixi2017_cold"]["tasks"]
    assert list(cold["lead"]) == ["triage"]
    assert cold["lead"]["triage"]["suggest_coverage"] == 0.0
    assert result["encoder"] is None


def test_a_result_holds_no_text(quality_run: tuple[list[Case], Path]) -> None:
    cases, out = quality_run
    written = "".join(path.read_text(encoding="utf-8") for path in out.iterdir())
    units = {unit for case in cases for unit in (*case.leads, *case.co)}
    for case in cases:
        assert not case.suggestion.text or case.suggestion.text not in written
        assert case.suggestion.title in units or case.suggestion.title not in written
    assert str(Path.home()) not in written
    assert str(out) not in written


def test_the_table_shows_the_library_and_the_baselines(quality_run: tuple[list[Case], Path]) -> None:
    _, out = quality_run
    result = json.loads((out / "quality-lexical.json").read_text(encoding="utf-8"))
    table = (out / "quality-lexical.md").read_text(encoding="utf-8")
    assert table == markdown(result)
    top = result["experiments"]["cixi2017"]["tasks"]["lead"]["triage"]["top_1"]
    line = next(line for line in table.splitlines() if line.startswith("| cixi2017 ("))
    assert f"{top:.3f}".removeprefix("0") in line
    assert f"|  | {CHAR} |" in table
    if reason := fasttext_missing():
        assert f"Not measured: {FASTTEXT} ({reason})." in table


def test_a_folder_without_a_known_set_is_a_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert quality(["--data", str(tmp_path), "--no-encoder", "--out", str(tmp_path / "out")]) == 2
    assert "cixi2017.csv" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_letters_are_split_by_time_and_know_their_kind(tmp_path: Path) -> None:
    rows = [
        ("2023-06-01", "东区水务局", "水务"),
        ("2023-10-01", "西区水务局", "水务"),
        ("2023-11-09", "东区教育局", "教育"),
    ]
    lines = [f"{row},题{row},文{row},{day},{lead},{kind}" for row, (day, lead, kind) in enumerate(rows)]
    (tmp_path / "shanghai2023.csv").write_text(
        "\n".join(["id,title,text,date,lead,function", *lines]) + "\n", encoding="utf-8"
    )
    two, one = experiments(tmp_path, [], nothing)
    assert [asked.tolist() for _, asked in (*two.splits, *one.splits)] == [[1, 2], [2]]
    assert two.kinds["西区水务局"] == "水务"
    assert not experiments(tmp_path, ["cixi2017"], nothing)


# --- speed -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [20, 100, 500])
def test_texts_have_their_length_and_differ(length: int) -> None:
    texts = texts_of(length, 30)
    assert {len(text) for text in texts} == {length}
    assert len(set(texts)) == 30
    assert texts == texts_of(length, 30)
    assert texts != texts_of(length, 30, seed=1)


def test_letters_are_cases_of_their_unit() -> None:
    made = letters(300)
    assert made == letters(300)
    lengths = sorted(len(case.suggestion.text) for case in made)
    assert lengths[0] >= 20
    assert 90 < lengths[150] < 200
    assert lengths[-1] <= 2100
    assert all(case.leads and case.suggestion.title for case in made)
    assert len({case.suggestion.id for case in made}) == len({case.suggestion.text for case in made}) == 300


def test_systems_are_measured_in_turns(small_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "LENGTHS", (20,))
    monkeypatch.setattr(rounds, "BATCHES", (1, 4))
    found = rounds.measure({"triage_lexical": ["triager", str(small_bundle)]}, 2, nothing)
    assert list(found["workloads"]) == ["20 characters, one text", "20 characters, batch of 4"]
    for work in found["workloads"].values():
        measured = work["systems"]["triage_lexical"]
        assert measured["texts_per_second"] == pytest.approx(1000 / measured["milliseconds"], rel=0.02)
        assert measured["peak_mib"] >= 50
        assert work["ratios"] == {}


def test_ratios_are_those_of_the_rounds() -> None:
    turns = [
        {"encoder": {"wall": [slow], "cpu": [1.0]}, "triage": {"wall": [slow * 1.2], "cpu": [1.1]}}
        for slow in (1, 5, 2)
    ]
    found = rounds._ratios(turns, ["encoder", "triage"])
    assert found == {"triage / encoder": {"wall": 1.2, "cpu": 1.1}}


def test_a_system_that_cannot_start_says_so(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="run it by hand"):
        rounds.Worker(["triager", str(tmp_path / "no-bundle")])


def test_memory_counts_what_is_held() -> None:
    if not memory.forget_peak():
        pytest.skip("this system cannot let the peak start anew")
    before = memory.peak()
    held = np.ones(8 << 20)  # 64 MiB
    assert memory.peak() - before > 50
    del held
    memory.forget_peak()
    assert memory.peak() - before < 40
    assert memory.resident() > 10


def test_starting_is_timed_and_a_failing_command_is_no_result() -> None:
    found = startup.measure({startup.BARE: [sys.executable, "-c", "pass"]}, 2, nothing)
    assert 0 < found[startup.BARE]["least"] <= found[startup.BARE]["seconds"] < 10
    with pytest.raises(startup.subprocess.CalledProcessError):
        startup.measure({"broken": [sys.executable, "-c", "raise SystemExit(3)"]}, 1, nothing)


def test_training_is_measured() -> None:
    told = training.train(60, None)
    assert told["letters"] == 60
    assert told["units"] > 20
    assert told["seconds"] > 0
    assert {"comparing", "learning the leads"} <= set(told["stages"])
    assert sum(told["stages"].values()) <= told["seconds"] + 0.5


# --- weights without history -----------------------------------------------------------------------------------------


def test_signals_of_a_cold_model(root: Path) -> None:
    cases = example_cases(root, 25)
    lead, co, topic = cold_signals(
        cases, None, sorted({unit for case in cases for unit in (*case.leads, *case.co)}), None
    )
    assert isinstance(lead, Choice)
    assert isinstance(co, Subset)
    assert isinstance(topic, Choice)
    for signals in (lead, co, topic):
        assert signals.features.shape[2] == len(signals.names) == len(signals.stored)
    triager = Triager.train(units=sorted({unit for case in cases for unit in (*case.leads, *case.co)}))
    first = probabilities(lead, lead.stored).argmax(axis=1)
    answered = triager.triage([case.suggestion for case in cases])
    assert [triager.units[column] for column in first] == [answer.lead[0].unit for answer in answered]


def test_weights_are_found_again() -> None:
    chance = np.random.default_rng(0)
    features = chance.normal(size=(800, 6, 3)).astype(np.float32)
    true = np.array([1.5, 0.0, -0.7])
    utility = features @ true + chance.gumbel(size=(800, 6))
    signals = Choice("lead", ("a", "b", "c"), (0.0, 0.0, 0.0), features, utility.argmax(axis=1))
    np.testing.assert_allclose(fitted(signals), true, atol=0.25)
    right = (chance.random((800, 6)) < 1 / (1 + np.exp(-(features @ true)))).astype(np.float32)
    free, barred = np.ones((800, 6), bool), np.zeros(800, np.intp)
    subset = Subset("co", ("a", "b", "c"), (0.0, 0.0, 0.0), features, right, free, barred)
    np.testing.assert_allclose(fitted(subset), true, atol=0.2)
    told = cold_figures(subset, fitted_elsewhere(subset))
    assert told["calibration_error"] < 0.05
    assert told["helpers_expected"] == pytest.approx(told["helpers_real"], abs=0.2)
    better, worse = (cold_figures(signals, probabilities(signals, weights)) for weights in (true, -true))
    assert better["log_loss"] < worse["log_loss"]
    assert better["top_1"] > worse["top_1"]
