"""A draft as a proposer wrote it: one .docx or .txt file, its first line the title where it looks like one."""

from __future__ import annotations

import zipfile
from pathlib import Path

from triage.errors import InputError
from triage.records import Suggestion
from triage.sheets import MOST_UNPACKED

ENDINGS = (".docx", ".txt")
MAX_BYTES = 20 << 20
_TITLE = 60
"""Characters that a title has at most."""
_ENDS = "。；;：:，,"


def read_draft(path: Path) -> Suggestion:
    """The draft as a suggestion under the file's name.

    Raises InputError for a file that is missing, too large, empty, not text or no Word document, and where python-docx
    is not installed.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path}: {path.stat().st_size:,} bytes; a draft has {MAX_BYTES:,} at most. Split it.")
        lines = _docx_lines(path) if path.suffix.lower() == ".docx" else _text_lines(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}). Name a .docx or .txt file.") from error
    lines = [line for line in (one.strip() for one in lines) if line]
    if not lines:
        raise InputError(f"{path}: no text in it. Put the draft into the file, as text and not as a picture.")
    title = lines[0] if len(lines) > 1 and len(lines[0]) <= _TITLE and lines[0][-1] not in _ENDS else ""
    return Suggestion(path.stem, title, "\n".join(lines[1:] if title else lines))


def _text_lines(path: Path) -> list[str]:
    content = path.read_bytes()
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text.splitlines()
    raise InputError(f"{path}: neither UTF-8, UTF-16 nor GB18030 text. Save it as UTF-8, or as .docx.")


def _encodings(content: bytes) -> tuple[str, ...]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    return ("utf-8-sig", "gb18030")


def _docx_lines(path: Path) -> list[str]:
    """Paragraphs and the cells of tables in the order of the document."""
    try:
        import docx
        from docx.table import Table
    except ImportError as error:
        raise InputError(
            f"{path}: reading .docx needs python-docx. Install suggestion-triage[reports], or save the draft as .txt."
        ) from error
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MOST_UNPACKED // 16:
            raise InputError(f"{path}: unpacks to {unpacked:,} bytes, the limit is {MOST_UNPACKED // 16:,}. Split it.")
        lines: list[str] = []
        for block in docx.Document(str(path)).iter_inner_content():
            if isinstance(block, Table):
                lines += [text for row in block.rows for text in dict.fromkeys(cell.text for cell in row.cells)]
            else:
                lines.append(block.text)
    except _NO_DOCUMENT as error:
        raise InputError(
            f"{path}: not a Word document ({type(error).__name__}): damaged, with a password, or an old .doc. "
            "Open it in Word or WPS and save it as .docx."
        ) from error
    return [line for text in lines for line in text.splitlines()]


_NO_DOCUMENT = (zipfile.BadZipFile, LookupError, ValueError, TypeError, AttributeError, EOFError, SyntaxError)
"""What python-docx and lxml raise for files that are no document or a damaged one."""
