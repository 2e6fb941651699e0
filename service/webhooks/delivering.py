"""Sending messages: each is tried until it arrives, with growing pauses, and at last laid aside as a dead letter.

A message is claimed in a transaction before it goes out and told of in another after. Who claimed it holds it for
`LEASE`; when the process dies in between, another sends it again under the same id. So each message arrives at least
once, and no two workers send the same one at a time.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from service.logs import log_fault
from service.store import deliveries, webhooks
from service.store.columns import now
from service.store.deliveries import Claim
from service.store.errors import StoreError
from service.store.store import Store
from service.store.trail import canonical
from service.webhooks.addresses import checked
from service.webhooks.signing import signed
from triage import __version__
from triage.errors import InputError

if TYPE_CHECKING:
    import ssl

    import httpx

ACTOR = "webhooks"
PAUSES = (5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
"""Seconds between the attempts, eight in all over a day and a bit: the schedule that the specification proposes."""
JITTER = 0.2
"""A pause is up to this share longer, so that what failed together does not come back together."""
SECONDS = 10.0
"""For a whole attempt: name, connection, sending, the status of the answer."""
LEASE = timedelta(seconds=120)
"""For an attempt and its record, with room: a resolver may take half a minute to give up."""
AT_A_TIME = 20
OF_ONE = 4
"""Messages to one address at a time: one that is slow holds up its own."""
GONE = 410
KEEP = timedelta(days=30)
SWEEP = 3_600.0
"""Seconds between two looks for messages that are past their keep."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt went: the HTTP `status`, or the kind of `error` that kept it from having one."""

    status: int | None = None
    error: str = ""
    retry_after: int = 0
    final: bool = False
    """Trying again cannot help."""


class Deliverer:
    """The duty of a worker that sends what waits. Several may run, in several processes and on several machines."""

    name = "webhooks"
    pause = 2.0

    def __init__(
        self,
        store: Store,
        hosts: Collection[str] = (),
        *,
        seconds: float = SECONDS,
        clock: Callable[[], datetime] = now,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.store = store
        self.hosts = frozenset(hosts)
        self.seconds = seconds
        self.clock = clock
        self.chance = chance
        self._context: ssl.SSLContext | None = None
        self._swept = 0.0

    def step(self) -> bool:
        """Send what is due, a few messages at a time. False when nothing was."""
        self._sweep()
        moment = self.clock()
        with self.store.read() as session:
            if not deliveries.due(session, moment, 1):  # a look disturbs no writer
                return False
        with self.store.write(ACTOR) as writing:
            claims = deliveries.claim(writing, moment, moment + LEASE, most=AT_A_TIME, of_one=OF_ONE)
        asyncio.run(self._send_all(claims))
        return bool(claims)

    async def _send_all(self, claims: list[Claim]) -> None:
        import httpx

        # Neither proxies nor logins of the environment: a message goes to its address and nowhere else.
        async with httpx.AsyncClient(
            verify=self._trusted(), trust_env=False, follow_redirects=False, timeout=self.seconds
        ) as client:
            await asyncio.gather(*(self._deliver(client, claim) for claim in claims))

    async def _deliver(self, client: httpx.AsyncClient, claim: Claim) -> None:
        outcome = await self._attempt(client, claim)
        try:
            await asyncio.to_thread(self._record, claim, outcome)
        except StoreError as error:  # the others go on; this one is sent again when its lease has run out
            log_fault(error)

    async def _attempt(self, client: httpx.AsyncClient, claim: Claim) -> Outcome:
        """One attempt, within its time whatever the other side does. The body of the answer is not read."""
        import httpx

        try:
            url = checked(claim.url, self.hosts)
        except InputError:
            return Outcome(error="host-not-allowed", final=True)
        body = canonical(claim.payload)
        headers = {"content-type": "application/json", "user-agent": f"triage/{__version__}"}
        headers |= signed(claim.secrets, claim.id, int(time.time()), body)
        try:
            async with (
                asyncio.timeout(self.seconds),
                client.stream("POST", url, content=body, headers=headers) as answer,
            ):
                return Outcome(answer.status_code, retry_after=_seconds(answer.headers.get("retry-after", "")))
        except (TimeoutError, httpx.TimeoutException):
            return Outcome(error="timeout")
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
            return Outcome(error=type(error).__name__)  # its message may hold the address

    def _record(self, claim: Claim, outcome: Outcome) -> None:
        moment = self.clock()
        status = outcome.status
        delivered = status is not None and 200 <= status < 300
        last = outcome.final or status == GONE or claim.attempt > len(PAUSES)
        next_at = None if delivered or last else moment + self._pause(claim.attempt, outcome.retry_after)
        error = outcome.error or ("" if delivered else f"status-{status}")
        with self.store.write(ACTOR) as writing:
            ours = deliveries.tell(writing, claim, status=status, error=error, next_at=next_at, at=moment)
            if ours and status == GONE:
                webhooks.switch_off(writing, claim.webhook_id)

    def _pause(self, attempt: int, retry_after: int) -> timedelta:
        pause = PAUSES[attempt - 1] * (1 + JITTER * self.chance())
        return timedelta(seconds=max(pause, min(retry_after, PAUSES[-1])))

    def _trusted(self) -> ssl.SSLContext:
        """The authorities that this machine trusts, those of its own network among them (``SSL_CERT_FILE``)."""
        import ssl  # the module is heavy to load: only who sends needs it

        if self._context is None:
            self._context = ssl.create_default_context()
        return self._context

    def _sweep(self) -> None:
        if self._swept and time.monotonic() - self._swept < SWEEP:
            return
        self._swept = time.monotonic()
        before = self.clock() - KEEP
        with self.store.read() as session:
            if not deliveries.past(session, before):
                return
        with self.store.write(ACTOR) as writing:
            deliveries.forget(writing, before)


def _seconds(value: str) -> int:
    """The seconds of a Retry-After header; 0 for a date, which few send."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 7 else 0
