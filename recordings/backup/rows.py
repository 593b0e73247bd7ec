"""All rows of all tables as text: from one moment of one database into another one, of the other kind as well.

A file a table, ``<table>.jsonl.gz``: the first line names the columns, every other one is a row. Times are ISO 8601 in
UTC, JSON columns are text as the database has it. The schema is read from the database itself, so that no table which a
later migration makes can be forgotten here.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    DateTime,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    cast,
    insert,
    inspect,
    select,
    text,
)

from recordings.database import upgrade
from recordings.errors import BackupDamaged

SCHEMA = "alembic_version"
"""Table in which the schema's revision stands; a restored database gets it by migrating."""
AT_ONCE = 1000
"""Rows read and written together."""


def dump_rows(engine: Engine, folder: Path) -> tuple[str, dict[str, int]]:
    """Write every table into ``folder`` as it is at one moment, while others write on.

    Returns:
        The schema's revision, and how many rows each table has.
    """
    counts: dict[str, int] = {}
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        else:
            connection = connection.execution_options(otklik_reading=True)
        schema = MetaData()
        schema.reflect(connection)
        revision = str(connection.scalar(text(f"SELECT version_num FROM {SCHEMA}")))  # noqa: S608  our constant
        for table in _tables(schema):
            counts[table.name] = _dump(connection, table, _file(folder, table.name))
    return revision, counts


def load_rows(engine: Engine, folder: Path, *, revision: str, counts: Mapping[str, int]) -> None:
    """Put the rows in place of whatever the database holds, in the schema they were in: all of it, or nothing.

    Raises:
        BackupDamaged: a table has other rows than were counted, or one that is pointed at is missing.
    """
    with engine.begin() as connection:
        _drop_everything(connection)
        upgrade(connection, revision)
        schema = MetaData()
        schema.reflect(connection)
        for table in _tables(schema):
            connection.execute(table.delete())  # what the migrations themselves put in
        for table in _tables(schema):
            if table.name in counts:
                loaded = _load(connection, table, _file(folder, table.name))
                if loaded != counts[table.name]:
                    raise BackupDamaged(f"{table.name}: {loaded} rows, {counts[table.name]} were written")
        _check_references(connection)


def _tables(schema: MetaData) -> list[Table]:
    """Those that are pointed at before those that point at them."""
    return [table for table in schema.sorted_tables if table.name != SCHEMA]


def _file(folder: Path, table: str) -> Path:
    return folder / f"{table}.jsonl.gz"


def _dump(connection: Connection, table: Table, path: Path) -> int:
    columns = [_as_text(column) for column in table.columns]
    rows = connection.execution_options(stream_results=True, yield_per=AT_ONCE).execute(select(*columns))
    count = 0
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=5) as file:
        file.write(json.dumps([column.name for column in table.columns]) + "\n")
        for row in rows:
            count += 1
            file.write(json.dumps([_plain(value) for value in row], ensure_ascii=False) + "\n")
    return count


def _load(connection: Connection, table: Table, path: Path) -> int:
    on_postgresql = connection.dialect.name == "postgresql"
    count = 0
    with gzip.open(path, "rt", encoding="utf-8") as file:
        names: list[str] = json.loads(next(file))
        columns = [table.columns[name] for name in names]
        statement = insert(table).values({column.name: _parameter(column, on_postgresql) for column in columns})
        times = [isinstance(column.type, DateTime) for column in columns]
        batch: list[dict[str, Any]] = []
        for line in file:
            row = json.loads(line)
            batch.append(
                {
                    f"new_{name}": _moment(value, aware=on_postgresql) if timed else value
                    for name, value, timed in zip(names, row, times, strict=True)
                }
            )
            count += 1
            if len(batch) == AT_ONCE:
                connection.execute(statement, batch)
                batch = []
        if batch:
            connection.execute(statement, batch)
    if on_postgresql:
        _set_sequences(connection, table)
    return count


def _as_text(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """JSON as the database has it: an absent value and the value ``null`` stay two things."""
    return cast(column, Text) if isinstance(column.type, JSON) else column


def _parameter(column: ColumnElement[Any], on_postgresql: bool) -> ColumnElement[Any]:
    """The other way round; a parameter may not be called as its column."""
    if not isinstance(column.type, JSON):
        return bindparam(f"new_{column.name}", type_=column.type)
    given = bindparam(f"new_{column.name}", type_=Text)
    return cast(given, column.type) if on_postgresql else given


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return moment.isoformat()
    return value


def _moment(value: str | None, *, aware: bool) -> datetime | None:
    """SQLite keeps times of UTC without saying so."""
    if value is None:
        return None
    moment = datetime.fromisoformat(value)
    return moment if aware else moment.replace(tzinfo=None)


def _drop_everything(connection: Connection) -> None:
    quote = connection.dialect.identifier_preparer.quote
    cascade = " CASCADE" if connection.dialect.name == "postgresql" else ""
    for view in inspect(connection).get_view_names():
        connection.execute(text(f"DROP VIEW IF EXISTS {quote(view)}{cascade}"))
    schema = MetaData()
    schema.reflect(connection)
    schema.drop_all(connection)


def _set_sequences(connection: Connection, table: Table) -> None:
    for column in table.primary_key.columns:
        if isinstance(column.type, Integer):
            name = f"pg_get_serial_sequence('{table.name}', '{column.name}')"
            highest = f"(SELECT max({column.name}) FROM {table.name})"  # noqa: S608  names of the schema, not of people
            connection.execute(text(f"SELECT setval({name}, {highest}) WHERE {name} IS NOT NULL"))


def _check_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":  # PostgreSQL has looked at each row
        broken = list(_broken(connection))
        if broken:
            raise BackupDamaged(f"rows point at others that are missing: {', '.join(broken[:5])}")


def _broken(connection: Connection) -> Iterator[str]:
    for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"{table} {row} at {parent}"
