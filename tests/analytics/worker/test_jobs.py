"""Jobs as workers and command line run them: killed, stopped, faulty, without a database for a while."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, func, select

from analytics.errors import JobFault
from analytics.leases.job import JobLease
from analytics.pipeline.dependencies import Dependencies, open_dependencies
from analytics.worker import jobs
from recordings.database import reading, transaction
from recordings.jobs import Job, JobState, find_job, start_job, stop_job
from recordings.tables import RecordingRow
from speech.audio.audio import Sound, write_wav

pytestmark = pytest.mark.services


@pytest.fixture
def here(
    database: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Dependencies]:
    monkeypatch.setenv("OTKLIK_HOME", str(tmp_path))
    monkeypatch.setenv("OTKLIK_DATABASE_URL", database_url)
    monkeypatch.setenv("OTKLIK_AUDIO_URL", f"file://{tmp_path / 'sound'}")
    monkeypatch.setenv("OTKLIK_REDIS_URL", "redis://127.0.0.1:1/0")
    opened = open_dependencies()
    yield opened
    opened.engine.dispose()


def tones(folder: Path, number: int) -> list[str]:
    folder.mkdir(exist_ok=True)
    files = []
    for place in range(number):
        samples = (5000 * np.sin(np.arange(4000) * (0.1 + place / 50))).astype(np.int16)
        files.append(folder / f"{place}.wav")
        write_wav(files[-1], Sound(samples=samples[None], rate=8000))
    return [str(file) for file in files]


def begin(here: Dependencies, kind: str = "import", **parameters: Any) -> Job:
    with transaction(here.engine) as db:
        return start_job(db, kind, parameters)


def recordings(here: Dependencies) -> int:
    with reading(here.engine) as db:
        return db.scalar(select(func.count()).select_from(RecordingRow)) or 0


class Killed(BaseException):
    """As if the process was gone: nothing is caught, nothing is written down."""


def test_import_killed_in_the_middle_goes_on_and_takes_each_file_once(
    here: Dependencies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = tones(tmp_path / "in", 6)
    (tmp_path / "in" / "3.wav").write_bytes(b"no sound")
    job = begin(here, files=files, language="ru")

    def kill_at_two(now: Job) -> None:
        if now.done == 2:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(JobLease, "__exit__", lambda self, *_: self._renewal.end())  # the dead settle nothing
        with pytest.raises(Killed):
            jobs.run_job(here, job.id, told=kill_at_two)
    assert jobs.run_job(here, job.id) is None  # another worker holds it, as far as anybody knows
    monkeypatch.setattr(jobs, "take_job", _take_at_once(here))
    done = jobs.run_job(here, job.id)
    assert done
    assert (done.state, done.done, done.failed, done.total) == (JobState.DONE, 5, 1, 6)
    assert {name: done.result[name] for name in ("taken", "known")} == {"taken": 5, "known": 0}
    assert done.result["waiting"] == 5  # no broker is there: the sweep finds them
    assert done.result["faults"][0]["file"] == files[3]
    assert recordings(here) == 5


def _take_at_once(here: Dependencies) -> Any:
    """The lease of the dead runs out at once."""
    from recordings.jobs import take_due_jobs, take_job

    def take(engine: Engine, job_id: str, **values: Any) -> Job | None:
        from sqlalchemy import update

        from recordings.tables import JobRow

        with transaction(engine) as db:
            db.execute(update(JobRow).where(JobRow.id == job_id).values(due_at=JobRow.created_at))
        assert take_due_jobs(here.engine, limit=5, wait=60) == [job_id]
        return take_job(engine, job_id, **values)

    return take


def test_a_person_stops_a_job_between_two_steps(here: Dependencies, tmp_path: Path) -> None:
    job = begin(here, files=tones(tmp_path / "in", 4), language="ru")

    def stop(now: Job) -> None:
        if now.done == 1:
            with transaction(here.engine) as db:
                stop_job(db, job.id)

    stopped = jobs.run_job(here, job.id, told=stop)
    assert stopped
    assert stopped.state is JobState.STOPPED
    assert stopped.done == 1
    assert recordings(here) == 2  # the one under way was finished and will be known
    assert jobs.run_job(here, job.id) is None


@pytest.mark.parametrize(
    ("fault", "state", "attempts"),
    [
        (JobFault("there is no rule set 7"), JobState.FAILED, 1),
        (OSError("disk full"), JobState.WAITING, 0),
    ],
)
def test_fault_is_written_down_with_its_reason(
    here: Dependencies, monkeypatch: pytest.MonkeyPatch, fault: Exception, state: JobState, attempts: int
) -> None:
    def fail(_: JobLease) -> Mapping[str, Any]:
        raise fault

    monkeypatch.setitem(jobs.KINDS, "faulty", fail)
    ended = jobs.run_job(here, begin(here, "faulty").id)
    assert ended
    assert (ended.state, ended.attempts) == (state, attempts)
    assert str(fault) in ended.failure


def test_unforeseen_fault_is_tried_again_and_given_up_in_the_end(
    here: Dependencies, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: JobLease) -> Mapping[str, Any]:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setitem(jobs.KINDS, "faulty", fail)
    job = begin(here, "faulty")
    for attempt in range(1, here.analytics.max_attempts + 1):
        with pytest.raises(ZeroDivisionError):
            jobs.run_job(here, job.id)
        with reading(here.engine) as db:
            now = find_job(db, job.id)
        assert now
        assert now.attempts == attempt
        assert now.state is (JobState.FAILED if attempt == here.analytics.max_attempts else JobState.WAITING)
    assert now
    assert "ZeroDivisionError: by nothing" in now.failure


def test_job_of_an_unknown_kind_says_so(here: Dependencies) -> None:
    ended = jobs.run_job(here, begin(here, "dance").id)
    assert ended
    assert (ended.state, ended.failure) == (JobState.FAILED, "no worker knows the kind 'dance'")
