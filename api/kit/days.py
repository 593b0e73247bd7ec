"""The reader's days: the time zone their browser names, a day of an address, the period between two of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import Request

from speech.settings import local_zone

ZONE_COOKIE = "otklik_zone"
LONGEST = 400
"""Days of a period."""
FURTHEST = 366
"""Days after today that a period may reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Days of the reader's zone, both included."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def since(self) -> datetime:
        return start_of_day(self.first, self.zone)

    @property
    def until(self) -> datetime:
        """The moment the last day is over."""
        return start_of_day(self.last + timedelta(days=1), self.zone)

    @property
    def before(self) -> datetime:
        """Start of the period before, as long as this one."""
        return start_of_day(self.first - (self.last - self.first + timedelta(days=1)), self.zone)


def days_of(asked: Mapping[str, str], here: ZoneInfo, now: datetime, *, usual: int, longest: int = LONGEST) -> Days:
    """The period ``since``..``until`` of an address, ``usual`` days up to today where it names none.

    Days the wrong way round are turned, of a period that is too long the last ``longest`` days are taken.
    """
    today = now.astimezone(here).date()
    last = min(day_of(asked.get("until")) or today, today + timedelta(days=FURTHEST))
    first = day_of(asked.get("since")) or last - timedelta(days=usual - 1)
    first, last = min(first, last), max(first, last)
    return Days(first=max(first, last - timedelta(days=longest - 1)), last=last, zone=here)


def day_of(text: str | None) -> date | None:
    """A day of an address, as 2026-11-01; None where it makes no sense: an old link still opens."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if 2000 <= day.year < 2200 else None


def start_of_day(day: date, here: ZoneInfo) -> datetime:
    """The moment a day begins."""
    return datetime.combine(day, time.min, here)


def zone(name: str) -> ZoneInfo:
    """The time zone a browser named; the company's own when it named none, or one this machine does not know."""
    try:
        return ZoneInfo(name) if name else local_zone()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return local_zone()


def zone_of(request: Request) -> ZoneInfo:
    """The reader's time zone."""
    return zone(request.cookies.get(ZONE_COOKIE, ""))
