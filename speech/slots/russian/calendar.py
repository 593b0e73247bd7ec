"""Dates and times of Russian speech, alone and together, after what the speaker corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from speech.slots.russian.corrections import parts
from speech.slots.russian.dates import Day
from speech.slots.russian.days import find_day
from speech.slots.russian.time_values import MUTE, Hour
from speech.slots.russian.times import find_hour
from speech.slots.slots import NOTHING, Slot
from speech.text.tokens import Token


def find_date(words: Sequence[Token], now: datetime) -> Slot:
    """A date, as ``2026-11-24``."""
    found = _standing_day(words, now.date())
    if found is None:
        return NOTHING
    return Slot(value=found.value.isoformat(), confidence=found.confidence, first=found.first, last=found.last)


def find_time(words: Sequence[Token], now: datetime) -> Slot:
    """A time of day, as ``15:30``."""
    found = _standing_hour(_without(words, _standing_day(words, now.date())), now)
    if found is None:
        return NOTHING
    clock = f"{found.hour:02}:{found.minute:02}"
    return Slot(value=clock, confidence=found.confidence, first=found.first, last=found.last)


def find_datetime(words: Sequence[Token], now: datetime) -> Slot:
    """A date with a time, as ``2026-11-24T15:30``; a date alone is none. A time alone is its next occurrence."""
    day = _standing_day(words, now.date())
    hour = _standing_hour(_without(words, day), now)
    if day is None or hour is None:  # a correction of one leaves the other: "не завтра в пять, а послезавтра"
        day = day or find_day(words, now.date(), denied=hour is not None)
        hour = hour or find_hour(_without(words, day), now)
    if hour is None:
        return NOTHING
    first, last, confidence = hour.first, hour.last, hour.confidence
    clock = now.replace(hour=hour.hour, minute=hour.minute, second=0, microsecond=0)
    if day is None:
        value = hour.moment or (clock if clock > now else clock + timedelta(days=1))
    else:
        value = datetime.combine(day.value, clock.time())
        if hour.vague and day.value == now.date() and clock < now and hour.hour < 12:
            value += timedelta(hours=12)  # "сегодня в девять", said at ten in the morning
        first, last = min(first, day.first), max(last, day.last)
        confidence = min(confidence, day.confidence)
    return Slot(value=f"{value:%Y-%m-%dT%H:%M}", confidence=confidence, first=first, last=last)


def _standing_day(words: Sequence[Token], today: date) -> Day | None:
    """The date in what the speaker said last, else in what he said before a correction."""
    for first, last in reversed(parts([word.text for word in words])):
        if found := find_day(words[first:last], today):
            return replace(found, first=found.first + first, last=found.last + first)
    return None


def _standing_hour(words: Sequence[Token], now: datetime) -> Hour | None:
    """The time of day, likewise."""
    for first, last in reversed(parts([word.text for word in words])):
        if found := find_hour(words[first:last], now):
            return replace(found, first=found.first + first, last=found.last + first)
    return None


def _without(words: Sequence[Token], day: Day | None) -> list[Token]:
    """The words with those of a date made mute: "двадцать пятого" holds no hour."""
    if day is None:
        return list(words)
    return [replace(word, text=MUTE) if day.first <= at < day.last else word for at, word in enumerate(words)]
