"""A job done by the command line itself, with a progress bar; the page of the workers shows it meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import Engine

from analytics.pipeline.dependencies import Dependencies, open_dependencies
from analytics.worker.jobs import run_job
from api.cli.options import account
from api.operations import processing
from recordings.database import reading
from recordings.jobs import Job, JobState, find_job

console = Console(stderr=True, highlight=False, soft_wrap=True)


def with_database(engine: Engine) -> Dependencies:
    """What a job needs, over a database that is open already."""
    return replace(open_dependencies(), engine=engine)


def progress_bar(*, transient: bool = False) -> Progress:
    """On stderr; ``transient`` takes it away at the end."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(*columns, console=console, transient=transient)


def followed(here: Dependencies, job: Job, *, doing: str) -> Job:
    """Do a job to its end with a progress bar on a terminal; as it stands then.

    Ctrl-C stops it; the page of the workers resumes it.
    """
    with progress_bar(transient=True) as bar:
        task = bar.add_task(doing, total=job.total or None)
        try:
            run_job(
                here,
                job.id,
                told=lambda now: bar.update(task, completed=now.done + now.failed, total=now.total or None),
            )
        except KeyboardInterrupt:
            processing.stop(here.engine, job.id, by=account())
    with reading(here.engine) as db:
        return find_job(db, job.id) or job


def told_why(job: Job) -> NoReturn:
    """Say why a job is not done, and end."""
    if job.state is JobState.STOPPED:
        console.print(f"stopped after {job.done + job.failed} of {job.total}; the page Processing (/work) resumes it")
    elif job.state is JobState.WAITING:
        console.print(f"put off: {job.failure}; the workers go on with it once `otklik up` runs", style="red")
    else:
        console.print(job.failure or f"the job is {job.state}", style="red", markup=False)
    raise typer.Exit(1)
