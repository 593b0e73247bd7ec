"""What workers do, steered by people: a recording tried again, a job stopped or resumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from recordings.announce import announce_job, announce_recording
from recordings.audio.failed import FailedRecording, failed_recordings, retry, retry_all
from recordings.calls.detail import find_recording
from recordings.contacts.call import Recording
from recordings.database import transaction
from recordings.jobs import Job, resume_job, start_job, stop_job
from recordings.privacy import audit
from recordings.redaction.redacted import hide_recording, masked

MOST_ANNOUNCED = 100
"""Recordings whose workers are woken at once; the sweep finds the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """What came of trying one recording again."""

    recording: Recording
    """As it was before."""
    again: bool
    """False: it was not parked, so it is in the workers' hands already, or done."""


def retry_recording(engine: Engine, broker: str, contact_id: str, *, by: str) -> Retried | None:
    """Give a parked recording back to the workers, by the id of its call or its own; None when there is none."""
    with transaction(engine) as db:
        recording = find_recording(db, contact_id)
        if recording is None:
            return None
        again = retry(db, recording.id)
        if again:
            audit.note(db, by, "recording.retried", recording.call_id or recording.id)
    if again:
        announce_recording(broker, recording.id, imported=recording.call_id is None)
    return Retried(recording=recording, again=again)


def retry_every_recording(engine: Engine, broker: str, *, by: str) -> int:
    """Give all parked recordings back to the workers; how many there were."""
    with transaction(engine) as db:
        given_back = retry_all(db)
        if given_back:
            audit.note(db, by, "recordings.retried", "", {"recordings": len(given_back)})
    for recording in given_back[:MOST_ANNOUNCED]:
        if not announce_recording(broker, recording.id, imported=recording.call_id is None):
            break
    return len(given_back)


def order_import(engine: Engine, files: Sequence[str], *, language: str, by: str) -> Job:
    """Write down that files are to be taken into the archive. Do the job yourself: workers may not see the files."""
    with transaction(engine) as db:
        job = start_job(db, "import", {"files": list(files), "language": language}, total=len(files), by=by)
        audit.note(db, by, "recordings.imported", job.id, {"files": len(files)})
    return job


def list_failed(db: Session, *, limit: int) -> list[FailedRecording]:
    """Recordings that wait for a person's decision, the newest first; numbers are masked."""
    return [
        replace(
            failed,
            caller_number=masked(failed.caller_number),
            recording=hide_recording(failed.recording),
        )
        for failed in failed_recordings(db, limit=limit)
    ]


def stop(engine: Engine, job_id: str, *, by: str) -> bool:
    """End a job at its next step; False when it is not going on."""
    with transaction(engine) as db:
        stopped = stop_job(db, job_id)
        if stopped:
            audit.note(db, by, "job.stopped", job_id)
    return stopped


def resume(engine: Engine, broker: str, job_id: str, *, by: str) -> bool:
    """Let a stopped or failed job go on where it stood; False when it is neither."""
    with transaction(engine) as db:
        resumed = resume_job(db, job_id)
        if resumed:
            audit.note(db, by, "job.resumed", job_id)
    if resumed:
        announce_job(broker, job_id)
    return resumed
