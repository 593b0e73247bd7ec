"""Tables as the migrations leave them, and transactions side by side, on SQLite and PostgreSQL."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, String, cast, func, select, text, update

import recordings
from recordings.database import connect, insert_once, migrate, reading, transaction
from recordings.jobs import find_job, start_job
from recordings.tables import CallbackRow, CallRow, CustomerRow, JobRow, Table, TurnRow

pytestmark = pytest.mark.services


OLD_ROWS = (
    "INSERT INTO customers (id, name, phone, language, created_at)"
    " VALUES ('anna', 'Анна', '+79161234567', 'ru', '2026-01-01 00:00:00')",
    "INSERT INTO calls (id, started_at, caller_number, extension, language, scenario, scenario_version, engine,"
    " consent, customer_id, agent, summary, failure)"
    " VALUES ('1.7', '2026-01-01 00:00:00', '+79161234567', '1000', 'ru', 's', 'v', 'e', true, 'anna', '', '', '')",
    'INSERT INTO turns (call_id, number, speaker, node, start, "end", text, engine, words)'
    " VALUES ('1.7', 1, 'caller', 'greet', 0, 1, 'да', '', '[]')",
    "INSERT INTO callbacks (id, call_id, phone, reason, requested_at)"
    " VALUES ('b', '1.7', '+79161234567', '', '2026-01-01 00:00:00')",
)
"""As version 0001 wrote them."""


def card(name: str, phone: str = "+70000000001", **changes: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "phone": phone, "language": "ru", "created_at": datetime.now(UTC)} | changes


def test_migrations_leave_exactly_the_tables_of_the_models(database: Engine) -> None:
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Table.metadata) == []


def test_migrating_again_and_side_by_side_changes_nothing(database_url: str, database: Engine) -> None:
    with transaction(database) as db:
        insert_once(db, CustomerRow, card("Анна"))
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(migrate, [database_url] * 3))
    with reading(database) as db:
        assert db.scalars(select(CustomerRow.name)).all() == ["Анна"]


@pytest.mark.parametrize("url", ["sqlite", "postgresql"])
def test_rows_of_an_older_version_outlive_the_upgrade(request: pytest.FixtureRequest, tmp_path: Path, url: str) -> None:
    address = request.getfixturevalue("postgres_url") if url == "postgresql" else f"sqlite:///{tmp_path / 'old.db'}"
    config = Config(str(Path(recordings.__file__).parent / "migrations" / "alembic.ini"))
    engine = connect(address)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for row in OLD_ROWS:
            connection.execute(text(row))
    migrate(address)
    with reading(engine) as db:
        kept = [
            db.scalar(select(func.count()).select_from(row)) for row in (CustomerRow, CallRow, TurnRow, CallbackRow)
        ]
        assert kept == [1, 1, 1, 1]
        assert db.scalars(select(CallRow.customer_id)).one() == "anna"
    engine.dispose()


def test_fresh_database_is_migrated_by_several_at_once(postgres_url: str) -> None:
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(migrate, [postgres_url] * 3))
    engine = connect(postgres_url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1
    engine.dispose()


def test_failed_block_leaves_nothing(database: Engine) -> None:
    with suppress(ZeroDivisionError), transaction(database) as db:
        insert_once(db, CustomerRow, card("Анна"))
        1 / 0  # noqa: B018
    with reading(database) as db:
        assert db.scalars(select(CustomerRow)).all() == []


def test_same_key_is_inserted_once_by_many_threads(database: Engine) -> None:
    def insert(number: int) -> bool:
        with transaction(database) as db:
            return insert_once(db, CustomerRow, card(f"c{number}"))

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(insert, range(16))) == [False] * 15 + [True]


def test_writers_wait_for_each_other_and_lose_no_change(database: Engine) -> None:
    with transaction(database) as db:
        insert_once(db, CustomerRow, card("c", language="0"))

    def count(_: int) -> None:
        with transaction(database) as db:
            seen = db.scalars(select(CustomerRow.language).with_for_update()).one()
            db.execute(update(CustomerRow).values(language=str(int(seen) + 1)))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(count, range(30)))
    with reading(database) as db:
        assert db.scalars(select(CustomerRow.language)).one() == "30"


def test_readers_do_not_wait_for_a_writer(database: Engine) -> None:
    with transaction(database) as writing:
        insert_once(writing, CustomerRow, card("Анна"))
        with reading(database) as db:
            assert db.scalars(select(CustomerRow)).all() == []


def test_times_come_back_aware_and_naive_ones_are_refused(database: Engine) -> None:
    moscow = datetime(2026, 11, 22, 15, tzinfo=timezone(timedelta(hours=3)))
    with transaction(database) as db:
        insert_once(db, CustomerRow, card("Анна", created_at=moscow))
    with reading(database) as db:
        row = db.scalars(select(CustomerRow)).one()
    assert row.created_at == moscow
    assert row.created_at.tzinfo is UTC
    with pytest.raises(Exception, match="naive datetime"), transaction(database) as db:
        insert_once(db, CustomerRow, card("Борис", created_at=moscow.replace(tzinfo=None)))


def test_half_a_surrogate_pair_comes_back_as_it_was(database: Engine) -> None:
    """Failed before: names on a disk that are no UTF-8 could not be written."""
    said = {"files": [os.fsdecode(b"/in/\xcf\xf0\xe8.wav"), "/in/Анна.wav"]}
    with transaction(database) as db:
        job = start_job(db, "import", said, total=2, by="olga")
    with reading(database) as db:
        kept = find_job(db, job.id)
        assert kept is not None
        assert kept.parameters == said
        assert "Анна" in db.scalars(select(cast(JobRow.parameters, String))).one()
