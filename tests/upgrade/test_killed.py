"""A migration that was killed, a database of a newer Otklik, a copy that is not whole: go on, or say what to do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, event, text

from recordings.database import connect, migrate
from recordings.errors import SchemaUnfit
from recordings.tables import Table
from tests.services import ROOT
from tests.upgrade.old_installation import (
    REVISION,
    Rows,
    bring_to,
    configuration,
    content,
    in_order,
    load,
    stored_rows,
)

pytestmark = pytest.mark.services

OLDEST = "0001"
KILLED = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from recordings.database import migrate

left = int(sys.argv[2])

@event.listens_for(Engine, "before_cursor_execute")
def count(*_):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

migrate(sys.argv[1])
"""
"""Migrates and is killed before the given statement."""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'otklik.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    found = connect(url)
    yield found
    found.dispose()


def fitting_rows(engine: Engine) -> Rows:
    """Of the stored rows what the tables could hold as they are now."""
    schema = MetaData()
    schema.reflect(engine)
    fit: dict[str, list[dict[str, Any]]] = {}
    for name, rows in stored_rows().items():
        if name in schema.tables:
            columns = schema.tables[name].columns
            rows = [{column: value for column, value in row.items() if column in columns} for row in rows]
            needed = [column.name for column in columns if not column.nullable]
            fit[name] = [row for row in rows if all(row[column] is not None for column in needed)]
    return fit


def test_killed_migration_begins_again_and_loses_nothing(url: str, engine: Engine) -> None:
    bring_to(engine, OLDEST)
    rows = load(engine, fitting_rows(engine))
    assert min(map(len, rows.values())) > 0
    statements = _statements_to_head(engine)
    assert statements > 50
    for at in (statements // 4, statements // 2, statements - 3, statements - 1):
        ended = subprocess.run(
            [sys.executable, "-c", KILLED, url, str(at)],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            timeout=60,
            check=False,
        )
        assert ended.returncode == -signal.SIGKILL
        with engine.connect() as connection:
            assert MigrationContext.configure(connection).get_current_heads() == (OLDEST,)
        _same(content(engine, rows), rows)
    migrate(url)
    _same(content(engine, rows), rows)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []


def test_database_of_a_newer_otklik_is_refused_and_left_alone(url: str, engine: Engine) -> None:
    migrate(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(
        SchemaUnfit, match=r"newer Otklik: its schema is 9999, this Otklik knows them up to \d{4}\. Start"
    ):
        migrate(url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


def test_copy_without_its_schema_version_is_refused(url: str, engine: Engine) -> None:
    migrate(url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    with pytest.raises(SchemaUnfit, match="Restore a whole one"):
        migrate(url)


@pytest.mark.parametrize(
    "program",
    [["-m", "api"], ["-m", "ivr"], ["-m", "docker.prepare"], ["-c", "from api.cli import app; app(['users', 'list'])"]],
    ids=["web", "robot", "containers", "command"],
)
def test_every_program_says_so_in_one_sentence(tmp_path: Path, program: list[str]) -> None:
    address = f"sqlite:///{tmp_path / 'otklik.db'}"
    migrate(address)
    newer = connect(address)
    with newer.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    newer.dispose()
    scenarios = tmp_path / "scenarios"
    scenarios.mkdir()
    (scenarios / "short.ru.yaml").write_text(SHORT, "utf-8")
    env = os.environ | {
        "PYTHONPATH": str(ROOT),
        "OTKLIK_HOME": str(tmp_path),
        "OTKLIK_SCENARIOS": str(scenarios),
        "OTKLIK_DATABASE_URL": address,
        "OTKLIK_WEB_PORT": "0",
    }
    ended = subprocess.run([sys.executable, *program], env=env, capture_output=True, text=True, timeout=90, check=False)
    assert ended.returncode == 1
    assert "the database is of a newer Otklik: its schema is 9999" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_stored_revision_is_one_of_ours() -> None:
    known = {script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()}
    assert {OLDEST, REVISION} <= known


SHORT = """\
name: short
language: ru
extension: "1000"
start: goodbye
fallback: goodbye
max_seconds: 60
nodes:
  goodbye:
    say: До свидания!
    hang_up: true
"""


def _same(found: Rows, wanted: Rows) -> None:
    for name, rows in wanted.items():
        assert in_order(found[name]) == in_order(rows), name


class _Counted(Exception):
    """Ends a migration that was only counted."""


def _statements_to_head(engine: Engine) -> int:
    """How many statements bring the database to today's schema; it stays as it is."""
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    def stop(_connection: Connection) -> None:
        raise _Counted

    event.listen(Engine, "before_cursor_execute", note)
    event.listen(Engine, "commit", stop)
    try:
        migrate(engine.url.render_as_string(hide_password=False))
    except _Counted:
        return count
    finally:
        event.remove(Engine, "before_cursor_execute", note)
        event.remove(Engine, "commit", stop)
    raise AssertionError("the migration was not one transaction")
