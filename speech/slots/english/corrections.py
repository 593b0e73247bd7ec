"""Where people correct themselves: "not tuesday, wednesday", "four one two eight no sorry four one two seven"."""

from __future__ import annotations

from speech.slots.english.numerals import (
    HESITATIONS,
    OHS,
    ORDINALS,
    REPEATS,
    TEENS,
    TENS,
    UNITS,
    ZEROS,
    Words,
    phrase_at,
    read_ordinal,
    read_run,
    word_at,
)
from speech.text.tokens import listed

MONTHS = tuple(listed("january february march april may june july august september october november december"))
WEEKDAYS = tuple(listed("monday tuesday wednesday thursday friday saturday sunday"))
DAYS = frozenset({"today", "tomorrow", "yesterday", "tonight"})
SURE_MARKS = (
    "i mean to say",
    "i meant to say",
    "no i mean",
    "i mean",
    "i meant",
    "no wait",
    "wait no",
    "no sorry",
    "sorry no",
    "no actually",
    "actually no",
    "oh no",
    "scratch that",
    "strike that",
    "forget that",
    "correction",
    "or rather",
    "let's make it",
    "let's make that",
    "make it",
    "make that",
    "change it to",
    "change that to",
    "let's say",
    "my mistake",
    "my bad",
    "i misspoke",
)
"""Marks: what follows these replaces what was said before."""
WEAK_MARKS = ("sorry", "no", "actually", "wait", "rather", "hang on", "hold on", "excuse me", "pardon", "oops", "nope")
"""These too, where a value follows at once: "i'm sorry i don't know" corrects nothing."""
NO_MARKS = frozenset(
    listed(
        "problem problems worries idea matter rush more less later earlier sooner longer need way thanks thank doubt"
    )
)
"""After "no" these say something else."""
VALUES = (
    UNITS.keys()
    | TEENS.keys()
    | TENS.keys()
    | ORDINALS.keys()
    | REPEATS.keys()
    | ZEROS
    | OHS
    | DAYS
    | {
        *MONTHS,
        *WEEKDAYS,
        "noon",
        "midnight",
        "half",
        "quarter",
        "hundred",
        "thousand",
        "million",
        "plus",
        "minus",
        "last",
    }
)
LEADS = frozenset(
    {"on", "at", "the", "for", "next", "this", "by", "to", "it's", "its", "is", "a", "that's", "in", "until"}
)
"""Small words before a value."""
CONTINUING = ("it's", "it is", "that's", "i said")
"""May follow a mark: "no, it's friday"."""
UNITS_BEHIND = ("dollars", "bucks", "euros", "pounds", "cents", "percent", "o'clock", "am", "pm", "a m", "p m")
"""May stand behind a number and belong to it."""
INSTEAD = ("instead of", "rather than")
TURNS = ("but rather", "but", "it's", "its", "it is", "rather", "that's", "make it", "i want", "i said")
"""Between what does not stand and what does."""


def standing(words: Words) -> tuple[int, int]:
    """First and last (exclusive) word of what stands after all corrections; all words where there is none."""
    first, last = 0, len(words)
    past = list(range(last + 1))  # from each word on, where marks and hesitations in a row end
    for at in range(last - 1, -1, -1):
        sure = phrase_at(words, at, *SURE_MARKS)
        length = sure or phrase_at(words, at, *WEAK_MARKS)
        if length:
            after = past[at + length]
            if after < last and (sure or _corrects(words, at, at + length, after)):
                first = after
                break
        length = length or int(words[at].text in HESITATIONS) or phrase_at(words, at, *CONTINUING)
        if length:
            past[at] = past[at + length]
    for at in range(first, last):
        if length := phrase_at(words, at, "not", *INSTEAD):
            return _without_denied(words, first, at, at + length)
    return first, last


def _corrects(words: Words, mark: int, following: int, after: int) -> bool:
    """Whether a weak mark, the word that follows it and what stands after all marks in a row are a correction."""
    if word_at(words, mark) == "no":
        word = word_at(words, following)
        if word in NO_MARKS or (word == "one" and not _long(words, after)):
            return False
    return _value_at(words, after)


def _long(words: Words, at: int) -> bool:
    """Whether more than one number word stands here: "no one" is nobody, "no one two three" a correction."""
    run = read_run(words, at)
    return run is not None and (run.last - run.first > 1 or run.last == len(words))


def _value_at(words: Words, at: int) -> bool:
    """Whether a number, a day or the like begins here, small words before it apart."""
    steps = 0
    while word_at(words, at) in LEADS and steps < 3:
        at, steps = at + 1, steps + 1
    word = word_at(words, at)
    return word in VALUES or word[:1].isdecimal()


def _without_denied(words: Words, first: int, mark: int, denied: int) -> tuple[int, int]:
    """What stands from ``first`` on when "not" or "instead of" is said at ``mark``, what it denies at ``denied``."""
    for at in range(denied + 1, len(words)):
        length = phrase_at(words, at, *TURNS)
        if length and at + length < len(words):
            return at + length, len(words)
        if "," in words[at].before and (_value_at(words, at) or mark == first):
            return at, len(words)
    if not _value_at(words, denied):
        return first, len(words)
    before = any(_value_at(words, at) for at in range(first, mark))
    after = _past_value(words, denied, halve=not before)
    if after < len(words) and _value_at(words, after):
        return after, len(words)
    return (first, mark) if before else (first, len(words))


def _past_value(words: Words, at: int, *, halve: bool) -> int:
    """Index after the one value that begins here; of two equally long rows of numbers, after the first."""
    while word_at(words, at) in LEADS:
        at += 1
    if ordinal := read_ordinal(words, at):
        return ordinal.last
    if run := read_run(words, at):
        half, odd = divmod(len(run.pieces), 2)
        last = run.pieces[half].first if halve and half and not odd else run.last
        return last + phrase_at(words, last, *UNITS_BEHIND)
    if word_at(words, at) in MONTHS and (ordinal := read_ordinal(words, at + 1)):
        return ordinal.last
    return at + 1
