"""A drawing of matplotlib as an element of an HTML page."""

from __future__ import annotations

import re

_DECLARATION = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_OWN_NAME = re.compile(r'(\bid="|href="#|url\(#)')


def inlined(svg: str, name: str) -> str:
    """The ``<svg>`` element of a drawing: no declaration, no metadata, ids that no other drawing of the page has."""
    return _OWN_NAME.sub(rf"\g<1>{name}-", _METADATA.sub("", _DECLARATION.sub("", svg))).strip()
