"""What the workers leave: transcripts and analyses, each written once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from recordings import selection
from recordings.database import insert_once
from recordings.results.acoustics import Acoustics
from recordings.results.finding import Finding, Measures
from recordings.selection import newest_first
from recordings.tables import AcousticsRow, AnalysisRow, FindingRow, TranscriptRow
from speech.models.models import accuracy
from speech.recognition.words import Transcript


def has_transcript(db: Session, recording_id: str, engine: str) -> bool:
    found = select(TranscriptRow.id).where(TranscriptRow.recording_id == recording_id, TranscriptRow.engine == engine)
    return db.scalar(found) is not None


def insert_transcript_once(db: Session, recording_id: str, transcript: Transcript) -> bool:
    """Keep one transcript per (recording, engine); tells whether this one was kept."""
    row = {
        "id": str(uuid4()),
        "recording_id": recording_id,
        "engine": transcript.engine,
        "language": transcript.language,
        "body": transcript.to_json(),
        "text": " ".join(utterance.text for utterance in transcript.utterances),
        "rank": accuracy(transcript.engine),
        "created_at": datetime.now(UTC),
    }
    return insert_once(db, TranscriptRow, row)


def best_transcript(db: Session, recording_id: str) -> tuple[str, Transcript] | None:
    """Id and words of the transcript that is to be examined; None before the first."""
    row = selection.best_transcript(db, recording_id)
    return (row.id, Transcript.from_json(row.body)) if row else None


def has_analysis(db: Session, transcript_id: str, rule_set: str) -> bool:
    found = select(AnalysisRow.id).where(AnalysisRow.transcript_id == transcript_id, AnalysisRow.rule_set == rule_set)
    return db.scalar(found) is not None


def insert_analysis_once(
    db: Session,
    *,
    recording_id: str,
    transcript_id: str,
    rule_set: str,
    measures: Measures,
    findings: Iterable[Finding],
) -> str | None:
    """Keep one analysis per (transcript, rule set) with its findings; its id, or None where there was one already."""
    analysis = {
        "id": str(uuid4()),
        "transcript_id": transcript_id,
        "recording_id": recording_id,
        "rule_set": rule_set,
        "measures": measures.to_json(),
        "created_at": datetime.now(UTC),
    }
    if not insert_once(db, AnalysisRow, analysis):
        return None
    db.add_all(
        FindingRow(
            id=str(uuid4()),
            analysis_id=analysis["id"],
            recording_id=recording_id,
            kind=finding.kind,
            label=finding.label,
            speaker=finding.speaker,
            start=finding.evidence.start,
            end=finding.evidence.end,
            quote=finding.evidence.quote,
            value=finding.value,
        )
        for finding in findings
    )
    return str(analysis["id"])


def insert_acoustics_once(db: Session, recording_id: str, acoustics: Acoustics) -> bool:
    """Keep one measurement per (recording, version); tells whether this one was kept."""
    row = {
        "id": str(uuid4()),
        "recording_id": recording_id,
        "version": acoustics.version,
        "body": acoustics.to_json(),
        "created_at": datetime.now(UTC),
    }
    return insert_once(db, AcousticsRow, row)


def newest_acoustics(db: Session, recording_id: str) -> Acoustics | None:
    """The newest measurement; None before the first."""
    of_it = select(AcousticsRow.body).where(AcousticsRow.recording_id == recording_id)
    body = db.scalar(of_it.order_by(*newest_first(AcousticsRow)).limit(1))
    return Acoustics.from_json(body) if body else None


def has_acoustics(db: Session, recording_id: str, version: str) -> bool:
    found = select(AcousticsRow.id).where(AcousticsRow.recording_id == recording_id, AcousticsRow.version == version)
    return db.scalar(found) is not None
