"""A call-back that somebody has rung: who did it stands in the audit trail, when in the row."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine

from recordings.calls import callbacks
from recordings.database import transaction
from recordings.privacy import audit


def finish_callback(engine: Engine, callback_id: str, *, by: str) -> bool:
    """A person has rung back; False when there is no such call-back."""
    with transaction(engine) as db:
        known = callbacks.finish_callback(db, callback_id, datetime.now(UTC))
        if known:
            audit.note(db, by, "callback.finished", callback_id)
    return known
