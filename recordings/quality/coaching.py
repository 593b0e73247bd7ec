"""Coaching notes: what somebody wants an agent to hear at a moment of a call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from recordings.quality.evaluations import recordings_since
from recordings.tables import CallRow, CoachingNoteRow, RecordingRow


@dataclass(frozen=True, slots=True, kw_only=True)
class CoachingNote:
    id: str
    recording_id: str
    contact_id: str
    """Id in the address of the call's page."""
    start: float
    """Seconds from the start of the recording."""
    end: float
    text: str
    agent: str
    created_at: datetime
    created_by: str
    seen_at: datetime | None


def add_note(db: Session, *, recording_id: str, start: float, end: float, text: str, by: str) -> CoachingNote:
    """Leave a note for the agent of a call.

    Raises:
        KeyError: there is no such recording.
        ValueError: nothing is said, nobody took the call, or the moment is not one of the recording.
    """
    found = db.execute(
        select(RecordingRow.duration, CallRow.agent)
        .outerjoin(CallRow, CallRow.id == RecordingRow.call_id)
        .where(RecordingRow.id == recording_id)
    ).first()
    if found is None:
        raise KeyError(recording_id)
    if not text.strip():
        raise ValueError("the note is empty")
    if not found.agent:
        raise ValueError("no agent took this call")
    if not 0 <= start <= end <= found.duration + 1:
        raise ValueError(f"want 0 <= start <= end <= {found.duration:.1f} s, got {start}..{end} s")
    row = CoachingNoteRow(
        id=str(uuid4()),
        recording_id=recording_id,
        start=start,
        end=end,
        text=text.strip(),
        agent=found.agent,
        created_at=datetime.now(UTC),
        created_by=by,
    )
    db.add(row)
    db.flush()
    return _note(*db.execute(_select().where(CoachingNoteRow.id == row.id)).one())


def notes_for(db: Session, agent: str, *, called_since: datetime | None = None, limit: int = 100) -> list[CoachingNote]:
    """Of an agent: those not seen yet first, then the newest; ``called_since`` leaves out calls before it."""
    order = CoachingNoteRow.seen_at.is_(None).desc(), CoachingNoteRow.created_at.desc(), CoachingNoteRow.id
    fits = [CoachingNoteRow.agent == agent]
    if called_since:
        fits.append(CoachingNoteRow.recording_id.in_(recordings_since(called_since)))
    rows = db.execute(_select().where(*fits).order_by(*order).limit(limit))
    return [_note(*row) for row in rows]


def notes_of(db: Session, recording_id: str) -> list[CoachingNote]:
    """Of a call, by time."""
    of_call = CoachingNoteRow.recording_id == recording_id
    rows = db.execute(_select().where(of_call).order_by(CoachingNoteRow.start, CoachingNoteRow.id))
    return [_note(*row) for row in rows]


def mark_seen(db: Session, note_id: str, *, agent: str, called_since: datetime | None = None) -> bool:
    """The agent has read a note of theirs; False when it is not theirs or was seen before."""
    new = [CoachingNoteRow.id == note_id, CoachingNoteRow.agent == agent, CoachingNoteRow.seen_at.is_(None)]
    if called_since:
        new.append(CoachingNoteRow.recording_id.in_(recordings_since(called_since)))
    seen = update(CoachingNoteRow).where(*new).values(seen_at=datetime.now(UTC)).returning(CoachingNoteRow.id)
    return bool(db.execute(seen).all())


def _select() -> Select[CoachingNoteRow, str | None]:
    joined = RecordingRow.id == CoachingNoteRow.recording_id
    return select(CoachingNoteRow, RecordingRow.call_id).join(RecordingRow, joined)


def _note(row: CoachingNoteRow, call_id: str | None) -> CoachingNote:
    return CoachingNote(
        id=row.id,
        recording_id=row.recording_id,
        contact_id=call_id or row.recording_id,
        start=row.start,
        end=row.end,
        text=row.text,
        agent=row.agent,
        created_at=row.created_at,
        created_by=row.created_by,
        seen_at=row.seen_at,
    )
