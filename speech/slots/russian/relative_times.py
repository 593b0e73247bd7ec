"""Times counted from now: "через полчаса", "минут через двадцать", "час назад"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from speech.slots.russian.cardinals import amount_at
from speech.slots.russian.grammar import word_at
from speech.slots.russian.numerals import numeral_at
from speech.slots.russian.time_values import HOURS, MINUTES, Hour, counts_other
from speech.text.tokens import Token

AHEAD = frozenset({"через", "спустя"})
ONE = frozenset({"час", "часик", "минуту", "минутку"})
"""Units that stand without a count."""
LONGEST = 100_000
"""Minutes beyond which nobody counts in hours."""


def waited(words: Sequence[Token], at: int, now: datetime) -> Hour | None:
    """ "через полчаса", "через два часа", "минут через двадцать", "час назад", "прямо сейчас"."""
    word = words[at].text
    if word in {"сейчас", "немедленно"}:
        return _from_now(now, 0, at, at + 1, 0.6)
    if word in HOURS | MINUTES and word_at(words, at + 1) in AHEAD:
        count = amount_at(words, at + 2) if at + 2 < len(words) else None
        return _from_now(now, count.value * (60 if word in HOURS else 1), at, count.last) if count else None
    span = _length(words, at + 1 if word in AHEAD else at)
    if span is None:
        return None
    minutes, last = span
    if word in AHEAD:
        return _from_now(now, minutes, at, last)
    return _from_now(now, -minutes, at, last + 1) if word_at(words, last) == "назад" else None


def _length(words: Sequence[Token], at: int) -> tuple[float, int] | None:
    """A length of time in minutes, and the index after it: "два часа", "час двадцать", "полчаса"."""
    word = word_at(words, at)
    if word in {"полчаса", "полчасика"}:
        return 30, at + 1
    count = amount_at(words, at) if word and word not in ONE else None
    value, last = (count.value, count.last) if count else (1, at)
    if word_at(words, last) in MINUTES:
        return value, last + 1
    if word_at(words, last) not in HOURS:
        return None
    more = numeral_at(words, last + 1) if last + 1 < len(words) else None
    if more is None or more.ordinal or not 0 < more.value < 60:
        return value * 60, last + 1
    if word_at(words, more.last) in MINUTES:
        return value * 60 + more.value, more.last + 1
    return (value * 60, last + 1) if counts_other(words, more.last) else (value * 60 + more.value, more.last)


def _from_now(now: datetime, minutes: float, first: int, last: int, confidence: float = 0.9) -> Hour | None:
    """A time so many minutes from now; None beyond what people count so."""
    if abs(minutes) > LONGEST:
        return None
    moment = now + timedelta(minutes=minutes)
    return Hour(hour=moment.hour, minute=moment.minute, first=first, last=last, confidence=confidence, moment=moment)
