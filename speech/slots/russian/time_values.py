"""A time of day as a value, and the part of the day that tells morning from evening.

An hour from one to seven without a part of the day is one after noon: that is when people make appointments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from speech.slots.russian.dates import MONTHS, NEAR, UNITS, WEEKDAYS
from speech.slots.russian.grammar import forms, is_noun, table, word_at
from speech.slots.russian.numerals import numeral_at
from speech.text.language import pack
from speech.text.tokens import Token

AFTERNOON = range(1, 8)
"""Hours that mean the afternoon when no part of the day is said."""
PARTS = table(
    {
        "morning": "утра утром утречком",
        "day": "дня днем",
        "evening": "вечера вечером вечерком",
        "night": "ночи ночью",
    }
)
ANYWHERE = frozenset(forms("утром утречком днем вечером вечерком ночью"))
"""Parts of the day that may stand some words away from their hour: "вечером давайте в семь"."""
NEARBY = 8
"""Words over which they reach."""
HOURS = frozenset(forms("час часа часов часам часу часик часика часиков ч"))
MINUTES = frozenset(forms("минут минуты минута минуту минутам минуток мин м"))
MUTE = "\0"
"""A token in the place of words that said a date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """A time of day that words ``first`` to before ``last`` say."""

    hour: int
    minute: int
    first: int
    last: int
    confidence: float = 0.9
    vague: bool = False
    """Whether it could be morning or evening: no part of the day was said and the hour is below 13."""
    moment: datetime | None = None
    """Set for a time counted from now: "через два часа"."""


def clock(
    words: Sequence[Token],
    hour: int,
    minute: int,
    first: int,
    last: int,
    *,
    next_hour: bool = False,
    exact: bool = False,
) -> Hour | None:
    """The time on a 24-hour clock, by the part of the day said with it or near it; None for no time of day.

    Args:
        words: All words.
        hour: Hour as said, 0..24; 0 of "половина первого" is noon unless it is night.
        minute: 0..59.
        first: First word of the time.
        last: Index after its last word.
        next_hour: It was said by the hour to come, so 0 and 12 may be meant.
        exact: It was written as on a 24-hour clock: 07:30.
    """
    if not (0 <= hour <= 24 and 0 <= minute <= 59):
        return None
    part = _part_of_day(words, first, last)
    if word_at(words, last) in PARTS:
        last += 1
    vague = not part and not exact and hour <= 12
    hour = 0 if hour == 24 else hour if hour > 12 else _by_part(hour, part, exact=exact, next_hour=next_hour)
    return Hour(hour=hour, minute=minute, first=first, last=last, vague=vague)


def counts_other(words: Sequence[Token], at: int) -> bool:
    """Whether a number before this word counts something other than hours: "пять человек", "двадцать пять рублей"."""
    word = word_at(words, at)
    if not word or word in WEEKDAYS or word in NEAR or word in PARTS or word in pack("ru").fillers or word == MUTE:
        return False
    if "," in words[at].before or "." in words[at].before:
        return False
    return word in MONTHS or word in UNITS or is_noun(word) or bool(numeral_at(words, at))


def _part_of_day(words: Sequence[Token], first: int, last: int) -> str:
    """The part of the day said after a time, inside it or near it; empty where none is."""
    if word_at(words, last) in PARTS:
        return PARTS[words[last].text]
    if [word.text for word in words[last : last + 2]] == ["после", "обеда"]:
        return "day"
    inside = [PARTS[word.text] for word in words[first:last] if word.text in PARTS]
    around = words[max(0, first - NEARBY) : last + NEARBY]
    return (inside or [PARTS[word.text] for word in around if word.text in ANYWHERE] or [""])[0]


def _by_part(hour: int, part: str, *, exact: bool, next_hour: bool) -> int:
    """An hour from 0 to 12 in its part of the day."""
    match part:
        case "morning":
            return hour % 12
        case "day":
            return hour + 12 if hour < 8 and (hour or next_hour) else hour
        case "evening":
            return hour + 12 if 3 <= hour < 12 else hour % 12
        case "night":
            return hour % 12 if hour < 6 or hour == 12 else hour + 12
    if exact or (hour == 0 and not next_hour):
        return hour
    return hour + 12 if hour in AFTERNOON or hour == 0 else hour
