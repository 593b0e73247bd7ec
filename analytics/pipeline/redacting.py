"""Redactions of stored transcripts: at once for a new one, in bulk for those made before there were redactions."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from recordings.database import reading, transaction
from recordings.redaction import redactions
from recordings.redaction.redaction import redact_transcript
from recordings.redaction.shown_names import refill_names
from recordings.results.results import best_transcript
from speech.recognition.words import Transcript
from speech.redaction.redaction import VERSION


def redact_stored(engine: Engine, recording_id: str) -> bool:
    """Redact the transcript of a recording that is to be examined, unless that is done; False when there is none."""
    with reading(engine) as db:
        best = best_transcript(db, recording_id)
        done = best is not None and redactions.has_redaction(db, best[0], VERSION)
    if best is None:
        return False
    if not done:
        _keep(engine, recording_id, *best)
    return True


def redact_archive(engine: Engine) -> int:
    """Redact every transcript that the present rules have not seen, and every file's name; tells how many transcripts.

    Killed, it goes on where it was.
    """
    refill_names(engine)
    done, behind = 0, ""
    while True:
        with reading(engine) as db:
            missing = redactions.unredacted(db, VERSION, behind=behind)
        if not missing:
            return done
        for recording_id, transcript_id, transcript in missing:
            done += _keep(engine, recording_id, transcript_id, transcript)
            behind = transcript_id


def _keep(engine: Engine, recording_id: str, transcript_id: str, transcript: Transcript) -> bool:
    redaction = redact_transcript(transcript)  # no transaction is open
    try:
        with transaction(engine) as db:
            return redactions.insert_redaction_once(
                db,
                recording_id=recording_id,
                transcript_id=transcript_id,
                version=redaction.version,
                transcript=redaction.transcript,
                spans=[asdict(span) for span in redaction.spans],
            )
    except IntegrityError:  # the person was erased meanwhile
        return False
