"""When something was promised for: dates and times as ``find_slot`` reads them, and terms such as "within 3 days"."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from speech.slots.slots import find_slot

WEEKEND = 5
"""From this weekday on nobody works."""
FRIDAY = 4
DATE_SURE = 0.5
"""Confidence from which a date is one."""
TIME_SURE = 0.72
"""The same of a time: "one moment" is none."""
LONGEST_TERM = 366
"""Days, or hours."""

_TERM = {
    "ru": re.compile(
        r"\b(?:в течени[еи]|за|максимум|не позднее)\s+(?P<n>(?:[\w-]+\s+){0,4}?)(?P<working>рабоч\w+\s+)?"
        r"(?P<unit>час\w*|дн\w+|сут\w+|недел\w+|месяц\w*)\b"
    ),
    "en": re.compile(
        r"\b(?:within|in|over|takes?)\s+(?:the\s+next\s+)?(?P<n>(?:[\w-]+\s+){0,4}?)(?P<working>business\s+|working\s+)?"
        r"(?P<unit>hour|day|week|month)s?\b"
    ),
}
_BETWEEN = re.compile(r"\b(?:до|или|to|or)\b|[-–]")
_UNITS = (("час", 1 / 24), ("hour", 1 / 24), ("недел", 7), ("week", 7), ("месяц", 30), ("month", 30))
_NOW = re.compile(r"\b(?:right now|now|прямо сейчас|сейчас)\b", re.IGNORECASE)
_TODAY = re.compile(
    r"\b(?:до конца (?:рабочего )?дня|в течение (?:рабочего |сегодняшнего )?дня|сегодня|today|tonight"
    r"|(?:by|before) (?:the )?end of (?:the )?(?:business )?day|this (?:evening|afternoon))\b"
)
_NEXT_WEEK = re.compile(r"\b(?:на следующей неделе|next week)\b")
_END_OF_WEEK = re.compile(r"\b(?:до конца недели|в конце недели|end of (?:the|this) week)\b")


def due(text: str, language: str, now: datetime) -> str:
    """ISO 8601 date, or date and time, that a text names; empty where it names none to come.

    Args:
        text: Words of the promise.
        language: ``ru`` or ``en``.
        now: Where "tomorrow" and "in an hour" are counted from.
    """
    text = _NOW.sub("", text)
    if not text.strip():
        return ""
    date = find_slot(text, "date", language, now=now)
    time = find_slot(text, "time", language, now=now)
    timed = time.confidence >= TIME_SURE
    if date.confidence >= DATE_SURE:
        moment = find_slot(text, "datetime", language, now=now) if timed else date
        return _to_come(str(moment.value or date.value), now)
    plain = text.lower().replace("ё", "е")
    if term := _term(plain, language, now):
        return term
    if timed:
        return _to_come(str(find_slot(text, "datetime", language, now=now).value or ""), now)
    if _END_OF_WEEK.search(plain):
        return (now + timedelta(days=(FRIDAY - now.weekday()) % 7)).date().isoformat()
    if _NEXT_WEEK.search(plain):
        return (now + timedelta(days=7 - now.weekday())).date().isoformat()
    return now.date().isoformat() if _TODAY.search(plain) else ""


def _term(text: str, language: str, now: datetime) -> str:
    """The last day of "within three working days"; of "three to five" the later."""
    found = _TERM[language].search(text)
    if found is None:
        return ""
    said = _BETWEEN.split(found["n"])[-1]
    slot = find_slot(said, "number", language, now=now) if said.strip() else None
    number = int(slot.value) if slot and isinstance(slot.value, int | float) else 1
    days = next((days for unit, days in _UNITS if found["unit"].startswith(unit)), 1)
    if not 0 < number <= LONGEST_TERM or (number == 1 and days == 1):
        return ""  # "in a day" is as good as "in the course of the day"
    if days < 1:
        return (now + timedelta(hours=number)).strftime("%Y-%m-%dT%H:%M")
    if not found["working"]:
        return (now + timedelta(days=number * days)).date().isoformat()
    day = now
    while number:
        day += timedelta(days=1)
        number -= day.weekday() < WEEKEND
    return day.date().isoformat()


def _to_come(value: str, now: datetime) -> str:
    """The value unless it has passed: then it is told of, not promised."""
    return value if value >= now.strftime("%Y-%m-%dT%H:%M")[: len(value)] else ""
