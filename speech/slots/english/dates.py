"""Names of days and months, and reckoning with dates."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from speech.slots.english.corrections import MONTHS, WEEKDAYS

MONTH_NUMBERS = {name: number for number, name in enumerate(MONTHS, start=1)}
MONTH_NUMBERS |= {name[:3]: number for name, number in MONTH_NUMBERS.items()} | {"sept": 9}
WEEKDAY_NUMBERS = {name: number for number, name in enumerate(WEEKDAYS)}
WEEKDAY_NUMBERS |= {name[:3]: number for name, number in WEEKDAY_NUMBERS.items()}
WEEKDAY_NUMBERS |= {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}
FUTURE_DAYS = 36_525
"""A hundred years: nobody books farther off."""
HOLIDAYS: dict[str, tuple[int, int]] = {
    "new year's eve": (12, 31),
    "new years eve": (12, 31),
    "new year's day": (1, 1),
    "new years day": (1, 1),
    "new year's": (1, 1),
    "new year": (1, 1),
    "valentine's day": (2, 14),
    "valentines day": (2, 14),
    "halloween": (10, 31),
    "christmas eve": (12, 24),
    "christmas day": (12, 25),
    "christmas": (12, 25),
    "boxing day": (12, 26),
    "independence day": (7, 4),
}
UNITS_OF_TIME = {
    "day": (1, 0),
    "days": (1, 0),
    "night": (1, 0),
    "nights": (1, 0),
    "week": (7, 0),
    "weeks": (7, 0),
    "fortnight": (14, 0),
    "fortnights": (14, 0),
    "month": (0, 1),
    "months": (0, 1),
    "year": (0, 12),
    "years": (0, 12),
}
"""Days and months in each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What days are counted from."""

    date: date
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day that was said, and the words that said it."""

    day: date | None
    """None for one that no calendar has."""
    first: int
    last: int
    rank: int
    """How fully it was said: 4 with its month, 3 in words that mean a day, 2 by weekday, 1 by a bare ordinal."""


def day_of(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def nearest(month: int, day: int, today: Today, *, past: bool) -> date | None:
    """The next such day, or the latest gone by; a leap day may be years off."""
    for step in range(9):
        found = day_of(today.date.year + (-step if past else step), month, day)
        if found and (found <= today.date if past else found >= today.date):
            return found
    return None


def shifted(start: date, days: int, months: int = 0) -> date | None:
    """So many months and days on; the last day of a month that is too short. None outside of 1900..2200."""
    months += start.year * 12 + start.month - 1
    year, month = divmod(months, 12)
    if not 1900 <= year <= 2200 or abs(days) > 2 * FUTURE_DAYS:
        return None
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last)) + timedelta(days=days)


def weekday_of_month(year: int, month: int, weekday: int, number: int) -> date | None:
    """The first, second, … or last such weekday of a month."""
    days = [
        day for day in range(1, calendar.monthrange(year, month)[1] + 1) if date(year, month, day).weekday() == weekday
    ]
    if number == -1:
        return date(year, month, days[-1])
    return date(year, month, days[number - 1]) if number <= len(days) else None
