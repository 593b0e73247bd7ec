"""English number words, read from a place in a row of words on: one number, an ordinal, numbers said in a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice

from speech.text.tokens import Token, listed

Words = Sequence[Token]

UNITS = {word: value for value, word in enumerate(listed("one two three four five six seven eight nine"), start=1)}
TEENS = {
    word: value
    for value, word in enumerate(
        listed("ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"), start=10
    )
}
TENS = {
    word: value * 10
    for value, word in enumerate(listed("twenty thirty forty fifty sixty seventy eighty ninety"), start=2)
} | {"fourty": 40}
ZEROS = frozenset({"zero", "nought", "naught", "nil"})
OHS = frozenset({"oh", "o"})
"""Zeros beside another digit only: "oh hello"."""
SCALES = {"thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
REPEATS = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
ORDINALS = {
    word: value
    for value, word in enumerate(
        listed(
            "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
            "fifteenth sixteenth seventeenth eighteenth nineteenth"
        ),
        start=1,
    )
} | {
    word: value * 10
    for value, word in enumerate(
        listed("twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth"), start=2
    )
}
ROUND_ORDINALS = {"hundredth": 100, "thousandth": 1_000, "millionth": 1_000_000}
HESITATIONS = frozenset({"uh", "um", "er", "erm", "hmm", "ah", "then"})
"""May stand between two digits and mean nothing."""
FILLERS = HESITATIONS | frozenset(
    listed(
        "a an the is it's its it that's please well so like i think i'd say just about around okay ok yes yeah maybe "
        "my would be let's for on at in by of to thanks thank you hi hello guess probably"
    )
)
"""Words that carry no value of their own around an answer."""
MOST_PIECES = 60
"""Numbers in a row; who reads on begins anew behind them."""
LONGEST = 1_000
"""Digits in a row that are still read as a number: Python refuses to convert some more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One number that was said in one go: "forty one" and "twenty seven" are two."""

    value: int
    digits: str
    """As written, with leading zeros."""
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Numbers said one behind another."""

    pieces: tuple[Piece, ...]
    first: int
    last: int

    @property
    def digits(self) -> str:
        return "".join(piece.digits for piece in self.pieces)


def word_at(words: Words, at: int) -> str:
    """The word at an index; empty beyond the ends."""
    return words[at].text if 0 <= at < len(words) else ""


def phrase_at(words: Words, at: int, *phrases: str) -> int:
    """How many words of the first of these phrases stand here; 0 where none does."""
    for parts in _by_first_word(phrases).get(word_at(words, at), ()):
        if all(word_at(words, at + step) == part for step, part in enumerate(parts)):
            return len(parts)
    return 0


@cache
def _by_first_word(phrases: tuple[str, ...]) -> Mapping[str, Sequence[Sequence[str]]]:
    grouped: dict[str, list[list[str]]] = {}
    for phrase in phrases:
        parts = phrase.split()
        grouped.setdefault(parts[0], []).append(parts)
    return grouped


def joined(words: Words, at: int, mark: str = "") -> bool:
    """Whether exactly ``mark`` stands between the word before and this one."""
    return 0 < at < len(words) and words[at].before == mark


def new_sentence(words: Words, at: int) -> bool:
    """Whether typed marks end a sentence before this word."""
    return at < len(words) and any(mark in words[at].before for mark in (". ", "! ", "? ", "; ", "\n"))


def read_cardinal(words: Words, at: int) -> Piece | None:
    """The whole number that begins here, in words or digits, taken as far as it can be one number."""
    first, total, scale = at, 0, 1_000_000_000_000
    digits = ""
    while True:
        part = _below_thousand(words, at)
        if part is None:
            break
        following = SCALES.get(word_at(words, part.last), 0)
        if total and not following and not _closes(words, part, scale):
            break
        if following and (following >= scale or new_sentence(words, part.last)):
            break
        digits = part.digits if at == first and not following else ""
        total, at = total + part.value * (following or 1), part.last + (1 if following else 0)
        if not following:
            break
        scale = following
        if word_at(words, at) == "and" and _below_thousand(words, at + 1):
            at += 1
    if at == first:
        return None
    if word_at(words, at - 1) == "and":
        at -= 1
    return Piece(value=total, digits=digits or str(total), first=first, last=at)


def _closes(words: Words, part: Piece, scale: int) -> bool:
    """Whether a part behind a thousand belongs to it: "two thousand one two three" is dictated digits."""
    return part.value < scale and not new_sentence(words, part.first) and not _dictated(words, part)


def _below_thousand(words: Words, at: int) -> Piece | None:
    """A number up to 999, or "twelve hundred"; also "a hundred" and "a" before a scale, and any typed number."""
    word, following = word_at(words, at), word_at(words, at + 1)
    if word in ("a", "an", "one") and following == "hundred":
        start = Piece(value=1, digits="1", first=at, last=at + 1)
    elif word == "a" and following in SCALES:
        return Piece(value=1, digits="1", first=at, last=at + 1)
    elif word == "hundred" or word in SCALES:
        start = Piece(value=1, digits="1", first=at, last=at)
    else:
        small = _below_hundred(words, at)
        if small is None:
            return None
        start = small
    if word_at(words, start.last) != "hundred" or not 0 < start.value < 100:
        return start
    value, last = start.value * 100, start.last + 1
    skip = 1 if word_at(words, last) == "and" else 0
    rest = _below_hundred(words, last + skip)
    if (
        rest
        and 0 < rest.value < 100
        and word_at(words, rest.last) != "hundred"
        and not new_sentence(words, last)
        and (skip or not _dictated(words, rest))
    ):
        value, last = value + rest.value, rest.last
    return Piece(value=value, digits=str(value), first=at, last=last)


def _below_hundred(words: Words, at: int) -> Piece | None:
    word = word_at(words, at)
    if word.isdecimal():
        return _typed(words, at)
    if word in ZEROS:
        return Piece(value=0, digits="0", first=at, last=at + 1)
    value = UNITS.get(word) or TEENS.get(word) or TENS.get(word)
    if value is None:
        return None
    last = at + 1
    following = word_at(words, last)
    unit = UNITS.get(following) or (int(following) if following.isdecimal() and len(following) == 1 else 0)
    if word in TENS and unit:
        value, last = value + unit, last + 1
    return Piece(value=value, digits=str(value), first=at, last=last)


def _typed(words: Words, at: int) -> Piece | None:
    """Digits, with commas between thousands."""
    digits, last = words[at].text, at + 1
    if len(digits) <= 3 and digits != "0":
        while joined(words, last, ",") and len(words[last].text) == 3 and words[last].text.isdecimal():
            digits, last = digits + words[last].text, last + 1
    if len(digits) > LONGEST:
        return None
    digits = "".join(str(int(char)) for char in digits)  # other scripts have digits of their own
    return Piece(value=int(digits), digits=digits, first=at, last=last)


def _dictated(words: Words, part: Piece) -> bool:
    """Whether a single digit is followed by another: "eight hundred | five five five"."""
    following = word_at(words, part.last)
    next_digit = following in UNITS or following in OHS or following in ZEROS or following in REPEATS
    return part.digits != "0" and part.value < 10 and part.last == part.first + 1 and next_digit


def read_ordinal(words: Words, at: int) -> Piece | None:
    """The ordinal that begins here: "twenty first", "hundred and fifth", "3rd"."""
    if (value := ORDINALS.get(word_at(words, at), 0)) or (value := ROUND_ORDINALS.get(word_at(words, at), 0)):
        return Piece(value=value, digits=str(value), first=at, last=at + 1)
    base = read_cardinal(words, at)
    if base is None or new_sentence(words, base.last):
        return None
    last = base.last
    if words[last - 1].text.isdecimal() and joined(words, last) and words[last].text in ("st", "nd", "rd", "th"):
        return Piece(value=base.value, digits=base.digits, first=at, last=last + 1)
    if scale := ROUND_ORDINALS.get(word_at(words, last), 0):
        return Piece(value=base.value * scale, digits=str(base.value * scale), first=at, last=last + 1)
    skip = 1 if word_at(words, last) == "and" else 0
    value = ORDINALS.get(word_at(words, last + skip), 0)
    after_tens = not skip and value < 10 and base.value % 10 == 0 and base.value % 100 >= 20
    after_hundreds = base.value > 0 and base.value % 100 == 0 and value < 100
    if value and (after_tens or after_hundreds):
        return Piece(value=base.value + value, digits=str(base.value + value), first=at, last=last + skip + 1)
    return None


def read_run(words: Words, at: int) -> Run | None:
    """Numbers that were said one behind another from here on, hesitations between them left out."""
    pieces: list[Piece] = []
    first = at
    while len(pieces) < MOST_PIECES and (piece := _next_piece(words, at, inside=bool(pieces))):
        pieces.append(piece)
        at = piece.last
    return Run(pieces=tuple(pieces), first=first, last=at) if pieces else None


def _next_piece(words: Words, at: int, *, inside: bool) -> Piece | None:
    while inside and word_at(words, at) in HESITATIONS:
        at += 1
    if inside and new_sentence(words, at):
        return None
    word = word_at(words, at)
    if word in OHS:
        following = word_at(words, at + 1)
        beside = (
            (inside and following != "clock")
            or following in UNITS
            or following in REPEATS
            or following in OHS
            or following.isdecimal()
        )
        beside = beside or (following in ZEROS or following in TENS or following in TEENS)
        return Piece(value=0, digits="0", first=at, last=at + 1) if beside else None
    if word in REPEATS and (digit := _digit(word_at(words, at + 1))):
        digits = digit * REPEATS[word]
        return Piece(value=int(digits), digits=digits, first=at, last=at + 2)
    return read_cardinal(words, at)


def _digit(word: str) -> str:
    if word in ZEROS or word in OHS:
        return "0"
    value = str(UNITS.get(word, word))
    return value if len(value) == 1 and value.isdecimal() else ""


def past_number(words: Words, at: int) -> int:
    """Index after the numbers that begin here, or after this word."""
    run = read_run(words, at)
    return run.last if run else at + 1


def find_runs(words: Words) -> list[Run]:
    """All rows of numbers in a text."""
    runs, at = [], 0
    while at < len(words):
        run = read_run(words, at)
        if run:
            runs.append(run)
        at = run.last if run else at + 1
    return runs


def certainty(words: Words, first: int, last: int) -> float:
    """How sure a value is that these words hold: surer where hardly anything else was said. 0.8 to 0.95 by feel."""
    around = chain(range(first - 1, -1, -1), range(last, len(words)))
    others = sum(1 for _ in islice((at for at in around if words[at].text not in FILLERS), 5))  # more change nothing
    return max(0.8, 0.95 - 0.03 * others)
