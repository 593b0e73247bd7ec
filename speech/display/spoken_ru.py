"""Russian numbers, dates, times, money and phones in words, in the case and gender that the sentence wants."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel.numbers import get_currency_name

from speech.display import fact_values
from speech.slots.numbers import spell_digits
from speech.text.tokens import morphology

CASES: Mapping[str, str] = {
    "nominative": "nomn",
    "genitive": "gent",
    "dative": "datv",
    "accusative": "accs",
    "instrumental": "ablt",
    "prepositional": "loct",
}
"""Case as scenarios name it → as OpenCorpora does."""
YEAR = "год"
"""As the noun of a date: the year is said too."""
LARGEST = 10**15
"""From here on digits are spelled: nobody follows a quadrillion."""

_UNITS = ("", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять", "одиннадцать",
          "двенадцать", "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать", "семнадцать", "восемнадцать",
          "девятнадцать")  # fmt: skip
_TENS = ("", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто")
_HUNDREDS = ("", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот")
_SCALES = ((10**12, "триллион"), (10**9, "миллиард"), (10**6, "миллион"), (10**3, "тысяча"))
_ZERO = {"nomn": "ноль", "gent": "нуля", "datv": "нулю", "accs": "ноль", "ablt": "нулём", "loct": "нуле"}
_FIRSTS = ("нулевой", "первый", "второй", "третий", "четвёртый", "пятый", "шестой", "седьмой", "восьмой", "девятый",
           "десятый", "одиннадцатый", "двенадцатый", "тринадцатый", "четырнадцатый", "пятнадцатый", "шестнадцатый",
           "семнадцатый", "восемнадцатый", "девятнадцатый")  # fmt: skip
_TENTHS = ("", "", "двадцатый", "тридцатый", "сороковой", "пятидесятый", "шестидесятый", "семидесятый", "восьмидесятый",
           "девяностый")  # fmt: skip
_HUNDREDTHS = ("", "сотый", "двухсотый", "трёхсотый", "четырёхсотый", "пятисотый", "шестисотый", "семисотый",
               "восьмисотый", "девятисотый")  # fmt: skip
_SCALE_ORDINALS = ((10**9, "миллиардный"), (10**6, "миллионный"), (10**3, "тысячный"))
_IN_ONE_WORD = {"одного": "одно", "ста": "сто", "девяноста": "девяносто"}
"""Genitives that stand otherwise before -тысячный: двадцатиоднотысячный."""
_FRACTIONS = ("", "десятая", "сотая", "тысячная", "десятитысячная", "стотысячная", "миллионная")
_MONTHS = ("", "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября",
           "ноября", "декабря")  # fmt: skip
_CURRENCIES = {
    "RUB": ("рубль", "копейка"),
    "USD": ("доллар", "цент"),
    "EUR": ("евро", "цент"),
    "KZT": ("тенге", "тиын"),
    "BYN": ("белорусский рубль", "копейка"),
    "GBP": ("фунт стерлингов", "пенс"),
    "CNY": ("юань", "фэнь"),
}
_AFTER_NUMBERS = {"год": "лет", "человек": "человек"}
"""Genitives plural that only stand after a number: пять лет, пяти человек."""
_UNCHANGING = frozenset({"тенге", "евро"})
"""Masculine nouns that have one form, which the dictionary takes for forms of others."""
_PROPER = ("Name", "Surn", "Patr", "Geox", "Orgn", "Abbr", "Trad")


def cardinal(value: int, case: str = "nomn", gender: str = "masc", *, animate: bool = False) -> str:
    """A whole number in words.

    ``одна тысяча``, but ``тысяча девятьсот``. In the accusative only one to four of living beings differ from the
    nominative, as in ``двух клиентов``, ``двадцать два клиента``.
    """
    if value < 0:
        return f"минус {cardinal(-value, case, gender, animate=animate)}"
    if value >= LARGEST:
        return spell_digits(str(value), "ru")
    if value == 0:
        return _ZERO[case]
    words: list[str] = []
    rest = value
    for scale, name in _SCALES:
        count, rest = divmod(rest, scale)
        if count:
            if not (scale == 1000 and count == 1 and rest and not words):
                words += _below_thousand(count, case, "femn" if scale == 1000 else "masc")
            words.append(_agreed(name, count, case))
    words += _below_thousand(rest, case, gender, animate=animate, alone=value < 5)
    return " ".join(words)


def ordinal(value: int, case: str = "nomn", gender: str = "masc", *, animate: bool = False) -> str:
    """``двадцать первая``, ``двухтысячный``: only the last word is declined."""
    if value < 0:
        return f"минус {ordinal(-value, case, gender, animate=animate)}"
    if value >= 10**12:
        return spell_digits(str(value), "ru")
    before, last = _last_part(value)
    start = "тысяча" if before == 1000 else cardinal(before) if before else ""
    return f"{start} {_ordinal_word(last, case, gender, animate=animate)}".strip()


def decimal(value: Decimal, case: str = "nomn", gender: str = "masc") -> str:
    """``две целых пять десятых``; a whole number as such. Past millionths the digits are spelled."""
    if value == int(value):
        return cardinal(int(value), case, gender)
    sign = "минус " if value < 0 else ""
    whole, fraction = str(abs(value.normalize())).split(".")
    if len(fraction) >= len(_FRACTIONS):
        return f"{sign}{cardinal(int(whole), case)} запятая {spell_digits(fraction, 'ru')}"
    parts = (_of_a_whole(int(whole), "целая", case), _of_a_whole(int(fraction), _FRACTIONS[len(fraction)], case))
    return sign + " ".join(parts)


def counted(value: Decimal, noun: str, case: str = "nomn") -> str:
    """A number with what it counts: ``двадцать одно сообщение``, ``двум новым заказам``."""
    gender, animate = nature(noun)
    whole = value == int(value)
    said = cardinal(int(value), case, gender, animate=animate) if whole else decimal(value, case)
    return f"{said} {agreed(noun, value, case)}".strip()


def agreed(noun: str, value: Decimal, case: str = "nomn") -> str:
    """The noun alone, as it stands after a number: ``сообщение``, ``сообщения``, ``сообщений``."""
    if value != int(value):
        return _phrase(noun, lambda word, _: _inflected(word, {"sing", "gent"}))
    return _phrase(noun, lambda word, animate: _after(word, int(abs(value)), case, animate=animate))


def declined(phrase: str, case: str) -> str:
    """A noun with the adjectives before it in another case; what stands behind it stays.

    A phrase in which no noun in the nominative is found comes back as it is.
    """

    def form(word: Any, animate: bool) -> str:
        return _inflected(word, {case, "plur" if "plur" in word.tag else "sing"}, animate=animate)

    return _phrase(phrase, form)


def nature(noun: str) -> tuple[str, bool]:
    """Gender (masc, femn, neut) of a noun or of the noun in a phrase, and whether it names a living being."""
    head = _head(noun)
    if head is None or head.word in _UNCHANGING:
        return "masc", False
    return head.tag.gender if head.tag.gender in {"femn", "neut"} else "masc", "anim" in head.tag


def is_countable(noun: str) -> bool:
    """Whether the dictionary has this noun, with any adjectives before it, in the nominative singular."""
    heads = [word for _, word in _parts(noun) if word is not None]
    return bool(heads) and heads[-1].tag.POS == "NOUN" and all("sing" in word.tag for word in heads)


def _number(value: str, case: str, noun: str) -> str:
    return decimal(fact_values.number(value), case, nature(noun)[0])


def _ordinal(value: str, case: str, noun: str) -> str:
    gender, animate = nature(noun)
    said = ordinal(fact_values.whole_number(value), case, gender, animate=animate)
    return f"{said} {declined(noun, case)}".strip()


def _count(value: str, case: str, noun: str) -> str:
    return counted(fact_values.number(value), noun, case)


def _date(value: str, case: str, noun: str) -> str:
    day = fact_values.day(value)
    year = f" {ordinal(day.year, 'gent')} года" if noun == YEAR else ""
    return f"{ordinal(day.day, case, 'neut')} {_MONTHS[day.month]}{year}"


def _time(value: str, case: str, _noun: str) -> str:
    time = fact_values.clock(value)
    if not time.minute:
        return counted(Decimal(time.hour), "час", case)
    minutes = f"ноль {cardinal(time.minute, case, 'femn')}" if time.minute < 10 else cardinal(time.minute, case, "femn")
    return f"{cardinal(time.hour, case)} {minutes}"


def _datetime(value: str, case: str, noun: str) -> str:
    return f"{_date(value, case, noun)} в {_time(value, 'accs', '')}"


def _money(value: str, case: str, _noun: str) -> str:
    money = fact_values.money(value)
    sign = "минус " if money.amount < 0 else ""
    if money.currency in _CURRENCIES:
        units = zip((money.whole, money.hundredths), _CURRENCIES[money.currency], strict=True)
        said = [counted(Decimal(count), unit, case) for count, unit in units if count]
        return sign + " ".join(said or [counted(Decimal(0), _CURRENCIES[money.currency][0], case)])
    count = money.amount if money.hundredths else Decimal(money.whole)  # "1.00" would be no singular
    name = get_currency_name(money.currency, count=abs(count), locale="ru")
    if name == money.currency:
        raise ValueError(f"no such currency: {value!r}")
    return f"{decimal(money.amount, case)} {name}"


def _phone(value: str, case: str, _noun: str) -> str:
    del case  # a number is a name, not a quantity
    grouped = fact_values.phone(value, "ru")
    groups = [piece for group in re.findall(r"\d+", grouped) for piece in _short_groups(group)]
    said = ", ".join(_group(group) for group in groups)
    return f"плюс {said}" if grouped.startswith("+") else said


SPOKEN: Mapping[str, Callable[[str, str, str], str]] = {
    "digits": lambda value, _case, _noun: spell_digits(value, "ru"),
    "number": _number,
    "ordinal": _ordinal,
    "count": _count,
    "date": _date,
    "time": _time,
    "datetime": _datetime,
    "money": _money,
    "phone": _phone,
}
"""Kind → (value, case as OpenCorpora names it, noun) → words. ValueError for a value that is not of the kind."""


def _below_thousand(value: int, case: str, gender: str, *, animate: bool = False, alone: bool = False) -> list[str]:
    hundreds, rest = divmod(value, 100)
    tens, units = divmod(rest, 10) if rest >= 20 else (0, rest)
    words = [_numeral(word, case) for word in (_HUNDREDS[hundreds], _TENS[tens]) if word]
    if units == 1:
        words.append(_adjective("один", case, gender, animate=animate))
    elif units in {2, 3, 4} and case == "accs" and animate and alone:
        words.append(_numeral(_UNITS[units], "gent"))
    elif units == 2 and gender == "femn" and case in {"nomn", "accs"}:
        words.append("две")
    elif units:
        words.append(_numeral(_UNITS[units], case))
    return words


@lru_cache(maxsize=1000)
def _numeral(word: str, case: str) -> str:
    if case in {"nomn", "accs"}:
        return word
    found = next(parse for parse in morphology().parse(word) if parse.tag.POS == "NUMR" and "nomn" in parse.tag)
    return str(found.inflect({case}).word)


@lru_cache(maxsize=1000)
def _adjective(word: str, case: str, gender: str, *, animate: bool) -> str:
    """Word forms of ``один`` and of ordinals, given in the masculine."""
    found = next(parse for parse in morphology().parse(word) if parse.tag.POS == "ADJF" and "nomn" in parse.tag)
    living = {"anim" if animate else "inan"} if case == "accs" and gender == "masc" else set()
    return str(found.inflect({"sing", case, gender, *living}).word)


def _last_part(value: int) -> tuple[int, int]:
    """A number cut before the part that is declined in an ordinal: 2026 → 2020, 6; 5 000 → 0, 5 000."""
    scale = next((scale for scale, _ in _SCALE_ORDINALS if value and value % scale == 0), 1)
    part = value // scale % 1000
    if scale == 1 and part % 100 >= 20 and part % 10:
        part %= 10
    elif scale == 1 and part % 100:
        part %= 100
    return value - part * scale, part * scale


def _ordinal_word(value: int, case: str, gender: str, *, animate: bool) -> str:
    """An ordinal of one word: up to 20, whole tens and hundreds, and so many thousands or millions."""
    for scale, name in _SCALE_ORDINALS:
        if value and value % scale == 0:
            count = value // scale
            words = _below_thousand(count, "gent", "masc") if count > 1 else []
            start = "".join(_IN_ONE_WORD.get(word, word) for word in words)
            return start + _adjective(name, case, gender, animate=animate)
    hundreds, rest = divmod(value, 100)
    if hundreds:
        word = _HUNDREDTHS[hundreds]
    elif rest >= 20:
        word = _TENTHS[rest // 10]
    else:
        word = _FIRSTS[rest]
    return _adjective(word, case, gender, animate=animate)


def _of_a_whole(value: int, part: str, case: str) -> str:
    """``одна десятая``, ``двух десятых``."""
    found = next(parse for parse in morphology().parse(part) if parse.tag.POS == "ADJF" and "nomn" in parse.tag)
    if value % 10 == 1 and value % 100 != 11:
        form = found.inflect({"sing", "femn", case})
    else:
        form = found.inflect({"plur", "gent" if case in {"nomn", "accs"} else case})
    return f"{cardinal(value, case, 'femn')} {form.word}"


def _agreed(scale: str, count: int, case: str) -> str:
    found = next(parse for parse in morphology().parse(scale) if {"NOUN", "nomn"} in parse.tag)
    return _after(found, count, case, animate=False)


def _after(word: Any, value: int, case: str, *, animate: bool) -> str:
    """A noun or adjective in the form it has after a number."""
    one = value % 10 == 1 and value % 100 != 11
    few = value % 10 in {2, 3, 4} and value % 100 not in {12, 13, 14}
    noun = word.tag.POS == "NOUN"
    if one:
        return _inflected(word, {"sing", case}, animate=animate)
    whole = case in {"nomn", "accs"} and not (case == "accs" and animate and few and value < 5)
    if noun and whole and few:
        return _inflected(word, {"sing", "gent"})
    if whole and few and word.tag.gender == "femn":
        return _inflected(word, {"plur", "nomn"})
    wanted = "gent" if whole or case == "accs" or value == 0 or value % 1000 == 0 else case
    if noun and wanted == "gent" and word.normal_form in _AFTER_NUMBERS:
        return _AFTER_NUMBERS[word.normal_form]
    return _inflected(word, {"plur", wanted})


def _inflected(word: Any, form: set[str], *, animate: bool = False) -> str:
    if word.word in _UNCHANGING:
        return str(word.word)
    if word.tag.POS != "NOUN" and "accs" in form and ("plur" in form or word.tag.gender == "masc"):
        form = form | {"anim" if animate else "inan"}
    return str((word.inflect(form) or word).word)


def _phrase(phrase: str, form: Callable[[Any, bool], str]) -> str:
    """A phrase with its adjectives and first noun in another form, capitals kept. ``form`` is told if it lives."""
    head = _head(phrase)
    animate = head is not None and "anim" in head.tag
    words = []
    for raw, word in _parts(phrase):
        changed = form(word, animate) if word is not None else raw
        words.append(changed.capitalize() if word is not None and raw[0].isupper() else changed)
    return " ".join(words)


def _head(phrase: str) -> Any:
    """The dictionary's entry of a phrase's noun; None where there is none."""
    return next((word for _, word in _parts(phrase) if word is not None and word.tag.POS == "NOUN"), None)


def _parts(phrase: str) -> Iterator[tuple[str, Any]]:
    """Words of a phrase; those up to its noun with the dictionary's entry, all others with None."""
    words = phrase.split()
    found = []
    for raw in words:
        word = _entry(raw.lower())
        if word is None:
            break
        found.append(word)
        if word.tag.POS == "NOUN":
            break
    if not found or found[-1].tag.POS != "NOUN":
        found = []
    yield from zip(words, [*found, *[None] * (len(words) - len(found))], strict=True)


@lru_cache(maxsize=1000)
def _entry(word: str) -> Any:
    """A noun or full adjective in the nominative; rather a common noun than a name."""
    entries = [
        entry
        for entry in morphology().parse(word)
        if "nomn" in entry.tag and entry.tag.POS in {"NOUN", "ADJF", "PRTF"} and morphology().word_is_known(word)
    ]
    plain = [entry for entry in entries if not any(mark in entry.tag for mark in _PROPER)]
    return next(iter(plain or entries), None)


def _short_groups(group: str) -> list[str]:
    """Digits in pieces of two or three: longer ones nobody keeps in mind."""
    if len(group) <= 3:
        return [group]
    first = 3 if len(group) % 2 else 2
    return [group[:first], *(group[at : at + 2] for at in range(first, len(group), 2))]


def _group(group: str) -> str:
    """``ноль пять``, ``сто двадцать три``: every leading zero is said."""
    rest = group.lstrip("0")
    words = ["ноль"] * (len(group) - len(rest))
    return " ".join([*words, cardinal(int(rest))] if rest else words)
