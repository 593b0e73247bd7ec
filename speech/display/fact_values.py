"""Facts of a conversation are plain strings; here they become dates, times, amounts and numbers."""

from __future__ import annotations

import re
from datetime import date, time
from decimal import Decimal
from typing import NamedTuple

import phonenumbers

_NUMBER = re.compile(r"[-−+]?\d{1,19}(?:[.,]\d{1,9})?")
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ].*)?")
_CLOCK = re.compile(r"(?:.*[T ])?(\d{1,2}):(\d\d)(?::\d\d.*)?")
_MONEY = re.compile(r"(.+?)[ \u00a0]([A-Z]{3})")
LONGEST = 200
"""Characters of a value; a longer one is none of these."""
_PHONE = re.compile(r"\+?[\d\s().-]{3,25}")
REGIONS = {"ru": "RU", "en": "US"}
"""Where a number without a country's code is taken to be."""


class Money(NamedTuple):
    amount: Decimal
    """Rounded to hundredths."""
    currency: str
    """ISO 4217."""

    @property
    def whole(self) -> int:
        return int(abs(self.amount))

    @property
    def hundredths(self) -> int:
        return int(abs(self.amount) * 100) % 100


def _bounded(value: str) -> str:
    if len(value) > LONGEST:
        raise ValueError(f"{len(value)} characters are too many: {value[:20]!r}…")
    return value.strip()


def number(value: str) -> Decimal:
    """``-12.50`` or ``1 990,5``: a number of at most 19 digits and 9 behind the point.

    Raises:
        ValueError: it is something else.
    """
    plain = re.sub(r"(?<=\d)[ \u00a0\u202f](?=\d{3})", "", _bounded(value))
    if not _NUMBER.fullmatch(plain):
        raise ValueError(f"not a number: {value!r}")
    return Decimal(plain.replace(",", ".").replace("−", "-"))


def whole_number(value: str) -> int:
    """A number without a fraction.

    Raises:
        ValueError: it is something else.
    """
    found = number(value)
    if found != int(found):
        raise ValueError(f"not whole: {value!r}")
    return int(found)


def day(value: str) -> date:
    """``2026-11-24``, also as the first part of a date and time.

    Raises:
        ValueError: it is something else, or no day of the calendar.
    """
    found = _DAY.fullmatch(_bounded(value))
    if not found:
        raise ValueError(f"not a date: {value!r}")
    return date.fromisoformat(found[1])


def clock(value: str) -> time:
    """``15:30``, also as the last part of a date and time. Seconds are dropped: nobody says them.

    Raises:
        ValueError: it is something else, or no time of the day.
    """
    found = _CLOCK.fullmatch(_bounded(value))
    if not found:
        raise ValueError(f"not a time: {value!r}")
    return time(int(found[1]), int(found[2]))


def money(value: str) -> Money:
    """``1990.00 RUB``.

    Raises:
        ValueError: it is something else.
    """
    found = _MONEY.fullmatch(_bounded(value))
    if not found:
        raise ValueError(f"not money: {value!r}")
    return Money(number(found[1]).quantize(Decimal("0.01")), found[2])


def phone(value: str, language: str) -> str:
    """A phone number as its country groups it: ``+7 916 123-45-67``; a short one (an extension) as it is.

    Raises:
        ValueError: it is something else.
    """
    plain = _bounded(value)
    if not _PHONE.fullmatch(plain):
        raise ValueError(f"not a phone number: {value!r}")
    try:
        found = phonenumbers.parse(plain, REGIONS.get(language, "US"))
    except phonenumbers.NumberParseException:
        return plain
    if not phonenumbers.is_possible_number(found):
        return plain
    return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
