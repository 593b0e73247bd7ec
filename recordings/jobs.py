"""Long work in bulk: who does it, how far it is, and how it can be stopped and resumed. As with recordings the messages
are hints; the table is the truth.

A worker *claims* a job, renews its claim, writes down after each part how far it has come, and in the end finishes,
postpones or fails it. A worker that dies stops renewing: the sweep sends the job to another one, which goes on behind
the ``cursor``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, or_, select, update
from sqlalchemy.orm import Session

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
        due_at=now + timedelta(seconds=ANNOUNCED_SECONDS),
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
    anew = {"due_at": _in(ANNOUNCED_SECONDS), "worker": "", "attempts": 0, "failure": "", "ended_at": None}
    return _changed(db, at_rest, state=JobState.WAITING, **anew)


def claim_job(engine: Engine, job_id: str, *, worker: str, lease: float) -> Job | None:
    """Take a job for ``lease`` seconds and count the attempt; None when it is at rest or in another worker's hands."""
    free = or_(JobRow.worker == "", JobRow.due_at <= datetime.now(UTC))
    take = (
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.state.in_(GOING_ON), free)
        .values(state=JobState.WORKING, worker=worker, due_at=_in(lease), attempts=JobRow.attempts + 1)
        .returning(JobRow)
    )
    with transaction(engine) as db:
        row = db.scalar(take)
        return job_of(row) if row else None


def renew_job(engine: Engine, job_id: str, *, worker: str, lease: float) -> bool:
    """Hold the claim for ``lease`` seconds from now; False when it is lost or a person stopped the job."""
    return _change(engine, job_id, worker, due_at=_in(lease))


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
    """Write down how far the work has come; None when the claim is lost or a person stopped it.

    ``done`` and ``failed`` are what has been added since; ``cursor`` and ``total`` replace what stood there.
    """
    step: dict[str, object] = {
        "due_at": _in(lease),
        "attempts": 0,
        "failure": "",
        "done": JobRow.done + done,
        "failed": JobRow.failed + failed,
    }
    step |= {} if cursor is None else {"cursor": cursor}
    step |= {} if total is None else {"total": total}
    with transaction(engine) as db:
        row = db.scalar(update(JobRow).where(*_held(job_id, worker)).values(**step).returning(JobRow))
        return job_of(row) if row else None


def finish_job(engine: Engine, job_id: str, *, worker: str, result: Mapping[str, Any]) -> bool:
    """All is done; False when the claim is lost."""
    end = {"result": dict(result), "worker": "", "failure": "", "ended_at": datetime.now(UTC)}
    return _change(engine, job_id, worker, state=JobState.DONE, **end)


def postpone_job(engine: Engine, job_id: str, *, worker: str, wait: float, failure: str, counted: bool = True) -> bool:
    """It failed for now: the sweep sends it again in ``wait`` seconds. False when the claim is lost.

    ``counted=False`` forgets the attempt: the fault is not the job's.
    """
    attempts = JobRow.attempts - (0 if counted else 1)
    later = {"due_at": _in(wait), "failure": failure, "attempts": attempts}
    return _change(engine, job_id, worker, state=JobState.WAITING, worker="", **later)


def fail_job(engine: Engine, job_id: str, *, worker: str, failure: str) -> bool:
    """Give up and say why; from here a person decides. False when the claim is lost."""
    now = datetime.now(UTC)
    return _change(engine, job_id, worker, state=JobState.FAILED, worker="", failure=failure, ended_at=now)


def take_due_jobs(engine: Engine, *, limit: int, wait: float) -> list[str]:
    """Ids of jobs that should go on and that nobody works on, the longest waiting first.

    They fall due again after ``wait`` seconds.
    """
    now = datetime.now(UTC)
    due = select(JobRow.id).where(JobRow.state.in_(GOING_ON), JobRow.due_at <= now)
    with transaction(engine) as db:
        ids = db.scalars(due.order_by(JobRow.due_at).limit(limit)).all()
        taken = (
            update(JobRow)
            .where(JobRow.id.in_(ids), JobRow.due_at <= now)
            .values(worker="", due_at=now + timedelta(seconds=wait))
            .returning(JobRow.id)
        )
        return list(db.scalars(taken))


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


def _held(job_id: str, worker: str) -> tuple[Any, ...]:
    return JobRow.id == job_id, JobRow.worker == worker, JobRow.state == JobState.WORKING


def _change(engine: Engine, job_id: str, holder: str, **values: object) -> bool:
    """Change the row while ``holder`` holds it."""
    with transaction(engine) as db:
        return _changed(db, _held(job_id, holder), **values)


def _changed(db: Session, which: tuple[Any, ...], **values: object) -> bool:
    return bool(db.connection().execute(update(JobRow).where(*which).values(**values)).rowcount)


def _in(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)
