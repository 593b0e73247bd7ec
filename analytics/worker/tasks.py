# mypy: disable-error-code="untyped-decorator"
# (Celery's decorators carry no types)
"""The workers' tasks. Each takes an id, may run twice, and holds no transaction while it computes."""

from __future__ import annotations

import logging
import os
import threading
from datetime import UTC, datetime, timedelta
from typing import get_args

from celery import signals
from sqlalchemy import Engine

from analytics.errors import NothingToLearn
from analytics.learning.intents import propose
from analytics.leases.recording import held, take
from analytics.pipeline.dependencies import dependencies
from analytics.pipeline.stages import examine, hear
from analytics.worker.app import app
from analytics.worker.jobs import run_job
from recordings import jobs
from recordings.announce import (
    ANNOUNCED_SECONDS,
    BULK,
    Task,
    announce_job,
    announce_recording,
    queue_lengths,
    queue_of,
)
from recordings.audio import progress
from recordings.contacts.call import RecordingState
from recordings.customers import chats
from recordings.database import reading, transaction
from recordings.learning import samples

log = logging.getLogger(__name__)

MOST_WAITING = 100
"""Messages in a queue above which the sweep adds none: what is waiting there is not lost."""
GATHERED = timedelta(days=62)
"""How far back the monthly look for candidates goes; what was found before is found once."""
LAST_SECONDS = 3.0
"""How long work under way may go on once the worker is told to end."""


@app.task(name="analytics.tasks.transcribe")
def transcribe(recording_id: str) -> None:
    """Store one transcript per (recording, engine) and one measurement, then wake the analysis."""
    here = dependencies()
    lease = take(here.engine, recording_id, here.analytics)
    if lease is None:
        return
    with lease:
        recording = lease.recording
        if hear(here, recording) or recording.state is RecordingState.REGISTERED:
            lease.reached = RecordingState.TRANSCRIBED
    if lease.reached is RecordingState.TRANSCRIBED:
        announce_recording(here.store.broker, recording_id, task="analyse", imported=recording.call_id is None)


@app.task(name="analytics.tasks.analyse")
def analyse(recording_id: str) -> None:
    """Store what the models and the rules make of a transcript, each once per version."""
    here = dependencies()
    lease = take(here.engine, recording_id, here.analytics)
    if lease is None:
        return
    with lease:
        if examine(here, lease.recording):
            lease.reached = RecordingState.ANALYSED
        else:
            log.warning("recording %s has no transcript yet", recording_id)


@app.task(name="analytics.tasks.work")
def work(job_id: str) -> None:
    """Do a job, or go on with it."""
    run_job(dependencies(), job_id)


@app.task(name="analytics.tasks.sweep")
def sweep() -> None:
    """Send again what has no row yet and nobody works on: lost messages, dead workers, faults that have passed.

    Chats that nobody writes in any more end here, too.
    """
    here = dependencies()
    end_idle_chats(here.engine)
    broker = here.store.broker
    lengths = queue_lengths(broker)
    if lengths is None:
        return
    for imported in (False, True):
        # a queue that is long already gets no more: what is waiting in it is not lost
        longest = max(lengths[queue_of(task, imported=imported)] for task in get_args(Task))
        room = max(0, MOST_WAITING - longest)
        due = progress.take_due(here.engine, imported=imported, limit=room, wait=ANNOUNCED_SECONDS)
        for recording in due:
            task: Task = "analyse" if recording.state is RecordingState.TRANSCRIBED else "transcribe"
            announce_recording(broker, recording.id, task=task, imported=imported)
        if due:
            log.info("sweep: %d recordings sent again%s", len(due), ", imports" if imported else "")
    due_jobs = jobs.take_due_jobs(here.engine, limit=max(0, MOST_WAITING - lengths[BULK]), wait=ANNOUNCED_SECONDS)
    for job_id in due_jobs:
        announce_job(broker, job_id)
        log.info("sweep: job %s sent again", job_id)


def end_idle_chats(engine: Engine) -> int:
    """Where nobody writes any more, what was known between two messages is let go; how many there were."""
    with transaction(engine) as db:
        return chats.close_idle(db, datetime.now(UTC) - chats.IDLE)


@app.task(name="analytics.tasks.propose_topics")
def propose_topics() -> None:
    """Once a week: look for topics that no intent knows, unless somebody does already. A person accepts."""
    here = dependencies()
    with transaction(here.engine) as db:
        busy = any(job.state in jobs.GOING_ON for job in jobs.list_jobs(db, 10, kind="topics"))
        job = None if busy else jobs.start_job(db, "topics", {})
    if job:
        announce_job(here.store.broker, job.id)


@app.task(name="analytics.tasks.propose_models")
def propose_models() -> None:
    """Once a month: gather what the robot failed on, and propose a model for each language. A person promotes."""
    here = dependencies()
    with reading(here.engine) as db:
        languages = samples.languages(db)
    for language in languages:
        with transaction(here.engine) as db:
            new = samples.gather(db, language, since=datetime.now(UTC) - GATHERED)
        log.info("learning %s: %d new candidates, see otklik learn candidates", language, new)
        try:
            card = propose(here.engine, language)
        except NothingToLearn as reason:
            log.info("learning %s: no proposal: %s", language, reason)
        else:
            log.info("learning %s: model %s is proposed, see otklik learn compare", language, card.version)


@signals.worker_shutting_down.connect
def _end_soon(**_: object) -> None:
    """A transcription can take minutes: let it go, so that another worker has it at once, and end."""

    def end() -> None:
        for lease in list(held):
            lease.let_go()
        logging.shutdown()
        os._exit(0)

    timer = threading.Timer(LAST_SECONDS, end)
    timer.daemon = True
    timer.start()
