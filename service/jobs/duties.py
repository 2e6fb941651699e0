"""Which duties a worker has, by the settings."""

from __future__ import annotations

from service.jobs.worker import Duty
from service.served.model import ServedModel
from service.settings import Settings
from service.store.store import Store


def duties_of(settings: Settings, store: Store, model: ServedModel | None = None) -> list[Duty]:
    """Everything that goes on beside the requests. It is made in the process that does it, after the fork.

    `model` is what was loaded before the fork and is shared with the processes that serve; without it (`triage worker`)
    a duty that needs a model loads its own.
    """
    from service.jobs.bench import Bench
    from service.jobs.procrastinated import ProcrastinateRunner
    from service.jobs.queue import PROCRASTINATE, prepare
    from service.jobs.runner import JobRunner
    from service.served.following import Follower
    from service.store.upkeep import Upkeep
    from service.webhooks.delivering import Deliverer

    prepare(store, settings.jobs)
    bench = Bench(settings, store, model)
    return [
        ProcrastinateRunner(bench) if settings.jobs == PROCRASTINATE else JobRunner(bench),
        Follower(store, settings, model),
        Deliverer(store, settings.webhook_hosts),
        Upkeep(store, settings.job_days),
    ]
