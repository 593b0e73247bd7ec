"""Redactions as they are kept: which sound of a recording is private, and where the copy without it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import case, delete, exists, select, update
from sqlalchemy.orm import Session

from recordings.database import insert_once
from recordings.redaction.redacted import Redacted
from recordings.redaction.redaction import MARGIN
from recordings.results.finding import FindingKind
from recordings.selection import newest_first, shown_transcript
from recordings.tables import AnalysisRow, FindingRow, RedactionRow, TranscriptRow
from speech.audio.muting import EVERY
from speech.recognition.words import Transcript

BESIDE = MARGIN + 0.001
"""Seconds by which a kept span reaches over its own words, rounding included: a word beside them is not hidden."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateSounds:
    """What is to be put out of a recording's sound."""

    redaction_id: str
    spans: tuple[tuple[int, float, float], ...]
    """Channel (``EVERY``: all), start and end in seconds."""
    sound_key: str
    """Where the copy is; empty until it is made."""


def redaction_of(db: Session, recording_id: str, transcript_id: str) -> RedactionRow | None:
    """The newest redaction of a transcript, or else of another one of the recording: its sound is no other."""
    of_shown = case((RedactionRow.transcript_id == transcript_id, 0), else_=1)
    found = select(RedactionRow).where(RedactionRow.recording_id == recording_id)
    return db.scalar(found.order_by(of_shown, *newest_first(RedactionRow)).limit(1))


def redacted_words(db: Session, recording_id: str, transcript_id: str) -> Redacted | None:
    """The newest redaction of a transcript; None where it has none of its own."""
    row = redaction_of(db, recording_id, transcript_id)
    if row is None or row.transcript_id != transcript_id:
        return None
    return Redacted(transcript=Transcript.from_json(row.body), spans=tuple(row.spans))


def private_sounds(db: Session, recording_id: str) -> PrivateSounds | None:
    """Of the transcript that is shown; None while the recording has no redaction."""
    shown = shown_transcript(db, recording_id)
    row = redaction_of(db, recording_id, shown.id if shown else "")
    if row is None:
        return None
    # words of one sound on both sides are private on both, whatever the other side says later
    as_mono = Transcript.from_json(row.body).split != "channels"
    spans = tuple(
        (EVERY if as_mono else int(span["channel"]), float(span["start"]), float(span["end"])) for span in row.spans
    )
    return PrivateSounds(redaction_id=row.id, spans=spans, sound_key=row.sound_key)


def insert_redaction_once(
    db: Session,
    *,
    recording_id: str,
    transcript_id: str,
    version: str,
    transcript: Transcript,
    spans: Sequence[Mapping[str, Any]],
) -> bool:
    """Keep one redaction per (transcript, version of the rules); tells whether this one was kept.

    Keywords that were found in what is hidden now are forgotten: whoever writes a dictionary could ask by them.
    """
    row = {
        "id": str(uuid4()),
        "transcript_id": transcript_id,
        "recording_id": recording_id,
        "version": version,
        "body": transcript.to_json(),
        "text": " ".join(said.text for said in transcript.utterances),
        "spans": [dict(span) for span in spans],
        "sound_key": "",
        "created_at": datetime.now(UTC),
    }
    kept = insert_once(db, RedactionRow, row)
    if kept and spans:
        _forget_hidden_keywords(db, transcript_id, transcript, spans)
    return kept


def _forget_hidden_keywords(
    db: Session, transcript_id: str, transcript: Transcript, spans: Sequence[Mapping[str, Any]]
) -> None:
    hidden = [
        (transcript.utterances[span["utterance"]].speaker.value, span["start"] + BESIDE, span["end"] - BESIDE)
        for span in spans
    ]
    analyses = select(AnalysisRow.id).where(AnalysisRow.transcript_id == transcript_id)
    keyword = FindingRow.analysis_id.in_(analyses), FindingRow.kind == FindingKind.KEYWORD
    gone = [
        row.id
        for row in db.scalars(select(FindingRow).where(*keyword))
        if any(row.speaker == who and row.start < end and start < row.end for who, start, end in hidden)
    ]
    if gone:
        db.execute(delete(FindingRow).where(FindingRow.id.in_(gone)))


def has_redaction(db: Session, transcript_id: str, version: str) -> bool:
    made = RedactionRow.transcript_id == transcript_id, RedactionRow.version == version
    return db.scalar(select(RedactionRow.id).where(*made)) is not None


def unredacted(db: Session, version: str, *, behind: str = "", limit: int = 200) -> list[tuple[str, str, Transcript]]:
    """Transcripts without a redaction by these rules, after the transcript ``behind``: recording, id, words."""
    made = exists().where(RedactionRow.transcript_id == TranscriptRow.id, RedactionRow.version == version)
    missing = select(TranscriptRow).where(~made, TranscriptRow.id > behind).order_by(TranscriptRow.id).limit(limit)
    return [(row.recording_id, row.id, Transcript.from_json(row.body)) for row in db.scalars(missing)]


def keep_sound(db: Session, redaction_id: str, key: str) -> bool:
    """Remember where the copy is; False when the redaction is gone, and the copy must go, too."""
    mine = update(RedactionRow).where(RedactionRow.id == redaction_id).values(sound_key=key)
    return bool(db.connection().execute(mine).rowcount)
