"""Russian times of day: "в половине четвёртого", "без пяти шесть", "часов в семь вечера", "15:30"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from speech.slots.russian.dates import is_denied
from speech.slots.russian.grammar import forms, word_at
from speech.slots.russian.numerals import ORDINALS, Numeral, after, numeral_at
from speech.slots.russian.relative_times import waited
from speech.slots.russian.time_values import HOURS, MINUTES, PARTS, Hour, clock, counts_other
from speech.text.tokens import Token

HALF = frozenset(forms("половине половина половину половины пол"))
QUARTER = frozenset({"четверть", "четверти"})
BEFORE = frozenset(
    forms(
        "в во к ко на до с со после около примерно ровно часов часа часам часиков ближе районе от раньше позже позднее"
    )
)
"""Before a bare number these make it an hour."""
NO_HOURS = frozenset(forms("без через за по дом дома квартира квартире офис этаж номер заказ заказа кабинет подъезд"))
"""After these a number is no hour."""
NOON = frozenset(forms("полдень полдня полудня полудню"))
MIDNIGHT = frozenset(forms("полночь полуночи полночи"))


def find_hour(words: Sequence[Token], now: datetime) -> Hour | None:
    """The time of day that is said most plainly; of equally plain ones the first. A denied one is none."""
    best: Hour | None = None
    at = 0
    while at < len(words):
        found = _typed(words, at) or _to_next(words, at) or _before_next(words, at) or waited(words, at, now)
        found = found or _named(words, at) or _plain(words, at)
        denied = found and is_denied(words, found.first, found.last)
        if found and not denied and (best is None or found.confidence > best.confidence):
            best = found
        at = found.last if found else after(words, at)
    return best


def _typed(words: Sequence[Token], at: int) -> Hour | None:
    """``15:30``, ``15.30``, ``9:05``, ``1530`` alone, all on a 24-hour clock; not a date, not a fraction."""
    hour, minute = words[at].text, word_at(words, at + 1)
    if not hour.isdecimal():
        return None
    if len(words) == 1 and len(hour) == 4:
        return clock(words, int(hour[:2]), int(hour[2:]), at, at + 1, exact=True)
    if not minute.isdecimal() or words[at + 1].before not in {":", "."} or len(minute) != 2 or len(hour) > 2:
        return None
    last = at + 2
    if word_at(words, last).isdecimal() and words[last].before in {":", "."}:
        if words[last].before == ".":
            return None
        last += 1  # seconds
    return clock(words, int(hour), int(minute), at, last, exact=True)


def _to_next(words: Sequence[Token], at: int) -> Hour | None:
    """Minutes of the hour to come: "в половине четвёртого", "полчетвёртого", "десять минут пятого"."""
    word = words[at].text
    if word.startswith("пол") and 1 <= ORDINALS.get(word[3:], 0) <= 12:
        return clock(words, ORDINALS[word[3:]] - 1, 30, at, at + 1, next_hour=True)
    minute, start = 30 if word in HALF else 15 if word in QUARTER else 0, at + 1
    if not minute:
        said = numeral_at(words, at)
        if not said or said.ordinal or not 1 <= said.value <= 59:
            return None
        quarters = said.value == 3 and word_at(words, said.last) in QUARTER
        if not quarters and word_at(words, said.last) not in MINUTES:
            return None
        minute, start = 45 if quarters else said.value, said.last + 1
    hour = numeral_at(words, start) if start < len(words) else None
    if not hour or not hour.ordinal or not 1 <= hour.value <= 12 or not words[start].text.endswith("го"):
        return None
    return clock(words, hour.value - 1, minute, at, hour.last, next_hour=True)


def _before_next(words: Sequence[Token], at: int) -> Hour | None:
    """Minutes short of an hour: "без пятнадцати пять", "без четверти шесть", "без пяти минут час"."""
    if words[at].text != "без" or at + 2 >= len(words):
        return None
    if words[at + 1].text in QUARTER:
        minute, start = 15, at + 2
    else:
        said = numeral_at(words, at + 1)
        if said is None or said.ordinal:
            return None
        if said.last == len(words) or not (word_at(words, said.last) in MINUTES or _hour_at(words, said.last)):
            said = numeral_at(words[: at + 2], at + 1) or said  # "без двадцати пять" is no 25
        minute, start = said.value, said.last
    if word_at(words, start) in MINUTES:
        start += 1
    hour = _hour_at(words, start)
    if hour is None or not 1 <= hour.value <= 24 or not 1 <= minute <= 59:
        return None
    return clock(words, hour.value - 1, 60 - minute, at, hour.last, next_hour=True)


def _named(words: Sequence[Token], at: int) -> Hour | None:
    """Noon, midnight, and lunch, which is vague."""
    word, before = words[at].text, word_at(words, at - 1)
    if word in NOON or word in MIDNIGHT:
        return Hour(hour=12 if word in NOON else 0, minute=0, first=at, last=at + 1)
    if (before, word) in {("после", "обеда"), ("в", "обед"), ("на", "обед")}:
        return Hour(hour=14 if before == "после" else 13, minute=0, first=at - 1, last=at + 1, confidence=0.4)
    return None


def _plain(words: Sequence[Token], at: int) -> Hour | None:
    """ "в пять", "пятнадцать тридцать", "три часа дня", "восемнадцать часов тридцать минут", "в три с половиной"."""
    before = word_at(words, at - 1)
    hour = None if before in NO_HOURS else _hour_at(words, at)
    if hour is None or hour.value > 24 or (words[at].text in HOURS and before in ORDINALS):
        return None  # "в восьмом часу" is an hour long
    unit = words[at].text in HOURS or word_at(words, hour.last) in HOURS
    last = hour.last + 1 if word_at(words, hour.last) in HOURS else hour.last
    part = word_at(words, last) in PARTS
    minutes = _minutes_at(words, last + 1 if part else last)
    told = unit or part or minutes is not None
    if not told and counts_other(words, last):
        return None
    minute, last = minutes or (0, last + 1 if word_at(words, last) == "ровно" else last)
    if word_at(words, last) in {"назад", "тому"}:
        return None
    found = clock(words, hour.value, minute, at, last, exact=len(hour.typed) == 2 and hour.typed[0] == "0")
    return found and (found if told or before in BEFORE else replace(found, confidence=0.6))


def _minutes_at(words: Sequence[Token], at: int) -> tuple[int, int] | None:
    """Minutes said after an hour and the index after them: "тридцать", "ноль пять", "ноль ноль", "пятнадцать минут"."""
    if word_at(words, at) == "с" and word_at(words, at + 1) == "половиной":
        return 30, at + 2
    at += 1 if word_at(words, at) == "и" else 0
    said = numeral_at(words, at) if at < len(words) else None
    if said is None or said.ordinal:
        return None
    named = word_at(words, said.last) in MINUTES
    if said.value == 0 and not said.typed and said.last < len(words):
        said = numeral_at(words, said.last)
        if said is None or said.ordinal or said.value > 9:
            return None
    elif said.value < 10 and len(said.typed) != 2 and not named:
        return None
    if word_at(words, said.last) in MINUTES:
        return said.value, said.last + 1
    return None if said.value > 59 or counts_other(words, said.last) else (said.value, said.last)


def _hour_at(words: Sequence[Token], at: int) -> Numeral | None:
    """An hour: a number, or "час" for one."""
    if word_at(words, at) in {"час", "часу"}:
        return Numeral(value=1, first=at, last=at + 1)
    said = numeral_at(words, at) if at < len(words) else None
    return None if said is None or said.ordinal or len(said.typed) > 2 else said
