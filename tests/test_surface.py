"""What the library offers by name. To add a name is a decision, to take one away breaks a caller: both show here."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
import tomllib
from pathlib import Path

import pytest

import triage
from triage import errors, records

RECORDS = {
    "AreaMention",
    "LABELS",
    "Case",
    "Decision",
    "Duplicate",
    "Evidence",
    "Grade",
    "Jurisdiction",
    "LevelFound",
    "Matter",
    "Mode",
    "PairEvidence",
    "Reason",
    "ReturnRisk",
    "SharedPhrase",
    "Span",
    "Suggestion",
    "SystemScore",
    "TopicScore",
    "Triaged",
    "UnitScore",
}
ERRORS = {
    "BundleError",
    "CatalogueError",
    "DamagedBundle",
    "DamagedIndex",
    "EncoderError",
    "ForeignEncoder",
    "ForeignIndex",
    "IndexFileError",
    "InputError",
    "NewerFormat",
    "NewerIndex",
    "PromotionRefused",
    "RegisterError",
    "StorageError",
    "TooManyRows",
    "TriageError",
}


def test_the_public_names_are_exactly_these() -> None:
    assert set(triage.__all__) == RECORDS | ERRORS | {"Triager"}
    assert len(triage.__all__) == len(set(triage.__all__))


def test_the_version_is_the_only_one() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", triage.__version__)
    assert "version" in project["dynamic"], (
        "it is read from triage/__init__.py, so that there is one place to change it"
    )


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_every_record_is_public(name: str) -> None:
    assert getattr(triage, name) is getattr(records, name)


def test_every_class_of_the_records_and_errors_is_exported() -> None:
    for module, names in ((records, RECORDS), (errors, ERRORS)):
        own = {
            name for name, thing in inspect.getmembers(module, inspect.isclass) if thing.__module__ == module.__name__
        }
        assert own <= names


def test_every_error_hangs_in_one_tree_and_in_its_drawing() -> None:
    assert errors.__doc__ is not None
    for name in ERRORS:
        assert getattr(triage, name) is getattr(errors, name)
        assert issubclass(getattr(triage, name), triage.TriageError)
        assert re.search(rf"\b{name}\b", errors.__doc__), f"{name} is missing from the tree in triage.errors"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'triage' has no attribute 'Triagger'"):
        triage.Triagger  # noqa: B018 - asking for it is the test


def test_dir_shows_what_is_not_imported_yet() -> None:
    assert set(triage.__all__) <= set(dir(triage))


@pytest.mark.skipif(importlib.util.find_spec("triage.triager") is None, reason="triage.triager is not written yet")
def test_triager_is_the_door() -> None:
    assert triage.Triager is importlib.import_module("triage.triager").Triager
    for method in ("load", "triage", "save"):
        assert callable(getattr(triage.Triager, method)), f"Triager.{method}"


def test_the_types_are_shipped() -> None:
    assert (Path(triage.__file__).parent / "py.typed").is_file()


def test_every_public_name_says_what_it_is() -> None:
    for name in RECORDS | ERRORS:
        if name != "LABELS":
            assert (getattr(triage, name).__doc__ or "").strip(), name
