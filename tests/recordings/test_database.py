"""Tables as the migrations leave them, and transactions side by side, on SQLite and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, select, text, update

from recordings.database import connect, insert_once, migrate, reading, transaction
from recordings.tables import CustomerRow, Table

pytestmark = pytest.mark.services


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
