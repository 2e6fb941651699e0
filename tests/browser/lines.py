"""What browser tests do to the line between the page and the service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


@contextmanager
def line_down(page: Page, pattern: str) -> Iterator[None]:
    """While the block runs, no request to addresses like `pattern` gets through.

    The route stays afterwards and lets all pass: to take it away would leave a request that is under way hanging.
    """
    down = True
    page.route(pattern, lambda route: route.abort() if down else route.continue_())
    yield
    down = False
