"""Numbers, ordinals and rows of digits."""

from __future__ import annotations

from dataclasses import dataclass

from speech.slots.english.numerals import (
    ORDINALS,
    SCALES,
    UNITS,
    Words,
    certainty,
    find_runs,
    joined,
    past_number,
    phrase_at,
    read_cardinal,
    read_ordinal,
    read_run,
    word_at,
)
from speech.slots.slots import NOTHING, Slot
from speech.text.tokens import listed

NOT_A_NUMBER_BEFORE = frozenset(
    listed("no the that this which another any every each some other right wrong next last first second third only")
)
"""Before "one" these make it a pronoun."""
ONE_OF_THESE = frozenset({"moment", "second", "sec", "thing"})
"""After "one" these ask for patience or begin a story."""
LONGEST = 15
"""Digits of a number; more is a row of digits, and a float would round them."""
DOZENS = {"half a dozen": 6, "a half dozen": 6, "half dozen": 6, "a dozen": 12, "dozen": 12}
PAIRS = ("a couple of", "a couple", "couple of", "a pair of", "a pair")
FRACTIONS = {"and a half": 0.5, "and one half": 0.5, "and a quarter": 0.25, "and three quarters": 0.75}
ALONE = {
    "three quarters": 0.75,
    "a quarter": 0.25,
    "one half": 0.5,
    "a half": 0.5,
    "half": 0.5,
}
NO_POINT = frozenset(listed("this that the my a your some any which what no at"))
"""Before "point" these make it no decimal: "at this point five people"."""
IDIOMS = (
    "on second",
    "a second",
    "one second",
    "just second",
    "first of all",
    "first time",
    "at first",
    "second thought",
)
CHOICES = ("number", "option", "variant", "choice", "item", "answer", "no")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number with its sign and fraction."""

    value: int | float
    first: int
    last: int
    whole: bool
    """Nothing but an integer."""
    digits: str = ""
    """As it is written, zeros as they were said."""


def find_number(words: Words) -> Slot:
    """The first number in a text."""
    at = 0
    while at < len(words):
        quantity = read_quantity(words, at)
        if quantity and not _pronoun(words, at, quantity.last):
            sure = certainty(words, quantity.first, quantity.last)
            return Slot(value=quantity.value, confidence=sure, first=quantity.first, last=quantity.last)
        at = quantity.last if quantity else past_number(words, at)
    return NOTHING


def find_ordinal(words: Words) -> Slot:
    """The place in a row: an ordinal, a number after "number" or "option", or a number by itself."""
    at = 0
    while at < len(words):
        ordinal = read_ordinal(words, at)
        if ordinal and not _idiom(words, at):
            sure = certainty(words, at, ordinal.last)
            return Slot(value=ordinal.value, confidence=sure, first=at, last=ordinal.last)
        at = ordinal.last if ordinal else at + 1
    for at in range(len(words)):
        piece = read_cardinal(words, at)
        if piece is None or not 0 < piece.value < 1000 or words[at].text in ("a", "an"):
            continue
        named = word_at(words, at - 1) in CHOICES or "#" in words[at].before
        least = 0.95 if words[at].text == "one" else 0.85  # "the top one"
        if named or (not _pronoun(words, at, piece.last) and certainty(words, at, piece.last) >= least):
            return Slot(value=piece.value, confidence=0.95 if named else 0.8, first=at, last=piece.last)
    return NOTHING


def find_digits(words: Words) -> Slot:
    """The longest row of digits; the last of equally long ones, as people correct themselves."""
    runs = [run for run in find_runs(words) if not _pronoun(words, run.first, run.last)]
    run = max(reversed(runs), key=lambda run: len(run.digits), default=None)
    if run is None:
        return NOTHING
    sure = certainty(words, run.first, run.last)
    return Slot(value=run.digits, confidence=sure, first=run.first, last=run.last)


def read_quantity(words: Words, at: int) -> Quantity | None:
    """The number that begins here with sign, decimals and fractions; None for one too long to be a number."""
    minus = phrase_at(words, at, "minus", "negative") or 0
    start = at + minus
    typed_minus = not minus and at < len(words) and _typed_minus(words, at)
    found = _fixed(words, start) or read_decimal(words, start)
    if found is None:
        return None
    if minus or typed_minus:
        return Quantity(value=-found.value, first=at, last=found.last, whole=found.whole)
    return found


def _fixed(words: Words, at: int) -> Quantity | None:
    """Half a dozen, a couple, three quarters, half."""
    for phrase, value in DOZENS.items():
        if length := phrase_at(words, at, phrase):
            return Quantity(value=value, first=at, last=at + length, whole=False)
    if length := phrase_at(words, at, *PAIRS):
        scale = {"hundred": 100, **SCALES}.get(word_at(words, at + length), 1)
        return Quantity(value=2 * scale, first=at, last=at + length + (scale > 1), whole=False)
    for phrase, part in ALONE.items():
        length = phrase_at(words, at, phrase)
        following = word_at(words, at + length)
        if length and following not in ("past", "to", "after", "hour") and following not in UNITS:
            length += phrase_at(words, at + length, "of a", "a")
            scale = SCALES.get(word_at(words, at + length), 0)
            if scale:
                return Quantity(value=int(part * scale), first=at, last=at + length + 1, whole=False)
            return Quantity(value=part, first=at, last=at + phrase_at(words, at, phrase), whole=False)
    return None


def read_decimal(words: Words, at: int) -> Quantity | None:
    """A number with decimals, fractions and millions, without its sign."""
    run = read_run(words, at)
    digits, last = (run.digits, run.last) if run else ("", at)
    if run:
        # 3.75 and 2,5 as typed: the run took them for two numbers
        for piece in run.pieces[1:]:
            mark = words[piece.first].before
            decimals = words[piece.first].text
            if mark == "." or (mark == "," and len(decimals) != 3):
                digits = "".join(part.digits for part in run.pieces if part.last <= piece.first)
                return _number(words, at, digits, decimals, piece.first + 1)
    if run is None and word_at(words, at - 1) in NO_POINT:
        return None
    zero = 0 if run else phrase_at(words, at, "oh", "o")
    if phrase_at(words, last + zero, "point", "decimal") and (rest := read_run(words, last + zero + 1)):
        decimals, end = rest.digits, rest.last
        if scale := SCALES.get(word_at(words, end - 1), 0):  # "point five million" was read as five million
            end -= 1
            decimals = "".join(piece.digits for piece in rest.pieces[:-1]) + str(rest.pieces[-1].value // scale)
        return _number(words, at, digits, decimals, end)
    if run is None:
        return None
    if word_at(words, last) in ("dozen", "dozens") and len(digits) < LONGEST:
        return Quantity(value=int(digits) * 12, first=at, last=last + 1, whole=False)
    for phrase, part in FRACTIONS.items():
        if (length := phrase_at(words, last, phrase)) and len(digits) < LONGEST:
            scale = SCALES.get(word_at(words, last + length), 0)
            if scale:
                return Quantity(value=int((int(digits) + part) * scale), first=at, last=last + length + 1, whole=False)
            if word_at(words, last + length) == "hour":
                break
            said = SCALES.get(word_at(words, last - 1), 1) if word_at(words, at) in ("a", "one") else 1
            value = int(digits) + part * said  # "a million and a half"
            value = int(value) if value == int(value) else value
            return Quantity(value=value, first=at, last=last + length, whole=False, digits=str(value))
    return _number(words, at, digits, "", last)


def _number(words: Words, first: int, digits: str, decimals: str, last: int) -> Quantity | None:
    if len(digits) + len(decimals) > LONGEST:
        return None
    scale = SCALES.get(word_at(words, last), 0)
    if not scale and word_at(words, last) == "k" and (joined(words, last) or last == len(words) - 1):
        scale = 1_000
    value: int | float = float(f"{digits or 0}.{decimals}") if decimals else int(digits)
    written = f"{digits or 0}.{decimals}" if decimals else digits
    if scale:
        last += 1
        value = round(value * scale, 6)
        value = int(value) if value == int(value) else value
        written = str(value)
    return Quantity(value=value, first=first, last=last, whole=not decimals and not scale, digits=written)


def _typed_minus(words: Words, at: int) -> bool:
    """Whether a minus is typed before digits, not a dash between words."""
    before = words[at].before
    return words[at].text.isdecimal() and (before.endswith((" -", "−")) or (at == 0 and before == "-"))


def _pronoun(words: Words, at: int, last: int) -> bool:
    """Whether "one" is no number here: "no one", "the second one"."""
    if words[at].text != "one" or last != at + 1:
        return False
    before = word_at(words, at - 1)
    return before in NOT_A_NUMBER_BEFORE or before in ORDINALS or word_at(words, last) in ONE_OF_THESE


def _idiom(words: Words, at: int) -> bool:
    """Whether an ordinal is none here: "just a second", "on second thought", "first of all"."""
    around = " ".join(word.text for word in words[max(0, at - 1) : at + 3])
    return any(idiom in around for idiom in IDIOMS) and not phrase_at(words, at - 1, "the")
