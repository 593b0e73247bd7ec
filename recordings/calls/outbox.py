"""Wishes the company's own system could not take at once, until it takes them, refuses them or too long has passed.

A sender *takes* what is due (``recordings.leases``) and then settles or postpones it. One that dies in between leaves
it to the next: it is sent again under the same key, and the company's system knows the key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from recordings import leases
from recordings.calls.call_log import request_callback
from recordings.contacts.call import Callback
from recordings.database import insert_once, transaction
from recordings.redaction import wordless
from recordings.redaction.wordless import without_words
from recordings.tables import CallRow, OutboxRow

BACK_OFF = leases.BackOff(first=15, longest=900, keep_trying=3 * 24 * 3600)
"""A system that comes back after a night has everything a quarter of an hour later. It is waited for over a long
week-end; later nobody expects it any more: a person rings instead."""
LONGEST_FAILURE = 1000


class OutboxState(StrEnum):
    """How far a wish has come."""

    WAITING = "waiting"
    SENT = "sent"
    """The company's system has done it."""
    REFUSED = "refused"
    """It answered, but did not do it: the slot was taken meanwhile, a fact is wrong."""
    GIVEN_UP = "given_up"
    """It did not answer for ``BACK_OFF.keep_trying``."""


_LEASED = leases.Leased(
    table=OutboxRow, key=OutboxRow.key, holder=OutboxRow.attempts, unsettled=OutboxRow.state == OutboxState.WAITING
)
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


def put(db: Session, wish: OutboxEntry, *, failure: str = "", wait: float = BACK_OFF.wait(1)) -> bool:
    """Keep a wish for ``wait`` seconds, then it is due; False when its key is kept already.

    Of who does not want their words to be kept the wish is, its words are not.
    """
    facts = without_words(wish.facts) if wordless.refused(db, wish.contact) else dict(wish.facts)
    row = {
        "key": wish.key,
        "request": wish.request,
        "state": OutboxState.WAITING,
        "body": {"facts": facts, "language": wish.language},
        "contact": wish.contact,
        "created_at": wish.created_at,
        "due_at": leases.after(wait, wish.created_at),
        "failure": failure[:LONGEST_FAILURE],
    }
    return insert_once(db, OutboxRow, row)


def take_due(engine: Engine, *, limit: int, lease: float, now: datetime) -> list[OutboxEntry]:
    """At most ``limit`` wishes that are due, oldest first; for ``lease`` seconds they are the taker's alone."""
    with transaction(engine) as db:
        taken = leases.take_due(db, _LEASED, limit=limit, seconds=lease, now=now, order_by=OutboxRow.created_at)
        return sorted(map(_entry_of, taken), key=lambda wish: wish.created_at)


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
    """No answer. It falls due again, each time later; after days (``BACK_OFF``) it is given up and a person rings."""
    if BACK_OFF.is_over(age=(now - wish.created_at).total_seconds()):
        given_up = f"given up after {wish.attempts} attempts: {failure}"[:LONGEST_FAILURE]
        _settle(engine, wish, callback=reason, state=OutboxState.GIVEN_UP, failure=given_up, settled_at=now)
        return OutboxState.GIVEN_UP
    wait = BACK_OFF.wait(wish.attempts + 1)  # the failure that brought it here counts, too
    _settle(engine, wish, due_at=leases.after(wait, now), failure=failure[:LONGEST_FAILURE])
    return OutboxState.WAITING


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
    with transaction(engine) as db:
        if not leases.settle(db, _LEASED, wish.key, holder=wish.attempts, **changes):
            return False
        if callback and (call := db.get(CallRow, wish.contact)):
            phone = wish.facts.get("contact.phone") or call.caller_number
            when = changes["settled_at"]
            request_callback(db, Callback(call_id=call.id, phone=phone, reason=callback, requested_at=when))
    return True


def _entry_of(row: OutboxRow) -> OutboxEntry:
    return OutboxEntry(
        key=row.key,
        request=row.request,
        facts=row.body["facts"],
        language=row.body["language"],
        created_at=row.created_at,
        contact=row.contact,
        attempts=row.attempts,
    )
