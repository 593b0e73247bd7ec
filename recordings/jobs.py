"""Long work in bulk: who does it, how far it is, and how it can be stopped and resumed. As with recordings the messages
are hints; the table is the truth.

A worker *takes* a job (``recordings.leases``), renews its lease, writes down after each part how far it has come, and
in the end finishes, postpones or fails it. When a worker dies the sweep sends the job to another one, which goes on
behind the ``cursor``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from recordings import leases
from recordings.announce import ANNOUNCED_SECONDS
from recordings.database import transaction
from recordings.tables import JobRow


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    """For a worker, or after a failure for its next try."""
    WORKING = "working"
    DONE = "done"
    STOPPED = "stopped"
    """By a person, who may resume it."""
    FAILED = "failed"
    """Given up, with its reason; a person may resume it."""


GOING_ON = (JobState.WAITING, JobState.WORKING)
_LEASED = leases.Leased(table=JobRow, key=JobRow.id, holder=JobRow.worker, unsettled=JobRow.state.in_(GOING_ON))


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A piece of work over many items, in a fixed order."""

    id: str
    kind: str
    """As ``analytics.worker.jobs.KINDS``."""
    state: JobState
    parameters: Mapping[str, Any]
    cursor: str
    """Last item that is done, in the order of the work; empty at the start."""
    total: int
    """Items; 0 while nobody has counted them."""
    done: int
    failed: int
    """Items that cannot be done; counted apart from ``done``."""
    result: Mapping[str, Any] = field(default_factory=dict)
    failure: str = ""
    """Why it waits or was given up, for a person to read."""
    attempts: int = 0
    """Times a worker took it since it last came on."""
    created_at: datetime
    created_by: str = ""
    """Login."""
    ended_at: datetime | None = None

    @property
    def share(self) -> float:
        """0..1 of the work that is behind; 0 while nobody has counted the items."""
        if self.state is JobState.DONE:
            return 1.0
        return min(1.0, (self.done + self.failed) / self.total) if self.total else 0.0


def start_job(db: Session, kind: str, parameters: Mapping[str, Any], *, total: int = 0, by: str = "") -> Job:
    """Write a job down; tell a worker with ``announce.announce_job`` after the commit, or run it yourself."""
    now = datetime.now(UTC)
    row = JobRow(
        id=str(uuid4()),
        kind=kind,
        state=JobState.WAITING,
        parameters=dict(parameters),
        cursor="",
        total=total,
        done=0,
        failed=0,
        result={},
        worker="",
        due_at=leases.after(ANNOUNCED_SECONDS, now),
        attempts=0,
        failure="",
        created_at=now,
        created_by=by,
    )
    db.add(row)
    db.flush()
    return job_of(row)


def find_job(db: Session, job_id: str) -> Job | None:
    row = db.get(JobRow, job_id)
    return job_of(row) if row else None


def list_jobs(db: Session, limit: int = 50, *, kind: str = "") -> list[Job]:
    """The newest first; of one kind where one is given."""
    wanted = select(JobRow).order_by(JobRow.created_at.desc(), JobRow.id).limit(limit)
    return [job_of(row) for row in db.scalars(wanted.where(JobRow.kind == kind) if kind else wanted)]


def stop_job(db: Session, job_id: str) -> bool:
    """A person wants it to end; its worker finds out at its next step. False when it is not going on."""
    going_on = (JobRow.id == job_id, JobRow.state.in_(GOING_ON))
    return _changed(db, going_on, state=JobState.STOPPED, worker="", ended_at=datetime.now(UTC))


def resume_job(db: Session, job_id: str) -> bool:
    """Let a stopped or failed job go on where it stood; False when it is neither. Announce it after the commit."""
    at_rest = (JobRow.id == job_id, JobRow.state.in_((JobState.STOPPED, JobState.FAILED)))
    anew = {"due_at": leases.after(ANNOUNCED_SECONDS), "worker": "", "attempts": 0, "failure": "", "ended_at": None}
    return _changed(db, at_rest, state=JobState.WAITING, **anew)


def take_job(engine: Engine, job_id: str, *, worker: str, lease: float) -> Job | None:
    """Take a job for ``lease`` seconds and count the attempt; None when it is at rest or in another worker's hands."""
    with transaction(engine) as db:
        row = leases.take(db, _LEASED, job_id, holder=worker, seconds=lease, state=JobState.WORKING)
        return job_of(row) if row else None


def renew_job(engine: Engine, job_id: str, *, worker: str, lease: float) -> bool:
    """Hold the job for ``lease`` seconds from now; False when it is lost or a person stopped it."""
    with transaction(engine) as db:
        return leases.renew(db, _LEASED, job_id, holder=worker, seconds=lease)


def advance_job(
    engine: Engine,
    job_id: str,
    *,
    worker: str,
    lease: float,
    cursor: str | None = None,
    done: int = 0,
    failed: int = 0,
    total: int | None = None,
) -> Job | None:
    """Write down how far the work has come; None when the lease is lost or a person stopped it.

    ``done`` and ``failed`` are what has been added since; ``cursor`` and ``total`` replace what stood there.
    """
    step: dict[str, object] = {
        "due_at": leases.after(lease),
        "attempts": 0,
        "failure": "",
        "done": JobRow.done + done,
        "failed": JobRow.failed + failed,
    }
    step |= {} if cursor is None else {"cursor": cursor}
    step |= {} if total is None else {"total": total}
    with transaction(engine) as db:
        row = db.scalar(update(JobRow).where(*leases.held(_LEASED, job_id, worker)).values(**step).returning(JobRow))
        return job_of(row) if row else None


def finish_job(engine: Engine, job_id: str, *, worker: str, result: Mapping[str, Any]) -> bool:
    """All is done; False when the lease is lost."""
    end = {"result": dict(result), "worker": "", "failure": "", "ended_at": datetime.now(UTC)}
    with transaction(engine) as db:
        return leases.settle(db, _LEASED, job_id, holder=worker, state=JobState.DONE, **end)


def postpone_job(engine: Engine, job_id: str, *, worker: str, wait: float, failure: str, counted: bool = True) -> bool:
    """It failed for now: the sweep sends it again in ``wait`` seconds. False when the lease is lost.

    ``counted=False`` forgets the attempt: the fault is not the job's.
    """
    waits: dict[str, Any] = {"state": JobState.WAITING, "worker": "", "failure": failure}
    with transaction(engine) as db:
        return leases.postpone(db, _LEASED, job_id, holder=worker, seconds=wait, counted=counted, **waits)


def fail_job(engine: Engine, job_id: str, *, worker: str, failure: str) -> bool:
    """Give up and say why; from here a person decides. False when the lease is lost."""
    end = {"state": JobState.FAILED, "worker": "", "failure": failure, "ended_at": datetime.now(UTC)}
    with transaction(engine) as db:
        return leases.settle(db, _LEASED, job_id, holder=worker, **end)


def take_due_jobs(engine: Engine, *, limit: int, wait: float) -> list[str]:
    """Ids of jobs that should go on and that nobody works on, the longest waiting first.

    They fall due again after ``wait`` seconds.
    """
    now = datetime.now(UTC)
    with transaction(engine) as db:
        due = leases.take_due(db, _LEASED, limit=limit, seconds=wait, now=now, counted=False, worker="")
        return [row.id for row in due]


def job_of(row: JobRow) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        state=JobState(row.state),
        parameters=row.parameters,
        cursor=row.cursor,
        total=row.total,
        done=row.done,
        failed=row.failed,
        result=row.result,
        failure=row.failure,
        attempts=row.attempts,
        created_at=row.created_at,
        created_by=row.created_by,
        ended_at=row.ended_at,
    )


def _changed(db: Session, which: tuple[Any, ...], **values: object) -> bool:
    return bool(db.connection().execute(update(JobRow).where(*which).values(**values)).rowcount)
