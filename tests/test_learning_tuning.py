"""Tuning the encoder: what it learns from, that it learns, that it stops, and that only a proven gain is called one."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import Said
from tests.test_encoders_adopt import change, left_beside, write_tiny
from triage import Triager
from triage.catalogue import Catalogue, Topic, Unit
from triage.encoders.folder import MANIFEST, is_whole, read_manifest
from triage.encoders.install import install
from triage.encoders.sentence import SentenceEncoder
from triage.errors import EncoderError, InputError
from triage.learning.evaluation.asking import Answers, Scored
from triage.learning.tuning import network as networks
from triage.learning.tuning.apart import divided
from triage.learning.tuning.comparing import Verdict, compared, of_answers, of_vectors
from triage.learning.tuning.exporting import RECORD
from triage.learning.tuning.fitting import Settings, Stop, fit, left_out
from triage.learning.tuning.network import Network, check_same
from triage.learning.tuning.pairs import Kind, Pair, mined, remembering
from triage.learning.tuning.samples import Sample, Samples, Source, gathered, same_matters
from triage.learning.tuning.tune import Tuned, tune
from triage.records import Case, Decision, Mode, Suggestion, Triaged, UnitScore

DUTIES = {
    "交通局": ("公交站点", "修路", "修桥"),
    "教育局": ("学校", "学校设公交", "学校门口"),
    "卫生局": ("医院", "老人医院", "老人"),
    "水利局": ("河", "修河", "河桥"),
}
OPENINGS = ("建议", "希望", "建议在村口", "希望增设", "老人建议", "学校希望", "在公交站点希望")
ENDS = ("", "的灯", "路灯", "的站点")
CATALOGUE = Catalogue(
    tuple(Unit(f"u{number}", name, duties=duties) for number, (name, duties) in enumerate(DUTIES.items())),
    (Topic("t1", "路桥", units=("u0", "u3"), phrases=("修路修桥", "河上修桥")), Topic("t2", "增设学校", units=("u1",))),
)


def history(count: int = 60) -> list[Case]:
    """Cases in the tiny tokenizer's few characters; each says its unit's duty somewhere."""
    cases = []
    for number in range(count):
        unit = list(DUTIES)[number % 4]
        duty = DUTIES[unit][number // 4 % 3]
        title = OPENINGS[number % 7] + duty + ENDS[number // 7 % 4]
        helper = (list(DUTIES)[(number + 1) % 4],) if number % 3 == 0 else ()
        cases.append(Case(Suggestion(str(number), title, f"{duty}，{title}。" * 2), (unit,), helper))
    return cases


def encode(texts: Sequence[str]) -> Any:
    """Vectors of the characters that a text has."""
    rows = np.full((len(texts), 50), 1e-3, np.float32)
    for row, text in zip(rows, texts, strict=True):
        for letter in text:
            row[ord(letter) % 50] += 1
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def sample(text: str, owner: str = "", *helpers: str, matter: int = -1) -> Sample:
    owners = frozenset({owner} if owner else ())
    return Sample(text, owners, owners | {*helpers}, matter)


# --- what it learns from ----------------------------------------------------------------------------------------------


def test_cases_and_phrases_become_samples() -> None:
    cases = [
        Case(Suggestion("a", "村口修路", "老人希望修路。"), ("交通局",), ("水利局",)),
        Case(Suggestion("b", "学校门口"), ("教育局",)),
        Case(Suggestion("c", "…"), ("教育局",)),
    ]
    samples = gathered(cases, catalogue=CATALOGUE)
    road, school, nothing = samples.cases
    assert (road.text, road.owners, road.fits) == ("村口修路。老人希望修路。", {"交通局"}, {"交通局", "水利局"})
    assert (school.text, nothing.text) == ("学校门口", "")
    assert {row: (title.text, body.text) for row, (title, body) in samples.halves.items()} == {
        0: ("村口修路", "老人希望修路。")
    }
    phrases = {phrase.text: phrase for phrase in samples.phrases}
    assert phrases["修桥"].owners == {"交通局"}
    assert (phrases["河上修桥"].owners, phrases["河上修桥"].fits) == ({"交通局"}, {"交通局", "水利局"})
    assert len(phrases) == len(samples.phrases) == 12 + 4


def test_topics_teach_where_history_knows_no_leads() -> None:
    cases = [Case(Suggestion("a", "修路"), topics=("交通/道路",)), Case(Suggestion("b", "学校"), topics=("教育",))]
    samples = gathered(cases)
    assert [set(one.owners) for one in samples.cases] == [{"交通/道路"}, {"教育"}]
    assert {"交通/道路", "教育"} <= {owner for phrase in samples.phrases for owner in phrase.owners}


def test_copies_and_one_matter_share_a_number() -> None:
    copied = "希望在老医院门口的路口增设路灯，村口的老人晚上看不见路。"
    cases = [Case(Suggestion("x", copied)), Case(Suggestion("x", "学校食堂")), Case(Suggestion("", f" {copied}"))]
    numbers = same_matters(cases)
    assert numbers[0] == numbers[2] != numbers[1]
    assert same_matters([]).shape == (0,)
    assert same_matters(cases[:1]).tolist() == [0]


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        (sample("甲", "a"), sample("乙", "b"), True),
        (sample("甲", "a"), sample("乙", "a"), False),
        (sample("甲", "a", "b"), sample("乙", "b"), False),
        (sample("甲", "a"), sample("乙", "b", "a"), False),
        (sample("甲", "a", matter=3), sample("乙", "b", matter=3), False),
        (sample("甲", "a", matter=3), sample("乙", "b", matter=4), True),
        (sample("甲", "a"), sample("甲", "b"), False),
        (sample("甲"), sample("乙", "b"), False),
    ],
    ids=["other lead", "same lead", "helper", "its helper", "one matter", "two matters", "same text", "unknown"],
)
def test_only_what_surely_belongs_elsewhere_is_kept_away(one: Sample, other: Sample, apart: bool) -> None:
    assert one.keeps_from(other) is other.keeps_from(one) is apart


def test_every_pair_belongs_together_and_its_far_one_does_not() -> None:
    samples = gathered(history(), catalogue=CATALOGUE)
    pairs = mined(samples, encode)
    assert {pair.kind for pair in pairs} >= {Kind.DUTY, Kind.UNIT, Kind.HALVES, Kind.PHRASE}
    for pair in pairs:
        assert pair.anchor.text != pair.near.text
        assert pair.anchor.keeps_from(pair.far), pair
        assert pair.kind in (Kind.MATTER, Kind.HALVES) or pair.anchor.fits & pair.near.owners
    assert mined(samples, encode) == pairs
    assert {pair.kind for pair in mined(samples, encode, Source.DUTIES)} == {Kind.PHRASE}
    assert Kind.PHRASE not in {pair.kind for pair in mined(samples, encode, Source.HISTORY)}


def test_a_text_is_paired_with_the_closest_duty_and_the_closest_wrong_one() -> None:
    text = sample("修桥修桥路", "交通局", matter=0)
    phrases = (sample("修桥", "交通局"), sample("公交", "交通局"), sample("河桥", "水利局"), sample("老人", "卫生局"))
    first = mined(Samples((text,), {}, phrases), encode, Source.HISTORY)[0]
    assert (first.near.text, first.far.text, first.kind) == ("修桥", "河桥", Kind.DUTY)


def test_one_unit_alone_gives_no_pairs() -> None:
    cases = [Case(Suggestion(str(row), f"{DUTIES['交通局'][row % 3]}{row}"), ("交通局",)) for row in range(9)]
    assert mined(gathered(cases), encode, Source.HISTORY) == []


def test_each_text_is_encoded_once() -> None:
    seen: list[str] = []

    def counting(texts: Sequence[str]) -> Any:
        seen.extend(texts)
        return encode(texts)

    once = remembering(counting)
    assert np.array_equal(once(["甲", "乙", "甲"]), encode(["甲", "乙", "甲"]))
    assert once(["乙", "丙"]).shape == (2, 50)
    assert seen == ["甲", "乙", "丙"]


def test_no_matter_is_on_both_sides() -> None:
    samples = Samples(tuple(sample(str(row), "甲", matter=row // 2) for row in range(90)))
    parts = divided(samples, [None] * 90)
    places = [set((np.array(rows) // 2).tolist()) for rows in (parts.learned, parts.watched, parts.asked)]
    assert sum(map(len, places)) == len(set.union(*places)) == 45
    assert all(places)
    assert np.array_equal(divided(samples, [None] * 90).asked, parts.asked)
    assert not np.array_equal(divided(samples, [None] * 90, seed=1).asked, parts.asked)


def test_the_latest_are_asked_where_all_have_dates() -> None:
    samples = Samples(tuple(sample(str(row), "甲", matter=row % 48) for row in range(50)))
    days = [date(2026, 1, 1) + timedelta(days=row) for row in range(50)]
    parts = divided(samples, days)
    assert parts.asked.tolist() == list(range(40, 48)), "48 and 49 repeat what was known before"
    assert set(parts.learned.tolist()) | set(parts.watched.tolist()) == set(range(40))


def test_too_few_to_divide_are_all_learned_from() -> None:
    samples = Samples((*(sample(str(row), "甲", matter=row) for row in range(5)), sample("", "甲", matter=9)))
    parts = divided(samples, [None] * 6)
    assert (parts.learned.tolist(), len(parts.watched), len(parts.asked)) == ([0, 1, 2, 3, 4], 0, 0)


def test_duplicates_and_own_units_are_left_out_of_the_ranking() -> None:
    anchors = [sample("甲", "a"), sample("乙", "b"), sample("丙", "a")]
    nears = [sample("丁", "a"), sample("戊", "b"), sample("己", "a")]
    fars = [sample("庚", "b"), sample("辛", "a"), sample("庚", "b")]
    barred = left_out(anchors, [*nears, *fars])
    assert barred.tolist() == [
        [False, False, True, False, True, False],
        [False, False, False, True, False, True],
        [True, False, False, False, True, False],
    ]


# --- learning ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def needs_torch() -> None:
    pytest.importorskip("torch", reason="the extra `sentence-transformers` is not installed")
    pytest.importorskip("sentence_transformers", reason="the extra `sentence-transformers` is not installed")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny encoder of two layers, which knows nothing."""
    place = tmp_path_factory.mktemp("tiny")
    return install(place / "encoder", source=write_tiny(place / "source"))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "place" / "tuned"


def make(known: Sequence[Case], folder: Path) -> Answers:
    return Triager.train(known, catalogue=CATALOGUE, encoder=folder)


QUICK = Settings(epochs=2, layers=1, rate=2e-3, batch=16)


def tiny_pairs() -> tuple[list[Pair], list[Pair]]:
    samples = gathered(history(), catalogue=CATALOGUE)
    return mined(samples.of(range(45)), encode), mined(samples.of(range(45, 60)), encode, Source.HISTORY)


@pytest.mark.usefixtures("needs_torch")
@pytest.mark.filterwarnings("ignore")
class TestLearning:
    def test_the_loss_falls_and_the_best_weights_are_kept(self, base: Path) -> None:
        pairs, watched = tiny_pairs()
        network = Network(base, layers=1)
        said: list[float] = []
        course = fit(network, pairs, watched, replace(QUICK, epochs=4), lambda _, share: said.append(share))
        losses = [loss for _, loss in course.looks]
        assert course.losses[-1] < course.losses[0]
        assert course.learned
        assert losses[course.best] == min(losses) < losses[0]
        assert said == sorted(said)
        assert said[-1] <= 1
        again = fit(network, pairs, watched, replace(QUICK, epochs=1, rate=1e-9), None)
        assert again.looks[0][1] == pytest.approx(losses[course.best], abs=1e-5), "the best weights are in place"

    def test_it_stops_when_held_out_pairs_get_no_better(self, base: Path) -> None:
        pairs, watched = tiny_pairs()
        wrong = [replace(pair, near=pair.far, far=pair.near) for pair in watched]
        network = Network(base, layers=2)
        before = network.encode(["修路"])
        course = fit(network, pairs, wrong, replace(QUICK, epochs=50, rate=5e-3), None)
        assert course.stop is Stop.NO_NEARER
        assert course.looks[-1][0] < 50 * len(pairs) / QUICK.batch / 2
        if not course.learned:
            assert np.allclose(network.encode(["修路"]), before, atol=1e-6)

    def test_it_stops_when_time_is_up(self, base: Path) -> None:
        course = fit(Network(base, layers=1), *tiny_pairs(), replace(QUICK, epochs=100, seconds=1e-6), None)
        assert (course.stop, course.looks[-1][0], len(course.looks)) == (Stop.TIME, 1, 2)

    def test_the_same_seed_gives_the_same_weights(self, base: Path) -> None:
        import torch

        def learned(seed: int) -> Any:
            network = Network(base, layers=1)
            fit(network, *tiny_pairs(), replace(QUICK, epochs=1, seed=seed), None)
            return network.encode(["建议修路", "河"])

        state = torch.get_rng_state()
        first = learned(0)
        assert np.array_equal(first, learned(0))
        assert not np.array_equal(first, learned(1))
        assert torch.equal(torch.get_rng_state(), state), "nobody else's chance is disturbed"

    def test_only_the_last_layers_change(self, base: Path) -> None:
        network = Network(base, layers=1)
        names = set(network.state())
        assert names
        assert all("encoder.layer.1." in name for name in names)
        whole = dict(network._model.named_parameters())
        before = {name: value.detach().clone() for name, value in whole.items() if name not in names}
        fit(network, *tiny_pairs(), QUICK, None)
        assert all(bool((whole[name] == value).all()) for name, value in before.items())

    def test_vectors_are_those_of_serving(self, base: Path) -> None:
        texts = ["建议修路", "", "希望在村口增设公交站点", "老人，医院。学校的河" * 9]
        theirs = SentenceEncoder.load(base).encode(texts)
        assert (Network(base, layers=1).encode(texts) * theirs).sum(axis=1).min() > 0.98

    def test_a_loss_that_is_no_number_is_told(self, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        network = Network(base, layers=1)
        forward = network.forward
        monkeypatch.setattr(network, "forward", lambda texts: forward(texts) * float("nan"))
        with pytest.raises(EncoderError, match="the loss is nan after 0 steps; try a smaller learning rate"):
            fit(network, *tiny_pairs(), QUICK, None)

    @pytest.mark.parametrize("layers", [0, 3])
    def test_layers_that_are_not_there(self, base: Path, layers: int) -> None:
        with pytest.raises(InputError, match=f"layers: {layers}; this encoder has 2, 1 to 2 of them can learn"):
            Network(base, layers=layers)

    def test_a_folder_without_weights_cannot_be_tuned(self, tmp_path: Path) -> None:
        place = install(tmp_path / "encoder", source=write_tiny(tmp_path / "source"))
        (place / "model.safetensors").unlink()
        with pytest.raises(EncoderError, match="holds no weights of BERT or RoBERTa"):
            Network(place, layers=1)

    def test_a_folder_that_is_replaced_meanwhile_is_told(self, base: Path, tmp_path: Path) -> None:
        other = SentenceEncoder.load(install(tmp_path / "other", source=write_tiny(tmp_path / "source", seed=5)))
        check_same(Network(base, layers=1), SentenceEncoder.load(base))
        with pytest.raises(EncoderError, match="was replaced while it was being tuned"):
            check_same(Network(base, layers=1), other)

    def test_a_damaged_folder_is_told(self, tmp_path: Path) -> None:
        place = install(tmp_path / "encoder", source=write_tiny(tmp_path / "source"))
        change(place / "config.json", num_attention_heads=2)
        with pytest.raises(EncoderError, match=r"config\.json: SHA-256 is .* the file was changed"):
            Network(place, layers=1)


# --- the folder and the comparison ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tuned(base: Path, needs_torch: None, tmp_path_factory: pytest.TempPathFactory) -> Tuned:
    place = tmp_path_factory.mktemp("tuned") / "encoder"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch and transformers talk about their own next versions
        return tune(history(), place, make, encoder=base, catalogue=CATALOGUE, settings=QUICK)


def test_the_folder_is_whole_and_says_how_it_came(tuned: Tuned, base: Path) -> None:
    assert tuned.folder is not None
    assert is_whole(tuned.folder)
    assert left_beside(tuned.folder) == ["encoder"]
    manifest, was = read_manifest(tuned.folder), read_manifest(base)
    assert manifest.name == f"{was.name}-tuned"
    assert was.fingerprint in manifest.source
    assert manifest.fingerprint != was.fingerprint
    assert (manifest.prompt, manifest.max_tokens) == (was.prompt, was.max_tokens)
    found = json.loads((tuned.folder / RECORD).read_bytes())
    assert found["base"] == was.fingerprint
    assert found["comparison"]["verdict"] == str(tuned.comparison.verdict)
    assert {measure["key"] for measure in found["comparison"]["measures"]} >= {"lead_mrr", "lead_top_5", "title_body"}
    assert found["cases"] == tuned.parts
    assert sum(tuned.parts.values()) == 60
    assert tuned.agreement.float32 > 0.999
    assert tuned.agreement.int8 > 0.97
    told = (tuned.folder / "README.md").read_text(encoding="utf-8")
    assert was.fingerprint in told
    assert "lead right first" in told
    assert not (base / RECORD).exists()


def test_no_text_of_the_cases_is_in_the_folder(tuned: Tuned) -> None:
    assert tuned.folder is not None
    for name in (RECORD, "README.md", MANIFEST):
        said = (tuned.folder / name).read_text(encoding="utf-8")
        assert not any(case.suggestion.title in said for case in history())


@pytest.mark.filterwarnings("ignore")
def test_both_readers_give_the_same_vectors(tuned: Tuned) -> None:
    from sentence_transformers import SentenceTransformer

    assert tuned.folder is not None
    texts = ["建议修路", "希望在村口增设公交站点", "老人，医院。学校的河", "河" * 60]
    theirs = SentenceTransformer(str(tuned.folder), device="cpu", local_files_only=True).encode(texts)
    assert (theirs * SentenceEncoder.load(tuned.folder).encode(texts)).sum(axis=1).min() > 0.98


@pytest.mark.filterwarnings("ignore")
def test_a_tuned_encoder_can_be_tuned_again_and_installed(tuned: Tuned, out: Path) -> None:
    assert tuned.folder is not None
    settings = replace(QUICK, epochs=1, source=Source.DUTIES)
    again = tune(history(), out, make, encoder=tuned.folder, catalogue=CATALOGUE, settings=settings)
    assert read_manifest(out).name == read_manifest(tuned.folder).name
    assert [kind for kind, count in again.pairs.items() if count] == [Kind.PHRASE]
    copied = install(out.parent / "copied", source=out)
    assert read_manifest(copied).fingerprint == read_manifest(out).fingerprint


def test_an_encoder_of_ones_own_is_foreign_to_the_grades(tuned: Tuned) -> None:
    from triage.duplicates.calibration import shipped

    assert tuned.folder is not None
    triager = Triager.train(history(24), catalogue=CATALOGUE, encoder=tuned.folder)
    assert triager.sentence is not None
    assert triager.sentence.fingerprint not in shipped()
    same = Suggestion("1", "建议在村口增设公交站点，老人希望修路")
    answers = triager.together([same, replace(same, id="2"), Suggestion("3", "医院门口的灯")]).answers
    assert [hit.id for hit in answers[0].duplicates[:1]] == ["2"], "wording decides alone"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("needs_torch")
class TestTheDoor:
    def test_without_cases_nothing_is_proven(self, base: Path, out: Path) -> None:
        tuned = tune([], out, make, encoder=base, catalogue=CATALOGUE, settings=QUICK)
        assert tuned.comparison.verdict is Verdict.UNPROVEN
        assert not tuned.better
        assert is_whole(out)
        assert "Keep the base encoder until cases show" in (out / "README.md").read_text(encoding="utf-8")

    def test_only_if_better_writes_nothing_else(self, base: Path, out: Path) -> None:
        settings = replace(QUICK, epochs=1, rate=1e-9, only_if_better=True)
        tuned = tune(history(), out, make, encoder=base, catalogue=CATALOGUE, settings=settings)
        assert tuned.folder is None
        assert left_beside(out) == []

    @pytest.mark.parametrize("cases", [[], history(4)[:1], [Case(Suggestion("1", "修路"))] * 3])
    def test_too_little_gives_no_pairs(self, base: Path, out: Path, cases: list[Case]) -> None:
        settings = replace(QUICK, source=Source.HISTORY)
        alone = Catalogue((Unit("u", "交通局", duties=("修路", "修桥")),))
        cases = [replace(case, leads=case.leads and ("交通局",), co=()) for case in cases]
        with pytest.raises(InputError, match=r"pairs to learn from and .* Wanted are texts of two units or more"):
            tune(cases, out, make, encoder=base, catalogue=alone, settings=settings)
        assert left_beside(out) == []

    def test_every_unit_another_and_no_duties(self, base: Path, out: Path) -> None:
        cases = [Case(Suggestion(str(row), f"建议修路{row}"), (f"第{row}甲乙公司",)) for row in range(12)]
        with pytest.raises(InputError, match="give 0 pairs"):
            tune(cases, out, make, encoder=base, settings=replace(QUICK, source=Source.HISTORY))

    def test_an_interruption_leaves_nothing(self, base: Path, out: Path) -> None:
        def stop(step: str, share: float) -> None:
            if step == "comparing":
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            tune(history(), out, make, encoder=base, catalogue=CATALOGUE, settings=QUICK, progress=stop)
        assert left_beside(out) == []

    @pytest.mark.machine
    @pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
    def test_a_killed_training_leaves_nothing(self, base: Path, out: Path, root: Path) -> None:
        code = (
            "import os, signal, sys; from triage.learning.tuning.tune import tune\n"
            "from triage.learning.tuning.fitting import Settings\n"
            "from triage.catalogue import Catalogue, Unit\n"
            "units = tuple(Unit(a, a + '局', duties=tuple(a + b for b in '路桥灯河站')) for a in '修老学')\n"
            "def stop(step, share):\n"
            "    if step.startswith('learning'): os.kill(os.getpid(), signal.SIGKILL)\n"
            "tune([], sys.argv[1], None, encoder=sys.argv[2], catalogue=Catalogue(units), settings=Settings(layers=1),"
            " progress=stop)"
        )
        done = subprocess.run([sys.executable, "-c", code, str(out), str(base)], check=False, cwd=root)
        assert done.returncode == -signal.SIGKILL
        assert left_beside(out) == []

    def test_a_graph_that_says_something_else_is_not_written(
        self, base: Path, out: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        encode_before = Network.encode
        monkeypatch.setattr(Network, "encode", lambda self, texts: -encode_before(self, texts))
        with pytest.raises(EncoderError, match="the float graph gives other vectors than torch"):
            tune([], out, make, encoder=base, catalogue=CATALOGUE, settings=QUICK)
        assert left_beside(out) == []


def test_a_target_that_is_taken_is_told_before_any_work(base: Path, tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="an encoder stands here already"):
        tune(history(), base, make, encoder=base)
    (tmp_path / "letters.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(EncoderError, match="exists and is no encoder folder"):
        tune(history(), tmp_path, make, encoder=base)


def test_a_missing_package_is_named(base: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find = networks.importlib.util.find_spec  # type: ignore[attr-defined]
    gone = ("torch", "sentence_transformers")
    monkeypatch.setattr(networks.importlib.util, "find_spec", lambda name: None if name in gone else find(name))  # type: ignore[attr-defined]
    with pytest.raises(EncoderError, match=r"needs the packages torch, sentence-transformers, .* Install"):
        tune(history(), out, make, encoder=base)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"epochs": 0}, "epochs: 0; allowed is 1 to 100"),
        ({"rate": float("nan")}, "rate: nan; allowed is above 0"),
        ({"rate": 1.0}, "rate: 1.0"),
        ({"seconds": 0.0}, "seconds: 0.0; allowed is above 0"),
        ({"batch": 1}, "batch: 1"),
    ],
)
def test_settings_that_make_no_sense(values: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        Settings(**values)


# --- figures ----------------------------------------------------------------------------------------------------------


def scored(leads: tuple[str, ...], answered: str, co: tuple[str, ...] = (), helped: str = "") -> Scored:
    answer = Triaged(
        id="1",
        topics=(),
        mode=Mode.SOLE,
        decision=Decision.CHOOSE,
        lead=tuple(UnitScore(unit, 0.5) for unit in answered),
        co=tuple(UnitScore(unit, 0.5) for unit in helped),
    )
    return Scored(answer, leads, co)


def test_the_measures_of_answers() -> None:
    found = of_answers(
        [scored(("乙",), "甲乙丙", ("丁", "戊"), "丁己庚辛壬戊"), scored((), "甲"), scored(("癸",), "甲")]
    )
    assert found["lead_mrr"][0] == 0.5
    assert np.isnan(found["lead_mrr"][1])
    assert found["lead_mrr"][2] < 0.01
    assert [found[f"lead_top_{k}"][0] for k in (1, 3)] == [0, 1]
    assert (found["co_recall_5"][0], found["co_recall_10"][0]) == (0.5, 1)
    assert np.isnan(found["topic"]).all()


@pytest.mark.parametrize(
    ("gains", "verdict"),
    [
        ({"lead_mrr": 0.5}, Verdict.BETTER),
        ({"lead_mrr": -0.5}, Verdict.WORSE),
        ({"lead_mrr": 0.5, "co_recall_5": -0.5}, Verdict.WORSE),
        ({"lead_mrr": 0.0}, Verdict.SAME),
        ({"co_recall_5": 0.5, "lead_mrr": 0.0}, Verdict.SAME),
        ({"topic": 0.5}, Verdict.BETTER),
        ({"title_body": -0.5}, Verdict.UNPROVEN),
    ],
)
def test_only_a_sure_gain_is_better(gains: dict[str, float], verdict: Verdict) -> None:
    chance = np.random.default_rng(0)
    base = {key: chance.random(80) / 2 for key in gains}
    tuned = {key: base[key] + gain + chance.normal(0, 0.1, 80) * bool(gain) for key, gain in gains.items()}
    comparison = compared(base, tuned, {key: np.arange(80) for key in gains})
    assert comparison.verdict is verdict
    for measure in comparison.measures:
        assert measure.difference == pytest.approx(gains[measure.key], abs=0.05)
        assert measure.interval is not None
        assert measure.interval[0] <= measure.difference <= measure.interval[1]


def test_copies_are_drawn_together_and_one_group_proves_nothing() -> None:
    base, tuned = {"lead_mrr": np.zeros(60)}, {"lead_mrr": np.tile([1.0, 0.0], 30)}
    alone = compared(base, tuned, {"lead_mrr": np.arange(60)}).measures[0].interval
    together = compared(base, tuned, {"lead_mrr": np.arange(60) // 15 * 2 + np.arange(60) % 2}).measures[0].interval
    assert alone is not None
    assert together is not None
    assert together[1] - together[0] > alone[1] - alone[0]
    nothing = compared(base, tuned, {"lead_mrr": np.zeros(60, np.intp)})
    assert (nothing.measures[0].interval, nothing.verdict) == (None, Verdict.UNPROVEN)


def test_the_vectors_are_measured_on_our_own_pairs(base: Path) -> None:
    found = of_vectors(SentenceEncoder.load(base))
    assert set(found) == {"title_body", "same_matter"}
    assert all(((values >= 0) & (values <= 1)).all() and len(values) > 20 for values in found.values())


# --- the command ------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore")
@pytest.mark.usefixtures("needs_torch")
def test_the_command_tunes_compares_and_says_what_to_do(
    command: Callable[..., Said], base: Path, out: Path, tmp_path: Path
) -> None:
    path = tmp_path / "cases.csv"
    rows = [f"{c.suggestion.id},{c.suggestion.title},{c.leads[0]}" for c in history()]
    path.write_text("\n".join(["id,title,lead", *rows]), encoding="utf-8")
    options = ("--from", "history", "--encoder", base, "--epochs", 1, "--layers", 1, "--seed", 3, "--seconds", 60)
    said = command("encoder", "tune", path, "--out", out, *options)
    assert said.code == 0, said.err
    assert "lead right first" in said.out
    assert "base encoder" in said.out or "Use it" in said.out
    assert json.loads((out / RECORD).read_bytes())["settings"]["seed"] == 3
    assert command("encoder", "tune", path, "--out", out, *options).code == 2
    again = command("encoder", "tune", path, "--out", out.parent / "no", *options, "--rate", 1e-9, "--only-if-better")
    assert again.code == 0
    assert "no folder was written" in again.out
    assert left_beside(out) == ["tuned"]


@pytest.mark.usefixtures("needs_torch")
def test_the_command_names_a_folder_without_an_encoder(command: Callable[..., Said], out: Path, tmp_path: Path) -> None:
    said = command("encoder", "tune", "--out", out, "--encoder", tmp_path / "nowhere")
    assert said.code == 2
    assert "no encoder here" in said.err


def test_the_command_names_what_is_missing(
    command: Callable[..., Said], out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIAGE_ENCODER", str(tmp_path / "nowhere"))
    monkeypatch.chdir(tmp_path)
    said = command("encoder", "tune", "--out", out)
    assert said.code == 2
    assert "triage encoder install" in said.err
