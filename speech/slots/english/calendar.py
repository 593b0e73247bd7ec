"""Dates, times and both together, in any order: "three pm on friday", "tomorrow at three, no, make it four"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from speech.slots.english.corrections import standing
from speech.slots.english.dates import Day, Today
from speech.slots.english.days import best_day, find_days
from speech.slots.english.numerals import FILLERS, Words, certainty, read_cardinal
from speech.slots.english.times import PARTS_BEFORE, Clock, best_clock, find_clocks
from speech.slots.slots import NOTHING, Slot

DENIALS = frozenset({"not", "except", "isn't", "don't", "but"})
MAX_AHEAD = timedelta(days=366)
"""Longer than this nobody counts in hours."""


def find_date(words: Words, now: datetime, region: str) -> Slot:
    """The day that was said most fully."""
    today = Today(date=now.date(), region=region)
    day = best_day(_kept_days(words, today)) or _bare_day(words, today)
    if day is None or day.day is None:
        return NOTHING
    sure = certainty(words, day.first, day.last)
    return Slot(value=day.day.isoformat(), confidence=sure, first=day.first, last=day.last)


def find_time(words: Words, now: datetime, region: str) -> Slot:
    """The time of day that was said most clearly; days beside it are left out."""
    clock = best_clock(_clocks(words, _kept_days(words, Today(date=now.date(), region=region))))
    moment = _moment(clock, now.date(), now) if clock else None
    if clock is None or moment is None:
        return NOTHING
    value = moment.strftime("%H:%M:%S" if clock.with_seconds else "%H:%M")
    sure = certainty(words, clock.first, clock.last) - (0.2 if clock.rank == 1 and len(words) > 3 else 0.0)
    return Slot(value=value, confidence=sure, first=clock.first, last=clock.last)


def find_datetime(words: Words, now: datetime, region: str) -> Slot:
    """Day and time; a time alone is its next occurrence, a day alone is nothing.

    Each is taken from what stands after a correction, else from before: "friday at ten, no, saturday".
    """
    today = Today(date=now.date(), region=region)
    days = _kept_days(words, today)
    clocks = _clocks(words, days)
    first, last = standing(words)
    day = best_day([day for day in days if first <= day.first < last] or days)
    clock = best_clock([clock for clock in clocks if first <= clock.first < last] or clocks)
    if clock is None or (day and day.day is None):
        return NOTHING
    moment = _moment(clock, day.day if day and day.day and not clock.ahead else now.date(), now)
    if moment is None:
        return NOTHING
    if day is None and not clock.ahead and moment < now.replace(tzinfo=None):
        moment += timedelta(days=1)
    first = min(clock.first, day.first if day else clock.first)
    last = max(clock.last, day.last if day else clock.last)
    value = moment.strftime("%Y-%m-%dT%H:%M:%S" if clock.with_seconds else "%Y-%m-%dT%H:%M")
    return Slot(value=value, confidence=certainty(words, first, last), first=first, last=last)


def _kept_days(words: Words, today: Today) -> list[Day]:
    """Days that were not refused: "not on monday"."""
    return [day for day in find_days(words, today) if not _denied(words, day.first)]


def _denied(words: Words, at: int) -> bool:
    before = [word.text for word in words[max(0, at - 5) : at] if word.text not in ("on", "at", "the", "for")]
    return bool(before) and before[-1] in DENIALS and (before[-1] != "but" or bool({"any", "anything"} & set(before)))


def _clocks(words: Words, days: Sequence[Day]) -> list[Clock]:
    """Times in what is left when the days are taken out; places are those in the whole text."""
    inside = {at for day in days for at in range(day.first, day.last) if words[at].text not in PARTS_BEFORE}
    clocks: list[Clock] = []
    left = [at for at in range(len(words)) if at not in inside]
    rest = [words[at] for at in left]
    for clock in find_clocks(rest):
        places = left[clock.first : clock.last]
        if places[-1] - places[0] + 1 - len(places) and clock.rank < 3:
            continue  # a number before the day and one after it are no time
        clocks.append(
            Clock(
                seconds=clock.seconds,
                first=places[0],
                last=places[-1] + 1,
                rank=clock.rank,
                ahead=clock.ahead,
                with_seconds=clock.with_seconds,
            )
        )
    return clocks


def _moment(clock: Clock, day: date, now: datetime) -> datetime | None:
    """The moment meant, on the caller's clock; None for one absurdly far off."""
    now = now.replace(tzinfo=None)
    span = timedelta(seconds=clock.seconds)
    if not clock.ahead:
        return datetime.combine(day, datetime.min.time()) + span
    return now + span if abs(span) <= MAX_AHEAD else None


def _bare_day(words: Words, today: Today) -> Day | None:
    """A number alone, answered to "which day": the day of the month."""
    for at in range(len(words)):
        piece = read_cardinal(words, at)
        if piece is None:
            continue
        others = (*words[:at], *words[piece.last :])
        if not 0 < piece.value <= 31 or any(word.text not in FILLERS for word in others):
            return None
        for step in range(3):
            months = today.date.year * 12 + today.date.month - 1 + step
            try:
                day = date(months // 12, months % 12 + 1, piece.value)
            except ValueError:
                continue
            if day >= today.date:
                return Day(day=day, first=at, last=piece.last, rank=1)
    return None
