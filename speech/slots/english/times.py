"""English times of day: "half past three", "quarter to five", "five thirty pm", "fifteen thirty", "3pm".

A time without "am", "pm" or a part of the day is taken in business hours: 1 to 7 are in the afternoon, 8 to 12 as said.
What is said of the hour decides, so "quarter to eight" is 7:45. Typed with a leading zero it is on the 24-hour clock.
"""

from __future__ import annotations

from dataclasses import dataclass

from speech.slots.english.numerals import (
    OHS,
    SCALES,
    Words,
    joined,
    new_sentence,
    phrase_at,
    read_cardinal,
    read_ordinal,
    read_run,
    word_at,
)
from speech.text.tokens import listed

AFTERNOON = range(1, 8)
"""Hours that without more are in the afternoon."""
NAMED = {"noon": 12 * 60, "midday": 12 * 60, "midnight": 0}
"""Minutes of the day."""
BEFORE = ("to", "til", "till", "before", "of")
AFTER = ("past", "after")
HALF_OF_DAY = {
    "am": "am",
    "a m": "am",
    "pm": "pm",
    "p m": "pm",
    "in the morning": "am",
    "of the morning": "am",
    "in the afternoon": "pm",
    "in the evening": "pm",
    "of the evening": "pm",
    "at night": "night",
    "in the night": "night",
    "at noon": "noon",
    "at midnight": "midnight",
    "noon": "noon",
    "midnight": "midnight",
    "morning": "am",
    "afternoon": "pm",
    "evening": "pm",
    "tonight": "night",
    "tomorrow morning": "am",
    "tomorrow afternoon": "pm",
    "tomorrow evening": "pm",
    "tomorrow night": "night",
    "this morning": "am",
    "this afternoon": "pm",
    "this evening": "pm",
}
"""Words that may follow a time to place it."""
PARTS_BEFORE = {"morning": "am", "afternoon": "pm", "evening": "pm", "night": "night", "tonight": "night"}
"""Parts of the day that may have been said before: "tomorrow morning at eight"."""
LEADS = frozenset(listed("at around about by before after until till from for say like near towards between @"))
NO_UNITS = frozenset(
    listed(
        "days day weeks week months month years year people persons pieces items percent dollars pounds euros rubles "
        "times of minutes minute hours hour seconds degrees miles guests adults kids children"
    )
)
"""After these a bare number is no hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A time that was said, and the words that said it."""

    seconds: int
    """Seconds of the day, or from now with ``ahead``; below 0 for the past."""
    first: int
    last: int
    rank: int
    """How clearly it was said: 3 as a time only, 2 as an hour after "at" or as two numbers, 1 as a bare number."""
    ahead: bool = False
    """Counted from now."""
    with_seconds: bool = False


def find_clocks(words: Words) -> list[Clock]:
    """Every time said in a text, in order, none inside another."""
    clocks, at = [], 0
    while at < len(words):
        clock = read_clock(words, at)
        run = read_run(words, at) if clock and clock.rank < 3 else None
        if run and clock and clock.last < run.last and len(run.pieces) > 2:
            at = run.last  # dictated digits
            continue
        if clock:
            clocks.append(clock)
        piece = None if clock else read_cardinal(words, at)
        at = clock.last if clock else piece.last if piece else at + 1
    return clocks


def best_clock(clocks: list[Clock]) -> Clock | None:
    """The time said most clearly; the first of equal ones."""
    return max(clocks, key=lambda clock: clock.rank, default=None)


def read_clock(words: Words, at: int) -> Clock | None:
    """The time that is said from here on."""
    return _ahead(words, at) or read_relative(words, at) or _named(words, at) or read_time(words, at)


def _ahead(words: Words, at: int) -> Clock | None:
    """In two hours, in half an hour, twenty minutes from now, an hour ago, now."""
    if length := phrase_at(words, at, "right now", "straight away", "right away", "immediately", "now"):
        return Clock(seconds=0, first=at, last=at + length, rank=1, ahead=True)
    start = at + phrase_at(words, at, "in", "within", "after")
    seconds, last = _duration(words, start)
    if seconds is None:
        return None
    if phrase_at(words, last, "ago", "earlier"):
        return Clock(seconds=-seconds, first=at, last=last + 1, rank=3, ahead=True)
    length = phrase_at(words, last, "from now", "later", "time")
    if start == at and not length:
        return None
    return Clock(seconds=seconds, first=at, last=last + length, rank=3, ahead=True)


def _duration(words: Words, at: int) -> tuple[int | None, int]:
    """Seconds of "two and a half hours", "three quarters of an hour", "an hour and ten minutes"."""
    if length := phrase_at(words, at, "half an hour", "a half hour", "half hour"):
        return 1800, at + length
    if length := phrase_at(words, at, "three quarters of an hour"):
        return 2700, at + length
    if length := phrase_at(words, at, "a quarter of an hour", "quarter of an hour"):
        return 900, at + length
    if length := phrase_at(words, at, "a couple of", "couple of"):
        amount, last = 2, at + length
    elif piece := read_cardinal(words, at):
        amount, last = piece.value, piece.last
    elif word_at(words, at) in ("a", "an"):
        amount, last = 1, at + 1
    else:
        return None, at
    half = phrase_at(words, last, "and a half")
    unit = {
        "hour": 3600,
        "hours": 3600,
        "hr": 3600,
        "hrs": 3600,
        "minute": 60,
        "minutes": 60,
        "min": 60,
        "mins": 60,
    }.get(word_at(words, last + half))
    if unit is None or amount > 100_000:
        return None, at
    seconds, last = amount * unit + (unit // 2 if half else 0), last + half + 1
    if unit == 3600 and not half:
        if length := phrase_at(words, last, "and a half"):
            return seconds + 1800, last + length
        rest, end = _duration(words, last + phrase_at(words, last, "and"))
        if rest is not None and rest < 3600:
            return seconds + rest, end
    return seconds, last


def read_relative(words: Words, at: int) -> Clock | None:
    """Half past three, a quarter to five, ten to six, five minutes past ten, half three."""
    start = at + phrase_at(words, at, "a")
    if phrase_at(words, start, "half past", "half after"):
        minutes, place = 30, start + 2
    elif phrase_at(words, start, "half") and (hour := _hour(words, start + 1)) and hour[0] <= 12:
        return _placed(words, at, hour[1], hour[0], 30)
    elif (link := word_at(words, start + 1)) in (*BEFORE, *AFTER) and phrase_at(words, start, "quarter"):
        minutes, place = (15 if link in AFTER else -15), start + 2
    else:
        piece = read_cardinal(words, start)
        if piece is None or not 0 < piece.value < 60:
            return None
        place = piece.last + phrase_at(words, piece.last, "minutes", "minute")
        link = word_at(words, place)
        if link not in (*BEFORE, *AFTER) or link == "of":
            return None
        if place == piece.last and piece.value % 5:
            return None  # "nine to five" is a working day
        minutes, place = (piece.value if link in AFTER else -piece.value), place + 1
    if word_at(words, place) in NAMED:
        return Clock(seconds=(NAMED[word_at(words, place)] + minutes) % 1440 * 60, first=at, last=place + 1, rank=3)
    hour = _hour(words, place)
    if hour is None or joined(words, hour[1], ":"):
        return None
    return _placed(words, at, hour[1], hour[0], minutes)


def _named(words: Words, at: int) -> Clock | None:
    """Noon, twelve midnight."""
    start = at + phrase_at(words, at, "twelve", "12")
    minutes = NAMED.get(word_at(words, start))
    return None if minutes is None else Clock(seconds=minutes * 60, first=at, last=start + 1, rank=3)


def read_time(words: Words, at: int) -> Clock | None:
    """Five thirty pm, fifteen thirty, 15:30, oh nine hundred, three o'clock, at two, 3pm, six."""
    zero = word_at(words, at) in OHS or word_at(words, at) == "zero"
    start = at + 1 if zero else at
    if (not zero and read_ordinal(words, at)) or joined(words, at, ":"):
        return None
    if zero and (length := phrase_at(words, start, "hundred hours", "hundred")):
        return Clock(seconds=0, first=at, last=start + length, rank=3)
    if clock := _four_digits(words, at):
        return clock
    hundred = _hundred(words, start)
    if hundred and (zero or hundred[0] >= 10 or phrase_at(words, hundred[1], "hours")):
        last = hundred[1] + phrase_at(words, hundred[1], "hours")
        return Clock(seconds=hundred[0] * 3600, first=at, last=last, rank=3)
    hour = _hour(words, start)
    if hour is None:
        return None
    value, last = hour
    minutes, after = _minutes(words, last)
    literal = zero or (word_at(words, start).startswith("0") and len(word_at(words, start)) == 2)
    if minutes is None:
        if words[start].before == "." or joined(words, last, ".") or joined(words, last, ","):
            return None
        length = phrase_at(words, last, "o'clock", "oclock", "o clock", "hours")
        said = bool(length)
        last += length
        if not half_of_day(words, last)[0] and not said and word_at(words, last) in NO_UNITS:
            return None
        if last == len(words) - 1 and word_at(words, last) in (*BEFORE, *AFTER):
            return None
        rank = 3 if said else 2 if word_at(words, at - 1) in LEADS else 1
        return _placed(words, at, last, value, 0, rank=rank, literal=literal)
    typed = joined(words, last, ":")
    seconds = 0
    if typed and joined(words, after, ":") and word_at(words, after).isdecimal() and int(word_at(words, after)) < 60:
        seconds, after = int(word_at(words, after)), after + 1
    clock = _placed(words, at, after, value, minutes, rank=3 if typed else 2, literal=literal)
    if clock is None or after - last < 2 or not typed:
        return clock
    return Clock(seconds=clock.seconds + seconds, first=at, last=clock.last, rank=3, with_seconds=True)


def _four_digits(words: Words, at: int) -> Clock | None:
    """1530, as it is typed."""
    word = word_at(words, at)
    if len(word) != 4 or not word.isdecimal() or int(word[:2]) > 23 or int(word[2:]) > 59:
        return None
    last = at + 1 + phrase_at(words, at + 1, "hours", "hrs")
    rank = 2 if last > at + 1 or word_at(words, at - 1) in LEADS else 1
    return Clock(seconds=(int(word[:2]) * 60 + int(word[2:])) * 60, first=at, last=last, rank=rank)


def _hundred(words: Words, at: int) -> tuple[int, int] | None:
    """Hour and index after it of "fifteen hundred"."""
    piece = read_cardinal(words, at)
    spoken = piece and piece.value % 100 == 0 and word_at(words, piece.last - 1) == "hundred"
    if piece and spoken and 0 < piece.value < 2400:
        return piece.value // 100, piece.last
    return None


def _hour(words: Words, at: int) -> tuple[int, int] | None:
    """An hour 0..24 and the index after it: "twenty one" is one number, "fifteen thirty" an hour and more."""
    word = word_at(words, at)
    if word.isdecimal() and len(word) > 2:
        return None
    piece = read_cardinal(words, at)
    if piece is None or piece.value > 24 or word_at(words, piece.last - 1) in ("hundred", *SCALES):
        return None
    if words[at].text in ("a", "an"):
        return None
    return piece.value, piece.last


def _minutes(words: Words, at: int) -> tuple[int | None, int]:
    """Minutes 0..59 behind an hour and the index after them; "oh five", "thirty", ":30", " 30"."""
    if at >= len(words) or new_sentence(words, at):
        return None, at
    word = word_at(words, at)
    if word.isdecimal():
        mark = words[at].before
        fits = len(word) == 2 and int(word) < 60
        separate = mark in (":", ".", "-", "h") or mark.isspace()
        return (int(word), at + 1) if fits and separate else (None, at)
    if words[at].before not in (" ", "-", ":"):
        return None, at
    if word in OHS or word == "zero":
        piece = read_cardinal(words, at + 1)
        return (piece.value, piece.last) if piece and piece.value < 10 else (None, at)
    piece = read_cardinal(words, at)
    if (
        piece is None
        or not 10 <= piece.value < 60
        or read_ordinal(words, at)
        or word_at(words, piece.last) == "percent"
    ):
        return None, at
    return piece.value, piece.last


def half_of_day(words: Words, at: int) -> tuple[str, int]:
    """Half of the day named here and its length in words."""
    for phrase, half in HALF_OF_DAY.items():
        if length := phrase_at(words, at, phrase):
            return half, length
    return "", 0


def _placed(
    words: Words, first: int, last: int, hour: int, minutes: int, *, rank: int = 3, literal: bool = False
) -> Clock | None:
    """The time on the 24-hour clock, by the half of the day that is said after or before it."""
    last += phrase_at(words, last, "o'clock", "oclock")
    half, length = half_of_day(words, last)
    if not half:
        half = next((PARTS_BEFORE[word.text] for word in words[:first][::-1] if word.text in PARTS_BEFORE), "")
    elif length:
        rank, last = 3, last + length
    if hour > 24 or (hour == 24 and minutes):
        return None
    if hour <= 12 and not (literal and not half):
        if half == "noon" or (half == "pm" and hour < 12) or (half == "night" and 5 <= hour < 12):
            hour = 12 if half == "noon" else hour + 12
        elif (half in ("am", "night", "midnight") and hour == 12) or half == "midnight":
            hour = 0
        elif not half and hour in AFTERNOON:
            hour += 12
    seconds = (hour * 60 + minutes) % 1440 * 60
    return Clock(seconds=seconds, first=first, last=last, rank=rank)
