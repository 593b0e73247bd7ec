"""Russian: slots, self-corrections and written numbers. See ``speech.slots.slots`` for what it offers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from speech.slots.russian import addresses, calendar, cardinals, dictated_digits, emails, money, names
from speech.slots.russian.corrections import corrected, parts
from speech.slots.russian.inverse_text_normalization import written
from speech.slots.slots import NOTHING, Slot
from speech.text.tokens import Token, split

__all__ = ["corrected", "find", "written"]

PART_RULES: dict[str, Callable[[Sequence[Token]], Slot]] = {
    "number": cardinals.number,
    "ordinal": cardinals.ordinal,
    "money": money.money,
    "name": names.name,
    "address": addresses.address,
}
"""Kinds looked for in the part of a text that stands after corrections, then in the parts before it."""


def find(text: str, kind: str, now: datetime, region: str) -> Slot:
    """The value of a kind in a Russian text; ``region`` is an ISO 3166 code."""
    words = split(text)
    if not words:
        return NOTHING
    match kind:
        case "date":
            return calendar.find_date(words, now)
        case "time":
            return calendar.find_time(words, now)
        case "datetime":
            return calendar.find_datetime(words, now)
        case "digits":
            return dictated_digits.digits(words)
        case "phone":
            return dictated_digits.phone(words, region)
        case "email":
            return emails.email(words, text)
    end = Token(text="", raw="", before=text[words[-1].end :], start=len(text), end=len(text))
    return _standing([*words, end], PART_RULES[kind])


def _standing(words: Sequence[Token], rule: Callable[[Sequence[Token]], Slot]) -> Slot:
    """What a rule finds in the last part in which it finds anything; the last word is empty and belongs to each."""
    for first, last in reversed(parts([word.text for word in words[:-1]])):
        after = words[last] if last < len(words) - 1 else words[-1]
        found = rule([*words[first:last], replace(after, text="")])
        if found.value is not None:
            return replace(found, first=found.first + first, last=found.last + first)
    return NOTHING
