"""Russian days counted from today: "завтра", "через неделю в пятницу", "в следующий вторник", "в конце месяца"."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

from speech.slots.russian.cardinals import amount_at
from speech.slots.russian.dates import (
    MONTHS,
    NEAR,
    NEXT,
    ONE_UNIT,
    SHIFTS,
    UNITS,
    WEEK,
    WEEKDAYS,
    Day,
    full_day,
    is_since,
    month_from,
    moved_by,
)
from speech.slots.russian.grammar import word_at
from speech.text.tokens import Token

ON = frozenset({"в", "во", "на"})
AHEAD = frozenset({"через", "спустя"})


def near(words: Sequence[Token], at: int, today: date) -> Day | None:
    """Today, tomorrow, the day before yesterday."""
    if words[at].text == "после" and word_at(words, at + 1) == "завтра":
        return Day(value=today + timedelta(days=2), first=at, last=at + 2, confidence=0.95)
    shift = NEAR.get(words[at].text)
    if SHIFTS.get(words[at].text) == 1 and word_at(words, at + 1) in {"день", "дня"}:
        return Day(value=today + timedelta(days=1), first=at, last=at + 2, confidence=0.7)
    return None if shift is None else Day(value=today + timedelta(days=shift), first=at, last=at + 1, confidence=0.95)


def counted(words: Sequence[Token], at: int, today: date) -> Day | None:
    """ "через три дня", "недели через две", "два дня назад", "дня два назад", "через неделю в пятницу"."""
    if words[at].text in AHEAD:
        span = _span(words, at + 1)
        return _with_weekday(words, today, span, at) if span else None
    span, ahead = _span(words, at), False
    if span is None and words[at].text in UNITS:
        ahead = word_at(words, at + 1) in AHEAD
        start = at + 2 if ahead else at + 1
        count = amount_at(words, start) if start < len(words) else None
        span = (count.value, UNITS[words[at].text], count.last) if count and count.value > 0 else None
    if span is None or ahead:
        return _with_weekday(words, today, span, at) if span else None
    length, unit, last = span
    if word_at(words, last) not in {"назад", "тому"}:
        return None
    last += 2 if word_at(words, last + 1) == "назад" else 1
    return _with_weekday(words, today, (-length, unit, last), at)


def weekday(words: Sequence[Token], at: int, today: date) -> Day | None:
    """ "в среду", "в следующую среду", "в среду на следующей неделе", "на прошлой неделе в среду".

    "Следующий" is of the next calendar week, "прошлый" of the last one; a bare weekday is the next there is, never
    today, and after "с" the last one.
    """
    shift, soonest = SHIFTS.get(words[at].text), words[at].text in NEXT
    place = at if shift is None and not soonest else at + 1
    if shift is not None and word_at(words, place) in WEEK:
        place += 2 if word_at(words, place + 1) in ON else 1
    day = WEEKDAYS.get(word_at(words, place))
    if day is None:
        return None
    last = place + 1
    if shift is None and not soonest:
        shift, last = _week_after(words, last)
    if shift is not None:
        monday = today - timedelta(days=today.weekday())
        return Day(value=monday + timedelta(days=day, weeks=shift), first=at, last=last)
    if is_since(words, at) and not soonest:
        behind = (today.weekday() - day - 1) % 7 + 1
        return Day(value=today - timedelta(days=behind), first=at, last=last, confidence=0.75)
    ahead = (day - today.weekday() - 1) % 7 + 1
    ahead += 7 if word_at(words, at - 1) == "через" else 0
    return Day(value=today + timedelta(days=ahead), first=at, last=last, confidence=0.85)


def vague(words: Sequence[Token], at: int, today: date) -> Day | None:
    """ "в конце месяца", "на выходных", "в начале следующей недели": a likely day, to be confirmed."""
    word = words[at].text
    if word in {"выходных", "выходные", "выходным"}:
        weeks = SHIFTS.get(word_at(words, at - 1), 0)
        saturday = today + timedelta(days=5 - today.weekday(), weeks=weeks)
        begun = today.weekday() >= 5 and weeks == 0
        return Day(value=today if begun else saturday, first=at, last=at + 1, confidence=0.5)
    if word in {"последний", "последнее", "последнего"} and word_at(words, at + 1) in {"день", "число", "числа", "дня"}:
        end = monthrange(today.year, today.month)[1]
        dated = word_at(words, at + 2) == "месяца"
        return full_day(today.year, today.month, end, at, at + 3, 0.8) if dated else None
    if word not in PARTS:
        return None
    shift = SHIFTS.get(word_at(words, at + 1))
    last = at + 2 if shift is None else at + 3
    part, unit = PARTS[word], word_at(words, last - 1)
    if shift is None:
        shift = 1 if part == 0 and unit in {"месяца", "недели", "года"} else 0  # the beginning of this one is over
    if unit in MONTHS:
        year, month = today.year + (MONTHS[unit] < today.month), MONTHS[unit]
        return full_day(year, month, (1, 15, monthrange(year, month)[1])[part], at, last, 0.5)
    if unit == "месяца":
        year, month = month_from(today, shift)
        return full_day(year, month, (1, 15, monthrange(year, month)[1])[part], at, last, 0.5)
    if unit == "недели":
        monday = today + timedelta(days=-today.weekday(), weeks=shift)
        return Day(value=monday + timedelta(days=(0, 2, 4)[part]), first=at, last=last, confidence=0.4)
    if unit == "года":
        return full_day(today.year + shift, (1, 7, 12)[part], (1, 1, 31)[part], at, last, 0.4)
    return None


PARTS = {"начале": 0, "началу": 0, "начала": 0, "середине": 1, "середины": 1, "конце": 2, "концу": 2, "конца": 2}
"""Beginning, middle and end of a week, a month or a year."""


def _span(words: Sequence[Token], at: int) -> tuple[float, int, int] | None:
    """A count and a unit of days, ("три", "дня"), or the unit alone; with the index after them."""
    if word_at(words, at) in ONE_UNIT:
        return 1, UNITS[words[at].text], at + 1
    count = amount_at(words, at) if at < len(words) else None
    unit = UNITS.get(word_at(words, count.last)) if count and count.value > 0 else None
    return (count.value, unit, count.last + 1) if count and unit else None


def _with_weekday(words: Sequence[Token], today: date, span: tuple[float, int, int], at: int) -> Day | None:
    """The day so far from today; after weeks a weekday may follow: the one of that calendar week."""
    count, unit, last = span
    moved = moved_by(today, count, unit)
    place = last + 1 if word_at(words, last) in ON else last
    day = WEEKDAYS.get(word_at(words, place)) if unit == WEEK_DAYS else None
    if moved is None:
        return None
    if day is None:
        return Day(value=moved, first=at, last=last)
    return Day(value=moved + timedelta(days=day - moved.weekday()), first=at, last=place + 1)


WEEK_DAYS = 7


def _week_after(words: Sequence[Token], at: int) -> tuple[int | None, int]:
    """Which week is named after a weekday, counted from this one: "на следующей неделе", "через неделю"."""
    start = at + 1 if word_at(words, at) == "на" else at
    if word_at(words, start) in SHIFTS and word_at(words, start + 1) in WEEK:
        return SHIFTS[words[start].text], start + 2
    span = _span(words, at + 1) if word_at(words, at) == "через" else None
    if span and span[1] == WEEK_DAYS and span[0] == int(span[0]):
        return int(span[0]), span[2]
    return None, at
