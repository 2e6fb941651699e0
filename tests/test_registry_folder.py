"""Bundles in, one of them in use, the way back; and what is damaged, foreign, taken, killed or in another's hands."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from triage import (
    BundleError,
    Case,
    DamagedBundle,
    Decision,
    EncoderError,
    ForeignEncoder,
    InputError,
    Mode,
    NewerFormat,
    PromotionRefused,
    RegisterError,
    StorageError,
    Suggestion,
    Triaged,
    Triager,
    UnitScore,
    bundle,
)
from triage.bundle import MANIFEST, REGISTER, Part
from triage.catalogue import Catalogue, Unit
from triage.learning.registry import register as record
from triage.learning.registry.folder import ModelRegistry
from triage.learning.registry.register import LOCK, Action, Register, Step

GOLDEN = Path(__file__).resolve().parent / "golden" / "format-1"
PLACE = Catalogue((Unit("a", "甲局"), Unit("b", "乙局")))


class Model:
    """Right in the first `good` of the cases."""

    def __init__(self, good: int, units: tuple[str, ...] = ("甲局", "乙局")) -> None:
        self.good, self.units, self.catalogue = good, units, PLACE
        self.card: dict[str, Any] = {"model": f"good-{good}"}

    def learned(self, suggestions: Sequence[Suggestion]) -> list[float]:
        return [0.0 for _ in suggestions]

    def triage(self, suggestions: Sequence[Suggestion]) -> list[Triaged]:
        first = ["甲局" if int(one.id) < self.good else "乙局" for one in suggestions]
        return [
            Triaged(one.id, (), (UnitScore(unit, 0.8),), (), Mode.SOLE, Decision.CHOOSE)
            for one, unit in zip(suggestions, first, strict=True)
        ]


def later_cases(count: int = 60) -> list[Case]:
    chance = np.random.default_rng(1)
    letters = list("道路桥梁学校医院河流水库树林田地市场车站公园图书场馆灯光管网电梯码头茶园渔港")
    return [Case(Suggestion(str(n), "关于" + "".join(chance.choice(letters, 12))), ("甲局",)) for n in range(count)]


def opener(**models: Model) -> Callable[[Path], Model]:
    """Opens a bundle as `Triager.load` does, digests and registry included, and gives the model of its name."""

    def opened(place: Path) -> Model:
        return models[bundle.load(place).folder.name]

    return opened


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("registry")
    made = ModelRegistry(folder / "models")
    saved = bundle.load(GOLDEN)
    for name in ("one", "two", "three"):
        made.add(bundle.save(folder / "built" / name, saved.parts, {**saved.card, "note": name}))
    return made.folder


@pytest.fixture
def registry(filled: Path, tmp_path: Path) -> ModelRegistry:
    """Three bundles that differ in their cards, none in use."""
    return ModelRegistry(shutil.copytree(filled, tmp_path / "models"))


def put(registry: ModelRegistry, name: str) -> Step:
    """Into use, without the time that a comparison takes."""
    return registry.promote(name, MODELS, force=True, reason="试用")


MODELS = opener(one=Model(30), two=Model(31), three=Model(0))


def state(registry: ModelRegistry) -> dict[str, bytes]:
    """Every file of the registry but the lock, which holds nothing."""
    files = (path for path in registry.folder.rglob("*") if path.is_file() and path.name != LOCK)
    return {path.relative_to(registry.folder).as_posix(): path.read_bytes() for path in files}


# --- bundles ---------------------------------------------------------------------------------------------------------


def test_a_bundle_is_copied_whole_with_its_card(tmp_path: Path) -> None:
    registry = ModelRegistry(tmp_path / "new" / "models")
    place = registry.add(GOLDEN, "第一版")
    assert place == registry.folder / "第一版"
    assert bundle.load(place).digest == bundle.load(GOLDEN).digest
    assert {path.name for path in place.iterdir()} == {path.name for path in GOLDEN.iterdir()} | {"README.md"}
    assert (place / "README.md").read_text(encoding="utf-8").startswith("---\nlanguage:")
    assert registry.register().in_use is None
    assert [(held.name, held.in_use) for held in registry.bundles()] == [("第一版", False)]


def test_one_that_lies_there_already_only_gets_its_card(registry: ModelRegistry) -> None:
    place = registry.folder / "made-here"
    shutil.copytree(GOLDEN, place)
    before = state(registry)
    assert registry.add(place) == place
    assert set(state(registry)) - set(before) == {"made-here/README.md"}


@pytest.mark.parametrize("name", ["../out", "a/b", "..", ".", ".hidden", "/abs", "a\\b", "a b", "a\n", "x" * 101, "-x"])
def test_a_name_that_leaves_the_folder_is_refused(registry: ModelRegistry, name: str) -> None:
    before = state(registry)
    for act in (
        lambda: registry.add(GOLDEN, name),
        lambda: registry.promote(name, MODELS),
        lambda: registry.path(name),
    ):
        with pytest.raises(InputError, match="a bundle's name has letters"):
            act()
    assert state(registry) == before
    assert not (registry.folder.parent / "out").exists()


def test_the_same_name_twice_is_refused(registry: ModelRegistry) -> None:
    before = state(registry)
    with pytest.raises(StorageError, match="exists already and is left as it is"):
        registry.add(GOLDEN, "one")
    assert state(registry) == before


def test_what_is_no_bundle_or_damaged_is_not_added(registry: ModelRegistry, tmp_path: Path) -> None:
    before = state(registry)
    with pytest.raises(BundleError, match="no bundle here"):
        registry.add(tmp_path / "absent")
    broken = Path(shutil.copytree(GOLDEN, tmp_path / "broken"))
    (broken / "lead.npz").write_bytes(b"cut")
    with pytest.raises(DamagedBundle, match=r"lead\.npz"):
        registry.add(broken)
    assert state(registry) == before


def test_a_name_that_is_not_there_is_answered_with_those_that_are(registry: ModelRegistry) -> None:
    with pytest.raises(BundleError, match=r"no bundle 'four' here; there are: one, three, two\. Add it"):
        registry.promote("four", MODELS)
    with pytest.raises(BundleError, match="there are: none"):
        ModelRegistry(registry.folder / "empty").path("one")


def test_a_damaged_bundle_is_listed_with_its_problem(registry: ModelRegistry) -> None:
    (registry.folder / "two" / MANIFEST).write_text("{}", encoding="utf-8")
    held = {one.name: one for one in registry.bundles()}
    assert held["two"].manifest is None
    assert "not a bundle manifest" in held["two"].problem
    assert held["one"].manifest is not None


# --- into use and back -----------------------------------------------------------------------------------------------


def test_the_first_needs_no_comparison_and_then_the_registry_is_that_bundle(registry: ModelRegistry) -> None:
    with pytest.raises(RegisterError, match=r"of which none is in use.*triage models promote NAME"):
        bundle.load(registry.folder)
    step = registry.promote("one", MODELS, by="张三")
    assert (step.action, step.bundle, step.before, step.by, step.forced) == (Action.PROMOTE, "one", "", "张三", False)
    saved = bundle.load(registry.folder)
    assert (saved.card["note"], saved.folder) == ("one", registry.folder / "one")
    assert bundle.load_card(registry.folder)["note"] == "one"
    assert [held.name for held in registry.bundles() if held.in_use] == ["one"]
    with pytest.raises(InputError, match="one: is in use already, since "):
        registry.promote("one", MODELS)


def test_a_second_needs_cases(registry: ModelRegistry) -> None:
    registry.promote("one", MODELS)
    before = state(registry)
    with pytest.raises(PromotionRefused, match=r"in place of one:\n- it was not compared .*--cases FILE\n.*--force"):
        registry.promote("two", MODELS)
    assert state(registry) == before
    shown: list[Any] = []
    step = registry.promote("two", MODELS, later_cases(), shown=shown.append)
    assert (step.before, step.objections, step.forced) == ("one", (), False)
    assert step.comparison is not None
    assert step.comparison["cases"] == shown[0].cases == 60
    assert registry.register().in_use == step


def test_a_worse_model_is_refused_unless_forced_with_a_reason_that_is_kept(registry: ModelRegistry) -> None:
    registry.promote("one", MODELS)
    before = state(registry)
    with pytest.raises(PromotionRefused, match=r"lead_top_1 is worse: 0\.500 → 0\.000"):
        registry.promote("three", MODELS, later_cases())
    for reason in ("", "  "):
        with pytest.raises(InputError, match="without a reason"):
            registry.promote("three", MODELS, later_cases(), force=True, reason=reason)
    assert state(registry) == before
    registry.promote("three", MODELS, later_cases(), force=True, reason="会议决定", by="李四")
    kept = registry.register().in_use
    assert kept is not None
    assert (kept.bundle, kept.forced, kept.reason, kept.by) == ("three", True, "会议决定", "李四")
    assert any("lead_top_1 is worse" in objection for objection in kept.objections)
    assert bundle.load(registry.folder).card["note"] == "three"


def test_a_model_that_lost_units_is_refused(registry: ModelRegistry) -> None:
    opened = opener(one=Model(30), two=Model(30, ("甲局",)))
    registry.promote("one", opened)
    with pytest.raises(PromotionRefused, match=r"1 units can no longer be answered.*乙局"):
        registry.promote("two", opened, later_cases())


def test_force_without_objections_is_no_force(registry: ModelRegistry) -> None:
    registry.promote("one", MODELS)
    assert not registry.promote("two", MODELS, later_cases(), force=True, reason="好一点").forced


def test_back_and_further_back_and_no_further(registry: ModelRegistry) -> None:
    with pytest.raises(RegisterError, match="nothing was in use before"):
        registry.rollback()
    for name in ("one", "two", "three"):
        put(registry, name)
    step = registry.rollback(reason="退单多了", by="王五", opened=MODELS)
    assert (step.action, step.bundle, step.before, step.reason) == (Action.ROLLBACK, "two", "three", "退单多了")
    assert bundle.load(registry.folder).card["note"] == "two"
    assert registry.rollback().bundle == "one"
    before = state(registry)
    with pytest.raises(RegisterError, match="nothing was in use before one"):
        registry.rollback()
    assert state(registry) == before
    put(registry, "three")
    assert registry.rollback().bundle == "one"
    actions = [(step.action.value, step.bundle) for step in registry.register().steps]
    assert actions[3:] == [("rollback", "two"), ("rollback", "one"), ("promote", "three"), ("rollback", "one")]


@pytest.mark.parametrize("harm", ["part", "other", "gone"])
def test_no_way_back_to_a_bundle_that_is_not_what_it_was(registry: ModelRegistry, harm: str) -> None:
    put(registry, "one")
    put(registry, "two")
    place = registry.folder / "one"
    if harm == "part":
        (place / "lead.json").write_bytes(b"{}")
    else:
        shutil.rmtree(place)
    if harm == "other":
        shutil.copytree(GOLDEN, place)
    before = state(registry)
    told = {"part": r"lead\.json: SHA-256", "other": "is another bundle", "gone": "no bundle 'one' here"}
    with pytest.raises(BundleError, match=told[harm]):
        registry.rollback()
    assert state(registry) == before
    assert bundle.load(registry.folder).card["note"] == "two"


@pytest.mark.parametrize("harm", ["swapped", "gone"])
def test_a_bundle_in_use_that_is_not_what_was_promoted_does_not_answer(registry: ModelRegistry, harm: str) -> None:
    registry.promote("one", MODELS)
    shutil.rmtree(registry.folder / "one")
    if harm == "swapped":
        shutil.copytree(GOLDEN, registry.folder / "one")
    with pytest.raises(RegisterError, match="is another bundle" if harm == "swapped" else "is missing"):
        bundle.load(registry.folder)
    with pytest.raises(PromotionRefused, match="the model in use cannot be opened"):
        registry.promote("two", MODELS, later_cases())
    put(registry, "two")
    assert bundle.load(registry.folder).card["note"] == "two"


def test_cases_that_cannot_be_compared_are_an_objection(registry: ModelRegistry) -> None:
    registry.promote("one", MODELS)
    with pytest.raises(PromotionRefused, match="nothing to compare on"):
        registry.promote("two", MODELS, [Case(Suggestion("1", "关于修桥的建议"))])


# --- encoders --------------------------------------------------------------------------------------------------------


def test_a_bundle_whose_encoder_is_foreign_here_is_not_put_into_use(
    registry: ModelRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = bundle.load(GOLDEN)
    parts = {**saved.parts, "dense": Part({**saved.parts["dense"].data, "fingerprint": "a" * 32})}
    registry.add(bundle.save(tmp_path / "built" / "dense", parts, saved.card))
    monkeypatch.setenv("TRIAGE_ENCODER", str(tmp_path / "none"))
    before = state(registry)
    with pytest.raises(EncoderError, match="none is installed here"):
        registry.promote("dense", Triager.load)

    class Other:
        fingerprint = "b" * 32

    from triage.encoders import sentence

    monkeypatch.setattr(sentence.SentenceEncoder, "load", lambda *given, **named: Other())
    with pytest.raises(ForeignEncoder, match="aaaaaaaaaaaa"):
        registry.promote("dense", lambda place: Triager.load(place, tmp_path))
    with pytest.raises(ForeignEncoder):
        registry.promote("dense", lambda place: Triager.load(place, tmp_path), force=True, reason="必须")
    assert state(registry) == before


def test_the_door_opens_the_bundle_in_use(registry: ModelRegistry) -> None:
    registry.promote("one", Triager.load)
    card = Triager.load(registry.folder).card
    assert (card["note"], card["bundle"]) == ("one", "one")
    assert card["fingerprint"] == bundle.load(GOLDEN).fingerprint, "the card is not in it"


# --- the register ----------------------------------------------------------------------------------------------------


def damaged(registry: ModelRegistry, change: Callable[[dict[str, Any]], object]) -> None:
    path = registry.folder / REGISTER
    content = json.loads(path.read_bytes())
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


HARMS: dict[str, Callable[[dict[str, Any]], object]] = {
    "no history": lambda content: content.update(history=[]),
    "another in use": lambda content: content["in_use"].update(bundle="two"),
    "a name that leaves": lambda content: [
        content["in_use"].update(bundle="../two"),
        content["history"][-1].update(bundle="../two"),
    ],
    "no digest": lambda content: content["in_use"].pop("digest"),
    "format": lambda content: content.update(format="1"),
    "a list": lambda content: content.update(in_use=[]),
    "not a step": lambda content: content["history"].append(3),
}


@pytest.mark.parametrize("harm", HARMS)
def test_a_damaged_register_is_said_with_the_remedy_and_nothing_is_done(registry: ModelRegistry, harm: str) -> None:
    registry.promote("one", MODELS)
    damaged(registry, HARMS[harm])
    before = state(registry)
    for act in (
        lambda: bundle.load(registry.folder),
        registry.register,
        registry.bundles,
        lambda: registry.promote("two", MODELS, later_cases()),
        registry.rollback,
    ):
        with pytest.raises(RegisterError, match=r"register\.json: damaged.*Restore it from a copy; or move it away"):
            act()
    assert state(registry) == before


@pytest.mark.parametrize(
    "change",
    [
        {"action": "demote"},
        {"reason": 3},
        {"comparison": []},
        {"objections": None},
        {"day": None},
        {"action": "rollback"},
    ],
    ids=str,
)
def test_a_damaged_line_of_the_history_is_said(registry: ModelRegistry, change: dict[str, Any]) -> None:
    registry.promote("one", MODELS)
    damaged(registry, lambda content: content["history"][0].update(change))
    with pytest.raises(RegisterError, match=r"a line of its history is damaged"):
        registry.register()
    assert bundle.load(registry.folder).card["note"] == "one", "who only answers needs no history"


def test_half_a_register_is_damage_and_moving_it_away_mends_it(registry: ModelRegistry) -> None:
    registry.promote("one", MODELS)
    path = registry.folder / REGISTER
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(RegisterError, match="damaged or unreadable"):
        registry.rollback()
    path.rename(path.with_suffix(".old"))
    assert registry.promote("two", MODELS).before == ""


def test_a_register_of_a_later_version_is_told_apart(registry: ModelRegistry) -> None:
    registry.promote("one", MODELS)
    damaged(registry, lambda content: content.update(format=2))
    with pytest.raises(NewerFormat, match="Install a newer triage"):
        bundle.load(registry.folder)


def test_the_register_comes_back_as_it_was_written(tmp_path: Path) -> None:
    step = Step(Action.PROMOTE, "甲", "d", "f", "2026-01-01T00:00:00+00:00", objections=("x",), comparison={"a": [1]})
    register = Register((step, replace(step, bundle="乙", before="甲", forced=True)))
    record.write(tmp_path, register)
    assert record.read(tmp_path) == register
    assert record.read(tmp_path / "absent") == Register()


# --- two at once, killed, read-only ----------------------------------------------------------------------------------


def test_a_register_that_changed_meanwhile_is_not_overwritten(registry: ModelRegistry) -> None:
    def opened(place: Path) -> Model:
        if registry.register().in_use is None:
            registry.promote("two", MODELS)
        return MODELS(place)

    with pytest.raises(RegisterError, match="was changed while this command ran"):
        registry.promote("one", opened)
    used = registry.register().in_use
    assert used is not None
    assert used.bundle == "two"


def test_who_holds_the_lock_is_waited_for_and_not_for_ever(
    registry: ModelRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "PATIENCE", 0.2)
    with record.locked(registry.folder), pytest.raises(RegisterError, match="another program is changing"):
        registry.promote("one", MODELS)
    assert registry.register().in_use is None
    monkeypatch.setattr(record, "PATIENCE", 30.0)
    holding, free = threading.Event(), threading.Event()

    def hold() -> None:
        with record.locked(registry.folder):
            holding.set()
            free.wait(0.3)

    other = threading.Thread(target=hold)
    other.start()
    assert holding.wait(10)
    assert registry.promote("one", MODELS).bundle == "one"
    other.join()


def test_of_many_promotions_at_once_every_one_is_whole_or_refused(registry: ModelRegistry) -> None:
    registry.promote("one", MODELS)
    ended: list[object] = []

    def act(name: str) -> None:
        try:
            ended.append(registry.promote(name, MODELS, force=True, reason="抢先"))
        except (RegisterError, InputError) as error:
            ended.append(error)

    threads = [threading.Thread(target=act, args=(name,)) for name in ("two", "three") * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = [step for step in ended if isinstance(step, Step)]
    assert len(ended) == 8
    assert done
    assert sorted(step.day for step in registry.register().steps[1:]) == sorted(step.day for step in done)
    assert len(registry.register().steps) == 1 + len(done)


@pytest.mark.parametrize("moment", ["before the rename", "after the rename"])
def test_a_kill_during_a_promotion_leaves_the_old_state_or_the_new(
    registry: ModelRegistry, moment: str, root: Path
) -> None:
    registry.promote("one", Triager.load)
    code = (
        "import os, signal, sys\n"
        "from triage import Triager\n"
        "from triage.learning.registry.folder import ModelRegistry\n"
        "rename = os.replace\n"
        "def dying(one, other):\n"
        f"    if {moment!r} == 'after the rename': rename(one, other)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "os.replace = dying\n"
        "ModelRegistry(sys.argv[1]).promote('two', Triager.load, force=True, reason='x')"
    )
    done = subprocess.run([sys.executable, "-c", code, str(registry.folder)], cwd=root, check=False, timeout=120)
    assert done.returncode == -9
    used = registry.register().in_use
    assert used is not None
    assert used.bundle == ("one" if moment == "before the rename" else "two")
    assert bundle.load(registry.folder).card["note"] == used.bundle
    assert registry.promote("three", MODELS, force=True, reason="y").bundle == "three", "the lock went with its holder"
    assert not list(registry.folder.glob(".*.part")), "what was left over is swept away"


@pytest.mark.machine
def test_a_folder_that_may_only_be_read_answers_and_takes_nothing(registry: ModelRegistry) -> None:
    registry.promote("one", MODELS)
    (registry.folder / LOCK).unlink()
    registry.folder.chmod(0o555)
    try:
        if os.access(registry.folder, os.W_OK):
            pytest.skip("this user may write everywhere")
        for act in (lambda: put(registry, "two"), lambda: registry.add(GOLDEN, "four")):
            with pytest.raises(StorageError, match="may not be written"):
                act()
        assert bundle.load(registry.folder).card["note"] == "one"
    finally:
        registry.folder.chmod(0o755)


@pytest.mark.parametrize("code", [errno.EROFS, errno.ENOSPC, errno.EACCES])
def test_a_write_that_fails_changes_nothing(
    registry: ModelRegistry, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    put(registry, "one")
    put(registry, "two")
    before = state(registry)

    def refuse(*given: Any) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(StorageError, match="Nothing was changed"):
        put(registry, "three")
    with pytest.raises(StorageError, match="Nothing was changed"):
        registry.add(GOLDEN, "four")
    assert state(registry) == before
    monkeypatch.undo()
    opened = Path.open

    def read_only(self: Path, *given: Any, **named: Any) -> Any:
        return refuse() if self.name == LOCK else opened(self, *given, **named)

    monkeypatch.setattr(Path, "open", read_only)
    with pytest.raises(StorageError):
        registry.rollback()
    assert state(registry) == before
