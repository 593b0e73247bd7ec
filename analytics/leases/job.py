"""A worker's lease of a job: what the function that does the job is given, and how a fault in it ends."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from types import TracebackType

from sqlalchemy.exc import InterfaceError, OperationalError

from analytics.errors import Stopped
from analytics.leases.faults import failure_text, judge
from analytics.leases.renewal import Renewal
from analytics.pipeline.dependencies import Dependencies
from recordings.jobs import Job, advance_job, fail_job, postpone_job, renew_job

log = logging.getLogger(__name__)


class JobLease:
    """``with JobLease(...) as lease:`` — one job in this worker's hands; a fault in the block puts it off or fails it.

    The function that does the job starts behind ``job.cursor`` and calls ``advance`` after each part (a few seconds of
    work, or some hundred items). A part that was done but not yet written down is done again after a fault: it must
    come out the same, as by ``insert_once``.

    ``faults.judge`` decides: a fault that passes puts the job off without counting. Any other is tried again after
    growing waits, and goes on to Celery's log; after ``max_attempts`` without a step forward the job has failed.
    """

    def __init__(self, here: Dependencies, job: Job, *, worker: str, told: Callable[[Job], None] | None = None) -> None:
        self.dependencies = here
        self.job = job
        """The job as it stands after the last step."""
        self.worker = worker
        self._told = told
        lease = here.analytics.lease_seconds
        renew = partial(renew_job, here.engine, job.id, worker=worker, lease=lease)
        self._renewal = Renewal(renew, lease=lease, what=f"job {job.id}")

    def __enter__(self) -> JobLease:
        self._renewal.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        self._renewal.end()
        if error is None:
            return True
        if isinstance(error, Stopped):
            log.info("%s", error)
            return True
        try:
            return self._settle(error)
        except (OperationalError, InterfaceError) as gone:
            log.warning("job %s: the database is gone (%s); the sweep sends it again", self.job.id, gone.orig)
            return isinstance(error, OperationalError | InterfaceError)

    def advance(self, *, cursor: str | None = None, done: int = 0, failed: int = 0, total: int | None = None) -> None:
        """Write down how far the work has come, and hold it on.

        Args:
            cursor: Last item that is done; None leaves it as it is.
            done: Items done since the last call.
            failed: Items since the last call that cannot be done.
            total: Items in all, once they are counted.

        Raises:
            Stopped: a person stopped it, or the lease is lost.
        """
        job = advance_job(
            self.dependencies.engine,
            self.job.id,
            worker=self.worker,
            lease=self.dependencies.analytics.lease_seconds,
            cursor=cursor,
            done=done,
            failed=failed,
            total=total,
        )
        if job is None:
            raise Stopped(f"job {self.job.id} was stopped, or is another worker's")
        self.job = job
        if self._told:
            self._told(job)

    def _settle(self, error: BaseException) -> bool:
        """Put the job off or fail it; tells whether the error is dealt with."""
        engine, job = self.dependencies.engine, self.job
        verdict = judge(error, attempts=job.attempts, back_off=self.dependencies.analytics.back_off)
        reason = failure_text(error)
        if verdict.again_in is not None:
            log.warning("job %s (%s) waits %g s: %s", job.id, job.kind, verdict.again_in, reason)
            wait, counted = verdict.again_in, verdict.counted
            postpone_job(engine, job.id, worker=self.worker, wait=wait, failure=reason, counted=counted)
        else:
            reason = str(error) if verdict.foreseen else f"given up after {job.attempts} attempts: {reason}"
            log.error("job %s (%s) has failed: %s", job.id, job.kind, reason)
            fail_job(engine, job.id, worker=self.worker, failure=reason)
        return verdict.foreseen
