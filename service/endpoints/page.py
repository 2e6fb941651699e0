"""The clerk's page: its files, as they lie in ``service/page``. They hold no data, so nobody is asked for a key."""

from __future__ import annotations

import gzip
import hashlib
import re
import stat
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

FOLDER = Path(__file__).resolve().parent.parent / "page"
MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    "": "text/plain; charset=utf-8",  # the licences of what the page takes from others
}
"""What is served, by the end of its name; what else lies in the folder is for those who build the page."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types lit-html"
)
"""Nothing from elsewhere, no script or style inside of markup, and no text that becomes markup but in lit-html."""
HEADERS = {
    "Cache-Control": "no-cache",  # kept by the browser, and asked for by its ETag each time: an upgrade shows at once
    "Content-Security-Policy": POLICY,
    "Vary": "Accept-Encoding",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
LIBRARY = "vendor/lit-html/lit-html.js"
WITHOUT_LIBRARY = """\
<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><title>建议分办</title></head>
<body>
<h1>页面还缺一个部件</h1>
<p>服务已在运行，但页面用到的 lit-html 还没有取来。请管理员在软件所在的文件夹里运行
<code>make page</code>（需要连得上软件包仓库，只需一次），然后刷新本页。</p>
<p>接口不受影响，照常可用。</p>
</body>
</html>
"""

router = APIRouter(include_in_schema=False)


@router.api_route("/", methods=["GET", "HEAD"])
async def index(request: Request) -> Response:
    """The page itself, or what to do where it cannot run."""
    if not (FOLDER / LIBRARY).is_file():
        return HTMLResponse(WITHOUT_LIBRARY, status_code=503, headers=HEADERS | {"Cache-Control": "no-store"})
    return await _file("index.html", request)


@router.api_route("/page/{name:path}", methods=["GET", "HEAD"])
async def file(name: str, request: Request) -> Response:
    """A file of the page. Raises HTTPException (404) for anything that is none."""
    return await _file(name, request)


class _Held(NamedTuple):
    """A file as it is sent. Its tag is weak: it names the content, whichever way that is packed."""

    body: bytes
    packed: bytes
    tag: str


@lru_cache(maxsize=512)
def _held(path: str, changed: int, size: int) -> _Held:  # noqa: ARG001 - a file that was changed is another one
    body = Path(path).read_bytes()
    return _Held(body, gzip.compress(body, mtime=0), f'W/"{hashlib.sha256(body).hexdigest()[:20]}"')


async def _file(name: str, request: Request) -> Response:
    """The file, packed where the browser takes that, or 304 where it has this one already."""
    media_type = MEDIA_TYPES.get(PurePosixPath(name).suffix)
    if media_type is None or any(part.startswith(".") for part in name.split("/")):
        raise HTTPException(404)
    try:
        # A few dozen small files that the system holds in memory: quicker than to hand the work to a thread.
        path = (FOLDER / name).resolve(strict=True)
        state = path.stat()
        if not path.is_relative_to(FOLDER.resolve()) or not stat.S_ISREG(state.st_mode):
            raise HTTPException(404)
        held = _held(str(path), state.st_mtime_ns, state.st_size)
    except (OSError, ValueError):  # there is none, or no file system takes such a name
        raise HTTPException(404) from None
    headers = HEADERS | {"ETag": held.tag}
    if held.tag in [tag.strip() for tag in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    body = held.body
    if len(held.packed) < len(body) and _takes_gzip(request.headers.get("accept-encoding", "")):
        body, headers["Content-Encoding"] = held.packed, "gzip"
    headers |= {"Content-Type": media_type, "Content-Length": str(len(body))}
    return Response(b"" if request.method == "HEAD" else body, headers=headers)


def _takes_gzip(accepted: str) -> bool:
    """Whether an ``Accept-Encoding`` names gzip, and not with the weight 0."""
    named = re.search(r"(?:^|,)\s*gzip\s*(?:;\s*q=([0-9.]+)\s*)?(?:,|$)", accepted, re.IGNORECASE)
    return named is not None and (named[1] is None or named[1].strip("0.") != "")
