"""A PostgreSQL server of the tests' own: made in a temporary folder, reached over a socket in it, gone at the end.

TRIAGE_TEST_POSTGRES names another server (postgresql://user@host/postgres) whose user may create databases.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import URL, make_url

QUICK = ("fsync=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=200", "listen_addresses=")
"""These databases need not outlive a power cut. Nothing listens on the network."""
# The server ends with the tests even if they are killed: its shell reads from a pipe that they hold.
WITH_US = '"$@" </dev/null & server=$!; read -r _; kill -INT $server; wait $server'
MISSING = (
    "no PostgreSQL: install the server (on Debian `apt-get install postgresql`) "
    "or name one in TRIAGE_TEST_POSTGRES=postgresql://user@host/postgres"
)


class PostgresServer:
    """A server on which databases are made and dropped."""

    def __init__(self, url: URL) -> None:
        self.url = url

    def database(self, template: str = "template0") -> str:
        """The URL of a new database, a copy of `template`."""
        name = f"triage_test_{secrets.token_hex(6)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'")
        return self.url.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self._run(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")

    def cut(self, url: str) -> None:
        """End all connections to a database, as a server that goes away does."""
        name = make_url(url).database
        self._run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608

    def _run(self, statement: str) -> None:
        url = self.url.render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(statement.encode())


def programs() -> Path | None:
    """The folder with PostgreSQL's programs, or None where there are none."""
    found = [shutil.which("postgres"), *sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)]
    return next((Path(one).resolve().parent for one in found if one is not None), None)


class OwnServer(PostgresServer):
    """A server of our own in `home`, by the programs in `folder`; it can be stopped and started again."""

    def __init__(self, folder: Path, home: Path, user: pwd.struct_passwd | None) -> None:
        super().__init__(URL.create("postgresql", "triage", database="postgres", query={"host": str(home)}))
        self.folder, self.home, self.data = folder, home, home / "data"
        self.ids: dict[str, Any] = {}
        if user is not None:
            self.ids = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        make = [folder / "initdb", "-D", self.data, "-U", "triage", "--auth=trust", "-E", "UTF8", "--locale=C"]
        subprocess.run([*make, "--no-sync"], cwd=home, check=True, capture_output=True, **self.ids)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = [part for option in (*QUICK, f"unix_socket_directories={self.home}") for part in ("-c", option)]
        command = ["sh", "-c", WITH_US, "sh", self.folder / "postgres", "-D", self.data, *options]
        log = self.home / "log"
        with log.open("wb") as told:
            out: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": told, "stderr": told, **self.ids}
            self.process = subprocess.Popen(command, cwd=self.home, start_new_session=True, **out)
        _wait(self.url, log)

    def stop(self) -> None:
        """Stop it; whoever is connected is cut off."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(60)


@contextmanager
def own_server(folder: Path) -> Iterator[OwnServer]:
    """A server of our own, by the programs in `folder`. PostgreSQL refuses to run as root: then it runs as another."""
    user = _another_user() if os.geteuid() == 0 else None
    home = Path(tempfile.mkdtemp(prefix="triage-postgres-"))
    try:
        if user is not None:
            os.chown(home, user.pw_uid, user.pw_gid)
        server = OwnServer(folder, home, user)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _another_user() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("PostgreSQL does not run as root, and there is no user `postgres` or `nobody`")


def _wait(url: URL, log: Path) -> None:
    for _ in range(300):
        try:
            psycopg.connect(url.render_as_string(hide_password=False)).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text(errors='replace')[-2000:]}")
