"""Jobs in bulk in their table: who holds them, how far they are, stop and resume; and what rules may ask of a call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from recordings.audio.intake import register
from recordings.audio_store import AudioStore
from recordings.calls import call_log
from recordings.calls.facts import call_facts
from recordings.contacts.call import Call, Customer, Leg
from recordings.customers import cards
from recordings.database import reading, transaction
from recordings.jobs import (
    Job,
    JobState,
    advance_job,
    fail_job,
    find_job,
    finish_job,
    list_jobs,
    postpone_job,
    renew_job,
    resume_job,
    start_job,
    stop_job,
    take_due_jobs,
    take_job,
)
from recordings.tables import AgentRow, JobRow, QueueVisitRow
from speech.recognition.words import Speaker

pytestmark = pytest.mark.services


def begin(engine: Engine, **parameters: object) -> Job:
    with transaction(engine) as db:
        return start_job(db, "import", parameters, total=10, by="olga")


def now(engine: Engine, job: Job) -> Job:
    with reading(engine) as db:
        found = find_job(db, job.id)
    assert found
    return found


def fall_due(engine: Engine, job: Job) -> None:
    with transaction(engine) as db:
        db.execute(update(JobRow).where(JobRow.id == job.id).values(due_at=datetime.now(UTC)))


def test_one_worker_at_a_time_and_progress_adds_up(database: Engine) -> None:
    job = begin(database, files=["a"])
    assert (job.state, job.parameters, job.share) == (JobState.WAITING, {"files": ["a"]}, 0)
    held = take_job(database, job.id, worker="one", lease=60)
    assert held
    assert (held.state, held.attempts) == (JobState.WORKING, 1)
    assert take_job(database, job.id, worker="two", lease=60) is None
    assert advance_job(database, job.id, worker="two", lease=60, done=5) is None
    for number in range(2):
        assert advance_job(database, job.id, worker="one", lease=60, cursor=str(number), done=2, failed=1)
    moved = now(database, job)
    assert (moved.done, moved.failed, moved.cursor, moved.share, moved.attempts) == (4, 2, "1", 0.6, 0)
    assert finish_job(database, job.id, worker="one", result={"taken": 4})
    ended = now(database, job)
    assert (ended.state, ended.result, ended.share) == (JobState.DONE, {"taken": 4}, 1)
    assert ended.ended_at
    assert take_job(database, job.id, worker="two", lease=60) is None
    assert take_due_jobs(database, limit=9, wait=60) == []


def test_stopped_job_takes_no_step_and_goes_on_where_it_stood(database: Engine) -> None:
    job = begin(database)
    take_job(database, job.id, worker="one", lease=60)
    advance_job(database, job.id, worker="one", lease=60, cursor="7", done=7)
    with transaction(database) as db:
        assert stop_job(db, job.id)
        assert not stop_job(db, job.id)
    assert advance_job(database, job.id, worker="one", lease=60, done=1) is None
    assert not renew_job(database, job.id, worker="one", lease=60)
    assert not finish_job(database, job.id, worker="one", result={})
    assert take_job(database, job.id, worker="two", lease=60) is None
    with transaction(database) as db:
        assert resume_job(db, job.id)
        assert not resume_job(db, job.id)
    again = take_job(database, job.id, worker="two", lease=60)
    assert again
    assert (again.cursor, again.done) == ("7", 7)


def test_job_of_a_dead_worker_falls_due_and_goes_to_another_one(database: Engine) -> None:
    job = begin(database)
    take_job(database, job.id, worker="dead", lease=60)
    assert take_due_jobs(database, limit=9, wait=60) == []
    fall_due(database, job)
    assert take_due_jobs(database, limit=9, wait=60) == [job.id]
    assert take_due_jobs(database, limit=9, wait=60) == []  # its message has some time
    taken = take_job(database, job.id, worker="two", lease=60)
    assert taken
    assert taken.attempts == 2
    assert advance_job(database, job.id, worker="dead", lease=60) is None


def test_fault_is_told_and_a_failed_job_can_be_resumed(database: Engine) -> None:
    job = begin(database)
    take_job(database, job.id, worker="one", lease=60)
    assert postpone_job(database, job.id, worker="one", wait=60, failure="OSError: disk", counted=False)
    waiting = now(database, job)
    assert (waiting.state, waiting.failure, waiting.attempts) == (JobState.WAITING, "OSError: disk", 0)
    take_job(database, job.id, worker="one", lease=60)
    assert fail_job(database, job.id, worker="one", failure="given up")
    assert now(database, job).state is JobState.FAILED
    with transaction(database) as db:
        assert resume_job(db, job.id)
    assert (now(database, job).failure, now(database, job).ended_at) == ("", None)


def test_newest_jobs_come_first_also_of_one_kind(database: Engine) -> None:
    first, second = begin(database), begin(database)
    with transaction(database) as db:
        other = start_job(db, "rerun", {})
        db.execute(update(JobRow).where(JobRow.id == first.id).values(created_at=datetime(2026, 1, 1, tzinfo=UTC)))
        later = datetime.now(UTC) + timedelta(minutes=1)
        db.execute(update(JobRow).where(JobRow.id == other.id).values(created_at=later))
    with reading(database) as db:
        assert [job.id for job in list_jobs(db)] == [other.id, second.id, first.id]
        assert [job.id for job in list_jobs(db, 1, kind="import")] == [second.id]
        assert find_job(db, "nothing") is None


def test_facts_of_calls_and_imports_come_together(
    database: Engine, store: AudioStore, tone: Callable[..., Path], ringing: Callable[..., Call]
) -> None:
    call = ringing()
    with transaction(database) as db:
        db.add(AgentRow(endpoint="PJSIP/101", name="Анна", team="вечер"))
        customer = cards.save_customer(
            db, Customer(id="7", name="Пётр", phone=call.caller_number, language="ru", segment="vip")
        )
        call_log.open_call(db, call)
        call_log.update_call(db, call.id, customer_id=customer.id, agent="PJSIP/101")
        for number, started in ((1, 30.0), (2, 20.0)):
            leg = Leg(call_id=call.id, speaker=Speaker.AGENT, channel=f"PJSIP/101-{number}", started=started)
            call_log.note_leg(db, leg)
        joined = call.started_at + timedelta(seconds=5)
        db.add(
            QueueVisitRow(
                id="v1", call_id=call.id, queue="support", joined_at=joined, answered_at=joined + timedelta(seconds=12)
            )
        )
    path = tone(300, seconds=25.0)
    of_call = register(database, store, path, filename="a.wav", language="ru", call_id=call.id)[0]
    alone = register(database, store, tone(500), filename="b.wav", language="en")[0]
    with reading(database) as db:
        facts = call_facts(db, [of_call.id, alone.id, "unknown"])
    assert facts.keys() == {of_call.id, alone.id}
    known = facts[of_call.id]
    assert (known.agent, known.team, known.segment, known.scenario) == ("PJSIP/101", "вечер", "vip", "order_status")
    assert (known.agent_from, known.robot_until, known.queue, known.wait_seconds) == (20.0, 20.0, "support", 12.0)
    assert (known.contact_id, known.imported) == (call.id, False)
    imported = facts[alone.id]
    assert (imported.contact_id, imported.imported, imported.language) == (alone.id, True, "en")
    assert (imported.agent_from, imported.robot_until, imported.wait_seconds) == (0.0, None, None)
