"""Names of files as everyone sees and searches them, kept beside those they were brought in under."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from recordings.database import reading, transaction
from recordings.redaction.redacted import shown_filename
from recordings.tables import RecordingRow

AT_ONCE = 500
"""Names that are read and written together."""


def refill_names(engine: Engine) -> int:
    """Mask every name again by the present rules; tells how many have changed. Killed, the next run does the rest."""
    changed, behind = 0, ""
    while True:
        with reading(engine) as db:
            page = select(RecordingRow.id).where(RecordingRow.id > behind).order_by(RecordingRow.id).limit(AT_ONCE)
            ids = list(db.scalars(page))
            stale = _stale(db, ids)
        if not ids:
            return changed
        if stale:
            with transaction(engine) as db:
                changed += mask_names(db, stale)
        behind = ids[-1]


def mask_names(db: Session, recordings: Collection[str]) -> int:
    """Mask the names of some recordings by the present rules; tells how many have changed."""
    stale = _stale(db, recordings)
    for id_, shown in stale.items():
        db.execute(update(RecordingRow).where(RecordingRow.id == id_).values(shown_name=shown))
    return len(stale)


def _stale(db: Session, recordings: Collection[str]) -> dict[str, str]:
    """Names that were masked by older rules, as they are to be."""
    names = RecordingRow.id, RecordingRow.filename, RecordingRow.call_id, RecordingRow.shown_name
    rows = db.execute(select(*names).where(RecordingRow.id.in_(recordings)))
    return {id_: shown for id_, filename, call, kept in rows if (shown := shown_filename(filename, call)) != kept}
