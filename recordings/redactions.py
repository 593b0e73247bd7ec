"""Redactions as they are kept: which sound of a recording is private, and where the copy without it is."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from recordings.tables import RedactionRow, TranscriptRow


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateSounds:
    """What is to be put out of a recording's sound."""

    redaction_id: str
    spans: tuple[tuple[int, float, float], ...]
    """Channel, start and end in seconds."""
    sound_key: str
    """Where the copy is; empty until it is made."""


def redaction_of(db: Session, recording_id: str, transcript_id: str) -> RedactionRow | None:
    """The newest redaction of a transcript, or else of another one of the recording: its sound is no other."""
    of_shown = case((RedactionRow.transcript_id == transcript_id, 0), else_=1)
    newest_first = RedactionRow.created_at.desc(), RedactionRow.id
    found = select(RedactionRow).where(RedactionRow.recording_id == recording_id)
    return db.scalar(found.order_by(of_shown, *newest_first).limit(1))


def private_sounds(db: Session, recording_id: str) -> PrivateSounds | None:
    """Of the transcript that is shown; None while the recording has no redaction."""
    best = TranscriptRow.rank.desc(), TranscriptRow.created_at.desc(), TranscriptRow.id
    shown = db.scalar(
        select(TranscriptRow.id).where(TranscriptRow.recording_id == recording_id).order_by(*best).limit(1)
    )
    row = redaction_of(db, recording_id, shown or "")
    if row is None:
        return None
    spans = tuple((int(span["channel"]), float(span["start"]), float(span["end"])) for span in row.spans)
    return PrivateSounds(redaction_id=row.id, spans=spans, sound_key=row.sound_key)


def keep_sound(db: Session, redaction_id: str, key: str) -> bool:
    """Remember where the copy is; False when the redaction is gone, and the copy must go, too."""
    mine = update(RedactionRow).where(RedactionRow.id == redaction_id).values(sound_key=key)
    return bool(db.connection().execute(mine).rowcount)
