"""Wishes that wait for a company's system, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from recordings.calls import call_log, outbox
from recordings.calls.outbox import OutboxEntry, OutboxState
from recordings.contacts.call import Call
from recordings.database import reading, transaction
from recordings.tables import CallbackRow, OutboxRow

pytestmark = pytest.mark.services

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=outbox.BACK_OFF.first)
LEASE = 60.0


def wish(key: str, *, at: datetime = NOON, contact: str = "") -> OutboxEntry:
    facts = {"ticket.problem": "ваза «Анна» 🌹", "contact.phone": "+79031112233"}
    return OutboxEntry(key=key, request="tickets.create", facts=facts, language="ru", created_at=at, contact=contact)


def put(engine: Engine, *wishes: OutboxEntry) -> list[bool]:
    with transaction(engine) as db:
        return [outbox.put(db, one, failure="no answer") for one in wishes]


def row(engine: Engine, key: str) -> OutboxRow:
    with reading(engine) as db:
        return db.get_one(OutboxRow, key)


def take(engine: Engine, now: datetime, *, limit: int = 10) -> list[OutboxEntry]:
    return outbox.take_due(engine, limit=limit, lease=LEASE, now=now)


def test_a_wish_is_due_after_a_moment_and_comes_as_it_went(database: Engine) -> None:
    assert put(database, wish("a")) == [True]
    assert take(database, LATER - timedelta(seconds=1)) == []
    (taken,) = take(database, LATER)
    assert (taken.facts, taken.language, taken.attempts) == (wish("a").facts, "ru", 1)
    assert row(database, "a").failure == "no answer"
    with reading(database) as db:
        assert outbox.count(db, since=NOON) == (1, 0)


def test_the_same_key_is_kept_once(database: Engine) -> None:
    assert put(database, wish("a"), wish("a", contact="another")) == [True, False]
    assert len(take(database, LATER)) == 1


def test_the_oldest_are_taken_first_and_no_more_than_wanted(database: Engine) -> None:
    put(database, *(wish(f"{n}", at=NOON - timedelta(minutes=n)) for n in range(5)))
    assert [one.key for one in take(database, LATER, limit=2)] == ["4", "3"]
    assert [one.key for one in take(database, LATER, limit=9)] == ["2", "1", "0"]


def test_two_senders_never_take_the_same(database: Engine) -> None:
    put(database, *(wish(f"{n}") for n in range(30)))
    with ThreadPoolExecutor(6) as senders:
        batches = list(senders.map(lambda _: take(database, LATER, limit=10), range(6)))
    taken = [one.key for batch in batches for one in batch]
    assert len(taken) == len(set(taken))


def test_what_a_dead_sender_left_is_taken_again(database: Engine) -> None:
    put(database, wish("a"))
    (first,) = take(database, LATER)
    assert take(database, LATER + timedelta(seconds=LEASE - 1)) == []
    (second,) = take(database, LATER + timedelta(seconds=LEASE))
    assert second.attempts == 2
    assert not outbox.done(database, first, outcome="created", facts={}, now=LATER)  # it was not dead after all
    assert outbox.done(database, second, outcome="created", facts={"ticket.number": "8001"}, now=LATER)
    settled = row(database, "a")
    assert (settled.state, settled.settled_at) == (OutboxState.SENT, LATER)
    assert settled.reply == {"outcome": "created", "facts": {"ticket.number": "8001"}}
    assert take(database, LATER + timedelta(days=9)) == []


def test_each_failure_waits_longer(database: Engine) -> None:
    put(database, wish("a"))
    now, waits = LATER, []
    for _ in range(9):
        (taken,) = take(database, now)
        assert outbox.failed(database, taken, failure="503", reason="r", now=now) is OutboxState.WAITING
        waits.append((row(database, "a").due_at - now).total_seconds())
        now = row(database, "a").due_at
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900, 900]


def test_after_days_it_is_given_up_and_a_person_rings(database: Engine, ringing: Callable[..., Call]) -> None:
    call = ringing()
    with transaction(database) as db:
        call_log.open_call(db, call)
    put(database, wish("a", contact=call.id))
    now = NOON + timedelta(seconds=outbox.BACK_OFF.keep_trying)
    (taken,) = take(database, now)
    assert outbox.failed(database, taken, failure="503", reason="Не удалось", now=now) is OutboxState.GIVEN_UP
    assert "given up after 1 attempts: 503" in row(database, "a").failure
    assert take(database, now + timedelta(days=9)) == []
    with reading(database) as db:
        (callback,) = db.scalars(select(CallbackRow))
        assert [bad.key for bad in outbox.unsettled(db)] == ["a"]
        assert outbox.count(db, since=now) == (0, 1)
        assert outbox.count(db, since=now + timedelta(seconds=1)) == (0, 0)
    assert (callback.call_id, callback.phone, callback.reason) == (call.id, "+79031112233", "Не удалось")


@pytest.mark.parametrize("contact", ["", "chat-1"])
def test_a_refusal_without_a_call_is_seen_all_the_same(database: Engine, contact: str) -> None:
    put(database, wish("a", contact=contact))
    (taken,) = take(database, LATER)
    changes: dict[str, Any] = {"failure": "taken", "reason": "Не удалось", "now": LATER}
    assert outbox.refused(database, taken, outcome="taken", **changes)
    assert not outbox.refused(database, taken, outcome="taken", **changes)  # once
    with reading(database) as db:
        assert db.scalar(select(CallbackRow)) is None
        (bad,) = outbox.unsettled(db)
    assert (bad.state, bad.failure, bad.reply["outcome"]) == (OutboxState.REFUSED, "taken", "taken")
