"""Sums of money in Russian: "полторы тысячи рублей", "двенадцать рублей пятьдесят копеек", "1 990 ₽"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from speech.slots.russian.cardinals import ABOUT, Amount, amount_at, tidy
from speech.slots.russian.grammar import forms, is_noun, table, word_at
from speech.slots.russian.numerals import after
from speech.slots.slots import NOTHING, Slot
from speech.text.tokens import Token

CURRENCIES = {
    "RUB": "рубл руб р рублик",
    "USD": "доллар долл бакс",
    "EUR": "евро",
    "KZT": "тенге",
    "CNY": "юан",
    "BYN": "белорусск",
    "UAH": "гривн гривен гривнах",
    "GBP": "фунт",
    "TRY": "лир",
    "UZS": "сум сумов сума",
    "GEL": "лари",
    "AMD": "драм",
    "JPY": "иен йен",
    "AED": "дирхам",
    "KGS": "сом сомов",
    "AZN": "манат",
    "CHF": "франк",
    "PLN": "злот",
    "THB": "бат",
    "INR": "рупи",
}
"""ISO 4217 code → how its words begin; they end in a case."""
ENDINGS = frozenset(["", *forms("а я у ю ь е ы и ей ов ев ям ам ями ами ях ах ем ом ой ик иков ых их ые")])
SIGNS = {"₽": "RUB", "$": "USD", "€": "EUR", "£": "GBP", "¥": "CNY", "₸": "KZT", "₴": "UAH"}
CODES = frozenset(CURRENCIES) - {"TRY"}
KOPECKS = frozenset(forms("копейка копейки копеек копейку коп цент цента центов"))
SLANG = table(
    {
        10: "червонец чирик десятка десятку",
        50: "полтинник полтос",
        100: "сотка сотку сотки соток стольник",
        500: "пятихатка пятихатку пятихатки",
        1000: "косарь косаря косарей косарик штукарь",
        10**6: "лям ляма лямов",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """So much of a currency; ``named`` where the currency was said."""

    amount: Amount
    currency: str
    named: bool


def money(words: Sequence[Token]) -> Slot:
    """A sum with its currency, roubles if none is said: the largest, as "от двух до трёх тысяч" is its upper end.

    Sums that name their currency go before others. ``words`` may end in an empty one that holds the marks at the end.
    """
    sums = [_sum(words, amount) for amount in _amounts(words)]
    sums = [found for found in sums if found.named or not _counts_other(words, found.amount)] or _lone(words)
    named = [found for found in sums if found.named]
    best = max(named or sums, key=lambda found: found.amount.value, default=None)
    if best is None:
        return NOTHING
    value = {"amount": best.amount.value, "currency": best.currency}
    confidence = best.amount.confidence if best.named else min(best.amount.confidence, 0.7)
    return Slot(value=value, confidence=confidence, first=best.amount.first, last=best.amount.last)


def currency(word: str) -> str:
    """ISO code of the currency a word names; empty for any other word."""
    if word.upper() in CODES:
        return word.upper()
    for code, stems in CURRENCIES.items():
        if any(word.startswith(stem) and word[len(stem) :] in ENDINGS for stem in stems.split()):
            return code
    return ""


def _amounts(words: Sequence[Token]) -> list[Amount]:
    """Amounts, with the slang of money among their units."""
    found = []
    at = 0
    while at < len(words):
        amount = amount_at(words, at)
        end = amount.last if amount else at
        unit = SLANG.get(words[end].text, 0) if end < len(words) else 0
        if unit:
            count = amount.value if amount else 1
            amount = Amount(value=tidy(count * unit), first=at, last=end + 1, confidence=0.8)
        if amount and amount.value >= 0:
            found.append(amount)
        at = amount.last if amount else after(words, at)
    return found


def _sum(words: Sequence[Token], amount: Amount) -> Sum:
    """An amount with the currency said or written on either side of it, and its kopecks."""
    following = word_at(words, amount.last)
    if following in KOPECKS:
        code = "USD" if following.startswith("цент") else "RUB"
        hundredths = replace(amount, value=tidy(amount.value / 100), last=amount.last + 1)
        return Sum(amount=hundredths, currency=code, named=True)
    if code := currency(following):
        last = amount.last + 1
        last += 1 if last < len(words) and (currency(words[last].text) or words[last].text == "стерлингов") else 0
        start = last + 1 if last + 1 < len(words) and words[last].text == "и" else last
        small = amount_at(words, start) if start < len(words) else None
        if small and word_at(words, small.last) in KOPECKS and 0 <= small.value < 100:
            whole = tidy(amount.value + small.value / 100)
            return Sum(amount=replace(amount, value=whole, last=small.last + 1), currency=code, named=True)
        return Sum(amount=replace(amount, last=last), currency=code, named=True)
    marks = words[amount.first].before[-2:] + (words[amount.last].before[:2] if amount.last < len(words) else "")
    if code := next((SIGNS[mark] for mark in marks if mark in SIGNS), ""):
        return Sum(amount=amount, currency=code, named=True)
    at = amount.first - 2 if amount.first > 1 and words[amount.first - 1].text in ABOUT else amount.first - 1
    if at >= 0 and words[at].text == "рубль" and 0 < amount.value < 100:
        return Sum(amount=replace(amount, value=tidy(1 + amount.value / 100), first=at), currency="RUB", named=True)
    if at >= 0 and (code := currency(words[at].text)):
        return Sum(amount=replace(amount, first=at), currency=code, named=True)
    return Sum(amount=amount, currency="RUB", named=False)


def _counts_other(words: Sequence[Token], amount: Amount) -> bool:
    """Whether an amount is of something else than money: "двадцать пять лет"."""
    return amount.last < len(words) and bool(words[amount.last].text) and is_noun(words[amount.last].text)


def _lone(words: Sequence[Token]) -> list[Sum]:
    """ "рубль", "доллар" without a count."""
    return [
        Sum(amount=Amount(value=1, first=at, last=at + 1, confidence=0.6), currency=currency(word.text), named=True)
        for at, word in enumerate(words)
        if word.text in {"рубль", "рублик", "доллар", "бакс", "юань"}
    ]
