"""Russian days of a month: "двадцать пятого ноября", "пятого двенадцатого", "двадцать пятого числа", ``25.11``."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date

from speech.slots.russian.dates import (
    CLOCK,
    DAY_ENDINGS,
    MONTHS,
    NEAR,
    PART_OF_DAY,
    SHIFTS,
    WEEKDAYS,
    Day,
    full_day,
    is_since,
    month_from,
    rolled,
)
from speech.slots.russian.grammar import is_noun, word_at
from speech.slots.russian.numerals import Numeral, numeral_at
from speech.text.tokens import Token


def typed(words: Sequence[Token], at: int, today: date) -> Day | None:
    """``25.11``, ``25.11.2026``, ``25/11/26``, ``2026-11-25``."""
    if not words[at].text.isdecimal() or len(words[at].text) > 4 or len(word_at(words, at + 1)) > 4:
        return None
    last = at + 1
    while last < min(len(words), at + 3) and words[last].text.isdecimal() and words[last].before in {".", "/", "-"}:
        last += 1
    numbers = [int(word.text) for word in words[at:last]]
    if len(numbers) < 2 or len({word.before for word in words[at + 1 : last]}) > 1:
        return None
    if len(numbers) == 3:
        day, month, year = numbers if len(words[at].text) < 4 else reversed(numbers)
        return full_day(year + 2000 if year < 100 else year, month, day, at, last)
    if words[last - 1].before == "-" or len(words[at + 1].text) != 2:
        return None
    return rolled(numbers[0], numbers[1], today, at, last, since=is_since(words, at))


def of_month(words: Sequence[Token], at: int, today: date) -> Day | None:
    """A day with its month and perhaps its year, or of this month: "двадцать пятого числа"."""
    day = numeral_at(words, at)
    if day is None or not 1 <= day.value <= 31 or word_at(words, at - 1) in CLOCK:
        return None
    last = day.last + 1 if word_at(words, day.last) in {"числа", "число", "числу"} else day.last
    if word_at(words, last) in MONTHS:
        month, last = MONTHS[word_at(words, last)], last + 1
    elif second := _spoken_month(words, day):
        month, last = second.value, second.last
    else:
        return _of_this_month(words, day, last, today)
    year, last = _year(words, last, today)
    if year is not None:
        return full_day(year, month, day.value, at, last)
    return rolled(day.value, month, today, at, last, since=is_since(words, at))


def _spoken_month(words: Sequence[Token], day: Numeral) -> Numeral | None:
    """The month as an ordinal right after the day: "пятого двенадцатого"."""
    month = numeral_at(words, day.last) if day.ordinal and day.last < len(words) else None
    return month if month and month.ordinal and 1 <= month.value <= 12 and _is_neuter(words, month) else None


def _of_this_month(words: Sequence[Token], day: Numeral, last: int, today: date) -> Day | None:
    """A day without its month: the next such day, or the last one after "с"; "второго варианта" is none."""
    following = word_at(words, last)
    if last == day.last and not (day.ordinal and _is_neuter(words, day) and not _counts(following)):
        return None
    if following in SHIFTS and word_at(words, last + 1) in {"месяца", "месяце"}:
        year, month = month_from(today, SHIFTS[following])
        return full_day(year, month, day.value, day.first, last + 2)
    since = is_since(words, day.first)
    step = -1 if since else 1
    for shift in range(0, 12 * step, step):
        year, month = month_from(today, shift)
        if day.value > monthrange(year, month)[1]:
            continue
        found = date(year, month, day.value)
        if (found <= today) if since else (found >= today):
            return Day(value=found, first=day.first, last=last, confidence=0.75 if since else 0.88)
    return None


def _counts(word: str) -> bool:
    """Whether an ordinal before this word is no day: "пятого этажа", "половина пятого утра"."""
    if word in PART_OF_DAY:
        return True
    beside = word in WEEKDAYS or word in NEAR or word in {"", "час", "часов", "полдень", "полночь"}
    return not beside and is_noun(word)


def _is_neuter(words: Sequence[Token], numeral: Numeral) -> bool:
    """Whether an ordinal can be a day of the month: "пятое", "пятого", typed "5-го"."""
    ending = words[numeral.last - 1].text
    return ending.endswith(DAY_ENDINGS) or ending in {"го", "е", "му"}


def _year(words: Sequence[Token], at: int, today: date) -> tuple[int | None, int]:
    """The year said after a month: "две тысячи двадцать шестого года", "26-го года", "2026", "следующего года"."""
    if word_at(words, at) in SHIFTS and word_at(words, at + 1) == "года":
        return today.year + SHIFTS[words[at].text], at + 2
    year = numeral_at(words, at) if at < len(words) else None
    if year is None:
        return None, at
    named = word_at(words, year.last) in {"года", "году", "год", "г"}
    last = year.last + 1 if named else year.last
    if 1900 <= year.value <= 2100:
        return year.value, last
    if year.ordinal and (named or year.value >= 20) and year.value < 100:
        return year.value + (2000 if year.value <= (today.year + 20) % 100 else 1900), last
    return None, at
