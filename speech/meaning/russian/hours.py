"""Russian times of day: "в половине четвёртого", "без пяти шесть", "часов в семь вечера", "15:30".

An hour from one to seven without a part of the day is one after noon: that is when people make appointments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from speech.language import pack
from speech.meaning.russian.cardinals import amount_at
from speech.meaning.russian.days import MONTHS, NEAR, UNITS, WEEKDAYS, is_denied
from speech.meaning.russian.grammar import forms, is_noun
from speech.meaning.russian.numerals import ORDINALS, Numeral, after, numeral_at
from speech.meaning.tokens import Token

AFTERNOON = range(1, 8)
"""Hours that mean the afternoon when no part of the day is said."""
HALF = frozenset(forms("половине половина половину половины пол"))
QUARTER = frozenset(["четверть", "четверти"])
HOURS = frozenset(forms("час часа часов часам часу часик часика часиков ч"))
MINUTES = frozenset(forms("минут минуты минута минуту минутам минуток мин м"))
BEFORE = frozenset(
    forms(
        "в во к ко на до с со после около примерно ровно часов часа часам часиков ближе районе от раньше позже позднее"
    )
)
"""Before a bare number these make it an hour."""
MORNING, DAY, EVENING, NIGHT = "утра утром утречком", "дня днем", "вечера вечером вечерком", "ночи ночью"
PARTS = {word: part for part in (MORNING, DAY, EVENING, NIGHT) for word in part.split()}
ANYWHERE = frozenset(forms("утром утречком днем вечером вечерком ночью"))
"""Parts of the day that may stand far from their hour: "вечером давайте в семь"."""
NOT_HOURS = frozenset(forms("через за по №"))
PLACES = frozenset(forms("дом дома квартира квартире офис этаж номер заказ заказа кабинет подъезд"))
"""After these a number is no hour."""
NO_TIME = "\0"
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


def find_hour(words: Sequence[Token], now: datetime) -> Hour | None:
    """The time of day that is said most plainly; of equally plain ones the first."""
    best: Hour | None = None
    at = 0
    while at < len(words):
        found = next((hour for rule in RULES if (hour := rule(words, at, now))), None)
        denied = found and is_denied(words, found.first, found.last)
        if found and not denied and (best is None or found.confidence > best.confidence):
            best = found
        at = found.last if found else after(words, at)
    return best


def _typed(words: Sequence[Token], at: int, _now: datetime) -> Hour | None:
    """``15:30``, ``15.30``, ``9:05``; not a date, not a fraction."""
    if not words[at].text.isdecimal():
        return None
    if len(words) == 1 and len(words[at].text) == 4:
        return _clock(words, int(words[at].text[:2]), int(words[at].text[2:]), at, at + 1, exact=True)
    if at + 1 >= len(words) or not words[at + 1].text.isdecimal():
        return None
    mark = words[at + 1].before
    if mark not in {":", "."} or len(words[at + 1].text) != 2 or len(words[at].text) > 2:
        return None
    last = at + 2
    if last < len(words) and words[last].text.isdecimal() and words[last].before in {":", "."}:
        if mark == ".":
            return None
        last += 1  # seconds
    if last < len(words) and words[last].before.lstrip().startswith("%"):
        return None
    leading = words[at].text.startswith("0")
    return _clock(words, int(words[at].text), int(words[at + 1].text), at, last, exact=leading)


def _half(words: Sequence[Token], at: int, _now: datetime) -> Hour | None:
    """ "в половине четвёртого", "полчетвёртого", "четверть третьего", "десять минут пятого"."""
    word = words[at].text
    if word.startswith("пол") and 1 <= ORDINALS.get(word[3:], 0) <= 12:
        return _clock(words, ORDINALS[word[3:]] - 1, 30, at, at + 1, next_hour=True)
    start, minute = at + 1, 30 if word in HALF else 15 if word in QUARTER else 0
    if not minute:
        said = numeral_at(words, at)
        if not said or said.ordinal or not 1 <= said.value <= 59 or said.last >= len(words):
            return None
        start, minute = said.last, said.value
        if words[start].text in QUARTER and minute == 3:
            minute = 45
        elif words[start].text not in MINUTES:
            return None
        start += 1
    hour = numeral_at(words, start) if start < len(words) else None
    if not hour or not hour.ordinal or not 1 <= hour.value <= 12 or not words[start].text.endswith("го"):
        return None
    return _clock(words, hour.value - 1, minute, at, hour.last, next_hour=True)


def _to(words: Sequence[Token], at: int, _now: datetime) -> Hour | None:
    """ "без пятнадцати пять", "без четверти шесть", "без пяти минут час"."""
    if words[at].text != "без" or at + 2 >= len(words):
        return None
    if words[at + 1].text in QUARTER:
        minute, start = 15, at + 2
    else:
        said = _minutes_to(words, at + 1)
        if said is None:
            return None
        minute, start = said
    if start < len(words) and words[start].text in MINUTES:
        start += 1
    hour = _hour_word(words, start)
    if hour is None or not 1 <= hour.value <= 24:
        return None
    return _clock(words, hour.value - 1, 60 - minute, at, hour.last, next_hour=True)


def _minutes_to(words: Sequence[Token], at: int) -> tuple[int, int] | None:
    """Minutes short of an hour, and the index after them: "двадцати пяти" may not swallow "без двадцати пять"."""
    said = numeral_at(words, at)
    if said is None or said.ordinal:
        return None
    if (
        said.last - at == 2
        and not _hour_word(words, said.last if words[said.last :] else at)
        and words[at + 1].text[-1] != "и"
    ):
        said = numeral_at(words[: at + 1], at)
    if said is None or not 1 <= said.value <= 59:
        return None
    return said.value, said.last


def _relative(words: Sequence[Token], at: int, now: datetime) -> Hour | None:
    """ "через полчаса", "через два часа", "минут через двадцать", "час назад", "прямо сейчас"."""
    if words[at].text in {"сейчас", "немедленно"}:
        return _counted(now, 0, at, at + 1, 0.6)
    inverted = words[at].text in HOURS | MINUTES and at + 2 < len(words) and words[at + 1].text == "через"
    if inverted:
        count = amount_at(words, at + 2)
        unit = 60 if words[at].text in HOURS else 1
        return _counted(now, count.value * unit, at, count.last) if count and 0 < count.value < 1000 else None
    forward = words[at].text in {"через", "спустя"}
    span = _minutes(words, at + 1 if forward else at)
    if span is None:
        return None
    minutes, last = span
    if forward:
        return _counted(now, minutes, at, last)
    if last < len(words) and words[last].text == "назад":
        return _counted(now, -minutes, at, last + 1)
    return None


def _minutes(words: Sequence[Token], at: int) -> tuple[float, int] | None:
    """A length of time in minutes, and the index after it: "два часа", "час двадцать", "полчаса"."""
    word = words[at].text if at < len(words) else ""
    if word in {"полчаса", "полчасика"}:
        return 30, at + 1
    count = None if word in {"час", "часик", "минуту", "минутку"} or at >= len(words) else amount_at(words, at)
    value, last = (count.value, count.last) if count else (1, at)
    unit = words[last].text if last < len(words) else ""
    if unit in MINUTES:
        return value, last + 1
    if unit not in HOURS or not 0 < value < 1000:
        return None
    more = numeral_at(words, last + 1) if last + 1 < len(words) else None
    if more is None or more.ordinal or not 0 < more.value < 60 or _counts(words, more.last, but=MINUTES):
        return value * 60, last + 1
    named = more.last < len(words) and words[more.last].text in MINUTES
    return value * 60 + more.value, more.last + 1 if named else more.last


def _named(words: Sequence[Token], at: int, _now: datetime) -> Hour | None:
    """Noon, midnight, lunch."""
    word = words[at].text
    if word in {"полдень", "полдня", "полудня", "полудню"}:
        return Hour(hour=12, minute=0, first=at, last=at + 1)
    if word in {"полночь", "полуночи", "полночи"}:
        return Hour(hour=0, minute=0, first=at, last=at + 1)
    before = words[at - 1].text if at else ""
    if word == "обеда" and before == "после":
        return Hour(hour=14, minute=0, first=at - 1, last=at + 1, confidence=0.4)
    if word == "обед" and before in {"в", "на"}:
        return Hour(hour=13, minute=0, first=at - 1, last=at + 1, confidence=0.4)
    return None


def _plain(words: Sequence[Token], at: int, _now: datetime) -> Hour | None:
    """ "в пять", "пятнадцать тридцать", "три часа дня", "восемнадцать часов тридцать минут", "в три с половиной"."""
    before = words[at - 1].text if at else ""
    if before in NOT_HOURS | PLACES or (words[at].text in HOURS and before in ORDINALS):
        return None  # "в восьмом часу" is no time of day, it is an hour long
    hour = _hour_word(words, at)
    if hour is None or hour.value > 24 or (before == "без"):
        return None
    last, minute = hour.last, 0
    unit = words[at].text in {"час", "часу"}
    if not unit and last < len(words) and words[last].text in HOURS:
        unit, last = True, last + 1
    part = last < len(words) and words[last].text in PARTS
    after_part = last + 1 if part else last
    said = _minutes_after(words, after_part)
    if said is not None:
        minute, last = said
    elif last < len(words) and words[last].text == "ровно":
        last += 1
    if not unit and said is None and not part and _counts(words, last):
        return None
    if last < len(words) and words[last].text in {"назад", "тому"}:
        return None
    told = unit or said is not None or part or before in BEFORE
    found = _clock(words, hour.value, minute, at, last, exact=hour.typed.startswith("0") and len(hour.typed) == 2)
    return found and (found if told else replace(found, confidence=0.6))


def _minutes_after(words: Sequence[Token], at: int) -> tuple[int, int] | None:
    """Minutes said after an hour and the index after them: "тридцать", "ноль пять", "ноль ноль", "пятнадцать минут"."""
    if at >= len(words):
        return None
    if words[at].text == "с" and at + 1 < len(words) and words[at + 1].text == "половиной":
        return 30, at + 2
    if words[at].text == "и" and at + 1 < len(words):
        at += 1
    said = numeral_at(words, at)
    if said is None or said.ordinal:
        return None
    if said.value == 0 and not said.typed and said.last < len(words):
        more = numeral_at(words, said.last)
        if more is None or more.ordinal or more.value > 9:
            return None
        said = replace(more, first=at)
    elif said.value < 10 and len(said.typed) != 2 and not (said.last < len(words) and words[said.last].text in MINUTES):
        return None
    last = said.last
    if last < len(words) and words[last].text in MINUTES:
        last += 1
    elif said.value > 59 or _counts(words, last):
        return None
    return said.value, last


def _hour_word(words: Sequence[Token], at: int) -> Numeral | None:
    """An hour: a number, or "час" for one."""
    if at >= len(words):
        return None
    if words[at].text in {"час", "часу"}:
        return Numeral(value=1, first=at, last=at + 1)
    said = numeral_at(words, at)
    return None if said is None or said.ordinal or len(said.typed) > 2 else said


def _counts(words: Sequence[Token], last: int, *, but: frozenset[str] = frozenset()) -> bool:
    """Whether a number counts something other than hours: "пять человек", "двадцать пять рублей"."""
    if last >= len(words):
        return False
    word = words[last].text
    if (
        word in but
        or word in WEEKDAYS
        or word in NEAR
        or word in PARTS
        or word in pack("ru").fillers
        or word == NO_TIME
    ):
        return False
    if "," in words[last].before or "." in words[last].before:
        return False
    return word in MONTHS or word in UNITS or is_noun(word) or bool(numeral_at(words, last))


def _clock(
    words: Sequence[Token],
    hour: int,
    minute: int,
    first: int,
    last: int,
    *,
    next_hour: bool = False,
    exact: bool = False,
) -> Hour | None:
    """The time on a 24-hour clock, by the part of the day said beside it or anywhere; None for no time of day.

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
    near = words[last].text if last < len(words) else ""
    inside = next((word.text for word in words[first:last] if word.text in PARTS), "")
    part = PARTS.get(near) or PARTS.get(inside)
    if near in PARTS:
        last += 1
    far = next((word.text for word in words if word.text in ANYWHERE), "")
    part = part or PARTS.get(far)
    if not part and [word.text for word in words[last : last + 2]] == ["после", "обеда"]:
        part = DAY
    vague = not part and not exact and hour <= 12
    if hour == 24:
        hour = 0
    elif hour <= 12:
        hour = _by_part(hour, part, exact=exact, next_hour=next_hour)
    return Hour(hour=hour, minute=minute, first=first, last=last, vague=vague)


def _by_part(hour: int, part: str | None, *, exact: bool, next_hour: bool) -> int:
    """An hour from 0 to 12 in its part of the day."""
    if part == MORNING:
        return hour % 12
    if part == DAY:
        return hour + 12 if hour < 8 and (hour or next_hour) else hour
    if part == EVENING:
        return hour + 12 if 3 <= hour < 12 else hour % 12
    if part == NIGHT:
        return hour % 12 if hour < 6 or hour == 12 else hour + 12
    if exact or (hour == 0 and not next_hour):
        return hour
    return hour + 12 if hour in AFTERNOON or hour == 0 else hour


def _counted(now: datetime, minutes: float, first: int, last: int, confidence: float = 0.9) -> Hour | None:
    """A time so many minutes from now."""
    moment = now + timedelta(minutes=minutes)
    return Hour(hour=moment.hour, minute=moment.minute, first=first, last=last, confidence=confidence, moment=moment)


RULES = (_typed, _half, _to, _relative, _named, _plain)
