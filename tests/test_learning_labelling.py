"""What to label next: unsure, unlike each other, a fifth by chance; and a sheet that comes back as cases."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from triage import Case, InputError, Suggestion
from triage.datasets import read_cases
from triage.heads.model import Model
from triage.learning.labelling.choose import RANDOM, Choice, Kernel, choose, diverse, quality
from triage.learning.labelling.sheet import HEADERS, is_label_sheet, label_sheets, read_labels, records
from triage.learning.reading import Reading, read
from triage.learning.train import train
from triage.results import write_file

ROOT = Path(__file__).resolve().parents[1]
LEAD, CO, TOPIC = (HEADERS.index(name) + 1 for name in ("主办单位", "会办单位", "类别"))


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    found = read_cases(ROOT / "examples" / "cases.csv")
    return [found[row] for row in np.random.default_rng(1).permutation(len(found))]


@pytest.fixture(scope="module")
def model(cases: list[Case]) -> Model:
    return train(cases[:60])


@pytest.fixture(scope="module")
def pool(cases: list[Case]) -> list[Suggestion]:
    return [case.suggestion for case in cases[60:260]]


@pytest.fixture(scope="module")
def reading(model: Model, pool: list[Suggestion]) -> Reading:
    return read(model, None, pool)


# --- reading ----------------------------------------------------------------------------------------------------------


def test_reading_in_blocks_answers_as_triage_does(model: Model, pool: list[Suggestion], reading: Reading) -> None:
    from triage import Triager

    answers = Triager(model).triage(pool[:20])
    assert reading.lead.shape == (len(pool), len(model.units))
    for row, answer in enumerate(answers):
        assert model.units.names[int(reading.lead[row].argmax())] == answer.lead[0].unit
        assert reading.lead[row].max() == pytest.approx(answer.lead[0].score, abs=0.001)
    some = reading.of(np.array([5, 3]))
    assert [text.suggestion for text in some.texts] == [pool[5], pool[3]]
    assert some.certainty.tolist() == reading.certainty[[5, 3]].tolist()


def test_reading_leaves_out_what_cannot_be_read(model: Model, pool: list[Suggestion]) -> None:
    found = read(model, None, [Suggestion("a", "？？？"), pool[0], Suggestion("b", "")])
    assert (len(found), found.rows.tolist(), len(found.all_texts)) == (1, [1], 3)
    nothing = read(model, None, [Suggestion("a", "？？？")])
    assert (len(nothing), nothing.lead.shape, nothing.suggested(model).tolist()) == (0, (0, len(model.units)), [])


# --- choosing ---------------------------------------------------------------------------------------------------------


def test_a_fifth_is_drawn_by_chance_and_the_rest_is_unsure(
    model: Model, pool: list[Suggestion], reading: Reading
) -> None:
    found = choose(model, None, pool, 40)
    assert len(found.choices) == len({choice.row for choice in found.choices}) == 40
    drawn = [choice.row for choice in found.choices if choice.random]
    told = [choice.row for choice in found.choices if not choice.random]
    assert len(drawn) == round(RANDOM * 40)
    assert reading.certainty[told].mean() < reading.certainty.mean()
    assert quality(model, reading)[told].mean() > 1.1 * quality(model, reading).mean()
    assert 0 < [choice.random for choice in found.choices].index(True) < 20


def test_the_draw_by_chance_is_uniform(model: Model, pool: list[Suggestion], reading: Reading) -> None:
    drawn = [
        reading.certainty[choice.row]
        for seed in range(12)
        for choice in choose(model, None, pool, 40, seed=seed).choices
        if choice.random
    ]
    assert len(drawn) == 96
    assert np.mean(drawn) == pytest.approx(float(reading.certainty.mean()), abs=3 * reading.certainty.std() / 96**0.5)


def test_the_same_seed_chooses_the_same(model: Model, pool: list[Suggestion]) -> None:
    assert choose(model, None, pool, 15, seed=3) == choose(model, None, pool, 15, seed=3)
    assert choose(model, None, pool, 15, seed=3) != choose(model, None, pool, 15, seed=4)


def test_copies_are_chosen_once_and_known_cases_never(
    model: Model, cases: list[Case], pool: list[Suggestion], reading: Reading
) -> None:
    hardest = int(quality(model, reading).argmax())
    copies = [replace(pool[hardest], id=f"copy-{number}", text=pool[hardest].text + "！") for number in range(10)]
    known = [replace(case.suggestion, id=f"known-{case.suggestion.id}") for case in cases[:10]]
    texts = [*pool, *copies, *known]
    found = choose(model, None, texts, 60)
    alike = {hardest, *range(len(pool), len(pool) + 10)}
    assert len(alike & {choice.row for choice in found.choices}) <= 1
    assert not {choice.row for choice in found.choices} & set(range(len(pool) + 10, len(texts)))
    assert found.copies >= 10
    assert found.handled >= 10


def test_what_is_chosen_is_spread(model: Model, reading: Reading) -> None:
    kernel = Kernel(model, reading, np.arange(len(reading)))
    weights = quality(model, reading)

    def likeness(rows: list[int]) -> float:
        table = np.stack([kernel.column(row)[rows] for row in rows])
        return float(table[~np.eye(len(rows), dtype=bool)].max())

    chosen = diverse(kernel, weights, 20)
    surest = [int(row) for row in np.argsort(-weights, kind="stable")[:20]]
    assert len(set(chosen)) == 20
    assert chosen[0] == surest[0]
    assert likeness(chosen) <= likeness(surest) + 1e-9


def test_the_greedy_choice_is_that_of_determinants(model: Model, reading: Reading) -> None:
    places = np.arange(25)
    kernel, weights = Kernel(model, reading, places), quality(model, reading)[:25]
    table = np.stack([kernel.column(place) for place in places]) * np.outer(weights, weights)
    wanted: list[int] = []
    for _ in range(6):
        gains = [
            -np.inf if place in wanted else np.linalg.slogdet(table[np.ix_([*wanted, place], [*wanted, place])])[1]
            for place in places
        ]
        wanted.append(int(np.argmax(gains)))
    assert diverse(kernel, weights, 6) == wanted


def test_confidential_and_unreadable_texts_are_left_aside(model: Model, pool: list[Suggestion]) -> None:
    texts = [replace(pool[0], confidential=True), Suggestion("x", "？？？"), *pool[1:12]]
    found = choose(model, None, texts, 50)
    assert (found.confidential, found.unreadable) == (1, 1)
    assert {choice.row for choice in found.choices} <= set(range(2, 13))
    assert not any(choice.random for choice in found.choices)  # all are taken, so there is nothing to draw


def test_it_says_why(model: Model, pool: list[Suggestion]) -> None:
    choices = choose(model, None, pool, 30).choices
    for choice in choices:
        said = choice.why()
        if choice.random:
            assert "随机" in said
        else:
            assert choice.units[0][0] in said
            assert "拿不准" in said
    rare = [choice for choice in choices if choice.rare is not None and not choice.random]
    assert rare
    assert all(choice.rare is not None and choice.rare[0] in choice.why() for choice in rare)
    assert sum(choice.stands_for for choice in choices) <= len(pool) - 30


def test_nothing_to_choose_from_is_said(model: Model, cases: list[Case], pool: list[Suggestion]) -> None:
    with pytest.raises(InputError, match="1 cannot be read, 1 are confidential, 1 repeat known cases"):
        choose(
            model,
            None,
            [Suggestion("x", "？？？"), replace(pool[0], confidential=True), replace(cases[0].suggestion, id="y")],
            5,
        )
    with pytest.raises(InputError, match="most=0"):
        choose(model, None, pool, 0)


def test_a_cold_model_chooses_too(pool: list[Suggestion]) -> None:
    cold = train([], units=["教育局", "交通运输局", "民政局"])
    assert len(choose(cold, None, pool[:30], 10).choices) == 10


# --- the sheet --------------------------------------------------------------------------------------------------------


def test_the_sheet_comes_back_as_cases(model: Model, pool: list[Suggestion], tmp_path: Path) -> None:
    texts = [replace(pool[0], id="=1+1", title="=HYPERLINK(1)"), *pool[1:60]]
    found = choose(model, None, texts, 20)
    path = tmp_path / "待标.xlsx"
    write_file(path, records(texts, found), label_sheets(model, texts, found))
    assert is_label_sheet(path)
    with pytest.raises(InputError, match="no row has a lead"):
        read_labels(path)
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    assert {cell.data_type for row in page.iter_rows() for cell in row} <= {"s", "n"}
    offers = {str(offer.sqref): offer.formula1 for offer in page.data_validations.dataValidation}
    assert any("单位" in formula for formula in offers.values())
    assert [row[0].value for row in book["单位"].iter_rows(min_row=2)] == list(model.units.names)
    for line in range(2, 8):
        page.cell(line, LEAD).value = "教育局"
        page.cell(line, CO).value = "财政局；民政局"
        page.cell(line, TOPIC).value = "教育"
    book.save(path)
    labelled = read_labels(path)
    assert (len(labelled.cases), labelled.unlabelled) == (6, 14)
    for choice, case in zip(found.choices, labelled.cases, strict=False):
        wanted = texts[choice.row]
        assert (case.suggestion.id, case.suggestion.title, case.suggestion.text) == (
            wanted.id,
            wanted.title.strip(),
            wanted.text.strip(),
        )
        assert (case.leads, case.co, case.topics) == (("教育局",), ("财政局", "民政局"), ("教育",))
    assert labelled.random == {texts[choice.row].id for choice in found.choices[:6] if choice.random}


def test_labels_in_jsonl_come_back_with_what_was_drawn(model: Model, pool: list[Suggestion], tmp_path: Path) -> None:
    found = choose(model, None, pool[:60], 20)
    path = tmp_path / "待标.jsonl"
    write_file(path, records(pool, found), label_sheets(model, pool, found))
    assert is_label_sheet(path)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    path.write_text("\n".join(json.dumps(line | {"lead": "教育局"}) for line in lines), encoding="utf-8")
    labelled = read_labels(path)
    assert [case.suggestion.id for case in labelled.cases] == [pool[choice.row].id for choice in found.choices]
    drawn = {pool[choice.row].id for choice in found.choices if choice.random}
    assert len(drawn) == 4
    assert labelled.random == drawn


def test_a_sure_model_is_not_said_to_hesitate() -> None:
    choice = Choice(0, False, (("教育局", 0.97), ("民政局", 0.02)), 1.1, None, 3)
    assert choice.why() == "模型较有把握，请核对：教育局 97%，民政局 2%。与它相近的未标注文本约 3 件。"
    doubted = replace(choice, units=(("教育局", 0.5), ("民政局", 0.4)), effective=2.4, rare=("民政局", 0), stands_for=0)
    assert doubted.why() == (
        "模型拿不准：教育局 50%，民政局 40%，相当于在 2 个单位之间犹豫。可能属于民政局，该单位以往没有案件。"
    )


def test_an_id_that_stands_twice_stops_the_reading(model: Model, pool: list[Suggestion], tmp_path: Path) -> None:
    found = choose(model, None, pool[:30], 5)
    path = tmp_path / "待标.csv"
    write_file(path, records(pool, found), label_sheets(model, pool, found))
    assert is_label_sheet(path)
    header, row, *_ = csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    row[LEAD - 1] = "教育局"
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([header, row, row])
    path.write_text(buffer.getvalue(), encoding="utf-8")
    with pytest.raises(InputError, match="already stands in line 2"):
        read_labels(path)


def test_an_ordinary_file_is_no_label_sheet() -> None:
    assert not is_label_sheet(ROOT / "examples" / "cases.csv")
    with pytest.raises(InputError, match="no such file"):
        is_label_sheet(ROOT / "examples" / "nothing.csv")


# --- what it is for ---------------------------------------------------------------------------------------------------


def test_labelling_what_is_chosen_teaches_more_than_chance(cases: list[Case]) -> None:
    """Where some matters are sent again and again, as in every campaign; on texts that stand in neither."""
    gained = []
    for seed in range(2):
        order = np.random.default_rng(seed).permutation(len(cases))
        known, candidates, asked = order[:40], [cases[row] for row in order[40:180]], order[180:]
        again = [
            replace(case, suggestion=replace(case.suggestion, id=f"{case.suggestion.id}-{number}", text=f"{said}{end}"))
            for case in candidates[:8]
            for said in [case.suggestion.text or case.suggestion.title]
            for number, end in enumerate("！。？；…呀吧呢啊了" * 4)
        ]
        pool = [*candidates, *again]
        first = train([cases[row] for row in known])
        found = choose(first, None, [case.suggestion for case in pool], 60, seed=seed)
        ways = [choice.row for choice in found.choices], np.random.default_rng(seed).permutation(len(pool))[:60]
        right = []
        for picked in ways:
            labelled = train([*(cases[row] for row in known), *(pool[row] for row in picked)])
            lead = read(labelled, None, [cases[row].suggestion for row in asked]).lead.argmax(axis=1)
            names = labelled.units.names
            right.append(np.mean([names[unit] in cases[row].leads for unit, row in zip(lead, asked, strict=True)]))
        gained.append(right[0] - right[1])
    assert np.mean(gained) > 0.02
