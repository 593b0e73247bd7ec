"""A worker's hold on a job: what the function that does the job is given, and how a fault in it ends."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType

from sqlalchemy.exc import InterfaceError, OperationalError

from analytics.leases.recording import FIRST_WAIT, LONGEST_WAIT, PASSING_FAULTS
from analytics.pipeline.dependencies import Dependencies
from recordings.errors import RecordingsError
from recordings.jobs import Job, advance_job, fail_job, postpone_job, renew_job
from speech.errors import SpeechError

log = logging.getLogger(__name__)

DATABASE_WAIT = 5.0
"""Seconds after which to look again for a database that went away."""


class Stopped(Exception):
    """A person stopped the job, or another worker has it: end at once; what was done is written down."""


class JobFault(Exception):
    """The job cannot be done as it was ordered; ``str()`` says why. It fails at once."""


class Work:
    """``with Work(...) as work:`` — one job in this worker's hands; a fault in the block puts it off or fails it.

    The function that does the job starts behind ``job.cursor`` and calls ``advance`` after each part (a few seconds of
    work, or some hundred items). A part that was done but not yet written down is done again after a fault: it must
    come out the same, as by ``insert_once``.

    A fault that passes puts the job off without counting. Any other is tried again after growing waits, and goes on to
    Celery's log; after ``max_attempts`` without a step forward the job has failed, with its reason.
    """

    def __init__(self, here: Dependencies, job: Job, *, worker: str, told: Callable[[Job], None] | None = None) -> None:
        self.parts = here
        self.job = job
        """As it stands after the last step."""
        self.worker = worker
        self._told = told
        self._over = Event()
        self._renewal = Thread(target=self._renew, name=f"renew-{job.id}", daemon=True)

    def __enter__(self) -> Work:
        self._renewal.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        self._over.set()
        self._renewal.join()
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
            Stopped: a person stopped it, or the claim is lost.
        """
        job = advance_job(
            self.parts.engine,
            self.job.id,
            worker=self.worker,
            lease=self.parts.analytics.lease_seconds,
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
        reason = f"{type(error).__name__}: {error}"
        wait = next((wait for fault, wait in PASSING_FAULTS.items() if isinstance(error, fault)), None)
        if isinstance(error, OperationalError | InterfaceError):
            self._put_off(f"the database: {error.orig}", wait=DATABASE_WAIT, counted=False)
        elif wait is not None:
            self._put_off(reason, wait=wait, counted=False)
        elif isinstance(error, JobFault | SpeechError | RecordingsError):
            self._fail(str(error))
        elif self.job.attempts >= self.parts.analytics.max_attempts:
            self._fail(f"given up after {self.job.attempts} attempts: {reason}")
            return False
        else:
            self._put_off(reason, wait=min(LONGEST_WAIT, FIRST_WAIT * 2**self.job.attempts), counted=True)
            return False
        return True

    def _put_off(self, reason: str, *, wait: float, counted: bool) -> None:
        log.warning("job %s (%s) waits %g s: %s", self.job.id, self.job.kind, wait, reason)
        postpone_job(self.parts.engine, self.job.id, worker=self.worker, wait=wait, failure=reason, counted=counted)

    def _fail(self, reason: str) -> None:
        log.error("job %s (%s) has failed: %s", self.job.id, self.job.kind, reason)
        fail_job(self.parts.engine, self.job.id, worker=self.worker, failure=reason)

    def _renew(self) -> None:
        lease = self.parts.analytics.lease_seconds
        while not self._over.wait(lease / 3):
            try:
                renew_job(self.parts.engine, self.job.id, worker=self.worker, lease=lease)
            except (OperationalError, InterfaceError) as error:
                log.warning("claim on job %s cannot be renewed now: %s", self.job.id, error.orig)
