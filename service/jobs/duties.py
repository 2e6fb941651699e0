"""Which duties a worker has, by the settings."""

from __future__ import annotations

from service.jobs.worker import Duty
from service.settings import Settings
from service.store.store import Store


def duties_of(settings: Settings, store: Store) -> list[Duty]:
    """Everything that goes on beside the requests. It is made in the process that does it, after the fork."""
    from service.webhooks.delivering import Deliverer

    return [Deliverer(store, settings.webhook_hosts)]
