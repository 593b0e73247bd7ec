"""Rows of digits, dictated or typed, with all that people put between their groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from speech.slots.english.numerals import read_run
from speech.slots.russian.dictated_digits import BETWEEN as RUSSIAN_BETWEEN
from speech.slots.russian.dictated_digits import group_at
from speech.text.language import pack
from speech.text.tokens import Token, listed

RUSSIAN_FILLERS = RUSSIAN_BETWEEN | frozenset(
    listed(
        "так записывайте запишите записали записал записала пишите записываете пишете да ага угу мгм теперь следующие "
        "следующая и а эээ ээ ммм щас сейчас подождите секунду минутку дефисом скобка скобки цифры цифра потом опять "
        "снова слышно слышите алло"
    )
)
ENGLISH_FILLERS = frozenset(
    listed(
        "dash hyphen space then and so okay ok right yeah yes minus next uh um er erm hmm well like let me see please "
        "got that followed by again digit digits slash hang on one-second"
    )
)
NOT_BETWEEN = frozenset(listed("is it it's that i i'd would said a the это я говорю"))
"""Fillers of an answer that begin something new between digits: "the full one is four oh …"."""
CORRECTIONS = {
    "ru": frozenset(listed("нет ой точнее вернее извините простите ошиблась ошибся неправильно стоп")),
    "en": frozenset(listed("no sorry wait actually oops correction scratch rather mean i")),
}
LONGEST_GAP = 3
"""Words between two groups of one number."""
TYPED_GAP = frozenset(" ().-+\u00a0\u2010\u2011\u2012\u2013\u2014")
"""Characters between typed groups of one number."""
LONGEST_TYPED_GAP = 3
COMMA_GROUP = 4
"""Digits in each of two typed groups that a comma may part: a recogniser that punctuates writes "8, 916, 123"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Digits said or typed in one go."""

    digits: str
    first: int
    last: int
    typed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Figures of what can be one number."""

    figures: tuple[Figure, ...]
    plus: bool = False
    """Whether a plus was said or typed before it."""
    glued: bool = False
    """Whether letters stand right before it, as in a product's code: ``AB-1234``."""
    mended: bool = False
    """Whether the speaker corrected himself inside it."""

    @property
    def digits(self) -> str:
        return "".join(figure.digits for figure in self.figures)

    @property
    def first(self) -> int:
        return self.figures[0].first

    @property
    def last(self) -> int:
        return self.figures[-1].last

    @property
    def typed(self) -> bool:
        return all(figure.typed for figure in self.figures)

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(len(figure.digits) for figure in self.figures)


def rows(words: Sequence[Token], language: str) -> list[Row]:
    """All rows of digits of a text, by place."""
    figures = _figures(words, language)
    found: list[Row] = []
    row: list[Figure] = []
    mended = False
    for figure in figures:
        if row:
            joins, mends = _joins(words, row[-1], figure, language)
            if joins:
                row.append(figure)
                mended = mended or mends
                continue
            found.append(_row(words, row, mended=mended))
        row, mended = [figure], False
    if row:
        found.append(_row(words, row, mended=mended))
    return found


def _row(words: Sequence[Token], figures: list[Figure], *, mended: bool) -> Row:
    first = figures[0].first
    before = words[first - 1].text if first else ""
    plus = words[first].before.rstrip(" (").endswith("+") or before in {"плюс", "plus"}
    letters = first > 0 and before.isalpha() and words[first].before in {"", "-", "_"} and figures[0].typed
    last = figures[-1].last
    tail = last < len(words) and words[last].text.isalpha() and words[last].before in {"", "_"} and figures[-1].typed
    return Row(figures=tuple(figures), plus=plus, glued=letters or tail, mended=mended)


def _joins(words: Sequence[Token], left: Figure, right: Figure, language: str) -> tuple[bool, bool]:
    """Whether two figures can be of one number, and whether a correction stands between them."""
    between = words[left.last : right.first]
    if not between and left.typed and right.typed:
        gap = words[right.first].before
        if "," in gap:
            return max(len(left.digits), len(right.digits)) <= COMMA_GROUP and gap.strip() == ",", False
        return len(gap) <= LONGEST_TYPED_GAP and set(gap) <= TYPED_GAP and ". " not in gap, False
    if len(between) > LONGEST_GAP:
        return False, False
    fillers, corrections = _fillers(language), CORRECTIONS.get(language, frozenset())
    if not all(word.text in fillers or word.text in corrections for word in between):
        return False, False
    return True, any(word.text in corrections for word in between)


@cache
def _fillers(language: str) -> frozenset[str]:
    own = {"ru": RUSSIAN_FILLERS, "en": ENGLISH_FILLERS}.get(language)
    return own | (pack(language).fillers - NOT_BETWEEN) if own else frozenset()


def _figures(words: Sequence[Token], language: str) -> list[Figure]:
    read = READERS.get(language, _typed)
    found: list[Figure] = []
    at = 0
    while at < len(words):
        figures = read(words, at)
        found.extend(figures)
        at = figures[-1].last if figures else at + 1
    return found


def _typed(words: Sequence[Token], at: int) -> list[Figure]:
    """Digits as they were typed, whatever the language."""
    if not words[at].text.isdecimal():
        return []
    return [Figure(digits=_ascii(words[at].text), first=at, last=at + 1, typed=True)]


def _russian(words: Sequence[Token], at: int) -> list[Figure]:
    if words[at].text.isdecimal():
        return _typed(words, at)
    digits, last = group_at(words, at, times=False)
    return [Figure(digits=digits, first=at, last=last, typed=False)] if digits else []


def _english(words: Sequence[Token], at: int) -> list[Figure]:
    if words[at].text.isdecimal():
        return _typed(words, at)
    run = read_run(words, at)
    if run is None:
        return []
    return [
        Figure(digits=piece.digits, first=piece.first, last=piece.last, typed=words[piece.first].text.isdecimal())
        for piece in run.pieces
    ]


def _ascii(digits: str) -> str:
    return "".join(str(int(char)) for char in digits)  # other scripts have digits of their own


READERS: dict[str, Callable[[Sequence[Token], int], list[Figure]]] = {"ru": _russian, "en": _english}
