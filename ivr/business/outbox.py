"""Sends what a company's system could not take at once, until it does. Runs beside the calls of the robot process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from ivr.business.protocol import Business
from ivr.business.replies import checked, is_well_written
from ivr.errors import BusinessError, BusinessRefused
from ivr.pools import in_thread
from recordings.bounded_threads import BoundedThreads
from recordings.calls import outbox
from recordings.calls.outbox import OutboxEntry, OutboxState
from speech.display.formatting import shown

log = logging.getLogger(__name__)

LOOK_SECONDS = 15.0
"""Between looks for what is due."""
BATCH = 10
LEASE_SECONDS = 120.0
"""Longer than a batch takes when every request waits for its time limit."""
_SENDERS = BoundedThreads("outbox", threads=2, waiting=8)
DONE: Mapping[str, frozenset[str]] = {
    "catalogue.reserve": frozenset({"reserved"}),
    "bookings.create": frozenset({"booked"}),
    "bookings.move": frozenset({"moved"}),
    "bookings.cancel": frozenset({"cancelled", "missing"}),  # gone is gone
    "tickets.create": frozenset({"created"}),
}
"""Outcomes that fulfil a request. Any other answer is a no."""
TITLES: Mapping[str, Mapping[str, str]] = {
    "ru": {
        "catalogue.reserve": "Не удалось отложить товар",
        "bookings.create": "Не удалось записать",
        "bookings.move": "Не удалось перенести запись",
        "bookings.cancel": "Не удалось отменить запись",
        "tickets.create": "Не удалось передать обращение",
    },
    "en": {
        "catalogue.reserve": "Could not reserve",
        "bookings.create": "Could not book",
        "bookings.move": "Could not move the booking",
        "bookings.cancel": "Could not cancel the booking",
        "tickets.create": "Could not file the ticket",
    },
}
"""What a person reads who rings back: the robot has promised it."""


def _utc() -> datetime:
    return datetime.now(UTC)


async def run(engine: Engine, business: Business, *, now: Callable[[], datetime] = _utc) -> None:
    """Send until cancelled. A database that is away is looked for again later.

    Several robots may do so over one database: each entry is one sender's at a time.
    """
    while True:
        try:
            while await deliver(engine, business, now=now) == BATCH:
                pass
        except (SQLAlchemyError, TimeoutError) as error:
            log.warning("the outbox cannot be read now: %s", getattr(error, "orig", None) or error)
        await asyncio.sleep(LOOK_SECONDS)


async def deliver(engine: Engine, business: Business, *, now: Callable[[], datetime]) -> int:
    """Send one batch of what is due, one entry after the other; how many there were.

    Raises:
        SQLAlchemyError: the database does not answer.
        TimeoutError: something took longer than the lease: another sender may have it now.
    """
    take = partial(outbox.take_due, engine, limit=BATCH, lease=LEASE_SECONDS, now=now())
    entries = await in_thread(_SENDERS, take, LEASE_SECONDS)
    for entry in entries:
        await in_thread(_SENDERS, send, LEASE_SECONDS, engine, business, entry, now=now)
    return len(entries)


def send(engine: Engine, business: Business, entry: OutboxEntry, *, now: Callable[[], datetime]) -> None:
    """Send one entry and write down what came of it. Nothing is open in the database while the system works."""
    name, reason = f"outbox: {entry.request} {entry.key}", _reason(entry)
    try:
        if entry.request not in DONE:
            raise BusinessRefused("no request that writes: kept by another version of Otklik")
        reply = checked(entry.request, business.ask(entry.request, entry.facts, entry.language, key=entry.key))
    except BusinessError as error:
        if not error.retryable:
            log.error("%s will never be taken: %s", name, error)
            outbox.refused(engine, entry, failure=str(error), reason=reason, now=now())
            return
        state = outbox.failed(engine, entry, failure=str(error), reason=reason, now=now())
        level = logging.ERROR if state is OutboxState.GIVEN_UP else logging.INFO
        log.log(level, "%s: %s after %d attempts: %s", name, state, entry.attempts, error)
    else:
        if reply.outcome in DONE[entry.request]:
            outbox.done(engine, entry, outcome=reply.outcome, facts=reply.facts, now=now())
            log.info("%s: %s", name, reply.outcome)
        else:
            failure = f"the business system answered: {reply.outcome}"
            outbox.refused(engine, entry, outcome=reply.outcome, failure=failure, reason=reason, now=now())
            log.warning("%s: %s", name, failure)


def _reason(entry: OutboxEntry) -> str:
    """What was wanted, in the language of the conversation."""
    title = TITLES.get(entry.language, TITLES["en"]).get(entry.request, entry.request)
    wanted = [
        _shown(name, value, entry.language)
        for name, value in entry.facts.items()
        if name not in {"contact.phone", "customer.name"}
    ]
    return f"{title}: {', '.join(wanted)}"


def _shown(name: str, value: str, language: str) -> str:
    kind = {"booking.day": "date", "booking.time": "time"}.get(name, "")
    if not kind or language not in TITLES or not is_well_written(name, value):
        return value
    return shown(value, kind, language)
