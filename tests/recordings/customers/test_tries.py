"""What may be tried so many times a day only, on SQLite, on PostgreSQL and in one process alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from recordings.customers.tries import WINDOW, Scope, Tries
from recordings.database import reading
from recordings.tables import TryRow

pytestmark = pytest.mark.services

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PHONE = "+79161234567"


@pytest.fixture(params=["database", "alone"])
def tries(request: pytest.FixtureRequest, database: Engine) -> Tries:
    return Tries(database=database if request.param == "database" else None, secret="of the tests")


def phone(limit: int = 2, value: str = PHONE) -> Scope:
    return Scope(name="number", value=value, limit=limit)


def test_so_many_and_no_more_until_a_day_has_passed(tries: Tries) -> None:
    assert [tries.take("proof", [phone()], now=NOW).left for _ in range(4)] == [1, 0, -1, -1]
    assert tries.take("proof", [phone(value="+79031112233")], now=NOW).allowed
    assert tries.take("code", [phone()], now=NOW).allowed
    assert not tries.take("proof", [phone()], now=NOW + WINDOW - timedelta(seconds=1)).allowed
    assert tries.take("proof", [phone()], now=NOW + WINDOW + timedelta(seconds=1)).allowed


def test_who_goes_on_trying_does_not_lengthen_the_wait(tries: Tries) -> None:
    """A stranger who never stops locks nobody out for ever."""
    for hour in range(24):
        tries.take("proof", [phone()], now=NOW + timedelta(hours=hour))
    assert tries.take("proof", [phone()], now=NOW + WINDOW + timedelta(seconds=1)).allowed


def test_what_was_right_does_not_count(tries: Tries) -> None:
    for _ in range(5):
        tries.give_back(tries.take("proof", [phone()], now=NOW).id)
    assert tries.take("proof", [phone()], now=NOW).left == 1


def test_the_tightest_scope_decides_and_is_named(tries: Tries) -> None:
    scopes = [phone(5), Scope(name="conversation", value="call 1", limit=1), Scope(name="caller", value="", limit=0)]
    assert (tries.take("proof", scopes, now=NOW).left, tries.take("proof", scopes, now=NOW).scope) == (
        0,
        "conversation",
    )


def test_nobody_slips_through_at_the_same_moment(database: Engine) -> None:
    both = [Tries(database=database), Tries(database=database)]  # as two processes
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda at: both[at % 2].take("proof", [phone(3)], now=NOW), range(24)))
    assert sum(one.allowed for one in taken) <= 3


def test_neither_numbers_nor_old_tries_are_kept(database: Engine) -> None:
    tries = Tries(database=database, secret="of the tests")
    tries.take("proof", [phone()], now=NOW)
    with reading(database) as db:
        (row,) = db.scalars(select(TryRow)).all()
    assert PHONE[1:] not in row.key
    tries.take("proof", [phone()], now=NOW + WINDOW + timedelta(minutes=1))
    with reading(database) as db:
        assert len(db.scalars(select(TryRow)).all()) == 1
