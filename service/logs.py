"""Log lines as JSON, one object a line, for `triage serve`. Set up when it starts; importing this changes nothing."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from traceback import walk_tb
from types import TracebackType

from triage.errors import TriageError

_log = logging.getLogger("service.access")


class JsonLines(logging.Formatter):
    """Time, level, logger, message, the record's `fields`; of an exception the type and the places, not its message."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[0]:
            line |= {"error": record.exc_info[0].__name__, "where": places(record.exc_info[2])}
        return json.dumps(line, ensure_ascii=False)


def set_up_logs() -> None:
    """Write the service's own log at INFO and everybody else's warnings to standard error, as JSON lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("service").setLevel(logging.INFO)


def log_fault(error: BaseException, request_id: str = "") -> None:
    """Log where an exception came from, without its message, which may hold anything."""
    fields: dict[str, object] = {
        "error": type(error).__name__,
        "where": places(error.__traceback__),
        "request_id": request_id,
    }
    if isinstance(error, TriageError):
        fields["detail"] = str(error)  # these never quote a text
    _log.error("fault", extra={"fields": fields})


def places(traceback: TracebackType | None) -> list[str]:
    """File, line and function of the last frames of a traceback, outermost first."""
    frames = [(frame.f_code, line) for frame, line in walk_tb(traceback)]
    return [f"{'/'.join(Path(code.co_filename).parts[-2:])}:{line} {code.co_name}" for code, line in frames[-8:]]
