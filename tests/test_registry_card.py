"""The card of a bundle: what another tool can read of it, in both languages, and no word of a case."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from triage import Triager, bundle
from triage.bundle import Manifest, read_manifest
from triage.learning.registry.card import KINDS, _yaml, card_text
from triage.learning.registry.register import Action, Step
from triage.learning.registry.words import LANGUAGES

GOLDEN = Path(__file__).resolve().parent / "golden" / "format-1"


@pytest.fixture(scope="module")
def manifest(small_bundle: Path) -> Manifest:
    return read_manifest(small_bundle)


def parts_of(text: str) -> tuple[dict[str, Any], str]:
    """The front matter as data, and the rest."""
    _, front, rest = text.split("---\n", 2)
    data: dict[str, Any] = yaml.safe_load(front)
    return data, rest


def promoted(figures: list[dict[str, Any]]) -> Step:
    comparison = {"cases": 128, "figures": figures}
    return Step(Action.PROMOTE, "2026-03", "d", "f", "2026-03-15T08:00:00+00:00", comparison=comparison)


def test_the_front_matter_is_what_the_format_asks(manifest: Manifest) -> None:
    front, _ = parts_of(card_text("2026-03", manifest))
    assert front["language"] == ["zh"]
    assert (front["license"], front["license_name"]) == ("other", "not-for-distribution")
    assert (front["library_name"], front["pipeline_tag"]) == ("suggestion-triage", "text-classification")
    assert "chinese" in front["tags"]
    ((model,)) = front["model-index"]
    (result,) = model["results"]
    assert (model["name"], result["task"]["type"]) == ("2026-03", "text-classification")
    assert {"type", "name"} <= result["dataset"].keys()
    values = {metric["name"]: metric["value"] for metric in result["metrics"]}
    assert values == {name: manifest.card["lead"][name] for name in KINDS if name in manifest.card["lead"]}
    assert {metric["type"] for metric in result["metrics"]} >= {"accuracy", "expected_calibration_error"}


def test_the_hub_reads_it(manifest: Manifest) -> None:
    hub = pytest.importorskip("huggingface_hub")
    step = promoted([{"figure": "lead_top_1", "later": 0.7}])
    read = hub.ModelCard(card_text("2026-03", manifest, step))
    assert read.data.model_name == "2026-03"
    assert {found.dataset_type for found in read.data.eval_results} == {"internal-held-out", "internal-later-cases"}
    assert read.data.license == "other"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sections_are_there_in_both_languages(manifest: Manifest, language: str) -> None:
    _, text = parts_of(card_text("2026-03", manifest, language=language))
    words = LANGUAGES[language]
    titles = re.findall(r"^## (.*)$", text, re.MULTILINE)
    wanted = [words.details, words.use, words.beyond, words.training, words.evaluation, words.limits, words.how]
    assert titles == wanted
    card = manifest.card
    for told in (manifest.fingerprint, manifest.digest, card["data"], card["catalogue"], card["dates"][0], "numpy"):
        assert told in text
    assert str(card["cases"]) in text
    assert f"{card['lead']['top_1']:.4f}" in text
    assert "None" not in text
    assert "{" not in text.partition("```")[0]


def test_english_headings_are_those_of_the_format(manifest: Manifest) -> None:
    text = card_text("x", manifest)
    for title in ("Model Details", "Intended use", "Out-of-scope", "Training data", "Evaluation", "Limitations"):
        assert f"\n## {title}\n" in text
    assert "\n## How to use\n" in text


def test_no_word_of_a_case_and_no_unit_is_in_it(small_bundle: Path, manifest: Manifest) -> None:
    saved = bundle.load(small_bundle)
    titles = [entry["title"] for entry in saved.parts["precedents"].data["precedents"]]
    units = Triager.load(small_bundle).units
    for language in LANGUAGES:
        text = card_text("2026-03", manifest, language=language)
        assert not [title for title in titles if title and title in text]
        assert not [unit for unit in units if len(unit) > 3 and unit in text]


def test_what_it_reached_when_it_was_put_into_use_is_shown(manifest: Manifest) -> None:
    figures = [
        {"figure": "lead_top_1", "later": 0.7123},
        {"figure": "co_recall_5", "later": 0.5},
        {"figure": "suggest_accuracy", "later": None},
        {"figure": "co_recall_3", "later": 0.4},
    ]
    text = card_text("2026-03", manifest, promoted(figures))
    assert "On 128 handled cases that it had not learned from, when it was put into use on 2026-03-15" in text
    front, _ = parts_of(text)
    later = front["model-index"][0]["results"][1]
    assert {metric["name"]: metric["value"] for metric in later["metrics"]} == {"top_1": 0.7123, "co_recall_5": 0.5}


def test_a_cold_bundle_says_that_nothing_was_measured(manifest: Manifest) -> None:
    cold = {**manifest.card, "cases": 0, "cases_used": 0, "dates": [], "lead": {}, "data": ""}
    text = card_text("starter", replace(manifest, card=cold))
    front, _ = parts_of(text)
    assert front["license"] == "apache-2.0"
    assert "model-index" not in front
    assert "Nothing was measured" in text


def test_a_promise_that_is_not_proven_is_told(manifest: Manifest) -> None:
    unproven = {**manifest.card, "promise": {"accuracy": 0.9, "proven": False, "coverage": 0.0}}
    assert "Its promise of 90% is not proven" in card_text("x", replace(manifest, card=unproven))
    proven = {**manifest.card, "promise": {"accuracy": 0.9, "proven": True, "coverage": 0.3}}
    assert "not proven" not in card_text("x", replace(manifest, card=proven))


def test_a_bundle_of_an_earlier_version_has_a_card_too() -> None:
    old = read_manifest(GOLDEN)
    assert "data" not in old.card
    for language in LANGUAGES:
        front, text = parts_of(card_text("old", old, language=language))
        assert front["model-index"]
        assert "None" not in text


PLAIN = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(-(10**6), 10**6),
        st.floats(-1e6, 1e6),
        st.text(st.characters(exclude_categories=("C",))),
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3),
        st.dictionaries(st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True), inner, min_size=1, max_size=3),
    ),
    max_leaves=8,
)


@example({"key_": {"no": False, "null": "yes"}})
@given(st.dictionaries(st.from_regex(r"key_[a-z_]{0,8}", fullmatch=True), PLAIN, min_size=1, max_size=4))
def test_what_is_written_as_yaml_is_read_back(value: dict[str, Any]) -> None:
    # YAML 1.1 wants a point in 1e-05: numbers here are rounded.
    rounded = json.loads(json.dumps(value), parse_float=lambda text: round(float(text), 3) + 0.0)
    assert yaml.safe_load("\n".join(_yaml(rounded))) == rounded
