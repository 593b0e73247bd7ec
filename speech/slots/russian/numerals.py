"""Russian numerals: the words of a text that say one whole number, counting or ordinal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from speech.slots.russian.grammar import forms, table
from speech.text.language import pack
from speech.text.tokens import Token

LARGE = table(
    {
        10**6: "миллион миллиона миллиону миллионом миллионе миллионов миллионам миллионами млн",
        10**9: "миллиард миллиарда миллиарду миллиардом миллиардов миллиардам миллиардами млрд",
    }
)
COUNTED = frozenset(
    forms("тысяч тысячи тысячам тысячами тысячах тыщ тыщи миллионов миллиардов миллиона миллиарда тыс млн млрд")
)
"""Large units that are no number by themselves: "тысячи людей"; after them the count may follow, "тысяч пять"."""
TEENS = "один две три четыр пят шест сем восем девят"
TENS = "двадцат тридцат сороков пятидесят шестидесят семидесят восьмидесят девяност"
HUNDREDS = "сот двухсот трехсот четырехсот пятисот шестисот семисот восьмисот девятисот"
STEMS = {
    "нулев": 0,
    "перв": 1,
    "втор": 2,
    "четверт": 4,
    "пят": 5,
    "шест": 6,
    "седьм": 7,
    "восьм": 8,
    "девят": 9,
    "десят": 10,
    **{f"{stem}надцат": value for value, stem in enumerate(forms(TEENS), 11)},
    **{stem: value * 10 for value, stem in enumerate(forms(TENS), 2)},
    **{stem: value * 100 for value, stem in enumerate(forms(HUNDREDS), 1)},
    "тысячн": 1000,
    "двухтысячн": 2000,
    "миллионн": 10**6,
}
ENDINGS = forms("ый ой ая ое ые ого ому ым ом ую ых ыми")
THIRD = forms("третий третья третье третьи третьего третьему третьим третьем третью третьей третьих третьими")
ORDINALS = {stem + ending: value for stem, value in STEMS.items() for ending in ENDINGS} | dict.fromkeys(THIRD, 3)
"""Every form of every ordinal that is one word."""
TYPED_ENDINGS = frozenset(forms("й го му м я ю е х ми ый ой ого ому ая ую ое ых"))
"""Endings that stand after the hyphen in "25-го"."""
SMALL = 1000
"""Bound below which a large unit can multiply."""
LONGEST = 40
"""Typed digits beyond which nobody means a number."""
NO_SCALE = 10**12
"""Above every large unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numeral:
    """Words ``first`` to before ``last`` that say one whole number."""

    value: int
    first: int
    last: int
    ordinal: bool = False
    typed: str = ""
    """Digits as they were typed, with leading zeros; empty for words."""

    @property
    def literal(self) -> str:
        """The digits of the number as someone dictating it means them."""
        return self.typed or str(self.value)


@cache
def units() -> dict[str, int]:
    """Words that add, 0..900, in each form."""
    return {word.replace("ё", "е"): value for word, value in pack("ru").numbers.values.items()}


@cache
def scales() -> dict[str, int]:
    """Words that multiply what stands before them: thousand, million, milliard."""
    return {**pack("ru").numbers.multipliers, **LARGE}


def numeral_at(words: Sequence[Token], at: int) -> Numeral | None:
    """The longest numeral that begins with this word; None where none does.

    Words add while each is smaller than the last one's zeros have room for ("сорок" + "один"); a larger word
    ("двадцать" after "сорок один") begins the next numeral.
    """
    first, total, part, room, scale = at, 0, 0, SMALL, NO_SCALE
    while at < len(words):
        word = words[at].text
        value = _unit(word, alone=at == first)
        if value is not None and (at == first or 0 < value < room):
            part += value
            room = _room(value, word)
        elif 0 < scales().get(word, 0) < scale and (part or (at == first and word not in COUNTED)):
            scale = scales()[word]
            total, part, room = total + (part or 1) * scale, 0, SMALL
        elif word in ORDINALS and (at == first or 0 < ORDINALS[word] < room):
            return Numeral(value=total + part + ORDINALS[word], first=first, last=at + 1, ordinal=True)
        else:
            break
        at += 1
    if at == first:
        return None
    if words[at - 1].text.isdecimal() and at < len(words) and _ends_ordinal(words[at]):
        return Numeral(value=total + part, first=first, last=at + 1, ordinal=True)
    typed = words[first].text if at == first + 1 and words[first].text.isdecimal() else ""
    return Numeral(value=total + part, first=first, last=at, typed=typed)


def after(words: Sequence[Token], at: int) -> int:
    """Index of the next word that is not of the numeral here: no rule begins in the middle of a number."""
    numeral = numeral_at(words, at)
    return numeral.last if numeral else at + 1


def _unit(word: str, *, alone: bool) -> int | None:
    """What a word or typed digits add; typed digits inside a numeral are short and without leading zeros."""
    if word.isdecimal():
        if len(word) > LONGEST:
            return None
        return int(word) if alone or (len(word) <= 3 and word[0] != "0") else None
    return units().get(word)


def _room(value: int, word: str) -> int:
    """What may be added after a word has to be below this."""
    if word.isdecimal() or value < 20:
        return 1
    return 100 if value >= 100 else 10


def _ends_ordinal(word: Token) -> bool:
    return word.text in TYPED_ENDINGS and word.before in {"-", "", "‑"}
