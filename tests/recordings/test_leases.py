"""Leases on both databases: two never hold the same row, the dead lose theirs, nothing is lost."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from recordings import leases
from recordings.database import reading, transaction
from recordings.jobs import JobState, start_job
from recordings.leases import Leased
from recordings.tables import AlertRow, DeliveryRow, ErasureRow, JobRow, LeasedTable, OutboxRow, RecordingRow

pytestmark = pytest.mark.services

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROWS, TAKERS = 24, 6
JOBS = Leased(table=JobRow, key=JobRow.id, holder=JobRow.worker, unsettled=JobRow.state == JobState.WAITING)
OUTBOX = Leased(table=OutboxRow, key=OutboxRow.key, holder=OutboxRow.attempts, unsettled=OutboxRow.state == "waiting")
DELIVERIES = Leased(
    table=DeliveryRow, key=DeliveryRow.id, holder=DeliveryRow.attempts, unsettled=DeliveryRow.state == "waiting"
)


def write_jobs(engine: Engine, number: int = ROWS) -> list[str]:
    """Jobs that fell due by ``NOW``; their ids."""
    with transaction(engine) as db:
        ids = [start_job(db, "import", {}).id for _ in range(number)]
        db.execute(update(JobRow).values(due_at=NOW))
    return ids


def write_outbox(engine: Engine) -> None:
    with transaction(engine) as db:
        for number in range(ROWS):
            row = {"key": f"k{number}", "request": "r", "body": {}, "created_at": NOW, "reply": {}}
            db.add(OutboxRow(**row, state="waiting", due_at=NOW, failure=""))


def write_deliveries(engine: Engine) -> None:
    with transaction(engine) as db:
        db.add(AlertRow(id="a", rule="r", contact_id="c", state="new", at=NOW))
        db.flush()
        for number in range(ROWS):
            row = {"id": f"d{number}", "alert_id": "a", "channel": "mail", "target": "t", "body": {}, "log": []}
            db.add(DeliveryRow(**row, state="waiting", due_at=NOW, created_at=NOW))


def at_once(work: Callable[[int], list[Any]]) -> list[Any]:
    """What ``TAKERS`` threads get that begin in the same moment."""
    start = threading.Barrier(TAKERS)

    def run(number: int) -> list[Any]:
        start.wait(10)
        return work(number)

    with ThreadPoolExecutor(TAKERS) as threads:
        return [found for some in threads.map(run, range(TAKERS)) for found in some]


@pytest.mark.parametrize(
    ("leased", "write"), [(JOBS, write_jobs), (OUTBOX, write_outbox), (DELIVERIES, write_deliveries)]
)
def test_takers_of_batches_at_the_same_moment_share_no_row(
    database: Engine, leased: Leased[LeasedTable], write: Callable[[Engine], object]
) -> None:
    write(database)

    def take(_: int) -> list[str]:
        mine = []
        for _round in range(ROWS):
            with transaction(database) as db:
                rows = leases.take_due(db, leased, limit=5, seconds=60, now=NOW)
                mine += [str(getattr(row, leased.key.key)) for row in rows]
        return mine

    taken = at_once(take)
    assert len(taken) == len(set(taken)) == ROWS
    with reading(database) as db:
        assert set(db.scalars(select(leased.table.attempts))) == {1}
        assert set(db.scalars(select(leased.table.due_at))) == {NOW + timedelta(seconds=60)}


def test_takers_of_one_row_at_the_same_moment_are_told_apart(database: Engine) -> None:
    ids = write_jobs(database)

    def take(number: int) -> list[tuple[str, str]]:
        mine = []
        for job_id in ids:
            with transaction(database) as db:
                row = leases.take(db, JOBS, job_id, holder=f"worker-{number}", seconds=60)
                mine += [(job_id, row.worker)] if row else []
        return mine

    taken = at_once(take)
    assert Counter(job_id for job_id, _ in taken) == dict.fromkeys(ids, 1)
    with reading(database) as db:
        assert {row.id: row.worker for row in db.scalars(select(JobRow))} == dict(taken)


def test_the_lease_of_the_dead_runs_out_and_they_can_change_nothing_more(database: Engine) -> None:
    (job_id,) = write_jobs(database, 1)
    with transaction(database) as db:
        assert leases.take(db, JOBS, job_id, holder="dead", seconds=60)
        assert leases.take(db, JOBS, job_id, holder="heir", seconds=60) is None
        assert leases.renew(db, JOBS, job_id, holder="dead", seconds=0)  # as if the time was over
        heir = leases.take(db, JOBS, job_id, holder="heir", seconds=60)
        assert heir
        assert (heir.worker, heir.attempts) == ("heir", 2)
        assert not leases.renew(db, JOBS, job_id, holder="dead", seconds=60)
        assert not leases.settle(db, JOBS, job_id, holder="dead", state=JobState.DONE)
        assert not leases.postpone(db, JOBS, job_id, holder="dead", seconds=60, worker="")
        assert leases.settle(db, JOBS, job_id, holder="heir", state=JobState.DONE)
        assert not leases.settle(db, JOBS, job_id, holder="heir", state=JobState.FAILED)  # settled once
        assert leases.take(db, JOBS, job_id, holder="late", seconds=60) is None
        assert leases.take_due(db, JOBS, limit=9, seconds=60, now=datetime.now(UTC)) == []


def test_where_the_count_tells_holders_apart_the_dead_lose_theirs_too(database: Engine) -> None:
    write_outbox(database)
    with transaction(database) as db:
        (first,) = leases.take_due(db, OUTBOX, limit=1, seconds=60, now=NOW, where=[OutboxRow.key == "k7"])
        (again,) = leases.take_due(
            db, OUTBOX, limit=1, seconds=60, now=NOW + timedelta(seconds=60), where=[OutboxRow.key == "k7"]
        )
        assert (first.key, again.key, again.attempts) == ("k7", "k7", 2)
        assert not leases.settle(db, OUTBOX, "k7", holder=1, state="sent")
        assert leases.settle(db, OUTBOX, "k7", holder=2, state="sent")


def test_postponed_rows_fall_due_later_and_an_attempt_may_not_count(database: Engine) -> None:
    (job_id,) = write_jobs(database, 1)
    for counted, attempts in [(False, 0), (True, 1)]:
        with transaction(database) as db:
            assert leases.take(db, JOBS, job_id, holder="one", seconds=60)
            assert leases.postpone(db, JOBS, job_id, holder="one", seconds=30, counted=counted, worker="")
        with transaction(database) as db:
            row = db.get_one(JobRow, job_id)
            assert row.attempts == attempts
            assert 25 < (row.due_at - datetime.now(UTC)).total_seconds() <= 30
            assert leases.take_due(db, JOBS, limit=1, seconds=60, now=datetime.now(UTC)) == []
            assert len(leases.take_due(db, JOBS, limit=1, seconds=0, now=row.due_at, counted=False, worker="")) == 1


def test_rows_come_by_the_time_they_wait_and_no_more_than_wanted(database: Engine) -> None:
    ids = write_jobs(database, 4)
    with transaction(database) as db:
        for place, job_id in enumerate(ids):
            due = NOW - timedelta(seconds=place)
            db.execute(update(JobRow).where(JobRow.id == job_id).values(due_at=due))
        taken = leases.take_due(db, JOBS, limit=2, seconds=60, now=NOW)
    assert {row.id for row in taken} == set(ids[2:])


def test_every_leased_table_is_one_of_these_five() -> None:
    assert set(LeasedTable.__subclasses__()) == {RecordingRow, JobRow, OutboxRow, DeliveryRow, ErasureRow}
