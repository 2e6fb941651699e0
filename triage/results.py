"""Files of answers: JSON lines for programs, a sheet for the meeting. Written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from triage.bundle import storage_error
from triage.errors import InputError
from triage.records import LABELS, LEVEL_NAMES, Grade, Suggestion, Triaged
from triage.sheets import Sheet, as_csv, as_xlsx, likely

ENDINGS = (".jsonl", ".csv", ".xlsx")

HEADERS = (
    "编号",
    "标题",
    "来源",
    "类别",
    "决定",
    "办理方式",
    "主办单位",
    "把握",
    "其他候选",
    "会办单位",
    "理由",
    "依据",
    "重复",
    "待核",
    "提示",
    "退单风险",
    "属地层级",
)
"""The columns of the sheet."""

WIDTHS = (10, 40, 8, 24, 10, 10, 22, 8, 40, 44, 44, 60, 30, 30, 30, 30, 36)
LEAST_HELPER = 0.2
"""The probability from which a unit is proposed as helper on the sheet."""


def check_target(path: Path, read: Iterable[Path | None] = ()) -> None:
    """Raise InputError for an ending that cannot be written and for a file that is also `read`, before any work is
    done.
    """
    if path.suffix.lower() not in ENDINGS:
        raise InputError(f"{path}: ending {path.suffix!r} cannot be written; allowed are {', '.join(ENDINGS)}.")
    for other in read:
        if other is not None and (path == other or (path.exists() and other.exists() and path.samefile(other))):
            raise InputError(f"{path}: is also named as another file of this command. Give the output its own name.")


def write_results(
    path: Path, suggestions: Sequence[Suggestion], answers: Sequence[Triaged], more: Sequence[Sheet] = ()
) -> None:
    """Write the answers by the file's ending; an older file is replaced only when the new one is whole. A workbook also
    gets the sheets in `more`.

    Raises StorageError if the disk is full or the file is locked.
    """
    write_file(path, (answer.to_dict() for answer in answers), [answers_sheet(suggestions, answers), *more])


def answers_sheet(suggestions: Sequence[Suggestion], answers: Sequence[Triaged]) -> Sheet:
    """交办建议: a row for each suggestion, for the meeting."""
    rows = [_row(suggestion, answer) for suggestion, answer in zip(suggestions, answers, strict=True)]
    return Sheet("交办建议", HEADERS, WIDTHS, rows)


def write_file(path: Path, records: Iterable[Mapping[str, Any]], sheets: Sequence[Sheet]) -> None:
    """Write by the file's ending: one record a line (.jsonl), the first sheet (.csv) or all of them (.xlsx). An older
    file is replaced only when the new one is whole. Raises InputError for another ending, StorageError.
    """
    replace_file(path, file_content(path, records, sheets))


def file_content(path: Path, records: Iterable[Mapping[str, Any]], sheets: Sequence[Sheet]) -> bytes:
    """What `write_file` writes, for those who write several files together. Raises InputError for another ending."""
    check_target(path)
    ending = path.suffix.lower()
    if ending == ".jsonl":
        return "".join(json_line(record) + "\n" for record in records).encode()
    return as_csv(sheets[0]) if ending == ".csv" else as_xlsx(sheets)


def json_line(record: Mapping[str, Any]) -> str:
    """A record as one line of JSON that is valid UTF-8: Chinese as it is, half a surrogate pair as ``\\ud800``."""
    text = json.dumps(record, ensure_ascii=False)
    return text if _is_utf8(text) else json.dumps(record)


def replace_file(path: Path, content: bytes) -> None:
    """Write beside the target and rename: a reader sees the old file or the new one. Raises StorageError."""
    replace_files({path: content})


def replace_files(contents: Mapping[Path, bytes]) -> None:
    """Write several files that belong together: all are whole on the disk before the first takes its place. Raises
    StorageError, with every older file as it was unless a rename itself failed.
    """
    temporary = {path: path.with_name(f".{path.name}.{os.getpid()}.part") for path in contents}
    try:
        for path, content in contents.items():
            try:
                with temporary[path].open("wb") as handle:
                    handle.write(content)
                    handle.flush()
                    os.fsync(handle.fileno())
            except OSError as error:
                raise storage_error(path, error) from error
        for path, part in temporary.items():
            try:
                os.replace(part, path)
            except OSError as error:
                raise storage_error(path, error) from error
    finally:
        for part in temporary.values():
            part.unlink(missing_ok=True)


def _row(suggestion: Suggestion, answer: Triaged) -> tuple[str, ...]:
    deepest = max(answer.topics, key=lambda topic: (len(topic.path), topic.score), default=None)
    first = answer.lead[0] if answer.lead else None
    helpers = [helper for helper in answer.co if helper.score >= LEAST_HELPER]
    grounds = [f"{item.unit}：{item.text}" for item in answer.evidence if first and item.unit == first.unit]
    return (
        answer.id,
        "（保密件）" if suggestion.confidential else suggestion.title or suggestion.text[:40],
        suggestion.source,
        "/".join(deepest.path) if deepest else "",
        LABELS[answer.decision],
        LABELS[answer.mode],
        first.unit if first else "",
        f"{first.score:.0%}" if first else "",
        "；".join(f"{lead.unit} {lead.score:.0%}" for lead in answer.lead[1:5]),
        "；".join(f"{helper.unit} {helper.score:.0%}" for helper in helpers),
        " ".join(reason.text for reason in answer.reasons),
        "\n".join(grounds),
        "；".join(
            f"{hit.id} {LABELS[hit.grade]} {likely(hit.score)}"
            for hit in answer.duplicates
            if hit.grade is not Grade.RELATED
        ),
        " ".join(answer.questions),
        " ".join(answer.notices),
        " ".join((likely(risk.score), *risk.reasons)) if (risk := answer.return_risk) else "",
        "；".join(whereabouts(answer)),
    )


def whereabouts(answer: Triaged) -> tuple[str, ...]:
    """Whose ground, which level, system and committee, as far as the answer says, in Chinese."""
    told = []
    if (ground := answer.jurisdiction) and ground.area:
        told.append(f"属地：{' › '.join(ground.path)} {likely(ground.confidence)}")
    if (level := answer.level) and level.level:
        told.append(f"层级：{LEVEL_NAMES[level.level]} {likely(level.score)}")
    if answer.systems:
        told.append(f"系统：{answer.systems[0].name} {likely(answer.systems[0].score)}")
    if answer.committee:
        told.append(f"督办：{answer.committee}")
    return tuple(told)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
