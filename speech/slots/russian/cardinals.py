"""Russian amounts and places in a row: "полторы тысячи", "ноль целых пять десятых", "двадцать первый"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from speech.slots.russian.grammar import forms, is_noun, table, word_at
from speech.slots.russian.numerals import COUNTED, LONGEST, SMALL, Numeral, after, numeral_at, scales
from speech.slots.slots import NOTHING, Slot
from speech.text.tokens import Token

ONE_AND_HALF = frozenset(forms("полтора полторы полутора"))
COLLECTIVE = table(
    {
        2: "двое двоих двоим двоими двойня пара пару пары парой парочка парочку парочки",
        3: "трое троих троим троими",
        4: "четверо четверых четверым",
        5: "пятеро пятерых пятерым",
        6: "шестеро шестерых полдюжины",
        7: "семеро семерых",
        8: "восьмеро восьмерых",
        9: "девятеро девятерых",
        10: "десятеро десятерых",
        50: "полсотни полста",
        500: "полтысячи",
        500_000: "полмиллиона",
    }
)
GROUPS = table(
    {
        10: "десяток десятка десятку десятков десяточек",
        12: "дюжина дюжину дюжины дюжин",
        100: "сотня сотню сотни сотен",
    }
)
FRACTIONS = table(
    {
        10: "десятая десятых десятые десятую десятой",
        100: "сотая сотых сотые сотую сотой",
        1000: "тысячная тысячных тысячные тысячную тысячной",
    }
)
WHOLE = frozenset(forms("целых целая целую целые целой"))
POINT = frozenset(forms("запятая запятой точка"))
PARTS = table({0.5: "половина половину половинка половинку", 0.25: "четверть"})
ONE = frozenset(forms("один одна одно одни одного одной одному одну одним одном одних одними"))
ZERO = frozenset({"ноль", "нуль"})
ADDED = {"половиной": 0.5, "половинкой": 0.5, "четвертью": 0.25}
"""After "с" these are added: "два с половиной"."""
ABOUT = frozenset(forms("в на до за по под около от"))
"""Between a unit and its count: "тысяч на пять"."""
BODY_HEAT = range(34, 43)
"""Degrees that people say with their tenths: "тридцать шесть и шесть"."""
LONE = frozenset({"тысячи", "миллиона", "миллиарда"})
LIMITS = frozenset(forms("до около от больше меньше более менее свыше порядка дороже дешевле"))
"""After these a large unit in the genitive is one of them: "до тысячи"."""
LABELS = frozenset(forms("номер номером номера номере вариант варианта пункт пункта цифра цифру строка"))
"""After these a plain number is a place in a row."""
MOST_GROUPS = 6
"""Groups of three typed digits in one number."""
MINUS = re.compile(r"(?:^|\s)[-−–]$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """How much words ``first`` to before ``last`` say."""

    value: int | float
    first: int
    last: int
    confidence: float = 0.9


def amount_at(words: Sequence[Token], at: int) -> Amount | None:
    """The amount that begins with this word, with its sign, fraction and large unit; None where none does."""
    if words[at].text == "минус" and word_at(words, at + 1) not in {"", "минус"}:
        amount = amount_at(words, at + 1)
        return amount and replace(amount, value=-amount.value, first=at)
    amount = _grouped(words, at) or _unit_first(words, at) or _plain(words, at)
    if amount is None:
        return None
    amount = _scaled(words, _fraction(words, amount))
    negative = words[at].text.isdecimal() and MINUS.search(words[at].before)
    return replace(amount, value=-amount.value) if negative else amount


def amounts(words: Sequence[Token]) -> list[Amount]:
    """All amounts of a text, one after another; ordinals are none."""
    found: list[Amount] = []
    at = 0
    while at < len(words):
        amount = amount_at(words, at)
        if amount:
            found.append(amount)
        at = amount.last if amount else after(words, at)
    return found


def number(words: Sequence[Token]) -> Slot:
    """The first amount; digits that follow one another are one number. A mere "один" gives way to any other."""
    runs: list[list[Amount]] = []
    for amount in amounts(words):
        if _negated(words, amount.first):
            continue
        if runs and amount.first == runs[-1][-1].last and _continues(words, amount):
            runs[-1].append(amount)
        else:
            runs.append([amount])
    run = next((run for run in runs if len(run) > 1 or not _mere_one(words, run[0])), runs[0] if runs else [])
    if not run:
        return _fraction_alone(words)
    first, last = run[0].first, run[-1].last
    joined = "".join(str(amount.value) for amount in run[:LONGEST])
    if len(run) > 1 and len(joined) <= LONGEST and joined.isdecimal():
        value = float(f"0.{joined[1:]}") if joined[0] == "0" and int(joined) else int(joined)  # "ноль пять" is a half
        return Slot(value=value, confidence=0.6, first=first, last=last)
    if first and words[first - 1].text == "ни" and _mere_one(words, run[0]):
        return Slot(value=0, confidence=0.7, first=first - 1, last=last)
    return Slot(value=run[0].value, confidence=run[0].confidence, first=first, last=last)


def _continues(words: Sequence[Token], amount: Amount) -> bool:
    """Whether an amount goes on with the digits before it: whole, and no "тридцать-сорок"."""
    return isinstance(amount.value, int) and amount.value >= 0 and "-" not in words[amount.first].before


def _fraction_alone(words: Sequence[Token]) -> Slot:
    for at, word in enumerate(words):
        if word.text in PARTS:
            return Slot(value=PARTS[word.text], confidence=0.6, first=at, last=at + 1)
    return NOTHING


def ordinal(words: Sequence[Token]) -> Slot:
    """The place in a row: "третий", "под номером три", "2-й", and a bare number as an answer to "which one"."""
    at, plain = 0, NOTHING
    while at < len(words):
        numeral = numeral_at(words, at)
        if numeral is None or _negated(words, at) or _counts_back(words, numeral):
            at = numeral.last if numeral else at + 1
            continue
        named = at > 0 and (words[at - 1].text in LABELS or words[at].before.endswith(("№", "#")))
        if numeral.ordinal or named:
            return Slot(value=numeral.value, confidence=0.9, first=at, last=numeral.last)
        followed = numeral.last < len(words) and is_noun(words[numeral.last].text)
        if plain is NOTHING and not followed:
            plain = Slot(value=numeral.value, confidence=0.6, first=at, last=numeral.last)
        at = numeral.last
    return plain


def _counts_back(words: Sequence[Token], numeral: Numeral) -> bool:
    """Whether the place is counted from the end, or the word only orders reasons: "второй с конца", "во-первых"."""
    following = [word.text for word in words[numeral.last : numeral.last + 2]]
    if following[:1] == ["снизу"] or following == ["с", "конца"]:
        return True
    return numeral.first > 0 and words[numeral.first - 1].text in {"во", "в"} and words[numeral.first].before == "-"


def _grouped(words: Sequence[Token], at: int) -> Amount | None:
    """Typed digits with their thousands or fraction apart: ``1 500``, ``2,5``; None for plain ones and for dates."""
    if not words[at].text.isdecimal() or len(words[at].text) > LONGEST:
        return None
    last = at + 1
    while len(words[at].text) <= 3 and last < min(len(words), at + MOST_GROUPS) and _is_group(words[last]):
        last += 1
    value: int | float = int("".join(word.text for word in words[at:last]))
    if word_at(words, last).isdecimal() and words[last].before in {",", "."}:
        if word_at(words, last + 1).isdecimal() and words[last + 1].before == words[last].before:
            return None
        value = float(f"{value}.{words[last].text}")
        last += 1
    return Amount(value=tidy(value), first=at, last=last) if last > at + 1 else None


def _is_group(word: Token) -> bool:
    """Whether typed digits are three more of the number before them: ``1 500``, and ``15.000`` by its zeros."""
    if not word.text.isdecimal() or len(word.text) != 3:
        return False
    return word.before in {" ", "\xa0", "\u202f", "\u2009"} or (word.before == "." and word.text.endswith("00"))


def _unit_first(words: Sequence[Token], at: int) -> Amount | None:
    """The unit said before its count, as people do who are not sure: "тысяч пять", "тысяч на двадцать"."""
    if words[at].text not in COUNTED or at + 1 == len(words):
        return None
    start = at + 2 if words[at + 1].text in ABOUT and at + 2 < len(words) else at + 1
    if words[start].text in ONE_AND_HALF:
        return Amount(value=int(1.5 * scales()[words[at].text]), first=at, last=start + 1, confidence=0.7)
    count = numeral_at(words, start)
    if count is None or count.ordinal or not 0 < count.value < SMALL:
        return None
    said = _fraction(words, Amount(value=count.value, first=at, last=count.last))  # "тысячи две с половиной"
    return replace(said, value=tidy(said.value * scales()[words[at].text]), confidence=0.7)


def _plain(words: Sequence[Token], at: int) -> Amount | None:
    word = words[at].text
    if word in ONE_AND_HALF:
        return Amount(value=1.5, first=at, last=at + 1)
    if word in COLLECTIVE:
        return Amount(value=COLLECTIVE[word], first=at, last=at + 1, confidence=0.8)
    if word in GROUPS:
        return Amount(value=GROUPS[word], first=at, last=at + 1, confidence=0.7)
    if word in LONE and at > 0 and words[at - 1].text in LIMITS:
        return Amount(value=scales()[word], first=at, last=at + 1)
    numeral = numeral_at(words, at)
    if numeral is None or numeral.ordinal:
        return None
    return Amount(value=numeral.value, first=at, last=numeral.last)


def _fraction(words: Sequence[Token], amount: Amount) -> Amount:
    """The amount with the fraction said after it, "два с половиной", or turned into one, "пять десятых"."""
    at = amount.last
    following, second = word_at(words, at), word_at(words, at + 1)
    if following in FRACTIONS:
        return replace(amount, value=tidy(amount.value / FRACTIONS[following]), last=at + 1)
    if following == "с" and second in ADDED:
        return replace(amount, value=amount.value + ADDED[second], last=at + 2)
    if following in WHOLE | POINT:
        return _decimal(words, amount)
    more = numeral_at(words, at + 1) if following == "и" and second else None
    parts = _parts_of_one(words, amount, more) if more else 0
    if not more or not parts:
        return amount
    last = more.last + 1 if word_at(words, more.last) in FRACTIONS else more.last
    return replace(amount, value=tidy(amount.value + more.value / parts), last=last)


def _parts_of_one(words: Sequence[Token], amount: Amount, more: Numeral) -> int:
    """How many of what "и" adds make one: "пять и две десятых", "тридцать шесть и шесть"; 0 where it adds no part."""
    tenths = 10 if amount.value in BODY_HEAT and more.value < 10 else 0
    return FRACTIONS.get(word_at(words, more.last), tenths)


def _decimal(words: Sequence[Token], amount: Amount) -> Amount:
    """The amount with the digits after its decimal point: "ноль целых пять десятых", "три запятая ноль пять"."""
    whole = word_at(words, amount.last) in WHOLE
    start = amount.last + (2 if word_at(words, amount.last + 1) == "и" else 1)
    place = start
    while word_at(words, place) in ZERO and place + 1 < len(words) and place - start < LONGEST:
        place += 1
    digits = numeral_at(words, place) if place < len(words) else None
    if digits is None or digits.ordinal:
        return replace(amount, last=amount.last + 1) if whole else amount
    name = word_at(words, digits.last)
    if name in FRACTIONS:
        return replace(amount, value=tidy(amount.value + digits.value / FRACTIONS[name]), last=digits.last + 1)
    zeros = "0" * (place - start)
    return replace(amount, value=tidy(float(f"{amount.value}.{zeros}{digits.literal}")), last=digits.last)


def _scaled(words: Sequence[Token], amount: Amount) -> Amount:
    """The amount times the large unit or the group that follows: "полторы тысячи", "два десятка", "5к"."""
    word = word_at(words, amount.last)
    factor = scales().get(word) or GROUPS.get(word)
    if word in {"к", "k"} and words[amount.last].before == "":
        factor = 1000
    if not factor or amount.value == 0 or (amount.value >= SMALL and factor <= SMALL):
        return amount
    return replace(amount, value=tidy(amount.value * factor), last=amount.last + 1)


def _mere_one(words: Sequence[Token], amount: Amount) -> bool:
    return amount.last == amount.first + 1 and words[amount.first].text in ONE


def _negated(words: Sequence[Token], at: int) -> bool:
    return at > 0 and words[at - 1].text == "не"


def tidy(value: float) -> int | float:
    """Whole numbers as int, others without the noise of binary fractions."""
    value = round(value, 9)
    return int(value) if value == int(value) else value
