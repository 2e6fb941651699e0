"""The one door: what every answer keeps to, whatever the text, and what a bundle can be opened with."""

from __future__ import annotations

import errno
import json
import logging
import os
import random
import shutil
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date as Date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage import (
    BundleError,
    Case,
    DamagedBundle,
    Decision,
    EncoderError,
    ForeignEncoder,
    Mode,
    NewerFormat,
    StorageError,
    Suggestion,
    Triaged,
    Triager,
)
from triage import triager as door
from triage.bundle import MANIFEST
from triage.catalogue import Catalogue, Topic, Unit
from triage.datasets import read_cases, read_suggestions
from triage.encoders import sentence as sentence_module
from triage.triager import CHUNK


@pytest.fixture(scope="module")
def cases(root: Path) -> list[Case]:
    return read_cases(root / "examples" / "cases.csv")


@pytest.fixture(scope="module")
def suggestions(root: Path) -> list[Suggestion]:
    return read_suggestions(root / "examples" / "suggestions.csv")


@pytest.fixture(scope="module")
def answers(triager: Triager, suggestions: list[Suggestion]) -> list[Triaged]:
    return triager.triage(suggestions)


PLACE = Catalogue(
    units=(
        Unit("jy", "教育局", duties=("中小学校建设", "教师队伍", "学生学位")),
        Unit("jt", "交通运输局", duties=("公路养护", "公交线路", "路灯安装维修")),
        Unit("ga", "公安局", duties=("治安案件查处", "交通秩序", "户籍")),
        Unit("sl", "水利局", duties=("河道整治", "水库安全")),
        Unit("zj", "住房和城乡建设局", duties=("井盖和下水道", "老旧小区改造")),
        Unit("cz", "财政局", duties=("财政资金安排",)),
    ),
    topics=(Topic("cj", "城建"), Topic("cj-dl", "道路", "cj"), Topic("sh", "社会"), Topic("sh-jy", "教育", "sh")),
)
"""A small place, for models that a test makes itself."""


def handled() -> list[Case]:
    made: list[Case] = []
    for place in ("东门", "西门", "南门", "北门", "新桥", "老桥", "河口"):
        for column, unit in enumerate(PLACE.units):
            title = f"关于在{place}加强{unit.duties[len(made) % len(unit.duties)]}的建议"
            suggestion = Suggestion(f"h{len(made)}", title, source="人大", date=Date(2024, 1, 1 + len(made) % 28))
            helper = (PLACE.units[(column + 1) % 6].name,) if len(made) % 3 else ()
            made.append(Case(suggestion, (unit.name,), helper, ("城建/道路" if column % 2 else "社会/教育",)))
    return made


def keeps_the_contract(found: Triaged, triager: Triager) -> None:
    """What every answer promises, whatever was asked."""
    units = set(triager.units)
    lead, co = [entry.unit for entry in found.lead], [entry.unit for entry in found.co]
    assert len(lead) == len(set(lead)) >= min(5, len(units))
    assert len(co) == len(set(co)) >= min(10, len(units) - 1)
    assert lead[0] not in co
    assert units >= {*lead, *co}
    for entries in (found.lead, found.co, found.topics):
        scores = [entry.score for entry in entries]
        assert all(0.0 <= score <= 1.0 for score in scores)
        assert scores == sorted(scores, reverse=True)
    # Ten scores are rounded to four digits, each by half a unit of the last.
    assert sum(entry.score for entry in found.lead) <= 1.0 + len(lead) * 0.00005
    assert any(len(topic.path) == 1 for topic in found.topics)
    known = {triager.catalogue.topic_path(topic.code) for topic in triager.catalogue.topics}
    assert {topic.path for topic in found.topics} <= known
    assert all(topic.name == topic.path[-1] for topic in found.topics)
    assert isinstance(found.mode, Mode)
    assert isinstance(found.decision, Decision)
    assert found.reasons
    assert all(reason.code and reason.text for reason in found.reasons)
    assert {item.unit for item in found.evidence} <= units
    assert {item.kind for item in found.evidence} <= {"duty", "precedent", "words", "place", "wish"}
    precedents = Counter(item.unit for item in found.evidence if item.kind == "precedent")
    assert max(precedents.values(), default=0) <= 3
    assert all(0.0 <= item.score <= 1.0 for item in found.evidence)
    for matter in found.matters:
        assert {entry.unit for entry in matter.lead} <= units
    assert (found.decision is Decision.SUGGEST) == any(reason.code == "promise" for reason in found.reasons)
    assert found.mode is not Mode.SPLIT or found.matters
    assert found.model == triager.card["model"]
    assert json.loads(json.dumps(found.to_dict())) == json.loads(json.dumps(found.to_dict(), default=list))


# --- every answer ----------------------------------------------------------------------------------------------------


def test_every_example_is_answered_in_order(
    triager: Triager, suggestions: list[Suggestion], answers: list[Triaged]
) -> None:
    assert [found.id for found in answers] == [suggestion.id for suggestion in suggestions]
    for found in answers:
        keeps_the_contract(found, triager)


@settings(max_examples=30)
@given(
    st.builds(
        Suggestion,
        id=st.text(max_size=5),
        title=st.text(max_size=40) | st.sampled_from(["关于修路的建议", "关于建设学校的建议"]),
        text=st.text(max_size=200) | st.text("路灯学校医院，。1２\n<>&建议请", max_size=200),
        wish=st.sampled_from(["", "教育局", "交通局", "卫计局", "无此单位"]) | st.text(max_size=5),
        confidential=st.booleans(),
    )
)
def test_any_text_gets_an_answer(triager: Triager, suggestion: Suggestion) -> None:
    (found,) = triager.triage([suggestion])
    keeps_the_contract(found, triager)
    assert found.id == suggestion.id


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "text.empty"),
        ("\u200b \n\t", "text.empty"),
        ("！！！？？？", "text.noise"),
        ("00000000000000", "text.noise"),
        ("哈" * 400, "text.noise"),
        ("Please repair the street lamps near the school, thank you very much.", "text.foreign"),
        ("Пожалуйста, почините фонари", "text.foreign"),
        ("😀😀😀😀", "text.foreign"),
        ("路", "text.short"),
        ("修路", "text.short"),
        ("滨河路的路灯坏了，请尽快维修。" * 14_000, "text.long"),
    ],
    ids=["empty", "blank", "signs", "digits", "one word", "English", "Russian", "emoji", "one", "two", "200,000"],
)
def test_a_text_that_can_hardly_be_judged_is_answered_and_says_so(triager: Triager, text: str, code: str) -> None:
    for suggestion in (Suggestion(id="x", text=text), Suggestion(id="x", title=text), Suggestion("x", text, text)):
        (found,) = triager.triage([suggestion])
        keeps_the_contract(found, triager)
        assert found.decision is Decision.CHOOSE
        assert found.reasons[0].code == code
        assert found.notices


def test_a_long_letter_is_judged_by_what_it_says(triager: Triager) -> None:
    (found,) = triager.triage([Suggestion(text="实验小学的教师太少，请增加小学教师编制，扩建校舍。" * 9000)])
    assert found.lead[0].unit == "教育局"


def test_no_texts_have_no_answers(triager: Triager) -> None:
    assert triager.triage([]) == []


def test_units_and_catalogue_are_those_of_the_model(triager: Triager) -> None:
    assert len(triager.units) == len(set(triager.units))
    assert set(triager.units) <= {unit.name for unit in triager.catalogue.units}
    assert triager.card["units"] == len(triager.units)
    assert triager.card["model"].startswith("triage-")


def test_units_with_few_cases_are_found_for_their_own_texts(triager: Triager, cases: list[Case]) -> None:
    times = Counter(unit for case in cases for unit in case.leads)
    for count, least in ((1, 0.85), (2, 1.0), (3, 1.0), (4, 1.0)):
        rare = [case for case in cases if len(case.leads) == 1 and times[case.leads[0]] == count]
        listed = [[lead.unit for lead in found.lead] for found in triager.triage([case.suggestion for case in rare])]
        assert len(rare) > 20
        assert all(case.leads[0] in units for case, units in zip(rare, listed, strict=True))
        assert np.mean([case.leads[0] in units[:5] for case, units in zip(rare, listed, strict=True)]) >= least


def test_a_handled_text_finds_its_own_lead_and_cites_itself(triager: Triager, cases: list[Case]) -> None:
    some = cases[::20]
    found = triager.triage([case.suggestion for case in some])
    right = [case.leads[0] == answer.lead[0].unit for case, answer in zip(some, found, strict=True)]
    assert np.mean(right) > 0.6
    cited = [{item.case for item in answer.evidence} for answer in found]
    assert np.mean([case.suggestion.id in own for case, own in zip(some, cited, strict=True)]) > 0.8


# --- the same answer -------------------------------------------------------------------------------------------------


def test_an_answer_does_not_depend_on_the_texts_beside_it(
    triager: Triager, suggestions: list[Suggestion], answers: list[Triaged], cases: list[Case]
) -> None:
    assert [triager.triage([suggestion])[0] for suggestion in suggestions] == answers
    assert triager.triage(suggestions[::-1])[::-1] == answers
    many = [case.suggestion for case in cases[: CHUNK + 6]]
    mixed = [*many, *suggestions]
    order = random.Random(1).sample(range(len(mixed)), len(mixed))
    shuffled = triager.triage([mixed[place] for place in order])
    straight = triager.triage(mixed)
    assert [shuffled[order.index(place)] for place in range(len(mixed))] == straight
    assert straight[len(many) :] == answers


def test_threads_get_the_same_answers(triager: Triager, suggestions: list[Suggestion], answers: list[Triaged]) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert [found for (found,) in pool.map(lambda text: triager.triage([text]), suggestions)] == answers


def test_the_answers_are_the_same_before_saving_and_after_loading(
    tmp_path: Path, suggestions: list[Suggestion]
) -> None:
    fresh = Triager.train(handled(), catalogue=PLACE)
    again = Triager.load(fresh.save(tmp_path / "model"))
    before, after = fresh.triage(suggestions[:20]), again.triage(suggestions[:20])
    assert [replace(found, model="") for found in before] == [replace(found, model="") for found in after]
    assert fresh.card["model"] == "unsaved"
    where = {"model": "", "bundle": "", "fingerprint": ""}  # what only a saved model has
    assert {**fresh.card, **where} == {**again.card, **where}
    third = Triager.load(again.save(tmp_path / "copy"))
    assert third.triage(suggestions[:20]) == after
    assert (tmp_path / "copy" / MANIFEST).read_bytes() == (tmp_path / "model" / MANIFEST).read_bytes()


# --- what must not be told -------------------------------------------------------------------------------------------

SECRET = "穆阁老巷柒拾叁弄的璇玑井盖遭窃，邻里惶惶，恳请彻查并复原璇玑井盖。"
"""Words that no catalogue and no example has."""


def windows(text: str, size: int = 3) -> set[str]:
    return {text[start : start + size] for start in range(len(text) - size + 1)}


def test_an_answer_to_a_confidential_text_repeats_none_of_it(triager: Triager) -> None:
    told = SECRET + "\n1.井盖遭窃，请公安局彻查穆阁老巷的案子。\n2.璇玑井盖要复原，请住房和城乡建设局修理。"
    secret = Suggestion("id-1", "关于穆阁老巷璇玑井盖遭窃的建议", told, confidential=True)
    (found,) = triager.triage([secret])
    keeps_the_contract(found, triager)
    said = json.dumps(found.to_dict(), ensure_ascii=False)
    names = "".join(triager.units) + "".join(phrase for unit in triager.catalogue.units for phrase in unit.duties)
    assert [word for word in windows(SECRET) if word in said and word not in names] == []
    assert not [item for item in found.evidence if item.kind == "words"]
    (open_,) = triager.triage([replace(secret, confidential=False)])
    assert (open_.lead, open_.co, open_.topics) == (found.lead, found.co, found.topics)


def test_a_confidential_case_is_cited_without_its_words(tmp_path: Path) -> None:
    secret = Case(
        Suggestion("秘-1", "关于穆阁老巷璇玑井盖遭窃的建议", SECRET, "人大", date=Date(2024, 1, 5), confidential=True),
        ("公安局",),
        ("住房和城乡建设局",),
    )
    triager = Triager.train([*handled(), secret], catalogue=PLACE)
    (found,) = triager.triage([Suggestion(title="关于穆阁老巷璇玑井盖遭窃的建议", text=SECRET)])
    cited = [item for item in found.evidence if item.case == "秘-1"]
    assert cited
    assert all("（保密件）" in item.text for item in cited)
    said = " ".join(item.text for item in found.evidence if item.kind == "precedent")
    assert [word for word in windows(SECRET) if word in said] == []
    folder = triager.save(tmp_path / "model")
    for file in folder.glob("*.json"):
        content = file.read_text(encoding="utf-8")
        assert [word for word in windows(SECRET, 4) if word in content] == []


def test_personal_numbers_are_in_no_answer(triager: Triager) -> None:
    text = "路灯坏了，请联系13812345678，身份证11010519491231002X，邮箱a.b@example.com，车牌浙A12345。"
    (found,) = triager.triage([Suggestion(title="关于路灯的建议", text=text)])
    said = json.dumps(found.to_dict(), ensure_ascii=False)
    numbers = ("13812345678", "11010519491231002X", "a.b@example.com", "浙A12345")
    assert not [number for number in numbers if number in said]
    assert any("遮盖" in notice for notice in found.notices)


def test_nothing_of_a_text_is_ever_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    odd = Suggestion("n", "！！璇玑！！")
    learned = [Case(Suggestion(str(n), f"{SECRET}第{n}次"), ("公安局",), ("水利局",), ("社会",)) for n in range(5)]
    with caplog.at_level(logging.DEBUG):
        triager = Triager.train([*learned, Case(odd, ("公安局",))], catalogue=PLACE)
        opened = Triager.load(triager.save(tmp_path / "model"))
        long = Suggestion("b", text=SECRET * 900, wish="璇玑署")
        asked = [Suggestion("a", SECRET), odd, long, replace(long, confidential=True)]
        opened.triage(asked)
        with pytest.raises(StorageError):
            opened.save(tmp_path / "model")
    printed = "".join(capfd.readouterr())
    for said in (caplog.text, printed):
        assert [word for word in windows(SECRET, 2) if word in said] == []
        assert "璇玑" not in said


# --- opening and saving ----------------------------------------------------------------------------------------------


def test_each_file_of_a_bundle_is_guarded(tmp_path: Path, small_bundle: Path) -> None:
    folder = tmp_path / "model"
    for file in sorted(small_bundle.iterdir()):
        for harm in ("flipped", "missing", "cut", "empty"):
            shutil.copytree(small_bundle, folder)
            whole = (folder / file.name).read_bytes()
            middle = len(whole) // 2
            changed = {
                "flipped": whole[:middle] + bytes([whole[middle] ^ 0x55]) + whole[middle + 1 :],
                "cut": whole[:middle],
                "empty": b"",
            }
            if harm == "missing":
                (folder / file.name).unlink()
            else:
                (folder / file.name).write_bytes(changed[harm])
            with pytest.raises(BundleError) as raised:
                Triager.load(folder)
            assert str(folder) in str(raised.value)
            assert isinstance(raised.value, DamagedBundle) or (file.name, harm) == (MANIFEST, "missing")
            shutil.rmtree(folder)


def test_a_bundle_of_a_later_version_is_told_apart(tmp_path: Path, small_bundle: Path) -> None:
    folder = Path(shutil.copytree(small_bundle, tmp_path / "model"))
    manifest = json.loads((folder / MANIFEST).read_bytes())
    (folder / MANIFEST).write_text(json.dumps({**manifest, "format": 2}), encoding="utf-8")
    with pytest.raises(NewerFormat, match="Install a newer triage"):
        Triager.load(folder)


def test_what_the_model_learned_from_is_told_from_what_it_did_not(triager: Triager, root: Path) -> None:
    known = [case.suggestion for case in read_cases(root / "examples" / "cases.csv")[:30]]
    new = [Suggestion(title="关于请非遗传人进课堂的建议"), Suggestion(), Suggestion(title="！！！")]
    likeness = triager.learned([*known, *new, replace(known[0], id="again", source="政协")])
    assert min(likeness[:30]) > 0.999
    assert likeness[30] < 0.6
    assert likeness[31:33] == [0.0, 0.0]
    assert likeness[33] == likeness[0]
    assert triager.learned([]) == []
    cold = Triager.train(catalogue=Catalogue((Unit("a", "甲局", duties=("修桥",)),)))
    assert cold.learned(known[:2]) == [0.0, 0.0], "it learned from nothing"


def test_no_bundle_is_said_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="triage train"):
        Triager.load(tmp_path / "absent")


def test_a_saved_model_is_never_written_over(small_bundle: Path, triager: Triager) -> None:
    before = {path.name: path.read_bytes() for path in small_bundle.iterdir()}
    with pytest.raises(StorageError, match="exists already"):
        triager.save(small_bundle)
    assert {path.name: path.read_bytes() for path in small_bundle.iterdir()} == before


def test_a_full_disk_leaves_nothing_of_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, triager: Triager
) -> None:
    write = Path.write_bytes

    def scarce(self: Path, data: bytes) -> int:
        if self.name == "references.npz":
            write(self, data[:1000])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", scarce)
    with pytest.raises(StorageError, match="The disk is full"):
        triager.save(tmp_path / "new" / "model")
    assert list(tmp_path.iterdir()) == []


# --- the sentence encoder --------------------------------------------------------------------------------------------


class Meaning:
    """A sentence encoder for tests: what a text means is which characters it holds."""

    manifest = SimpleNamespace(name="meaning")

    def __init__(self, fingerprint: str, threads: int | None = None) -> None:
        self.fingerprint, self.threads = fingerprint, threads

    def encode(self, texts: Sequence[str], progress: Any = None) -> Any:
        rows = np.ones((len(texts), 32), np.float32)
        for row, text in enumerate(texts):
            for character in text:
                rows[row, ord(character) % 32] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Meaning]:
    """Sentence encoders by the name of their folder, in place of real ones."""
    folders: dict[str, Meaning] = {}

    def load(folder: str | Path, threads: int | None = None, max_tokens: int | None = None) -> Meaning:
        found = folders[Path(folder).name]
        found.threads = threads
        return found

    monkeypatch.setattr(sentence_module.SentenceEncoder, "load", load)
    monkeypatch.setenv("TRIAGE_ENCODER", str(tmp_path / "none"))
    return folders


def test_a_bundle_opens_with_the_encoder_that_it_was_trained_with(
    tmp_path: Path, suggestions: list[Suggestion], installed: dict[str, Meaning]
) -> None:
    installed["own"] = Meaning("a" * 32)
    installed["foreign"] = Meaning("b" * 32)
    fresh = Triager.train(handled(), catalogue=PLACE, encoder=tmp_path / "own")
    assert fresh.card["encoder"] == {"name": "meaning", "fingerprint": "a" * 32}
    folder = fresh.save(tmp_path / "model")
    again = Triager.load(folder, encoder=tmp_path / "own", threads=1)
    assert installed["own"].threads == 1
    before, after = fresh.triage(suggestions[:15]), again.triage(suggestions[:15])
    assert [replace(found, model="") for found in before] == [replace(found, model="") for found in after]
    assert [again.triage([suggestion])[0] for suggestion in suggestions[:15]] == after
    for found in after:
        keeps_the_contract(found, again)
    with pytest.raises(ForeignEncoder, match=r"sentence encoder aaaaaaaaaaaa, .*foreign holds bbbbbbbbbbbb"):
        Triager.load(folder, encoder=tmp_path / "foreign")
    with pytest.raises(EncoderError, match="triage encoder install"):
        Triager.load(folder)


def test_a_bundle_of_words_alone_needs_no_encoder(small_bundle: Path, installed: dict[str, Meaning]) -> None:
    assert Triager.load(small_bundle, encoder="absent").card["encoder"] is None


@pytest.mark.parametrize(("value", "threads"), [("3", 3), ("0", None), ("many", None), ("", None), (None, None)])
def test_the_number_of_threads_is_bounded_as_for_every_numerical_library(
    monkeypatch: pytest.MonkeyPatch, value: str | None, threads: int | None
) -> None:
    if value is None:
        monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    else:
        monkeypatch.setenv("OMP_NUM_THREADS", value)
    assert door._threads() == threads


def test_the_real_encoder_answers_alike_alone_in_a_batch_and_after_loading(
    tmp_path: Path, encoder_folder: Path, suggestions: list[Suggestion]
) -> None:
    fresh = Triager.train(handled(), catalogue=PLACE, encoder=encoder_folder)
    again = Triager.load(fresh.save(tmp_path / "model"), encoder=encoder_folder)
    asked = suggestions[:12]
    together = again.triage(asked)
    assert [again.triage([suggestion])[0] for suggestion in asked] == together
    assert again.triage(asked[::-1])[::-1] == together
    before = fresh.triage(asked)
    assert [replace(found, model="") for found in before] == [replace(found, model="") for found in together]
    for found in together:
        keeps_the_contract(found, again)
    (found,) = again.triage([Suggestion(title="娃儿念书的地方太挤，老师也不够")])
    assert found.lead[0].unit == "教育局", "by meaning, with no word of a duty"
