"""Days in figures, typed or read out, and years: "11/25/2026", "twelve slash five", "twenty twenty six"."""

from __future__ import annotations

from speech.slots.english.dates import Day, Today, day_of, nearest
from speech.slots.english.numerals import Piece, Words, joined, phrase_at, read_cardinal

MONTH_FIRST = frozenset({"US", "PH", "FM", "PW", "MH", "PR", "GU"})
"""Regions that write the month before the day."""


def read_typed(words: Words, at: int, today: Today) -> Day | None:
    """2026-11-25, 11/25/2026, 25.11.26, 11/25."""
    mark = words[at + 1].before if at + 1 < len(words) else ""
    parts = [words[at].text]
    while len(parts) < 3 and mark in ("-", "/", ".") and joined(words, at + len(parts), mark):
        parts.append(words[at + len(parts)].text)
    last = at + len(parts)
    sizes = [len(part) for part in parts]
    if len(parts) < 2 or not all(part.isdecimal() for part in parts) or max(sizes) > 4 or joined(words, last, mark):
        return None
    numbers = [int(part) for part in parts]
    if len(parts) == 3 and sizes[0] == 4:
        return Day(day=day_of(numbers[0], numbers[1], numbers[2]), first=at, last=last, rank=4)
    if max(sizes[:2]) > 2 or (len(parts) == 2 and mark != "/" and not (mark == "." and min(sizes) == 2)):
        return None
    first, second = numbers[:2]
    month, day = (first, second) if mark != "." and today.region in MONTH_FIRST else (second, first)
    if month > 12 >= day:
        month, day = day, month
    if len(parts) == 2:
        return Day(day=nearest(month, day, today, past=False), first=at, last=last, rank=4)
    if sizes[2] not in (2, 4):
        return None
    year = numbers[2]
    if sizes[2] == 2:
        year += 2000 if 2000 + year <= today.date.year + 20 else 1900
    return Day(day=day_of(year, month, day), first=at, last=last, rank=4)


def read_slashed(words: Words, at: int, today: Today) -> Day | None:
    """Twelve slash five, as 12/5 is read out."""
    first = read_cardinal(words, at)
    if first is None or not phrase_at(words, first.last, "slash"):
        return None
    second = read_cardinal(words, first.last + 1)
    if second is None:
        return None
    year, last = read_year(words, second.last + phrase_at(words, second.last, "slash"))
    month, day = (first.value, second.value) if today.region in MONTH_FIRST else (second.value, first.value)
    if month > 12 >= day:
        month, day = day, month
    found = day_of(year, month, day) if year else nearest(month, day, today, past=False)
    return Day(day=found, first=at, last=last if year else second.last, rank=4)


def read_year(words: Words, at: int) -> tuple[int, int]:
    """The year said here and the index after it; 0 where none is."""
    start = at + phrase_at(words, at, "of", "in")
    piece = read_cardinal(words, start)
    if piece and 1900 <= piece.value <= 2100:
        return piece.value, piece.last
    if piece and piece.value in (19, 20) and (rest := second_of_year(words, piece)):
        return piece.value * 100 + rest.value, rest.last
    return 0, at


def second_of_year(words: Words, century: Piece) -> Piece | None:
    """What follows nineteen or twenty in a year: "eighty four", "oh five"."""
    at = century.last
    if phrase_at(words, at, "oh", "o"):
        rest = read_cardinal(words, at + 1)
        return rest if rest and 0 < rest.value < 10 else None
    rest = read_cardinal(words, at)
    return rest if rest and 10 <= rest.value < 100 else None
