"""The date in a Russian text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from speech.slots.russian.dates import Day, is_denied
from speech.slots.russian.month_days import of_month, typed
from speech.slots.russian.near_days import counted, near, vague, weekday
from speech.slots.russian.numerals import after
from speech.text.tokens import Token

RULES = (near, typed, counted, weekday, of_month, vague)


def find_day(words: Sequence[Token], today: date, *, denied: bool = False) -> Day | None:
    """The date that is said most plainly; of equally plain ones the first. "Не в среду" is none, unless wanted."""
    best: Day | None = None
    at = 0
    while at < len(words):
        found = next((day for rule in RULES if (day := rule(words, at, today))), None)
        wanted = found and (denied or not is_denied(words, found.first, found.last))
        if found and wanted and (best is None or found.confidence > best.confidence):
            best = found
        at = found.last if found else after(words, at)
    return best
