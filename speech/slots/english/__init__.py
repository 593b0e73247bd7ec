"""English: slots, self-corrections and written numbers. See ``speech.slots.slots`` for what it offers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from speech.slots.english.addresses import find_address
from speech.slots.english.calendar import find_date, find_datetime, find_time
from speech.slots.english.cardinals import find_digits, find_number, find_ordinal
from speech.slots.english.corrections import standing
from speech.slots.english.emails import find_spoken_email
from speech.slots.english.inverse_text_normalization import written
from speech.slots.english.money import find_money
from speech.slots.english.names import find_name
from speech.slots.english.numerals import Words
from speech.slots.english.phones import find_phone
from speech.slots.slots import Slot
from speech.text.tokens import split

__all__ = ["corrected", "find", "written"]

Finder = Callable[[Words, datetime, str], Slot]
"""Words, the caller's clock and region → slot."""
FINDERS: dict[str, Finder] = {
    "number": lambda words, _now, _region: find_number(words),
    "ordinal": lambda words, _now, _region: find_ordinal(words),
    "digits": lambda words, _now, _region: find_digits(words),
    "date": find_date,
    "time": find_time,
    "datetime": find_datetime,
    "name": lambda words, _now, _region: find_name(words),
    "address": lambda words, _now, _region: find_address(words),
    "email": lambda words, _now, _region: find_spoken_email(words),
    "phone": lambda words, _now, region: find_phone(words, region),
    "money": lambda words, _now, region: find_money(words, region),
}


def find(text: str, kind: str, now: datetime, region: str) -> Slot:
    """The value of a kind in an English text; of what stands after a correction, if that holds one."""
    words = split(text)
    finder = FINDERS[kind]
    first, last = (0, len(words)) if kind == "datetime" else standing(words)  # its two halves are corrected apart
    slot = finder(words[first:last], now, region)
    if slot.value is not None:
        return Slot(value=slot.value, confidence=slot.confidence, first=slot.first + first, last=slot.last + first)
    return finder(words, now, region) if last - first < len(words) else slot


def corrected(text: str) -> str:
    """What stands after a self-correction."""
    words = split(text)
    first, last = standing(words)
    if last - first == len(words):
        return text
    end = len(text) if last == len(words) else words[last - 1].end
    return text[words[first].start : end]
