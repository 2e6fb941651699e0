"""A suggestion in one plain way of writing, with the place of each character in the text as it came in."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable
from dataclasses import dataclass

from triage.records import Span, Suggestion
from triage.text.characters import HAN, drop_invisible, fold_width, to_simplified
from triage.text.pii import mask

TITLE_READ = 300
"""Characters of a title that are read."""
READ = 6_000
"""Characters of a body that are read: what comes later in a letter hardly ever brings a new matter."""
_INJECTED = re.compile(rf"(?<=[{HAN}])[(（\[【][^\W\d_{HAN}]{{1,8}}[)）\]】]")
_DEBRIS = re.compile(r"</?[A-Za-z][^<>\n]{0,200}>|&(?:nbsp|ensp|emsp|#160);|_x000[dDaA]_")
_HALF = re.compile("[\ud800-\udfff]")
_BESIDE = re.compile(rf"[{HAN}，。！？；：、“”（）《》]")
_RUN = re.compile(rf"[{HAN}]{{4}}")
_GONE = "\x00"
_NO_SIGN = re.compile(rf"[\s{_GONE}]")


@dataclass(frozen=True, slots=True)
class Written:
    """The plain text: title, a line break, body. `body` is where the body begins; `places` has for each character its
    place in the field of the suggestion that it comes from.

    Width, traditional characters, pinyin in brackets, tags, blanks beside Chinese characters and invisible characters
    are evened out. Numbers stay as they are: what is shown of a text goes through `shown`.
    """

    suggestion: Suggestion
    text: str
    body: int
    places: array[int]

    def span(self, start: int, end: int) -> Span:
        """Where a stretch of the plain text, which is not empty, stands in the suggestion. Raises ValueError if it runs
        over the border between title and body.
        """
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"a span needs 0 <= start < end <= {len(self.text)}, got {start} and {end}")
        if start < self.body < end:
            raise ValueError(f"a span lies in the title (before {self.body}) or in the body, got {start} to {end}")
        field = "title" if start < self.body else "text"
        return Span(field, self.places[start], self.places[end - 1] + 1)

    def shown(self, start: int, end: int) -> str:
        """A stretch as it may be shown: personal numbers masked, on one line, nothing of a confidential text."""
        if self.suggestion.confidential:
            return ""
        return " ".join(mask(self.text[start:end]).text.split())


def written(suggestion: Suggestion) -> Written:
    """A suggestion in its plain form; only the first `READ` characters of the body are read."""
    title, title_places = _plain(suggestion.title[:TITLE_READ].replace("\n", " "))
    body, body_places = _plain(suggestion.text[:READ])
    if title:
        title_places.append(title_places[-1])
        title += "\n"
    return Written(suggestion, title + body, len(title), title_places + body_places)


def _plain(text: str) -> tuple[str, array[int]]:
    places: array[int] = array("i")
    if not text:
        return "", places
    folded = _HALF.sub(" ", text).replace("\r\n", " \n").replace("\r", "\n").replace(_GONE, " ")
    if drop_invisible(folded) != folded:
        folded = "".join(one if one == "\n" or drop_invisible(one) == one else _GONE for one in folded)
    folded = _in_place(to_simplified, _in_place(fold_width, folded))
    for pattern in (_DEBRIS, _INJECTED):
        folded = pattern.sub(lambda match: _GONE * len(match[0]), folded)
    kept = ""
    done = 0
    for met in _NO_SIGN.finditer(folded):
        place = met.start()
        kept += folded[done:place]
        places.extend(range(done, place))
        done = place + 1
        if met[0] != _GONE and (met[0] == "\n" or not _idle(folded, place, kept)):
            kept += "\n" if met[0] == "\n" else " "
            places.append(place)
    places.extend(range(done, len(folded)))
    return kept + folded[done:], places


def _idle(text: str, place: int, kept: str) -> bool:
    """Whether a blank says nothing: at the ends of a line, beside another blank or a mark, within spaced characters.

    Between two runs of four Chinese characters it stands for a comma that the writer left out.
    """
    if not kept or kept[-1] in " \n":
        return True
    before, after = text[max(0, place - 4) : place], text[place + 1 : place + 5]
    if _BESIDE.match(kept[-1]) or _BESIDE.match(after):
        return not (_RUN.fullmatch(before) and _RUN.fullmatch(after))
    return not after.strip()


def _in_place(fold: Callable[[str], str], text: str) -> str:
    """A text folded as a whole, or where that moves characters (㎡ to 平方米) one by one, as far as they stay one."""
    folded = fold(text)
    if len(folded) == len(text):
        return folded
    return "".join(one if len(one := fold(character)) == 1 else character for character in text)
