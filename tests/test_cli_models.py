"""``triage models``: from a bundle to the registry, into use, back again; what a clerk of data reads on the way."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient

from service.app import create_app
from service.settings import Settings
from triage import Triager, bundle
from triage.learning.registry.folder import ModelRegistry

LATER = {
    "关于为老旧泵房加装减振垫的建议": "住房和城乡建设局",
    "关于给环卫工人配发反光雨衣的建议": "综合行政执法局",
    "关于在菜场门口划出卸货时段的建议": "公安局",
    "关于把村卫生室的药柜补齐的建议": "卫生健康局",
    "关于请非遗传人进课堂的建议": "教育局",
    "关于清理鱼塘增氧机旧电线的建议": "农业农村局",
    "关于延长夜间末班车的建议": "交通运输局",
    "关于给河长牌加印电话的建议": "水利局",
}


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """Cases that no bundle has learned from."""
    path = tmp_path / "later.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "title", "lead"])
        rows.writerows([f"L{number}", title, lead] for number, (title, lead) in enumerate(LATER.items()))
    return path


@pytest.fixture
def twins(tmp_path: Path, small_bundle: Path) -> tuple[Path, Path]:
    """Two bundles that answer alike and are not the same."""
    saved = bundle.load(small_bundle)
    other = bundle.save(tmp_path / "autumn", saved.parts, {**saved.card, "note": "again"})
    return Path(shutil.copytree(small_bundle, tmp_path / "spring")), other


def test_from_a_bundle_into_use_and_back(
    command: Callable[..., Any], tmp_path: Path, twins: tuple[Path, Path], later: Path
) -> None:
    models = tmp_path / "models"
    where = ("--registry", models)
    empty = command("models", "list", *where)
    assert (empty.code, "no bundle yet" in empty.out) == (0, True)
    for folder in twins:
        done = command("models", "add", folder, *where)
        assert (done.code, done.err) == (0, "")
    named = command("models", "add", twins[0], "--name", "winter", *where)
    assert "triage models promote winter" in named.out
    asked = command("recommend", "--model", models, "关于延长公交线路的建议")
    assert asked.code == 2
    assert "none is in use. Put one into use with `triage models promote NAME" in asked.err
    first = command("models", "promote", "spring", "--cases", later, "--by", "张三", *where)
    assert (first.code, "in use: spring  by 张三" in first.out) == (0, True)
    assert "not used, as no model was in use" in first.err
    answered = json.loads(command("recommend", "--model", models, "关于延长公交线路的建议").out)
    assert answered["model"] == Triager.load(twins[0]).card["model"]

    refused = command("models", "promote", "autumn", *where)
    assert refused.code == 2
    assert "autumn is not put into use in place of spring" in refused.err
    done = command("models", "promote", "autumn", "--cases", later, *where)
    assert done.code == 0
    assert "in use: autumn  in place of spring" in done.out
    assert "8 cases are too few to tell" in done.out
    assert ModelRegistry(models).register().in_use is not None

    listed = command("models", "list", *where).out
    assert [row.split("│")[2].strip() for row in listed.splitlines() if row.startswith("│ autumn")] == ["yes"]
    assert "in use: autumn" in listed
    told = json.loads(command("models", "list", "--json", *where).out)
    assert told["in_use"]["bundle"] == "autumn"
    assert [one["name"] for one in told["bundles"]] == ["autumn", "spring", "winter"]
    assert told["bundles"][0]["fingerprint"] == told["bundles"][1]["fingerprint"], "the same parts"
    assert told["history"][1]["comparison"]["cases"] == 8

    back = command("models", "rollback", "--reason", "退单多了", *where)
    assert (back.code, "back to: spring  in place of autumn  reason: 退单多了" in back.out) == (0, True)
    nothing = command("models", "rollback", *where)
    assert (nothing.code, "nothing was in use before spring" in nothing.err) == (2, True)


def test_a_comparison_is_shown_and_written(
    command: Callable[..., Any], tmp_path: Path, twins: tuple[Path, Path], later: Path
) -> None:
    models, out = tmp_path / "models", tmp_path / "comparison.json"
    command("models", "add", twins[0], "--registry", models)
    done = command(
        *("models", "compare", "spring", twins[1], "--cases", later),
        *("--output", out, "--registry", models),
    )
    assert done.code == 0
    for told in ("lead_top_1", "suggest_accuracy", "B − A", "8 cases"):
        assert told in done.out
    written = json.loads(out.read_bytes())
    assert {entry["figure"] for entry in written["figures"]} >= {"lead_top_1", "lead_calibration_error"}
    assert written["moved"] == []
    assert not any(title in out.read_text(encoding="utf-8") for title in LATER)


def test_cases_that_were_learned_from_are_no_ground(
    command: Callable[..., Any], tmp_path: Path, twins: tuple[Path, Path], root: Path
) -> None:
    models = tmp_path / "models"
    for folder in twins:
        command("models", "add", folder, "--registry", models)
    command("models", "promote", "spring", "--registry", models)
    told = command("models", "promote", "autumn", "--cases", root / "examples" / "cases.csv", "--registry", models)
    assert told.code == 2
    assert "of 459 cases 459 are among those that one of the models learned from" in told.err
    forced = command(
        *("models", "promote", "autumn", "--force", "--reason", "会议决定", "--registry", models),
    )
    assert forced.code == 0
    assert "FORCED" in forced.out
    assert "forced in spite of this: it was not compared" in forced.err


def test_the_card_is_printed_and_written(command: Callable[..., Any], tmp_path: Path, small_bundle: Path) -> None:
    models, out = tmp_path / "models", tmp_path / "CARD.md"
    command("models", "add", small_bundle, "--name", "2026-03", "--registry", models)
    printed = command("models", "card", "2026-03", "--registry", models)
    assert printed.out == (models / "2026-03" / "README.md").read_text(encoding="utf-8")
    done = command("models", "card", small_bundle, "--language", "zh", "--out", out, "--registry", models)
    assert (done.code, done.out) == (0, "")
    text = out.read_text(encoding="utf-8")
    assert "## 模型说明" in text
    assert yaml.safe_load(text.split("---\n")[1])["model-index"][0]["name"] == small_bundle.name


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("promote", "../out"), "a bundle's name has letters"),
        (("promote", "absent"), "no bundle 'absent' here; there are: none"),
        (("add", "absent"), "no bundle here"),
        (("card", "../absent"), "neither a bundle of"),
        (("compare", "one", "two", "--cases", "absent.csv"), "no bundle 'one' here"),
        (("rollback",), "nothing was in use before"),
    ],
)
def test_what_cannot_be_done_is_one_message(
    command: Callable[..., Any], tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    done = command("models", *arguments, "--registry", tmp_path / "models")
    assert done.code == 2
    assert told in done.err
    assert done.err.startswith("triage: ")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_register_is_one_message_everywhere(
    command: Callable[..., Any], tmp_path: Path, small_bundle: Path
) -> None:
    models = tmp_path / "models"
    command("models", "add", small_bundle, "--name", "one", "--registry", models)
    command("models", "promote", "one", "--registry", models)
    (models / "register.json").write_text("{", encoding="utf-8")
    for arguments in (
        ("models", "list", "--registry", models),
        ("models", "rollback", "--registry", models),
        ("recommend", "--model", models, "关于修路的建议"),
        ("serve", "--model", models),
    ):
        done = command(*arguments)
        assert done.code == 2
        assert "register.json: damaged" in done.err


def test_the_service_answers_with_the_bundle_in_use_when_it_starts(tmp_path: Path, twins: tuple[Path, Path]) -> None:
    registry = ModelRegistry(tmp_path / "models")
    for folder in twins:
        registry.add(folder)
    registry.promote("spring", Triager.load)
    settings = Settings.from_environment({"TRIAGE_MODEL": str(registry.folder)})

    def served() -> Any:
        triager = Triager.load(str(settings.model))
        with TestClient(create_app(settings, triager)) as client:
            return client.get("/v1/model").json()

    before = served()
    assert before["bundle"] == "spring"
    registry.promote("autumn", Triager.load, force=True, reason="试用")
    after = served()
    assert (after["bundle"], after["note"]) == ("autumn", "again")
    assert after["fingerprint"] == before["fingerprint"]
    assert after["model"] != before["model"]
    assert str(tmp_path) not in json.dumps(after)
