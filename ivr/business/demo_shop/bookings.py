"""The demonstration shop's calendar: slots by rule, less what is booked.

Every day from 09:00 to 19:00, today's from now on, sixty days ahead. Some slots are always taken by others, and on
Mondays only the florist works, so that every way a conversation may go can be had on any day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ivr.business.demo_shop.tables import ShopBooking
from ivr.business.protocol import LONGEST_CHOICE, Option, Reply
from ivr.errors import BusinessRefused

OPENS, CLOSES = time(9), time(19)
DAYS_AHEAD = 60
FIRST_NUMBER = 2000
"""A booking's number is this plus its id."""
MONDAY = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Something to come to the shop for."""

    minutes: int
    """Length of a slot; they begin at the full or the half hour."""
    taken: frozenset[str]
    """Times that are never free: regular customers."""
    on_mondays: bool
    names: tuple[str, ...]
    """How callers may name it."""


SERVICES: Mapping[str, Service] = {
    "florist": Service(
        minutes=30,
        taken=frozenset({"11:00", "11:30", "17:00"}),
        on_mondays=True,
        names=("флорист", "к флористу", "консультация", "консультация флориста", "florist", "consultation"),
    ),
    "workshop": Service(
        minutes=60,
        taken=frozenset({"12:00", "18:00"}),
        on_mondays=False,
        names=("мастер-класс", "мастер класс", "занятие", "workshop", "master class", "class"),
    ),
    "design": Service(
        minutes=60,
        taken=frozenset({"10:00"}),
        on_mondays=False,
        names=("оформление", "встреча", "дизайнер", "встреча по оформлению", "design", "design visit", "designer"),
    ),
}


def find_free(db: Session, facts: Mapping[str, str], now: datetime) -> Reply:
    """``exact`` when the wished slot is free; else the nearest of that day, or of the next days; ``missing``: none."""
    service, day = facts["booking.service"], _day(facts)
    if service not in SERVICES:
        return Reply(outcome="missing")
    wished = _time(facts["booking.time"]) if facts.get("booking.time") else None
    free = _free(db, service, day, now)
    if wished in free and wished is not None:
        return Reply(outcome="exact", facts=_slot(service, day.isoformat(), wished))
    if free:
        chosen = sorted(_nearest(free, wished)[:LONGEST_CHOICE]) if wished else _spread(free)
        return Reply(outcome="found", options=tuple(_option(service, day, at) for at in chosen))
    options: list[Option] = []
    later = max(day, now.date())
    while len(options) < LONGEST_CHOICE and (later := later + timedelta(days=1)) <= _last_day(now):
        if free := _free(db, service, later, now):
            options.append(_option(service, later, _nearest(free, wished)[0]))
    return Reply(outcome="other_day", options=tuple(options)) if options else Reply(outcome="missing")


def create(db: Session, facts: Mapping[str, str], phone: str, now: datetime) -> Reply:
    """Take a slot; of two who want it one gets ``booked`` and the other ``taken``."""
    service, day, at = facts["booking.service"], _day(facts), _time(facts["booking.time"])
    if service not in SERVICES:
        raise BusinessRefused(f"the shop offers no {service!r}")
    if not _is_bookable(service, day, at, now):
        return Reply(outcome="taken")
    row = ShopBooking(service=service, day=day.isoformat(), time=at, phone=phone, name=facts.get("customer.name", ""))
    try:
        with db.begin_nested():
            db.add(row)
    except IntegrityError:
        return Reply(outcome="taken")
    return Reply(outcome="booked", facts=_booking(row))


def find(db: Session, phone: str, number: str, now: datetime) -> Reply:
    """What is still to come for a telephone number, the next first; only the booking of that number where one is given.

    Not a word about bookings of other telephones, whoever knows their numbers.
    """
    mine = select(ShopBooking).where(ShopBooking.phone == phone, ShopBooking.day >= now.date().isoformat())
    if number:
        mine = mine.where(ShopBooking.id == booking_id(number))
    rows = db.scalars(mine.order_by(ShopBooking.day, ShopBooking.time).limit(LONGEST_CHOICE)).all()
    if len(rows) == 1:
        return Reply(outcome="one", facts=_booking(rows[0]))
    options = tuple(Option(facts=_booking(row), ways=SERVICES[row.service].names) for row in rows)
    return Reply(outcome="several", options=options) if rows else Reply(outcome="missing")


def move(db: Session, facts: Mapping[str, str], now: datetime) -> Reply:
    """Give a booking another slot of its service."""
    day, at = _day(facts), _time(facts["booking.time"])
    row = db.get(ShopBooking, booking_id(facts["booking.number"]))
    if row is None:
        return Reply(outcome="missing")
    if (row.day, row.time) != (day.isoformat(), at):
        if not _is_bookable(row.service, day, at, now):
            return Reply(outcome="taken")
        try:
            with db.begin_nested():
                row.day, row.time, row.days_ahead = day.isoformat(), at, None
        except IntegrityError:
            return Reply(outcome="taken")
    return Reply(outcome="moved", facts=_booking(row))


def cancel(db: Session, number: str) -> Reply:
    gone = db.connection().execute(delete(ShopBooking).where(ShopBooking.id == booking_id(number))).rowcount
    return Reply(outcome="cancelled" if gone else "missing")


def booking_id(number: str) -> int:
    """Id of the row of that number; -1, which no row has, for what is no number."""
    return int(number) - FIRST_NUMBER if number.isascii() and number.isdigit() and len(number) <= 9 else -1


def refresh(db: Session, now: datetime) -> None:
    """Bookings the shop was filled with stay ahead of the calendar."""
    past = ShopBooking.days_ahead.is_not(None), ShopBooking.day < now.date().isoformat()
    for row in db.scalars(select(ShopBooking).where(*past)):
        day = open_day(row.service, now.date() + timedelta(days=row.days_ahead or 0))
        free = _free(db, row.service, day, now)
        if free:
            row.day, row.time = day.isoformat(), _nearest(free, row.time)[0]
            db.flush()


def open_day(service: str, day: date) -> date:
    """The day, or the next one where the service is not offered on it."""
    return day if SERVICES[service].on_mondays or day.weekday() != MONDAY else day + timedelta(days=1)


def _free(db: Session, service: str, day: date, now: datetime) -> list[str]:
    """Times of a day nobody has, in order."""
    booked = select(ShopBooking.time).where(ShopBooking.service == service, ShopBooking.day == day.isoformat())
    gone = set(db.scalars(booked))
    return [at for at in _times(service, day) if at not in gone and _is_bookable(service, day, at, now)]


def _is_bookable(service: str, day: date, at: str, now: datetime) -> bool:
    """Whether the rule offers that slot, whoever may have booked it."""
    if at not in _times(service, day) or at in SERVICES[service].taken or day > _last_day(now):
        return False
    return (day.isoformat(), at) > (now.date().isoformat(), now.strftime("%H:%M"))


def _times(service: str, day: date) -> list[str]:
    if open_day(service, day) != day:
        return []
    step, end = SERVICES[service].minutes, CLOSES.hour * 60
    minutes = range(OPENS.hour * 60, end - step + 1, step)
    return [f"{minute // 60:02}:{minute % 60:02}" for minute in minutes]


def _last_day(now: datetime) -> date:
    return now.date() + timedelta(days=DAYS_AHEAD)


def _nearest(times: Sequence[str], wished: str | None) -> list[str]:
    """The times, those nearest to the wished one first."""
    return sorted(times, key=lambda at: abs(_minutes(at) - _minutes(wished))) if wished else list(times)


def _spread(times: Sequence[str]) -> list[str]:
    """One early, one in the middle, one late."""
    return sorted({times[0], times[len(times) // 2], times[-1]})


def _minutes(at: str) -> int:
    return int(at[:2]) * 60 + int(at[3:])


def _day(facts: Mapping[str, str]) -> date:
    try:
        return date.fromisoformat(facts["booking.day"])
    except ValueError as error:
        raise BusinessRefused(f"booking.day: want a day as 2026-11-24, got {facts['booking.day'][:40]!r}") from error


def _time(value: str) -> str:
    try:
        return time.fromisoformat(value).strftime("%H:%M")
    except ValueError as error:
        raise BusinessRefused(f"booking.time: want a time as 15:30, got {value[:40]!r}") from error


def _slot(service: str, day: str, at: str) -> dict[str, str]:
    return {"booking.service": service, "booking.day": day, "booking.time": at}


def _option(service: str, day: date, at: str) -> Option:
    return Option(facts=_slot(service, day.isoformat(), at))


def _booking(row: ShopBooking) -> dict[str, str]:
    return {"booking.number": str(FIRST_NUMBER + row.id), **_slot(row.service, row.day, row.time)}
