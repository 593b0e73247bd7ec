"""Numbers in running English text, as people write them.

"one" alone stays a word, as do "first" to "ninth", "half a dozen", "a couple" and "noon"; numbers said in a row are one
row of digits ("four one two seven" is 4127); whole millions keep their word; nothing that was typed is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from speech.slots.english.addresses import ordinal_digits
from speech.slots.english.cardinals import CHOICES, read_decimal
from speech.slots.english.corrections import MONTHS
from speech.slots.english.money import MAJOR, MINOR, read_sum
from speech.slots.english.numerals import (
    OHS,
    SCALES,
    UNITS,
    ZEROS,
    Words,
    phrase_at,
    read_cardinal,
    read_ordinal,
    read_run,
    word_at,
)
from speech.slots.english.times import AFTER, LEADS, half_of_day, read_relative, read_time
from speech.text.tokens import split

SIGNS = {"USD": "$", "GBP": "£", "EUR": "€"}
"""Written before the sum; other currencies keep their word."""
ONE_IS_A_NUMBER = frozenset(
    (*CHOICES, "press", "dial", "line", "room", "gate", "order", "level", "page", "extension")
) - {"no"}
VAGUE = frozenset({"few", "several", "couple", "many"})
"""Before "hundred" these count nothing."""
RANGE = ("or", "to", "and", "point")
"""Between "one" and another number: "one or two"."""
PHONE = 7
"""Digits from which "plus" before them is written as a sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """What is written for some words."""

    text: str
    last: int
    """Index after the last of them."""


def written(text: str) -> str:
    """The text with its numbers in digits."""
    words = split(text)
    parts: list[str] = []
    end = at = 0
    while at < len(words):
        rewrite = _rewrite(words, at)
        if rewrite is None:
            at = _past_typed(words, at)
            continue
        parts += [text[end : words[at].start], rewrite.text]
        end, at = words[rewrite.last - 1].end, rewrite.last
    return "".join([*parts, text[end:]])


def _rewrite(words: Words, at: int) -> Rewrite | None:
    if words[at].text.isdecimal():
        return None
    for reader in READERS:
        if rewrite := reader(words, at):
            return rewrite
    return None


def _past_typed(words: Words, at: int) -> int:
    """The next word; of digits that were typed, the one after all of them."""
    at += 1
    while at < len(words) and words[at - 1].text.isdecimal() and words[at].text.isdecimal():
        at += 1
    return at


def _date(words: Words, at: int) -> Rewrite | None:
    """November twenty fifth, fifth of december."""
    if word_at(words, at) in MONTHS:
        start = at + 1 + phrase_at(words, at + 1, "the")
        day = read_ordinal(words, start)
        if day is None and start == at + 1:
            day = read_cardinal(words, start)
        fits = day is not None and 0 < day.value <= 31 and not words[start].text.isdecimal()
        if day is None or not fits or (word_at(words, at) in ("may", "march") and not read_ordinal(words, start)):
            return None
        return Rewrite(text=f"{words[at].raw} {day.value}", last=day.last)
    day = read_ordinal(words, at)
    if day and day.value <= 31 and word_at(words, day.last + phrase_at(words, day.last, "of")) in MONTHS:
        return Rewrite(text=ordinal_digits(day.value), last=day.last)
    return None


def _time(words: Words, at: int) -> Rewrite | None:
    """Five thirty pm, half past three, fifteen thirty after "at"."""
    clock = read_relative(words, at)
    link = any(word.text in AFTER for word in words[at : clock.last]) if clock else False
    exact = clock and phrase_at(words, at + phrase_at(words, at, "a"), "quarter", "half past")
    if clock and not (exact or link or any(word.text in ("minutes", "minute") for word in words[at : clock.last])):
        return None
    clock = clock or read_time(words, at)
    if clock is None or (clock.rank < 2 and not exact):
        return None
    last = clock.last
    tail = next(
        (k for k in range(at + 1, last) if half_of_day(words, k)[0] and k + half_of_day(words, k)[1] == last), last
    )
    half = "".join(word.raw for word in words[tail:last]) if phrase_at(words, tail, "p m", "a m") else ""
    half = half or " ".join(word.raw for word in words[tail:last])
    if phrase_at(words, tail - 1, "noon", "midnight", "hours", "o'clock", "oclock") or half in ("noon", "midnight"):
        return None
    first = read_cardinal(words, at)
    alone = first is not None and first.last == tail
    if alone and half.lower() not in ("am", "pm"):
        return None
    if not alone and not half and word_at(words, at - 1) not in LEADS and not (exact or link):
        return None
    hours, minutes = divmod(clock.seconds // 60, 60)
    if not (word_at(words, at) in OHS | ZEROS or (first and 12 < first.value <= 24 and not (exact or link))):
        hours = (hours - 1) % 12 + 1
    time = str(hours) if alone else f"{hours}:{minutes:02}"
    return Rewrite(text=f"{time} {half}".strip(), last=last)


def _money(words: Words, at: int) -> Rewrite | None:
    """Twenty dollars, three pounds fifty."""
    found = read_sum(words, at, "US")
    named = found and (phrase_at(words, found.last - 1, *MAJOR, *MINOR) or read_cardinal(words, found.last - 1))
    vague = word_at(words, at) in ("a", "an", "half") and word_at(words, at + 1) not in ("hundred", "thousand")
    if found is None or not named or found.currency not in SIGNS or vague:
        return None
    amount = _millions(found.amount) or (str(found.amount) if isinstance(found.amount, int) else f"{found.amount:.2f}")
    return Rewrite(text=SIGNS[found.currency] + amount, last=found.last)


def _ordinal(words: Words, at: int) -> Rewrite | None:
    """Twenty first; small ones stay words."""
    ordinal = read_ordinal(words, at)
    if ordinal is None or ordinal.value < 10 or word_at(words, at) in ("hundredth", "thousandth", "millionth"):
        return None
    return Rewrite(text=ordinal_digits(ordinal.value), last=ordinal.last)


def _number(words: Words, at: int) -> Rewrite | None:
    """Twenty five, minus three, two and a half, four one two seven, each with its percent."""
    sign = {"minus": "-", "negative": "-", "plus": "+"}.get(word_at(words, at), "")
    start = at + 1 if sign else at
    found = _digits(words, start)
    if found is None:
        return None
    digits, last = found.text, found.last
    if sign == "+" and (len(digits) < PHONE or not digits.isdecimal()):
        return None
    if length := phrase_at(words, last, "percent", "per cent"):
        return Rewrite(text=f"{sign}{digits}%", last=last + length)
    if word_at(words, start) == "a" and word_at(words, start - 1) == "half":
        return None  # "half a million people"
    if last == start + 1 and _stays(words, start) and not sign:
        return None
    return Rewrite(text=sign + digits, last=last)


def _digits(words: Words, at: int) -> Rewrite | None:
    """The number that begins here; numbers between typed commas stay apart."""
    run = read_run(words, at)
    pieces = run.pieces if run else ()
    cut = next((piece.first for piece in pieces[1:] if "," in words[piece.first].before), len(words))
    if run is None and not (phrase_at(words, at, "point") and read_run(words, at + 1)):
        return None
    number = read_decimal(words[:cut], at)
    if number:
        scaled = not number.whole or word_at(words, number.last - 1) in SCALES
        return Rewrite(text=(_millions(number.value) if scaled else "") or number.digits, last=number.last)
    return Rewrite(text=run.digits, last=run.last) if run else None  # more digits than a number has


def _stays(words: Words, at: int) -> bool:
    """Whether a single number word is none here or is better left: "one of them"."""
    if word_at(words, at) == "hundred":
        return word_at(words, at - 1) in VAGUE
    if word_at(words, at) != "one":
        return word_at(words, at) in OHS or word_at(words, at) in SCALES
    following = word_at(words, at + 2) in UNITS and word_at(words, at + 1) in RANGE
    return word_at(words, at - 1) not in ONE_IS_A_NUMBER and not following


def _millions(amount: int | float) -> str:
    """ "2 million" for whole or half millions; empty for all else."""
    for name, scale in (("billion", 1_000_000_000), ("million", 1_000_000)):
        if amount >= scale and amount * 10 % scale == 0:
            return f"{amount / scale:g} {name}"
    return ""


READERS: Sequence[Callable[[Words, int], Rewrite | None]] = (_date, _money, _time, _ordinal, _number)
