"""A draft as a proposer wrote it: one .docx, .txt or .md file, its first line the title where it looks like one."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from triage.errors import InputError
from triage.records import Suggestion
from triage.sheets import MOST_UNPACKED

if TYPE_CHECKING:
    from docx.document import Document

ENDINGS = (".docx", ".txt", ".md")
MAX_BYTES = 20 << 20
_TITLE = 60
"""Characters that a title has at most."""
_ENDS = "。；;：:，,"
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+")


def read_draft(path: Path) -> Suggestion:
    """The draft as a suggestion under the file's name. Raises InputError as `read_letter` does."""
    return read_letter(path)[0]


def read_letter(path: Path) -> tuple[Suggestion, tuple[str, ...]]:
    """The draft as a suggestion under the file's name, and in Chinese what a reader should know: what was left out, and
    where no title was found.

    Raises InputError for a file that is missing, too large, empty, not text or no Word document, and where python-docx
    is not installed.
    """
    notices: tuple[str, ...] = ()
    try:
        if (size := path.stat().st_size) > MAX_BYTES:
            raise InputError(
                f"{path}: {size:,} bytes; a draft has {MAX_BYTES:,} at most. Split it.",
                zh=f"文件有{size:,}字节，上限为{MAX_BYTES:,}字节，请删去图片后重试，或直接粘贴正文",
            )
        if path.suffix.lower() == ".docx":
            lines, notices = _docx_lines(path)
        else:
            lines = _text_lines(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}). Name a .docx, .txt or .md file.") from error
    if path.suffix.lower() == ".md":
        lines = [_HEADING.sub("", line) for line in lines]
    lines = [line for line in (one.strip() for one in lines) if line]
    if not lines:
        raise InputError(
            f"{path}: no text in it. Put the draft into the file, as text and not as a picture.",
            zh="文件里没有文字；若是图片或扫描件，请改用文字版，或直接粘贴正文",
        )
    title = lines[0] if len(lines) > 1 and len(lines[0]) <= _TITLE and lines[0][-1] not in _ENDS else ""
    if not title:
        notices = ("第一行不像标题，请自己填写标题。", *notices)
    return Suggestion(path.stem, title, "\n".join(lines[1:] if title else lines)), notices


def _text_lines(path: Path) -> list[str]:
    content = path.read_bytes()
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text.splitlines()
    raise InputError(
        f"{path}: neither UTF-8, UTF-16 nor GB18030 text. Save it as UTF-8, or as .docx.",
        zh="不是文字文件或编码无法识别，请另存为 UTF-8 文本或 .docx",
    )


def _encodings(content: bytes) -> tuple[str, ...]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    return ("utf-8-sig", "gb18030")


def _docx_lines(path: Path) -> tuple[list[str], tuple[str, ...]]:
    """Paragraphs and the cells of tables in the order of the document, and what was not read."""
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
            raise InputError(
                f"{path}: unpacks to {unpacked:,} bytes, the limit is {MOST_UNPACKED // 16:,}. Split it.",
                zh="文件解压后过大，请删去图片后重试，或直接粘贴正文",
            )
        lines: list[str] = []
        document = docx.Document(str(path))
        for block in document.iter_inner_content():
            if isinstance(block, Table):
                lines += [text for row in block.rows for text in dict.fromkeys(cell.text for cell in row.cells)]
            else:
                lines.append(block.text)
        notices = _unread(document, lines)
    except _NO_DOCUMENT as error:
        raise InputError(
            f"{path}: not a Word document ({type(error).__name__}): damaged, with a password, or an old .doc. "
            "Open it in Word or WPS and save it as .docx.",
            zh="不是 Word 文档，或已损坏、带密码、是旧版 .doc；请用 Word 或 WPS 打开后另存为 .docx",
        ) from error
    return [line for text in lines for line in text.splitlines()], notices


def _unread(document: Document, lines: Sequence[str]) -> tuple[str, ...]:
    """What a Word document holds beside the lines that were read."""
    from docx.oxml.ns import qn

    body = document.element.body
    notices = []
    # Boxes, changes that nobody accepted yet, and controls; a box stands twice, once for older programs.
    there = sum(len("".join((node.text or "").split())) for node in body.iter(qn("w:t")))
    read = sum(len("".join(line.split())) for line in lines)
    if there > read:
        notices.append("文本框、未接受的修订或表单控件中的文字没有读取，请核对正文是否完整。")
    if pictures := len(set(body.xpath(".//a:blip/@r:embed"))):
        notices.append(f"文中有{pictures}张图片，图片里的文字没有读取。")
    return tuple(notices)


_NO_DOCUMENT = (zipfile.BadZipFile, LookupError, ValueError, TypeError, AttributeError, EOFError, SyntaxError)
"""What python-docx and lxml raise for files that are no document or a damaged one."""
