"""``triage serve``: bind the port, load the bundle, say where it answers, and stop without cutting anybody off."""

from __future__ import annotations

import errno
import ipaddress
import json
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn

from service.app import create_app
from service.logs import set_up_logs
from service.processes import starting
from service.processes.serving import SETTINGS
from service.served.model import ServedModel
from service.settings import Settings
from service.shapes.examples import BUS
from triage.bundle import load_card
from triage.catalogue import load_office
from triage.duplicates.database import check_first_bytes
from triage.errors import InputError

_REMEDIES = {
    errno.EADDRINUSE: "another program listens there. Stop it, or choose another port with --port",
    errno.EACCES: "this user may not listen there. Choose a port from 1024 on with --port",
    errno.EADDRNOTAVAIL: "this machine has no such address. Choose 127.0.0.1 or one of its own with --host",
}


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def serve(
    model: str | Path | None = None,
    host: str | None = None,
    port: int | None = None,
    encoder: str | Path | None = None,
    *,
    demo: bool = False,
    say: Callable[[str], object] = _say,
    **more: Any,
) -> None:
    """Serve the bundle in `model` until SIGTERM or Ctrl-C, finishing the requests that run.

    What is None comes from the environment (``TRIAGE_MODEL``, ``TRIAGE_HOST`` …) or its default; `more` are further
    settings. `demo` puts the demo data into the memory. `say` takes the lines for the terminal. Raises InputError for a
    setting or an address that cannot be used, StoreError for a memory, and as `ServedModel.open`.
    """
    settings = Settings.from_environment(None, model=model, host=host, port=port, encoder=encoder, **more)
    _check_files(settings)
    several = starting.wanted(settings)
    key = _prepare_memory(settings, demo=demo)
    listening = listen(settings.host, settings.port)
    set_up_logs()
    address = url(settings.host, listening.getsockname()[1])
    say(f"Loading the model {settings.model}{f' and the index {settings.index}' if settings.index else ''} …")
    told = announcement(address, settings.host, memory=bool(settings.database_url), key=key, page=settings.page)
    if several:
        try:
            starting.run(settings, listening, lambda: say(told))
        finally:
            listening.close()
    else:
        _serve_alone(settings, listening, lambda: say(told))


def check(
    model: str | Path | None = None,
    host: str | None = None,
    port: int | None = None,
    encoder: str | Path | None = None,
    *,
    say: Callable[[str], object] = _say,
    **more: Any,
) -> bool:
    """Say of everything that a start needs whether it is there, a line each, and change nothing. True: all is well.

    The arguments are those of `serve`. Raises InputError for settings that cannot be read.
    """
    from service.processes import checking

    settings = Settings.from_environment(None, model=model, host=host, port=port, encoder=encoder, **more)
    well = True
    for line in checking.check(settings, listen):
        say(str(line))
        well = well and line.well
    return well


def _serve_alone(settings: Settings, listening: socket.socket, ready: Callable[[], object]) -> None:
    """In this process alone: the bundle is loaded in the background, so that it is alive before it is ready."""

    def loaded(served: ServedModel) -> None:
        if served.failure:
            server.should_exit = True
        else:
            ready()

    app = create_app(settings, loaded=loaded)
    server = uvicorn.Server(uvicorn.Config(app, timeout_graceful_shutdown=settings.grace_seconds, **SETTINGS))
    app.state.stops = lambda: server.should_exit
    _run(server, listening)
    if app.state.model.failure:
        raise app.state.model.failure


def _prepare_memory(settings: Settings, *, demo: bool) -> str:
    """Bring the memory up to date before anybody asks it. With `demo` its data are put in, a job is to give advice on
    them, and a ready key is returned.

    Raises InputError, StoreError.
    """
    from service.jobs.queue import prepare, submit
    from service.store.migrate import upgrade
    from service.store.store import Store

    if demo and (settings.data is None or not settings.database_url):
        raise InputError("the demo data need a folder of their own. Give --data a folder, such as --data demo.")
    if not settings.database_url:
        return ""
    store = Store(settings.database_url)
    try:
        upgrade(store)
        prepare(store, settings.jobs)
        if not demo or settings.data is None:
            return ""
        from service.demo import ready_key, seed
        from service.demo.seeding import ACTOR
        from service.jobs.sources import FILTER

        if seed(store):
            with store.write(ACTOR) as writing:
                submit(writing, "triage", {"store": True, FILTER: {}}, confidential=True, deferring=settings.jobs)
        return ready_key(store, settings.data)
    finally:
        store.close()


def _check_files(settings: Settings) -> None:
    """Say before anything starts that a file is missing, none of ours or of a later version; loading checks the rest.

    Raises InputError, BundleError, IndexFileError or CatalogueError.
    """
    if settings.model is None:
        raise InputError("no model is named. Give --model the folder of a bundle made by `triage train`.")
    load_card(settings.model)
    if settings.index is not None:
        check_first_bytes(settings.index)
    if settings.catalogue is not None:
        load_office(settings.catalogue)


def _run(server: uvicorn.Server, listening: socket.socket) -> None:
    """Run until told to stop. SIGTERM is the normal way to stop a service, so it ends without an error."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda number, frame: setattr(server, "should_exit", True))
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    finally:
        listening.close()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises InputError with the remedy where there can be none."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        detail = f"host {host!r}: cannot be resolved ({error.strerror}). Give an address such as 127.0.0.1."
        raise InputError(detail) from None
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(place)
        listening.listen(2048)
    except OSError as error:
        listening.close()
        remedy = _REMEDIES.get(error.errno or 0, error.strerror or str(error))
        raise InputError(f"host {host}, port {port}: cannot listen there: {remedy}.") from None
    return listening


def url(host: str, port: int) -> str:
    """The address to call: 0.0.0.0 means every address of this machine and is none itself."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - shown, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def announcement(address: str, host: str, *, memory: bool = False, key: str = "", page: bool = False) -> str:
    """What the terminal shows when the service is ready: the address, that of the page, and a command to paste."""
    body = json.dumps({"suggestions": [{"id": BUS["id"], "title": BUS["title"]}]}, ensure_ascii=False)
    allowed = f" -H 'Authorization: Bearer {key}'" if key else ' -H "Authorization: Bearer $KEY"' if memory else ""
    lines = ["", address, ""]
    if page:
        # What stands behind # stays in the browser: no server, proxy or log gets to see the key.
        lines += [f"The clerk's page: {address}/{f'#key={key}' if key else ''}", ""]
    if key:
        lines += [f"A key that may do everything: {key}", ""]
    lines += [
        f"curl -s {address}/v1/triage{allowed} -H 'Content-Type: application/json' -d '{body}'",
        "",
        f"The model: {address}/v1/model   The interface: {address}/openapi.json   Ctrl-C stops.",
    ]
    if memory and not key:
        lines.append("Keys are made with `triage keys add`.")
    if not _is_loopback(host):
        keyless = (
            "its keys travel as they are: put a proxy that speaks TLS in front" if memory else "it asks for no key"
        )
        lines.append(f"Note: {host} can be reached from other machines, and {keyless}.")
    return "\n".join(lines)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
