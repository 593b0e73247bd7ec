"""What the workers leave: transcripts and analyses, each written once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from recordings.database import insert_once
from recordings.finding import Finding, Measures
from recordings.tables import AnalysisRow, FindingRow, LegRow, TranscriptRow
from speech.models import accuracy
from speech.words import Speaker, Transcript


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


def newest_transcript(db: Session, recording_id: str) -> tuple[str, Transcript] | None:
    """Id and words of the transcript by the best model, of several the newest; None before the first."""
    newest = TranscriptRow.rank.desc(), TranscriptRow.created_at.desc(), TranscriptRow.id
    row = db.scalar(select(TranscriptRow).where(TranscriptRow.recording_id == recording_id).order_by(*newest).limit(1))
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
) -> bool:
    """Keep one analysis per (transcript, rule set) with its findings; tells whether this one was kept."""
    analysis = {
        "id": str(uuid4()),
        "transcript_id": transcript_id,
        "recording_id": recording_id,
        "rule_set": rule_set,
        "measures": measures.to_json(),
        "created_at": datetime.now(UTC),
    }
    if not insert_once(db, AnalysisRow, analysis):
        return False
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
    return True


def agent_joined(db: Session, call_id: str) -> float | None:
    """Seconds from the answer at which a person came to the call; None when the robot held it alone."""
    agents = select(LegRow.started).where(LegRow.call_id == call_id, LegRow.speaker == Speaker.AGENT)
    return db.scalar(agents.order_by(LegRow.started).limit(1))
