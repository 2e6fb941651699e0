"""The benchmark of what repeats what: its figures are right, its peers answer, a tiny run holds figures and no text."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.duplicates import natural
from benchmarks.duplicates.__main__ import main
from benchmarks.duplicates.field import Field
from benchmarks.duplicates.ours import LIBRARY, Library, ranks_given
from benchmarks.duplicates.peers import PACKAGES, CharacterTfidf, peers
from benchmarks.duplicates.report import markdown
from benchmarks.duplicates.scores import decided, found_within, precision_at, ranking
from benchmarks.duplicates.sets import Wordings, read_labels, read_set, same_rows
from benchmarks.duplicates.together import check_nothing_lost
from triage.duplicates.groups import merge_proposals
from triage.encoders.sentence import SentenceEncoder
from triage.errors import InputError
from triage.learning.pairs import our_pairs, our_sessions, read_session
from triage.records import Case, Grade, Suggestion

BODIES = {
    "柳溪路路灯坏了": "柳溪路北段有六盏路灯坏了半个月，晚上很黑，老人出门容易摔倒。希望尽快派人修好。",
    "建议在青禾小学门口设斑马线": "青禾小学门口车多，学生过马路危险。建议划一条斑马线，并在上学时间安排人员值守。",
    "三里村缺少垃圾桶": "三里村的垃圾桶太少，居民把垃圾堆在河边。请增加垃圾桶，每天清运，不要让河水变脏。",
    "公交十二路晚点太久": "公交十二路早上经常晚点半小时，上班的人等不到车。建议高峰期增加班次，公布到站时间。",
    "云桥菜市场漏水": "云桥菜市场屋顶漏水，下雨天地面很滑，摊主只好打伞卖菜。请有关部门检查屋顶并修补。",
    "工地夜间噪声扰民": "东湖花园旁边的工地夜里十二点还在打桩，孩子睡不着。希望限制夜间施工，加强检查。",
}


def suggestions() -> list[Suggestion]:
    return [Suggestion(str(row), title, body) for row, (title, body) in enumerate(BODIES.items(), start=1)]


def write(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    said = [{"id": text.id, "title": text.title, "text": text.text} for text in suggestions()]
    again = [{**row, "id": f"{row['id']}b", "title": f"再次反映：{row['title']}"} for row in said[:2]]
    write(tmp_path / "taidi2020_messages.csv", [*said, *again])
    groups = [{**row, "group": "7" if row["id"].startswith("1") else "-1"} for row in [*said, again[0]]]
    write(tmp_path / "shanghai2023.csv", groups)
    titles = [{"id": row["id"], "source": "人大", "title": row["title"]} for row in said]
    write(tmp_path / "cixi2017.csv", [*titles, {"id": "9", "source": "政协", "title": said[0]["title"]}])
    return tmp_path


def labels(path: Path, *same: str) -> Path:
    titles = list(BODIES)
    rows = [
        {"title_a": titles[0], "title_b": "柳溪路的路灯坏了", "same": same[0]},
        {"title_a": titles[0], "title_b": titles[4], "same": same[1]},
        {"title_a": titles[2], "title_b": "三里村的垃圾桶太少", "same": same[2]},
    ]
    write(path, rows)
    return path


# --- figures ---------------------------------------------------------------------------------------------------------


def test_precision_is_the_best_that_still_reaches_the_recall() -> None:
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    right = np.array([True, False, True, True, False])
    assert precision_at(scores, right, 1 / 3) == 1.0
    assert precision_at(scores, right, 0.5) == pytest.approx(3 / 4)
    assert precision_at(scores, right, 1.0) == pytest.approx(3 / 4)


def test_a_ranking_that_puts_all_right_pairs_first_is_perfect_however_it_is_resampled() -> None:
    found = ranking(np.array([0.9, 0.8, 0.3, 0.2] * 5), np.array([True, True, False, False] * 5), 0.85)
    assert found["average_precision"] == 1.0
    assert found["average_precision_95"] == [1.0, 1.0]
    assert found["precision_at_recall_0.85"] == 1.0


def test_a_decision_has_precision_and_recall() -> None:
    given, right = np.array([True, True, False, False]), np.array([True, False, True, True])
    assert decided(given, right) == {"precision": 0.5, "recall": round(1 / 3, 4)}
    assert decided(np.zeros(2, bool), np.zeros(2, bool)) == {"precision": 0.0, "recall": 0.0}


def test_found_within_counts_queries_with_any_wanted_row() -> None:
    answers, wanted = [[3, 1], [2], []], [{1}, {2, 9}, {0}]
    assert found_within(answers, wanted, 1) == round(1 / 3, 4)
    assert found_within(answers, wanted, 2) == round(2 / 3, 4)
    assert found_within([], [], 1) == 0.0


def test_the_grade_given_is_the_closest_that_is_likelier_than_not() -> None:
    chances = np.array([[0.4, 0.1, 0.0, 0.0], [0.9, 0.5, 0.4, 0.0], [1.0, 1.0, 1.0, 1.0]])
    assert ranks_given(chances).tolist() == [0, 2, 4]


# --- sets ------------------------------------------------------------------------------------------------------------


def test_equal_after_normalising_is_the_same_text() -> None:
    texts = [Suggestion("1", "路灯１２盏坏了"), Suggestion("2", "路灯12盏坏了！"), Suggestion("3", "路灯13盏坏了")]
    assert same_rows(texts, Wordings()) == [frozenset({0, 1}), frozenset({0, 1}), frozenset({2})]


def test_a_limit_keeps_the_letters_that_were_sent_twice(data: Path) -> None:
    found = read_set(data, "shanghai2023", limit=2)
    assert found is not None
    assert found.groups == ("7", "7")
    assert read_set(data, "elsewhere") is None


def test_labels_say_what_is_wrong_with_them(tmp_path: Path) -> None:
    pairs, digest = read_labels(labels(tmp_path / "right.csv", "1", "0", "1"))
    assert [pair.same for pair in pairs] == [True, False, True]
    assert len(digest) == 16
    with pytest.raises(InputError, match="2: same is 'perhaps'; allowed are 1 and 0"):
        read_labels(labels(tmp_path / "word.csv", "perhaps", "0", "1"))
    with pytest.raises(InputError, match="both kinds"):
        read_labels(labels(tmp_path / "one.csv", "1", "1", "1"))
    write(tmp_path / "short.csv", [{"title_a": "路灯", "title_b": "路灯"}])
    with pytest.raises(InputError, match="column same is missing"):
        read_labels(tmp_path / "short.csv")


# --- systems ---------------------------------------------------------------------------------------------------------


def test_every_system_finds_a_text_among_others_and_knows_the_likest_pair(encoder_folder: Path) -> None:
    encoder = SentenceEncoder.load(encoder_folder)
    texts = suggestions()
    asked = [replace(text, id="", title=f"{text.title}了") for text in texts]
    found, missing = peers(Wordings(), encoder)
    assert len(found) + len(missing) == 8
    for name, system in {LIBRARY: Library(encoder), **found}.items():
        answers = system.index(texts)(asked, 3)
        assert [rows[0] for rows in answers] == list(range(len(texts))), name
        assert all(len(rows) <= 3 for rows in answers), name
    for name, peer in found.items():
        scores = peer.likeness([(texts[0], asked[0]), (texts[0], texts[3])])
        assert scores[0] > scores[1], name
    chances = Library(encoder).chances([(texts[0], texts[0]), (texts[0], texts[3])])
    assert chances[0].tolist() == [1.0, 1.0, 1.0, 1.0]
    assert chances[1, 3] == 0.0
    assert (np.diff(chances[1]) <= 0).all()


def test_what_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for package in PACKAGES:
        monkeypatch.setitem(sys.modules, package, None)
    found, missing = peers(Wordings(), None)
    assert list(found) == ["character TF-IDF cosine", "character TF-IDF cosine, raw texts"]
    assert missing["sentence cosine"] == "no sentence encoder"
    assert "pip install '.[bench]'" in missing["MinHash LSH (datasketch)"]


def test_alike_are_texts_from_a_cosine_on_and_each_is_like_itself() -> None:
    texts = [Suggestion("1", "柳溪路路灯坏了"), Suggestion("2", "柳溪路路灯坏了。"), Suggestion("3", "公交晚点")]
    alike = CharacterTfidf(Wordings().whole).alike([*texts, Suggestion("4")], 0.75)
    assert alike == [frozenset({0, 1}), frozenset({0, 1}), frozenset({2}), frozenset({3})]


# --- nothing lost ----------------------------------------------------------------------------------------------------


def test_a_text_that_is_lost_changed_or_doubled_is_noticed() -> None:
    texts = suggestions()[:3]
    proposals = merge_proposals([Case(text) for text in texts], [(0, 1, Grade.SAME_MATTER, 0.9)])
    check_nothing_lost(texts, proposals)
    with pytest.raises(AssertionError, match="two proposals"):
        check_nothing_lost(texts, [*proposals, *proposals])
    with pytest.raises(AssertionError, match="nobody sent"):
        check_nothing_lost(texts[1:], proposals)
    with pytest.raises(AssertionError, match="1 texts differ"):
        check_nothing_lost([replace(texts[0], text="别的"), *texts[1:]], proposals)
    with pytest.raises(AssertionError, match="not all"):
        check_nothing_lost([*texts, texts[2]], proposals)


# --- a run -----------------------------------------------------------------------------------------------------------


def test_the_sessions_that_are_measured_are_labelled_and_never_learned_from() -> None:
    learned = {text.title + text.text for pair in our_pairs("train") for text in (pair.one, pair.other)}
    learned |= {filed.suggestion.title + filed.suggestion.text for session in our_sessions() for filed in session}
    places = sorted(natural.SESSIONS.glob("*.csv"))
    assert len(places) >= 3
    for place in places:
        session = read_session(place)
        assert len({filed.suggestion.id for filed in session}) == len(session) > 300
        assert not {filed.suggestion.title + filed.suggestion.text for filed in session} & learned
        assert len({(filed.matter, filed.topic) for filed in session}) == len({filed.matter for filed in session})


def test_near_pairs_hold_every_pair_of_one_matter_and_the_nearest() -> None:
    texts = [
        Suggestion(str(row), title) for row, title in enumerate(("柳溪路加装路灯", "柳溪路增设路灯", "修桥", "公交"))
    ]
    field = Field(None, lambda told: None, None)
    pairs = natural.near_pairs(texts, np.array(["a", "b", "c", "c"]), field)
    assert {(0, 1), (2, 3)} <= set(pairs)
    assert all(one < other for one, other in pairs)


def test_a_tiny_run_measures_everything_and_keeps_no_text(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = data / "sessions"
    sessions.mkdir()
    rows = ("1,人大,柳溪路加装路灯,a,x", "2,政协,柳溪路加装路灯。,a,x", "3,人大,公交晚点,b,y", "4,人大,柳溪路修桥,c,x")
    (sessions / "small.csv").write_text("\n".join(("id,source,title,matter,topic", *rows)), encoding="utf-8")
    monkeypatch.setattr(natural, "SESSIONS", sessions)
    judged = labels(data / "judged.csv", "1", "0", "1")
    out = data / "out"
    arguments = ["--data", str(data), "--labels", str(judged), "--no-encoder", "--out", str(out)]
    assert main(arguments) == 0
    written = (out / "duplicates-lexical.json").read_text(encoding="utf-8")
    result = json.loads(written)
    measures = result["measures"]
    small = measures["sessions"]["sessions"]["small"]
    assert (small["texts"], small["matters"], small["same_matter_or_closer"]) == (4, 3, 1)
    assert small["systems"][LIBRARY]["average_precision"] == 1.0
    assert small["merged"] == {"proposals": 1, "precision": 1.0, "recall": 1.0}
    assert list(measures) == [
        "pairs",
        "sessions",
        "labels",
        "copies",
        "titles",
        "letters",
        "session",
        "together",
        "precedents",
    ]
    own = measures["pairs"]["systems"][LIBRARY]
    assert sum(sum(row.values()) for row in own["confusion"].values()) == measures["pairs"]["pairs"]
    assert own["average_precision"] > measures["pairs"]["systems"]["character TF-IDF cosine"]["average_precision"]
    assert measures["labels"]["systems"][LIBRARY]["average_precision"] == 1.0
    copies = measures["copies"]["rules"]["all at once"]
    assert copies["copies"] == 8
    assert sum(copies["systems"][LIBRARY]["grades"].values()) == 8
    assert measures["copies"]["rules"]["traditional"]["systems"][LIBRARY]["recall_at_1"] == 1.0
    assert measures["letters"]["letters"] == 2
    assert measures["letters"]["systems"][LIBRARY]["recall_at_5"] == 1.0
    assert measures["session"]["pairs"]["identical"] == {"pairs": 1, "cross_bodies": 1}
    assert set(measures["precedents"]["models"]) == {
        f"{model}{ending}" for model in ("duties alone", "learned") for ending in ("", ", with the index")
    }
    sizes = measures["together"]["proposals"]["groups_by_size"]
    assert sum(sizes.values()) == measures["together"]["proposals"]["groups"] >= 2
    assert not any(title in written or body in written for title, body in BODIES.items())
    table = markdown(result)
    assert (out / "duplicates-lexical.md").read_text(encoding="utf-8") == table
    assert table in capsys.readouterr().out
    assert "| identical | 1 | 1 |" in table


def test_sets_that_are_not_there_are_said_and_wrong_labels_end_it(tmp_path: Path) -> None:
    assert main(["--only", "titles", "--no-encoder", "--out", str(tmp_path)]) == 0
    result = json.loads((tmp_path / "duplicates-titles-lexical.json").read_text(encoding="utf-8"))
    assert result["not_measured"]["titles"] == "--data names no folder with taidi2020_messages.csv"
    assert main(["--labels", str(tmp_path / "none.csv"), "--no-encoder", "--out", str(tmp_path)]) == 2
