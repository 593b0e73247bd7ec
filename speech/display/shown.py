"""Numbers, dates, times, money and phones in signs, for people who read: chats, transcripts, notes to a colleague."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from babel.dates import format_date, format_skeleton
from babel.numbers import format_currency, format_decimal, get_currency_symbol, is_currency

from speech.display import fact_values, spoken_en, spoken_ru

_SPACES = re.compile(r"[\u00a0\u202f]")
_VOWELS = frozenset("аеёиоуыэюяьй")


def _number(value: str, language: str, _case: str, _noun: str) -> str:
    return _plain(format_decimal(fact_values.number(value), locale=language, decimal_quantization=False))


def _ordinal(value: str, language: str, case: str, noun: str) -> str:
    """``21st``; in Russian with the letters that usage adds: ``2-го``, ``21-я``."""
    whole = fact_values.whole_number(value)
    if language == "ru":
        gender, animate = spoken_ru.nature(noun)
        word = spoken_ru.ordinal(whole, case, gender, animate=animate)
        ending = word[-1] if word[-2] in _VOWELS else word[-2:]
        return f"{whole}-{ending} {spoken_ru.declined(noun, case)}".strip()
    if language == "en":
        last = "th" if abs(whole) % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(abs(whole) % 10, "th")
        return f"{whole}{last} {noun}".strip()
    return f"{whole} {noun}".strip()


def _count(value: str, language: str, case: str, noun: str) -> str:
    number = fact_values.number(value)
    shown = _number(value, language, case, noun)
    if language == "ru":
        return f"{shown} {spoken_ru.agreed(noun, number, case)}".strip()
    return f"{shown} {spoken_en.agreed(noun, number) if language == 'en' else noun}".strip()


def _date(value: str, language: str, _case: str, noun: str) -> str:
    day = fact_values.day(value)
    if noun in {spoken_ru.YEAR, spoken_en.YEAR}:
        return _plain(format_date(day, "long", locale=language)).replace(" г.", " года")
    return _plain(format_skeleton("MMMMd", day, locale=language))


def _time(value: str, language: str, _case: str, _noun: str) -> str:
    clock = fact_values.clock(value)
    return f"{clock:%-I:%M %p}" if language == "en" else f"{clock:%H:%M}"


def _datetime(value: str, language: str, case: str, noun: str) -> str:
    between = {"ru": " в ", "en": " at "}.get(language, ", ")
    return _date(value, language, case, noun) + between + _time(value, language, case, "")


def _money(value: str, language: str, _case: str, _noun: str) -> str:
    """``1 990 ₽``, ``$12.50``: hundredths only where there are some."""
    money = fact_values.money(value)
    if not is_currency(money.currency):
        raise ValueError(f"no such currency: {value!r}")
    digits = "#,##0.00" if money.hundredths else "#,##0"
    symbol = get_currency_symbol(money.currency, locale=language)
    pattern = f"{digits} ¤" if language == "ru" else f"¤{digits}" if not symbol[-1].isalpha() else f"¤ {digits}"
    return _plain(format_currency(money.amount, money.currency, pattern, locale=language, currency_digits=False))


SHOWN: Mapping[str, Callable[[str, str, str, str], str]] = {
    "digits": lambda value, _language, _case, _noun: value,
    "number": _number,
    "ordinal": _ordinal,
    "count": _count,
    "date": _date,
    "time": _time,
    "datetime": _datetime,
    "money": _money,
    "phone": lambda value, language, _case, _noun: fact_values.phone(value, language),
}
"""Kind → (value, language, case as OpenCorpora names it, noun) → text. ValueError for a value that is not of the kind,
``babel.UnknownLocaleError`` for a language Babel does not know."""


def _plain(text: str) -> str:
    """Plain spaces: what is written is searched, compared and read aloud again."""
    return _SPACES.sub(" ", text)
