"""Russian spoken numbers in running text → as people write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from speech.slots.russian.cardinals import GROUPS, ONE, ONE_AND_HALF, POINT, WHOLE, amount_at
from speech.slots.russian.dates import MONTHS
from speech.slots.russian.dictated_digits import FIGURES, ZEROS, group_at
from speech.slots.russian.grammar import forms, is_noun, word_at
from speech.slots.russian.money import currency
from speech.slots.russian.numerals import Numeral, numeral_at, scales
from speech.text.tokens import Token, split

PERCENT = frozenset(forms("процент процента процентов проценту процентам процентами проценте"))
YEARS = frozenset(forms("год года году годом годе"))
PLURAL = ("ые", "ых", "ыми")
"""Endings of decades, which keep them: "90-е"."""
BEFORE_TIME = frozenset(forms("в во к ко до с со на после около от время"))
"""Before two numbers these make them hours and minutes."""
COUNTED_ONE = frozenset(
    forms(
        "рубль час день процент килограмм метр градус год месяц раз литр грамм километр доллар минута минуту "
        "неделя неделю тысяча штука штуку копейка"
    )
)
"""Before these "один" is a number and no pronoun, unless a small one would be odd."""
BEFORE_ONE = frozenset(
    forms("номер номера номером вариант дом квартира этаж цифра цифру нажмите нажать пункт плюс минус подъезд корпус")
)
"""After these "один" is a number."""
FRACTIONAL = WHOLE | POINT | PERCENT | {"с"}
SMALL_ORDINAL = 10
"""Below this an ordinal stays a word unless it is a date or a year."""
PHONE = 10
"""Digits from which a run is a phone or an account and never a count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What is written in the place of words ``first`` to before ``last``."""

    text: str
    first: int
    last: int


def written(text: str) -> str:
    """The text with its spoken numbers in digits; typed ones, marks and all other words stay as they are."""
    words = split(text)
    result, end = [], 0
    at = 0
    while at < len(words):
        typed = words[at].text.isdecimal()
        piece = None if typed else next((piece for rule in RULES if (piece := rule(words, at))), None)
        if piece:
            result += [text[end : words[piece.first].start], piece.text]
            end = words[piece.last - 1].end
        at = piece.last if piece else at + 1
    return "".join([*result, text[end:]])


def _phone(words: Sequence[Token], at: int) -> Piece | None:
    """ "плюс семь девятьсот шестнадцать …"."""
    if words[at].text != "плюс":
        return None
    digits, last = _digits(words, at + 1)
    return Piece(text=f"+{digits}", first=at, last=last) if len(digits) >= PHONE else None


def _time(words: Sequence[Token], at: int) -> Piece | None:
    """ "в пятнадцать тридцать", "в девять ноль пять"; hours and minutes without their names."""
    if at == 0 or words[at - 1].text not in BEFORE_TIME:
        return None
    hour = numeral_at(words, at)
    if hour is None or hour.ordinal or hour.value > 23 or hour.last >= len(words):
        return None
    zero = words[hour.last].text in {"ноль", "нуль"}
    minute = numeral_at(words, hour.last + 1 if zero and hour.last + 1 < len(words) else hour.last)
    if minute is None or minute.ordinal or minute.typed:
        return None
    if minute.value not in (range(10) if zero else range(10, 60)):
        return None
    after = word_at(words, minute.last)
    if after and after not in {"утра", "вечера", "дня", "ночи"} and (numeral_at(words, minute.last) or is_noun(after)):
        return None
    return Piece(text=f"{hour.value}:{minute.value:02}", first=at, last=minute.last)


def _to_hour(words: Sequence[Token], at: int) -> Piece | None:
    """ "без пятнадцати пять": the minutes only, as "без 15 5" would be hard to read."""
    if words[at].text != "без" or at + 2 >= len(words):
        return None
    minutes = numeral_at(words, at + 1)
    if minutes is None or minutes.ordinal or minutes.last >= len(words):
        return None
    hour = words[minutes.last]
    if hour.text != "час" and not numeral_at(words, minutes.last):
        return None
    return Piece(text=f"без {minutes.value} {hour.raw}", first=at, last=minutes.last + 1)


def _date(words: Sequence[Token], at: int) -> Piece | None:
    """ "двадцать пятого ноября", "с пятого по десятое мая": days without their endings; likewise years."""
    numeral = numeral_at(words, at)
    if numeral is None or not numeral.ordinal or numeral.last >= len(words):
        return None
    after = words[numeral.last].text
    until = (
        numeral_at(words, numeral.last + 1) if after in {"по", "до", "и"} and numeral.last + 1 < len(words) else None
    )
    if until and until.ordinal and until.last < len(words):
        after = words[until.last].text
    day = numeral.value <= 31 and (after in MONTHS or (not until and after in {"числа", "число", "числу"}))
    year = after in YEARS and numeral.value > 31 and not words[numeral.last - 1].text.endswith(PLURAL)
    return Piece(text=str(numeral.value), first=at, last=numeral.last) if day or year else None


def _ordinal(words: Sequence[Token], at: int) -> Piece | None:
    """Ordinals from ten on: "двадцать первый" is "21-й"; one letter after a vowel, two after a consonant."""
    numeral = numeral_at(words, at)
    if numeral is None or not numeral.ordinal or numeral.value < SMALL_ORDINAL:
        return None
    word = words[numeral.last - 1].text
    ending = word[-1] if word[-2] in "аеиоуыэюяь" else word[-2:]
    return Piece(text=f"{numeral.value}-{ending}", first=at, last=numeral.last)


def _run(words: Sequence[Token], at: int) -> Piece | None:
    """Numbers one after another: dictated digits, or "два три" for about so many."""
    digits, last = _digits(words, at)
    first = numeral_at(words, at)
    if first is None or first.last >= last:
        return None
    second = numeral_at(words, first.last)
    counted = last < len(words) and is_noun(words[last].text)
    step = 100 if first.value % 100 == 0 else 10 if first.value % 10 == 0 else 1
    by_fives = first.value % 5 == 0 and second is not None and second.value == first.value + 5 < 100
    about = second is not None and (second.value == first.value + step or by_fives)
    if counted and second and second.last == last and about and first.value:
        return Piece(text=f"{first.value}-{second.value}", first=at, last=last)
    return Piece(text=digits, first=at, last=last)


def _digits(words: Sequence[Token], at: int) -> tuple[str, int]:
    """The digits of all spoken groups that follow one another, and the index after them."""
    digits, first = "", at
    while at < len(words) and (at == first or words[at].before.strip() in {"", "-"}):
        group, last = group_at(words, at, times=False)
        if not group or (words[at].text in FIGURES and at == first):
            break
        digits, at = digits + group, last
    return digits, at


def _amount(words: Sequence[Token], at: int) -> Piece | None:
    """Counts, fractions and percents: "два с половиной" is "2,5", "пять процентов" is "5%"."""
    text = words[at].text
    if text == "минус" and at and numeral_at(words, at - 1):
        return None  # a sum: "пять минус два"
    numeral = numeral_at(words, at + 1 if text == "минус" and at + 1 < len(words) else at)
    if (numeral is None and text not in ONE_AND_HALF) or _stays(words, at, numeral):
        return None
    amount = amount_at(words, at)
    if amount is None:
        return None
    last = numeral.last if numeral and words[amount.last - 1].text in GROUPS else amount.last
    value: int | float = numeral.value if numeral and last < amount.last else amount.value
    percent = last < len(words) and words[last].text in PERCENT
    shown = str(value).replace(".", ",")
    return Piece(text=f"{shown}%" if percent else shown, first=at, last=last + 1 if percent else last)


def _stays(words: Sequence[Token], at: int, numeral: Numeral | None) -> bool:
    """Whether a numeral is better left as a word: "один из них", "с нуля", "тысяча извинений"."""
    if numeral is None or numeral.first > at or numeral.last > at + 1:
        return False
    text = words[at].text
    after = word_at(words, at + 1)
    if text in ONE:
        return after not in COUNTED_ONE | FRACTIONAL and (at == 0 or words[at - 1].text not in BEFORE_ONE)
    if text in scales():
        return not currency(after)
    return text in ZEROS or text in {"нулю", "нулем", "нуле", "ноле", "нолю"}


RULES = (_phone, _time, _to_hour, _date, _ordinal, _run, _amount)
