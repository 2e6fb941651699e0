"""What a caller may see of what the index names. It holds nothing confidential; but it follows the memory a moment
later, or not at all while its worker is down, and a bundle learned what was open then. This looks at the memory itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request

from service.store import visibility
from service.store.quotes import cited
from service.store.store import Store
from service.web.caller import admitted


@dataclass(frozen=True, slots=True)
class Sight:
    """How a caller sees answers. Without a memory nothing is hidden."""

    store: Store | None
    confidential: bool

    def hidden(self, refs: Collection[str]) -> set[str]:
        """Which of these ids are those of suggestions that the caller may not see. Raises StoreError."""
        if self.store is None or self.confidential or not refs:
            return set()
        with self.store.read() as session:
            return visibility.hidden(session, refs)

    def answers(self, found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """The answers without the texts that the caller may not see, as they are where there are none."""
        refs = self.hidden({ref for answer in found for ref in cited(answer)})
        return [visibility.without_hits(answer, refs) for answer in found]


async def _sight(request: Request) -> Sight:
    caller = await admitted(request, "read")
    return Sight(request.app.state.store, caller.confidential)


SightOf = Annotated[Sight, Depends(_sight)]
