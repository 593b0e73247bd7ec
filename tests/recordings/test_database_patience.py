"""PostgreSQL that is slow, locked or hangs: nobody waits for it longer than was said."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from recordings.database import GRACE_SECONDS, connect, reading, transaction

pytestmark = pytest.mark.services

SECONDS = 1.0
BOUND = SECONDS + GRACE_SECONDS + 10
"""Generous, and far from the half minute that a hung thing takes here."""


@pytest.fixture
def impatient(postgres_url: str) -> Iterator[Engine]:
    engine = connect(postgres_url, statement_seconds=SECONDS)
    yield engine
    engine.dispose()


def test_a_server_that_hangs_is_given_up_and_found_again(impatient: Engine) -> None:
    began = time.monotonic()
    stopped: list[int] = []
    with pytest.raises(OperationalError, match="gave no answer"):
        _ask_a_stopped_one(impatient, stopped)
    os.kill(stopped[0], signal.SIGCONT)
    assert time.monotonic() - began < BOUND
    with reading(impatient) as db:
        assert db.scalar(text("SELECT 2")) == 2


def test_one_that_hangs_while_it_commits_is_given_up(impatient: Engine) -> None:
    stopped: list[int] = []
    with pytest.raises(OperationalError, match="gave no answer"):
        _stop_at_commit(impatient, stopped)
    os.kill(stopped[0], signal.SIGCONT)


def _ask_a_stopped_one(engine: Engine, stopped: list[int]) -> None:
    with reading(engine) as db:
        stopped.append(db.scalar(text("SELECT pg_backend_pid()")) or 0)
        os.kill(stopped[0], signal.SIGSTOP)
        db.execute(text("SELECT 1"))


def _stop_at_commit(engine: Engine, stopped: list[int]) -> None:
    with transaction(engine) as db:
        stopped.append(db.scalar(text("SELECT pg_backend_pid()")) or 0)
        os.kill(stopped[0], signal.SIGSTOP)


def test_a_long_statement_and_a_lock_are_ended_by_the_server(impatient: Engine, postgres_url: str) -> None:
    with pytest.raises(OperationalError, match="statement timeout"), reading(impatient) as db:
        db.execute(text("SELECT pg_sleep(30)"))
    with transaction(impatient) as db:
        db.execute(text("CREATE TABLE things (n int)"))
    with transaction(impatient) as holder:
        holder.execute(text("LOCK TABLE things"))
        with pytest.raises(OperationalError, match="timeout"), transaction(impatient) as db:
            db.execute(text("INSERT INTO things VALUES (1)"))


def test_what_a_process_asks_of_the_server(impatient: Engine) -> None:
    with reading(impatient) as db:
        told = {name: db.scalar(text(f"SHOW {name}")) for name in ("lock_timeout", "tcp_user_timeout")}
        assert db.scalar(text("SHOW idle_in_transaction_session_timeout")) == "5min"
    assert told["lock_timeout"] == "1s"


def test_a_migration_takes_as_long_as_it_takes(postgres_url: str) -> None:
    engine = connect(postgres_url, statement_seconds=None)
    with reading(engine) as db:
        assert db.scalar(text("SHOW statement_timeout")) == "0"
    engine.dispose()
