"""Log lines as JSON, one object a line, for `triage serve`. Set up when it starts; importing this changes nothing."""

from __future__ import annotations

import json
import logging
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from traceback import walk_tb
from types import TracebackType

from triage.errors import TriageError

_log = logging.getLogger("service.access")


class JsonLines(logging.Formatter):
    """Time, level, logger, message, process, the record's `fields`; of an exception the type and the places, not its
    message.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
            "pid": record.process,
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[0]:
            line |= {"error": record.exc_info[0].__name__, "where": places(record.exc_info[2])}
        return json.dumps(line, ensure_ascii=False)


OURS = ("service", "triage")
LONGEST = 300
"""Characters of a message of somebody else's."""


def set_up_logs() -> None:
    """Write the service's own log at INFO and everybody else's warnings to standard error, as JSON lines: in the
    processes that serve and in those that work alike. What would end a thread or the process unseen is logged, too,
    without its message; Python itself, and the command line's pretty printer, would write that with what it quotes.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("service").setLevel(logging.INFO)
    logging.captureWarnings(True)
    threading.excepthook = lambda ended: log_fault(ended.exc_value or ended.exc_type())
    sys.excepthook = _on_end


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


def _on_end(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    if issubclass(kind, Exception):
        log_fault(error)
    else:
        sys.__excepthook__(kind, error, traceback)


def _message(record: logging.LogRecord) -> str:
    """The message; of somebody else's the first line, for the next ones describe objects and what they hold."""
    message = record.getMessage()
    if record.name.partition(".")[0] in OURS:
        return message
    return message.partition("\n")[0][:LONGEST]


def places(traceback: TracebackType | None) -> list[str]:
    """File, line and function of the last frames of a traceback, outermost first."""
    frames = [(frame.f_code, line) for frame, line in walk_tb(traceback)]
    return [f"{'/'.join(Path(code.co_filename).parts[-2:])}:{line} {code.co_name}" for code, line in frames[-8:]]
