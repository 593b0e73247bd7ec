"""What is stored of recordings, many at a time, as rules over the archive need it: no sound, and JSON left as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, insert, select
from sqlalchemy.orm import Session

from recordings.calls.facts import IMPORTED, CallFacts, call_facts
from recordings.selection import best_transcript_id, newest_first
from recordings.tables import (
    AcousticsRow,
    AnalysisRow,
    CallRow,
    FindingRow,
    MeaningRow,
    RecordingRow,
    RedactionRow,
    TranscriptRow,
)
from speech.redaction.redaction import VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecording:
    """One recording by the transcript that is to be examined."""

    recording_id: str
    transcript_id: str
    transcript: str
    """JSON of ``Transcript``."""
    acoustics: str
    """JSON of ``Acoustics``; empty where it has not been measured."""
    meaning: str
    """JSON of ``CallMeaning``; empty where the models have not looked at it."""
    call: CallFacts
    redacted: str
    """JSON of ``Transcript``, without private parts; empty where the present rules have not redacted it."""


def count_stored(db: Session, *, since: datetime | None) -> int:
    """Recordings with a transcript, of calls that began (imports: were brought in) since a moment."""
    return db.scalar(select(func.count()).select_from(_ids(since).subquery())) or 0


def next_ids(db: Session, *, since: datetime | None, behind: str, limit: int) -> list[str]:
    """Ids of the same recordings that come after ``behind``, in their order."""
    wanted = _ids(since).where(RecordingRow.id > behind).order_by(RecordingRow.id).limit(limit)
    return list(db.scalars(wanted))


def newest_ids(db: Session, *, limit: int, language: str = "") -> list[str]:
    """Ids of the recordings brought in last that have a transcript."""
    wanted = _ids(None).order_by(RecordingRow.created_at.desc(), RecordingRow.id).limit(limit)
    return list(db.scalars(wanted.where(RecordingRow.language == language) if language else wanted))


def load_stored(db: Session, recording_ids: Sequence[str]) -> list[StoredRecording]:
    """What is stored of some hundred recordings, in the order of the ids; who lost the transcript is left out."""
    examined = select(RecordingRow.id, best_transcript_id(RecordingRow.id)).where(RecordingRow.id.in_(recording_ids))
    best: dict[str, str] = {recording: transcript for recording, transcript in db.execute(examined) if transcript}
    texts = _bodies(db, TranscriptRow, TranscriptRow.id, best.values())
    sounds = _bodies(db, AcousticsRow, AcousticsRow.recording_id, recording_ids, *newest_first(AcousticsRow))
    meanings = _bodies(db, MeaningRow, MeaningRow.transcript_id, best.values(), *newest_first(MeaningRow))
    present = RedactionRow.version == VERSION
    redacted = _bodies(db, RedactionRow, RedactionRow.transcript_id, best.values(), which=present)
    facts = call_facts(db, recording_ids)
    return [
        StoredRecording(
            recording_id=recording_id,
            transcript_id=best[recording_id],
            transcript=texts[best[recording_id]],
            acoustics=sounds.get(recording_id, ""),
            meaning=meanings.get(best[recording_id], ""),
            call=facts.get(recording_id, IMPORTED),
            redacted=redacted.get(best[recording_id], ""),
        )
        for recording_id in recording_ids
        if recording_id in best
    ]


def has_analyses(db: Session, transcript_ids: Iterable[str], rule_set: str) -> set[str]:
    """Those of some transcripts that have an analysis by a rule set."""
    found = select(AnalysisRow.transcript_id).where(AnalysisRow.rule_set == rule_set)
    return set(db.scalars(found.where(AnalysisRow.transcript_id.in_(list(transcript_ids)))))


def insert_analyses(db: Session, analyses: Sequence[Mapping[str, Any]], findings: Sequence[Mapping[str, Any]]) -> None:
    """Write many rows of analyses that are not there yet, and of their findings, at once.

    Raises:
        IntegrityError: somebody else has just written one of them, or erased a recording: load and try again.
    """
    if analyses:
        db.execute(insert(AnalysisRow), list(analyses))
    if findings:
        db.execute(insert(FindingRow), list(findings))


def _ids(since: datetime | None) -> Any:
    transcribed = select(TranscriptRow.recording_id)
    ids = select(RecordingRow.id).where(RecordingRow.id.in_(transcribed))
    if since is None:
        return ids
    began = func.coalesce(CallRow.started_at, RecordingRow.created_at)
    return ids.outerjoin(CallRow, CallRow.id == RecordingRow.call_id).where(began >= since)


def _bodies(
    db: Session, table: Any, key: Any, wanted: Iterable[str], *first: Any, which: ColumnElement[bool] | None = None
) -> dict[str, str]:
    """Key → JSON as the table holds it; of several the first."""
    bodies: dict[str, str] = {}
    found = select(key, cast(table.body, Text)).where(key.in_(list(wanted))).order_by(*first)
    for name, body in db.execute(found if which is None else found.where(which)):
        bodies.setdefault(name, body)
    return bodies
