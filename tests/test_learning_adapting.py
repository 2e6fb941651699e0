"""How the encoder's adapter is learned: what belongs together comes nearer, the same way every time."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.test_encoders_adopt import tiny_checkpoint, write_tiny
from triage.encoders import sbert, tokenizer
from triage.encoders.adapter import Adapter
from triage.encoders.install import install
from triage.errors import EncoderError
from triage.learning import adapting
from triage.learning.adapting import READ, Recipe, adapt
from triage.learning.pairs import Filed, LabelledPair
from triage.learning.tuning import network as networks
from triage.records import Case, Grade, Suggestion

MATTERS = {
    "路": ("修路", "路灯", "村口的路"),
    "学校": ("学校的桥", "学校医院", "学校门口的站点"),
    "老人": ("老人公交", "老人医院", "老人在河"),
}
WAYS = ("建议{}", "希望在{}", "{}，增设")
CASES = [Case(Suggestion(str(number), f"建议学校{'abc'[number]}"), ("教育局",)) for number in range(3)]
QUICK = Recipe(rank=4, steps=40, batch=16, rate=1e-2)


def session(letters: bool) -> list[Filed]:
    """Three topics of three matters, each said in three ways, in the tiny tokenizer's few characters."""
    return [
        Filed(Suggestion(f"{matter}{way}", title, f"{title}。{matter * 60}" if letters else ""), matter, topic)
        for topic, matters in MATTERS.items()
        for matter in matters
        for way, title in enumerate(form.format(matter) for form in WAYS)
    ]


def pair(number: int, one: Suggestion, other: Suggestion, grade: Grade | None) -> LabelledPair:
    return LabelledPair(str(number), one, other, grade)


PAIRS = [
    *(pair(i, Suggestion(title=f"河桥{i}修"), Suggestion(title=f"修河桥{i}"), Grade.SAME_MATTER) for i in range(4)),
    *(pair(i, Suggestion(title=f"灯{i}"), Suggestion(title=f"公交{i}"), Grade.RELATED) for i in range(4, 6)),
    pair(6, Suggestion(title="只有标题"), Suggestion(title="标题", text="还有正文"), Grade.SAME_MATTER),
]


@pytest.fixture(autouse=True)
def _small_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapting, "our_sessions", lambda: [session(letters=False), session(letters=True)])
    monkeypatch.setattr(adapting, "our_pairs", lambda part: PAIRS)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny encoder of two layers, which knows nothing."""
    place = tmp_path_factory.mktemp("adapting")
    return install(place / "encoder", source=write_tiny(place / "source"))


@pytest.fixture
def needs_torch() -> None:
    pytest.importorskip("torch", reason="the extra `sentence-transformers` is not installed")
    pytest.importorskip("sentence_transformers", reason="the extra `sentence-transformers` is not installed")


# --- what stands in a batch -------------------------------------------------------------------------------------------


def encode(texts: Sequence[str]) -> Any:
    return np.array([[len(set(text) & set(letter)) for letter in "学校老人路"] for text in texts], np.float32)


def batches(recipe: Recipe) -> list[list[tuple[str, str]]]:
    return list(adapting._Batches(CASES, recipe, encode).drawn())


def test_the_same_seed_draws_the_same_batches() -> None:
    drawn = batches(QUICK)
    assert len(drawn) == QUICK.steps
    assert drawn == batches(QUICK)
    assert drawn != batches(replace(QUICK, seed=1))


def test_texts_of_one_name_are_those_of_one_matter() -> None:
    matter_of = {adapting._read(entry.suggestion): entry.matter for entry in (*session(False), *session(True))}
    for batch in batches(replace(QUICK, duties=0.0)):
        of_sessions = [(text, name) for text, name in batch if not name.startswith("pair")]
        assert len(of_sessions) >= QUICK.batch // 2
        assert all(matter_of[text] == name for text, name in of_sessions)
        assert all(0 < len(text) <= READ for text, _ in batch)


def test_pairs_have_one_name_only_if_they_are_one_matter_and_of_one_kind() -> None:
    drawn = [(text, name) for batch in batches(replace(QUICK, duties=0.0)) for text, name in batch]
    told = [(text, name.endswith("other")) for text, name in drawn if name.startswith("pair")]
    assert {text for text, apart in told if apart} == {"公交4", "公交5"}
    assert {"修河桥0", "河桥0修", "灯4"} <= {text for text, apart in told if not apart}
    assert "只有标题" not in {text for text, _ in told}


def test_cases_stand_beside_a_duty_of_their_lead() -> None:
    for batch in batches(replace(QUICK, duties=1.0)):
        (case, unit), (duty, other) = batch
        assert unit == other
        assert case in {adapting._read(one.suggestion) for one in CASES}
        assert duty not in {"", case}


def test_without_cases_every_batch_is_of_matters() -> None:
    drawn = list(adapting._Batches([], replace(QUICK, duties=1.0), encode).drawn())
    assert all(any(name.startswith("pair") for _, name in batch) for batch in drawn)


def test_a_lone_letter_is_learned_with_its_own_title(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = [Filed(Suggestion("1", "修路", "学校医院"), "matter", "topic")]
    monkeypatch.setattr(adapting, "our_sessions", lambda: [alone])
    monkeypatch.setattr(adapting, "REWRITTEN", 0.0)
    (batch,) = batches(Recipe(steps=1, batch=2, letters=1.0, duties=0.0))
    assert batch == [("修路", "matter"), ("学校医院", "matter")]


# --- what is learned --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("needs_torch")
@pytest.mark.filterwarnings("ignore")
class TestLearning:
    def test_the_loss_falls(self, base: Path) -> None:
        said: list[tuple[int, int, float]] = []
        adapt(base, CASES, QUICK, lambda *told: said.append(told))
        assert [(step, steps) for step, steps, _ in said] == [(step, 40) for step in range(1, 41)]
        losses = np.array([loss for _, _, loss in said])
        assert losses[-10:].mean() < 0.8 * losses[:10].mean()

    def test_the_same_seed_gives_the_same_adapter(self, base: Path) -> None:
        import torch

        some = replace(QUICK, steps=5)
        state = torch.get_rng_state()
        first = adapt(base, CASES, some).to_bytes()
        assert adapt(base, CASES, some).to_bytes() == first
        assert adapt(base, CASES, replace(some, seed=1)).to_bytes() != first
        assert torch.equal(torch.get_rng_state(), state), "nobody else's chance is disturbed"

    def test_every_linear_layer_changes_by_a_matrix_of_the_rank(self, base: Path) -> None:
        found = adapt(base, CASES, replace(QUICK, steps=3))
        linear = {name.removesuffix(".weight") for name in tiny_checkpoint().bert.weights if name.startswith("enc")}
        assert found.changes.keys() == {name for name in linear if not name.endswith(("bias", "LayerNorm"))}
        for down, up in found.changes.values():
            assert (down.shape[0], up.shape[1]) == (4, 4)
            assert np.abs(up @ down).max() > 0

    def test_merged_it_gives_the_vectors_of_the_network_that_learned(self, base: Path, tmp_path: Path) -> None:
        network = learned(base, replace(QUICK, kept=1.0))
        texts = [entry.suggestion.title for entry in session(letters=False)]
        wanted, before = network.encode(texts), vectors(base, texts)
        assert np.abs(wanted - before).max() > 0.01, "something was learned"
        merged = network.adapter()
        assert vectors(write_merged(tmp_path / "merged", merged), texts) == pytest.approx(wanted, abs=1e-4)
        small = Adapter.from_bytes(merged.to_bytes())
        rounded = vectors(write_merged(tmp_path / "rounded", small), texts)
        assert (rounded * wanted).sum(axis=1).min() > 0.999

    def test_of_what_was_learned_a_share_is_kept(self, base: Path) -> None:
        whole, half = (learned(base, replace(QUICK, kept=kept)).adapter() for kept in (1.0, 0.5))
        for name, (down, up) in whole.changes.items():
            assert half.changes[name][0] == pytest.approx(down)
            assert half.changes[name][1] == pytest.approx(0.5 * up)

    def test_a_text_without_a_partner_counts_for_the_others_only(self) -> None:
        import torch

        rows = torch.nn.functional.normalize(torch.tensor([[1.0, 0.1], [1.0, -0.1], [0.0, 1.0]]), dim=1)
        near = adapting._loss(rows, ["a", "a", "b"], 0.05)
        assert abs(float(near)) < 0.01
        assert float(adapting._loss(rows, ["a", "b", "a"], 0.05)) > 5

    def test_a_folder_that_is_no_encoder_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(EncoderError):
            adapt(tmp_path, CASES, QUICK)

    def test_the_command_writes_what_was_learned(
        self, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cases, out = tmp_path / "cases.csv", tmp_path / "adapter.npz"
        cases.write_text("id,title,lead\n1,建议学校,教育局\n2,修学校,教育局\n", encoding="utf-8")
        monkeypatch.setattr(adapting, "Recipe", lambda: replace(QUICK, steps=2))
        monkeypatch.setattr(sys, "argv", ["adapting", str(base), str(cases), str(out)])
        adapting.main()
        assert len(Adapter.from_bytes(out.read_bytes()).changes) == 12


def learned(base: Path, recipe: Recipe) -> Any:
    """A network whose thin matrices are some, as after a training."""
    import torch

    network = adapting._Network(base, recipe)
    chance = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for matrix in network.parameters:
            matrix.add_(0.1 * torch.randn(matrix.shape, generator=chance))
    return network


def vectors(folder: Path, texts: Sequence[str]) -> Any:
    """What an encoder says to whom nothing was added."""
    return adapting._Network(folder, QUICK).encode(texts)


def write_merged(place: Path, adapter: Adapter) -> Path:
    checkpoint = tiny_checkpoint()
    checkpoint = replace(checkpoint, bert=adapter.merged(checkpoint.bert))
    source = place / "source"
    source.mkdir(parents=True)
    tokenizer.write(checkpoint, source, 40)
    sbert.write(source, checkpoint, prompts={"query": "a"}, max_tokens=40)
    return install(place / "encoder", source=source)


# --- what cannot be ---------------------------------------------------------------------------------------------------


def test_a_missing_torch_is_named(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find = networks.importlib.util.find_spec  # type: ignore[attr-defined]
    gone = ("torch", "sentence_transformers")
    monkeypatch.setattr(networks.importlib.util, "find_spec", lambda name: None if name in gone else find(name))  # type: ignore[attr-defined]
    with pytest.raises(EncoderError, match=r"needs the packages torch, sentence-transformers.* Install"):
        adapt(base, CASES, QUICK)


def test_the_command_says_how_it_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["adapting"])
    with pytest.raises(SystemExit, match=r"usage: .* FOLDER CASES OUT"):
        adapting.main()


def test_nobody_elses_chance_is_used() -> None:
    state = random.getstate()
    batches(QUICK)
    assert random.getstate() == state
