"""Version numbers as ETags (RFC 9110): two clerks at once, and the second is told what the first decided.

    @router.put("/suggestions/{ref}/decision")
    def decide(body: DecisionIn, expected: NeededOf, caller: DecideCaller, store: StoreOf) -> Response:
        with store.write(caller.actor) as writing:
            row = decisions.decide(writing, ..., expected=expected)      # raises Changed: 409 with `current`
        return Response(..., headers={"ETag": etag(row.number)})

`NeededOf` is the number from ``If-Match: "3"``, and 0 from ``If-None-Match: *`` (there must be none yet); without
either the answer is 428. `ExpectedOf` is the same, None where the caller named none.
"""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header, Request

from service.problems import KINDS, Problem

NO_SUCH_VERSION = -1
"""What a tag stands for that is none of ours: nothing has that number, so whatever stands has changed."""

_TAG = re.compile(r'(?:W/)?"([!#-~]*)"')  # proxies that compress answers make tags weak (W/)


def etag(number: int) -> str:
    """The ETag of the version with this number."""
    return f'"{number}"'


def expected(request: Request) -> int | None:
    """The number of the version that the caller has seen, 0 for none yet, None where it does not say.

    Raises Problem ``invalid-request`` for a header that is not one version.
    """
    return _number(request.headers.get("if-match"), request.headers.get("if-none-match"))


def unchanged(request: Request, number: int) -> bool:
    """Whether a GET can be answered 304: the caller has this version (``If-None-Match``)."""
    given = request.headers.get("if-none-match", "")
    return given.strip() == "*" or etag(number) in [tag.strip().removeprefix("W/") for tag in given.split(",")]


def _number(match: str | None, none_match: str | None) -> int | None:
    if match is None and none_match is None:
        return None
    if match is None and none_match is not None and none_match.strip() == "*":
        return 0
    tag = _TAG.fullmatch(match.strip()) if match is not None and none_match is None else None
    if tag is None:
        detail = 'Send either If-Match: "3" with the one version that you have seen, or If-None-Match: * for none yet.'
        detail_zh = '请发送 If-Match: "3"（您看到的那一个版本），或 If-None-Match: *（尚无版本），二者取一。'
        raise Problem("invalid-request", detail, detail_zh=detail_zh)
    return int(tag[1]) if re.fullmatch(r"\d{1,9}", tag[1], re.ASCII) else NO_SUCH_VERSION


_IF_MATCH = Header(alias="If-Match", description="The version that you have seen, as its ETag", examples=['"1"'])
_IF_NONE_MATCH = Header(alias="If-None-Match", description="`*`: there must be none yet", examples=["*"])


async def maybe_expected(
    if_match: Annotated[str | None, _IF_MATCH] = None, if_none_match: Annotated[str | None, _IF_NONE_MATCH] = None
) -> int | None:
    """The dependency behind `ExpectedOf`."""
    return _number(if_match, if_none_match)


async def needed_expected(number: Annotated[int | None, Depends(maybe_expected)]) -> int:
    """The dependency behind `NeededOf`. Raises Problem ``precondition-needed``."""
    if number is None:
        raise Problem("precondition-needed", KINDS["precondition-needed"].remedy)
    return number


ExpectedOf = Annotated[int | None, Depends(maybe_expected)]
NeededOf = Annotated[int, Depends(needed_expected)]
