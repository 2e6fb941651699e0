"""What an operator is given: the unit, the container file, the wheelhouse, the demo memory of `make run`."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from service.settings import Settings


@pytest.fixture(scope="module")
def unit(root: Path) -> configparser.ConfigParser:
    parser = configparser.RawConfigParser(strict=False, comment_prefixes=("#",), interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(root / "examples" / "systemd" / "triage.service", encoding="utf-8")
    return parser


def test_the_unit_takes_rights_away_and_stops_gently(unit: configparser.ConfigParser) -> None:
    service = unit["Service"]
    assert service["User"] not in ("", "root")
    for name in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome", "LockPersonality"):
        assert service[name] == "yes", name
    assert (service["ProtectSystem"], service["CapabilityBoundingSet"]) == ("strict", "")
    assert int(service["TimeoutStopSec"]) > Settings().grace_seconds + 15, "systemd must not be quicker than the grace"
    assert service["ExecReload"].endswith("-HUP $MAINPID")


@pytest.mark.machine
def test_the_unit_is_one_that_systemd_reads(root: Path, tmp_path: Path) -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("systemd is not installed here")
    text = (root / "examples" / "systemd" / "triage.service").read_text(encoding="utf-8")
    program = shutil.which("true")
    file = tmp_path / "triage.service"
    file.write_text(re.sub(r"(?<=ExecStart=)\S+", str(program), text), encoding="utf-8")
    said = subprocess.run([verify, "verify", "--man=no", str(file)], check=False, capture_output=True, text=True)
    complaints = [line for line in said.stderr.splitlines() if "triage.service" in line]
    assert not complaints


def test_the_settings_beside_the_unit_can_be_read(root: Path) -> None:
    file = root / "examples" / "systemd" / "triage.toml"
    settings = Settings.from_environment({}, config=file)
    assert settings.processes == tomllib.loads(file.read_text(encoding="utf-8"))["processes"]


def test_the_container_is_built_offline_and_runs_without_rights(root: Path) -> None:
    lines = (root / "examples" / "container" / "Containerfile").read_text(encoding="utf-8").splitlines()
    steps = [line for line in lines if line and not line.startswith(("#", " "))]
    installs = [line for line in steps if "pip install" in line]
    assert installs
    assert all("--no-index" in line for line in installs)
    (user,) = (line.split()[1] for line in steps if line.startswith("USER "))
    assert user.partition(":")[0] not in ("root", "0")
    assert not [line for line in steps if re.search(r"\b(curl|wget|apt|apk)\b", line)]
    sources = [
        part for line in steps if line.startswith("COPY") and "--from" not in line for part in line.split()[1:-1]
    ]
    assert set(sources) == {"build/wheelhouse", "models/encoder", "models/starter"}
    named = set(re.findall(r"\b(TRIAGE_[A-Z_]+)=", "\n".join(lines)))
    assert named <= {f"TRIAGE_{name.upper()}" for name in Settings.model_fields}


def test_the_demo_memory_and_the_wheels_are_no_part_of_the_repository(root: Path) -> None:
    ignored = (root / ".gitignore").read_text(encoding="utf-8").splitlines()
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    memory = re.search(r"^MEMORY \?= (\S+)", makefile, re.MULTILINE)
    wheels = re.search(r"^WHEELHOUSE \?= (\S+)", makefile, re.MULTILINE)
    assert memory is not None
    assert wheels is not None
    assert f"/{memory[1]}/" in ignored
    assert f"{wheels[1].partition('/')[0]}/" in ignored
