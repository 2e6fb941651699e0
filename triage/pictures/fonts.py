"""A font with Chinese characters on this machine: never a box where a word should stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from triage.errors import InputError

FAMILIES = (
    "Noto Sans SC",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Sarasa Gothic SC",
    "Noto Sans CJK JP",  # how the system's collection of all four languages calls itself
    "SimHei",
    "Heiti SC",
    "STHeiti",
    "Droid Sans Fallback",
    "SimSun",
    "Songti SC",
)
"""Families with simplified Chinese that systems come with, the most legible in a picture first."""

MISSING = "〓"
"""The printer's sign for a character that the font lacks."""

INSTALL = "pip install 'suggestion-triage[pictures]'"

_PACKAGE = "pylopdf_fonts_zh_cn"  # Noto Sans SC, SIL Open Font License 1.1
_FILE = "NotoSansSC-Regular.otf"
_PROBE = "的一是不了在人有我他这热点件数上期本变化来源" + MISSING


@dataclass(frozen=True, slots=True)
class ChineseFont:
    """A font file and the code points that it can draw."""

    path: Path
    characters: frozenset[int]

    def lacks(self, text: str) -> str:
        """The characters of the text that this font would draw as a box, each once."""
        return "".join(dict.fromkeys(one for one in text if ord(one) not in self.characters and not one.isspace()))

    def drawable(self, text: str) -> str:
        """The text with `MISSING` for each character that the font lacks."""
        missing = self.lacks(text)
        return text.translate({ord(one): MISSING for one in missing})


def chinese_font(text: str, chosen: Path | None = None) -> ChineseFont | None:
    """The font that lacks fewest characters of the text: the `chosen` one, or the first of the extra `pictures` and the
    system's own; None where there is none at all.

    The extra comes first, so that a picture looks the same on every machine. Needs matplotlib (ImportError without).
    Raises InputError if the chosen file is no font or has no Chinese characters.
    """
    if chosen is not None:
        font = _read(chosen)
        if font is None:
            raise InputError(f"{chosen}: no font file with Chinese characters; give another .otf, .ttf or .ttc.")
        return font
    best: ChineseFont | None = None
    for path in _candidates():
        font = _read(path)
        if font is None:
            continue
        if not font.lacks(text):
            return font
        if best is None or len(font.lacks(text)) < len(best.lacks(text)):
            best = font
    return best


def _candidates() -> Iterator[Path]:
    found = find_spec(_PACKAGE)
    for folder in (found and found.submodule_search_locations) or ():
        yield Path(folder) / _FILE
    from matplotlib.font_manager import fontManager

    for family in FAMILIES:
        # The upright file of ordinary weight first; names decide between equals, not the order of the disk.
        entries = [entry for entry in fontManager.ttflist if entry.name == family and entry.style == "normal"]
        for entry in sorted(entries, key=lambda entry: (abs(_weight(entry.weight) - 400), str(entry.fname))):
            yield Path(entry.fname)


def _weight(weight: int | str) -> int:
    return weight if isinstance(weight, int) else 400


def _read(path: Path) -> ChineseFont | None:
    """The font, if the file can be read and holds the characters that every Chinese font has."""
    from matplotlib.ft2font import FT2Font

    try:
        characters = frozenset(FT2Font(str(path)).get_charmap())
    except (OSError, RuntimeError):
        return None
    font = ChineseFont(path, characters)
    return None if font.lacks(_PROBE) else font
