"""Settings that change while the service runs, such as the retention rules: a name, and a value of plain JSON types.

rules = values.get(session, "retention", [])
values.put(writing, "retention", [{"source": "热线", "after_days": 730, "action": "anonymise"}])
writing.note("retention.changed", "retention", rules=1)     # whoever changes one says so in the trail
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from service.store.store import Writing
from service.store.tables_service import SettingRow


def get(session: Session, name: str, default: Any = None) -> Any:
    """The value of a setting; `default` where it was never set."""
    row = session.get(SettingRow, name)
    return default if row is None else row.value


def put(writing: Writing, name: str, value: Any) -> None:
    """Set a value in this transaction. What it means for the trail is the caller's to note."""
    row = writing.session.get(SettingRow, name)
    if row is None:
        writing.session.add(SettingRow(name=name, value=value))
    else:
        row.value = value
