"""How far each recording has come, and who works on it. The workers' messages are hints; this is the truth.

A worker *takes* a recording (``recordings.leases``), renews its lease while it computes, and then advances, postpones
or parks it. When a worker dies the recording falls due again, and the sweep sends it to another one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from recordings import leases
from recordings.contacts.call import Recording, RecordingState
from recordings.database import reading, transaction
from recordings.rows import recording_of
from recordings.tables import RecordingRow

UNFINISHED = (RecordingState.REGISTERED, RecordingState.TRANSCRIBED)
_LEASED = leases.Leased(
    table=RecordingRow,
    key=RecordingRow.id,
    holder=RecordingRow.worker,
    unsettled=RecordingRow.state != RecordingState.PARKED,
)


def take(engine: Engine, recording_id: str, *, worker: str, lease: float) -> Recording | None:
    """Take a recording for ``lease`` seconds and count the attempt.

    None when another worker holds it, when it is parked, or when there is no such recording.
    """
    with transaction(engine) as db:
        row = leases.take(db, _LEASED, recording_id, holder=worker, seconds=lease)
        return recording_of(row) if row else None


def renew(engine: Engine, recording_id: str, *, worker: str, lease: float) -> bool:
    """Hold the recording for ``lease`` seconds from now; False when it is lost."""
    with transaction(engine) as db:
        return leases.renew(db, _LEASED, recording_id, holder=worker, seconds=lease)


def advance(engine: Engine, recording_id: str, state: RecordingState, *, worker: str, wait: float) -> bool:
    """The step is done: ``state`` is reached and the count of attempts starts anew.

    ``wait`` is how many seconds the message of the next step has before the sweep sends another. False when the lease
    is lost: whoever has it finds the step done.
    """
    reached = {"state": state, "due_at": leases.after(wait), "attempts": 0, "failure_code": "", "failure": ""}
    with transaction(engine) as db:
        return leases.settle(db, _LEASED, recording_id, holder=worker, worker="", **reached)


def postpone(
    engine: Engine, recording_id: str, *, worker: str, wait: float, code: str, reason: str, counted: bool = True
) -> bool:
    """The step failed for now: the sweep sends it again in ``wait`` seconds. False when the lease is lost.

    ``counted=False`` forgets the attempt: the fault is not the recording's.
    """
    why: dict[str, Any] = {"failure_code": code, "failure": reason}
    with transaction(engine) as db:
        return leases.postpone(
            db, _LEASED, recording_id, holder=worker, seconds=wait, counted=counted, worker="", **why
        )


def park(engine: Engine, recording_id: str, *, worker: str, code: str, reason: str) -> bool:
    """Give up and say why; from here a person decides. False when the lease is lost."""
    why = {"failure_code": code, "failure": reason}
    with transaction(engine) as db:
        return leases.settle(db, _LEASED, recording_id, holder=worker, worker="", state=RecordingState.PARKED, **why)


def find(engine: Engine, recording_id: str) -> Recording | None:
    """None when there is no such recording, or it was erased."""
    with reading(engine) as db:
        row = db.get(RecordingRow, recording_id)
        return recording_of(row) if row else None


def take_due(engine: Engine, *, imported: bool, limit: int, wait: float) -> list[Recording]:
    """Unfinished recordings that are due, the longest waiting first; they fall due again after ``wait`` seconds.

    ``imported`` chooses between files that were brought in and the sound of calls.
    """
    of_kind = RecordingRow.call_id.is_(None) if imported else RecordingRow.call_id.is_not(None)
    unfinished = (RecordingRow.state.in_(UNFINISHED), of_kind)
    now = datetime.now(UTC)
    with transaction(engine) as db:
        due = leases.take_due(
            db, _LEASED, limit=limit, seconds=wait, now=now, where=unfinished, counted=False, worker=""
        )
        return [recording_of(row) for row in due]
