"""English days: "tomorrow", "next tuesday", "a week from friday", "the twenty fifth of november", "11/25/2026".

What is ambiguous is decided so:

- a weekday by itself is the next one, never today: on a Tuesday "tuesday" is a week off, "this tuesday" is today;
- "next friday" is the Friday of the next calendar week (weeks begin on Monday), "last friday" the one just gone;
- a day without a month or year is the nearest to come, or the nearest gone by after "since" and verbs of the past;
- "next week" is its Monday, "the weekend" its Saturday, "the end of the week" its Friday;
- typed 11/25 has the month first in the United States, the day first elsewhere; 25.11 has it first everywhere.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from speech.slots.english.dates import (
    FUTURE_DAYS,
    HOLIDAYS,
    MONTH_NUMBERS,
    UNITS_OF_TIME,
    WEEKDAY_NUMBERS,
    Day,
    Today,
    day_of,
    nearest,
    shifted,
    weekday_of_month,
)
from speech.slots.english.numerals import (
    ORDINALS,
    Words,
    joined,
    phrase_at,
    read_cardinal,
    read_ordinal,
    word_at,
)
from speech.slots.english.numeric_dates import read_slashed, read_typed, read_year, second_of_year
from speech.text.tokens import listed

PAST = frozenset(listed("since bought ordered placed received broke happened came stopped called visited purchased"))
LONGEST = 12
"""Words of one day, more than anyone says."""


def find_days(words: Words, today: Today) -> list[Day]:
    """Every day said in a text, in order, none inside another."""
    days, at = [], 0
    while at < len(words):
        day = read_day(words, at, today)
        if day:
            days.append(day)
        at = day.last if day else at + 1
    return days


def best_day(days: Sequence[Day]) -> Day | None:
    """The day said most fully; the first of equal ones."""
    return max(days, key=lambda day: day.rank, default=None)


def read_day(words: Words, at: int, today: Today) -> Day | None:
    """The day that is said from here on."""
    for reader in READERS if at < len(words) else ():
        if day := reader(words, at, today):
            return day
    return None


def _named(words: Words, at: int, today: Today) -> Day | None:
    """Today, tomorrow, holidays."""
    start = at + phrase_at(words, at, "the")
    if length := phrase_at(words, start, "day after tomorrow"):
        return Day(day=shifted(today.date, 2), first=at, last=start + length, rank=3)
    if length := phrase_at(words, start, "day before yesterday"):
        return Day(day=shifted(today.date, -2), first=at, last=start + length, rank=3)
    steps = {"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1}.get(_bare(words, at))
    if steps is not None:
        weeks = {"week": 7, "fortnight": 14}.get(word_at(words, at + 1), 0)
        last = at + (2 if weeks else 1)
        return Day(day=shifted(today.date, steps + weeks), first=at, last=last, rank=3)
    for phrase in ("this morning", "this afternoon", "this evening", "right now"):
        if phrase_at(words, at, phrase):
            return Day(day=today.date, first=at, last=at + 2, rank=1)
    if length := phrase_at(words, start, "last night"):
        return Day(day=shifted(today.date, -1), first=at, last=start + length, rank=3)
    for name, (month, day) in HOLIDAYS.items():
        if length := phrase_at(words, at, name):
            return Day(day=nearest(month, day, today, past=_past(words, at)), first=at, last=at + length, rank=3)
    if length := phrase_at(words, at, "thanksgiving"):
        days = [weekday_of_month(year, 11, 3, 4) for year in (today.date.year, today.date.year + 1)]
        return Day(day=next((day for day in days if day and day >= today.date), None), first=at, last=at + 1, rank=3)
    return None


def _counted(words: Words, at: int, today: Today) -> Day | None:
    """In three days, two weeks ago, a week from friday, the day after christmas."""
    start = at + (phrase_at(words, at, "in", "within", "after") or phrase_at(words, at, "the"))
    start += phrase_at(words, start, "about", "around", "like", "maybe")
    amount, after = _amount(words, start)
    unit = UNITS_OF_TIME.get(_bare(words, after)) if amount is not None else None
    if amount is None and word_at(words, start) == "day" and word_at(words, start + 1) in ("after", "before"):
        amount, after, unit = 1, start, (1, 0)
    if amount is None or unit is None:
        return None
    days, months = unit[0] * amount, unit[1] * amount
    after += 1
    said_in = word_at(words, at) in ("in", "within", "after")
    if phrase_at(words, after, "ago", "back", "earlier"):
        return Day(day=shifted(today.date, -days, -months), first=at, last=after + 1, rank=3)
    if length := phrase_at(words, after, "from now", "hence", "later"):
        return Day(day=shifted(today.date, days, months), first=at, last=after + length, rank=3)
    link = word_at(words, after)
    links = {"from": 1, "after": 1, "on": 1, "before": -1, "today": 1, "tomorrow": 1}
    weekday = link in WEEKDAY_NUMBERS and unit[0] in (7, 14)
    if (link in links and link not in ("today", "tomorrow")) or weekday or (link in links and unit[0] in (7, 14)):
        begin = after + (0 if weekday or link in ("today", "tomorrow") else 1)
        base = read_day(words[: begin + LONGEST], begin, today)  # bounds "a day after a day after …"
        if base and base.day:
            sign = links.get(link, 1)
            return Day(day=shifted(base.day, sign * days, sign * months), first=at, last=base.last, rank=3)
    if said_in:
        # "in three days' time"
        last = after + phrase_at(words, after, "time")
        return Day(day=shifted(today.date, days, months), first=at, last=last, rank=3)
    return None


def _amount(words: Words, at: int) -> tuple[int | None, int]:
    """How many, and the index after it: "three", "a", "a couple of"."""
    if length := phrase_at(words, at, "a couple of", "a couple", "couple of"):
        return 2, at + length
    piece = read_cardinal(words, at)
    if piece:
        return (piece.value if piece.value <= FUTURE_DAYS else None), piece.last
    return (1, at + 1) if word_at(words, at) in ("a", "an") else (None, at)


def _of_week(words: Words, at: int, today: Today) -> Day | None:
    """Friday, next tuesday, last thursday, friday week, friday of next week, next week on friday."""
    start = at + phrase_at(words, at, "the")
    if length := phrase_at(
        words, start, "this past", "this coming", "coming", "following", "next", "this", "last", "past"
    ):
        which = "last" if "past" in (word_at(words, start), word_at(words, start + 1)) else word_at(words, start)
    else:
        which = ""
    which = {"coming": "this", "following": "next"}.get(which, which)
    place = start + length
    if (whole := _whole_week(words, at, place, which, today)) is not None:
        return whole
    weekday = WEEKDAY_NUMBERS.get(_bare(words, place))
    if weekday is None:
        return None
    last = place + 1
    ahead = (weekday - today.date.weekday()) % 7
    monday = today.date - timedelta(days=today.date.weekday())
    if which == "last" or (not which and _past(words, at)):
        day = shifted(today.date, ahead - 7)
    elif which == "next":
        day = shifted(monday, 7 + weekday)
    elif which == "this":
        day = shifted(today.date, ahead)
    else:
        day = shifted(today.date, ahead or 7)
    rank = 2
    if length := phrase_at(words, last, "of next week", "next week"):
        day = shifted(monday, 7 + weekday)
    elif length := phrase_at(words, last, "of this week", "this week"):
        day = shifted(monday, weekday)
    elif length := phrase_at(words, last, "of last week", "last week"):
        day = shifted(monday, weekday - 7)
    elif length := phrase_at(words, last, "week", "after next"):
        day = day and shifted(day, 7)
    elif length := phrase_at(words, last, "fortnight"):
        day = day and shifted(day, 14)
    else:
        exact = _ordinal_day(words, last, today, weekday)
        if exact and exact.day:
            return Day(day=exact.day, first=at, last=exact.last, rank=3)
    return Day(day=day, first=at, last=last + length, rank=rank)


def _whole_week(words: Words, at: int, place: int, which: str, today: Today) -> Day | None:
    """The weekend, next week, next week on friday, next month, next year."""
    unit = word_at(words, place)
    monday = today.date - timedelta(days=today.date.weekday())
    weeks = {"next": 7, "last": -7}.get(which, 0)
    if unit == "weekend" and (which or word_at(words, at) == "the" or place == at):
        return Day(day=shifted(monday, 5 + weeks), first=at, last=place + 1, rank=2)
    if unit == "week" and not which and (length := phrase_at(words, place + 1, "after next")):
        return Day(day=shifted(monday, 14), first=at, last=place + 1 + length, rank=2)
    if unit == "week" and which:
        begin = place + 1 + phrase_at(words, place + 1, "on")
        weekday = WEEKDAY_NUMBERS.get(word_at(words, begin))
        if weekday is not None:
            return Day(day=shifted(monday, weeks + weekday), first=at, last=begin + 1, rank=3)
        if length := phrase_at(words, place + 1, "after next"):
            return Day(day=shifted(monday, weeks + 14), first=at, last=place + 1 + length, rank=2)
        return Day(day=shifted(monday, weeks), first=at, last=place + 1, rank=1) if weeks else None
    if unit in ("month", "year") and which in ("next", "last"):
        months = (1 if unit == "month" else 12) * (1 if which == "next" else -1)
        start = today.date.replace(day=1) if unit == "month" else today.date.replace(month=1, day=1)
        return Day(day=shifted(start, 0, months), first=at, last=place + 1, rank=1)
    return None


def _with_month(words: Words, at: int, today: Today) -> Day | None:
    """November twenty fifth, the twenty fifth of november, 5 january 2027, the fifth of next month."""
    month = MONTH_NUMBERS.get(word_at(words, at), 0)
    if month:
        start = at + 1 + phrase_at(words, at + 1, "the")
        day = read_ordinal(words, start) or read_cardinal(words, start)
        if day is None or not 0 < day.value < 100 or (day.value in (19, 20) and second_of_year(words, day)):
            return None
        last = day.last
    else:
        start = at + phrase_at(words, at, "the")
        day = read_ordinal(words, start) or read_cardinal(words, start)
        if day is None or not 0 < day.value < 100:
            return None
        place = day.last + phrase_at(words, day.last, "day of", "of")
        month, last = _month(words, place, today)
        if not month:
            return None
        if last != place + 1 or word_at(words, place) not in MONTH_NUMBERS:  # "of next month": its year is known
            ahead = (month - today.date.month) % 12
            if not ahead and day.value < today.date.day and word_at(words, place) == "the":
                ahead = 1  # "the first of the month" is to come
            moved = shifted(today.date.replace(day=1), 0, ahead)
            month = moved.month if moved else month
            return Day(day=moved and day_of(moved.year, month, day.value), first=at, last=last, rank=4)
    year, last = read_year(words, last)
    if year:
        return Day(day=day_of(year, month, day.value), first=at, last=last, rank=4)
    return Day(day=nearest(month, day.value, today, past=_past(words, at)), first=at, last=last, rank=4)


def _month(words: Words, at: int, today: Today) -> tuple[int, int]:
    """Number of the month named here and the index after it; 0 where none is."""
    if month := MONTH_NUMBERS.get(word_at(words, at), 0):
        return month, at + 1
    if length := phrase_at(words, at, "the next month", "next month"):
        return today.date.month % 12 + 1, at + length
    if phrase_at(words, at, "the") and (number := read_ordinal(words, at + 1)) and number.value <= 12:
        return number.value, number.last  # "the fifth of the twelfth"
    if length := phrase_at(words, at, "this month", "the month"):
        return today.date.month, at + length
    return 0, at


def _edge(words: Words, at: int, today: Today) -> Day | None:
    """End of the month, beginning of next week, the last day of november, the first monday of december."""
    start = at + phrase_at(words, at, "the")
    end = phrase_at(words, start, "very end of", "end of", "last day of")
    begin = 0 if end else phrase_at(words, start, "beginning of", "start of", "first day of")
    place = start + (end or begin)
    if end or begin:
        if length := phrase_at(words, place, "the week", "this week", "week", "next week"):
            weeks = 7 if word_at(words, place) == "next" else 0
            monday = today.date - timedelta(days=today.date.weekday())
            return Day(day=shifted(monday, weeks + (4 if end else 0)), first=at, last=place + length, rank=3)
        if length := phrase_at(words, place, "the year", "this year", "year", "next year"):
            year = today.date.year + (1 if word_at(words, place) == "next" or begin else 0)
            return Day(day=date(year, 12, 31) if end else date(year, 1, 1), first=at, last=place + length, rank=3)
        if length := phrase_at(words, place, "month"):
            month, last = today.date.month, place + length
        else:
            month, last = _month(words, place, today)
        if not month:
            return None
        year = today.date.year + (month < today.date.month)
        day = calendar.monthrange(year, month)[1] if end else 1
        return Day(day=date(year, month, day), first=at, last=last, rank=3)
    number = -1 if word_at(words, start) == "last" else ORDINALS.get(word_at(words, start), 0)
    weekday = WEEKDAY_NUMBERS.get(word_at(words, start + 1))
    place = start + 2 + phrase_at(words, start + 2, "of", "in")
    month, last = _month(words, place, today)
    if weekday is None or not month or number not in (-1, 1, 2, 3, 4, 5) or place == start + 2:
        return None
    found = weekday_of_month(today.date.year, month, weekday, number)
    if found and found < today.date:
        found = weekday_of_month(today.date.year + 1, month, weekday, number)
    return Day(day=found, first=at, last=last, rank=4)


def _ordinal_day(words: Words, at: int, today: Today, weekday: int | None = None) -> Day | None:
    """The twenty fifth, of the month that comes next; the next that is such a weekday, where one was named."""
    start = at + phrase_at(words, at, "the")
    day = read_ordinal(words, start)
    typed_day = start > at and word_at(words, start).isdecimal() and len(word_at(words, start)) <= 2
    if day is None and typed_day and not joined(words, start + 1, ":"):
        day = read_cardinal(words, start)
    if day is None or not 0 < day.value < 100 or phrase_at(words, day.last, "of all", "one", "option", "time", "thing"):
        return None
    if word_at(words, start) == "second" and (start == at or word_at(words, at - 1) in ("in", "just", "wait")):
        return None
    last = day.last + phrase_at(words, day.last, "of the month", "day")
    past = _past(words, at)
    for step in range(13):
        month = shifted(today.date.replace(day=1), 0, -step if past else step)
        found = month and day_of(month.year, month.month, day.value)
        fits = found and (found <= today.date if past else found >= today.date)
        if found and fits and weekday in (None, found.weekday()):
            return Day(day=found, first=at, last=last, rank=1)
    return Day(day=None, first=at, last=last, rank=1)


def _past(words: Words, at: int) -> bool:
    """Whether what was said before speaks of something gone by."""
    return any(word.text in PAST for word in words[max(0, at - 6) : at])


def _bare(words: Words, at: int) -> str:
    """The word without its possessive: "tomorrow's"."""
    return word_at(words, at).removesuffix("'s")


READERS: tuple[Callable[[Words, int, Today], Day | None], ...] = (
    read_typed,
    read_slashed,
    _edge,
    _with_month,
    _counted,
    _named,
    _of_week,
    _ordinal_day,
)
