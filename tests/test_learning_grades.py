"""Learning the grades: it can be repeated, it holds on pairs that it has not seen, and odd input is refused."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from tests.conftest import Said
from tests.test_encoders_adopt import write_tiny
from triage.duplicates.calibration import GRADES, Calibration, calibration_for, shipped
from triage.duplicates.features import FEATURES
from triage.duplicates.grader import LEARNED, TERMS
from triage.duplicates.index import DuplicateIndex
from triage.duplicates.sketch import MEANING
from triage.encoders.cache import CachedEncoder
from triage.encoders.folder import is_whole
from triage.encoders.install import install
from triage.encoders.sentence import SentenceEncoder
from triage.errors import EncoderError, InputError
from triage.learning import grades
from triage.learning.grades import _directions, calibrate, fitted, grade_folder, graded, standing
from triage.learning.pairs import RANK, Filed, LabelledPair, our_pairs, our_sessions
from triage.records import Case, Grade, Suggestion

FLOOR = 0.90
"""Average precision of same matter or closer on our test pairs."""
FLOOR_OF_WORDING = 0.75
"""The same without a sentence encoder."""

ROADS = "河东路 解放路 人民路 学院路 滨江路 长安街 胜利街 建设路".split()
ASKS = ("加装路灯", "增设公交站点", "修缮路面", "新建老年食堂", "清理排污口", "划定停车位")


def suggestion(name: str, text: str) -> Suggestion:
    return Suggestion(name, f"关于{text}的建议")


def written(seed: int = 1) -> list[LabelledPair]:
    """Pairs of all grades, few and plain."""
    chance = random.Random(seed)
    pairs = []
    for number in range(40):
        road, other = chance.sample(ROADS, 2)
        ask, another = chance.sample(ASKS, 2)
        texts: dict[Grade | None, tuple[str, str]] = {
            Grade.IDENTICAL: (f"在{road}{ask}", f"在{road}{ask}"),
            Grade.REWRITTEN: (f"在{road}{ask}方便群众", f"在{road}{ask}"),
            Grade.SAME_MATTER: (f"在{road}{ask}", f"{road}尽快{ask}"),
            Grade.RELATED: (f"在{road}{ask}", f"在{other}{ask}"),
            None: (f"在{road}{ask}", f"保护{other}旁的古树{another}"),
        }
        for grade, (here, there) in texts.items():
            name = f"{number}/{grade}"
            pairs.append(LabelledPair(name, suggestion("a", here), suggestion("b", there), grade, "", name, name))
    return pairs


def ranking(pairs: list[LabelledPair], calibration: Calibration, sentence: Any) -> tuple[Any, Any]:
    """Whether each pair is one matter, and the log odds that the calibration gives it."""
    logits = calibration.grader.logits(graded(pairs, calibration, sentence))
    right = np.array([pair.rank >= RANK[Grade.SAME_MATTER] for pair in pairs])
    return right, logits[:, LEARNED.index(Grade.SAME_MATTER)]


def test_a_calibration_learns_from_pairs_of_ones_own(counting: Any) -> None:
    session = [
        Filed(suggestion(f"s{number}", f"在{road}{ask}"), f"{road}{ask}", ask)
        for number, (road, ask) in enumerate((road, ask) for road in ROADS[:4] for ask in ASKS[:3])
    ]
    counting.fingerprint, counting.dimension = "mine", 48
    for sentence in (None, counting):
        made = calibrate(sentence, written(), [session, session[:1], session[:3], []], letters=[])
        assert made.encoder == ("" if sentence is None else "mine")
        assert np.isfinite(made.grader.weights).all()
        if made.directions is not None:
            assert made.directions.shape == (48, MEANING)
        right, close = ranking(written(2), made, sentence)
        assert average_precision_score(right, close) > 0.9
        with DuplicateIndex.create(sentence=sentence, calibration=made) as index:
            index.add([Case(suggestion("x", f"在河东路{ASKS[0]}")), Case(suggestion("y", f"在解放路{ASKS[4]}"))])
            (hits,) = index.query([suggestion("q", f"河东路尽快{ASKS[0]}")], least=Grade.SAME_MATTER)
            assert [hit.id for hit in hits] == ["x"]


def test_titles_and_letters_are_searched_by_what_they_say_not_by_what_they_are() -> None:
    chance = np.random.default_rng(0)
    kinds, short = chance.normal(size=(2, 48)), np.arange(200) % 2 == 0
    dense = (np.where(short[:, None], *kinds) + chance.normal(size=(200, 48)) * 0.3).astype(np.float32)
    found = _directions(dense, short)
    assert found.shape == (48, MEANING)
    assert found.T @ found == pytest.approx(np.diag([1.0] * 46 + [0.0] * (MEANING - 46)), abs=1e-4)
    for kind in (short, ~short):
        assert np.linalg.norm(dense[kind].mean(axis=0)) > 3
        assert np.linalg.norm(dense[kind].mean(axis=0) @ found) < 1e-3


def test_progress_is_told_and_missing_grades_are(counting: Any) -> None:
    with pytest.raises(InputError, match="no pairs that are unrelated;"):
        calibrate(None, [pair for pair in written() if pair.grade is not None], [], letters=[])
    with pytest.raises(InputError, match="no pairs that are related, unrelated;"):
        calibrate(None, [pair for pair in written() if pair.rank > 1], [], letters=[])
    counting.fingerprint, counting.dimension = "mine", 48
    told: list[tuple[int, int]] = []
    calibrate(counting, written(), [], letters=[], progress=lambda done, total: told.append((done, total)))
    assert told
    assert all(done <= total for done, total in told)


def test_letters_on_matters_of_their_own_teach_how_rare_one_matter_is(
    counting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grades, "APART", 2.0)  # all of these lie near each other
    counting.fingerprint, counting.dimension = "mine", 48
    letters = [
        Suggestion(f"l{number}", f"{road}的事", f"我住在{road}，希望{ask}，请有关部门尽快答复。")
        for number, (road, ask) in enumerate((road, ask) for road in ROADS for ask in ASKS[:3])
    ]
    near = [
        LabelledPair(str(number), one, other, Grade.RELATED) for number, (one, other) in enumerate(pairwise(letters))
    ]

    def called_one_matter(letters: list[Suggestion]) -> float:
        made = calibrate(counting, written(), [], letters=letters)
        logits = made.grader.logits(graded(near, made, counting))[:, LEARNED.index(Grade.SAME_MATTER)]
        return float(logits.mean())

    assert called_one_matter(letters) < called_one_matter([])


@pytest.fixture
def own_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An encoder that nobody has learned grades for, and few texts to learn them from."""
    few = partial(grades.calibrate, pairs=written(), sessions=[], letters=[])
    monkeypatch.setattr(grades, "calibrate", lambda sentence, progress=None: few(sentence, progress=progress))
    return install(tmp_path / "encoder", source=write_tiny(tmp_path / "source"))


def test_grades_of_ones_own_encoder_stand_in_its_folder(own_encoder: Path) -> None:
    before = SentenceEncoder.load(own_encoder)
    assert calibration_for(before) is None
    with pytest.raises(InputError, match=r"no calibration for sentence encoder .* `triage encoder grade`"):
        DuplicateIndex.create(sentence=before)
    made = grade_folder(own_encoder)
    assert is_whole(own_encoder)
    after = SentenceEncoder.load(own_encoder)
    assert after.fingerprint == before.fingerprint == made.encoder
    found = calibration_for(after)
    assert found is not None
    assert np.allclose(found.grader.weights, made.grader.weights, atol=1e-5)
    with DuplicateIndex.create(sentence=after) as index:
        index.add([Case(suggestion("x", f"在河东路{ASKS[0]}"))])
        assert index.info()["encoder"] == after.fingerprint
    assert calibration_for(CachedEncoder(after)) is found
    shorter = SentenceEncoder.load(own_encoder, max_tokens=12)
    assert calibration_for(shorter) is None, "texts that are cut elsewhere have other vectors"


def test_damaged_grades_are_told(own_encoder: Path) -> None:
    grade_folder(own_encoder)
    (own_encoder / GRADES).write_text("{}", encoding="utf-8")
    with pytest.raises(EncoderError, match=r"grades\.json: cannot be read \(SHA-256 .*`triage encoder grade`"):
        calibration_for(SentenceEncoder.load(own_encoder))


def test_an_interrupted_learning_leaves_the_folder_as_it_was(own_encoder: Path) -> None:
    def stop(done: int, count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grade_folder(own_encoder, stop)
    assert is_whole(own_encoder)
    assert not (own_encoder / GRADES).exists()
    assert [path.name for path in own_encoder.parent.glob("*encoder*")] == ["encoder"]


def test_the_command_grades_and_says_how_well(own_encoder: Path, command: Callable[..., Said]) -> None:
    said = command("encoder", "grade", own_encoder)
    assert said.code == 0, said.err
    assert "average precision 0." in said.out
    assert calibration_for(SentenceEncoder.load(own_encoder)) is not None


def test_what_ships_is_not_learned_again(encoder_folder: Path, command: Callable[..., Said]) -> None:
    if SentenceEncoder.load(encoder_folder).fingerprint not in shipped():
        pytest.skip("the encoder that is installed is not the one that the calibration is for")
    assert "the grades for this encoder come with the library" in command("encoder", "grade", encoder_folder).out
    assert not (encoder_folder / GRADES).exists()


def test_weights_follow_the_features() -> None:
    chance = np.random.default_rng(1)
    features = chance.uniform(size=(600, len(FEATURES))).astype(np.float32)
    place = FEATURES.index("place_conflict")
    near = FEATURES.index("matter")
    ranks = (1 + (features[:, near] > 0.5) * 2 - (features[:, place] > 0.5)).clip(0, 4).astype(np.intp)
    grader = fitted(features, ranks, np.ones(600))
    weights = dict(zip(TERMS, grader.weights[LEARNED.index(Grade.SAME_MATTER)], strict=True))
    assert weights["place_conflict"] < 0 <= weights["matter"]
    logits = grader.logits(features)[:, LEARNED.index(Grade.SAME_MATTER)]
    assert average_precision_score(ranks >= RANK[Grade.SAME_MATTER], logits) > 0.95


def test_wording_alone_holds() -> None:
    right, close = ranking(our_pairs("test"), shipped()[""], None)
    found = average_precision_score(right, close)
    assert found >= FLOOR_OF_WORDING
    assert standing(shipped()[""], None) == pytest.approx(found, abs=1e-4)


def test_all_calibrations_come_from_the_same_texts() -> None:
    """One for the adapted encoder, one for it as published, one for wording alone."""
    one, *others = shipped().values()
    assert len(others) == 2
    assert all(other.rarity.texts == one.rarity.texts for other in others)
    assert all(np.array_equal(other.rarity.counts, one.rarity.counts) for other in others)


@pytest.fixture(scope="module")
def sentence(encoder_folder: Path) -> SentenceEncoder:
    found = SentenceEncoder.load(encoder_folder)
    if found.fingerprint not in shipped():
        pytest.skip("the encoder that is installed is not the one that the calibration is for")
    return found


def test_meaning_and_wording_hold(sentence: SentenceEncoder) -> None:
    right, close = ranking(our_pairs("test"), shipped()[sentence.fingerprint], sentence)
    assert average_precision_score(right, close) >= FLOOR


def test_what_ships_can_be_learned_again(request: pytest.FixtureRequest, sentence: SentenceEncoder) -> None:
    if not request.config.getoption("--complete"):
        pytest.skip("learning takes a minute and a half, most of it encoding: it is done with --complete")
    check_the_same(calibrate(sentence), shipped()[sentence.fingerprint])


def check_the_same(again: Calibration, known: Calibration) -> None:
    """Two calibrations give the same numbers, whichever machine they were learned on."""
    again = Calibration.from_json(again.to_json())
    assert again.rarity.texts == known.rarity.texts, "learn it again: pairs or sessions have changed"
    assert np.array_equal(again.rarity.counts, known.rarity.counts)
    assert (again.metric is None) is (known.metric is None)
    # Of a sum of terms that nearly repeat each other the parts may differ, the sum does not.
    chance = np.random.default_rng(1)
    features = chance.uniform(size=(500, len(FEATURES))).astype(np.float32)
    assert again.grader.probabilities(features) == pytest.approx(known.grader.probabilities(features), abs=0.02)
    if again.metric is not None and known.metric is not None:
        dense = chance.normal(size=(60, again.dimension)).astype(np.float32)
        dense /= np.linalg.norm(dense, axis=1, keepdims=True)
        for row in dense[:20]:
            assert again.nearness(row, dense, 60) == pytest.approx(known.nearness(row, dense, 60), abs=0.02)
        # Directions may point the other way, or be mixed where they spread alike; what they leave of a vector stays.
        left, kept = dense @ again.directions, dense @ known.directions  # type: ignore[operator]
        assert left @ left.T == pytest.approx(kept @ kept.T, abs=0.02)


def test_the_sessions_are_all_for_training() -> None:
    assert sum(map(len, our_sessions())) > 500
