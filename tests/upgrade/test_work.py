"""Work that was under way in an installation of f92ac24 is done by today's workers."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
import redis
from sqlalchemy import Engine, func, select

from analytics.pipeline.dependencies import open_dependencies
from analytics.worker.jobs import run_job
from recordings import jobs
from recordings.announce import QUEUES
from recordings.database import reading, transaction
from recordings.tables import (
    AnalysisRow,
    CallRow,
    ChatRow,
    JobRow,
    RecordingRow,
    TranscriptRow,
)
from tests.services import CELERY, ROOT, RedisServer, process, wait_until
from tests.upgrade.old_installation import HERE, Old

pytestmark = [pytest.mark.services, pytest.mark.timeout(300)]


def test_job_a_person_stopped_goes_on_from_its_cursor(old: Old, upgraded: Engine) -> None:
    job_id = old.known["jobs"]["stopped"]
    before = next(row for row in old.rows["jobs"] if row["id"] == job_id)
    assert 0 < before["done"] < before["total"]
    with transaction(upgraded) as db:
        assert jobs.resume_job(db, job_id)
    steps: list[tuple[int, str]] = []
    here = open_dependencies()
    try:
        ended = run_job(here, job_id, told=lambda job: steps.append((job.done, job.cursor)))
    finally:
        here.engine.dispose()
    assert ended is not None
    assert (ended.state, ended.done, ended.failed) == ("done", before["total"], 0)
    assert steps[0] == (before["done"], before["cursor"])
    assert sorted(steps) == steps
    with reading(upgraded) as db:
        drafted = select(func.count()).select_from(AnalysisRow).where(AnalysisRow.rule_set == old.known["draft"])
        assert db.scalar(drafted) == before["total"]


TASKS = {
    "analytics.tasks.transcribe",
    "analytics.tasks.analyse",
    "analytics.tasks.work",
    "analytics.tasks.sweep",
    "analytics.tasks.propose_topics",
    "analytics.tasks.propose_models",
    "analytics.alert_tasks.watch_calls",
    "analytics.alert_tasks.send_alerts",
    "analytics.retain.retain_by_policy",
}
"""Names of f92ac24: they are public and stay."""


def test_messages_that_waited_in_redis_are_done_by_a_new_worker(
    old: Old, upgraded: Engine, redis_server: RedisServer, tmp_path: Path
) -> None:
    messages = [json.loads(line) for line in (HERE / "messages.jsonl").read_text("utf-8").splitlines()]
    assert {json.loads(row["body"])["headers"]["task"] for row in messages} == TASKS
    assert {row["queue"] for row in messages} == set(QUEUES)
    with redis.Redis(port=redis_server.port) as client:
        for row in messages:
            client.lpush(row["queue"], row["body"])
    env = os.environ | old.env | {"OTKLIK_REDIS_URL": redis_server.url, "PYTHONPATH": str(ROOT)}
    log = tmp_path / "worker.log"
    killed, made = old.known["jobs"]["killed"], old.known["recordings"]
    wanted = {name: "parked" if name == "parked" else "analysed" for name in made}
    with process(*CELERY, "worker", "--loglevel", "INFO", "--hostname", "new@test", env=env, log=log):
        wait_until(
            lambda: _knows_all_tasks(log) and redis_server.waiting() == 0,
            seconds=150,
            what=f"the queues to be empty, see {log}",
        )
        wait_until(lambda: _states(upgraded, made) == wanted, seconds=90, what=f"all recordings, see {log}")
        wait_until(lambda: _open_jobs(upgraded) == 0, seconds=90, what=f"all jobs, see {log}")
    said = log.read_text("utf-8")
    assert _knows_all_tasks(log)
    assert "Traceback" not in said
    for task in TASKS - {name for name in TASKS if "alert_tasks" in name}:  # those say nothing while all is well
        assert re.search(rf"Task {re.escape(task)}\[[^]]+\] succeeded", said), task
    with reading(upgraded) as db:
        job = db.get_one(JobRow, killed)
        before = next(row for row in old.rows["jobs"] if row["id"] == killed)
        assert (job.state, job.done, job.failed) == ("done", before["total"], 0)
        assert 0 < before["done"] < before["total"]
        for table in (CallRow, ChatRow, RecordingRow):  # the policy of the old file takes nothing
            kept = db.scalar(select(func.count()).select_from(table)) or 0
            assert kept == len(old.rows[table.__tablename__])
        new = select(func.count()).select_from(TranscriptRow)
        assert (db.scalar(new) or 0) > len(old.rows["transcripts"])


def _knows_all_tasks(log: Path) -> bool:
    odd = [line for line in log.read_text("utf-8").splitlines() if "unregistered" in line]
    assert odd == []
    return True


def _states(engine: Engine, made: dict[str, str]) -> dict[str, str]:
    with reading(engine) as db:
        return {name: db.get_one(RecordingRow, recording).state for name, recording in made.items()}


def _open_jobs(engine: Engine) -> int:
    with reading(engine) as db:
        return db.scalar(select(func.count()).where(JobRow.state.in_(jobs.GOING_ON))) or 0
