"""Wishes the company's own system could not take at once, until it takes them, refuses them or too long has passed.

A sender *takes* what is due, which nobody else does until its lease is over, and then settles or postpones it. One that
dies in between leaves it to the next: it is sent again under the same key, and the company's system knows the key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from recordings.calls.call_log import request_callback
from recordings.contacts.call import Callback
from recordings.database import insert_once, transaction
from recordings.tables import CallRow, OutboxRow

FIRST_WAIT_SECONDS = 15.0
LONGEST_WAIT_SECONDS = 900.0
"""A system that comes back after a night has everything a quarter of an hour later."""
KEEP_TRYING = timedelta(days=3)
"""A long week-end. Later nobody expects it any more: a person rings instead."""
LONGEST_FAILURE = 1000


class OutboxState(StrEnum):
    """How far a wish has come."""

    WAITING = "waiting"
    SENT = "sent"
    """The company's system has done it."""
    REFUSED = "refused"
    """It answered, but did not do it: the slot was taken meanwhile, a fact is wrong."""
    GIVEN_UP = "given_up"
    """It did not answer for ``KEEP_TRYING``."""


_LOST = OutboxRow.state.in_((OutboxState.REFUSED, OutboxState.GIVEN_UP))


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """One request that writes."""

    key: str
    """Idempotency key, at most 64 letters."""
    request: str
    facts: Mapping[str, str]
    language: str
    created_at: datetime
    contact: str = ""
    """Call or chat it was said in."""
    attempts: int = 0
    """Times it was taken to be sent."""


def put(db: Session, wish: OutboxEntry, *, failure: str = "", wait: float = FIRST_WAIT_SECONDS) -> bool:
    """Keep a wish for ``wait`` seconds, then it is due; False when its key is kept already."""
    row = {
        "key": wish.key,
        "request": wish.request,
        "state": OutboxState.WAITING,
        "body": {"facts": dict(wish.facts), "language": wish.language},
        "contact": wish.contact,
        "created_at": wish.created_at,
        "due_at": wish.created_at + timedelta(seconds=wait),
        "failure": failure[:LONGEST_FAILURE],
    }
    return insert_once(db, OutboxRow, row)


def take_due(engine: Engine, *, limit: int, lease: float, now: datetime) -> list[OutboxEntry]:
    """At most ``limit`` wishes that are due, oldest first; for ``lease`` seconds they are the taker's alone."""
    waiting = OutboxRow.state == OutboxState.WAITING
    due = select(OutboxRow.key).where(waiting, OutboxRow.due_at <= now).order_by(OutboxRow.created_at).limit(limit)
    with transaction(engine) as db:
        keys = db.scalars(due).all()
        taken = (
            update(OutboxRow)
            .where(OutboxRow.key.in_(keys), waiting, OutboxRow.due_at <= now)
            .values(due_at=now + timedelta(seconds=lease), attempts=OutboxRow.attempts + 1)
            .returning(OutboxRow)
        )
        return sorted((_wish_of(row) for row in db.scalars(taken)), key=lambda wish: wish.created_at)


def done(engine: Engine, wish: OutboxEntry, *, outcome: str, facts: Mapping[str, str], now: datetime) -> bool:
    """The company's system has done it. False when another sender said so first."""
    reply = {"outcome": outcome, "facts": dict(facts)}
    return _settle(engine, wish, state=OutboxState.SENT, reply=reply, failure="", settled_at=now)


def refused(engine: Engine, wish: OutboxEntry, *, failure: str, reason: str, now: datetime, outcome: str = "") -> bool:
    """The company's system will not do it: a person rings the caller, where there was a call.

    Args:
        engine: The database.
        wish: As it was taken.
        failure: What went wrong, for whoever looks after the installation.
        reason: What a person reads who rings back.
        now: The time.
        outcome: What the system answered; empty where it refused the request itself.
    """
    reply = {"outcome": outcome, "facts": {}} if outcome else {}
    changes = {"state": OutboxState.REFUSED, "reply": reply, "failure": failure[:LONGEST_FAILURE], "settled_at": now}
    return _settle(engine, wish, callback=reason, **changes)


def failed(engine: Engine, wish: OutboxEntry, *, failure: str, reason: str, now: datetime) -> OutboxState:
    """No answer. It falls due again, each time later; after ``KEEP_TRYING`` it is given up and a person rings."""
    if now - wish.created_at >= KEEP_TRYING:
        given_up = f"given up after {wish.attempts} attempts: {failure}"[:LONGEST_FAILURE]
        _settle(engine, wish, callback=reason, state=OutboxState.GIVEN_UP, failure=given_up, settled_at=now)
        return OutboxState.GIVEN_UP
    wait = timedelta(seconds=wait_before(wish.attempts + 1))
    _settle(engine, wish, due_at=now + wait, failure=failure[:LONGEST_FAILURE])
    return OutboxState.WAITING


def wait_before(attempt: int) -> float:
    """Seconds between the attempt before and this one: 15 before the first, then twice as long each time, at most 900.

    Args:
        attempt: Counted from 1.
    """
    doublings = min(attempt - 1, 10)  # more than enough for the longest wait, and no overflow after thousands
    return min(FIRST_WAIT_SECONDS * float(2**doublings), LONGEST_WAIT_SECONDS)


def count(db: Session, *, since: datetime) -> tuple[int, int]:
    """How many wishes wait, and how many were refused or given up since then."""
    waiting = select(func.count()).where(OutboxRow.state == OutboxState.WAITING)
    lost = select(func.count()).where(_LOST, OutboxRow.settled_at >= since)
    return db.scalar(waiting) or 0, db.scalar(lost) or 0


def unsettled(db: Session, *, limit: int = 100) -> list[OutboxRow]:
    """What a person should see: wishes refused or given up, the newest first."""
    return list(db.scalars(select(OutboxRow).where(_LOST).order_by(OutboxRow.created_at.desc()).limit(limit)))


def _settle(engine: Engine, wish: OutboxEntry, *, callback: str = "", **changes: Any) -> bool:
    """Change the row while it is still the taker's, and ask for a call-back in the same transaction."""
    ours = (OutboxRow.key == wish.key, OutboxRow.state == OutboxState.WAITING, OutboxRow.attempts == wish.attempts)
    with transaction(engine) as db:
        if not db.connection().execute(update(OutboxRow).where(*ours).values(**changes)).rowcount:
            return False
        if callback and (call := db.get(CallRow, wish.contact)):
            phone = wish.facts.get("contact.phone") or call.caller_number
            when = changes["settled_at"]
            request_callback(db, Callback(call_id=call.id, phone=phone, reason=callback, requested_at=when))
    return True


def _wish_of(row: OutboxRow) -> OutboxEntry:
    return OutboxEntry(
        key=row.key,
        request=row.request,
        facts=row.body["facts"],
        language=row.body["language"],
        created_at=row.created_at,
        contact=row.contact,
        attempts=row.attempts,
    )
