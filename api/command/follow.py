"""A job done by the command line itself, with a progress bar; the page of the workers shows it meanwhile."""

from __future__ import annotations

from dataclasses import replace

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import Engine

from analytics.pipeline.dependencies import Dependencies, open_dependencies
from analytics.worker.jobs import run_job
from recordings.database import reading, transaction
from recordings.jobs import Job, JobState, find_job, stop_job

COMMAND_LINE = "otklik"
"""Who ordered what the command line starts."""

console = Console(stderr=True, highlight=False, soft_wrap=True)


def parts_over(engine: Engine) -> Dependencies:
    """What a job needs, over a database that is open already."""
    return replace(open_dependencies(), engine=engine)


def followed(here: Dependencies, job: Job, *, doing: str) -> Job:
    """Do a job to its end with a progress bar on a terminal; as it stands then.

    Ctrl-C stops it; the page of the workers resumes it.
    """
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task(doing, total=job.total or None)
        try:
            run_job(
                here, job.id, told=lambda now: progress.update(bar, completed=now.done + now.failed, total=now.total)
            )
        except KeyboardInterrupt:
            with transaction(here.engine) as db:
                stop_job(db, job.id)
    with reading(here.engine) as db:
        return find_job(db, job.id) or job


def told_why(job: Job) -> int:
    """Say why a job is not done; the exit code."""
    if job.state is JobState.STOPPED:
        console.print(f"stopped after {job.done + job.failed} of {job.total}; the page Processing (/work) resumes it")
    elif job.state is JobState.WAITING:
        console.print(f"put off: {job.failure}; the workers go on with it once `otklik up` runs", style="red")
    else:
        console.print(job.failure or f"the job is {job.state}", style="red", markup=False)
    return 1
