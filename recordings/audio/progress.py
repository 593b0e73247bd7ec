"""How far each recording has come, and who works on it. The workers' messages are hints; this is the truth.

A worker *claims* a recording, renews the claim while it computes, and then advances, postpones or parks it. A worker
that dies stops renewing: the recording falls due again and the sweep sends it to another one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, or_, select, update

from recordings.contacts.call import Recording, RecordingState
from recordings.database import reading, transaction
from recordings.rows import recording_of
from recordings.tables import RecordingRow

UNFINISHED = (RecordingState.REGISTERED, RecordingState.TRANSCRIBED)


def claim(engine: Engine, recording_id: str, *, worker: str, lease: float) -> Recording | None:
    """Take a recording for ``lease`` seconds and count the attempt.

    None when another worker holds it, when it is parked, or when there is no such recording.
    """
    now = datetime.now(UTC)
    free = or_(RecordingRow.worker == "", RecordingRow.due_at <= now)
    take = (
        update(RecordingRow)
        .where(RecordingRow.id == recording_id, RecordingRow.state != RecordingState.PARKED, free)
        .values(worker=worker, due_at=now + timedelta(seconds=lease), attempts=RecordingRow.attempts + 1)
        .returning(RecordingRow)
    )
    with transaction(engine) as db:
        row = db.scalar(take)
        return recording_of(row) if row else None


def renew(engine: Engine, recording_id: str, *, worker: str, lease: float) -> bool:
    """Hold the claim for ``lease`` seconds from now; False when it is lost."""
    return _change(engine, recording_id, worker, due_at=_in(lease))


def advance(engine: Engine, recording_id: str, state: RecordingState, *, worker: str, wait: float) -> bool:
    """The step is done: ``state`` is reached and the count of attempts starts anew.

    ``wait`` is how many seconds the message of the next step has before the sweep sends another. False when the claim
    is lost: whoever holds it finds the step done.
    """
    reached = {"state": state, "due_at": _in(wait), "attempts": 0, "failure_code": "", "failure": ""}
    return _change(engine, recording_id, worker, worker="", **reached)


def postpone(
    engine: Engine, recording_id: str, *, worker: str, wait: float, code: str, reason: str, counted: bool = True
) -> bool:
    """The step failed for now: the sweep sends it again in ``wait`` seconds. False when the claim is lost.

    ``counted=False`` forgets the attempt: the fault is not the recording's.
    """
    attempts = RecordingRow.attempts - (0 if counted else 1)
    later = {"due_at": _in(wait), "attempts": attempts, "failure_code": code, "failure": reason}
    return _change(engine, recording_id, worker, worker="", **later)


def park(engine: Engine, recording_id: str, *, worker: str, code: str, reason: str) -> bool:
    """Give up and say why; from here a person decides. False when the claim is lost."""
    return _change(
        engine, recording_id, worker, worker="", state=RecordingState.PARKED, failure_code=code, failure=reason
    )


def find(engine: Engine, recording_id: str) -> Recording | None:
    """None when there is no such recording, or it was erased."""
    with reading(engine) as db:
        row = db.get(RecordingRow, recording_id)
        return recording_of(row) if row else None


def retry(engine: Engine, recording_id: str) -> bool:
    """A person wants a parked recording tried again; False when it is not parked."""
    parked = (RecordingRow.id == recording_id, RecordingRow.state == RecordingState.PARKED)
    anew = {"state": RecordingState.REGISTERED, "attempts": 0, "due_at": datetime.now(UTC)}
    with transaction(engine) as db:
        return bool(db.connection().execute(update(RecordingRow).where(*parked).values(**anew)).rowcount)


def take_due(engine: Engine, *, imported: bool, limit: int, wait: float) -> list[Recording]:
    """Unfinished recordings that are due, the longest waiting first; they fall due again after ``wait`` seconds.

    ``imported`` chooses between files that were brought in and the sound of calls.
    """
    now = datetime.now(UTC)
    of_kind = RecordingRow.call_id.is_(None) if imported else RecordingRow.call_id.is_not(None)
    due = select(RecordingRow.id).where(RecordingRow.state.in_(UNFINISHED), RecordingRow.due_at <= now, of_kind)
    with transaction(engine) as db:
        ids = db.scalars(due.order_by(RecordingRow.due_at).limit(limit)).all()
        taken = (
            update(RecordingRow)
            .where(RecordingRow.id.in_(ids), RecordingRow.due_at <= now)
            .values(worker="", due_at=now + timedelta(seconds=wait))
            .returning(RecordingRow)
        )
        return [recording_of(row) for row in db.scalars(taken)]


def _change(engine: Engine, recording_id: str, holder: str, **values: object) -> bool:
    """Change the row while ``holder`` holds it."""
    held = (RecordingRow.id == recording_id, RecordingRow.worker == holder)
    with transaction(engine) as db:
        return bool(db.connection().execute(update(RecordingRow).where(*held).values(**values)).rowcount)


def _in(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)
