"""English numbers, dates, times, money and phones in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import time
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from babel.numbers import get_currency_name

from speech.display import fact_values
from speech.slots.numbers import spell_digits

YEAR = "year"
"""As the noun of a date: the year is said too."""
LARGEST = 10**15
"""From here on digits are spelled: nobody follows a quadrillion."""

_MONTHS = ("", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip
_CURRENCIES = {
    "RUB": ("ruble", "rubles", "kopeck", "kopecks"),
    "USD": ("dollar", "dollars", "cent", "cents"),
    "EUR": ("euro", "euros", "cent", "cents"),
    "KZT": ("tenge", "tenge", "tiyn", "tiyn"),
    "BYN": ("Belarusian ruble", "Belarusian rubles", "kopeck", "kopecks"),
    "GBP": ("pound", "pounds", "penny", "pence"),
    "CNY": ("yuan", "yuan", "fen", "fen"),
}


def cardinal(value: int) -> str:
    """``one thousand nine hundred and ninety``."""
    if abs(value) >= LARGEST:
        return spell_digits(str(value), "en")
    return _words(str(value))


def ordinal(value: int) -> str:
    """``twenty-first``."""
    if abs(value) >= LARGEST:
        return spell_digits(str(value), "en")
    sign = "minus " if value < 0 else ""
    return sign + _words(_engine().ordinal(str(abs(value))))


def decimal(value: Decimal) -> str:
    """``two point five``; a whole number as such."""
    if value == int(value):
        return cardinal(int(value))
    sign = "minus " if value < 0 else ""
    whole, fraction = str(abs(value.normalize())).split(".")
    return f"{sign}{cardinal(int(whole))} point {spell_digits(fraction, 'en').replace(',', '')}"


def counted(value: Decimal, noun: str) -> str:
    """``twenty-one messages``."""
    return f"{decimal(value)} {agreed(noun, value)}".strip()


def agreed(noun: str, value: Decimal) -> str:
    """The noun alone, as it stands after a number."""
    return str(_engine().plural_noun(noun)) if noun and abs(value) != 1 else noun


def year(value: int) -> str:
    """``twenty twenty-six``, ``two thousand and five``, ``nineteen oh five``."""
    first, last = divmod(value, 100)
    if value < 1000 or (first % 10 == 0 and last < 10):
        return cardinal(value)
    if not last:
        return f"{cardinal(first)} hundred"
    return f"{cardinal(first)} {'oh ' if last < 10 else ''}{cardinal(last)}"


def _date(value: str, _case: str, noun: str) -> str:
    day = fact_values.day(value)
    said = f"{_MONTHS[day.month]} {ordinal(day.day)}"
    return f"{said}, {year(day.year)}" if noun == YEAR else said


def _time(value: str, _case: str, _noun: str) -> str:
    """``three thirty in the afternoon``: voices read "p.m." badly, and people say it so."""
    clock = fact_values.clock(value)
    if clock in {time(0), time(12)}:
        return "noon" if clock.hour else "midnight"
    hour = cardinal((clock.hour - 1) % 12 + 1)
    minutes = "o'clock" if not clock.minute else f"{'oh ' if clock.minute < 10 else ''}{cardinal(clock.minute)}"
    return f"{hour} {minutes} {_part_of_day(clock.hour)}"


def _part_of_day(hour: int) -> str:
    for until, part in ((1, "at night"), (12, "in the morning"), (18, "in the afternoon"), (22, "in the evening")):
        if hour < until:
            return part
    return "at night"


def _datetime(value: str, case: str, noun: str) -> str:
    return f"{_date(value, case, noun)} at {_time(value, case, '')}"


def _money(value: str, _case: str, _noun: str) -> str:
    money = fact_values.money(value)
    sign = "minus " if money.amount < 0 else ""
    if money.currency in _CURRENCIES:
        one, many, one_part, many_parts = _CURRENCIES[money.currency]
        said = []
        if money.whole or not money.hundredths:
            said.append(f"{cardinal(money.whole)} {one if money.whole == 1 else many}")
        if money.hundredths:
            said.append(f"{cardinal(money.hundredths)} {one_part if money.hundredths == 1 else many_parts}")
        return sign + " and ".join(said)
    count = money.amount if money.hundredths else Decimal(money.whole)  # "1.00" would be no singular
    name = get_currency_name(money.currency, count=abs(count), locale="en")
    if name == money.currency:
        raise ValueError(f"no such currency: {value!r}")
    return f"{decimal(money.amount)} {name}"


def _phone(value: str, _case: str, _noun: str) -> str:
    grouped = fact_values.phone(value, "en")
    said = ", ".join(spell_digits(group, "en").replace(",", "") for group in re.findall(r"\d+", grouped))
    return f"plus {said}" if grouped.startswith("+") else said


SPOKEN: Mapping[str, Callable[[str, str, str], str]] = {
    "digits": lambda value, _case, _noun: spell_digits(value, "en"),
    "number": lambda value, _case, _noun: decimal(fact_values.number(value)),
    "ordinal": lambda value, _case, noun: f"{ordinal(fact_values.whole_number(value))} {noun}".strip(),
    "count": lambda value, _case, noun: counted(fact_values.number(value), noun),
    "date": _date,
    "time": _time,
    "datetime": _datetime,
    "money": _money,
    "phone": _phone,
}
"""Kind → (value, case, noun) → words; English has no cases. ValueError for a value that is not of the kind."""


@lru_cache(maxsize=1000)
def _words(number: str) -> str:
    return str(_engine().number_to_words(number, comma=""))


@cache
def _engine() -> Any:
    import inflect

    return inflect.engine()
