"""The one way to the database: connect, migrate, read, write. SQLite on one machine, PostgreSQL on many."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from recordings.errors import SchemaUnfit
from recordings.tables import Table

LOCK_WAIT_SECONDS = 15
"""How long a writer waits for another one: in SQLite for the database, in PostgreSQL for a row or a table."""
STATEMENT_SECONDS = 60.0
"""Longest statement of a process that says nothing else; exports read in portions, each of which is one."""
CONNECT_SECONDS = 5
POOL_SECONDS = 10.0
"""How long a thread waits for a connection of its process."""
IDLE_SECONDS = 300
"""A transaction in which nothing happens for so long was left by somebody: PostgreSQL ends it."""
KEEPALIVE = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
"""A server whose machine went away is noticed after 25 s, also by who only waits."""
GRACE_SECONDS = 3.0
"""By how much a server that answers ends a statement before its client gives it up."""
MIGRATION_LOCK = 0x6F746B6C
"""Key of the advisory lock in PostgreSQL under which only one process migrates."""
FIRST_TABLE = "calls"
"""Made by the first migration and never gone since."""


def connect(url: str, *, statement_seconds: float | None = STATEMENT_SECONDS) -> Engine:
    """Engine of one process over a SQLAlchemy address; connections are made when needed.

    Args:
        url: Of the database.
        statement_seconds: After which PostgreSQL ends a statement, and its client the connection to a server that
            does not even do that; None where statements take as long as they take: a migration.
    """
    address = make_url(url)
    on_sqlite = address.get_backend_name() == "sqlite"
    if on_sqlite and address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        address,
        connect_args={"timeout": LOCK_WAIT_SECONDS} if on_sqlite else _patience(address, statement_seconds),
        pool_pre_ping=not on_sqlite,
        hide_parameters=True,  # these are people's words and numbers: errors and logs tell the statement alone
        json_serializer=_json,
        **({} if address.database in {None, "", ":memory:"} else {"pool_timeout": POOL_SECONDS}),
    )
    if on_sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    elif statement_seconds:
        event.listen(engine, "do_connect", partial(_connect_bounded, statement_seconds + GRACE_SECONDS))
    return engine


def _json(value: Any) -> str:
    """Words stay readable, and findable, in the JSON columns; half of a surrogate pair (a name on a disk that is no
    UTF-8) stays escaped, since no database takes it."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()


def _patience(address: URL, statement_seconds: float | None) -> dict[str, Any]:
    """How PostgreSQL is asked to end by itself what takes too long. What the address says itself stands."""
    lock = LOCK_WAIT_SECONDS if statement_seconds is None else min(LOCK_WAIT_SECONDS, statement_seconds)
    bounds = {
        "statement_timeout": round(1000 * (statement_seconds or 0)),
        "lock_timeout": round(1000 * lock) if statement_seconds else 0,
        "idle_in_transaction_session_timeout": 1000 * IDLE_SECONDS if statement_seconds else 0,
    }
    options = " ".join(f"-c {name}={milliseconds}" for name, milliseconds in bounds.items())
    patience = {"connect_timeout": CONNECT_SECONDS, **KEEPALIVE, "tcp_user_timeout": 20_000, "options": options}
    return {name: value for name, value in patience.items() if name not in address.query}


def _connect_bounded(
    seconds: float, _dialect: Dialect, _record: object, arguments: list[Any], options: dict[str, Any]
) -> object:
    from recordings.bounded_postgres import bounded_connection  # one machine needs no PostgreSQL

    return bounded_connection(seconds).connect(*arguments, **options)


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One transaction: committed at the end, rolled back by an exception."""
    with Session(engine, expire_on_commit=False) as db, db.begin():
        yield db


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """For queries alone: nothing is committed; in SQLite it neither waits for writers nor stops them."""
    with Session(engine.execution_options(otklik_reading=True), expire_on_commit=False) as db:
        yield db


def migrate(url: str) -> None:
    """Bring the tables up to date. Safe to run at every start, by several processes at once.

    All in one transaction, on SQLite too: killed in the middle, the next start finds the old tables and begins again.

    Raises:
        SchemaUnfit: the database is of a newer Otklik, or a copy that is not whole; nothing was changed.
    """
    engine = connect_to_remake(url)
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            _check_fit(connection, ScriptDirectory.from_config(_configuration()))
            upgrade(connection, "head")
    finally:
        engine.dispose()


def upgrade(connection: Connection, revision: str) -> None:
    """Bring the tables to a revision in the transaction of this connection.

    Raises:
        SchemaUnfit: no such revision is known here.
    """
    config = _configuration()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise SchemaUnfit(f"this Otklik knows no schema {revision}: {error}") from error


def connect_to_remake(url: str) -> Engine:
    """Engine for making tables anew: in SQLite nothing is checked, or deleted, for what points at a row."""
    engine = connect(url, statement_seconds=None)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _leave_references)
    return engine


def _configuration() -> Config:
    return Config(str(Path(__file__).parent / "migrations" / "alembic.ini"))


def _check_fit(connection: Connection, known: ScriptDirectory) -> None:
    found = MigrationContext.configure(connection).get_current_heads()
    newer = sorted(set(found) - {script.revision for script in known.walk_revisions()})
    if newer:
        raise SchemaUnfit(
            f"the database is of a newer Otklik: its schema is {', '.join(newer)}, this Otklik knows them up to "
            f"{known.get_current_head()}. Start the newer Otklik, or this one on the copy made before the upgrade."
        )
    if not found and inspect(connection).has_table(FIRST_TABLE):
        raise SchemaUnfit(
            "the database holds calls but not which schema they are in (alembic_version is empty), as a copy that is "
            "not whole. Restore a whole one; nothing was changed."
        )


def alone(db: Session, lock: int) -> None:
    """Until the transaction ends nobody else passes here with the same number; in SQLite a writer is alone anyway."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock})


def insert_once(db: Session, table: type[Table], values: Mapping[str, Any]) -> bool:
    """Insert a row unless a unique key already holds one; tells whether it was inserted."""
    dialect = postgresql if db.get_bind().dialect.name == "postgresql" else sqlite
    row = dialect.insert(table).values(**values).on_conflict_do_nothing().returning(*inspect(table).primary_key)
    return db.connection().execute(row).first() is not None


def forget_freed_pages(engine: Engine) -> None:
    """Empty SQLite's log of writes, which holds deleted rows until it is used again. PostgreSQL does so by itself
    (autovacuum); while somebody reads, a later call does it."""
    if engine.dialect.name == "sqlite":
        with closing(engine.raw_connection()) as connection:
            connection.execute("PRAGMA busy_timeout = 0")  # it would keep writers waiting while it waits for readers
            try:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.execute(f"PRAGMA busy_timeout = {LOCK_WAIT_SECONDS * 1000}")


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are opened by _begin_sqlite, not guessed by the driver
    connection.create_function("lower", 1, _lower, deterministic=True)
    # what is deleted or forgotten is overwritten: nobody finds it in the file
    for pragma in ("journal_mode = WAL", "foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _leave_references(connection: sqlite3.Connection, _record: object) -> None:
    """SQLite changes a column by making the table anew; what points at the old one must outlive it."""
    connection.execute("PRAGMA foreign_keys = OFF")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: a transaction that reads first and writes later would fail instead of waiting."""
    read_only = connection.get_execution_options().get("otklik_reading", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _lower(value: str | None) -> str | None:
    """SQLite's own ``lower`` knows Latin letters only."""
    return value.lower() if isinstance(value, str) else value
