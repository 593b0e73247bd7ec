"""Recordings that the workers have given up, and how many stand where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from recordings.contacts.call import Recording, RecordingState
from recordings.rows import recording_of
from recordings.tables import CallRow, RecordingRow


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRecording:
    """A recording that waits for a person's decision."""

    recording: Recording
    contact_id: str
    """Id of its page: the call's id, or an import's own."""
    caller_number: str
    """Empty of an import and of a withheld number."""
    started_at: datetime
    """Start of the call, or when it was brought in."""


def failed_recordings(db: Session, *, limit: int) -> list[FailedRecording]:
    """The newest first."""
    rows = db.execute(
        select(RecordingRow, CallRow.caller_number, CallRow.started_at)
        .outerjoin(CallRow, CallRow.id == RecordingRow.call_id)
        .where(RecordingRow.state == RecordingState.PARKED)
        .order_by(RecordingRow.created_at.desc(), RecordingRow.id)
        .limit(limit)
    )
    return [
        FailedRecording(
            recording=recording_of(row),
            contact_id=row.call_id or row.id,
            caller_number=number or "",
            started_at=started or row.created_at,
        )
        for row, number, started in rows
    ]


def count_by_state(db: Session) -> Mapping[str, int]:
    """State → recordings in it; states of none are left out."""
    counted = select(RecordingRow.state, func.count().label("number")).group_by(RecordingRow.state)
    return {row.state: row.number for row in db.execute(counted)}


def retry(db: Session, recording_id: str) -> bool:
    """A person wants a parked recording tried again; False when it is not parked. Announce it after the commit."""
    parked = (RecordingRow.id == recording_id, RecordingRow.state == RecordingState.PARKED)
    return bool(db.connection().execute(update(RecordingRow).where(*parked).values(**_anew())).rowcount)


def retry_all(db: Session) -> list[Recording]:
    """A person wants every parked recording tried again; what was given back. Announce them after the commit."""
    parked = update(RecordingRow).where(RecordingRow.state == RecordingState.PARKED).values(**_anew())
    return [recording_of(row) for row in db.scalars(parked.returning(RecordingRow))]


def _anew() -> dict[str, object]:
    return {"state": RecordingState.REGISTERED, "attempts": 0, "due_at": datetime.now(UTC)}
