"""``/v1/trail``: who did what, and whether the memory is what the trail says."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from service.problems import answered, documented
from service.shapes.trail import LISTED, VERIFIED, BrokenAt, Entry, Kept, TrailIn, TrailPage, VerifiedOut
from service.store import entries
from service.store.store import Store
from service.store.verification import verify
from service.web.body import JsonRoute
from service.web.caller import AdminCaller
from service.web.dependencies import QueueOf, StoreOf

router = APIRouter(prefix="/v1/trail", tags=["trail"], route_class=JsonRoute)


@router.get("", responses=answered(LISTED), summary="Read the audit trail")
def listed(wanted: Annotated[TrailIn, Query()], caller: AdminCaller, store: StoreOf) -> TrailPage:
    """Entries that fulfil all that is asked, the newest first, a page at a time.

    Those about confidential suggestions are seen only with a key that may. What an entry proves: docs/memory.md.
    """
    chosen = entries.Chosen(wanted.subject, wanted.action, wanted.actor, wanted.since, wanted.until)
    with store.read() as session:
        before = int(wanted.cursor or 0)
        page = entries.page(session, chosen, before, wanted.limit, confidential=caller.confidential)
        names = Entry.model_fields
        found = [Entry(**{name: getattr(row, name) for name in names}) for row in page.rows]
    return TrailPage(entries=found, next=str(page.next) if page.next else None)


@router.get("/verify", responses=answered(VERIFIED) | documented("queue-full"), summary="Verify the audit trail")
async def verified(caller: AdminCaller, store: StoreOf, queue: QueueOf, kept: Kept = None) -> VerifiedOut:
    """Read every entry from the first, and hold the wordings and decisions in the memory against them.

    Nothing is changed. It takes seconds for 100,000 entries and one of the service's workers meanwhile; of a large
    memory `triage audit verify` does the same outside the service.
    """
    number, _, digest = (kept or "").partition(":")
    return await queue.run(lambda: _verified(store, (int(number), digest) if kept else None, caller.confidential))


def _verified(store: Store, kept: tuple[int, str] | None, confidential: bool) -> VerifiedOut:
    with store.snapshot() as session:
        found = verify(session, kept=kept)
        broken = None
        if found.broken is not None:
            hidden = not confidential and entries.is_hidden(session, found.broken.subject)
            subject = "" if hidden else found.broken.subject
            broken = BrokenAt(seq=found.broken.seq, subject=subject, reason=found.broken.reason)
    counts = {name: getattr(found, name) for name in ("whole", "entries", "wordings", "decisions", "head", "digest")}
    return VerifiedOut(**counts, broken=broken)
