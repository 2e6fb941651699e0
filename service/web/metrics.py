"""What Prometheus reads under ``/metrics``: counted while requests pass, and looked up in the memory when it asks.

Several processes: prometheus_client keeps their counts in files of a folder, and whoever is asked adds them up. The
folder is named by ``PROMETHEUS_MULTIPROC_DIR`` before this module's first `Metrics`, is empty at the start, and `died`
is told of each process that has ended. Without it one process counts for itself. What is looked up (jobs, messages,
the trail, the index) is the same whichever process is asked.

Labels are names of ours: templates of paths, statuses, codes, states. Nothing that a caller has sent is ever one.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.logs import log_fault
from service.store.store import Store
from service.store.tables_service import DELIVERY_STATES, JOB_STATES, DeliveryRow, JobRow, TrailHead, TrailRow
from service.store.trail import HEAD
from triage.errors import TriageError

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.metrics_core import Metric

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
DECIDED = {"decision.made": "made", "decision.changed": "changed"}


class Metrics:
    """The counts of this process. `seen` is told of each request when it is over."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self.registry = CollectorRegistry()
        own: dict[str, Any] = {"registry": self.registry}
        labels = ("path", "method")
        self._requests = Counter("triage_requests", "Requests that were answered.", (*labels, "status"), **own)
        self._seconds = Histogram("triage_request_seconds", "Seconds until the answer.", labels, buckets=SECONDS, **own)
        self._suggestions = Counter("triage_suggestions", "Suggestions in answered requests.", ("path",), **own)
        self._problems = Counter("triage_problems", "Problem documents, by their code.", ("code",), **own)
        gauge: dict[str, Any] = own | {"multiprocess_mode": "livesum"}
        self._room = Gauge("triage_queue_room", "Requests that may be computed or wait at a time.", **gauge)
        self._inside = Gauge("triage_queue_inside", "Requests that are being computed or wait.", **gauge)

    def seen(self, entry: Mapping[str, Any], seconds: float, problem: str = "") -> None:
        """Count a request by its line in the access log."""
        path, method, status = entry["path"], entry["method"], str(entry["status"])
        self._requests.labels(path, method, status).inc()
        self._seconds.labels(path, method).observe(seconds)
        if problem:
            self._problems.labels(problem).inc()
        elif entry["suggestions"]:
            self._suggestions.labels(path).inc(entry["suggestions"])

    def queue(self, inside: int, room: int) -> None:
        """The queue has so many requests inside now, of so many that have room."""
        self._inside.set(inside)
        self._room.set(room)

    def text(self, state: State) -> tuple[bytes, str]:
        """All metrics of all processes, and `state`, in the form that Prometheus reads; the body and its media type."""
        from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        together = CollectorRegistry()
        parts: list[CollectorRegistry] = [self.registry]
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            MultiProcessCollector(together)  # type: ignore[no-untyped-call]
            parts = [together]
        looked_up = CollectorRegistry()
        looked_up.register(state)  # it has `collect`, which is all that is asked for
        return b"".join(generate_latest(part) for part in (*parts, looked_up)), CONTENT_TYPE_LATEST


@contextmanager
def counted_together() -> Iterator[None]:
    """Processes that are forked inside of the block count into one folder, which is taken away at its end. A
    folder that the environment names already is left to who has named it.
    """
    if (
        os.environ.get("PROMETHEUS_MULTIPROC_DIR") or "prometheus_client.values" in sys.modules
    ):  # how it counts is settled when it is loaded
        yield
        return
    with tempfile.TemporaryDirectory(prefix="triage-metrics-") as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]


def died(pid: int) -> None:
    """A process has ended: what it had in its queue counts no more. Its totals stay."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(pid)  # type: ignore[no-untyped-call]


class Tally:
    """Entries of the trail by action, and decisions by kind, since the memory began. Reads on from where it was."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seq = 0
        self.actions: Counter[str] = Counter()
        self.decisions: Counter[tuple[str, str, str]] = Counter()

    def read(self, session: Session) -> tuple[dict[str, int], dict[tuple[str, str, str], int]]:
        """Both counts as of now: action → entries, and (kind, mode, advice) → decisions."""
        with self._lock:
            head = session.get_one(TrailHead, HEAD).seq
            if head < self._seq:  # an older backup was restored
                self._seq = 0
                self.actions.clear()
                self.decisions.clear()
            if head > self._seq:
                self._add(session, head)
            return dict(self.actions), dict(self.decisions)

    def _add(self, session: Session, head: int) -> None:
        between = (TrailRow.seq > self._seq, TrailRow.seq <= head)
        columns = (TrailRow.action, TrailRow.details["mode"].as_string(), TrailRow.details["advice"].as_string())
        decided = select(*columns, func.count()).where(*between, TrailRow.action.in_(DECIDED)).group_by(*columns)
        rows = session.execute(decided).all()
        actions = select(TrailRow.action, func.count()).where(*between).group_by(TrailRow.action)
        counted = {str(action): int(count) for action, count in session.execute(actions)}
        for action, mode, advice, count in rows:
            self.decisions[DECIDED[action], mode or "unknown", advice or "unknown"] += count
        self.actions.update(counted)
        self._seq = head


class State:
    """What is looked up when Prometheus asks: which `model` and `catalogue` answer, what `index` tells, the memory."""

    def __init__(
        self,
        store: Store | None,
        tally: Tally,
        model: str,
        catalogue: str,
        index: Callable[[], Mapping[str, Any] | None],
    ) -> None:
        self.store = store
        self.tally = tally
        self.model = model
        self.catalogue = catalogue
        self.index = index

    def collect(self) -> Iterable[Metric]:
        """The metrics; those of a part that fails are left out, so that the others can still be read."""
        from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

        if self.model:
            named = {"model": self.model, "catalogue": self.catalogue}
            yield InfoMetricFamily("triage_model", "The bundle and the catalogue version that answer.", value=named)
        yield from _tried(self._index)
        if self.store is not None:
            found = _tried(self._memory)
            yield GaugeMetricFamily("triage_store_up", "Whether the memory can be read.", value=float(bool(found)))
            yield from found

    def _index(self) -> list[Metric]:
        from prometheus_client.core import GaugeMetricFamily

        found = self.index() or {}
        told = {"texts": "Texts in the duplicate index.", "behind": "Entries of the trail that it has yet to follow."}
        return [
            GaugeMetricFamily(f"triage_index_{name}", text, value=float(found[name]))
            for name, text in told.items()
            if found.get(name) is not None
        ]

    def _memory(self) -> list[Metric]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        assert self.store is not None  # noqa: S101 - `collect` asks for it only then
        with self.store.read() as session:
            actions, decisions = self.tally.read(session)
            jobs, messages = _by_state(session, JobRow.state), _by_state(session, DeliveryRow.state)
        entries = CounterMetricFamily("triage_trail_entries", "Entries of the trail, by action.", labels=("action",))
        for action, count in sorted(actions.items()):
            entries.add_metric((action,), count)
        labels = ("kind", "mode", "advice")
        decided = CounterMetricFamily("triage_decisions", "Decisions of people, by kind.", labels=labels)
        for kinds, count in sorted(decisions.items()):
            decided.add_metric(kinds, count)
        states = []
        for name, text, known, counts in (
            ("triage_jobs", "Jobs that are kept, by state.", JOB_STATES, jobs),
            ("triage_deliveries", "Messages to webhooks that are kept, by state.", DELIVERY_STATES, messages),
        ):
            family = GaugeMetricFamily(name, text, labels=("state",))
            for state in known:
                family.add_metric((state,), counts.get(state, 0))
            states.append(family)
        return [entries, decided, *states]


def _by_state(session: Session, column: Any) -> dict[str, int]:
    rows = session.execute(select(column, func.count()).group_by(column))
    return {str(state): int(count) for state, count in rows}


def _tried(look: Callable[[], list[Metric]]) -> list[Metric]:
    try:
        return look()
    except TriageError as error:
        log_fault(error)
        return []
