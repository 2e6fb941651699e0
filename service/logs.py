"""Log lines as JSON, one object a line, for `triage serve`. Set up when it starts; importing this changes nothing."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from service.access import places


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
