"""Sums of money: "twenty dollars", "three pounds fifty", "five ninety nine", "$19.99", "two grand"."""

from __future__ import annotations

from dataclasses import dataclass

from speech.slots.english.cardinals import read_quantity
from speech.slots.english.numerals import Words, certainty, past_number, phrase_at, read_run, word_at
from speech.slots.slots import NOTHING, Slot
from speech.text.tokens import listed

SIGNS = {"$": "USD", "£": "GBP", "€": "EUR", "¥": "JPY", "₽": "RUB", "₴": "UAH", "₸": "KZT", "₹": "INR", "₩": "KRW"}
MAJOR = {
    "us dollars": "USD",
    "us dollar": "USD",
    "american dollars": "USD",
    "canadian dollars": "CAD",
    "australian dollars": "AUD",
    "pounds sterling": "GBP",
    "british pounds": "GBP",
    "dollars": "USD",
    "dollar": "USD",
    "bucks": "USD",
    "buck": "USD",
    "usd": "USD",
    "pounds": "GBP",
    "pound": "GBP",
    "quid": "GBP",
    "gbp": "GBP",
    "euros": "EUR",
    "euro": "EUR",
    "eur": "EUR",
    "rubles": "RUB",
    "ruble": "RUB",
    "roubles": "RUB",
    "rouble": "RUB",
    "rub": "RUB",
    "rupees": "INR",
    "rupee": "INR",
    "inr": "INR",
    "yen": "JPY",
    "jpy": "JPY",
    "yuan": "CNY",
    "cny": "CNY",
    "swiss francs": "CHF",
    "francs": "CHF",
    "chf": "CHF",
    "cad": "CAD",
    "aud": "AUD",
    "tenge": "KZT",
    "hryvnias": "UAH",
    "hryvnia": "UAH",
    "won": "KRW",
    "pesos": "MXN",
    "zlotys": "PLN",
}
MINOR = {
    "cents": "",
    "cent": "",
    "pence": "GBP",
    "penny": "GBP",
    "pennies": "",
    "p": "GBP",
    "kopecks": "RUB",
    "kopeks": "RUB",
}
"""A hundredth of the currency; an empty one is that of the region."""
COINS = {"a fiver": 5, "fiver": 5, "a tenner": 10, "tenner": 10}
CURRENCIES = {
    "US": "USD",
    "GB": "GBP",
    "RU": "RUB",
    "CA": "CAD",
    "AU": "AUD",
    "NZ": "NZD",
    "IN": "INR",
    "CH": "CHF",
    "JP": "JPY",
    "CN": "CNY",
    "KZ": "KZT",
    "UA": "UAH",
    "PL": "PLN",
    "MX": "MXN",
    "KR": "KRW",
} | dict.fromkeys(listed("AT BE CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK"), "EUR")
DOLLARS = {"CA": "CAD", "AU": "AUD", "NZ": "NZD"}
"""Regions whose "dollars" are their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """A sum that was said, and the words that said it."""

    amount: int | float
    currency: str
    """ISO 4217; empty where none was named."""
    first: int
    last: int


def find_money(words: Words, region: str) -> Slot:
    """The first sum with a currency, else the first number, in the region's currency."""
    sums, at = [], 0
    while at < len(words):
        found = read_sum(words, at, region) or _bare(words, at)
        if found:
            sums.append(found)
        at = found.last if found else past_number(words, at)
    best = next((found for found in sums if found.currency), sums[0] if sums else None)
    if best is None:
        return NOTHING
    currency = best.currency or CURRENCIES.get(region, "USD")
    sure = certainty(words, best.first, best.last) - (0.0 if best.currency else 0.1)
    value = {"amount": best.amount, "currency": currency}
    return Slot(value=value, confidence=sure, first=best.first, last=best.last)


def read_sum(words: Words, at: int, region: str) -> Sum | None:
    """The sum that is said from here on with its currency."""
    sign = next((code for sign, code in SIGNS.items() if words[at].before.rstrip().endswith(sign)), "")
    code, length = _currency(words, at, region)
    if code and word_at(words, at).isalpha() and len(code) == 3 and word_at(words, at).upper() == code:
        sign, start = code, at + length  # "USD 20"
    else:
        start = at
    for phrase, worth in COINS.items():
        if length := phrase_at(words, at, phrase):
            return Sum(amount=worth, currency="GBP", first=at, last=at + length)
    if word_at(words, start) in ("a", "an", "one") and (coin := _currency(words, start + 1, region))[0]:
        return _with_cents(words, at, 1, coin[0], start + 1 + coin[1])
    quantity = read_quantity(words, start)
    if quantity is None or quantity.value < 0:
        return None
    amount: int | float = quantity.value
    last = quantity.last
    last += phrase_at(words, last, "of a", "a") if 0 < amount < 1 else 0
    if sign:
        code = DOLLARS.get(region, "USD") if sign == "USD" and start == at else sign
        return _with_cents(words, at, amount, code, last)
    if phrase_at(words, last, "grand"):
        last += 1
        amount *= 1000
        code, length = _currency(words, last, region)
        return Sum(amount=amount, currency=code or CURRENCIES.get(region, "USD"), first=at, last=last + length)
    if code := SIGNS.get(words[last - 1].after.strip()[:1], ""):
        return Sum(amount=amount, currency=DOLLARS.get(region, code) if code == "USD" else code, first=at, last=last)
    code, length = _currency(words, last, region)
    if code:
        return _with_cents(words, at, amount, code, last + length)
    minor = MINOR.get(word_at(words, last))
    if minor is not None and not phrase_at(words, last, "p m"):
        code = minor or DOLLARS.get(region) or ("EUR" if CURRENCIES.get(region) == "EUR" else "USD")
        return Sum(amount=_tidy(amount / 100), currency=code, first=at, last=last + 1)
    return None


def _with_cents(words: Words, first: int, amount: int | float, code: str, last: int) -> Sum:
    """Adds "and fifty cents", "ninety nine", "fifty p" behind whole units."""
    place = last + phrase_at(words, last, "and")
    cents = read_run(words, place)
    spoken = phrase_at(words, last - 1, *MAJOR) > 0
    if cents and isinstance(amount, int) and spoken and len(cents.pieces) == 1 and 0 < cents.pieces[0].value < 100:
        named = word_at(words, cents.last) in MINOR
        whole = phrase_at(words, cents.last, *MAJOR)  # "twenty dollars thirty dollars"
        if named or (place == last and cents.pieces[0].value >= 10 and not whole):
            amount = _tidy(amount + cents.pieces[0].value / 100)
            return Sum(amount=amount, currency=code, first=first, last=cents.last + int(named))
    if isinstance(amount, int) and spoken and (length := phrase_at(words, last, "and a half")):
        return Sum(amount=amount + 0.5, currency=code, first=first, last=last + length)
    return Sum(amount=_tidy(amount), currency=code, first=first, last=last)


def _bare(words: Words, at: int) -> Sum | None:
    """A number without a currency; "five ninety nine" and "two fifty" are units and hundredths."""
    quantity = read_quantity(words, at)
    if quantity is None or quantity.value < 0 or word_at(words, quantity.last) in ("percent", "per"):
        return None
    run = read_run(words, at)
    if quantity.whole and run and run.last == quantity.last and len(run.pieces) == 2:
        units, cents = run.pieces
        if units.value < 1000 and 10 <= cents.value < 100 and not words[at].text.isdecimal():
            amount = _tidy(units.value + cents.value / 100)
            return Sum(amount=amount, currency="", first=at, last=run.last)
    if words[at].text == "one" and quantity.last == at + 1 and len(words) > 3:
        return None
    return Sum(amount=_tidy(quantity.value), currency="", first=at, last=quantity.last)


def _currency(words: Words, at: int, region: str) -> tuple[str, int]:
    """The currency named here and how many words that takes."""
    for step in (2, 1):
        code = MAJOR.get(" ".join(word.text for word in words[at : at + step]), "")
        if code and at + step <= len(words):
            own = code == "USD" and word_at(words, at) in ("dollars", "dollar", "bucks", "buck")
            return (DOLLARS.get(region, code) if own else code), step
    return "", 0


def _tidy(amount: int | float) -> int | float:
    """To the hundredth, whole where it is."""
    amount = round(amount, 2)
    return int(amount) if amount == int(amount) else amount
