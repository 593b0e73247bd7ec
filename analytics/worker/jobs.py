"""Work in bulk, kind by kind, and how one job is run: by a worker from the queue ``bulk``, or by the command line."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from analytics.bulk_import import import_files
from analytics.learning.topics import propose
from analytics.leases.job import JobLease
from analytics.leases.recording import worker_name
from analytics.pipeline.dependencies import Dependencies
from analytics.rerun.rerun import rerun
from analytics.rerun.rescore import rescore
from recordings.database import reading
from recordings.jobs import Job, fail_job, find_job, finish_job, take_job

log = logging.getLogger(__name__)

KINDS: dict[str, Callable[[JobLease], Mapping[str, Any]]] = {
    "import": import_files,
    "rerun": rerun,
    "score": rescore,
    "topics": propose,
}
"""Kind → what does it. What it returns is the job's result. They import ``analytics.leases.job``, not this."""


def run_job(here: Dependencies, job_id: str, *, told: Callable[[Job], None] | None = None) -> Job | None:
    """Do a job, or go on with it, until it is done, stopped, put off or has failed; as it stands then.

    None when there is nothing to do: it is at rest, unknown, or in another worker's hands. ``told`` hears of each step.

    Raises:
        Exception: whatever nobody foresaw, after it is written down.
    """
    worker = worker_name()
    job = take_job(here.engine, job_id, worker=worker, lease=here.analytics.lease_seconds)
    if job is None:
        log.info("job %s: unknown, at rest or in another worker's hands", job_id)
        return None
    if job.kind not in KINDS:
        fail_job(here.engine, job_id, worker=worker, failure=f"no worker knows the kind {job.kind!r}")
    elif here.analytics.back_off.is_over(failures=job.attempts - 1):
        reason = f"given up after {job.attempts - 1} attempts: {job.failure or 'the worker died each time'}"
        fail_job(here.engine, job_id, worker=worker, failure=reason)
    else:
        with JobLease(here, job, worker=worker, told=told) as lease:
            result = KINDS[job.kind](lease)
            finish_job(here.engine, job_id, worker=worker, result=result)
            log.info("job %s (%s) is done: %d done, %d failed", job_id, job.kind, lease.job.done, lease.job.failed)
    with reading(here.engine) as db:
        return find_job(db, job_id)
