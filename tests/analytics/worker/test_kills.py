"""Workers that are killed a hundred times, in the middle of what they do, lose nothing and do nothing twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select, update

from recordings.announce import announce_job
from recordings.contacts.call import RecordingState
from recordings.database import reading, transaction
from recordings.jobs import JobState, find_job, start_job
from recordings.tables import (
    AcousticsRow,
    AnalysisRow,
    FindingRow,
    JobRow,
    MeaningRow,
    RecordingRow,
    RedactionRow,
    TranscriptRow,
)
from speech.audio.audio import Sound, read_sound, write_wav
from tests.services import ROOT, Installation, wait_until

pytestmark = [pytest.mark.services, pytest.mark.timeout(600)]

KILLS, FILES, WORKERS = 100, 12, 5
LONGEST = 240
"""Seconds for the kills, and for what is left after them."""
VOICE = Path("/usr/share/asterisk/sounds/en/agent-pass.wav")


def bring(here: Installation, batch: int) -> str:
    """Order the import of some files of human speech, each its own; the job's id."""
    folder = here.folder / f"in-{batch}"
    folder.mkdir()
    voice = read_sound(VOICE).cut(0, 0.8).samples[0]
    files = [folder / f"{number}.wav" for number in range(FILES)]
    for number, file in enumerate(files):
        samples = np.zeros((2, 4 * 8000), np.int16)
        first = batch * 100 + number
        samples[number % 2, first : first + voice.size] = voice
        write_wav(file, Sound(samples=samples, rate=8000))
    with transaction(here.engine) as db:
        job = start_job(db, "import", {"files": [str(file) for file in files], "language": "ko"})
    announce_job(here.redis.url, job.id)
    return job.id


@contextmanager
def spare_workers(here: Installation) -> Iterator[None]:
    """Real workers, replaced as they die."""
    command = [
        sys.executable,
        str(ROOT / "tests" / "analytics" / "spare_workers.py"),
        str(WORKERS),
        "ko",
        str(here.folder / "in-0" / "0.wav"),
    ]
    with (here.folder / "workers.log").open("ab") as log:
        running = subprocess.Popen(command, env=here.env, stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=ROOT)
    try:
        yield
    finally:
        assert running.stdin
        running.stdin.close()
        running.wait(15)


def holders(here: Installation) -> list[int]:
    """Processes that hold a recording or the job just now."""
    with reading(here.engine) as db:
        names = [*db.scalars(select(RecordingRow.worker)), *db.scalars(select(JobRow.worker))]
    return [int(name.split(":")[1]) for name in names if name]


def make_due(here: Installation) -> None:
    """As if the time of messages that died with a worker was over; claims have to run out by themselves."""
    with transaction(here.engine) as db:
        for table in (RecordingRow, JobRow):
            db.execute(update(table).where(table.worker == "").values(due_at=datetime.now(UTC)))


def unfinished(here: Installation) -> int:
    """Jobs and recordings that are not at their end."""
    with reading(here.engine) as db:
        jobs = select(func.count()).select_from(JobRow).where(JobRow.state != JobState.DONE)
        recordings = select(func.count()).select_from(RecordingRow).where(RecordingRow.state != RecordingState.ANALYSED)
        return (db.scalar(jobs) or 0) + (db.scalar(recordings) or 0)


def finished(here: Installation) -> bool:
    """Wake what is left, and tell whether nothing is."""
    make_due(here)
    return not unfinished(here)


def kill_at_work(here: Installation, rng: random.Random, dead: set[int]) -> None:
    """Kill a process that holds something, at a moment nobody chose."""
    threading.Event().wait(rng.uniform(0.02, 0.15))
    if at_work := sorted(set(holders(here)) - dead):
        victim = rng.choice(at_work)
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
        dead.add(victim)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # as on many machines; SQLite takes no longer
def test_a_hundred_kills_lose_and_double_nothing(installation: Installation) -> None:
    here = installation
    here.env.update(
        OTKLIK_ENGINE="vosk", OTKLIK_LEASE_SECONDS="1", OTKLIK_SWEEP_SECONDS="0.5", OTKLIK_MAX_ATTEMPTS="1000"
    )
    rng, dead = random.Random(5), set[int]()
    jobs = [bring(here, 0)]
    with spare_workers(here), here.clock():
        wait_until(lambda: holders(here), seconds=180, what=f"a worker to begin, see {here.folder}/workers.log")
        started = time.monotonic()
        while len(dead) < KILLS:
            assert time.monotonic() - started < LONGEST, f"{len(dead)} kills, {unfinished(here)} things unfinished"
            if unfinished(here) <= WORKERS:
                jobs.append(bring(here, len(jobs)))
            kill_at_work(here, rng, dead)
            make_due(here)
        wait_until(lambda: finished(here), seconds=LONGEST, what="all to be analysed")
    with reading(here.engine) as db:
        for job_id in jobs:
            job = find_job(db, job_id)
            assert job
            assert (job.state, job.done, job.failed, job.total) == (JobState.DONE, FILES, 0, FILES)
            assert job.result["taken"] + job.result["known"] == FILES
        everything = FILES * len(jobs)
        assert db.scalar(select(func.count()).select_from(RecordingRow)) == everything
        for table in (TranscriptRow, AcousticsRow, MeaningRow, RedactionRow, AnalysisRow):
            rows = db.scalars(select(table.recording_id)).all()
            assert len(rows) == len(set(rows)) == everything, table.__tablename__
        place = FindingRow.analysis_id, FindingRow.kind, FindingRow.label, FindingRow.start, FindingRow.speaker
        findings = db.execute(select(*place)).all()
        assert len(findings) == len(set(findings)) > 0
        heard = db.scalars(select(TranscriptRow.text)).all()
        assert sum(bool(text) for text in heard) > everything / 2
